"""A file of exercises put to the test: its own answers must be right, and its slips must be recognized.

Floor 6. `python -m tensorlab lessons exercises FILE` runs it for authors, and a test for the lessons' own files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..compiler.function import function
from ..graph.errors import TensorlabError
from ..graph.node import Node
from .checking import JUDGES
from .declarations import Exercise
from .formulas import right_formulas
from .scene import Scene


def complaints(exercise: Exercise) -> Iterator[str]:
    """Return what is wrong with an exercise, a line for each.

    >>> from tensorlab.exercises.files import read_file
    >>> [each for exercise in read_file(tl.exercises.examples()).values() for each in complaints(exercise)]
    []
    """
    try:
        judgement = JUDGES[exercise.kind](exercise, *reply(exercise, exercise.answer, "answer"))
        if not judgement.right:
            yield f"{exercise.where('of' if exercise.kind == 'gradient' else 'answer')}: its own answer is not right: {judgement.words[0]}"
        for code, words in exercise.slips:
            judgement = JUDGES[exercise.kind](exercise, *reply(exercise, code, "slips", code))
            if judgement.right:
                yield f"{exercise.where('slips', code)}: this is no slip, but right"
            elif words not in judgement.words[0]:
                yield f"{exercise.where('slips', code)}: another slip is recognized before it: {judgement.words[0]}"
    except TensorlabError as problem:
        yield str(problem)


def reply(exercise: Exercise, code: str, *keys: str) -> tuple[Any, dict[str, Any]]:
    """Return what a reader would answer with, and their variables."""
    scene = Scene(exercise, {})
    names: dict[str, Any] = dict(scene.symbols)
    if exercise.kind == "choice":
        return code, names
    if exercise.kind == "gradient" and keys == ("answer",):
        formulas, several = right_formulas(scene)
        return (formulas if several else formulas[0]), names
    value = scene.value(code, *keys)
    if exercise.kind == "function" and isinstance(value, (Node, list, tuple, int, float)):
        outputs = list(value) if isinstance(value, (list, tuple)) else value
        value = function(list(scene.symbols.values()), outputs, mode="FAST_COMPILE", on_unused_input="ignore")
    return value, names
