"""Arrays joined along an axis that they have, and cut apart again.

Floor 2. Read `filling` before; a new axis for every array is in `stacking`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.convert import as_node, as_nodes
from ..graph.errors import AxisError, ConversionError, LazyText, RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote
from ..graph.types import Length, TensorType, common_shape, normal_axis
from ..graph.wording import counted, in_code
from .axes import check_same_rank
from .choices import cast
from .families import Case, Library, View, describe
from .filling import zeros
from .lengths import as_length_node, as_lengths, known_length
from .shapes import length_of, lengths_of


class Join(Library):
    """Arrays put one behind another along an axis that they all have.

    >>> T.concatenate([T.constant([1, 2]), T.constant([3])]).eval()
    array([1, 2, 3])
    """

    latex, glyph = r"\operatorname{{join}}\left({x}, \dots\right)", "join"
    advice = "arrays whose lengths agree on every other axis; T.stack for a new axis"
    sample = (Case((2, 3), (1, 3), axis=0), Case((2, 1), (2, 2), (2, 3), axis=1), Case((0,), (2,), axis=0))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, *values: Any) -> Any:
        shape = list(values[0].shape)
        shape[self.axis] = sum(value.shape[self.axis] for value in values)
        result, start = np.empty(shape), 0
        for value in values:
            for place in np.ndindex(value.shape):
                result[(*place[: self.axis], place[self.axis] + start, *place[self.axis + 1 :])] = value[place]
            start += value.shape[self.axis]
        return result

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        return alike(arguments)

    def type(self, *nodes: Node) -> TensorType:
        asked = LazyText(lambda: f"T.join({self.axis}, {', '.join(node.label for node in nodes)})")
        check_same_rank(nodes, asked, "T.stack(…) for a new axis, x.dimshuffle('x', 0) to add one")
        shape = list(together(nodes, asked, self.axis, self.advice))
        total: Length = 0
        for node in nodes:
            length = node.type.shape[self.axis]
            total = None if total is None or length is None else total + length
        shape[self.axis] = total
        return nodes[0].type.with_shape(shape)

    def numpy(self, xp: Any, *values: Any) -> Any:
        for axis in range(values[0].ndim):
            if axis != self.axis:
                check_lengths([value.shape[axis] for value in values], axis, self.advice)
        return xp.concatenate(values, axis=self.axis)

    def vjp(self, g: Node, out: Node, *nodes: Node) -> Sequence[Any]:
        return cut(g, [lengths_of(node)[self.axis] for node in nodes], self.axis)


class Segment(View):
    """A stretch of an axis: `length` elements from `start` on (whole numbers that may be symbolic).

    With `last` the stretch must end where the axis ends.

    >>> T.split(T.constant([1, 2, 3]), [1, 2], 2)[1].eval()
    array([2, 3])
    """

    numbers = slice(1, None)
    latex = r"{x}\left[{y} : {y} + {z}\right]"
    advice = "lengths that add up to the length of the axis"
    sample = (Case((5,), 1, 3, axis=0), Case((2, 4), 0, 2, axis=1), Case((2, 4), 2, 2, axis=1, last=True))

    def __init__(self, axis: int, last: bool = False) -> None:
        self.axis, self.last = axis, last

    def same_as(self, x: Any, start: Any, length: Any) -> Any:
        shape = list(x.shape)
        shape[self.axis] = int(length)
        result = np.empty(shape)
        for place in np.ndindex(result.shape):
            result[place] = x[(*place[: self.axis], place[self.axis] + int(start), *place[self.axis + 1 :])]
        return result

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        x, start, length = arguments
        return [as_node(x), as_length_node(start), as_length_node(length)]

    def type(self, x: Node, start: Node, length: Node) -> TensorType:
        shape = list(x.type.shape)
        shape[self.axis] = known_length(length)
        return x.type.with_shape(shape)

    def numpy(self, xp: Any, x: Any, start: Any, length: Any) -> Any:
        begin, count, there = int(start), int(length), x.shape[self.axis]
        if count < 0 or begin < 0 or begin + count > there or (self.last and begin + count != there):
            raise ShapeError("", f"{count} elements from position {begin} on, of an axis with {there} elements", self.advice)
        return x[(*[slice(None)] * self.axis, slice(begin, begin + count))]

    def vjp(self, g: Node, out: Node, x: Node, start: Node, length: Node) -> Sequence[Any]:
        before, after, whole = lengths_of(x), lengths_of(x), length_of(x, self.axis)
        known = [known_length(each) for each in (whole, start, length)]
        before[self.axis] = start
        after[self.axis] = whole - start - length if None in known else known[0] - known[1] - known[2]  # type: ignore[operator]
        around = [zeros(before, g.type.dtype), g, zeros(after, g.type.dtype)]
        parts = [each for each in around if each is g or each.type.shape[self.axis] != 0]
        return [Join(self.axis)(*parts) if len(parts) > 1 else g, None, None]


def alike(arguments: Sequence[Any]) -> list[Node]:
    """Turn operands into nodes of one dtype."""
    nodes = as_nodes(arguments)
    dtype = promote(*[node.type.dtype for node in nodes])
    return [cast(node, dtype) for node in nodes]


def together(nodes: Sequence[Node], asked: str | LazyText, free: int | None, advice: str) -> tuple[Length, ...]:
    """Return the shape that nodes have together, axis `free` left open."""
    try:
        return common_shape([node.type.shape for node in nodes], free)
    except ShapeError as clash:
        raise ShapeError(asked, f"{clash.found}: " + "; ".join(describe(node) for node in nodes), advice) from None


def check_lengths(lengths: Sequence[int], axis: int, advice: str) -> None:
    """Raise ShapeError unless all lengths agree."""
    for position, length in enumerate(lengths):
        if length != lengths[0]:
            raise ShapeError("", f"on axis {axis} operand 0 has length {lengths[0]} and operand {position} has length {length}", advice)


def cut(x: Node, sizes: Sequence[int | Node], axis: int) -> list[Node]:
    """Return consecutive stretches of an axis, which must add up to its length."""
    parts: list[Node] = []
    start: int | Node = 0
    for position, length in enumerate(sizes):
        parts.append(Segment(axis, position == len(sizes) - 1)(x, start, length))
        start = length if isinstance(start, int) and start == 0 else start + length
    return parts


def join(axis: int, *tensors: Any) -> Node:
    """Return arrays put one behind another along an axis.

    Raises:
        RankError: a scalar, or different numbers of axes.
        AxisError: no such axis.
        ShapeError: lengths differ on another axis.

    >>> T.join(1, T.col("a"), T.matrix("b")).type
    TensorType(float64, matrix)
    """
    if isinstance(axis, (list, tuple)):
        nodes = as_nodes(axis)
        found = f"a list of {counted(len(nodes), 'array')} where the axis stands"
        number = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], int) else 0
        raise AxisError("T.join(tensors, axis)", found, f"T.join({', '.join(map(str, [number, *map(in_code, nodes)]))}): the axis first")
    return concatenate(tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors, axis)


def concatenate(tensor_list: Any, axis: int = 0) -> Node:
    """Return a list of arrays put one behind another along an axis that they have.

    Raises:
        RankError: a scalar, or different numbers of axes.
        AxisError: no such axis.
        ShapeError: lengths differ on another axis.
    """
    if isinstance(tensor_list, Node) and (not tensor_list.type.ndim or tensor_list.type.shape[0] is None):
        name = in_code(tensor_list)
        found = f"{describe(tensor_list)}: one array, where a list of them is needed"
        raise ConversionError(f"T.concatenate({name})", found, f"T.concatenate([{name}, y]); {name}.flatten() to join its axes")
    values = list(tensor_list)
    if not values:
        raise ShapeError("T.concatenate([])", "an empty list", "at least one array")
    nodes = as_nodes(values)
    asked = LazyText(lambda: f"T.concatenate([{', '.join(node.label for node in nodes)}], axis={axis!r})")
    if any(node.type.ndim == 0 for node in nodes):
        raise RankError(asked, "scalars have no axis to be joined along", f"T.stack([{', '.join(node.label for node in nodes)}])")
    ndim = check_same_rank(nodes, asked, "T.stack(…) for a new axis, x.dimshuffle('x', 0) to add one")
    along = normal_axis(axis, ndim, asked)
    return nodes[0] if len(nodes) == 1 else Join(along)(*nodes)


def horizontal_stack(*tensors: Any) -> Node:
    """Return matrices put side by side.

    Raises:
        RankError: an operand is no matrix.
    """
    return concatenate(matrices(tensors, "T.horizontal_stack"), 1)


def vertical_stack(*tensors: Any) -> Node:
    """Return matrices put below each other.

    Raises:
        RankError: an operand is no matrix.
    """
    return concatenate(matrices(tensors, "T.vertical_stack"), 0)


def matrices(tensors: Sequence[Any], asked: str) -> list[Node]:
    """Return operands as nodes, which must be matrices."""
    nodes = as_nodes(tensors)
    for node in nodes:
        if node.type.ndim != 2:
            raise RankError(
                f"{asked}({', '.join(each.label for each in nodes)})", describe(node), f"{node.label}.dimshuffle('x', 0) for a row"
            )
    return nodes


def split(x: Any, splits_size: Any, n_splits: int, axis: int = 0) -> list[Node]:
    """Return consecutive parts of an axis, as a list.

    Args:
        x: any expression with an axis.
        splits_size: the length of each part (numbers or symbolic scalars), or a symbolic vector of them.
        n_splits: how many parts there are.
        axis: the axis to cut.

    Raises:
        AxisError: no such axis.
        RankError: `splits_size` does not have n_splits lengths.
        ShapeError: the lengths do not add up to that of the axis (when the function runs, unless known before).

    >>> a, b = T.split(T.constant([1, 2, 3]), [1, 2], n_splits=2)
    >>> a.eval(), b.eval()
    (array([1]), array([2, 3]))
    """
    node = as_node(x)
    asked = f"T.split({node.label}, {splits_size}, {n_splits})"
    along = normal_axis(axis, node.type.ndim, asked)
    given = splits_size.type.shape[0] if isinstance(splits_size, Node) and splits_size.type.ndim == 1 else None
    if isinstance(splits_size, (list, tuple, np.ndarray)):
        given = len(splits_size)
    if given is not None and given != n_splits:
        raise RankError(asked, f"splits_size has {counted(given, 'length')}, and n_splits is {n_splits}", f"n_splits={given}")
    sizes = [each for each in as_lengths(splits_size, asked, n_splits) if each is not None]
    whole = node.type.shape[along]
    if whole is not None and all(isinstance(each, int) for each in sizes) and sum(sizes) != whole:  # type: ignore[arg-type]
        raise ShapeError(asked, f"{describe(node)}; {sizes} add up to {sum(sizes)}, and axis {along} has length {whole}", Segment.advice)  # type: ignore[arg-type]
    return cut(node, sizes, along)
