"""The way back as expressions: what each node receives, what it sends to each operand, and the local derivatives between them.

Floor 6. Read `gradient/reverse.py` before: the walk is that of `T.grad`, kept step by step, and simplified for reading. `tracing.py` gives
it values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..gradient.reverse import ZERO, Cotangent, add_up, gradient_dtype, send_back, trace_back
from ..graph.convert import as_node
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors, rebuild
from ..ops.choices import ones_like, zeros_like
from ..ops.families import Elementwise
from ..rewrite import simplified

Array = np.ndarray[Any, Any]
Edge = tuple[Node, int]
"""A node and the position of one of its operands: the edge along which that operand is read."""


@dataclass(frozen=True)
class Local:
    """The local derivative along one edge: of a node by one of its operands, all others held.

    Attributes:
        expression: it as an expression; operands and result are `names` of it. None where it is no array of the result's shape
            (a matrix product has one for each pair of elements).
        value: it as an array, or None.
        names: stand-ins in the expressions, and the nodes that they stand for.
        sent: where there is no such expression, the contribution as one.
        arrived: stands in it for the gradient of the node.
    """

    expression: Node | None
    value: Array | None
    names: Mapping[Node, Node] = field(default_factory=dict)
    sent: Node | None = None
    arrived: Node | None = None


@dataclass(frozen=True)
class Walk:
    """The way back as expressions: what a trace computes."""

    gradients: dict[Node, Node]
    contributions: dict[Edge, Node]
    shares: dict[Node, tuple[Edge, ...]]
    locals: dict[Edge, Node]
    order: tuple[Node, ...]


def walk_back(cost: Node, wanted: Sequence[Node]) -> Walk:
    """Walk from the cost back to the variables, and keep everything that is sent on the way."""
    order = ancestors([cost])
    variables = set(wanted)
    useful: set[Node] = set()
    for node in order:
        if node in variables or not useful.isdisjoint(node.inputs):
            useful.add(node)
    arrived: dict[Node, list[Cotangent]] = {cost: [as_node(1.0, cost.type.dtype) if is_floating(cost.type.dtype) else ZERO]}
    shares: dict[Node, list[Edge]] = {cost: []}
    gradients: dict[Node, Node] = {}
    contributions: dict[Edge, Node] = {}
    local: dict[Edge, Node] = {}
    steps: list[Node] = []
    for node in reversed(order):
        if node not in useful or node not in arrived:
            continue
        steps.append(node)
        g = add_up(arrived[node])
        gradients[node] = as_sent(g, node)
        if node.op is None:
            continue
        for slot, (each, sent) in enumerate(zip(node.inputs, send_back(node.op, node, g, useful))):
            if sent is None or each not in useful:
                continue
            contributions[node, slot] = as_sent(sent, each)
            arrived.setdefault(each, []).append(sent)
            shares.setdefault(each, []).append((node, slot))
            partial = local_derivative(node, slot)
            if partial is not None:
                local[node, slot] = partial
    return leading_on(Walk(gradients, contributions, {node: tuple(shares[node]) for node in steps}, local, tuple(steps)), order, variables)


def leading_on(walk: Walk, order: Sequence[Node], variables: Collection[Node]) -> Walk:
    """Return a walk without the ways that end before a variable: what is sent to the length in a mean goes nowhere."""
    kept: set[Node] = set()
    for node in order:
        if node in variables or any((node, slot) in walk.contributions and each in kept for slot, each in enumerate(node.inputs)):
            kept.add(node)
    edges = {edge for edge in walk.contributions if edge[0] in kept and edge[0].inputs[edge[1]] in kept}
    return Walk(
        {node: g for node, g in walk.gradients.items() if node in kept},
        {edge: sent for edge, sent in walk.contributions.items() if edge in edges},
        {node: tuple(edge for edge in found if edge in edges) for node, found in walk.shares.items() if node in kept},
        {edge: partial for edge, partial in walk.locals.items() if edge in edges},
        tuple(node for node in walk.order if node in kept),
    )


def as_sent(g: Cotangent, node: Node) -> Node:
    """Return a cotangent as an expression of the shape of its node."""
    return g if isinstance(g, Node) else zeros_like(node, gradient_dtype(node))


def local_derivative(node: Node, slot: int) -> Node | None:
    """Return the derivative of an operation by one operand, as an array of the shape of the operand or the result; None if it is none."""
    op = node.op
    assert op is not None
    dtype = gradient_dtype(node)
    if isinstance(op, Elementwise) and type(op).vjp is Elementwise.vjp:
        if not op.differentiable or not is_floating(node.type.dtype):
            partial: Any = 0.0
        elif op.partials is not None:
            partial = op.partials(node, *node.inputs)[slot]
        else:
            partial = trace_back(op, node, ones_like(node))[slot]
    elif node.type.ndim == 0:
        partial = op.vjp(as_node(1.0, dtype), node, *node.inputs)[slot]
    else:
        return None
    if partial is None:
        return None
    return partial if isinstance(partial, Node) else as_node(float(partial), dtype)


def for_the_eye(walk: Walk) -> dict[Edge, Local]:
    """Return what is shown of each edge, simplified for reading, with stand-ins so that operands and results stay what they are called."""
    stand_ins: dict[Node, Node] = {}
    arrived: dict[Node, Node] = {}
    apart: list[Node] = []
    for edge, sent in walk.contributions.items():
        node = edge[0]
        near = [each for each in (node, *node.inputs) if not isinstance(each, Constant)]
        for each in near:
            stand_ins.setdefault(each, each.type())
        replaced = {each: stand_ins[each] for each in near}
        if edge in walk.locals:
            apart += rebuild([walk.locals[edge]], replaced)
        else:
            g = walk.gradients[node]
            arrived.setdefault(node, g.type())
            apart += rebuild([sent], {**replaced, g: arrived[node]})
    real = {stand_in: node for node, stand_in in stand_ins.items()}
    result = {}
    for edge, each in zip(walk.contributions, simplified(apart)):
        known = edge in walk.locals
        result[edge] = Local(each, None, real) if known else Local(None, None, real, each, arrived[edge[0]])
    return result
