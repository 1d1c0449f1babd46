"""Interning: equal nodes become one object, so that nothing is computed twice.

Floor 3, the first pass of every compilation. Constants are equal if dtype, shape and bytes are (0.0, -0.0 and False stay
apart); expressions if op and inputs are. Symbols and shared variables are equal only to themselves, and so is what an op that
declares `merges = False` makes (draws, prints, asserts).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.node import Constant, Node
from ..graph.walk import ancestors


class Interner:
    """Remembers one node of each kind of equal ones.

    Args:
        by_name: nodes that the reader gave different names stay apart (for display).
    """

    def __init__(self, by_name: bool = False) -> None:
        self.seen: dict[Any, Node] = {}
        self.by_name = by_name

    def __call__(self, node: Node, inputs: Sequence[Node]) -> Node:
        """Return the node that stands for `node` with these inputs: one seen before, `node` itself, or a copy of it.

        A copy keeps name, tag, place and type: whether an axis stretches was decided when the reader wrote the expression.
        """
        if isinstance(node, Constant):
            return self._first(node.signature, node)
        if node.op is None:
            return node
        own = node if all(a is b for a, b in zip(inputs, node.inputs)) else None
        if not node.op.merges:
            return own if own is not None else with_inputs(node, inputs)
        key = (node.op, node.type, *inputs)
        found = self.seen.get(key)
        if found is None or (self.by_name and node.name != found.name):
            return self._first(key, own if own is not None else with_inputs(node, inputs))
        return found

    def _first(self, key: Any, node: Node) -> Node:
        """Return the first of the equal nodes; by name, a node without one joins those that have one."""
        if self.by_name and node.name is not None:
            found = self.seen.setdefault((key, node.name), node)
            if self.seen.setdefault(key, found).name is None:
                self.seen[key] = found
            return found
        return self.seen.setdefault(key, node)


def with_inputs(node: Node, inputs: Sequence[Node]) -> Node:
    """Return a copy of a node on other inputs, with the same type, name, tag and place."""
    new = Node(node.type, node.name, op=node.op, inputs=inputs, place=node.place)
    new.place, new._tag = node.place, node._tag
    return new


def intern(outputs: Sequence[Node]) -> list[Node]:
    """Return the same graph with equal nodes made one; a node that nothing changes in is kept as it is.

    >>> from tensorlab import tensor as T
    >>> x = T.scalar("x")
    >>> a, b = intern([x * 2 + 1, x * 2])
    >>> a.inputs[0] is b
    True
    """
    one_of = Interner()
    new: dict[Node, Node] = {}
    for node in ancestors(outputs):
        new[node] = one_of(node, [new[each] for each in node.inputs])
    return [new[output] for output in outputs]
