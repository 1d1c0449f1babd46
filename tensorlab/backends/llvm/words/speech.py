"""How words are spoken: constants, types, intrinsics, and long words written once per module and called.

Floor 4. Read `values` before. The rooms beside this file add the words themselves. Nothing here is fast-math: every operation rounds
as IEEE 754 says, and a fused multiply-add stands only where a body asks for one, so results are the same in every lane, in scalars
and in vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
from llvmlite import ir

from ....graph.promotion import numpy_dtype
from ..machine import processor
from ..values import Value

INTEGERS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}
"""Bits of the whole numbers."""
FLOATS = {"float32": ir.FloatType(), "float64": ir.DoubleType()}
SHORT = {"float32": "f32", "float64": "f64", "bool": "i1", **{name: f"{name[0]}{bits}" for name, bits in INTEGERS.items()}}
"""Names of dtypes in the names of functions."""


def native_features() -> frozenset[str]:
    """Return what the processor that this runs on can do, as far as the words care: "fma", "avx512"."""
    triple, _, features = processor()
    has = set(features.split(","))
    found = set()
    if "+fma" in has or triple.partition("-")[0] in ("aarch64", "arm64", "powerpc64le", "s390x", "riscv64"):  # all of these fuse always
        found.add("fma")
    if {"+avx512f", "+avx512vl", "+avx512dq"} <= has:
        found.add("avx512")
    return frozenset(found)


class Speech:
    """What every room stands on.

    Attributes:
        module: where intrinsics and long words are declared.
        lanes: elements in a value; 1 speaks scalars.
        builder: where instructions go; the caller sets it before speaking.
        inline: whether calls of long words are marked to be inlined (True) or never (False).
        features: what the target can do, see `native_features`.
    """

    builder: ir.IRBuilder

    def __init__(self, module: ir.Module, lanes: int, inline: bool = True, features: frozenset[str] | None = None) -> None:
        self.module, self.lanes, self.inline = module, lanes, inline
        self.features = native_features() if features is None else features
        self.fused = "fma" in self.features
        self._constants: dict[tuple[Any, str], Value] = {}
        self._types: dict[str, ir.Type] = {}

    def ir_type(self, dtype: str, lanes: int | None = None) -> ir.Type:
        """Return the type of a value in a register; a bool is i1 there."""
        if lanes is None and dtype in self._types:
            return self._types[dtype]
        element = FLOATS.get(dtype) or ir.IntType(1 if dtype == "bool" else INTEGERS[dtype])
        count = self.lanes if lanes is None else lanes
        made = element if count == 1 else ir.VectorType(element, count)
        if lanes is None:
            self._types[dtype] = made
        return made

    def value(self, value: ir.Value, dtype: str) -> Value:
        """Return an LLVM value as a value of these words."""
        return Value(self, value, dtype)

    def number(self, number: Any, dtype: str) -> Value:
        """Return a number in every lane.

        Raises:
            OverflowError: a whole number does not fit the dtype.
        """
        number = float(number) if dtype in FLOATS else bool(number) if dtype == "bool" else int(number)
        key = (number.hex() if dtype in FLOATS else number, dtype)  # 0.0 and -0.0 are equal, but not the same constant
        known = self._constants.get(key)
        if known is None:
            if dtype in INTEGERS and not np.iinfo(dtype).min <= number <= np.iinfo(dtype).max:
                raise OverflowError(f"Python integer {number} out of bounds for {dtype}")
            stored = float(np.float32(number)) if dtype == "float32" else number
            kind = self.ir_type(dtype)
            constant = ir.Constant(kind, stored if self.lanes == 1 else [stored] * self.lanes)
            known = self._constants[key] = Value(self, constant, dtype, stored)
        return known

    def meet(self, *operands: Any) -> list[Value]:
        """Return operands in their common dtype; Python numbers are weak, as in NumPy 2."""
        dtypes = [each.dtype if isinstance(each, Value) else each.dtype.name for each in operands if isinstance(each, (Value, np.generic))]
        common = dtypes[0] if len(set(dtypes)) == 1 else numpy_dtype(tuple(dtypes)) if dtypes else "bool"
        for each in operands:
            if not isinstance(each, (Value, np.generic)):
                common = beside_number(each, common)
        return [self.cast(each, common) if isinstance(each, Value) else self.number(each, common) for each in operands]

    def floating(self, *operands: Any) -> list[Value]:
        """Return operands in their common floating dtype; whole numbers alone become float64."""
        met = self.meet(*operands)
        return met if met[0].dtype in FLOATS else [self.cast(each, "float64") for each in met]

    def intrinsic(self, name: str, *operands: Value, dtype: str | None = None) -> Value:
        """Call one of LLVM's intrinsics whose name ends in the type of its first operand."""
        kind = operands[0].ir.type
        suffix = f"v{self.lanes}" if self.lanes > 1 else ""
        suffix += {"float32": "f32", "float64": "f64"}.get(operands[0].dtype) or str(getattr(kind, "element", kind))
        result = dtype or operands[0].dtype
        function_type = ir.FunctionType(self.ir_type(result), [each.ir.type for each in operands])
        function = self.declared(f"{name}.{suffix}", function_type)
        return Value(self, self.builder.call(function, [each.ir for each in operands]), result)

    def declared(self, name: str, kind: ir.FunctionType) -> ir.Function:
        """Return a function of the module, declared if it is not there yet."""
        return self.module.globals.get(name) or ir.Function(self.module, kind, name)

    def call(self, word: str, body: Callable[..., Value], *operands: Value) -> Value:
        """Call a long word, whose function is written into the module at its first use."""
        kinds = [each.dtype for each in operands]
        name = f"tl.{word}.{SHORT[kinds[0]]}.{self.lanes}"
        function = self.module.globals.get(name) or self.written(name, body, kinds)
        call = self.builder.call(function, [each.ir for each in operands], attrs=("alwaysinline" if self.inline else "noinline",))
        return Value(self, call, kinds[0])

    def written(self, name: str, body: Callable[..., Value], dtypes: Sequence[str]) -> ir.Function:
        """Write a long word as a private function of the module; its result has the dtype of its first operand."""
        function = ir.Function(self.module, ir.FunctionType(self.ir_type(dtypes[0]), [self.ir_type(each) for each in dtypes]), name)
        function.linkage = "internal"
        function.attributes.add("nounwind")
        function.attributes.add("readnone")
        outside = getattr(self, "builder", None)
        self.builder = ir.IRBuilder(function.append_basic_block())
        result = body(self, *[Value(self, argument, dtype) for argument, dtype in zip(function.args, dtypes)])
        self.builder.ret(result.ir)
        if outside is not None:
            self.builder = outside
        return function


def with_aligned_stack(function: ir.Function) -> ir.Function:
    """Make a function align its stack to whole vectors.

    LLVM decides too late that it needs stack slots for vectors; without this they lie at any multiple of 16 bytes, half of them across
    two cache lines, and a kernel runs up to twice as long, depending on where the stack of the process happens to begin.
    """
    set.add(function.attributes, '"stackrealign"')  # llvmlite's own check knows no attributes in quotes
    return function


def beside_number(number: Any, strong: str) -> str:
    """Return the common dtype of a Python number and what stands beside it."""
    if isinstance(number, bool) or strong in FLOATS:
        return strong
    if isinstance(number, float):
        return "float64"
    return "int64" if strong == "bool" else strong


def long(body: Callable[..., Value]) -> Any:
    """Make a word of floats out of its body: operands meet, and the body is written once per module, dtype and lanes, and called."""

    @wraps(body)
    def spoken(self: Speech, *operands: Any) -> Value:
        return self.call(body.__name__, body, *self.floating(*operands))

    return spoken
