"""Reading with index arrays and masks, and the positions of what is not zero.

Floor 2. Read `index_templates.py` first. `indexing.py` turns `x[…]` into the ops below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, as_nodes
from ..graph.errors import IndexingError, RankError
from ..graph.node import Constant, Node
from ..graph.types import Length, TensorType
from .choices import zeros_like
from .families import Case, Library, describe
from .index_cards import Indexing
from .index_templates import (
    ARRAY,
    POINT,
    WHOLE,
    Asked,
    Cut,
    Template,
    asking,
    filled,
    markers,
    mask_rank,
    places,
    selected_shape,
    template_text,
)  # fmt: skip
from .outside import outside

ADVICE = "positions from 0 to the length minus 1, or -1 for the last one; a mask as long as the axes that it selects from"
MIXED = (
    Case((3, 4), [2, 0, 2], template=(ARRAY, WHOLE)),
    Case((3, 4), [0, 1, 1], [3, -1, 3], template=(ARRAY, ARRAY)),
    Case((2, 3, 4), [[0], [1]], [1, 0, 2], template=(ARRAY, WHOLE, ARRAY)),
    Case((2, 3, 4), 1, [1, 1], template=(Cut(None, None, -1), POINT, ARRAY)),
    Case((2, 3), [[True, False, True], [False, False, True]], template=(ARRAY,)),
    Case((3, 4), [False, True, True], template=(ARRAY, None, Cut(1, 3))),
)


class AdvancedIndex(Indexing, Library):
    """The elements at positions that arrays give, or where a mask is true (NumPy's advanced indexing).

    The inputs after the array are the symbolic numbers, index arrays and masks of the template, in order.

    >>> x = T.constant([[1, 2], [3, 4], [5, 6]])
    >>> x[[2, 0, 2]].eval(), x[[0, 1], [1, 0]].eval(), x[x > 3].eval()
    (array([[5, 6],
           [1, 2],
           [5, 6]]), array([2, 3]), array([4, 5, 6]))
    """

    advice = ADVICE
    sample = MIXED

    def type(self, x: Node, *indices: Node) -> TensorType:
        asked = asking(self.template, x, indices)
        arrays = [node for marker, node in zip(markers(self.template), indices) if marker == ARRAY]
        check_masks(self.template, x, arrays, asked)
        shapes: list[tuple[int, tuple[Length, ...]]] = [
            (mask_rank(node), (None,) if node.type.dtype == "bool" else node.type.shape) for node in arrays
        ]
        return x.type.with_shape(selected_shape(self.template, x.type.shape, shapes, asked))

    def numpy(self, xp: Any, x: Any, *indices: Any) -> Any:
        place = filled(self.template, indices)
        if hasattr(xp, "notice"):  # NumPy complains by itself
            for axis, array in positions(self.template, indices):
                outside(xp, array, -x.shape[axis], x.shape[axis])
        return x[place]

    def vjp(self, g: Node, out: Node, x: Node, *indices: Node) -> Sequence[Any]:
        return [syntax.apply("inc_subtensor", self(zeros_like(x, g.type.dtype), *indices), g), *[None] * len(indices)]


def on_axes(template: Template, arrays: Iterable[Any], rank: Callable[[Any], int]) -> Iterator[tuple[int, Any]]:
    """Yield the index arrays of a template, each with the first axis that it uses; `rank` says how many it uses."""
    rest = iter(arrays)
    axis = 0
    for entry in template:
        if entry == ARRAY:
            array = next(rest)
            yield axis, array
            axis += rank(array)
        elif entry is not None and entry is not ...:
            axis += 1


def positions(template: Template, indices: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Yield the values of index arrays, masks apart, each with the axis on which its positions lie."""
    arrays = (value for marker, value in zip(markers(template), indices) if marker == ARRAY)
    for axis, array in on_axes(template, arrays, lambda array: array.ndim if array.dtype == bool else 1):
        if array.dtype != bool:
            yield axis, array


def check_masks(template: Template, x: Node, arrays: Sequence[Node], asked: Asked) -> None:
    """Raise IndexingError where a mask or a constant position is known not to fit a length that is known."""
    for axis, node in on_axes(template, arrays, mask_rank):
        own = x.type.shape[axis : axis + mask_rank(node)]
        if node.type.dtype == "bool":
            if any(a is not None and b is not None and a != b for a, b in zip(own, node.type.shape)):
                found = f"{describe(node)}; {describe(x)}; a mask has the lengths of what it selects from"
                raise IndexingError(asked(), found, f"a mask of shape {own}")
        elif isinstance(node, Constant) and own[0] is not None and node.value.size:
            low, high = int(node.value.min()), int(node.value.max())
            if low < -own[0] or high >= own[0]:
                found = f"position {low if low < -own[0] else high} on axis {axis}, whose length is {own[0]}"
                raise IndexingError(asked(), found, f"{-own[0]} to {own[0] - 1}" if own[0] else "an array that is not empty")


def shape_at_run_time(template: Template, shape: Sequence[int], indices: Sequence[Any]) -> tuple[int, ...]:
    """Return the shape of `x[…]` for actual values, without selecting anything."""
    arrays = [value for marker, value in zip(markers(template), indices) if marker == ARRAY]
    shapes = [(array.ndim, (int(array.sum()),)) if array.dtype == bool else (1, array.shape) for array in arrays]
    parts = filled(template, indices)  # slices have numbers for ends then, and so a length
    known = tuple(Cut(part.start, part.stop, part.step) if isinstance(part, slice) else entry for entry, part in zip(template, parts))
    return tuple(int(length or 0) for length in selected_shape(known, shape, shapes))


class LastWrite(Library):
    """Per element of `x[…]`, whether it is the last one with its position, so that it remains when all are written into x in order.

    >>> from tensorlab.ops.advanced_indexing import LastWrite
    >>> LastWrite(("array",))(T.constant([0.0, 0.0]), T.constant([1, 0, 1])).eval()
    array([False,  True,  True])
    """

    by_host = "of several values for one position no fixed one remains"
    latex = r"\operatorname{{last}}\left({x}, {y}\right)"
    differentiable = False
    sample = MIXED

    def __init__(self, template: Template) -> None:
        self.template = template

    def same_as(self, x: Any, *indices: Any) -> Any:
        shape, sources = places(self.template, np.shape(x), indices)
        return np.asarray([source not in sources[number + 1 :] for number, source in enumerate(sources)], bool).reshape(shape)

    def __str__(self) -> str:
        return f"last_write{{{template_text(self.template)}}}"

    __repr__ = __str__

    def type(self, x: Node, *indices: Node) -> TensorType:
        return AdvancedIndex(self.template).type(x, *indices).with_dtype("bool")

    def numpy(self, xp: Any, x: Any, *indices: Any) -> Any:
        place = in_order(xp, filled(self.template, indices))
        shape = shape_at_run_time(self.template, x.shape, indices)
        numbers = xp.arange(int(np.prod(shape))).reshape(shape)
        written = xp.zeros(x.shape, numbers.dtype)
        written[place] = numbers
        return written[place] == numbers


def in_order(xp: Any, place: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return an index whose arrays lie in memory row by row.

    NumPy writes in the order of memory, and of two writes to one place the later one stays.
    """
    return tuple(xp.asarray(each, order="C") if hasattr(each, "ndim") else each for each in place)


class Nonzero(Library):
    """The positions of the elements that are not zero, along one axis, row by row.

    >>> rows, columns = T.constant([[0, 1], [2, 3]]).nonzero()
    >>> rows.eval(), columns.eval()
    (array([0, 1, 1]), array([1, 0, 1]))
    """

    latex = r"\operatorname{{nonzero}}\left({x}\right)"
    differentiable = False
    sample = (Case([[0.0, 1.0, 0.0], [2.0, 3.0, 0.0]], axis=0), Case([[0.0, 1.0, 0.0], [2.0, 3.0, 0.0]], axis=1), Case([0.0, 0.0], axis=0))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any) -> Any:
        values = np.asarray(x)
        return np.asarray([position[self.axis] for position in np.ndindex(values.shape) if values[position] != 0], "int64")

    def type(self, x: Node) -> TensorType:
        return TensorType("int64", (None,))

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.nonzero(x)[self.axis]


def nonzero(x: Any, return_matrix: bool = False) -> Any:
    """Return the positions of the elements that are not zero: a tuple with one int64 vector per axis.

    Args:
        x: an array with at least one axis.
        return_matrix: True for one matrix with a row per axis instead of a tuple.

    Raises:
        RankError: a scalar has no positions.
    """
    node = as_node(x)
    if node.type.ndim == 0:
        raise RankError(f"T.nonzero({node.label})", f"{describe(node)}: a scalar has no positions", f"T.neq({node.label}, 0)")
    found = tuple(Nonzero(axis)(node) for axis in range(node.type.ndim))
    return as_node(list(found)) if return_matrix else found


def flatnonzero(x: Any) -> Node:
    """Return the positions of the elements that are not zero in `x.flatten()`.

    >>> T.flatnonzero([[0, 1], [2, 0]]).eval()
    array([1, 2])
    """
    node = as_nodes([x])[0]
    return Nonzero(0)(node if node.type.ndim == 1 else syntax.apply("flatten", node, 1))


def nonzero_values(x: Any) -> Node:
    """Return the elements that are not zero, in one vector.

    >>> T.nonzero_values([[0, 1], [2, 0]]).eval()
    array([1, 2])
    """
    node = as_node(x)
    return AdvancedIndex((ARRAY,) * node.type.ndim)(node, *nonzero(node))


syntax.define(nonzero=nonzero, flatnonzero=flatnonzero, nonzero_values=nonzero_values)
