"""Softmax, its logarithm and the costs of classifiers: finite where a probability is 0 to all digits, and without detours.

Floor 3. Read `ops/classification.py` before, and `stable`. Most of these rules run in every mode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...graph.node import Constant, Node
from ...graph.types import FLOATS
from ...ops.advanced_indexing import AdvancedIndex
from ...ops.arithmetic import Add, Mul, Sub, TrueDiv, mul
from ...ops.assigning import AdvancedIncSubtensor, Assignment
from ...ops.choices import Fill, cast, fill, switch, zeros_like
from ...ops.classification import LogSoftmax, Softmax
from ...ops.comparisons import lt
from ...ops.extremes import Max
from ...ops.functions import Exp, Log, exp, log
from ...ops.index_templates import ARRAY, POINT
from ...ops.indexing import Subtensor
from ...ops.log_sum_exp import LogSumExp
from ...ops.ranges import arange
from ...ops.reductions import Sum
from ...ops.shapes import DimShuffle, length_of
from ..context import Context
from ..products import Factor, factorization
from ..rule import procedure, simplify, stabilize
from .assigned import is_zero
from .parts import fitting
from .positions import counted_length, counts_through, same_shape

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
    on=[Log],
    needs_any=[Subtensor, AdvancedIndex, DimShuffle],
    dtypes=FLOATS,
    examples=[
        lambda x: log(Softmax()(x)[0]),
        lambda x: log(Softmax()(x)[[0, 1], [1, 0]]),
        lambda x: log(Softmax()(x.dimshuffle("x", 0)).dimshuffle(1)),
        lambda x: log(Softmax()(x.dimshuffle("x", 0)).dimshuffle(1)[0]),
    ],
    misses=[lambda x: log(exp(x)[0]), lambda x: log(Softmax()(x) + 1)],
)
def log_of_chosen_probabilities(node: Node, context: Context) -> Node | None:
    """A probability below 1e-308 is 0, and log(0) is -inf; logsoftmax never leaves the logarithm. Costs of classifiers are like this."""
    chosen: list[Node] = []
    (x,) = node.inputs
    while isinstance(context.op(x), (Subtensor, AdvancedIndex, DimShuffle)) and len(chosen) < 3:
        chosen.append(x)
        x = x.inputs[0]
    if not chosen or not isinstance(context.op(x), Softmax) or x.type.dtype != node.type.dtype:
        return None
    result: Node = LogSoftmax()(x.inputs[0])
    for each in reversed(chosen):
        assert each.op is not None
        result = each.op(result, *each.inputs[1:])
    return fitting(result, node)


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


@procedure(
    stabilize,
    on=[Mul],
    dtypes=FLOATS,
    examples=[
        lambda x, y: Softmax()(x) * divided(x, y),
        lambda x, y: Softmax()(x) * (divided(x, y) - (Softmax()(x) * divided(x, y)).sum(axis=1, keepdims=True)),
        lambda x, y: Softmax()(x) * (y.sum() - divided(x, y)),
    ],
    misses=[lambda x, y: Softmax()(y) * divided(x, y), lambda x, y: Softmax()(x) * divided(x, y) ** 2],
)
def chosen_probability_cancels(node: Node, context: Context) -> Node | None:
    """The slope of log at a probability of 0 is inf, and the softmax multiplies it by 0 again: the quotient that was put in place is 1."""
    if Softmax not in context.ingredients(node):
        return None
    parts = factorization(node, context)
    for probabilities in parts.factors:
        p = probabilities.node
        if not isinstance(context.op(p), Softmax) or probabilities.side != 1 or p.type.dtype != node.type.dtype:
            continue
        for other in parts.factors:
            if other is probabilities or other.side != 1 or other.exponent != 1:
                continue
            entered = times_probabilities(other.node, p, context)
            if entered is not None:
                return fitting(parts.replaced({probabilities: None, other: entered}), node)
    return None


def divided(x: Node, y: Node) -> Node:
    """Return the gradient of log p[rows, columns] by the probabilities p, for the examples."""
    if x.type.ndim != 2:
        raise IndexError("a matrix is needed")
    p = Softmax()(x)
    chosen = AdvancedIndex((ARRAY, ARRAY))(p, [0, 1], [1, 0])
    return AdvancedIncSubtensor((ARRAY, ARRAY))(zeros_like(p), cast(y.sum(), p.type.dtype) / chosen, [0, 1], [1, 0])


def times_probabilities(node: Node, p: Node, context: Context) -> Node | None:
    """Return the product of probabilities with a node in which a part is divided by the same part of them; None for anything else."""
    op = context.op(node)
    if isinstance(op, (Add, Sub)) and node.type.dtype == p.type.dtype:
        for position, each in enumerate(node.inputs):
            entered = times_probabilities(each, p, context) if isinstance(context.op(each), Assignment) else None
            if entered is not None:
                rest = mul(p, node.inputs[1 - position])
                return op(entered, rest) if position == 0 else op(rest, entered)
        return None
    if not isinstance(op, Assignment) or not is_zero(node.inputs[0], context) or node.type.dtype != p.type.dtype:
        return None
    zeros, new, *indices = node.inputs
    filled = isinstance(context.op(new), Fill)
    parts = factorization(new.inputs[1] if filled else new, context)
    for factor in parts.factors:
        chosen = factor.node
        if factor.side != -1 or factor.exponent != 1 or chosen.op != op.reader() or chosen.inputs[0] is not p:
            continue
        if all(a is b for a, b in zip(chosen.inputs[1:], indices)):
            value = fill(chosen, parts.replaced({factor: None}))
            whole = zeros if same_shape(zeros, p, context) else fill(p, zeros)
            return op(whole, fill(new.inputs[0], value) if filled else value, *indices)
    return None


@procedure(
    simplify,
    on=[AdvancedIncSubtensor],
    needs_any=[Fill],
    dtypes=FLOATS,
    examples=[lambda x: AdvancedIncSubtensor((ARRAY,))(x, fill(exp(x)[[0, 0]], 2.0), [0, 0]) if x.type.ndim == 1 else one_hot(x, 2)],
    misses=[lambda x: AdvancedIncSubtensor((ARRAY,))(x, fill(exp(x)[[0, 1]], 2.0), [1, 1]) if x.type.ndim == 1 else x * 2],
)
def part_is_filled(node: Node, context: Context) -> Node | None:
    """One number for all of the part need not be repeated, if what says how often is the part itself."""
    x, new, *indices = node.inputs
    assert isinstance(node.op, AdvancedIncSubtensor)
    if not isinstance(context.op(new), Fill) or new.inputs[1].type.ndim:
        return None
    part, value = new.inputs
    if part.op != node.op.reader() or not all(a is b for a, b in zip(part.inputs[1:], indices)):
        return None
    return node.op(x, value, *indices) if same_shape(x, part.inputs[0], context) else None


def one_hot(x: Node, value: float, rows: Node | None = None) -> Node:
    """Return zeros like a matrix with a number at one column of each row, for the examples."""
    if x.type.ndim != 2:
        raise IndexError("a matrix is needed")
    rows = arange(length_of(x, 0)) if rows is None else rows
    columns = fill(rows, Constant(1))
    part = AdvancedIndex((ARRAY, ARRAY))(exp(x), rows, columns)
    return AdvancedIncSubtensor((ARRAY, ARRAY))(zeros_like(x), fill(part, cast(value, x.type.dtype)), rows, columns)


@procedure(
    simplify,
    on=[AdvancedIncSubtensor],
    dtypes=FLOATS,
    examples=[
        lambda x: at_the_same(one_hot(x, 2), lambda total: exp(x) * total),
        lambda x: at_the_same(one_hot(x, 2), lambda total: -(total * exp(x))),
        lambda x: at_the_same(one_hot(x, 2, arange(length_of(x[1:], 0))), lambda total: exp(x) * total),
    ],
    misses=[
        lambda x: one_hot(x, 2),
        lambda x: at_the_same(one_hot(x, 2), lambda total: exp(x) + total),
    ],
)
def sum_of_one_hot(node: Node, context: Context) -> Node | None:
    """What stands at one place of each row is the sum of the row. So the gradient of a classifier is softmax minus one-hot, scaled."""
    whole, new, *indices = node.inputs
    assert isinstance(node.op, AdvancedIncSubtensor)
    if node.op.template != (ARRAY, ARRAY) or whole.type.dtype != node.type.dtype or POINT in node.op.template:
        return None
    if any(each.type.ndim != 1 or each.type.dtype == "bool" or each.type.broadcastable[0] for each in indices):
        return None
    parts = factorization(whole, context)
    measured = next((each.node for each in parts.factors if each.node.type.broadcastable == whole.type.broadcastable), whole)
    for each in parts.factors:
        total = row_sums(each.node, indices, measured, context)
        if total is not None and each.exponent == 1:
            zeros = each.node.inputs[0].inputs[0].inputs[0]
            result = fitting(parts.replaced({each: total}), whole)
            return node.op(result, new, *indices) if result is not None and same_shape(result, zeros, context) else None
    return None


def at_the_same(part: Node, make: Callable[[Node], Node]) -> Node:
    """Return a matrix made with the sums of the rows of another one, written into where that was, for the examples."""
    assert part.op is not None
    whole = make(part.sum(axis=1).dimshuffle(0, "x"))
    return part.op(whole, *part.inputs[1:])


def row_sums(node: Node, places: Sequence[Node], measured: Node, context: Context) -> Node | None:
    """Return the sums of rows of zeros into which something is put at some places, one number a row; None for anything else.

    Args:
        node: the sums, as a column.
        places: the places, as index arrays.
        measured: an array with as many rows.
        context: answers about nodes.
    """
    if node.op != COLUMN or node.inputs[0].op != Sum((1,)):
        return None
    (scattered,) = node.inputs[0].inputs
    op = context.op(scattered)
    if not isinstance(op, AdvancedIncSubtensor) or op.template != (ARRAY, ARRAY) or not is_zero(scattered.inputs[0], context):
        return None
    zeros, new, *indices = scattered.inputs
    if not all(a is b for a, b in zip(indices, places)):
        return None
    rows, value = indices[0], new
    while isinstance(context.op(value), Fill) and value.inputs[1].type.ndim == 0:
        value = value.inputs[1]
    end = counted_length(rows)
    if counts_through(rows, zeros, 0, context):
        return COLUMN(value) if value.type.ndim else value
    if end is None or value.type.ndim:
        return None
    return COLUMN(switch(lt(arange(length_of(measured, 0)), end), value, 0))

