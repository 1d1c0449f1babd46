"""Files of exercises: TOML beside a lesson. A mistake in an exercise is that of this exercise; the others of the file can be asked for.

Floor 6. Read `declarations` before, which looks through one exercise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .declarations import Exercise, Reading
from .lines import said_with_line, shown
from .mistakes import ExerciseFileError


@dataclass(frozen=True)
class Contents:
    """What a file holds.

    Attributes:
        exercises: by name, in order.
        mistakes: the exercises that are refused, with the error of each.
    """

    exercises: Mapping[str, Exercise]
    mistakes: Mapping[str, ExerciseFileError]


def read_file(path: Path) -> dict[str, Exercise]:
    """Return the exercises of a file by name, in order, if all of them can be used.

    Raises:
        ExerciseFileError: there is a mistake in it.
    """
    contents = read_contents(path)
    for mistake in contents.mistakes.values():
        raise mistake.with_traceback(None)  # it is kept, and raised again whenever somebody asks
    return dict(contents.exercises)


def read_contents(path: Path) -> Contents:
    """Return the exercises of a file, and its mistakes; a file is read again only when it has changed.

    Raises:
        ExerciseFileError: nothing in it can be told apart: it cannot be opened, or is not TOML.
    """
    try:
        stat = path.stat()
        return read_version(path, stat.st_mtime_ns, stat.st_size)
    except OSError as problem:
        raise ExerciseFileError(shown(path), f"it cannot be opened: {problem.strerror}", "a file that you may read") from None


@lru_cache(maxsize=64)
def read_version(path: Path, _changed: int, _size: int) -> Contents:
    """Read one state of a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ExerciseFileError(shown(path), "the file is not UTF-8", "saving it as UTF-8 in your editor") from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        found, line = said_with_line(str(problem), text)
        raise ExerciseFileError(f"{shown(path)}, line {line}", found, 'TOML, such as kind = "expression"') from None
    lesson = content.pop("lesson", None)
    if not isinstance(lesson, str):
        raise ExerciseFileError(f"{shown(path)}, line 1", "no lesson", 'lesson = "03 Gradients" in the first line')
    exercises: dict[str, Exercise] = {}
    mistakes: dict[str, ExerciseFileError] = {}
    for name, entry in content.items():
        try:
            exercises[name] = Reading(path, text, lesson, name, entry).exercise()
        except ExerciseFileError as mistake:
            mistakes[name] = mistake
    return Contents(exercises, mistakes)
