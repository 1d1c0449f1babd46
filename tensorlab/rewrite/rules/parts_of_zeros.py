"""Zeros with something in one part, which gradients of `x[…]` are: added up, and multiplied, without making the zeros.

Floor 3. Read `assigned` before. What is put together here is never added up in another order: parts that might overlap are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...graph.node import Node
from ...graph.types import FLOATS
from ...ops.advanced_indexing import AdvancedIndex
from ...ops.arithmetic import Add, Mul, Neg, Sub, TrueDiv, mul, neg, true_div
from ...ops.assigning import Assignment, IncSubtensor
from ...ops.choices import fill, zeros_like
from ...ops.functions import exp
from ...ops.index_templates import Cut, Template
from ...ops.indexing import Subtensor
from ..context import Context
from ..rule import procedure, simplify
from .assigned import ASSIGNMENTS, at, at_rows, is_zero, names_none_twice
from .parts import fitting
from .positions import same_shape


@procedure(
    simplify,
    on=[Add, Sub],
    needs_any=ASSIGNMENTS,
    examples=[
        lambda x: x + at(zeros_like(x), 2, 1),
        lambda x: x - at(zeros_like(x), exp(x)[1:], Cut(1)),
        lambda x: at(zeros_like(x), x[1], 1) - exp(x),
        lambda x: exp(x) + at(zeros_like(x), 3, 1, put=True),
        lambda x: x - at_rows(zeros_like(x), 2, [0, 2]),
        lambda x: at(zeros_like(x), 2, 1) + at(zeros_like(x), 3, 0),
        lambda x, y: y + at(zeros_like(x), 2, 1),
        lambda x: x - at(at(zeros_like(x), 2, 1), 3, 0),
    ],
    misses=[
        lambda x: x + at(x, 2, 1),
        lambda x: x + at(at(zeros_like(x), 2, 1), 3, 1),
        lambda x: x + at(at(zeros_like(x), 2, 1), 3, 0, put=True),
        lambda x: x + at_rows(zeros_like(x), 2, [0, 0]),
        lambda x: x + at_rows(zeros_like(x), 2, [0, -1]),
        lambda x: x.sum() + at(zeros_like(x), 2, 1),
    ],
)
def sum_takes_part(node: Node, context: Context) -> Node | None:
    """Zeros with something in one part are added by adding to that part. Embeddings are updated like this, and sums of `x[i]`."""
    for position, other in ((1, 0), (0, 1)):
        part, whole = node.inputs[position], node.inputs[other]
        if whole.type.broadcastable != part.type.broadcastable or any(each.type.dtype != node.type.dtype for each in node.inputs):
            continue
        writings = parts_in_zeros(part, context)
        if not writings or not each_once(writings):
            continue
        zeros = writings[0].inputs[0]
        if isinstance(node.op, Sub) and position == 0:
            whole = neg(whole)
        result = whole if same_shape(whole, zeros, context) else fill(zeros, whole)
        for each in writings:
            _, new, *indices = each.inputs
            assert isinstance(each.op, Assignment)
            result = type(each.op)(each.op.template)(result, neg(new) if isinstance(node.op, Sub) and position == 1 else new, *indices)
        return fitting(result, node)
    return None


MOST_PARTS = 8
"""How many parts of one array are looked at."""


def parts_in_zeros(node: Node, context: Context) -> list[Node]:
    """Return the assignments by which something was put into zeros, the first one first; none for anything else.

    Only the first may put something in place of a zero, the others add: so that their order does not matter.
    """
    found: list[Node] = []
    while isinstance(context.op(node), Assignment) and len(found) < MOST_PARTS:
        found.insert(0, node)
        adds = not node.op.set_instead_of_inc  # type: ignore[union-attr]
        (node, *_) = node.inputs
        if is_zero(node, context):
            return found
        if not adds:
            break
    return []


def each_once(writings: Sequence[Node]) -> bool:
    """Say whether assignments are known to write no position twice, neither one of them nor two together."""
    if not all(names_none_twice(each) for each in writings):
        return False
    templates = [each.op.template for each in writings if isinstance(each.op, IncSubtensor)]
    return len(writings) == 1 or (
        len(templates) == len(writings) and all(apart(one, other) for n, one in enumerate(templates) for other in templates[:n])
    )


def apart(one: Template, other: Template) -> bool:
    """Say whether two templates name different numbers, both counted from the same end, on one of the first axes."""
    for first, second in zip(one, other):
        if first is None or second is None:
            return False
        if isinstance(first, int) and isinstance(second, int) and first != second and (first >= 0) == (second >= 0):
            return True
    return False


@procedure(
    simplify,
    on=[Mul, Neg, TrueDiv],
    needs_any=ASSIGNMENTS,
    dtypes=FLOATS,
    examples=[
        lambda x: 2 * at(zeros_like(x), x[1], 1),
        lambda x: -at(zeros_like(x), x[1:], Cut(1)),
        lambda x: -at_rows(zeros_like(x), 2, [1, 1]),
        lambda x: at(zeros_like(x), x[1], 1) * x.sum(),
        lambda x: at(zeros_like(x), x[1], 1) / 3,
        lambda x: exp(x) * at(zeros_like(x), 2, 1),
        lambda x: x * at_rows(zeros_like(x), 3, [0, 2]),
        lambda x: 2 * at(at(zeros_like(x), x[1], 1), x[2], 0),
    ],
    misses=[
        lambda x: 2 * at(x, x[1], 1),
        lambda x: 2 * at_rows(zeros_like(x), 3, [1, 1]),
        lambda x: 3 / at(zeros_like(x), x[1], 1),
        lambda x: x * at_rows(zeros_like(x), 3, [1, 1]),
        lambda x: x * at(zeros_like(x[0]), 3, 1),
    ],
)
def factor_enters_part(node: Node, context: Context) -> Node | None:
    """Zeros with something in one part are multiplied by multiplying that part. Outside of it inf and nan become the limit 0."""
    for position in range(len(node.inputs) if isinstance(node.op, Mul) else 1):
        writings = parts_in_zeros(node.inputs[position], context)
        if not writings or writings[-1].type != node.type:
            continue
        if isinstance(node.op, Neg):
            return written_again(writings, writings[0].inputs[0], [neg(each.inputs[1]) for each in writings])
        factor = node.inputs[1 - position]
        if not each_once(writings) or factor.type.dtype != node.type.dtype:
            continue
        zeros, times = writings[0].inputs[0], isinstance(node.op, Mul)
        if factor.type.ndim == 0:
            new = [mul(factor, each.inputs[1]) if times else true_div(each.inputs[1], factor) for each in writings]
            return fitting(written_again(writings, zeros, new), node)
        if factor.type.broadcastable != node.type.broadcastable or not times or parts_in_zeros(factor, context):
            continue
        if not same_shape(zeros, factor, context):
            zeros = fill(factor, zeros)
        return fitting(written_again(writings, zeros, [mul(part_of(factor, each), each.inputs[1]) for each in writings]), node)
    return None


def written_again(writings: Sequence[Node], zeros: Node, new: Sequence[Node]) -> Node:
    """Return what assignments make of zeros with other values."""
    for each, value in zip(writings, new):
        assert each.op is not None
        zeros = each.op(zeros, value, *each.inputs[2:])
    return zeros


def part_of(whole: Node, part: Node) -> Node:
    """Return the part of an array that an assignment writes."""
    assert isinstance(part.op, Assignment)
    card = Subtensor if isinstance(part.op, IncSubtensor) else AdvancedIndex
    return card(part.op.template)(whole, *part.inputs[2:])
