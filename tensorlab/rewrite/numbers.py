"""Numbers that rules read from constants and compute with, in the dtype in which the graph would.

Floor 3. A rule never computes in a wider dtype than the graph: folding 3e38 * 10 in float32 must give inf, so that the rule can refuse.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ..graph.node import Constant, Node
from ..graph.types import is_floating

Number = int | float


def uniform(node: Node) -> Number | None:
    """Return the number that a constant holds in every element, or None: no constant, elements that differ, no elements, nan.

    >>> from tensorlab import tensor as T
    >>> uniform(T.constant([2.0, 2.0])), uniform(T.constant(3)), uniform(T.constant([1, 2]))
    (2.0, 3, None)
    """
    if not isinstance(node, Constant) or node.value.size == 0:
        return None
    first = node.value.flat[0]
    if node.value.size > 1 and not (node.value == first).all():
        return None
    number: Number = first.item()
    return None if number != number else number


def wrapped(number: Number, dtype: str) -> Number:
    """Return a whole number as it comes out of arithmetic in a dtype of whole numbers; a float rounded to its dtype.

    >>> wrapped(130, "int8"), wrapped(-1, "uint8"), wrapped(0.1, "float32") == 0.1
    (-126, 255, False)
    """
    if dtype == "float64":
        return float(number)
    if is_floating(dtype):
        with np.errstate(all="ignore"):
            rounded: float = np.dtype(dtype).type(number).item()
        return rounded
    limits = np.iinfo(dtype)
    return (int(number) - int(limits.min)) % (int(limits.max) - int(limits.min) + 1) + int(limits.min)


def product(a: Number, b: Number, dtype: str) -> Number | None:
    """Return a * b in a dtype, or None where multiplying by it at once differs by more than rounding.

    That is never so if all three are moderate, or if one of two floats is a small power of 2, by which multiplying is exact.

    >>> product(1e-20, 2, "float64"), product(1e-20, 3, "float64")
    (2e-20, None)
    """
    result = wrapped(a * b, dtype)
    if moderate(a, dtype) and moderate(b, dtype) and moderate(result, dtype):
        return result
    exact = doubles(a) or doubles(b)
    return result if exact and math.isfinite(result) and abs(result) >= np.finfo(dtype).tiny else None


def doubles(number: Number) -> bool:
    """Say whether a number is a power of 2 from 1 to 256, with either sign: nothing is rounded, and where it overflows inf is the limit."""
    return abs(number) in (1, 2, 4, 8, 16, 32, 64, 128, 256)


def moderate(number: Number, dtype: str) -> bool:
    """Say whether multiplying by a number early or late makes no difference but rounding.

    Within 2 to the power of ± a 32nd of the exponent range (float64: 2.3e-10 to 4.3e9, float32: 1/16 to 16) an intermediate
    result overflows or vanishes only where the final one nearly does. Whole numbers wrap around, in any order alike.
    """
    if not is_floating(dtype):
        return True
    limit = most_moderate(dtype)
    return 1 / limit <= abs(number) <= limit


@lru_cache
def most_moderate(dtype: str) -> float:
    """Return the largest number that counts as moderate in a floating dtype, a power of 2."""
    return 2.0 ** (int(np.finfo(dtype).maxexp) // 32)


def total(a: Number, b: Number, dtype: str) -> Number | None:
    """Return a + b in a dtype, or None where adding it at once differs from adding one after the other.

    Floats of opposite signs: (x + 1e16) - 1e16 is not x. Whole numbers wrap around, in any order alike.
    """
    result = wrapped(a + b, dtype)
    if not is_floating(dtype):
        return result
    return result if math.isfinite(result) and abs(result) >= max(abs(a), abs(b)) else None
