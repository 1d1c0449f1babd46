"""Axes exchanged, moved, added and dropped: other names for `dimshuffle`.

Floor 2. Nothing here is a card: every function says what pattern it stands for. Read `shapes` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import AxisError, LazyText, RankError, ShapeError
from ..graph.node import Node
from ..graph.types import normal_axes, normal_axis
from .families import describe
from .shapes import dimshuffle


def swapaxes(x: Any, axis1: int, axis2: int) -> Node:
    """Return `x` with two axes exchanged.

    Raises:
        AxisError: no such axis.

    >>> T.tensor3().swapaxes(0, -1).owner.op
    dimshuffle{2,1,0}
    """
    node = as_node(x)
    asked = f"{node.label}.swapaxes({axis1!r}, {axis2!r})"
    one, two = normal_axis(axis1, node.type.ndim, asked), normal_axis(axis2, node.type.ndim, asked)
    order = list(range(node.type.ndim))
    order[one], order[two] = order[two], order[one]
    return dimshuffle(node, *order)


def moveaxis(x: Any, source: Any, destination: Any) -> Node:
    """Return `x` with some axes moved to other positions, the others in their order.

    Raises:
        AxisError: no such axis, one named twice, or two lists of different lengths.

    >>> T.tensor3().owner is None, T.moveaxis(T.tensor3(), 0, -1).owner.op
    (True, dimshuffle{1,2,0})
    """
    node = as_node(x)
    asked = f"T.moveaxis({node.label}, {source!r}, {destination!r})"
    sources = [normal_axis(each, node.type.ndim, asked) for each in as_list(source)]
    targets = [normal_axis(each, node.type.ndim, asked) for each in as_list(destination)]
    if len(sources) != len(targets) or len(set(sources)) < len(sources) or len(set(targets)) < len(targets):
        raise AxisError(asked, "source and destination must name equally many axes, each once", f"T.moveaxis({node.label}, 0, -1)")
    rest = iter(axis for axis in range(node.type.ndim) if axis not in sources)
    return dimshuffle(node, *(sources[targets.index(place)] if place in targets else next(rest) for place in range(node.type.ndim)))


def as_list(value: Any) -> list[Any]:
    """Return a list or tuple as a list, and anything else as a list of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def squeeze(x: Any, axis: Any = None) -> Node:
    """Return `x` without axes of length 1: all that are 1 by type (axis=None), or those named.

    Raises:
        AxisError: no such axis.
        ShapeError: a named axis is not of length 1 by type.

    >>> T.row().squeeze().type
    TensorType(float64, vector)
    """
    node = as_node(x)
    if axis is None:
        drop = tuple(place for place, length in enumerate(node.type.shape) if length == 1)
    else:
        drop = normal_axes(axis, node.type.ndim, f"{node.label}.squeeze")
        for place in drop:
            if node.type.shape[place] != 1:
                known = node.type.shape[place]
                found = f"{describe(node)}; the length of axis {place} is {'not known to be 1' if known is None else known}"
                advice = f"T.addbroadcast({node.label}, {place}).squeeze({place}) if it is 1 whenever a function runs"
                other = f"{node.label}.sum({place}), or {node.label}[0]" if place == 0 else f"{node.label}.sum({place})"
                raise ShapeError(f"{node.label}.squeeze(axis={axis!r})", found, advice if known is None else other)
    return dimshuffle(node, *(place for place in range(node.type.ndim) if place not in drop))


def expand_dims(x: Any, axis: Any) -> Node:
    """Return `x` with a new axis of length 1 at each of the given positions of the result.

    >>> T.expand_dims(T.vector(), 0).type
    TensorType(float64, row)
    """
    node = as_node(x)
    rank = node.type.ndim + len(as_list(axis))
    new = normal_axes(axis, rank, f"T.expand_dims({node.label})")
    old = iter(range(node.type.ndim))
    return dimshuffle(node, *("x" if place in new else next(old) for place in range(rank)))


def shape_padaxis(x: Any, axis: int) -> Node:
    """Return `x` with a new axis of length 1 at one position (Theano's name for `expand_dims`)."""
    return expand_dims(x, axis)


def shape_padleft(x: Any, n_ones: int = 1) -> Node:
    """Return `x` with new axes of length 1 in front.

    >>> T.shape_padleft(T.vector(), 2).type.broadcastable
    (True, True, False)
    """
    node = as_node(x)
    return dimshuffle(node, *["x"] * n_ones, *range(node.type.ndim))


def shape_padright(x: Any, n_ones: int = 1) -> Node:
    """Return `x` with new axes of length 1 at the end."""
    node = as_node(x)
    return dimshuffle(node, *range(node.type.ndim), *["x"] * n_ones)


def atleast_nd(x: Any, n: int, left: bool = True) -> Node:
    """Return `x` with new axes of length 1, in front or at the end, until it has `n` axes."""
    node = as_node(x)
    missing = max(n - node.type.ndim, 0)
    return shape_padleft(node, missing) if left else shape_padright(node, missing)


def atleast_1d(x: Any) -> Node:
    """Return `x` as a vector if it is a scalar."""
    return atleast_nd(x, 1)


def atleast_2d(x: Any) -> Node:
    """Return `x` with at least two axes, new ones in front."""
    return atleast_nd(x, 2)


def atleast_3d(x: Any) -> Node:
    """Return `x` with at least three axes; as in NumPy a matrix gets its new axis at the end."""
    node = as_node(x)
    return dimshuffle(node, *{0: "xxx", 1: ("x", 0, "x"), 2: (0, 1, "x")}.get(node.type.ndim, range(node.type.ndim)))


def check_same_rank(nodes: Sequence[Node], asked: str | LazyText, advice: str) -> int:
    """Return the number of axes that all nodes have.

    Raises:
        RankError: they differ.
    """
    ranks = {node.type.ndim for node in nodes}
    if len(ranks) > 1:
        raise RankError(asked, "the numbers of axes differ: " + "; ".join(describe(node) for node in nodes), advice)
    return ranks.pop()


syntax.define(swapaxes=swapaxes, squeeze=squeeze)
