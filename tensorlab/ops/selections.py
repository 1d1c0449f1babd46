"""Choosing by number: take, choose, compress, and what counts or looks up whole numbers (one-hot rows, bincount, searchsorted).

Floor 2. Read `indexing.py` first; most of these are indexing under another name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, as_nodes, constant_value
from ..graph.errors import DtypeError, IndexingError, RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote
from ..graph.types import TensorType, dtype_name, is_floating, is_integer, normal_axis
from ..settings import config
from .advanced_indexing import flatnonzero
from .along_axis import TakeAlongAxis
from .choices import cast, clip, fill
from .families import Case, Library, describe
from .indexing import getitem
from .outside import outside
from .shapes import DimShuffle, length_of

MODES = ("raise", "wrap", "clip")


class OneHot(Library):
    """Per whole number a row of zeros with a 1 at its position; the second input is the number of classes.

    >>> T.to_one_hot([2, 0], 3).eval()
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """

    numbers = slice(1, None)
    latex = r"\operatorname{{onehot}}_{{{y}}}\left({x}\right)"
    advice = "classes numbered from 0 to nb_class - 1"
    sample = (Case([2, 0, 2], 3, dtype="float64"), Case([[0], [1]], 2, dtype="int8"), Case(1, 2, dtype="bool"))

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def same_as(self, y: Any, count: Any) -> Any:
        result = np.zeros((*np.shape(y), int(count)), self.dtype)
        for position in np.ndindex(np.shape(y)):
            for number in range(int(count)):
                result[(*position, number)] = int(y[position]) == number
        return result

    def type(self, y: Node, count: Node) -> TensorType:
        for each in (y, count):
            if not is_integer(each.type.dtype):
                found = f"{describe(each)}; classes are counted in whole numbers"
                raise DtypeError(f"T.to_one_hot({y.label}, {count.label})", found, f"T.cast({each.label}, 'int64')")
        if count.type.ndim:
            raise RankError(f"T.to_one_hot({y.label}, {count.label})", describe(count), "a single number of classes")
        return TensorType(self.dtype, (*y.type.shape, constant_value(count)))

    def numpy(self, xp: Any, y: Any, count: Any) -> Any:
        for wrong in outside(xp, y, 0, int(count)):
            raise IndexingError("", f"class {wrong}, but there are {int(count)} classes", self.advice)
        return (y[..., None] == xp.arange(int(count))).astype(self.dtype)

    def vjp(self, g: Node, out: Node, y: Node, count: Node) -> Sequence[Any]:
        return [0, None]


class Bincount(Library):
    """How often each whole number occurs, or the sum of the weights where it does; at least `minlength` long (the second input).

    >>> T.bincount([1, 1, 3]).eval(), T.bincount([1, 1, 0], weights=[0.5, 0.5, 2.0]).eval()
    (array([0, 2, 0, 1]), array([2., 1.]))
    """

    numbers = slice(1, 2)
    latex = r"\operatorname{{bincount}}\left({x}\right)"
    advice = "whole numbers from 0"
    sample = (Case([1, 1, 3], 0), Case([1, 0], 4), Case([1, 1, 3], 0, (3,)))

    def same_as(self, x: Any, minlength: Any, weights: Any = None) -> Any:
        result = [0] * max([int(minlength), *(int(each) + 1 for each in x)])
        for position, each in enumerate(x):
            result[each] += 1 if weights is None else weights[position]
        return np.asarray(result)

    def type(self, x: Node, minlength: Node, *weights: Node) -> TensorType:
        asked = f"T.bincount({x.label})"
        if not is_integer(x.type.dtype):
            raise DtypeError(asked, f"{describe(x)}; only whole numbers can be counted", f"T.cast({x.label}, 'int64')")
        if x.type.ndim != 1 or any(each.type.ndim != 1 for each in weights):
            raise RankError(asked, "; ".join(map(describe, (x, *weights))), f"vectors, such as {x.label}.flatten()")
        lengths = {each.type.shape[0] for each in (x, *weights)} - {None}
        if len(lengths) > 1:
            raise ShapeError(asked, "; ".join(map(describe, (x, *weights))), "one weight for each number")
        return TensorType(weights[0].type.dtype if weights else "int64", (None,))

    def numpy(self, xp: Any, x: Any, minlength: Any, *weights: Any) -> Any:
        for wrong in outside(xp, x, 0):
            raise IndexingError("", f"the number {wrong}", self.advice)
        if weights and weights[0].shape != x.shape:
            raise ShapeError("", f"{weights[0].shape[0]} weights for {x.shape[0]} numbers", "one weight for each number")
        counted = x.astype("int64")
        return xp.bincount(counted, weights[0] if weights else None, minlength=int(minlength))

    def vjp(self, g: Node, out: Node, x: Node, minlength: Node, *weights: Node) -> Sequence[Any]:
        return [0, None, *[g[x] for _ in weights]]


class SearchSorted(Library):
    """Where each number would have to be put into a sorted vector so that it stays sorted.

    >>> T.searchsorted([1, 2, 2, 3], [2, 9]).eval(), T.searchsorted([1, 2, 2, 3], 2, side="right").eval()
    (array([1, 4]), array(3))
    """

    latex = r"\operatorname{{searchsorted}}\left({x}, {y}\right)"
    differentiable = False
    sample = tuple(
        Case([1.0, 2.0, 2.0, 3.0], values, side=side) for values in ([[2.0, 0.0], [9.0, 2.5]], 2.0) for side in ("left", "right")
    )

    def __init__(self, side: str) -> None:
        self.side = side

    def same_as(self, x: Any, v: Any) -> Any:
        result = np.zeros(np.shape(v), "int64")
        for position in np.ndindex(np.shape(v)):
            result[position] = sum(each < v[position] or (self.side == "right" and each == v[position]) for each in x)
        return result

    def type(self, x: Node, v: Node) -> TensorType:
        if x.type.ndim != 1:
            found = f"{describe(x)}; it must be a sorted vector"
            raise RankError(f"T.searchsorted({x.label}, {v.label})", found, f"T.sort({x.label}.flatten())")
        return v.type.with_dtype("int64")

    def numpy(self, xp: Any, x: Any, v: Any) -> Any:
        return xp.searchsorted(x, v, side=self.side)


def checked_mode(mode: str, asked: str) -> str:
    """Return what to do with positions that do not exist, or say which ways there are."""
    if mode not in MODES:
        raise ValueError(f"{asked} with mode={mode!r}: it is 'raise', 'wrap' or 'clip'")
    return mode


def within(indices: Node, length: Node, mode: str) -> Node:
    """Return indices that exist: as they are (and an error if not), wrapped around, or limited to the ends."""
    if mode == "wrap":
        return cast(indices, "int64") % length
    return clip(cast(indices, "int64"), 0, length - 1) if mode == "clip" else indices


def take(x: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Node:
    """Return the elements (rows, … along `axis`) at the given positions; with axis=None positions in `x.flatten()`.

    Args:
        x: an array.
        indices: whole numbers of any shape, which takes the place of the axis in the result.
        axis: the axis along which to take.
        mode: "raise" for an error if a position does not exist, "wrap" to start again from the front, "clip" for the nearest end.

    Raises:
        DtypeError, IndexingError, AxisError: the positions are no whole numbers or do not exist, or the axis does not.

    >>> T.take([10, 20, 30], [2, 0]).eval(), T.take([10, 20, 30], 7, mode="wrap").eval()
    (array([30, 10]), array(20))
    """
    node = as_node(x)
    asked = f"T.take({node.label}, …)"
    checked_mode(mode, asked)
    if axis is None:
        node, position = node if node.type.ndim == 1 else syntax.apply("flatten", node, 1), 0
    else:
        position = normal_axis(axis, node.type.ndim, asked)
    wanted = indices
    if mode != "raise":
        wanted = as_node(indices)
        if not is_integer(wanted.type.dtype):
            raise DtypeError(asked, f"{describe(wanted)}; positions are whole numbers", f"T.cast({wanted.label}, 'int64')")
        wanted = within(wanted, length_of(node, position), mode)
    return getitem(node, (slice(None),) * position + (wanted,))


def compress(condition: Any, x: Any, axis: int | None = None) -> Node:
    """Return the elements (rows, … along `axis`) where a vector of bools is true; the vector may be shorter than the axis.

    >>> T.compress([True, False, True], [[1, 2], [3, 4], [5, 6]], axis=0).eval()
    array([[1, 2],
           [5, 6]])
    """
    return take(x, flatnonzero(condition), axis)


def choose(a: Any, choices: Any, mode: str = "raise") -> Node:
    """Return an array whose element at a place comes, at the same place, from the choice that `a` names there.

    Args:
        a: whole numbers.
        choices: a list of arrays, or one array whose first axis numbers them; axes of length 1 by type are stretched.
        mode: what to do with a number that names no choice: "raise" an error, "wrap" around, or "clip" to the ends.

    Raises:
        DtypeError: `a` is not made of whole numbers.

    >>> T.choose([0, 1, 1], [[1, 2, 3], [10, 20, 30]]).eval()
    array([ 1, 20, 30])
    """
    number = as_node(a)
    asked = f"T.choose({number.label}, …)"
    checked_mode(mode, asked)
    if is_floating(number.type.dtype):
        raise DtypeError(asked, f"{describe(number)}; choices are counted in whole numbers", f"T.cast({number.label}, 'int64')")
    number = cast(number, "int64")
    if isinstance(choices, (list, tuple)):
        nodes = as_nodes(choices)
        whole = number
        for each in nodes:
            whole = fill(whole, cast(each, "int64"))
        dtype = promote(*[each.type.dtype for each in nodes])
        offered = as_node([fill(whole, cast(each, dtype)) for each in nodes])
        number = fill(whole, number)
    else:
        offered = as_node(choices)
        if offered.type.ndim == 0:
            raise RankError(asked, f"{describe(offered)}; there is nothing to choose from", "a list of arrays")
        missing = number.type.ndim - (offered.type.ndim - 1)
        if missing > 0:
            offered = DimShuffle((0, *["x"] * missing, *range(1, offered.type.ndim)))(offered)
        offered = fill(number, offered)
        number = fill(cast(offered[0], "int64"), number)
    number = within(number, length_of(offered, 0), mode)
    return TakeAlongAxis(0)(offered, DimShuffle(("x", *range(number.type.ndim)))(number))[0]


def to_one_hot(y: Any, nb_class: Any, dtype: Any = None) -> Node:
    """Return, for each whole number in `y`, a row of `nb_class` zeros with a 1 at its position.

    Args:
        y: whole numbers from 0 to nb_class - 1, usually a vector of labels.
        nb_class: the length of a row, a number or a symbol.
        dtype: of the result; by default `config.floatX`.

    Raises:
        DtypeError: `y` is not made of whole numbers.
        IndexingError: when the function runs, a class does not exist.

    >>> T.to_one_hot([0, 2], 3, dtype="int8").eval()
    array([[1, 0, 0],
           [0, 0, 1]], dtype=int8)
    """
    return OneHot(dtype_name(dtype or config.floatX))(as_node(y), as_node(nb_class))


def bincount(x: Any, weights: Any = None, minlength: Any = None, assert_nonneg: bool = False) -> Node:
    """Return how often each of 0, 1, 2 … occurs in a vector, or the sums of the weights.

    Args:
        x: whole numbers from 0.
        weights: one number for each, added up instead of counting.
        minlength: the least length of the result.
        assert_nonneg: accepted for Theano's sake; negative numbers are always an error.

    Raises:
        DtypeError, RankError: `x` is not a vector of whole numbers.
        IndexingError: when the function runs, a number is negative.

    >>> T.bincount([0, 2, 2], minlength=4).eval()
    array([1, 0, 2, 0])
    """
    extra = [] if weights is None else [as_node(weights)]
    return Bincount()(as_node(x), as_node(0 if minlength is None else minlength), *extra)


def searchsorted(x: Any, v: Any, side: str = "left", sorter: Any = None) -> Node:
    """Return the positions where `v` would have to be put into the sorted vector `x`.

    Args:
        x: a vector in ascending order (or put in order by `sorter`).
        v: the numbers to look up.
        side: "left" of equal elements or "right" of them.
        sorter: positions that sort `x`, as from `T.argsort`.

    >>> T.searchsorted([30, 10, 20], 15, sorter=[1, 2, 0]).eval()
    array(1)
    """
    if side not in ("left", "right"):
        raise ValueError(f"T.searchsorted(x, v, side={side!r}): it is 'left' or 'right'")
    vector = as_node(x)
    return SearchSorted(side)(vector if sorter is None else vector[sorter], as_node(v))


syntax.define(take=take, choose=choose, compress=compress)
