"""Kernels written down: what a group of tasks over the same axes reads, computes, stores and folds.

Floor 3. Read `kernels` and `survey` before. `fuse` decides what belongs together; here it becomes lines over loops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph.node import Node
from ..ops.choices import Fill
from ..ops.families import Reduction
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
    Read,
    Store,
    Take,
    Value,
    along,
    simplified,
)  # fmt: skip
from .positions import chosen
from .sizes import ONE, ZERO, Size
from .survey import Survey


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


def described(axes: Sequence[Size], members: Sequence[Member], survey: Survey, kept: set[Node]) -> Kernel:
    """Return the kernel over some axes that does what its members say.

    Args:
        axes: how long each loop would be, one per axis of the results.
        members: the tasks, in order.
        survey: where everything lies.
        kept: the nodes whose values need memory.
    """
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

    for member in members:
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

    alone = any(member.picks for member in members) and not loops  # a position must be looked at even where there is but one

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
        tuple(member.node for member in members),
    )  # fmt: skip


def loop_order(accesses: Sequence[Access], rank: int) -> list[int]:
    """Return the axes from the outermost loop to the innermost: as they are, unless another one walks through all arrays step by step."""
    order = list(range(rank))
    steady = [axis for axis in order if all(access.strides[axis].known in (0, 1) for access in accesses)]
    if steady and steady[-1] != rank - 1:
        order.remove(steady[-1])
        order.append(steady[-1])
    return order
