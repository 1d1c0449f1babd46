"""The derivative of one number by many: `T.grad`.

Floor 3. Read `reverse` before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..graph import syntax
from ..graph.convert import as_node, is_weak, shorten
from ..graph.errors import ConversionError, CostError, LazyText, RankError
from ..graph.node import Node
from ..graph.types import is_floating
from ..graph.wording import a_kind, counted
from ..ops.families import describe
from .origins import remember
from .results import as_expressions, checked_options, in_form_of, listed, one_call, put_in_place
from .reverse import ZERO, Cotangent, gradient_dtype, pull_back


def grad(
    cost: Node | None,
    wrt: Node | Sequence[Node],
    consider_constant: Sequence[Node] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Node, Any] | None = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any:
    """Return the derivative of `cost` with respect to one variable or to each of several.

    Args:
        cost: a 0-d expression; None if `known_grads` says where to start.
        wrt: a variable, or a list or tuple of them. Any node of the graph will do.
        consider_constant: expressions through which no gradient flows. What arrives at a variable of `wrt` still counts.
        disconnected_inputs: "raise", "warn" or "ignore" when the cost does not depend on a variable.
        add_names: name a result "(dC/dw)" when both cost and variable have names.
        known_grads: derivatives of the cost that are known already, from node to value: the walk starts there too.
        return_disconnected: "zero" for zeros, "none" for None, "disconnected" for a `Disconnected`, where the cost does not
            depend on a variable.
        null_gradients: accepted for Theano's sake; an op without a derivative always raises.

    Returns:
        One expression, or a list (tuple) of them as `wrt` was, each of the shape of its variable; its dtype is the variable's, or
        floatX if that holds whole numbers.

    Raises:
        CostError: the cost is not 0-d.
        ConversionError: a variable is not a node.
        RankError: a known gradient has not as many axes as its node.
        DisconnectedInputError: the cost does not depend on a variable.
        GradientUndefinedError: an op on the way has no derivative.

    >>> x = T.scalar("x")
    >>> T.grad(x ** 2, x).eval({x: 3.0})
    array(6.)
    """
    name = LazyText(lambda: cost.label if isinstance(cost, Node) else repr(cost))
    variables = listed(wrt, LazyText(lambda: f"T.grad({name}, {{}})"))
    constants = listed(list(consider_constant or ()), LazyText(lambda: f"T.grad({name}, …, consider_constant=[{{}}])"))
    instead = checked_options(disconnected_inputs, return_disconnected)
    with one_call() as place:
        starts = known_starts(known_grads or {})
        if cost is not None:
            check_cost(cost)
            starts[cost] = as_node(1.0, cost.type.dtype) if is_floating(cost.type.dtype) else ZERO
        elif not starts:
            raise CostError("T.grad(None, …)", "neither a cost nor known_grads", "T.grad(cost, wrt), or known_grads={y: gradient of y}")
        found = pull_back(starts, variables, constants, known=starts)
        results = as_expressions(found, variables, LazyText(lambda: f"T.grad({name}"), disconnected_inputs, instead)
        made = put_in_place(results, place, isinstance(wrt, (list, tuple)))
    for result in made:
        if cost is not None and result.op is not None:
            remember(result, cost)
    if add_names and cost is not None and cost.name:
        for variable, result in zip(variables, results):
            if variable.name and result in made and result.op is not None and result.name is None:
                result.name = f"(d{cost.name}/d{variable.name})"
    return in_form_of(wrt, results)


def check_cost(cost: Any) -> None:
    """Raise the error that says how to make the cost a single number, unless it is one."""
    if not isinstance(cost, Node):
        raise CostError(f"T.grad({shorten(cost)}, …)", f"{a_kind(cost)} instead of an expression", "T.grad(T.sum((y - y_hat) ** 2), …)")
    if cost.type.ndim:
        name = cost.known_name or "cost"
        raise CostError(
            f"T.grad({name}, …)",
            f"{describe(cost)}:\nnot a single number, and only a number has a gradient",
            f"T.grad({name}.sum(), …) or T.grad({name}.mean(), …);\ntl.gradient.jacobian for all derivatives of a vector",
        )


def known_starts(known_grads: Mapping[Node, Any]) -> dict[Node, Cotangent]:
    """Return known gradients as nodes.

    Raises:
        ConversionError: a key is not a node.
        RankError: a gradient has not as many axes as its node.
    """
    starts: dict[Node, Cotangent] = {}
    for node, value in known_grads.items():
        if not isinstance(node, Node):
            found = f"{a_kind(node)}, which is not part of any graph"
            raise ConversionError(f"known_grads={{{shorten(node)}: …}}", found, "known_grads={y: gradient of y}")
        starts[node] = start(node, value, f"known_grads={{{node.label}: …}}")
    return starts


def start(node: Node, value: Any, asked: str) -> Node:
    """Return a value as the cotangent of a node.

    Raises:
        RankError: it has not as many axes as the node.
    """
    cotangent = as_node(value, gradient_dtype(node) if is_weak(value) else None)
    if cotangent.type.ndim != node.type.ndim:
        advice = f"a value with {counted(node.type.ndim, 'axis', 'axes')}, such as T.ones_like({node.label})"
        raise RankError(asked, f"{describe(cotangent)}; {describe(node)}", advice)
    return cotangent


def subgraph_grad(
    wrt: Sequence[Node],
    end: Sequence[Node],
    start: Mapping[Node, Any] | None = None,
    cost: Node | None = None,
    details: bool = False,
) -> Any:
    """Walk back through one part of a graph only, from what is known at its top to the nodes at its end.

    Args:
        wrt: variables inside the part.
        end: nodes at which the walk stops.
        start: gradients that are known at the top, from node to value.
        cost: a 0-d expression at the top, in addition or instead.
        details: also return the two shares, by `start` and by `cost`.

    Returns:
        Gradients by `wrt` and gradients by `end`, each a list; the second can be made the `start` of the part below.

    >>> x, w = T.scalar("x"), T.scalar("w")
    >>> h = x ** 2
    >>> by_w, by_h = tl.gradient.subgraph_grad([w], [h], cost=h * w)
    >>> by_w[0].eval({x: 2.0}), by_h[0].eval({w: 3.0})
    (array(4.), array(3.))
    """
    both = [*wrt, *end]
    shares: list[list[Node]] = []
    if start is not None:
        shares.append(grad(None, both, list(end), "ignore", known_grads=start))
    if cost is not None:
        shares.append(grad(cost, both, list(end), "ignore"))
    if not shares:
        raise CostError("tl.gradient.subgraph_grad(wrt, end)", "neither start nor cost", "cost=cost, or start={y: gradient of y}")
    total = shares[0] if len(shares) == 1 else [one + other for one, other in zip(*shares)]
    result = (total[: len(wrt)], total[len(wrt) :])
    if not details:
        return result
    return (*result, *[(share[: len(wrt)], share[len(wrt) :]) for share in shares])


syntax.define(grad=grad)
