"""What every back end is: from a program to something that can be called on arrays.

Floor 4. `reference` is the meaning of all others: NumPy, one call a step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from ..graph.node import Node
from ..schedule.plan import Program

Runner = Callable[[Sequence[Any]], list[Any]]


class Backend(ABC):
    """A machine that can run programs."""

    name: str

    @abstractmethod
    def compile(self, program: Program) -> Runner:
        """Return a function from the values of the program's leaves to the values of its results."""


class StepError(Exception):
    """Wraps what went wrong while a step ran, with the node that it computed and the values that it was given."""

    def __init__(self, node: Node, values: Sequence[Any], cause: BaseException) -> None:
        super().__init__(str(cause))
        self.node, self.values, self.cause = node, list(values), cause
