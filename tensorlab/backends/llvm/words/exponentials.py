"""The words exp, exp2, expm1 and tanh.

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
TANH_HIGHEST = {"float32": 10.0, "float64": 20.0}  # tanh is 1 from here up


class Exponentials(Scaling):
    """Exponential functions."""

    @long
    def exp(self, x: Value) -> Value:
        x = self.limited(x, *EXP_RANGE[x.dtype])
        k, whole = self.nearest(x, tables.LOG2_E[x.dtype][0])
        high, low = tables.LN2[x.dtype]
        r = self.fma(-k, low, self.fma(-k, high, x))
        return self.scaled(self.polynomial(r, tables.EXP[x.dtype]), k, whole)

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
    def tanh(self, x: Value) -> Value:
        """1 - 2 / (e**2|x| + 1) where that is at least 1/2, so that the subtraction rounds little; an odd polynomial below."""
        dtype = x.dtype
        size = self.limited(self.abs(x), None, TANH_HIGHEST[dtype])
        k, whole = self.nearest(size, 2 * tables.LOG2_E[dtype][0])
        high, low = tables.HALF_LN2[dtype]
        r = self.fma(-k, low, self.fma(-k, high, size))
        far = 1 - 2 / self.fma(self.polynomial(r, tables.EXP_TWICE[dtype]), self.two_to(whole), 1)
        square = size * size
        near = self.fma(square * size, self.polynomial(square, tables.TANH[dtype]), size)
        return self.copysign(self.where(size > tables.TANH_HALF[dtype][0], far, near), x)
