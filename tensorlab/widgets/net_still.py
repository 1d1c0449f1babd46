"""The picture that stands for a NetView where no widget can be shown: what the network says of each place, the points, and the costs.

Floor 6. Bands of the output instead of pixels, so that it is small and the same bytes every time; points of the two kinds differ in shape.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np

from ..view.digits import number
from ..view.drawing import clean
from .base import Still
from .surfaces import path

INK, BLUE, VERMILION = "#222", "#0072B2", "#D55E00"
SIDE, LEFT, TOP = 360, 20, 20  # pixels: of the plane
RIGHT, ACROSS, LOW = 440, 250, 140  # pixels: where the curve of costs begins, how wide and how high it is
DRAWN = 200  # points: more hide what lies behind them
EDGES = (-1, 25, 77, 127.5, 178, 230, 256)
"""Of the bands, on the scale of a byte; the fourth is the boundary, where the output is 1/2."""


def still_of(frame: dict[str, Any], costs: Sequence[Sequence[float]], points: dict[str, Any], words: str) -> Still:
    """Return the picture of a frame."""
    alt = f"Where a network says 1 (blue) and 0 (vermilion), with its points, and its cost by step. {words}"
    return Still.picture(drawn(frame, costs, points), clean(alt), "\n".join(map(clean, words.split("\n"))))


def drawn(frame: dict[str, Any], costs: Sequence[Sequence[float]], points: dict[str, Any]) -> str:
    """Return the SVG."""
    import contourpy

    surface = np.frombuffer(b64decode(frame["surface"]), "uint8").astype("float64")
    side = round(len(surface) ** 0.5)
    places = np.linspace(0, SIDE * 4, side)  # a quarter of a pixel is the smallest unit
    maker: Any = contourpy.contour_generator(places, places, surface.reshape(side, side), fill_type="OuterOffset")
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="400" viewBox="0 0 720 400" font-family="sans-serif" font-size="13" '
        f'fill="{INK}"><rect width="720" height="400" fill="#fff"/><g transform="translate({LEFT} {TOP}) scale(0.25)">'
    ]
    for low, high, colour, strength in zip(EDGES, EDGES[1:], [VERMILION] * 3 + [BLUE] * 3, (0.5, 0.3, 0.12, 0.12, 0.3, 0.5)):
        outlines, offsets = maker.filled(low, high)
        ways = [path(whole[a:b], closed=True) for whole, cuts in zip(outlines, offsets) for a, b in pairwise(cuts)]
        if any(ways):
            parts.append(f'<path d="{"".join(ways)}" fill="{colour}" fill-opacity="{strength}" fill-rule="evenodd"/>')
    boundary = "".join(map(path, maker.lines(EDGES[3])))
    parts.append(f'<path d="{boundary}" fill="none" stroke="{INK}" stroke-width="8"/></g>')
    left, right, low, high = points["window"]
    for (x, y), kind in list(zip(points["places"], points["kinds"]))[:DRAWN]:
        u, v = LEFT + (x - left) / (right - left) * SIDE, TOP + (high - y) / (high - low) * SIDE
        parts.append(
            f'<circle cx="{u:.1f}" cy="{v:.1f}" r="3.5" fill="{BLUE}" stroke="#fff"/>' if kind
            else f'<rect x="{u - 3:.1f}" y="{v - 3:.1f}" width="6" height="6" fill="#fff" stroke="{VERMILION}" stroke-width="2"/>'
        )  # fmt: skip
    parts.append(f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{INK}" stroke-opacity="0.5"/>')
    parts += curve(costs)
    said = [("blue circles: 1", BLUE), ("vermilion squares: 0", "#a84a00"), ("black line: the output is 1/2", INK)]
    said.append((f"step {frame['step']}, epoch {frame['epoch']}", INK))
    for row, (text, colour) in enumerate(said):
        parts.append(f'<text x="{RIGHT}" y="{TOP + LOW + 80 + 22 * row}" fill="{colour}">{escape(text)}</text>')
    parts.append("</svg>")
    return "".join(parts)


def curve(costs: Sequence[Sequence[float]]) -> list[str]:
    """Return the curve of costs."""
    shown = [(step, cost) for step, cost in costs if cost is not None]
    if not shown:
        return []
    top, last = max(cost for _, cost in shown) or 1, max(shown[-1][0], 1)
    line = " ".join(f"{RIGHT + step / last * ACROSS:.1f},{TOP + (1 - cost / top) * LOW:.1f}" for step, cost in shown)
    return [
        f'<path d="M{RIGHT} {TOP}V{TOP + LOW}H{RIGHT + ACROSS}" fill="none" stroke="{INK}" stroke-opacity="0.5"/>',
        f'<polyline points="{line}" fill="none" stroke="{INK}" stroke-width="2"/>',
        f'<text x="{RIGHT - 6}" y="{TOP + 10}" text-anchor="end">{number(top)}</text>',
        f'<text x="{RIGHT - 6}" y="{TOP + LOW}" text-anchor="end">0</text>',
        f'<text x="{RIGHT}" y="{TOP + LOW + 18}">cost by step</text>',
        f'<text x="{RIGHT + ACROSS}" y="{TOP + LOW + 18}" text-anchor="end">{last}</text>',
    ]
