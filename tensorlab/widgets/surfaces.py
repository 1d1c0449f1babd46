"""A cost over a plane as contours: which heights are drawn, and the lines as paths of SVG.

Floor 6. Read `planes.py` before. `contourpy`, which comes with matplotlib, finds the lines; here they are made small enough to live in a
notebook's file. The same paths serve the widget and the picture that stands for it in a saved notebook.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..view.digits import number

Vector = np.ndarray[Any, Any]

FINEST = 64  # points along each side: what a widget may hold of any array, and fine enough for smooth lines
COARSEST = 16
ENOUGH_WORK = 1e11  # products for one picture, about two seconds; where a point costs more, the grid is coarser
HEIGHTS = 12  # bands: fewer hide the valley, more are a grey paste
WIDE, HIGH = 1600, 1200  # units of the paths: whole numbers, a quarter of a pixel each


@dataclass(frozen=True)
class Window:
    """The part of a plane that is drawn: from `left` to `right` and from `low` to `high`."""

    left: float
    right: float
    low: float
    high: float

    def points(self, side: int) -> tuple[Vector, Vector]:
        """Return so many abscissas and ordinates."""
        return np.linspace(self.left, self.right, side), np.linspace(self.low, self.high, side)


def around(points: Vector) -> Window:
    """Return a window around points (n, 2), with a third of their spread as a margin on every side.

    >>> around(np.array([[0.0, 0.0], [3.0, 0.0]]))
    Window(left=-1.0, right=4.0, low=-0.9375, high=0.9375)
    """
    low, high = points.min(axis=0), points.max(axis=0)
    half = (high - low) * 5 / 6
    half = np.maximum(half, float(half.max() or 1) * 0.375)  # a path along an axis still needs a picture that is no strip
    middle = (low + high) / 2
    return Window(*(round(float(each), 6) for each in (middle[0] - half[0], middle[0] + half[0], middle[1] - half[1], middle[1] + half[1])))


def side_for(work: float) -> int:
    """Return how many points along a side a cost is worth that needs so many products a point.

    >>> side_for(100), side_for(1e8), side_for(1e9)
    (64, 31, 16)
    """
    affordable = int((ENOUGH_WORK / max(work, 1)) ** 0.5)
    return max(COARSEST, min(FINEST, affordable))


def heights(grid: Vector, count: int = HEIGHTS) -> Vector:
    """Return the heights of the lines between the lowest and the highest finite value, at most `count` + 1.

    They are spaced so that the median of the grid lies in the middle of them: evenly for a plane, narrower below for a bowl or a canyon,
    where equal distances would leave the valley blank.
    """
    finite = grid[np.isfinite(grid)]
    if not finite.size or finite.min() == finite.max():
        return np.zeros(0)
    low, high = float(finite.min()), float(finite.max())
    middle = (float(np.median(finite)) - low) / (high - low)
    bend = float(np.clip(np.log(max(middle, 1e-12)) / np.log(0.5), 0.6, 6))  # the power that takes 1/2 to the median
    return low + (high - low) * np.linspace(0, 1, count + 1) ** bend


def contours(grid: Vector) -> dict[str, Any]:
    """Return the contours of a grid (rows from low to high) as data for a page.

    Returns:
        `bands`: from the lowest up, each the path `d` of the area between two heights, and `shade` between 0 and 1;
        `lines`: each the path `d` of one height, the height as `text`, and `at`, where that text may stand, or None.
    """
    import contourpy

    levels = heights(grid)
    if not len(levels):
        return {"bands": [], "lines": []}
    rows, columns = grid.shape
    held = np.ma.masked_invalid(grid)
    maker: Any = contourpy.contour_generator(np.linspace(0, WIDE, columns), np.linspace(HIGH, 0, rows), held, fill_type="OuterOffset")
    bands, lines = [], []
    for position, (low, high) in enumerate(pairwise(levels)):
        points, offsets = maker.filled(low, np.nextafter(high, np.inf) if position == len(levels) - 2 else high)
        rings = [whole[a:b] for whole, cuts in zip(points, offsets) for a, b in pairwise(cuts)]
        if rings:
            bands.append({"d": "".join(path(ring, closed=True) for ring in rings), "shade": round(position / (len(levels) - 2), 3)})
    taken: list[tuple[float, float]] = []
    for position, level in enumerate(levels[1:-1]):
        found = maker.lines(level)
        if found:
            place = where_to_write(max(found, key=len), taken) if position % 2 == 0 else None
            lines.append({"d": "".join(map(path, found)), "text": number(float(f"{level:.2g}")), "at": place})
    return {"bands": bands, "lines": lines}


def path(points: Vector, closed: bool = False) -> str:
    """Return a line as the path of an SVG, in whole numbers; points that fall together are one.

    >>> path(np.array([[0.2, 1.0], [3.0, 4.0], [3.1, 4.0], [9.0, 4.0]]))
    'M0 1L3 4 9 4'
    """
    whole = np.rint(points).astype(int)
    kept = whole[np.append(True, np.any(np.diff(whole, axis=0) != 0, axis=1))]
    if len(kept) < 2:
        return ""
    first, *rest = (f"{x} {y}" for x, y in kept.tolist())
    return f"M{first}L{' '.join(rest)}{'Z' if closed else ''}"


def where_to_write(line: Vector, taken: list[tuple[float, float]]) -> list[int] | None:
    """Return the point of a line that is best for its number: inside the picture, and not near another number; None if there is none."""
    room_across, room_down = WIDE / 10, HIGH / 14
    # a quarter of the way: a path that goes straight down crosses the lines in their middles
    order = sorted(range(len(line)), key=lambda index: abs(index / len(line) - 0.25))
    for index in order:
        x, y = map(float, line[index])
        inside = room_across / 2 < x < WIDE - room_across / 2 and room_down / 2 < y < HIGH - room_down / 2
        if inside and all(abs(x - a) > room_across or abs(y - b) > room_down for a, b in taken):
            taken.append((x, y))
            return [round(x), round(y)]
    return None


def sampled(cost: Callable[[Vector], float], plane: Any, window: Window, side: int) -> Vector:
    """Return the cost on a grid of a plane, `side` rows from low to high; what is not finite is nan."""
    across, up = window.points(side)
    grid = np.array([[cost(plane.at(u, v)) for u in across] for v in up], dtype="float64")
    grid[~np.isfinite(grid)] = np.nan
    return grid


def rounded(points: Sequence[Sequence[float]] | Vector, digits: int = 5) -> list[list[float]]:
    """Return points with few digits, as a page needs them."""
    return [[float(f"{value:.{digits}g}") for value in point] for point in np.asarray(points).tolist()]
