"""From the text of a program to a builtin that Python can call: symbols, the table, the object code.

Floor 4. Read `frame.py` first. The table belongs to the builtin and keeps alive whatever it holds the address of.
"""

from __future__ import annotations

import ctypes
import json
import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from ...graph.node import Node
from ...laps import lap
from ...schedule.kernels import Schedule
from . import machine
from .cache import keep, kept, key_of
from .interface import COUNTED, ENTRY, Interface
from .machine import emitted
from .objects import API
from .pages import give_back
from .prelude import PRELUDE, prelude
from .signature import Signature

FASTCALL, KEYWORDS = 0x0080, 0x0002  # METH_FASTCALL and METH_KEYWORDS of CPython's methodobject.h
NEW_ARRAY = 93  # position of PyArray_New in NumPy's table of functions (numpy/__multiarray_api.h)
engines: list[Any] = []
"""What must stay loaded: the prelude."""
loading = threading.RLock()
"""Held while symbols are added and engines are made, which LLVM does not do in two threads at once."""


class MethodDef(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = [("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]


class Table(np.ndarray[Any, Any]):
    """The table of a program: 64-bit numbers, and what they are addresses of.

    Behind the numbers lies the definition of the builtin that the table belongs to. CPython looks at it while it frees the builtin, and
    lets go of the table after that; the garbage collector may have cleared all attributes by then (`kept`), but not the memory of an array.
    """

    kept: Any = None


@cache
def add_symbols() -> None:
    """Tell LLVM where the functions are that programs call."""
    from numpy._core import _multiarray_umath  # NumPy publishes its table of functions as a capsule of this module

    from .runtime import load

    load()  # what is common to all programs calls it
    api = ctypes.pythonapi
    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", api))
    functions = ctypes.cast(pointer(_multiarray_umath._ARRAY_API, None), ctypes.POINTER(ctypes.c_void_p))
    llvm.add_symbol("PyArray_New", functions[NEW_ARRAY])
    for name in API:
        if name.startswith("Py") and name != "PyArray_New":
            llvm.add_symbol(name, ctypes.cast(getattr(api, name), ctypes.c_void_p).value)
    llvm.add_symbol("memcpy", ctypes.cast(ctypes.memmove, ctypes.c_void_p).value)  # memmove copies too
    key = key_of("prelude")
    code = kept(key)
    if code is None:
        code = machine.emitted_quickly(prelude())
        keep(key, code)
    engine = machine.loaded(code)
    for name in PRELUDE:
        llvm.add_symbol(name, engine.get_function_address(name))
    engines.append(engine)


@cache
def add_clock() -> None:
    """Tell LLVM where the clock is that profiled programs read."""
    name = "QueryPerformanceCounter" if sys.platform == "win32" else "clock_gettime"
    library = ctypes.WinDLL("kernel32") if sys.platform == "win32" else ctypes.CDLL(None)  # type: ignore[attr-defined, unused-ignore]
    llvm.add_symbol(name, ctypes.cast(getattr(library, name), ctypes.c_void_p).value)


def pack(code: bytes, entries: Sequence[tuple[Any, ...]], nodes: Mapping[Node, int]) -> bytes:
    """Return object code with what its table holds; nodes are written as their numbers."""
    plain = [[kind, nodes[reference] if isinstance(reference, Node) else reference] for kind, reference in entries]
    head = json.dumps(plain).encode()
    return len(head).to_bytes(8, "little") + head + code


def unpack(packed: bytes, nodes: Sequence[Node]) -> tuple[bytes, list[tuple[Any, ...]]]:
    """Return what `pack` was given."""
    end = 8 + int.from_bytes(packed[:8], "little")
    plain = json.loads(packed[8:end])
    return packed[end:], [(kind, nodes[reference] if kind == "constant" else reference) for kind, reference in plain]


class Native:
    """A program that has been loaded."""

    def __init__(self, schedule: Schedule, interface: Interface) -> None:
        self.schedule, self.interface = schedule, interface
        signature = Signature(schedule, interface)
        key = key_of("program", signature.text)
        packed = kept(key) if signature.own else None
        if packed is None:
            from .program import write  # only now: it takes LLVM's writer and all words along

            written = write(schedule, interface)
            lap("write")
            code, self.entries = emitted(written.text), written.entries
            if signature.own:
                keep(key, pack(code, self.entries, signature.nodes))
            lap("optimize and emit")
        else:
            code, self.entries = unpack(packed, list(signature.nodes))
            lap("read from the cache")
        with loading:
            add_symbols()
            if interface.profiled:
                add_clock()
            self._engine = machine.loaded(code)
            self._address = self._engine.get_function_address(COUNTED if interface.profiled else ENTRY)
        if packed is None:
            give_back()
        lap("load")

    @property
    def text(self) -> str:
        """The text for LLVM, for the eye; it is written again when it is asked for."""
        from .program import write

        return write(self.schedule, self.interface).text

    def builtin(
        self, name: str, objects: Mapping[str, Any], cells: Sequence[Any], busy: Sequence[Any], state: Mapping[str, int]
    ) -> Callable[..., Any]:
        """Return a builtin with a table of its own.

        Args:
            name: what it is called.
            objects: "otherwise", the function that takes over whatever is unusual.
            cells, busy: per shared variable its cell, and the `array` that holds its flag.
            state: numbers to start with: "threads", "turn".
        """
        kept: list[Any] = [self, objects, list(cells), list(busy)]
        found = {"nothing": None, **objects}
        memory = np.zeros(len(self.entries) + ctypes.sizeof(MethodDef) // 8, np.uint64)
        table = memory.view(Table)
        for position, (kind, *rest) in enumerate(self.entries):
            reference = rest[0]
            if kind == "object":
                table[position] = id(found[reference])
            elif kind == "type":
                table[position] = id({"array": np.ndarray, "float": float, "int": int, "list": list}[reference])
            elif kind == "scalar type":
                table[position] = id(np.dtype(reference).type)
            elif kind == "constant":
                value = np.ascontiguousarray(reference.value)
                kept.append(value)
                table[position] = value.ctypes.data
            elif kind == "cell":
                table[position] = id(cells[reference])
            elif kind == "busy":
                table[position] = busy[reference].buffer_info()[0]
            else:
                table[position] = state.get(reference, 0)
        signature = f"{name}($module, /, *arguments, **named)\n--\n\nRun the function and return its outputs as fresh arrays."
        definition = MethodDef.from_address(memory.ctypes.data + 8 * len(self.entries))
        texts = name.encode(), signature.encode()
        definition.name, definition.doc = texts
        definition.function, definition.flags = self._address, FASTCALL | KEYWORDS
        table.kept = [*kept, texts]
        prototype = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
        builtin: Callable[..., Any] = prototype(("PyCFunction_NewEx", ctypes.pythonapi))(ctypes.addressof(definition), table, None)
        if ("state", "arenas") in self.entries:
            weakref.finalize(table, free_arenas, memory, self.entries.index(("state", "arenas"))).atexit = False
        return builtin


def free_arenas(table: Any, position: int) -> None:
    """Give back the arenas of a program that is gone."""
    free = ctypes.pythonapi.PyMem_RawFree
    free.argtypes, free.restype = [ctypes.c_void_p], None
    arena = int(table[position])
    while arena:
        following = ctypes.c_uint64.from_address(arena).value
        free(arena)
        arena = following
    table[position] = 0
