"""Rules on a text and the notebook that is made from it: they say the same.

Floor 6. Names of cells, their words and their metadata are those of the text; only outputs are added.
"""

from __future__ import annotations

from collections.abc import Iterator

from .cells import Cell, Notebook
from .findings import Finding, at
from .texts import read_text, text_of

AGAIN = "python -m tensorlab lessons run on the folder"


def notebook_says_what_its_text_says(notebook: Notebook) -> Iterator[Finding]:
    """The same cells in the same order, with the same words, tags and reasons."""
    text = text_of(notebook.path)
    if text is None:
        return
    described = [Cell(dict(cell), number) for number, cell in enumerate(read_text(text).cells, 1)]
    for mine, made in zip(notebook.cells, described):
        where = f"text/{text.name}" if text.parent.name == "text" else text.name
        if (mine.kind, mine.source) != (made.kind, made.source):
            what = f"says something else than {where}, there: {first_difference(mine.source, made.source)!r}"
            yield at(notebook, mine, "text", what, AGAIN)
            return  # every cell after one that was put in differs
        if noted(mine) != noted(made):
            yield at(notebook, mine, "text", f"has other tags, reason or name than {where}", AGAIN)
    more = len(notebook.cells) - len(described)
    if more:
        what = f"has {abs(more)} cells {'more' if more > 0 else 'fewer'} than {text.name}"
        yield at(notebook, None, "text", what, AGAIN)


def noted(cell: Cell) -> tuple[object, ...]:
    """Return what an author notes about a cell."""
    return cell.tags, cell.metadata.get("reason"), cell.metadata.get("name")


def first_difference(mine: str, made: str) -> str:
    """Return the first line of a text that another one does not have in its place.

    >>> first_difference("a\\nb", "a\\nc")
    'c'
    """
    for old, new in zip([*mine.split("\n"), ""], [*made.split("\n"), ""]):
        if old != new:
            return new[:50]
    return ""
