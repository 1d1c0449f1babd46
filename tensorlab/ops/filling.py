"""Arrays filled with one value: zeros, ones, full, alloc. Their shapes may be symbolic.

Floor 2. Read `lengths` before: it says how a shape is written. Ranges and triangles stand in `ranges`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.convert import as_node, is_weak
from ..graph.errors import BroadcastError, RankError, ShapeError
from ..graph.node import Node
from ..graph.types import TensorType, dtype_name
from ..graph.wording import counted
from ..settings import config
from .choices import cast, fill
from .families import Case, Library, describe
from .lengths import Template, as_lengths, filled_in, split_lengths, static_lengths


class Alloc(Library):
    """A value stretched to a shape; the lengths marked "?" in the template are further operands.

    `stretches` says of each axis of the value whether it is of length 1 by type; no other axis is stretched.

    >>> T.alloc(T.constant([1.0, 2.0]), 2, 2).eval()
    array([[1., 2.],
           [1., 2.]])
    """

    numbers = slice(1, None)
    latex = r"\operatorname{{alloc}}\left({x}\right)"
    advice = "lengths that agree with those of the value"
    sample = (
        Case((), template=(2, 3), stretches=()),
        Case((3,), 2, template=("?", 3), stretches=(False,)),
        Case((2, 1), 3, template=(2, "?"), stretches=(False, True)),
        Case((), 0, template=("?", 2), stretches=()),
    )

    def __init__(self, template: Template, stretches: tuple[bool, ...]) -> None:
        self.template, self.stretches = template, stretches

    def same_as(self, value: Any, *lengths: Any) -> Any:
        given = [int(length) for length in lengths]
        result = np.empty([given.pop(0) if each == "?" else each for each in self.template], value.dtype)
        for place in np.ndindex(result.shape):
            own = place[len(place) - value.ndim :]
            result[place] = value[tuple(0 if length == 1 else each for each, length in zip(own, value.shape))]
        return result

    def __str__(self) -> str:
        return "alloc{" + ",".join(map(str, self.template)) + "}"

    def type(self, value: Node, *lengths: Node) -> TensorType:
        shape = static_lengths(self.template, lengths)
        new = len(shape) - value.type.ndim
        if new < 0:
            raise RankError(
                f"T.alloc({value.label}, {', '.join(map(str, self.template))})",
                f"{describe(value)}; the shape has only {counted(len(shape), 'length')}",
                "a length per axis",
            )
        for axis, (stretches, length) in enumerate(zip(self.stretches, value.type.shape), new):
            if stretches or length is None:
                continue
            if shape[axis] is None:
                shape[axis] = length
            elif shape[axis] != length:
                raise ShapeError(
                    f"T.alloc({value.label}, {', '.join(map(str, self.template))})",
                    f"{describe(value)}; its length {length} meets {shape[axis]} on axis {axis}",
                    "equal lengths, or a value whose axis has length 1 by type",
                )
        return value.type.with_shape(shape)

    def numpy(self, xp: Any, value: Any, *lengths: Any) -> Any:
        shape = tuple(filled_in(self.template, lengths))
        new = len(shape) - value.ndim
        for axis, (stretches, length) in enumerate(zip(self.stretches, value.shape), new):
            if not stretches and length != shape[axis]:
                kind = BroadcastError if length == 1 else ShapeError
                raise kind(
                    "",
                    f"the value has length {length} on axis {axis - new}, where {shape[axis]} are asked for"
                    + ("; a length of 1 stretches only if the type says so" if length == 1 else ""),
                    f"T.addbroadcast(value, {axis - new})" if length == 1 else self.advice,
                )
        return xp.broadcast_to(value, shape).copy()

    def vjp(self, g: Node, out: Node, value: Node, *lengths: Node) -> Sequence[Any]:
        return [g, *[None] * len(lengths)]


def alloc(value: Any, *shape: Any, dtype: Any = None) -> Node:
    """Return an array of a shape filled with a value, which may itself be an array that stretches.

    Args:
        value: a number, an array or an expression.
        shape: lengths (numbers or symbolic scalars), or one list or symbolic vector of them.
        dtype: by default that of the value (floatX for a Python float).

    Raises:
        RankError: the value has more axes than the shape.
        ShapeError: lengths that do not agree.

    >>> T.alloc(0.5, 2, T.lscalar("n")).type
    TensorType(float64, (2, ?))
    """
    return allocated(value, shape[0] if len(shape) == 1 else shape, dtype, f"T.alloc({value}, {', '.join(map(str, shape))})")


def allocated(value: Any, shape: Any, dtype: Any, asked: str) -> Node:
    """Return a value stretched to a shape; `asked` is what the reader wrote, for the error."""
    if is_weak(value) and dtype is not None:
        node = as_node(value, dtype_name(dtype))
    else:
        node = as_node(value) if dtype is None else cast(value, dtype)
    template, dynamic = split_lengths(as_lengths(shape, asked))
    return Alloc(template, node.type.broadcastable)(node, *dynamic)


def broadcast_to(x: Any, shape: Any) -> Node:
    """Return `x` stretched to a shape along its axes of length 1 by type, and along new axes in front.

    Args:
        x: a number, an array or an expression.
        shape: a length, a list of lengths (numbers or symbolic scalars), or a symbolic vector of them.

    Raises:
        RankError: `x` has more axes than the shape.
        ShapeError: lengths that do not agree.

    >>> T.broadcast_to([1.0, 2.0], (2, 2)).eval()
    array([[1., 2.],
           [1., 2.]])
    """
    return allocated(x, shape, None, f"T.broadcast_to({x}, {shape})")


def zeros(shape: Any, dtype: Any = None) -> Node:
    """Return zeros; `shape` is a length, a list of lengths, or a symbolic vector such as `x.shape`. The dtype is floatX unless given.

    >>> T.zeros((2, 3)).eval()
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    return allocated(0, shape, dtype or config.floatX, f"T.zeros({shape})")


def ones(shape: Any, dtype: Any = None) -> Node:
    """Return ones; `shape` is a length, a list of lengths, or a symbolic vector such as `x.shape`. The dtype is floatX unless given.

    >>> T.ones(2, dtype="int8").eval()
    array([1, 1], dtype=int8)
    """
    return allocated(1, shape, dtype or config.floatX, f"T.ones({shape})")


def empty(shape: Any, dtype: Any = None) -> Node:
    """Return zeros: an array without values would break the rule that an expression means one thing."""
    return zeros(shape, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Node:
    """Return an array filled with a value; its dtype is that of the value unless given.

    >>> T.full((2,), 7).eval()
    array([7, 7])
    """
    return allocated(fill_value, shape, dtype, f"T.full({shape}, {fill_value})")


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Node:
    """Return an array of the shape of `x` filled with a value, by default in the dtype of `x`."""
    node = as_node(x)
    wanted = dtype_name(dtype) if dtype is not None else node.type.dtype
    value = as_node(fill_value, wanted) if is_weak(fill_value) else cast(fill_value, wanted)
    return fill(node, value)


def empty_like(x: Any, dtype: Any = None) -> Node:
    """Return zeros of the shape of `x`, for the same reason as `empty`."""
    return full_like(x, 0, dtype)
