"""A program that runs as Python, with a look at the clock after every step.

Floor 4. Read `backends/source.py` and `backends/meter.py` before. The text is the one that runs without a profile, with one line more
after each step; calls that are not timed run the plain text. Between two steps the arrays are asked for their sizes, off the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from ..backends.meter import NEXT, NEXT_IN_PARTS, Amount, Meter, Row
from ..backends.source import Source
from ..backends.work import effort
from ..graph.node import Node
from ..ops.families import Elementwise, Reduction, View
from ..schedule.plan import Step
from ..schedule.survey import ROUTINES


@dataclass(frozen=True)
class Stretch:
    """Some lines of the text that belong together: a step, or the call of a native part.

    Attributes:
        nodes: what they compute.
        reads, writes: names of arrays.
        native: whether it is a part in native code.
    """

    nodes: tuple[Node, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    native: bool = False

    @classmethod
    def of(cls, step: Step) -> Stretch:
        """Return the lines of a step."""
        return cls((step.node,), tuple(f"b{number}" for number in step.reads), (f"b{step.writes}",))

    def row(self, position: int) -> Row:
        """Return the row of a profile that its time belongs to."""
        row = Row("native part" if self.native else "library", self.nodes)
        if self.native:
            row.bytes.take(("bytes", position), 1)
            return row
        [node] = self.nodes
        row.dtype = "float32" if node.type.dtype == "float32" else "float64"
        points = ("points", position)
        if isinstance(node.op, Elementwise):
            row.kind, found = "elementwise", effort(node.op, len(node.inputs))
            row.operations.take(points, found.operations)
            row.words = {word: Amount({points: times}) for word, times in found.words.items()}
        elif isinstance(node.op, Reduction):
            row.kind = "reduction"
            row.operations.take(points, 1)
        elif type(node.op) in ROUTINES:
            row.kind = "product"
            row.operations.take(points, 2)
        elif isinstance(node.op, View) or (node.op is not None and node.op.of_shape):  # which move nothing
            row.kind = "view" if isinstance(node.op, View) else "library"
            return row
        row.bytes.take(("bytes", position), 1)
        return row

    def points(self, reads: Sequence[Any], writes: Sequence[Any]) -> int:
        """Return how many elements are computed, folded, or multiplied."""
        op = self.nodes[0].op
        if isinstance(op, Reduction):
            return size_of(reads[0])
        if type(op) in ROUTINES and getattr(reads[0], "ndim", 0):
            return size_of(writes[0]) * int(reads[0].shape[-1])
        return size_of(writes[0])


def size_of(array: Any) -> int:
    """Return the number of elements of an array, 0 for what is none."""
    return int(getattr(array, "size", 0))


def bytes_of(arrays: Sequence[Any]) -> int:
    """Return the bytes of some arrays, each counted once."""
    return sum({id(each): int(getattr(each, "nbytes", 0)) for each in arrays}.values())


class Looks:
    """What one timed call of a program sees.

    Attributes:
        begin: when the program began, end: when the last step ended, both in nanoseconds.
        spent: per step.
        apart: nanoseconds between the steps, in which sizes were asked for.
        sums: by key of the meter.
        peak: the most bytes of computed arrays at one time.
    """

    def __init__(self, stretches: Sequence[Stretch], inner: Sequence[Meter]) -> None:
        self.stretches = stretches
        self.spent: list[int] = []
        self.sums: dict[Any, int] = {}
        self.peak = self.alive = self.apart = 0
        for meter in inner:
            meter.record[NEXT] = meter.record[NEXT_IN_PARTS] = 0
        self.begin = self.resumed = perf_counter_ns()

    def look(self, writes: tuple[Any, ...], reads: tuple[Any, ...]) -> None:
        """Note that a step has ended, and what it wrote and read."""
        now = perf_counter_ns()
        position = len(self.spent)
        self.spent.append(now - self.resumed)
        stretch = self.stretches[position]
        self.sums["bytes", position] = bytes_of((*writes, *reads))
        self.sums["points", position] = stretch.points(reads, writes)
        self.alive += sum(int(getattr(each, "nbytes", 0)) for each in writes if getattr(each, "base", None) is None)
        self.peak = max(self.peak, self.alive)
        self.resumed = perf_counter_ns()
        self.apart += self.resumed - now

    def free(self, *arrays: Any) -> None:
        """Note that some arrays are about to be let go."""
        now = perf_counter_ns()
        self.alive -= sum(int(getattr(each, "nbytes", 0)) for each in arrays if getattr(each, "base", None) is None)
        self.apart += perf_counter_ns() - now


def timed(source: Source, parts: Mapping[int, Stretch]) -> tuple[Source, list[Stretch]]:
    """Return a program's text with looks between the steps, and the steps in order.

    Args:
        source: the text that runs without a profile.
        parts: lines that are no steps, but work all the same.

    The new function takes one argument more at the end: a `Looks`.
    """
    new = Source(names=source.names, fresh=source.fresh)
    stretches: list[Stretch] = []
    head = source.lines[0]
    new.add(head.replace("):", ", looks):" if "()" not in head else "looks):"))
    for number, line in enumerate(source.lines[1:], 2):
        step = source.steps.get(number)
        if line.startswith("    del "):
            new.add(f"    looks.free({line.removeprefix('    del ')})")
        new.add(line, step)
        stretch = parts.get(number) or (Stretch.of(step) if step is not None and source.steps.get(number + 1) is not step else None)
        if stretch is not None:
            stretches.append(stretch)
            new.add(f"    looks.look({tuple_of(stretch.writes)}, {tuple_of(stretch.reads)})")
    return new, stretches


def tuple_of(names: Sequence[str]) -> str:
    """Return the text of a tuple of some variables.

    >>> tuple_of(["b1"]), tuple_of([])
    ('(b1, )', '()')
    """
    return f"({''.join(f'{each}, ' for each in names)})"
