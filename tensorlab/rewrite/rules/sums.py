"""Sums and differences: numbers added up, multiples of one thing taken together.

Floor 3. Only where nothing can cancel: (x + 1e16) - 1e16 is not x in floats.
"""

from __future__ import annotations

from ...graph.node import Constant, Node
from ...ops.arithmetic import Add, Mul, Neg, Sub, add, mul, neg, sub
from ..context import Context
from ..numbers import Number, moderate, total, wrapped
from ..rule import canonicalize, procedure


def offset(node: Node, context: Context, dtype: str) -> tuple[int, Node, Number] | None:
    """Return sign, x and c of a sum c + x, x - c or c - x with a number, or None."""
    op = context.op(node)
    if not isinstance(op, (Add, Sub)) or node.type.dtype != dtype:
        return None
    x, y = node.inputs
    number = context.scalar(y)
    if number is not None:
        return 1, x, number if isinstance(op, Add) else wrapped(-number, dtype)
    number = context.scalar(x)
    if number is not None:
        return (1 if isinstance(op, Add) else -1), y, number
    return None


@procedure(
    canonicalize,
    on=[Add, Sub],
    needs=[Constant],
    needs_any=[Add, Sub],
    examples=[lambda x: (x + 1) + 2, lambda x: (x - 1) - 2, lambda x: 3 + (1 - x), lambda x: -2 - (1 + x), lambda x: 2 + (x + 3)],
    misses=[lambda x: (x * 2) + 3, lambda x, y: (x + 1) + y],
)
def numbers_add(node: Node, context: Context) -> Node | None:
    """Two numbers in a sum are one number, known ahead; not where floats of opposite signs would have swallowed a small x."""
    dtype = node.type.dtype
    outer = offset(node, context, dtype)
    inner = offset(outer[1], context, dtype) if outer is not None else None
    if outer is None or inner is None:
        return None
    own = inner[2] if outer[0] == 1 else wrapped(-inner[2], dtype)
    number = total(outer[2], own, dtype)
    if number is None:
        return None
    x, sign = inner[1], outer[0] * inner[0]
    if sign == -1:
        return sub(context.constant(number, dtype), x)
    if number < 0 and wrapped(-number, dtype) == -number:
        return sub(x, context.constant(-number, dtype))
    return add(x, context.constant(number, dtype))


def term(node: Node, context: Context, dtype: str) -> tuple[Number, Node]:
    """Return c and x of a term c * x of a sum; 1 and the node itself if there is no number in front."""
    op = context.op(node)
    if node.type.dtype == dtype:
        if isinstance(op, Neg):
            return -1, node.inputs[0]
        if isinstance(op, Mul):
            number = context.scalar(node.inputs[0])
            if number is not None:
                return number, node.inputs[1]
    return 1, node


CANCELLING = 8
"""3x - 2x may be computed as x: both roundings together, divided by the part that is left, stay within 8 units in the last place."""


@procedure(
    canonicalize,
    on=[Add, Sub],
    examples=[lambda x: x + x, lambda x: 2 * x + x, lambda x: x + 3 * x, lambda x: 2 * x + 3 * x, lambda x: 3 * x - x, lambda x: x - 2 * x],
    misses=[lambda x, y: x + y, lambda x, y: 2 * x + 3 * y],
)
def terms_add(node: Node, context: Context) -> Node | None:
    """Multiples of one thing are one multiple of it: the thing is read once."""
    dtype = node.type.dtype
    (a, x), (b, y) = (term(each, context, dtype) for each in node.inputs)
    if x is not y or context.number(x) is not None:
        return None
    b = b if isinstance(node.op, Add) else -b
    number = wrapped(a + b, dtype)
    if not moderate(a, dtype) or not moderate(b, dtype) or abs(a) + abs(b) > CANCELLING * abs(a + b):
        return None
    if number == 1:
        return context.fit(node, x)
    return neg(x) if number == -1 and x.type.dtype == dtype else mul(context.constant(number, dtype), x)
