"""Comparisons and logic on elements: results are bool, and no gradient flows through them.

Floor 2. Operations on bits take whole numbers and bools; the `logical_…` functions take every number, and 0 is false.
"""

from __future__ import annotations

from typing import Any

from ..graph import syntax
from ..graph.convert import as_node, as_nodes
from ..graph.node import Node
from ..graph.promotion import promote_to_float
from .dtype_rules import bits, comparison
from .families import Elementwise


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
    dtype = comparison
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


def truth(x: Any) -> Node:
    """Return whether each element is true: not 0. Bools are that already."""
    node = as_node(x)
    return node if node.type.dtype == "bool" else neq(node, 0)


def logical_and(x: Any, y: Any) -> Node:
    """Return whether both elements are true (not 0), as bool; `and_` works on the bits of whole numbers.

    >>> T.logical_and([1.0, 2.0], [0.0, 3.0]).eval()
    array([False,  True])
    """
    return and_(truth(x), truth(y))


def logical_or(x: Any, y: Any) -> Node:
    """Return whether at least one of the elements is true (not 0), as bool.

    >>> T.logical_or([0.0, 2.0], [0.0, 3.0]).eval()
    array([False,  True])
    """
    return or_(truth(x), truth(y))


def logical_xor(x: Any, y: Any) -> Node:
    """Return whether exactly one of the elements is true (not 0), as bool.

    >>> T.logical_xor([0.0, 2.0], [1.0, 3.0]).eval()
    array([ True, False])
    """
    return xor(truth(x), truth(y))


def logical_not(x: Any) -> Node:
    """Return whether the element is not true (0), as bool.

    >>> T.logical_not([0.0, 2.0]).eval()
    array([ True, False])
    """
    node = as_node(x)
    return invert(node) if node.type.dtype == "bool" else eq(node, 0)


def isclose(x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Node:
    """Return whether elements are almost equal: |x - y| <= atol + rtol |y|, as in NumPy.

    Args:
        x: any expression.
        y: what to compare with; the allowed distance is relative to it.
        rtol: relative distance that is allowed.
        atol: absolute distance that is allowed.
        equal_nan: whether nan is close to nan.

    >>> T.isclose([1.0, 2.0, np.inf], [1.0 + 1e-9, 2.1, np.inf]).eval()
    array([ True, False,  True])
    """
    a, b = as_nodes([x, y])
    dtype = promote_to_float(a.type.dtype, b.type.dtype)
    a, b = syntax.apply("cast", a, dtype), syntax.apply("cast", b, dtype)
    near = (abs(a - b) <= atol + rtol * abs(b)) & (abs(b) < float("inf"))
    close = or_(eq(a, b), near)
    return or_(close, isnan(a) & isnan(b)) if equal_nan else close


def allclose(x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Node:
    """Return whether all elements are almost equal, as one bool; arguments are those of `isclose`.

    >>> T.allclose([1.0, 2.0], [1.0, 2.0 + 1e-7]).eval()
    array(True)
    """
    result: Node = syntax.apply("all", isclose(x, y, rtol, atol, equal_nan))
    return result


syntax.define(
    eq=eq, neq=neq, lt=lt, le=le, gt=gt, ge=ge, xor=xor, invert=invert, isnan=isnan, isinf=isinf, isclose=isclose, allclose=allclose,
)  # fmt: skip
syntax.table.update({"and": and_, "or": or_})
