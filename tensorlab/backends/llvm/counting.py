"""The door of a program that is profiled: a function that counts the calls, and one that times some of them.

Floor 4. Read `timing.py` before. Both call the program, which is the same code with a profile and without but for its looks at the clock.
A call that is not timed compares two numbers and adds 1 to one of them; if it is handed on, or raises, the program takes the 1 off again.
A call that is timed is counted when it has succeeded. Several threads may be inside: the counters are changed where Python's lock is held.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..meter import (
    CALLS,
    CLOCK,
    COVERED,
    COVERED_IN_PARTS,
    EARLY,
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
)
from .blocks import I64, whole
from .frame import HANDED_ON, Frame
from .interface import COUNTED
from .objects import NULL
from .timing import AS_WHOLE, Counters, Looks, now

TIMED_CALL = "tl_timed"
"""Name of the function that times a call."""


def write_counting(program: Frame, looks: Looks) -> None:
    """Write what is called in place of a program: it counts, and times some calls."""
    timed = TimedCall(Frame(program.module, TIMED_CALL, table=program.table), looks)
    timed.write(program.function)
    frame = Frame(program.module, COUNTED, table=program.table)
    builder, counters = frame.builder, Counters(frame)
    calls = counters.read(CALLS)
    with frame.code.when(builder.icmp_signed(">=", calls, counters.read(NEXT)), likely=False):
        builder.ret(builder.call(timed.frame.function, frame.function.args, tail=True))
    counters.write(CALLS, builder.add(calls, whole(1)))
    frame.finish(builder.call(program.function, [*frame.function.args, NULL], tail=True))


class TimedCall:
    """Writes the function that times a call, and adds to the counters what it sees."""

    def __init__(self, frame: Frame, looks: Looks) -> None:
        self.frame, self.code, self.looks = frame, frame.code, looks
        frame.function.linkage = "internal"
        frame.function.attributes.add("noinline")
        frame.function.attributes.add("cold")
        self.counters = Counters(frame)
        self.place = self.code.slot(I64, looks.memory + 1)

    def write(self, program: Any) -> None:
        """Write the function around a program."""
        frame, code, builder, counters = self.frame, self.code, self.code.builder, self.counters
        turn = counters.read(NEXT_IN_PARTS)
        in_parts = builder.icmp_signed(">=", counters.read(CALLS), turn)
        given = builder.select(in_parts, self.place, AS_WHOLE)
        before = now(frame)  # which fetches the clock into the cache
        start = now(frame)
        code.store(start, self.place)
        result = builder.call(program, [*frame.function.args, given])
        end = now(frame)
        frame.need(builder.icmp_unsigned("!=", result, HANDED_ON))
        frame.need_no_error(builder.icmp_unsigned("!=", result, NULL))
        counters.write(CLOCK, code.smaller(counters.read(CLOCK), builder.sub(start, before)))
        counters.add(CALLS, whole(1))
        clock = counters.read(CLOCK)
        looks = builder.select(in_parts, whole(len(self.looks.rows) + 1), whole(1))
        spent = code.larger(builder.sub(builder.sub(end, start), builder.mul(clock, looks)), 0)
        counters.write(LAST, spent)
        counters.add(TIMED, whole(1))
        cost = builder.mul(clock, whole(4 * WHOLES))
        fair = builder.or_(builder.icmp_signed(">=", spent, cost), builder.icmp_signed("==", turn, whole(0)))
        with code.when(builder.or_(builder.not_(in_parts), fair)):  # short calls take longer in parts, by more than the looks
            calls = counters.read(CALLS)
            counters.add(WHOLE, builder.mul(spent, builder.sub(calls, counters.read(COVERED))))
            counters.write(COVERED, calls)
        self._choose_next(NEXT, spent, cost, end)
        with code.when(in_parts, likely=False):
            self._add_parts(spent, clock, end)
        frame.finish(result)

    def _add_parts(self, spent: Any, clock: Any, end: Any) -> None:
        code, counters, builder, calls = self.code, self.counters, self.code.builder, self.counters.read(CALLS)
        weight = builder.sub(calls, counters.read(COVERED_IN_PARTS))
        counters.write(COVERED_IN_PARTS, calls)
        counters.add(TIMED_IN_PARTS, whole(1))
        looks = [self._seen(position) for position in range(self.looks.key)]
        counters.add(PARTS, builder.mul(builder.sub(looks[-1], looks[0]), weight))
        for position, (begin, finish) in enumerate(pairwise(looks), HEAD):
            counters.add(position, builder.mul(builder.sub(finish, begin), weight))
        for position in range(len(self.looks.keys)):
            counters.add(HEAD + len(self.looks.rows) + position, builder.mul(self._seen(self.looks.key + position), weight))
        counters.write(PEAK, code.larger(counters.read(PEAK), self._seen(self.looks.memory)))
        self._choose_next(NEXT_IN_PARTS, spent, builder.mul(clock, whole(IN_PARTS * (len(self.looks.rows) + 4))), end)

    def _seen(self, position: int) -> Any:
        return self.code.load(self.code.at(self.place, position, I64), I64)

    def _choose_next(self, position: int, spent: Any, cost: Any, moment: Any) -> None:
        """Set the number of a next call; the last digits of the clock serve as dice, so that it keeps no step with the caller."""
        code, builder = self.code, self.code.builder
        calls = self.counters.read(CALLS)
        gap = code.quotient(code.larger(cost, 0), code.larger(spent, 1))
        gap = code.smaller(gap, code.quotient(calls, EARLY))
        about = builder.add(builder.sub(gap, code.quotient(gap, 2)), builder.urem(moment, builder.add(gap, whole(1))))
        self.counters.write(position, builder.add(calls, about))
