"""Vectors of floating numbers in a routine of the runtime.

Floor 4. Read `writing.py` before.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ..blocks import F32, I32
from ..machine import vector_bytes
from .writing import Routine


class Lanes:
    """Vectors of one floating type, of as many lanes as the processor's registers hold.

    Args:
        code: the function in which they are used.
        real: the type of a lane.
    """

    def __init__(self, code: Routine, real: Any) -> None:
        self.code, self.builder, self.real = code, code.builder, real
        self.bytes = 4 if real == F32 else 8
        self.count = vector_bytes() // self.bytes
        self.kind = ir.VectorType(real, self.count)
        self.zero = ir.Constant(self.kind, [0.0] * self.count)

    def load(self, pointer: Any, index: Any) -> Any:
        """Read the vector that begins at element `index`."""
        return self.code.load(self.code.at(pointer, index, self.real), self.kind, align=self.bytes)

    def store(self, value: Any, pointer: Any, index: Any) -> None:
        """Write the vector that begins at element `index`."""
        self.code.store(value, self.code.at(pointer, index, self.real), align=self.bytes)

    def splat(self, value: Any) -> Any:
        """Return a vector with one value in all lanes."""
        first = self.builder.insert_element(ir.Constant(self.kind, ir.Undefined), value, ir.Constant(I32, 0))
        return self.builder.shuffle_vector(first, ir.Constant(self.kind, ir.Undefined), ir.Constant(ir.VectorType(I32, self.count), None))

    def multiply_add(self, one: Any, other: Any, rest: Any) -> Any:
        """Return one * other + rest of vectors or scalars, rounded once where the processor can do so."""
        return self.builder.call(multiply_add(self.code.module, one.type), [one, other, rest])

    def sum(self, value: Any) -> Any:
        """Return the sum of the lanes, halves by halves."""
        lanes = self.count
        while lanes > 1:
            lanes //= 2
            low, high = (ir.Constant(ir.VectorType(I32, lanes), [first + lane for lane in range(lanes)]) for first in (0, lanes))
            nothing = ir.Constant(value.type, ir.Undefined)
            value = self.builder.fadd(self.builder.shuffle_vector(value, nothing, low), self.builder.shuffle_vector(value, nothing, high))
        return self.builder.extract_element(value, ir.Constant(I32, 0))


def multiply_add(module: ir.Module, kind: Any) -> Any:
    """Declare LLVM's function for x * y + z: fused on every processor that has an instruction for it, apart on the others."""
    lane = kind.element if isinstance(kind, ir.VectorType) else kind
    name = f"llvm.fmuladd.{f'v{kind.count}' if lane is not kind else ''}{'f32' if lane == F32 else 'f64'}"
    return module.globals.get(name) or ir.Function(module, ir.FunctionType(kind, [kind] * 3), name)
