"""Vectors in LLVM's text: loads and stores under a mask, and two values joined by the word of a fold.

Floor 4. Read `blocks.py` before.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from .blocks import I1, I32, POINTER, VOID, Code
from .values import Value
from .words import Words


def joined(words: Words, combine: str, one: Value, other: Value) -> Value:
    """Join two values with the word of a fold."""
    if combine == "add":
        return one + other
    if combine == "mul":
        return one * other
    if combine in ("and", "or"):
        return one & other if combine == "and" else one | other
    return getattr(words, combine)(one, other)  # type: ignore[no-any-return]


def masked_load(code: Code, address: Any, kind: Any, lanes: int, align: int, mask: Any) -> Any:
    """Read the lanes of a vector that a mask names; the others are 0."""
    vector = ir.VectorType(kind, lanes)
    idle = ir.Constant(vector, [0] * lanes)
    name = f"llvm.masked.load.{suffix(kind, lanes)}.p0"
    function = declared(code, name, ir.FunctionType(vector, [POINTER, I32, ir.VectorType(I1, lanes), vector]))
    return code.builder.call(function, [address, ir.Constant(I32, align), mask, idle])


def masked_store(code: Code, value: Any, address: Any, align: int, mask: Any) -> None:
    """Write the lanes of a vector that a mask names."""
    lanes = value.type.count
    name = f"llvm.masked.store.{suffix(value.type.element, lanes)}.p0"
    function = declared(code, name, ir.FunctionType(VOID, [value.type, POINTER, I32, ir.VectorType(I1, lanes)]))
    code.builder.call(function, [value, address, ir.Constant(I32, align), mask])


def suffix(kind: Any, lanes: int) -> str:
    """Return how LLVM spells a vector type in the name of an intrinsic."""
    return f"v{lanes}{'f32' if isinstance(kind, ir.FloatType) else 'f64' if isinstance(kind, ir.DoubleType) else f'i{kind.width}'}"


def declared(code: Code, name: str, kind: Any) -> Any:
    """Return an external function of the module, declared once."""
    module = code.function.module
    return module.globals[name] if name in module.globals else ir.Function(module, kind, name)
