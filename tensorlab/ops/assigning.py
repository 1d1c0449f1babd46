"""A copy of an array in which a part is replaced or added to: what `x[…] = y` and `x[…] += y` are for values that never change.

Floor 2. Read `indexing.py` first. The inputs themselves are never written to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, as_nodes
from ..graph.errors import BroadcastError, DtypeError, IndexingError, RankError, ShapeError
from ..graph.node import Node
from ..graph.op import Op
from ..graph.promotion import promote
from ..graph.types import TensorType
from ..graph.wording import a_kind, counted
from .advanced_indexing import ADVICE, MIXED, AdvancedIndex, LastWrite, in_order, shape_at_run_time
from .choices import cast, fill
from .families import Case, Library, describe, noun
from .index_templates import ARRAY, POINT, WHOLE, Cut, Template, filled, markers, places, points, template_text
from .indexing import Subtensor
from .shapes import AxisLength, DimShuffle, shape_of


class Assignment(Library):
    """What both assignments share; abstract.

    The inputs are x, the new values y (a scalar, or exactly the shape of the selected part), and the inputs of the template.
    """

    def __init__(self, template: Template, set_instead_of_inc: bool = False) -> None:
        self.template, self.set_instead_of_inc = template, set_instead_of_inc

    @property
    def python(self) -> str:  # type: ignore[override]
        names = (f"{{x{position}}}" for position, _ in enumerate(markers(self.template), start=2))
        return f"T.{'set' if self.set_instead_of_inc else 'inc'}_subtensor({{x}}[{template_text(self.template, names)}], {{y}})"

    @property
    def latex(self) -> str:  # type: ignore[override]
        names = (f"{{x{position}}}" for position, _ in enumerate(markers(self.template), start=2))
        sign = r"\leftarrow" if self.set_instead_of_inc else r"\mathrel{{+}}\leftarrow"
        return rf"\left({{x}}\left[{template_text(self.template, names)}\right] {sign} {{y}}\right)"

    def __str__(self) -> str:
        name = self.name.replace("inc", "set") if self.set_instead_of_inc else self.name
        return f"{name}{{{template_text(self.template)}}}"

    __repr__ = __str__

    def same_as(self, x: Any, y: Any, *indices: Any) -> Any:
        result = np.array(x)
        shape, sources = places(self.template, result.shape, indices)
        for number, source in enumerate(sources):
            new = y[np.unravel_index(number, shape)] if np.ndim(y) else y
            result[source] = new if self.set_instead_of_inc else result[source] + new
        return result

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        x, y = as_nodes(arguments[:2])
        return [x, cast(y, x.type.dtype), *[as_node(each) for each in arguments[2:]]]

    def numbers_among(self, count: int) -> frozenset[int]:
        return points(self.template, count)

    def reader(self) -> Op:
        """Return the op that reads what this one writes."""
        raise NotImplementedError

    def type(self, x: Node, y: Node, *indices: Node) -> TensorType:
        chosen = self.reader().type(x, *indices)
        if y.type.ndim and (y.type.ndim != chosen.ndim or y.type.with_dtype(chosen.dtype).contradicts(chosen)):
            raise does_not_fit(f"{self.name}({x.label}, {y.label})", chosen, y)
        return x.type

    def vjp(self, g: Node, out: Node, x: Node, y: Node, *indices: Node) -> Sequence[Any]:
        nothing = [None] * len(indices)
        arrived = self.reader()(g, *indices)
        if not self.set_instead_of_inc:
            return [g, arrived, *nothing]
        last = self.last_writes(x, indices)
        return [type(self)(self.template, True)(g, 0, *indices), arrived if last is None else arrived * last, *nothing]

    def last_writes(self, x: Node, indices: Sequence[Node]) -> Node | None:
        """Return which of the new values remain, or None if all do."""
        return None


class IncSubtensor(Assignment):
    """A copy of x with y added to the part that numbers and slices select, or put in its place.

    >>> x = T.constant([1.0, 2.0, 3.0])
    >>> T.inc_subtensor(x[1:], 10).eval(), T.set_subtensor(x[0], 10).eval()
    (array([ 1., 12., 13.]), array([10.,  2.,  3.]))
    """

    advice = Subtensor.advice
    sample = (
        Case((3,), (), template=(1,)),
        Case((3,), (), template=(1,), set_instead_of_inc=True),
        Case((3, 4), (2,), template=(-1, Cut(1, None, 2))),
        Case((3, 4), (2, 3), 2, 1, template=(Cut(None, POINT), Cut(POINT)), set_instead_of_inc=True),
        Case((2, 3, 4), (2, 1, 4), template=(WHOLE, 0, None, Cut(None, None, -1))),
    )

    def reader(self) -> Op:
        return Subtensor(self.template)

    def numpy(self, xp: Any, x: Any, y: Any, *bounds: Any) -> Any:
        result = xp.array(x)
        place = filled(self.template, bounds)
        check_run_time(xp.shape(result[place]), y)
        if self.set_instead_of_inc:
            result[place] = y
        else:
            result[place] += y
        return result


class AdvancedIncSubtensor(Assignment):
    """A copy of x with y added at the positions that arrays or masks give, or put there.

    A position that comes several times is added to several times; what is put there is the last of its values.

    >>> x = T.constant([0.0, 0.0, 0.0])
    >>> T.inc_subtensor(x[[0, 2, 2]], [1, 2, 3]).eval(), T.set_subtensor(x[[0, 2, 2]], [1, 2, 3]).eval()
    (array([1., 0., 5.]), array([1., 0., 3.]))
    """

    by_host = "elements that meet at one position are added there in no fixed order, and the last bits would differ between runs"
    advice = ADVICE
    shapes = ((3, 4), (3,), (2, 3, 3), (2, 2), (3,), (2, 1, 2))  # of what the templates of MIXED select
    sample = tuple(
        Case(case.inputs[0], y, *case.inputs[1:], set_instead_of_inc=flag, **case.parameters)
        for case, shape in zip(MIXED, shapes) for y in (shape, ()) for flag in (False, True)
    )

    def reader(self) -> Op:
        return AdvancedIndex(self.template)

    def numpy(self, xp: Any, x: Any, y: Any, *indices: Any) -> Any:
        result = xp.array(x)
        place = in_order(xp, filled(self.template, indices))
        if y.ndim:
            check_run_time(shape_at_run_time(self.template, x.shape, indices), y)
        if self.set_instead_of_inc:
            result[place] = xp.asarray(y, order="C")
        else:
            xp.add.at(result, place, y)
        return result

    def last_writes(self, x: Node, indices: Sequence[Node]) -> Node | None:
        arrays = [node for marker, node in zip(markers(self.template), indices) if marker == ARRAY]
        if len(arrays) == 1 and arrays[0].type.dtype == "bool":
            return None  # a mask names every position once
        return LastWrite(self.template)(x, *indices)


def check_run_time(shape: tuple[Any, ...], y: Any) -> None:
    """Raise ShapeError unless y is a scalar or has the shape of the part that it goes to."""
    if y.ndim == 0 or y.shape == tuple(shape):
        return
    found = f"the selected part has shape {tuple(shape)}, the new values {y.shape}"
    if all(own in (1, length) for own, length in zip(y.shape, shape)):
        axis = next(position for position, (own, length) in enumerate(zip(y.shape, shape)) if own != length)
        raise BroadcastError("", found, f"a length of 1 stretches only if the type says so: T.addbroadcast({{y}}, {axis})")
    raise ShapeError("", found, "new values of the shape of the part, or one number for all of it")


def does_not_fit(asked: str, chosen: TensorType, y: Node) -> ShapeError:
    """Build the error for new values whose known lengths differ from those of the part."""
    found = f"the selected part is {chosen.dtype} {chosen.pattern}; {describe(y)}"
    return ShapeError(asked, found, "new values of the shape of the part, or one number for all of it")


def assign(selected: Any, y: Any, replace: bool) -> Node:
    """Return a copy of the array that `selected` is a part of, with this part replaced by y or increased by y."""
    word = "set" if replace else "inc"
    if not isinstance(selected, Node):
        found = f"the first argument is {a_kind(selected)}"
        raise IndexingError(f"T.{word}_subtensor(x[…], y)", found, f"T.{word}_subtensor(x[index], y) with a symbol x")
    new = new_values(selected, y, word)
    op = selected.op
    if isinstance(op, (Subtensor, AdvancedIndex)):
        card: type[Assignment] = IncSubtensor if isinstance(op, Subtensor) else AdvancedIncSubtensor
        x, *indices = selected.inputs
        return card(op.template, replace)(x, new, *indices)
    if isinstance(op, DimShuffle) and list(op.kept) == list(range(selected.inputs[0].type.ndim)):  # x[:, None], all of x with more axes
        whole = selected.inputs[0]
        if new.type.ndim:
            new = DimShuffle(tuple(position for position, axis in enumerate(op.pattern) if axis != "x"))(new)
        return IncSubtensor((WHOLE,) * whole.type.ndim, replace)(whole, new)
    if isinstance(op, AxisLength):  # x.shape[0]
        return IncSubtensor((op.axis,), replace)(shape_of(selected.inputs[0]), new)
    label = selected.known_name or "x"
    raise IndexingError(
        f"T.{word}_subtensor({selected.label}, {y.label if isinstance(y, Node) else '…'})",
        f"{describe(selected)}; it is not an indexing expression, so it does not say which part of what changes",
        f"T.{word}_subtensor({label}[index], y); T.{word}_subtensor({label}[:], y) for all of {label}",
    )


def new_values(selected: Node, y: Any, word: str) -> Node:
    """Return y in the dtype of the selected part, a scalar or stretched to exactly its shape."""
    part, new = as_nodes([selected, y])
    target = part.type

    def asked() -> str:
        return f"T.{word}_subtensor({part.label}, {new.label})"

    if promote(target.dtype, new.type.dtype) != target.dtype:
        found = f"the selected part is {target.dtype}, and cannot hold the new values: {describe(new)}"
        raise DtypeError(asked(), found, f"T.cast({new.label}, {target.dtype!r})")
    new = cast(new, target.dtype)
    if new.type.ndim == 0:
        return new
    if new.type.ndim > target.ndim:
        found = f"{noun(new)} has {counted(new.type.ndim, 'axis', 'axes')}, the selected part {target.ndim}"
        raise RankError(asked(), found, "new values with at most as many axes as the part")
    for own, length in zip(reversed(new.type.shape), reversed(target.shape)):
        if own is not None and own != 1 and length is not None and own != length:
            raise does_not_fit(asked(), target, new)
    stretches = new.type.ndim < target.ndim or any(own == 1 and length != 1 for own, length in zip(new.type.shape, target.shape))
    return fill(part, new) if stretches else new


def set_subtensor(x: Any, y: Any, inplace: bool = False, tolerate_inplace_aliasing: bool = False) -> Node:
    """Return a copy of an array with a part replaced: `T.set_subtensor(x[index], y)` is what `x[index] = y` would make of x.

    Args:
        x: an indexing expression; numbers, slices, index arrays and masks all work.
        y: the new values; axes of length 1 by type are stretched over the part. Where an index array names a position several times,
            the last value stays (and only this value gets a gradient).
        inplace, tolerate_inplace_aliasing: accepted for Theano's sake; whether memory is reused is decided elsewhere.

    Raises:
        IndexingError: the first argument is not an indexing expression.
        DtypeError: the dtype of x cannot hold the new values.
        RankError, ShapeError: the new values do not fit the part.

    >>> x = T.vector("x")
    >>> T.set_subtensor(x[1:], 0).eval({x: [1.0, 2.0, 3.0]})
    array([1., 0., 0.])
    """
    return assign(x, y, replace=True)


def inc_subtensor(
    x: Any, y: Any, inplace: bool = False, set_instead_of_inc: bool = False, tolerate_inplace_aliasing: bool = False,
    ignore_duplicates: bool = False,
) -> Node:  # fmt: skip
    """Return a copy of an array with y added to a part: `T.inc_subtensor(x[index], y)` is what `x[index] += y` would make of x.

    Args:
        x: an indexing expression; numbers, slices, index arrays and masks all work.
        y: what to add; axes of length 1 by type are stretched over the part. A position that an index array names several times
            is added to several times.
        set_instead_of_inc: replace instead, as `set_subtensor`.
        ignore_duplicates: add only once where a position is named several times, as NumPy's `x[index] += y`; the last value counts.
        inplace, tolerate_inplace_aliasing: accepted for Theano's sake; whether memory is reused is decided elsewhere.

    Raises:
        IndexingError, DtypeError, RankError, ShapeError: as in `set_subtensor`.

    >>> x = T.vector("x")
    >>> T.inc_subtensor(x[[0, 0, 2]], 1).eval({x: [1.0, 2.0, 3.0]})
    array([3., 2., 4.])
    """
    if ignore_duplicates and not set_instead_of_inc and isinstance(x, Node):
        return assign(x, x + new_values(x, y, "inc"), replace=True)
    return assign(x, y, replace=set_instead_of_inc)


syntax.define(set_subtensor=set_subtensor, inc_subtensor=inc_subtensor)
