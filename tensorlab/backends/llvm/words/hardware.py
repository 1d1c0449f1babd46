"""Instructions of AVX-512 that do in one step what other processors do in several, with the same bits as a result.

Floor 4. Read `casts` before. LLVM knows them for vectors of one register; here a value of two registers is cut in half and put together
again, which costs nothing in the end.
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

from ..values import Value
from .casts import Casts

REGISTERS = {("float32", 16): "ps.512", ("float32", 8): "ps.256", ("float32", 4): "ps.128"}
REGISTERS |= {("float64", 8): "pd.512", ("float64", 4): "pd.256", ("float64", 2): "pd.128"}
"""What the names of the instructions end in, for a dtype and a number of lanes."""
I32 = ir.IntType(32)
ROUND_AS_USUAL = ir.Constant(I32, 4)  # to nearest, as the thread does
# of a mantissa: between 3/4 and 3/2 (bits 0 and 1), its sign left aside, but nan for a negative number (bits 2 and 3)
MANTISSA = ir.Constant(I32, 0b1111)


class Hardware(Casts):
    """The instructions, for values that they exist for."""

    def register_lanes(self, dtype: str) -> int:
        """Return the lanes of one register of a value of these lanes, 0 if there is no such instruction here."""
        if "avx512" not in self.features:
            return 0
        return next((lanes for lanes in (self.lanes, self.lanes // 2) if (dtype, lanes) in REGISTERS), 0)

    def scaled_by_hardware(self, p: Value, k: Value) -> Value:
        """Return p 2**k."""
        return self.by_registers("scalef", lambda p, k: [p, k, p], p, k)

    def exponent_by_hardware(self, x: Value) -> Value:
        """Return the whole number below log2 |x|, -inf for 0, inf for inf."""
        return self.by_registers("getexp", lambda x: [x, x], x)

    def mantissa_by_hardware(self, x: Value) -> Value:
        """Return m from 3/4 to 3/2 with x = 2**k m; 1 for 0 and inf, nan for a negative number."""
        return self.by_registers("getmant", lambda x: [x, MANTISSA, x], x)

    def by_registers(self, name: str, arguments: Callable[..., list[ir.Value]], *operands: Value) -> Value:
        """Apply an instruction to every register of the operands."""
        builder, dtype = self.builder, operands[0].dtype
        lanes = self.register_lanes(dtype)
        mask = ir.Constant(ir.IntType(max(8, lanes)), -1)
        widest = REGISTERS[dtype, lanes].endswith("512")

        def of_register(*parts: ir.Value) -> ir.Value:
            given = [*arguments(*parts), mask] + [ROUND_AS_USUAL] * widest
            kind = ir.FunctionType(self.ir_type(dtype, lanes), [each.type for each in given])
            return builder.call(self.declared(f"llvm.x86.avx512.mask.{name}.{REGISTERS[dtype, lanes]}", kind), given)

        if lanes == self.lanes:
            return Value(self, of_register(*[each.ir for each in operands]), dtype)
        low, high = [
            of_register(*[builder.shuffle_vector(each.ir, each.ir, places(start, lanes)) for each in operands]) for start in (0, lanes)
        ]
        return Value(self, builder.shuffle_vector(low, high, places(0, self.lanes)), dtype)


def places(start: int, count: int) -> ir.Constant:
    """Return the numbers from `start` on, as the mask of a shuffle."""
    return ir.Constant(ir.VectorType(I32, count), list(range(start, start + count)))
