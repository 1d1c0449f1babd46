"""The way back from a cost, with a place to go wrong on: what a slip is made with.

Floor 6. Read `gradient/reverse.py` before, which walks the same way and never errs. Here every edge of the graph, from a node to one of its
operands, can be asked for what is sent along it, and be given something else to send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..gradient.reverse import add_up, send_back
from ..graph.node import Node
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..ops.choices import ones_like


class Edge(NamedTuple):
    """The way from a node to one of its operands."""

    node: Node
    slot: int

    @property
    def operand(self) -> Node:
        return self.node.inputs[self.slot]


Sender = Callable[[Node, Node], Node | None]
"""From the cotangent of a node, and what should be sent, to what is sent instead (None: nothing)."""


class Way:
    """All that is sent on the way from a cost back to a variable.

    Attributes:
        cost, by: the two ends.
        edges: the edges on which something is sent, from the cost on.
        total: the cotangent of every node on the way.
    """

    def __init__(self, cost: Node, by: Node) -> None:
        self.cost, self.by = cost, by
        order = ancestors([cost])
        self.useful: set[Node] = set()
        for node in order:
            carries = node.op is not None and not node.op.of_shape and is_floating(node.type.dtype)
            if node is by or (carries and not self.useful.isdisjoint(node.inputs)):
                self.useful.add(node)
        self.order = [node for node in reversed(order) if node in self.useful]
        self.edges: list[Edge] = []
        self.total: dict[Node, Node] = {}
        self.walked({}, self)

    def gradient(self) -> Node | None:
        """Return the derivative, or None if nothing arrives."""
        return self.total.get(self.by)

    def wrong(self, edge: Edge, send: Sender) -> Node | None:
        """Return the derivative that results if something else is sent along one edge."""
        return self.walked({edge: send}).get(self.by)

    def walked(self, changes: dict[Edge, Sender], kept: Way | None = None, start: Node | None = None) -> dict[Node, Node]:
        """Walk back, with changes on some edges or another start than 1; return the cotangents of all nodes on the way."""
        arrived: dict[Node, list[Node]] = {self.cost: [ones_like(self.cost) if start is None else start]}
        total: dict[Node, Node] = {}
        for node in self.order:
            if node not in arrived:
                continue
            g = add_up(arrived.pop(node))
            if not isinstance(g, Node):
                continue
            total[node] = g
            if node.op is None or node is self.by:
                continue
            for slot, cotangent in enumerate(send_back(node.op, node, g, self.useful)):
                operand = node.inputs[slot]
                if operand not in self.useful or not isinstance(cotangent, Node) or not is_floating(operand.type.dtype):
                    continue
                edge = Edge(node, slot)
                if kept is not None:
                    kept.edges.append(edge)
                sent = changes[edge](g, cotangent) if edge in changes else cotangent
                if sent is not None:
                    arrived.setdefault(operand, []).append(sent)
        if kept is not None:
            kept.total = total
        return total
