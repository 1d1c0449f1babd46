"""A notebook as it is stored: its cells, their tags and outputs. Nothing is run.

Floor 6. Read from plain JSON, so that a mistake in the file is seen as it is, and no package mends it on the way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .mistakes import LessonError

IGNORING = ("nbval-ignore-output", "nbval-skip")
"""Tags of nbval for cells whose outputs are not compared."""
IGNORING_COMMENTS = ("NBVAL_IGNORE_OUTPUT", "NBVAL_SKIP", "PYTEST_VALIDATE_IGNORE_OUTPUT")
"""Comments that mean the same to nbval."""
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
RUNS_NOTHING = "nbval-skip"


def joined(text: Any) -> str:
    """Return a text as one string; a notebook may store it as a list of lines.

    >>> joined(["a\\n", "b"]), joined("a")
    ('a\\nb', 'a')
    """
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook.

    Attributes:
        stored: the cell as it stands in the file.
        number: its place among all cells, from 1.
    """

    stored: dict[str, Any]
    number: int

    @property
    def name(self) -> str:
        """The cell's id, or its place if it has none."""
        return str(self.stored.get("id") or f"cell {self.number}")

    @property
    def kind(self) -> str:
        """What it is: "code", "markdown" or "raw"."""
        return str(self.stored.get("cell_type", ""))

    @cached_property
    def source(self) -> str:
        """What stands in the cell."""
        return joined(self.stored.get("source", ""))

    @property
    def metadata(self) -> dict[str, Any]:
        """What the author noted about the cell."""
        return dict(self.stored.get("metadata", {}))

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the cell."""
        return tuple(self.metadata.get("tags", ()))

    @property
    def count(self) -> int | None:
        """Its execution count, None for a cell that was not run."""
        return self.stored.get("execution_count")

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """What came out of it."""
        return list(self.stored.get("outputs", ()))

    @property
    def ignored(self) -> bool:
        """Whether its outputs are not compared with those of a new run."""
        comments = (line.strip().lstrip("#").strip() for line in self.source.splitlines() if line.strip().startswith("#"))
        return bool(set(IGNORING) & set(self.tags) or set(IGNORING_COMMENTS) & set(comments))

    @property
    def should_fail(self) -> bool:
        """Whether the lesson breaks here on purpose."""
        return "raises-exception" in self.tags

    def texts(self) -> list[str]:
        """Return every text that a new run is compared with: streams, errors, and data other than images."""
        found = []
        for output in self.outputs:
            if output.get("output_type") == "error":
                found.append(joined(output.get("evalue", "")))
            found.append(joined(output.get("text", "")))
            found += [joined(value) for kind, value in output.get("data", {}).items() if kind not in IMAGES]
        return [text for text in found if text]


@dataclass(frozen=True)
class Notebook:
    """A notebook.

    Attributes:
        path: where it is.
        shown: how it is called in findings.
        cells: its cells.
        metadata: what is noted about all of it.
    """

    path: Path
    shown: str
    cells: tuple[Cell, ...]
    metadata: dict[str, Any]

    @property
    def code(self) -> list[Cell]:
        """The cells of code that hold something."""
        return [cell for cell in self.cells if cell.kind == "code" and cell.source.strip()]

    @property
    def prose(self) -> list[Cell]:
        """The cells of text."""
        return [cell for cell in self.cells if cell.kind == "markdown"]


def read_notebook(path: Path, shown: str = "") -> Notebook:
    """Return the notebook in a file.

    Args:
        path: the file.
        shown: how to call it in findings; its path, if nothing is said.

    Raises:
        LessonError: it is no notebook of format 4.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        cells = tuple(Cell(cell, number) for number, cell in enumerate(stored["cells"], 1))
        return Notebook(path, shown or path.as_posix(), cells, dict(stored.get("metadata", {})))
    except (OSError, ValueError, TypeError, KeyError) as problem:
        found = f"it cannot be read as a notebook: {type(problem).__name__}: {problem}"
        raise LessonError(f"the notebook {path}", found, "open it in JupyterLab and save it, or take it from the last commit") from None
