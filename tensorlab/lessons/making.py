"""Executing lessons and writing what came out: `python -m tensorlab lessons run`.

Floor 6. Read `texts` before. A text becomes the notebook that it describes; a notebook without a text is run again where it is. What did
not change stays as it was stored, byte for byte: the ids of cells, the outputs of cells that are not compared as long as no code down to
them is other code, and images whose words are the same. So a difference in version control is a difference for the reader. A lesson that
fails leaves its notebook as it was.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from ..graph.errors import MissingPackageError
from .cells import IGNORING, RUNS_NOTHING, joined
from .check import notebooks_in
from .mistakes import LessonError
from .texts import notebook_of, read_text, text_of, texts_in

VIEW_OF_A_WIDGET = "application/vnd.jupyter.widget-view+json"
PIXELS = ("image/png", "image/jpeg")
"""Images whose bytes depend on versions of libraries; nbval does not compare them either."""
ANSI = re.compile(r"\x1b\[[0-9;]*m")
Teller = Callable[[str, int, int], None]
"""What is told how far a lesson is: its name, cells done, all cells."""


@dataclass
class Made:
    """How a lesson did.

    Attributes:
        notebook: where it was written, or would have been.
        cells: how many cells of code were run.
        seconds: how long that took.
        changed: how many cells have other outputs than before, or are new.
        problem: why it was not written; "" if it was.
        dropped: cells that are not run and have another source than before: their old outputs belonged to the old one.
    """

    notebook: Path
    cells: int = 0
    seconds: float = 0.0
    changed: int = 0
    problem: str = ""
    dropped: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return a line for the author.

        >>> print(Made(Path("01_one.ipynb"), 12, 3.25, 1))
        01_one.ipynb: 12 cells in 3.2 s, 1 changed
        """
        if self.problem:
            return f"{self.notebook.as_posix()}: not written: {self.problem}"
        lost = "".join(f"\n  {name} is not run ({RUNS_NOTHING}), and its code has changed: its output was dropped" for name in self.dropped)
        return f"{self.notebook.as_posix()}: {self.cells} cells in {self.seconds:.1f} s, {self.changed} changed{lost}"


def lessons_in(folder: Path, only: str = "") -> list[Path]:
    """Return what can be made in a folder: its texts, and its notebooks that have none.

    Args:
        folder: a folder, a text or a notebook.
        only: what their names begin with.

    Raises:
        LessonError: nothing.
    """
    if folder.is_file():
        found = [(text_of(folder) or folder) if folder.suffix == ".ipynb" else folder]
    else:
        texts = texts_in(folder)
        made = {notebook_of(text) for text in texts}
        found = sorted([*texts, *(path for path in notebooks_in(folder) if path not in made)], key=lambda path: (path.stem, path.parts))
    found = [path for path in found if path.stem.startswith(only)]
    if not found:
        asked = f"python -m tensorlab lessons run {folder}" + (f" --only {only}" if only else "")
        raise LessonError(asked, "no lessons there", "a folder with notebooks (.ipynb), or with texts of notebooks (.md)")
    return found


def make(source: Path, seconds: float = 120.0, graphs: bool = False, tell: Teller | None = None) -> Made:
    """Execute a lesson and write its notebook, unless a cell fails.

    Args:
        source: a text, or a notebook that has none.
        seconds: how long one cell may take.
        graphs: store graphs as data beside their pictures.
        tell: told how far it is.

    Raises:
        LessonError: the text or the notebook cannot be read.
        MissingPackageError: nbclient, or jupytext for a text, is not installed.
    """
    try:
        import nbclient  # noqa: F401
        import nbformat
    except ImportError:
        advice = 'pip install "tensorlab-jupyter[lessons]"'
        raise MissingPackageError("running lessons", "nbclient is not installed", advice) from None
    target = notebook_of(source) if source.suffix == ".md" else source
    stored = read_stored(target) if target.exists() else None
    notebook = read_text(source) if source.suffix == ".md" else read_stored(source)
    made = Made(target)
    started = time.perf_counter()
    remove_written_files(notebook, target.parent)
    try:
        made.problem = execute(notebook, target.parent, seconds, graphs, lambda done, count: tell and tell(target.name, done, count))
    finally:
        remove_written_files(notebook, target.parent)
    made.seconds = time.perf_counter() - started
    made.cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    if not made.problem:
        made.changed, made.dropped = tidy(notebook, stored)
        nbformat.validate(notebook)
        nbformat.write(notebook, target)
    return made


def read_stored(path: Path) -> Any:
    """Return the notebook in a file.

    Raises:
        LessonError: it is none.
    """
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as problem:  # a file that calls itself a notebook may hold anything
        advice = "open it in JupyterLab and save it, or take it from the last commit"
        raise LessonError(f"the notebook {path}", f"it cannot be read: {type(problem).__name__}", advice) from None
    return notebook


def execute(notebook: Any, folder: Path, seconds: float, graphs: bool, tell: Callable[[int, int], None]) -> str:
    """Run all cells in a folder and return why that went wrong, or nothing."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    code = [number for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    at = 0

    def started(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = cell_index
        tell(code.index(cell_index) if cell_index in code else 0, len(code))

    client = NotebookClient(
        notebook, timeout=seconds, kernel_name="python3", store_widget_state=False, coalesce_streams=True, on_cell_start=started,
        skip_cells_with_tag=RUNS_NOTHING, resources={"metadata": {"path": str(folder)}},
    )  # fmt: skip
    try:
        client.execute(env=environment(graphs), stderr=DEVNULL)
    except CellExecutionError as problem:
        return f"{notebook.cells[at].id} failed: {problem.ename}: {ANSI.sub('', problem.evalue)}"
    except CellTimeoutError:
        return f"{notebook.cells[at].id} took longer than {seconds:g} seconds"
    except DeadKernelError:
        return f"the kernel died in {notebook.cells[at].id}"
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", ())
        if "raises-exception" in tags and RUNS_NOTHING not in tags and not any(each.output_type == "error" for each in cell.outputs):
            return f"{cell.id} should fail, and does not"
    return ""


def environment(graphs: bool) -> dict[str, str]:
    """Return the environment of a kernel that runs a lesson: the settings that the author keeps at home are no part of it."""
    changed = {**os.environ, "TENSORLABRC": ""}
    if graphs:
        changed["TENSORLAB_GRAPHS"] = "1"
    return changed


def tidy(notebook: Any, stored: Any | None) -> tuple[int, tuple[str, ...]]:
    """Take away what differs from run to run, and keep what is stored of cells that say the same.

    A widget without its state would show an error in a trusted notebook: the picture beside it is kept, the widget comes with the next run.

    Returns:
        How many cells say something else than before, and those of which an old output was dropped without a new one.
    """
    before = {cell.get("id"): cell for cell in stored.cells if cell.cell_type == "code"} if stored else {}
    same_code = sources_alike(notebook, stored)
    changed = 0
    dropped = []
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        tags, name = cell.metadata.get("tags", ()), cell.get("id")
        old = before.get(name)
        is_run = RUNS_NOTHING not in tags
        if not is_run:
            cell.execution_count = None  # that of an earlier run would stand between those of this one
        for output in cell.outputs:
            output.get("data", {}).pop(VIEW_OF_A_WIDGET, None)
        may_differ = bool(set(IGNORING) & set(tags)) and (name in same_code if is_run else old is not None and old.source == cell.source)
        if old is not None and ((may_differ and old.outputs) or said(old) == said(cell)):
            cell.outputs = renumbered(old.outputs, cell.execution_count)
        else:
            changed += 1
            if not is_run and old is not None and old.outputs:
                dropped.append(name)
    return changed, tuple(dropped)


def sources_alike(notebook: Any, stored: Any | None) -> set[str]:
    """Return the cells of code down to which, from the top, all code is what is stored: what they give rests on nothing new."""
    old = [cell for cell in stored.cells if cell.cell_type == "code"] if stored else []
    new = [cell for cell in notebook.cells if cell.cell_type == "code"]
    pairs = takewhile(lambda pair: pair[0].source == pair[1].source, zip(old, new))
    return {one.get("id") for _, one in pairs}


def renumbered(outputs: list[Any], count: int | None) -> list[Any]:
    """Return outputs with the number of the cell that they belong to."""
    for output in outputs:
        if output.output_type == "execute_result":
            output["execution_count"] = count
    return outputs


def said(cell: Any) -> list[Any]:
    """Return what a cell's outputs say, without the bytes of images that depend on versions of libraries."""
    found: list[Any] = []
    for output in cell.outputs:
        data = {
            kind: value if isinstance(value, dict) else without_bytes(joined(value))
            for kind, value in output.get("data", {}).items()
            if kind not in PIXELS
        }
        found.append([output.output_type, output.get("name"), output.get("text"), data, sorted(output.get("data", {})),
                      output.get("metadata", {}), output.get("ename"), output.get("evalue")])
    return found


def without_bytes(page: str) -> str:
    """Return a page without what stands for pixels in it."""
    return re.sub(r'(?:width="\d+" )?src="data:image/(?:png|jpeg);base64,[^"]*"', "", page)


def remove_written_files(notebook: Any, folder: Path) -> None:
    """Remove the files that a lesson lets its reader write, so that `%%writefile` says the same every time."""
    for cell in notebook.cells:
        for name in re.findall(r"^%%writefile (\S+)$", cell.source, re.M):
            if (folder / name).resolve().is_relative_to(folder.resolve()):
                (folder / name).unlink(missing_ok=True)
