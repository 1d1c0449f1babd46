"""Axes folded away: sums, products, means, extremes.

Floor 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.node import Node
from ..graph.types import dtype_name, normal_axes
from .choices import cast, fill
from .families import Case, Reduction, accumulator
from .shapes import DimShuffle


class Sum(Reduction):
    """Elements added up along `axis`.

    >>> T.constant([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0).eval()
    array([4., 6.])
    """

    latex, glyph = r"\sum {x}", "Σ"
    combine, start = "add", 0.0
    sample = (Case((2, 3), axis=(0,)), Case((2, 3), axis=(0, 1)), Case((0, 3), axis=(0,)))

    def same_as(self, x: Any) -> Any:
        return sum(x, x.dtype.type(0))

    def result_dtype(self, dtype: str) -> str:
        return accumulator(dtype)

    def numpy(self, xp: Any, x: Any) -> Any:
        return xp.sum(x, axis=self.axis)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [fill(x, put_back(g, self.axis))]


def put_back(x: Node, axis: Sequence[int]) -> Node:
    """Return `x` with axes of length 1 where a reduction has taken axes away."""
    if not axis:
        return x
    rest = iter(range(x.type.ndim))
    return DimShuffle(tuple("x" if position in axis else next(rest) for position in range(x.type.ndim + len(axis))))(x)


def sum_of(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Node:
    """Return the sum over all axes (axis=None) or some; whole numbers and bools are added as int64 (unsigned: uint64).

    Raises:
        AxisError: no such axis.
    """
    node = as_node(x)
    axes = normal_axes(axis, node.type.ndim, f"{node.label}.sum")
    if dtype is not None:
        node = cast(node, dtype_name(dtype))
    result = Sum(axes)(node) if axes else cast(node, accumulator(node.type.dtype))
    return put_back(result, axes) if keepdims else result


syntax.define(sum=sum_of)
