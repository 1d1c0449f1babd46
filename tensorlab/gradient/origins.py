"""Which cost a gradient came from, for those who check the derivative rules that made it.

Floor 3. The graph of a gradient need not contain the ops whose rules made it: that of x² is 2x, without any square.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from ..graph.node import Node

costs: WeakKeyDictionary[Node, Node] = WeakKeyDictionary()
"""The cost of every result of `T.grad` that is still in use."""


def remember(result: Node, cost: Node) -> None:
    """Note that a node is a derivative of a cost."""
    costs[result] = cost


def origin(node: Node) -> Node | None:
    """Return the cost that a node is a derivative of, or None.

    >>> x = T.scalar("x")
    >>> y = x ** 2
    >>> origin(T.grad(y, x)) is y
    True
    """
    return costs.get(node)
