"""Matrix products.

Floor 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.convert import as_nodes
from ..graph.errors import RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote
from ..graph.types import TensorType
from .choices import cast
from .families import Case, Library, describe


class Dot(Library):
    """The matrix product of vectors and matrices: the last axis of x is summed against the first axis of y.

    >>> T.dot(T.constant([[1.0, 2.0], [3.0, 4.0]]), T.constant([1.0, 1.0])).eval()
    array([3., 7.])
    """

    latex, binding, glyph = "{x} {y}", 20, "dot"
    sample = (Case((3,), (3,)), Case((2, 3), (3,)), Case((2,), (2, 3)), Case((2, 3), (3, 4)))

    def same_as(self, x: Any, y: Any) -> Any:
        raise NotImplementedError

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        x, y = as_nodes(arguments)
        dtype = promote(x.type.dtype, y.type.dtype)
        return [cast(x, dtype), cast(y, dtype)]

    def type(self, x: Node, y: Node) -> TensorType:
        if x.type.ndim not in (1, 2) or y.type.ndim not in (1, 2):
            raise RankError(f"T.dot({x.label}, {y.label})", f"{describe(x)}; {describe(y)}", "x * y for scalars, T.tensordot or T.batched_dot for more axes")
        inner, first = x.type.shape[-1], y.type.shape[0]
        if inner is not None and first is not None and inner != first:
            raise ShapeError(
                f"T.dot({x.label}, {y.label})",
                f"{describe(x)}; {describe(y)}; {inner} columns meet {first} rows",
                f"T.dot({x.label}.T, {y.label}) or T.dot({x.label}, {y.label}.T), so that the inner lengths agree",
            )
        return TensorType(x.type.dtype, x.type.shape[:-1] + y.type.shape[1:])

    def numpy(self, xp: Any, x: Any, y: Any) -> Any:
        return xp.dot(x, y)

    def vjp(self, g: Node, out: Node, x: Node, y: Node) -> Sequence[Any]:
        if x.type.ndim == 1 and y.type.ndim == 1:
            return [g * y, g * x]
        if x.type.ndim == 1:
            return [dot(y, g), x.dimshuffle(0, "x") * g.dimshuffle("x", 0)]
        if y.type.ndim == 1:
            return [g.dimshuffle(0, "x") * y.dimshuffle("x", 0), dot(g, x)]
        return [dot(g, y.T), dot(x.T, g)]


product = Dot()


def dot(x: Any, y: Any) -> Node:
    """Return the matrix product."""
    left, right = as_nodes([x, y])
    if left.type.ndim == 0 or right.type.ndim == 0:
        return left * right
    return product(left, right)


def transpose(x: Any, axes: Any = None) -> Node:
    """Return `x` with its axes reversed."""
    node = as_nodes([x])[0]
    return node.dimshuffle(*(axes or reversed(range(node.type.ndim))))


syntax.define(dot=dot, transpose=transpose)
