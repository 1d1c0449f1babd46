"""Constants: computed ahead, and neutral and absorbing numbers.

Floor 3. Adding 0.0 turns -0.0 into 0.0, and leaving it out does not: this difference is accepted, here and for `0 - x`, `x * 0`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph.convert import as_node
from ...graph.node import Constant, Node
from ...graph.op import Op
from ...graph.types import DTYPES, FLOATS
from ...ops.arithmetic import Mul, mul
from ...ops.choices import Switch, switch
from ..context import Context
from ..fold import folded
from ..rule import canonicalize, procedure, rule


@procedure(
    canonicalize,
    on=[Op],
    needs=[Constant],
    dtypes=DTYPES,
    examples=[lambda x: x * (as_node(2.0) * 3), lambda x: (as_node(2) < 3) & (x < 0), lambda x: x + (as_node(2) * 3).sum()],
    misses=[lambda x: x * 3],
)
def constants_are_computed_ahead(node: Node, context: Context) -> Node | None:
    """What depends on no input is the same at every call: once is enough."""
    if context.for_display and any(each.name for each in node.inputs):
        return None
    return folded(node)


@rule(canonicalize)
def plus_zero(x: Any) -> Any:
    """0 is neutral for sums."""
    return x + 0, x


@rule(canonicalize)
def minus_zero(x: Any) -> Any:
    """0 is neutral for differences."""
    return x - 0, x


@rule(canonicalize)
def zero_minus(x: Any) -> Any:
    """The negative says it in one operation."""
    return 0 - x, -x


@rule(canonicalize)
def times_one(x: Any) -> Any:
    """1 is neutral for products."""
    return x * 1, x


@rule(canonicalize)
def over_one(x: Any) -> Any:
    """1 is neutral for quotients."""
    return x / 1, x


@rule(canonicalize)
def times_zero(x: Any) -> Any:
    """0 times any finite number is 0; 0 * inf and 0 * nan become the limit 0."""
    return x * 0, 0


@rule(canonicalize, dtypes=FLOATS)
def zero_over(x: Any) -> Any:
    """0 divided by any number but 0 is 0; 0 / 0 becomes the limit 0."""
    return 0 / x, 0


@rule(canonicalize)
def minus_itself(x: Any) -> Any:
    """A number minus itself is 0; inf - inf becomes the limit 0."""
    return x - x, 0


@rule(canonicalize, dtypes=FLOATS)
def over_itself(x: Any) -> Any:
    """A number divided by itself is 1; 0 / 0 and inf / inf become the limit 1."""
    return x / x, 1


@rule(canonicalize)
def to_the_zero(x: Any) -> Any:
    """Every number to the power of 0 is 1, as in NumPy also 0 and nan."""
    return x**0, 1


@rule(canonicalize)
def to_the_one(x: Any) -> Any:
    """1 is neutral for powers."""
    return x**1, x


@rule(canonicalize, dtypes=FLOATS)
def one_to_the(x: Any) -> Any:
    """1 to every power is 1."""
    return 1**x, 1


@procedure(
    canonicalize,
    on=[Mul],
    needs=[Constant],
    examples=[lambda x: x * 3, lambda x: (x + 1) * 0.5],
    misses=[lambda x, y: x * y, lambda x: 3 * x],
)
def number_in_front(node: Node, context: Context) -> Node | None:
    """People write 2x, not x2; and then rules need to look in one place only."""
    x, y = node.inputs
    if context.number(y) is None or context.number(x) is not None:
        return None
    return mul(y, x)


@procedure(
    canonicalize,
    on=[Switch],
    needs=[Constant],
    dtypes=DTYPES,
    examples=[lambda x, y: switch(True, x, y), lambda x, y: switch(as_node(np.zeros(2)), x, y), lambda x, y: switch(0, x * y, x)],
    misses=[lambda x, y: switch(x > 0, x, y)],
)
def condition_known(node: Node, context: Context) -> Node | None:
    """If the condition is a constant only one branch can be taken."""
    condition, then, otherwise = node.inputs
    number = context.number(condition)
    if number is None:
        return None
    return context.fit(node, then if number else otherwise)


@rule(canonicalize, dtypes=DTYPES)
def same_either_way(c: Any, x: Any) -> Any:
    """Where both branches agree there is nothing to choose."""
    return switch(c, x, x), x
