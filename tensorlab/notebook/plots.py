"""Plots in a lesson: one style, and words for those who cannot see them.

Floor 6. matplotlib draws; its style sheet is `view/tensorlab.mplstyle`, with the colours of the pictures of graphs. What a plot shows goes
into the notebook three times: as an image that carries a sentence about itself, as that image alone (some pages show nothing else), and as
text. The tests of the lessons compare the text: an image has other bytes with another version of matplotlib.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from ..view.digits import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORBAR = "<colorbar>"  # how matplotlib labels the axes of one, which repeats the shades that it explains
DUST = 1e-9  # of the largest number: a millionth of a pixel
CARD = "border-radius:8px"  # plots keep their white paper on a dark page, and lie on it as a card
SHARPNESS = 2  # pixels of the file for each pixel on the page, for screens with fine dots


def new_plot(width: float = 6, height: float = 3) -> tuple[Figure, Axes]:
    """Return a figure and its axes in the style of the lessons; `width` and `height` in inches."""
    import matplotlib.pyplot as plt

    with plt.style.context("tensorlab.view.tensorlab"):
        figure, axes = plt.subplots(figsize=(width, height))
    return figure, axes


def show_plot(figure: Figure, alt: str, numbers: bool = True) -> None:
    """Show a figure in the notebook once, with `alt`, a sentence that says what it shows.

    Args:
        figure: what to show; it is closed.
        alt: the sentence.
        numbers: say in the twin in words how far lines and shades reach; not for the end of a long training, whose last digits depend on
            the processor.

    Raises:
        ValueError: `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("show_plot(figure, alt): alt is empty; say in a sentence what the plot shows")
    import matplotlib.pyplot as plt
    from IPython.display import display

    file = BytesIO()
    with plt.style.context("tensorlab.view.tensorlab"):
        figure.savefig(file, format="png", dpi=SHARPNESS * figure.dpi, bbox_inches="tight", metadata={"Software": None})
    image = b64encode(file.getvalue()).decode()
    width = int.from_bytes(file.getvalue()[16:20], "big") // SHARPNESS  # where a PNG file says how wide it is
    page = f'<img alt="{escape(alt)}" width="{width}" style="{CARD}" src="data:image/png;base64,{image}">'
    words = plot_in_words(figure, alt) if numbers else alt
    metadata: dict[str, Any] = {"image/png": {"alt": alt, "width": width}}
    display({"text/html": page, "image/png": image, "text/plain": words}, raw=True, metadata=metadata)
    plt.close(figure)  # the notebook would show an open figure a second time, without the words


def plot_in_words(figure: Figure, alt: str) -> str:
    """Return the twin of a plot in words: its sentence, where each line starts and ends, and how far lines and shades reach.

    >>> figure, axes = new_plot()
    >>> lines = axes.plot([0, 1, 2], [3, 1, 2])
    >>> print(plot_in_words(figure, "A line falls and rises."))
    A line falls and rises.
    line 1: 3 points from (0, 3) to (2, 2), lowest 1, highest 3
    """
    told = [alt]
    for axes in (each for each in figure.axes if each.get_label() != COLORBAR):
        for number, line in enumerate(axes.lines, 1):
            x, y = without_dust(line.get_xdata(orig=True)), without_dust(line.get_ydata(orig=True))
            if len(x):
                ends = [f"({short(x[at])}, {short(y[at])})" for at in (0, -1)]
                reach = f"lowest {short(y.min())}, highest {short(y.max())}"
                told.append(f"line {number}: {len(x)} points from {ends[0]} to {ends[1]}, {reach}")
        for shaded in [*axes.images, *axes.collections]:
            shades = shaded.get_array()
            if shades is not None and np.size(shades) > 1:
                told.append(f"shades: {np.size(shades)} from {short(np.min(shades))} to {short(np.max(shades))}")
    return "\n".join(told)


def without_dust(values: Any) -> Any:
    """Return numbers as an array in which those are 0 that nobody could tell from 0 in a plot: sin(2 pi) is -2e-16 here, 1e-16 there."""
    whole = np.asarray(values, dtype="float64")
    return np.where(np.abs(whole) < DUST * np.abs(whole).max(initial=0.0), 0.0, whole)
