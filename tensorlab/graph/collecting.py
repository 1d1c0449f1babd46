"""Python's search for cycles, and why the longest part of it waits while a graph is rewritten.

Floor 1. What nobody refers to any more is freed at once; only objects that refer to each other in a circle have to be searched for. Python
searches among all objects whenever they have become a quarter more, so that a graph of 100,000 nodes, while it grows, is
walked through a dozen times. There is nothing to be found in it: nodes refer to their inputs, never to their readers. Compiling a chain
of 30,000 ops took a fifth of its time for this, one of 3,000 next to nothing, so that the time did not grow in proportion.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NEVER = 1_000_000_000  # young objects, which cost little, are searched as often as before: that many times before all objects are


class Waiting:
    """How many threads are in the middle of something, and how often Python searched all objects before the first of them began."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.usual = gc.get_threshold()[2]

    def begin(self) -> None:
        """Let full searches wait."""
        with self.lock:
            young, middle, full = gc.get_threshold()
            if full != NEVER:
                self.usual = full
                gc.set_threshold(young, middle, NEVER)
            self.inside += 1

    def end(self) -> None:
        """Let them take place again, if no other thread wants them to wait."""
        with self.lock:
            self.inside = max(self.inside - 1, 0)
            if self.inside == 0:
                self.restore()

    def restore(self) -> None:
        """Go back to the usual, unless somebody else has chosen another number meanwhile."""
        young, middle, full = gc.get_threshold()
        if full == NEVER:
            gc.set_threshold(young, middle, self.usual)

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
    """Within the block Python does not search all objects for cycles (from Python 3.14 on it does so in small steps anyway).

    >>> with full_searches_wait():
    ...     tl.function([], T.constant(2.0) + 3)()
    array(5.)
    """
    waiting.begin()
    try:
        yield
    finally:
        waiting.end()
