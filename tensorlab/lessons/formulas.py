r"""How formulas stand in a page: as MathML, or as LaTeX for a MathJax inside the page.

Floor 6. MathML is drawn by every browser of today (Chrome since version 109), needs no script, adds no bytes, and screen readers
read it. It is made by `view/mathml.py`, which knows the LaTeX that tensorlab writes and a little more; a test compares it, formula by
formula, with what MathJax reads in the same LaTeX. MathJax draws any LaTeX, as in the notebook, with two megabytes of script a page.
"""

from __future__ import annotations

import re
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..graph.errors import ChoiceError, MissingPackageError
from ..view.mathml import markup, mathml

WAYS = ("mathml", "mathjax")
MATHJAX = ("mathjax", "static", "mathjax", "es5", "tex-svg.js")
"""A package that brings MathJax along (django-static-mathjax, which needs no Django), and in it the file that needs no other: its letters
are drawn as paths, so that no fonts are fetched."""
CLASS = "tl-formula"
SETUP = """
MathJax = {
  options: {enableMenu: false, renderActions: {find: [10, (page) => {  // in place of a search for dollars in all text
    for (const place of document.querySelectorAll(".tl-formula")) {
      const text = document.createTextNode(""), at = {node: text, delim: "", n: 0};
      const formula = new page.options.MathItem(place.textContent, page.inputJax[0], place.tagName === "DIV");
      place.replaceChildren(text);
      formula.start = formula.end = at;
      page.math.push(formula);
    }
  }, ""]}},
};
"""


class Formulas:
    """A way to write formulas.

    Args:
        way: "mathml" or "mathjax".

    Raises:
        ChoiceError: neither of the two.
        MissingPackageError: no package brings MathJax along.
    """

    def __init__(self, way: str = "mathml") -> None:
        if way not in WAYS:
            raise ChoiceError(f"lessons as pages with formulas as {way!r}", f"the ways are {', '.join(WAYS)}", "--math mathml")
        self.way = way
        self.script = script_of_mathjax() if way == "mathjax" else ""

    def markup(self, latex: str, block: bool = False) -> str:
        r"""Return a formula for a page.

        >>> Formulas().markup("x")
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>'
        """
        latex = latex.strip().removeprefix(r"\displaystyle").strip()
        if self.way == "mathml":
            return markup(mathml(latex), block)
        tag = "div" if block else "span"
        return f'<{tag} class="{CLASS}">{escape(latex, quote=False)}</{tag}>'

    def in_output(self, output: Any) -> None:
        """Replace a formula among the outputs of a cell by a page that holds it."""
        data = output.get("data", {})
        if "text/latex" in data and "text/html" not in data:
            parts = [part for part in re.split(r"\$\$?", str(data.pop("text/latex"))) if part.strip()]
            data["text/html"] = "".join(self.markup(part, block=True) for part in parts)

    def scripts(self) -> str:
        """Return what the head of a page needs."""
        return f"<script>{SETUP}</script><script>{self.script}</script>" if self.script else ""


def script_of_mathjax() -> str:
    """Return MathJax as one script.

    Raises:
        MissingPackageError: no package brings it along.
    """
    package = find_spec(MATHJAX[0])
    place = Path(package.submodule_search_locations[0]).joinpath(*MATHJAX[1:]) if package and package.submodule_search_locations else None
    if place is None or not place.is_file():
        advice = 'pip install "tensorlab-jupyter[pages]"   # or --math mathml, which needs nothing'
        raise MissingPackageError("formulas drawn by MathJax", "no MathJax is installed", advice)
    return place.read_text(encoding="utf-8").replace("</script", r"<\/script")
