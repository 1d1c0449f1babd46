"""The clock in a program that is profiled: looks at it between the steps of a call that is timed in parts.

Floor 4. Read `../meter.py`, `work.py` and `frame.py` before; what counts the calls and adds the looks up is `counting.py`. Only a program
whose interface says so has any of this. The program then has one argument more, the place for looks: NULL in nearly all calls, 1 in a call
that is timed as a whole.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llvmlite import ir

from ...schedule.kernels import Schedule
from ...schedule.sizes import Size
from ..meter import CALLS, CLOCK_ID, Amount, Row, keys_of
from .blocks import I32, I64, POINTER, Code, number, whole
from .frame import Frame
from .measures import Measures
from .objects import NULL
from .prelude import called
from .work import memory_of, rows_of

AS_WHOLE = ir.Constant(I64, 1).inttoptr(POINTER)
"""What is given as the place for looks where a call is timed from its beginning to its end."""


@dataclass(frozen=True)
class Looks:
    """What a call that is timed in parts leaves on the stack, as 64-bit numbers.

    First the moments: when it began, and when each row ended. Then what was moved and computed, by the keys of the meter. Last the bytes
    that were reserved.
    """

    schedule: Schedule

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of the profile."""
        return rows_of(self.schedule)

    @cached_property
    def keys(self) -> list[Any]:
        """What is added up beside the times."""
        return keys_of(self.rows)

    @property
    def key(self) -> int:
        """The position of the first key."""
        return len(self.rows) + 1

    @property
    def memory(self) -> int:
        """The position of the bytes that were reserved."""
        return self.key + len(self.keys)


class Counters:
    """Reads and writes the counters of a program."""

    def __init__(self, frame: Frame) -> None:
        self.code = frame.code
        self.record = frame.entry("state", "meter")

    def read(self, position: int) -> Any:
        """Return a counter."""
        return self.code.load(self.code.at(self.record, position, I64), I64)

    def write(self, position: int, value: Any) -> None:
        """Set a counter."""
        self.code.store(value, self.code.at(self.record, position, I64))

    def add(self, position: int, value: Any) -> None:
        """Add to a counter."""
        self.write(position, self.code.builder.add(self.read(position), value))


class Timing:
    """Writes the looks at the clock of one program."""

    def __init__(self, frame: Frame, looks: Looks) -> None:
        self.frame, self.code, self.looks = frame, frame.code, looks
        self.passed = 0
        [self.place] = frame.more
        self.in_parts = self.code.builder.icmp_unsigned(">", self.place, AS_WHOLE)

    def look(self) -> None:
        """Look at the clock: a row has ended."""
        self.passed += 1
        with self.code.when(self.in_parts, likely=False):
            self._keep(self.passed, now(self.frame))

    def finish(self, measures: Measures) -> None:
        """Write the end of a call that has succeeded: the last look, and what was moved and computed."""
        self.look()
        assert self.passed == len(self.looks.rows)
        with self.code.when(self.in_parts, likely=False):
            for position, key in enumerate(self.looks.keys, self.looks.key):
                self._keep(position, number(measures.number(Size(1, key))))
            self._keep(self.looks.memory, self._sum(memory_of(self.looks.schedule), measures))

    def fail(self, result: Any) -> None:
        """Write the end of a call that is handed on, or raises: if it is timed, it returns and says so, else it is taken off the count."""
        counters = Counters(self.frame)
        with self.code.when(self.code.builder.icmp_unsigned("!=", self.place, NULL), likely=False):
            self.code.builder.ret(result)
        counters.add(CALLS, whole(-1))

    def _keep(self, position: int, value: Any) -> None:
        self.code.store(value, self.code.at(self.place, position, I64))

    def _sum(self, amount: Amount, measures: Measures) -> Any:
        total: Any = 0
        for key, factor in amount.items():
            total = self.code.add(total, self.code.times(measures.number(Size(1, key)), factor))  # type: ignore[arg-type]
        return number(total)


def now(frame: Frame) -> Any:
    """Write a look at the clock, in ticks."""
    return frame.builder.call(clock(frame.module), [])


def clock(module: ir.Module) -> Any:
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
