"""Exponents: rounding to a whole number, powers of two, and polynomials; what the bodies of long words are made of.

Floor 4. Read `casts` before. A float is taken apart and put together by whole-number arithmetic on its bits (IEEE 754: a sign, then the
exponent, then the digits behind the point), which every processor does fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llvmlite import ir

from ..values import Value
from .casts import Casts


@dataclass(frozen=True)
class Layout:
    """How a float dtype is laid out: digits behind the point, and the exponent's offset.

    `rounder` is 1.5 times 2**digits: a number below 2**(digits - 1) added to it is rounded to a whole one, whose bits are then its last.
    """

    digits: int
    bias: int

    @property
    def rounder(self) -> float:
        return 1.5 * 2.0**self.digits

    @property
    def one(self) -> int:
        return self.bias << self.digits

    @property
    def smallest(self) -> float:
        """The smallest number that is no subnormal."""
        return 2.0 ** (1 - self.bias)


LAYOUTS = {"float32": Layout(23, 127), "float64": Layout(52, 1023)}
HARDWARE = {("float32", 16): "ps.512", ("float32", 8): "ps.256", ("float32", 4): "ps.128"}
HARDWARE |= {("float64", 8): "pd.512", ("float64", 4): "pd.256", ("float64", 2): "pd.128"}
"""Vectors for which AVX-512 has an instruction that scales by a power of two."""
ROUND_AS_USUAL = 4  # AVX-512: the rounding of the thread, to nearest


class Scaling(Casts):
    """Parts of long words; none of them is a word."""

    def nearest(self, x: Value, scale: float = 1.0) -> tuple[Value, Value]:
        """Return x times a scale rounded to a whole number, as a float, and as bits whose lowest are that number."""
        rounder = LAYOUTS[x.dtype].rounder
        shifted = x + rounder if scale == 1.0 else self.fma(x, scale, rounder)
        return shifted - rounder, self.bits(shifted)

    def polynomial(self, x: Value, coefficients: Sequence[float]) -> Value:
        """Return c0 + c1 x + c2 x**2 + … by Horner's scheme."""
        *below, top = coefficients
        result = self.number(top, x.dtype)
        for coefficient in reversed(below):
            result = self.fma(result, x, coefficient)
        return result

    def two_to(self, whole: Value) -> Value:
        """Return 2**k for the k in the lowest bits of an int; k must be the exponent of a normal number."""
        layout = LAYOUTS["float64" if whole.dtype == "int64" else "float32"]
        return self.of_bits((whole << layout.digits) + layout.one)

    def one_over_two_to(self, whole: Value) -> Value:
        """Return 2**-k, or 0 where that is below all normal numbers; k, at least -1000 (-100), is given as for `two_to`."""
        layout = LAYOUTS["float64" if whole.dtype == "int64" else "float32"]
        return self.of_bits(self.maximum(self.number(layout.one, whole.dtype) - (whole << layout.digits), 0))

    def scaled(self, p: Value, k: Value, whole: Value) -> Value:
        """Return p 2**k, rounded once.

        Args:
            p: between 2**-8 and 2.
            k: a whole number, up to twice the exponents of normal numbers.
            whole: k as bits, as `nearest` gives it.
        """
        if "scalef" in self.features:
            for lanes in (self.lanes, self.lanes // 2):
                if (p.dtype, lanes) in HARDWARE:
                    return self.scaled_by_hardware(p, k, lanes)
        half = self.logical_shift(whole, 1)
        return p * self.two_to(half) * self.two_to(whole - half)  # the first product is exact: half of k is no large exponent

    def logical_shift(self, x: Value, count: int) -> Value:
        """Shift the bits of an int to the right, zeros following."""
        return Value(self, self.builder.lshr(x.ir, self.number(count, x.dtype).ir), x.dtype)

    def scaled_by_hardware(self, p: Value, k: Value, lanes: int) -> Value:
        """Return p 2**k by one instruction for each part of so many lanes: the same number as without it."""
        kind = self.ir_type(p.dtype, lanes)
        mask = ir.IntType(max(8, lanes))
        arguments = [kind, kind, kind, mask] + [ir.IntType(32)] * (lanes * (8 if p.dtype == "float64" else 4) == 64)
        function = self.declared(f"llvm.x86.avx512.mask.scalef.{HARDWARE[p.dtype, lanes]}", ir.FunctionType(kind, arguments))
        rounding = [ir.Constant(ir.IntType(32), ROUND_AS_USUAL)] * (len(arguments) - 4)

        def part(p: ir.Value, k: ir.Value) -> ir.Value:
            return self.builder.call(function, [p, k, p, ir.Constant(mask, -1), *rounding])

        if lanes == self.lanes:
            return Value(self, part(p.ir, k.ir), p.dtype)
        halves = [ir.Constant(ir.VectorType(ir.IntType(32), lanes), list(range(start, start + lanes))) for start in (0, lanes)]
        everything = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), list(range(self.lanes)))
        low, high = [
            part(self.builder.shuffle_vector(p.ir, p.ir, half), self.builder.shuffle_vector(k.ir, k.ir, half)) for half in halves
        ]
        return Value(self, self.builder.shuffle_vector(low, high, everything), p.dtype)
