"""What decides the code of a kernel, and what is known of it before it is written: its form, its folds, what it costs.

Floor 4. Read `schedule/kernels.py` before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...schedule.kernels import Access, Fold, Indexed, Kernel, Line, Position, Take
from ...schedule.sizes import Size, product
from .speaking import long_words

CHUNK = 16384  # elements of one chunk of a long loop: a few such arrays fit the cache; fixed, so that sums depend on the shape alone
LONG_WORD = 12  # what a long word costs, in operations


@dataclass(frozen=True)
class Shape:
    """What decides the code of a kernel: two kernels with the same form share one function.

    Attributes:
        key: everything that the code depends on.
        sizes: the sizes that the context holds behind the addresses, in order.
    """

    key: tuple[Any, ...]
    sizes: tuple[Size, ...]


def form(kernel: Kernel) -> Shape:
    """Return the form of a kernel."""
    sizes: dict[Size, int] = {}

    def spell(size: Size) -> Any:
        return size.known if size.known is not None else ("size", sizes.setdefault(size, len(sizes)))

    def access(each: Access, dtype: str) -> Any:
        return dtype, tuple(map(spell, each.strides))

    def where(each: Indexed | None) -> Any:
        return each and (tuple(map(spell, each.lengths)), tuple(map(spell, each.strides)), each.positions)

    def line(each: Line | Position | Take) -> Any:
        return (each.read, where(each.where), each.dtype) if isinstance(each, Take) else each

    key = (
        tuple(map(spell, kernel.axes)),
        tuple(access(each, each.node.type.dtype) for each in kernel.reads),
        tuple(map(spell, kernel.sizes)),
        tuple(map(line, kernel.lines)),
        tuple((store.value, access(store.access, store.dtype), where(store.where), store.adds) for store in kernel.stores),
        tuple((fold.combine, fold.value, fold.value_dtype, fold.axes, access(fold.access, fold.dtype)) for fold in kernel.folds),
    )
    return Shape(key, tuple(sizes))


def closing_axis(fold: Fold, rank: int) -> int:
    """Return the first axis of the innermost run of folded axes: rank if the innermost axis is kept."""
    axis = rank
    while axis and axis - 1 in fold.axes:
        axis -= 1
    return axis


def is_whole(fold: Fold, rank: int) -> bool:
    """Say whether a fold leaves nothing of the axes: its chunks are put together by whoever calls."""
    return rank > 0 and closing_axis(fold, rank) == 0


def adds_in(fold: Fold) -> str:
    """Return the dtype in which a fold over all axes hands over its chunks."""
    return "float64" if fold.combine == "add" and fold.dtype == "float32" else fold.dtype


def neutral(combine: str, dtype: str) -> Any:
    """Return the number that changes nothing when it is joined."""
    if combine in ("add", "or"):
        return False if dtype == "bool" else 0
    if combine in ("mul", "and"):
        return True if dtype == "bool" else 1
    if dtype.startswith("float"):
        return -np.inf if combine == "maximum" else np.inf
    limits = np.iinfo(dtype)
    return int(limits.min if combine == "maximum" else limits.max)


def cost(kernel: Kernel) -> int:
    """Return about how many simple operations a point takes."""
    return max(1, len(kernel.lines) + len(kernel.folds) + LONG_WORD * all_long_words(kernel))


SMALL = 1024  # operations up to which a kernel of known lengths is put where it is called, and never runs on several threads


def is_small(kernel: Kernel) -> bool:
    """Say whether it is known that a kernel has little to do."""
    elements = product(kernel.axes).known
    return elements is not None and elements * cost(kernel) <= SMALL


def all_long_words(kernel: Kernel) -> int:
    """Return how many long words a kernel speaks at a point."""
    return sum(long_words(line.op, line.dtypes) for line in kernel.lines if isinstance(line, Line))
