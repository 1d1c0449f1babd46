"""The words log, log1p, log2 and log10.

Floor 4. Read `doubled` and `exponentials` before. x = 2**k m with m between 3/4 and 3/2, f = m - 1 and s = f / (2 + f): then
log m = log((1 + s) / (1 - s)) = 2 s + s**3 L(s**2), and 2 s = f - s f. So log m = f + g with a g that is small beside f, and f, which
is exact, is added last (W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980, and Sun's fdlibm do likewise).
"""

from __future__ import annotations

from math import inf, nan

import numpy as np

from ..values import Value
from . import tables
from .doubled import Doubled
from .scaling import LAYOUTS
from .speech import long

LOWEST = {"float32": int(np.float32(0.75).view(np.int32)), "float64": int(np.float64(0.75).view(np.int64))}
"""The bits of 3/4, where a number passes from one k to the next."""


class Logarithms(Doubled):
    """Logarithms."""

    def taken_apart(self, x: Value, subnormals: bool = True) -> tuple[Value, Value]:
        """Return k as a float, and m, with x = 2**k m and 3/4 <= m < 3/2, for a positive finite x."""
        if self.register_lanes(x.dtype):
            m, k = self.mantissa_by_hardware(x), self.exponent_by_hardware(x)
            return self.where(m < 1, k + 1, k), m
        layout = LAYOUTS[x.dtype]
        shift = layout.digits + 2
        if subnormals:
            tiny = x < layout.smallest
            x = self.where(tiny, x * 2.0**shift, x)
        # the bits of x less those of 3/4: k stands where the exponent does, the digits of m behind it
        distance = self.bits(x) - LOWEST[x.dtype]
        m = self.of_bits((distance & ((1 << layout.digits) - 1)) + LOWEST[x.dtype])
        k = self.small_whole(distance >> layout.digits)
        return self.where(tiny, k - float(shift), k) if subnormals else k, m

    def small_whole(self, whole: Value) -> Value:
        """Return an int of at most 2**20 as a float; many processors cannot cast an int64, so it is written into a float's last digits."""
        dtype = "float64" if whole.dtype == "int64" else "float32"
        rounder = LAYOUTS[dtype].rounder
        bits = int(np.float64(rounder).view(np.int64)) if dtype == "float64" else int(np.float32(rounder).view(np.int32))
        return self.of_bits(whole + bits) - rounder

    def log_rest(self, f: Value, low: Value | None = None) -> Value:
        """Return g = log(1 + f) - f, for 1 + f between 3/4 and 3/2; a tiny `low` is added."""
        s = f / (f + 2)
        z = s * s
        half_square = f * f * 0.5
        curved = half_square + z * self.polynomial(z, tables.LOG[f.dtype])
        return (s * curved if low is None else self.fma(s, curved, low)) - half_square

    def log_at_ends(self, x: Value, result: Value) -> Value:
        """Return a logarithm that is right for 0 < x < inf, made right for all x."""
        result = self.where(x < inf, result, x)  # inf and nan stay what they are
        return self.where(x > 0, result, self.where(x == 0, -inf, self.where(x < 0, nan, x)))

    @long
    def log(self, x: Value) -> Value:
        k, m = self.taken_apart(x)
        f = m - 1
        high, low = tables.LN2[x.dtype]
        result = self.fma(k, high, f + self.log_rest(f, k * low))
        return result if self.register_lanes(x.dtype) else self.log_at_ends(x, result)  # k and m by hardware are right at the ends too

    @long
    def log1p(self, x: Value) -> Value:
        return self.where(x == 0, x, self.log_of_more(x))

    def log_of_more(self, x: Value, low: Value | None = None, twos: Value | None = None) -> Value:
        """Return log((1 + x + low) 2**twos) for a `low` below the last digit of x.

        With u = 1 + x rounded it is log u + log(1 + e / u), where e is what rounding lost; e is tiny, so 1 / u may be rough.
        """
        dtype = x.dtype
        u = x + 1
        e = self.where(x < 1, x - (u - 1), 1 - (u - x))
        if low is not None:
            e = e + low
        k, m = self.taken_apart(u, subnormals=False)
        f = m - 1
        e = e * self.one_over_two_to(self.nearest(k)[1])
        if twos is not None:
            k = k + twos
        high_ln2, low_ln2 = tables.LN2[dtype]
        beside = self.fma(k, low_ln2, self.fma(e * f, f - 1, e))  # e / m, where 1 / m = 1 - f + f**2 for the few digits that count
        return self.log_at_ends(u, self.fma(k, high_ln2, f + self.log_rest(f, beside)))

    @long
    def log2(self, x: Value) -> Value:
        k, m = self.taken_apart(x)
        f = m - 1
        return self.log_at_ends(x, self.log_in_base(f, tables.LOG2_E_PAIR[x.dtype], k))

    @long
    def log10(self, x: Value) -> Value:
        k, m = self.taken_apart(x)
        f = m - 1
        high, low = tables.LOG10_2[x.dtype]
        return self.log_at_ends(x, self.log_in_base(f, tables.LOG10_E_PAIR[x.dtype], k * high, k * low))

    def log_in_base(self, f: Value, unit: tuple[float, ...], k: Value, low: Value | None = None) -> Value:
        """Return k + low + log(1 + f) in another base, whose powers give whole numbers: hence pairs of floats."""
        high, lost = self.product(f, self.number(unit[0], f.dtype))
        beside = self.fma(self.log_rest(f), unit[0], self.fma(f, unit[1], lost if low is None else lost + low))
        total, rest = self.sum_of_ordered(k, high)
        return total + (rest + beside)
