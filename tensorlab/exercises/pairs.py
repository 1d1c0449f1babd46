"""Judging updates: pairs of a variable and its new value.

Floor 6. Read `formulas` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..compiler.function import Function
from ..graph.convert import as_node
from ..graph.errors import TensorlabError
from ..graph.node import Node
from .comparing import Values, agree, same_form, tolerance, values_at
from .declarations import Exercise
from .formulas import YES, Judgement, constant_ratio, judge_one, wrong
from .mistakes import ExerciseFileError
from .scene import NotFittingError, Scene


def judge_updates(exercise: Exercise, answer: Any, names: dict[str, Any]) -> Judgement:
    """Judge a list of pairs, a dict, or a function with updates."""
    scene = Scene(exercise, names)
    right = declared_pairs(scene, exercise.answer, "answer")
    if isinstance(answer, Function):
        answer = answer.updates
        if not answer:
            return wrong("Your function has no updates.")
    pairs = list(answer.items()) if isinstance(answer, dict) else answer
    if not isinstance(pairs, (list, tuple)) or not all(isinstance(each, (list, tuple)) and len(each) == 2 for each in pairs):
        return wrong("Updates are a list of pairs: [(variable, its new value), …].")
    given: dict[str, Any] = {}
    for target, value in pairs:
        name = scene.name_of(target)
        if name is None or name not in right:
            return wrong(f"{called(target, name)} should keep its value. New values are wanted for {listing(right)}.")
        if name in given:
            return wrong(f"{name} gets two new values.")
        given[name] = value
    if missing := [name for name in right if name not in given]:
        return wrong(f"{listing(missing)} {'gets' if len(missing) == 1 else 'get'} no new value.")
    points = scene.points(list(right.values()))
    slips = [(declared_pairs(scene, code, "slips", code), words) for code, words in exercise.slips]
    try:
        formulas = {name: scene.translated(value) for name, value in given.items()}
    except NotFittingError as problem:
        return wrong(str(problem))
    for slip, words in slips:
        if slip.keys() == formulas.keys() and all(equal(formulas[name], slip[name], points) for name in slip):
            return wrong(words, "own")
    for name, value in right.items():
        if not equal(formulas[name], value, points):
            return wrong_step(scene, name, formulas[name], value, points) or named(name, scene, value, given[name], points)
    return YES


def equal(one: Node, other: Node, points: Sequence[Values]) -> bool:
    """Say whether two formulas mean the same."""
    values, wanted = values_at(one, points), values_at(other, points)
    return agree(values, wanted, tolerance(one, other)) or (
        values is not None and wanted is not None and [v.shape for v in values] == [w.shape for w in wanted] and same_form(one, other)
    )


def named(name: str, scene: Scene, right: Node, value: Any, points: Sequence[Values]) -> Judgement:
    """Return the judgement on one new value, with the name of what it belongs to in front."""
    judgement = judge_one(scene, right, value, points, None, [])
    first, *others = judgement.words
    return judgement._replace(words=(f"The new value of {name}: {first}", *others))


def wrong_step(scene: Scene, name: str, formula: Node, right: Node, points: Sequence[Values]) -> Judgement | None:
    """Recognize what goes wrong with steps: nothing happens, up in place of down, the step without the old value, its size."""
    old = scene.symbols[name]
    values, wanted, before = (values_at(each, points) for each in (formula, right, old))
    if values is None or wanted is None or before is None or [np.shape(v) for v in values] != [np.shape(w) for w in wanted]:
        return None
    close = tolerance(formula, right)
    if agree(values, before, close):
        return wrong(f"{name} keeps its old value: nothing is learned.", "no_step")
    steps, wanted_steps = [v - b for v, b in zip(values, before)], [w - b for w, b in zip(wanted, before)]
    if agree(values, wanted_steps, close) or agree(values, [-each for each in wanted_steps], close):
        return wrong(f"This is the change of {name}. An update says the new value: the old one, changed.", "change_only")
    ratio = constant_ratio(steps, wanted_steps)
    if ratio is None:
        return None
    if ratio < 0:
        return wrong(f"{name} goes the other way than it should. Look at the sign of the step.", "uphill")
    return wrong(f"The direction in which {name} goes is right, the size of the step is not.", "step_size")


def declared_pairs(scene: Scene, code: str, *keys: str) -> dict[str, Node]:
    """Return the pairs that the file gives, by name.

    Raises:
        ExerciseFileError: they are no pairs of a symbol and a formula.
    """
    value = scene.value(code, *keys)
    by_symbol = {symbol: name for name, symbol in scene.symbols.items()}
    try:
        pairs = list(value.items()) if isinstance(value, dict) else [(target, new) for target, new in value]
        return {by_symbol[target]: as_node(new) for target, new in pairs}
    except (TensorlabError, TypeError, ValueError, KeyError) as problem:
        raise ExerciseFileError(scene.exercise.where(*keys), "no list of pairs (symbol, new value)", "[(w, w - 0.1 * dw)]") from problem


def called(target: Any, name: str | None) -> str:
    """Return what to call what a pair stands for."""
    return name or getattr(target, "known_name", None) or "One of your variables"


def listing(names: Any) -> str:
    """Return names in a sentence."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else str(last)
