"""Judging functions: called with values of the symbols, what do they return?

Floor 6. Read `formulas` before. A check leaves shared variables as they were, also if the function has updates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from ..compiler.function import Function
from ..graph.errors import TensorlabError
from ..graph.node import Node
from ..graph.types import is_floating
from ..ops.evaluate import interpret
from ..state import SharedVariable
from .comparing import CLOSE, CLOSE_IN_FLOAT32, Values, near
from .declarations import Exercise
from .formulas import YES, Judgement, own_slips, right_formulas, wrong
from .scene import Scene


@contextmanager
def kept(function: Any, names: Mapping[str, Any]) -> Iterator[None]:
    """Give the reader's shared variables their old values back in the end."""
    variables = {each for each in names.values() if isinstance(each, SharedVariable)}
    if isinstance(function, Function):
        variables |= {*function.shared, *function.updates}
    before = [(each, each.get_value()) for each in variables]
    try:
        yield
    finally:
        for variable, value in before:
            variable.set_value(value)


def failure(problem: Exception) -> str:
    """Return what to say about a function that raises."""
    first = f": {str(problem).splitlines()[0]}" if isinstance(problem, TensorlabError) and str(problem) else ""
    return f"{type(problem).__name__}{first}"


def judge_function(exercise: Exercise, answer: Any, names: dict[str, Any]) -> Judgement:
    """Judge a function by what it returns at random points."""
    if isinstance(answer, Node):
        return wrong("This is a formula. The exercise asks for a function: tl.function([…], …).")
    if not callable(answer):
        return wrong("This cannot be called. The exercise asks for a function.")
    scene = Scene(exercise, names)
    right, several = right_formulas(scene)
    points = scene.points(right)
    narrow = any(each.type.dtype == "float32" for each in exercise.symbols.values())
    dtypes = [each.type.dtype for each in exercise.symbols.values()]
    if isinstance(answer, Function):
        if len(answer.inputs) != len(dtypes):
            wanted = ", ".join(exercise.symbols)
            return wrong(f"Your function takes {arguments(len(answer.inputs))}, the exercise asks for {arguments(len(dtypes))}: {wanted}.")
        own = [each.variable.type.dtype for each in answer.inputs]
        narrow = narrow or "float32" in own
        dtypes = [mine if is_floating(mine) else theirs for mine, theirs in zip(own, dtypes)]
    outputs: list[list[Any]] = []
    with kept(answer, names):
        for point in points:
            given = [np.array(point[symbol], dtype)[()] for symbol, dtype in zip(scene.symbols.values(), dtypes)]
            try:
                outputs.append(listed(answer(*given), several))
            except Exception as problem:
                return wrong(f"Called with {described(exercise)}, your function raises {failure(problem)}")
    close = CLOSE_IN_FLOAT32 if narrow else CLOSE
    if several and any(len(each) != len(right) for each in outputs):
        return wrong(f"The exercise asks for {len(right)} outputs, and your function returns {len(outputs[0])}.")
    if all(same(each, interpret(right, point), close) for each, point in zip(outputs, points)):
        return YES
    slips = [list(own_slips(scene, position if several else None, len(right))) for position in range(len(right))]
    for together in zip(*slips):
        formulas = [each.formula for each in together if each.formula is not None]
        if all(same(each, interpret(formulas, point), close) for each, point in zip(outputs, points)):
            return wrong(together[0].words, "own")
    return wrong(differing(outputs, right, points, close))


def same(outputs: Sequence[Any], wanted: Sequence[Any], close: float) -> bool:
    """Say whether outputs are what is wanted."""
    with suppress(ValueError, TypeError):
        return len(outputs) == len(wanted) and all(near(one, other, close) for one, other in zip(outputs, wanted))
    return False


def differing(outputs: Sequence[Sequence[Any]], right: Sequence[Node], points: Sequence[Values], close: float) -> str:
    """Say in which output a function differs, and whether in shape or in value."""
    for position in range(len(right)):
        which = f"Output {position + 1}" if len(right) > 1 else "The output"
        for reply, point in zip(outputs, points):
            wanted = interpret(right, point)[position]
            if reply[position] is None:
                return f"{which} is None: a function made by def needs a return."
            if np.shape(reply[position]) != np.shape(wanted):
                return f"{which} has another shape than it should have."
            if not same([reply[position]], [wanted], close):
                return f"{which} has other values than it should have."
    return "What it returns is not what the exercise asks for."


def listed(value: Any, several: bool) -> list[Any]:
    """Return outputs as a list: one that stands alone in a list counts as itself."""
    if several:
        return list(value) if isinstance(value, (list, tuple)) else [value]
    return [value[0]] if isinstance(value, (list, tuple)) and len(value) == 1 else [value]


def arguments(number: int) -> str:
    """Return a number of arguments in words."""
    return "one argument" if number == 1 else f"{number} arguments"


def described(exercise: Exercise) -> str:
    """Return what a function is called with: "x (a scalar) and w (a vector(n))"."""
    return " and ".join(f"{name} (a {each.text})" for name, each in exercise.symbols.items()) or "nothing"
