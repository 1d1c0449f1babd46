"""The order in which the factors of a finished formula are written.

Floor 3, only for display, and only at the very end: the other rules look for a number at the outside of a product, 2(xy), where it can
meet others; in what they leave it stands innermost, (2x)y, which needs no parentheses on paper.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...graph.node import Node
from ...graph.promotion import promote_to_float
from ...graph.types import FLOATS
from ...ops.arithmetic import Add, Mul, Sub, TrueDiv, true_div
from ...ops.functions import exp
from ..context import Context
from ..products import power_of
from ..rule import layout, procedure
from .reading import MOST_TERMS, in_dtype, multiplied, same_tree


@procedure(
    layout,
    on=[Mul, TrueDiv],
    dtypes=FLOATS,
    examples=[
        lambda x, y: 2 * (x * y),
        lambda x, y: x * (y * exp(x)),
        lambda x, y: (x - y) * x,
        lambda x, y: ((x - y) * (1 - x)) * x,
        lambda x, y: x * y.sum(),
        lambda x, y: 2 * (x / y),
    ],
    misses=[lambda x, y: x * y, lambda x, y: (2 * x) * y, lambda x, y: (2 * x) / y, lambda x, y: (x * (1 - x)) * (x - y)],
)
def factors_in_reading_order(node: Node, context: Context) -> Node | None:
    """First the number, then scalars, then arrays, and among each of them sums last: 2 s (1 - s) (s - t) x."""
    dtype = node.type.dtype
    above: list[Node] = []
    below: list[Node] = []
    pending: list[tuple[Node, int, bool]] = [(node, 1, True)]
    while pending:
        each, side, top = pending.pop()
        op = each.op if top else context.op(each)
        if isinstance(op, (Mul, TrueDiv)) and each.type.dtype == dtype:
            pending.append((each.inputs[1], -side if isinstance(op, TrueDiv) else side, False))
            pending.append((each.inputs[0], side, False))
        else:
            (above if side == 1 else below).append(each)
        if len(above) + len(below) + len(pending) > MOST_TERMS:
            return None  # sorting part of a long product would begin again with every factor
    numerator, denominator = (in_order(side, context, dtype) for side in (above, below))
    if numerator is None:
        return None
    result = numerator if denominator is None else true_div(in_dtype(numerator, denominator, dtype, promote_to_float), denominator)
    fitting = context.fit(node, result)
    return None if fitting is None or same_tree(fitting, node) else fitting


def in_order(factors: Sequence[Node], context: Context, dtype: str) -> Node | None:
    """Return the product of some factors, sorted, or None of none."""

    def rank(factor: Node) -> tuple[bool, bool, int]:
        return reading_rank(factor, context, dtype)

    ordered: list[Node] = sorted(factors, key=rank)
    return multiplied(ordered, dtype)


def reading_rank(factor: Node, context: Context, dtype: str) -> tuple[bool, bool, int]:
    """Return what factors are sorted by; those of one rank stay as they were. The number comes first, then what has no axes."""
    if context.number(factor) is not None:
        return False, False, 0
    base, _ = power_of(factor, context, dtype)
    if not isinstance(context.op(base), (Add, Sub)):
        place = 0
    elif any(context.number(each) is not None for each in base.inputs):
        place = 1  # s(1 - s)(s - t)
    else:
        place = 2
    return True, any(length != 1 for length in factor.type.shape), place
