"""Special functions of one element: the error function and its relatives, the gamma function and its derivatives.

Floor 2. Definitions are those of the NIST Digital Library of Mathematical Functions, chapters 5 and 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial, pi, sqrt
from typing import Any

from ..graph import syntax
from ..graph.node import Node
from .dtype_rules import floating
from .families import Case, Elementwise
from .functions import exp

SLOPE = 2 / sqrt(pi)  # of the error function at 0


class Erf(Elementwise):
    """Error function: the integral of 2 exp(-t²)/√π from 0 to the element.

    >>> T.erf(T.constant(0.0)).eval()
    array(0.)
    """

    latex = r"\operatorname{{erf}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-2, 2), "erf(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.erf(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [SLOPE * exp(-x * x)]


class Erfc(Elementwise):
    """Complement of the error function, 1 - erf(x); keeps its digits where erf(x) is almost 1.

    >>> T.erfc(T.constant(0.0)).eval()
    array(1.)
    """

    latex = r"\operatorname{{erfc}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-2, 2), "erfc(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.erfc(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [-SLOPE * exp(-x * x)]


class Erfcx(Elementwise):
    """Scaled complement of the error function, exp(x²) erfc(x); finite where erfc(x) is too small for a float.

    >>> T.erfcx(T.constant(0.0)).eval()
    array(1.)
    """

    latex = r"\operatorname{{erfcx}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-1, 3), "exp(x * x) * erfc(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.erfcx(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [2 * x * out - SLOPE]


class Erfinv(Elementwise):
    """Inverse of the error function: nan outside of [-1, 1].

    >>> T.erfinv(T.constant(0.0)).eval()
    array(0.)
    """

    latex = r"\operatorname{{erf}}^{{-1}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-0.9, 0.9), "erfinv(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.erfinv(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [exp(out * out) / SLOPE]


class Erfcinv(Elementwise):
    """Inverse of the complement of the error function: nan outside of [0, 2].

    >>> T.erfcinv(T.constant(0.5)).eval()
    array(0.47693628)
    """

    latex = r"\operatorname{{erfc}}^{{-1}}\left({x}\right)"
    dtype = floating
    sample, same_as = (0.1, 1.9), "erfinv(1 - x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.erfcinv(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [-exp(out * out) / SLOPE]


class Gamma(Elementwise):
    """Gamma function: (n - 1)! at a whole number n.

    >>> T.gamma(T.constant(5.0)).eval()
    array(24.)
    """

    latex = r"\Gamma\left({x}\right)"
    dtype = floating
    sample, same_as = (0.3, 4), "gamma(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.gamma(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [out * psi(x)]


class Gammaln(Elementwise):
    """Logarithm of the size of the gamma function; finite where gamma(x) is too large for a float.

    >>> T.gammaln(T.constant(1.0)).eval()
    array(0.)
    """

    latex = r"\log\left|\Gamma\left({x}\right)\right|"
    dtype = floating
    sample, same_as = (0.3, 4), "log(fabs(gamma(x)))"

    def formula(self, m: Any, x: Any) -> Any:
        return m.gammaln(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [psi(x)]


class Psi(Elementwise):
    """Derivative of the logarithm of the gamma function (digamma).

    >>> T.psi(T.constant(1.0)).eval()
    array(-0.57721566)
    """

    latex = r"\psi\left({x}\right)"
    dtype = floating
    sample, same_as = (0.3, 4), "psi(0, x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.psi(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [tri_gamma(x)]


class PolyGamma(Elementwise):
    """Derivative of `psi`, `order` times: (-1)^(order + 1) order! ζ(order + 1, x), with Hurwitz' zeta function.

    Left of 0 its sum Σ 1 / (x + k)^s is taken over all whole k, in both directions from the fractional part of x, less the terms that do
    not belong to it: all arguments of ζ are positive then. SciPy's own takes a step for every whole number between x and 0.

    >>> T.tri_gamma(T.constant(1.0)).eval()
    array(1.64493407)
    """

    latex = r"\psi^{{({order})}}\left({x}\right)"
    dtype = floating
    sample = (Case([0.4, 1.0, 2.5, 3.9], order=1), Case([[0.7, 3.1]], order=2), Case(2.2, order=3))
    same_as = "psi(order, x)"

    def __init__(self, order: int) -> None:
        self.order = order

    def formula(self, m: Any, x: Any) -> Any:
        power = self.order + 1
        sign = (-1) ** power
        right = x > 0
        one_way = m.zeta(power, m.where(right, x, 1 - x))
        part = x - m.floor(x)
        both_ways = m.zeta(power, part) + sign * m.zeta(power, 1 - part)
        return sign * factorial(self.order) * m.where(right, one_way, both_ways - sign * one_way)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [PolyGamma(self.order + 1)(x)]


erf, erfc, erfcx, erfinv, erfcinv = Erf(), Erfc(), Erfcx(), Erfinv(), Erfcinv()
gamma, gammaln, psi, tri_gamma = Gamma(), Gammaln(), Psi(), PolyGamma(1)

syntax.define(erf=erf, erfc=erfc, erfcx=erfcx, erfinv=erfinv, erfcinv=erfcinv, gamma=gamma, gammaln=gammaln, psi=psi)
