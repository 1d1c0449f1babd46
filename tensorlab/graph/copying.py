"""Pickling and deep-copying of graphs whose depth knows no limit.

Floor 1. Read `walk` first. A pickler follows references by calling itself, and would run out of stack a few hundred nodes down. The node
that is pickled first therefore sends some of its ancestors ahead: those at every fiftieth level, deepest first. When a node is
written, whatever it is made of has been written at most fifty levels below it. Copies are made in order, without calling
themselves at all.
"""

from __future__ import annotations

import copy
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .walk import ancestors

if TYPE_CHECKING:
    from .node import Node

LEVELS = 50  # Python stops at 1000 calls; pickle uses two a level in C, four in Python
current = threading.local()  # .stretch: a weak reference to the stretch of a pickle that is being written


class Stretch:
    """A stretch of a pickle, in which nodes are written without their ancestors (`shallow`) or with them.

    Its two ends are written like other objects, and that is when the stretch begins and ends. It lives as long as the pickler does, so that
    a pickle that breaks off in the middle leaves no stretch open.
    """

    def __init__(self, shallow: bool) -> None:
        self.shallow = shallow
        self.around: Any = None

    def enclose(self, *values: Any) -> tuple[Any, ...]:
        """Return values between the two ends of the stretch."""
        return (End(self, True), *values, End(self, False))


class End:
    """One of the ends of a stretch."""

    def __init__(self, stretch: Stretch, opens: bool) -> None:
        self.stretch, self.opens = stretch, opens

    def __reduce__(self) -> tuple[Any, ...]:
        if self.opens:
            self.stretch.around = getattr(current, "stretch", None)
            current.stretch = weakref.ref(self.stretch)
        else:
            current.stretch = self.stretch.around
        return nothing, ()


def nothing() -> None:
    """What an end of a stretch is when it is loaded."""


def in_shallow_stretch() -> bool:
    """Say whether nodes are being written without their ancestors."""
    reference = getattr(current, "stretch", None)
    stretch = reference() if reference is not None else None
    return stretch is not None and stretch.shallow


def reduced(node: Node) -> tuple[Any, ...]:
    """Return what `__reduce_ex__` must: how to remake a node, with its ancestors in front unless they are on their way already."""
    make, arguments = node._record()
    later = [getattr(node, name) for name in node._later]
    state = Stretch(shallow=False).enclose(later) if any(each is not None for each in later) else None
    if not node.inputs or in_shallow_stretch():
        return make, arguments, state
    return after, (Stretch(shallow=True).enclose(*landmarks(node), *node.inputs), make, arguments), state


def after(_sent_ahead: tuple[Any, ...], make: Callable[..., Node], arguments: tuple[Any, ...]) -> Node:
    """Remake a node whose ancestors have come before it."""
    return make(*arguments)


def landmarks(node: Node) -> list[Node]:
    """Return the ancestors at every fiftieth level, so that no path between two of them is longer than that."""
    level: dict[Node, int] = {}
    found = []
    for each in ancestors([node]):
        level[each] = below = max([level[inner] for inner in each.inputs]) + 1 if each.inputs else 0
        if below % LEVELS == LEVELS - 1:
            found.append(each)
    return found


def restore(node: Node, state: tuple[Any, ...]) -> None:
    """Give a node what was pickled after it, since it may refer to the node itself."""
    _, later, _ = state
    for name, value in zip(node._later, later):
        setattr(node, name, value)


def deep_copy(node: Node, memo: dict[int, Any]) -> Node:
    """Return a copy of a node and of all that it is made of; what `memo` holds is copied already."""
    made = []
    for each in ancestors([node]):
        if id(each) not in memo:
            memo[id(each)] = each._twin([memo[id(inner)] for inner in each.inputs])
            made.append(each)
    for each in made:
        for name in each._later:
            value = getattr(each, name)
            if value is not None:
                setattr(memo[id(each)], name, copy.deepcopy(value, memo))
    result: Node = memo[id(node)]
    return result
