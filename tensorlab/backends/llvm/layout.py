"""The layout of CPython's and NumPy's objects, held against the running interpreter before any native code is used.

Floor 4. Read `objects.py` for the offsets. If anything differs (another Python, another NumPy, a build without a lock), the reference back
end serves instead.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from .objects import ALIGNED, DATA, DESCRIPTION, FLAGS, IN_ROWS, ITEMS, KIND, LENGTHS, ORDER, OWNED, RANK, SIZE, TYPE, VALUE, WRITEABLE

LOWEST = 1 << 16  # no system puts memory below, so that errors with null pointers are noticed


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
    return "" if all(findings()) else "objects lie otherwise in memory than native code expects"


def findings() -> Iterator[bool]:
    """Yield whether each field is where it is expected. Addresses come last: whoever stops at the first False follows no wrong one."""
    things = ["a", "b", "c"]
    array = np.arange(6.0).reshape(2, 3)
    spare = np.arange(3.0)
    flags = IN_ROWS | OWNED | ALIGNED | WRITEABLE
    yield field(things, TYPE) == id(list)
    yield field(things, SIZE) == 3
    yield field(1.25, VALUE, "d") == 1.25
    yield field(np.float64(2.5), VALUE, "d") == 2.5
    yield field(np.float32(2.5), VALUE, "f") == 2.5
    yield field(np.int64(-7), VALUE) == -7
    yield field(array, DATA) == array.ctypes.data
    yield field(array, RANK, "i") == 2
    yield field(array, DESCRIPTION) == id(array.dtype)
    yield field(array.dtype, KIND, "i") == array.dtype.num
    yield field(array.dtype, ORDER, "c") == b"="
    yield field(np.dtype(">f8"), ORDER, "c") == b">"
    yield int(field(spare, FLAGS, "i")) & flags == flags
    yield int(field(array.T, FLAGS, "i")) & flags == ALIGNED | WRITEABLE
    yield numbers_at(field(array, LENGTHS), 2) == (2, 3)
    yield numbers_at(field(things, ITEMS), 3) == tuple(map(id, things))
    yield count_of_one_holder() == 1


def numbers_at(address: Any, count: int) -> tuple[int, ...]:
    """Return some 64-bit numbers at an address; none if it cannot be one."""
    if address < LOWEST or address % 8:
        return ()
    return struct.unpack(f"{count}q", ctypes.string_at(address, 8 * count))


def count_of_one_holder() -> int:
    """Return the count of references, as native code reads it, of an array that only a list holds."""
    cell = [None, np.empty(1)]
    address = struct.unpack("2q", ctypes.string_at(int(field(cell, ITEMS)), 16))[1]
    return int(struct.unpack("i", ctypes.string_at(address, 4))[0])
