"""What stands between the brackets of `x[…]`: a fixed pattern, and the nodes that are put into it when a function runs.

Floor 2. Read before `indexing.py` and `advanced_indexing.py`. A pattern (template) is a tuple with one entry per position between the
brackets: a whole number, a `Cut` (a slice), None (a new axis), `POINT` (a symbolic whole number) or `ARRAY` (an index array or a mask).
It can be compared and hashed, so that ops can be equal; the symbolic parts become inputs of the op, in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from types import EllipsisType
from typing import Any

import numpy as np

from ..graph.errors import IndexingError, ShapeError
from ..graph.node import Node
from ..graph.types import Length, broadcast_shapes

Asked = Callable[[], str]  # called only when there is an error to tell: looking up the names of nodes takes time
POINT, ARRAY = "point", "array"
Bound = int | str | None


@dataclass(frozen=True)
class Cut:
    """A slice; each bound is a number, None where left out, or `POINT` where a symbol stands."""

    start: Bound = None
    stop: Bound = None
    step: Bound = None

    def __str__(self) -> str:
        start, stop, step = ("" if bound is None else "i" if bound == POINT else str(bound) for bound in (self.start, self.stop, self.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")

    __repr__ = __str__

    def length(self, whole: Length) -> Length:
        """Return how many elements it takes out of `whole`, None if that is not known yet."""
        bounds = (self.start, self.stop, self.step)
        if self == Cut() or bounds == (None, None, 1) or bounds == (None, None, -1):
            return whole
        if whole is None or POINT in bounds:
            return None
        return len(range(*slice(*bounds).indices(whole)))


Entry = int | str | Cut | EllipsisType | None
Template = tuple[Entry, ...]
WHOLE = Cut()


def mask_rank(node: Node) -> int:
    """Return how many axes an index array uses: one, but a mask as many as it has."""
    return node.type.ndim if node.type.dtype == "bool" else 1


def markers(template: Template) -> Iterator[str]:
    """Yield the markers of a template in the order of its inputs."""
    for entry in template:
        for part in (entry.start, entry.stop, entry.step) if isinstance(entry, Cut) else (entry,):
            if part in (POINT, ARRAY) and isinstance(part, str):
                yield part


def points(template: Template, count: int) -> frozenset[int]:
    """Return which of the `count` inputs of an op are whole numbers of its template, whose inputs come last."""
    kinds = list(markers(template))
    return frozenset(count - len(kinds) + position for position, kind in enumerate(kinds) if kind == POINT)


def filled(template: Template, values: Iterable[Any]) -> tuple[Any, ...]:
    """Put run-time values into a template and return what goes between NumPy's brackets."""
    rest = iter(values)

    def fill(entry: Any) -> Any:
        if isinstance(entry, Cut):
            start, stop, step = map(fill, (entry.start, entry.stop, entry.step))
            if step == 0:
                raise IndexingError("", "a slice with step 0, which would never arrive", "a step of 1, or of -1 to go backwards")
            return slice(start, stop, step)
        return int(next(rest)) if isinstance(entry, str) and entry == POINT else next(rest) if isinstance(entry, str) else entry

    return tuple(map(fill, template))


def selected_shape(
    template: Template, lengths: Sequence[Length], arrays: Sequence[tuple[int, tuple[Length, ...]]], asked: Asked = str
) -> tuple[Length, ...]:
    """Return the shape of `x[…]`.

    Args:
        template: what stands between the brackets.
        lengths: the lengths of x, None where unknown.
        arrays: per index array the number of axes of x that it uses, and its shape (for a mask: how many elements are true).
        asked: gives the words for what an error is about.

    The axes of several index arrays stretch together and stand where the first one stands; if a slice, None or Ellipsis is between two of
    them, they stand first. A whole number beside index arrays counts as one.

    Raises:
        IndexingError: a number that is known does not fit a length that is known, or the index arrays do not fit together.
    """
    before: list[Length] = []
    after: list[Length] = []
    groups = 0
    inside = False
    axis = 0
    rest = iter(arrays)
    advanced = ARRAY in template
    for entry in template:
        if advanced and (isinstance(entry, int) or entry in (POINT, ARRAY)) and not inside:
            groups, inside = groups + 1, True
        if isinstance(entry, int):
            length = lengths[axis]
            if length is not None and not -length <= entry < length:
                raise IndexingError(asked(), f"position {entry} on axis {axis}, whose length is {length}",
                                    f"{-length} to {length - 1}" if length else "an array that is not empty")
            axis += 1
        elif isinstance(entry, str):
            axis += 1 if entry == POINT else next(rest)[0]
        else:
            inside = False
            kept: Length = 1
            if isinstance(entry, Cut):
                kept, axis = entry.length(lengths[axis]), axis + 1
            if entry is not ...:
                (after if groups else before).append(kept)
    if not advanced:
        return tuple(before)
    try:
        common = broadcast_shapes([shape for _, shape in arrays])
    except ShapeError as clash:
        raise IndexingError(asked(), f"index arrays of shapes {' and '.join(str(shape) for _, shape in arrays)}: {clash.found}",
                            "index arrays of the same shape, or i[:, None] and j to combine every i with every j") from None
    return (*common, *before, *after) if groups > 1 else (*before, *common, *after)


def places(template: Template, shape: Sequence[int], values: Iterable[Any]) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """Return the shape of `x[…]` and, for each of its elements in order, the position in x: the oracle of the tests, in plain loops."""
    rest = iter(values)
    axis = 0
    slots: list[tuple[str, Any]] = []  # "new", "cut" with positions, "array" with a nested index array
    for entry in template:
        if entry is None or entry is ...:
            slots.append(("new" if entry is None else "apart", [0]))
            continue
        if isinstance(entry, Cut):
            bounds: list[Any] = [int(next(rest)) if bound == POINT else bound for bound in (entry.start, entry.stop, entry.step)]
            slots.append(("cut", list(range(shape[axis]))[slice(bounds[0], bounds[1], bounds[2])]))
            axis += 1
            continue
        array = np.asarray(next(rest)) if isinstance(entry, str) else np.asarray(entry)
        if array.dtype == bool:
            true = [position for position in product(*map(range, array.shape)) if array[position]]
            slots += [("array", np.asarray([position[each] for position in true], "int64")) for each in range(array.ndim)]
            axis += array.ndim
        else:
            slots.append(("array", array % shape[axis] if shape[axis] else array))
            axis += 1
    kinds = [kind for kind, _ in slots]
    where = [position for position, kind in enumerate(kinds) if kind == "array"]
    arrays = [slots[position][1] for position in where]
    rank = max((array.ndim for array in arrays), default=0)
    common = [max([array.shape[back + array.ndim] for array in arrays if array.ndim >= -back], key=lambda length: (length != 1, length))
              for back in range(-rank, 0)]
    scattered = bool(rank) and kinds[where[0] : where[-1] + 1] != ["array"] * len(where)
    others = [position for position, kind in enumerate(kinds) if kind in ("new", "cut")]
    first = 0 if scattered or not where else sum(position < where[0] for position in others)
    lengths = [len(slots[position][1]) for position in others]
    result = (*lengths[:first], *common, *lengths[first:])
    sources = []
    for position in product(*map(range, result)):
        at = position[first : first + rank]
        along = dict(zip(others, (*position[:first], *position[first + rank :])))
        source = []
        for number, (kind, content) in enumerate(slots):
            if kind == "cut":
                source.append(content[along[number]])
            elif kind == "array":
                own = at[rank - content.ndim :]
                source.append(int(content[tuple(0 if length == 1 else each for each, length in zip(own, content.shape))]))
        sources.append(tuple(source))
    return result, sources


def template_text(template: Template, names: Iterable[str] = ()) -> str:
    """Write a template as it would stand between brackets, with names for its inputs; whole slices at the end are left out.

    >>> template_text((0, Cut(1), POINT, WHOLE), ["i"])
    '0, 1:, i'
    """
    rest = iter(names)
    entries = list(template)
    while len(entries) > 1 and entries[-1] == WHOLE:
        entries.pop()

    def write(entry: Any) -> str:
        if isinstance(entry, Cut):
            start, stop, step = ("" if bound is None else write(bound) for bound in (entry.start, entry.stop, entry.step))
            return f"{start}:{stop}" + (f":{step}" if step else "")
        if isinstance(entry, str):
            return next(rest, "i" if entry == POINT else "array")
        return "..." if entry is ... else str(entry)

    return ", ".join(map(write, entries)) or "()"


def asking(template: Template, x: Node, indices: Sequence[Node]) -> Asked:
    """Return what gives the words for `x[…]` in an error."""
    return lambda: f"{x.label}[{template_text(template, [each.label for each in indices])}]"
