"""What a profile is made of: a row of counters that the running code fills, and the rows of work that they belong to.

Floor 4. Read `work.py` before. All calls are counted. A call whose number has reached `NEXT` is timed as well: it reads a clock before,
between and after the steps, and adds every time with a *weight*, the number of calls since the one that was timed before it; so the
sums are estimates for all calls so far, and sums of parts are sums of the whole. Then it sets `NEXT`, so far ahead that reading clocks
takes less than half a percent of the time of the calls: at once where a call takes long, after a hundred others where it takes less than
a microsecond. A first call, which loads libraries and meets cold memory, stands for itself alone.

How much a step moved and computed is known in sizes (`schedule/sizes.py`), which a timed call adds up in the same way.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from ..graph.node import Node

CALLS, NEXT, COVERED, TIMED, WHOLE, LAST, CLOCK, PEAK = range(8)
"""Positions of the counters: calls; the number of the next timed call; calls that the times stand for; timed calls; ticks of whole calls
(weighted); of the last timed call alone; of reading the clock (the least); bytes reserved by a call (the most)."""
HEAD = 8
SHARE = 200  # a timed call comes at most this often: its clocks are read in 1/200 of the time of the calls between
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
        keys: what is added up beside the times.
        memory: what a call reserves, in bytes.
        record: the counters: `HEAD` of them, one per row, one per key.
        tick: seconds.
    """

    def __init__(self, rows: Sequence[Row], memory: Amount, tick: float) -> None:
        self.rows, self.memory, self.tick = list(rows), memory, tick
        self.keys = keys_of(rows)
        self.record = np.zeros(HEAD + len(self.rows) + len(self.keys), np.int64)
        self.counters = memoryview(self.record)  # which Python reads in half the time
        self.reset()

    def reset(self) -> None:
        """Forget all calls."""
        self.record[:] = 0
        self.record[CLOCK] = NEVER

    @property
    def address(self) -> int:
        """Where the counters lie."""
        return int(self.record.ctypes.data)

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return int(self.record[CALLS])

    @property
    def timed(self) -> int:
        """How many of them were timed."""
        return int(self.record[TIMED])

    @property
    def _all(self) -> float:
        """What the sums are multiplied with to stand for all calls."""
        covered = int(self.record[COVERED])
        return self.calls / covered if covered else 0.0

    @property
    def clock(self) -> float:
        """Seconds for one look at the clock."""
        least = int(self.record[CLOCK])
        return 0.0 if least == NEVER else least * self.tick

    def seconds(self) -> list[float]:
        """Return the time of each row over all calls. What it takes to look at the clock, once a row, is taken off."""
        ticks = self.record[HEAD : HEAD + len(self.rows)].tolist()
        covered, all_calls = int(self.record[COVERED]), self._all
        return [max(each * self.tick - covered * self.clock, 0.0) * all_calls for each in ticks]

    def whole(self) -> float:
        """Return the time of all calls in seconds: of the rows together, measured as one."""
        covered = int(self.record[COVERED])
        ticks = int(self.record[WHOLE])
        return max(ticks * self.tick - covered * self.clock * len(self.rows), 0.0) * self._all

    def amount(self, amount: Amount) -> float:
        """Return an amount over all calls."""
        start = HEAD + len(self.rows)
        sums = {key: int(value) for key, value in zip(self.keys, self.record[start:])}
        covered = int(self.record[COVERED])
        return sum(factor * (sums[key] if key != () else covered) for key, factor in amount.items()) * self._all


def keys_of(rows: Sequence[Row]) -> list[Hashable]:
    """Return what the amounts of some rows are made of, in the order in which it is met."""
    amounts = [amount for row in rows for amount in (row.bytes, row.operations, *row.words.values())]
    return list(dict.fromkeys(key for amount in amounts for key in amount if key != ()))
