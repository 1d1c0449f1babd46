"""Every rule over a notebook or over a folder: `python -m tensorlab lessons check`.

Floor 6. A comparison of outputs with nbval proves that a lesson still gives what is stored; these rules prove that what is stored says
something. A rule is a function from a notebook to findings, and takes nothing but the file: no kernel is started.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from . import links, outcome, reading, repeat, twins
from .cells import Notebook, read_notebook
from .findings import Finding
from .mistakes import LessonError
from .texts import BETWEEN, notebook_of, texts_in

Rule = Callable[[Notebook], Iterable[Finding]]


def names_are_there(notebook: Notebook) -> Iterator[Finding]:
    """Every cell has an id of its own: links and findings name it."""
    seen: set[str] = set()
    for cell in notebook.cells:
        name = str(cell.stored.get("id") or "")
        if not name or name in seen:
            what = f"has the id of an earlier cell, {name}" if name else "has no id"
            yield Finding(notebook.shown, cell.name, "id", what, "open the notebook in JupyterLab 3 or newer and save it")
        seen.add(name)


RULES: tuple[Rule, ...] = (
    names_are_there,
    outcome.every_cell_ran,
    outcome.outputs_are_there,
    outcome.errors_are_meant,
    outcome.nothing_failed_quietly,
    outcome.errors_are_not_swallowed,
    outcome.machine_code_is_pinned,
    outcome.few_cells_are_ignored,
    repeat.chance_has_a_seed,
    repeat.outputs_know_no_clock,
    repeat.outputs_know_no_machine,
    repeat.outputs_are_not_replaced,
    repeat.kernel_is_everywhere,
    reading.headings_are_in_order,
    reading.pictures_have_words,
    links.links_lead_somewhere,
    links.badges_lead_here,
    twins.notebook_says_what_its_text_says,
)
"""What a lesson is checked for, in the order in which findings are told."""


def notebooks_in(folder: Path) -> list[Path]:
    """Return the notebooks in a folder and below it, without the checkpoints of editors; for a file, the file."""
    if folder.is_file():
        return [folder]
    return [path for path in sorted(folder.rglob("*.ipynb")) if path.is_file() and not set(BETWEEN) & set(path.parts)]


def check_notebook(path: Path, shown: str = "", rules: Iterable[Rule] = RULES) -> list[Finding]:
    """Return what is wrong with a notebook; nothing is run.

    Args:
        path: the notebook.
        shown: how findings call it.
        rules: what it is checked for.

    Raises:
        MissingPackageError: it is made from a text, and jupytext is not installed.
    """
    try:
        notebook = read_notebook(path, shown)
    except LessonError as problem:
        return [Finding(shown or path.as_posix(), "", "file", problem.found, problem.advice)]
    return list(chain.from_iterable(rule(notebook) for rule in rules))


def check_folder(folder: Path, rules: Iterable[Rule] = RULES) -> list[Finding]:
    """Return what is wrong with the lessons in a folder and below it: notebooks, and texts without a notebook.

    Raises:
        LessonError: there is no such folder, or nothing in it.
        MissingPackageError: a notebook is made from a text, and jupytext is not installed.
    """
    notebooks = notebooks_in(folder) if folder.exists() else []
    texts = texts_in(folder) if folder.is_dir() else []
    if not notebooks and not texts:
        found = "no notebooks and no texts of notebooks there" if folder.exists() else "no such file or folder"
        raise LessonError(f"python -m tensorlab lessons check {folder}", found, "python -m tensorlab lessons check lessons")
    findings = [finding for path in notebooks for finding in check_notebook(path, path.as_posix(), rules)]
    for text in texts:
        if notebook_of(text) not in notebooks:
            advice = "python -m tensorlab lessons run on the folder"
            findings.append(Finding(text.as_posix(), "", "text", f"has no notebook {notebook_of(text).name}", advice))
    return findings
