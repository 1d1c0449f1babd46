"""Products of batches of matrices: `x @ y`, batched_dot, batched_tensordot.

Floor 2. Read `products.py` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_nodes
from ..graph.errors import AxisError, RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote
from ..graph.types import TensorType
from ..graph.wording import in_code
from .broadcasting import specify_shape
from .choices import cast
from .families import Case, Library, describe
from .filling import alloc
from .products import dot, meeting, paired_axes, tensordot
from .shapes import dimshuffle, element_count, lengths_of


class BatchedDot(Library):
    """The matrix product of the last two axes, for every position on the axes before them (the batch).

    Both inputs have equally many axes, at least 3, and the same batch: nothing stretches here.

    >>> x = T.constant(np.arange(8).reshape((2, 2, 2)))
    >>> (x @ x).eval()[0]
    array([[ 2,  3],
           [ 6, 11]])
    """

    latex, binding, glyph = "{x} {y}", 20, "@"
    advice = "batches of the same length, and as many columns on the left as rows on the right"
    sample = (Case((2, 3, 4), (2, 4, 2)), Case((2, 1, 3, 2), (2, 1, 2, 1)), Case((2, 3, 0), (2, 0, 2)), Case((0, 3, 2), (0, 2, 2)))

    def same_as(self, x: Any, y: Any) -> Any:
        result = np.zeros((*x.shape[:-1], y.shape[-1]), np.result_type(x, y))
        for *batch, row, column in np.ndindex(result.shape):
            for inner in range(x.shape[-1]):
                result[(*batch, row, column)] += x[(*batch, row, inner)] * y[(*batch, inner, column)]
        return result

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        x, y = as_nodes(arguments)
        dtype = promote(x.type.dtype, y.type.dtype)
        return [cast(x, dtype), cast(y, dtype)]

    def type(self, x: Node, y: Node) -> TensorType:

        def clash(how: str) -> ShapeError:
            return ShapeError(f"batched product of {x.label} and {y.label}", f"{describe(x)}; {describe(y)}; {how}", self.advice)

        inner, first = x.type.shape[-1], y.type.shape[-2]
        if inner is not None and first is not None and inner != first:
            raise clash(meeting(2, 2, inner, first))
        if any(a is not None and b is not None and a != b for a, b in zip(x.type.shape[:-2], y.type.shape[:-2])):
            raise clash("the batches differ")
        batch = [a if a is not None else b for a, b in zip(x.type.shape[:-2], y.type.shape[:-2])]
        return TensorType(x.type.dtype, (*batch, x.type.shape[-2], y.type.shape[-1]))

    def numpy(self, xp: Any, x: Any, y: Any) -> Any:
        if x.shape[-1] != y.shape[-2]:
            raise ShapeError("", meeting(2, 2, x.shape[-1], y.shape[-2]), self.advice)
        if x.shape[:-2] != y.shape[:-2]:
            raise ShapeError("", f"batches of shape {x.shape[:-2]} and {y.shape[:-2]}", self.advice)
        return xp.matmul(x, y)

    def vjp(self, g: Node, out: Node, x: Node, y: Node) -> Sequence[Any]:
        turned = (*range(x.type.ndim - 2), x.type.ndim - 1, x.type.ndim - 2)
        return [product(g, dimshuffle(y, *turned)), product(dimshuffle(x, *turned), g)]


product = BatchedDot()


def matmul(x: Any, y: Any) -> Node:
    """Return `x @ y`, by NumPy's rules: the matrix product of the last two axes; axes before them are a batch.

    A vector counts as a row on the left and as a column on the right. An axis of a batch that is 1 by type stretches.

    Raises:
        RankError: an operand is a scalar.
        ShapeError: the inner lengths, or those of the batches, differ.

    >>> x, y = T.tensor3("x"), T.matrix("y")
    >>> (x @ y).eval({x: np.ones((5, 2, 3)), y: np.ones((3, 4))}).shape
    (5, 2, 4)
    """
    left, right = as_nodes([x, y])
    if left.type.ndim == 0 or right.type.ndim == 0:
        found = f"{describe(left)}; {describe(right)}; a scalar has no rows and columns"
        names = [f"({name})" if " " in (name := in_code(each)) else name for each in (left, right)]
        raise RankError(" @ ".join(names), found, " * ".join(names))
    if right.type.ndim <= 2:
        return dot(left, right)
    if left.type.ndim == 1:
        return tensordot(left, right, ([0], [right.type.ndim - 2]))
    if left.type.ndim == 2:
        moved = tensordot(left, right, ([1], [right.type.ndim - 2]))
        return dimshuffle(moved, *range(1, moved.type.ndim - 1), 0, moved.type.ndim - 1)
    return product(*with_one_batch(left, right))


def with_one_batch(x: Node, y: Node) -> list[Node]:
    """Return both arrays with the axes of their batches stretched so that they are the same."""
    rank = max(x.type.ndim, y.type.ndim)
    pair = [dimshuffle(each, *["x"] * (rank - each.type.ndim), *range(each.type.ndim)) for each in (x, y)]
    result = []
    for own, other in (pair, pair[::-1]):
        lengths = lengths_of(own)
        stretched = [axis for axis in range(rank - 2) if own.type.shape[axis] == 1 and other.type.shape[axis] != 1]
        for axis in stretched:
            lengths[axis] = lengths_of(other)[axis]
        result.append(alloc(own, *lengths) if stretched else own)
    return result


def batched_dot(x: Any, y: Any) -> Node:
    """Return, for each position on the first axis, the dot product of what stands there in x and in y.

    Args:
        x: (batch, …), with vectors, matrices or more in it.
        y: the same; vectors and matrices can be mixed.

    Raises:
        RankError: an operand has no axis for the batch.
        ShapeError: the lengths of the batch differ, or the inner lengths.

    >>> T.batched_dot([[1, 2], [3, 4]], [[1, 1], [10, 10]]).eval()
    array([ 3, 70])
    """
    left, right = as_nodes([x, y])
    if left.type.ndim == 0 or right.type.ndim == 0:
        raise RankError(f"T.batched_dot({left.label}, {right.label})", f"{describe(left)}; {describe(right)}; the first axis is the batch",
                        f"{left.label} * {right.label} for scalars, T.dot for a single product")
    if left.type.ndim == 1:
        return dimshuffle(left, 0, *["x"] * (right.type.ndim - 1)) * right
    if right.type.ndim == 1:
        return left * dimshuffle(right, 0, *["x"] * (left.type.ndim - 1))
    if left.type.ndim > 3 or right.type.ndim > 3:
        return batched_tensordot(left, right, ([left.type.ndim - 1], [max(1, right.type.ndim - 2)]))
    a, b = dimshuffle(left, 0, "x", 1) if left.type.ndim == 2 else left, dimshuffle(right, 0, 1, "x") if right.type.ndim == 2 else right
    dropped = {axis for axis, node in ((1, left), (2, right)) if node.type.ndim == 2}
    return dimshuffle(product(a, b), *(axis for axis in range(3) if axis not in dropped))


def batched_tensordot(x: Any, y: Any, axes: Any = 2) -> Node:
    """Return, for each position on the first axis, the tensordot of what stands there in x and in y.

    Args:
        x, y: arrays whose first axis is the batch.
        axes: as in `tensordot`, counted with the batch as axis 0: a number n for the last n axes of x against the first n after the
            batch of y, or two lists.

    Raises:
        AxisError: an axis does not exist, stands twice, or is the batch.
        ShapeError: two axes that meet have different lengths.

    >>> T.batched_tensordot(np.ones((2, 3, 4)), np.ones((2, 4, 5)), axes=1).eval().shape
    (2, 3, 5)
    """
    left, right = as_nodes([x, y])
    asked = f"T.batched_tensordot({left.label}, {right.label}, axes={axes!r})"
    if isinstance(axes, (int, np.integer)):
        first, second = paired_axes(axes, left.type.ndim - 1, right.type.ndim - 1, asked)
        summed = tuple(axis + 1 for axis in first), tuple(axis + 1 for axis in second)
    else:
        summed = paired_axes(axes, left.type.ndim, right.type.ndim, asked)
    if 0 in summed[0] or 0 in summed[1]:
        raise AxisError(asked, "axis 0 is the batch, and is not summed over", "axes counted from 1")
    kept = [[axis for axis in range(1, node.type.ndim) if axis not in taken] for node, taken in zip((left, right), summed)]
    a, b = dimshuffle(left, 0, *kept[0], *summed[0]), dimshuffle(right, 0, *summed[1], *kept[1])
    split, count = 1 + len(kept[0]), len(summed[0])
    if count > 1:  # joined to one axis, lengths that differ could have the same product
        b = specify_shape(b, [None, *lengths_of(a)[split:], *[None] * len(kept[1])])
    joined = [
        syntax.apply("reshape", each, [element_count(each, axes) for axes in ((0,), range(1, middle), range(middle, each.ndim))], ndim=3)
        for each, middle in ((a, split), (b, 1 + count))
    ]
    found = product(*joined)
    lengths = [lengths_of(found)[0], *lengths_of(a)[1:split], *lengths_of(b)[1 + count :]]
    result: Node = syntax.apply("reshape", found, lengths, ndim=len(lengths))
    return result


syntax.define(matmul=matmul, batched_dot=batched_dot)
