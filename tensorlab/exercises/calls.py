"""Judging what can be called: functions, and truth tables.

Floor 6. Read `formulas` before. A check leaves shared variables as they were, also if the function has updates.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from .mistakes import ExerciseFileError
from .scene import Scene, with_places

ABOVE = 0.5
"""An output above it counts as 1: a neuron never says exactly 0 or 1."""


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


# -- truth tables


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
