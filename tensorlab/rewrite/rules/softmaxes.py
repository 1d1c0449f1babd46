"""Softmax, its logarithm, and the logarithm of a sum of exponentials, written out: finite where exp(x) is inf or all of them are 0.

Floor 3. Read `ops/classification.py` before, and `stable`. These rules run in every mode.
"""

from __future__ import annotations

from ...graph.node import Node
from ...graph.types import FLOATS
from ...ops.arithmetic import Add, Mul, Sub, TrueDiv
from ...ops.choices import Fill, cast, fill
from ...ops.classification import LogSoftmax, Softmax
from ...ops.extremes import Max
from ...ops.functions import Exp, Log, exp, log
from ...ops.log_sum_exp import LogSumExp
from ...ops.reductions import Sum
from ...ops.shapes import DimShuffle
from ..context import Context
from ..products import Factor, factorization
from ..rule import procedure, stabilize
from .parts import fitting
from .positions import same_shape

COLUMN, ROW = DimShuffle((0, "x")), DimShuffle(("x", 0))


@procedure(
    stabilize,
    on=[Log],
    needs=[Softmax],
    dtypes=FLOATS,
    examples=[lambda x: log(Softmax()(x))],
    misses=[lambda x: log(exp(x)), lambda x: exp(Softmax()(x))],
)
def log_of_softmax(node: Node, context: Context) -> Node | None:
    """A probability below 1e-308 is 0, and log(0) is -inf; logsoftmax never leaves the logarithm."""
    (x,) = node.inputs
    if not isinstance(context.op(x), Softmax) or x.type.dtype != node.type.dtype:
        return None
    return LogSoftmax()(x.inputs[0])


@procedure(
    stabilize,
    on=[Exp],
    needs=[LogSoftmax],
    dtypes=FLOATS,
    examples=[lambda x: exp(LogSoftmax()(x))],
    misses=[lambda x: exp(x), lambda x: exp(-LogSoftmax()(x))],
)
def exp_of_logsoftmax(node: Node, context: Context) -> Node | None:
    """The exponential of a logarithm near -700 has lost three digits; the softmax has not."""
    (x,) = node.inputs
    return Softmax()(x.inputs[0]) if isinstance(context.op(x), LogSoftmax) and x.type.dtype == node.type.dtype else None


@procedure(
    stabilize,
    on=[Mul, TrueDiv],
    dtypes=FLOATS,
    examples=[
        lambda x: exp(x) / exp(x).sum(axis=1, keepdims=True),
        lambda x: exp(x) / exp(x).sum(axis=0, keepdims=True),
        lambda x: exp(x) / exp(x).sum() if x.type.ndim == 1 else exp(x) / exp(x).sum(axis=1, keepdims=True),
        lambda x, y: (y * exp(x)) / exp(x).sum(axis=1, keepdims=True) if x.type.ndim == 2 else (y * exp(x)) / exp(x).sum(),
        lambda x: exp(x) * (2 / exp(x).sum()) if x.type.ndim == 1 else exp(x) * (2 / exp(x).sum(axis=1)).dimshuffle(0, "x"),
        lambda x: fill(exp(x), (3 / exp(x).sum(axis=1)).dimshuffle(0, "x")) * exp(x),
    ],
    misses=[
        lambda x: exp(x) / exp(x).sum(axis=-1) if x.type.ndim == 2 else exp(x) / exp(-x).sum(),
        lambda x: exp(x) / exp(x).sum() if x.type.ndim == 2 else exp(x) * exp(x).sum(),
        lambda x: exp(x) / exp(-x).sum(axis=-1, keepdims=True),
        lambda x, y: exp(x) / exp(y).sum(axis=-1, keepdims=True),
        lambda x: exp(x) / (1 + exp(x).sum(axis=-1, keepdims=True)),
        lambda x: exp(x) ** 2 / exp(x).sum(axis=-1, keepdims=True),
    ],
)
def softmax_written_out(node: Node, context: Context) -> Node | None:
    """Past x = 709 exp(x) is inf, and the quotient nan; softmax subtracts the largest score of a row first."""
    if not context.ingredients(node) & {Sum, DimShuffle, Fill} or Exp not in context.ingredients(node):
        return None
    parts = factorization(node, context)
    for weights in parts.factors:
        if not isinstance(context.op(weights.node), Exp) or weights.side != 1 or weights.node.type.dtype != node.type.dtype:
            continue
        for other in parts.factors:
            found = divided_by_sum(other, weights.node, context)
            if found is None:
                continue
            axis, left = found
            probabilities = softmax_along(cast(weights.node.inputs[0], node.type.dtype), axis)
            return fitting(parts.replaced({weights: probabilities, other: left}), node)
    return None


def divided_by_sum(factor: Factor, weights: Node, context: Context) -> tuple[int, Node | None] | None:
    """Return the axis along which a factor divides by the sum of some weights, and what is left of the factor; None if it does not."""
    if factor.exponent != 1 or factor.node is weights:
        return None
    if factor.side == -1:
        axis = summed_axis(factor.node, weights, context)
        return None if axis is None else (axis, None)
    node = factor.node
    if isinstance(context.op(node), Fill) and same_shape(weights, node.inputs[0], context):
        node = node.inputs[1]
    inside, pattern = arrangement(node, context)
    if inside.type.dtype != weights.type.dtype or TrueDiv not in context.ingredients(inside):
        return None
    parts = factorization(inside, context)
    for each in parts.factors:
        if each.side == -1 and each.exponent == 1:
            axis = summed_axis(arranged(each.node, inside, pattern), weights, context)
            if axis is not None:
                rest = parts.replaced({each: None})
                if rest.type.ndim and rest.type != inside.type:
                    return None
                return axis, arranged(rest, inside, pattern)
    return None


def arrangement(node: Node, context: Context) -> tuple[Node, tuple[int | str, ...]]:
    """Return what a node is an arrangement of, through any number of them, and the pattern of all together."""
    pattern: tuple[int | str, ...] = tuple(range(node.type.ndim))
    op = context.op(node)
    while isinstance(op, DimShuffle):
        pattern = tuple("x" if axis == "x" else op.pattern[int(axis)] for axis in pattern)
        (node,) = node.inputs
        op = context.op(node)
    return node, pattern


def arranged(node: Node, like: Node, pattern: tuple[int | str, ...]) -> Node:
    """Return a node in an arrangement, if it has the axes of what the pattern was found for; what stretches beside that stays as it is."""
    if node.type.ndim != like.type.ndim or (len(pattern) == node.type.ndim and all(
        each in (axis, "x") and (each == axis or node.type.shape[axis] == 1) for axis, each in enumerate(pattern)
    )):
        return node
    return DimShuffle(pattern)(node)


def summed(node: Node, context: Context) -> tuple[Node, int] | None:
    """Return a vector or matrix and the axis along which a node holds its sums, in place to stretch along it; else None."""
    total, pattern = arrangement(node, context)
    if not isinstance(context.op(total), Sum):
        return None
    (x,) = total.inputs
    axes = total.op.axis  # type: ignore[union-attr]
    if x.type.ndim == 1 and axes == (0,):
        return x, 0
    if x.type.ndim != 2 or (axes, pattern) not in (((1,), (0, "x")), ((0,), (0,)), ((0,), ("x", 0))):
        return None
    return x, axes[0]


def summed_axis(node: Node, weights: Node, context: Context) -> int | None:
    """Return the axis of some weights along which a node holds their sums, in place to stretch along it; else None."""
    found = summed(node, context)
    return found[1] if found is not None and found[0] is weights else None


@procedure(
    stabilize,
    on=[Mul],
    needs=[Exp],
    dtypes=FLOATS,
    examples=[
        lambda x, y: exp(x) * (y / row_sums_of(x) - (y / row_sums_of(x)).sum(axis=1, keepdims=True)),
        lambda x, y: (-(y * exp(y) / row_sums_of(x)).sum(axis=1, keepdims=True) + y / row_sums_of(x)) * exp(x),
        lambda x, y: exp(x) * (y / exp(x).sum() - (y / exp(x).sum()).sum()) if x.type.ndim == y.type.ndim == 1 else exp(x)[0] * 2,
    ],
    misses=[
        lambda x, y: exp(x) * (y / row_sums_of(y) - (y / row_sums_of(x)).sum(axis=1, keepdims=True)),
        lambda x, y: exp(x) * (y - (y / row_sums_of(x)).sum(axis=1, keepdims=True)) if x.type.ndim == 2 else x * y,
    ],
)
def slope_of_softmax_written_out(node: Node, context: Context) -> Node | None:
    """The derivative of a softmax written out divides both of its terms by the sum of exponentials, which may be inf."""
    if Exp not in context.ingredients(node):
        return None
    parts = factorization(node, context)
    for weights in parts.factors:
        if not isinstance(context.op(weights.node), Exp) or weights.side != 1 or weights.node.type.dtype != node.type.dtype:
            continue
        for other in parts.factors:
            op = context.op(other.node)
            if not isinstance(op, (Add, Sub)) or other.side != 1 or other.exponent != 1 or other.node.type.dtype != node.type.dtype:
                continue
            for axis in range(weights.node.type.ndim if weights.node.type.ndim <= 2 else 0):
                terms = [without_divisor(each, weights.node, axis, context) for each in other.node.inputs]
                if None not in terms:
                    probabilities = softmax_along(cast(weights.node.inputs[0], node.type.dtype), axis)
                    return fitting(parts.replaced({weights: probabilities, other: op(*terms)}), node)
    return None


def row_sums_of(x: Node) -> Node:
    """Return the sums of the exponentials in each row, as a column, for the examples."""
    return exp(x).sum(axis=1, keepdims=True)


MOST_DEPTH = 3  # a sum in a sum in a term: deeper ones come from no derivative


def without_divisor(node: Node, weights: Node, axis: int, context: Context, depth: int = MOST_DEPTH) -> Node | None:
    """Return a term that is divided by the sums of weights along an axis without this division, or None if it is not."""
    if not depth or node.type.dtype != weights.type.dtype:
        return None
    if isinstance(context.op(node), Fill):
        value = without_divisor(node.inputs[1], weights, axis, context, depth)
        return None if value is None else fill(node.inputs[0], value)
    parts = factorization(node, context)
    for each in parts.factors:
        if each.side == -1 and each.exponent == 1 and summed_axis(each.node, weights, context) == axis:
            return parts.replaced({each: None})
    for each in parts.factors:
        found = summed(each.node, context) if each.side == each.exponent == 1 else None
        if found is None or found[1] != axis or found[0].type.broadcastable != weights.type.broadcastable:
            continue
        inner = without_divisor(found[0], weights, axis, context, depth - 1)  # what is the same for a row can leave the sum of the row
        if inner is not None and inner.type == found[0].type:
            total, pattern = arrangement(each.node, context)
            assert total.op is not None
            return parts.replaced({each: arranged(total.op(inner), total, pattern)})
    return None


def softmax_along(x: Node, axis: int) -> Node:
    """Return the softmax of a vector, or of a matrix along an axis."""
    if x.type.ndim == 1:
        return DimShuffle((1,))(Softmax()(ROW(x)))
    turn = DimShuffle((1, 0))
    result: Node = Softmax()(x) if axis == 1 else turn(Softmax()(turn(x)))
    return result


@procedure(
    stabilize,
    on=[Log],
    needs_any=[Sum, DimShuffle],
    dtypes=FLOATS,
    examples=[
        lambda x: log(exp(x).sum()),
        lambda x: log(exp(x).sum(axis=0)),
        lambda x: log(exp(x).sum(axis=-1, keepdims=True)),
    ],
    misses=[
        lambda x: log(x.sum()),
        lambda x: log(1 + exp(x).sum()),
        lambda x: log(exp(x - x.max()).sum()),
        lambda x: log(exp(x - x.max(axis=-1, keepdims=True)).sum(axis=-1)),
    ],
)
def log_of_sum_of_exp(node: Node, context: Context) -> Node | None:
    """Past 709 the exponentials are inf, and below -745 their sum is 0; with the largest one drawn out every digit is kept."""
    (x,) = node.inputs
    op = context.op(x)
    total = x.inputs[0] if isinstance(op, DimShuffle) else x
    if not isinstance(context.op(total), Sum) or not isinstance(context.op(total.inputs[0]), Exp) or total.type.dtype != node.type.dtype:
        return None
    (scores,) = total.inputs[0].inputs
    if is_shifted(scores, context):
        return None
    result: Node = LogSumExp(total.op.axis)(cast(scores, node.type.dtype))  # type: ignore[union-attr]
    return fitting(op(result) if isinstance(op, DimShuffle) else result, node)


def is_shifted(scores: Node, context: Context) -> bool:
    """Say whether scores are seen to have had their largest one subtracted: then nothing can overflow."""
    if not isinstance(context.op(scores), Sub):
        return False
    x, top = scores.inputs
    while isinstance(context.op(top), DimShuffle):
        (top,) = top.inputs
    return isinstance(context.op(top), Max) and top.inputs[0] is x


@procedure(
    stabilize,
    on=[Sub],
    needs_any=[DimShuffle, LogSumExp],
    dtypes=FLOATS,
    examples=[
        lambda x: x - LogSumExp((1,))(x).dimshuffle(0, "x"),
        lambda x: x - LogSumExp((0,))(x) if x.type.ndim == 1 else x - LogSumExp((1,))(x).dimshuffle(0, "x"),
    ],
    misses=[lambda x, y: x - LogSumExp((1,))(y).dimshuffle(0, "x") if x.type.ndim == 2 else x - y, lambda x: x - LogSumExp((0,))(x) * 2],
)
def logsoftmax_written_out(node: Node, context: Context) -> Node | None:
    """A logarithm beside a large score has lost digits before this is subtracted; logsoftmax subtracts the largest score first."""
    x, total = node.inputs
    op = context.op(total)
    inner = total.inputs[0] if isinstance(op, DimShuffle) else total
    if not isinstance(context.op(inner), LogSumExp) or inner.inputs[0] is not x or x.type.dtype != node.type.dtype:
        return None
    axes = inner.op.axis  # type: ignore[union-attr]
    if x.type.ndim == 2 and axes == (1,) and op == COLUMN:
        return LogSoftmax()(x)
    if x.type.ndim == 1 and axes == (0,):
        return fitting(DimShuffle((1,))(LogSoftmax()(ROW(x))), node)
    return None
