"""`tl.view.show(y)`: the picture of a graph, for a notebook, a file or a terminal. The function twin of `%%graph`.

Floor 4. The object it returns knows several forms of one drawing and draws each when it is first asked for. A notebook gets three of them
at once, so that one always fits: an image with a text that says what it shows, the SVG itself, and the graph in words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from ..graph.errors import PictureError
from ..graph.node import Node
from .data import as_data
from .dot import by_graphviz, dot
from .drawing import Drawing
from .paper import image
from .pictures import drawn
from .structure import KIND, is_asked_for, structure
from .subject import Subject, subject_of
from .svg import svg
from .words import alternative, words

ENGINES = ("own", "dot")


def show(
    what: Any,
    names: Mapping[str, Any] | None = None,
    stage: str = "rewritten",
    title: str = "",
    *,
    depth: int = 0,
    collapse: bool | None = None,
    values: Mapping[Node, Any] | None = None,
    gradients: Mapping[Node, Any] | None = None,
    contributions: Mapping[tuple[Node, int], Any] | None = None,
    share: Mapping[Node, float] | None = None,
    marks: Mapping[Node, str] | None = None,
    engine: str = "own",
) -> Shown:
    """Return the picture of an expression, a list or dict of them, or a compiled function.

    Args:
        what, names, stage, title, depth, collapse, values, gradients, contributions, share, marks: see `tl.view.picture`.
        engine: who finds the places: "own", or "dot" for Graphviz, if it is installed (`dot` itself, or `pip install graphviz-pure`).

    Raises:
        PictureError: there is no graph in it, no such stage, or no such engine.
        MissingPackageError: engine="dot" without Graphviz.

    >>> x, w = T.scalars("x", "w")
    >>> tl.view.show(w * x)
    w   (input, float64 scalar)
    x   (input, float64 scalar)
    #1 = w × x   (float64 scalar, output)
    """
    if engine not in ENGINES:
        found = f"the engines are {', '.join(ENGINES)}"
        raise PictureError(f"a picture with engine={engine!r}", found, "engine='own', which is always there")
    drawing, nodes = drawn(what, names, stage, title, depth, collapse, values, gradients, contributions, share, marks)
    shown = Shown(drawing, nodes, engine, lambda: subject_of(what, stage))
    if engine == "dot":
        assert shown.image  # what is missing is told now, not when a notebook asks for the image
    return shown


class Shown:
    """A drawing in the forms in which it can be seen.

    Attributes:
        drawing: shapes and arrows as data.
        nodes: the node that each shape stands for, by the shape's key.
    """

    def __init__(
        self, drawing: Drawing, nodes: Mapping[str, Node] | None = None, engine: str = "own", subject: Callable[[], Subject] | None = None
    ) -> None:
        self.drawing, self.nodes, self._engine, self._subject = drawing, dict(nodes or {}), engine, subject

    @cached_property
    def svg(self) -> str:
        """The picture as an SVG text; the same bytes every time."""
        return self._drawn(self.drawing)

    def _drawn(self, drawing: Drawing) -> str:
        return svg(drawing) if self._engine == "own" else by_graphviz(str(dot(drawing).source), "svg").decode()

    @property
    def data(self) -> dict[str, Any]:
        """The picture as plain data: shapes with their formulas, arrows, groups, places and routes (see `data.py`)."""
        return as_data(self.drawing, self.nodes)

    @property
    def json(self) -> str:
        """The picture as JSON; the same bytes every time."""
        return json.dumps(self.data, ensure_ascii=False, indent=1)

    @property
    def dot(self) -> str:
        """The graph in the language of Graphviz."""
        return str(dot(self.drawing).source)

    @cached_property
    def text(self) -> str:
        """The graph in words."""
        return words(self.drawing)

    @cached_property
    def image(self) -> str:
        """The picture as SVG without the places in its tooltips.

        A notebook shows it as an image, where no tooltip appears, and a cell must give the same bytes wherever in the notebook it stands.
        """
        return self._drawn(replace(self.drawing, shapes=tuple(replace(shape, place="") for shape in self.drawing.shapes)))

    @property
    def html(self) -> str:
        """An image for a page: it needs no other file, and says in words what it shows."""
        return image(self.image, alternative(self.drawing))

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture to a file and return its path; the ending decides the form: .svg, .html, .dot, .gv, .json or .txt.

        Raises:
            PictureError: another ending.
        """
        where = Path(path)
        forms: dict[str, Callable[[], str]] = {
            ".svg": lambda: self.svg, ".html": lambda: self.html, ".txt": lambda: self.text,
            ".dot": lambda: self.dot, ".gv": lambda: self.dot, ".json": lambda: self.json,
        }  # fmt: skip
        if where.suffix not in forms:
            advice = f"save({str(where.with_suffix('.svg'))!r})"
            raise PictureError(f"save({str(path)!r})", f"the ending is none of {', '.join(forms)}", advice)
        where.write_text(forms[where.suffix](), encoding="utf-8")
        return where

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/html": self.html, "image/svg+xml": self.image, "text/plain": self.text}
        if self._subject is not None and is_asked_for():
            subject = self._subject()
            bundle[KIND] = structure(subject.outputs, subject.given)
        return {key: value for key, value in bundle.items() if (not include or key in include) and key not in (exclude or ())}
