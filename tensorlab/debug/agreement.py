"""Whether two ways of computing the same agree: at a glance, and where a glance is not enough, by what the graph means.

Floor 6. Read `testing/doubt.py` and `testing/judging.py` before: the tolerance is theirs, 16 units in the last place times the condition
number, measured by moving every inexact value a little.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..graph.errors import MissingPackageError
from ..graph.node import Node
from ..graph.types import is_floating
from ..ops.evaluate import interpret
from ..ops.products import Dot
from ..ops.reductions import Sum
from ..testing.doubt import Meaning
from ..testing.judging import DRAWS, MORE_DRAWS, compared

UNITS = 64
"""How many units in the last place two results may differ at a glance: two words of 2.5 each and what a few steps add."""
LARGE = 20_000
"""Elements beyond which long floats would take seconds (some 0.1 µs an element and step, 44 times): only a glance is had then."""
COARSE = 1e4
"""Units in the last place that are allowed where nothing better than a glance is to be had."""


def close(found: Any, wanted: Any, units: float = UNITS) -> bool:
    """Say whether two arrays are equal but for a few units in the last place of their larger element.

    >>> close(np.array([1.0, np.nan]), np.array([1.0 + 1e-15, np.nan])), close(np.array(1.0), np.array(1))
    (True, False)
    """
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.dtype != wanted.dtype or found.shape != wanted.shape:
        return False
    if found.dtype.kind != "f":
        return bool((found == wanted).all())
    return not suspicious(found, wanted, units).any()


def suspicious(found: Any, wanted: Any, units: float = UNITS) -> Any:
    """Return where two arrays of floats differ by more than some units in the last place.

    Numbers below the smallest normal one are not told apart: where 1/x² becomes so small, x² may have overflowed on the way.
    """
    limits = np.finfo(found.dtype)
    with np.errstate(all="ignore"):
        allowed = np.maximum(units * limits.eps * np.maximum(np.abs(found), np.abs(wanted)), limits.tiny)
        same = (found == wanted) | ((found != found) & (wanted != wanted))
        return ~(same | (np.isfinite(allowed) & (np.abs(found - wanted) <= allowed)))


def within_sum(node: Node, operands: list[Any], found: Any, wanted: Any) -> bool:
    """Say whether a sum or product of matrices differs by no more than another order of its terms explains."""
    if not isinstance(node.op, (Sum, Dot)) or found.dtype.kind != "f" or found.shape != wanted.shape:
        return False
    terms = max([1, *(operand.shape[-1] if isinstance(node.op, Dot) else operand.size for operand in operands if operand.ndim)])
    with np.errstate(all="ignore"):
        size = node.op.numpy(np, *[np.abs(operand) for operand in operands])
        return bool((np.abs(found - wanted) <= 4 * max(terms, 4) * np.finfo(found.dtype).eps * size).all())


def near(found: Any, wanted: Any, operands: list[Any]) -> bool:
    """Say whether two arrays agree as well as can be told without long floats: as parts of the largest number around."""
    if found.dtype.kind != "f":
        return bool((found == wanted).all())
    sizes = [np.abs(each[np.isfinite(each)]).max(initial=0) for each in map(np.asarray, [wanted, *operands]) if each.dtype.kind == "f"]
    with np.errstate(all="ignore"):
        far = suspicious(found, wanted) & ~(np.abs(found - wanted) <= COARSE * np.finfo(found.dtype).eps * max(sizes))
    return not far.any()


def disagreement(node: Node, values: Mapping[Node, Any], found: Any, seed: int = 0) -> str:
    """Return what is wrong with a value found for a graph, "" if nothing is.

    Args:
        node: the graph as written.
        values: what its symbols are.
        found: the value from elsewhere.
    """
    with np.errstate(all="ignore"):
        (wanted,) = interpret([node], values)
    if found.dtype != wanted.dtype or found.shape != wanted.shape:
        return f"{found.dtype} of shape {found.shape}"
    if close(found, wanted):
        return ""
    if max([found.size, *(np.size(value) for value in values.values())]) > LARGE:
        return "" if near(found, wanted, list(values.values())) else "other numbers"
    if is_floating(node.type.dtype):
        found = np.where(suspicious(found, wanted), found, wanted)
    try:
        meaning = Meaning([node], dict(values), seed)
        meaning.draw(DRAWS)
        what = compared(found, wanted, meaning, 0, node)
        if what:
            meaning.draw(MORE_DRAWS)
            what = compared(found, wanted, meaning, 0, node)
    except MissingPackageError:
        return "" if near(found, wanted, list(values.values())) else "other numbers"
    except Exception:  # a length or a position that depends on rounding: nothing is sure then
        return ""
    return what or ""
