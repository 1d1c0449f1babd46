"""Means, variances and norms: no cards of their own, but sums divided by lengths.

Floor 2. Read `reductions` before.
"""

from __future__ import annotations

import math
from typing import Any

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import ChoiceError, LazyText
from ..graph.node import Node
from ..graph.types import dtype_name, is_floating, normal_axes
from ..settings import config
from .choices import cast, maximum
from .extremes import max_of, min_of
from .reductions import sum_of
from .shapes import element_count


def floating_node(x: Any) -> Node:
    """Return `x`, whole numbers and bools cast to floatX."""
    node = as_node(x)
    return node if is_floating(node.type.dtype) else cast(node, config.floatX)


def divided(total: Node, count: int | Node, dtype: str) -> Node:
    """Return a sum divided by a number of elements, both as `dtype` first (int64 beside float32 would be float64)."""
    return cast(total, dtype) / (cast(count, dtype) if isinstance(count, Node) else count)


def mean(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Node:
    """Return the mean over all axes or some: the sum divided by the number of elements; nan if there are none.

    Whole numbers and bools are added exactly, as int64, and give floatX.

    Raises:
        AxisError: no such axis.

    >>> T.mean(T.constant([[1, 2], [3, 6]]), axis=0).eval()
    array([2., 4.])
    """
    node = as_node(x)
    axes = normal_axes(axis, node.type.ndim, LazyText(lambda: f"{node.label}.mean"))
    wanted = dtype_name(dtype) if dtype is not None else node.type.dtype
    inner = wanted if is_floating(wanted) else config.floatX
    if acc_dtype is not None:
        node = cast(node, acc_dtype)
        inner = node.type.dtype if is_floating(node.type.dtype) else inner
    elif is_floating(node.type.dtype):
        node = cast(node, inner)
    result = divided(sum_of(node, axes, keepdims=keepdims), element_count(node, axes), inner)
    return cast(result, wanted if dtype is not None or is_floating(wanted) else config.floatX)


def var(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, corrected: bool = False, dtype: Any = None) -> Node:
    """Return the variance over all axes or some: the sum of squares of the distances from the mean, divided by n - ddof (at least 0).

    Args:
        x: any expression.
        axis: None, a number (negative: from the end), or several.
        ddof: what is subtracted from the number of elements.
        keepdims: leave the axes in place with length 1.
        corrected: subtract the mean of the distances too, which rounding has left.
        dtype: dtype in which to compute, and of the result.

    Raises:
        AxisError: no such axis.

    >>> T.var(T.constant([1.0, 3.0])).eval(), T.var(T.constant([1.0, 3.0]), ddof=1).eval()
    (array(1.), array(2.))
    """
    node = floating_node(x if dtype is None else cast(x, dtype))
    axes = normal_axes(axis, node.type.ndim, LazyText(lambda: f"{node.label}.var"))
    distance = node - mean(node, axes, keepdims=True)
    if corrected:
        distance = distance - mean(distance, axes, keepdims=True)
    count = element_count(node, axes)
    if isinstance(ddof, Node) or ddof:
        rest = count - ddof
        count = maximum(rest, 0) if isinstance(rest, Node) else max(rest, 0)
    result = divided(sum_of(distance * distance, axes, keepdims=keepdims), count, node.type.dtype)
    return result if dtype is None else cast(result, dtype)


def std(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, corrected: bool = False, dtype: Any = None) -> Node:
    """Return the standard deviation over all axes or some: the root of the variance, whose arguments it takes.

    >>> T.std(T.constant([1.0, 3.0])).eval()
    array(1.)
    """
    node: Node = syntax.apply("sqrt", var(x, axis, ddof, keepdims, corrected, dtype))
    return node


def norm(x: Any, L: Any = 2, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the L-norm over all axes or some: (Σ |x|^L)^(1/L).

    L=None is 2 (over one or two axes NumPy's default too), and so is "fro", the Frobenius norm of matrices.
    L=inf is the largest absolute value, -inf the smallest, 0 the number of elements that are not 0. The 2-norm is the root of
    the sum of squares, so its derivative at 0 is nan.

    Raises:
        AxisError: no such axis.

    >>> T.constant([3.0, -4.0]).norm(2).eval(), T.constant([3.0, -4.0]).norm(1).eval()
    (array(5.), array(7.))
    """
    node = floating_node(x)
    if L is None or L == "fro":
        L = 2
    if isinstance(L, str):
        try:
            L = float(L)
        except ValueError:
            found = f"L={L!r} is no number"
            raise ChoiceError(f"{node.label}.norm({L!r})", found, f"{node.label}.norm(2); 'fro', 'inf' and '-inf' are known too") from None
    if not isinstance(L, Node):
        if L == 0:
            return sum_of(syntax.apply("neq", node, 0), axis, node.type.dtype, keepdims)
        if L == 1:
            return sum_of(abs(node), axis, keepdims=keepdims)
        if L == 2:
            root: Node = syntax.apply("sqrt", sum_of(node * node, axis, keepdims=keepdims))
            return root
        if math.isinf(L):
            return (max_of if L > 0 else min_of)(abs(node), axis, keepdims)
    return sum_of(abs(node) ** L, axis, keepdims=keepdims) ** (1 / L)


syntax.define(mean=mean, var=var, std=std, norm=norm)
