"""Derivatives: one walk over the graph from the cost back to what it depends on, in the library's own ops.

Floor 3. Every op says on its card how a cotangent (the derivative of the cost by the op's result) is sent back to its operands; this
file adds up what arrives, and sums over axes along which an operand was stretched. The result is a graph like any
other: it can be printed, compiled and differentiated again.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from .graph import syntax
from .graph.convert import as_node
from .graph.errors import ConversionError, CostError, DisconnectedInputError, RankError
from .graph.node import Node
from .graph.op import Op
from .graph.place import here
from .graph.types import is_floating
from .graph.walk import ancestors, rebuild
from .ops.choices import cast, zeros_like
from .ops.families import Elementwise, describe
from .ops.reductions import Sum, put_back
from .ops.words import GraphWords
from .settings import config


class Zero:
    """A cotangent that is 0 everywhere: the cost is connected, but no change reaches it (argmax, a comparison)."""


ZERO = Zero()
Cotangent = Node | Zero


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
        consider_constant: expressions through which no gradient flows.
        disconnected_inputs: "raise", "warn" or "ignore" when the cost does not depend on a variable.
        add_names: name a result "(dC/dw)" when both cost and variable have names.
        known_grads: derivatives of the cost that are known already, from node to value.
        return_disconnected: "zero" for zeros, "none" for None, where the cost does not depend on a variable.
        null_gradients: accepted for Theano's sake; an op without a derivative always raises.

    Returns:
        One expression, or a list (tuple) of them as `wrt` was, each of the shape of its variable; its dtype is the variable's, or
        floatX if that holds whole numbers.

    Raises:
        CostError: the cost is not 0-d.
        DisconnectedInputError: the cost does not depend on a variable.
        GradientUndefinedError: an op on the way has no derivative.

    >>> from tensorlab import tensor as T
    >>> x = T.scalar("x")
    >>> grad(x ** 2, x).eval({x: 3.0})
    array(6.)
    """
    several = isinstance(wrt, (list, tuple))
    variables: list[Node] = list(wrt) if isinstance(wrt, (list, tuple)) else [wrt]
    for variable in variables:
        if not isinstance(variable, Node):
            raise ConversionError(
                f"T.grad(cost, {variable!r})",
                f"a {type(variable).__name__}, which is not part of any graph",
                "the symbol or shared variable itself (perhaps its name now stands for a value)",
            )
    if disconnected_inputs not in ("raise", "warn", "ignore"):
        raise ValueError(f"disconnected_inputs={disconnected_inputs!r}: it is 'raise', 'warn' or 'ignore'")
    if str(return_disconnected).lower() not in ("zero", "none"):
        raise ValueError(f"return_disconnected={return_disconnected!r}: it is 'zero' or 'none'")
    starts: dict[Node, Cotangent] = {}
    for node, known in (known_grads or {}).items():
        starts[node] = as_node(known)
    if cost is not None:
        starts[check_cost(cost)] = as_node(1.0, cost.type.dtype) if is_floating(cost.type.dtype) else ZERO
    elif not starts:
        raise CostError("T.grad(None, wrt)", "neither a cost nor known_grads", "T.grad(cost, wrt)")
    place = here()
    found = pull_back(starts, variables, consider_constant or ())
    results: list[Node | None] = []
    for position, (variable, cotangent) in enumerate(zip(variables, found)):
        if cotangent is None:
            report_disconnected(cost, variable, disconnected_inputs)
            if str(return_disconnected).lower() == "none":
                results.append(None)
                continue
        result = cotangent if isinstance(cotangent, Node) else zeros_like(variable, gradient_dtype(variable))
        if result.op is not None and result.place is not None and result not in starts:
            if place is not None and several and result.place.item is None:
                result.place = place.at(position)
            if add_names and cost is not None and cost.name and variable.name and result.name is None:
                result.name = f"(d{cost.name}/d{variable.name})"
        results.append(result)
    if not several:
        return results[0]
    return tuple(results) if isinstance(wrt, tuple) else results


def check_cost(cost: Any) -> Node:
    """Return the cost, or raise the error that says how to make it a single number."""
    if not isinstance(cost, Node):
        raise CostError(f"T.grad({cost!r}, …)", f"a {type(cost).__name__} instead of an expression", "an expression such as T.sum((y - y_hat) ** 2)")
    if cost.type.ndim:
        name = cost.known_name or "cost"
        raise CostError(
            f"T.grad({name}, …)",
            f"{describe(cost)}: not a single number, and only a number has a gradient",
            f"T.grad({name}.sum(), …) or T.grad({name}.mean(), …); tl.gradient.jacobian for all derivatives of a vector",
        )
    return cost


def report_disconnected(cost: Node | None, variable: Node, how: str) -> None:
    """Raise, warn or keep silent about a variable on which the cost does not depend."""
    if how == "ignore":
        return
    error = DisconnectedInputError(
        f"T.grad({cost.label if cost is not None else None}, {variable.label})",
        f"the cost does not depend on {describe(variable)}",
        "build the cost from this variable, or disconnected_inputs='ignore' for a gradient of zeros",
    )
    if how == "raise":
        raise error
    warnings.warn(str(error), stacklevel=3)


def gradient_dtype(variable: Node) -> str:
    """Return the dtype of a derivative with respect to a variable."""
    return variable.type.dtype if is_floating(variable.type.dtype) else str(config.floatX)


def pull_back(starts: Mapping[Node, Cotangent], variables: Sequence[Node], constants: Sequence[Node] = ()) -> list[Cotangent | None]:
    """Send cotangents from `starts` back to `variables`; None where nothing arrives.

    Each node is visited once, after everything that reads it, so a graph with 2^60 paths takes time linear in its nodes.
    """
    wanted = set(variables)
    blocked = set(constants) - wanted
    order = ancestors(starts, stop_at=blocked)
    useful: set[Node] = set()
    for node in order:
        if node in wanted or (node not in blocked and any(each in useful for each in node.inputs)):
            useful.add(node)
    arrived: dict[Node, list[Cotangent]] = {node: [cotangent] for node, cotangent in starts.items()}
    total: dict[Node, Cotangent] = {}
    for node in reversed(order):
        if node not in useful or node not in arrived:
            continue
        g = add_up(arrived.pop(node))
        if node in wanted:
            total[node] = g
        if node.op is None or node in blocked:
            continue
        for each, cotangent in zip(node.inputs, send_back(node.op, node, g)):
            if cotangent is not None and each in useful:
                arrived.setdefault(each, []).append(cotangent)
    return [total.get(variable) for variable in variables]


def send_back(op: Op, node: Node, g: Cotangent) -> list[Cotangent | None]:
    """Return what one node sends to each of its operands: a cotangent of the operand's shape, ZERO, or None."""
    nothing = isinstance(g, Zero) or not is_floating(node.type.dtype)
    if needs_trace(op):
        sent = trace_back(op, node, g)
    else:
        sent = op.vjp(zeros_like(node, gradient_dtype(node)) if nothing or isinstance(g, Zero) else g, node, *node.inputs)
    result: list[Cotangent | None] = []
    for each, cotangent in zip(node.inputs, sent):
        if cotangent is None:
            result.append(None)
        elif nothing or not isinstance(cotangent, Node):
            result.append(ZERO)
        else:
            result.append(fit_cotangent(cotangent, each))
    return result


def needs_trace(op: Op) -> bool:
    """Say whether an elementwise card leaves its derivative to its formula."""
    return isinstance(op, Elementwise) and op.differentiable and op.partials is None and type(op).vjp is Elementwise.vjp


def trace_back(op: Op, node: Node, g: Cotangent) -> Sequence[Node | float | None]:
    """Differentiate an elementwise formula by writing it out in primitive ops and walking back over those."""
    assert isinstance(op, Elementwise)
    if isinstance(g, Zero):
        return [0] * len(node.inputs)
    stand_ins = [each.type(each.name) for each in node.inputs]
    expanded = as_node(op.formula(GraphWords(), *stand_ins), node.type.dtype)
    if expanded.type.dtype != node.type.dtype:
        expanded = cast(expanded, node.type.dtype)
    found = pull_back({expanded: g}, stand_ins)
    real = dict(zip(stand_ins, node.inputs))
    return [rebuild([each], real)[0] if isinstance(each, Node) else 0 for each in found]


def add_up(cotangents: Sequence[Cotangent]) -> Cotangent:
    """Return the sum of what arrived at a node."""
    nodes = [each for each in cotangents if isinstance(each, Node)]
    if not nodes:
        return ZERO
    total = nodes[0]
    for each in nodes[1:]:
        total = total + each
    return total


def fit_cotangent(cotangent: Node, operand: Node) -> Node:
    """Sum a cotangent over the axes along which the operand was stretched, and give it the operand's dtype.

    An operand of whole numbers gets a cotangent of floats, as if it were real.
    """
    wanted = operand.type
    extra = cotangent.type.ndim - wanted.ndim
    if extra < 0:
        raise RankError(f"the gradient for {operand.label}", f"{cotangent.type.ndim} axes instead of {wanted.ndim}", "a report of this as a bug in an op's card")
    stretched = tuple(
        axis for axis in range(cotangent.type.ndim)
        if axis < extra or (wanted.shape[axis - extra] == 1 and cotangent.type.shape[axis] != 1)
    )
    if stretched:
        cotangent = put_back(Sum(stretched)(cotangent), tuple(axis - extra for axis in stretched if axis >= extra))
    if is_floating(wanted.dtype) and cotangent.type.dtype != wanted.dtype:
        cotangent = cast(cotangent, wanted.dtype)
    return cotangent



def Lop(f: Node | Sequence[Node], wrt: Node | Sequence[Node], eval_points: Node | Sequence[Node], consider_constant: Sequence[Node] | None = None) -> Any:
    """Return the product of a row `eval_points` with the Jacobian of `f` by `wrt` (a vector-Jacobian product).

    Args:
        f: an expression or a list of them.
        wrt: a variable or a list of them.
        eval_points: what to multiply from the left, each of the shape of its `f`.
    """
    outputs = list(f) if isinstance(f, (list, tuple)) else [f]
    points = list(eval_points) if isinstance(eval_points, (list, tuple)) else [eval_points]
    several = isinstance(wrt, (list, tuple))
    variables: list[Node] = list(wrt) if isinstance(wrt, (list, tuple)) else [wrt]
    starts: dict[Node, Cotangent] = {}
    for output, point in zip(outputs, points):
        node = as_node(point)
        before = starts.get(output)
        starts[output] = node if before is None or isinstance(before, Zero) else before + node
    found = pull_back(starts, variables, consider_constant or ())
    results = [each if isinstance(each, Node) else zeros_like(variable, gradient_dtype(variable)) for variable, each in zip(variables, found)]
    return results if several else results[0]


syntax.define(grad=grad, Lop=Lop)
