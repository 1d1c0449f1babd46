"""What a profile is made of: a row of counters that the running code fills, and the rows of work that they belong to.

Floor 4. Read `work.py` before. All calls are counted. A call whose number has reached `NEXT` is timed: it reads a clock at its beginning
and its end. If its number has reached `NEXT_IN_PARTS` too, it also reads the clock between its steps. What is read is added with a
*weight*, the number of calls since the one before it that was looked at in the same way, so that the sums stand for all calls so far. Then
the number of the next such call is set: so far ahead that whole calls are timed in half a percent of their own time (every one, if they
take more than some microseconds), and parts in half of that. The parts say how the time of the whole is shared out. A first call, which
loads libraries and meets cold memory, stands for itself alone.

How much a step moved and computed is known in sizes (`schedule/sizes.py`), which a call that is timed in parts adds up in the same way.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from ..graph.node import Node

CALLS, NEXT, COVERED, TIMED, WHOLE, LAST, CLOCK, PEAK, NEXT_IN_PARTS, COVERED_IN_PARTS, TIMED_IN_PARTS, PARTS = range(12)
"""Positions of the counters: calls; the number of the next timed call; calls that the times stand for; timed calls; ticks of whole calls
(weighted, without those for reading the clock); of the last timed call alone; of reading the clock (the least); bytes reserved by a call
(the most). The same for calls that are timed in parts: next, covered, timed; and ticks of all their parts (weighted, as they were read)."""
HEAD = 12
WHOLES = 400  # clocks for whole calls are read in at most 1/400 of the time of the calls
IN_PARTS = 800  # and those for parts in 1/800, as far as clocks go; adding up what was moved takes about as long again
EARLY = 4  # but a next call is at most a quarter as far ahead as there were calls so far: a few dozen more looks, and soon a first result
LONG_FOR_PYTHON = 400_000  # nanoseconds of a call from which Python times every one: that takes some 1.5 µs beside large arrays
NEVER = 2**62  # more ticks than there will be
CLOCK_ID: int = getattr(time, "CLOCK_UPTIME_RAW", getattr(time, "CLOCK_MONOTONIC", 0))
"""The clock that native code reads: nanoseconds. On macOS the monotonic one ticks every microsecond, this one every 42 ns."""


@cache
def seconds_a_tick() -> float:
    """Return the length of a tick: a nanosecond, on Windows that of its performance counter."""
    if sys.platform != "win32":
        return 1e-9
    frequency = ctypes.c_int64()
    ctypes.WinDLL("kernel32").QueryPerformanceFrequency(ctypes.byref(frequency))  # type: ignore[attr-defined, unused-ignore]
    return 1.0 / frequency.value


class Amount(dict[Hashable, int]):
    """A number that is known when functions run, as a sum: from what calls add up to the factor it is taken with; () stands for 1."""

    def take(self, key: Hashable, factor: int) -> None:
        """Add a multiple of something."""
        if factor:
            self[key] = self.get(key, 0) + factor


@dataclass
class Row:
    """One piece of work between two looks at the clock.

    Attributes:
        kind: "loop", "product", "scalars", "library", "native part", or "call" for what is done around the work.
        nodes: what it computes.
        bytes: read from memory and written to it, each array once.
        operations: arithmetic.
        words: exp, log and their kin: how often each is computed.
        dtype: of the numbers that it computes with: what its arithmetic is to be compared with.
    """

    kind: str
    nodes: tuple[Node, ...] = ()
    bytes: Amount = field(default_factory=Amount)
    operations: Amount = field(default_factory=Amount)
    words: dict[str, Amount] = field(default_factory=dict)
    dtype: str = "float64"


class Meter:
    """The counters of one function.

    Attributes:
        rows: what the times are of, in order: the first and the last are what is done around the work.
        keys, places: what is added up beside the times, and its positions among the counters.
        memory: what a call reserves, in bytes.
        record: the counters: `HEAD` of them, one per row, one per key.
        tick: seconds.
        skip, skipped: where Python counts: how many calls come before the next one that is added to the record, and how many of them there
            were. They are not in the record yet: an attribute takes Python a third of the time of an item.
        each: whether these calls are long enough for Python to time each of them.
        measured, spent: how many of them it has timed, and their nanoseconds.
    """

    def __init__(self, rows: Sequence[Row], memory: Amount, tick: float) -> None:
        self.rows, self.memory, self.tick = list(rows), memory, tick
        self.keys = keys_of(rows)
        self.places = {key: position for position, key in enumerate(self.keys, HEAD + len(self.rows))}
        self.record = np.zeros(HEAD + len(self.rows) + len(self.keys), np.int64)
        self.counters = memoryview(self.record)  # which Python reads and writes in a third of the time
        self.reset()

    def reset(self) -> None:
        """Forget all calls."""
        self.record[:] = 0
        self.record[CLOCK] = NEVER
        self.skip = self.skipped = self.measured = self.spent = 0
        self.each = False

    @property
    def address(self) -> int:
        """Where the counters lie."""
        return int(self.record.ctypes.data)

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return int(self.record[CALLS]) + self.skipped

    @property
    def timed(self) -> int:
        """How many of them were timed."""
        return int(self.record[TIMED]) + self.measured

    @property
    def timed_in_parts(self) -> int:
        """How many of them were timed in parts."""
        return int(self.record[TIMED_IN_PARTS])

    @property
    def clock(self) -> float:
        """Seconds for one look at the clock."""
        least = int(self.record[CLOCK])
        return 0.0 if least == NEVER else least * self.tick

    def whole(self) -> float:
        """Return the time of all calls in seconds."""
        covered = int(self.record[COVERED]) + self.measured
        return (int(self.record[WHOLE]) + self.spent) * self.tick * self.calls / covered if covered else 0.0

    def seconds(self) -> list[float]:
        """Return the time of each row over all calls: the time of the whole, shared out by the times of the parts."""
        looking = int(self.record[COVERED_IN_PARTS]) * int(self.record[CLOCK])
        parts = [max(each - looking, 0) for each in self.record[HEAD : HEAD + len(self.rows)].tolist()]
        total = sum(parts)
        whole = self.whole()
        return [each / total * whole for each in parts] if total else [0.0] * len(parts)

    def amount(self, amount: Amount) -> float:
        """Return an amount over all calls."""
        covered = int(self.record[COVERED_IN_PARTS])
        total = sum(factor * (covered if key == () else int(self.record[self.places[key]])) for key, factor in amount.items())
        return total * self.calls / covered if covered else 0.0

    # -- counted by Python, in the way of native code
    def add_whole(self, spent: int, clock: int, looking: int, in_parts: bool = False) -> None:
        """Count a call that was timed.

        Args:
            spent: nanoseconds of the call, without those of looking at clocks.
            clock: nanoseconds of one look.
            looking: nanoseconds that it took to time it.
            in_parts: whether it was timed in parts, too: a short call takes longer then, and does not stand for others.
        """
        counters = self.counters
        calls = counters[CALLS] + self.skipped + 1
        counters[CALLS], self.skipped = calls, 0
        if not in_parts or spent >= LONG_FOR_PYTHON or not counters[COVERED]:
            counters[WHOLE] += self.spent + spent * (calls - counters[COVERED] - self.measured)
            counters[TIMED] += self.measured
            self.measured = self.spent = 0
            counters[COVERED] = calls
        counters[TIMED] += 1
        counters[LAST] = spent
        if clock < counters[CLOCK]:
            counters[CLOCK] = clock
        counters[NEXT] = after(calls, WHOLES * looking, spent)
        self.skip, self.each = counters[NEXT] - calls, spent >= LONG_FOR_PYTHON

    def add_parts(self, parts: Sequence[int], sums: Mapping[Hashable, int], peak: int, looking: int) -> None:
        """Count the parts of the call that was counted last."""
        record = self.record
        calls = int(record[CALLS])
        weight = calls - int(record[COVERED_IN_PARTS])
        record[HEAD : HEAD + len(parts)] += weight * np.array(parts)
        for key, position in self.places.items():
            record[position] += weight * sums.get(key, 0)
        record[PARTS] += weight * sum(parts)
        record[TIMED_IN_PARTS] += 1
        record[COVERED_IN_PARTS], record[PEAK] = calls, max(int(record[PEAK]), peak)
        record[NEXT_IN_PARTS] = after(calls, IN_PARTS * looking, int(record[LAST]))
        if self.each:  # then nothing is gained by adding a call to the record before that
            record[NEXT] = record[NEXT_IN_PARTS]
            self.skip = int(record[NEXT]) - calls


def after(calls: int, cost: int, spent: int) -> int:
    """Return the number of the next call to look at: so many calls on that they take as long as `cost`, give or take a half."""
    gap = min(cost // max(spent, 1), calls // EARLY)
    return calls + gap - gap // 2 + spent % (gap + 1)


def keys_of(rows: Sequence[Row]) -> list[Hashable]:
    """Return what the amounts of some rows are made of, in the order in which it is met."""
    amounts = [amount for row in rows for amount in (row.bytes, row.operations, *row.words.values())]
    return list(dict.fromkeys(key for amount in amounts for key in amount if key != ()))
