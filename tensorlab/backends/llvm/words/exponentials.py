"""The words exp, exp2, expm1, sigmoid and tanh.

Floor 4. Read `scaling` before. All split x = k ln 2 + r with a whole number k and |r| <= ln 2 / 2, so that e**x = 2**k e**r: e**r is a
polynomial, and 2**k is written into the exponent's bits.
"""

from __future__ import annotations

from ..values import Value
from . import tables
from .scaling import LAYOUTS, Scaling
from .speech import long

EXP_RANGE = {"float32": (-104.0, 89.0), "float64": (-746.0, 710.0)}
"""Beyond these e**x is 0 or inf in the dtype; at them it is already."""
EXP2_RANGE = {"float32": (-151.0, 129.0), "float64": (-1076.0, 1025.0)}
EXPM1_LOWEST = {"float32": -20.0, "float64": -40.0}  # e**x - 1 is -1 from here down: e**x is below half a unit in the last place


class Exponentials(Scaling):
    """Exponential functions."""

    @long
    def exp(self, x: Value) -> Value:
        return self.exp_within(self.limited(x, *EXP_RANGE[x.dtype]))

    def exp_within(self, x: Value) -> Value:
        """Return e**x for x within EXP_RANGE, or nan."""
        k, whole = self.nearest(x, tables.LOG2_E[x.dtype][0])
        high, low = tables.LN2[x.dtype]
        r = self.fma(-k, low, self.fma(-k, high, x))
        return self.scaled(self.exp_near(r), k, whole)

    def exp_near(self, r: Value) -> Value:
        """Return e**r for |r| <= ln 2 / 2. 1 is added last, to something small, so that little more than this is rounded."""
        return 1 + self.fma(r * r, self.polynomial(r, tables.EXP[r.dtype]), r)

    def decay(self, size: Value) -> Value:
        """Return e**-size for a size that is not negative. Words that begin so share it when they are spoken of one number."""
        return self.exp_within(self.limited(-size, EXP_RANGE[size.dtype][0], None))

    @long
    def exp2(self, x: Value) -> Value:
        x = self.limited(x, *EXP2_RANGE[x.dtype])
        k, whole = self.nearest(x)
        return self.scaled(self.polynomial(x - k, tables.EXP2[x.dtype]), k, whole)

    @long
    def expm1(self, x: Value) -> Value:
        """2**k (e**r - 1) + (2**k - 1), halved until the end, so that 2**k does not overflow before the result does."""
        dtype = x.dtype
        inside = self.limited(x, EXPM1_LOWEST[dtype], EXP_RANGE[dtype][1])
        k, whole = self.nearest(inside, tables.LOG2_E[dtype][0])
        high, low = tables.LN2[dtype]
        most = self.fma(-k, high, inside)
        r = self.fma(-k, low, most)
        lost = self.fma(-k, low, most - r)  # what r lost by rounding counts where the result is smaller than 1
        p = r + self.fma(r * r, self.polynomial(r, tables.EXPM1[dtype]), lost)
        half = self.two_to(whole - 1)
        result = self.fma(half, p, half - 0.5)
        return self.where(self.abs(x) < LAYOUTS[dtype].smallest * 4, x, result + result)  # also keeps -0.0, and digits of subnormals

    @long
    def sigmoid(self, x: Value) -> Value:
        """b - b e / (1 + e) with e = e**-|x| and b = 1, or for a negative x b = e, which does not overflow as e**-x would.

        The quotient is the same for x and -x, and what it rounds is halved at least.
        """
        e = self.decay(self.abs(x))
        base = self.where(x < 0, e, 1)
        return self.fma(-base, e / (1 + e), base)

    @long
    def tanh(self, x: Value) -> Value:
        """1 - 2 e / (1 + e) with e = e**-2|x| where that is at least 0.6, so that it rounds little; x + x**3 p / q below."""
        dtype = x.dtype
        size = self.abs(x)
        one, z = self.decay(size), size * size
        e = one * one
        far = size > tables.TANH_FROM[dtype][0]
        above = self.where(far, -2 * e, z * self.polynomial(z, tables.TANH_ABOVE[dtype]))
        below = self.where(far, 1 + e, self.polynomial(z, tables.TANH_BELOW[dtype]))
        start = self.where(far, 1, size)
        return self.copysign(self.fma(start, above / below, start), x)
