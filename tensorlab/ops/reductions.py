"""Axes folded away: sums, products, and whether all or any elements are true.

Floor 2. Read `families` before. Extremes and averages have rooms of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import LazyText
from ..graph.node import Node
from ..graph.types import dtype_name, normal_axes
from .choices import cast, fill
from .cumulative import ProductBefore
from .families import Case, Reduction, accumulator, public
from .shapes import DimShuffle


class Sum(Reduction):
    """Elements added up along `axis`.

    >>> T.constant([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0).eval()
    array([4., 6.])
    """

    latex, glyph = r"\sum {x}", "Σ"
    combine, start = "add", 0.0
    sample = (Case((2, 3), axis=(0,)), Case((2, 3), axis=(0, 1)), Case((0, 3), axis=(0,)))

    def same_as(self, x: Any) -> Any:
        total = x.dtype.type(0)
        for each in x:
            total = total + each
        return total

    def result_dtype(self, dtype: str) -> str:
        return accumulator(dtype)

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.sum(x, axis=self.axis)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [fill(x, put_back(g, self.axis))]


class Prod(Reduction):
    """Elements multiplied along `axis`; the derivative by an element is the product of all others, exact also at 0.

    >>> x = T.vector()
    >>> T.grad(T.prod(x), x).eval({x: [2.0, 0.0, 3.0]})
    array([0., 6., 0.])
    """

    latex, glyph = r"\prod {x}", "Π"
    combine, start = "mul", 1.0
    sample = (
        Case((2, 3), axis=(0,)),
        Case((2, 3), axis=(0, 1)),
        Case((0, 3), axis=(0,)),
        Case([[2.0, 0.0, 3.0], [0.0, 0.0, 5.0], [1.5, 2.0, -1.0]], axis=(1,)),
    )

    def same_as(self, x: Any) -> Any:
        total = x.dtype.type(1)
        for each in x:
            total = total * each
        return total

    def result_dtype(self, dtype: str) -> str:
        return accumulator(dtype)

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.prod(x, axis=self.axis)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [put_back(g, self.axis) * product_of_others(x, self.axis)]


class AllOf(Reduction):
    """Whether all elements along `axis` are true (not 0).

    >>> T.all(T.constant([[1, 0], [2, 3]]), axis=1).eval()
    array([False,  True])
    """

    latex, glyph = r"\bigwedge {x}", "∀"
    combine, start = "and", 1.0
    differentiable = False
    sample = (Case([[1.0, 0.0], [2.0, 3.0]], axis=(1,)), Case([[1.0, 0.0], [2.0, 3.0]], axis=(0, 1)), Case((0, 2), axis=(0,)))

    def same_as(self, x: Any) -> Any:
        for each in x:  # noqa: SIM110 - an oracle is a plain loop
            if each == 0:
                return False
        return True

    def result_dtype(self, dtype: str) -> str:
        return "bool"

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.all(x, axis=self.axis)


class AnyOf(Reduction):
    """Whether any element along `axis` is true (not 0).

    >>> T.any(T.constant([[0, 0], [2, 0]]), axis=1).eval()
    array([False,  True])
    """

    latex, glyph = r"\bigvee {x}", "∃"
    combine, start = "or", 0.0
    differentiable = False
    sample = (Case([[0.0, 0.0], [2.0, 3.0]], axis=(1,)), Case([[0.0, 0.0], [0.0, 3.0]], axis=(0, 1)), Case((0, 2), axis=(0,)))

    def same_as(self, x: Any) -> Any:
        for each in x:  # noqa: SIM110 - an oracle is a plain loop
            if each != 0:
                return True
        return False

    def result_dtype(self, dtype: str) -> str:
        return "bool"

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.any(x, axis=self.axis)


def put_back(x: Node, axis: Sequence[int]) -> Node:
    """Return `x` with axes of length 1 where a reduction has taken axes away."""
    if not axis:
        return x
    rest = iter(range(x.type.ndim))
    return DimShuffle(tuple("x" if position in axis else next(rest) for position in range(x.type.ndim + len(axis))))(x)


def product_of_others(x: Node, axis: tuple[int, ...]) -> Node:
    """Return, per element, the product of all other elements along some axes: before it times behind it, axis by axis."""
    *first, last = axis
    alone = ProductBefore(last)(x) * ProductBefore(last, reverse=True)(x)
    if not first:
        return alone
    return alone * put_back(product_of_others(Prod((last,))(x), tuple(first)), (last,))


def fold(card: type[Reduction], x: Any, axis: Any, keepdims: bool, asked: str) -> Node:
    """Apply a reduction along the axes that a reader names; without any axes the elements stay as they are."""
    node = as_node(x)
    axes = normal_axes(axis, node.type.ndim, LazyText(lambda: f"{node.label}.{asked}"))
    result = card(axes)(node) if axes else cast(node, card(()).result_dtype(node.type.dtype))
    return put_back(result, axes) if keepdims else result


def accumulate(card: type[Reduction], x: Any, axis: Any, dtype: Any, keepdims: bool, acc_dtype: Any, asked: str) -> Node:
    """Apply a sum or a product: the elements are cast to `acc_dtype` (by default `dtype`) before, the result to `dtype` after."""
    node = as_node(x)
    if acc_dtype is not None or dtype is not None:
        node = cast(node, dtype_name(acc_dtype if acc_dtype is not None else dtype))
    result = fold(card, node, axis, keepdims, asked)
    return result if dtype is None else cast(result, dtype)


def sum_of(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Node:
    """Return the sum over all axes (axis=None) or some; whole numbers and bools are added as int64 (unsigned: uint64).

    Args:
        x: any expression, or a list of them.
        axis: None, a number (negative: from the end), or several.
        dtype: dtype of the result.
        keepdims: leave the axes in place with length 1, so that the result stretches against `x`.
        acc_dtype: dtype in which to add.

    Raises:
        AxisError: no such axis.

    >>> T.sum(T.constant([[1, 2], [3, 4]]), axis=-1).eval()
    array([3, 7])
    """
    return accumulate(Sum, x, axis, dtype, keepdims, acc_dtype, "sum")


def prod(
    x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None, no_zeros_in_input: bool = False
) -> Node:
    """Return the product over all axes or some; dtypes as for `sum`. `no_zeros_in_input` is Theano's and changes nothing here.

    Raises:
        AxisError: no such axis.
    """
    return accumulate(Prod, x, axis, dtype, keepdims, acc_dtype, "prod")


def all_of(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return whether all elements are true (not 0), over all axes or some.

    Raises:
        AxisError: no such axis.
    """
    return fold(AllOf, x, axis, keepdims, "all")


def any_of(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return whether any element is true (not 0), over all axes or some.

    Raises:
        AxisError: no such axis.
    """
    return fold(AnyOf, x, axis, keepdims, "any")


public(sum=sum_of, all=all_of, any=any_of)
syntax.define(sum=sum_of, prod=prod, all=all_of, any=any_of)
