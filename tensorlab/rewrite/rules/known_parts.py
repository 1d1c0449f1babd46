"""Reading parts of arrays of which it is known what they are made of: stacked, joined, filled, arranged or just written ones.

Floor 3. Read `parts` before. Where one of several arrays is read, the others need not be there; but if their lengths had to be compared
when the function runs, they have to be.
"""

from __future__ import annotations

from ...graph.node import Node
from ...graph.types import DTYPES
from ...ops.advanced_indexing import AdvancedIndex
from ...ops.arithmetic import add
from ...ops.assigning import AdvancedIncSubtensor, Assignment, IncSubtensor
from ...ops.choices import Fill, fill
from ...ops.filling import Alloc
from ...ops.functions import exp
from ...ops.index_templates import ARRAY, WHOLE, Cut, Entry, Template
from ...ops.indexing import Subtensor
from ...ops.joining import Join, Segment, join
from ...ops.shapes import DimShuffle, dimshuffle
from ...ops.stacking import Stack, stack
from ..context import Context
from ..rule import canonicalize, procedure
from .parts import as_cut, by_axis, chosen, fitting, number_at
from .positions import distinct


@procedure(
    canonicalize,
    on=[Subtensor, Segment],
    dtypes=DTYPES,
    examples=[
        lambda x, y: stack(x, y * 2)[1] if x.type.ndim == 0 else stack(x, x * 2)[1],
        lambda x: stack(x, exp(x), axis=-1)[..., 0],
        lambda x: Segment(0)(stack(x, exp(x)), 1, 1),
        lambda x: stack(x, exp(x))[-1:],
        lambda x: stack(stack(x, x), stack(exp(x), x))[1, 0],
    ],
    misses=[lambda x, y: stack(x, y)[0], lambda x: stack(x, exp(x))[1:3], lambda x: stack(x, x)[::-1]],
)
def part_of_stack(node: Node, context: Context) -> Node | None:
    """One of the arrays that were stacked is wanted: the others need not be put beside it. Not where their lengths have to be compared."""
    whole = node.inputs[0]
    if not isinstance(context.op(whole), Stack):
        return None
    stacked, count = whole.op.axis, len(whole.inputs)  # type: ignore[union-attr]
    entries = entries_of(node)
    if entries is None:
        return None
    entry = next(each for each, axis in by_axis(entries) if axis == stacked)
    position = one_position(entry, count)
    if position is None or any(not context.may_drop(each, whole.inputs[position]) for each in whole.inputs):
        return None
    kept = whole.inputs[position]
    template = [each for each, axis in by_axis(entries) if axis != stacked]
    if not isinstance(entry, int):
        place = entries.index(None) if None in entries else None
        if place is not None:
            return None
        template.insert(stacked, None)
    if all(each == WHOLE for each in template):
        return fitting(kept, node)
    if None in template:
        axes = iter(range(kept.type.ndim))
        if any(each not in (None, WHOLE) for each in template):
            return fitting(Subtensor(tuple(template))(kept), node)
        return fitting(DimShuffle(tuple("x" if each is None else next(axes) for each in template))(kept), node)
    return fitting(Subtensor(tuple(template))(kept), node)


def entries_of(node: Node) -> Template | None:
    """Return the template of a part that is known ahead: of `x[…]` without symbols, or of a stretch; None for anything else."""
    if isinstance(node.op, Subtensor):
        return node.op.template if len(node.inputs) == 1 else None
    if not isinstance(node.op, Segment):
        return None
    start, length = (number_at(each) for each in node.inputs[1:])
    if start is None or length is None or node.op.last:
        return None
    axis, ndim = node.op.axis, node.type.ndim
    return (WHOLE,) * axis + (Cut(start, start + length),) + (WHOLE,) * (ndim - axis - 1)


def one_position(entry: Entry, length: int) -> int | None:
    """Return the one position of an axis that an entry selects, or None; a stretch that reaches beyond the end is an error to be kept."""
    if isinstance(entry, Cut):
        found = chosen(entry, length)
        return found[0] if len(found) == 1 and (entry.stop is None or -length <= int(entry.stop) <= length) else None
    return entry % length if isinstance(entry, int) and -length <= entry < length else None


@procedure(
    canonicalize,
    on=[Subtensor, Segment],
    dtypes=DTYPES,
    examples=[
        lambda x: join(0, stack(x, exp(x)), stack(x, x))[1],
        lambda x: join(0, stack(x, exp(x)), stack(x, x))[-1],
        lambda x: join(0, stack(x, x), stack(exp(x), x))[2:4],
        lambda x: Segment(0)(join(0, stack(x, x), stack(exp(x), x)), 2, 2),
        lambda x: join(0, x, x * 2)[4] if x.type.shape[:1] == (3,) else join(0, stack(x, x), stack(x, x))[0],
    ],
    misses=[
        lambda x: join(0, x, x)[0],
        lambda x: join(0, stack(x, x), stack(x, x))[1:3],
        lambda x, y: join(0, stack(x, x), stack(y, y))[0],
    ],
)
def part_of_join(node: Node, context: Context) -> Node | None:
    """All that is wanted lies in one of the arrays that were joined: the others need not be put beside it."""
    whole = node.inputs[0]
    if not isinstance(context.op(whole), Join):
        return None
    joined = whole.op.axis  # type: ignore[union-attr]
    entries, length = entries_of(node), whole.type.shape[joined]
    if entries is None or length is None:
        return None
    entry = next(each for each, axis in by_axis(entries) if axis == joined)
    positions = selected(entry, length, isinstance(node.op, Segment))
    start = 0
    for kept in whole.inputs:
        end = start + (kept.type.shape[joined] or 0)
        if positions and start <= min(positions) and max(positions) < end:
            break
        start = end
    else:
        return None
    if any(not context.may_drop(each, kept) for each in whole.inputs):
        return None
    moved = range(positions.start - start, positions.stop - start, positions.step)
    inside = moved[0] if isinstance(entry, int) else as_cut(moved)
    return fitting(Subtensor(tuple(inside if axis == joined else each for each, axis in by_axis(entries)))(kept), node)


def selected(entry: Entry, length: int, to_the_end: bool) -> range:
    """Return the positions that an entry selects of an axis; none if that is an error, `to_the_end` also for a slice that ends too late."""
    if isinstance(entry, int):
        return range(entry % length, entry % length + 1) if -length <= entry < length else range(0)
    assert isinstance(entry, Cut)
    return range(0) if to_the_end and entry.stop is not None and int(entry.stop) > length else chosen(entry, length)


@procedure(
    canonicalize,
    on=[Subtensor, Segment, AdvancedIndex],
    needs=[Fill],
    dtypes=DTYPES,
    examples=[
        lambda x: fill(x, 2.0)[1:],
        lambda x: fill(x, x.sum())[[0, 0, 1]],
        lambda x: Segment(0)(fill(exp(x), 1.0), 0, 2),
        lambda x: fill(x, 2.0)[(0,) * max(x.type.ndim, 1)],
    ],
    misses=[lambda x, y: fill(x, exp(y))[1:]],
)
def part_of_fill(node: Node, context: Context) -> Node | None:
    """Every part of an array that holds one number holds that number: the array need not be filled."""
    filled = node.inputs[0]
    if not isinstance(context.op(filled), Fill) or filled.inputs[1].type.ndim:
        return None
    shape, value = filled.inputs
    assert node.op is not None
    return fitting(fill(node.op(shape, *node.inputs[1:]), value), node)


@procedure(
    canonicalize,
    on=[Subtensor],
    needs=[Alloc],
    dtypes=DTYPES,
    examples=[
        lambda x: Alloc((4, 5), ())(x)[1] if x.type.ndim == 0 else Alloc((4,), ())(x.sum())[1:3],
        lambda x: Alloc((4, "?"), ())(x.sum(), x.shape[0])[0],
        lambda x: Alloc((4, 5), ())(x.sum())[3, ::-2],
    ],
    misses=[
        lambda x: Alloc(("?",), ())(x.sum(), x.shape[0])[0],
        lambda x: Alloc(("?",), ())(x.sum(), x.shape[0])[1:],
        lambda x: Alloc((4, 5), (False,))(x[:5])[0] if x.type.ndim == 1 else x * 2,
    ],
)
def part_of_alloc(node: Node, context: Context) -> Node | None:
    """Every part of an array that was filled with one number holds that number: a smaller array, or the number itself, is enough."""
    (whole,) = node.inputs[:1]
    assert isinstance(node.op, Subtensor)
    if len(node.inputs) > 1 or not isinstance(context.op(whole), Alloc) or whole.inputs[0].type.ndim:
        return None
    value, *lengths = whole.inputs
    old, rest = whole.op.template, iter(lengths)  # type: ignore[union-attr]
    template: list[int | str | None] = []
    kept: list[Node] = []
    for entry, axis in by_axis(node.op.template):
        if axis is None:
            template.append(1)
            continue
        length = old[axis]
        if length == "?":
            if entry != WHOLE:
                return None
            template.append("?")
            kept.append(next(rest))
        elif isinstance(entry, Cut):
            template.append(entry.length(int(length)))
        elif not isinstance(entry, int) or not -length <= entry < length:
            return None
    if not template:
        return fitting(value, node)
    return fitting(Alloc(tuple(template), ())(value, *kept), node)


@procedure(
    canonicalize,
    on=[Subtensor],
    needs=[DimShuffle],
    dtypes=DTYPES,
    examples=[
        lambda x: x.dimshuffle(*range(x.type.ndim), "x")[..., 0],
        lambda x: x.dimshuffle("x", *range(x.type.ndim))[-1],
        lambda x: x.dimshuffle("x", *range(x.type.ndim))[0, 1:],
        lambda x: x.dimshuffle(*reversed(range(x.type.ndim)))[..., 1],
        lambda x: x.dimshuffle(*range(x.type.ndim), "x")[1],
    ],
    misses=[lambda x: x.dimshuffle(*range(x.type.ndim), "x")[1:], lambda x: x.dimshuffle(*reversed(range(x.type.ndim)))[:, 1:]],
)
def part_of_dimshuffle(node: Node, context: Context) -> Node | None:
    """A part is read where it lies; what is left of the arrangement is done afterwards, with fewer axes."""
    (arranged,) = node.inputs[:1]
    assert isinstance(node.op, Subtensor)
    if len(node.inputs) > 1 or not isinstance(context.op(arranged), DimShuffle) or None in node.op.template:
        return None
    (x,) = arranged.inputs
    template: list[Entry] = [0] * x.type.ndim  # an axis that the arrangement drops has length 1
    left: list[int | str] = []
    for entry, axis in zip(node.op.template, arranged.op.pattern):  # type: ignore[union-attr]
        if axis == "x":
            if entry not in (0, -1, WHOLE):
                return None
        else:
            template[int(axis)] = entry
        left += [] if isinstance(entry, int) else [axis]
    part = x if all(each == WHOLE for each in template) else Subtensor(tuple(template))(x)
    kept = [axis for axis, entry in enumerate(template) if not isinstance(entry, int)]
    pattern = ["x" if axis == "x" else kept.index(int(axis)) for axis in left]
    if pattern == list(range(len(kept))):
        return fitting(part, node)
    fewer = any(isinstance(entry, int) for entry, axis in zip(node.op.template, arranged.op.pattern) if axis != "x")  # type: ignore[union-attr]
    return fitting(dimshuffle(part, *pattern), node) if fewer else None


@procedure(
    canonicalize,
    on=[Subtensor, AdvancedIndex],
    dtypes=DTYPES,
    needs_any=[IncSubtensor, AdvancedIncSubtensor],
    examples=[
        lambda x: IncSubtensor((Cut(1),), True)(x, exp(x[1:]))[1:] if x.type.ndim == 1 else IncSubtensor((Cut(1),), True)(x, 2)[1:],
        lambda x: IncSubtensor((1,), True)(x, 3)[1],
        lambda x: IncSubtensor((1,))(x, x[0])[1],
        lambda x: AdvancedIncSubtensor((ARRAY,), True)(x, 2, [0, 2])[[0, 2]] if x.type.ndim == 1 else IncSubtensor((1,))(x, 1)[1],
    ],
    misses=[
        lambda x: IncSubtensor((1,), True)(x, 3)[0],
        lambda x: AdvancedIncSubtensor((ARRAY,))(x, 2, [0, 0])[[0, 0]] if x.type.ndim == 1 else x * 2,
    ],
)
def part_just_written(node: Node, context: Context) -> Node | None:
    """What was put into a part is what is read from it. With index arrays only if they name no position twice."""
    written, *indices = node.inputs
    op = context.op(written)
    assert isinstance(node.op, (Subtensor, AdvancedIndex))
    if not isinstance(op, Assignment) or op.reader() != node.op or any(a is not b for a, b in zip(indices, written.inputs[2:])):
        return None
    if isinstance(node.op, AdvancedIndex) and not distinct(node.op.template, indices):
        return None
    x, new = written.inputs[:2]
    before = node.op(x, *indices)
    return fitting(fill(before, new) if op.set_instead_of_inc else add(before, new), node)
