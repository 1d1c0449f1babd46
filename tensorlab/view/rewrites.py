"""What the compiler rewrote, rule by rule, as a static film: the rule, its reason, and what stands in place of what.

Floor 4. It reads the history of a compiled function; the widget with a slider shows the same events as pictures.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from ..graph.errors import PictureError
from ..graph.node import Node
from ..graph.wording import a_kind
from .drawing import clean
from .escape import html_text
from .naming import names_in
from .text import Style, without_outer, written

MOST = 60  # scenes; the history of a network has hundreds, of which the first ones tell what happens
LONGEST = 200  # letters of a formula


class Scene(NamedTuple):
    """One event: a rule, why it is a good one, and the text before and after."""

    rule: str
    reason: str
    before: str
    after: str


class Film:
    """The scenes of a compilation.

    Attributes:
        scenes: in order.
        left_out: how many more there were.
    """

    def __init__(self, scenes: list[Scene], left_out: int) -> None:
        self.scenes, self.left_out = scenes, left_out

    @property
    def text(self) -> str:
        """The film as lines of text."""
        if not self.scenes:
            return "nothing was rewritten"
        lines = []
        for number, scene in enumerate(self.scenes, 1):
            lines += [f"{number}. {scene.rule}: {scene.reason}", f"     {scene.before}", f"  => {scene.after}"]
        return "\n".join([*lines, *([f"… {self.left_out} more"] if self.left_out else [])])

    @property
    def html(self) -> str:
        """The film as a list."""
        if not self.scenes:
            return "<p>Nothing was rewritten.</p>"
        rows = "".join(
            f"<li><strong>{html_text(scene.rule.replace('_', ' '))}</strong>: {html_text(scene.reason)}<br>"
            f"<code>{html_text(scene.before)}</code> → <code>{html_text(scene.after)}</code></li>"
            for scene in self.scenes
        )
        rest = f"<p>… {self.left_out} more</p>" if self.left_out else ""
        return f'<ol class="tl-film">{rows}</ol>{rest}'

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        bundle = {"text/html": self.html, "text/plain": self.text}
        return {key: value for key, value in bundle.items() if (not include or key in include) and key not in (exclude or ())}


def film(function: Any) -> Film:
    """Return what the compiler rewrote in a function.

    Raises:
        PictureError: it is no compiled function.

    >>> x = T.scalar("x")
    >>> film(tl.function([x], T.log(1 + x))).scenes[-1][:1]
    ('log_of_one_plus',)
    """
    stages = getattr(function, "stages", None)
    if stages is None:
        raise PictureError(f"the rewrites of {a_kind(function)}", "only compiled functions have been rewritten", "tl.function([x], y)")
    history = stages.history
    scenes = [Scene(event.rule.name, event.rule.reason, *sides(event.before, event.after)) for event in history[:MOST]]
    return Film(scenes, len(history) - len(scenes))


def sides(before: Node, after: Node) -> tuple[str, str]:
    """Return two expressions as a line of text each; what the reader has a name for is written by its name where it is a part."""
    names = {node: clean(name) for node, name in names_in([before, after]).items()}
    texts = (clean(written(node, {**names, **({} if node.op is None else {node: ""})}, Style(means=False))) for node in (before, after))
    shown = [without_outer(re.sub(r"(\w)\(\(([^(),]*)\)\)", r"\1(\2)", text)) for text in texts]  # exp((-z)) is exp(-z)
    return tuple(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…" for text in shown)  # type: ignore[return-value]
