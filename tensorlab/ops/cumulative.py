"""Running sums and products along one axis, and the linear recurrence that their derivatives are made of.

Floor 2. A product's derivative is the product of all *other* elements. Dividing the whole product by the element fails at 0, so
these cards multiply what stands before an element by what stands behind it. The family is closed: the derivative
of `Recurrence` is a `Recurrence` that runs the other way, so derivatives of every order are exact, zeros or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, as_nodes
from ..graph.errors import ShapeError
from ..graph.node import Node
from ..graph.types import TensorType, common_shape, normal_axis
from .choices import cast
from .families import Case, Library
from .reshaping import flatten


class CumSum(Library):
    """Running sum along an axis: every element plus all before it (`reverse`: all behind it).

    >>> T.cumsum(T.constant([1.0, 2.0, 3.0])).eval()
    array([1., 3., 6.])
    """

    latex = r"\operatorname{{cumsum}}\left({x}\right)"
    sample = (Case((4,), axis=0), Case((2, 3), axis=1), Case((2, 3), axis=0, reverse=True), Case((0, 2), axis=0))

    def __init__(self, axis: int, reverse: bool = False) -> None:
        self.axis, self.reverse = axis, reverse

    def same_as(self, x: Any) -> Any:
        result = x.copy()
        for place in in_order(x.shape, self.axis, self.reverse):
            before = neighbour(place, self.axis, self.reverse, x.shape)
            if before is not None:
                result[place] = result[before] + x[place]
        return result

    def type(self, x: Node) -> TensorType:
        return x.type

    def numpy(self, xp: Any, x: Any) -> Any:
        if self.reverse:
            return xp.flip(xp.cumsum(xp.flip(x, self.axis), axis=self.axis, dtype=x.dtype), self.axis)
        return xp.cumsum(x, axis=self.axis, dtype=x.dtype)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [CumSum(self.axis, not self.reverse)(g)]


class ProductBefore(Library):
    """Along an axis, the product of all elements before each one (`reverse`: behind it); 1 where there are none.

    >>> from tensorlab.ops.cumulative import ProductBefore
    >>> ProductBefore(axis=0)(T.constant([2.0, 3.0, 5.0])).eval()
    array([1., 2., 6.])
    """

    latex = r"\operatorname{{before}}\left({x}\right)"
    sample = (Case((4,), axis=0), Case((2, 3), axis=1, reverse=True), Case([2.0, 0.0, 3.0, 0.0, 1.5], axis=0), Case((0, 2), axis=0))

    def __init__(self, axis: int, reverse: bool = False) -> None:
        self.axis, self.reverse = axis, reverse

    def same_as(self, x: Any) -> Any:
        result = np.ones_like(x)
        for place in in_order(x.shape, self.axis, self.reverse):
            before = neighbour(place, self.axis, self.reverse, x.shape)
            if before is not None:
                result[place] = result[before] * x[before]
        return result

    def type(self, x: Node) -> TensorType:
        return x.type

    def numpy(self, xp: Any, x: Any) -> Any:
        along = xp.moveaxis(x, self.axis, 0)
        along = xp.flip(along, 0) if self.reverse else along
        shifted = xp.concatenate([xp.ones_like(along[:1]), along[:-1]])
        result = xp.cumprod(shifted, axis=0, dtype=x.dtype)
        return xp.moveaxis(xp.flip(result, 0) if self.reverse else result, 0, self.axis)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [Recurrence(self.axis, not self.reverse)(x, g) * out]


class CumProd(Library):
    """Running product along an axis: every element times all before it.

    >>> T.cumprod(T.constant([2.0, 3.0, 4.0])).eval()
    array([ 2.,  6., 24.])
    """

    latex = r"\operatorname{{cumprod}}\left({x}\right)"
    sample = (Case((4,), axis=0), Case((2, 3), axis=1), Case([2.0, 0.0, 3.0, 0.0, 1.5], axis=0), Case((0, 2), axis=0))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any) -> Any:
        result = x.copy()
        for place in in_order(x.shape, self.axis, False):
            before = neighbour(place, self.axis, False, x.shape)
            if before is not None:
                result[place] = result[before] * x[place]
        return result

    def type(self, x: Node) -> TensorType:
        return x.type

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.cumprod(x, axis=self.axis, dtype=x.dtype)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [(g + Recurrence(self.axis, True)(x, g * x)) * ProductBefore(self.axis)(x)]


class Recurrence(Library):
    """What a linear recurrence holds before each step along an axis: s begins at 0 and becomes a·s + b (`reverse`: from the end).

    >>> from tensorlab.ops.cumulative import Recurrence
    >>> Recurrence(axis=0)(T.constant([2.0, 2.0, 2.0]), T.constant([1.0, 1.0, 1.0])).eval()
    array([0., 1., 3.])
    """

    by_host = "each state needs the one before"
    latex = r"\operatorname{{recurrence}}\left({x}, {y}\right)"
    sample = (Case((4,), (4,), axis=0), Case((2, 3), (2, 3), axis=1, reverse=True), Case((0, 2), (0, 2), axis=0))

    def __init__(self, axis: int, reverse: bool = False) -> None:
        self.axis, self.reverse = axis, reverse

    def same_as(self, a: Any, b: Any) -> Any:
        result = np.zeros_like(a)
        for place in in_order(a.shape, self.axis, self.reverse):
            before = neighbour(place, self.axis, self.reverse, a.shape)
            if before is not None:
                result[place] = a[before] * result[before] + b[before]
        return result

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        a, b = as_nodes(arguments)
        return [a, cast(b, a.type.dtype)]

    def type(self, a: Node, b: Node) -> TensorType:
        return a.type.with_shape(common_shape([a.type.shape, b.type.shape]))

    def numpy(self, xp: Any, a: Any, b: Any) -> Any:
        if a.shape != b.shape:
            raise ShapeError("", f"factors of shape {a.shape}, terms of shape {b.shape}", "factors and terms of one shape")
        result = xp.zeros_like(b)
        factors, terms, states = (xp.moveaxis(each, self.axis, 0) for each in (a, b, result))
        steps = range(len(states) - 1)
        if self.reverse:
            for step in reversed(steps):
                states[step] = factors[step + 1] * states[step + 1] + terms[step + 1]
        else:
            for step in steps:
                states[step + 1] = factors[step] * states[step] + terms[step]
        return result

    def vjp(self, g: Node, out: Node, a: Node, b: Node) -> Sequence[Any]:
        back = Recurrence(self.axis, not self.reverse)(a, g)
        return [back * out, back]


def in_order(shape: Sequence[int], axis: int, reverse: bool) -> list[tuple[int, ...]]:
    """Return all positions of an array, along one axis forwards or backwards (for the oracles)."""
    return sorted(np.ndindex(*shape), key=lambda place: -place[axis] if reverse else place[axis])


def neighbour(place: tuple[int, ...], axis: int, reverse: bool, shape: Sequence[int]) -> tuple[int, ...] | None:
    """Return the position that comes before one along an axis, or None for the first."""
    step = place[axis] + (1 if reverse else -1)
    return (*place[:axis], step, *place[axis + 1 :]) if 0 <= step < shape[axis] else None


def along_axis(x: Any, axis: int | None, asked: str) -> tuple[Node, int]:
    """Return what a running operation works on: `x` and an axis, or (axis=None) all elements in a vector; bools count as int64."""
    node = as_node(x)
    if node.type.dtype == "bool":
        node = cast(node, "int64")
    if axis is None:
        return flatten(node), 0
    return node, normal_axis(axis, node.type.ndim, f"T.{asked}({node.label})")


def cumsum(x: Any, axis: int | None = None) -> Node:
    """Return running sums along an axis; axis=None joins all axes first.

    Whole numbers keep their dtype, as in Theano (NumPy widens int8 to int64); bools are counted as int64.

    Raises:
        AxisError: no such axis.
    """
    node, along = along_axis(x, axis, "cumsum")
    return CumSum(along)(node)


def cumprod(x: Any, axis: int | None = None) -> Node:
    """Return running products along an axis; axis=None joins all axes first. Dtypes as for `cumsum`.

    Raises:
        AxisError: no such axis.
    """
    node, along = along_axis(x, axis, "cumprod")
    return CumProd(along)(node)


def diff(x: Any, n: int = 1, axis: int = -1) -> Node:
    """Return the differences of neighbours along an axis, taken `n` times: each time one element fewer.

    Raises:
        AxisError: no such axis.
        ShapeError: `n` is negative.

    >>> T.diff(T.constant([1.0, 4.0, 9.0])).eval()
    array([3., 5.])
    """
    node = as_node(x)
    along = normal_axis(axis, node.type.ndim, f"T.diff({node.label})")
    if n < 0:
        raise ShapeError(f"T.diff({node.label}, n={n})", "differences are taken a number of times", "n=1")
    before = (slice(None),) * along
    for _ in range(n):
        later, earlier = node[(*before, slice(1, None))], node[(*before, slice(None, -1))]
        node = later ^ earlier if node.type.dtype == "bool" else later - earlier
    return node


syntax.define(cumsum=cumsum, cumprod=cumprod)
