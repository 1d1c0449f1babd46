"""Signs: drawn out of products and quotients, resolved in sums.

Floor 3. All of these are exact: rounding is symmetric in floats, and whole numbers wrap around.
"""

from __future__ import annotations

from typing import Any

from ...graph.node import Node
from ...graph.types import FLOATS, SIGNED
from ...ops.arithmetic import Add, Mul, Neg, Sub, abs_, add, mul, neg, sqr, sub
from ...ops.products import Dot, product
from ...ops.shapes import DimShuffle
from ..context import Context
from ..numbers import wrapped
from ..rule import canonicalize, procedure, rule


@rule(canonicalize)
def twice_negative(x: Any) -> Any:
    """Turning the sign twice changes nothing."""
    return neg(neg(x)), x


@rule(canonicalize)
def times_minus_one(x: Any) -> Any:
    """The negative says it in one operation."""
    return x * -1, -x


@rule(canonicalize, dtypes=FLOATS)
def over_minus_one(x: Any) -> Any:
    """The negative says it in one operation."""
    return x / -1, -x


@rule(canonicalize)
def negative_factor(x: Any, y: Any) -> Any:
    """A sign in front of the product can meet others, and vanish."""
    return (-x) * y, -(x * y)


@rule(canonicalize, dtypes=FLOATS)
def negative_numerator(x: Any, y: Any) -> Any:
    """A sign in front of the quotient can meet others, and vanish."""
    return (-x) / y, -(x / y)


@rule(canonicalize, dtypes=FLOATS)
def negative_denominator(x: Any, y: Any) -> Any:
    """A sign in front of the quotient can meet others, and vanish."""
    return x / (-y), -(x / y)


@rule(canonicalize)
def plus_negative(x: Any, y: Any) -> Any:
    """A difference is one operation instead of two."""
    return x + (-y), x - y


@rule(canonicalize)
def minus_negative(x: Any, y: Any) -> Any:
    """A sum is one operation instead of two."""
    return x - (-y), x + y


@rule(canonicalize)
def negative_minus(x: Any, y: Any) -> Any:
    """A sign in front of the sum can meet others, and vanish."""
    return (-x) - y, -(x + y)


@rule(canonicalize)
def negative_difference(x: Any, y: Any) -> Any:
    """Turning a difference around turns its sign."""
    return -(x - y), y - x


@rule(canonicalize)
def square_of_negative(x: Any) -> Any:
    """A square has no sign."""
    return sqr(-x), sqr(x)


@rule(canonicalize, dtypes=SIGNED + FLOATS)
def magnitude_of_negative(x: Any) -> Any:
    """A magnitude has no sign (an unsigned number has no negative, only a wrapped one)."""
    return abs_(-x), abs_(x)


@procedure(
    canonicalize,
    on=[Add, Sub],
    needs=[Mul],
    dtypes=SIGNED + FLOATS,
    examples=[lambda x, y: x + (-2) * y, lambda x, y: x - (-2) * y, lambda x, y: (-3) * x + y],
    misses=[lambda x, y: x + 2 * y, lambda x, y: x - 2 * y, lambda x, y: (-3) * x - y],
)
def negative_coefficient(node: Node, context: Context) -> Node | None:
    """x - 2y reads better than x + (-2)y and costs the same."""
    x, y = node.inputs
    turned = turned_coefficient(y, node, context)
    if turned is not None:
        return sub(x, turned) if isinstance(node.op, Add) else add(x, turned)
    turned = turned_coefficient(x, node, context)
    return sub(y, turned) if turned is not None and isinstance(node.op, Add) else None


def turned_coefficient(term: Node, whole: Node, context: Context) -> Node | None:
    """Return the negative of a product with a negative number, or None if the term is none."""
    if not isinstance(context.op(term), Mul) or term.type.dtype != whole.type.dtype:
        return None
    number = context.scalar(term.inputs[0])
    dtype = term.type.dtype
    if number is None or not number < 0 or number == -1 or wrapped(-number, dtype) != -number:  # the lowest whole number has no negative
        return None
    return mul(context.constant(-number, dtype), term.inputs[1])


@procedure(
    canonicalize,
    on=[DimShuffle],
    needs=[Neg],
    dtypes=FLOATS,
    examples=[lambda x: (-x).dimshuffle(*range(x.type.ndim), "x"), lambda x: (-x).dimshuffle(*reversed(range(x.type.ndim)), "x")],
    misses=[lambda x: (-x).dimshuffle("x", *range(x.type.ndim)), lambda x: -(x.dimshuffle(*range(x.type.ndim), "x"))],
)
def sign_leaves_dimshuffle(node: Node, context: Context) -> Node | None:
    """A sign in front of the array can meet others, and vanish. Leading axes of length 1 will be left out anyway."""
    (x,) = node.inputs
    assert isinstance(node.op, DimShuffle)
    if node.op.pattern == ("x",) * (node.type.ndim - x.type.ndim) + tuple(range(x.type.ndim)):
        return None
    return neg(node.op(x.inputs[0])) if isinstance(context.op(x), Neg) else None


@procedure(
    canonicalize,
    on=[Dot],
    needs=[Neg],
    examples=[lambda x, y: product(-x, y), lambda x, y: product(x, -y)],
    misses=[lambda x, y: product(x, y), lambda x, y: -product(x, y)],
)
def sign_of_matrix_product(node: Node, context: Context) -> Node | None:
    """A sign in front of the product can meet others, and vanish."""
    for position, each in enumerate(node.inputs):
        if isinstance(context.op(each), Neg):
            inputs = list(node.inputs)
            inputs[position] = each.inputs[0]
            return -product(*inputs)
    return None
