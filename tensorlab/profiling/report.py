"""`f.profile`: where the time of a compiled function went, as figures that can be read, printed and shown.

Floor 4. Read `recording.py` and `limits.py` before. The figures are those of the moment in which they are asked for; the function goes on
counting.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TextIO

from ..backends.meter import PEAK, Meter, Row
from ..backends.work import LONG_WORD
from ..graph.errors import ProfileError
from ..graph.node import Node
from .around import seconds_around
from .limits import Limits, limits
from .recording import Recording
from .wording import called, lines_of

TITLES = {
    "loop": "loop", "scalars": "scalars", "product": "product", "library": "library call", "elementwise": "elementwise",
    "reduction": "reduction", "view": "view", "native part": "native part", "whole": "whole program",
}  # fmt: skip


@dataclass(frozen=True)
class Share:
    """One line of a profile: a step, with its figures over all calls.

    Attributes:
        kind: "loop", "product", "scalars", "library call", "elementwise", "reduction", "view", or what is done around the work.
        what: what it computes, in the reader's names.
        where: the lines of the reader's that it comes from.
        nodes: the nodes that it computes.
        calls: how often it ran.
        seconds: its time.
        share: of the time of the function, from 0 to 1.
        bytes: read from memory and written to it.
        operations: additions, products, comparisons.
        words: how often exp, log and their kin were computed.
        dtype: that its arithmetic is compared in.
    """

    kind: str
    what: str = ""
    where: str = ""
    nodes: tuple[Node, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    share: float = 0.0
    bytes: float = 0.0
    operations: float = 0.0
    words: dict[str, float] = field(default_factory=dict)
    dtype: str = "float64"

    @property
    def bandwidth(self) -> float:
        """Bytes a second."""
        return self.bytes / self.seconds if self.seconds else 0.0

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds if self.seconds else 0.0

    @property
    def work(self) -> float:
        """Operations, with each long word taken for some."""
        return self.operations + LONG_WORD * sum(self.words.values())

    def of_limit(self, machine: Limits) -> tuple[float, str]:
        """Return the least time that the machine would need by the time taken, and what would hold it back: "memory" or "arithmetic".

        More than 1 means that the arrays did not come from memory, but from the cache.
        """
        least, bound = machine.least(self.bytes, self.work, self.dtype)
        return (least / self.seconds if self.seconds else 0.0), bound


class Profile:
    """Where the time of a compiled function went.

    Print it for a table, or let a notebook show it. `str(f.profile)` is the table; the figures are attributes.

    Raises:
        ProfileError: a figure is asked for, and the function was compiled without a profile.
    """

    def __init__(self, recording: Recording | None, title: str) -> None:
        self._recording, self.title = recording, title

    def __bool__(self) -> bool:
        return self._recording is not None

    @property
    def recording(self) -> Recording:
        """What counts and times."""
        if self._recording is None:
            raise ProfileError(f"the profile of {self.title}", "it was compiled without one, so its calls are not timed",
                               "tl.function(…, profile=True), or TENSORLAB_FLAGS=profile=true for all functions")
        return self._recording

    @property
    def _meter(self) -> Meter:
        meter = self.recording.meter
        assert meter is not None
        return meter

    # -- the whole
    @property
    def calls(self) -> int:
        """How many calls there were."""
        return self._meter.calls + self.recording.by_numpy.calls

    @property
    def timed(self) -> int:
        """How many of them were timed: all where a call takes long, few where it takes no longer than to read a clock."""
        return self._meter.timed + self.recording.by_numpy.timed

    @property
    def timed_in_parts(self) -> int:
        """How many of them were timed step by step; the others are shared out in the same way."""
        return self._meter.timed_in_parts + self.recording.by_numpy.timed

    @property
    def seconds(self) -> float:
        """The time of all calls, as their caller sees it; where not all were timed, an estimate."""
        return sum(each.seconds for each in self._untold())

    @property
    def memory(self) -> int:
        """Bytes that a call holds at most, its results included; arguments, constants and shared variables are not counted."""
        return int(self._meter.record[PEAK])

    @property
    def stages(self) -> dict[str, float]:
        """Seconds by stage of the compilation."""
        return dict(self.recording.laps.seconds)

    @property
    def fired(self) -> Counter[str]:
        """How often each rule fired."""
        return Counter(self.recording.fired)

    @property
    def machine(self) -> Limits:
        """The limits of this machine; measured at the first look, which takes a quarter of a second."""
        return limits()

    # -- the parts
    @property
    def rows(self) -> list[Share]:
        """All steps, in the order in which they run, and what is done around them."""
        rows = self._untold()
        total = sum(each.seconds for each in rows)
        return [shared(each, total) for each in rows]

    def _untold(self) -> list[Share]:
        """Return all steps, without their shares."""
        recording, meter = self.recording, self._meter
        calls, times = meter.calls, meter.seconds()
        rows: list[Share] = []
        for position, (row, time) in enumerate(zip(meter.rows, times)):
            inner = recording.inner.get(position)
            if inner is not None and inner.timed:
                rows += parts_of(inner, time, calls, recording.names)
            elif row.kind == "call":
                does = "arguments, memory" if position == 0 else "results"
                rows.append(Share(does, calls=calls, seconds=time))
            else:
                rows.append(told(row, meter, time, calls, recording.names))
        for detour, does in ((recording.read_by_python, "on the way through Python"), (recording.by_numpy, "computed by NumPy")):
            if detour.calls:
                rows.append(Share(does, calls=detour.calls, seconds=detour.total))
        if self.calls:
            around = seconds_around(recording.results, recording.as_list)
            rows.append(Share("Python's call, results let go", calls=self.calls, seconds=self.calls * around))
        return rows

    @property
    def by_op(self) -> dict[str, tuple[float, int]]:
        """Seconds and number of steps by what they do: "product: dot", "loop: add, exp, mul"; the longest first."""
        found: dict[str, tuple[float, int]] = {}
        for each in self.rows:
            names = sorted({node.op.name for node in each.nodes if node.op is not None})
            key = f"{each.kind}: {', '.join(names)}" if names else each.kind
            time, count = found.get(key, (0.0, 0))
            found[key] = time + each.seconds, count + 1
        return dict(sorted(found.items(), key=lambda item: -item[1][0]))

    @property
    def shares(self) -> dict[Node, float]:
        """From each node to the share of the step that computes it, from 0 to 1; nodes that run in one loop have one share together."""
        found: dict[Node, float] = {}
        for each in self.rows:
            for node in each.nodes:
                found[node] = max(found.get(node, 0.0), each.share)
        return found

    def reset(self) -> None:
        """Forget all calls so far, say those of a first round that warms up."""
        self.recording.reset()

    # -- to be seen
    def summary(self, file: TextIO | None = None) -> None:
        """Print the table, as Theano's `f.profile.summary()` does."""
        print(self, file=file or sys.stderr)

    def __str__(self) -> str:
        from .table import text

        return text(self) if self else f"no profile of {self.title}: compile it with tl.function(…, profile=True)"

    __repr__ = __str__

    def chart(self) -> Any:
        """Return a matplotlib figure: bars of the time by step, and the steps under the roof of this machine."""
        from .chart import chart

        return chart(self)

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        if not self:
            return {"text/plain": str(self)}
        from .table import html

        bundle = {"text/html": html(self), "text/plain": str(self)}
        return {key: value for key, value in bundle.items() if (not include or key in include) and key not in (exclude or ())}


def told(row: Row, meter: Meter, time: float, calls: int, names: Mapping[Node, str]) -> Share:
    """Return a row of a meter as a step with its figures."""
    words = {word: meter.amount(amount) for word, amount in row.words.items()}
    computed = [node for node in row.nodes if node.op is not None]
    return Share(TITLES.get(row.kind, row.kind), called(computed, names), lines_of(computed), row.nodes, calls, time, 0.0,
                 meter.amount(row.bytes), meter.amount(row.operations), words, row.dtype)  # fmt: skip


def parts_of(inner: Meter, time: float, calls: int, names: Mapping[Node, str]) -> list[Share]:
    """Return the steps of a native part of a program that runs as Python; what is not in them is spent on the way in and out."""
    covered = inner.calls
    more = calls / covered if covered else 0.0  # the part counts in timed calls only
    rows = []
    for row, seconds in zip(inner.rows, inner.seconds()):
        if row.kind != "call":
            step = told(row, inner, seconds * more, calls, names)
            amounts = {"bytes": step.bytes * more, "operations": step.operations * more}
            rows.append(replace(step, **amounts, words={word: times * more for word, times in step.words.items()}))
    spent = sum(each.seconds for each in rows)
    if spent > time > 0:  # the two clocks disagree by what they cost
        rows = [replace(each, seconds=each.seconds * time / spent) for each in rows]
        spent = time
    return [*rows, Share("into native code and out", calls=calls, seconds=time - spent)]


def shared(each: Share, total: float) -> Share:
    """Return a step with its share of a whole."""
    return replace(each, share=each.seconds / total if total else 0.0)
