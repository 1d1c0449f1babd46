"""What `show_plot` puts into a notebook: an image that carries its sentence, and a twin in words that can be compared."""

from __future__ import annotations

import re
from base64 import b64decode

import numpy as np
import pytest

from tensorlab.notebook.plots import new_plot, plot_in_words, show_plot


@pytest.fixture
def displayed(monkeypatch):
    """What was given to the notebook, as bundles of forms with their metadata."""
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw, metadata: bundles.append((data, metadata)))
    return bundles


def some_plot():
    figure, axes = new_plot()
    axes.plot([0, np.pi, 2 * np.pi], [0, 1, np.sin(2 * np.pi)])
    return figure


def test_a_plot_comes_in_three_forms(displayed):
    show_plot(some_plot(), 'Up, and "down" again: 1 < 2.')
    ((forms, metadata),) = displayed
    assert set(forms) == {"text/html", "image/png", "text/plain"}
    page = r'<img alt="([^"]*)" width="(\d+)" style="[^"]*" src="data:image/png;base64,([^"]*)">'
    alt, width, image = re.fullmatch(page, forms["text/html"]).groups()
    assert alt == "Up, and &quot;down&quot; again: 1 &lt; 2." and image == forms["image/png"]
    assert b64decode(image).startswith(b"\x89PNG")
    assert metadata["image/png"] == {"alt": 'Up, and "down" again: 1 < 2.', "width": int(width)}
    assert 500 < int(width) < 600  # about six inches of 96 dots


def test_the_twin_tells_numbers_that_are_the_same_everywhere():
    """The sine of two pi is -2e-16 on one machine and something else on another."""
    assert plot_in_words(some_plot(), "Up and down.") == (
        "Up and down.\nline 1: 3 points from (0, 0) to (6.283, 0), lowest 0, highest 1"
    )


def test_the_twin_tells_shades():
    figure, axes = new_plot()
    figure.colorbar(axes.pcolormesh(np.array([[0.25, 0.5], [0.75, 1.0]])))
    assert plot_in_words(figure, "Four shades.") == "Four shades.\nshades: 4 from 0.25 to 1"


def test_numbers_can_be_left_out(displayed):
    show_plot(some_plot(), "After a long training.", numbers=False)
    assert displayed[0][0]["text/plain"] == "After a long training."


def test_a_figure_is_shown_once_and_closed(displayed):
    import matplotlib.pyplot as plt

    figure = some_plot()
    show_plot(figure, "Up and down.")
    assert figure.number not in plt.get_fignums() and len(displayed) == 1


def test_the_same_plot_gives_the_same_bytes(displayed):
    for _ in range(2):
        show_plot(some_plot(), "Up and down.")
    assert displayed[0] == displayed[1]


def test_a_plot_without_words_is_refused(displayed):
    with pytest.raises(ValueError, match="say in a sentence what the plot shows"):
        show_plot(some_plot(), "  ")
    assert displayed == []
