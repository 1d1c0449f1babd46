"""A profile as a picture: bars of the time by step, and each step as a point under the roof of this machine.

Floor 4. Read `report.py` and `limits.py` before. The style is that of all plots, `view/tensorlab.mplstyle`, fetched by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..backends.work import LONG_WORD
from .wording import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .report import Profile, Share

MOST = 8  # bars: more would not be read
BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#666666"  # of the pictures of graphs (Okabe and Ito)


def longest(profile: Profile) -> list[Share]:
    """Return the steps that the picture shows: those that take longest."""
    return sorted((each for each in profile.rows if each.seconds), key=lambda each: -each.seconds)[:MOST]


def label(each: Share) -> str:
    """Return what a step is called in the picture."""
    return shown(f"{each.kind}: {each.what}" if each.what else each.kind, 34)


def chart(profile: Profile) -> Figure:
    """Return the picture as a figure of matplotlib."""
    import matplotlib.style
    from matplotlib.figure import Figure

    steps = longest(profile)
    with matplotlib.style.context("tensorlab.view.tensorlab"):
        figure = Figure(figsize=(10, 1.4 + 0.4 * max(len(steps), 5)))
        bars, roof = figure.subplots(1, 2, width_ratios=(1, 1))
        draw_bars(bars, steps)
        draw_roof(roof, profile, steps)
    return figure


def draw_bars(axes: Any, steps: list[Share]) -> None:
    """Draw the share of each step, the longest on top."""
    axes.barh(range(len(steps)), [100 * each.share for each in steps], color=BLUE, height=0.6)
    for position, each in enumerate(steps):
        axes.text(100 * each.share, position, f" {100 * each.share:.0f} %", va="center")
    axes.set_yticks(range(len(steps)), [f"{number}  {plain(label(each))}" for number, each in enumerate(steps, 1)], fontsize=10)
    axes.invert_yaxis()
    axes.set_xlim(0, max([100 * each.share for each in steps], default=1) * 1.2)
    axes.set_title("Share of the time", loc="left")
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])


def draw_roof(axes: Any, profile: Profile, steps: list[Share]) -> None:
    """Draw the roof of the machine, and the steps that compute under it, by their numbers in the bars."""
    machine = profile.machine
    counted = [(number, each) for number, each in enumerate(steps, 1) if each.bytes and each.work]
    dtype = counted[0][1].dtype if counted else "float64"
    rate = machine.rates[dtype] / 1e9
    ridge = machine.rates[dtype] / machine.bandwidth
    intensities = [each.work / each.bytes for _, each in counted]
    low, high = min([0.01, *intensities]) / 2, max([8 * ridge, *intensities]) * 2
    axes.loglog([low, ridge, high], [low * machine.bandwidth / 1e9, rate, rate], color=GREY)
    axes.text(high, rate * 1.15, f"{rate:.3g} Gflop/s, {dtype}", ha="right", va="bottom", color=GREY, fontsize=10)
    slope = f"{machine.bandwidth / 1e9:.3g} GB/s"
    middle = (low * ridge) ** 0.5
    axes.text(middle, middle * machine.bandwidth / 1e9 * 1.5, slope, ha="right", va="bottom", color=GREY, fontsize=10)
    for number, each in counted:
        x, y = each.work / each.bytes, each.work / each.seconds / 1e9
        axes.plot([x], [y], "o", color=VERMILION, markersize=6 + 14 * each.share**0.5, alpha=0.8)
        axes.annotate(str(number), (x, y), xytext=(9, -3), textcoords="offset points")
    axes.set_xlabel("operations a byte")
    axes.set_ylabel(f"Gflop/s, exp and its kin as {LONG_WORD}", fontsize=10)
    axes.set_title("Under the roof of this machine", loc="left")


def plain(text: str) -> str:
    """Return a text in which matplotlib finds no formula."""
    return text.replace("$", r"\$")


def alternative(profile: Profile) -> str:
    """Return in words what the picture shows."""
    steps = longest(profile)
    if not steps:
        return "No step has taken any time yet."
    machine = profile.machine
    shares = "; ".join(f"{label(each)} {100 * each.share:.0f} %" for each in steps)
    points = []
    for number, each in enumerate(steps, 1):
        if each.bytes and each.work:
            part, bound = each.of_limit(machine)
            cached = bound == "memory" and part > 1
            points.append(f"step {number} is faster than memory, from the cache" if cached else
                          f"step {number} reaches {100 * part:.0f} % of what {bound} allows")
    return f"Share of the time: {shares}." + (f" Under the roof of this machine: {'; '.join(points)}." if points else "")
