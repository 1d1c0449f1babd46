"""Trigonometric and hyperbolic functions of one element, and their inverses. Angles are in radians.

Floor 2. Whole numbers become floats first (`floating`). Derivatives are written with the result where that is shorter.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Any

from ..graph import syntax
from ..graph.node import Node
from .dtype_rules import floating
from .families import Elementwise
from .functions import sqrt


class Sin(Elementwise):
    """Sine.

    >>> T.sin(T.constant(0.0)).eval()
    array(0.)
    """

    latex = r"\sin\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "sin(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.sin(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [cos(x)]


class Cos(Elementwise):
    """Cosine.

    >>> T.cos(T.constant(0.0)).eval()
    array(1.)
    """

    latex = r"\cos\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "cos(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.cos(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [-sin(x)]


class Tan(Elementwise):
    """Tangent.

    >>> T.tan(T.constant(0.0)).eval()
    array(0.)
    """

    latex = r"\tan\left({x}\right)"
    dtype = floating
    sample, same_as = (-1.2, 1.2), "tan(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.tan(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 + out * out]


class Arcsin(Elementwise):
    """Inverse sine: an angle from -pi/2 to pi/2, nan outside of [-1, 1].

    >>> T.arcsin(T.constant(1.0)).eval()
    array(1.57079633)
    """

    latex = r"\arcsin\left({x}\right)"
    dtype = floating
    sample, same_as = (-0.9, 0.9), "asin(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.arcsin(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / sqrt(1 - x * x)]


class Arccos(Elementwise):
    """Inverse cosine: an angle from 0 to pi, nan outside of [-1, 1].

    >>> T.arccos(T.constant(1.0)).eval()
    array(0.)
    """

    latex = r"\arccos\left({x}\right)"
    dtype = floating
    sample, same_as = (-0.9, 0.9), "acos(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.arccos(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [-1 / sqrt(1 - x * x)]


class Arctan(Elementwise):
    """Inverse tangent: an angle from -pi/2 to pi/2.

    >>> T.arctan(T.constant(1.0)).eval()
    array(0.78539816)
    """

    latex = r"\arctan\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "atan(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.arctan(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / (1 + x * x)]


class Arctan2(Elementwise):
    """The angle of the point (y, x), from -pi to pi: the first operand is the height, as in NumPy.

    >>> T.arctan2(T.constant(1.0), -1.0).eval()
    array(2.35619449)
    """

    latex = r"\operatorname{{arctan2}}\left({x}, {y}\right)"
    dtype, arity = floating, 2
    sample, same_as = [(0.3, 3), (-3, 3)], "atan2(x, y)"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return m.arctan2(x, y)

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        return [y / (x * x + y * y), -x / (x * x + y * y)]


class Sinh(Elementwise):
    """Hyperbolic sine.

    >>> T.sinh(T.constant(0.0)).eval()
    array(0.)
    """

    latex = r"\sinh\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "sinh(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.sinh(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [cosh(x)]


class Cosh(Elementwise):
    """Hyperbolic cosine.

    >>> T.cosh(T.constant(0.0)).eval()
    array(1.)
    """

    latex = r"\cosh\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "cosh(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.cosh(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [sinh(x)]


class Tanh(Elementwise):
    """Hyperbolic tangent: squashes every element into (-1, 1).

    >>> T.tanh(T.constant(0.0)).eval()
    array(0.)
    """

    latex = r"\tanh\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "tanh(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.tanh(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 - out * out]


class Arcsinh(Elementwise):
    """Inverse hyperbolic sine.

    >>> T.arcsinh(T.constant(0.0)).eval()
    array(0.)
    """

    latex = r"\operatorname{{arsinh}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "asinh(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.arcsinh(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / sqrt(x * x + 1)]


class Arccosh(Elementwise):
    """Inverse hyperbolic cosine: nan below 1.

    >>> T.arccosh(T.constant(1.0)).eval()
    array(0.)
    """

    latex = r"\operatorname{{arcosh}}\left({x}\right)"
    dtype = floating
    sample, same_as = (1.2, 4), "acosh(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.arccosh(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / sqrt(x * x - 1)]


class Arctanh(Elementwise):
    """Inverse hyperbolic tangent: nan outside of [-1, 1].

    >>> T.arctanh(T.constant(0.0)).eval()
    array(0.)
    """

    latex = r"\operatorname{{artanh}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-0.9, 0.9), "atanh(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.arctanh(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / (1 - x * x)]


class Deg2rad(Elementwise):
    """Degrees to radians.

    >>> T.deg2rad(T.constant(180.0)).eval()
    array(3.14159265)
    """

    latex, binding = r"{x} \cdot \frac{{\pi}}{{180}}", 20
    dtype = floating
    sample, same_as = (-300, 300), "x * pi / 180"

    def formula(self, m: Any, x: Any) -> Any:
        return x * (pi / 180)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [pi / 180]


class Rad2deg(Elementwise):
    """Radians to degrees.

    >>> T.rad2deg(T.constant(0.5)).eval()
    array(28.64788976)
    """

    latex, binding = r"{x} \cdot \frac{{180}}{{\pi}}", 20
    dtype = floating
    sample, same_as = (-3, 3), "x * 180 / pi"

    def formula(self, m: Any, x: Any) -> Any:
        return x * (180 / pi)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [180 / pi]


sin, cos, tan = Sin(), Cos(), Tan()
arcsin, arccos, arctan, arctan2 = Arcsin(), Arccos(), Arctan(), Arctan2()
sinh, cosh, tanh = Sinh(), Cosh(), Tanh()
arcsinh, arccosh, arctanh = Arcsinh(), Arccosh(), Arctanh()
deg2rad, rad2deg = Deg2rad(), Rad2deg()

syntax.define(
    sin=sin, cos=cos, tan=tan, arcsin=arcsin, arccos=arccos, arctan=arctan, arctan2=arctan2,
    sinh=sinh, cosh=cosh, tanh=tanh, arcsinh=arcsinh, arccosh=arccosh, arctanh=arctanh,
    deg2rad=deg2rad, rad2deg=rad2deg,
)  # fmt: skip
