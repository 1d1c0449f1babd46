"""Interning: equal nodes become one object, so that nothing is computed twice.

Floor 3, the first pass of every compilation. Constants are equal if dtype, shape and bytes are (0.0, -0.0 and False stay
apart); expressions if op and inputs are. Symbols and shared variables are equal only to themselves, and so is what an op that
declares `merges = False` makes (draws, prints, asserts).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ..graph.node import Constant, Node, expression
from ..graph.walk import ancestors


class Interner:
    """Remembers one node of each kind of equal ones.

    Args:
        by_name: nodes that the reader gave different names stay apart (for display).
    """

    def __init__(self, by_name: bool = False) -> None:
        self.seen: dict[Any, Node] = {}
        self.by_name = by_name
        self._stands: set[Node] = set()
        """Nodes that stand for all their equals: on the same inputs they need not be looked up again."""

    def __call__(self, node: Node, inputs: Sequence[Node]) -> Node:
        """Return the node that stands for `node` with these inputs: one seen before, `node` itself, or a copy of it.

        A copy keeps name, tag, place and type: whether an axis stretches was decided when the reader wrote the expression.
        """
        op, inputs = node.op, tuple(inputs)
        unchanged = inputs == node.inputs  # nodes are equal only to themselves
        if unchanged and node in self._stands:
            return node
        if op is None:
            return self._first(node.signature, node) if isinstance(node, Constant) else node
        if not op.merges:
            return node if unchanged else with_inputs(node, inputs)
        key = (op, node.type, *inputs)
        found = self.seen.get(key)
        if found is None or (self.by_name and node.name != found.name):
            return self._first(key, node if unchanged else with_inputs(node, inputs))
        return found

    def keep_only(self, nodes: Collection[Node]) -> None:
        """Forget all but some nodes: what a pass has replaced is no model for the next pass."""
        for key in [key for key, node in self.seen.items() if node not in nodes]:
            del self.seen[key]
        self._stands.intersection_update(nodes)

    def _first(self, key: Any, node: Node) -> Node:
        """Return the first of the equal nodes; by name, a node without one joins those that have one."""
        if self.by_name and node.name is not None:
            found = self.seen.setdefault((key, node.name), node)
            if self.seen.setdefault(key, found).name is None:
                self.seen[key] = found
            return found
        first = self.seen.setdefault(key, node)
        if not self.by_name:  # by name, a better one may come
            self._stands.add(first)
        return first


def with_inputs(node: Node, inputs: Sequence[Node]) -> Node:
    """Return a copy of a node on other inputs, with the same type, name, tag and place."""
    new = expression(node.op, node.type, node.name, node.place, *inputs)
    new._tag = node._tag
    return new


def intern(outputs: Sequence[Node], one_of: Interner | None = None) -> list[Node]:
    """Return the same graph with equal nodes made one; a node that nothing changes in is kept as it is.

    Args:
        outputs: the nodes wanted.
        one_of: where to remember which nodes stand for others, for the passes that follow.

    >>> from tensorlab import tensor as T
    >>> x = T.scalar("x")
    >>> a, b = intern([x * 2 + 1, x * 2])
    >>> a.inputs[0] is b
    True
    """
    one_of = one_of or Interner()
    new: dict[Node, Node] = {}
    for node in ancestors(outputs):
        new[node] = one_of(node, [new[each] for each in node.inputs])
    return [new[output] for output in outputs]
