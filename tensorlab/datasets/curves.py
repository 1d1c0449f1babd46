"""Smooth lines through given points.

Floor 6.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PIECES = 8
"""Straight pieces between two given points: so many that no corner shows when a drawing is 1000 pixels wide."""


def spline(through: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Return a smooth line (2, n) through the given points, ends included: the spline of Catmull and Rom, which needs no tangents.

    >>> spline([(0, 0), (1, 1)]).shape
    (2, 9)
    """
    points = np.array([through[0], *through, through[-1]], dtype=np.float64)
    t = np.linspace(0, 1, PIECES, endpoint=False)[:, np.newaxis]
    found = []
    for before, start, end, after in zip(points, points[1:], points[2:], points[3:]):
        bend = 2 * before - 5 * start + 4 * end - after
        found.append(start + t / 2 * (end - before + t * (bend + t * (3 * (start - end) + after - before))))
    return np.concatenate([*found, points[-1:]]).T
