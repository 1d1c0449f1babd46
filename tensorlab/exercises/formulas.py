"""Judging formulas: is it right, and if not, what went wrong?

Floor 6. Read `scene`, `comparing` and `slips` before. The author's own slips are looked at first, then the library's, then what can be said
without knowing the reason: another shape, a constant factor, something added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from ..gradient import grad
from ..graph.convert import as_node
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node
from ..graph.walk import leaves
from .comparing import Values, agree, near, same_form, tolerance, values_at
from .declarations import Exercise
from .derivation import Derivation, Wrong
from .mistakes import ExerciseFileError
from .scene import NotFittingError, Scene, axes
from .slips import SLIPS
from .slips_of_shape import turned


class Judgement(NamedTuple):
    """Whether an answer is right, what to say to it, and the slip that was recognized."""

    right: bool
    words: tuple[str, ...] = ()
    slip: str = ""
    table: tuple[tuple[str, ...], ...] = ()


YES = Judgement(True)


def wrong(words: str, slip: str = "") -> Judgement:
    """Return a judgement against an answer."""
    return Judgement(False, (words,), slip)


def judge_formula(exercise: Exercise, answer: Any, names: dict[str, Any]) -> Judgement:
    """Judge the answer to an exercise of the kinds expression and gradient."""
    scene = Scene(exercise, names)
    right, several = right_formulas(scene)
    derivations: list[Derivation | None] = [None] * len(right)
    if exercise.kind == "gradient":
        cost = scene.value(exercise.of, "of")
        derivations = [Derivation(cost, scene.symbols[name], scene.symbols, scene.called) for name in exercise.by]
    points = scene.points(right)
    if several:
        if not isinstance(answer, (list, tuple)):
            return wrong(f"The exercise asks for a list of {len(right)} formulas.")
        if len(answer) != len(right):
            return wrong(f"The exercise asks for {len(right)} formulas, and your list has {len(answer)}.")
    replies = list(answer) if several else [answer]
    if all(reply is None or reply is ... for reply in replies):
        return wrong("Nothing is in the list yet.")
    own = [list(islice(own_slips(scene, position if several else None, len(right)), 100)) for position in range(len(right))]
    for position, reply in enumerate(replies):
        judgement = judge_one(scene, right[position], reply, points, derivations[position], own[position])
        if not judgement.right:
            where = f"Number {position + 1} of your list: " if several else ""
            return judgement._replace(words=(where + judgement.words[0], *judgement.words[1:]))
    return YES


def right_formulas(scene: Scene) -> tuple[list[Node], bool]:
    """Return the right formulas, and whether they are a list."""
    exercise = scene.exercise
    if exercise.kind == "gradient":
        cost = scene.value(exercise.of, "of")
        try:
            return [grad(cost, scene.symbols[name]) for name in exercise.by], exercise.several
        except TensorlabError as problem:
            found = str(problem).splitlines()[0]
            raise ExerciseFileError(exercise.where("of"), found, "a cost that is a single number: T.sum(…)") from problem
    value = scene.value(exercise.answer, "answer")
    several = isinstance(value, (list, tuple))
    try:
        return [as_node(each) for each in (value if several else [value])], several
    except (TensorlabError, TypeError, ValueError) as problem:
        raise ExerciseFileError(exercise.where("answer"), f"{exercise.answer!r} is no formula", "an expression of the symbols") from problem


def own_slips(scene: Scene, position: int | None, count: int) -> Iterator[Wrong]:
    """Return the slips that the file lists, as formulas."""
    for code, words in scene.exercise.slips:
        value = scene.value(code, "slips", code)
        if position is not None:
            if not isinstance(value, (list, tuple)) or len(value) != count:
                raise ExerciseFileError(scene.exercise.where("slips", code), "a slip must be a list, as the answer is", "[…, …]")
            value = value[position]
        yield Wrong(as_node(value), words)


def judge_one(
    scene: Scene, right: Node, reply: Any, points: Sequence[Values], derivation: Derivation | None, own: Sequence[Wrong]
) -> Judgement:
    """Judge one formula."""
    if reply is None or reply is ...:
        return wrong("This one is not answered yet.")
    try:
        formula = scene.translated(reply)
    except NotFittingError as problem:
        return wrong(str(problem))
    values, wanted = values_at(formula, points), values_at(right, points)
    assert wanted is not None
    close = tolerance(formula, right)
    if agree(wanted, values, close) or (values is not None and shapes(values) == shapes(wanted) and same_form(formula, right)):
        return YES
    if not isinstance(reply, Node) and leaves_of(right) and values is not None and not agree(wanted, broadcast(values, wanted), close):
        return wrong("This is a number. The exercise asks for a formula, which holds for all values of the symbols.", "number")
    found = recognized(formula, values, wanted, points, derivation, own, close)
    return found or without_a_reason(formula, values, wanted, right, close)


def leaves_of(node: Node) -> list[Node]:
    """Return the symbols that a formula is made of."""
    return [each for each in leaves([node]) if not isinstance(each, Constant)]


def recognized(
    formula: Node, values: list[Any] | None, wanted: list[Any], points: Sequence[Values], derivation: Derivation | None,
    own: Sequence[Wrong], close: float,
) -> Judgement | None:  # fmt: skip
    """Return the judgement for a slip that is known, or None."""
    for each in own:
        if each.formula is not None and (agree(values, values_at(each.formula, points), close) or same_form(formula, each.formula)):
            return wrong(each.words, "own")
    if derivation is not None and values is not None:
        for name, slip in SLIPS.items():
            for words in matches(slip(derivation), values, wanted, points, close):
                return wrong(words, name)
    if derivation is not None or values is None:
        for changed in turned(formula):
            if agree(wanted, values_at(changed, points), close):
                return wrong("A transpose is missing, or is one too many, in a product of matrices. Write the shapes below the factors.",
                             "missing_transpose")  # fmt: skip
    return None


def matches(candidates: Iterator[Wrong], values: list[Any], wanted: list[Any], points: Sequence[Values], close: float) -> Iterator[str]:
    """Return the words of the wrong derivatives that have the values of an answer, and not those of the right one."""
    with suppress(TensorlabError):  # a wrong way may end in shapes that no formula can have
        for candidate in candidates:
            if candidate.formula is None:
                continue
            theirs = values_at(candidate.formula, points)
            if agree(values, theirs, close) and not agree(wanted, theirs, close):
                yield candidate.words


def without_a_reason(formula: Node, values: list[Any] | None, wanted: list[Any], right: Node, close: float) -> Judgement:
    """Return what can be said about a wrong formula when no slip is recognized."""
    if values is None:
        return wrong("This cannot be computed: the lengths of some axes do not fit. Write the shape below each factor.", "lengths")
    if any(value.shape != want.shape for value, want in zip(values, wanted)):
        spread = broadcast(values, wanted)
        if agree(wanted, spread, close):
            words = f"The numbers are right, the shape is not: the answer has {axes(right.type.ndim)}, one number for each element."
            return wrong(words, "shape")
        if formula.type.ndim != right.type.ndim:
            return wrong(f"The answer has {axes(right.type.ndim)}, and yours has {axes(formula.type.ndim)}.", "shape")
        return wrong("The axes are as many as they should be, but not as long.", "shape")
    if any(np.any(np.isfinite(want) & ~np.isfinite(value)) for value, want in zip(values, wanted)):
        return wrong("For some values of the symbols yours is no number (a logarithm of a negative one, a division by 0?).", "no_number")
    ratio = constant_ratio(values, wanted)
    if ratio is not None and ratio < 0 and near(ratio, -1.0, close):
        return wrong("The sign is the other way round.", "lost_minus")
    if ratio is not None:
        return wrong("Nearly: only a constant factor is wrong. Look at the numbers in front, and at the sign.", "constant_factor")
    if np.ptp([np.mean(value - want) for value, want in zip(values, wanted)]) <= close and all(
        near(value - np.mean(value - want), want, close) for value, want in zip(values, wanted)
    ):
        return wrong("Nearly: only something constant is added that should not be, or is missing.", "constant_term")
    return wrong("Its values are others than those of the answer.")


def shapes(values: Sequence[Any]) -> list[tuple[int, ...]]:
    """Return the shapes of some arrays."""
    return [np.shape(value) for value in values]


def broadcast(values: Sequence[Any], wanted: Sequence[Any]) -> list[Any] | None:
    """Return values stretched to the shapes that are wanted, or None if that cannot be done."""
    try:
        return [np.broadcast_to(value, np.shape(want)) for value, want in zip(values, wanted)]
    except ValueError:
        return None


def constant_ratio(values: Sequence[Any], wanted: Sequence[Any]) -> float | None:
    """Return the factor by which all values differ, or None if there is none."""
    one, other = (np.concatenate([np.ravel(each).astype(np.float64) for each in many]) for many in (values, wanted))
    largest = np.abs(other).max(initial=0.0)
    if not largest or not np.all(np.isfinite(one)):
        return None
    ratio = float(one[np.abs(other).argmax()] / other[np.abs(other).argmax()])
    return ratio if ratio and near(one, ratio * other, 1e-6) else None
