"""What the type says about lengths: which are 1 and stretch, which are known.

Floor 2. These ops compute nothing; they change the type and check the lengths when the function runs. Read `lengths` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.convert import as_node
from ..graph.errors import RankError, ShapeError
from ..graph.node import Node
from ..graph.types import TensorType, normal_axis
from .families import Case, View, describe
from .lengths import Template, as_lengths, filled_in, split_lengths, static_lengths


class Rebroadcast(View):
    """The same array, with axes declared to have length 1 (True), so that they stretch, or not to be known as such (False).

    >>> T.addbroadcast(T.matrix(), 0).type
    TensorType(float64, row)
    """

    latex = "{x}"
    advice = "T.unbroadcast, or no declaration, for an axis whose length is not 1"
    sample = (Case((1, 3), pattern=(True, False)), Case((2, 1), pattern=(False, False)))

    def __init__(self, pattern: tuple[bool, ...]) -> None:
        self.pattern = pattern

    def same_as(self, x: Any) -> Any:
        return x.copy()

    def type(self, x: Node) -> TensorType:
        for axis, (stretches, length) in enumerate(zip(self.pattern, x.type.shape)):
            if stretches and length not in (None, 1):
                raise ShapeError(
                    f"T.addbroadcast({x.label}, {axis})", f"{describe(x)}: axis {axis} has length {length}", "an axis of length 1"
                )
        return x.type.with_shape(
            [1 if stretches else None if length == 1 else length for stretches, length in zip(self.pattern, x.type.shape)]
        )

    def numpy(self, xp: Any, x: Any) -> Any:
        for axis, stretches in enumerate(self.pattern):
            if stretches and x.shape[axis] != 1:
                raise ShapeError("", f"axis {axis} was declared to have length 1 and has {x.shape[axis]}", self.advice)
        return x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [patternbroadcast(g, x.type.broadcastable)]


class SpecifyShape(View):
    """The same array, whose lengths must be the given ones when the function runs; None is a length that is not checked.

    >>> T.specify_shape(T.matrix(), (2, None)).type
    TensorType(float64, (2, ?))
    """

    numbers = slice(1, None)
    latex = "{x}"
    advice = "an array of the declared shape, or another declaration"
    sample = (Case((2, 3), template=(2, None)), Case((2, 3), 3, template=(2, "?")))

    def __init__(self, template: Template) -> None:
        self.template = template

    def same_as(self, x: Any, *lengths: Any) -> Any:
        return x.copy()

    def type(self, x: Node, *lengths: Node) -> TensorType:
        declared = static_lengths(self.template, lengths)
        for axis, (wanted, length) in enumerate(zip(declared, x.type.shape)):
            if wanted is not None and length is not None and wanted != length:
                raise ShapeError(
                    f"T.specify_shape({x.label}, {self.template!r})",
                    f"{describe(x)}: axis {axis} has length {length}",
                    f"length {length} there",
                )
        return x.type.with_shape([length if wanted is None else wanted for wanted, length in zip(declared, x.type.shape)])

    def numpy(self, xp: Any, x: Any, *lengths: Any) -> Any:
        wanted = filled_in(self.template, lengths)
        if any(length is not None and length != actual for length, actual in zip(wanted, x.shape)):
            raise ShapeError("", f"the shape was declared to be {tuple(wanted)} and is {x.shape}", self.advice)
        return x

    def vjp(self, g: Node, out: Node, x: Node, *lengths: Node) -> Sequence[Any]:
        return [g, *[None] * len(lengths)]


def patternbroadcast(x: Any, broadcastable: Sequence[bool]) -> Node:
    """Return `x` with a broadcast pattern: True for an axis of length 1 that stretches, False for one that does not.

    Raises:
        RankError: the pattern has another number of axes.
        ShapeError: an axis declared to have length 1 has another; checked again when the function runs.

    >>> T.patternbroadcast(T.matrix(), (False, True)).type
    TensorType(float64, col)
    """
    node = as_node(x)
    pattern = tuple(bool(each) for each in broadcastable)
    if len(pattern) != node.type.ndim:
        raise RankError(f"T.patternbroadcast({node.label}, {pattern})", f"{describe(node)}", f"a pattern with {node.type.ndim} entries")
    return node if pattern == node.type.broadcastable else Rebroadcast(pattern)(node)


def addbroadcast(x: Any, *axes: int) -> Node:
    """Return `x` with some axes declared to have length 1, so that they stretch; checked when the function runs.

    Raises:
        AxisError: no such axis.
        ShapeError: the axis has another length.
    """
    node = as_node(x)
    chosen = {normal_axis(axis, node.type.ndim, f"T.addbroadcast({node.label})") for axis in axes}
    return patternbroadcast(node, [axis in chosen or flag for axis, flag in enumerate(node.type.broadcastable)])


def unbroadcast(x: Any, *axes: int) -> Node:
    """Return `x` with some axes that do not stretch any more, although their length is 1.

    Raises:
        AxisError: no such axis.

    >>> T.unbroadcast(T.row(), 0).type
    TensorType(float64, matrix)
    """
    node = as_node(x)
    chosen = {normal_axis(axis, node.type.ndim, f"T.unbroadcast({node.label})") for axis in axes}
    return patternbroadcast(node, [flag and axis not in chosen for axis, flag in enumerate(node.type.broadcastable)])


def specify_shape(x: Any, shape: Any) -> Node:
    """Return `x` with its lengths declared; None for one that stays open. They are checked when the function runs.

    Raises:
        RankError: another number of lengths than axes.
        ShapeError: a length contradicts the type or, when the function runs, the array.
    """
    node = as_node(x)
    lengths = as_lengths(shape, f"T.specify_shape({node.label}, {shape!r})", node.type.ndim, free=True)
    template, dynamic = split_lengths(lengths)
    return SpecifyShape(template)(node, *dynamic)
