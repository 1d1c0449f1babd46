"""Arithmetic on elements: sums, products, quotients, powers, signs.

Floor 2. These are the words that every other formula is written in, so their formulas are Python's own operators.
Which dtypes they take and give is in `docs/dtypes.md`; the values of derivatives where there is none are Theano's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.errors import DtypeError
from ..graph.node import Constant, Node
from ..graph.types import TensorType, is_floating
from .dtype_rules import counted, floating, promoted, signed
from .families import Elementwise, describe


class Add(Elementwise):
    """Sum of two elements.

    >>> (T.constant(2.0) + 3).eval()
    array(5.)
    """

    latex, binding, infix = "{x} + {y}", 10, "+"
    dtype, arity = promoted, 2
    commutative, identity = True, 0.0
    sample, same_as = (-3, 3), "x + y"

    def __call__(self, *arguments: Any, name: str | None = None, **unknown: Any) -> Node:
        """Apply the op; more than two operands are added from the left, as in Theano."""
        if len(arguments) > self.arity:
            first, second, *rest, last = self.meet(arguments)
            for each in (second, *rest):
                first = super().__call__(first, each)
            arguments = (first, last)
        return super().__call__(*arguments, name=name, **unknown)

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x + y

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        return [1, 1]


class Sub(Elementwise):
    """Difference of two elements; two bools have none.

    >>> (T.constant(2.0) - 3).eval()
    array(-1.)
    """

    latex, binding, infix, glyph = "{x} - {y}", 10, "-", "−"
    dtype, arity = signed, 2
    sample, same_as = (-3, 3), "x - y"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x - y

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        return [1, -1]


class Mul(Elementwise):
    """Product of two elements.

    >>> (T.constant(2.0) * 3).eval()
    array(6.)
    """

    latex, binding, infix, glyph = r"{x} \cdot {y}", 20, "*", "×"
    dtype, arity = promoted, 2
    commutative, identity = True, 1.0
    sample, same_as = (-3, 3), "x * y"

    def __call__(self, *arguments: Any, name: str | None = None, **unknown: Any) -> Node:
        """Apply the op; more than two operands are multiplied from the left, as in Theano."""
        if len(arguments) > self.arity:
            first, second, *rest, last = self.meet(arguments)
            for each in (second, *rest):
                first = super().__call__(first, each)
            arguments = (first, last)
        return super().__call__(*arguments, name=name, **unknown)

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x * y

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        return [y, x]


class TrueDiv(Elementwise):
    """Quotient of two elements; whole numbers become floats first.

    >>> (T.constant(1) / 4).eval()
    array(0.25)
    """

    latex, infix, glyph = r"\frac{{{x}}}{{{y}}}", "/", "÷"
    dtype, arity = floating, 2
    sample, same_as = [(-3, 3), (0.5, 3)], "x / y"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x / y

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        return [1 / y, -out / y]


class IntDiv(Elementwise):
    """Quotient rounded down to a whole number; a whole number divided by 0 gives 0, as in NumPy.

    >>> (T.constant(-7) // 2).eval()
    array(-4)
    """

    latex, infix, glyph = r"\left\lfloor \frac{{{x}}}{{{y}}} \right\rfloor", "//", "⌊÷⌋"
    dtype, arity = counted, 2
    differentiable = False
    sample, same_as = [(-3, 3), (0.5, 3)], "floor(x / y)"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return m.floor_divide(x, y)


class Mod(Elementwise):
    """Remainder of a division, with the sign of the divisor.

    >>> (T.constant(-7) % 3).eval()
    array(2)
    """

    latex, binding, infix, glyph = r"{x} \bmod {y}", 20, "%", "mod"
    dtype, arity = counted, 2
    sample, same_as = [(0.1, 0.9), (1.5, 3)], "x - y * floor(x / y)"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return m.remainder(x, y)

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        return [1, -(x // y)]


class Pow(Elementwise):
    """One element to the power of another.

    At x = 0 the derivative with respect to the exponent is 0, and with exponent 0 the one with respect to x is 0.
    Whole numbers have no negative powers among them: `n ** -1` is an error, as in NumPy; `n ** -1.0` is a float.

    >>> (T.constant(3.0) ** 2).eval()
    array(9.)
    """

    latex, binding, infix, glyph = "{x}^{{{y}}}", 30, "**", "^"
    dtype, arity = counted, 2
    sample, same_as = [(0.5, 3), (-2, 2)], "power(x, y)"

    def type(self, x: Node, y: Node) -> TensorType:  # type: ignore[override]
        result = super().type(x, y)
        if not is_floating(result.dtype) and isinstance(y, Constant) and (y.value < 0).any():
            raise DtypeError(
                f"{x.label} ** {y.literal}",
                f"{describe(x)}: a negative power of a whole number is not a whole number",
                f"{x.label} ** {float(y.value.min())}, or 1 / {x.label} for the float",
            )
        return result

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return m.power(x, y)

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        if isinstance(y, Constant) and (y.value != 0).all():
            base = y * x ** Constant(np.asarray(y.value - 1.0, out.type.dtype))
        else:
            y = syntax.apply("cast", y, out.type.dtype)  # 0 - 1 would wrap around in an unsigned dtype
            base = where(syntax.apply("eq", y, 0), 0, y * x ** (y - 1))
        exponent = where(syntax.apply("eq", x, 0), 0, out * syntax.apply("log", x))
        return [base, exponent]


class Neg(Elementwise):
    """The element with the opposite sign; an unsigned one wraps around, as in NumPy, and a bool has none.

    >>> (-T.constant(2.0)).eval()
    array(-2.)
    """

    latex, binding, infix, glyph = "-{x}", 15, "-", "−"
    dtype = signed
    sample, same_as = (-3, 3), "-x"

    def formula(self, m: Any, x: Any) -> Any:
        return -x

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [-1]


class Reciprocal(Elementwise):
    """One divided by the element (Theano's `inv`).

    >>> T.inv(T.constant(4.0)).eval()
    array(0.25)
    """

    latex, glyph = r"\frac{{1}}{{{x}}}", "1/"
    dtype = floating
    sample, same_as = (0.5, 3), "1 / x"

    def formula(self, m: Any, x: Any) -> Any:
        return 1 / x

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [-(out * out)]


class Sqr(Elementwise):
    """The element times itself.

    >>> T.sqr(T.constant(3.0)).eval()
    array(9.)
    """

    latex, binding, glyph = "{x}^{{2}}", 30, "²"
    dtype = counted
    sample, same_as = (-3, 3), "x * x"

    def formula(self, m: Any, x: Any) -> Any:
        return x * x

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [2 * x]


class Abs(Elementwise):
    """The element without its sign; the derivative at 0 is 0.

    >>> abs(T.constant(-2.0)).eval()
    array(2.)
    """

    latex, glyph = r"\left|{x}\right|", "|·|"
    sample, same_as = (-3, 3), "fabs(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.abs(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [sgn(x)]


class Sgn(Elementwise):
    """The sign of the element: -1, 0 or 1; nan for nan.

    >>> T.sgn(T.constant([-2.0, 0.0, 5.0])).eval()
    array([-1.,  0.,  1.])
    """

    latex, glyph = r"\operatorname{{sgn}}\left({x}\right)", "sgn"
    dtype, differentiable = signed, False
    sample, same_as = (-3, 3), "sign(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.sign(x)


def where(condition: Any, then: Any, otherwise: Any) -> Node:
    """Choose by element; the choice itself is declared in `choices`."""
    node: Node = syntax.apply("switch", condition, then, otherwise)
    return node


add, sub, mul, true_div, int_div, mod, pow = Add(), Sub(), Mul(), TrueDiv(), IntDiv(), Mod(), Pow()
neg, reciprocal, sqr, abs_, sgn = Neg(), Reciprocal(), Sqr(), Abs(), Sgn()

syntax.define(
    add=add, sub=sub, mul=mul, true_div=true_div, int_div=int_div, mod=mod, pow=pow,
    neg=neg, reciprocal=reciprocal, sqr=sqr, abs=abs_, sgn=sgn,
)
