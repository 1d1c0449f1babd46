"""Shapes: one reshape instead of two, none where the shape is there already; lengths read from what an array is made of.

Floor 3. Read `axes` before. A reshape that may fail is left where it is: its error says more than the one that would come later.
"""

from __future__ import annotations

from ...graph.node import Constant, Node
from ...graph.types import DTYPES, number_of_elements
from ...ops.families import Elementwise, Reduction
from ...ops.filling import Alloc
from ...ops.functions import exp
from ...ops.index_templates import WHOLE, Cut
from ...ops.indexing import Subtensor
from ...ops.lengths import DYNAMIC
from ...ops.ranges import arange
from ...ops.reshaping import Flatten, Reshape, back_to_shape
from ...ops.shapes import AxisLength, DimShuffle
from ..context import Context
from ..rule import canonicalize, procedure, simplify
from .axes import both, turned
from .parts import fitting
from .positions import counted_length, same_shape

RESHAPES = (Reshape, Flatten)


def never_fails(node: Node) -> bool:
    """Say whether a reshape runs whatever the lengths are."""
    if isinstance(node.op, Flatten):
        return True
    (x, *lengths) = node.inputs
    if not isinstance(node.op, Reshape) or lengths:
        return False
    return node.op.template == (-1,) or (number_of_elements(x.type.shape) is not None and -1 not in node.op.template)


@procedure(
    canonicalize,
    on=RESHAPES,
    needs_any=RESHAPES,
    dtypes=DTYPES,
    examples=[
        lambda x: Reshape((1, -1))(Flatten(1)(both(x))),
        lambda x: Flatten(1)(Flatten(1)(both(x))),
        lambda x: Flatten(1)(Reshape((3, 1))(x)) if x.type.shape == (3,) else Flatten(1)(Reshape((-1,))(x)),
        lambda x: back_to_shape(Reshape((-1,))(both(x)), both(x)),
    ],
    misses=[lambda x: Flatten(1)(Reshape((3, -1))(x)), lambda x: Flatten(1)(exp(x))],
)
def reshape_of_reshape(node: Node, context: Context) -> Node | None:
    """The elements keep their order, so only the last shape counts."""
    x, *lengths = node.inputs
    assert node.op is not None
    if not isinstance(context.op(x), RESHAPES) or not never_fails(x):
        return None
    if isinstance(node.op, Flatten) and node.op.ndim > 1:
        return None  # it keeps axes of the shape in between
    return fitting(node.op(x.inputs[0], *lengths), node)


@procedure(
    canonicalize,
    on=RESHAPES,
    dtypes=DTYPES,
    examples=[
        lambda x: back_to_shape(x, x),
        lambda x: Flatten(x.type.ndim)(x),
        lambda x: Reshape((-1,))(x),
        lambda x: back_to_shape(exp(x), x),
        lambda x: Reshape((3,))(x) if x.type.shape == (3,) else Flatten(x.type.ndim)(x),
    ],
    misses=[lambda x: Flatten(1)(both(x)), lambda x, y: back_to_shape(x, y), lambda x: Reshape((-1, 1))(x)],
)
def shape_is_there(node: Node, context: Context) -> Node | None:
    """What has the shape that is asked for need not be given it."""
    x, *lengths = node.inputs
    if isinstance(node.op, Flatten):
        return fitting(x, node) if node.op.ndim == x.type.ndim else None
    assert isinstance(node.op, Reshape)
    template, rest = node.op.template, iter(lengths)
    if len(template) != x.type.ndim or [*template].count(-1) > 1:
        return None
    for axis, wanted in enumerate(template):
        if wanted == DYNAMIC:
            measured = next(rest)
            if not isinstance(measured.op, AxisLength) or measured.op.axis != axis or not same_shape(x, measured.inputs[0], context):
                return None
        elif wanted != x.type.shape[axis] and (wanted != -1 or 0 in x.type.shape):
            return None
    return fitting(x, node) if -1 not in template or x.type.ndim == 1 or None not in x.type.shape else None


@procedure(
    canonicalize,
    on=RESHAPES,
    needs=[DimShuffle],
    dtypes=DTYPES,
    examples=[
        lambda x: Reshape((-1,))(x.dimshuffle("x", *range(x.type.ndim))),
        lambda x: Flatten(1)(x.dimshuffle(*range(x.type.ndim), "x")),
    ],
    misses=[lambda x: Flatten(1)(turned(both(x))), lambda x: Flatten(2)(x.dimshuffle("x", *range(x.type.ndim)))],
)
def reshape_of_dimshuffle(node: Node, context: Context) -> Node | None:
    """Axes of length 1 make no difference to elements in a row."""
    arranged, *lengths = node.inputs
    assert node.op is not None
    op = context.op(arranged)
    if not isinstance(op, DimShuffle) or list(op.kept) != sorted(op.kept) or (isinstance(node.op, Flatten) and node.op.ndim > 1):
        return None
    (x,) = arranged.inputs
    return fitting(node.op(x, *lengths) if x.type.ndim else None, node)


def measured(x: Node, axis: int = 0) -> Node:
    """Return a length, for the examples."""
    if x.type.ndim <= axis:
        raise IndexError("too few axes")
    return AxisLength(axis)(x)


@procedure(
    canonicalize,
    on=[AxisLength],
    examples=[
        lambda x: measured(turned(both(x))),
        lambda x: measured(x.dimshuffle(0, "x")),
        lambda x: measured(x.dimshuffle("x", 0), 1),
        lambda x: measured(x.dimshuffle(0, "x"), 1),
        lambda x: measured(both(x).sum(1)),
        lambda x: measured(Alloc(("?",), ())(x.sum(), measured(x))),
        lambda x: measured(arange(measured(x))),
        lambda x: measured(both(x)[1:], 1),
    ],
    misses=[
        lambda x: measured(x[1:]),
        lambda x: measured(both(x)[0]),
        lambda x: measured(both(x).max(1)),
        lambda x: measured(Flatten(1)(x)),
    ],
)
def length_is_known_before(node: Node, context: Context) -> Node | None:
    """A length is read from what an array is made of, so that the array need not be there to be measured."""
    (x,) = node.inputs
    assert isinstance(node.op, AxisLength)
    axis, op = node.op.axis, context.op(x)
    if x.type.shape[axis] is not None:
        return Constant(x.type.shape[axis]) if context.safe(x) else None
    if isinstance(op, DimShuffle):
        return AxisLength(int(op.pattern[axis]))(x.inputs[0])
    if isinstance(op, Reduction) and op.start is not None:
        return AxisLength([each for each in range(x.inputs[0].type.ndim) if each not in op.axis][axis])(x.inputs[0])
    if isinstance(op, Alloc) and x.inputs[0].type.ndim == 0 and all(isinstance(each.op, AxisLength) for each in x.inputs[1:]):
        return x.inputs[1 + list(op.template[:axis]).count(DYNAMIC)] if op.template[axis] == DYNAMIC else None
    if isinstance(op, Subtensor) and all(isinstance(entry, Cut) for entry in op.template) and len(x.inputs) == 1:
        return AxisLength(axis)(x.inputs[0]) if op.template[axis] == WHOLE else None
    end = counted_length(x)
    return end if end is not None and isinstance(end.op, AxisLength) else None


@procedure(
    simplify,
    on=[Elementwise],
    needs=[Alloc],
    dtypes=DTYPES,
    examples=[
        lambda x: exp(Alloc((3, 2), ())(x.sum())),
        lambda x: 2 * Alloc((3, 2), ())(x.sum()),
        lambda x: Alloc(("?",), ())(x.sum(), measured(x)) + x.sum(),
    ],
    misses=[lambda x: Alloc((3,), ())(x.sum()) + x, lambda x: exp(Alloc((3,), (False,))(x))],
)
def alloc_moves_outward(node: Node, context: Context) -> Node | None:
    """Computing one number and filling an array with it is cheaper than filling first."""
    assert isinstance(node.op, Elementwise)
    if not node.op.merges:
        return None
    arrays = [each for each in node.inputs if each.type.ndim]
    if len(arrays) != 1 or not isinstance(context.op(arrays[0]), Alloc) or arrays[0].inputs[0].type.ndim:
        return None
    (whole,) = arrays
    value, *lengths = whole.inputs
    assert whole.op is not None
    result = node.op(*[value if each is whole else each for each in node.inputs])
    return fitting(whole.op(result, *lengths), node)


