"""Exercises that answer: `%check NAME answer` and `%hint NAME`, and their twins `check` and `hint`.

Floor 6. What is asked stands in a TOML file beside the lesson; `docs/exercises.md` describes it for teachers.

    declarations, files, lines   what is asked, and its mistakes  verdict     what is shown
    finding                 where they are                        reporting   how a grader is told
    symbols, scene          the exercise's symbols and points     grading     a folder of notebooks, marked
    comparing               do two formulas mean the same?        trial       a file put to the test
    walk, derivation        a way back that can go wrong          command     `python -m tensorlab lessons`
    slips, slips_of_shape   what goes wrong when people derive
    formulas, pairs, calls, tables, replies                       the judges
"""

from __future__ import annotations

from pathlib import Path

from .checking import check, hint
from .finding import load
from .mistakes import ExerciseFileError, UnknownExerciseError, UnsolvedError
from .verdict import Hint, Verdict

__all__ = ["ExerciseFileError", "Hint", "UnknownExerciseError", "UnsolvedError", "Verdict", "check", "examples", "hint", "load"]


def examples() -> Path:
    """Return the path of a small file of exercises, to try things on."""
    return Path(__file__).parent / "examples.toml"
