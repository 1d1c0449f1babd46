"""Diagonals: taken from a matrix, put into one, added up.

Floor 2. Read `shapes` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, is_weak, shorten
from ..graph.errors import AxisError, ConversionError, RankError, ShapeError
from ..graph.node import Node
from ..graph.types import Length, TensorType, normal_axis
from ..graph.wording import in_code
from .choices import cast, switch
from .comparisons import eq
from .families import Case, Library, View, describe
from .lengths import as_length_node, as_offset, known_length
from .ranges import arange
from .reductions import sum_of
from .shapes import length_of


class Diagonal(View):
    """The diagonal of two axes, as a new last axis; `offset` counts diagonals above (positive) or below the main one.

    >>> T.diagonal(T.constant([[1, 2], [3, 4]])).eval()
    array([1, 4])
    """

    latex = r"\operatorname{{diag}}\left({x}\right)"
    sample = (
        Case((3, 3), offset=0, axis1=0, axis2=1),
        Case((2, 4), offset=1, axis1=0, axis2=1),
        Case((2, 4), offset=-1, axis1=0, axis2=1),
        Case((2, 3, 4), offset=0, axis1=2, axis2=0),
    )

    def __init__(self, offset: int, axis1: int, axis2: int) -> None:
        self.offset, self.axis1, self.axis2 = offset, axis1, axis2

    def same_as(self, x: Any) -> Any:
        rest = [axis for axis in range(x.ndim) if axis not in (self.axis1, self.axis2)]
        result = np.empty((*(x.shape[axis] for axis in rest), diagonal_length(x.shape[self.axis1], x.shape[self.axis2], self.offset)))
        for place in np.ndindex(result.shape):
            there = dict(zip(rest, place))
            there[self.axis1], there[self.axis2] = place[-1] + max(-self.offset, 0), place[-1] + max(self.offset, 0)
            result[place] = x[tuple(there[axis] for axis in range(x.ndim))]
        return result

    def type(self, x: Node) -> TensorType:
        rest = [length for axis, length in enumerate(x.type.shape) if axis not in (self.axis1, self.axis2)]
        rows, columns = x.type.shape[self.axis1], x.type.shape[self.axis2]
        length: Length = None if rows is None or columns is None else diagonal_length(rows, columns, self.offset)
        return x.type.with_shape([*rest, length])

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.diagonal(x, self.offset, self.axis1, self.axis2)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [OnDiagonal(self.offset, self.axis1, self.axis2)(g, length_of(x, self.axis1), length_of(x, self.axis2))]


class OnDiagonal(Library):
    """The last axis laid along the diagonal of two new axes, which have `rows` and `columns` elements; zeros elsewhere.

    >>> T.diag(T.constant([1, 2])).eval()
    array([[1, 0],
           [0, 2]])
    """

    numbers = slice(1, None)
    latex = r"\operatorname{{diag}}\left({x}\right)"
    advice = "as many elements as the diagonal is long"
    sample = (
        Case((3,), 3, 3, offset=0, axis1=0, axis2=1),
        Case((2,), 2, 4, offset=1, axis1=0, axis2=1),
        Case((3, 2), 4, 2, offset=0, axis1=2, axis2=0),
    )

    def __init__(self, offset: int, axis1: int, axis2: int) -> None:
        self.offset, self.axis1, self.axis2 = offset, axis1, axis2

    def places(self, ndim: int) -> list[int]:
        """The axes of the result that are not on the diagonal."""
        return [axis for axis in range(ndim) if axis not in (self.axis1, self.axis2)]

    def shape(self, x: Sequence[Any], rows: Any, columns: Any) -> list[Any]:
        """The shape of the result."""
        shape: list[Any] = [None] * (len(x) + 1)
        shape[self.axis1], shape[self.axis2] = rows, columns
        for axis, length in zip(self.places(len(shape)), x):
            shape[axis] = length
        return shape

    def same_as(self, x: Any, rows: Any, columns: Any) -> Any:
        result = np.zeros(self.shape(x.shape, int(rows), int(columns)))
        for place in np.ndindex(x.shape):
            there = dict(zip(self.places(result.ndim), place))
            there[self.axis1], there[self.axis2] = place[-1] + max(-self.offset, 0), place[-1] + max(self.offset, 0)
            result[tuple(there[axis] for axis in range(result.ndim))] = x[place]
        return result

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        x, rows, columns = arguments
        return [as_node(x), as_length_node(rows), as_length_node(columns)]

    def type(self, x: Node, rows: Node, columns: Node) -> TensorType:
        return x.type.with_shape(self.shape(x.type.shape, known_length(rows), known_length(columns)))

    def numpy(self, xp: Any, x: Any, rows: Any, columns: Any) -> Any:
        length = diagonal_length(int(rows), int(columns), self.offset)
        if length != x.shape[-1]:
            raise ShapeError("", f"{x.shape[-1]} elements for a diagonal of length {length}", self.advice)
        result = xp.zeros(self.shape(x.shape, int(rows), int(columns)), dtype=x.dtype)
        steps = xp.arange(length)
        xp.moveaxis(result, (self.axis1, self.axis2), (-2, -1))[..., steps + max(-self.offset, 0), steps + max(self.offset, 0)] = x
        return result

    def vjp(self, g: Node, out: Node, x: Node, rows: Node, columns: Node) -> Sequence[Any]:
        return [Diagonal(self.offset, self.axis1, self.axis2)(g), None, None]


def diagonal_length(rows: int, columns: int, offset: int) -> int:
    """Return how many elements a diagonal has.

    >>> from tensorlab.ops.diagonals import diagonal_length
    >>> diagonal_length(2, 4, 1), diagonal_length(2, 4, 3), diagonal_length(2, 2, 5)
    (2, 1, 0)
    """
    return max(min(rows - max(-offset, 0), columns - max(offset, 0)), 0)


def known_offset(offset: Any, asked: str) -> int:
    """Return the number of a diagonal, which must be known: the card keeps it, and the length of the diagonal depends on it.

    Raises:
        DtypeError: no whole number.
        ConversionError: a symbol.
    """
    number = as_offset(offset, asked)
    if isinstance(number, Node):
        found = f"{describe(number)}; the number of a diagonal must be known when the expression is made"
        raise ConversionError(asked, found, f"a Python int such as 1; T.eye(rows, columns, k={in_code(number)}) takes a symbol")
    return number


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Node:
    """Return the diagonal of two axes as a new last axis; for a matrix, the vector of its diagonal elements.

    Raises:
        RankError: fewer than two axes.
        AxisError: no such axis, or twice the same.
    """
    node = as_node(x)
    asked = f"T.diagonal({node.label}, {offset}, {axis1}, {axis2})"
    if node.type.ndim < 2:
        raise RankError(asked, describe(node), f"T.diag({node.label}) for a matrix with this diagonal" if node.type.ndim else "a matrix")
    one, two = normal_axis(axis1, node.type.ndim, asked), normal_axis(axis2, node.type.ndim, asked)
    if one == two:
        raise AxisError(asked, "a diagonal lies between two different axes", "axis1=0, axis2=1")
    return Diagonal(known_offset(offset, asked), one, two)(node)


def diag(v: Any, k: int = 0) -> Node:
    """Return the k-th diagonal of a matrix, or the square matrix with a vector on its k-th diagonal.

    Raises:
        RankError: neither vector nor matrix.
        DtypeError: k is no whole number.

    >>> T.diag(T.constant([[1, 2], [3, 4]]), 1).eval()
    array([2])
    """
    node = as_node(v)
    k = known_offset(k, f"T.diag({in_code(node)}, {shorten(k)})")
    if node.type.ndim == 2:
        return diagonal(node, k)
    if node.type.ndim != 1:
        raise RankError(f"T.diag({node.label})", describe(node), "a vector or a matrix")
    length = node.type.shape[0]
    side = length_of(node, 0) + abs(k) if length is None else length + abs(k)
    return OnDiagonal(k, 0, 1)(node, side, side)


def trace(x: Any, offset: int = 0) -> Node:
    """Return the sum of the diagonal of a matrix.

    Raises:
        RankError: no matrix.

    >>> T.constant([[1.0, 2.0], [3.0, 4.0]]).trace().eval()
    array(5.)
    """
    node = as_node(x)
    if node.type.ndim != 2:
        raise RankError(f"T.trace({node.label})", describe(node), "a matrix")
    return sum_of(diagonal(node, offset))


def fill_diagonal(a: Any, val: Any) -> Node:
    """Return `a` with its main diagonal (all indices equal) replaced by a number.

    Raises:
        RankError: fewer than two axes, or `val` is not a single number.

    >>> T.fill_diagonal(T.constant([[1.0, 2.0], [3.0, 4.0]]), 0).eval()
    array([[0., 2.],
           [3., 0.]])
    """
    return fill_diagonal_offset(a, val, 0)


def fill_diagonal_offset(a: Any, val: Any, offset: Any) -> Node:
    """Return `a` with a diagonal replaced by a number; `offset` counts diagonals above (positive) or below the main one.

    Raises:
        RankError: fewer than two axes, or `val` is not a single number.
    """
    node = as_node(a)
    value = as_node(val, node.type.dtype) if is_weak(val) else cast(val, node.type.dtype)
    asked = f"T.fill_diagonal({node.label}, {value.label})"
    if node.type.ndim < 2 or value.type.ndim:
        raise RankError(asked, describe(node if node.type.ndim < 2 else value), "a matrix and a single number")
    offset = as_offset(offset, f"T.fill_diagonal_offset({in_code(node)}, {in_code(value)}, {shorten(offset)})")
    rank = node.type.ndim
    along = [arange(length_of(node, axis)).dimshuffle(*["x"] * axis, 0, *["x"] * (rank - 1 - axis)) for axis in range(rank)]
    first = along[0] + offset if isinstance(offset, Node) or offset else along[0]
    here = eq(first, along[1])
    for each in along[2:]:
        here = here & eq(along[0], each)
    return switch(here, value, node)


syntax.define(diagonal=diagonal, trace=trace)
