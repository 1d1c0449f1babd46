"""The words arcsin, arccos, arctan and arctan2.

Floor 4. Read `doubled` before. Arguments are brought near 0 by identities, where an odd polynomial serves; pi / 4 and its multiples are
sums of two floats.
"""

from __future__ import annotations

from math import inf

from ..values import Value
from . import tables
from .doubled import Doubled
from .speech import long

EDGE = 0.41421356  # tan(pi / 8): from here on, arctan t = pi / 4 + arctan((t - 1) / (t + 1)), whose argument is smaller
SIZES = {"float32": 2.0**96, "float64": 2.0**960}  # beyond, and below 1 over it, sums and exact products may overflow or lose digits


class InverseTrigonometry(Doubled):
    """Angles from their sines, cosines and tangents."""

    @long
    def arctan(self, x: Value) -> Value:
        size = self.abs(x)
        return self.copysign(self.angle_of(size, self.number(1, x.dtype), self.number(False, "bool")), x)

    def angle_of(self, y: Value, x: Value, left: Value) -> Value:
        """Return the angle of the point (x, y) with x, y >= 0, seen in a mirror where `left` (x stands for -x).

        It is a number of quarters of pi plus or minus arctan t with |t| <= tan(pi / 8), where t is a quotient of short and long side, or
        of their difference and sum.
        """
        dtype = x.dtype
        zero = self.number(0, dtype)
        swapped = y > x
        short, long_ = self.where(swapped, x, y), self.where(swapped, y, x)
        middle = short > long_ * EDGE
        difference, difference_low = self.sum_of_ordered(-long_, short)
        total, total_low = self.sum_of_ordered(long_, short)
        top, bottom = self.where(middle, difference, short), self.where(middle, total, long_)
        t = top / bottom
        missing = self.fma(-t, total_low, self.less_product(top, t, bottom) + difference_low)
        t_low = self.where(middle, missing / bottom, zero)  # a short side by a long one is rounded once, and that is enough
        quarters = self.where(middle, 1, zero)
        quarters = self.where(swapped, 2 - quarters, quarters)
        quarters = self.where(left, 4 - quarters, quarters)
        negative = swapped ^ left
        t, t_low = self.where(negative, -t, t), self.where(negative, -t_low, t_low)
        high, low = tables.QUARTER_PI[dtype]
        z = t * t
        rest = self.fma(z * t, self.polynomial(z, tables.ARCTAN[dtype]), self.fma(quarters, low, t_low))
        most, lost = self.sum_of_ordered(quarters * high, t)  # the product is exact; it is larger than t, or 0
        return most + (rest + lost)

    @long
    def arctan2(self, y: Value, x: Value) -> Value:
        dtype = x.dtype
        height, width = self.abs(y), self.abs(x)
        size, most = self.maximum(height, width), SIZES[dtype]
        scale = self.where(size > most, 1 / most, self.where(size < 1 / most, most, self.number(1, dtype)))
        a, b = height * scale, width * scale
        # two zeros are on the axis, two infinities on the diagonal; one infinity makes the other number 0
        endless = self.maximum(a, b) == inf
        a, b = (self.where(endless, self.cast(each == inf, dtype), each) for each in (a, b))
        b = self.where((a == 0) & (b == 0), 1, b)
        angle = self.copysign(self.angle_of(a, b, self.bits(x) < 0), y)
        return self.where((x == x) & (y == y), angle, x + y)

    def arcsin_rest(self, z: Value, s: Value) -> Value:
        """Return arcsin s - s for s**2 = z, 0 <= s <= 1/2."""
        return s * (z * self.polynomial(z, tables.ARCSIN[s.dtype]))

    def sine_near_zero(self, x: Value) -> tuple[Value, Value, Value]:
        """Return whether |x| > 1/2, then an s up to 1/2 with |x| = s, or else arccos |x| = 2 arcsin s, and arcsin s - s."""
        size = self.abs(x)
        large = size > 0.5
        z = self.where(large, self.fma(size, -0.5, 0.5), size * size)
        s = self.where(large, self.sqrt(z), size)
        return large, s, self.arcsin_rest(z, s)

    @long
    def arcsin(self, x: Value) -> Value:
        high, low = tables.HALF_PI[x.dtype][:2]
        large, s, rest = self.sine_near_zero(x)
        most, lost = self.sum_of_ordered(self.number(high, x.dtype), -(s + s))
        return self.copysign(self.where(large, most + (lost + low - (rest + rest)), s + rest), x)

    @long
    def arccos(self, x: Value) -> Value:
        high, low = tables.HALF_PI[x.dtype][:2]
        large, s, rest = self.sine_near_zero(x)
        negative = x < 0
        far = 2 * (s + rest)
        far = self.where(negative, 2 * high - (far - 2 * low), far)
        signed_s, signed_rest = self.where(negative, -s, s), self.where(negative, -rest, rest)
        return self.where(large, far, high - (signed_s - (low - signed_rest)))
