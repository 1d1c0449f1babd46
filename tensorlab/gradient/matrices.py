"""Whole matrices of derivatives: the Jacobian of a vector, the Hessian of a number. Their lengths may be unknown.

Floor 3. Read `products` before. Row i of a Jacobian is the left product with the i-th row of the identity, so the products are one graph
mapped over the rows of the identity; what does not depend on the row is computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.convert import as_node
from ..graph.errors import RankError
from ..graph.node import Node
from ..graph.types import TensorType, is_floating
from ..ops.control import map_rows
from ..ops.families import describe
from ..ops.ranges import eye
from ..ops.shapes import length_of
from .costs import check_cost, grad
from .results import as_expressions, checked_options, in_form_of, listed, one_call, put_in_place
from .reverse import ZERO, Cotangent, gradient_dtype, pull_back


def jacobian(
    expression: Node,
    wrt: Node | Sequence[Node],
    consider_constant: Sequence[Node] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return all derivatives of the elements of a vector: element [i, ...] is that of `expression[i]` by `wrt[...]`.

    Args:
        expression: a vector, of known or unknown length; for a scalar the result is its gradient.
        wrt: a variable, or a list or tuple of them.
        consider_constant, disconnected_inputs: as for `T.grad`.

    Returns:
        For each variable an expression with one axis more, in front; a list or tuple if `wrt` is one.

    Raises:
        RankError: the expression has more than one axis.
        DisconnectedInputError: the expression does not depend on a variable.

    >>> x = T.vector("x")
    >>> tl.gradient.jacobian(x ** 2, x).eval({x: [1.0, 2.0]})
    array([[2., 0.],
           [0., 4.]])
    """
    asked = f"tl.gradient.jacobian({expression.label if isinstance(expression, Node) else '…'}, {{}})"
    (vector,), variables = listed(expression, "tl.gradient.jacobian({}, …)"), listed(wrt, asked)
    checked_options(disconnected_inputs)
    if vector.type.ndim == 0:
        return grad(vector, wrt, consider_constant, disconnected_inputs)
    if vector.type.ndim > 1:
        raise RankError(asked.format("…"), f"{describe(vector)}; a vector is needed", f"tl.gradient.jacobian({vector.label}.flatten(), …)")
    with one_call() as place:
        results = rows_of_jacobian(vector, variables, consider_constant or (), asked.partition(", ")[0], disconnected_inputs)
        put_in_place(results, place, isinstance(wrt, (list, tuple)))
    return in_form_of(wrt, results)


def rows_of_jacobian(vector: Node, variables: Sequence[Node], constants: Sequence[Node], asked: str, if_disconnected: str) -> list[Node]:
    """Return the Jacobians of a vector by some variables."""
    row = TensorType(gradient_dtype(vector), vector.type.shape)("row")
    found = pull_back({vector: row}, variables, constants)
    rows = as_expressions(found, variables, asked, if_disconnected)
    length = length_of(vector, 0)
    identity = eye(length, dtype=row.type.dtype)
    return [map_rows([row], each, [identity]) for each in rows]


def hessian(
    cost: Node,
    wrt: Node | Sequence[Node],
    consider_constant: Sequence[Node] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return all second derivatives of a number by the elements of a vector.

    Args:
        cost: a 0-d expression.
        wrt: a vector, or a list or tuple of them; each has a matrix of its own, derivatives by two different vectors are not in it.
        consider_constant, disconnected_inputs: as for `T.grad`.

    Returns:
        For each vector a square matrix; a list or tuple if `wrt` is one.

    Raises:
        CostError: the cost is not 0-d.
        RankError: a variable is not a vector.
        DisconnectedInputError: the cost does not depend on a variable.

    >>> x = T.vector("x")
    >>> tl.gradient.hessian((x ** 3).sum(), x).eval({x: [1.0, 2.0]})
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    variables = listed(wrt, f"tl.gradient.hessian({cost.label if isinstance(cost, Node) else '…'}, {{}})")
    checked_options(disconnected_inputs)
    check_cost(cost)
    for variable in variables:
        if variable.type.ndim != 1:
            by = f"{cost.label}, {variable.label}"
            again = "tl.gradient.jacobian(T.grad({}).flatten(), {})" if variable.type.ndim else "T.grad(T.grad({}), {})"
            raise RankError(
                f"tl.gradient.hessian({by})",
                f"{describe(variable)}; a vector is needed",
                again.format(by, variable.label),
            )
    constants = consider_constant or ()
    one: Cotangent = as_node(1.0, cost.type.dtype) if is_floating(cost.type.dtype) else ZERO
    with one_call() as place:
        found = pull_back({cost: one}, variables, constants)
        first = as_expressions(found, variables, f"tl.gradient.hessian({cost.label}", disconnected_inputs)
        results = []
        for variable, gradient in zip(variables, first):
            # the gradient of a cost that is linear in the variable does not depend on it: the second derivative is 0, not an error
            results += rows_of_jacobian(gradient, [variable], constants, "", "ignore")
        put_in_place(results, place, isinstance(wrt, (list, tuple)))
    return in_form_of(wrt, results)
