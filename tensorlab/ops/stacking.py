"""Arrays stacked on a new axis, and what a Python list of symbols means.

Floor 2. A list with symbols in it means `stack_list`: its elements stand on a new first axis, nothing is ever
concatenated. Read `joining` before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, as_nodes, holds_nodes
from ..graph.errors import LazyText, ShapeError
from ..graph.node import Node
from ..graph.types import TensorType, normal_axis
from .axes import check_same_rank
from .families import Case, Library
from .joining import Segment, alike, check_lengths, together
from .shapes import DimShuffle


class Stack(Library):
    """Arrays of one shape put beside each other on a new axis.

    >>> T.stack([T.constant([1, 2]), T.constant([3, 4])]).eval()
    array([[1, 2],
           [3, 4]])
    """

    latex, glyph = r"\left[{x}, \dots\right]", "[ ]"
    advice = "arrays of one shape; T.concatenate to join them along an axis that they have"
    sample = (Case((), (), axis=0), Case((3,), (3,), axis=1), Case((2, 3), (2, 3), (2, 3), axis=0))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, *values: Any) -> Any:
        result = np.empty((*values[0].shape[: self.axis], len(values), *values[0].shape[self.axis :]))
        for place in np.ndindex(result.shape):
            result[place] = values[place[self.axis]][(*place[: self.axis], *place[self.axis + 1 :])]
        return result

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        return alike(arguments)

    def type(self, *nodes: Node) -> TensorType:
        asked = LazyText(lambda: f"a list of {', '.join(node.label for node in nodes)}, stacked")
        check_same_rank(
            nodes,
            asked,
            "elements with equally many axes: x.dimshuffle('x') or x.flatten() for some; T.concatenate to join vectors end to end",
        )
        shape = together(nodes, asked, None, self.advice)
        return nodes[0].type.with_shape((*shape[: self.axis], len(nodes), *shape[self.axis :]))

    def numpy(self, xp: Any, *values: Any) -> Any:
        for axis in range(values[0].ndim):
            check_lengths([value.shape[axis] for value in values], axis, self.advice)
        return xp.stack(values, axis=self.axis)

    def vjp(self, g: Node, out: Node, *nodes: Node) -> Sequence[Any]:
        without = tuple(axis for axis in range(g.type.ndim) if axis != self.axis)
        return [DimShuffle(without)(Segment(self.axis)(g, position, 1)) for position in range(len(nodes))]


def stack(*tensors: Any, axis: int = 0) -> Node:
    """Return arrays of one shape put beside each other on a new axis: `T.stack([a, b], axis=0)`, or Theano's old `T.stack(a, b)`.

    Raises:
        RankError: different numbers of axes.
        AxisError: no such axis.
        ShapeError: lengths differ.

    >>> T.stack([T.vector("a"), T.vector("b")], axis=1).type
    TensorType(float64, (?, 2))
    """
    values: Sequence[Any] = tensors
    if tensors and isinstance(tensors[0], (list, tuple)):
        values = tensors[0]
        if len(tensors) == 2:
            axis = tensors[1]
    if not values:
        raise ShapeError("T.stack([])", "an empty list", "at least one array")
    nodes = as_nodes(values)
    return Stack(normal_axis(axis, nodes[0].type.ndim + 1, "T.stack"))(*nodes)


def stack_list(values: Any) -> Node:
    """Return a (nested) Python list with symbols in it as one array: the elements of a list stand on a new first axis.

    Numbers take the dtype of the symbols beside them.

    Raises:
        RankError: elements with different numbers of axes; nothing is stretched or concatenated.

    >>> a, b = T.scalars("a", "b")
    >>> T.as_tensor_variable([[a, 1], [0, b]]).eval({a: 5, b: 7})
    array([[5., 1.],
           [0., 7.]])
    """
    found: list[Any] = []
    collect(values, found)
    nodes = iter(as_nodes(found))
    return nested(values, nodes)


def collect(values: Any, found: list[Any]) -> None:
    """Append the elements of a nested list from left to right."""
    for value in values:
        if isinstance(value, (list, tuple)):
            collect(value, found)
        else:
            found.append(value)


def nested(values: Any, nodes: Iterator[Node]) -> Node:
    """Stack a nested list whose elements are the next nodes."""
    if not values:
        return as_node(np.zeros(0))
    return Stack(0)(*[nested(value, nodes) if isinstance(value, (list, tuple)) else next(nodes) for value in values])


def stacklists(arg: Any) -> Node:
    """Return a nested list of expressions as one array with an axis per level.

    >>> T.stacklists([[T.constant(1), 2], [3, 4]]).eval()
    array([[1, 2],
           [3, 4]])
    """
    return stack_list(arg) if holds_nodes(arg) and isinstance(arg, (list, tuple)) else as_node(arg)


syntax.define(stack_list=stack_list)
