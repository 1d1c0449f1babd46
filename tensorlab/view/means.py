r"""Means in a formula: `x.mean()` is a sum divided by a length, and reads as \operatorname{mean}(x), or as mean(x) in text.

Floor 4. Read `ops/averages.py` first, which makes means of sums and lengths, so that there is no card for them. Only formulas know: the
graph and what is compiled stay what they are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..graph.node import Node
from ..ops.arithmetic import Mul, TrueDiv
from ..ops.choices import Cast
from ..ops.families import Elementwise
from ..ops.reductions import Sum
from ..ops.shapes import AxisLength, DimShuffle

FARTHEST = 50  # nodes that are looked through for one whose length the denominator is


@dataclass(frozen=True)
class Mean:
    """A mean, or a multiple of one.

    Attributes:
        terms: what the mean is of.
        total: the sum of it.
        product: where the mean is multiplied by something, the product of that and the sum.
        place: which factor of it the sum is.
        factor: the sum as the quotient has it: cast, or with axes of length 1.
    """

    terms: Node
    total: Node
    product: Node | None
    place: int
    factor: Node

    @property
    def operands(self) -> tuple[Node, ...]:
        """What appears in the formula: the other factor if there is one, and the terms."""
        if self.product is None:
            return (self.terms,)
        return tuple(self.terms if place == self.place else each for place, each in enumerate(self.product.inputs))


def mean_of(node: Node, named: Collection[Node] = ()) -> Mean | None:
    """Return the mean that a quotient is, or None.

    Args:
        node: any node.
        named: nodes that are written by their names; a sum or a length that has one is not taken apart.

    >>> x = T.vector("x")
    >>> mean_of(x.mean()).terms is x, mean_of(x.sum() / 2)
    (True, None)
    """
    if not isinstance(node.op, TrueDiv):
        return None
    above, below = (bare(each, named) for each in node.inputs)
    lengths = lengths_in(below, named)
    if not lengths:
        return None
    product = above if isinstance(above.op, Mul) and above not in named else None
    for place, factor in enumerate([above] if product is None else product.inputs):
        total = bare(factor, named)
        if not isinstance(total.op, Sum) or total in named:
            continue
        (terms,) = total.inputs
        if sorted(axis for _, axis in lengths) == sorted(total.op.axis) and all(same_length(terms, *each) for each in lengths):
            return Mean(terms, total, product, place, node.inputs[0] if product is None else factor)
    return None


def bare(node: Node, named: Collection[Node] = ()) -> Node:
    """Return what is cast or given axes of length 1: to a reader the same."""
    while node not in named:
        pattern = getattr(node.op, "pattern", ())
        if not isinstance(node.op, Cast) and not (isinstance(node.op, DimShuffle) and in_order(pattern)):
            break
        node = node.inputs[0]
    return node


def in_order(pattern: tuple[int | str, ...]) -> bool:
    """Say whether a dimshuffle leaves the axes in their order."""
    kept = [axis for axis in pattern if isinstance(axis, int)]
    return kept == sorted(kept)


def lengths_in(node: Node, named: Collection[Node]) -> list[tuple[Node, int]]:
    """Return the lengths that a denominator is the product of, each as an array and its axis; nothing if it is something else."""
    found: list[tuple[Node, int]] = []
    waiting = [node]
    while waiting:
        each = bare(waiting.pop(), named)
        if each in named:
            return []
        if isinstance(each.op, AxisLength):
            found.append((each.inputs[0], each.op.axis))
        elif isinstance(each.op, Mul):
            waiting += each.inputs
        else:
            return []
    return found


def same_length(terms: Node, other: Node, axis: int) -> bool:
    """Say whether an array is as long along an axis as the terms: it is those, or elementwise work makes those from it."""
    seen: set[Node] = set()
    waiting = [terms]
    while waiting and len(seen) < FARTHEST:
        each = waiting.pop()
        if each is other:
            return True
        if each not in seen and isinstance(each.op, Elementwise):
            seen.add(each)
            waiting += [one for one in each.inputs if one.type.ndim == terms.type.ndim and not one.type.broadcastable[axis]]
    return False
