"""The reverse walk: from the cost back to what it depends on, in the library's own ops.

Floor 3. Every op says on its card how a cotangent (the derivative of the cost by the op's result) is sent back to its operands; this
file adds up what arrives, and sums over axes along which an operand was stretched. The result is a graph like any
other: it can be printed, compiled and differentiated again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..graph.convert import as_node
from ..graph.errors import RankError
from ..graph.node import Node
from ..graph.op import Op
from ..graph.types import is_floating
from ..graph.walk import ancestors, rebuild
from ..graph.wording import counted
from ..ops.choices import cast, zeros_like
from ..ops.families import Elementwise, times
from ..ops.reductions import Sum, put_back
from ..ops.words import GraphWords
from ..settings import config


class Zero:
    """A cotangent that is 0 everywhere: the cost is connected, but no change reaches it (argmax, a comparison)."""


ZERO = Zero()
Cotangent = Node | Zero


def gradient_dtype(variable: Node) -> str:
    """Return the dtype of a derivative with respect to a variable: its own, or floatX if it holds whole numbers."""
    return variable.type.dtype if is_floating(variable.type.dtype) else str(config.floatX)


def pull_back(
    starts: Mapping[Node, Cotangent],
    variables: Sequence[Node],
    constants: Collection[Node] = (),
    known: Collection[Node] = (),
) -> list[Cotangent | None]:
    """Send cotangents from `starts` back to `variables`; None where nothing arrives.

    Each node is visited once, after everything that reads it, so a graph with 2^60 paths takes time linear in its nodes.

    Args:
        starts: where to begin, and with which cotangents.
        variables: where to end.
        constants: nodes that let nothing through; what arrives at them themselves still counts.
        known: those among `starts` whose cotangent is complete, so that nothing is added to it.
    """
    wanted, blocked, complete = set(variables), set(constants), set(known)
    order = ancestors(starts, stop_at=blocked)
    useful: set[Node] = set()
    for node in order:
        if node in wanted or (node not in blocked and not useful.isdisjoint(node.inputs)):
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
        for each, cotangent in zip(node.inputs, send_back(node.op, node, g, useful)):
            if cotangent is not None and each in useful and each not in complete:
                arrived.setdefault(each, []).append(cotangent)
    return [total.get(variable) for variable in variables]


def send_back(op: Op, node: Node, g: Cotangent, useful: Collection[Node]) -> list[Cotangent | None]:
    """Return what one node sends to each of its operands: a cotangent of the operand's shape, ZERO, or None."""
    nothing = isinstance(g, Zero) or not is_floating(node.type.dtype)
    by_partials = isinstance(op, Elementwise) and type(op).vjp is Elementwise.vjp
    sent: Sequence[Any]
    if by_partials and (nothing or not op.differentiable):
        sent = [0] * len(node.inputs)
    elif isinstance(g, Zero) or nothing:
        sent = op.vjp(zeros_like(node, gradient_dtype(node)), node, *node.inputs)  # asked only which operands are connected
    elif not by_partials:
        sent = op.vjp(g, node, *node.inputs)
    elif op.partials is None:  # type: ignore[attr-defined]
        sent = trace_back(op, node, g)
    else:
        partials = op.partials(node, *node.inputs)  # type: ignore[attr-defined]
        sent = [times(g, partial) if each in useful else None for each, partial in zip(node.inputs, partials)]
    result: list[Cotangent | None] = []
    for each, cotangent in zip(node.inputs, sent):
        if cotangent is None:
            result.append(None)
        elif nothing or not isinstance(cotangent, Node):
            result.append(ZERO)
        else:
            fits = cotangent.type is each.type or cotangent.type == each.type
            result.append(cotangent if fits else fit_cotangent(cotangent, each))
    return result


def trace_back(op: Op, node: Node, g: Node) -> list[Node | int]:
    """Differentiate an elementwise formula by writing it out in primitive ops and walking back over those."""
    assert isinstance(op, Elementwise)
    stand_ins: list[Node] = [each.type(each.name) for each in node.inputs]
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

    An operand of whole numbers gets a cotangent of floats (floatX), as if it were real.
    """
    wanted = operand.type
    extra = cotangent.type.ndim - wanted.ndim
    if extra < 0:
        found = f"{counted(cotangent.type.ndim, 'axis', 'axes')} instead of {wanted.ndim}"
        raise RankError(f"the gradient for {operand.label}", found, "a report of this as a bug in an op's card")
    stretched = tuple(
        axis for axis in range(cotangent.type.ndim)
        if axis < extra or (wanted.shape[axis - extra] == 1 and cotangent.type.shape[axis] != 1)
    )
    if stretched:
        cotangent = put_back(Sum(stretched)(cotangent), tuple(axis - extra for axis in stretched if axis >= extra))
    return cast(cotangent, gradient_dtype(operand))
