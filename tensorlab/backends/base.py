"""What every back end is: from a program to something that can be called on arrays.

Floor 4. `reference` is the meaning of all others: NumPy, one line a step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.node import Node
from ..schedule.plan import Program


@dataclass(frozen=True)
class Runner:
    """A program that can be called.

    Attributes:
        run: from the values of the program's given leaves to the values of its results; raises `StepError`.
        fresh: per result, whether its memory certainly belongs to nobody else (an input, a constant, another result).
        source: returns the text of what runs, for the eye.
        takes_elsewhere: whether it takes values of shared variables wherever they live.
    """

    run: Callable[[Sequence[Any]], list[Any]]
    fresh: tuple[bool, ...]
    source: Callable[[], str]
    takes_elsewhere: bool = False


class Backend(ABC):
    """A machine that can run programs."""

    name: str

    @abstractmethod
    def compile(self, program: Program) -> Runner:
        """Return the program as something that can be called."""


def in_rows(value: Any) -> Any:
    """Return an array as native code reads it: row by row, aligned, of the dtype's usual C type (int64 may be `long` or `long long`)."""
    value = np.require(value, requirements=("C", "A"))
    usual = np.dtype(value.dtype.name)
    return value if value.dtype.num == usual.num else value.view(usual)


class StepError(Exception):
    """Wraps what went wrong while a step ran, with the node that it computed and the values that it was given."""

    def __init__(self, node: Node, values: Sequence[Any], cause: Exception) -> None:
        super().__init__(str(cause))
        self.node, self.values, self.cause = node, list(values), cause
