"""The stage on which an answer is judged: the symbols of the exercise as new nodes, the file's own code run over them, and random points.

Floor 6. Read `symbols` and `comparing` before. The reader's nodes are exchanged for the new ones by name, so that it does not matter
whether a name is a symbol or a shared variable, which dtype it has, and whether the cell that made it ran twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np

from .. import tensor as T
from ..graph.convert import as_node
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors, leaves, rebuild
from ..state import SharedVariable
from .comparing import DRAWS, Values, value_at
from .declarations import Exercise
from .mistakes import ExerciseFileError
from .symbols import POINTS, drawn, random_source


class NotFittingError(Exception):
    """What cannot be judged by its values, with what to say about it."""


class Scene:
    """The symbols, code and points of one exercise.

    Attributes:
        exercise: as declared.
        names: the reader's variables.
        symbols: a new node for each declared name, float64 or whole numbers.
    """

    def __init__(self, exercise: Exercise, names: Mapping[str, Any]) -> None:
        self.exercise, self.names = exercise, names
        self.symbols: dict[str, Node] = {
            name: each.symbol(name, "float64" if is_floating(each.type.dtype) else "int64") for name, each in exercise.symbols.items()
        }

    # -- the file's code
    @cached_property
    def defined(self) -> dict[str, Any]:
        """What code of the file may use."""
        space: dict[str, Any] = {"T": T, "tl": import_module("tensorlab"), "np": np, **self.symbols}
        if self.exercise.given:
            with_places(lambda: exec(compile(self.exercise.given, "<given>", "exec"), space), self.exercise, "given")
        return space

    @property
    def called(self) -> dict[Node, str]:
        """The names of nodes that `given` defines."""
        return {value: name for name, value in self.defined.items() if isinstance(value, Node) and name not in self.symbols}

    def value(self, code: str, *keys: str) -> Any:
        """Return the value of an expression of the file.

        Raises:
            ExerciseFileError: it fails.
        """
        return with_places(lambda: eval(compile(code, f"<{'.'.join(keys)}>", "eval"), dict(self.defined)), self.exercise, *keys)

    # -- the reader's nodes
    def translated(self, answer: Any) -> Node:
        """Return a reader's formula over the exercise's own symbols.

        Raises:
            NotFittingError: it is no formula, speaks of something else, or does not fit together.
        """
        if isinstance(answer, str):
            raise NotFittingError("This is a text. Write the formula without quotes.")
        if callable(answer) and not isinstance(answer, Node):
            raise NotFittingError("This is a function. The exercise asks for a formula.")
        if isinstance(answer, (list, tuple, dict)) and not numbers_only(answer):
            raise NotFittingError("This is a list. The exercise asks for one formula.")
        try:
            node = as_node(answer)
        except (TensorlabError, TypeError, ValueError):
            raise NotFittingError("This is no formula. Build one from the symbols of the exercise.") from None
        exchange = self.exchange(node)
        for own, new in exchange.items():
            if own.type.ndim != new.type.ndim:
                name = next(name for name, each in self.symbols.items() if each is new)
                meant = f"a {self.exercise.symbols[name].text}, with {axes(new.type.ndim)}"
                raise NotFittingError(f"{name} has {axes(own.type.ndim)} in your notebook. The exercise means {meant}.")
        for leaf in leaves([node]) if not exchange else ancestors([node], stop_at=exchange.keys()):
            if leaf.op is not None or leaf in exchange or isinstance(leaf, Constant):
                continue
            if isinstance(leaf, SharedVariable):
                exchange[leaf] = Constant(leaf.get_value())
            else:
                known = ", ".join(self.symbols) or "numbers alone"
                other = leaf.known_name or "a symbol without a name"
                raise NotFittingError(f"Your formula speaks of {other}. The answer is made of {known}.")
        try:
            return rebuild([node], exchange)[0]
        except TensorlabError as problem:
            raise NotFittingError(f"The formula does not fit together: {str(problem).splitlines()[0]}") from None

    def exchange(self, answer: Node) -> dict[Node, Node]:
        """Return which of the reader's nodes stand for which symbols: by their variable, and leaves by the name that they bear."""
        found: dict[Node, Node] = {}
        order = ancestors([answer])
        within = set(order)
        for name, symbol in self.symbols.items():
            own = self.names.get(name)
            if isinstance(own, Node) and own in within and not (own is answer and own.op is not None):
                found.setdefault(own, symbol)
        for leaf in order:
            if leaf.op is None and not isinstance(leaf, Constant) and leaf not in found and leaf.known_name in self.symbols:
                found[leaf] = self.symbols[leaf.known_name]
        return found

    def name_of(self, target: Any) -> str | None:
        """Return the declared name that a node of the reader stands for."""
        by_variable = next((name for name in self.symbols if self.names.get(name) is target), None)
        known = getattr(target, "known_name", None)
        return by_variable or (known if known in self.symbols else None)

    # -- points
    def points(self, right: Sequence[Node]) -> list[Values]:
        """Return random points at which the right formulas have values.

        Raises:
            ExerciseFileError: they cannot be computed with the declared lengths.
        """
        random = random_source(self.exercise.name)
        chosen: list[Values] = []
        others: list[Values] = []
        for _ in range(DRAWS):
            values = drawn(self.exercise.symbols, random)
            point = {self.symbols[name]: value for name, value in values.items()}
            results = [value_at(node, point) for node in right]
            if any(result is None for result in results):
                advice = 'lengths that fit: equal letters are equal lengths, x = "vector(n)"'
                key = "symbols" if self.exercise.symbols else "answer"
                raise ExerciseFileError(self.exercise.where(key), "the answer cannot be computed with these lengths", advice)
            (chosen if all(np.all(np.isfinite(result)) for result in results) else others).append(point)
            if len(chosen) == POINTS:
                break
        return [*chosen, *others][:POINTS]


def with_places(run: Any, exercise: Exercise, *keys: str) -> Any:
    """Run code of a file; a failure of it is an error with the file's line.

    Raises:
        ExerciseFileError: it fails.
    """
    try:
        return run()
    except Exception as problem:
        told = str(problem).splitlines()[0] if str(problem) else ""
        advice = f"the same in a notebook, with symbols {', '.join(exercise.symbols) or 'of your own'}, to see the whole error"
        raise ExerciseFileError(exercise.where(*keys), f"it fails with {type(problem).__name__}: {told}", advice) from problem


def numbers_only(values: Any) -> bool:
    """Say whether a list can be an array of numbers."""
    try:
        return bool(np.issubdtype(np.asarray(values).dtype, np.number))
    except (ValueError, TypeError, TensorlabError):
        return False


def axes(number: int) -> str:
    """Return a number of axes in words."""
    return {0: "no axes", 1: "one axis", 2: "two axes"}.get(number, f"{number} axes")
