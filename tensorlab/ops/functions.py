"""Functions of one element: exponentials, logarithms, roots.

Floor 2. Whole numbers become floats first (`floating`). Base 2 and 10 are base e times a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log as log_of
from typing import Any

from ..graph import syntax
from ..graph.node import Node
from .dtype_rules import floating
from .families import Elementwise

LOG_2, LOG_10 = log_of(2.0), log_of(10.0)  # natural logarithms: the derivative of 2**x at 0, and of 10**x


class Exp(Elementwise):
    """e to the power of the element.

    >>> T.exp(T.constant(0.0)).eval()
    array(1.)
    """

    latex, binding = "e^{{{x}}}", 30
    dtype = floating
    sample, same_as = (-3, 3), "exp(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.exp(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [out]


class Exp2(Elementwise):
    """2 to the power of the element.

    >>> T.exp2(T.constant(3.0)).eval()
    array(8.)
    """

    latex, binding = "2^{{{x}}}", 30
    dtype = floating
    sample, same_as = (-3, 3), "power(2, x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.exp2(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [LOG_2 * out]


class Expm1(Elementwise):
    """e to the power of the element, minus 1; keeps the digits that `exp(x) - 1` loses near 0.

    >>> T.expm1(T.constant(1e-20)).eval()
    array(1.e-20)
    """

    latex, binding = "e^{{{x}}} - 1", 10
    dtype = floating
    sample, same_as = (-3, 3), "expm1(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.expm1(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [out + 1]


class Log(Elementwise):
    """Natural logarithm of the element: -inf at 0, nan below.

    >>> T.log(T.constant(1.0)).eval()
    array(0.)
    """

    latex = r"\log\left({x}\right)"
    dtype = floating
    sample, same_as = (0.3, 4), "log(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.log(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / x]


class Log2(Elementwise):
    """Logarithm to base 2.

    >>> T.log2(T.constant(8.0)).eval()
    array(3.)
    """

    latex = r"\log_{{2}}\left({x}\right)"
    dtype = floating
    sample, same_as = (0.3, 4), "log(x, 2)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.log2(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / (LOG_2 * x)]


class Log10(Elementwise):
    """Logarithm to base 10.

    >>> T.log10(T.constant(1000.0)).eval()
    array(3.)
    """

    latex = r"\log_{{10}}\left({x}\right)"
    dtype = floating
    sample, same_as = (0.3, 4), "log10(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.log10(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / (LOG_10 * x)]


class Log1p(Elementwise):
    """Logarithm of 1 plus the element; keeps the digits that `log(1 + x)` loses near 0.

    >>> T.log1p(T.constant(1e-20)).eval()
    array(1.e-20)
    """

    latex = r"\log\left(1 + {x}\right)"
    dtype = floating
    sample, same_as = (-0.7, 3), "log1p(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.log1p(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / (1 + x)]


class Sqrt(Elementwise):
    """Square root of the element: nan below 0; its derivative at 0 is inf.

    >>> T.sqrt(T.constant(9.0)).eval()
    array(3.)
    """

    latex = r"\sqrt{{{x}}}"
    dtype = floating
    sample, same_as = (0.3, 4), "sqrt(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.sqrt(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [0.5 / out]


class Cbrt(Elementwise):
    """Cube root of the element, also of a negative one; its derivative at 0 is inf.

    >>> T.cbrt(T.constant(-8.0)).eval()
    array(-2.)
    """

    latex = r"\sqrt[3]{{{x}}}"
    dtype = floating
    sample, same_as = (-3, 3), "sign(x) * cbrt(fabs(x))"

    def formula(self, m: Any, x: Any) -> Any:
        return m.cbrt(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / (3 * out * out)]


exp, exp2, expm1 = Exp(), Exp2(), Expm1()
log, log2, log10, log1p = Log(), Log2(), Log10(), Log1p()
sqrt, cbrt = Sqrt(), Cbrt()

syntax.define(exp=exp, exp2=exp2, expm1=expm1, log=log, log2=log2, log10=log10, log1p=log1p, sqrt=sqrt, cbrt=cbrt)
