"""Sigmoids, logarithms of them, and other formulas that lose their digits, or overflow, as they are written on paper.

Floor 3. Read `rewrite/products.py` before. These rules run in every mode.
"""

from __future__ import annotations

from typing import Any

from ...graph.node import Node
from ...graph.types import FLOATS, is_floating
from ...ops.arithmetic import Add, Mul, Neg, Sub, TrueDiv, add, mul, sub
from ...ops.functions import Exp, exp, expm1, log, log1p
from ...ops.neural import Sigmoid, sigmoid, softplus
from ..context import Context, SumOfFractions
from ..products import Factor, factorization, power
from ..rule import display, procedure, rule, stabilize


@rule(stabilize, dtypes=FLOATS)
def sigmoid_written_out(x: Any) -> Any:
    """The sigmoid is known by its name to the rules for its logarithm and its derivative."""
    return 1 / (1 + exp(-x)), sigmoid(x)


@rule(stabilize, dtypes=FLOATS)
def sigmoid_written_out_of_negative(x: Any) -> Any:
    """The sigmoid is known by its name to the rules for its logarithm and its derivative."""
    return 1 / (1 + exp(x)), sigmoid(-x)


@rule(stabilize, dtypes=FLOATS)
def product_with_sigmoid_written_out(x: Any, y: Any) -> Any:
    """The sigmoid is known by its name to the rules for its logarithm and its derivative."""
    return y / (1 + exp(-x)), y * sigmoid(x)


@rule(stabilize, dtypes=FLOATS)
def product_with_sigmoid_written_out_of_negative(x: Any, y: Any) -> Any:
    """The sigmoid is known by its name to the rules for its logarithm and its derivative."""
    return y / (1 + exp(x)), y * sigmoid(-x)


@rule(stabilize, dtypes=FLOATS)
def log_of_sigmoid(x: Any) -> Any:
    """Below x = -745 sigmoid(x) is 0, and log(0) is -inf; softplus keeps every digit."""
    return log(sigmoid(x)), -softplus(-x)


@rule(stabilize, dtypes=FLOATS)
def log_of_one_minus_sigmoid(x: Any) -> Any:
    """Past x = 37 sigmoid(x) rounds to 1, and log(0) is -inf; softplus keeps every digit."""
    return log(1 - sigmoid(x)), -softplus(x)


@rule(stabilize, dtypes=FLOATS)
def log1p_of_negative_sigmoid(x: Any) -> Any:
    """Past x = 37 sigmoid(x) rounds to 1, and log1p(-1) is -inf; softplus keeps every digit."""
    return log1p(-sigmoid(x)), -softplus(x)


@rule(stabilize, dtypes=FLOATS)
def log_of_one_plus_exp(x: Any) -> Any:
    """Past x = 709 exp(x) is inf, and below x = -37 it vanishes beside 1; softplus keeps every digit."""
    return log(1 + exp(x)), softplus(x)


@rule(stabilize, dtypes=FLOATS)
def log1p_of_exp(x: Any) -> Any:
    """Past x = 709 exp(x) is inf; softplus keeps every digit."""
    return log1p(exp(x)), softplus(x)


@rule(stabilize, dtypes=FLOATS)
def log_of_one_plus(x: Any) -> Any:
    """A small x loses its digits beside 1; log1p keeps them."""
    return log(1 + x), log1p(x)


@rule(stabilize, dtypes=FLOATS)
def log_of_one_minus(x: Any) -> Any:
    """A small x loses its digits beside 1; log1p keeps them."""
    return log(1 - x), log1p(-x)


@rule(stabilize, dtypes=FLOATS)
def log1p_of_minus_one(x: Any) -> Any:
    """A small x vanishes beside 1; its logarithm does not need the difference."""
    return log1p(x - 1), log(x)


@rule(stabilize, dtypes=FLOATS)
def log1p_of_negative_one_minus(x: Any) -> Any:
    """A small x vanishes beside 1; its logarithm does not need the difference."""
    return log1p(-(1 - x)), log(x)


@rule(stabilize, dtypes=FLOATS)
def exp_minus_one(x: Any) -> Any:
    """For a small x the difference loses all digits; expm1 keeps them."""
    return exp(x) - 1, expm1(x)


@rule(stabilize, dtypes=FLOATS)
def over_one_minus_sigmoid(x: Any, y: Any) -> Any:
    """Past x = 37 sigmoid(x) rounds to 1, and the quotient is inf; the sigmoid of the negative keeps every digit."""
    return y / (1 - sigmoid(x)), y / sigmoid(-x)


@procedure(
    stabilize,
    on=[Mul, TrueDiv],
    dtypes=("float32", "float64"),  # in float16 exp overflows at 11, where sigmoid(-x) is not nothing yet
    examples=[
        lambda x: exp(-x) * sigmoid(x),
        lambda x: sigmoid(-x) * exp(x),
        lambda x, y: (y * sigmoid(x) * sigmoid(x)) * exp(-x),
        lambda x, y: (sigmoid(x - y) / y) * exp(y - x),
        lambda x: exp((-2) * x) * (3 * sigmoid(2 * x) ** 3),
    ],
    misses=[
        lambda x: exp(x) * sigmoid(x),
        lambda x, y: exp(-x) * sigmoid(y),
        lambda x: sigmoid(x) / exp(-x),
        lambda x: exp((-2) * x) * sigmoid(3 * x),
    ],
)
def exp_meets_sigmoid(node: Node, context: Context) -> Node | None:
    """exp(-x) sigmoid(x) = sigmoid(-x): below x = -709 the exponential is inf, the sigmoid 0, and their product nan."""
    if not {Exp, Sigmoid} <= context.ingredients(node):
        return None
    parts = factorization(node, context)
    above = [each for each in parts.factors if each.side == 1 and each.exponent >= 1 and each.exponent == int(each.exponent)]
    for growing in above:
        if not isinstance(growing.base.op, Exp) or growing.base is not growing.node or growing.base.type.dtype != node.type.dtype:
            continue
        for falling in above:
            if (
                isinstance(falling.base.op, Sigmoid)
                and falling.base.type.dtype == node.type.dtype
                and opposite(growing.base.inputs[0], falling.base.inputs[0], context)
            ):
                left = power(falling.base, falling.exponent - 1, node.type.dtype)
                met = sigmoid(growing.base.inputs[0])
                result = context.fit(node, parts.replaced({growing: None, falling: met if left is None else mul(left, met)}))
                if result is not None:
                    return result
    return None


@procedure(
    stabilize,
    on=[Mul, TrueDiv],
    dtypes=FLOATS,
    examples=[lambda x: exp(x) * exp(-x), lambda x, y: (y * exp(x - y)) * exp(y - x), lambda x, y: (exp(2 * x) / y) * (3 * exp((-2) * x))],
    misses=[lambda x, y: exp(x) * exp(-y), lambda x: exp(x) / exp(-x), lambda x: exp(x) * exp((-2) * x)],
)
def exps_cancel(node: Node, context: Context) -> Node | None:
    """exp(x) exp(-x) = 1: past x = 709 the one is inf, the other 0, and their product nan."""
    if Exp not in context.ingredients(node):
        return None
    parts = factorization(node, context)
    found = [each for each in parts.factors if isinstance(context.op(each.node), Exp) and each.node.type.dtype == node.type.dtype]
    for position, first in enumerate(found):
        for second in found[position + 1 :]:
            if first.side == second.side and opposite(first.node.inputs[0], second.node.inputs[0], context):
                result = context.fit(node, parts.replaced({first: None, second: None}))
                if result is not None:
                    return result
    return None


@procedure(
    stabilize,
    on=[Mul, TrueDiv],
    dtypes=FLOATS,
    examples=[
        lambda x: (1 - sigmoid(x)) / sigmoid(-x),
        lambda x, y: y * (1 / sigmoid(-x)) * (sigmoid(x) * (1 - sigmoid(x))),
        lambda x, y: (y * sigmoid(x)) / (1 - sigmoid(-x)),
    ],
    misses=[lambda x: (1 - sigmoid(x)) / sigmoid(x), lambda x: (2 - sigmoid(x)) / sigmoid(-x), lambda x: (1 - sigmoid(x)) * sigmoid(-x)],
)
def complements_cancel(node: Node, context: Context) -> Node | None:
    """1 - sigmoid(x) is sigmoid(-x): past x = 37 the one is 0 and the other is not, and their quotient 0 or inf instead of 1."""
    if not {Sub, Sigmoid, TrueDiv} <= context.ingredients(node):
        return None
    parts = factorization(node, context)
    for first in parts.factors:
        for second in parts.factors:
            if first.side == second.side or first.node.type.dtype != node.type.dtype or not is_complement(first, second, context):
                continue
            if first.exponent == second.exponent == 1:
                result = context.fit(node, parts.replaced({first: None, second: None}))
                if result is not None:
                    return result
    return None


@procedure(
    stabilize,
    on=[Mul, TrueDiv],
    dtypes=FLOATS,
    examples=[
        lambda x, y: (x / sigmoid(y) + y / sigmoid(-y)) * (sigmoid(y) * sigmoid(-y)),
        lambda x, y: exp(x) * (y / exp(x) - x),
        lambda x, y: (y + 2 / x) * x,
        lambda x, y: (x / sigmoid(-y) - y) * (1 - sigmoid(y)),
        lambda x, y: (y / (y.sum() * x) - 1 / (y.sum() * exp(x))) * (x * exp(x)),
    ],
    misses=[
        lambda x, y: (x / y + 1) * x,
        lambda x, y: (x / exp(y) + y / x) * x,
        lambda x, y: (x + y) * x,
        lambda x: (1 / (2 * x) + x / 3) * exp(x),
    ],
)
def denominators_meet_factor(node: Node, context: Context) -> Node | None:
    """(a/p + b/q) pq = aq + bp: where p vanishes, a/p is inf, the whole is not. Gradients of cross-entropies have this form."""
    if SumOfFractions not in context.ingredients(node):
        return None
    parts = factorization(node, context)
    for each in parts.factors:
        if each.side != 1 or not isinstance(context.op(each.node), (Add, Sub)) or each.node.type.dtype != node.type.dtype:
            continue
        others = [other for other in parts.factors if other is not each and other.side == 1]
        below = [
            factor
            for one in each.node.inputs
            if one.type.dtype == node.type.dtype
            for factor in factorization(one, context).factors
            if factor.side == -1 and context.number(factor.node) is None
        ]
        bases = [factor.base for factor in below]
        scalar = node.type.ndim == 0  # what has no axes beside arrays is the n of a mean; among numbers that is what stands below both
        below = [factor for factor in below if (bases.count(factor.base) == 1 if scalar else factor.base.type.ndim)]
        if not others or not below or not all(any(cancels(factor, other, context) for other in others) for factor in below):
            continue
        rest = parts.replaced({each: None})
        a, b = each.node.inputs
        result = add(mul(a, rest), mul(b, rest)) if isinstance(each.node.op, Add) else sub(mul(a, rest), mul(b, rest))
        return context.fit(node, result)
    return None


def cancels(below: Factor, above: Factor, context: Context) -> bool:
    """Say whether a factor below the line vanishes with one above it."""
    return below.base is above.base or is_complement(below, above, context) or is_complement(above, below, context)


def is_complement(difference: Factor, falling: Factor, context: Context) -> bool:
    """Say whether the one is 1 - sigmoid(x) and the other sigmoid(-x)."""
    if (
        not isinstance(difference.node.op, Sub)
        or not isinstance(falling.node.op, Sigmoid)
        or difference.node.type.dtype != falling.node.type.dtype
    ):
        return False
    one, other = difference.node.inputs
    return context.number(one) == 1 and isinstance(other.op, Sigmoid) and opposite(other.inputs[0], falling.node.inputs[0], context)


def opposite(x: Node, y: Node, context: Context) -> bool:
    """Say whether two nodes are seen to be negatives of each other."""
    if not is_floating(x.type.dtype):
        return False  # the negative of a whole number may have wrapped around
    if (isinstance(x.op, Neg) and x.inputs[0] is y) or (isinstance(y.op, Neg) and y.inputs[0] is x):
        return True
    if x.op is None or x.op != y.op or x.type.dtype != y.type.dtype:
        return False
    if isinstance(x.op, Sub):
        return x.inputs[0] is y.inputs[1] and x.inputs[1] is y.inputs[0]
    if isinstance(x.op, Mul) and x.inputs[1] is y.inputs[1]:
        a, b = (context.scalar(each.inputs[0]) for each in (x, y))
        return a is not None and b is not None and a == -b
    return False


@rule(display, dtypes=FLOATS)
def sigmoid_of_negative(x: Any) -> Any:
    """s(1 - s) is how people write the derivative of a sigmoid."""
    return sigmoid(-x), 1 - sigmoid(x)
