"""What a profiled function does beside computing: it counts its calls, times some of them, and remembers how it was compiled.

Floor 4. Read `backends/meter.py` and `timed_source.py` before. Native code counts and times by itself; here is what comes on top: calls
whose arguments Python has to read, calls that NumPy computes, and functions that run as Python altogether.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Any

import numpy as np

from ..backends.base import Runner, StepError
from ..backends.meter import CALLS, LAST, NEVER, NEXT, NEXT_IN_PARTS, Amount, Meter, Row
from ..backends.reference import LONGEST, located
from ..backends.source import compiled, write_source
from ..graph.node import Node
from ..laps import Laps, listening
from ..schedule.plan import Program
from .timed_source import Looks, Stretch, timed

EVERY = 8  # of short calls that Python reads, one in so many is timed once the first few are; each takes Python some 5 µs anyway
LONG = 100_000  # nanoseconds of a call from which every one is timed
COUNTING = 10_000  # nanoseconds that it takes to add a timed call to the record here: 3 µs, and more while the caches hold other things


class Detour:
    """Calls that took a way around native code.

    Attributes:
        calls, timed: how many there were, and how many were timed.
        seconds: of the timed ones, without what native code or NumPy took inside.
        last: nanoseconds of the last timed one, with that.
    """

    def __init__(self) -> None:
        self.calls = self.timed = self.last = 0
        self.seconds = 0.0

    @property
    def total(self) -> float:
        """Seconds of all of them."""
        return self.seconds * self.calls / self.timed if self.timed else 0.0

    def add(self, nanoseconds: int) -> None:
        """Note a call that was timed."""
        self.timed += 1
        self.seconds += max(nanoseconds, 0) * 1e-9


class Here(threading.local):
    """What a thread is about: whether it is inside a call that is timed in parts, and what was seen of it."""

    timing = False
    looks: Any = None


class Recording:
    """The profile of one function while it is being made.

    Attributes:
        title: what the function is called.
        meter: the counters.
        read_by_python, by_numpy: calls on a detour.
        laps: seconds by stage of the compilation.
        fired: how often each rule fired.
        inner: per row of the meter that is a native part, the counters of that part.
        names: of nodes that are new values of shared variables.
        results, as_list: how many arrays a call returns, and whether in a list.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.meter: Meter | None = None
        self.read_by_python, self.by_numpy = Detour(), Detour()
        self.laps = Laps()
        self.fired: Counter[str] = Counter()
        self.inner: dict[int, Meter] = {}
        self.names: dict[Node, str] = {}
        self.results, self.as_list = 0, False
        self._here = Here()
        self._timing = 0  # threads inside a call that is timed in parts: mostly none, which costs less to ask than what is a thread's own

    def compiling(self) -> Any:
        """Return a block in which the stages of the compilation are timed."""
        self.laps = Laps()  # which starts now
        return listening(self.laps)

    def compiled(self, history: Sequence[Any]) -> None:
        """Note what is known once the function is there."""
        self.laps.lap("rest")
        self.fired.update(each.rule.name for each in history)

    def reset(self) -> None:
        """Forget all calls."""
        for meter in (self.meter, *self.inner.values()):
            if meter is not None:
                meter.reset()
        self.read_by_python, self.by_numpy = Detour(), Detour()

    # -- beside native code
    def slowly(self, take_over: Callable[..., Any]) -> Callable[..., Any]:
        """Return what takes over calls from native code, with a look at the time that Python needs for that."""

        def slowly(*arguments: Any, **named: Any) -> Any:
            detour, meter = self.read_by_python, self.meter
            assert meter is not None
            detour.calls += 1
            if detour.calls > EVERY and detour.calls % EVERY and detour.last < LONG:
                return take_over(*arguments, **named)
            record = meter.record
            record[NEXT] = record[LAST] = 0  # the call inside is timed too: its time is taken off
            numpy_before = self.by_numpy.seconds
            start = perf_counter_ns()
            result = take_over(*arguments, **named)
            detour.last = whole = perf_counter_ns() - start
            detour.add(whole - round((int(record[LAST]) * meter.tick + self.by_numpy.seconds - numpy_before) * 1e9))
            return result

        return slowly

    def by_reference(self, take_over: Callable[..., Any]) -> Callable[..., Any]:
        """Return what computes on NumPy instead of native code, timed."""

        def by_reference(*arguments: Any) -> Any:
            start = perf_counter_ns()
            result = take_over(*arguments)
            self.by_numpy.calls += 1
            self.by_numpy.add(perf_counter_ns() - start)
            return result

        return by_reference

    # -- in Python
    def runner(self, plain: Runner, program: Program, kind: str) -> Runner:
        """Return a program that runs as Python, and knows how to be timed.

        Args:
            plain: what runs without a profile, and in calls that are not timed.
            program: what it computes.
            kind: "numpy", "native parts", or "whole" for what cannot be looked into.
        """
        fresh = plain.fresh
        if kind == "whole" or len(program.steps) > LONGEST:
            nodes = tuple(step.node for step in program.steps)
            self.meter = Meter([Row("call"), Row("whole", nodes), Row("call")], Amount(), 1e-9)

            def run_timed(given: Sequence[Any]) -> list[Any]:
                looks = self._here.looks = Looks((), ())
                try:
                    return plain.run(given)
                finally:
                    looks.spent.append(perf_counter_ns() - looks.begin)
        else:
            if kind == "native parts":
                from ..backends.llvm.backend import Graph, Mixed

                writer = Mixed(Graph.of(program), profiled=True)
                lines = {line: Stretch(tuple(part.nodes), tuple(map(writer.name, part.reads)), tuple(map(writer.name, part.writes)), True)
                         for line, part in writer.parts.items()}
                source, stretches = timed(writer.source, lines)
                positions = [position for position, each in enumerate(stretches) if each.native]
                self.inner = {position + 1: writer.meters[line] for position, line in zip(positions, lines) if line in writer.meters}
                fresh = tuple(map(all, zip(fresh, writer.fresh)))
            else:
                source, stretches = timed(write_source(program), {})
            run_steps = compiled(source, "<tensorlab program, timed>")
            inner = list(self.inner.values())
            rows = [each.row(position) for position, each in enumerate(stretches)]
            self.meter = Meter([Row("call"), *rows, Row("call")], Amount(), 1e-9)

            def run_timed(given: Sequence[Any]) -> list[Any]:
                looks = self._here.looks = Looks(stretches, inner)
                try:
                    with np.errstate(all="ignore"):
                        return run_steps(*given, looks)
                except StepError:
                    raise
                except Exception as problem:
                    found = located(problem, run_steps, source)
                    if found is None:
                        raise
                    raise found from problem

        def run(given: Sequence[Any]) -> list[Any]:
            return run_timed(given) if self._timing and self._here.timing else plain.run(given)

        return Runner(run, fresh, plain.source)

    def timed_call(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """Return `__call__` of a function that runs as Python, which counts and times its calls."""
        meter = self.meter
        assert meter is not None

        def call(function: Any, *arguments: Any, **named: Any) -> Any:
            if meter.skipped < meter.skip and not meter.each:  # what `plain` does, without the way into it, which is half of all the cost
                given = function._read(arguments, named)
                if function._targets:
                    result = function._form(function._turn.run(type(function)._update, function, given))
                else:
                    result = function._form(function._compute(given))
                meter.skipped += 1
                return result
            if meter.skipped < meter.skip:
                start = perf_counter_ns()
                result = plain(function, *arguments, **named)
                spent = perf_counter_ns() - start
                meter.spent += spent  # in a line of its own: other threads may run while the clock is read
                meter.measured += 1
                meter.skipped += 1
                return result
            here, counters = self._here, meter.counters
            if here.timing:  # a call inside another one
                result = plain(function, *arguments, **named)
                meter.skipped += 1
                return result
            if counters[CALLS] + meter.skipped < counters[NEXT_IN_PARTS]:
                start = perf_counter_ns()
                result = plain(function, *arguments, **named)
                meter.add_whole(perf_counter_ns() - start, NEVER, COUNTING)
                return result
            here.timing, here.looks = True, None
            self._timing += 1
            try:
                before = perf_counter_ns()
                start = perf_counter_ns()
                result = plain(function, *arguments, **named)
                end = perf_counter_ns()
            finally:
                here.timing = False
                self._timing -= 1
            self._add(meter, here.looks, start, end, start - before)
            return result

        return call

    def _add(self, meter: Meter, looks: Looks, start: int, end: int, clock: int) -> None:
        """Add one call that was timed in parts."""
        first = looks.begin - start
        last = end - start - first - sum(looks.spent) - looks.apart
        parts = [first, *looks.spent, last]
        meter.add_whole(sum(parts), clock, COUNTING, in_parts=True)
        meter.add_parts(parts, looks.sums, looks.peak, looks.apart + COUNTING + len(parts) * clock)
