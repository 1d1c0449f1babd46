"""What `%profile` shows, as a plain function: the table of a profile, and the graph with each shape tinted by its share of the time.

Floor 6, over `profiling/` and `view/`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from html import escape
from typing import Any

from ..compiler.function import Function
from ..graph.errors import ProfileError
from ..graph.wording import a_kind
from ..profiling.report import Profile
from ..view.shown import Shown, show


class Profiled:
    """A profile with the graph that it is of; a notebook shows both, a terminal the table.

    Attributes:
        profile: the figures.
        graph: the picture, with the share of each step as a tint and in words.
    """

    def __init__(self, function: Function) -> None:
        self.function, self.profile = function, function.profile

    @cached_property
    def graph(self) -> Shown:
        """The graph of what runs; nodes that run in one loop stand on one ground and have one share together."""
        shares = {node: min(share, 1.0) for node, share in self.profile.shares.items()}
        return show(self.function, stage="program", title=f"Where {self.profile.title} spends its time", share=shares)

    def __str__(self) -> str:
        return str(self.profile)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        table = self.profile._repr_mimebundle_()
        if not self.profile.calls:
            return table
        heading = f"<p>{escape('The graph of what runs, tinted by share of the time:')}</p>"
        bundle = {"text/html": f"{table['text/html']}\n{heading}\n{self.graph.html}", "text/plain": table["text/plain"]}
        return {key: value for key, value in bundle.items() if (not include or key in include) and key not in (exclude or ())}


def profile(function: Any) -> Profiled:
    """Return where the time of a compiled function went: a table, and in a notebook its graph tinted by time.

    Args:
        function: what `tl.function(…, profile=True)` returned, called at least once to say something.

    Raises:
        ProfileError: it is no compiled function, or was compiled without a profile.

    >>> x = T.vector("x")
    >>> f = tl.function([x], T.exp(x).sum(), name="f", profile=True)
    >>> f([0.0, 0.0]), print(str(tl.profile(f)).partition(",")[0])
    Profile of the function 'f': 1 call
    (array(2.), None)
    """
    figures = getattr(function, "profile", None)
    if not isinstance(figures, Profile):
        found = f"{a_kind(function)}, which has no profile"
        raise ProfileError("tl.profile(…)", found, "tl.profile(f) with f = tl.function(…, profile=True)")
    assert figures.recording is not None
    return Profiled(function)
