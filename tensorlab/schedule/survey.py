"""The survey of a graph before it is scheduled: what each node is for the loops, where it lies, which lengths must agree.

Floor 3. Read `arrays` and `views` before. Whatever is not understood here is computed by its own card, on arrays, outside of loops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..graph.node import Constant, Node
from ..ops.advanced_indexing import AdvancedIndex
from ..ops.assigning import AdvancedIncSubtensor, IncSubtensor
from ..ops.choices import Fill
from ..ops.control import Copy
from ..ops.extremes import Extreme
from ..ops.families import Elementwise, Reduction
from ..ops.fused_products import Gemm
from ..ops.joining import Join
from ..ops.products import Dot
from ..ops.ranges import Arange
from ..ops.shapes import AxisLength
from ..ops.stacking import Stack
from .arrays import Place, row_strides
from .kernels import Number, Product
from .positions import chosen, is_assignment, is_range
from .sizes import ONE, Size, Sizes
from .views import NEED_ROWS, VIEWS, is_view, size_of, subtensor

FOLDS = ("add", "mul", "maximum", "minimum", "and", "or")
FLOATS = ("float32", "float64")
copy = Copy()

Speaks = Callable[[Node], bool]
"""Says whether the loops of a back end can compute an elementwise node or a reduction, with its dtypes."""


def dot_call(node: Node) -> Product | None:
    """Return a matrix product as a call; a product of two vectors is none (see `expand`)."""
    left, right = node.inputs
    if node.type.dtype not in FLOATS or left.type.ndim + right.type.ndim < 3:
        return None
    return Product(node, left, right)


def gemm_call(node: Node) -> Product | None:
    """Return a product that is added to an array as a call."""
    start, factor, left, right, kept = node.inputs
    return Product(node, left, right, factor, start, kept) if node.type.dtype in FLOATS else None


ROUTINES: dict[type, Callable[[Node], Product | None]] = {Dot: dot_call, Gemm: gemm_call}
"""Cards that are one call of a routine, and the call."""
ASSIGNMENTS = (IncSubtensor, AdvancedIncSubtensor)
JOINED = (Stack, Join)
"""Cards whose result is put together from pieces that lie beside each other."""


def fits(node: Node, speaks: Speaks) -> bool:
    """Say whether a node can be part of a schedule; whatever cannot is computed by its own card on arrays."""
    op = node.op
    if op is None or isinstance(op, AxisLength):
        return True
    if type(op) in VIEWS:
        return is_view(node) and speaks(node)
    if type(op) in ROUTINES:
        return ROUTINES[type(op)](node) is not None
    if is_range(node) or chosen(node) is not None or is_assignment(node):
        return speaks(node) and (is_assignment(node) or not isinstance(op, ASSIGNMENTS))
    if isinstance(op, Reduction) and op.combine not in FOLDS:
        return False
    return isinstance(op, (Elementwise, Reduction, *JOINED)) and speaks(node)


def literal(node: Node) -> Number | None:
    """Return a constant with one number in all places as a plain number."""
    if not isinstance(node, Constant) or not node.value.size:
        return None
    first = node.value.flat[0]
    if node.value.ndim and node.value.tobytes() != np.full_like(node.value, first).tobytes():
        return None
    return Number(first.item(), node.type.dtype)


def needed(node: Node) -> Sequence[Node]:
    """Return the operands whose elements are needed to compute a node; of the others only the shape is."""
    if isinstance(node.op, AxisLength):
        return ()
    if isinstance(node.op, Fill):
        return node.inputs[1:]
    if type(node.op) in VIEWS:
        return node.inputs[:1]
    if isinstance(node.op, Arange):
        return ()
    return node.inputs[:2] if isinstance(node.op, IncSubtensor) else node.inputs


@dataclass(frozen=True)
class Piece:
    """A part of an array that is put together: what is copied there, and where it comes to lie."""

    source: Node
    place: Place


class Survey:
    """What is known of every node of a graph before it runs.

    Attributes:
        places: where each node lies.
        literals: constants that are plain numbers.
        pieces: per joined array, its pieces; a view that needs rows and has none becomes one piece of memory of its own.
        parts: per assignment, where the part of it lies that is written to (for index arrays: its lengths).
        sizes, checked: see `Schedule`.
    """

    def __init__(self, given: Sequence[Node], order: Sequence[Node]) -> None:
        self.given = set(given)
        self.sizes = Sizes()
        self.places: dict[Node, Place] = {}
        self.literals: dict[Node, Number] = {}
        self.pieces: dict[Node, list[Piece]] = {}
        self.checked: list[Size] = []
        self.parts: dict[Node, Place] = {}
        for node in order:
            self.measure(node)

    def measure(self, node: Node) -> None:
        """Find where a node lies, and which lengths must agree."""
        op = node.op
        if node in self.given or op is None:
            self._leaf(node)
        elif isinstance(op, Elementwise):
            self._own(node, self._together(node))
        elif isinstance(op, Reduction):
            lengths = self.places[node.inputs[0]].lengths
            if isinstance(op, Extreme):
                self.checked += [lengths[axis] for axis in op.axis]
            self._own(node, tuple(length for axis, length in enumerate(lengths) if axis not in op.axis))
        elif type(op) in VIEWS:
            self._view(node)
        elif isinstance(op, JOINED):
            self._joined(node)
        elif isinstance(op, AxisLength):
            self._own(node, ())
        elif isinstance(op, Arange):
            self._own(node, [size_of(node.inputs[1], self.sizes, self.places)])
        elif isinstance(op, AdvancedIndex):
            self._own(node, self._chosen(node, node.inputs[1:]))
        elif isinstance(op, ASSIGNMENTS):
            self._assigned(node)
        else:
            self._own(node, self._product_lengths(node))

    def settled(self, place: Place) -> Place:
        """Return a place with bound quantities replaced."""
        settled = self.sizes.settled
        return Place(place.base, *(tuple(map(settled, part)) for part in (place.lengths, place.strides, place.offset)))

    def _own(self, node: Node, lengths: Sequence[Size]) -> None:
        """Give a node memory of its own."""
        self.places[node] = Place(node, tuple(lengths), row_strides(lengths))

    def _leaf(self, node: Node) -> None:
        if isinstance(node, Constant) and node not in self.given:
            found = literal(node)
            if found is not None:
                self.literals[node] = found
            self._own(node, [Size(length) for length in node.value.shape])
            return
        lengths = [self.sizes.new("length", node, axis) for axis in range(node.type.ndim)]
        self._own(node, [one if known is None else self.sizes.agree(one, Size(known)) for one, known in zip(lengths, node.type.shape)])

    def _together(self, node: Node) -> list[Size]:
        """Return the lengths of an elementwise node: of every axis that of the operands that do not stretch, which must agree."""
        found: list[Size | None] = [None] * node.type.ndim
        for each in node.inputs:
            shift = node.type.ndim - each.type.ndim
            for axis, (stretches, length) in enumerate(zip(each.type.broadcastable, self.places[each].lengths), shift):
                if not stretches:
                    other = found[axis]
                    found[axis] = length if other is None else self.sizes.agree(other, length)
        return [ONE if length is None else length for length in found]

    def _view(self, node: Node) -> None:
        x, place_of = node.inputs[0], VIEWS[type(node.op)]  # type: ignore[index]
        place = self.places[x]
        if not isinstance(node.op, NEED_ROWS) or (x not in self.literals and self.settled(place).in_rows):
            self.places[node] = place_of(node.op, node, self.sizes, self.places)
            return
        there = Place(node, place.lengths, row_strides(place.lengths))
        self.places[node] = place_of(node.op, node, self.sizes, {**self.places, x: there})
        self.pieces[node] = [Piece(x, there)]

    def _joined(self, node: Node) -> None:
        parts = [self.places[each] for each in node.inputs]
        axis = node.op.axis  # type: ignore[union-attr]
        stacked = isinstance(node.op, Stack)
        lengths = list(parts[0].lengths)
        for part in parts[1:]:
            for own, length in enumerate(part.lengths):
                if stacked or own != axis:
                    lengths[own] = self.sizes.agree(lengths[own], length)
        along = [ONE if stacked else part.lengths[axis] for part in parts]
        plain = [size.known for size in along]
        starts: list[Size] = []
        for count in range(len(along) + 1):
            so_far = plain[:count]
            known = sum(each for each in so_far if each is not None)
            starts.append(Size(known) if None not in so_far else self.sizes.new("sum", *along[:count]))
        if stacked:
            lengths.insert(axis, starts[-1])
        else:
            lengths[axis] = starts[-1]
        self._own(node, lengths)
        strides = self.places[node].strides
        self.pieces[node] = []
        for each, part, start in zip(node.inputs, parts, starts):
            own_strides = (*strides[:axis], *strides[axis + 1 :]) if stacked else strides
            self.pieces[node].append(Piece(each, Place(node, part.lengths, own_strides, (start * strides[axis],))))

    def _chosen(self, node: Node, indices: Sequence[Node]) -> list[Size]:
        """Return the lengths of what index arrays choose."""
        axes = chosen(node)
        assert axes is not None
        lengths = axes.lengths(self.places[node.inputs[0]].lengths, [(each, self.places[each]) for each in indices], self.sizes)
        self.checked += lengths  # a loop of no turns would look at no index
        return lengths

    def _assigned(self, node: Node) -> None:
        """Give an assignment memory of its own, and find the part of it that is written to."""
        x, y, *indices = node.inputs
        self._own(node, self.places[x].lengths)
        own = self.places[node]
        self.pieces[node] = [Piece(x, own)]
        if isinstance(node.op, IncSubtensor):
            part = subtensor(node.op, node, self.sizes, {**self.places, x: own}, indices)
            self.parts[node] = part
            lengths = part.lengths
        else:
            lengths = tuple(self._chosen(node, indices))
            self.parts[node] = Place(node, lengths, own.strides)
        if y.type.ndim:
            for one, other in zip(lengths, self.places[y].lengths):
                self.sizes.agree(one, other)

    def _product_lengths(self, node: Node) -> list[Size]:
        call = ROUTINES[type(node.op)](node)
        assert call is not None
        left, right = self.places[call.left], self.places[call.right]
        self.sizes.agree(left.lengths[-1], right.lengths[0])
        lengths = [*left.lengths[:-1], *right.lengths[1:]]
        if call.start is not None:
            lengths = [self.sizes.agree(one, other) for one, other in zip(lengths, self.places[call.start].lengths)]
        return lengths
