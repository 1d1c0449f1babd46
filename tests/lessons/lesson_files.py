"""What the tests of the lessons share: where notebooks are, and how their cells are read."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

LESSONS = Path(__file__).parent.parent.parent / "lessons"
NOTEBOOKS = sorted(LESSONS.glob("*.ipynb"))
SOLUTIONS = sorted((LESSONS / "solutions").glob("*.ipynb"))

_place = importlib.util.spec_from_file_location("lessons_build", LESSONS / "text" / "build.py")
build: Any = importlib.util.module_from_spec(_place)
_place.loader.exec_module(build)


@cache
def notebook(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook(path)["cells"] if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def tags(cell: dict[str, Any]) -> list[str]:
    return cell["metadata"].get("tags", [])


def prose(path: Path) -> str:
    """All text cells of a notebook, one below the other."""
    return "\n\n".join(source(cell) for cell in cells(path, "markdown"))
