"""What the steps of a schedule move and compute, in sizes: the rows of its profile.

Floor 4. Read `schedule/nests.py` and `../meter.py` before. Neighbouring kernels that run together, block of rows by block of rows, are one
row: nobody could say where one ends and the other begins.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...graph.node import Node
from ...schedule.kernels import Access, Kernel, Line, Product, Schedule, Step, Take
from ...schedule.memory import layout
from ...schedule.nests import nests
from ...schedule.sizes import ONE, Size, product
from ..meter import Amount, Meter, Row, seconds_a_tick
from ..work import effort
from .blocks import BYTES


def meter_for(schedule: Schedule) -> Meter:
    """Return counters for the program of a schedule."""
    return Meter(rows_of(schedule), memory_of(schedule), seconds_a_tick())


def rows_of(schedule: Schedule) -> list[Row]:
    """Return the rows of the profile of a schedule: what is done before the work, its nests in order, and what is done after it."""
    return [Row("call"), *(Accounts(schedule).row(nest) for nest in nests(schedule)), Row("call")]


def memory_of(schedule: Schedule) -> Amount:
    """Return how many bytes a call reserves: for what it computes on the way, and for its results."""
    total = Amount()
    for size, dtype in layout(schedule).slots:
        add(total, schedule, size, BYTES[dtype])
    for node in dict.fromkeys(schedule.results):
        place = schedule.places[node]
        add(total, schedule, product(place.lengths), BYTES[node.type.dtype])
    return total


def add(amount: Amount, schedule: Schedule, size: Size, factor: int = 1) -> None:
    """Add a multiple of a size to an amount."""
    settled = schedule.sizes.settled(size)
    amount.take(settled.parts, settled.factor * factor)


class Accounts:
    """Adds up what the steps of one nest do."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    def row(self, nest: list[Step]) -> Row:
        """Return the row of a nest."""
        first = nest[0]
        if isinstance(first, Product):
            return self._product(first)
        kernels = [step for step in nest if isinstance(step, Kernel)]
        kind = "loop" if any(kernel.axes for kernel in kernels) else "scalars"
        nodes = tuple(dict.fromkeys(node for kernel in kernels for node in kernel.nodes))
        row = Row(kind, nodes, dtype=widest(nodes))
        known: set[Node] = set()  # fetched or made by this nest: the next kernel finds it in the cache
        for kernel in kernels:
            self._kernel(kernel, row, known)
        return row

    def _kernel(self, kernel: Kernel, row: Row, known: set[Node]) -> None:
        points = product(kernel.axes)
        taken = {line.read for line in kernel.lines if isinstance(line, Take)}
        for position, read in enumerate(kernel.reads):
            base = self.schedule.places[read.node].base
            if base not in known:
                known.add(base)
                size = points if position in taken else walked(read, kernel)
                add(row.bytes, self.schedule, size, BYTES[read.node.type.dtype])
        for store in kernel.stores:
            size = points if store.where is not None else walked(store.access, kernel)
            add(row.bytes, self.schedule, size, BYTES[store.dtype] * (2 if store.adds else 1))
            if store.adds:
                add(row.operations, self.schedule, points)
            known.add(store.access.node)
        for fold in kernel.folds:
            add(row.bytes, self.schedule, walked(fold.access, kernel), BYTES[fold.dtype])
            add(row.operations, self.schedule, points)
            known.add(fold.access.node)
        for line in kernel.lines:
            if isinstance(line, Line):
                found = effort(line.op, len(line.operands))
                add(row.operations, self.schedule, points, found.operations)
                for word, times in found.words.items():
                    add(row.words.setdefault(word, Amount()), self.schedule, points, times)

    def _product(self, step: Product) -> Row:
        places, dtype = self.schedule.places, step.node.type.dtype
        row = Row("product", (step.node,), dtype=dtype)
        result = product(places[step.node].lengths)
        add(row.operations, self.schedule, result * places[step.left].lengths[-1], 2)
        for node in (step.left, step.right, step.node, *([step.start] if step.start is not None else [])):
            add(row.bytes, self.schedule, product(places[node].lengths), BYTES[dtype])
        return row


def walked(access: Access, kernel: Kernel) -> Size:
    """Return how many elements of an array a kernel visits, each once."""
    return product(length for length, stride in zip(kernel.axes, access.strides) if stride.known != 0) if kernel.axes else ONE


def widest(nodes: Iterable[Node]) -> str:
    """Return the dtype of the numbers that some nodes compute with: float64 beside float32."""
    dtypes = {node.type.dtype for node in nodes}
    return "float32" if "float32" in dtypes and "float64" not in dtypes else "float64"
