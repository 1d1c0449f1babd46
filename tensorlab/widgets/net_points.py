"""The points that a NetView divides: the data sets it offers by name, and points that it is given.

Floor 6. `datasets` makes the former; what is given is checked here, once, before any widget is made of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import datasets
from .base import WidgetError

Vector = np.ndarray[Any, Any]
MOST_POINTS = 1000  # they are written out in the code
CALLS = {
    "picture": "tl.datasets.picture(size=1000)", "xor": "tl.datasets.xor(size=200, noise=0.12)",
    "circles": "tl.datasets.circles(size=300, noise=0.08)", "spirals": "tl.datasets.spirals(size=400, turns=1.0)",
}  # fmt: skip


def points_of(name: str) -> tuple[Vector, Vector]:
    """Return one of the data sets by name, as `CALLS` says it in code."""
    makers = {
        "picture": lambda: datasets.picture(size=1000), "xor": lambda: datasets.xor(size=200, noise=0.12),
        "circles": lambda: datasets.circles(size=300, noise=0.08), "spirals": lambda: datasets.spirals(size=400, turns=1.0),
    }  # fmt: skip
    found = makers[name]()
    return found.x, found.y_hat


def named_points(data: str | tuple[Any, Any]) -> tuple[str, Vector, Vector]:
    """Return the name of some points, their places (2, N) and their answers (1, N), both float32."""
    asked = "tl.widgets.network(data=…)"
    if isinstance(data, str):
        if data not in CALLS:
            raise WidgetError(asked, f"{data!r} is none of {', '.join(CALLS)}", "data='spirals', or a pair (x, y_hat)")
        return data, *points_of(data)
    try:
        x, y_hat = (np.asarray(each, dtype="float32") for each in data)
    except (TypeError, ValueError):
        raise WidgetError(asked, "it is no pair of arrays of numbers", "data=(x, y_hat) with shapes (2, N) and (1, N)") from None
    y_hat = np.atleast_2d(y_hat)
    if x.ndim != 2 or len(x) != 2 or y_hat.shape != (1, x.shape[1]) or not 1 <= x.shape[1] <= MOST_POINTS:
        found = f"x has the shape {x.shape} and y_hat {y_hat.shape}; at most {MOST_POINTS} points fit"
        raise WidgetError(asked, found, "x of shape (2, N) and y_hat of shape (1, N)")
    if not np.isfinite(x).all() or not np.isin(y_hat, (0, 1)).all():
        raise WidgetError(asked, "x is not finite everywhere, or y_hat holds something else than 0 and 1", "y_hat = (y_hat > 0.5)")
    return "own", x, y_hat
