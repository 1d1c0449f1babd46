"""Which views cost nothing: cards whose result is the same memory under other lengths, strides and offset.

Floor 3. Read `arrays` and `sizes` before. Each function here says where the result of one card lies, in sizes. A view that is not
listed is computed by its own card, on arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph.node import Constant, Node
from ..graph.op import Op
from ..graph.types import is_integer
from ..ops.assigning import IncSubtensor
from ..ops.broadcasting import Rebroadcast, SpecifyShape
from ..ops.choices import Cast
from ..ops.families import Elementwise
from ..ops.filling import Alloc
from ..ops.index_templates import POINT, WHOLE, Cut
from ..ops.indexing import Subtensor
from ..ops.joining import Segment
from ..ops.reshaping import Flatten, Reshape
from ..ops.shapes import AxisLength, DimShuffle
from .arrays import Place, row_strides
from .sizes import ONE, ZERO, Size, Sizes, product

Bound = int | Node | None


def known_ahead(node: Node) -> bool:
    """Say whether a whole scalar is known before any array is computed: made of lengths and given scalars alone."""
    pending, seen = [node], {node}
    while pending:
        each = pending.pop()
        if each.type.ndim or not (is_integer(each.type.dtype) or each.type.dtype == "bool"):
            return False
        if each.op is None or isinstance(each.op, AxisLength):
            continue
        if not isinstance(each.op, Elementwise):
            return False
        for one in each.inputs:
            if one not in seen:
                seen.add(one)
                pending.append(one)
    return True


def size_of(node: Node, sizes: Sizes, places: dict[Node, Place]) -> Size:
    """Return the value of a whole scalar as a size."""
    while isinstance(node.op, Cast) and is_integer(node.inputs[0].type.dtype) and node.inputs[0] in places:
        node = node.inputs[0]
    if isinstance(node, Constant):
        return Size(int(node.value))
    if isinstance(node.op, AxisLength) and node.inputs[0] in places:  # else it is given itself
        return places[node.inputs[0]].lengths[node.op.axis]
    return sizes.new("value", node)


def dimshuffle(op: DimShuffle, node: Node, sizes: Sizes, places: dict[Node, Place]) -> Place:
    x = places[node.inputs[0]]
    lengths = tuple(ONE if axis == "x" else x.lengths[int(axis)] for axis in op.pattern)
    strides = tuple(ZERO if axis == "x" else x.strides[int(axis)] for axis in op.pattern)
    return Place(x.base, lengths, strides, x.offset)


def rebroadcast(op: Rebroadcast, node: Node, sizes: Sizes, places: dict[Node, Place]) -> Place:
    x = places[node.inputs[0]]
    lengths = tuple(sizes.agree(length, ONE) if stretches else length for stretches, length in zip(op.pattern, x.lengths))
    return Place(x.base, lengths, x.strides, x.offset)


def specify_shape(op: SpecifyShape, node: Node, sizes: Sizes, places: dict[Node, Place]) -> Place:
    x = places[node.inputs[0]]
    rest = iter(node.inputs[1:])
    wanted = [size_of(next(rest), sizes, places) if entry == "?" else entry for entry in op.template]
    lengths = tuple(
        length if entry is None else sizes.agree(length, entry if isinstance(entry, Size) else Size(int(entry)))
        for entry, length in zip(wanted, x.lengths)
    )
    return Place(x.base, lengths, x.strides, x.offset)


def subtensor(
    op: Subtensor | IncSubtensor, node: Node, sizes: Sizes, places: dict[Node, Place], bounds_given: Sequence[Node] | None = None
) -> Place:
    """Where a part lies that numbers and slices select; also the part that an assignment writes to."""
    x = places[node.inputs[0]]
    rest = iter(node.inputs[1:] if bounds_given is None else bounds_given)
    lengths: list[Size] = []
    strides: list[Size] = []
    offset = list(x.offset)
    axis = 0
    for entry in (*op.template, *[WHOLE] * (x_rank(op.template, len(x.lengths)))):
        if entry is None:
            lengths.append(ONE)
            strides.append(ZERO)
            continue
        whole, stride = x.lengths[axis], x.strides[axis]
        axis += 1
        if isinstance(entry, Cut):
            bounds: list[Bound] = [next(rest) if bound == POINT else near(bound) for bound in (entry.start, entry.stop)]
            step = near(int(entry.step or 1)) if not isinstance(entry.step, str) else 0
            if bounds == [None, None] and step == 1:
                lengths.append(whole)
                strides.append(stride)
                continue
            start, count = cut(whole, bounds, step, sizes)
            offset.append(start * stride)
            lengths.append(whole if bounds == [None, None] and step == -1 else count)
            strides.append(Size(step) * stride)
        else:
            offset.append(sizes.new("position", whole, next(rest) if entry == POINT else near(entry)) * stride)
    return Place(x.base, tuple(lengths), tuple(strides), tuple(offset))


FAR = 2**62  # beyond every length, so what lies farther away selects the same, and fits in 64 bits


def near(bound: Any) -> Any:
    """Return a bound or step of a slice, or a position, no farther away than `FAR`."""
    return bound if bound is None else max(-FAR, min(FAR, int(bound)))


def x_rank(template: Sequence[Any], rank: int) -> int:
    """Return how many axes a template leaves unnamed at the end."""
    return rank - sum(entry is not None for entry in template)


def cut(whole: Size, bounds: Sequence[Bound], step: int, sizes: Sizes) -> tuple[Size, Size]:
    """Return the start and the count of a slice; numbers where all is known."""
    low, high = bounds
    if whole.known is not None and not isinstance(low, Node) and not isinstance(high, Node):
        places = range(*slice(low, high, step).indices(whole.known))
        return Size(places.start), Size(len(places))
    asked = (whole, bounds[0], bounds[1], step)
    return sizes.new("start", *asked), sizes.new("count", *asked)


def segment(op: Segment, node: Node, sizes: Sizes, places: dict[Node, Place]) -> Place:
    x = places[node.inputs[0]]
    start, count = (size_of(each, sizes, places) for each in node.inputs[1:])
    sizes.new("fits", start, count, x.lengths[op.axis], op.last)
    lengths = (*x.lengths[: op.axis], count, *x.lengths[op.axis + 1 :])
    return Place(x.base, lengths, x.strides, (*x.offset, start * x.strides[op.axis]))


def reshape(op: Reshape, node: Node, sizes: Sizes, places: dict[Node, Place]) -> Place:
    x = places[node.inputs[0]]
    rest = iter(node.inputs[1:])
    lengths = [size_of(next(rest), sizes, places) if entry == "?" else Size(int(entry)) for entry in op.template]  # type: ignore[arg-type]
    total = product(x.lengths)
    if -1 in op.template:
        free = op.template.index(-1)
        others = product(length for axis, length in enumerate(lengths) if axis != free)
        known = node.type.shape[free]
        lengths[free] = Size(known) if known is not None else total if others == ONE else sizes.new("rest", total, others)
    sizes.agree(total, product(lengths))
    return Place(x.base, tuple(lengths), row_strides(lengths), x.offset)


def flatten(op: Flatten, node: Node, sizes: Sizes, places: dict[Node, Place]) -> Place:
    x = places[node.inputs[0]]
    lengths = (*x.lengths[: op.ndim - 1], product(x.lengths[op.ndim - 1 :]))
    return Place(x.base, lengths, row_strides(lengths), x.offset)


def alloc(op: Alloc, node: Node, sizes: Sizes, places: dict[Node, Place]) -> Place:
    x = places[node.inputs[0]]
    rest = iter(node.inputs[1:])
    lengths = [size_of(next(rest), sizes, places) if entry == "?" else Size(int(entry)) for entry in op.template]  # type: ignore[arg-type]
    new = len(lengths) - len(x.lengths)
    strides = [ZERO] * new
    for axis, (stretches, length, stride) in enumerate(zip(op.stretches, x.lengths, x.strides), new):
        if not stretches:
            lengths[axis] = sizes.agree(lengths[axis], length)
        strides.append(ZERO if stretches else stride)
    return Place(x.base, tuple(lengths), tuple(strides), x.offset)


VIEWS: dict[type[Op], Callable[[Any, Node, Sizes, dict[Node, Place]], Place]] = {
    DimShuffle: dimshuffle, Rebroadcast: rebroadcast, SpecifyShape: specify_shape, Subtensor: subtensor, Segment: segment,
    Reshape: reshape, Flatten: flatten, Alloc: alloc,
}  # fmt: skip
"""Cards whose result is a view, and where it lies. Alloc is one whose strides are 0: nothing is filled until somebody needs it."""
NEED_ROWS = (Reshape, Flatten)
"""Views that can only be taken of an array that lies row by row."""


def is_view(node: Node) -> bool:
    """Say whether a node is a view whose place can be known before anything runs."""
    if type(node.op) not in VIEWS:
        return False
    if isinstance(node.op, Subtensor) and any(isinstance(entry, Cut) and isinstance(entry.step, str) for entry in node.op.template):
        return False
    return all(map(known_ahead, node.inputs[1:]))
