"""Matrix products of vectors and matrices, and what is built from them: dot, tensordot, outer, inner, vdot; and the transpose.

Floor 2. Products with batches of matrices are in `batched_products.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, as_nodes
from ..graph.errors import AxisError, LazyText, RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote
from ..graph.types import TensorType, normal_axis
from ..graph.wording import counted
from .choices import cast
from .families import Case, Library, describe
from .shapes import dimshuffle


class Dot(Library):
    """The matrix product of vectors and matrices: the last axis of x is summed against the first axis of y.

    >>> T.dot(T.constant([[1.0, 2.0], [3.0, 4.0]]), T.constant([1.0, 1.0])).eval()
    array([3., 7.])
    """

    latex, binding, glyph = "{x} {y}", 20, "dot"
    sample = (Case((3,), (3,)), Case((2, 3), (3,)), Case((2,), (2, 3)), Case((2, 3), (3, 4)), Case((2, 0), (0, 3)))

    def same_as(self, x: Any, y: Any) -> Any:
        left, right = x.reshape((-1, x.shape[-1]) if x.size else (*x.shape[:-1], 0)), y if y.ndim == 2 else y[:, None]
        result = np.zeros((left.shape[0], right.shape[1]), np.result_type(x, y))
        for row, column in np.ndindex(result.shape):
            for inner in range(left.shape[1]):
                result[row, column] += left[row, inner] * right[inner, column]
        return result.reshape(x.shape[:-1] + y.shape[1:])

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        x, y = as_nodes(arguments)
        dtype = promote(x.type.dtype, y.type.dtype)
        return [cast(x, dtype), cast(y, dtype)]

    def type(self, x: Node, y: Node) -> TensorType:
        if x.type.ndim not in (1, 2) or y.type.ndim not in (1, 2):
            advice = f"{x.label} * {y.label} for scalars, T.tensordot or T.batched_dot for more axes"
            raise RankError(f"T.dot({x.label}, {y.label})", f"{describe(x)}; {describe(y)}", advice)
        inner, first = x.type.shape[-1], y.type.shape[0]
        if inner is not None and first is not None and inner != first:
            found = f"{describe(x)}; {describe(y)}; {meeting(x.type.ndim, y.type.ndim, inner, first)}"
            raise ShapeError(f"T.dot({x.label}, {y.label})", found, transposes_that_fit(x.type.shape, y.type.shape, x.label, y.label))
        return TensorType(x.type.dtype, x.type.shape[:-1] + y.type.shape[1:])

    def numpy(self, xp: Any, x: Any, y: Any) -> Any:
        if x.shape[-1] != y.shape[0]:
            raise ShapeError("", meeting(x.ndim, y.ndim, x.shape[-1], y.shape[0]), transposes_that_fit(x.shape, y.shape, "{x}", "{y}"))
        return xp.dot(x, y)

    def vjp(self, g: Node, out: Node, x: Node, y: Node) -> Sequence[Any]:
        if x.type.ndim == 1 and y.type.ndim == 1:
            return [g * y, g * x]
        if x.type.ndim == 1:
            return [dot(y, g), outer(x, g)]
        if y.type.ndim == 1:
            return [outer(g, y), dot(g, x)]
        return [dot(g, y.T), dot(x.T, g)]


def meeting(left: int, right: int, inner: int, first: int) -> str:
    """Say which lengths meet: "3 columns meet 2 rows"."""
    return f"{inner} {'columns' if left == 2 else 'elements'} meet {first} {'rows' if right == 2 else 'elements'}"


def transposes_that_fit(left: Sequence[int | None], right: Sequence[int | None], x: str, y: str) -> str:
    """Return the products with a transpose (or an exchange) whose lengths agree, as code to paste."""
    ways = []
    for first, a in ((x, left), (f"{x}.T", left[::-1])):
        for second, b in ((y, right), (f"{y}.T", right[::-1])):
            if (len(a) == 1 and first != x) or (len(b) == 1 and second != y):
                continue
            ways.append((f"T.dot({first}, {second})", a[-1], b[0]))
            if first == x and second == y:
                ways.append((f"T.dot({y}, {x})", b[-1], a[0]))
    fitting = [code for code, inner, other in ways if inner == other and inner is not None]
    if fitting:
        return " or ".join(fitting[:3])
    if len(left) == len(right) == 1:
        return f"vectors of the same length; T.outer({x}, {y}) multiplies every element of {x} with every element of {y}"
    columns, rows = "elements" if len(left) == 1 else "columns", "elements" if len(right) == 1 else "rows"
    return f"T.dot needs as many {columns} in {x} as {rows} in {y}" + (
        f"; {x} * {y} multiplies element by element" if len(left) == len(right) else ""
    )


product = Dot()


def dot(x: Any, y: Any) -> Node:
    """Return the matrix product: the last axis of x is summed against the last but one (the only one of a vector) of y.

    Scalars multiply. A list of symbols stands for its stack: `T.dot(w, [a1, a2])`. Whole numbers keep their dtype.

    Raises:
        ShapeError: the inner lengths differ (when known; otherwise when the function runs).

    >>> T.dot([[1, 2], [3, 4]], [1, 10]).eval()
    array([21, 43])
    """
    left, right = as_nodes([x, y])
    if left.type.ndim == 0 or right.type.ndim == 0:
        return left * right
    if left.type.ndim > 2 or right.type.ndim > 2:
        return tensordot(left, right, ([-1], [max(right.type.ndim - 2, 0)]))
    return product(left, right)


class TensorDot(Library):
    """The sum of products over several pairs of axes: axis left[0] of x meets axis right[0] of y, and so on.

    The result has the other axes of x, then the other axes of y.

    >>> T.tensordot(np.ones((2, 3, 4)), np.ones((3, 4)), 2).eval()
    array([12., 12.])
    """

    latex, binding, glyph = r"{x} \cdot {y}", 20, "dot"
    advice = "arrays whose axes have equal lengths where they meet"
    sample = (
        Case((2, 3, 2), (2, 3), left=(1, 0), right=(1, 0)),
        Case((2, 3), (2, 3), left=(0, 1), right=(0, 1)),
        Case((3, 2), (2, 4, 3), left=(0,), right=(2,)),
        Case((2, 0, 2), (0, 3), left=(1,), right=(0,)),
    )

    def __init__(self, left: tuple[int, ...], right: tuple[int, ...]) -> None:
        self.left, self.right = left, right

    def same_as(self, x: Any, y: Any) -> Any:
        kept = self.kept(x.ndim, y.ndim)
        result = np.zeros([*(x.shape[axis] for axis in kept[0]), *(y.shape[axis] for axis in kept[1])], np.result_type(x, y))
        for position in np.ndindex(result.shape):
            for inner in np.ndindex(*(x.shape[axis] for axis in self.left)):
                here, there = dict(zip(self.left, inner)), dict(zip(self.right, inner))
                here.update(zip(kept[0], position))
                there.update(zip(kept[1], position[len(kept[0]) :]))
                result[position] += x[tuple(here[axis] for axis in range(x.ndim))] * y[tuple(there[axis] for axis in range(y.ndim))]
        return result

    def kept(self, left: int, right: int) -> tuple[list[int], list[int]]:
        """Return the axes of x and of y that are not summed over."""
        return [axis for axis in range(left) if axis not in self.left], [axis for axis in range(right) if axis not in self.right]

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        return product.convert(arguments)

    def type(self, x: Node, y: Node) -> TensorType:
        for a, b in zip(self.left, self.right):
            inner, first = x.type.shape[a], y.type.shape[b]
            if inner is not None and first is not None and inner != first:
                found = f"{describe(x)}; {describe(y)}; axis {a} of length {inner} meets axis {b} of length {first}"
                raise ShapeError(f"T.tensordot({x.label}, {y.label}, axes=[{list(self.left)}, {list(self.right)}])", found, self.advice)
        kept = self.kept(x.type.ndim, y.type.ndim)
        return TensorType(x.type.dtype, [*(x.type.shape[axis] for axis in kept[0]), *(y.type.shape[axis] for axis in kept[1])])

    def numpy(self, xp: Any, x: Any, y: Any) -> Any:
        for a, b in zip(self.left, self.right):
            if x.shape[a] != y.shape[b]:
                raise ShapeError("", f"axis {a} of length {x.shape[a]} meets axis {b} of length {y.shape[b]}", self.advice)
        return xp.tensordot(x, y, (self.left, self.right))

    def vjp(self, g: Node, out: Node, x: Node, y: Node) -> Sequence[Any]:
        kept = self.kept(x.type.ndim, y.type.ndim)
        split = len(kept[0])
        for_x = tensordot(g, y, (list(range(split, g.type.ndim)), kept[1]))  # axes of x: kept ones, then those that meet y's in y's order
        order = [*kept[0], *(axis for _, axis in sorted(zip(self.right, self.left)))]
        for_y = tensordot(x, g, (kept[0], list(range(split))))  # axes of y: those that meet x's in x's order, then kept ones
        other = [*(axis for _, axis in sorted(zip(self.left, self.right))), *kept[1]]
        return [dimshuffle(for_x, *map(order.index, range(x.type.ndim))), dimshuffle(for_y, *map(other.index, range(y.type.ndim)))]


def tensordot(x: Any, y: Any, axes: Any = 2) -> Node:
    """Return the sum of products over pairs of axes.

    Args:
        x, y: arrays.
        axes: a number n for the last n axes of x against the first n of y; or two axes, or two lists of axes, for x and y.

    Returns:
        An array with the other axes of x, then the other axes of y.

    Raises:
        AxisError: an axis does not exist, stands twice, or the lists differ in length.
        ShapeError: two axes that meet have different lengths.

    >>> T.tensordot(np.ones((2, 3, 4)), np.ones((4, 3, 5)), axes=[[1, 2], [1, 0]]).eval().shape
    (2, 5)
    """
    left, right = as_nodes([x, y])
    dtype = promote(left.type.dtype, right.type.dtype)
    left, right = cast(left, dtype), cast(right, dtype)
    asked = f"T.tensordot({left.label}, {right.label}, axes={axes!r})"
    summed = paired_axes(axes, left.type.ndim, right.type.ndim, asked)
    kept = [[axis for axis in range(node.type.ndim) if axis not in taken] for node, taken in zip((left, right), summed)]
    if not summed[0]:
        apart = dimshuffle(left, *kept[0], *["x"] * len(kept[1]))
        return apart * dimshuffle(right, *["x"] * len(kept[0]), *kept[1])
    if len(summed[0]) == 1 and len(kept[0]) <= 1 and len(kept[1]) <= 1:
        return product(dimshuffle(left, *kept[0], *summed[0]), dimshuffle(right, *summed[1], *kept[1]))
    return TensorDot(*summed)(left, right)


def paired_axes(axes: Any, left: int, right: int, asked: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the axes of x and of y that meet, counted from the front."""
    if isinstance(axes, (int, np.integer)) and not isinstance(axes, bool):
        count = int(axes)
        if not 0 <= count <= min(left, right):
            found = f"{counted(count, 'axis', 'axes')} of arrays with {left} and {right}"
            raise AxisError(asked, found, f"axes={min(left, right)}, or two lists of axes")
        return tuple(range(left - count, left)), tuple(range(count))
    try:
        first, second = axes
    except (TypeError, ValueError):
        raise AxisError(asked, "neither a number nor two lists of axes", "axes=1, or axes=[[1], [0]]") from None
    pair = [
        tuple(normal_axis(each, ndim, asked) for each in (chosen if isinstance(chosen, (list, tuple, np.ndarray)) else [chosen]))
        for chosen, ndim in ((first, left), (second, right))
    ]
    if len(pair[0]) != len(pair[1]):
        raise AxisError(asked, f"{counted(len(pair[0]), 'axis', 'axes')} of x meet {len(pair[1])} of y", "as many axes of x as of y")
    if any(len(set(each)) < len(each) for each in pair):
        raise AxisError(asked, "an axis is named twice", "each axis once")
    return pair[0], pair[1]


def as_vector(x: Node) -> Node:
    """Return all elements in one vector."""
    node: Node = x if x.type.ndim == 1 else syntax.apply("flatten", x, 1)
    return node


def outer(x: Any, y: Any) -> Node:
    """Return the products of every element of x with every element of y, as a matrix.

    >>> T.outer([1, 2], [10, 20, 30]).eval()
    array([[10, 20, 30],
           [20, 40, 60]])
    """
    left, right = map(as_vector, as_nodes([x, y]))
    return left.dimshuffle(0, "x") * right.dimshuffle("x", 0)


def inner(x: Any, y: Any) -> Node:
    """Return the sum of products over the last axes of x and y; scalars multiply.

    >>> T.inner([1, 2], [[10, 20], [30, 40]]).eval()
    array([ 50, 110])
    """
    left, right = as_nodes([x, y])
    return left * right if left.type.ndim == 0 or right.type.ndim == 0 else tensordot(left, right, (-1, -1))


def vdot(x: Any, y: Any) -> Node:
    """Return the sum of the products of all elements, x and y read row by row.

    >>> T.vdot([[1, 2], [3, 4]], [[1, 1], [1, 1]]).eval()
    array(10)
    """
    return product(*map(as_vector, as_nodes([x, y])))


def transpose(x: Any, axes: Any = None) -> Node:
    """Return `x` with its axes in another order, by default reversed.

    Args:
        x: an array.
        axes: per axis of the result, the axis of x that stands there.

    Raises:
        AxisError: an axis is missing, does not exist or is named twice.

    >>> T.transpose([[1, 2, 3]]).eval().shape
    (3, 1)
    >>> T.transpose(T.tensor3(), (2, 0, 1)).type
    TensorType(float64, 3D)
    """
    node = as_node(x)
    if axes is None:
        return dimshuffle(node, *reversed(range(node.type.ndim)))
    asked = LazyText(lambda: f"{node.label}.transpose({axes!r})")
    order = [normal_axis(each, node.type.ndim, asked) for each in (axes if isinstance(axes, (list, tuple, np.ndarray)) else [axes])]
    if sorted(order) != list(range(node.type.ndim)):
        found = f"{describe(node)}; each of its {node.type.ndim} axes stands once in a transpose"
        raise AxisError(asked, found, f"{node.label}.transpose({tuple(reversed(range(node.type.ndim)))})")
    return dimshuffle(node, *order)


syntax.define(dot=dot, transpose=transpose, tensordot=tensordot, outer=outer, inner=inner, vdot=vdot)
