"""The many spellings of a sigmoid and of its logarithm, and what they become.

Floor 3. Read `stable` before: it has the plain spelling 1 / (1 + exp(-x)), and what follows once a sigmoid is known by its name. Sums are
written here also as they come before other rules have tidied them (-y + 1), because stabilizing rules run alone in FAST_COMPILE.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...graph.node import Node
from ...graph.types import FLOATS, is_floating
from ...ops.arithmetic import Add, Mul, Neg, Sub, TrueDiv, mul, neg, reciprocal, sqr, sub, true_div
from ...ops.functions import exp, log, log2, log10
from ...ops.neural import Sigmoid, sigmoid, softplus
from ...ops.trigonometry import Tanh, tanh
from ..context import Context, SumOfFractions
from ..numbers import Number
from ..products import factorization, power_of
from ..rule import canonicalize, procedure, rule, stabilize

LOG2_E = 1.4426950408889634  # 1 / log 2
LOG10_E = 0.4342944819032518  # 1 / log 10


@rule(stabilize, dtypes=FLOATS)
def sigmoid_written_out_as_reciprocal(x: Any) -> Any:
    """The sigmoid is known by its name to the rules for its logarithm and its derivative."""
    return reciprocal(1 + exp(-x)), sigmoid(x)


@rule(stabilize, dtypes=FLOATS)
def sigmoid_written_out_as_reciprocal_of_negative(x: Any) -> Any:
    """The sigmoid is known by its name to the rules for its logarithm and its derivative."""
    return reciprocal(1 + exp(x)), sigmoid(-x)


@rule(stabilize, dtypes=FLOATS)
def sigmoid_written_out_as_power(x: Any) -> Any:
    """The sigmoid is known by its name to the rules for its logarithm and its derivative."""
    return (1 + exp(-x)) ** -1, sigmoid(x)


@rule(stabilize, dtypes=FLOATS)
def sigmoid_written_out_as_power_of_negative(x: Any) -> Any:
    """The sigmoid is known by its name to the rules for its logarithm and its derivative."""
    return (1 + exp(x)) ** -1, sigmoid(-x)


@rule(stabilize, dtypes=FLOATS)
def sigmoid_written_out_squared(x: Any) -> Any:
    """The derivative of (1 + exp(-x)) ** -1 has this form."""
    return (1 + exp(-x)) ** -2, sqr(sigmoid(x))


@rule(stabilize, dtypes=FLOATS)
def sigmoid_written_out_squared_of_negative(x: Any) -> Any:
    """The derivative of (1 + exp(x)) ** -1 has this form."""
    return (1 + exp(x)) ** -2, sqr(sigmoid(-x))


@rule(stabilize, dtypes=FLOATS)
def product_with_sigmoid_written_out_squared(x: Any, y: Any) -> Any:
    """The derivative of 1 / (1 + exp(-x)), written by hand, has this form."""
    return y / sqr(1 + exp(-x)), y * sqr(sigmoid(x))


@rule(stabilize, dtypes=FLOATS)
def product_with_sigmoid_written_out_squared_of_negative(x: Any, y: Any) -> Any:
    """The derivative of 1 / (1 + exp(x)), written by hand, has this form."""
    return y / sqr(1 + exp(x)), y * sqr(sigmoid(-x))


@rule(stabilize, dtypes=FLOATS)
def half_of_one_plus_tanh(x: Any) -> Any:
    """Below x = -19 tanh(x) rounds to -1, and the sum is 0; the sigmoid keeps every digit."""
    return 0.5 * (1 + tanh(x)), sigmoid(2 * x)


@rule(stabilize, dtypes=FLOATS)
def one_plus_tanh_halved(x: Any) -> Any:
    """Below x = -19 tanh(x) rounds to -1, and the sum is 0; the sigmoid keeps every digit."""
    return (1 + tanh(x)) / 2, sigmoid(2 * x)


@rule(stabilize, dtypes=FLOATS)
def half_plus_half_of_tanh(x: Any) -> Any:
    """Below x = -19 tanh(x) rounds to -1, and the sum is 0; the sigmoid keeps every digit."""
    return 0.5 + 0.5 * tanh(x), sigmoid(2 * x)


@rule(stabilize, dtypes=FLOATS)
def one_minus_one_minus_sigmoid(x: Any) -> Any:
    """Below x = -37 the first difference rounds to 1, and the second is 0; the sigmoid keeps every digit."""
    return 1 - (1 - sigmoid(x)), sigmoid(x)


@rule(stabilize, dtypes=FLOATS)
def sigmoid_minus_one_plus_one(x: Any) -> Any:
    """Below x = -37 the difference rounds to -1, and the sum is 0; the sigmoid keeps every digit."""
    return (sigmoid(x) - 1) + 1, sigmoid(x)


@rule(stabilize, dtypes=FLOATS)
def log_of_negative_sigmoid_plus_one(x: Any) -> Any:
    """Past x = 37 sigmoid(x) rounds to 1, and log(0) is -inf; softplus keeps every digit."""
    return log(-sigmoid(x) + 1), -softplus(x)


@rule(stabilize, dtypes=FLOATS)
def over_negative_sigmoid_plus_one(x: Any, y: Any) -> Any:
    """Past x = 37 sigmoid(x) rounds to 1, and the quotient is inf; the sigmoid of the negative keeps every digit."""
    return y / (-sigmoid(x) + 1), y / sigmoid(-x)


@rule(stabilize, dtypes=FLOATS)
def log_of_one_over_sigmoid(x: Any) -> Any:
    """Below x = -745 sigmoid(x) is 0, and the quotient is inf; softplus keeps every digit."""
    return log(1 / sigmoid(x)), softplus(-x)


@rule(stabilize, dtypes=FLOATS)
def log2_of_sigmoid(x: Any) -> Any:
    """Below x = -745 sigmoid(x) is 0, and log2(0) is -inf; softplus keeps every digit."""
    return log2(sigmoid(x)), -LOG2_E * softplus(-x)


@rule(stabilize, dtypes=FLOATS)
def log2_of_one_minus_sigmoid(x: Any) -> Any:
    """Past x = 37 sigmoid(x) rounds to 1, and log2(0) is -inf; softplus keeps every digit."""
    return log2(1 - sigmoid(x)), -LOG2_E * softplus(x)


@rule(stabilize, dtypes=FLOATS)
def log2_of_one_plus_exp(x: Any) -> Any:
    """Past x = 709 exp(x) is inf, and below x = -37 it vanishes beside 1; softplus keeps every digit."""
    return log2(1 + exp(x)), LOG2_E * softplus(x)


@rule(stabilize, dtypes=FLOATS)
def log10_of_sigmoid(x: Any) -> Any:
    """Below x = -745 sigmoid(x) is 0, and log10(0) is -inf; softplus keeps every digit."""
    return log10(sigmoid(x)), -LOG10_E * softplus(-x)


@rule(stabilize, dtypes=FLOATS)
def log10_of_one_minus_sigmoid(x: Any) -> Any:
    """Past x = 37 sigmoid(x) rounds to 1, and log10(0) is -inf; softplus keeps every digit."""
    return log10(1 - sigmoid(x)), -LOG10_E * softplus(x)


@procedure(
    stabilize,
    on=[Add, Sub],
    needs_any=[Mul, TrueDiv, Neg],
    dtypes=FLOATS,
    examples=[
        lambda x, y: x - x * sigmoid(y),
        lambda x, y: y * x - x * (sigmoid(y) * y),
        lambda x, y: -(x * sigmoid(y)) + x,
        lambda x, y: x * sigmoid(y) - x,
        lambda x, y: x * y / exp(x) - (x * sigmoid(y) / exp(x)) * y,
        lambda x: exp(x) * sigmoid(x) - exp(x) * sigmoid(x) * sigmoid(x),
    ],
    misses=[
        lambda x, y: x + x * sigmoid(y),
        lambda x, y: y - x * sigmoid(y),
        lambda x, y: x - x * exp(y),
        lambda x, y: 2 * x - 3 * x * sigmoid(y),
        lambda x, y: x * x * y - x * y * sigmoid(y),
    ],
)
def sigmoid_leaves_difference(node: Node, context: Context) -> Node | None:
    """x - x s is x (1 - s): past 37 the difference of the products is 0 whatever they are divided by; 1 - s may still cancel."""
    if not any(Sigmoid in context.ingredients(each) for each in node.inputs):
        return None
    for plain, ratio, sign in ratios(node, context):
        (found, times), *others = list(ratio.items())
        if not others and times == 1 and isinstance(context.op(found), Sigmoid):
            result = mul(plain, sub(context.constant(1, node.type.dtype), found))
            return context.fit(node, result if sign == 1 else neg(result))
    return None


@procedure(
    canonicalize,
    on=[Add, Sub],
    needs_any=[Mul, TrueDiv, Neg],
    dtypes=FLOATS,
    examples=[
        lambda x, y: y - y * (exp(x) / (1 + exp(x))),
        lambda x, y: -(y * (exp(x) / (exp(x) + 1))) + y,
        lambda x, y: (y / (1 + exp(x))) * exp(x) - ((exp(x) / (1 + exp(x))) / (1 + exp(x)) * y) * exp(x),
    ],
    misses=[
        lambda x, y: y - y * (exp(x) / (2 + exp(x))),
        lambda x, y: y + y * (exp(x) / (1 + exp(x))),
        lambda x, y: y - y * (exp(x) / (1 + exp(y))),
    ],
)
def share_leaves_difference(node: Node, context: Context) -> Node | None:
    """y - y e / (1 + e) is y / (1 + e): the difference loses its digits where e is large. The derivative of e / (1 + e) has this form."""
    if not any(TrueDiv in context.ingredients(each) for each in node.inputs):
        return None
    for plain, ratio, sign in ratios(node, context):
        if sorted(ratio.values()) != [-1, 1]:
            continue
        whole, share = sorted(ratio, key=lambda base: ratio[base])
        if isinstance(context.op(whole), Add) and any(
            part is share and context.number(other) == 1 for part, other in (whole.inputs, whole.inputs[::-1])
        ):
            result = true_div(plain, whole)
            return context.fit(node, result if sign == 1 else neg(result))
    return None


def ratios(node: Node, context: Context) -> Iterator[tuple[Node, dict[Node, Number], int]]:
    """Yield, for a difference of two products, one of them, the bases and exponents of the other divided by it, and its sign."""
    if any(each.type.dtype != node.type.dtype for each in node.inputs):
        return
    turned = [negatives(each, context) % 2 for each in node.inputs]
    if isinstance(node.op, Sub):
        turned[1] = 1 - turned[1]
    if turned[0] == turned[1]:
        return
    exponents = [exponents_of(each, context) for each in node.inputs]
    for plain, product in ((0, 1), (1, 0)):
        ratio = {base: times - exponents[plain].get(base, 0) for base, times in exponents[product].items()}
        ratio.update({base: -times for base, times in exponents[plain].items() if base not in ratio})
        ratio = {base: times for base, times in ratio.items() if times}
        if ratio:
            yield node.inputs[plain], ratio, -1 if isinstance(node.op, Sub) and plain == 1 else 1


def exponents_of(node: Node, context: Context) -> dict[Node, Number]:
    """Return the exponent of every base of a product."""
    result: dict[Node, Number] = {}
    for each in factorization(node, context).factors:
        result[each.base] = result.get(each.base, 0) + each.side * each.exponent
    return result


def negatives(node: Node, context: Context) -> int:
    """Count the signs in front of a product and of its factors, as far as these are products themselves."""
    count, pending, room = 0, [node], 24
    while pending and room:
        each = pending.pop()
        room -= 1
        if isinstance(context.op(each), (Mul, TrueDiv, Neg)) and each.type.dtype == node.type.dtype:
            count += isinstance(each.op, Neg)
            pending.extend(each.inputs)
    return count


@procedure(
    stabilize,
    on=[Mul],
    dtypes=FLOATS,
    examples=[
        lambda x, y: (y / sigmoid(2 * x)) * (1 - sqr(tanh(x))),
        lambda x, y: (y / sigmoid(-x) - x / sigmoid(x)) * (1 - sqr(tanh(0.5 * x))),
        lambda x, y: (1 - tanh(x / 2) * tanh(x / 2)) * (y / sigmoid(x)),
    ],
    misses=[
        lambda x, y: (y / sigmoid(x)) * (1 - sqr(tanh(x))),
        lambda x, y: sigmoid(2 * x) * (1 - sqr(tanh(x))),
        lambda x, y: (y / sigmoid(2 * x)) * (1 - sqr(tanh(y))),
        lambda x, y: (y / sigmoid(2 * x)) * (2 - sqr(tanh(x))),
    ],
)
def slope_of_tanh_beside_sigmoid(node: Node, context: Context) -> Node | None:
    """1 - tanh(x)² is 4 s(2x) s(-2x): past x = 19 the difference is 0, and a sigmoid below the line would make nan of it."""
    if Sigmoid not in context.ingredients(node) and SumOfFractions not in context.ingredients(node):
        return None
    parts = factorization(node, context)
    below = [each.base for each in parts.factors if each.side == -1]
    for each in parts.factors:
        if each.side == 1 and isinstance(context.op(each.node), (Add, Sub)):
            below += [one.base for term in each.node.inputs for one in factorization(term, context).factors if one.side == -1]
    scores = [each.inputs[0] for each in below if isinstance(context.op(each), Sigmoid) and each.inputs[0].type.dtype == node.type.dtype]
    for each in parts.factors if scores else ():
        x = inside_slope_of_tanh(each.node, context)
        if x is None or each.exponent != 1:
            continue
        for score in scores:
            turned = score.inputs[0] if isinstance(score.op, Neg) else neg(score)
            if is_double(score, x, context) or is_double(turned, x, context):
                slope = mul(context.constant(4, node.type.dtype), mul(sigmoid(score), sigmoid(turned)))
                return context.fit(node, parts.replaced({each: slope}))
    return None


def inside_slope_of_tanh(node: Node, context: Context) -> Node | None:
    """Return the x of 1 - tanh(x)², or None for anything else."""
    if not isinstance(context.op(node), Sub) or context.number(node.inputs[0]) != 1:
        return None
    base, exponent = power_of(node.inputs[1], context, node.type.dtype)
    if isinstance(context.op(base), Mul) and base.inputs[0] is base.inputs[1]:
        base, exponent = base.inputs[0], 2
    if exponent != 2 or not isinstance(context.op(base), Tanh) or not is_floating(base.inputs[0].type.dtype):
        return None  # twice a whole number may have wrapped around
    return base.inputs[0]


def is_double(two: Node, one: Node, context: Context) -> bool:
    """Say whether a node is seen to be twice another one."""
    if isinstance(context.op(two), Mul) and two.inputs[1] is one:
        return context.scalar(two.inputs[0]) == 2
    if isinstance(context.op(one), Mul) and one.inputs[1] is two:
        return context.scalar(one.inputs[0]) == 0.5
    return isinstance(context.op(one), TrueDiv) and one.inputs[0] is two and context.scalar(one.inputs[1]) == 2
