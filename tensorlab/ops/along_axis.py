"""One element per position, chosen along a single axis: reading, and its reverse.

Floor 2. Sorting and `T.choose` stand on this: every other axis keeps its length, so that an index says only how far to go along one axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.convert import as_node
from ..graph.errors import DtypeError, RankError, ShapeError
from ..graph.node import Node
from ..graph.types import Length, TensorType, is_integer, normal_axis
from .choices import zeros_like
from .families import Case, Library, describe
from .outside import outside

ADVICE = "positions from 0 to the length minus 1, and the same lengths on all other axes"


class TakeAlongAxis(Library):
    """Element (i, j) of the result is x[index[i, j], j] for axis 0, x[i, index[i, j]] for axis 1, and so on.

    >>> T.take_along_axis([[1, 2], [3, 4]], [[1, 1], [0, 1]], axis=1).eval()
    array([[2, 2],
           [3, 4]])
    """

    latex = r"\operatorname{{take}}\left({x}, {y}\right)"
    advice = ADVICE
    sample = (
        Case((3,), [2, 0, 2, -1], axis=0),
        Case((2, 3), [[1, 0, 1]], axis=0),
        Case((2, 3), [[2, 2], [0, -1]], axis=1),
        Case((2, 2, 2), [[[0, 1]], [[1, 1]]], axis=1),
    )

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any, index: Any) -> Any:
        result = np.empty(index.shape, x.dtype)
        for position in np.ndindex(index.shape):
            source = list(position)
            source[self.axis] = int(index[position]) % x.shape[self.axis]
            result[position] = x[tuple(source)]
        return result

    def type(self, x: Node, index: Node) -> TensorType:
        return x.type.with_shape(meet(self, x, index))

    def numpy(self, xp: Any, x: Any, index: Any) -> Any:
        meet_at_run_time(x, index, self.axis)
        if hasattr(xp, "notice"):  # NumPy complains by itself
            outside(xp, index, -x.shape[self.axis], x.shape[self.axis])
        return xp.take_along_axis(x, index, self.axis)

    def vjp(self, g: Node, out: Node, x: Node, index: Node) -> Sequence[Any]:
        return [AddAlongAxis(self.axis)(zeros_like(x, g.type.dtype), g, index), None]


class AddAlongAxis(Library):
    """A copy of x with each element of y added at its position along one axis; the reverse of `TakeAlongAxis`.

    >>> from tensorlab.ops.along_axis import AddAlongAxis
    >>> AddAlongAxis(0)(T.constant([0.0, 0.0]), T.constant([1.0, 2.0, 3.0]), T.constant([0, 1, 1])).eval()
    array([1., 5.])
    """

    by_host = "elements that meet at one position are added there in no fixed order, and the last bits would differ between runs"
    latex = r"\operatorname{{add}}\left({x}, {y}, {z}\right)"
    advice = ADVICE
    sample = (
        Case((3,), (4,), [2, 0, 2, -1], axis=0),
        Case((2, 3), (2, 2), [[2, 2], [0, -1]], axis=1),
    )

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any, y: Any, index: Any) -> Any:
        result = np.array(x)
        for position in np.ndindex(index.shape):
            target = list(position)
            target[self.axis] = int(index[position])
            result[tuple(target)] = result[tuple(target)] + y[position]
        return result

    def type(self, x: Node, y: Node, index: Node) -> TensorType:
        meet(self, x, index)
        return x.type

    def numpy(self, xp: Any, x: Any, y: Any, index: Any) -> Any:
        meet_at_run_time(x, index, self.axis)
        if y.shape != index.shape:
            raise ShapeError("", f"values of shape {y.shape} for positions of shape {index.shape}", "one value for each position")
        grid = [xp.arange(length).reshape((-1,) + (1,) * (x.ndim - 1 - axis)) for axis, length in enumerate(index.shape)]
        grid[self.axis] = index
        result = xp.array(x)
        xp.add.at(result, tuple(grid), y)
        return result

    def vjp(self, g: Node, out: Node, x: Node, y: Node, index: Node) -> Sequence[Any]:
        return [g, TakeAlongAxis(self.axis)(g, index), None]


def meet(op: Any, x: Node, index: Node) -> tuple[Length, ...]:
    """Return the shape of the index, or raise the error for lengths that are known not to fit."""
    asked = f"{op.name}({x.label}, {index.label}) with axis={op.axis}"
    if not is_integer(index.type.dtype):
        raise DtypeError(asked, f"{describe(index)}; positions are whole numbers", f"T.cast({index.label}, 'int64')")
    if x.type.ndim != index.type.ndim:
        raise RankError(asked, f"{describe(x)}; {describe(index)}", "an index with as many axes as the array")
    lengths = list(index.type.shape)
    for axis, (own, other) in enumerate(zip(x.type.shape, index.type.shape)):
        if axis != op.axis:
            if own is not None and other is not None and own != other:
                raise ShapeError(asked, f"{describe(x)}; {describe(index)}; lengths differ on axis {axis}", ADVICE)
            lengths[axis] = other if other is not None else own
    return tuple(lengths)


def meet_at_run_time(x: Any, index: Any, axis: int) -> None:
    """Raise ShapeError unless all axes but one have the same length; NumPy would stretch lengths of 1."""
    for each, (own, other) in enumerate(zip(x.shape, index.shape)):
        if each != axis and own != other:
            raise ShapeError("", f"lengths {own} and {other} on axis {each}", ADVICE)


def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Node:
    """Return one element of `x` per element of `indices`, chosen along `axis`; all other axes have the same lengths.

    Raises:
        DtypeError, RankError, ShapeError, AxisError: `indices` are no whole numbers, or do not fit.
        IndexingError: when the function runs, a position does not exist.

    >>> x = T.constant([[3, 1, 2]])
    >>> T.take_along_axis(x, T.argsort(x), axis=1).eval()
    array([[1, 2, 3]])
    """
    node = as_node(x)
    return TakeAlongAxis(normal_axis(axis, node.type.ndim, f"T.take_along_axis({node.label}, …)"))(node, as_node(indices))
