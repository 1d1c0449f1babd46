"""A stopwatch for the stages of a compilation: whoever wants to know how long each took listens, and nobody else pays for it.

Floor 1. A stage ends with `lap("rewrite")`: the time since the last lap is its own. Without a listener that is one look at a variable.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

listener: ContextVar[Laps | None] = ContextVar("listener", default=None)
"""Who listens in this thread; functions may be compiled in several at once."""


class Laps:
    """Seconds by stage, in the order in which the stages first ended."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = perf_counter()

    def lap(self, stage: str) -> None:
        """Add the time since the last lap to a stage."""
        now = perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now


def lap(stage: str) -> None:
    """Say that a stage has ended.

    >>> with listening() as laps:
    ...     lap("intern")
    >>> list(laps.seconds)
    ['intern']
    """
    laps = listener.get()
    if laps is not None:
        laps.lap(stage)


@contextmanager
def listening(laps: Laps | None = None) -> Iterator[Laps]:
    """Measure the stages that end in a block.

    Args:
        laps: a stopwatch that is running already; by default a new one.
    """
    laps = laps or Laps()
    token = listener.set(laps)
    try:
        yield laps
    finally:
        listener.reset(token)
