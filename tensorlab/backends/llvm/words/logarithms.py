"""The words log and log1p.

Floor 4. Read `exponentials` before. x = 2**k m with m between sqrt(1/2) and sqrt(2), f = m - 1 and s = f / (2 + f): then
log m = log((1 + s) / (1 - s)) = 2 s + s R(s**2), and 2 s = f - s f. What is left of f is kept apart from the rest, which is smaller,
until the last addition (W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980, and Sun's fdlibm do likewise).
"""

from __future__ import annotations

from math import inf, nan, sqrt

import numpy as np

from ..values import Value
from . import tables
from .scaling import LAYOUTS, Scaling
from .speech import long

ROOT_HALF = {"float32": int(np.float32(sqrt(0.5)).view(np.int32)), "float64": int(np.float64(sqrt(0.5)).view(np.int64))}
"""The bits of sqrt(1/2), where a number passes from one k to the next."""


class Logarithms(Scaling):
    """Logarithms."""

    def taken_apart(self, x: Value, subnormals: bool = True) -> tuple[Value, Value, Value]:
        """Return k as a float, m, and k as an int, with x = 2**k m, sqrt(1/2) <= m < sqrt(2), for a positive finite x."""
        dtype, layout = x.dtype, LAYOUTS[x.dtype]
        shift = layout.digits + 2
        if subnormals:
            tiny = x < layout.smallest
            x = self.where(tiny, x * 2.0**shift, x)
        # the bits of x less those of sqrt(1/2): k is in the exponent's place, the digits of m behind it
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
        layout = LAYOUTS[dtype]
        rounder = int(np.float64(layout.rounder).view(np.int64)) if dtype == "float64" else int(np.float32(layout.rounder).view(np.int32))
        return self.of_bits(whole + rounder) - layout.rounder

    def log_of_parts(self, k: Value, f: Value, low: Value | None = None) -> Value:
        """Return k ln 2 + log(1 + f) for 1 + f between sqrt(1/2) and sqrt(2); `low` is added."""
        dtype = f.dtype
        s = f / (f + 2)
        z = s * s
        half_square = f * f * 0.5
        rest = half_square + z * self.polynomial(z, tables.LOG[dtype])
        high_ln2, low_ln2 = tables.LN2[dtype]
        small = self.fma(s, rest, k * low_ln2 if low is None else self.fma(k, low_ln2, low))
        return self.fma(k, high_ln2, f - (half_square - small))

    @long
    def log(self, x: Value) -> Value:
        k, m, _ = self.taken_apart(x)
        return self.log_at_ends(x, self.log_of_parts(k, m - 1))

    def log_at_ends(self, x: Value, result: Value) -> Value:
        """Return a logarithm that is right for 0 < x < inf, made right for all x."""
        result = self.where(x < inf, result, x)  # inf and nan stay what they are
        return self.where(x > 0, result, self.where(x == 0, -inf, self.where(x < 0, nan, x)))

    @long
    def log1p(self, x: Value) -> Value:
        """With u = 1 + x rounded, log(1 + x) = log u + log(1 + e / u), where e is what rounding lost; e is tiny, so 1 / u may be rough."""
        dtype = x.dtype
        u = x + 1
        e = self.where(x < 1, x - (u - 1), 1 - (u - x))
        k, m, whole = self.taken_apart(u, subnormals=False)
        f = m - 1
        # e / u = 2**-k e / m, and 1 / m = (1 - s) / (1 + s) is about 1 - f + f**2 for the few digits that count
        scale = self.maximum(self.number(LAYOUTS[dtype].one, whole.dtype) - (whole << LAYOUTS[dtype].digits), 0)  # 2**-k; 0 for the largest
        e = e * self.of_bits(scale)
        result = self.log_of_parts(k, f, self.fma(e * f, f - 1, e))
        return self.where(x == 0, x, self.log_at_ends(u, result))
