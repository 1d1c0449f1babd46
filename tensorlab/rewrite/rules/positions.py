"""What is known of index arrays: whether they name a position twice, whether they count through an axis.

Floor 3. Read `ops/index_templates.py` before. Repeated positions are where Theano once went wrong: what is added to a position twice is
not what is put there twice, and the sum of both is not either of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...graph.node import Constant, Node
from ...ops.index_templates import ARRAY, Template, markers
from ...ops.ranges import Arange
from ...ops.shapes import AxisLength
from ..context import Context


def arrays_of(template: Template, indices: Sequence[Node]) -> list[Node]:
    """Return the index arrays and masks among the symbolic parts of a template."""
    return [node for marker, node in zip(markers(template), indices) if marker == ARRAY]


def distinct(template: Template, indices: Sequence[Node]) -> bool:
    """Say whether a template with index arrays is known to name no position twice.

    A mask names each position once. Of several index arrays it is enough that one has no element twice, if it runs along the only axis
    that they have together: (0, j), (1, j), (2, j) are different whatever j is.
    """
    arrays = arrays_of(template, indices)
    if len(arrays) == 1 and arrays[0].type.dtype == "bool":
        return True
    if any(each.type.dtype == "bool" or each.type.ndim > 1 for each in arrays):
        return False
    stretches = len({each.type.broadcastable for each in arrays}) > 1
    return any(all_different(each) and not (stretches and each.type.broadcastable[0]) for each in arrays)


def all_different(index: Node) -> bool:
    """Say whether a vector of positions is known to hold none twice; -1 may be the same position as one that is counted from the front."""
    if isinstance(index, Constant):
        values = index.value
        return len(set(values.tolist())) == values.size and bool((values >= 0).all() or (values < 0).all())
    if not isinstance(index.op, Arange):
        return False
    start, _, step = index.inputs
    return at_least(start, 0) and at_least(step, 1) and index.type.dtype == "int64"


def at_least(node: Node, number: int) -> bool:
    """Say whether a node is a constant not below a number."""
    return isinstance(node, Constant) and bool(node.value >= number)


def counted_length(index: Node) -> Node | None:
    """Return the end of an index that counts 0, 1, 2 … up to it, or None."""
    if not isinstance(index.op, Arange):
        return None
    start, stop, step = index.inputs
    return stop if is_number(start, 0) and is_number(step, 1) and index.type.dtype == "int64" else None


def is_number(node: Node, number: int) -> bool:
    """Say whether a node is a constant equal to a number."""
    return isinstance(node, Constant) and bool(node.value == number)


def counts_through(index: Node, x: Node, axis: int, context: Context) -> bool:
    """Say whether an index counts through an axis of an array, from its beginning to its end."""
    end = counted_length(index)
    if end is None:
        return False
    if isinstance(end, Constant):
        return x.type.shape[axis] is not None and bool(end.value == x.type.shape[axis])
    return isinstance(end.op, AxisLength) and end.op.axis == axis and same_shape(x, end.inputs[0], context)


def same_shape(kept: Node, dropped: Node, context: Context) -> bool:
    """Say whether two nodes are known to have one shape, and whether the one requires all of shapes that the other does."""
    if kept is dropped:
        return True
    pattern = kept.type.broadcastable
    if dropped.type.broadcastable != pattern:
        return False
    mine, others = context.leaves(kept), context.leaves(dropped)
    if mine is None or others is None:
        return False
    static = None not in kept.type.shape and kept.type.shape == dropped.type.shape
    if not static and not any(leaf.type.broadcastable == pattern and leaf in mine for leaf in others):
        return False
    return all(context.covers(kept, leaf) for leaf in others)
