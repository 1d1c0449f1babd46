"""The shape of an array, and other views of the same elements.

Floor 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import AxisError, ShapeError
from ..graph.node import Node
from ..graph.types import TensorType, normal_axis
from .families import Case, Library, View


class Shape(Library):
    """The lengths of the axes as an int64 vector.

    >>> T.constant([[1, 2, 3], [4, 5, 6]]).shape.eval()
    array([2, 3])
    """

    latex = r"\operatorname{{shape}}\left({x}\right)"
    sample = (Case((2, 3)), Case(()))

    def same_as(self, x: Any) -> Any:
        lengths = []
        while isinstance(x, list):
            lengths.append(len(x))
            x = x[0]
        return lengths

    def type(self, x: Node) -> TensorType:
        return TensorType("int64", (x.type.ndim,))

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.asarray(x.shape, dtype="int64")

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [None]


class DimShuffle(View):
    """Axes in another order; "x" is a new axis of length 1, and an axis left out must have length 1 by type.

    >>> T.constant([1, 2]).dimshuffle(0, "x").eval()
    array([[1],
           [2]])
    """

    sample = (Case((2, 3), pattern=(1, 0)), Case((3,), pattern=(0, "x")), Case((2, 3, 4), pattern=("x", 2, 0, 1)), Case((), pattern=("x", "x")))

    def __init__(self, pattern: tuple[int | str, ...]) -> None:
        self.pattern = pattern

    def same_as(self, x: Any) -> Any:
        """Read every element of the result from its place in the operand."""
        from itertools import product

        lengths, inner = [], x
        while isinstance(inner, list):
            lengths.append(len(inner))
            inner = inner[0]
        shape = [1 if axis == "x" else lengths[axis] for axis in self.pattern]
        flat = []
        for position in product(*map(range, shape)):
            element = x
            for axis in range(len(lengths)):
                element = element[position[self.pattern.index(axis)]]
            flat.append(element)
        return shape, flat

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


def dimshuffle(x: Any, *pattern: Any) -> Node:
    """Return `x` with its axes reordered; "x" in the pattern is a new axis of length 1 that stretches.

    Raises:
        AxisError: the pattern names an axis that does not exist, or one twice.
        ShapeError: an axis left out is not of length 1 by type.
    """
    node = as_node(x)
    if len(pattern) == 1 and isinstance(pattern[0], (list, tuple)):
        pattern = tuple(pattern[0])
    asked = f"{node.label}.dimshuffle{pattern!r}"
    order = tuple("x" if axis == "x" else normal_axis(axis, node.type.ndim, asked) for axis in pattern)
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


shape_of = Shape()

syntax.define(shape=shape_of, dimshuffle=dimshuffle)
