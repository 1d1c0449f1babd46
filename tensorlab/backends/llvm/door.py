"""The door of a compiled program: what an argument must be to be read at once, and how its elements and lengths are found.

Floor 4. Read `frame.py` before. Read here: arrays of exactly the right dtype and rank that lie row by row; NumPy scalars of the right dtype;
Python's floats and ints where a float64 or a whole scalar is wanted; short lists of them where a float64 vector is. Anything else is
handed on: it may be right, but needs more thought.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from ...graph.types import TensorType, is_integer
from .blocks import BYTES, F64, I8, I32, I64, MEMORY_TYPES, POINTER, whole
from .frame import ALIGNED, DATA, DESCRIPTION, FLAGS, IN_ROWS, ITEMS, KIND, LENGTHS, ORDER, RANK, SIZE, TYPE, VALUE, Frame

LONGEST_LIST = 32  # a list this long is read in 0.1 µs; longer ones are read by NumPy, and need memory
SMALL = 2**31  # whole numbers up to here are taken for floats without asking whether they are exact

Found = tuple[Any, list[Any]]
"""The address of the elements, and the lengths."""


class Door:
    """Reads arguments and shared values."""

    def __init__(self, frame: Frame) -> None:
        self.frame, self.code = frame, frame.code

    def is_kind(self, thing: Any, *entry: Any) -> Any:
        """Say whether an object is exactly of a type that the table names."""
        return self.code.builder.icmp_unsigned("==", self.frame.load(thing, TYPE, POINTER), self.frame.entry(*entry))

    def has_dtype(self, thing: Any, dtype: str) -> Any:
        """Say whether an array has a dtype, in the machine's own byte order. (One dtype may be several objects: pickles make new ones.)"""
        builder, described = self.code.builder, self.frame.load(thing, DESCRIPTION, POINTER)
        wanted = np.dtype(dtype)
        same = builder.icmp_signed("==", self.frame.load(described, KIND, I32), ir.Constant(I32, wanted.num))
        return builder.and_(same, builder.icmp_signed("==", self.frame.load(described, ORDER, I8), ir.Constant(I8, ord(wanted.byteorder))))

    def array(self, thing: Any, wanted: TensorType) -> Found:
        """Read an array that must have a dtype and rank, and lie row by row; its type is known to be NumPy's."""
        frame, builder = self.frame, self.code.builder
        frame.need(self.has_dtype(thing, wanted.dtype))
        frame.need(builder.icmp_signed("==", frame.load(thing, RANK, I32), ir.Constant(I32, wanted.ndim)))
        plain = ir.Constant(I32, IN_ROWS | ALIGNED)
        frame.need(builder.icmp_unsigned("==", builder.and_(frame.load(thing, FLAGS, I32), plain), plain))
        lengths = frame.load(thing, LENGTHS, POINTER) if wanted.ndim else None
        return frame.load(thing, DATA, POINTER), [self.code.load(self.code.at(lengths, axis, I64), I64) for axis in range(wanted.ndim)]

    def argument(self, position: int, wanted: TensorType, only_arrays: bool = False) -> Found:
        """Read an argument of the call."""
        thing = self.code.load(self.code.at(self.frame.arguments, position, POINTER), POINTER)
        numbers = wanted.dtype == "float64" or is_integer(wanted.dtype)
        if not only_arrays and wanted.ndim == 0 and numbers:
            return self._scalar(thing, wanted), []
        if not only_arrays and wanted.ndim == 1 and wanted.dtype == "float64":
            return self._vector(thing, wanted)
        self.frame.need(self.is_kind(thing, "type", "array"))
        return self.array(thing, wanted)

    def _scalar(self, thing: Any, wanted: TensorType) -> Any:
        """Read a number or a 0-d array; returns an address."""
        builder, kind = self.code.builder, MEMORY_TYPES[wanted.dtype]
        address = self.code.slot(POINTER)
        own = self.code.slot(kind)
        self.code.store(own, address)
        done = builder.append_basic_block("read")
        if wanted.dtype == "float64":
            with self.code.when(self.is_kind(thing, "type", "float")):
                self.code.store(self.code.at(thing, VALUE, ir.IntType(8)), address)
                builder.branch(done)
        with self.code.when(self.is_kind(thing, "type", "int")):
            self.code.store(self._whole(thing, wanted.dtype), own)
            builder.branch(done)
        with self.code.when(self.is_kind(thing, "scalar type", wanted.dtype)):
            self.code.store(self.code.at(thing, VALUE, ir.IntType(8)), address)
            builder.branch(done)
        self.frame.need(self.is_kind(thing, "type", "array"))
        self.code.store(self.array(thing, wanted)[0], address)
        builder.branch(done)
        builder.position_at_end(done)
        return self.code.load(address, POINTER)

    def _whole(self, thing: Any, dtype: str) -> Any:
        """Read a Python int as a number of a dtype that holds it exactly."""
        builder = self.code.builder
        overflow = self.code.slot(I32)
        found = self.frame.call("PyLong_AsLongLongAndOverflow", thing, overflow)
        self.frame.need(builder.icmp_signed("==", self.code.load(overflow, I32), ir.Constant(I32, 0)))
        bits = 8 * BYTES[dtype]
        if dtype == "float64":
            low, high = -SMALL, SMALL
        elif dtype.startswith("u"):
            low, high = 0, min(2**bits, 2**63) - 1
        else:
            low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        self.frame.need(builder.icmp_signed(">=", found, whole(low)))
        self.frame.need(builder.icmp_signed("<=", found, whole(high)))
        if dtype == "float64":
            return builder.sitofp(found, F64)
        return found if bits == 64 else builder.trunc(found, ir.IntType(bits))

    def _vector(self, thing: Any, wanted: TensorType) -> Found:
        """Read a short list of floats and ints, or a vector."""
        builder, code = self.code.builder, self.code
        address, length = code.slot(POINTER), code.slot(I64)
        with builder.if_else(self.is_kind(thing, "type", "list")) as (listed, otherwise):
            with listed:
                count = self.frame.load(thing, SIZE, I64)
                self.frame.need(builder.icmp_unsigned("<=", builder.sub(count, whole(1)), whole(LONGEST_LIST - 1)))
                items, own = self.frame.load(thing, ITEMS, POINTER), code.slot(F64, LONGEST_LIST)
                with code.loop(0, count, name="item") as place:
                    item, target = code.load(code.at(items, place, POINTER), POINTER), code.at(own, place, F64)
                    with builder.if_else(self.is_kind(item, "type", "float")) as (real, other):
                        with real:
                            code.store(self.frame.load(item, VALUE, F64), target)
                        with other:
                            self.frame.need(self.is_kind(item, "type", "int"))
                            code.store(self._whole(item, "float64"), target)
                code.store(own, address)
                code.store(count, length)
            with otherwise:
                self.frame.need(self.is_kind(thing, "type", "array"))
                elements, (found,) = self.array(thing, wanted)
                code.store(elements, address)
                code.store(found, length)
        return code.load(address, POINTER), [code.load(length, I64)]
