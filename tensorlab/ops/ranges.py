"""Numbers in order, and what follows from comparing them: arange, linspace, the identity matrix, triangles.

Floor 2. Only `Arange` is a card. Read `filling` before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.convert import as_node, as_nodes, constant_value, shorten
from ..graph.errors import RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote
from ..graph.types import TensorType, dtype_name, is_floating
from ..graph.wording import in_code
from ..settings import config
from .choices import cast, maximum, switch
from .comparisons import eq, ge
from .families import Case, Library, describe
from .lengths import as_count, as_offset
from .reductions import sum_of
from .shapes import length_of


class Arange(Library):
    """Numbers from start up to, but without, stop, a step apart.

    >>> T.arange(2, 8, 3).eval()
    array([2, 5])
    """

    numbers = slice(0, None)
    latex = r"\operatorname{{arange}}\left({x}, {y}, {z}\right)"
    advice = "a step of 1, of -1 to count down, or of any other number but 0"
    sample = (
        Case(np.asarray(0), np.asarray(5), np.asarray(2), dtype="int64"),
        Case(np.asarray(0.3), np.asarray(2.1), np.asarray(0.5), dtype="float64"),
        Case(np.asarray(3), np.asarray(-3), np.asarray(-1), dtype="int64"),
        Case(np.asarray(3), np.asarray(1), np.asarray(1), dtype="int64"),
    )

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def same_as(self, start: Any, stop: Any, step: Any) -> Any:
        found: list[Any] = []
        while (start + len(found) * step < stop) if step > 0 else (start + len(found) * step > stop):
            found.append(start + len(found) * step)
        return np.array(found, self.dtype)

    def type(self, start: Node, stop: Node, step: Node) -> TensorType:
        known = [constant_value(each) for each in (start, stop, step)]
        return TensorType(self.dtype, (None if None in known or known[2] == 0 else number_of_steps(*known),))

    def numpy(self, xp: Any, start: Any, stop: Any, step: Any) -> Any:
        if step == 0:
            raise ShapeError("", "a step of 0 never arrives", self.advice)
        return start + step * xp.arange(number_of_steps(start.item(), stop.item(), step.item()))

    def vjp(self, g: Node, out: Node, start: Node, stop: Node, step: Node) -> Sequence[Any]:
        return [sum_of(g), 0, sum_of(g * arange(length_of(out, 0), dtype=g.type.dtype))]


def number_of_steps(start: float, stop: float, step: float) -> int:
    """Return how many numbers a range holds.

    >>> from tensorlab.ops.ranges import number_of_steps
    >>> number_of_steps(0, 5, 2), number_of_steps(5, 0, 2), number_of_steps(0.0, 1.0, 0.25)
    (3, 0, 4)
    """
    if isinstance(start, float) or isinstance(stop, float) or isinstance(step, float):
        return max(math.ceil((stop - start) / step), 0)
    return max(-((start - stop) // step), 0)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Node:
    """Return the numbers from start (0 unless given) up to, but without, stop.

    The dtype is int64 for whole numbers, the promoted one for floating expressions, floatX for Python floats.

    Raises:
        RankError: an end or the step is not a single number.
        ShapeError: the step is 0 (when known; otherwise when the function runs).

    >>> T.arange(3).type, T.arange(T.lscalar("n")).type
    (TensorType(int64, (3,)), TensorType(int64, vector))
    """
    if stop is None:
        start, stop = 0, start
    ends = as_nodes([start, stop, 1 if step is None else step])
    for each in ends:
        if each.type.ndim:
            raise RankError(
                f"T.arange({start}, {stop}, {step})",
                f"{describe(each)}, and an end must be a single number",
                f"{each.label}[0], or {each.label}.shape[0]",
            )
    if constant_value(ends[2]) == 0:
        raise ShapeError(f"T.arange({', '.join(map(in_code, ends))})", "a step of 0 never arrives at the end", Arange.advice)
    if dtype is not None:
        wanted = dtype_name(dtype)
    else:
        wanted = promote(*[each.type.dtype for each in ends])
        wanted = wanted if is_floating(wanted) else promote(wanted, "int64")
    return Arange(wanted)(*ends)


def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None) -> Node:
    """Return `num` numbers from start to stop, evenly spaced; both ends are exact. `endpoint=False` leaves the last one out.

    Raises:
        DtypeError, RankError, ShapeError: `num` is no whole number, an array, or negative.

    >>> T.linspace(0, 1, 5).eval()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    first, last = as_nodes([start, stop])
    num = as_count(num, f"T.linspace({in_code(first)}, {in_code(last)}, {shorten(num)})")
    wanted = promote(first.type.dtype, last.type.dtype)
    wanted = wanted if is_floating(wanted) else str(config.floatX)
    gaps = num - 1 if endpoint else num
    gaps = cast(maximum(gaps, 1), wanted) if isinstance(gaps, Node) else max(gaps, 1)
    part = arange(num, dtype=wanted) / gaps
    result = cast(first, wanted) * (1 - part) + cast(last, wanted) * part
    return result if dtype is None else cast(result, dtype)


def compared_positions(rows: Any, columns: Any, k: Any, asked: str) -> tuple[Node, Node]:
    """Return, for a matrix, the row number plus k as a column and the column number as a row.

    Raises:
        DtypeError, RankError, ShapeError: a number of rows or columns or k is no whole number, is an array, or there are less than none.
    """
    k = as_offset(k, asked)
    down, across = arange(as_count(rows, asked)).dimshuffle(0, "x"), arange(as_count(columns, asked)).dimshuffle("x", 0)
    return (down + k if isinstance(k, Node) or k else down), across


def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = None) -> Node:
    """Return a matrix with ones on a diagonal and zeros elsewhere; n, m and k may be symbolic.

    Args:
        n: number of rows.
        m: number of columns, n unless given.
        k: which diagonal: 0 the main one, positive above it.
        dtype: floatX unless given.

    Raises:
        DtypeError, RankError, ShapeError: n, m or k is no whole number, an array, or n or m is negative.

    >>> T.eye(2, 3, k=1).eval()
    array([[0., 1., 0.],
           [0., 0., 1.]])
    """
    asked = f"T.eye({', '.join(shorten(each) for each in (n, m, k) if each is not None)})"
    return cast(eq(*compared_positions(n, n if m is None else m, k, asked)), dtype or config.floatX)


def identity_like(x: Any, dtype: Any = None) -> Node:
    """Return a matrix of the shape and dtype of `x` with ones on the main diagonal.

    Raises:
        RankError: `x` is no matrix.
    """
    node = matrix_node(x, "T.identity_like")
    return eye(length_of(node, 0), length_of(node, 1), dtype=dtype or node.type.dtype)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Node:
    """Return a matrix with ones on and below a diagonal and zeros above it.

    >>> T.tri(2, 3).eval()
    array([[1., 0., 0.],
           [1., 1., 0.]])
    """
    asked = f"T.tri({', '.join(shorten(each) for each in (N, M, k) if each is not None)})"
    return cast(ge(*compared_positions(N, N if M is None else M, k, asked)), dtype or config.floatX)


def tril(m: Any, k: Any = 0) -> Node:
    """Return a matrix (or a stack of them) with the elements above the k-th diagonal set to 0.

    >>> T.tril(T.constant([[1, 2], [3, 4]])).eval()
    array([[1, 0],
           [3, 4]])
    """
    node, down, across = triangle(m, k, "T.tril")
    return switch(down >= across, node, 0)


def triu(m: Any, k: Any = 0) -> Node:
    """Return a matrix (or a stack of them) with the elements below the k-th diagonal set to 0.

    >>> T.triu(T.constant([[1, 2], [3, 4]])).eval()
    array([[1, 2],
           [0, 4]])
    """
    node, down, across = triangle(m, k, "T.triu")
    return switch(down <= across, node, 0)


def triangle(m: Any, k: Any, asked: str) -> tuple[Node, Node, Node]:
    """Return a matrix and the positions in it: row numbers plus k, column numbers."""
    node = as_node(m)
    if node.type.ndim < 2:
        raise RankError(f"{asked}({node.label})", describe(node), "a matrix")
    return (node, *compared_positions(length_of(node, -2), length_of(node, -1), k, f"{asked}({in_code(node)}, {shorten(k)})"))


def matrix_node(x: Any, asked: str) -> Node:
    """Return `x` as a node, which must be a matrix."""
    node = as_node(x)
    if node.type.ndim != 2:
        raise RankError(f"{asked}({node.label})", describe(node), "a matrix")
    return node
