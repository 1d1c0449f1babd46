"""The recipes that a DescentView offers: those of `tl.optimizers`, with their rules as formulas, and the reader's own functions.

Floor 6. A recipe takes parameters and gradients and returns updates; `runs.py` compiles it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..optimizers import RECIPES
from ..view.mathml import mathml
from .base import WidgetError

LABELS = {
    "gradient_descent": "gradient descent", "momentum": "momentum", "nesterov": "Nesterov", "adagrad": "AdaGrad", "rmsprop": "RMSprop",
    "adam": "Adam",
}  # fmt: skip
FORGETS = r"s \leftarrow 0.9 \, s + 0.1 \, g^{2}"
RULES = {
    "gradient_descent": [r"\theta \leftarrow \theta - \eta g"],
    "momentum": [r"v \leftarrow 0.9 \, v - \eta g", r"\theta \leftarrow \theta + v"],
    "nesterov": [r"v \leftarrow 0.9 \, v - \eta g", r"\theta \leftarrow \theta + 0.9 \, v - \eta g"],
    "adagrad": [r"s \leftarrow s + g^{2}", r"\theta \leftarrow \theta - \frac{\eta}{\sqrt{s}} g"],
    "rmsprop": [FORGETS, r"\theta \leftarrow \theta - \frac{\eta}{\sqrt{s}} g"],
    "adam": [
        r"m \leftarrow 0.9 \, m + 0.1 \, g", r"s \leftarrow 0.999 \, s + 0.001 \, g^{2}",
        r"\theta \leftarrow \theta - \eta \frac{\hat{m}}{\sqrt{\hat{s}}}",
    ],
}  # fmt: skip
"""What each recipe does in a step, in the letters of the papers, with the numbers that they set."""


def told(name: str, takes_rate: bool) -> dict[str, Any]:
    """Return a recipe as data for the page."""
    return {"name": LABELS.get(name, name), "rule": [mathml(each) for each in RULES.get(name, [])], "takes_rate": takes_rate}


def offered(recipe: str | Callable[..., Any], updates: Callable[..., Any] | Sequence[Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return all recipes by name: those of `tl.optimizers`, then the reader's own."""
    asked = "tl.widgets.descent(…)"
    own = [updates] if callable(updates) else list(updates)
    if callable(recipe) and recipe not in RECIPES.values() and recipe not in own:
        own.insert(0, recipe)
    if isinstance(recipe, str) and recipe not in RECIPES:
        raise WidgetError(asked, f"recipe={recipe!r} is none of {', '.join(RECIPES)}", "recipe='momentum', or a function of yours")
    result: dict[str, Callable[..., Any]] = dict(RECIPES)
    for each in own:
        if not callable(each):
            raise WidgetError(asked, f"updates holds {each!r}, which is no function", "updates=MyUpdate")
        name = getattr(each, "__name__", type(each).__name__)
        name = name if name not in result else f"{name} ({len(result) - len(RECIPES) + 1})"
        result[name] = each
    return result
