"""Parts that are written, by `T.set_subtensor`, `T.inc_subtensor` and gradients of `x[…]`: of zeros, by zeros, of everything, twice.

Floor 3. Read `ops/assigning.py` and `positions` before. Whoever names a position twice adds to it twice, in an order that rounding can
tell; so most of these rules want to know that no position comes twice. Slices and numbers never name one twice.
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
from ...ops.index_templates import ARRAY, POINT, WHOLE, Cut, markers
from ...ops.indexing import Subtensor
from ...ops.ranges import arange
from ...ops.shapes import length_of
from ..context import Context
from ..rule import canonicalize, procedure
from .parts import all_of, by_axis, fitting
from .positions import counts_through, distinct

ASSIGNMENTS = (IncSubtensor, AdvancedIncSubtensor)


def at(x: Node, y: object, *template: object, put: bool = False) -> Node:
    """Return x with y added to (or put to) a part of its first axes, for the examples."""
    if x.type.ndim < len(template):
        raise IndexError("too few axes")
    entries = (*template, *[WHOLE] * (x.type.ndim - len(template)))
    return IncSubtensor(entries, put)(x, y)  # type: ignore[arg-type]


def at_rows(x: Node, y: object, rows: object, put: bool = False) -> Node:
    """Return x with y added to (or put to) some rows, for the examples."""
    if x.type.ndim < 1:
        raise IndexError("too few axes")
    return AdvancedIncSubtensor((ARRAY, *[WHOLE] * (x.type.ndim - 1)), put)(x, y, rows)


def is_zero(node: Node, context: Context) -> bool:
    """Say whether an array is known to hold nothing but zeros."""
    while isinstance(node.op, (Fill, Alloc)):
        node = node.inputs[1 if isinstance(node.op, Fill) else 0]
    return context.number(node) == 0


def names_none_twice(node: Node) -> bool:
    """Say whether an assignment is known to write no position twice."""
    return isinstance(node.op, IncSubtensor) or (isinstance(node.op, Assignment) and distinct(node.op.template, node.inputs[2:]))


def sure(node: Node) -> bool:
    """Say whether the part that is written exists whatever the lengths are, and y fits it: leaving the assignment out loses no error."""
    x, y = node.inputs[:2]
    assert isinstance(node.op, Assignment)
    if y.type.ndim or not isinstance(node.op, IncSubtensor) or POINT in markers(node.op.template):
        return False
    lengths = [None if axis is None else x.type.shape[axis] for _, axis in by_axis(node.op.template)]
    return all(
        not isinstance(entry, int) or (length is not None and -length <= entry < length)
        for entry, length in zip(node.op.template, lengths)
    )


@procedure(
    canonicalize,
    on=ASSIGNMENTS,
    dtypes=DTYPES,
    examples=[
        lambda x: at(x, 2, WHOLE),
        lambda x: at(x, exp(x), Cut(0), put=True),
        lambda x: at_rows(x, 2, length_range(x)),
        lambda x: at_rows(x, exp(x), length_range(exp(x)), put=True),
    ],
    misses=[lambda x: at(x, 2, Cut(1)), lambda x: at(x, 2, Cut(None, None, -1)), lambda x, y: at_rows(x, 2, length_range(y))],
)
def all_is_written(node: Node, context: Context) -> Node | None:
    """Adding to every element is a sum, and putting new values everywhere keeps only the shape."""
    x, y, *indices = node.inputs
    assert isinstance(node.op, Assignment)
    template = node.op.template
    if isinstance(node.op, AdvancedIncSubtensor):
        first, *rest = template
        whole = first == ARRAY and all(entry == WHOLE for entry in rest) and counts_through(indices[0], x, 0, context)
    else:
        whole = all(axis is not None and all_of(entry, x.type.shape[axis]) for entry, axis in by_axis(template))
    if not whole or (y.type.ndim and y.type.broadcastable != x.type.broadcastable):
        return None
    return fitting(fill(x, y) if node.op.set_instead_of_inc else add(x, y), node)


def length_range(x: Node) -> Node:
    """Return the positions of all rows, for the examples."""
    return arange(length_of(x, 0))


@procedure(
    canonicalize,
    on=ASSIGNMENTS,
    dtypes=DTYPES,
    examples=[lambda x: at(x, 0, Cut(1)), lambda x: at(x, 0, 1) if x.type.shape == (3,) else at(x, 0, Cut(None, None, 2))],
    misses=[lambda x: at(x, 0, 1), lambda x: at(x, 0, Cut(1), put=True), lambda x: at(x, 1, Cut(1)), lambda x: at_rows(x, 0, [1])],
)
def nothing_is_added(node: Node, context: Context) -> Node | None:
    """Adding zeros changes nothing. Only where the part is known to exist."""
    assert isinstance(node.op, Assignment)
    if node.op.set_instead_of_inc or context.number(node.inputs[1]) != 0 or not sure(node):
        return None
    return node.inputs[0]


@procedure(
    canonicalize,
    on=ASSIGNMENTS,
    dtypes=DTYPES,
    needs_any=ASSIGNMENTS,
    examples=[
        lambda x: at(at(x, 1, 1, put=True), 2, 1, put=True),
        lambda x: at(at(x, 1, Cut(1), put=True), x.sum(), Cut(1)),
        lambda x: at_rows(at_rows(x, 1, [0, 0], put=True), 2, [0, 0], put=True),
        lambda x: at_rows(at_rows(x, 1, [0, 2], put=True), 2, [0, 2]),
    ],
    misses=[
        lambda x: at(at(x, 1, 1, put=True), 2, 0, put=True),
        lambda x: at(at(x, 1, 1), 2, 1),
        lambda x: at_rows(at_rows(x, 1, [0, 0], put=True), 2, [0, 0]),
        lambda x: at(at(x, x[1:], Cut(1), put=True), 2, Cut(1), put=True),
    ],
)
def part_is_written_twice(node: Node, context: Context) -> Node | None:
    """What is put to a part that was just put there replaces it; what is added there is added to what is put."""
    inner, new, *indices = node.inputs
    assert isinstance(node.op, Assignment)
    first = context.op(inner)
    if type(first) is not type(node.op) or not isinstance(first, Assignment) or first.template != node.op.template:
        return None
    x, old, *others = inner.inputs
    if not first.set_instead_of_inc or any(a is not b for a, b in zip(indices, others)):
        return None
    if not node.op.set_instead_of_inc:
        if not names_none_twice(node) or (old.type.ndim and new.type.ndim and old.type.broadcastable != new.type.broadcastable):
            return None
        return type(node.op)(node.op.template, True)(x, add(old, new), *indices)
    return node.op(x, new, *indices) if old.type.ndim == 0 else None


@procedure(
    canonicalize,
    on=[IncSubtensor],
    needs=[Subtensor],
    dtypes=DTYPES,
    examples=[lambda x: at(x, x[1:], Cut(1), put=True)],
    misses=[lambda x: at(x, x[1:], Cut(1)), lambda x: at(x, x[1], 1, put=True), lambda x: at(x, x[:2], Cut(1, 3), put=True)],
)
def part_is_put_back(node: Node, context: Context) -> Node | None:
    """A part put where it was read changes nothing. Slices only, which cannot reach too far."""
    x, new = node.inputs[:2]
    assert isinstance(node.op, IncSubtensor)
    if not node.op.set_instead_of_inc or new.op != node.op.reader() or len(node.inputs) > 2 or new.inputs != (x,):
        return None
    return x if all(isinstance(entry, Cut) for entry in node.op.template) else None


@procedure(
    canonicalize,
    on=[AdvancedIndex],
    dtypes=DTYPES,
    examples=[lambda x: x[length_range(x)], lambda x: exp(x)[length_range(x)]],
    misses=[lambda x: x[[0, 1]], lambda x, y: x[length_range(y)], lambda x: x[length_range(x), [0]]],
)
def all_rows_in_order(node: Node, context: Context) -> Node | None:
    """All rows, one after the other, are the array itself."""
    x, *indices = node.inputs
    assert isinstance(node.op, AdvancedIndex)
    first, *rest = node.op.template
    if first != ARRAY or any(entry != WHOLE for entry in rest) or not counts_through(indices[0], x, 0, context):
        return None
    return fitting(x, node)
