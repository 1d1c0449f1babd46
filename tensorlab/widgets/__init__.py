"""Floor 6: what moves. Widgets that step through a graph and its gradients in the notebook, and the recorded traces that they step through.

Each widget is a class beside one plain ES module in `static/`; nothing is fetched from anywhere. The names are imported when they are
first asked for, so that a program without a notebook never loads ipywidgets.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import TensorlabWidget, WidgetError
    from .descent_view import DescentView, descent
    from .graph_view import GraphView, steps
    from .net_view import NetView, network
    from .rewrite_film import RewriteFilm, film
    from .tracing import Trace, trace

# No module bears one of these names: importing it later would take the place of the object.
_LATER = {
    "DescentView": "descent_view", "descent": "descent_view", "NetView": "net_view", "network": "net_view",
    "GraphView": "graph_view", "steps": "graph_view", "RewriteFilm": "rewrite_film", "film": "rewrite_film",
    "TensorlabWidget": "base", "WidgetError": "base", "Trace": "tracing", "trace": "tracing",
}  # fmt: skip
__all__ = ["DescentView", "GraphView", "NetView", "RewriteFilm", "TensorlabWidget", "Trace", "WidgetError",
           "descent", "film", "network", "steps", "trace"]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
