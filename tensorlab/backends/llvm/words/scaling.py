"""Exponents: rounding to a whole number, powers of two, and polynomials; what the bodies of long words are made of.

Floor 4. Read `hardware` before. A float is taken apart and put together by whole-number arithmetic on its bits (IEEE 754: a sign, then the
exponent, then the digits behind the point), which every processor does fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..values import Value
from .hardware import Hardware


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

class Scaling(Hardware):
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
        if self.register_lanes(p.dtype):
            return self.scaled_by_hardware(p, k)
        half = self.logical_shift(whole, 1)
        return p * self.two_to(half) * self.two_to(whole - half)  # the first product is exact: half of k is no large exponent

    def logical_shift(self, x: Value, count: int) -> Value:
        """Shift the bits of an int to the right, zeros following."""
        return Value(self, self.builder.lshr(x.ir, self.number(count, x.dtype).ir), x.dtype)
