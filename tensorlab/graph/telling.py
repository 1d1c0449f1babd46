"""Warnings that point at the reader's own line, and what `config.warn_float64` asks for.

Floor 1. Read `place` before.
"""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from ..settings import config
from .errors import DtypeError
from .place import INSIDE, here


def warn_reader(message: str) -> None:
    """Warn at the reader's own line, not at a line of this package."""
    place = here()
    if place is None:
        warnings.warn(message, stacklevel=2)
    else:
        warnings.warn_explicit(message, UserWarning, place.filename, place.line)


def tell_of_float64(made: str, instead: str) -> None:
    """Do what `config.warn_float64` says when something of dtype float64 is made: programs for a GPU want to know where one got in.

    Args:
        made: what is made, as code.
        instead: what could be written for float32.

    Raises:
        DtypeError: the setting is "raise".
    """
    action = config.warn_float64
    if action == "ignore":
        return
    found = f"its dtype is float64, and tl.config.warn_float64 is {action!r} ({config.origin('warn_float64')})"
    if action == "raise":
        raise DtypeError(made, found, instead)
    warn_reader(f"{made}: {found}; try {instead}")
    frame = readers_frame()
    if action == "pdb" and frame is not None:
        from pdb import Pdb  # takes 20 ms, and is wanted by few

        debugger = Pdb()
        debugger.set_trace(frame)
        sys.settrace(None)  # or it would stop in the next line, which is not the reader's
        debugger.set_next(frame)
        sys.settrace(debugger.trace_dispatch)


def readers_frame() -> FrameType | None:
    """Return the nearest frame outside this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(INSIDE):
        frame = frame.f_back
    return frame
