"""Axes: arrangements of axes, sums along them, their lengths.

Floor 3.
"""

from __future__ import annotations

import numpy as np

from ...graph.convert import as_node
from ...graph.node import Constant, Node
from ...graph.types import DTYPES, FLOATS
from ...ops.arithmetic import Mul, Neg, mul, neg
from ...ops.choices import Fill, cast, fill
from ...ops.classification import Rows
from ...ops.families import Elementwise
from ...ops.functions import exp
from ...ops.indexing import Subtensor
from ...ops.reductions import Sum
from ...ops.shapes import AxisLength, DimShuffle, Shape, dimshuffle, element_count, shape_of
from ..context import Context, stands_for
from ..rule import canonicalize, display, procedure


@procedure(
    canonicalize,
    on=[DimShuffle],
    dtypes=DTYPES,
    examples=[
        lambda x: DimShuffle(tuple(range(x.type.ndim)))(x),
        lambda x: turned(x.dimshuffle("x", *range(x.type.ndim))),
        lambda x: DimShuffle(tuple(range(1, x.type.ndim + 1)))(x.dimshuffle("x", *range(x.type.ndim))),
        lambda x: turned(turned(x.dimshuffle(*range(x.type.ndim), "x", "x"))),
        lambda x: x.sum(axis=-1, keepdims=True).dimshuffle(*range(x.type.ndim - 1), "x"),
    ],
    misses=[lambda x: x.dimshuffle("x", *range(x.type.ndim))],
)
def dimshuffle_of_dimshuffle(node: Node, context: Context) -> Node | None:
    """Two arrangements of axes are one; two transposes are none, nor is an axis of length 1 that is put back where it was."""
    (x,) = node.inputs
    assert isinstance(node.op, DimShuffle)
    pattern = node.op.pattern
    if len(pattern) == x.type.ndim and all(
        each == axis or (each == "x" and axis not in pattern and x.type.shape[axis] == 1) for axis, each in enumerate(pattern)
    ):
        return x
    inner = context.op(x)
    if not isinstance(inner, DimShuffle):
        return None
    return dimshuffle(x.inputs[0], *["x" if axis == "x" else inner.pattern[int(axis)] for axis in node.op.pattern])


def turned(x: Node) -> Node:
    """Return `x` with its axes reversed."""
    return DimShuffle(tuple(reversed(range(x.type.ndim))))(x)


@procedure(
    canonicalize,
    on=[Sum],
    examples=[
        lambda x: Sum(())(x),
        lambda x: x.dimshuffle("x", *range(x.type.ndim), "x").sum(0),
        lambda x: x.dimshuffle("x", "x", *range(x.type.ndim)).sum((0, 1)),
    ],
    misses=[lambda x: (x.dimshuffle("x", *range(x.type.ndim)) + x).sum()],
)
def sum_over_one(node: Node, context: Context) -> Node | None:
    """There is nothing to add up along an axis of length 1."""
    (x,) = node.inputs
    assert isinstance(node.op, Sum)
    if any(x.type.shape[axis] != 1 for axis in node.op.axis):
        return None
    return cast(dimshuffle(x, *[axis for axis in range(x.type.ndim) if axis not in node.op.axis]), node.type.dtype)


@procedure(
    canonicalize,
    on=[Sum],
    needs=[Sum],
    examples=[
        lambda x: both(x).sum(0).sum(0),
        lambda x: both(x).sum(1).sum(0),
        lambda x: both(x).sum(0).sum(),
        lambda x: both(x).sum(-1).sum(-1),
    ],
    misses=[lambda x: both(x).sum(0), lambda x: exp(both(x).sum(0)).sum(0)],
)
def sum_of_sum(node: Node, context: Context) -> Node | None:
    """Adding up along several axes at once reads every element once and keeps no sums in between."""
    (x,) = node.inputs
    inner = context.op(x)
    assert isinstance(node.op, Sum)
    if not isinstance(inner, Sum) or x.type.dtype != node.type.dtype:
        return None
    (summed,) = x.inputs
    left = [
        axis for axis in range(summed.type.ndim) if axis not in inner.axis
    ]  # the outer sum counts only the axes that the inner one leaves
    return Sum(tuple(sorted([*inner.axis, *(left[axis] for axis in node.op.axis)])))(summed)


def stretching(x: Node) -> Node:
    """Return an array with one more axis than `x`, for the examples."""
    return x.dimshuffle("x", *range(x.type.ndim))


def both(x: Node) -> Node:
    """Return an array with twice as many axes as `x`, for the examples."""
    n = x.type.ndim
    return x.dimshuffle(*range(n), *["x"] * n) + exp(x.dimshuffle(*["x"] * n, *range(n)))


@procedure(
    canonicalize,
    on=[Sum],
    needs=[Neg],
    dtypes=FLOATS,
    examples=[lambda x: (-x).sum(), lambda x: (-exp(x)).sum()],
    misses=[lambda x: exp(-x).sum(), lambda x: -(x.sum())],
)
def sign_of_sum(node: Node, context: Context) -> Node | None:
    """A sign in front of the sum can meet others, and vanish; there it is turned once instead of for every element."""
    (x,) = node.inputs
    assert node.op is not None
    return neg(node.op(x.inputs[0])) if isinstance(context.op(x), Neg) else None


@procedure(
    canonicalize,
    on=[Sum],
    needs=[Fill],
    examples=[lambda x: fill(x, 1.0).sum(), lambda x: fill(exp(x), x.sum()).sum()],
    misses=[lambda x: exp(x).sum(), lambda x: fill(x, exp(x)).sum()],
)
def sum_of_fill(node: Node, context: Context) -> Node | None:
    """Adding up one number n times is multiplying it by n."""
    (x,) = node.inputs
    assert isinstance(node.op, Sum)
    if not isinstance(context.op(x), Fill) or x.inputs[1].type.ndim or not node.op.over_all(x.type.ndim):
        return None
    shape, value = x.inputs
    count = element_count(shape)
    if isinstance(count, int) and not context.safe(shape) and not context.for_display:
        return None
    return mul(cast(value, node.type.dtype), cast(count, node.type.dtype))


@procedure(
    display,
    on=[Sum],
    needs=[Mul],
    dtypes=FLOATS,
    examples=[lambda x: (2 * x).sum(), lambda x: (0.5 * exp(x)).sum()],
    misses=[lambda x: (2 + x).sum(), lambda x: 2 * x.sum()],
)
def number_leaves_sum(node: Node, context: Context) -> Node | None:
    """A number in front of the sum can meet others."""
    (x,) = node.inputs
    assert node.op is not None
    if not isinstance(context.op(x), Mul) or context.scalar(x.inputs[0]) is None or x.inputs[1].type != x.type:
        return None
    return mul(x.inputs[0], node.op(x.inputs[1]))


@procedure(
    display,
    on=[Sum],
    needs=[Fill],
    examples=[lambda x, y: fill(x.dimshuffle(*range(x.type.ndim), "x"), y).sum(-1)],
    misses=[lambda x, y: fill(x, y).sum(-1), lambda x, y: fill(x.dimshuffle(*range(x.type.ndim), "x"), exp(y.sum())).sum(-1)],
)
def fill_leaves_sum(node: Node, context: Context) -> Node | None:
    """Where only the values have the axes that are summed, the shape can be left out of the sum."""
    (x,) = node.inputs
    assert isinstance(node.op, Sum)
    if not isinstance(context.op(x), Fill):
        return None
    shape, value = x.inputs
    missing = x.type.ndim - value.type.ndim
    if shape.type.ndim != x.type.ndim or any(shape.type.shape[axis] != 1 or axis < missing for axis in node.op.axis):
        return None
    inner = Sum(tuple(axis - missing for axis in node.op.axis))(value)
    kept = dimshuffle(shape, *[axis for axis in range(x.type.ndim) if axis not in node.op.axis])
    result = fill(kept, inner)
    return result if stands_for(result.type, node.type) else None


@procedure(
    canonicalize,
    on=[Shape, AxisLength],
    examples=[
        lambda x: shape_of(exp(x)),
        lambda x: shape_of(x * 2 + exp(x)),
        lambda x: AxisLength(0)(exp(x)) if x.type.ndim else shape_of(exp(x)),
    ],
    misses=[lambda x: shape_of(stretching(x)), lambda x, y: shape_of(stretching(x) * stretching(y))],
)
def shape_of_elements(node: Node, context: Context) -> Node | None:
    """An expression computed element by element has the shape of its operand: it need not be computed to be measured."""
    (x,) = node.inputs
    assert node.op is not None
    if None not in x.type.shape:
        if not context.safe(x):
            return None
        lengths = x.type.shape if isinstance(node.op, Shape) else x.type.shape[node.op.axis]  # type: ignore[attr-defined]
        return as_node(np.asarray(lengths, "int64"))
    if not isinstance(x.op, (Elementwise, Rows)):
        return None
    needed = context.leaves(x)
    operands = [each for each in x.inputs if each.type.shape == x.type.shape]
    named = sorted(needed or (), key=lambda leaf: leaf.op is not None)  # a reader would measure the symbol
    for each in (*named, *operands) if context.for_display else operands:
        if each.type.shape == x.type.shape and (
            context.for_display or (needed is not None and set(needed) == set(context.leaves(each) or ()))
        ):
            return node.op(each)
    return None


@procedure(
    canonicalize,
    on=[Subtensor],
    needs=[Shape],
    examples=[lambda x: Subtensor((0,))(shape_of(x)), lambda x: Subtensor((-1,))(shape_of(exp(x)))],
    misses=[lambda x: shape_of(x)[:1], lambda x: x[0]],
)
def element_of_shape(node: Node, context: Context) -> Node | None:
    """One length is asked for: the others need not be gathered."""
    lengths = node.inputs[0]
    assert isinstance(node.op, Subtensor)
    if not isinstance(context.op(lengths), Shape) or len(node.op.template) != 1 or not isinstance(node.op.template[0], int):
        return None
    (x,) = lengths.inputs
    axis = node.op.template[0]
    return AxisLength(axis % x.type.ndim)(x) if -x.type.ndim <= axis < x.type.ndim else None


@procedure(
    canonicalize,
    on=[Elementwise],
    needs_any=[DimShuffle, Constant],
    dtypes=DTYPES,
    examples=[
        lambda x: x * x.sum().dimshuffle(*["x"] * x.type.ndim),
        lambda x: exp(x) + np.ones((1,) * x.type.ndim),
        lambda x: x.sum(0).dimshuffle("x", *range(x.type.ndim - 1)) * x,
    ],
    misses=[lambda x: exp(stretching(x)), lambda x: x + x.dimshuffle(*range(x.type.ndim), "x")],
)
def leading_axes(node: Node, context: Context) -> Node | None:
    """Axes of length 1 in front of the others come by themselves where an operand stretches."""
    assert node.op is not None
    inputs = [without_leading_axes(each, context) for each in node.inputs]
    if len(inputs) == 1 or all(new is each for new, each in zip(inputs, node.inputs)):
        return None
    result = node.op(*inputs)
    return result if result.type == node.type else None


def without_leading_axes(node: Node, context: Context) -> Node:
    """Return a node without the axes of length 1 that an arrangement, or a constant, has in front of all others."""
    op = context.op(node)
    if isinstance(op, DimShuffle):
        (x,) = node.inputs
        return x if op.pattern == ("x",) * (node.type.ndim - x.type.ndim) + tuple(range(x.type.ndim)) else node
    if isinstance(node, Constant) and node.name is None and node.value.size == 1 and node.type.ndim:
        return Constant(node.value.reshape(()))
    return node
