"""Whether two formulas mean the same: by their simplified form, and where that differs by their values at random points.

Floor 6. Nothing is compiled: `ops/evaluate.interpret` computes small graphs with NumPy in microseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..graph.errors import TensorlabError
from ..graph.node import Node
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..ops.evaluate import interpret
from ..rewrite import simplified
from ..rewrite.intern import intern

DRAWS = 40
"""How often other points are drawn where the answer has no value, as log(x) for negative x."""
CLOSE, CLOSE_IN_FLOAT32 = 1e-7, 2e-3
"""Relative differences that rounding explains; another formula differs by much more at four random points."""

Values = dict[Node, Any]


def same_form(first: Node, second: Node) -> bool:
    """Say whether two formulas become the same graph when they are simplified.

    >>> x = T.scalar("x")
    >>> same_form(x * 2, x + x), same_form(2 * x, 3 * x)
    (True, False)
    """
    if first.type.ndim != second.type.ndim:
        return False
    with suppress(TensorlabError):
        one, other = intern(simplified([first, second]))
        return one is other
    return False


def value_at(formula: Node, point: Values) -> Any | None:
    """Return the value of a formula at a point, or None if it cannot be computed: lengths that do not fit."""
    try:
        with np.errstate(all="ignore"):
            return interpret([formula], point)[0]
    except Exception:  # whatever NumPy and the cards raise: the reader's own run will say it better
        return None


def values_at(formula: Node, points: Sequence[Values]) -> list[Any] | None:
    """Return the values of a formula at all points, or None."""
    values = [value_at(formula, point) for point in points]
    return None if any(value is None for value in values) else values


def agree(first: Sequence[Any] | None, second: Sequence[Any] | None, close: float = CLOSE) -> bool:
    """Say whether two formulas have the same shapes and values at all points; nan and infinities agree with nothing but themselves."""
    if first is None or second is None:
        return False
    return all(near(one, other, close) for one, other in zip(first, second))


def near(one: Any, other: Any, close: float = CLOSE) -> bool:
    """Say whether two arrays have the same shape and, as far as rounding allows, the same values."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return False
    if not one.size:
        return True
    one, other = one.astype(np.float64), other.astype(np.float64)
    finite = np.isfinite(one)
    if not np.array_equal(finite, np.isfinite(other)) or not np.array_equal(one[~finite], other[~finite], equal_nan=True):
        return False
    scale = np.maximum(np.abs(one), np.abs(other))[finite]
    largest = scale.max(initial=0.0)  # beside a large element, a small one holds the rounding of sums with the large one
    return bool(np.all(np.abs(one - other)[finite] <= close * (scale + 1e-3 * largest) + 1e-12))


def tolerance(*formulas: Node) -> float:
    """Return how far apart two values of a formula may be: more where it computes with float32."""
    narrow = any(is_floating(node.type.dtype) and node.type.dtype != "float64" for node in ancestors(formulas) if node.op is not None)
    return CLOSE_IN_FLOAT32 if narrow else CLOSE
