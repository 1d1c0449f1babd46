"""Matching a little graph with holes against a node.

Floor 3. A pattern is an ordinary graph of 0-d float64 nodes. Elementwise ops do not care for rank or dtype, so it matches nodes of every
shape and, as long as all arithmetic in it happens in one dtype, of every dtype.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..graph.node import Constant, Node, Symbol
from .context import Context

Bindings = dict[Node, Node]


class Hole(Symbol):
    """Stands for any node in a pattern; the same hole twice stands for the same node twice."""

    __slots__ = ()


def matches(pattern: Node, node: Node, context: Context) -> Iterator[Bindings]:
    """Yield every way in which a pattern fits a node: holes and constants of the pattern to nodes.

    Args:
        pattern: made of holes, numbers and ops; what is float64 in it must have the dtype of `node`, what is bool may be bool.
        node: its op is looked at even if it has a name; further down that is for the context to say.
    """
    if node.op is None or node.op != pattern.op:
        return
    yield from fits_all(pattern, node, node.type.dtype, {}, context)


def fits(pattern: Node, node: Node, dtype: str, bound: Bindings, context: Context) -> Iterator[Bindings]:
    """Yield the bindings, beyond those given, with which a part of a pattern fits a node."""
    if isinstance(pattern, Hole):
        found = bound.get(pattern)
        if found is None:
            yield {**bound, pattern: node}
        elif found is node:
            yield bound
    elif isinstance(pattern, Constant):
        number = context.number(node)
        if number is not None and number == pattern.value:
            yield {**bound, pattern: node}
    elif context.op(node) == pattern.op and (pattern.type.dtype == "bool" or node.type.dtype == dtype):
        yield from fits_all(pattern, node, dtype, bound, context)


def fits_all(pattern: Node, node: Node, dtype: str, bound: Bindings, context: Context) -> Iterator[Bindings]:
    """Yield the bindings with which the operands fit, in both orders if the op does not care."""
    assert pattern.op is not None
    if len(pattern.inputs) == 1:
        yield from fits(pattern.inputs[0], node.inputs[0], dtype, bound, context)
        return
    orders = [node.inputs]
    if pattern.op.commutative and node.inputs[0] is not node.inputs[1]:
        orders.append(node.inputs[::-1])
    for order in orders:
        found: list[Bindings] = [bound]
        for part, each in zip(pattern.inputs, order):
            found = [more for one in found for more in fits(part, each, dtype, one, context)]
        yield from found
