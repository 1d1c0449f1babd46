"""The loop language: what a program consists of once elementwise work and reductions are fused into loops.

Floor 3. Read `sizes` and `arrays` before. A schedule is a list of steps over arrays. A `Kernel` is one nest of loops: at every point of
its axes it reads elements, computes lines, and stores or folds some of them. A `Product` is a call of a routine. The text of a schedule
is what a reader can look at (`f.source("loops")`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..graph.node import Node
from ..graph.op import Op
from .arrays import Place
from .sizes import ONE, Size, Sizes


@dataclass(frozen=True)
class Access:
    """How a kernel walks over an array.

    Attributes:
        node: the array.
        strides: per axis of the kernel, the elements of memory from one point to the next.
        offset: sizes that add up to where it begins, in elements from the start of the memory; None for the first element of the array.
    """

    node: Node
    strides: tuple[Size, ...]
    offset: tuple[Size, ...] | None = None


@dataclass(frozen=True)
class Read:
    """An operand that is read from memory: number `position` of the kernel's reads."""

    position: int


@dataclass(frozen=True)
class Value:
    """An operand that an earlier line has computed."""

    line: int


@dataclass(frozen=True)
class Number:
    """An operand that is a plain number of some dtype."""

    value: int | float | bool
    dtype: str

    def __eq__(self, other: object) -> bool:  # 0.0, -0.0, False and nan stay apart, and each equals itself
        return isinstance(other, Number) and (repr(self.value), self.dtype) == (repr(other.value), other.dtype)

    def __hash__(self) -> int:
        return hash((repr(self.value), self.dtype))


@dataclass(frozen=True)
class Length:
    """An operand that is a size, as int64: number `position` of the kernel's sizes."""

    position: int


Operand = Read | Value | Number | Length


@dataclass(frozen=True)
class Line:
    """One value per point: an elementwise op on operands of some dtypes; without an op it is its only operand."""

    op: Op | None
    operands: tuple[Operand, ...]
    dtypes: tuple[str, ...]
    dtype: str


@dataclass(frozen=True)
class Position:
    """One value per point: how far the loop over an axis has come, counted from 0."""

    axis: int
    dtype: str


@dataclass(frozen=True)
class Indexed:
    """Where an element lies whose position is computed: per indexed axis its length, its stride in elements, and the position."""

    lengths: tuple[Size, ...]
    strides: tuple[Size, ...]
    positions: tuple[Operand, ...]


@dataclass(frozen=True)
class Take:
    """One value per point: the element of an array at computed positions; number `read` of the kernel's reads says where it begins."""

    read: int
    where: Indexed
    dtype: str


@dataclass(frozen=True)
class Store:
    """A value that is written to memory at every point; with `where` at computed positions, with `adds` to what stands there already."""

    value: Operand
    dtype: str
    access: Access
    where: Indexed | None = None
    adds: bool = False


@dataclass(frozen=True)
class Fold:
    """A value that is joined over some axes of the kernel with a word ("add", "mul", "maximum", "minimum", "and", "or").

    The strides of `access` are 0 along those axes.
    """

    combine: str
    value: Operand
    value_dtype: str
    dtype: str
    axes: frozenset[int]
    access: Access


@dataclass(frozen=True)
class Kernel:
    """One nest of loops.

    Attributes:
        axes: how long each loop is, the innermost last.
        reads: arrays that are read.
        sizes: sizes that are used as numbers.
        lines: what is computed at every point, in order.
        stores, folds: what is kept of it.
        nodes: the nodes of the graph that it computes, for the eye.
    """

    axes: tuple[Size, ...]
    reads: tuple[Access, ...]
    sizes: tuple[Size, ...]
    lines: tuple[Line | Position | Take, ...]
    stores: tuple[Store, ...]
    folds: tuple[Fold, ...]
    nodes: tuple[Node, ...]

    @property
    def picks(self) -> bool:
        """Whether it reads or writes at computed positions, which may not exist."""
        return any(isinstance(line, Take) for line in self.lines) or any(store.where is not None for store in self.stores)

    @property
    def writes(self) -> tuple[Access, ...]:
        """All arrays it writes: stores, folds."""
        return (*(store.access for store in self.stores), *(fold.access for fold in self.folds))

    @property
    def accesses(self) -> tuple[Access, ...]:
        """All arrays it touches: reads, stores, folds."""
        return (*self.reads, *self.writes)


@dataclass(frozen=True)
class Product:
    """A call of a routine of linear algebra: out = b*z + a * left @ right, where z may be missing.

    `node` is the product; `factor` (a) and `kept` (b) are 0-d nodes or None for 1.
    """

    node: Node
    left: Node
    right: Node
    factor: Node | None = None
    start: Node | None = None
    kept: Node | None = None


Step = Kernel | Product


@dataclass
class Schedule:
    """Steps over arrays, and where each array lies.

    Attributes:
        leaves: nodes whose values are given.
        results: nodes that are wanted, in order.
        steps: the work in order.
        places: per node with memory or a view of it, where it lies.
        sizes: the quantities, and what must hold between them.
        literals: leaves that are plain numbers, which need no memory.
        checked: sizes that must not be 0 (an extreme of no elements, a choice in which no index is looked at).
    """

    leaves: tuple[Node, ...]
    results: tuple[Node, ...]
    steps: list[Step]
    places: dict[Node, Place]
    sizes: Sizes
    literals: dict[Node, Number]
    checked: list[Size] = field(default_factory=list)


def simplified(
    axes: Sequence[Size], accesses: Sequence[Access], folds: Sequence[frozenset[int]]
) -> tuple[list[tuple[int, ...]], list[Size]]:
    """Return the loops that are left when axes of length 1 are dropped and axes that are walked as one are joined.

    Returns:
        Per loop left, the axes that it joins, and its length.

    Two neighbours are one loop if for every array the step of the outer one is the whole of the inner one, and both or none are folded.
    """
    groups: list[tuple[int, ...]] = []
    lengths: list[Size] = []
    for axis, length in enumerate(axes):
        if length == ONE:
            continue
        if groups:
            outer = groups[-1][-1]
            fits = all(access.strides[outer] == access.strides[axis] * length for access in accesses)
            if fits and all((outer in folded) == (axis in folded) for folded in folds):
                groups[-1] = (*groups[-1], axis)
                lengths[-1] = lengths[-1] * length
                continue
        groups.append((axis,))
        lengths.append(length)
    return groups, lengths


def along(strides: Sequence[Size], groups: Sequence[tuple[int, ...]]) -> tuple[Size, ...]:
    """Return the strides of loops that join axes: that of the innermost axis of each."""
    return tuple(strides[group[-1]] for group in groups) if groups else ()


