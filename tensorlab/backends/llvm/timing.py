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
from ..meter import CALLS, CLOCK, CLOCK_ID, COVERED, HEAD, LAST, NEXT, PEAK, SHARE, TIMED, WHOLE, Amount, keys_of
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
        self.timed = builder.icmp_signed(">=", self._counter(CALLS), self._counter(NEXT))
        with code.when(self.timed, likely=False):
            before = self._now()
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
        with self.code.when(self.timed, likely=False):
            self.code.store(self._now(), self.code.at(self.looks, self.passed, I64))

    def finish(self, measures: Measures) -> None:
        """Write the end of a call that has succeeded: the last look, and what is added to the counters."""
        self.look()
        assert self.passed == len(self.rows)
        code, builder = self.code, self.code.builder
        calls = builder.add(self._counter(CALLS), whole(1))
        code.store(calls, self._place(CALLS))
        with code.when(self.timed, likely=False):
            weight = builder.sub(calls, self._counter(COVERED))
            code.store(calls, self._place(COVERED))
            self._add(TIMED, whole(1))
            looks = [code.load(code.at(self.looks, position, I64), I64) for position in range(len(self.rows) + 1)]
            spent = builder.sub(looks[-1], looks[0])
            code.store(spent, self._place(LAST))
            self._add(WHOLE, builder.mul(spent, weight))
            for position, (begin, end) in enumerate(pairwise(looks), HEAD):
                self._add(position, builder.mul(builder.sub(end, begin), weight))
            for position, key in enumerate(self.keys, HEAD + len(self.rows)):
                self._add(position, builder.mul(number(measures.number(Size(1, key))), weight))  # type: ignore[arg-type]
            clock = code.load(self.clock, I64)
            code.store(code.smaller(self._counter(CLOCK), clock), self._place(CLOCK))
            code.store(code.larger(self._counter(PEAK), self._sum(memory_of(self.schedule), measures)), self._place(PEAK))
            self._choose_next(calls, spent, clock, looks[-1])

    def _add(self, position: int, value: Any) -> None:
        self.code.store(self.code.builder.add(self._counter(position), value), self._place(position))

    def _sum(self, amount: Amount, measures: Measures) -> Any:
        total: Any = 0
        for key, factor in amount.items():
            total = self.code.add(total, self.code.times(measures.number(Size(1, key)), factor))  # type: ignore[arg-type]
        return number(total)

    def _choose_next(self, calls: Any, spent: Any, clock: Any, moment: Any) -> None:
        """Set the number of the next timed call; the last digits of the clock serve as dice, so that it keeps no step with the caller."""
        code, builder = self.code, self.code.builder
        looking = builder.mul(clock, whole(SHARE * (len(self.rows) + 2)))
        gap = code.quotient(code.larger(looking, 0), code.larger(spent, 1))
        about = builder.add(builder.sub(gap, code.quotient(gap, 2)), builder.urem(moment, builder.add(gap, whole(1))))
        code.store(builder.add(calls, about), self._place(NEXT))


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
