"""Rounding to whole numbers; the dtype stays what it is, and no gradient flows through.

Floor 2. Whole numbers and bools are left as they are. Derivatives are 0 everywhere, also at the jumps.
"""

from __future__ import annotations

from typing import Any

from ..graph import syntax
from ..graph.errors import ChoiceError
from ..graph.node import Node
from .choices import cast
from .dtype_rules import kept
from .families import Elementwise


class Floor(Elementwise):
    """The largest whole number that is not above the element.

    >>> T.floor(T.constant([-1.5, 1.5])).eval()
    array([-2.,  1.])
    """

    latex, glyph = r"\left\lfloor {x} \right\rfloor", "⌊·⌋"
    dtype, differentiable = kept, False
    sample, same_as = (-3, 3), "floor(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.floor(x)


class Ceil(Elementwise):
    """The smallest whole number that is not below the element.

    >>> T.ceil(T.constant([-1.5, 1.5])).eval()
    array([-1.,  2.])
    """

    latex, glyph = r"\left\lceil {x} \right\rceil", "⌈·⌉"
    dtype, differentiable = kept, False
    sample, same_as = (-3, 3), "ceil(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.ceil(x)


class Trunc(Elementwise):
    """The element without what is behind the point.

    >>> T.trunc(T.constant([-1.5, 1.5])).eval()
    array([-1.,  1.])
    """

    latex = r"\operatorname{{trunc}}\left({x}\right)"
    dtype, differentiable = kept, False
    sample, same_as = (-3, 3), "sign(x) * floor(fabs(x))"

    def formula(self, m: Any, x: Any) -> Any:
        return m.trunc(x)


class RoundHalfToEven(Elementwise):
    """The nearest whole number; of two that are equally near, the even one.

    >>> T.round_half_to_even(T.constant([0.5, 1.5, -2.5])).eval()
    array([ 0.,  2., -2.])
    """

    latex, glyph = r"\operatorname{{round}}\left({x}\right)", "round"
    dtype, differentiable = kept, False
    sample, same_as = (-3, 3), "nint(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.rint(x)


class RoundHalfAwayFromZero(Elementwise):
    """The nearest whole number; of two that are equally near, the one farther from 0.

    The half is compared with what is behind the point, which a float holds exactly: `trunc(x + 0.5)` would be wrong just below 0.5.

    >>> T.round_half_away_from_zero(T.constant([0.5, 1.5, -2.5])).eval()
    array([ 1.,  2., -3.])
    """

    latex, glyph = r"\operatorname{{round}}_{{\pm}}\left({x}\right)", "round"
    dtype, differentiable = kept, False
    sample, same_as = (-3, 3), "sign(x) * floor(fabs(x) + 0.5)"

    def formula(self, m: Any, x: Any) -> Any:
        whole = m.trunc(x)
        return m.where(m.abs(x - whole) >= 0.5, whole + m.sign(x), whole)


floor, ceil, trunc = Floor(), Ceil(), Trunc()
round_half_to_even, round_half_away_from_zero = RoundHalfToEven(), RoundHalfAwayFromZero()
MODES = {"half_to_even": round_half_to_even, "half_away_from_zero": round_half_away_from_zero}


def round(x: Any, mode: str | None = None) -> Node:
    """Return the elements rounded to whole numbers, in the same dtype.

    Args:
        x: any expression.
        mode: "half_to_even" (also if None) or "half_away_from_zero".

    Raises:
        ChoiceError: another mode.

    >>> T.round(T.constant([0.5, 1.7])).eval(), T.round(T.constant([0.5, 1.7]), "half_away_from_zero").eval()
    (array([0., 2.]), array([1., 2.]))
    """
    if mode is not None and mode not in MODES:
        raise ChoiceError(f"T.round(x, mode={mode!r})", f"modes are {' and '.join(map(repr, MODES))}", "T.round(x)")
    return MODES[mode or "half_to_even"](x)


def iround(x: Any, mode: str | None = None) -> Node:
    """Return the elements rounded to whole numbers, as int64.

    Raises:
        ChoiceError: an unknown mode, see `round`.

    >>> T.iround(T.constant([0.5, 1.7])).eval()
    array([0, 2])
    """
    return cast(round(x, mode), "int64")


syntax.define(
    floor=floor, ceil=ceil, trunc=trunc, round=round, iround=iround,
    round_half_to_even=round_half_to_even, round_half_away_from_zero=round_half_away_from_zero,
)  # fmt: skip
