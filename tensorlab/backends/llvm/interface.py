"""What a native program is given, and what becomes of its results.

Floor 4. Nothing of LLVM is needed here: a program whose code is on disk is linked without its writer.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...graph.types import TensorType

ENTRY = "tl_program"
"""Name of the function in the object code."""
COUNTED = "tl_counted"
"""Name of the function that is called in its place if calls are counted and timed."""


@dataclass(frozen=True)
class Given:
    """Where the value of a leaf comes from: an argument of the call, or the cell of a shared variable."""

    type: TensorType
    argument: int | None = None
    cell: int | None = None
    only_arrays: bool = False


@dataclass(frozen=True)
class Interface:
    """What a program is given and what becomes of its results.

    Attributes:
        given: per leaf of the schedule that is passed to each run.
        arguments: how many arguments a call has.
        outputs: how many of the results are handed out; the others are the new values of cells.
        targets: which cells those are.
        single: whether the one output is returned itself instead of a list.
        profiled: whether calls are counted and timed (see `timing.py`).
    """

    given: tuple[Given, ...]
    arguments: int
    outputs: int
    targets: tuple[int, ...] = ()
    single: bool = False
    profiled: bool = False
