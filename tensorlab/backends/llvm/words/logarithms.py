"""The words log, log1p, log2 and log10.

Floor 4. Read `doubled` and `exponentials` before. x = 2**k m with m between sqrt(1/2) and sqrt(2), f = m - 1 and s = f / (2 + f): then
log m = log((1 + s) / (1 - s)) = 2 s + s**3 L(s**2), and 2 s = f - s f. So log m = f + g with a g that is small beside f, and f, which
is exact, is added last (W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980, and Sun's fdlibm do likewise).
"""

from __future__ import annotations

from math import inf, nan, sqrt

import numpy as np

from ..values import Value
from . import tables
from .doubled import Doubled
from .scaling import LAYOUTS
from .speech import long

ROOT_HALF = {"float32": int(np.float32(sqrt(0.5)).view(np.int32)), "float64": int(np.float64(sqrt(0.5)).view(np.int64))}
"""The bits of sqrt(1/2), where a number passes from one k to the next."""


class Logarithms(Doubled):
    """Logarithms."""

    def taken_apart(self, x: Value, subnormals: bool = True) -> tuple[Value, Value, Value]:
        """Return k as a float, m, and k as an int, with x = 2**k m, sqrt(1/2) <= m < sqrt(2), for a positive finite x.

        A subnormal x is scaled first if `subnormals`; the int then belongs to the scaled one.
        """
        dtype, layout = x.dtype, LAYOUTS[x.dtype]
        shift = layout.digits + 2
        if subnormals:
            tiny = x < layout.smallest
            x = self.where(tiny, x * 2.0**shift, x)
        # the bits of x less those of sqrt(1/2): k stands where the exponent does, the digits of m behind it
        distance = self.bits(x) - ROOT_HALF[dtype]
        digits = distance & ((1 << layout.digits) - 1)
        m = self.of_bits(digits + ROOT_HALF[dtype])
        whole = distance >> layout.digits
        k = self.small_whole(whole)
        if subnormals:
            k = self.where(tiny, k - float(shift), k)
        return k, m, whole

    def small_whole(self, whole: Value) -> Value:
        """Return an int of at most 2**20 as a float; many processors cannot cast an int64, so it is written into a float's last digits."""
        dtype = "float64" if whole.dtype == "int64" else "float32"
        rounder = LAYOUTS[dtype].rounder
        bits = int(np.float64(rounder).view(np.int64)) if dtype == "float64" else int(np.float32(rounder).view(np.int32))
        return self.of_bits(whole + bits) - rounder

    def log_rest(self, f: Value, low: Value | None = None) -> Value:
        """Return g = log(1 + f) - f, for 1 + f between sqrt(1/2) and sqrt(2); a tiny `low` is added."""
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
        k, m, _ = self.taken_apart(x)
        f = m - 1
        high, low = tables.LN2[x.dtype]
        return self.log_at_ends(x, self.fma(k, high, f + self.log_rest(f, k * low)))

    @long
    def log1p(self, x: Value) -> Value:
        return self.where(x == 0, x, self.log_of_more(x, None))

    def log_of_more(self, x: Value, low: Value | None) -> Value:
        """Return log(1 + x + low) for a `low` below the last digit of x.

        With u = 1 + x rounded it is log u + log(1 + e / u), where e is what rounding lost; e is tiny, so 1 / u may be rough.
        """
        dtype = x.dtype
        u = x + 1
        e = self.where(x < 1, x - (u - 1), 1 - (u - x))
        if low is not None:
            e = e + low
        k, m, whole = self.taken_apart(u, subnormals=False)
        f = m - 1
        e = e * self.one_over_two_to(whole)
        high_ln2, low_ln2 = tables.LN2[dtype]
        beside = self.fma(k, low_ln2, self.fma(e * f, f - 1, e))  # e / m, where 1 / m = 1 - f + f**2 for the few digits that count
        return self.log_at_ends(u, self.fma(k, high_ln2, f + self.log_rest(f, beside)))

    @long
    def log2(self, x: Value) -> Value:
        k, m, _ = self.taken_apart(x)
        f = m - 1
        return self.log_at_ends(x, self.log_in_base(f, tables.LOG2_E_PAIR[x.dtype], k))

    @long
    def log10(self, x: Value) -> Value:
        k, m, _ = self.taken_apart(x)
        f = m - 1
        high, low = tables.LOG10_2[x.dtype]
        return self.log_at_ends(x, self.log_in_base(f, tables.LOG10_E_PAIR[x.dtype], k * high, k * low))

    def log_in_base(self, f: Value, unit: tuple[float, ...], k: Value, low: Value | None = None) -> Value:
        """Return k + low + log(1 + f) in another base, whose powers give whole numbers: hence pairs of floats."""
        high, lost = self.product(f, self.number(unit[0], f.dtype))
        beside = self.fma(self.log_rest(f), unit[0], self.fma(f, unit[1], lost if low is None else lost + low))
        total, rest = self.sum_of_ordered(k, high)
        return total + (rest + beside)
