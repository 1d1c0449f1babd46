"""The GPU back end, first path: the array functions of CuPy, one call a step.

Floor 4. Read `calls.py` (which names of CuPy are used, all of them), `values.py` (a value that lives on a device), `residence.py` (what is
computed where) and `machine.py` (a program that runs there), in that order. CuPy is imported when the first function asks for a GPU, never
before; `unavailable` says in one sentence what is missing.
"""

from __future__ import annotations

from .calls import unavailable

__all__ = ["unavailable"]
