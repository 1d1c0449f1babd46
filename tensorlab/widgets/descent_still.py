"""The picture that stands for a DescentView where no widget can be shown: contours, paths, and the costs beneath.

Floor 6. The same shapes as in `static/descent.js`, on white paper. The same bytes every time: all numbers are rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log
from typing import Any

from ..view.digits import number
from ..view.drawing import clean
from .base import Still
from .runs import Path
from .surfaces import HIGH, WIDE

INK = "#222"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#A5487F")
DASHES = ("", "8 4", "2 4", "12 4 2 4")
LEFT, TOP, ACROSS, DOWN = 62, 16, 480, 360  # pixels: of the landscape
MANY_SIZES = 50  # costs whose largest is so many times their smallest show only on a scale of powers, as in `static/descent.js`
BENEATH, LOW = 440, 110  # pixels: where the curve of costs begins, and how high it is


def still_of(title: str, landscape: dict[str, Any], runs: Sequence[dict[str, Any]], recipes: Sequence[str], words: str) -> Still:
    """Return the picture of some runs over a landscape."""
    across, up = landscape["labels"]
    alt = f"Contours of the {title} over {across} and {up}, with {len(runs)} path{'s' * (len(runs) > 1)} of gradient descent. {words}"
    return Still.picture(drawn(landscape, runs, recipes), clean(alt), "\n".join(map(clean, words.split("\n"))))


def named(title: str) -> str:
    """Return what a cost is called in a sentence: the cost x ** 2, or the cost alone if that is its name."""
    return title if title == "cost" else f"cost {title}"


def sentence(place: int, recipe: str, rate: float | None, points: Sequence[Sequence[float]], path: Path) -> str:
    """Return where a run went, in words; `points` are those of the picture."""
    (u, v), (x, y) = (rounded_point(points[which]) for which in (0, -1))
    with_rate = f" with rate {number(rate)}" if rate is not None else ""
    end = "; then a number is no longer finite" if path.lost else ""
    cost = f"cost {number(path.costs[0])} → {number(path.costs[-1])}"
    return f"Run {place}, {recipe}{with_rate}: from ({u}, {v}) to ({x}, {y}), {cost} in {len(path)} steps{end}."


def rounded_point(point: Sequence[float]) -> tuple[str, str]:
    """Return a point as texts; what is as good as 0 is 0, so that the last bits of a computation do not show."""
    across, up = (number(0.0 if abs(each) < 1e-6 else each) for each in point)
    return across, up


def drawn(landscape: dict[str, Any], runs: Sequence[dict[str, Any]], recipes: Sequence[str]) -> str:
    """Return the SVG."""
    scale = ACROSS / WIDE
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="600" viewBox="0 0 720 600" font-family="sans-serif" font-size="13" '
        f'fill="{INK}">',
        '<rect width="720" height="600" fill="#fff"/>',
        f'<svg x="{LEFT}" y="{TOP}" width="{ACROSS}" height="{DOWN}" viewBox="0 0 {WIDE} {HIGH}">',
    ]
    for band in landscape["bands"]:
        parts.append(f'<path d="{band["d"]}" fill="{INK}" fill-opacity="{0.02 + 0.2 * band["shade"]:.3f}" fill-rule="evenodd"/>')
    for line in landscape["lines"]:
        parts.append(f'<path d="{line["d"]}" fill="none" stroke="{INK}" stroke-opacity="0.35" stroke-width="{1 / scale:.2f}"/>')
    for line in landscape["lines"]:
        if line["at"]:
            x, y = line["at"]
            parts.append(
                f'<text x="{x}" y="{y + 13}" font-size="{11 / scale:.1f}" text-anchor="middle" stroke="#fff" stroke-width="10" '
                f'paint-order="stroke" fill-opacity="0.75">{escape(line["text"])}</text>'
            )
    parts.append("</svg>")
    parts.append(f'<rect x="{LEFT}" y="{TOP}" width="{ACROSS}" height="{DOWN}" fill="none" stroke="{INK}" stroke-opacity="0.5"/>')
    left, right, low, high = landscape["window"]
    parts += axis_texts(landscape["labels"], landscape["window"])
    parts.append(f'<svg x="{LEFT}" y="{TOP}" width="{ACROSS}" height="{DOWN}" viewBox="0 0 {ACROSS} {DOWN}">')
    for place, run in enumerate(runs):
        spots = [((u - left) / (right - left) * ACROSS, (high - v) / (high - low) * DOWN) for u, v in run["points"]]
        parts += path_of(place, [(limited(x, ACROSS), limited(y, DOWN)) for x, y in spots], dots=True)
    parts.append("</svg>")
    parts += costs(runs)
    for place, run in enumerate(runs):
        y = TOP + 20 + place * 58
        last = number(run["costs"][-1]) if run["costs"][-1] is not None else "not finite"
        for down, text in ((0, f"{place + 1} {recipes[run['recipe']]}"), (18, f"rate {number(run['rate'])}"), (36, f"cost {last}")):
            weight = ' font-weight="bold"' if not down else ""
            parts.append(f'<text x="{LEFT + ACROSS + 16}" y="{y + down}"{weight} fill="{COLOURS[place]}">{escape(clean(text))}</text>')
    parts.append("</svg>")
    return "".join(parts)


def limited(value: float, length: float) -> float:
    """Return a coordinate not far outside the picture: what lies beyond is cut off anyway."""
    return max(-4 * length, min(5 * length, value))


def axis_texts(labels: Sequence[str], window: Sequence[float]) -> list[str]:
    """Return the names of the two axes and where they begin and end."""
    left, right, low, high = window
    middle = TOP + DOWN / 2
    said = [
        (LEFT, TOP + DOWN + 16, "start", number(left)), (LEFT + ACROSS, TOP + DOWN + 16, "end", number(right)),
        (LEFT - 6, TOP + DOWN, "end", number(low)), (LEFT - 6, TOP + 12, "end", number(high)),
        (LEFT + ACROSS / 2, TOP + DOWN + 18, "middle", labels[0]),
    ]  # fmt: skip
    texts = [f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(clean(text))}</text>' for x, y, anchor, text in said]
    upright = f'<text x="18" y="{middle:g}" text-anchor="middle" transform="rotate(-90 18 {middle:g})">{escape(clean(labels[1]))}</text>'
    return [*texts, upright]


def path_of(place: int, spots: Sequence[tuple[float, float]], dots: bool) -> list[str]:
    """Return a line through points in the colour and dash of a run, and a mark with its number at the end."""
    dash = f' stroke-dasharray="{DASHES[place]}"' if DASHES[place] else ""
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    parts = [f'<polyline points="{line}" fill="none" stroke="{COLOURS[place]}" stroke-width="2"{dash}/>']
    if dots:
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{COLOURS[place]}"/>' for x, y in spots]
        x, y = spots[0]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#fff" stroke="{COLOURS[place]}" stroke-width="2"/>')
        x, y = spots[-1]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="{COLOURS[place]}"/>')
        parts.append(f'<text x="{x:.1f}" y="{y + 4:.1f}" font-size="11" text-anchor="middle" fill="#fff">{place + 1}</text>')
    return parts


def costs(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Return the curves of costs, on a scale from the lowest to the highest; of powers, where they fall through many sizes."""
    values = [cost for run in runs for cost in run["costs"] if cost is not None]
    least, high = min(values, default=0), max(values, default=1)
    powers = least > 0 and high / least > MANY_SIZES
    low = least if powers else min(0, least)
    steps = max(len(run["costs"]) for run in runs) - 1

    def share(cost: float) -> float:
        return log(cost / low) / log(high / low) if powers else (cost - low) / ((high - low) or 1)

    middle = BENEATH + LOW / 2 - 8  # above the number at the bottom, which may be wide
    name = "cost (log)" if powers else "cost"
    parts = [
        f'<path d="M{LEFT} {BENEATH}V{BENEATH + LOW}H{LEFT + ACROSS}" fill="none" stroke="{INK}" stroke-opacity="0.5"/>',
        f'<text x="{LEFT - 6}" y="{BENEATH + 10}" text-anchor="end">{number(float(f"{high:.3g}"))}</text>',
        f'<text x="{LEFT - 6}" y="{BENEATH + LOW}" text-anchor="end">{number(float(f"{low:.3g}"))}</text>',
        f'<text x="{LEFT + ACROSS / 2:g}" y="{BENEATH + LOW + 18}" text-anchor="middle">step</text>',
        f'<text x="{LEFT + ACROSS}" y="{BENEATH + LOW + 16}" text-anchor="end">{steps}</text>',
        f'<text x="{LEFT}" y="{BENEATH + LOW + 16}">0</text>',
        f'<text x="12" y="{middle:g}" text-anchor="middle" transform="rotate(-90 12 {middle:g})">{name}</text>',
    ]
    for place, run in enumerate(runs):
        shown = [(step, cost) for step, cost in enumerate(run["costs"]) if cost is not None]
        spots = [(LEFT + step / max(steps, 1) * ACROSS, BENEATH + (1 - share(cost)) * LOW) for step, cost in shown]
        parts += path_of(place, spots, dots=False)
        if spots:
            x, y = spots[-1]
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[place]}"/>')
    return parts
