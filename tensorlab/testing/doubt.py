"""How far rounding alone may move a result: the exact evaluation repeated with every inexact value moved by a unit in the last place.

Floor 6. Read `exact` before. The spread of a few such evaluations stands for condition number times unit in the last place; where a result
jumps (a comparison of two numbers that rounding may exchange) the spread is large, and the result is left unjudged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ..backends.written import NotWritableError, TextWords, Written
from ..graph.node import Node
from ..graph.types import is_floating
from ..ops.arithmetic import Add, Sub
from ..ops.classification import LogSoftmax, Softmax
from ..ops.comparisons import Eq, Neq
from ..ops.families import Elementwise
from ..ops.log_sum_exp import LogSumExp
from ..ops.reductions import Prod
from .dice import Dice
from .exact import Long, Values, evaluate, value_of

Array = np.ndarray[Any, Any]

ROUNDED_ONCE = frozenset(
    {"abs", "sign", "floor", "ceil", "trunc", "rint", "sqrt", "maximum", "minimum", "floor_divide", "remainder", "where", "second", "cast"}
)
"""Words whose result is the float nearest to the true one, as that of + - * / is, and so the true one where that is a float."""

HUGE, TINY = np.finfo(Long).max ** Long(0.9), np.finfo(Long).tiny
"""What stands in a perturbed evaluation for an infinity that came of finite numbers, and for a zero: a rule may have found the limit."""


NEARLY = 4
"""Units in the last place within which two computed numbers may come out equal, if something else is computed that is the same."""


class Perturbation:
    """A change of values by about a unit in the last place, different in every evaluation.

    Args:
        dice: where the choices come from.
    """

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.to_huge = dice.chance(0.6)  # in this evaluation infinities that came of finite numbers are huge numbers, all of them
        self.to_floats = dice.chance(0.3)  # in this one what moves becomes a float again: a difference may then be nothing at all

    def __call__(self, node: Node, value: Any, operands: list[Any]) -> Any:
        """Return the value of a node as another way of computing might have rounded it."""
        if node.op is not None and not isinstance(node.op, Elementwise):
            value = self.reordered(node, value, operands)
        if not is_floating(node.type.dtype):
            return self.equal_or_not(node, value, operands) if isinstance(node.op, (Eq, Neq)) else value
        inexact = np.isfinite(value) & (value != 0)
        if node.op is None:
            inexact &= ~few_digits(value)
        else:
            inexact &= ~taken_over(node, value, operands)
            if isinstance(node.op, Elementwise) and is_rounded_once(node.op):
                inexact &= ~is_exact(value, node.type.dtype)
            inexact |= absorbed(node, value, operands)
        moved = np.where(inexact, self.moved(value, node.type.dtype), value)
        return moved if node.op is None else self.beyond(node, moved, operands)

    def equal_or_not(self, node: Node, value: Array, operands: Sequence[Any]) -> Array:
        """Return whether numbers are equal; of those that were computed and nearly are, some change sides."""
        computed = [each for each in node.inputs if is_floating(each.type.dtype) and each.op is not None]
        if not computed:
            return value
        x, y = operands
        unit = np.maximum(np.abs(x), np.abs(y)) * Long(max(np.finfo(each.type.dtype).eps for each in computed))
        return np.where((np.abs(x - y) <= NEARLY * unit) & (self.dice.random.randint(0, 2, value.shape) == 0), ~value, value)

    def moved(self, value: Array, dtype: str) -> Array:
        """Return numbers moved by half a unit to a unit in the last place of a dtype, up or down; or by less, to a float of that dtype."""
        limits = np.finfo(dtype)
        steps = self.dice.random.uniform(0 if self.to_floats else 0.5, 1, value.shape) * self.dice.random.choice([-1.0, 1.0], value.shape)
        unit = np.where(np.abs(value) < limits.tiny, Long(limits.smallest_subnormal), np.abs(value) * Long(limits.eps))
        result = value + steps * unit
        if not self.to_floats:
            return result
        return np.where((np.abs(result) > limits.tiny) & (np.abs(result) < limits.max), result.astype(dtype).astype(Long), result)

    def beyond(self, node: Node, value: Array, operands: Sequence[Any]) -> Array:
        """Return results with what is no finite number replaced by what a rule may make of it, and zeros by others.

        A zero may have either sign; where it stands for a number too small even for a long float, it may be one.
        """
        choice = self.dice.random.randint(0, 5, value.shape)
        value = np.where((value == 0) & (choice > 2), -value, value)
        if isinstance(node.op, Elementwise):
            infinite, zero = np.zeros(value.shape, bool), np.zeros(value.shape, bool)
            for operand in operands:
                infinite |= np.isinf(operand)
                zero |= operand == 0
            limit = infinite if is_rounded_once(node.op) else infinite | ~zero  # a number divided by infinity, or e to the power of -10,000
            value = np.where((value == 0) & limit & (choice != 1), np.copysign(TINY, value), value)
        if np.isfinite(value).all():
            return value
        finite = np.ones(value.shape, bool)
        for operand in operands:
            if operand.dtype.kind == "f":
                finite &= np.isfinite(operand) if isinstance(node.op, Elementwise) else np.isfinite(operand).all()
        if self.to_huge:
            value = np.where(np.isinf(value) & finite, np.copysign(HUGE, value), value)
        limits = np.array([np.nan, 0, 1, -3.75, np.inf], Long)
        return np.where(np.isnan(value), limits[choice], value)

    def reordered(self, node: Node, value: Any, operands: list[Any]) -> Any:
        """Return what an op on whole arrays makes of operands that are moved a little: sums in another order differ as much."""
        if not is_floating(node.type.dtype):
            return value
        if isinstance(node.op, Softmax):  # too small for any float
            value = np.where((value == 0) & (self.dice.random.randint(0, 5, value.shape) > 1), TINY, value)
        floats = [position for position, operand in enumerate(operands) if operand.dtype.kind == "f" and operand.size]
        offset: Any = 0
        if isinstance(node.op, (LogSoftmax, LogSumExp)):  # near 1 a logarithm is as far off as the sum that it is of
            largest = np.abs(operands[0]).max(initial=0, where=np.isfinite(operands[0]))
            unit = np.finfo(node.type.dtype).eps * (1 + (np.abs(value) if isinstance(node.op, LogSoftmax) else largest))
            offset = self.dice.random.uniform(-1, 1, value.shape) * unit
        if all(few_digits(operands[position]).all() for position in floats):
            return value + offset
        put_elsewhere = not isinstance(node.op, Prod) and np.isin(value, np.concatenate([operands[each].ravel() for each in floats])).all()
        if put_elsewhere:
            return value  # elements that are only put elsewhere
        changed = list(operands)
        for position in floats:
            operand = operands[position]
            inexact = np.isfinite(operand) & (operand != 0)
            changed[position] = np.where(inexact, self.moved(operand, node.type.dtype), operand)
        result = value_of(node, changed) + offset
        result = np.where((result == 0) & (self.dice.random.randint(0, 5, result.shape) > 1), TINY, result)
        return np.where(may_leave_the_range(node, operands), Long(np.nan), result)


def may_leave_the_range(node: Node, operands: list[Any]) -> Any:
    """Return where a sum or product of numbers in range may pass out of it on the way, in one order of its terms and not in another."""
    limits = np.finfo(node.type.dtype)
    finite = [np.where(np.isfinite(operand), operand, 0) if operand.dtype.kind == "f" else operand for operand in operands]
    sizes = [np.abs(operand) if operand.dtype.kind == "f" else operand for operand in finite]
    if isinstance(node.op, Prod):
        powers = np.log2(np.where(np.isfinite(sizes[0]) & (sizes[0] > 0), sizes[0], 1))
        up, down = (np.sum(np.where(chosen, powers, 0), axis=node.op.axis) for chosen in (powers > 0, powers < 0))
        return (up >= limits.maxexp) | (down <= limits.minexp)
    total = value_of(node, sizes)
    return np.isfinite(total) & (total > Long(limits.max))


@cache
def is_rounded_once(op: Elementwise) -> bool:
    """Say whether a formula uses nothing but arithmetic and words that are rounded once.

    >>> from tensorlab import tensor as T
    >>> is_rounded_once(T.sqrt), is_rounded_once(T.exp)
    (True, False)
    """
    words = TextWords()
    try:
        op.formula(words, *[Written("x") for _ in range(op.arity)])
    except NotWritableError:
        return False
    return words.used <= ROUNDED_ONCE


def few_digits(value: Array) -> Array:
    """Return where numbers are small multiples of 1/16, with which sums and products are exact.

    >>> few_digits(np.array([0.25, 0.1, 1e9], Long))
    array([ True, False, False])
    """
    return (np.abs(value) < 2**10) & (value * 16 == np.rint(value * 16))


def is_exact(value: Array, dtype: str) -> Array:
    """Return where a dtype holds a number exactly."""
    with np.errstate(all="ignore"):
        return np.asarray(value.astype(dtype).astype(Long) == value)


def taken_over(node: Node, value: Array, operands: Sequence[Any]) -> Array:
    """Return where an element is one of the operands', with either sign: it was chosen or moved, not computed."""
    size = np.abs(value)
    result = np.zeros(value.shape, bool)
    for operand in operands:
        if operand.dtype.kind == "f":
            result |= (size == np.abs(operand)) if isinstance(node.op, Elementwise) else np.isin(size, np.abs(operand))
    return result


def absorbed(node: Node, value: Array, operands: Sequence[Any]) -> Array | bool:
    """Return where a sum is inexact even with long floats, because one operand is so much smaller than the other."""
    if not isinstance(node.op, (Add, Sub)):
        return False
    x, y = operands
    if isinstance(node.op, Sub):
        y = -y.astype(Long)
    return np.asarray(((value - x != y) | (value - y != x)) & np.isfinite(value))


class Meaning:
    """What results are, and how far rounding alone may move them.

    Args:
        outputs: the nodes wanted.
        values: the values of symbols and shared variables.
        seed: of the perturbations.

    Attributes:
        exact: per output, its value with long floats in place of floats.
    """

    def __init__(self, outputs: Sequence[Node], values: Values, seed: int) -> None:
        self.outputs, self.values, self.seed = list(outputs), values, seed
        self.drawn = 0
        with np.errstate(all="ignore"):
            known = evaluate(self.outputs, values)
        self.exact: list[Array] = [known[each] for each in self.outputs]
        self.moved: list[list[Array | None]] = [[] for _ in self.outputs]

    def draw(self, count: int) -> None:
        """Evaluate some more times with values moved; an output that cannot be computed then is None."""
        for _ in range(count):
            self.drawn += 1
            change = Perturbation(Dice(self.seed, self.drawn))
            try:
                with np.errstate(all="ignore"):
                    known = evaluate(self.outputs, self.values, change)
            except Exception:  # a position that moved out of an array, a length that became another: nothing is sure then
                for moved in self.moved:
                    moved.append(None)
            else:
                for moved, node in zip(self.moved, self.outputs):
                    moved.append(known[node])

    def spread(self, number: int) -> Array | None:
        """Return how far an output was moved, in its own units; None if its shape is not even sure.

        For whole numbers and bools: where it changed.
        """
        exact, moved = self.exact[number], self.moved[number]
        if any(each is None or each.shape != exact.shape for each in moved):
            return None
        dtype = self.outputs[number].type.dtype
        if not is_floating(dtype):
            return np.any([each != exact for each in moved], axis=0) if moved else np.zeros(exact.shape, bool)
        result = np.zeros(exact.shape, Long)
        base = in_range(exact, dtype)
        for each in moved:
            assert each is not None
            with np.errstate(all="ignore"):
                here = in_range(each, dtype)
                distance = np.where((here == base) | (np.isnan(here) & np.isnan(base)), 0, np.abs(here - base))
            result = np.maximum(result, np.where(np.isnan(distance), np.inf, distance))
        return result


def in_range(value: Array, dtype: str) -> Array:
    """Return long floats with infinities in place of what a dtype has no numbers for."""
    return np.where(np.abs(value) > Long(np.finfo(dtype).max), np.copysign(Long(np.inf), value), value)
