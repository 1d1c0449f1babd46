"""What a reader would write: one fraction bar, one number in front, like factors and like terms together.

Floor 3, only for display. These rules reorder sums and products freely, which in floats may overflow or lose digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...graph.node import Node
from ...graph.promotion import promote, promote_to_float
from ...graph.types import FLOATS
from ...ops.arithmetic import Add, Mul, Neg, Sub, TrueDiv, add, mul, neg, sub, true_div
from ...ops.choices import cast
from ...ops.functions import exp
from ...ops.products import Dot, product
from ...ops.reductions import Sum
from ..context import Context
from ..numbers import Number
from ..products import factorization, power
from ..rule import display, procedure, rule
from .products import whole
from .sums import term

MOST_TERMS = 24


@procedure(
    display,
    on=[Mul, TrueDiv],
    dtypes=FLOATS,
    examples=[
        lambda x, y: (x * y) * x,
        lambda x, y: x * (y * (x * y)),
        lambda x, y: (x / y) * x,
        lambda x, y: (x / y) / x.sum(),
        lambda x, y: x / (y / exp(x)),
        lambda x, y: (x * 1e-20) * (y * 1e10),
        lambda x, y: x / (3 * y),
    ],
    misses=[lambda x, y: x * y, lambda x, y: x / y, lambda x, y: 2 * (x / y)],
)
def factors_collected(node: Node, context: Context) -> Node | None:
    """One fraction bar, one number in front, every base once."""
    parts = factorization(node, context, MOST_TERMS)
    dtype = node.type.dtype
    number: Number = -1 if negatives(node, context) % 2 else 1
    exponents: dict[Node, Number] = {}
    for each in parts.factors:
        value = context.scalar(each.node)
        if value is not None and value != 0:
            number = number * value if each.side == 1 else number / value
        elif whole(each.exponent) and whole(exponents.get(each.base, 0)):
            exponents[each.base] = exponents.get(each.base, 0) + each.side * each.exponent
        else:
            base, exponent = each.node, each.side  # x**0.5 * x is not x**1.5 where x is negative
            exponents[base] = exponents.get(base, 0) + exponent
    above = multiplied([power(base, exponent, dtype) for base, exponent in exponents.items() if exponent > 0], dtype)
    below = multiplied([power(base, -exponent, dtype) for base, exponent in exponents.items() if exponent < 0], dtype)
    if below is None:
        result = above if above is not None else context.constant(number, dtype)
    else:
        over: Node = above if above is not None else context.constant(abs(number), dtype)
        result = true_div(in_dtype(over, below, dtype, promote_to_float), below)
    if above is not None and number != 1:
        result = neg(result) if number == -1 else mul(context.constant(number, dtype), result)
    elif above is None and below is not None and number < 0:
        result = neg(result)
    fitting = context.fit(node, result)
    return None if fitting is None or same_tree(fitting, node) else fitting


def negatives(node: Node, context: Context) -> int:
    """Count the signs among the factors of a product."""
    count, pending, room = 0, [(node, True)], MOST_TERMS
    while pending:
        each, top = pending.pop()
        op = each.op if top else context.op(each)
        if isinstance(op, (Mul, TrueDiv, Neg)) and each.type.dtype == node.type.dtype and room:
            room -= 1
            count += isinstance(op, Neg)
            pending.extend((one, False) for one in reversed(each.inputs))
    return count


def multiplied(factors: Sequence[Node | None], dtype: str) -> Node | None:
    """Return the product of some nodes, computed in a dtype, or None of none."""
    result: Node | None = None
    for each in factors:
        if each is not None:
            result = each if result is None else mul(in_dtype(result, each, dtype), each)
    return result


def in_dtype(x: Node, y: Node, dtype: str, promotion: Callable[..., str] = promote) -> Node:
    """Return `x`, cast to a dtype if what is computed from it and `y` would not have that."""
    return x if promotion(x.type.dtype, y.type.dtype) == dtype else cast(x, dtype)


def same_tree(a: Node, b: Node, depth: int = 2 * MOST_TERMS) -> bool:
    """Say whether two nodes are written alike; equal leaves are one node already, new constants are compared."""
    if a is b or (a.op is None and b.op is None and getattr(a, "signature", a) == getattr(b, "signature", b)):
        return True
    return (
        depth > 0
        and a.op is not None
        and a.op == b.op
        and len(a.inputs) == len(b.inputs)
        and all(same_tree(one, other, depth - 1) for one, other in zip(a.inputs, b.inputs))
    )


@procedure(
    display,
    on=[Add, Sub],
    dtypes=FLOATS,
    examples=[lambda x, y: (x + y) - x, lambda x, y: (x + y) + (x + y * 2), lambda x: (x + 1e3) - 1, lambda x, y: (x + 1) - (y + 1)],
    misses=[lambda x, y: x + y, lambda x, y: x - 2 * y, lambda x: x + 1],
)
def terms_collected(node: Node, context: Context) -> Node | None:
    """Every term once, with one number in front."""
    dtype = node.type.dtype
    coefficients: dict[Node, Number] = {}
    constant: Number = 0
    count = constants = 0
    pending: list[tuple[Node, int, bool]] = [(node, 1, True)]
    while pending:
        each, sign, top = pending.pop()
        op = each.op if top else context.op(each)
        if isinstance(op, (Add, Sub)) and each.type.dtype == dtype and count + len(pending) < MOST_TERMS:
            pending.append((each.inputs[1], sign if isinstance(op, Add) else -sign, False))
            pending.append((each.inputs[0], sign, False))
            continue
        count += 1
        number = context.scalar(each)
        if number is not None:
            constant += sign * number
            constants += 1
        else:
            factor, base = term(each, context, dtype)
            coefficients[base] = coefficients.get(base, 0) + sign * factor
    if len(coefficients) + min(constants, 1) == count:
        return None
    result: Node | None = None
    for base, factor in sorted(coefficients.items(), key=lambda item: item[1] < 0):  # a sum should not begin with a minus
        if factor:
            size = cast(base, dtype) if abs(factor) == 1 else mul(context.constant(abs(factor), dtype), base)
            result = (size if factor > 0 else neg(size)) if result is None else (add if factor > 0 else sub)(result, size)
    if result is None:
        result = context.constant(constant, dtype)
    elif constant:
        result = add(result, context.constant(constant, dtype)) if constant > 0 else sub(result, context.constant(-constant, dtype))
    return context.fit(node, result)


@procedure(
    display,
    on=[Mul, Neg],
    dtypes=FLOATS,
    examples=[
        lambda x, y: (-2) * (x - y),
        lambda x, y: -((x - y) * exp(x)),
        lambda x, y: -((x - y) / y),
        lambda x, y: (-3) * (exp(x) * (x - y)),
        lambda x, y: -((x - y) * exp(x)).sum(),
        lambda x, y: (-2) * product(x, x - y),
    ],
    misses=[lambda x, y: 2 * (x - y), lambda x, y: (-2) * (x + y), lambda x, y: -(x * y)],
)
def sign_turns_difference(node: Node, context: Context) -> Node | None:
    """2(y - t) reads better than -2(t - y)."""
    if isinstance(node.op, Mul):
        number = context.scalar(node.inputs[0])
        if number is None or number >= 0:
            return None
        rest: Node = node.inputs[1]
    else:
        number, rest = -1, node.inputs[0]
    if isinstance(context.op(rest), (Mul, TrueDiv, Sub)):
        turned = turned_product(rest, node.type.dtype, context)
        if turned is not None:
            return turned if number == -1 else mul(context.constant(-number, node.type.dtype), turned)
    elif isinstance(context.op(rest), (Dot, Sum)) and rest.type.dtype == node.type.dtype and rest.op is not None:
        for position, each in enumerate(rest.inputs):
            turned = turned_product(each, node.type.dtype, context)
            if turned is not None:
                inputs = [*rest.inputs[:position], turned, *rest.inputs[position + 1 :]]
                around = rest.op(*inputs)
                return around if number == -1 else mul(context.constant(-number, node.type.dtype), around)
    return None


def turned_product(node: Node, dtype: str, context: Context) -> Node | None:
    """Return the negative of a product by turning around a difference among its factors, or None if there is none.

    Differences from a number (1 - s) are how people write them, and stay.
    """
    parts = factorization(node, context, MOST_TERMS)
    for each in parts.factors:
        if isinstance(context.op(each.node), Sub) and each.node.type.dtype == dtype and context.number(each.node.inputs[0]) is None:
            return parts.replaced({each: sub(each.node.inputs[1], each.node.inputs[0])})
    return None


@procedure(
    display,
    on=[Neg],
    dtypes=FLOATS,
    examples=[lambda x, y: -((x - y) * x + y), lambda x, y: -(y + exp(x) * (x - y))],
    misses=[lambda x, y: -(x * y + x), lambda x, y: -((x + y) * x)],
)
def sign_enters_sum(node: Node, context: Context) -> Node | None:
    """(1 - t)s - tr reads better than -((t - 1)s + tr)."""
    (x,) = node.inputs
    if not isinstance(context.op(x), Add):
        return None
    for each, other in (x.inputs, x.inputs[::-1]):
        turned = turned_product(each, node.type.dtype, context)
        if turned is not None:
            return context.fit(node, sub(turned, other))
    return None


@procedure(
    display,
    on=[Dot],
    dtypes=FLOATS,
    examples=[lambda x, y: product(2 * x, y), lambda x, y: product(x, 0.5 * y)],
    misses=[lambda x, y: product(x, y), lambda x, y: 2 * product(x, y)],
)
def number_leaves_matrix_product(node: Node, context: Context) -> Node | None:
    """A number in front of the product can meet others."""
    for position, each in enumerate(node.inputs):
        if isinstance(context.op(each), Mul) and context.scalar(each.inputs[0]) is not None and each.inputs[1].type == each.type:
            inputs = list(node.inputs)
            inputs[position] = each.inputs[1]
            return mul(each.inputs[0], product(*inputs))
    return None


@procedure(
    display,
    on=[Dot, Sum],
    dtypes=FLOATS,
    examples=[
        lambda x, y: product(x / y.sum(), y),
        lambda x, y: product(x, exp(y.sum()) * y),
        lambda x, y: (x * y.sum()).sum(),
        lambda x, y: ((x * y) / (y.sum() * 3)).sum(),
    ],
    misses=[
        lambda x, y: product(x, y),
        lambda x, y: (x * y).sum(),
        lambda x, y: (x + y.sum()).sum(),
        lambda x, y: product(x, x / y),
        lambda x: (1 / x).sum(),
    ],
)
def scalar_leaves_sum(node: Node, context: Context) -> Node | None:
    """A scalar that multiplies or divides every term stands in front, once: the 1/n of a mean."""
    dtype = node.type.dtype
    assert node.op is not None
    for position, each in enumerate(node.inputs):
        if not isinstance(context.op(each), (Mul, TrueDiv)) or each.type.ndim == 0 or each.type.dtype != dtype:
            continue
        parts = factorization(each, context, MOST_TERMS)
        scalars = [factor for factor in parts.factors if factor.node.type.ndim == 0 and context.number(factor.node) != 1]
        if not scalars:
            continue
        rest = parts.replaced(dict.fromkeys(scalars))
        if rest.type != each.type:
            continue
        result: Node = node.op(*node.inputs[:position], rest, *node.inputs[position + 1 :])
        above = multiplied([factor.node for factor in scalars if factor.side == 1], dtype)
        below = multiplied([factor.node for factor in scalars if factor.side == -1], dtype)
        if above is not None:
            result = mul(in_dtype(above, result, dtype), result)
        return result if below is None else true_div(result, below)
    return None


@rule(display, dtypes=FLOATS)
def common_denominator_of_sum(x: Any, y: Any, z: Any) -> Any:
    """One fraction bar is read sooner than two."""
    return x / z + y / z, (x + y) / z


@rule(display, dtypes=FLOATS)
def common_denominator_of_difference(x: Any, y: Any, z: Any) -> Any:
    """One fraction bar is read sooner than two."""
    return x / z - y / z, (x - y) / z


@rule(display, dtypes=FLOATS)
def complements_meet(s: Any, t: Any) -> Any:
    """s - st - t + st is s - t: the gradient of a cross-entropy."""
    return (1 - t) * s - t * (1 - s), s - t
