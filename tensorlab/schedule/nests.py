"""Neighbouring kernels that run together, block of rows by block of rows, so that what one writes the next still finds in the cache.

Floor 3. Read `kernels` before. A row-wise softmax, for instance, is three kernels (maximum; exponentials and their sum; quotient) that only
ever look at one row: run in blocks, each element is fetched from memory once. The same holds for a long chain of elementwise work that was
cut into several kernels.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..graph.node import Node
from .arrays import row_strides
from .kernels import Access, Kernel, Schedule, Step
from .sizes import Size


def nests(schedule: Schedule) -> list[list[Step]]:
    """Return the steps in order, neighbours that may run in blocks together as one list."""
    found: list[list[Step]] = []
    written: dict[Node, Size] = {}  # by the open nest: array -> stride along the rows
    for step in schedule.steps:
        nest = found[-1] if found else []
        if isinstance(step, Kernel) and in_rows(step):
            first = nest[0] if nest else None
            if isinstance(first, Kernel) and in_rows(first) and first.axes[0] == step.axes[0] and follows(step, written, schedule):
                nest.append(step)
            else:
                found.append([step])
                written = {}
            written.update(rows_written(step))
        else:
            found.append([step])
    return found


def in_rows(kernel: Kernel) -> bool:
    """Say whether a kernel may run in blocks: it has rows, and joins nothing over them but what is joined over everything."""
    rank = len(kernel.axes)
    over_rows = any(0 in fold.axes and len(fold.axes) < rank for fold in kernel.folds)
    return rank > 0 and kernel.axes[0].known is None and not kernel.picks and not over_rows


def rows_written(kernel: Kernel) -> dict[Node, Size]:
    """Return the arrays that a kernel writes, and their strides along the rows: 0 where it does not stay within its row."""
    result = {}
    for access in kernel.writes:
        stays = stays_in_row(access, kernel) and access.offset is None
        result[access.node] = access.strides[0] if stays else Size(0)
    return result


def stays_in_row(access: Access, kernel: Kernel) -> bool:
    """Say whether an access touches, at every row, only what lies within one stride along the rows."""
    natural = row_strides(kernel.axes)
    inner = list(zip(access.strides[1:], natural[1:]))
    if all(stride.known == 0 for stride, _ in inner):
        return True
    return access.strides[0] == natural[0] and all(stride.known == 0 or stride == wanted for stride, wanted in inner)


def follows(kernel: Kernel, written: dict[Node, Size], schedule: Schedule) -> bool:
    """Say whether a kernel, row by row, needs no more of what was written than the same row."""
    for read in kernel.reads:
        base = schedule.places[read.node].base
        if base not in written:
            continue
        plain = read.offset is None and not schedule.places[read.node].offset  # it begins where the memory does, also as a view
        if not plain or written[base].known == 0 or read.strides[0] != written[base] or not stays_in_row(read, kernel):
            return False
    return all(access.node not in written for access in kernel.writes)


def numbered(groups: Sequence[Sequence[Step]]) -> dict[int, int]:
    """Return the number of the nest of each step, by the step's id."""
    return {id(step): number for number, group in enumerate(groups) for step in group}
