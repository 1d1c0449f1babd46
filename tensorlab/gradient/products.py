"""Products of a Jacobian with a vector from the left (`Lop`) and from the right (`Rop`), without writing the Jacobian down.

Floor 3. Read `reverse` before. The reverse walk gives the left product. The right product needs no second kind of walk: the left
product u·J is linear in u, and its derivative by u, applied to v, is J·v.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.errors import ConversionError
from ..graph.node import Node
from ..graph.types import TensorType
from ..graph.walk import rebuild
from .costs import start
from .results import Disconnected, as_expressions, checked_options, in_form_of, listed, one_call, put_in_place, zeros_of
from .reverse import Cotangent, gradient_dtype, pull_back


def Lop(
    f: Node | Sequence[Node],
    wrt: Node | Sequence[Node],
    eval_points: Any,
    consider_constant: Sequence[Node] | None = None,
    disconnected_inputs: str = "raise",
    return_disconnected: str = "zero",
) -> Any:
    """Return the product of `eval_points` with the Jacobian of `f` by `wrt` (a vector-Jacobian product).

    Args:
        f: an expression or a list of them.
        wrt: a variable, or a list or tuple of them.
        eval_points: what to multiply from the left, each of the shape of its `f`.
        consider_constant, disconnected_inputs, return_disconnected: as for `T.grad`.

    Returns:
        For each variable an expression of its shape; a list or tuple if `wrt` is one.

    Raises:
        ConversionError: as many points as expressions are needed.
        RankError: a point has not as many axes as its expression.
        DisconnectedInputError: no expression depends on a variable.

    >>> x = T.vector("x")
    >>> T.Lop(x ** 2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]})
    array([ 2., 40.])
    """
    asked = "T.Lop({})"
    outputs, variables = listed(f, asked), listed(wrt, asked)
    instead = checked_options(disconnected_inputs, return_disconnected)
    with one_call() as place:
        starts: dict[Node, Cotangent] = {}
        for output, point in zip(outputs, points(eval_points, f, "T.Lop(f, wrt, eval_points)")):
            before, value = starts.get(output), start(output, point, f"T.Lop({output.label}, wrt, eval_points)")
            starts[output] = before + value if isinstance(before, Node) else value
        found = pull_back(starts, variables, consider_constant or ())
        results = as_expressions(found, variables, f"T.Lop({', '.join(each.label for each in outputs)}", disconnected_inputs, instead)
        put_in_place(results, place, isinstance(wrt, (list, tuple)))
    return in_form_of(wrt, results)


def points(given: Any, partners: Any, asked: str) -> list[Any]:
    """Return evaluation points as a list, one for each partner.

    Raises:
        ConversionError: there are more or fewer.
    """
    if not isinstance(partners, (list, tuple)):
        return [given]
    found = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(found) != len(partners):
        raise ConversionError(asked, f"{len(found)} evaluation points for {len(partners)} expressions", "a list with one point for each")
    return found


def Rop(
    f: Node | Sequence[Node],
    wrt: Node | Sequence[Node],
    eval_points: Any,
    disconnected_outputs: str = "raise",
    return_disconnected: str = "zero",
) -> Any:
    """Return the product of the Jacobian of `f` by `wrt` with `eval_points` (a Jacobian-vector product, a directional derivative).

    Args:
        f: an expression, or a list or tuple of them.
        wrt: a variable or a list of them.
        eval_points: what to multiply from the right, each of the shape of its variable.
        disconnected_outputs: "raise", "warn" or "ignore" when an expression depends on no variable.
        return_disconnected: what to return then, as for `T.grad`.

    Returns:
        For each `f` an expression of its shape; a list or tuple if `f` is one.

    Raises:
        ConversionError: as many points as variables are needed.
        RankError: a point has not as many axes as its variable.
        DisconnectedInputError: an expression depends on no variable.

    >>> x = T.vector("x")
    >>> T.Rop(x ** 2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]})
    array([ 2., 40.])
    """
    asked = "T.Rop({})"
    outputs, variables = listed(f, asked), listed(wrt, asked)
    instead = checked_options(disconnected_outputs, return_disconnected)
    with one_call() as place:
        directions = [start(variable, point, f"T.Rop(f, {variable.label}, eval_points)")
                      for variable, point in zip(variables, points(eval_points, wrt, "T.Rop(f, wrt, eval_points)"))]  # fmt: skip
        results: list[Any] = []
        for output in outputs:
            u: Node = TensorType(gradient_dtype(output), output.type.shape)("u")
            left = pull_back({output: u}, variables)
            transposed: dict[Node, Cotangent] = {}
            for product, direction in zip(left, directions):
                if isinstance(product, Node):
                    before = transposed.get(product)
                    transposed[product] = before + direction if isinstance(before, Node) else direction
            right = pull_back(transposed, [u])[0] if transposed else None
            if isinstance(right, Node):
                results.append(rebuild([right], {u: zeros_of(output)})[0])  # linear in u, so its value does not matter, only its shape
            elif all(each is None for each in left):
                as_expressions([None], variables[:1], f"T.Rop({output.label}", disconnected_outputs)
                results.append({"zero": zeros_of(output), "none": None}.get(instead, Disconnected()))
            else:
                results.append(zeros_of(output))
        put_in_place(results, place, isinstance(f, (list, tuple)))
    return in_form_of(f, results)


syntax.define(Lop=Lop)
