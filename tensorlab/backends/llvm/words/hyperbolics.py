"""The words sinh, cosh, arcsinh, arccosh and arctanh; tanh is beside the exponentials.

Floor 4. Read `logarithms` before.
"""

from __future__ import annotations

from math import nan

from ..values import Value
from . import tables
from .logarithms import Logarithms
from .scaling import LAYOUTS
from .speech import long

HIGHEST = {"float32": 89.5, "float64": 710.6}  # sinh and cosh are inf from here up, and 2**(k - 2) is still a number
FAR = {"float32": 2.0**60, "float64": 2.0**500}  # from here up, x**2 may overflow, and 1 is no matter beside x


class Hyperbolics(Logarithms):
    """Hyperbolic functions and their inverses."""

    def exponential_parts(self, size: Value) -> tuple[Value, Value, Value, Value]:
        """Return sinh r, cosh r - 1, and half of sinh and cosh of k ln 2, for size = k ln 2 + r."""
        dtype = size.dtype
        k, whole = self.nearest(size, tables.LOG2_E[dtype][0])
        high, low = tables.LN2[dtype]
        most = self.fma(-k, high, size)
        r = self.fma(-k, low, most)
        lost = self.fma(-k, low, most - r)
        z = r * r
        odd = r + self.fma(z * r, self.polynomial(z, tables.SINH[dtype]), lost)
        even = z * self.polynomial(z, tables.COSH[dtype])
        up = self.two_to(whole - 2)
        down = self.one_over_two_to(whole + 2)
        return odd, even, up - down, up + down

    @long
    def sinh(self, x: Value) -> Value:
        """sinh(k ln 2 + r) = sinh(k ln 2) cosh r + cosh(k ln 2) sinh r; halved until the end, where it may overflow."""
        odd, even, sinh, cosh = self.exponential_parts(self.limited(self.abs(x), None, HIGHEST[x.dtype]))
        half = sinh + self.fma(cosh, odd, sinh * even)
        return self.where(self.abs(x) < LAYOUTS[x.dtype].smallest * 4, x, self.copysign(half + half, x))

    @long
    def cosh(self, x: Value) -> Value:
        """cosh(k ln 2 + r) = cosh(k ln 2) cosh r + sinh(k ln 2) sinh r."""
        odd, even, sinh, cosh = self.exponential_parts(self.limited(self.abs(x), None, HIGHEST[x.dtype]))
        half = cosh + self.fma(sinh, odd, cosh * even)
        return half + half

    @long
    def arcsinh(self, x: Value) -> Value:
        """log(1 + a + a**2 / (1 + sqrt(a**2 + 1))) with a = |x|, which keeps small numbers; log(2 a) where a**2 is too large."""
        size = self.abs(x)
        far = size > FAR[x.dtype]
        square = size * size
        y, low = self.sum_of_ordered(size, square / (self.sqrt(square + 1) + 1))
        return self.where(x == 0, x, self.copysign(self.log_of_more(*self.unless(far, size, y, low)), x))

    @long
    def arccosh(self, x: Value) -> Value:
        """log(1 + t + sqrt(2 t + t**2)) with t = x - 1; log(2 x) where x**2 is too large."""
        t = x - 1
        y, low = self.sum_of_ordered(self.sqrt(self.fma(t, t, t + t)), t)
        found = self.log_of_more(*self.unless(x > FAR[x.dtype], x, y, low))
        return self.where(x < 1, nan, self.where(t == 0, 0, found))

    def unless(self, far: Value, size: Value, y: Value, low: Value) -> tuple[Value, Value, Value]:
        """Return y, low and 0, or where `far` the size, nothing and one factor of 2: arguments of `log_of_more`."""
        zero = self.number(0, size.dtype)
        return self.where(far, size, y), self.where(far, zero, low), self.where(far, 1, zero)

    @long
    def arctanh(self, x: Value) -> Value:
        """log(1 + 2 a / (1 - a)) / 2 with a = |x|."""
        size = self.abs(x)
        below = 1 - size
        twice = size + size
        y = twice / below
        lost = (1 - below) - size  # what 1 - a lost by rounding
        low = self.fma(-y, lost, self.less_product(twice, y, below)) * self.fma(y, 0.5, 1)  # 1 / (1 - a) is 1 + y / 2
        return self.where(x == 0, x, self.copysign(self.log_of_more(y, low) * 0.5, x))
