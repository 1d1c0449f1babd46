"""From a graph to a schedule: elementwise work, reductions, views and casts fused into as few loops as their dependencies allow.

Floor 3. Read `kernels` and `survey` before. Nodes are visited in order. One that works point by point joins a kernel over the same axes if
everything it needs is there or was computed before; otherwise it opens a new kernel. A reduction joins the kernel that computes what it
folds. What is only read inside its own kernel never gets memory. A view costs nothing, and a value of which only the shape is asked is not
computed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from ..ops.advanced_indexing import AdvancedIndex
from ..ops.assigning import AdvancedIncSubtensor
from ..ops.choices import Fill
from ..ops.families import Elementwise, Reduction
from ..ops.ranges import Arange
from ..ops.shapes import AxisLength
from .arrays import Place, row_strides, stretched
from .kernels import (
    Access,
    Fold,
    Indexed,
    Kernel,
    Length,
    Line,
    Number,
    Operand,
    Position,
    Product,
    Read,
    Schedule,
    Step,
    Store,
    Take,
    Value,
    along,
    simplified,
)  # fmt: skip
from .positions import chosen
from .sizes import ONE, ZERO, Size
from .survey import ASSIGNMENTS, ROUTINES, Survey, copy, needed
from .views import VIEWS

LONGEST, LONGEST_SCALAR = 64, 400  # lines of a kernel with loops, and of one without: longer ones take LLVM more than linear time
IN_REGISTERS = (Elementwise, AdvancedIndex, Arange)  # cards whose value a kernel has at hand, and need not read from memory
MOST_STREAMS = 24  # arrays that one loop walks over: beyond it they no longer share the cache well


@dataclass(frozen=True)
class Member:
    """One task of a kernel: to compute a node, or to write a value into a part of the memory of a node.

    Attributes:
        node: the node whose value or memory it is.
        operands: what is read at every point; for an assignment the value, then the index arrays.
        place: the part of memory that is written to.
        source: an array that is read at computed positions, so that all of it must be there before.
        after: the first step in which it may run.
        adds: whether it adds to what stands there.
    """

    node: Node
    operands: tuple[Node, ...]
    place: Place | None = None
    source: Node | None = None
    after: int = 0
    adds: bool = False


    @property
    def picks(self) -> bool:
        """Whether it reads or writes at computed positions."""
        return self.source is not None or (self.place is not None and len(self.operands) > 1)


@dataclass
class Group:
    """A kernel while it is put together: its axes, its members, what they make, and what they read that others have made."""

    axes: tuple[Size, ...]
    members: list[Member] = field(default_factory=list)
    made: set[Node] = field(default_factory=set)
    read: set[Node] = field(default_factory=set)

    @property
    def picks(self) -> bool:
        """Whether it reads or writes at computed positions."""
        return any(member.picks for member in self.members)

    @property
    def full(self) -> bool:
        """Whether nothing more should join."""
        if not self.axes:
            return len(self.members) >= LONGEST_SCALAR
        return len(self.members) >= LONGEST or len(self.read) >= MOST_STREAMS


def fused(given: Sequence[Node], results: Sequence[Node]) -> Schedule:
    """Return the schedule that computes `results` from the values of `given`. Every node between them must fit (see `survey.fits`).

    Raises:
        ImpossibleError: two known lengths clash.
    """
    passed = set(given)
    wanted: list[Node] = []
    for node in results:  # each result needs memory that nobody else has
        own = node not in passed and node.op is not None and type(node.op) not in VIEWS and node not in wanted
        wanted.append(node if own and not isinstance(node.op, AxisLength) else copy(node))
    return Fusion(given, wanted).schedule()


class Fusion:
    """Builds one schedule; see the module."""

    def __init__(self, given: Sequence[Node], results: Sequence[Node]) -> None:
        self.given, self.results = tuple(given), tuple(results)
        self.nodes = ancestors([*given, *results], stop_at=given)
        self.survey = Survey(given, self.nodes)
        self.order: list[Group | Product] = []
        self.made_in: dict[Node, int] = {}  # node -> index in `order` of what computes it
        self.open: dict[tuple[Size, ...], list[int]] = {}

    def schedule(self) -> Schedule:
        """Return the schedule."""
        passed = set(self.given)
        wanted: set[Node] = set(self.results)
        for node in reversed(self.nodes):
            if node in wanted and node not in passed:
                wanted.update(needed(node))
        for node in self.nodes:
            if node in wanted and node not in passed and node.op is not None:
                self._put(node)
        kept = self._kept()
        steps: list[Step] = [self._kernel(each, index, kept) if isinstance(each, Group) else each for index, each in enumerate(self.order)]
        survey = self.survey
        leaves = [*self.given, *(node for node in self.nodes if isinstance(node, Constant) and node not in passed)]
        places = {node: survey.settled(place) for node, place in survey.places.items()}
        checked = [survey.sizes.settled(size) for size in survey.checked]
        return Schedule(tuple(leaves), self.results, steps, places, survey.sizes, survey.literals, checked)

    # -- grouping
    def _put(self, node: Node) -> None:
        """Find the step that computes a node."""
        survey, op = self.survey, node.op
        if isinstance(op, AxisLength):
            return
        if node in survey.pieces:
            indices = [self._join(Member(node, (piece.source,), piece.place), piece.place.lengths) for piece in survey.pieces[node]]
            self.made_in[node] = max(indices)
            if isinstance(op, ASSIGNMENTS):
                part, adds = survey.parts[node], not op.set_instead_of_inc
                operands = tuple(node.inputs[1:] if isinstance(op, AdvancedIncSubtensor) else node.inputs[1:2])
                member = Member(node, operands, part, after=max(indices) + 1, adds=adds)
                self.made_in[node] = self._join(member, part.lengths)
        elif isinstance(op, AdvancedIndex):
            member = Member(node, tuple(node.inputs[1:]), source=node.inputs[0])
            self.made_in[node] = self._join(member, survey.places[node].lengths)
        elif type(op) in ROUTINES:
            call = ROUTINES[type(op)](node)
            assert call is not None
            call = Product(node, self._packed(call.left), self._packed(call.right), call.factor, call.start, call.kept)
            self.made_in[node] = len(self.order)
            self.order.append(call)
        elif isinstance(op, Reduction):
            self.made_in[node] = self._join(Member(node, node.inputs), survey.places[node.inputs[0]].lengths)
        elif type(op) not in VIEWS:
            self.made_in[node] = self._join(Member(node, tuple(needed(node))), survey.places[node].lengths)

    def _packed(self, node: Node) -> Node:
        """Return an operand of a routine, or a copy that lies as routines want it: steps of 1 along one axis, forwards along the other."""
        place = self.survey.settled(self.survey.places[node])
        steps = [stride for stride, length in zip(place.strides, place.lengths) if length != ONE]
        backwards = any(step.factor <= 0 for step in steps)
        if not backwards and (ONE in steps or len(steps) < 2) and place.base not in self.survey.literals:
            return node
        packed = copy(node)
        self.survey.measure(packed)
        self._put(packed)
        return packed

    def _join(self, member: Member, lengths: Sequence[Size]) -> int:
        """Put a member into the first kernel over its axes that comes late enough, or into a new one; return its index."""
        places = self.survey.places
        axes = tuple(map(self.survey.sizes.settled, lengths))
        earliest = max((self._ready(each, axes) for each in member.operands), default=0)
        earliest = max(earliest, member.after)
        if member.source is not None:
            earliest = max(earliest, self.made_in.get(places[member.source].base, -1) + 1)
        reads = [places[each].base for each in member.operands if places[each].base not in self.survey.literals]
        open_ones = self.open.setdefault(axes, [])
        index = self._place(member, open_ones[bisect_left(open_ones, earliest) :], reads)
        if index is None:
            index = len(self.order)
            self.order.append(Group(axes))
            open_ones.append(index)
        group = self.order[index]
        assert isinstance(group, Group)
        group.members.append(member)
        group.made.add(member.node)
        group.read.update(base for base in reads if base not in group.made)
        if group.full:
            open_ones.remove(index)
        return index

    def _place(self, member: Member, late_enough: Sequence[int], reads: Sequence[Node]) -> int | None:
        """Return the kernel to join: the first that touches what the member reads, else the last one that is open."""
        last = None
        for index in late_enough:
            group = self.order[index]
            assert isinstance(group, Group)
            if group.axes and group.picks != member.picks:
                continue  # a kernel that picks runs element by element, so nothing else joins it
            if not group.axes or any(base in group.made or base in group.read for base in reads):
                return index
            last = index
        return last

    def _ready(self, node: Node, axes: tuple[Size, ...]) -> int:
        """Return the first step in which an operand can be used; that may be the very kernel that computes it."""
        base = self.survey.places[node].base
        if base not in self.made_in:
            return 0
        index = self.made_in[base]
        group = self.order[index]
        alongside = node is base and isinstance(node.op, IN_REGISTERS) and isinstance(group, Group) and group.axes == axes
        return index if alongside else index + 1

    # -- writing the kernels
    def _kept(self) -> set[Node]:
        """Return the nodes that need memory: those that are read outside the kernel that computes them."""
        places = self.survey.places
        kept = set(self.results)
        for index, each in enumerate(self.order):
            if isinstance(each, Product):
                parts = (each.left, each.right, each.start, each.factor, each.kept)
                kept.update(places[part].base for part in parts if part is not None)
                continue
            for member in each.members:
                for operand in member.operands:
                    base = places[operand].base
                    if base is not operand or self.made_in.get(base) != index or not isinstance(base.op, IN_REGISTERS):
                        kept.add(base)
                if member.source is not None:
                    kept.add(places[member.source].base)
        return kept

    def _kernel(self, group: Group, index: int, kept: set[Node]) -> Kernel:
        """Write down a kernel."""
        axes, survey = group.axes, self.survey
        reads: dict[Access, Read] = {}
        lengths: dict[Size, Length] = {}
        lines: list[Line | Position | Take] = []
        fixed: list[Access] = []  # keeps an axis whose position is asked for a loop of its own
        values: dict[Node, Operand] = {}
        stores: list[Store] = []
        folds: list[Fold] = []

        def walked(node: Node, strides: Sequence[Size], offset: tuple[Size, ...] | None = None) -> Access:
            return Access(node, tuple(ZERO if length == ONE else stride for stride, length in zip(strides, axes)), offset)

        def operand(node: Node, strides: Sequence[Size] | None = None) -> Operand:
            base = survey.places[node].base
            if base in survey.literals:
                return survey.literals[base]
            if node in values:
                return values[node]
            if isinstance(base.op, AxisLength) and base not in survey.given:  # itself, or a view of its one element
                size = survey.sizes.settled(survey.places[base.inputs[0]].lengths[base.op.axis])
                return Number(size.known, "int64") if size.known is not None else lengths.setdefault(size, Length(len(lengths)))
            access = walked(node, stretched(survey.settled(survey.places[node]), node, len(axes)) if strides is None else strides)
            return reads.setdefault(access, Read(len(reads)))

        def indexed(member: Member, x: Node, indices: Sequence[Node], memory: Sequence[Size]) -> tuple[tuple[Size, ...], Indexed]:
            """Return the strides of an array along the axes, and where its elements are."""
            picked = chosen(member.node)
            assert picked is not None
            plain, steps = picked.strides(memory)
            place, positions = survey.settled(survey.places[x]), []
            for each in indices:
                own = stretched(survey.settled(survey.places[each]), each, each.type.ndim)
                positions.append(operand(each, picked.along(own, len(axes) - picked.before - picked.rank)))
            return plain, Indexed(place.lengths[picked.before : picked.before + picked.arrays], steps, tuple(positions))

        for member in group.members:
            node = member.node
            dtypes = tuple(each.type.dtype for each in member.operands)
            if member.source is not None:
                place = survey.settled(survey.places[member.source])
                plain, where = indexed(member, member.source, member.operands, place.strides)
                read = reads.setdefault(walked(member.source, plain), Read(len(reads)))
                lines.append(Take(read.position, where, node.type.dtype))
                values[node] = Value(len(lines) - 1)
            elif member.picks:
                plain, where = indexed(member, node, member.operands[1:], row_strides(survey.settled(survey.places[node]).lengths))
                stores.append(Store(operand(member.operands[0]), node.type.dtype, walked(node, plain), where, member.adds))
                continue
            elif member.place is not None:
                place = survey.settled(member.place)
                access = walked(node, place.strides, place.offset)
                stores.append(Store(operand(member.operands[0]), node.type.dtype, access, adds=member.adds))
                continue
            elif isinstance(node.op, Reduction):
                own = iter(survey.settled(survey.places[node]).strides)
                strides = [ZERO if axis in node.op.axis else next(own) for axis in range(len(axes))]
                folded = frozenset(node.op.axis)
                folds.append(Fold(node.op.combine, operand(member.operands[0]), dtypes[0], node.type.dtype, folded, walked(node, strides)))
                continue
            elif isinstance(node.op, Arange):
                lines.append(Position(0, node.type.dtype))
                fixed.append(Access(node, (ONE,)))
                values[node] = Value(len(lines) - 1)
            elif isinstance(node.op, Fill):
                values[node] = operand(member.operands[0])
            else:
                assert node.op is not None
                lines.append(Line(node.op, tuple(map(operand, member.operands)), dtypes, node.type.dtype))
                values[node] = Value(len(lines) - 1)
            if node in kept:
                stores.append(Store(values[node], node.type.dtype, walked(node, row_strides(axes))))
        accesses = [*reads, *(store.access for store in stores), *(fold.access for fold in folds), *fixed]
        order = loop_order(accesses, len(axes))
        arranged = [Access(each.node, tuple(each.strides[axis] for axis in order), each.offset) for each in accesses]
        joined, loops = simplified([axes[axis] for axis in order], arranged, [frozenset(map(order.index, fold.axes)) for fold in folds])

        alone = group.picks and not loops  # a position must be looked at even where there is but one

        def shorter(access: Access) -> Access:
            strides = [access.strides[axis] for axis in order]
            return Access(access.node, (ZERO,) if alone else along(strides, joined), access.offset)

        return Kernel(
            (ONE,) if alone else tuple(loops),
            tuple(map(shorter, reads)),
            tuple(lengths),
            tuple(lines),
            tuple(Store(each.value, each.dtype, shorter(each.access), each.where, each.adds) for each in stores),
            tuple(
                Fold(each.combine, each.value, each.value_dtype, each.dtype,
                     frozenset(loop for loop, group_axes in enumerate(joined) if order[group_axes[-1]] in each.axes), shorter(each.access))
                for each in folds
            ),
            tuple(member.node for member in group.members),
        )  # fmt: skip


def loop_order(accesses: Sequence[Access], rank: int) -> list[int]:
    """Return the axes from the outermost loop to the innermost: as they are, unless another one walks through all arrays step by step."""
    order = list(range(rank))
    steady = [axis for axis in order if all(access.strides[axis].known in (0, 1) for access in accesses)]
    if steady and steady[-1] != rank - 1:
        order.remove(steady[-1])
        order.append(steady[-1])
    return order
