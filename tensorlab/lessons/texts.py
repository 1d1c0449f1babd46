"""Texts of lessons: MyST Markdown as jupytext reads it, and the notebooks that they describe.

Floor 6. A text `text/NN_name.md` belongs to the notebook `NN_name.ipynb` beside the folder; a text elsewhere to the notebook of its name
beside it. Every cell has a name that stays: the one its text gives (`:name: declare`, or `+++ {"name": "declare"}` before a text cell), or
else one made of what the cell says. A cell put between two others renames neither of them.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..graph.errors import MissingPackageError
from .mistakes import LessonError
from .slides import places_on_slides

FOLDER = "text"
HEAD = re.compile(r"\A---\n.*?^kernelspec:.*?^---$", re.M | re.S)
"""What tells the text of a notebook from other Markdown."""
BETWEEN = (".ipynb_checkpoints", "node_modules", ".venv")


def texts_in(folder: Path) -> list[Path]:
    """Return the texts of notebooks in a folder and below it."""
    found = [path for path in sorted(folder.rglob("*.md")) if not set(BETWEEN) & set(path.parts)]
    return [path for path in found if HEAD.match(path.read_text(encoding="utf-8", errors="replace"))]


def notebook_of(text: Path) -> Path:
    """Return where the notebook of a text is, or will be.

    >>> notebook_of(Path("course/text/01_one.md")).as_posix(), notebook_of(Path("course/01_one.md")).as_posix()
    ('course/01_one.ipynb', 'course/01_one.ipynb')
    """
    folder = text.parent.parent if text.parent.name == FOLDER else text.parent
    return folder / f"{text.stem}.ipynb"


def text_of(notebook: Path) -> Path | None:
    """Return the text that a notebook is made from, or None for one that is written as it is."""
    for text in (notebook.parent / FOLDER / f"{notebook.stem}.md", notebook.with_suffix(".md")):
        if text.is_file() and HEAD.match(text.read_text(encoding="utf-8", errors="replace")):
            return text
    return None


def read_text(text: Path) -> Any:
    """Return the notebook that a text describes, not executed: cells with names, and with their places on slides.

    Raises:
        LessonError: the text cannot be read.
        MissingPackageError: jupytext is not installed.
    """
    try:
        import jupytext
    except ImportError:
        asked, advice = f"the notebook that {text.name} describes", 'pip install "tensorlab-jupyter[lessons]"'
        raise MissingPackageError(asked, "jupytext is not installed", advice) from None
    try:
        notebook = jupytext.read(text, fmt="md:myst")
    except Exception as problem:  # readers of Markdown and YAML raise what they like
        advice = "compare its head and its cells with those of another lesson"
        raise LessonError(f"the text {text}", f"{type(problem).__name__}: {problem}", advice) from None
    taken: set[str] = set()
    for cell, kind in zip(notebook.cells, places_on_slides(notebook.cells)):
        cell["id"] = unused(f"{prefix(text)}-{cell.metadata.get('name') or fingerprint(cell)}"[:64], taken)
        cell.metadata.setdefault("slideshow", {"slide_type": kind})
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def prefix(text: Path) -> str:
    """Return what the names of all cells of a lesson begin with: its number, or else its name.

    >>> prefix(Path("05_shared_variables.md"))
    '05'
    """
    return re.sub(r"[^A-Za-z0-9_-]", "-", text.stem.partition("_")[0])[:20]


def fingerprint(cell: Any) -> str:
    """Return a name made of what a cell says."""
    return sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]


def unused(name: str, taken: set[str]) -> str:
    """Return a name, with a number behind it if an earlier cell has it."""
    number = 1
    while (numbered := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    taken.add(numbered)
    return numbered
