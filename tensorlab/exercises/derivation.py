"""A derivation to go wrong on, and what a slip is.

Floor 6. Read `walk` before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

from ..gradient import grad
from ..graph.node import Node, make_symbol
from ..graph.walk import rebuild
from ..graph.wording import short_text
from .walk import Edge, Way

MOST_NODES = 60
"""Nodes of a cost whose every edge is tried; no exercise by hand is longer, and a longer one would take seconds."""


class Derivation:
    """A cost and what it is derived by, with what is needed to go wrong.

    Attributes:
        cost, by: the two ends.
        symbols: all symbols, by name.
        called: the names of nodes between, from the file.
    """

    def __init__(self, cost: Node, by: Node, symbols: dict[str, Node], called: dict[Node, str]) -> None:
        self.cost, self.by, self.symbols, self.called = cost, by, symbols, called

    @cached_property
    def way(self) -> Way:
        """The way back."""
        return Way(self.cost, self.by)

    @cached_property
    def right(self) -> Node:
        """The derivative."""
        return grad(self.cost, self.by)

    @cached_property
    def edges(self) -> list[Edge]:
        """The edges to try, or none if there are too many."""
        return self.way.edges if len(self.way.order) <= MOST_NODES else []

    def text(self, node: Node) -> str:
        """Return what to call a node in a sentence: its name in the exercise, or how it is made of what has names."""
        if node in self.called:
            return self.called[node]
        names = {inner: make_symbol(inner.type, name) for inner, name in self.called.items()}
        return short_text(rebuild([node], names)[0])

    def inner(self) -> Iterator[Node]:
        """Return the nodes between the variable and the cost, from the cost on."""
        if self.edges:
            yield from (node for node in self.way.order if node not in (self.cost, self.by) and node in self.way.total)


class Wrong(NamedTuple):
    """A wrong derivative, and what to say to whoever found it."""

    formula: Node | None
    words: str

Slip = Callable[[Derivation], Iterator[Wrong]]
