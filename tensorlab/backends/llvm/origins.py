"""Which line of the loops an instruction comes from, noted while a program is written for the eye.

Floor 4, before `kernels.py` and `steps.py`, which say it; `annotated.py` reads it. A note stands where a debug location would, so it stays
with its instruction whatever block that comes to stand in. Programs that run are written without notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from ...schedule.kernels import Kernel, Product


class Origin(NamedTuple):
    """A line of the loops: a step, and which of its lines: "axis", "line", "store" or "fold" with its number; a product has one, "call"."""

    step: Kernel | Product
    part: str
    number: int


class Note(NamedTuple):
    """Stands where llvmlite looks for a debug location, and is written into the text in its manner."""

    number: int

    def get_reference(self) -> str:
        """Return what is written behind an instruction."""
        return f'!"tl.{self.number}"'


NOTES: ContextVar[list[Origin] | None] = ContextVar("notes", default=None)
"""What the notes of the program that is being written say, in the order of their numbers; None where nobody reads them."""


@contextmanager
def comes_from(builder: Any, step: Kernel | Product, part: str, number: int = 0) -> Iterator[None]:
    """Note that the instructions written within the block come from one line of the loops, if anybody wants to know."""
    notes = NOTES.get()
    if notes is None:
        yield
        return
    before = builder.debug_metadata
    builder.debug_metadata = Note(len(notes))
    notes.append(Origin(step, part, number))
    try:
        yield
    finally:
        builder.debug_metadata = before
