"""A product taken apart into its factors, and put together again with some of them replaced.

Floor 3. The tree of multiplications is kept as it was written: factors that are not replaced are multiplied in the same order,
so rounding and overflow stay what they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..graph.node import Node
from ..ops.arithmetic import Mul, Neg, Pow, Reciprocal, Sqr, TrueDiv, mul, neg, pow, reciprocal, sqr, true_div
from ..ops.choices import cast
from .context import Context
from .numbers import Number

MOST_FACTORS = 12
"""How many factors are looked at: products of a thousand factors must not cost a thousand times a thousand steps."""

LARGEST_EXPONENT = 2**20
"""Sums of exponents up to here are exact in every dtype but float16, where such powers are 0, 1 or inf anyway."""


@dataclass(eq=False)
class Factor:
    """A leaf of the tree: `base` to the power of `exponent`, below the line if `side` is -1."""

    node: Node
    side: int
    base: Node
    exponent: Number


@dataclass(eq=False)
class Tree:
    """A product, quotient or negative of other trees, and the node that it was."""

    node: Node
    parts: Sequence[Tree | Factor]


@dataclass(eq=False)
class Factorization:
    """The factors of a node, all of one dtype, in the order in which they are written."""

    root: Tree | Factor
    context: Context
    factors: list[Factor] = field(default_factory=list)

    def replaced(self, changes: Mapping[Factor, Node | None]) -> Node:
        """Return the product with some factors replaced; None leaves a factor out.

        A replacement stands where the factor stood: below the line if that was below the line.
        """
        result = self._put_together(self.root, changes)
        return self.context.constant(1, self.root.node.type.dtype) if result is None else result

    def _put_together(self, part: Tree | Factor, changes: Mapping[Factor, Node | None]) -> Node | None:
        if isinstance(part, Factor):
            return changes.get(part, part.node)
        below = [self._put_together(each, changes) for each in part.parts]
        if all(new is each.node for new, each in zip(below, part.parts)):
            return part.node
        dtype = part.node.type.dtype
        if len(below) == 1:
            (x,) = below
            if isinstance(part.node.op, Reciprocal):
                return None if x is None else reciprocal(x)
            return neg(self.context.constant(1, dtype) if x is None else x)
        x, y = below
        if y is None:
            return x if x is None else cast(x, dtype)
        if isinstance(part.node.op, Mul):
            return cast(y, dtype) if x is None else mul(x, y)
        return true_div(self.context.constant(1, dtype) if x is None else x, y)


def factorization(node: Node, context: Context, most: int = MOST_FACTORS) -> Factorization:
    """Return the factors of a product; a part in another dtype is one factor, because it is rounded differently."""
    factors: list[Factor] = []
    room = most

    def walk(each: Node, side: int, top: bool) -> Tree | Factor:
        nonlocal room
        op = each.op if top else context.op(each)
        if isinstance(op, (Mul, TrueDiv, Neg, Reciprocal)) and each.type.dtype == node.type.dtype and room > 0:
            room -= 1
            sides = [side, -side] if isinstance(op, TrueDiv) else [-side] if isinstance(op, Reciprocal) else [side, side]
            return Tree(each, [walk(one, way, False) for one, way in zip(each.inputs, sides)])
        factors.append(Factor(each, side, *power_of(each, context, node.type.dtype)))
        return factors[-1]

    return Factorization(walk(node, 1, True), context, factors)


def power_of(node: Node, context: Context, dtype: str) -> tuple[Node, Number]:
    """Return base and exponent of a node: x and 3 for x**3, x and 2 for sqr(x), the node itself and 1 for anything else."""
    op = context.op(node)
    if node.type.dtype == dtype:
        if isinstance(op, Sqr):
            return node.inputs[0], 2
        if isinstance(op, Pow):
            exponent = context.scalar(node.inputs[1])
            if exponent is not None and abs(exponent) < LARGEST_EXPONENT and node.inputs[0].type.dtype == dtype:
                return node.inputs[0], exponent
    return node, 1


def power(base: Node, exponent: Number, dtype: str) -> Node | None:
    """Return a power, computed in a dtype, as the rules write it; None for the power of 0."""
    if exponent == 0:
        return None
    if exponent == 1:
        return base
    base = cast(base, dtype)
    if exponent == 2:
        return sqr(base)
    return pow(base, int(exponent) if exponent == int(exponent) else exponent)
