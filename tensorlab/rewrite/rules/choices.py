"""`fill` (an array shaped like another one), casts, maximum and minimum, choices whose condition is known.

Floor 3. Read `rewrite/context.py` before. Gradients are full of `fill`: the derivative of a sum is an array of ones, shaped like
what was summed. Such a `fill` moves outward until what it fills has the shape anyway; what remains reads a shape and computes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph.node import Node
from ...graph.types import DTYPES
from ...ops.branching import IfElse
from ...ops.choices import Cast, Fill, cast, fill, maximum, minimum, switch
from ...ops.families import Elementwise
from ...ops.functions import exp
from ...ops.shapes import DimShuffle
from ..context import Context
from ..rule import canonicalize, procedure, rule


@procedure(
    canonicalize,
    on=[Elementwise],
    needs=[Fill],
    dtypes=DTYPES,
    examples=[
        lambda x, y: exp(fill(x, y)),
        lambda x, y: fill(x, 1.0) * y,
        lambda x, y: fill(x, y) - fill(y, x),
        lambda x: exp(fill(x, x.sum())),
    ],
    misses=[lambda x, y: fill(x, exp(y)), lambda x, y: exp(x) * y],
)
def fill_moves_outward(node: Node, context: Context) -> Node | None:
    """Computing one number and filling an array with it is cheaper than filling first; and further out it may turn out to be needless."""
    assert isinstance(node.op, Elementwise)
    if isinstance(node.op, Fill) or not node.op.merges:
        return None
    shapes, inputs = [], []
    for each in node.inputs:
        if isinstance(context.op(each), Fill):
            shapes.append(each.inputs[0])
            inputs.append(each.inputs[1])
        else:
            inputs.append(each)
    if not shapes:
        return None
    result = node.op(*inputs)
    for shape in dict.fromkeys(shapes):
        result = fill(shape, result)
    return context.fit(node, result, kept_all=True)


@procedure(
    canonicalize,
    on=[Fill],
    dtypes=DTYPES,
    examples=[
        lambda x: fill(exp(x), x),
        lambda x, y: fill(x * y, 1.0),
        lambda x, y: fill(x + y, x * y),
        lambda x: fill(x, fill(exp(x), 2.0)),
    ],
    misses=[lambda x: fill(x, x.sum()), lambda x: fill(x, 3.0)],
)
def fill_reads_shapes(node: Node, context: Context) -> Node | None:
    """Only the shape of the first operand counts: it is read from what that is made of, unless the second has it already."""
    result = context.fit(node, node.inputs[1])
    if result is None or (result.op == node.op and result.inputs == node.inputs):
        return None
    return result


@procedure(
    canonicalize,
    on=[DimShuffle],
    needs=[Fill],
    dtypes=DTYPES,
    examples=[
        lambda x: fill(x, 2.0).dimshuffle("x", *range(x.type.ndim)),
        lambda x, y: fill(x, y).dimshuffle(*reversed(range(x.type.ndim)), "x"),
    ],
    misses=[lambda x: exp(x).dimshuffle("x", *range(x.type.ndim))],
)
def fill_leaves_dimshuffle(node: Node, context: Context) -> Node | None:
    """Arranging axes of the shape and of the value apart lets the fill move on outward."""
    (filled,) = node.inputs
    assert isinstance(node.op, DimShuffle)
    if not isinstance(context.op(filled), Fill):
        return None
    shape, value = filled.inputs
    arranged = value if value.type.ndim == 0 else arranged_as(node.op, filled.type.ndim, value)
    return context.fit(node, fill(arranged_as(node.op, filled.type.ndim, shape), arranged), kept_all=True)


def arranged_as(op: DimShuffle, ndim: int, operand: Node) -> Node:
    """Return an operand that stretches to `ndim` axes, in the arrangement that `op` gives to these."""
    missing = ndim - operand.type.ndim
    return operand.dimshuffle(*["x" if axis == "x" or int(axis) < missing else int(axis) - missing for axis in op.pattern])


@procedure(
    canonicalize,
    on=[Cast],
    dtypes=DTYPES,
    examples=[
        lambda x: Cast(x.type.dtype)(x),
        lambda x: cast(cast(x > 0, "int8"), "float64"),
        lambda x: cast(cast(x > 0, "float32"), "float64"),
    ],
    misses=[lambda x: cast(cast(x * 0.5, "int8"), "float64"), lambda x: cast(cast(x * 300, "int8"), "int64")],
)
def cast_of_cast(node: Node, context: Context) -> Node | None:
    """A cast to the dtype that is there already does nothing; a detour over a dtype that holds every value can be left out."""
    (x,) = node.inputs
    if x.type == node.type:
        return x
    if not isinstance(context.op(x), Cast):
        return None
    (inner,) = x.inputs
    return cast(inner, node.type.dtype) if np.can_cast(inner.type.dtype, x.type.dtype, "safe") else None


@rule(canonicalize, dtypes=DTYPES)
def maximum_of_one(x: Any) -> Any:
    """Of two equal numbers each is the larger."""
    return maximum(x, x), x


@rule(canonicalize, dtypes=DTYPES)
def minimum_of_one(x: Any) -> Any:
    """Of two equal numbers each is the smaller."""
    return minimum(x, x), x


@rule(canonicalize, dtypes=DTYPES)
def same_choice_in_first_branch(c: Any, x: Any, y: Any, z: Any) -> Any:
    """Where the first branch is taken the condition holds: it need not be asked again."""
    return switch(c, switch(c, x, y), z), switch(c, x, z)


@rule(canonicalize, dtypes=DTYPES)
def same_choice_in_second_branch(c: Any, x: Any, y: Any, z: Any) -> Any:
    """Where the second branch is taken the condition does not hold: it need not be asked again."""
    return switch(c, x, switch(c, y, z)), switch(c, x, z)


@procedure(
    canonicalize,
    on=[IfElse],
    dtypes=DTYPES,
    examples=[
        lambda x: IfElse()(True, x, exp(x)),
        lambda x: IfElse()(0, exp(x), x),
        lambda x: IfElse()(x.sum() > 0, x, x),
        lambda x: IfElse()(x.sum() > 0, IfElse()(x.sum() > 0, x, -x), exp(x)),
        lambda x: IfElse()(x.sum() > 0, x, IfElse()(x.sum() > 0, x * 2, exp(x))),
    ],
    misses=[
        lambda x: IfElse()(x.sum() > 0, x, exp(x)),
        lambda x: IfElse()(x.sum() > 0, IfElse()(x.sum() > 1, x, -x), exp(x)),
        lambda x, y: IfElse()(y.max() > 0, x, x),
    ],
)
def branch_is_dead(node: Node, context: Context) -> Node | None:
    """A branch that can never be taken need not be there; nor a choice between the same thing twice."""
    condition, then, otherwise = node.inputs
    number = context.number(condition)
    if (then is otherwise and context.may_drop(condition, then)) or number is not None:
        taken = then if then is otherwise or number else otherwise
        return taken if taken.type == node.type else None
    branches = [then, otherwise]
    for position, branch in enumerate(branches):
        if isinstance(context.op(branch), IfElse) and branch.inputs[0] is condition:
            branches[position] = branch.inputs[1 + position]
    if branches == [then, otherwise]:
        return None
    result = IfElse()(condition, *branches)
    return result if result.type == node.type else None
