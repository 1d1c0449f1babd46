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


def intern(outputs: Sequence[Node]) -> list[Node]:
    """Return the same graph with equal nodes made one; a node that nothing changes in is kept as it is.

    >>> from tensorlab import tensor as T
    >>> x = T.scalar("x")
    >>> a, b = intern([x * 2 + 1, x * 2])
    >>> a.inputs[0] is b
    True
    """
    seen: dict[Any, Node] = {}
    new: dict[Node, Node] = {}
    for node in ancestors(outputs):
        if isinstance(node, Constant):
            new[node] = seen.setdefault(node.signature, node)
        elif node.op is None:
            new[node] = node
        else:
            inputs = tuple(new[each] for each in node.inputs)
            if not node.op.merges:
                new[node] = node if inputs == node.inputs else node.op.rebuild(node, inputs)
                continue
            key = (node.op, node.type, inputs)
            found = seen.get(key)
            if found is None:
                found = node if all(a is b for a, b in zip(inputs, node.inputs)) else node.op.rebuild(node, inputs)
                seen[key] = found
            new[node] = found
    return [new[output] for output in outputs]
