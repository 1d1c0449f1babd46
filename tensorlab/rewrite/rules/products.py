"""Products and quotients: numbers collected in front, factors cancelled, powers joined.

Floor 3. Read `rewrite/products.py` and `rewrite/numbers.py` before. What is done here costs at most a few units in the last place:
numbers move only if they are moderate, and factors are only taken together where the product gets smaller, never where it might overflow.
"""

from __future__ import annotations

from typing import Any

from ...graph.node import Constant, Node
from ...graph.types import FLOATS
from ...ops.arithmetic import Mul, Neg, Pow, Reciprocal, TrueDiv, mul, neg, sqr, true_div
from ..context import Context
from ..numbers import Number, moderate, product, wrapped
from ..products import factorization, power, power_of
from ..rule import canonicalize, procedure, rule, stabilize


def numbered(node: Node, context: Context, dtype: str) -> tuple[Number, Node] | None:
    """Return c and x of a product c * x (or -x) with a number, or None."""
    op = context.op(node)
    if node.type.dtype != dtype:
        return None
    if isinstance(op, Neg):
        return -1, node.inputs[0]
    if isinstance(op, Mul):
        number = context.scalar(node.inputs[0])
        return None if number is None else (number, node.inputs[1])
    return None


def multiple(number: Number, node: Node, dtype: str, context: Context) -> Node:
    """Return number * node in a dtype."""
    return neg(node) if number == -1 and node.type.dtype == dtype else mul(context.constant(number, dtype), node)


@procedure(
    canonicalize,
    on=[Mul, Neg],
    needs_any=[Mul, Neg],
    examples=[lambda x: 2 * (3 * x), lambda x: -(3 * x), lambda x: 3 * (-x)],
    misses=[lambda x: 2 * (3 + x), lambda x: -(3 + x)],
)
def numbers_multiply(node: Node, context: Context) -> Node | None:
    """Two numbers in a product are one number, known ahead."""
    dtype = node.type.dtype
    outer = numbered(node, context, dtype)
    inner = numbered(outer[1], context, dtype) if outer is not None else None
    if outer is None or inner is None or (outer[0] == inner[0] == -1):
        return None
    number = product(outer[0], inner[0], dtype)
    return None if number is None else multiple(number, inner[1], dtype, context)


@procedure(
    canonicalize,
    on=[Mul, TrueDiv],
    needs=[Constant],
    needs_any=[Mul, TrueDiv],
    dtypes=FLOATS,
    examples=[lambda x: 2 * (3 / x), lambda x: (2 * x) / 4, lambda x: 2 * (x / 4)],
    misses=[lambda x: (2 * x) / 3, lambda x: 2 * (x / 3), lambda x: -(3 / x)],
)
def number_meets_quotient(node: Node, context: Context) -> Node | None:
    """Two numbers around a fraction bar are one number; between different sides of the bar only where their quotient is exact."""
    dtype = node.type.dtype
    if isinstance(node.op, TrueDiv):
        inner, below = numbered(node.inputs[0], context, dtype), context.scalar(node.inputs[1])
        if inner is None or inner[0] == -1 or below is None:
            return None
        number = exact_quotient(inner[0], below, dtype)
        return None if number is None else multiple(number, inner[1], dtype, context)
    outer = numbered(node, context, dtype)
    if outer is None or outer[0] == -1 or not isinstance(context.op(outer[1]), TrueDiv) or outer[1].type.dtype != dtype:
        return None
    above, below = (context.scalar(each) for each in outer[1].inputs)
    if above is not None:
        number = product(outer[0], above, dtype)
        return None if number is None else true_div(context.constant(number, dtype), outer[1].inputs[1])
    if below is None:
        return None
    number = exact_quotient(outer[0], below, dtype)
    return None if number is None else multiple(number, outer[1].inputs[0], dtype, context)


def exact_quotient(a: Number, b: Number, dtype: str) -> Number | None:
    """Return a / b if it is a whole number or a power of 2 and moderate, else None: anything else would be rounded twice."""
    if not b or not moderate(a, dtype) or not moderate(b, dtype):
        return None
    quotient = wrapped(a / b, dtype)
    exact = quotient * b == a and (quotient == int(quotient) or abs(1 / quotient) == int(abs(1 / quotient)))
    return quotient if exact and moderate(quotient, dtype) else None


@procedure(
    canonicalize,
    on=[Mul],
    needs_any=[Mul, TrueDiv],
    examples=[lambda x, y: (2 * x) * y, lambda x, y: x * (3 * y), lambda x, y: (2 * x) * (3 * y)],
    misses=[lambda x, y: (2 + x) * y, lambda x, y: 2 * (x * y)],
)
def number_leaves_product(node: Node, context: Context) -> Node | None:
    """A number in front of the product can meet others."""
    x, y = node.inputs
    if context.number(x) is not None:
        return None
    dtype = node.type.dtype
    for position, each in enumerate((x, y)):
        found = numbered(each, context, dtype) or numerator(each, context, dtype)
        if found is None or found[0] == -1 or not moderate(found[0], dtype) or stacked(found[1], context, dtype):
            continue
        if as_large(each, node, context):
            rest = mul(found[1], y) if position == 0 else mul(x, found[1])
            return multiple(found[0], rest, dtype, context) if rest.type.shape == node.type.shape else None
    return None


def numerator(node: Node, context: Context, dtype: str) -> tuple[Number, Node] | None:
    """Return c and 1 / x of a quotient c / x of a number, or None."""
    if not isinstance(context.op(node), TrueDiv) or node.type.dtype != dtype:
        return None
    number = context.scalar(node.inputs[0])
    return None if number is None or number == 1 else (number, true_div(context.constant(1, dtype), node.inputs[1]))


def as_large(part: Node, node: Node, context: Context) -> bool:
    """Say whether multiplying all of a node by a number costs no more than multiplying one part of it."""
    return context.for_display or part.type.broadcastable == node.type.broadcastable


def stacked(node: Node, context: Context, dtype: str) -> bool:
    """Say whether there is one more number in front, which could not be joined with the one before: such stacks stay where they are.

    Otherwise the numbers of a long chain would all move through all of it.
    """
    return numbered(node, context, dtype) is not None


@procedure(
    canonicalize,
    on=[TrueDiv],
    needs=[Mul],
    dtypes=FLOATS,
    examples=[lambda x, y: (2 * x) / y, lambda x, y: (3 * x) / (x + y)],
    misses=[lambda x, y: (2 + x) / y, lambda x, y: 2 / (x * y)],
)
def number_leaves_quotient(node: Node, context: Context) -> Node | None:
    """A number in front of the quotient can meet others."""
    x, y = node.inputs
    dtype = node.type.dtype
    found = numbered(x, context, dtype)
    if found is None or found[0] == -1 or not moderate(found[0], dtype) or context.number(y) is not None:
        return None
    if stacked(found[1], context, dtype) or not as_large(x, node, context):
        return None
    rest = true_div(found[1], y)
    return multiple(found[0], rest, dtype, context) if rest.type == node.type else None


@procedure(
    canonicalize,
    on=[TrueDiv],
    needs=[Constant],
    dtypes=FLOATS,
    examples=[lambda x: -1 / x, lambda x: (-2.5) / (x + 1)],
    misses=[lambda x: 1 / x, lambda x: x / -2],
)
def negative_number_over(node: Node, context: Context) -> Node | None:
    """A sign in front of the quotient can meet others, and vanish."""
    number = context.scalar(node.inputs[0])
    if number is None or not number < 0:
        return None
    return neg(true_div(context.constant(-number, node.type.dtype), node.inputs[1]))


@procedure(
    canonicalize,
    on=[Mul],
    needs=[TrueDiv],
    dtypes=FLOATS,
    examples=[lambda x, y: (1 / x) * y, lambda x, y: y * (3 / x)],
    misses=[lambda x, y: (x / y) * y.sum(), lambda x, y: (1 + x) * y],
)
def quotient_of_product(node: Node, context: Context) -> Node | None:
    """One division instead of a division and a product; not where it would divide a whole array instead of one number."""
    dtype = node.type.dtype
    for quotient, other in (node.inputs, node.inputs[::-1]):
        if isinstance(context.op(quotient), TrueDiv) and quotient.type.dtype == dtype and context.number(other) is None:
            number, below = context.scalar(quotient.inputs[0]), quotient.inputs[1]
            if number is None or not moderate(number, dtype) or (below.type.ndim < node.type.ndim and not context.for_display):
                continue
            rest = true_div(other, below)
            if rest.type == node.type:
                return rest if number == 1 else multiple(number, rest, dtype, context)
    return None


@rule(canonicalize)
def times_itself(x: Any) -> Any:
    """A square reads its operand once."""
    return x * x, sqr(x)


@procedure(
    canonicalize,
    on=[Mul],
    needs=[Pow],
    dtypes=FLOATS,
    examples=[lambda x: x**3 * x, lambda x: x * x**5, lambda x: x**3 * x**4, lambda x: x**3 * sqr(x), lambda x: x**2.5 * x**1.25],
    misses=[lambda x, y: x**3 * y, lambda x: x**3 * x**-1.5, lambda x: x**2.5 * x**0.5, lambda x: x**0.5 * sqr(x)],
)
def powers_multiply(node: Node, context: Context) -> Node | None:
    """Powers of one number are multiplied by adding their exponents: one power instead of two."""
    x, y = node.inputs
    if not any(isinstance(context.op(each), Pow) for each in (x, y)):
        return None
    (base, a), (other, b) = (power_of(each, context, node.type.dtype) for each in (x, y))
    if base is not other or (a > 0) != (b > 0) or (not (whole(a) and whole(b)) and (whole(a) or whole(b) or whole(a + b))):
        return None  # x**0.5 is nan for negative x, and x**2.5 * x**0.5 = x**3 would not be
    return power(base, a + b, node.type.dtype)


def whole(number: Number) -> bool:
    """Say whether a number is whole."""
    return number == int(number)


@procedure(
    stabilize,
    on=[Mul, TrueDiv],
    dtypes=FLOATS,
    examples=[
        lambda x, y: (x * y) / x,
        lambda x, y: x / (y * x),
        lambda x, y: (y / x) * x,
        lambda x: x**3 / x,
        lambda x: sqr(x) / x**5,
        lambda x, y: ((1 / x) * y) * x,
        lambda x, y: -((x / y) * (y * x)),
    ],
    misses=[lambda x, y: (x + y) / x, lambda x, y: (x * y) * x, lambda x, y: (x * 2) / (y * 2), lambda x: x**0.5 / x],
)
def factors_cancel(node: Node, context: Context) -> Node | None:
    """What stands above and below the line cancels; where it is 0 or inf, the nan becomes the limit."""
    if not context.ingredients(node) & {TrueDiv, Reciprocal, Pow}:
        return None
    parts = factorization(node, context)
    if len({each.side for each in parts.factors}) == 1 and all(each.exponent > 0 for each in parts.factors):
        return None
    for position, first in enumerate(parts.factors):
        for second in parts.factors[position + 1 :]:
            a, b = first.side * first.exponent, second.side * second.exponent
            if first.base is not second.base or (a > 0) == (b > 0) or not (whole(a) and whole(b)) or context.number(first.base) is not None:
                continue
            keeps, goes, rest = (first, second, a + b) if abs(a) >= abs(b) else (second, first, a + b)
            result = context.fit(node, parts.replaced({keeps: power(keeps.base, keeps.side * rest, node.type.dtype), goes: None}))
            if result is not None:
                return result
    return None
