"""The largest and the smallest element along axes, and where they stand.

Floor 2. At ties the derivative is 1 for every largest element, as in Theano. Read `reductions` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import ShapeError
from ..graph.node import Node
from .families import Case, Reduction, public
from .reductions import fold, put_back


class Extreme(Reduction):
    """A reduction that has no meaning for no elements: `what` says what they do not have."""

    what: ClassVar[str] = "extreme"

    def check(self, x: Any) -> None:
        """Raise ShapeError if an axis that is folded away has no elements."""
        for axis in self.axis:
            if x.shape[axis] == 0:
                raise ShapeError(
                    "",
                    f"axis {axis} has length 0, and among no elements none is the {self.what}",
                    "an array with at least one element along that axis",
                )


class Max(Extreme):
    """The largest element along `axis`; nan if one is nan.

    >>> T.constant([[1.0, 5.0], [7.0, 2.0]]).max(axis=1).eval()
    array([5., 7.])
    """

    latex, glyph, what = r"\max\left({x}\right)", "max", "largest"
    combine = "maximum"
    sample = (Case((2, 3), axis=(0,)), Case((2, 3), axis=(0, 1)), Case((2, 3, 2), axis=(0, 2)))

    def same_as(self, x: Any) -> Any:
        largest = x[0]
        for each in x:
            largest = each if each > largest else largest
        return largest

    def numpy(self, xp: Any, x: Any) -> Any:
        self.check(x)
        return xp.max(x, axis=self.axis)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [put_back(g, self.axis) * syntax.apply("eq", put_back(out, self.axis), x)]


class Min(Extreme):
    """The smallest element along `axis`; nan if one is nan.

    >>> T.constant([[1.0, 5.0], [7.0, 2.0]]).min(axis=1).eval()
    array([1., 2.])
    """

    latex, glyph, what = r"\min\left({x}\right)", "min", "smallest"
    combine = "minimum"
    sample = (Case((2, 3), axis=(0,)), Case((2, 3), axis=(0, 1)), Case((2, 3, 2), axis=(0, 2)))

    def same_as(self, x: Any) -> Any:
        smallest = x[0]
        for each in x:
            smallest = each if each < smallest else smallest
        return smallest

    def numpy(self, xp: Any, x: Any) -> Any:
        self.check(x)
        return xp.min(x, axis=self.axis)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [put_back(g, self.axis) * syntax.apply("eq", put_back(out, self.axis), x)]


class Argmax(Extreme):
    """The position of the first largest element along `axis` (several axes count as one, row by row), as int64.

    >>> T.argmax(T.constant([[1.0, 5.0], [7.0, 7.0]]), axis=1).eval()
    array([1, 0])
    """

    latex, glyph, what = r"\operatorname{{argmax}}\left({x}\right)", "argmax", "largest"
    differentiable = False
    sample = (Case((2, 3), axis=(0,)), Case((2, 3), axis=(0, 1)), Case((2, 3, 2), axis=(0, 2)), Case([[1.0, 3.0, 3.0]], axis=(1,)))

    def same_as(self, x: Any) -> Any:
        best = 0
        for position, each in enumerate(x):
            best = position if each > x[best] else best
        return best

    def result_dtype(self, dtype: str) -> str:
        return "int64"

    def numpy(self, xp: Any, x: Any) -> Any:
        self.check(x)
        return xp.argmax(joined_at_end(xp, x, self.axis), axis=-1)


class Argmin(Extreme):
    """The position of the first smallest element along `axis` (several axes count as one, row by row), as int64.

    >>> T.argmin(T.constant([[1.0, 5.0], [7.0, 7.0]]), axis=1).eval()
    array([0, 0])
    """

    latex, glyph, what = r"\operatorname{{argmin}}\left({x}\right)", "argmin", "smallest"
    differentiable = False
    sample = (Case((2, 3), axis=(0,)), Case((2, 3), axis=(0, 1)), Case((2, 3, 2), axis=(0, 2)), Case([[1.0, 3.0, 1.0]], axis=(1,)))

    def same_as(self, x: Any) -> Any:
        best = 0
        for position, each in enumerate(x):
            best = position if each < x[best] else best
        return best

    def result_dtype(self, dtype: str) -> str:
        return "int64"

    def numpy(self, xp: Any, x: Any) -> Any:
        self.check(x)
        return xp.argmin(joined_at_end(xp, x, self.axis), axis=-1)


def joined_at_end(xp: Any, x: Any, axis: tuple[int, ...]) -> Any:
    """Return an array with some axes joined into one at the end."""
    kept = tuple(each for each in range(x.ndim) if each not in axis)
    length = 1
    for each in axis:
        length *= x.shape[each]
    return xp.reshape(xp.transpose(x, (*kept, *axis)), (*(x.shape[each] for each in kept), length))


def max_of(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the largest element over all axes or some; every element that ties for it has derivative 1.

    Raises:
        AxisError: no such axis.
        ShapeError: an axis has no elements (when the function runs).

    >>> x = T.vector()
    >>> T.grad(T.max(x), x).eval({x: [3.0, 1.0, 3.0]})
    array([1., 0., 1.])
    """
    return fold(Max, x, axis, keepdims, "max")


def min_of(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the smallest element over all axes or some; every element that ties for it has derivative 1.

    Raises:
        AxisError: no such axis.
        ShapeError: an axis has no elements (when the function runs).
    """
    return fold(Min, x, axis, keepdims, "min")


def argmax(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the position of the first largest element along an axis, or (axis=None) among all elements row by row.

    Raises:
        AxisError: no such axis.
        ShapeError: an axis has no elements (when the function runs).
    """
    return position_of(Argmax, x, axis, keepdims, "argmax")


def argmin(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the position of the first smallest element along an axis, or (axis=None) among all elements row by row.

    Raises:
        AxisError: no such axis.
        ShapeError: an axis has no elements (when the function runs).
    """
    return position_of(Argmin, x, axis, keepdims, "argmin")


def position_of(card: type[Extreme], x: Any, axis: Any, keepdims: bool, asked: str) -> Node:
    """Apply argmax or argmin; an element alone stands at position 0."""
    node = as_node(x)
    alone = node.type.ndim == 0 or (isinstance(axis, (list, tuple)) and not axis)
    return card(())(node) if alone else fold(card, node, axis, keepdims, asked)


def max_and_argmax(x: Any, axis: Any = None, keepdims: bool = False) -> list[Node]:
    """Return the largest element and its position: `[T.max(x, axis), T.argmax(x, axis)]`."""
    node = as_node(x)
    return [max_of(node, axis, keepdims), argmax(node, axis, keepdims)]


def ptp(x: Any, axis: Any = None) -> Node:
    """Return the largest minus the smallest element over all axes or some ("peak to peak").

    >>> T.ptp(T.constant([1.0, 7.0, 3.0])).eval()
    array(6.)
    """
    node = as_node(x)
    return max_of(node, axis) - min_of(node, axis)


public(max=max_of, min=min_of)
syntax.define(max=max_of, min=min_of, argmax=argmax, argmin=argmin, ptp=ptp)
