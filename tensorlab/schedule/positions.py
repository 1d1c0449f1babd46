"""Reading and writing at positions that other values give: `x[i]` with arrays, its gradient, slices that are set, `arange`.

Floor 3. Read `survey` and `ops/index_templates.py` before. What is understood here: index arrays of whole numbers beside each
other, with whole axes before and after them. Everything else is left to its card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph.node import Constant, Node
from ..graph.types import is_integer
from ..ops.advanced_indexing import AdvancedIndex
from ..ops.assigning import AdvancedIncSubtensor, IncSubtensor
from ..ops.index_templates import ARRAY, WHOLE, Cut
from ..ops.ranges import Arange
from .arrays import Place
from .sizes import ONE, ZERO, Size, Sizes
from .views import known_ahead


def is_range(node: Node) -> bool:
    """Say whether a node is the whole numbers from 0 up to a length that is known ahead."""
    if not isinstance(node.op, Arange) or not is_integer(node.type.dtype):
        return False
    start, stop, step = node.inputs
    plain = isinstance(start, Constant) and isinstance(step, Constant) and start.value == 0 and step.value == 1
    return plain and is_integer(stop.type.dtype) and known_ahead(stop)


@dataclass(frozen=True)
class Chosen:
    """The axes of `x[:, i, j, :]`: `before` whole ones, one per index array, whole ones after them; `rank` axes of the arrays together."""

    before: int
    arrays: int
    rank: int

    def strides(self, own: Sequence[Size]) -> tuple[tuple[Size, ...], tuple[Size, ...]]:
        """Return the strides of x along the axes of the result, and along its indexed axes."""
        end = self.before + self.arrays
        return (*own[: self.before], *[ZERO] * self.rank, *own[end:]), tuple(own[self.before : end])

    def lengths(self, x: Sequence[Size], indices: Sequence[tuple[Node, Place]], sizes: Sizes) -> list[Size]:
        """Return the lengths of the result; those of index arrays that do not stretch must agree."""
        common: list[Size | None] = [None] * self.rank
        for node, place in indices:
            for axis, (stretches, length) in enumerate(zip(node.type.broadcastable, place.lengths), self.rank - node.type.ndim):
                if not stretches:
                    other = common[axis]
                    common[axis] = length if other is None else sizes.agree(other, length)
        return [*x[: self.before], *(ONE if each is None else each for each in common), *x[self.before + self.arrays :]]

    def along(self, index: Sequence[Size], after: int) -> tuple[Size, ...]:
        """Return the strides of an index array along the axes of the result."""
        return (*[ZERO] * (self.before + self.rank - len(index)), *index, *[ZERO] * after)


def chosen(node: Node) -> Chosen | None:
    """Return the axes of an advanced index or of an assignment to one, if loops can do it."""
    if not isinstance(node.op, (AdvancedIndex, AdvancedIncSubtensor)):
        return None
    template = list(node.op.template)
    arrays = node.inputs[1:] if isinstance(node.op, AdvancedIndex) else node.inputs[2:]
    first = template.index(ARRAY) if ARRAY in template else len(template)
    count = template.count(ARRAY)
    rest = [*template[:first], *template[first + count :]]
    beside = template[first : first + count] == [ARRAY] * count and all(isinstance(entry, Cut) and entry == WHOLE for entry in rest)
    if not count or not beside or not all(is_integer(each.type.dtype) and each.type.dtype != "uint64" for each in arrays):
        return None
    return Chosen(first, count, max(each.type.ndim for each in arrays))


def is_assignment(node: Node) -> bool:
    """Say whether a node puts values into a copy of an array in a way that loops can do."""
    if isinstance(node.op, IncSubtensor):
        fixed = all(not (isinstance(entry, Cut) and isinstance(entry.step, str)) for entry in node.op.template)
        return fixed and all(map(known_ahead, node.inputs[2:])) and node.type.dtype != "bool"
    return isinstance(node.op, AdvancedIncSubtensor) and chosen(node) is not None and node.type.dtype != "bool"
