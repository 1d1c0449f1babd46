"""Comparisons and logic on elements: results are bool, and no gradient flows through them.

Floor 2.
"""

from __future__ import annotations

from typing import Any

from ..graph import syntax
from .families import DtypeRule, Elementwise, bits, comparison


class Eq(Elementwise):
    """Whether two elements are equal.

    >>> T.eq(T.constant([1, 2]), 2).eval()
    array([False,  True])
    """

    latex, binding, glyph = "{x} = {y}", 5, "="
    dtype, arity = comparison, 2
    commutative, differentiable = True, False
    sample, same_as = (-3, 3), "x == y"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x == y


class Neq(Elementwise):
    """Whether two elements differ.

    >>> T.neq(T.constant([1, 2]), 2).eval()
    array([ True, False])
    """

    latex, binding, glyph = r"{x} \ne {y}", 5, "≠"
    dtype, arity = comparison, 2
    commutative, differentiable = True, False
    sample, same_as = (-3, 3), "x != y"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x != y


class Lt(Elementwise):
    """Whether the first element is smaller.

    >>> (T.constant([1, 2, 3]) < 2).eval()
    array([ True, False, False])
    """

    latex, binding, infix = "{x} < {y}", 5, "<"
    dtype, arity = comparison, 2
    differentiable = False
    sample, same_as = (-3, 3), "x < y"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x < y


class Le(Elementwise):
    """Whether the first element is smaller or equal.

    >>> (T.constant([1, 2, 3]) <= 2).eval()
    array([ True,  True, False])
    """

    latex, binding, infix, glyph = r"{x} \le {y}", 5, "<=", "≤"
    dtype, arity = comparison, 2
    differentiable = False
    sample, same_as = (-3, 3), "x <= y"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x <= y


class Gt(Elementwise):
    """Whether the first element is larger.

    >>> (T.constant([1, 2, 3]) > 2).eval()
    array([False, False,  True])
    """

    latex, binding, infix = "{x} > {y}", 5, ">"
    dtype, arity = comparison, 2
    differentiable = False
    sample, same_as = (-3, 3), "x > y"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x > y


class Ge(Elementwise):
    """Whether the first element is larger or equal.

    >>> (T.constant([1, 2, 3]) >= 2).eval()
    array([False,  True,  True])
    """

    latex, binding, infix, glyph = r"{x} \ge {y}", 5, ">=", "≥"
    dtype, arity = comparison, 2
    differentiable = False
    sample, same_as = (-3, 3), "x >= y"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x >= y


class And(Elementwise):
    """Both, bit by bit; for bool elements the logical and.

    >>> (T.constant(6) & 3).eval()
    array(2)
    """

    latex, binding, infix, glyph = r"{x} \land {y}", 4, "&", "∧"
    dtype, arity = bits, 2
    commutative, differentiable = True, False
    sample, same_as = (0, 9), "int(x) & int(y)"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x & y


class Or(Elementwise):
    """Either, bit by bit; for bool elements the logical or.

    >>> (T.constant(6) | 3).eval()
    array(7)
    """

    latex, binding, infix, glyph = r"{x} \lor {y}", 3, "|", "∨"
    dtype, arity = bits, 2
    commutative, differentiable = True, False
    sample, same_as = (0, 9), "int(x) | int(y)"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x | y


class Xor(Elementwise):
    """One but not both, bit by bit.

    >>> (T.constant(6) ^ 3).eval()
    array(5)
    """

    latex, binding, infix, glyph = r"{x} \oplus {y}", 3, "^", "⊕"
    dtype, arity = bits, 2
    commutative, differentiable = True, False
    sample, same_as = (0, 9), "int(x) ^ int(y)"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return x ^ y


class Invert(Elementwise):
    """Every bit turned over; for bool elements the logical not.

    >>> (~T.constant(True)).eval()
    array(False)
    """

    latex, binding, infix, glyph = r"\lnot {x}", 40, "~", "¬"
    dtype = bits
    differentiable = False
    sample, same_as = (0, 9), "~int(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return ~x


class IsNan(Elementwise):
    """Whether the element is not a number.

    >>> T.isnan(T.constant([1.0, np.nan])).eval()
    array([False,  True])
    """

    latex = r"\operatorname{{isnan}}\left({x}\right)"
    dtype = DtypeRule("comparison", lambda dtype: "bool")
    differentiable = False
    sample, same_as = (-3, 3), "isnan(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return x != x


class IsInf(Elementwise):
    """Whether the element is infinite.

    >>> T.isinf(T.constant([1.0, -np.inf])).eval()
    array([False,  True])
    """

    latex = r"\operatorname{{isinf}}\left({x}\right)"
    dtype = comparison
    differentiable = False
    sample, same_as = (-3, 3), "isinf(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.abs(x) == float("inf")


eq, neq, lt, le, gt, ge = Eq(), Neq(), Lt(), Le(), Gt(), Ge()
and_, or_, xor, invert, isnan, isinf = And(), Or(), Xor(), Invert(), IsNan(), IsInf()

syntax.define(eq=eq, neq=neq, lt=lt, le=le, gt=gt, ge=ge, xor=xor, invert=invert, isnan=isnan, isinf=isinf)
syntax.table.update({"and": and_, "or": or_})
