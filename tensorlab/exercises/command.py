"""`python -m tensorlab lessons`: marking a folder of notebooks, and trying a file of exercises.

Floor 6.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from ..graph.errors import ChoiceError
from .files import read_contents
from .finding import FOLDER, VARIABLE, files_in
from .grading import exercises_in, grade, notebooks_in, write_marks
from .mistakes import ExerciseFileError
from .trial import complaints

USUAL = (Path(FOLDER), Path("lessons") / FOLDER)
"""Where exercises are looked for if nobody says where."""


def main(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tensorlab lessons", description="Lessons and their exercises.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    marking = commands.add_parser("grade", help="run a folder of notebooks and write the verdicts on their exercises to a CSV file")
    marking.add_argument("folder", type=Path, help="the notebooks")
    places = f"${VARIABLE}, the folder {FOLDER} in it or here, lessons/{FOLDER}"
    marking.add_argument("--exercises", type=Path, help=f"your file or folder of exercises (default: {places})")
    marking.add_argument("--out", type=Path, default=Path("marks.csv"), help="the CSV file (default: marks.csv)")
    marking.add_argument("--seconds", type=float, default=600.0, help="how long one notebook may take (default: 600)")
    trying = commands.add_parser("exercises", help="look through files of exercises: their answers must be right, their slips recognized")
    trying.add_argument("path", type=Path, nargs="+", help="a file or a folder")
    chosen = parser.parse_args(arguments)
    if chosen.command == "grade":
        return mark(chosen.folder, chosen.exercises or usual_exercises(chosen.folder), chosen.out, chosen.seconds)
    return try_files(chosen.path)


def usual_exercises(folder: Path) -> Path:
    """Return where the exercises are if the command does not say.

    Raises:
        ChoiceError: nowhere.
    """
    named = os.environ.get(VARIABLE, "")
    for path in (*([Path(named)] if named else []), folder / FOLDER, *USUAL):
        if path.exists():
            return path
    raise ChoiceError("python -m tensorlab lessons grade", "no exercises to mark by", "--exercises lessons/exercises/03_gradients.toml")


def mark(folder: Path, exercises: Path, out: Path, seconds: float) -> int:
    """Mark a folder, and say how each notebook did.

    Raises:
        ChoiceError: there are no notebooks in it.
    """
    asked = f"python -m tensorlab lessons grade {folder}"
    if not folder.is_dir() or not notebooks_in(folder):
        raise ChoiceError(asked, "no notebooks there" if folder.is_dir() else "no such folder", "a folder with .ipynb files in it")
    if not seconds > 0:
        raise ChoiceError(f"{asked} --seconds {seconds:g}", "no time at all", "--seconds 600")
    marks = []
    for each in grade(folder, exercises, seconds):
        marks.append(each)
        write_marks(out, marks)  # after each one, so that whoever stops it has what was marked
        print(f"{each.notebook}: {each.right} of {each.count} right, {each.ended}", flush=True)
    print(f"written to {out}")
    return 0


def try_files(paths: Sequence[Path]) -> int:
    """Try files of exercises, and say what is wrong with them."""
    found = 0
    for path in paths:
        mistakes = [mistake for file in files_in(path) for mistake in mistakes_in(file.resolve())]
        for mistake in mistakes:
            print(mistake)
        found += len(mistakes)
        if mistakes:
            print(f"{path}: not tried before {'this is' if len(mistakes) == 1 else 'these are'} mended")
            continue
        exercises = exercises_in(path)
        for exercise in exercises.values():
            for complaint in complaints(exercise):
                found += 1
                print(complaint)
        print(f"{path}: {len(exercises)} exercises looked through")
    return 1 if found else 0


def mistakes_in(file: Path) -> list[ExerciseFileError]:
    """Return all mistakes of a file that can be told apart."""
    try:
        return list(read_contents(file).mistakes.values())
    except ExerciseFileError as problem:
        return [problem]
