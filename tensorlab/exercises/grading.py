"""Marking a folder of notebooks: each is run in a kernel of its own, and what `%check` reports is collected.

Floor 6. Read `reporting` before. Nothing that a notebook prints, displays or brings along counts: verdicts come through a signed channel,
and only those on the grader's own exercises. A notebook that crashes or hangs is marked as such, and the others go on.

A notebook is a program, and runs with the rights of whoever marks it; one that takes tensorlab itself apart could still forge a verdict.
For an examination, look at the answers as well.
"""

from __future__ import annotations

import asyncio
import csv
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from typing import Any

from ..graph.errors import MissingPackageError
from .checking import VARIABLE as CHECK
from .declarations import Exercise
from .files import read_file
from .finding import VARIABLE as EXERCISES
from .finding import files_in
from .mistakes import ExerciseFileError
from .reporting import read_channel
from .verdict import RIGHT

MISSING = "missing"
"""The mark of an exercise that the notebook never checked."""
LARGEST_FILE = 50_000_000
"""Bytes of a file beside a notebook that is copied to where it runs; data of lessons are smaller."""
START = 120
"""Seconds that a kernel may take to start and to import tensorlab, on a machine that is busy."""


@dataclass
class Marks:
    """How one notebook did.

    Attributes:
        notebook: its path, as seen from the folder.
        ended: "finished", "errors in cells 3 and 5", "out of time in cell 7", "kernel died in cell 2", or "unreadable".
        verdicts: by exercise: right, wrong, open or missing; empty for the exercises of a lesson of which it checks none.
    """

    notebook: str
    ended: str
    verdicts: dict[str, str] = field(default_factory=dict)

    @property
    def right(self) -> int:
        """How many exercises are right."""
        return sum(each == RIGHT for each in self.verdicts.values())

    @property
    def count(self) -> int:
        """How many exercises it should have solved: those of its lesson, or of its lessons."""
        return sum(each != "" for each in self.verdicts.values())


def exercises_in(path: Path) -> dict[str, Exercise]:
    """Return the exercises of a file or folder by name.

    Raises:
        ExerciseFileError: there are none, a mistake is in one, or two have the same name.
    """
    found: dict[str, Exercise] = {}
    for file in files_in(path):
        for name, exercise in read_file(file.resolve()).items():
            if name in found:
                raise ExerciseFileError(exercise.where(), f"{found[name].where()} has the same name", "another name in one of them")
            found[name] = exercise
    if not found:
        raise ExerciseFileError(str(path), "no exercises there", "a .toml file, or a folder that holds some")
    return found


def notebooks_in(folder: Path) -> list[Path]:
    """Return the notebooks in a folder and below it, without the checkpoints of editors."""
    return sorted(path for path in folder.rglob("*.ipynb") if path.is_file() and ".ipynb_checkpoints" not in path.parts)


def grade(folder: Path, exercises: Path, seconds: float = 600.0) -> Iterator[Marks]:
    """Run the notebooks of a folder one after the other and return the marks of each.

    Args:
        folder: where the notebooks are; folders in it are looked into as well.
        exercises: a file or folder of exercises, whatever the notebooks bring along.
        seconds: how long one notebook may take.

    Raises:
        ExerciseFileError: something is wrong with the exercises.
        MissingPackageError: nbclient is not installed.
    """
    try:
        import nbclient  # noqa: F401
        import nbformat  # noqa: F401
    except ImportError:
        raise MissingPackageError("marking notebooks", "nbclient is not installed", 'pip install "tensorlab-jupyter[lessons]"') from None
    known = exercises_in(exercises)
    for path in notebooks_in(folder):
        yield marks_of(path, path.relative_to(folder).as_posix(), known, exercises.resolve(), seconds)


def marks_of(path: Path, called: str, known: Mapping[str, Exercise], exercises: Path, seconds: float) -> Marks:
    """Run one notebook and return its marks."""
    import nbformat

    marks = Marks(called, "unreadable", dict.fromkeys(known, MISSING))
    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except Exception:  # a file that calls itself a notebook may hold anything
        return marks
    key = secrets.token_bytes(32)
    with TemporaryDirectory() as private, TemporaryDirectory(ignore_cleanup_errors=True) as place:
        copy_files(path.parent, Path(place))
        channel, key_file = os.path.join(private, secrets.token_hex(8)), os.path.join(private, secrets.token_hex(8))
        Path(key_file).write_bytes(key)
        environment = {**os.environ, EXERCISES: str(exercises)}
        environment.pop(CHECK, None)
        opening = f"__import__('tensorlab.exercises.reporting', fromlist=['_']).open_channel({channel!r}, {key_file!r})"
        marks.ended = asyncio.run(run(notebook, Path(place), environment, opening, seconds))
        for line in read_channel(channel, key):
            name = line["exercise"]
            if name in known and line["digest"] == known[name].digest:
                marks.verdicts[name] = line["verdict"]  # the last one counts: readers correct themselves
    checked = {known[name].file for name, verdict in marks.verdicts.items() if verdict != MISSING}
    for name, exercise in known.items():
        if checked and exercise.file not in checked:
            marks.verdicts[name] = ""
    return marks


def copy_files(source: Path, target: Path) -> None:
    """Copy the files beside a notebook to where it runs, so that it finds its data and can spoil nobody else's."""
    for path in source.iterdir():
        if path.is_file() and path.suffix != ".ipynb" and path.stat().st_size <= LARGEST_FILE:
            with suppress(OSError):
                shutil.copy(path, target / path.name)


async def run(notebook: Any, place: Path, environment: dict[str, str], opening: str, seconds: float) -> str:
    """Run a notebook and return how it ended."""
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    at = 0

    async def before(notebook: Any) -> None:
        await asyncio.wait_for(client.kc.execute_interactive(opening, silent=True, store_history=False, allow_stdin=False), START)

    def starting(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = cell_index + 1

    client = NotebookClient(
        notebook, timeout=None, kernel_name="python3", allow_errors=True, force_raise_errors=False, store_widget_state=False,
        shutdown_kernel="immediate", resources={"metadata": {"path": str(place)}}, on_notebook_start=before, on_cell_start=starting,
    )  # fmt: skip
    running = asyncio.ensure_future(client.async_execute(env=environment, stderr=DEVNULL))
    await asyncio.wait({running}, timeout=seconds)
    in_time = running.done()
    try:
        if not in_time:
            running.cancel()  # which ends the kernel, whatever it is doing; how that looks from here says nothing
        await running
    except BaseException as problem:
        if not in_time:
            return f"out of time in cell {at}" if at else "out of time before the first cell"
        if not isinstance(problem, Exception):
            raise
        if not isinstance(problem, DeadKernelError):
            return f"stopped in cell {at}: {type(problem).__name__}"  # whatever else a notebook brings about: the others go on
        return f"kernel died in cell {at}"
    failed = [number for number, cell in enumerate(notebook.cells, start=1) if failed_by_mistake(cell)]
    if not failed:
        return "finished"
    return f"errors in {'cell' if len(failed) == 1 else 'cells'} {' '.join(map(str, failed))}"


def failed_by_mistake(cell: Any) -> bool:
    """Say whether a cell raised an error that the lesson does not ask for."""
    return "raises-exception" not in cell.metadata.get("tags", ()) and any(
        each.get("output_type") == "error" for each in cell.get("outputs", ())
    )


def write_marks(path: Path, marks: Sequence[Marks]) -> None:
    """Write marks to a CSV file: a line a notebook, a column an exercise."""
    names = list(marks[0].verdicts) if marks else []
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["notebook", "ended", "right", "exercises", *names])
        for each in marks:
            table.writerow([harmless(each.notebook), each.ended, each.right, each.count, *(each.verdicts[name] for name in names)])


def harmless(name: str) -> str:
    """Return a file's name as a table may hold it: spreadsheets would run one that begins as a formula does.

    >>> harmless("=1+1.ipynb"), harmless("ann.ipynb")
    ("'=1+1.ipynb", 'ann.ipynb')
    """
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name
