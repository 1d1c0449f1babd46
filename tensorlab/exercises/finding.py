"""Where the file of an exercise is.

Floor 6. First what `load` was called with, then what the environment says (that is how a grader brings its own files), then beside the
notebook. A kernel runs in the folder of its notebook.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from os import PathLike
from pathlib import Path

from .declarations import Exercise, read_file
from .lines import shown
from .mistakes import ExerciseFileError, UnknownExerciseError, instead_of

VARIABLE = "TENSORLAB_EXERCISES"
MOST_FILES = 3
"""File names in an error; a course has fifteen."""
FOLDER = "exercises"
loaded: list[Path] = []
"""What `load` was called with, the latest first."""


def load(path: str | PathLike[str]) -> list[str]:
    """Read a file of exercises, or all in a folder, before those beside the notebook.

    Returns:
        The names of the exercises.

    Raises:
        ExerciseFileError: there is no such file, or a mistake in it.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "01_sums.toml"
    >>> _ = file.write_text('lesson = "01"; '.replace("; ", chr(10)) + "[one]" + chr(10) + '''kind = "number"
    ... question = "1 + 1"
    ... answer = 2
    ... hints = ["Count.", "Two fingers."]''')
    >>> tl.exercises.load(file)
    ['one']
    """
    chosen = Path(path).resolve()
    if not chosen.exists():
        raise ExerciseFileError(f"tl.exercises.load({str(path)!r})", "no such file or folder", f"a path as seen from {Path.cwd()}")
    names = [name for file in files_in(chosen) for name in read_file(file)]
    if not names:
        raise ExerciseFileError(f"tl.exercises.load({str(path)!r})", "no exercises there", "a .toml file, or a folder that holds some")
    if chosen in loaded:
        loaded.remove(chosen)
    loaded.insert(0, chosen)
    return names


def files_in(path: Path) -> list[Path]:
    """Return a file, or the TOML files of a folder."""
    return sorted(path.glob("*.toml")) if path.is_dir() else [path] if path.is_file() else []


def places() -> Iterator[list[Path]]:
    """Return the files that may hold an exercise, place by place."""
    for path in loaded:
        yield files_in(path)
    for part in os.environ.get(VARIABLE, "").split(os.pathsep):
        if part:
            yield files_in(Path(part))
    here = Path.cwd()
    yield [path for path in files_in(here) if begins_with_lesson(path)]
    yield files_in(here / FOLDER)
    yield files_in(here.parent / FOLDER)


def begins_with_lesson(path: Path) -> bool:
    """Say whether a TOML file is one of exercises: the folder of a notebook may hold others, such as pyproject.toml."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return first.split("=")[0].strip() == "lesson"


def known_names() -> list[str]:
    """Return the names of all exercises that can be asked for; a file with a mistake in it has none to offer."""
    names: dict[str, None] = {}
    for files in places():
        for file in files:
            with suppress(ExerciseFileError, OSError):
                names |= dict.fromkeys(read_file(file))
    return list(names)


def find(name: str) -> Exercise:
    """Return an exercise by name, from the first place that has it.

    Raises:
        UnknownExerciseError: no file declares it, or two files of one place do.
        ExerciseFileError: there is a mistake in a file.
    """
    known: dict[str, None] = {}
    looked: list[str] = []
    for files in places():
        found = []
        for file in files:
            exercises = read_file(file)
            known |= dict.fromkeys(exercises)
            looked.append(shown(file))
            if name in exercises:
                found.append(exercises[name])
        if len(found) > 1:
            both = " and ".join(each.where() for each in found)
            raise UnknownExerciseError(f"the exercise {name!r}", both, "another name in one of them")
        if found:
            return found[0]
    if not looked:
        advice = f"the folder {FOLDER} beside the notebook, or tl.exercises.load('path')"
        raise UnknownExerciseError(f"the exercise {name!r}", f"no file of exercises in {Path.cwd()} or its folder {FOLDER}", advice)
    where = ", ".join(looked) if len(looked) <= MOST_FILES else f"{len(looked)} files, {looked[0]} to {looked[-1]}"
    raise UnknownExerciseError(f"the exercise {name!r}", f"no exercise of that name in {where}", instead_of(name, known))
