"""Python's search for cycles, and why it waits while a graph is rewritten and compiled.

Floor 1. What nobody refers to any more is freed at once; only objects that refer to each other in a circle have to be searched for. Python
searches among all objects whenever they have become a quarter more, so that a graph of 100,000 nodes, while it grows, is
walked through a dozen times. There is nothing to be found in it: nodes refer to their inputs, never to their readers. Compiling a chain
of 30,000 ops took a fifth of its time for this, one of 3,000 next to nothing, so that the time did not grow in proportion. The search among
young objects comes after every 700 of them, and finds nothing either; with ten times as many a chain of 1,000 takes a twentieth less.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NEVER = 1_000_000_000  # searches among younger objects before all objects are searched
YOUNG = 7_000  # new objects before the young ones are searched: what a compilation leaves in circles meanwhile is a megabyte


class Waiting:
    """How many threads are in the middle of something, how often Python searched before the first of them began, and how often since."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.usual = self.chosen = gc.get_threshold()

    def begin(self) -> None:
        """Let searches wait."""
        with self.lock:
            if self.inside == 0:
                self.usual = young, middle, _ = gc.get_threshold()
                gc.set_threshold(max(young, YOUNG) if young else 0, middle, NEVER)  # 0: somebody wants no search at all
                self.chosen = gc.get_threshold()
            self.inside += 1

    def end(self) -> None:
        """Let them take place again, if no other thread wants them to wait."""
        with self.lock:
            self.inside = max(self.inside - 1, 0)
            if self.inside == 0:
                self.restore()

    def restore(self) -> None:
        """Go back to the usual, where nobody else has chosen another number meanwhile."""
        now = gc.get_threshold()
        gc.set_threshold(*[usual if each == ours else each for each, ours, usual in zip(now, self.chosen, self.usual)])

    def alone(self) -> None:
        """Forget the threads that a process had before it was forked; the one that goes on has not been inside, or begins anew."""
        self.lock = threading.Lock()
        self.inside = 0
        self.restore()


waiting = Waiting()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=waiting.alone)


@contextmanager
def full_searches_wait() -> Iterator[None]:
    """Within the block Python searches young objects for cycles rarely and never all (from 3.14 on it does that in small steps anyway).

    >>> with full_searches_wait():
    ...     tl.function([], T.constant(2.0) + 3)()
    array(5.)
    """
    waiting.begin()
    try:
        yield
    finally:
        waiting.end()
