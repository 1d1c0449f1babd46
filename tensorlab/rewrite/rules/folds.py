"""Axes folded away: products, extremes and truths as sums are in `axes`; arrangements and fills below any of them.

Floor 3. A number is not drawn out of a sum, Σ c x = c Σ x: what is saved is one multiplication beside an element that is read anyway, and
where c x is small and Σ x overflows, a finite result would become inf.
"""

from __future__ import annotations

from ...graph.node import Constant, Node
from ...graph.types import DTYPES
from ...ops.arithmetic import mul
from ...ops.choices import Fill, cast, fill
from ...ops.comparisons import neq
from ...ops.extremes import Argmax, Argmin, Max, Min
from ...ops.families import Reduction
from ...ops.filling import Alloc
from ...ops.functions import exp
from ...ops.lengths import split_lengths
from ...ops.reductions import AllOf, AnyOf, Prod, Sum, fold
from ...ops.shapes import AxisLength, DimShuffle, dimshuffle, element_count, length_of, lengths_of
from ..context import Context
from ..rule import canonicalize, procedure, simplify
from .axes import both, turned
from .parts import fitting


def along(card: type[Reduction], axis: tuple[int, ...], x: Node) -> Node:
    """Return a fold of some axes, for the examples."""
    return fold(card, x, axis, False, "fold")


WITHOUT_ORDER = (Sum, Prod, Max, Min, AllOf, AnyOf)
"""What does not care in which order the elements come."""


@procedure(
    canonicalize,
    on=[Prod, Max, Min, AllOf, AnyOf],
    dtypes=DTYPES,
    examples=[
        lambda x: along(Prod, (0,), along(Prod, (0,), both(x))),
        lambda x: along(Max, (0,), along(Max, (1,), both(x))),
        lambda x: along(Min, (0,), along(Min, (0,), both(x))),
        lambda x: along(AllOf, (0,), along(AllOf, (1,), both(x))),
        lambda x: along(AnyOf, (0,), along(AnyOf, (0,), both(x))),
    ],
    misses=[
        lambda x: along(Max, (0,), along(Min, (1,), both(x))),
        lambda x: along(Max, (0,), exp(along(Max, (1,), both(x)))),
        lambda x: along(Max, (0,), both(x)),
    ],
)
def fold_of_fold(node: Node, context: Context) -> Node | None:
    """Folding several axes at once reads every element once and keeps nothing in between."""
    (x,) = node.inputs
    inner = context.op(x)
    assert isinstance(node.op, Reduction)
    if type(inner) is not type(node.op) or not isinstance(inner, Reduction) or x.type.dtype != node.type.dtype:
        return None
    (folded,) = x.inputs
    left = [axis for axis in range(folded.type.ndim) if axis not in inner.axis]  # the outer axes count only what the inner fold leaves
    return type(node.op)(tuple(sorted([*inner.axis, *(left[axis] for axis in node.op.axis)])))(folded)


@procedure(
    canonicalize,
    on=[Prod, Max, Min, AllOf, AnyOf, Argmax, Argmin],
    dtypes=DTYPES,
    examples=[
        lambda x: along(Prod, (0,), x.dimshuffle("x", *range(x.type.ndim))),
        lambda x: along(Max, (0, 1), x.dimshuffle("x", "x", *range(x.type.ndim))),
        lambda x: along(AllOf, (x.type.ndim,), x.dimshuffle(*range(x.type.ndim), "x")),
        lambda x: along(AnyOf, (0,), (x > 0).dimshuffle("x", *range(x.type.ndim))),
        lambda x: along(Argmax, (0,), exp(x).dimshuffle("x", *range(x.type.ndim))),
    ],
    misses=[lambda x: along(Max, (0,), x), lambda x: along(Argmin, (0,), x)],
)
def fold_over_one(node: Node, context: Context) -> Node | None:
    """Along an axis of length 1 the one element is the product, the largest, the smallest; and it stands at position 0."""
    (x,) = node.inputs
    assert isinstance(node.op, Reduction)
    if not node.op.axis or any(x.type.shape[axis] != 1 for axis in node.op.axis):
        return None
    one = dimshuffle(x, *[axis for axis in range(x.type.ndim) if axis not in node.op.axis])
    if isinstance(node.op, (Argmax, Argmin)):
        return fill(one, Constant(0))
    return neq(one, 0) if isinstance(node.op, (AllOf, AnyOf)) and x.type.dtype != "bool" else cast(one, node.type.dtype)


@procedure(
    canonicalize,
    on=WITHOUT_ORDER,
    needs=[DimShuffle],
    dtypes=DTYPES,
    examples=[
        lambda x: along(Sum, (0,), turned(both(x))),
        lambda x: along(Sum, (0, 1), turned(both(x))),
        lambda x: along(Max, (0,), x.dimshuffle(*range(x.type.ndim), "x")),
        lambda x: along(AllOf, (1,), x.dimshuffle("x", *range(x.type.ndim))),
        lambda x: along(Prod, (0, 1), x.dimshuffle("x", *reversed(range(x.type.ndim)))),
    ],
    misses=[lambda x: along(Argmax, (0, 1), turned(both(x))), lambda x: along(Sum, (0,), x.dimshuffle("x", *range(x.type.ndim)))],
)
def fold_of_dimshuffle(node: Node, context: Context) -> Node | None:
    """The elements are folded where they lie: their arrangement counts only for the axes that are left."""
    (arranged,) = node.inputs
    assert isinstance(node.op, Reduction)
    if not isinstance(context.op(arranged), DimShuffle):
        return None
    (x,) = arranged.inputs
    pattern = arranged.op.pattern  # type: ignore[union-attr]
    axes = sorted(int(pattern[axis]) for axis in node.op.axis if pattern[axis] != "x")
    if not axes:
        return None
    left = [axis for axis in range(x.type.ndim) if axis not in axes]
    kept = [each for axis, each in enumerate(pattern) if axis not in node.op.axis]
    folded = type(node.op)(tuple(axes))(x)
    return fitting(dimshuffle(folded, *["x" if axis == "x" else left.index(axis) for axis in kept]), node)


@procedure(
    simplify,
    on=[Sum],
    needs_any=[Fill, Alloc],
    examples=[
        lambda x: along(Sum, (0,), fill(both(x), 2.0)),
        lambda x: along(Sum, (0, 1), Alloc((3, 4), ())(x.sum())),
        lambda x: along(Sum, (0,), Alloc((3, "?"), ())(x.sum(), length_of(x, 0))) if x.type.shape != (3,) else fill(both(x), 2).sum(1),
    ],
    misses=[lambda x: along(Sum, (0,), fill(x, exp(x))), lambda x: along(Sum, (0,), Alloc(("?",), ())(x.sum(), cast(x.sum(), "int64")))],
)
def sum_of_one_number(node: Node, context: Context) -> Node | None:
    """Adding up one number n times is multiplying it by n; what is left is an array that holds the product everywhere."""
    (x,) = node.inputs
    assert isinstance(node.op, Sum)
    if isinstance(context.op(x), Fill):
        shape, value = x.inputs
        lengths: list[int | Node] = lengths_of(shape)
        if shape.type.ndim != x.type.ndim or (not context.safe(shape) and not any(isinstance(each, Node) for each in lengths)):
            return None
        count = element_count(shape, node.op.axis)
    elif isinstance(context.op(x), Alloc):
        value, *given = x.inputs
        rest = iter(given)
        lengths = [next(rest) if each == "?" else each for each in x.op.template]  # type: ignore[union-attr]
        count = 1
        for axis in node.op.axis:
            count = lengths[axis] if isinstance(count, int) and count == 1 else count * lengths[axis]
        if not all(isinstance(each.op, AxisLength) or isinstance(each, Constant) for each in given):
            return None  # it may be negative, and then raises
    else:
        return None
    if value.type.ndim or not node.op.axis:
        return None
    total = mul(cast(value, node.type.dtype), cast(count, node.type.dtype))
    kept = [length for axis, length in enumerate(lengths) if axis not in node.op.axis]
    if not kept:
        return total
    template, dynamic = split_lengths(kept)
    return fitting(Alloc(template, ())(total, *dynamic), node)


