"""The shape of an array as a value, and `dimshuffle`, which puts its axes in another order.

Floor 2. Read `families` before; `axes` and `reshaping` stand on this room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import AxisError, LazyText, ShapeError
from ..graph.node import Node
from ..graph.types import Length, TensorType, normal_axis, number_of_elements
from .families import Case, Library, View


class Shape(Library):
    """The lengths of the axes as an int64 vector.

    >>> T.constant([[1, 2, 3], [4, 5, 6]]).shape.eval()
    array([2, 3])
    """

    of_shape = True
    latex = r"\operatorname{{shape}}\left({x}\right)"
    python = "{x}.shape"
    sample = (Case((2, 3)), Case(()))

    def same_as(self, x: Any) -> Any:
        lengths, inner = [], x.tolist()
        while isinstance(inner, list):
            lengths.append(len(inner))
            inner = inner[0]
        return np.array(lengths, "int64")

    def type(self, x: Node) -> TensorType:
        return TensorType("int64", (x.type.ndim,))

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.asarray(x.shape, dtype="int64")

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [None]


class AxisLength(Library):
    """The length of one axis as an int64 scalar.

    >>> from tensorlab.ops.shapes import length_of
    >>> m = T.matrix("m")
    >>> length_of(m, 1).eval({m: [[1, 2, 3], [4, 5, 6]]})
    array(3)
    """

    of_shape = True
    glyph = "length"
    sample = (Case((2, 3), axis=0), Case((2, 3), axis=1))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    @property
    def python(self) -> str:  # type: ignore[override]
        return f"{{x}}.shape[{self.axis}]"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return f"\\operatorname{{{{length}}}}_{{{{{self.axis}}}}}\\left({{x}}\\right)"

    def same_as(self, x: Any) -> Any:
        inner = x.tolist()
        for _ in range(self.axis):
            inner = inner[0]
        return np.array(len(inner), "int64")

    def type(self, x: Node) -> TensorType:
        return TensorType("int64", ())

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.asarray(x.shape[self.axis], dtype="int64")

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [None]


class DimShuffle(View):
    """Axes in another order; "x" is a new axis of length 1, and an axis left out must have length 1 by type.

    >>> T.constant([1, 2]).dimshuffle(0, "x").eval()
    array([[1],
           [2]])
    """

    sample = (
        Case((2, 3), pattern=(1, 0)),
        Case((3,), pattern=(0, "x")),
        Case((2, 3, 4), pattern=("x", 2, 0, 1)),
        Case((), pattern=("x", "x")),
    )

    def __init__(self, pattern: tuple[int | str, ...]) -> None:
        self.pattern = pattern

    @property
    def python(self) -> str:  # type: ignore[override]
        return "{x}.T" if self.pattern == (1, 0) else f"{{x}}.dimshuffle({', '.join(map(repr, self.pattern))})"

    def same_as(self, x: Any) -> Any:
        result = np.empty([1 if axis == "x" else x.shape[axis] for axis in self.pattern], x.dtype)
        for place in np.ndindex(result.shape):
            result[place] = x[tuple(place[self.pattern.index(axis)] for axis in range(x.ndim))]
        return result

    def __str__(self) -> str:
        return "dimshuffle{" + ",".join(map(str, self.pattern)) + "}"

    def type(self, x: Node) -> TensorType:
        return x.type.with_shape([1 if axis == "x" else x.type.shape[int(axis)] for axis in self.pattern])

    @property
    def kept(self) -> tuple[int, ...]:
        """The operand's axes in the order of the result."""
        return tuple(int(axis) for axis in self.pattern if axis != "x")

    def numpy(self, xp: Any, x: Any) -> Any:
        dropped = tuple(axis for axis in range(x.ndim) if axis not in self.kept)
        ordered = xp.transpose(x, (*self.kept, *dropped))
        lengths = iter(ordered.shape)
        return xp.reshape(ordered, tuple(1 if axis == "x" else next(lengths) for axis in self.pattern))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [DimShuffle(tuple(self.pattern.index(axis) if axis in self.pattern else "x" for axis in range(x.type.ndim)))(g)]


shape_of = Shape()


def dimshuffle(x: Any, *pattern: Any) -> Node:
    """Return `x` with its axes reordered; "x" in the pattern is a new axis of length 1 that stretches.

    Raises:
        AxisError: the pattern names an axis that does not exist, or one twice.
        ShapeError: an axis left out is not of length 1 by type.

    >>> T.vector().dimshuffle("x", 0).type
    TensorType(float64, row)
    """
    node = as_node(x)
    if len(pattern) == 1 and isinstance(pattern[0], (list, tuple)):
        pattern = tuple(pattern[0])
    asked = LazyText(lambda: f"{node.label}.dimshuffle{pattern!r}")
    order = tuple("x" if isinstance(axis, str) and axis == "x" else normal_axis(axis, node.type.ndim, asked) for axis in pattern)
    named = [axis for axis in order if axis != "x"]
    if len(set(named)) < len(named):
        raise AxisError(asked, "an axis is named twice", "each axis once, 'x' for new ones")
    for axis, length in enumerate(node.type.shape):
        if axis not in order and length != 1:
            raise ShapeError(
                asked,
                f"axis {axis} is left out, but its length is {'not known to be 1' if length is None else length}",
                f"name axis {axis} too, or {node.label}.sum({axis}), or T.addbroadcast({node.label}, {axis}) if its length is 1",
            )
    return node if order == tuple(range(node.type.ndim)) else DimShuffle(order)(node)


def length_of(x: Any, axis: int) -> Node:
    """Return the length of one axis as an int64 scalar; a constant if the type knows it."""
    node = as_node(x)
    length = node.type.shape[axis]
    return AxisLength(axis % node.type.ndim)(node) if length is None else as_node(length, "int64")


def lengths_of(x: Node) -> list[int | Node]:
    """Return the lengths of all axes: numbers where the type knows them, int64 scalars elsewhere."""
    return [AxisLength(axis)(x) if length is None else length for axis, length in enumerate(x.type.shape)]


def element_count(x: Any, axes: Sequence[int] | None = None) -> int | Node:
    """Return the number of elements along some axes (None: all): a number if the type knows it, else an int64 scalar.

    >>> element_count(T.constant([[1, 2, 3]])), element_count(T.matrix("m"), [0])
    (3, axis_length{axis=0}.0)
    """
    node = as_node(x)
    chosen: list[Length] = [node.type.shape[axis] for axis in (range(node.type.ndim) if axes is None else axes)]
    known = number_of_elements(chosen)
    if known is not None:
        return known
    product: int | Node = number_of_elements(length for length in chosen if length is not None) or 0
    for axis in range(node.type.ndim) if axes is None else axes:
        if node.type.shape[axis] is None:
            length = AxisLength(axis)(node)
            product = length if isinstance(product, int) and product == 1 else product * length
    return product


def size(x: Any) -> Node:
    """Return the number of elements as an int64 scalar.

    >>> T.constant([[1, 2, 3]]).size.eval()
    array(3)
    """
    return as_node(element_count(x), "int64")


syntax.define(shape=shape_of, dimshuffle=dimshuffle, size=size)
