"""What a rule may ask about a node, and how its answer is made to fit: same dtype, same shape, same errors.

Floor 3. Read `graph/types.py` before. The central question is which run-time shape checks a graph makes, because a rule may not
lose one: `v + zeros(3)` with a `v` of length 2 has to go on raising. All that an elementwise expression
requires of shapes follows from its *shape leaves*: the nodes under it that are not elementwise themselves. They must fit together,
and together they make its shape. So an expression may stand for another if it has the same shape leaves, or others that are known to be
equal; a leaf that it lost is put back as `fill(leaf, expression)`, which computes nothing but checks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..graph.convert import as_node
from ..graph.node import Constant, Node
from ..graph.op import Op
from ..graph.types import TensorType
from ..ops.arithmetic import Add, Mul, Neg, Pow, Reciprocal, Sqr, Sub, TrueDiv
from ..ops.assigning import Assignment
from ..ops.choices import cast, fill
from ..ops.classification import Rows
from ..ops.families import Elementwise, Reduction
from ..ops.joining import Join
from ..ops.products import Dot
from ..ops.shapes import AxisLength, DimShuffle, Shape
from ..ops.stacking import Stack
from .numbers import Number, uniform

MOST_LEAVES = 16
"""Beyond this an expression counts as opaque, so that asking costs the same for every node of a long chain."""
MOST_ANCESTORS = 100
"""How far to look for a node below another one."""

SURE_OF_LENGTHS = (Dot, Stack, Join)
"""Ops that fail on nothing but lengths, and so not at all when the lengths of all operands are known."""

Leaves = tuple[Node, ...]
PRODUCTS = (Mul, TrueDiv, Neg, Reciprocal, Sqr, Pow)
FRACTIONS = (TrueDiv, Reciprocal)
ONE_INGREDIENT: dict[type, frozenset[type]] = {}


class SumOfFractions:
    """An ingredient of products: (a/p + b/q). It is no op, but rules ask for it as they ask for ops."""


class Context:
    """Answers about nodes of one rewriting, remembered.

    Args:
        for_display: the result is read, not run: shape checks may be lost, and nodes that have a name stay what they are.
    """

    def __init__(self, for_display: bool = False) -> None:
        self.for_display = for_display
        self._numbers: dict[Node, Number | None] = {}
        self._ingredients: dict[Node, frozenset[type]] = {}
        self._facts: dict[Node, tuple[Leaves | None, bool]] = {}

    # -- what a node is
    def op(self, node: Node) -> Op | None:
        """Return the op of a node below the one being rewritten; None for a leaf, and for display also where the reader set a name."""
        return None if self.for_display and node.name is not None else node.op

    def number(self, node: Node) -> Number | None:
        """Return the number that a constant holds in every element, or None."""
        if not isinstance(node, Constant) or (self.for_display and node.name is not None):
            return None
        if node not in self._numbers:
            self._numbers[node] = uniform(node)
        return self._numbers[node]

    def scalar(self, node: Node) -> Number | None:
        """Return the number that a 0-d constant holds, or None; a bool is no number."""
        return self.number(node) if node.type.ndim == 0 and node.type.dtype != "bool" else None

    def ingredients(self, node: Node) -> frozenset[type]:
        """Return the classes of the ops that a product is made of and that its factors have: a quick way to see what cannot be in it.

        `SumOfFractions` is among them if a factor is a sum or a difference with a quotient in one of its terms.
        """
        stack = [node]
        while node not in self._ingredients:
            each = stack[-1]
            product, total = isinstance(each.op, PRODUCTS), isinstance(each.op, (Add, Sub))
            below = [self._ingredients.get(one) for one in each.inputs] if product or total else []
            if None in below:
                stack.extend(one for one in each.inputs if one not in self._ingredients)
                continue
            stack.pop()
            found = ONE_INGREDIENT.setdefault(type(each.op), frozenset([type(each.op)]))
            for other in filter(None, below):
                if product:
                    found = other if found <= other else found | other
                elif not other.isdisjoint(FRACTIONS):
                    found |= {SumOfFractions}
            self._ingredients[each] = found
        return self._ingredients[node]

    # -- which shapes it requires
    def leaves(self, node: Node) -> Leaves | None:
        """Return the shape leaves of a node, or None if there are too many. A 0-d node that cannot fail is not listed."""
        return self._know(node)[0]

    def safe(self, node: Node) -> bool:
        """Say whether leaving a node out loses no error: everything below it runs with any lengths that its symbols may have."""
        return self._know(node)[1]

    def _know(self, node: Node) -> tuple[Leaves | None, bool]:
        stack = [node]
        while stack:
            each = stack[-1]
            if each in self._facts:
                stack.pop()
                continue
            unknown = [one for one in each.inputs if one not in self._facts]
            if unknown:
                stack.extend(unknown)
            else:
                stack.pop()
                self._facts[each] = self._facts_of(each)
        return self._facts[node]

    def _facts_of(self, node: Node) -> tuple[Leaves | None, bool]:
        below = [self._facts[each] for each in node.inputs]
        safe_below = all(safe for _, safe in below)
        if isinstance(node.op, (Elementwise, Rows)) and node.op.merges:
            leaves = united([leaves for leaves, _ in below])
            alike = leaves is not None and (len(leaves) <= 1 or all(None not in leaf.type.shape for leaf in leaves))
            return leaves, safe_below and alike
        harmless = isinstance(node.op, (DimShuffle, Shape, AxisLength)) or (isinstance(node.op, Reduction) and node.op.start is not None)
        if isinstance(node.op, SURE_OF_LENGTHS):
            harmless = not any(None in each.type.shape for each in node.inputs)
        safe = node.op is None or (harmless and safe_below)
        return (() if safe and node.type.ndim == 0 else (node,)), safe

    def covers(self, kept: Node, leaf: Node) -> bool:
        """Say whether an expression already requires all that a shape leaf would."""
        if leaf.type.ndim > kept.type.ndim:
            return False
        own = self.leaves(kept) or (kept,)
        if leaf in own or any(isinstance(each.op, Assignment) and self.covers(each.inputs[0], leaf) for each in own):
            return True
        aligned = kept.type.shape[kept.type.ndim - leaf.type.ndim :]
        if any(length != 1 and (length is None or length != other) for length, other in zip(leaf.type.shape, aligned)):
            return self._follows(leaf, own)
        return self.safe(leaf) or is_below(leaf, kept)

    def may_drop(self, node: Node, kept: Node) -> bool:
        """Say whether a node may be left out beside another: nothing that it requires of shapes would go unseen."""
        leaves = self.leaves(node)
        return leaves is not None and all(self.covers(kept, leaf) for leaf in leaves)

    def _follows(self, leaf: Node, own: Leaves) -> bool:
        """Say whether a leaf is an array folded and arranged whose own leaves are all required: then its lengths are those of the array.

        A column of sums of rows, Σ exp(x), stretches beside x, and has as many rows, whatever these are.
        """
        node, axes = leaf, [axis - leaf.type.ndim for axis in range(leaf.type.ndim)]  # where its axes lie in the array, from the end
        places: list[int | None] = list(range(leaf.type.ndim))
        while isinstance(node.op, DimShuffle) or (isinstance(node.op, Reduction) and node.op.start is not None):
            (below,) = node.inputs
            if isinstance(node.op, DimShuffle):
                pattern = [None if axis == "x" else int(axis) for axis in node.op.pattern]
            else:
                pattern = [axis for axis in range(below.type.ndim) if axis not in node.op.axis]
            places = [None if place is None else pattern[place] for place in places]
            node = below
        leaves = self.leaves(node)
        if node is leaf or leaves is None or not all(each in own for each in leaves):
            return False
        stretches = leaf.type.broadcastable
        return all(one or (place is not None and place - node.type.ndim == axis) for place, axis, one in zip(places, axes, stretches))

    # -- making an answer fit
    def constant(self, number: Number, dtype: str) -> Node:
        """Return a 0-d constant."""
        return as_node(number, dtype)

    def fit(self, node: Node, result: Node, kept_all: bool = False) -> Node | None:
        """Return `result` with the dtype, shape and shape checks of `node`, or None if that cannot be had.

        Args:
            kept_all: every operand of `node` that has axes is an elementwise operand of `result` too.
        """
        if result.type.dtype != node.type.dtype:
            if not np.can_cast(result.type.dtype, node.type.dtype, "safe"):
                return None
            result = cast(result, node.type.dtype)
        if not (kept_all and stands_for(result.type, node.type)):
            leaves = self.leaves(node)
            if leaves is None or node in leaves:  # what is not elementwise has no other shape than its own
                return None
            for leaf in leaves:
                if self.for_display and stands_for(result.type, node.type):
                    break
                if not self.covers(result, leaf):
                    result = fill(leaf, result)
        return result if stands_for(result.type, node.type) else None


def united(several: Sequence[Leaves | None]) -> Leaves | None:
    """Return the shape leaves of several operands together, in order; None if there are too many."""
    result: Leaves = ()
    for leaves in several:
        if leaves is None:
            return None
        if leaves is not result:
            new = tuple(leaf for leaf in leaves if leaf not in result)
            result = (result + new if result else leaves) if new else result  # most nodes of a chain share one tuple
    return result if len(result) <= MOST_LEAVES else None


def stands_for(new: TensorType, old: TensorType) -> bool:
    """Say whether a node of one type may replace one of another: nothing known is lost, and the same axes stretch."""
    return new is old or (old.accepts(new) and new.broadcastable == old.broadcastable)


def is_below(wanted: Node, node: Node) -> bool:
    """Say whether a node is found among the nearest ancestors of another."""
    seen = {node}
    pending = [node]
    while pending and len(seen) <= MOST_ANCESTORS:
        each = pending.pop(0)
        if each is wanted:
            return True
        for one in each.inputs:
            if one not in seen:
                seen.add(one)
                pending.append(one)
    return False
