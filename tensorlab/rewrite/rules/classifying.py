"""Costs of classifiers: one probability of each row is chosen, and its logarithm taken. Their gradient is softmax minus one-hot.

Floor 3. Read `softmaxes`, `assigned` and `positions` before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...graph.node import Constant, Node
from ...graph.types import FLOATS
from ...ops.advanced_indexing import AdvancedIndex
from ...ops.arithmetic import Add, Mul, Sub, mul
from ...ops.assigning import AdvancedIncSubtensor, Assignment
from ...ops.choices import Fill, cast, fill, switch, zeros_like
from ...ops.classification import LogSoftmax, Softmax
from ...ops.comparisons import lt
from ...ops.functions import Log, exp, log
from ...ops.index_templates import ARRAY, POINT
from ...ops.indexing import Subtensor
from ...ops.ranges import arange
from ...ops.reductions import Sum
from ...ops.shapes import DimShuffle, length_of
from ..context import Context
from ..products import factorization
from ..rule import procedure, simplify, stabilize
from .assigned import is_zero
from .parts import fitting
from .positions import counted_length, counts_through, same_shape
from .softmaxes import COLUMN


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
    if node.type.dtype != p.type.dtype:
        return None
    if not isinstance(op, (Add, Sub)):
        parts = factorization(node, context)
        for each in parts.factors:
            entered = times_probabilities_in_part(each.node, p, context) if each.side == each.exponent == 1 else None
            if entered is not None:
                return parts.replaced({each: entered})
        return None
    for position, term in enumerate(node.inputs):
        entered = None if isinstance(context.op(term), (Add, Sub)) else times_probabilities(term, p, context)
        if entered is not None:
            rest = mul(p, node.inputs[1 - position])
            return op(entered, rest) if position == 0 else op(rest, entered)
    return None


def times_probabilities_in_part(node: Node, p: Node, context: Context) -> Node | None:
    """Return the product of probabilities with zeros into which something divided by the same part of them is put; else None."""
    op = context.op(node)
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
