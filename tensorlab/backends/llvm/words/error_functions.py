"""The words erf and erfc.

Floor 4. Read `exponentials` and `doubled` before. Both are odd polynomials near 0. Farther out, with a = |x|, erf a = 1 - e**-g with a
polynomial g, whose error counts little because erf is almost 1; and erfc a = e**(-a**2) s P(t) with s = 1 / (a + c) and t = 1 - 2 c s,
where nothing but the last rounding may count, so its factors are pairs of floats (the variable t is that of M. M. Shepherd and
J. G. Laframboise 1981, "Chebyshev approximation of (1 + 2x) exp(x**2) erfc x").
"""

from __future__ import annotations

from ..values import Value
from . import tables
from .doubled import Doubled, Pair
from .speech import long

ERF_FAR, ERFC_FAR = 1.0, 0.75  # where the second form begins: there the first would need too many terms, or cancel
ERF_ONE = {"float32": 4.0, "float64": 6.0}  # from here up erf is 1
ERFC_ZERO = {"float32": 10.1, "float64": 27.3}  # from here up erfc is 0
CENTRE = 2.5  # c, see scripts/fit_words.py


class ErrorFunctions(Doubled):
    """The error function and its complement."""

    @long
    def erf(self, x: Value) -> Value:
        dtype = x.dtype
        size = self.limited(self.abs(x), None, ERF_ONE[dtype])
        exponent = -self.polynomial(size, tables.ERF_FAR[dtype])
        k, whole = self.nearest(exponent, tables.LOG2_E[dtype][0])
        high, low = tables.LN2[dtype]
        r = self.fma(-k, low, self.fma(-k, high, exponent))
        far = self.fma(-self.exp_near(r), self.two_to(whole), 1)
        near = self.fma(size, self.polynomial(size * size, tables.ERF_NEAR[dtype]), size)
        return self.copysign(self.where(size > ERF_FAR, far, near), x)

    @long
    def erfc(self, x: Value) -> Value:
        dtype = x.dtype
        size = self.abs(x)
        near = (1 - x) - x * self.polynomial(x * x, tables.ERFC_NEAR[dtype])
        tail = self.upper_tail(self.limited(size, None, ERFC_ZERO[dtype]))
        far = self.where(x < 0, 2 - tail, tail)
        return self.where(size > ERFC_FAR, far, near)

    def upper_tail(self, a: Value) -> Value:
        """Return erfc(a) for a >= 3/4."""
        dtype = a.dtype
        # s = 1 / d with d = a + c, and t = 1 - 2 c s
        d, d_low = self.sum_of(a, self.number(CENTRE, dtype))
        s = 1 / d
        s_low = s * self.fma(-s, d_low, self.less_product(self.number(1, dtype), s, d))
        t = self.fma(s_low, -2 * CENTRE, self.less_product(self.number(1, dtype), s, 2 * CENTRE))
        centre, centre_low = tables.ERFC_CENTRE[dtype]
        scaled, scaled_low = self.sum_of_ordered(self.number(centre, dtype), t * self.polynomial(t, tables.ERFC_FAR[dtype]))
        factor, factor_low = self.product(scaled, s)
        factor_low = factor_low + self.fma(scaled, s_low, (scaled_low + centre_low) * s)
        (p, p_low), k, whole = self.exp_of_minus_square(a)
        result, lost = self.product(p, factor)
        return self.scaled(result + (lost + self.fma(p, factor_low, p_low * factor)), k, whole)

    def exp_of_minus_square(self, a: Value) -> tuple[Pair, Value, Value]:
        """Return p as a pair, and k twice, with e**(-a**2) = p 2**k."""
        dtype = a.dtype
        square, square_low = self.product(a, a)
        k, whole = self.nearest(-square, tables.LOG2_E[dtype][0])
        high, low = tables.LN2[dtype]
        most = self.less_product(-square, k, high)
        rest = self.fma(k, low, square_low)
        r, r_low = self.sum_of_ordered(most, -rest)
        p, p_low = self.sum_of_ordered(self.number(1, dtype), self.fma(r * r, self.polynomial(r, tables.EXPM1[dtype]), r))
        return (p, p_low + r_low), k, whole
