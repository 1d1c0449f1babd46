"""What a call takes outside the function: Python's way in, and letting its results go. Measured apart, when it is first needed.

Floor 4. No function can see this of itself, since it is over when it begins and ends before. For a call of some hundred nanoseconds it is a
third of what a caller measures; so it is measured once with a call of nothing and with arrays of one number, and told as a row of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import repeat
from time import perf_counter

import numpy as np

ROUNDS = 2000  # calls of one measurement: a tenth of a millisecond, hundreds of times what it takes to read a clock
BATCHES = 7  # of which the fastest counts: whatever else the machine does makes one longer
KEPT = 7  # results that are let go at a time: as many as NumPy keeps at hand of one size (NCACHE in its alloc.c)


def seconds_around(results: int, as_list: bool) -> float:
    """Return the seconds of a call outside the function.

    Args:
        results: how many arrays it returns.
        as_list: whether they come as a list.
    """
    return way_in() + results * release(new_array) + as_list * release(new_list)


@cache
def way_in() -> float:
    """Return the seconds that Python takes to call an object whose class has a builtin as its `__call__`, as compiled functions have."""
    nothing = type("Nothing", (), {"__call__": callable})()  # a builtin that asks one pointer of its argument

    def calls() -> float:
        start = perf_counter()
        for _ in repeat(None, ROUNDS):
            nothing(1)
        return perf_counter() - start

    def loop() -> float:
        start = perf_counter()
        for _ in repeat(None, ROUNDS):
            pass
        return perf_counter() - start

    return max(fastest(calls) - fastest(loop), 0.0) / ROUNDS


@cache
def release(make: Callable[[], object]) -> float:
    """Return the seconds that it takes to let go of one small thing that nobody else holds."""

    def spent() -> float:
        total = 0.0
        for _ in repeat(None, ROUNDS // KEPT // 2):
            things = [make() for _ in range(KEPT)]
            before = perf_counter()
            start = perf_counter()
            things.clear()
            total += perf_counter() - start - (start - before)
        return total

    return max(fastest(spent), 0.0) / (ROUNDS // KEPT // 2 * KEPT)


def new_array() -> object:
    """Return an array of one number."""
    return np.empty(())


def new_list() -> object:
    """Return a list of one thing that stays."""
    return [None]


def fastest(measure: Callable[[], float]) -> float:
    """Return the least of some measurements."""
    return min(measure() for _ in range(BATCHES))
