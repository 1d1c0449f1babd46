"""`check` and `hint`: from a name and an answer to a verdict. What `%check` and `%hint` call.

Floor 6. Read this after `__init__`; every kind of exercise has a judge of its own in the files below.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ..graph.errors import ChoiceError
from .calls import judge_function
from .declarations import KINDS, Exercise
from .finding import find
from .formulas import Judgement, judge_formula
from .mistakes import UnsolvedError
from .pairs import judge_updates
from .replies import judge_choice, judge_number, judge_shape
from .reporting import listeners
from .tables import judge_table
from .verdict import OPEN, RIGHT, WRONG, Hint, Verdict

VARIABLE = "TENSORLAB_CHECK"
STRICT = "strict"

Judge = Callable[[Exercise, Any, dict[str, Any]], Judgement]
JUDGES: dict[str, Judge] = {
    "expression": judge_formula,
    "gradient": judge_formula,
    "function": judge_function,
    "updates": judge_updates,
    "number": judge_number,
    "shape": judge_shape,
    "table": judge_table,
    "choice": judge_choice,
}
asked: dict[str, int] = {}
"""How many hints of an exercise have been given."""


def check(name: str, answer: Any = ..., names: Mapping[str, Any] | None = None) -> Verdict:
    """Judge an answer to an exercise: the twin of `%check NAME answer`.

    Args:
        name: of the exercise, in a file beside the notebook (see `tl.exercises.load`).
        answer: a formula, function, list of pairs or value, as the exercise asks for; `...` and None mean that there is none yet.
        names: the variables in which the exercise's symbols are looked up; by default those of the caller.

    Returns:
        The verdict, true if the answer is right. It is shown when it is the last line of a cell, and can be printed.

    Raises:
        UnknownExerciseError: no file declares the exercise.
        ExerciseFileError: there is a mistake in the file.
        UnsolvedError: the answer is missing or wrong, and the environment says TENSORLAB_CHECK=strict.

    >>> tl.exercises.load(tl.exercises.examples())
    ['power_rule', 'neuron', 'xor_gate']
    >>> x = T.scalar("x")
    >>> tl.exercises.check("power_rule", 3 * x ** 2)
    ✓ right: power_rule
    >>> tl.exercises.check("power_rule", x ** 2)
    ✗ not yet: power_rule
      Derive x ** 3: the exponent comes down in front as a factor. It is missing.
      One step of help: %hint power_rule
    """
    exercise = find(name)
    if names is None:
        frame = sys._getframe(1)
        names = {**frame.f_globals, **frame.f_locals}
    return told(exercise, judged(exercise, answer, dict(names)))


def judged(exercise: Exercise, answer: Any, names: dict[str, Any]) -> Verdict:
    """Return the verdict on an answer, and tell nobody."""
    if unanswered(answer):
        return Verdict(exercise.name, OPEN, (exercise.question, *options(exercise), help_for(exercise)))
    judgement = JUDGES[exercise.kind](exercise, answer, names)
    if judgement.right:
        return Verdict(exercise.name, RIGHT)
    return Verdict(exercise.name, WRONG, (*judgement.words, help_for(exercise)), judgement.slip, judgement.table)


def not_judged(exercise: Exercise, words: str) -> Verdict:
    """Return the verdict on an answer that has no value: its expression fails."""
    return Verdict(exercise.name, WRONG, (words, help_for(exercise)))


def told(exercise: Exercise, verdict: Verdict) -> Verdict:
    """Tell a verdict to whoever listens, and return it.

    Raises:
        UnsolvedError: it is not right, and the environment wants that to be an error.
    """
    strict = is_strict()
    for listener in listeners:
        listener(exercise, verdict)
    if strict and not verdict:
        found = "no answer yet" if verdict.mark == OPEN else verdict.words[0]
        advice = f"%hint {exercise.name}; without {VARIABLE}={STRICT} the notebook goes on"
        raise UnsolvedError(f"the exercise {exercise.name}", found, advice)
    return verdict


def unanswered(answer: Any) -> bool:
    """Say whether there is no answer yet: `...` or None, or a list of nothing else."""
    if isinstance(answer, (list, tuple)):
        return bool(answer) and all(unanswered(each) for each in answer)
    return answer is None or answer is ...


def options(exercise: Exercise) -> list[str]:
    """Return the lines that list what can be chosen from."""
    return [f"{letter}: {text}" for letter, text in exercise.options.items()]


def help_for(exercise: Exercise) -> str:
    """Return the line that says how to get a hint."""
    return f"One step of help: %hint {exercise.name}"


def is_strict() -> bool:
    """Say whether wrong answers are errors.

    Raises:
        ChoiceError: the environment says something else than strict.
    """
    word = os.environ.get(VARIABLE, "").strip()
    if word not in ("", STRICT):
        raise ChoiceError(f"{VARIABLE}={word}", f"the only word it takes is {STRICT}", f"{VARIABLE}={STRICT}, or no {VARIABLE} at all")
    return word == STRICT


def hint(name: str, number: int | None = None) -> Hint:
    """Return a hint for an exercise: the twin of `%hint NAME`.

    Args:
        name: of the exercise.
        number: which hint, from 1 on; by default the first, and when it is asked again the next, up to the last.

    Raises:
        UnknownExerciseError: no file declares the exercise.
        ChoiceError: there is no hint of that number.

    >>> tl.exercises.load(tl.exercises.examples())
    ['power_rule', 'neuron', 'xor_gate']
    >>> tl.exercises.hint("power_rule", 1)
    hint 1 of 2: power_rule
      Which rule is for powers?
      Another hint: %hint power_rule 2
    """
    exercise = find(name)
    count = len(exercise.hints)
    if number is None:
        number = min(asked.get(exercise.name, 0) + 1, count)
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= count:
        raise ChoiceError(f"hint {number!r} of {exercise.name}", f"it has {count} hints", f"%hint {exercise.name} {count}")
    asked[exercise.name] = number
    return Hint(exercise.name, number, count, exercise.hints[number - 1])


assert JUDGES.keys() == KINDS.keys()
