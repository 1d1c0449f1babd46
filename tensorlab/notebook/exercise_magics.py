"""`%check` and `%hint`: exercises that answer. Their twins are `tl.exercises.check` and `tl.exercises.hint`.

Floor 6, over `exercises/`, which is imported when the first of them is asked for. A wrong answer is shown and the notebook goes on; a name
that no exercise has fails the cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from inspect import getdoc
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.display import display

from ..graph.errors import TensorlabError
from .magic import ReadersMagics, asks_for_help
from .mistakes import MagicError
from .tracebacks import LINE

if TYPE_CHECKING:
    from ..exercises.declarations import Exercise
    from ..exercises.verdict import Verdict


@magics_class
class ExerciseMagics(ReadersMagics):
    """The magics of exercises."""

    @no_var_expand
    @needs_local_scope
    @line_magic
    def check(self, line: str, local_ns: dict[str, Any] | None = None) -> None:
        """Judge an answer to an exercise of this lesson.

        Usage::

            %check power_rule 3 * x ** 2     an expression over your variables
            %check power_rule answer         a variable of yours
            %check power_rule                the variable power_rule, if you have one
            %check power_rule ...            not answered yet: shows the question

        The verdict is one of "right", "not yet" and "open". The notebook goes on in any case, unless the environment says
        TENSORLAB_CHECK=strict.

        In a script: `print(tl.exercises.check("power_rule", 3 * x ** 2))`.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(ExerciseMagics.check))
            return
        from ..exercises.checking import told
        from ..exercises.finding import find

        name, expression = named(line, "check")
        exercise = find(name)
        display(told(exercise, verdict_on(exercise, expression, {**self.variables, **(local_ns or {})})))

    @no_var_expand
    @line_magic
    def hint(self, line: str) -> None:
        """Give a hint for an exercise of this lesson: the first one, and the next one when it is asked again.

        Usage::

            %hint power_rule
            %hint power_rule 2     the second hint

        In a script: `print(tl.exercises.hint("power_rule"))`.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(ExerciseMagics.hint))
            return
        from ..exercises.checking import hint

        name, number = named(line, "hint")
        if number and not number.isdecimal():
            raise MagicError(f"%hint {line.strip()}", f"{number!r} is no number of a hint", f"%hint {name}, or %hint {name} 2")
        display(hint(name, int(number) if number else None))


def named(line: str, magic: str) -> tuple[str, str]:
    """Return the name of the exercise and what stands behind it.

    Raises:
        MagicError: there is no name.
    """
    name, *rest = line.strip().rstrip(";").split(maxsplit=1) or [""]
    if not name:
        raise MagicError(f"%{magic}", "no exercise named", f"%{magic} NAME, with the name that the lesson gives")
    return name.strip("\"'"), "".join(rest)


def register_completion(shell: Any) -> Callable[[], None]:
    """Complete the names of exercises after `%check ` and `%hint `; return what takes that away again."""

    @context_matcher(identifier="tensorlab.exercises")
    def complete_exercises(context: CompletionContext) -> SimpleMatcherResult:
        found = re.search(r"^\s*%(?:check|hint)\s+(\w*)$", context.line_with_cursor[: context.cursor_position])
        if found is None:
            return {"completions": []}
        from ..exercises.finding import known_names

        names = [name for name in known_names() if name.startswith(found[1])]
        return {
            "completions": [SimpleCompletion(name, type="exercise") for name in names],
            "suppress": bool(names),
            "matched_fragment": found[1],
            "ordered": True,
        }

    matchers = shell.Completer.custom_matchers
    matchers.append(complete_exercises)

    def undo() -> None:
        if complete_exercises in matchers:
            matchers.remove(complete_exercises)

    return undo


def verdict_on(exercise: Exercise, expression: str, names: Mapping[str, Any]) -> Verdict:
    """Return the verdict on an expression of the reader; one that fails is an answer that is not right yet."""
    from ..exercises.checking import judged, not_judged
    from ..exercises.replies import letter_of

    name = exercise.name
    if exercise.kind == "choice" and letter_of(exercise, expression):
        return judged(exercise, expression, dict(names))
    if not expression:
        return judged(exercise, names.get(name, ...), dict(names))
    try:
        answer = eval(compile(expression, LINE, "eval"), dict(names))
    except (SyntaxError, NameError) as problem:
        if exercise.kind == "choice":
            return judged(exercise, expression, dict(names))  # which says what can be chosen from
        if isinstance(problem, NameError):
            return not_judged(exercise, f"There is no variable {problem.name or expression} yet.")
        return not_judged(exercise, f"{expression} is no expression of Python.")
    except TensorlabError as problem:
        return not_judged(exercise, f"It raises {type(problem).__name__}: {str(problem).splitlines()[0]}")
    except Exception as problem:
        return not_judged(exercise, f"It raises {type(problem).__name__}.")
    return judged(exercise, answer, dict(names))
