"""Judging truth tables: a list of outputs, or something to call with one row after the other.

Floor 6. Read `calls` before.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..compiler.function import Function
from ..graph.errors import TensorlabError
from ..graph.node import Node
from .calls import failure, kept, listed
from .declarations import Exercise
from .formulas import YES, Judgement, wrong
from .mistakes import ExerciseFileError
from .scene import Scene, with_places

ABOVE = 0.5
"""An output above it counts as 1: a neuron never says exactly 0 or 1."""


def judge_table(exercise: Exercise, answer: Any, names: dict[str, Any]) -> Judgement:
    """Judge a truth table: a list of outputs, or a function that is called with every row."""
    rows, right = table_of(exercise)
    if isinstance(answer, Node):
        return wrong("This is a formula. Make a function of it, or give the list of outputs.")
    if callable(answer):
        outputs: list[Any] = []
        with kept(answer, names):
            for row in rows:
                try:
                    outputs.append(called(answer, row))
                except Exception as problem:
                    return wrong(f"Called with {row}, your function raises {failure(problem)}")
    else:
        outputs = list(answer) if isinstance(answer, (list, tuple, np.ndarray)) else [answer]
        if len(outputs) != len(rows):
            return wrong(f"The table has {len(rows)} rows, so {len(rows)} outputs are wanted.")
    bits: list[int] = []
    for row, output in zip(rows, outputs):
        try:
            value = np.asarray(output, dtype=np.float64)
        except (TypeError, ValueError, TensorlabError):
            return wrong(f"For {row} there is no number.")
        if value.size != 1 or not np.isfinite(value).all():
            return wrong(f"For {row} one number is wanted.")
        bits.append(int(value.reshape(()) > ABOVE))
    if bits == right:
        return YES
    table = [("input", "wanted", "yours")]
    table += [(" ".join(map(str, row)), str(want), str(bit) if bit == want else f"✗ {bit}") for row, want, bit in zip(rows, right, bits)]
    for code, words in exercise.slips:
        value = Scene(exercise, names).value(code, "slips", code)
        if list(value) == bits:
            return Judgement(False, (words,), "own", tuple(table))
    number = sum(bit != want for bit, want in zip(bits, right))
    words = "One row is wrong." if number == 1 else f"{number} rows are wrong."
    if number == len(rows):
        words = "Every row is the other way round." if len(rows) > 1 else words
    elif len(set(bits)) == 1:
        words = f"Yours is always {bits[0]}."
    return Judgement(False, (words,), "", tuple(table))


def table_of(exercise: Exercise) -> tuple[list[list[Any]], list[int]]:
    """Return the rows of a truth table, and the outputs that are wanted.

    Raises:
        ExerciseFileError: they do not fit together.
    """
    scene = Scene(exercise, {})
    rows, right = scene.value(exercise.rows, "rows"), scene.value(exercise.answer, "answer")

    def as_lists() -> tuple[list[list[Any]], list[int]]:
        return [list(row) if isinstance(row, (list, tuple)) else [row] for row in rows], [int(each) for each in right]

    lists = with_places(as_lists, exercise, "rows")
    if len(lists[0]) != len(lists[1]):
        raise ExerciseFileError(exercise.where("answer"), f"{len(lists[1])} outputs for {len(lists[0])} rows", "one output a row")
    result: tuple[list[list[Any]], list[int]] = lists
    return result


def called(function: Callable[..., Any], row: list[Any]) -> Any:
    """Call a function with a row: as one list, or number by number if it takes as many arguments."""
    if isinstance(function, Function):
        apart = len(function.inputs) == len(row) and (len(row) > 1 or function.inputs[0].variable.type.ndim == 0)
    else:
        apart = False
        with suppress(TypeError, ValueError):
            inspect.signature(function).bind(*row)
            apart = len(row) > 1 or not binds(function, [row])
    result = function(*row) if apart else function(list(row))
    return listed(result, several=False)[0]


def binds(function: Callable[..., Any], values: Sequence[Any]) -> bool:
    """Say whether a function takes so many arguments."""
    try:
        inspect.signature(function).bind(*values)
    except (TypeError, ValueError):
        return False
    return True
