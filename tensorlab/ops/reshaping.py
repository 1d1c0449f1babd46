"""The same elements in another shape: reshape, flatten.

Floor 2. Read `lengths` before: it says how a shape is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import LazyText, RankError, ShapeError
from ..graph.node import Node
from ..graph.types import TensorType, number_of_elements
from ..graph.wording import counted
from .families import Case, View, describe
from .lengths import Template, as_lengths, filled_in, split_lengths, static_lengths
from .shapes import lengths_of


class Reshape(View):
    """The same elements, row by row, in another shape; the lengths marked "?" in the template are further operands.

    >>> T.constant([1, 2, 3, 4, 5, 6]).reshape((2, -1)).eval()
    array([[1, 2, 3],
           [4, 5, 6]])
    """

    numbers = slice(1, None)
    latex = r"\operatorname{{reshape}}\left({x}\right)"
    advice = "lengths whose product is the number of elements; one of them may be -1"
    sample = (
        Case((2, 3), template=(3, 2)),
        Case((2, 3), template=(-1,)),
        Case((2, 6), 3, template=("?", 1, -1)),
        Case((), template=(1, 1)),
        Case((0, 3), 3, template=("?", 0)),
    )

    def __init__(self, template: Template) -> None:
        self.template = template

    def same_as(self, x: Any, *lengths: Any) -> Any:
        given = [int(length) for length in lengths]
        shape = [given.pop(0) if each == "?" else each for each in self.template]
        if -1 in shape:
            others = 1
            for each in shape:
                others *= each if each != -1 else 1
            shape[shape.index(-1)] = x.size // others
        result = np.empty(shape, x.dtype)
        for here, there in zip(np.ndindex(result.shape), np.ndindex(x.shape)):
            result[here] = x[there]
        return result

    def __str__(self) -> str:
        return "reshape{" + ",".join(map(str, self.template)) + "}"

    def type(self, x: Node, *lengths: Node) -> TensorType:
        shape = static_lengths(self.template, lengths)
        total = number_of_elements(x.type.shape)
        if -1 in self.template:
            open_axis = self.template.index(-1)
            others = number_of_elements(length for axis, length in enumerate(shape) if axis != open_axis)
            if others and total is not None:
                if total % others:
                    raise misfit(x, self.template, f"{total} elements are not divisible by {others}")
                shape[open_axis] = total // others
        known = number_of_elements(shape)
        if known is not None and total is not None and known != total:
            raise misfit(x, self.template, f"{total} elements do not fill the shape {tuple(shape)}, which has {known}")
        return x.type.with_shape(shape)

    def numpy(self, xp: Any, x: Any, *lengths: Any) -> Any:
        shape = filled_in(self.template, lengths)
        others = 1
        for length in shape:
            others *= length if length != -1 else 1
        if -1 in shape and not (others and x.size % others == 0):
            raise ShapeError(
                "", f"{x.size} elements are not divisible by {others}, the product of the other lengths of {tuple(shape)}", self.advice
            )
        if -1 not in shape and others != x.size:
            raise ShapeError("", f"{x.size} elements do not fill the shape {tuple(shape)}, which has {others}", self.advice)
        return xp.reshape(x, tuple(shape))

    def vjp(self, g: Node, out: Node, x: Node, *lengths: Node) -> Sequence[Any]:
        return [back_to_shape(g, x), *[None] * len(lengths)]


class Flatten(View):
    """The last axes joined into one, row by row, so that `ndim` axes remain.

    >>> T.constant([[1, 2], [3, 4]]).flatten().eval()
    array([1, 2, 3, 4])
    """

    latex = r"\operatorname{{flatten}}\left({x}\right)"
    sample = (Case((2, 3), ndim=1), Case((2, 3, 2), ndim=2), Case((), ndim=1), Case((0, 3, 2), ndim=2))

    def __init__(self, ndim: int) -> None:
        self.ndim = ndim

    def same_as(self, x: Any) -> Any:
        kept = self.ndim - 1
        length = 1
        for each in x.shape[kept:]:
            length *= each
        result = np.empty((*x.shape[:kept], length), x.dtype)
        for here, there in zip(np.ndindex(result.shape), np.ndindex(x.shape)):
            result[here] = x[there]
        return result

    def type(self, x: Node) -> TensorType:
        kept = self.ndim - 1
        return x.type.with_shape((*x.type.shape[:kept], number_of_elements(x.type.shape[kept:])))

    def numpy(self, xp: Any, x: Any) -> Any:
        kept = self.ndim - 1
        return xp.reshape(x, (*x.shape[:kept], int(np.prod(x.shape[kept:], dtype="int64"))))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [back_to_shape(g, x)]


def misfit(x: Node, template: Template, found: str) -> ShapeError:
    """Build the error for a shape that has another number of elements."""
    return ShapeError(
        f"{x.label}.reshape({template!r})",
        f"{describe(x)}; {found}",
        f"{x.label}.reshape((-1,)) for all elements in a row; one length may be -1",
    )


def back_to_shape(g: Node, x: Node) -> Node:
    """Return `g` in the shape of `x`, which has as many elements."""
    template, dynamic = split_lengths(lengths_of(x))
    return Reshape(template)(g, *dynamic)


def reshape(x: Any, newshape: Any = None, ndim: int | None = None, *, shape: Any = None) -> Node:
    """Return the elements of `x`, row by row, in another shape.

    Args:
        x: any expression.
        newshape: a length, a list of lengths (numbers, symbolic scalars, one -1), or a symbolic vector of them.
        shape: NumPy's word for `newshape`.
        ndim: the number of lengths, needed only if the length of a symbolic vector is unknown.

    A length that is the number 1 makes an axis that stretches.

    Raises:
        ShapeError: the numbers of elements differ (when known; otherwise when the function runs), or two lengths are -1.
        RankError: the number of lengths is unknown.

    >>> x = T.matrix("x")
    >>> T.reshape(x, (x.shape[0], 1, -1)).type.broadcastable
    (False, True, False)
    """
    node = as_node(x)
    wanted = shape if newshape is None else newshape
    if wanted is None:
        raise ShapeError(f"T.reshape({node.label})", "no shape to make of it", f"T.reshape({node.label}, (2, -1))")
    asked = LazyText(lambda: f"{node.label}.reshape({wanted!r})")
    lengths = as_lengths(wanted, asked, ndim, smallest=-1)
    if [each for each in lengths if isinstance(each, int)].count(-1) > 1:
        raise ShapeError(asked, "-1 stands twice; only one length can follow from the others", f"{node.label}.reshape((-1, 3))")
    template, dynamic = split_lengths(lengths)
    return Reshape(template)(node, *dynamic)


def flatten(x: Any, ndim: int = 1, outdim: int | None = None) -> Node:
    """Return `x` with its last axes joined so that `ndim` axes remain (`outdim` is Theano's older name).

    Raises:
        RankError: `x` has fewer axes than that.

    >>> T.tensor4().flatten(2).type
    TensorType(float64, matrix)
    """
    node = as_node(x)
    wanted = ndim if outdim is None else outdim
    if not 1 <= wanted <= max(node.type.ndim, 1):
        raise RankError(
            f"{node.label}.flatten({wanted})", f"{describe(node)}; it has {counted(node.type.ndim, 'axis', 'axes')}",
            f"{node.label}.flatten() for one axis",
        )
    return node if node.type.ndim == wanted else Flatten(wanted)(node)


def ravel(x: Any) -> Node:
    """Return all elements in one vector."""
    return flatten(x, 1)


syntax.define(reshape=reshape, flatten=flatten)
