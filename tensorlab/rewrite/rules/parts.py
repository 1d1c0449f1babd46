"""Reading parts of arrays, `x[…]`: all of x, a part of a part, one element of an expression. What x is made of is in `known_parts`.

Floor 3. Read `ops/index_templates.py` before. A part that lies outside its array raises an error when a function runs, and must go on
doing so: where a rule would read less, it makes sure that what is left raises just as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...graph.node import Constant, Node
from ...graph.types import DTYPES, Length, number_of_elements
from ...ops.arithmetic import Add, Mul, Neg, Sqr, Sub
from ...ops.choices import Cast, Fill
from ...ops.families import Elementwise
from ...ops.functions import exp
from ...ops.index_templates import POINT, WHOLE, Cut, Entry, Template, markers
from ...ops.indexing import Subtensor
from ...ops.joining import Segment
from ...ops.shapes import DimShuffle
from ...ops.stacking import stack
from ..context import Context, stands_for
from ..rule import canonicalize, procedure

BACKWARD = Cut(None, None, -1)


def by_axis(template: Template) -> Iterator[tuple[Entry, int | None]]:
    """Yield the entries of a template without arrays, each with the axis that it takes from; None for a new axis."""
    axis = 0
    for entry in template:
        yield entry, None if entry is None else axis
        axis += entry is not None


def read(x: Node, entry: Entry, bounds: Sequence[int] = ()) -> Node:
    """Return a part of the first axis, for the examples."""
    return Subtensor((entry, *(WHOLE for _ in x.type.shape[1:])))(x, *bounds) if x.type.ndim else x[0]


def chosen(cut: Cut, length: int) -> range:
    """Return the positions that a slice without symbols selects of an axis."""
    return range(length)[slice(*(None if bound is None else int(bound) for bound in (cut.start, cut.stop, cut.step)))]


def number_at(node: Node) -> int | None:
    """Return the whole number that a 0-d constant holds, or None."""
    return int(node.value) if isinstance(node, Constant) and node.type.ndim == 0 else None


@procedure(
    canonicalize,
    on=[Subtensor],
    needs=[Constant],
    dtypes=DTYPES,
    examples=[lambda x: read(x, POINT, bounds=[1]), lambda x: read(x, Cut(POINT, None, 2), bounds=[1])],
    misses=[lambda x: x[1:]],
)
def position_known(node: Node, context: Context) -> Node | None:
    """A position that is known ahead belongs to the instruction, where other rules can see it."""
    assert isinstance(node.op, Subtensor)
    x, *bounds = node.inputs
    rest = iter(bounds)
    left: list[Node] = []

    def known(entry: Entry) -> Entry:
        if isinstance(entry, Cut):
            return Cut(*(known(bound) for bound in (entry.start, entry.stop, entry.step)))  # type: ignore[arg-type]
        if entry != POINT:
            return entry
        bound = next(rest)
        number = number_at(bound)
        if number is None:
            left.append(bound)
        return entry if number is None else number

    template = tuple(map(known, node.op.template))
    if len(left) == len(bounds) or any(isinstance(entry, Cut) and entry.step == 0 for entry in template):
        return None
    return fitting(Subtensor(template)(x, *left), node)


def fitting(result: Node | None, node: Node) -> Node | None:
    """Return a node if its type may stand for that of another, else None."""
    return result if result is not None and stands_for(result.type, node.type) else None


@procedure(
    canonicalize,
    on=[Subtensor, Segment],
    dtypes=DTYPES,
    examples=[
        lambda x: Subtensor((WHOLE,) * x.type.ndim)(x),
        lambda x: x[0:],
        lambda x: x[::1],
        lambda x: Segment(0)(x, 0, 3) if x.type.shape[0] == 3 else x[:],
        lambda x: stack(x, x)[:2],
    ],
    misses=[lambda x: x[1:], lambda x: x[:3], lambda x: x[::-1]],
)
def part_is_all(node: Node, context: Context) -> Node | None:
    """A part from the beginning to the end is the array itself."""
    x = node.inputs[0]
    if isinstance(node.op, Segment):
        length = x.type.shape[node.op.axis]
        whole = length is not None and number_at(node.inputs[1]) == 0 and number_at(node.inputs[2]) == length
        return fitting(x, node) if whole else None
    assert isinstance(node.op, Subtensor)
    whole = all(axis is not None and all_of(entry, x.type.shape[axis]) for entry, axis in by_axis(node.op.template))
    return fitting(x, node) if whole else None


def all_of(entry: Entry, length: Length) -> bool:
    """Say whether an entry of a template selects an axis from its beginning to its end."""
    if not isinstance(entry, Cut) or POINT in (entry.start, entry.stop, entry.step):
        return False
    if length is not None:
        return chosen(entry, length) == range(length)
    return entry.start in (None, 0) and entry.stop is None and entry.step in (None, 1)


@procedure(
    canonicalize,
    on=[Subtensor],
    needs=[Subtensor],
    dtypes=DTYPES,
    examples=[
        lambda x: x[1:][1],
        lambda x: x[1:][0:1],
        lambda x: x[::-1][0],
        lambda x: x[::-1][::-1],
        lambda x: x[1:3][:5],
        lambda x: x[0][1],
        lambda x: x[::2][1],
        lambda x: x[:2][0],
        lambda x: x[1:][:, 1],
        lambda x: stack(x, x, x, x)[::-1][1:][::2],
    ],
    misses=[
        lambda x: x[::2][1:],
        lambda x: x[1:][-1],
        lambda x: x[:-1][1],
        lambda x: x[:2][2],
        lambda x: x[:2:2][1],
        lambda x: x[::-1][1:],
    ],
)
def part_of_part(node: Node, context: Context) -> Node | None:
    """Two steps of reading are one, where numbers say which; with a negative step only if the length is known."""
    (inner,) = node.inputs[:1]
    assert isinstance(node.op, Subtensor)
    if not isinstance(context.op(inner), Subtensor) or POINT in (*markers(node.op.template), *markers(inner.op.template)):  # type: ignore[union-attr]
        return None
    (x,) = inner.inputs
    outer = iter(node.op.template)
    template: list[Entry] = []
    for first, axis in by_axis(inner.op.template):  # type: ignore[union-attr]
        if isinstance(first, int):
            template.append(first)
            continue
        second = next(outer)
        while second is None:
            template.append(None)
            second = next(outer)
        if axis is None:
            if second not in (0, -1, WHOLE):
                return None
            template += [None] if second == WHOLE else []
            continue
        assert isinstance(first, Cut)
        both = merged(first, second, x.type.shape[axis])
        if both is None:
            return None
        template.append(both)
    template += outer
    return fitting(Subtensor(tuple(template))(x), node)


def merged(first: Cut, second: Entry, length: Length) -> Entry:
    """Return what `[first][second]` selects of an axis, as one entry; None if that cannot be said, or would raise other errors."""
    if not isinstance(second, (int, Cut)):
        return None
    if first == WHOLE:
        return second
    if second == WHOLE:
        return first
    if length is not None:
        found = chosen(first, length)
        if isinstance(second, int):
            return found[second] if -len(found) <= second < len(found) else None
        within = chosen(second, len(found))
        return as_cut(found[within.start : within.stop if within.stop >= 0 else None : within.step])
    if first == BACKWARD:
        return -1 - second if isinstance(second, int) else WHOLE if second == first else None
    if not forward(first):
        return None
    start, stop, step = int(first.start or 0), first.stop, int(first.step or 1)
    if isinstance(second, int):
        position = start + step * second
        return position if second >= 0 and (stop is None or position < int(stop)) else None
    if not forward(second) or step != 1:
        return None
    ends = [int(stop)] if stop is not None else []
    ends += [start + int(second.stop)] if second.stop is not None else []
    return Cut(start + int(second.start or 0), min(ends, default=None), second.step)


def forward(cut: Cut) -> bool:
    """Say whether a slice counts forward between positions counted from the front, all of them known."""
    ends = [0 if bound is None else bound for bound in (cut.start, cut.stop)]
    return all(isinstance(each, int) and each >= 0 for each in ends) and (cut.step is None or (isinstance(cut.step, int) and cut.step > 0))


def as_cut(positions: range) -> Cut:
    """Return the slice that selects some positions, all of them known to exist."""
    if not positions:
        return Cut(0, 0)
    stop = positions.stop if positions.step > 0 or positions.stop >= 0 else None
    return Cut(positions.start, stop, None if positions.step == 1 else positions.step)


CHEAP = (Add, Sub, Mul, Neg, Sqr, Cast)
"""What takes less time to compute than to read from memory."""


@procedure(
    canonicalize,
    on=[Subtensor, Segment, DimShuffle],
    dtypes=DTYPES,
    examples=[
        lambda x: exp(x)[(1,) * max(x.type.ndim, 1)],
        lambda x: (x * 2 - x)[(-1,) * max(x.type.ndim, 1)],
        lambda x: Segment(0)(exp(x), 1, 1) if x.type.ndim == 1 else exp(x)[(0,) * max(x.type.ndim, 1)],
        lambda x: (x.sum() * x)[(0,) * max(x.type.ndim, 1)],
        lambda x, y: (x + exp(x))[(0,) * max(x.type.ndim, 1)] * y,
        lambda x, y: (-(x.dimshuffle(0, "x") * y))[1] if x.type.ndim == y.type.ndim == 1 else (-x)[1],
        lambda x, y: (x.dimshuffle(0, "x") * exp(y))[1, 0] if x.type.ndim == y.type.ndim == 1 else (-x)[1],
    ],
    misses=[
        lambda x: exp(x)[1:],
        lambda x, y: (x * y)[(0,) * max(x.type.ndim, y.type.ndim)],
        lambda x: exp(x[(0,) * x.type.ndim]),
        lambda x: exp(x)[1] if x.type.ndim == 2 else exp(x)[:2],
    ],
)
def element_of_elements(node: Node, context: Context) -> Node | None:
    """Only one element is wanted, or one row of a sum or product: the others need not be computed. Longer parts are left to the loop."""
    x = node.inputs[0]
    op = context.op(x)
    if not isinstance(op, Elementwise) or not op.merges or isinstance(op, Fill):
        return None
    row = isinstance(op, CHEAP) and isinstance(node.op, Subtensor) and is_row(node.op.template)
    if not (row or number_of_elements(node.type.shape) == 1) or (isinstance(node.op, DimShuffle) and node.type.ndim >= x.type.ndim):
        return None
    inputs = [part_of_operand(node, each, x) for each in x.inputs]
    if any(each is None for each in inputs):
        return None
    for axis in range(-x.type.ndim, 0):  # lengths that have to be compared on an axis of which only a part is left
        long = [each for each in dict.fromkeys(x.inputs) if each.type.ndim >= -axis and not each.type.broadcastable[axis]]
        kept = [each for each, part in zip(x.inputs, inputs) if each is part and each in long]
        if len(long) > 1 and not kept and not one_shape(long, context):
            return None
    result = op(*inputs)
    return result if result.type == node.type else None


def is_row(template: Template) -> bool:
    """Say whether a template takes one position of some axes, and the others whole."""
    return any(isinstance(entry, int) for entry in template) and all(isinstance(entry, int) or entry == WHOLE for entry in template)


def one_shape(nodes: Sequence[Node], context: Context) -> bool:
    """Say whether the lengths of some nodes need no comparing: they follow from the same array, or are known."""
    leaves = [context.leaves(each) for each in nodes]
    if None in leaves:
        return False
    shapes = dict.fromkeys(leaf for several in leaves for leaf in several or () if leaf.type.ndim)
    return len(shapes) <= 1 or not any(None in leaf.type.shape for leaf in shapes)


def part_of_operand(node: Node, operand: Node, whole: Node) -> Node | None:
    """Return the part of an operand that belongs to a part of the whole expression; None if that cannot be said."""
    missing = whole.type.ndim - operand.type.ndim
    if operand.type.ndim == 0:
        return operand
    assert node.op is not None
    own = (True,) * missing + operand.type.broadcastable
    stretched = [axis for axis, (short, long) in enumerate(zip(own, whole.type.broadcastable)) if axis < missing or (short and not long)]
    if not stretched:
        return node.op(operand, *node.inputs[1:])
    if not isinstance(node.op, Subtensor) or POINT in markers(node.op.template) or None in node.op.template:
        return None
    template: list[Entry] = []
    for entry, axis in by_axis(node.op.template):
        if axis is not None and axis >= missing:
            template.append(entry if axis not in stretched else 0 if isinstance(entry, int) else WHOLE)
        elif not isinstance(entry, int) and any(isinstance(each, int) for each in node.op.template[missing:]):
            return None  # the axes left would no longer stand where they stood
    return operand if all(entry == WHOLE for entry in template) else Subtensor(tuple(template))(operand)


@procedure(
    canonicalize,
    on=[DimShuffle],
    needs=[Segment],
    dtypes=DTYPES,
    examples=[lambda x: Segment(0)(x, 1, 1).dimshuffle(*range(1, x.type.ndim))],
    misses=[lambda x: Segment(0)(x, 1, 1).dimshuffle("x", *range(x.type.ndim)), lambda x: x[1:2].dimshuffle("x", *range(x.type.ndim))],
)
def element_of_segment(node: Node, context: Context) -> Node | None:
    """A stretch of one element whose axis is dropped is that element: a list of symbols taken apart again."""
    (segment,) = node.inputs
    assert isinstance(node.op, DimShuffle)
    if not isinstance(context.op(segment), Segment):
        return None
    x, start, _ = segment.inputs
    axis, position = segment.op.axis, number_at(start)  # type: ignore[union-attr]
    if position is None or node.op.pattern != tuple(each for each in range(x.type.ndim) if each != axis):
        return None
    return fitting(Subtensor((WHOLE,) * axis + (position,) + (WHOLE,) * (x.type.ndim - axis - 1))(x), node)
