"""The clock in a program that is profiled: looks at it between the steps, and counters that the looks are added to.

Floor 4. Read `../meter.py`, `work.py` and `frame.py` before. Only a program whose interface says so has any of this. A call that is not
timed compares two numbers when it begins and adds 1 to one of them when it ends. The looks of a timed call stay on its stack until it has
succeeded: a call that is handed on, or raises, leaves no trace. Several threads may be inside: the counters are changed where Python's
lock is held.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

from llvmlite import ir

from ...schedule.kernels import Schedule
from ...schedule.sizes import Size
from ..meter import (
    CALLS,
    CLOCK,
    CLOCK_ID,
    COVERED,
    COVERED_IN_PARTS,
    HEAD,
    IN_PARTS,
    LAST,
    NEXT,
    NEXT_IN_PARTS,
    PARTS,
    PEAK,
    TIMED,
    TIMED_IN_PARTS,
    WHOLE,
    WHOLES,
    Amount,
    keys_of,
)
from .blocks import I32, I64, Code, number, whole
from .frame import Frame
from .measures import Measures
from .prelude import called
from .work import memory_of, rows_of


class Timing:
    """Writes the looks at the clock of one program."""

    def __init__(self, frame: Frame, schedule: Schedule) -> None:
        self.frame, self.code, self.schedule = frame, frame.code, schedule
        self.rows = rows_of(schedule)
        self.keys = keys_of(self.rows)
        self.passed = 0
        code, builder = self.code, self.code.builder
        self.record = frame.entry("state", "meter")
        self.looks = code.slot(I64, len(self.rows) + 1)
        self.clock = code.slot(I64)
        calls = self._counter(CALLS)
        self.timed = builder.icmp_signed(">=", calls, self._counter(NEXT))
        self.in_parts = builder.and_(self.timed, builder.icmp_signed(">=", calls, self._counter(NEXT_IN_PARTS)))
        with code.when(self.timed, likely=False):
            code.store(self._now(), self.looks)
        with code.when(self.in_parts, likely=False):
            before = self._now()  # the clock has been fetched into the cache by now
            start = self._now()
            code.store(builder.sub(start, before), self.clock)
            code.store(start, self.looks)

    def _place(self, position: int) -> Any:
        return self.code.at(self.record, position, I64)

    def _counter(self, position: int) -> Any:
        return self.code.load(self._place(position), I64)

    def _now(self) -> Any:
        return self.code.builder.call(now(self.frame.module), [])

    def look(self) -> None:
        """Look at the clock: a row has ended."""
        self.passed += 1
        with self.code.when(self.in_parts, likely=False):
            self.code.store(self._now(), self.code.at(self.looks, self.passed, I64))

    def finish(self, measures: Measures) -> None:
        """Write the end of a call that has succeeded: the last look, and what is added to the counters."""
        self.passed += 1
        assert self.passed == len(self.rows)
        code, builder = self.code, self.code.builder
        calls = builder.add(self._counter(CALLS), whole(1))
        code.store(calls, self._place(CALLS))
        with code.when(self.timed, likely=False):
            end = self._now()
            with code.when(self.in_parts, likely=False):
                code.store(code.smaller(self._counter(CLOCK), code.load(self.clock, I64)), self._place(CLOCK))
            clock = self._counter(CLOCK)
            spent = builder.sub(end, code.load(self.looks, I64))
            looks = builder.select(self.in_parts, whole(len(self.rows)), whole(1))
            net = code.larger(builder.sub(spent, builder.mul(clock, looks)), 0)
            weight = builder.sub(calls, self._counter(COVERED))
            self._add(WHOLE, builder.mul(net, weight))
            self._add(TIMED, whole(1))
            code.store(calls, self._place(COVERED))
            code.store(net, self._place(LAST))
            self._choose_next(NEXT, calls, net, builder.mul(clock, whole(3 * WHOLES)), end)
            with code.when(self.in_parts, likely=False):
                code.store(end, code.at(self.looks, len(self.rows), I64))
                self._add_parts(calls, net, clock, end, measures)

    def _add_parts(self, calls: Any, net: Any, clock: Any, end: Any, measures: Measures) -> None:
        code, builder = self.code, self.code.builder
        weight = builder.sub(calls, self._counter(COVERED_IN_PARTS))
        code.store(calls, self._place(COVERED_IN_PARTS))
        self._add(TIMED_IN_PARTS, whole(1))
        looks = [code.load(code.at(self.looks, position, I64), I64) for position in range(len(self.rows) + 1)]
        self._add(PARTS, builder.mul(builder.sub(looks[-1], looks[0]), weight))
        for position, (begin, finish) in enumerate(pairwise(looks), HEAD):
            self._add(position, builder.mul(builder.sub(finish, begin), weight))
        for position, key in enumerate(self.keys, HEAD + len(self.rows)):
            self._add(position, builder.mul(number(measures.number(Size(1, key))), weight))  # type: ignore[arg-type]
        code.store(code.larger(self._counter(PEAK), self._sum(memory_of(self.schedule), measures)), self._place(PEAK))
        self._choose_next(NEXT_IN_PARTS, calls, net, builder.mul(clock, whole(IN_PARTS * (len(self.rows) + 3))), end)

    def _add(self, position: int, value: Any) -> None:
        self.code.store(self.code.builder.add(self._counter(position), value), self._place(position))

    def _sum(self, amount: Amount, measures: Measures) -> Any:
        total: Any = 0
        for key, factor in amount.items():
            total = self.code.add(total, self.code.times(measures.number(Size(1, key)), factor))  # type: ignore[arg-type]
        return number(total)

    def _choose_next(self, position: int, calls: Any, spent: Any, cost: Any, moment: Any) -> None:
        """Set the number of a next call; the last digits of the clock serve as dice, so that it keeps no step with the caller."""
        code, builder = self.code, self.code.builder
        gap = code.quotient(code.larger(cost, 0), code.larger(spent, 1))
        about = builder.add(builder.sub(gap, code.quotient(gap, 2)), builder.urem(moment, builder.add(gap, whole(1))))
        code.store(builder.add(calls, about), self._place(position))


def now(module: ir.Module) -> Any:
    """Return the function of a module that reads the clock: i64 (), in ticks."""
    if "tl_now" in module.globals:
        return module.globals["tl_now"]
    function = ir.Function(module, ir.FunctionType(I64, []), "tl_now")
    function.linkage = "internal"
    function.attributes.add("noinline")
    code = Code(function)
    moment = code.slot(I64, 2)  # struct timespec of 64-bit platforms: seconds, nanoseconds
    if sys.platform == "win32":
        code.builder.call(called(module, "QueryPerformanceCounter"), [moment])
        code.builder.ret(code.load(moment, I64))
        return function
    code.builder.call(called(module, "clock_gettime"), [ir.Constant(I32, CLOCK_ID), moment])
    seconds, rest = code.load(moment, I64), code.load(code.at(moment, 1, I64), I64)
    code.builder.ret(code.builder.add(code.builder.mul(seconds, whole(1_000_000_000)), rest))
    return function
