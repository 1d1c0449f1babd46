"""Order along an axis: sorted elements, the positions that sort them, and the largest few.

Floor 2. Read `along_axis.py` first: gradients go back along the positions that sort. Equal elements keep their order (a stable sort), and
nan counts as larger than every number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, constant_value
from ..graph.errors import DtypeError, IndexingError, RankError, ShapeError
from ..graph.node import Node
from ..graph.types import TensorType, dtype_name, is_integer, normal_axis
from .along_axis import AddAlongAxis, TakeAlongAxis
from .choices import cast, zeros_like
from .families import Case, Library, describe

KINDS = ("quicksort", "mergesort", "heapsort", "stable")


class Sort(Library):
    """The elements in ascending order along one axis.

    >>> T.sort([3, 1, 2]).eval()
    array([1, 2, 3])
    """

    latex = r"\operatorname{{sort}}\left({x}\right)"
    sample = (Case((5,), axis=0), Case((3, 4), axis=0), Case((3, 4), axis=1), Case((0, 2), axis=0))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any) -> Any:
        result = np.moveaxis(np.array(x), self.axis, -1)
        for position in np.ndindex(result.shape[:-1]):
            result[position] = sorted(result[position].tolist())
        return np.moveaxis(result, -1, self.axis)

    def type(self, x: Node) -> TensorType:
        return x.type

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.sort(x, axis=self.axis)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [AddAlongAxis(self.axis)(zeros_like(x, g.type.dtype), g, ArgSort(self.axis)(x))]


class ArgSort(Library):
    """The positions that put the elements in ascending order along one axis; equal ones keep their order.

    >>> T.argsort([3, 1, 2]).eval()
    array([1, 2, 0])
    """

    latex = r"\operatorname{{argsort}}\left({x}\right)"
    differentiable = False
    sample = (Case((5,), axis=0), Case((3, 4), axis=0), Case((3, 4), axis=1), Case([2.0, 1.0, 2.0, 1.0], axis=0))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any) -> Any:
        return positions_in_order(x, self.axis, largest_first=False)

    def type(self, x: Node) -> TensorType:
        return x.type.with_dtype("int64")

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.argsort(x, axis=self.axis, kind="stable")


class ArgTopk(Library):
    """The positions of the k largest elements along one axis, largest first; with k < 0 of the smallest, smallest first.

    >>> T.argtopk([3, 1, 4, 1, 5], 2).eval(), T.argtopk([3, 1, 4, 1, 5], -2).eval()
    (array([4, 2]), array([1, 3]))
    """

    numbers = slice(1, None)
    latex = r"\operatorname{{argtop}}_{{{y}}}\left({x}\right)"
    differentiable = False
    advice = "a k between 1 and the length of the axis"
    sample = (Case((5,), 2, axis=0), Case((3, 4), 3, axis=0), Case((3, 4), -2, axis=1), Case([2.0, 1.0, 2.0, 1.0], 3, axis=0))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any, k: Any) -> Any:
        return np.take(positions_in_order(x, self.axis, largest_first=k > 0), range(abs(int(k))), self.axis)

    def type(self, x: Node, k: Node) -> TensorType:
        asked = f"T.topk({x.label}, {k.label})"
        if not is_integer(k.type.dtype):
            raise DtypeError(asked, f"{describe(k)}; a number of elements is a whole number", f"T.cast({k.label}, 'int64')")
        if k.type.ndim:
            raise RankError(asked, describe(k), "a single number for k")
        known, length = constant_value(k), x.type.shape[self.axis]
        if known is not None and (known == 0 or (length is not None and abs(known) > length)):
            raise ShapeError(asked, f"k={known} for an axis of length {'?' if length is None else length}", self.advice)
        shape = list(x.type.shape)
        shape[self.axis] = None if known is None else abs(known)
        return TensorType("int64", shape)

    def numpy(self, xp: Any, x: Any, k: Any) -> Any:
        length, wanted = x.shape[self.axis], int(k)
        if not 1 <= abs(wanted) <= length:
            raise IndexingError("", f"k={wanted} for an axis of length {length}", self.advice)
        if wanted > 0:  # a stable sort of the reversed axis, read backwards: descending, and equal elements keep their order
            order = length - 1 - xp.flip(xp.argsort(xp.flip(x, self.axis), axis=self.axis, kind="stable"), self.axis)
        else:
            order = xp.argsort(x, axis=self.axis, kind="stable")
        return order[(slice(None),) * self.axis + (slice(abs(wanted)),)]


def positions_in_order(x: Any, axis: int, largest_first: bool) -> Any:
    """Return the positions that sort, by Python's own stable sort: the oracle of the tests."""
    rows = np.moveaxis(np.asarray(x), axis, -1)
    result = np.empty(rows.shape, "int64")
    for position in np.ndindex(rows.shape[:-1]):
        row = rows[position].tolist()
        result[position] = sorted(range(len(row)), key=lambda number: -row[number] if largest_first else row[number])
    return np.moveaxis(result, -1, axis)


def prepared(x: Any, axis: int | None, asked: str, kind: str | None = None) -> tuple[Node, int]:
    """Return what to sort and the axis counted from the front; all elements in one vector for axis=None.

    Raises:
        RankError: a scalar has no order.
        AxisError: no such axis.
    """
    node = as_node(x)
    asked = asked.format(x=node.label)
    if kind is not None and kind not in KINDS:
        raise ValueError(f"{asked} with kind={kind!r}: it is one of {', '.join(KINDS)} (all give the same result here)")
    if axis is None:
        return (node if node.type.ndim == 1 else syntax.apply("flatten", node, 1)), 0
    if node.type.ndim == 0:
        raise RankError(asked, f"{describe(node)}: a single number has no order", "a vector, or axis=None")
    return node, normal_axis(axis, node.type.ndim, asked)


def sort(x: Any, axis: int | None = -1, kind: str | None = None, order: None = None) -> Node:
    """Return the elements of `x` in ascending order along an axis; with axis=None all of them in one vector.

    Args:
        x: an array.
        axis: the axis to sort along.
        kind, order: accepted for NumPy's sake; every kind gives the same result.

    Raises:
        AxisError, RankError: no such axis.

    >>> T.sort([[3, 1], [2, 4]], axis=None).eval()
    array([1, 2, 3, 4])
    """
    node, position = prepared(x, axis, "T.sort({x})", kind)
    return Sort(position)(node)


def argsort(x: Any, axis: int | None = -1, kind: str | None = None, order: None = None) -> Node:
    """Return the positions (int64) that put `x` in ascending order; equal elements keep their order.

    Args:
        x: an array.
        axis: the axis to sort along; None for positions in `x.flatten()`.
        kind, order: accepted for NumPy's sake; every kind gives the same result.

    Raises:
        AxisError, RankError: no such axis.

    >>> T.argsort([[3, 1, 2]]).eval()
    array([[1, 2, 0]])
    """
    node, position = prepared(x, axis, "T.argsort({x})", kind)
    return ArgSort(position)(node)


def argtopk(x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64") -> Node:
    """Return the positions of the k largest elements along an axis, largest first; of the smallest if k is negative.

    Args:
        x: an array.
        kth: k, a whole number or a symbolic one.
        axis: the axis; None for positions in `x.flatten()`.
        sorted: accepted for Theano's sake; the result is always in order.
        idx_dtype: dtype of the positions.

    Raises:
        ShapeError, IndexingError: k is 0, or larger than the length (known when building, or when the function runs).

    >>> T.argtopk([10, 30, 20], 2).eval()
    array([1, 2])
    """
    node, position = prepared(x, axis, "T.argtopk({x}, k)")
    return cast(ArgTopk(position)(node, as_node(kth)), dtype_name(idx_dtype))


def topk(x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64") -> Node:
    """Return the k largest elements along an axis, largest first; the smallest, smallest first, if k is negative.

    Arguments and errors are those of `argtopk`.

    >>> T.topk([10, 30, 20], 2).eval()
    array([30, 20])
    """
    return topk_and_argtopk(x, kth, axis, sorted, idx_dtype)[0]


def topk_and_argtopk(x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64") -> tuple[Node, Node]:
    """Return both `topk` and `argtopk`."""
    node, position = prepared(x, axis, "T.topk({x}, k)")
    order = ArgTopk(position)(node, as_node(kth))
    return TakeAlongAxis(position)(node, order), cast(order, dtype_name(idx_dtype))


syntax.define(sort=sort, argsort=argsort)
