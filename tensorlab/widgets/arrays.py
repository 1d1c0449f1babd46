"""Arrays as a page can hold them: few numbers, few digits, nothing that JSON cannot say.

Floor 6. A widget's state is copied into the notebook's file once per widget, so a large array is shown by the means of its blocks, and
the extremes are written from the whole of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..view.digits import array as in_words
from ..view.digits import number

MOST = 64  # rows and columns of a heat map: about 3 px each in a card, and 64 * 64 * 7 characters are 28 kB
LEAST = 3  # rows and columns: a heat map of fewer blocks shows nothing
DIGITS = 4  # significant digits: a colour has fewer


def for_page(value: Any, most: int = MOST) -> dict[str, Any]:
    """Return an array as data for a page.

    Args:
        value: a number or an array of numbers.
        most: at most so many rows and columns; with fewer than `LEAST` none at all.

    Returns:
        `text` (the value in words), `shape`; for arrays also `rows` (a list of lists; more than two axes are folded into rows),
        `low` and `high` (texts, also where there is no room for rows), `scale` (the largest absolute value that is
        finite), `sampled` (whether blocks were averaged).

    >>> for_page(0.5)
    {'text': '0.5', 'shape': [], 'number': 0.5}
    >>> for_page(np.eye(2))["rows"]
    [[1, 0], [0, 1]]
    """
    whole = np.asarray(value)
    told: dict[str, Any] = {"text": in_words(whole), "shape": list(whole.shape)}
    if whole.ndim == 0:
        return {**told, "number": plain(whole.item())}
    if whole.size == 0:
        return {**told, "rows": [], "low": "", "high": "", "scale": 0, "sampled": False}
    matrix = np.asarray(whole, dtype="float64").reshape(-1, whole.shape[-1]) if whole.ndim > 1 else whole.astype("float64").reshape(1, -1)
    finite = matrix[np.isfinite(matrix)]
    if most < LEAST and max(matrix.shape) > most:
        return {**told, "low": number(matrix.min()), "high": number(matrix.max())}
    small = blocks(matrix, most)
    return {
        **told,
        "rows": [[plain(each) for each in row] for row in small],
        "low": number(matrix.min()), "high": number(matrix.max()),
        "scale": plain(np.abs(finite).max()) if finite.size else 0,
        "sampled": small.shape != matrix.shape,
    }  # fmt: skip


def blocks(matrix: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
    """Return the means of blocks of a matrix, at most so many along each axis.

    >>> blocks(np.arange(8.0).reshape(2, 4), 2)
    array([[0.5, 2.5],
           [4.5, 6.5]])
    """
    for axis in (0, 1):
        length = matrix.shape[axis]
        if length > most:
            edges = np.linspace(0, length, most, endpoint=False).astype(int)
            counts = np.diff(np.append(edges, length))
            matrix = np.add.reduceat(matrix, edges, axis=axis) / (counts[:, None] if axis == 0 else counts)
    return matrix


def plain(value: Any) -> float | int | str:
    """Return a number as JSON can say it, with few digits; what JSON has no number for is a word.

    >>> plain(1 / 3), plain(2.0), plain(float("nan")), plain(float("-inf"))
    (0.3333, 2, 'nan', '-inf')
    """
    real = float(value)
    if not math.isfinite(real):
        return str(real)
    rounded = float(f"{real:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded
