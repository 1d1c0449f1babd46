"""The words power and cbrt.

Floor 4. Read `logarithms` and `integers` before. x**y = 2**(y log2 |x|): an error of log2 |x| grows by up to 1000 times in the exponent, so
in float64 the logarithm is a pair of floats; in float32 it is a float64.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

from ..values import Value
from . import tables
from .doubled import Pair
from .logarithms import Logarithms
from .speech import FLOATS, long

BEYOND = 1100.0  # 2**x is 0 or inf from here on, and k is still small enough for `scaled`


class Powers(Logarithms):
    """Powers and the cube root."""

    def power(self, x: Any, y: Any) -> Value:
        x, y = self.meet(x, y)
        if x.dtype == "bool":
            x, y = self.cast(x, "int8"), self.cast(y, "int8")
        if x.dtype not in FLOATS:
            return self.whole_power(x, y)
        if y.number is not None:
            known = self.known_power(x, y.number)
            if known is not None:
                return known
        return self.float_power(x, y)

    def known_power(self, x: Value, exponent: float) -> Value | None:
        """Return a power that is cheaper than the general one and no worse, or None."""
        if exponent == 0.5:
            return self.where(x == -inf, inf, self.sqrt(x + 0.0))  # the power of -0.0 is 0.0, its square root is -0.0
        simple = {0: lambda: self.number(1, x.dtype), 1: lambda: x, 2: lambda: x * x, 3: lambda: x * x * x, -1: lambda: 1 / x}
        return simple[exponent]() if exponent in simple else None

    def float_power(self, x: Any, y: Any) -> Value:
        return self.call("power", Powers.power_body, *self.floating(x, y))

    def power_body(self, x: Value, y: Value) -> Value:
        size = self.abs(x)
        if x.dtype == "float32":
            exponent = self.limited(self.cast(y, "float64") * self.rough_log2(self.cast(size, "float64")), -BEYOND, BEYOND)
            k, whole = self.nearest(exponent)
            result = self.cast(self.scaled(self.polynomial(exponent - k, tables.EXP2["float64"]), k, whole), "float32")
        else:
            result = self.two_to_pair(*self.times_log2(y, size))
        return self.power_at_ends(x, y, size, result)

    def rough_log2(self, size: Value) -> Value:
        """Return log2 of a float64 that is no subnormal, with an error below 2**-50: enough for a float32."""
        k, m = self.taken_apart(size, subnormals=False)
        f = m - 1
        e = self.fma(f + self.log_rest(f), tables.LOG2_E["float64"][0], k)
        return self.where((size > 0) & (size < inf), e, self.where(size == 0, -inf, size))

    def times_log2(self, y: Value, size: Value) -> Pair:
        """Return y log2(size) as a pair, with an error of at most 2**-65 of it."""
        dtype = size.dtype
        k, m = self.taken_apart(size)
        number = lambda value: self.number(value, dtype)  # noqa: E731
        # s = (m - 1) / (m + 1) as a pair, by one division: what it leaves is multiplied with the reciprocal
        f, d = m - 1, m + 1
        d_low = m - (d - 1)
        reciprocal = 1 / d
        s = f * reciprocal
        s_low = reciprocal * self.fma(-s, d_low, self.less_product(f, s, d))
        # atanh s = s + s v with v = s**2 (1/3 + s**2 P(s**2)), as pairs but for P
        z, z_low = self.product(s, s)
        z_low = self.fma(s + s, s_low, z_low)
        third, third_low = tables.THIRD[dtype]
        q, q_low = self.sum_of_ordered(number(third), z * self.polynomial(z, tables.LOG_TAIL[dtype]))
        q_low = q_low + third_low
        v, v_low = self.product(z, q)
        v_low = v_low + self.fma(z, q_low, z_low * q)
        p, p_low = self.product(s, v)
        p_low = p_low + self.fma(s, v_low, s_low * v)
        h, h_low = self.sum_of_ordered(s, p)
        h_low = h_low + (s_low + p_low)
        # log2 m = 2 / ln 2 atanh s
        unit, unit_low = tables.TWO_OVER_LN2[dtype]
        g, g_low = self.product(h, number(unit))
        g_low = g_low + self.fma(h, unit_low, h_low * unit)
        e, e_low = self.sum_of_ordered(k, g)
        e_low = e_low + g_low
        usual = (size > 0) & (size < inf)
        e = self.where(usual, e, self.where(size == 0, -inf, size))
        if not self.fused:  # exact products by halves overflow; so large a power is 0, 1 or inf in any case
            y = self.limited(y, -(2.0**100), 2.0**100)
        high, low = self.product(y, e)
        return high, self.fma(y, e_low, low)

    def two_to_pair(self, high: Value, low: Value) -> Value:
        """Return 2**(high + low)."""
        low = self.where(self.abs(high) < BEYOND, low, 0)
        high = self.limited(high, -BEYOND, BEYOND)
        k, whole = self.nearest(high)
        return self.scaled(self.polynomial((high - k) + low, tables.EXP2[high.dtype]), k, whole)

    def power_at_ends(self, x: Value, y: Value, size: Value, result: Value) -> Value:
        """Return the power with its sign, and what C's standard says of special numbers (ISO C, annex F.10.4.4)."""
        half = y * 0.5
        is_whole = self.rint(y) == y
        is_odd = is_whole & (self.rint(half) != half)
        negative = self.bits(x) < 0
        result = self.where(is_odd & negative, -result, result)
        result = self.where((x < 0) & (x > -inf) & ~is_whole & (y == y), nan, result)
        is_one = (x == 1) | (y == 0) | ((x == -1) & (self.abs(y) == inf))
        return self.where(is_one, 1, result)

    @long
    def cbrt(self, x: Value) -> Value:
        """x = 2**(3 j + i) m: a polynomial for the root of m, one step of Halley's method with an exact cube, and 2**j."""
        dtype = x.dtype
        size = self.abs(x)
        k, m = self.taken_apart(size)
        j, whole = self.nearest(k, 1 / 3)
        i = self.fma(j, -3.0, k)
        below, above = tables.CBRT_2[dtype]
        rough = self.polynomial(m - 1, tables.CBRT[dtype])
        rough = self.where(i > 0, rough * above, self.where(i < 0, rough * below, rough))
        target = self.where(i > 0, m * 2, self.where(i < 0, m * 0.5, m))
        square, square_low = self.product(rough, rough)
        cube, cube_low = self.product(square, rough)
        miss = (cube - target) + self.fma(square_low, rough, cube_low)
        root = rough - rough * miss / (cube + cube + target)
        result = self.copysign(root * self.two_to(whole), x)
        return self.where((size > 0) & (size < inf), result, x)

