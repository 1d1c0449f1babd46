"""The picture of the course: a cat that sits in the moon, as a function of the plane.

Floor 6. The drawing is five closed curves and three stars; whether a point lies inside one is asked for ten thousand points at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..graph.errors import ShapeError
from .columns import Columns, Floats, generator
from .curves import spline

REACH = 2.0
"""The coordinates run from -REACH to REACH: their standard deviation is then 1.15, near the 1 that networks are usually started for."""


def picture(size: int = 10_000, noise: float = 0.0, seed: int = 0) -> Columns:
    """Return points of the plane, and for each whether it lies in the picture (1) or beside it (0): a cat that sits in the moon.

    Args:
        size: how many points, drawn evenly from the square between -2 and 2.
        noise: the share of points whose answer is turned round, from 0 to 1.
        seed: equal seeds give equal points, on every machine.

    Returns:
        `x`, float32 (2, size): the row of abscissas and the row of ordinates; `y_hat`, float32 (1, size): 0 or 1.

    >>> x, y_hat = picture(size=5, seed=1)
    >>> y_hat
    array([[1., 0., 1., 0., 0.]], dtype=float32)
    """
    random = generator("picture", size, noise, seed)
    x = random.uniform(-REACH, REACH, (2, size)).astype(np.float32)
    y_hat = picture_function(x)
    turned = random.random((1, size)) < noise
    return Columns(x, np.where(turned, 1 - y_hat, y_hat))


def picture_function(x: ArrayLike) -> Floats:
    """Return what a perfect network would answer: 1 where a point lies in the picture, 0 elsewhere.

    Args:
        x: (2, N), as `picture` and `grid` return it.

    Returns:
        float32 (1, N).

    >>> picture_function(grid(100)).reshape(100, 100).mean().round(2)  # the share of the square that is drawn
    np.float32(0.35)
    """
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 2 or points.shape[0] != 2:
        advice = "one point a column: tl.datasets.grid(200), or x.T if your points are rows"
        raise ShapeError("picture_function(x)", f"x has the shape {points.shape}, not (2, N)", advice)
    across, up = points / REACH
    drawn = (inside(MOON, across, up) & ~inside(GAP, across, up)) | inside(CAT, across, up) | inside(TAIL, across, up)
    for left, bottom, size in STARS:
        drawn |= np.cbrt(across - left) ** 2 + np.cbrt(up - bottom) ** 2 < size ** (2 / 3)
    return drawn[np.newaxis].astype(np.float32)


def grid(width: int = 200) -> Floats:
    """Return the points of a square picture, row by row from the top left: float32 (2, width * width).

    What a function of points says about them is an image after `.reshape(width, width)`.

    >>> grid(2)
    array([[-2.,  2., -2.,  2.],
           [ 2.,  2., -2., -2.]], dtype=float32)
    """
    steps = np.linspace(-REACH, REACH, width, dtype=np.float32)
    across, up = np.meshgrid(steps, steps[::-1])
    return np.stack([across.ravel(), up.ravel()])


def circle(across: float, up: float, radius: float) -> NDArray[np.float64]:
    """Return 120 points on a circle: (2, 120)."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    return np.array([across + radius * np.cos(angle), up + radius * np.sin(angle)])


def outline(*strokes: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Return a closed line (2, n) of strokes that begin where the one before ended: smooth within a stroke, with corners between them."""
    return np.concatenate([spline(stroke)[:, :-1] for stroke in strokes], axis=1)


def inside(line: NDArray[np.float64], across: NDArray[np.float64], up: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say for each point whether it lies within a closed line: whether a ray to its right crosses the line an odd number of times.

    The points are sorted by height, so that each edge of the line looks only at those that are level with it: 3 ms for 10,000 points.
    """
    order = np.argsort(up)
    heights, places = up[order], across[order]
    odd = np.zeros(len(order), dtype=bool)
    ends = np.roll(line, -1, axis=1)
    low, high = np.searchsorted(heights, np.minimum(line[1], ends[1])), np.searchsorted(heights, np.maximum(line[1], ends[1]))
    for (left, bottom), (right, top), first, last in zip(line.T, ends.T, low, high):
        if first < last:
            level = slice(first, last)
            odd[level] ^= places[level] < left + (heights[level] - bottom) * ((right - left) / (top - bottom))
    result = np.empty_like(odd)
    result[order] = odd
    return result


MOON = circle(-0.05, -0.05, 0.88)
GAP = circle(0.17, 0.2, 0.72)
CAT = outline(
    [(-0.14, -0.56), (-0.2, -0.42), (-0.18, -0.24), (-0.11, -0.08), (-0.07, 0.01)],  # the back, from the moon up
    [(-0.07, 0.01), (-0.145, 0.08), (-0.17, 0.17), (-0.155, 0.26), (-0.16, 0.43)],  # the left cheek, and the ear
    [(-0.16, 0.43), (-0.1, 0.385), (-0.05, 0.325)],
    [(-0.05, 0.325), (0.02, 0.333), (0.09, 0.325)],  # the crown
    [(0.09, 0.325), (0.14, 0.385), (0.2, 0.43)],
    [(0.2, 0.43), (0.195, 0.26), (0.21, 0.17), (0.185, 0.08), (0.11, 0.01)],
    [(0.11, 0.01), (0.16, -0.08), (0.225, -0.24), (0.25, -0.4), (0.22, -0.56)],  # the other side of the back
)
TAIL = outline(
    [(0.12, -0.56), (0.26, -0.52), (0.42, -0.46), (0.51, -0.35), (0.52, -0.22), (0.46, -0.14), (0.4, -0.19)],  # outside
    [(0.4, -0.19), (0.43, -0.26), (0.4, -0.35), (0.3, -0.4), (0.2, -0.41)],
)
STARS = ((0.55, 0.55, 0.2), (0.78, 0.16, 0.13), (0.14, 0.74, 0.13))
"""The middle of each star across and up, and how far its points reach."""
