"""Rules for readers: headings that a screen reader can walk along, and words for every picture.

Floor 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise

from .cells import IMAGES, Cell, Notebook, joined
from .findings import Finding, at

SHORTEST_ALT = 10  # characters; what is shorter names the picture and does not say what it shows
EMPTY_WORDS = re.compile(r"^(?:image|picture|plot|figure|graph|diagram|no description has been provided.*|output|<figure.*)\W*\d*$", re.I)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.+?)\s*#*$|<h([1-6])\b[^>]*>(.*?)</h\3>", re.M | re.S)


def prose_of(cell: Cell) -> str:
    """Return a cell of text without the code that it shows."""
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", cell.source))


def headings(notebook: Notebook) -> list[tuple[Cell, int, str]]:
    """Return the headings of a notebook with their cells and levels."""
    found = []
    for cell in notebook.prose:
        for each in HEADING.finditer(FENCE.sub("", cell.source)):
            found.append((cell, len(each[1]) if each[1] else int(each[3]), each[2] or each[4]))
    return found


def headings_are_in_order(notebook: Notebook) -> Iterator[Finding]:
    """One title, at the top; no level is skipped on the way down."""
    found = headings(notebook)
    if not found:
        yield at(notebook, None, "headings", "has no heading", "begin with a title: # Name of the lesson")
        return
    first, level, text = found[0]
    if level != 1:
        yield at(notebook, first, "headings", f"begins with {text!r} on level {level}", f"# {text}")
    for cell, _, text in [each for each in found if each[1] == 1][1:]:
        yield at(notebook, cell, "headings", f"has another title, {text!r}", f"## {text}")
    for (_, before, _), (cell, level, text) in pairwise(found):
        if level > before + 1:
            what = f"goes from level {before} to level {level} at {text!r}"
            yield at(notebook, cell, "headings", what, f"{'#' * (before + 1)} {text}")


def pictures_have_words(notebook: Notebook) -> Iterator[Finding]:
    """Every image says what it shows."""
    for cell in notebook.prose:
        text = prose_of(cell)
        wordless = [each[2] for each in re.finditer(r"!\[([^\]]*)\]\(([^)\s]*)", text) if not says_enough(each[1])]
        wordless += [tag for tag in re.findall(r"<img\b[^>]*>", text) if not says_enough(alt(tag))]
        for each in wordless:
            yield at(notebook, cell, "alt", f"shows {short(each)} without words", "![what the picture shows](…)")
    for cell in notebook.code:
        for output in cell.outputs:
            problem = wordless_output(output)
            if problem:
                advice = "show_plot(figure, alt) of tensorlab.notebook.plots, or display with metadata={'image/png': {'alt': …}}"
                yield at(notebook, cell, "alt", problem, advice)


def wordless_output(output: dict[str, object]) -> str:
    """Return what is wrong with the words of an image among the outputs, or nothing."""
    data, metadata = output.get("data", {}), output.get("metadata", {})
    if not isinstance(data, dict) or not isinstance(metadata, dict):
        return ""
    page = joined(data.get("text/html", ""))
    tags = re.findall(r"<img\b[^>]*>", page)
    if any(not says_enough(alt(tag)) for tag in tags):
        return "shows an image whose alt text says nothing"
    for kind in IMAGES:
        if kind not in data or tags:
            continue  # a page is preferred to the image by every front end, and its image has words
        noted = metadata.get(kind, {})
        described = str(noted.get("alt", "")) if isinstance(noted, dict) else ""
        if kind == "image/svg+xml":
            title = re.search(r"<title[^>]*>(.*?)</title>|aria-label=[\"']([^\"']+)", joined(data[kind]), re.S)
            described = described or (title[1] or title[2] if title else "")
        if not says_enough(described):
            return f"shows an {kind} without alt text"
    return ""


def alt(tag: str) -> str:
    """Return the alt text of an image's tag.

    >>> alt('<img alt="A parabola" src="p.png">')
    'A parabola'
    """
    found = re.search(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return unescape(found[1] or found[2] or "") if found else ""


def says_enough(text: str) -> bool:
    """Say whether an alt text tells something to somebody who does not see the picture."""
    return len(text.strip()) >= SHORTEST_ALT and not EMPTY_WORDS.match(text.strip())


def short(text: str) -> str:
    """Return the beginning of a long text."""
    return repr(text if len(text) <= 50 else text[:47] + "…")
