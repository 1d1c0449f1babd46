"""Judging numbers, shapes and choices.

Floor 6. Read `formulas` before.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.errors import TensorlabError
from ..graph.node import Node
from ..state import SharedVariable
from .declarations import Exercise
from .formulas import YES, Judgement, wrong
from .scene import Scene, axes, with_places


def judge_number(exercise: Exercise, answer: Any, names: dict[str, Any]) -> Judgement:
    """Judge a number or an array of numbers."""
    scene = Scene(exercise, names)
    right = with_places(lambda: np.asarray(scene.value(exercise.answer, "answer"), dtype=np.float64), exercise, "answer")
    if isinstance(answer, SharedVariable):
        answer = answer.get_value()
    if isinstance(answer, Node):
        return wrong("This is a formula, which has no value yet. Make a function of it, and call that.")
    if callable(answer):
        return wrong("This is a function. Call it.")
    try:
        reply = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError, TensorlabError):
        return wrong("This is no number.")
    if reply.shape != right.shape and reply.size == right.size == 1:
        reply = reply.reshape(right.shape)  # a function with outputs=[y] returns its number in a list
    if reply.shape != right.shape:
        return wrong(f"The answer has {axes(right.ndim)}, and yours has {axes(reply.ndim)}." if reply.ndim != right.ndim
                     else "The answer has another number of elements.")  # fmt: skip
    if close(reply, right, exercise.within):
        return YES
    for code, words in exercise.slips:
        value = with_places(lambda code=code: np.asarray(scene.value(code, "slips", code), dtype=np.float64), exercise, "slips", code)
        if value.shape == reply.shape and close(reply, value, exercise.within):
            return wrong(words, "own")
    if not np.all(np.isfinite(reply)):
        return wrong("This is no finite number.")
    if np.any(right) and close(-reply, right, exercise.within):
        return wrong("The sign is the other way round.", "lost_minus")
    return wrong("This is another number than the answer.")


def close(reply: Any, right: Any, within: float) -> bool:
    """Say whether a reply is the answer, as far as its digits go."""
    return bool(np.all(np.abs(reply - right) <= within * np.abs(right) + 1e-9))  # 1e-9: what rounding leaves of a 0


def judge_shape(exercise: Exercise, answer: Any, names: dict[str, Any]) -> Judgement:
    """Judge the lengths of axes."""
    scene = Scene(exercise, names)
    right = with_places(lambda: tuple(int(each) for each in scene.value(exercise.answer, "answer")), exercise, "answer")
    if isinstance(answer, SharedVariable):
        answer = answer.get_value()
    if isinstance(answer, np.ndarray):
        answer = answer.shape
    if isinstance(answer, (int, np.integer)) and not isinstance(answer, bool):
        answer = (answer,)
    try:
        reply = tuple(int(each) for each in answer)
    except (TypeError, ValueError, TensorlabError):
        return wrong("A shape is a pair of parentheses with the length of each axis: (3, 4), (3,), or () for a single number.")
    if reply == right:
        return YES
    for code, words in exercise.slips:
        if with_places(lambda code=code: tuple(scene.value(code, "slips", code)), exercise, "slips", code) == reply:
            return wrong(words, "own")
    if len(reply) != len(right):
        return wrong(f"The answer has {axes(len(right))}, and yours has {axes(len(reply))}.", "shape")
    if sorted(reply) == sorted(right):
        return wrong("The lengths are right, their order is not: rows come first.", "missing_transpose")
    return wrong("The number of axes is right, a length is not.", "shape")


def letter_of(exercise: Exercise, reply: str) -> str | None:
    """Return the option that a reply means, however it is written: b, B, "b", (b), b) and b. are one; None if it means none."""
    written = reply.strip().strip("\"'").strip(" ().:")
    if written in exercise.options:
        return written
    alike = [letter for letter in exercise.options if letter.casefold() == written.casefold()]
    return alike[0] if len(alike) == 1 else None


def judge_choice(exercise: Exercise, answer: Any, names: dict[str, Any]) -> Judgement:
    """Judge one of several letters."""
    letter = letter_of(exercise, answer) if isinstance(answer, str) else None
    if letter is None:
        return wrong(f"Answer with one of the letters {', '.join(exercise.options)}.")
    if letter == exercise.answer:
        return YES
    return wrong(dict(exercise.slips).get(letter, f"It is not {letter}."), "own" if letter in dict(exercise.slips) else "")
