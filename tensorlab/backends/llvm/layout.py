"""The layout of CPython's and NumPy's objects, held against the running interpreter before any native code is used.

Floor 4. Read `objects.py` for the offsets. If anything differs (another Python, another NumPy, a build without a lock), the reference back
end serves instead.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from functools import cache
from typing import Any

import numpy as np

from .objects import ALIGNED, DATA, DESCRIPTION, FLAGS, IN_ROWS, ITEMS, KIND, LENGTHS, ORDER, OWNED, RANK, SIZE, TYPE, VALUE, WRITEABLE


def field(thing: Any, offset: int, format: str = "q") -> int | float | bytes:
    """Return the number that lies so many bytes behind the start of an object."""
    return struct.unpack(format, ctypes.string_at(id(thing) + offset, struct.calcsize(format)))[0]  # type: ignore[no-any-return]


@cache
def unfit() -> str:
    """Return why native code cannot be used in this interpreter; empty if it can."""
    if sys.implementation.name != "cpython":
        return f"this is {sys.implementation.name}, not CPython"
    if struct.calcsize("P") != 8 or sys.byteorder != "little":
        return "this is no 64-bit machine with the lowest byte first"
    if not getattr(sys, "_is_gil_enabled", lambda: True)() or hasattr(sys, "getobjects"):
        return "this build of Python has other objects (free-threaded or debug)"
    things = ["a", "b", "c"]
    array = np.arange(6.0).reshape(2, 3)
    spare = np.arange(3.0)
    flags = IN_ROWS | OWNED | ALIGNED | WRITEABLE
    checks = (
        field(things, TYPE) == id(list),
        field(things, SIZE) == 3,
        struct.unpack("3q", ctypes.string_at(int(field(things, ITEMS)), 24)) == tuple(map(id, things)),
        field(1.25, VALUE, "d") == 1.25,
        field(np.float64(2.5), VALUE, "d") == 2.5,
        field(np.float32(2.5), VALUE, "f") == 2.5,
        field(np.int64(-7), VALUE) == -7,
        (field(np.True_, VALUE, "?"), field(np.False_, VALUE, "?")) == (True, False),
        field(array, DATA) == array.ctypes.data,
        field(array, RANK, "i") == 2,
        struct.unpack("2q", ctypes.string_at(int(field(array, LENGTHS)), 16)) == (2, 3),
        field(array, DESCRIPTION) == id(array.dtype),
        field(array.dtype, KIND, "i") == array.dtype.num,
        field(array.dtype, ORDER, "c") == b"=",
        field(np.dtype(">f8"), ORDER, "c") == b">",
        int(field(spare, FLAGS, "i")) & flags == flags,
        int(field(array.T, FLAGS, "i")) & flags == ALIGNED | WRITEABLE,
        count_of_one_holder() == 1,
    )
    return "" if all(checks) else "objects lie otherwise in memory than native code expects"


def count_of_one_holder() -> int:
    """Return the count of references, as native code reads it, of an array that only a list holds."""
    cell = [None, np.empty(1)]
    address = struct.unpack("2q", ctypes.string_at(int(field(cell, ITEMS)), 16))[1]
    return int(struct.unpack("i", ctypes.string_at(address, 4))[0])
