"""Conditions that are checked while a function runs: `T.ensure(x, x > 0)`.

Floor 2. Read `watching` before. Python's own `assert` sees symbols, which have no values yet; this one sees the values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.convert import as_node, shorten
from ..graph.errors import AssertionFailedError, ConversionError
from ..graph.node import Node
from .families import Case
from .watching import Watcher

DIGITS = 4  # of the numbers in a message, as everywhere that numbers are shown


class Assert(Watcher):
    """The value of x, if every further operand is true in all its elements; else an AssertionFailedError with the message.

    Args:
        message: what is wrong if a condition does not hold.

    >>> x = T.scalar("x")
    >>> T.opt.Assert("x must be positive")(x, x > 0).eval({x: 2.0})
    array(2.)
    """

    sample = (Case((2, 3), np.array(True), message="fine"), Case((), np.array([True, True]), np.array(1.0), message="fine"))
    advice = "other values, or a condition that holds for them too"
    name = "ensure"

    def __init__(self, message: str = "") -> None:
        self.message = message

    def numpy(self, xp: Any, x: Any, *conditions: Any) -> Any:
        for position, condition in enumerate(conditions, 1):
            if not np.all(condition):
                said = self.message
                found = f"{said}\n" * bool(said) + failing(np.asarray(x), np.asarray(condition), position)
                raise AssertionFailedError("", found, "")
        return x


def failing(x: Any, condition: Any, position: int) -> str:
    """Return where a condition does not hold, and what the value is there; {x0} and {x1} stand for what the operands are called."""
    name = f"{{x{position}}}"
    if condition.ndim == 0:
        said = f"{name} is {'False' if condition.dtype == bool else condition}"
        return f"{said}, {{x0}} is {in_short(x)}" if x.size == 1 else said
    wrong = np.argwhere(~condition.astype(bool))
    first = wrong[0].tolist()
    said = f"{name} does not hold at {len(wrong)} of {condition.size} positions, first at {first}"
    return said + (f", where {{x0}} is {in_short(x[tuple(first)])}" if x.shape == condition.shape else "")


def in_short(value: Any) -> str:
    """Return one number with few digits.

    >>> in_short(np.array(1 / 3)), in_short(np.array([2])), in_short(np.array(True))
    ('0.3333', '2', 'True')
    """
    number = np.asarray(value).item()
    return f"{number:.{DIGITS}g}" if isinstance(number, float) else str(number)


def ensure(x: Any, *conditions: Any, message: str = "", name: str | None = None) -> Node:
    """Return `x` unchanged, and check when the function runs that all conditions hold in all elements.

    Args:
        x: what to hand on; use the result in its place, else nothing is checked.
        conditions: expressions, true where all is well. They may have any shape.
        message: what is wrong if one does not hold.
        name: name of the result.

    Raises:
        ConversionError: there is no condition, or the message is not a text.
        AssertionFailedError: when a function runs and a condition does not hold.

    >>> x = T.vector("x")
    >>> y = T.log(T.ensure(x, x > 0, message="a logarithm needs positive numbers"))
    >>> y.eval({x: [1.0, 1.0]})
    array([0., 0.])
    """
    node = as_node(x)
    if not conditions:
        raise ConversionError(f"T.ensure({node.label})", "no condition to check", f"T.ensure({node.label}, {node.label} > 0)")
    for each in conditions:
        if isinstance(each, str):
            advice = f"T.ensure({node.label}, condition, message={shorten(each)})"
            raise ConversionError(f"T.ensure({node.label}, {shorten(each)})", "a text in place of a condition", advice)
    return Assert(message)(node, *map(as_node, conditions), name=name)


assert_op = Assert("a condition of assert_op does not hold")
