"""Plots in a lesson: one style, and words for those who cannot see them.

Floor 6. matplotlib draws; its style sheet is `view/tensorlab.mplstyle`, with the colours of the pictures of graphs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def new_plot(width: float = 6, height: float = 3) -> tuple[Figure, Axes]:
    """Return a figure and its axes in the style of the lessons; `width` and `height` in inches."""
    import matplotlib.pyplot as plt

    with plt.style.context("tensorlab.view.tensorlab"):
        figure, axes = plt.subplots(figsize=(width, height))
    return figure, axes


def show_plot(figure: Figure, alt: str) -> None:
    """Show a figure in the notebook once, with `alt`, a sentence that says what it shows.

    Raises:
        ValueError: `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("show_plot(figure, alt): alt is empty; say in a sentence what the plot shows")
    import matplotlib.pyplot as plt
    from IPython.display import display

    metadata: dict[str, Any] = {"image/png": {"alt": alt}}
    display(figure, metadata=metadata)
    plt.close(figure)  # the notebook would show an open figure a second time, without the words
