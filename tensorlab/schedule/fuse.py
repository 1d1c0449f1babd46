"""From a graph to a schedule: elementwise work, reductions, views and casts fused into as few loops as their dependencies allow.

Floor 3. Read `kernels` and `survey` before. Nodes are visited in order. One that works point by point joins a kernel over the same axes if
everything it needs is there or was computed before; otherwise it opens a new kernel. A reduction joins the kernel that computes what it
folds. What is only read inside its own kernel never gets memory. A view costs nothing, and a value of which only the shape is asked is not
computed, unless it may fail.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from ..ops.advanced_indexing import AdvancedIndex
from ..ops.assigning import AdvancedIncSubtensor
from ..ops.families import Elementwise, Reduction
from ..ops.ranges import Arange
from ..ops.shapes import AxisLength
from .describe import Member, described
from .kernels import (
    Product,
    Schedule,
    Step,
)  # fmt: skip
from .sizes import ONE, Size
from .survey import ASSIGNMENTS, ROUTINES, Survey, copy, needed
from .views import VIEWS

LONGEST, LONGEST_SCALAR = 64, 400  # lines of a kernel with loops, and of one without: longer ones take LLVM more than linear time
IN_REGISTERS = (Elementwise, AdvancedIndex, Arange)  # cards whose value a kernel has at hand, and need not read from memory
AT_INDICES = (AdvancedIndex, AdvancedIncSubtensor)  # cards that refuse an index out of range, whoever reads what they compute
MOST_STREAMS = 24  # arrays that one loop walks over: beyond it they no longer share the cache well


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
        wanted.update(node for node in self.nodes if isinstance(node.op, AT_INDICES) and node not in passed)
        for node in reversed(self.nodes):
            if node in wanted and node not in passed:
                wanted.update(needed(node))
        for node in self.nodes:
            if node in wanted and node not in passed and node.op is not None:
                self._put(node)
        kept = self._kept()
        survey = self.survey
        steps: list[Step] = [described(each.axes, each.members, survey, kept) if isinstance(each, Group) else each for each in self.order]
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
            start = None if call.start is None else self._in_rows(call.start)
            call = Product(node, self._packed(call.left), self._packed(call.right), call.factor, start, call.kept)
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
        return self._copied(node)

    def _in_rows(self, node: Node) -> Node:
        """Return what a routine adds to, or a copy of it: its bytes are moved to where the result will stand, so it must lie row by row."""
        place = self.survey.settled(self.survey.places[node])
        return node if place.in_rows and place.base not in self.survey.literals else self._copied(node)

    def _copied(self, node: Node) -> Node:
        """Return a copy of a node, which lies row by row."""
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
