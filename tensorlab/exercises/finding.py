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

from .declarations import Exercise
from .files import read_contents, read_file
from .lines import lines_of, shown
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
    """Return the names of all exercises that can be asked for; those with a mistake in them cannot."""
    names: dict[str, None] = {}
    for files in places():
        for file in files:
            with suppress(ExerciseFileError):
                names |= dict.fromkeys(read_contents(file).exercises)
    return list(names)


def find(name: str) -> Exercise:
    """Return an exercise by name, from the first place that has it; capitals do not matter where they make no difference.

    A mistake in a file is that of its own exercises: those of other files, and other exercises of the same one, can be asked for.

    Raises:
        UnknownExerciseError: no file declares it, or two files of one place do.
        ExerciseFileError: there is a mistake in it, or in the file that seems to declare it.
    """
    known: dict[str, None] = {}
    looked: list[str] = []
    unreadable: list[ExerciseFileError] = []
    for files in places():
        found: list[Exercise] = []
        refused: list[ExerciseFileError] = []
        for file in files:
            looked.append(shown(file))
            try:
                contents = read_contents(file)
            except ExerciseFileError as problem:
                unreadable.append(problem)
                refused += [problem] if name in headers(file) else []
                continue
            known |= dict.fromkeys(contents.exercises)
            found += [contents.exercises[name]] if name in contents.exercises else []
            refused += [contents.mistakes[name]] if name in contents.mistakes else []
        if len(found) > 1:
            both = " and ".join(each.where() for each in found)
            raise UnknownExerciseError(f"the exercise {name!r}", both, "another name in one of them")
        if found:
            return found[0]
        if refused:
            raise refused[0].with_traceback(None)  # it is kept, and raised again whenever somebody asks
    alike = [each for each in known if each.casefold() == name.casefold()]
    if len(alike) == 1:
        return find(alike[0])
    if not looked:
        advice = f"the folder {FOLDER} beside the notebook, or tl.exercises.load('path')"
        raise UnknownExerciseError(f"the exercise {name!r}", f"no file of exercises in {Path.cwd()} or its folder {FOLDER}", advice)
    where = ", ".join(looked) if len(looked) <= MOST_FILES else f"{len(looked)} files, {looked[0]} to {looked[-1]}"
    missing = "".join(f"; {problem.asked} cannot be read: {problem.found}" for problem in unreadable[:1])
    raise UnknownExerciseError(f"the exercise {name!r}", f"no exercise of that name in {where}{missing}", instead_of(name, known))


def headers(path: Path) -> set[str]:
    """Return the names that a file seems to declare, whatever else is wrong with it."""
    with suppress(OSError):
        return {keys[0] for keys in lines_of(path.read_text(encoding="utf-8", errors="replace"))}
    return set()
