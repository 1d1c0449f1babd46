"""How the functions of the runtime are written: named fields, atomic steps, loops that are left in the middle, calls to the outside.

Floor 4. Read `blocks.py` before. Atomic steps are sequentially consistent throughout: the pool takes a few of them per call, so a weaker
order would save nothing that could be measured, and would have to be proved right.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

from ..blocks import I8, I32, I64, POINTER, VOID, Code, number, whole
from ..machine import processor

LINE = 16  # 64-bit numbers in 128 bytes: two lines of x86, which fetches them in pairs, one of Apple's processors
LONG = ir.IntType(8 * ctypes.sizeof(ctypes.c_ulong))  # C's unsigned long: 32 bits on Windows
NULL = ir.Constant(POINTER, None)

OUTSIDE = {
    "PyErr_CheckSignals": (I32, []),
    "PyErr_SetString": (VOID, [POINTER, POINTER]),
    "PyErr_NoMemory": (POINTER, []),
    "PyObject_CallNoArgs": (POINTER, [POINTER]),
    "Py_DecRef": (VOID, [POINTER]),
    "PyEval_SaveThread": (POINTER, []),
    "PyEval_RestoreThread": (VOID, [POINTER]),
    "PyMem_RawMalloc": (POINTER, [I64]),
    "PyMem_RawFree": (VOID, [POINTER]),
    "PyThread_allocate_lock": (POINTER, []),
    "PyThread_acquire_lock": (I32, [POINTER, I32]),
    "PyThread_acquire_lock_timed": (I32, [POINTER, I64, I32]),
    "PyThread_release_lock": (VOID, [POINTER]),
    "PyThread_free_lock": (VOID, [POINTER]),
    "PyThread_get_thread_ident": (LONG, []),
    "PyThread_start_new_thread": (LONG, [POINTER, POINTER]),
    "clock_gettime": (I32, [I32, POINTER]),
    "GetTickCount64": (I64, []),
    "tl_parallel": (I32, [POINTER, POINTER, I64, I64]),
    "tl_blas_threads": (I32, []),
    "tl_blas_use_threads": (VOID, [I32]),
    **{f"tl_blas_gemm_{suffix}": (VOID, [POINTER] * 13) for suffix in ("f32", "f64")},
    "tl_run": (I32, [POINTER, POINTER, I64, I64, POINTER]),
    "tl_checkpoint": (I32, [POINTER]),
}  # fmt: skip
"""Functions that the runtime finds elsewhere, with their types. None of those of `PyThread_` and `PyMem_Raw` needs the GIL."""


class Record:
    """Names for 64-bit fields that lie one behind the other.

    Args:
        lines: names, parted by blanks; every text begins a new pair of cache lines, so that what one thread writes all the time does
            not slow down another that reads its neighbours.
    """

    def __init__(self, *lines: str) -> None:
        self.position = {name: LINE * row + column for row, line in enumerate(lines) for column, name in enumerate(line.split())}
        self.size = LINE * len(lines)
        assert all(len(line.split()) <= LINE for line in lines)


class Routine(Code):
    """A function of the runtime being written. Its result is given by `give`."""

    def __init__(self, module: ir.Module, name: str, result: Any, kinds: Sequence[Any], public: bool = True) -> None:
        super().__init__(ir.Function(module, ir.FunctionType(result, kinds), name))
        self.module = module
        self.function.attributes.add("nounwind")
        if not public:
            self.function.linkage = "internal"
        self.arguments = self.function.args
        self._ways_out: list[Any] = []

    # -- numbers and conditions
    def compare(self, one: Any, relation: str, other: Any) -> Any:
        """Compare signed whole numbers, or addresses."""
        if isinstance(one.type, ir.PointerType):
            return self.builder.icmp_unsigned(relation, one, other)
        return self.builder.icmp_signed(relation, one, ir.Constant(one.type, other) if isinstance(other, int) else other)

    def subtract(self, one: Any, other: Any) -> Any:
        """Return the difference of two whole numbers."""
        return self.builder.sub(number(one), number(other))

    def choose(self, condition: Any, one: Any, other: Any) -> Any:
        """Return one of two values."""
        return self.builder.select(condition, number(one), number(other))

    def quotient_up(self, one: Any, other: Any) -> Any:
        """Return the quotient of positive numbers, rounded up."""
        return self.quotient(self.add(one, self.subtract(other, 1)), other)

    def rounded_up(self, one: Any, unit: int) -> Any:
        """Return the next multiple of a unit."""
        return self.times(self.quotient_up(one, whole(unit)), unit)

    # -- variables and fields
    def slot(self, kind: Any, count: int = 1, align: int = 0) -> Any:
        """Return stack memory for `count` values of a type, as an address of anything."""
        slot = super().slot(kind, count, align)
        slot.type = POINTER
        return slot

    def at(self, pointer: Any, index: Any, kind: Any) -> Any:
        """Return the address of element `index` of values of a type, as an address of anything."""
        place = self.builder.gep(pointer, [number(index)], source_etype=kind)
        place.type = POINTER
        return place

    def variable(self, kind: Any, value: Any = None) -> Any:
        """Return a place on the stack that holds a value from here on; LLVM makes a register of it."""
        place = self.slot(kind)
        if value is not None:
            self.store(ir.Constant(kind, value) if isinstance(value, int) else value, place)
        return place

    def raise_by(self, place: Any, step: Any) -> None:
        """Add to a variable."""
        self.store(self.add(self.load(place, I64), step), place)

    def field(self, base: Any, record: Record, name: str) -> Any:
        """Return the address of a field."""
        return self.at(base, record.position[name], I64)

    def get(self, base: Any, record: Record, name: str, kind: Any = I64) -> Any:
        """Read a field."""
        return self.load(self.field(base, record, name), kind)

    def put(self, base: Any, record: Record, **values: Any) -> None:
        """Write fields."""
        for name, value in values.items():
            self.store(number(value), self.field(base, record, name))

    # -- atomic steps
    def seen(self, place: Any) -> Any:
        """Read a number that other threads write."""
        return self.builder.load_atomic(place, "seq_cst", 8, typ=I64)

    def swap(self, place: Any, value: Any) -> Any:
        """Write a number, and return the one before."""
        return self.builder.atomic_rmw("xchg", place, number(value), "seq_cst")

    def change(self, place: Any, step: Any) -> Any:
        """Add to a number, and return the one before."""
        return self.builder.atomic_rmw("add", place, number(step), "seq_cst")

    def replace(self, place: Any, old: Any, new: Any) -> Any:
        """Write a number in the place of a certain other; return whether that one was there."""
        return self.builder.extract_value(self.builder.cmpxchg(place, number(old), number(new), "seq_cst", "seq_cst"), 1)

    # -- control
    @contextmanager
    def forever(self) -> Iterator[None]:
        """Repeat what is written inside, until `leave_if`."""
        inside, after = (self.builder.append_basic_block(f"forever.{part}") for part in ("body", "after"))
        self.builder.branch(inside)
        self.builder.position_at_end(inside)
        self._ways_out.append(after)
        yield
        self.builder.branch(inside)
        self.builder.position_at_end(self._ways_out.pop())

    def leave_if(self, condition: Any) -> None:
        """Leave the innermost `forever` if a condition holds."""
        following = self.builder.append_basic_block("on")
        self.builder.cbranch(condition, self._ways_out[-1], following)
        self.builder.position_at_end(following)

    def give(self, value: Any = None) -> None:
        """Return."""
        if value is None:
            self.builder.ret_void()
        else:
            self.builder.ret(ir.Constant(self.function.return_value.type, value) if isinstance(value, int) else value)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function of this module, or one from outside. Plain numbers become constants of the type that it takes."""
        function = self.module.globals.get(name) or ir.Function(self.module, ir.FunctionType(*OUTSIDE[name]), name)
        passed = [ir.Constant(kind, each) if isinstance(each, int) else each for kind, each in zip(function.function_type.args, arguments)]
        return self.builder.call(function, passed)


def module_named(name: str) -> ir.Module:
    """Return a new module for the machine that this runs on."""
    module = ir.Module(name)
    module.triple = processor()[0]
    return module


def memory(module: ir.Module, name: str, count: int) -> ir.GlobalVariable:
    """Reserve `count` 64-bit numbers, all 0, in a module."""
    kind = ir.ArrayType(I64, count)
    reserved = ir.GlobalVariable(module, kind, name)
    reserved.linkage = "internal"
    reserved.initializer = ir.Constant(kind, None)
    reserved.align = 8 * LINE
    return reserved


def text(module: ir.Module, name: str, words: str) -> ir.GlobalVariable:
    """Keep a C string in a module."""
    content = bytearray(words.encode() + b"\0")
    kind = ir.ArrayType(I8, len(content))
    kept = ir.GlobalVariable(module, kind, name)
    kept.linkage = "internal"
    kept.global_constant = True
    kept.initializer = ir.Constant(kind, content)
    return kept
