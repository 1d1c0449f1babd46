"""The door of a compiled program: what an argument must be to be read at once, and how its elements and lengths are found.

Floor 4. Read `frame.py` and `prelude.py` before. Read here: arrays of exactly the right dtype and rank that lie row by row; NumPy scalars
of the right dtype; Python's floats and ints where a float64 or a whole scalar is wanted; short lists of them where a float64 vector is.
Anything else is handed on: it may be right, but needs more thought.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from ...graph.types import TensorType, is_integer
from .blocks import BYTES, F64, I8, I32, I64, POINTER, whole
from .frame import Frame
from .objects import ALIGNED, IN_ROWS, LENGTHS, NULL
from .prelude import LONGEST_LIST

Found = tuple[Any, list[Any]]
"""The address of the elements, and the lengths."""


def dtype_codes(dtype: str) -> tuple[ir.Constant, ir.Constant]:
    """Return NumPy's number of a dtype and its byte order. (One dtype may be several objects: pickles make new ones.)"""
    found = np.dtype(dtype)
    return ir.Constant(I32, found.num), ir.Constant(I8, ord(found.byteorder))


class Door:
    """Reads arguments and shared values."""

    def __init__(self, frame: Frame) -> None:
        self.frame, self.code = frame, frame.code

    def array(self, thing: Any, wanted: TensorType) -> Found:
        """Read an array that must have a dtype and rank, and lie row by row."""
        frame, rank = self.frame, ir.Constant(I32, wanted.ndim)
        plain = ir.Constant(I32, IN_ROWS | ALIGNED)
        found = self._read("tl_elements", thing, frame.entry("type", "array"), *dtype_codes(wanted.dtype), rank, plain)
        lengths = frame.load(thing, LENGTHS, POINTER) if wanted.ndim else None
        return found, [self.code.load(self.code.at(lengths, axis, I64), I64) for axis in range(wanted.ndim)]

    def _read(self, name: str, *arguments: Any) -> Any:
        """Call a function of the prelude that returns an address, and hand on if it finds none."""
        found = self.frame.call(name, *arguments)
        self.frame.need(self.code.builder.icmp_unsigned("!=", found, NULL))
        return found

    def argument(self, position: int, wanted: TensorType, only_arrays: bool = False) -> Found:
        """Read an argument of the call."""
        thing = self.code.load(self.code.at(self.frame.arguments, position, POINTER), POINTER)
        if not only_arrays and wanted.ndim == 0:
            return self._scalar(thing, wanted.dtype), []
        if not only_arrays and wanted.ndim == 1 and wanted.dtype == "float64":
            return self._vector(thing)
        return self.array(thing, wanted)

    def _scalar(self, thing: Any, dtype: str) -> Any:
        """Read a number or a 0-d array."""
        entry = self.frame.entry
        numpy_types = entry("scalar type", dtype), entry("type", "array")
        if dtype == "float64":
            own = self.code.slot(F64)
            return self._read("tl_real", thing, entry("type", "float"), entry("type", "int"), *numpy_types, *dtype_codes(dtype), own)
        if not is_integer(dtype):  # a Python float may lose digits in a float32, which is a question of settings
            return self._read("tl_numpy_scalar", thing, *numpy_types, *dtype_codes(dtype))
        own, bits = self.code.slot(I64), 8 * BYTES[dtype]  # the lowest byte lies first, so a shorter number is read at the same address
        low, high = (0, min(2**bits, 2**63) - 1) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return self._read("tl_scalar", thing, entry("type", "int"), *numpy_types, *dtype_codes(dtype), whole(low), whole(high), own)

    def _vector(self, thing: Any) -> Found:
        """Read a short list of floats and ints, or a vector."""
        entry, length, own = self.frame.entry, self.code.slot(I64), self.code.slot(F64, LONGEST_LIST)
        types = [entry("type", each) for each in ("list", "float", "int", "array")]
        found = self._read("tl_reals", thing, *types, *dtype_codes("float64"), own, length)
        return found, [self.code.load(length, I64)]
