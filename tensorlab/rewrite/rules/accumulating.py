"""Matrix products that are added to something: one call of the library routine, which adds into the memory of the result.

Floor 3. Read `ops/fused_products.py` and `rewrite/readers.py` before. BLAS computes b z + a x y in place of z. That is worth having
where the sum has to stand in memory anyway (a new value of a shared variable, an operand of the next product), and where z is itself a
product that nobody else reads; a sum that only a loop reads is better left to that loop, which reads both terms as it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...graph.node import Node
from ...graph.types import is_integer, number_of_elements
from ...ops.arithmetic import Add, Mul, Neg, Sub, TrueDiv, mul, neg, true_div
from ...ops.choices import Cast, Fill, cast
from ...ops.families import Elementwise
from ...ops.filling import Alloc
from ...ops.functions import exp
from ...ops.fused_products import BLAS_DTYPES, Gemm, gemm
from ...ops.products import Dot, product
from ...ops.shapes import DimShuffle
from ..context import Context
from ..downward import ContextWithReaders
from ..numbers import Number, wrapped
from ..rule import accumulate, canonicalize, procedure

MOST_TERMS = 12
"""How much of a sum is searched for a product."""
FEW_ELEMENTS = 64
"""A sum no larger than this is not worth a call of its own: a loop can compute such a product in passing."""
TRANSPOSE = DimShuffle((1, 0))
MOST_ROUNDS = 8
"""How often a new term is tidied up: two numbers and two signs can meet in it."""

Way = tuple[tuple[Node, int], ...]


@dataclass
class Split:
    """A sum taken apart into a multiple of one product and the rest.

    Attributes:
        rest: the other terms, None if there are none.
        number: the constant factors of the product, multiplied.
        above, below: the other factors of the product, all 0-d.
    """

    dtype: str
    rest: Node | None = None
    number: Number = 1
    above: list[Node] = field(default_factory=list)
    below: list[Node] = field(default_factory=list)

    def factor(self, context: Context) -> Node:
        """Return what the product is multiplied by."""
        result = context.constant(self.number, self.dtype)
        for each in self.above:
            result = tidied(mul(result, cast(each, self.dtype)), context)
        for each in self.below:
            result = tidied(true_div(result, cast(each, self.dtype)), context)
        return result


@procedure(
    accumulate,
    on=[Add, Sub, Mul, Neg, TrueDiv],
    within=[Dot],
    dtypes=BLAS_DTYPES,
    examples=[
        lambda z, x, y: z + product(x, y),
        lambda z, x, y: z - product(x, y),
        lambda z, x, y: product(x, y) - z,
        lambda z, x, y: -(z + product(x, y)),
        lambda z, x, y: z + 0.5 * product(x, y),
        lambda z, x, y: 0.9 * z - product(x, y) * z.sum(),
        lambda z, x, y: z - 0.25 * (product(x, y) + 0.5 * z),
        lambda z, x, y: z - 0.25 * (np.float32(0.5) * z + exp(z) + product(x, y)),
        lambda z, x, y: z - z.sum() * (product(x, y) / cast(z.size, "float64") - z),
        lambda z, x, y: z + product(x, y).T,
        lambda z, x, y: exp(product(z, y) + 2 * product(x, y)),
        lambda z, x, y: z + product(x, y) - product(y, z),
    ],
    misses=[
        lambda z, x, y: exp(z + product(x, y)),
        lambda z, x, y: product(x, y) * (z + product(x, y)),
        lambda z, x, y: 2 * product(x, y),
        lambda z, x, y: z.sum() + product(x, y),
        lambda z, x, y: z * product(x, y),
        lambda z, x, y: z + exp(product(x, y)),
        lambda z, x, y: z + 1e-300 * product(x, y),
        lambda z, x, y: z + z.sum() * (x.sum() * product(x, y)),
    ],
)
def sum_takes_product(node: Node, context: Context) -> Node | None:
    """The library routine adds a multiple of a product into the memory of the sum: w - c (x y + r) is w - c r, to which -c x y is added."""
    size = number_of_elements(node.type.shape)
    if node.type.ndim != 2 or (size is not None and size <= FEW_ELEMENTS) or not isinstance(context, ContextWithReaders):
        return None  # a product with a vector costs no less this way, and rounds every term it adds to the size of z
    loops = context.readers.in_loops(node)
    if loops and not any(isinstance(each.op, (Dot, Gemm)) for each in node.inputs):
        return None
    way = way_to_product(node, context)
    if way is None:
        return None
    parent, position = way[-1]
    split = split_along(way, context)
    if split is None or split.rest is None or not same_axes(split.rest, node) or is_one_number(split.rest, context):
        return None
    if loops and not (isinstance(split.rest.op, (Dot, Gemm)) and context.readers.read_once(split.rest)):
        return None
    x, y = factors_of(parent.inputs[position])
    scale, z = scaled(split.rest, context)
    return gemm(z, split.factor(context), x, y, scale)


def way_to_product(node: Node, context: ContextWithReaders) -> Way | None:
    """Return the last product among the terms of a sum that nobody else reads: the nodes down to it, and the operand that leads on."""
    pending: list[tuple[Node, Way]] = [(node, ())]
    room = MOST_TERMS
    while pending and room:
        each, way = pending.pop()
        room -= 1
        if way and not (context.readers.read_once(each) and each.type.dtype == node.type.dtype and same_axes(each, node)):
            continue
        if isinstance(each.op, Dot) or (each.op == TRANSPOSE and is_product_read_once(each.inputs[0], context)):
            return way or None
        pending.extend((each.inputs[position], (*way, (each, position))) for position in term_positions(each))
    return None


def is_product_read_once(node: Node, context: ContextWithReaders) -> bool:
    """Say whether a node is a product that nobody else reads."""
    return isinstance(node.op, Dot) and context.readers.read_once(node)


def term_positions(node: Node) -> Sequence[int]:
    """Return the operands of a sum, or the one operand of a multiple, that are terms."""
    if isinstance(node.op, (Add, Sub)):
        return (0, 1)
    if isinstance(node.op, Neg):
        return (0,)
    if isinstance(node.op, Mul):
        return [position for position in (0, 1) if node.inputs[1 - position].type.ndim == 0]
    return [0] if isinstance(node.op, TrueDiv) and node.inputs[1].type.ndim == 0 else []


def split_along(way: Way, context: Context) -> Split | None:
    """Return the sum at the top of a way without the product at its end, and the factor of this; None where the factor may overflow."""
    split = Split(way[0][0].type.dtype)
    for node, position in reversed(way):
        other = node.inputs[1 - position] if len(node.inputs) == 2 else None
        if isinstance(node.op, (Mul, TrueDiv)):
            assert other is not None
            if not multiplied(split, other, isinstance(node.op, TrueDiv), context):
                return None
        elif isinstance(node.op, Neg) or (isinstance(node.op, Sub) and position == 1):
            split.number = -split.number
        split.rest = rest_of(node, position, split.rest, context)
    return split if len(split.above) <= 1 else None


def multiplied(split: Split, factor: Node, below: bool, context: Context) -> bool:
    """Take one more factor of the product into account; say no where multiplying the factors first might overflow or vanish."""
    number = context.number(factor)
    if number is not None:
        number = wrapped(number, split.dtype)
        result = split.number / number if below and number else split.number * number
        split.number = wrapped(result, split.dtype)
        return harmless(number, split.dtype) and harmless(split.number, split.dtype)
    if below:
        split.below.append(factor)
        return isinstance(factor.op, Cast) and is_integer(factor.inputs[0].type.dtype)  # a count: the n of a mean
    split.above.append(factor)
    return True


def harmless(number: Number, dtype: str) -> bool:
    """Say whether a factor lies within a fourth of the range of exponents: routines may multiply an operand by it, not the sum."""
    exponent = int(np.finfo(dtype).maxexp) // 4
    return number != 0 and 2.0**-exponent <= abs(number) <= 2.0**exponent


def rest_of(node: Node, position: int, rest: Node | None, context: Context) -> Node | None:
    """Return a sum or multiple with what is left of one operand in place of it; None for nothing."""
    assert node.op is not None
    if rest is not None:
        return tidied(node.op(*[rest if each == position else other for each, other in enumerate(node.inputs)]), context)
    if isinstance(node.op, (Add, Sub)):
        left = cast(node.inputs[1 - position], node.type.dtype)
        return tidied(neg(left), context) if isinstance(node.op, Sub) and position == 0 else left
    return None


def tidied(node: Node, context: Context) -> Node:
    """Return a new node as the rules for one way of writing would have it: numbers that now meet become one."""
    for _ in range(MOST_ROUNDS):
        for rule in canonicalize.rules:
            result = rule.apply(node, context) if isinstance(node.op, rule.on) else None
            if result is not None:
                node = result
                break
        else:
            break
    return node


def scaled(node: Node, context: Context) -> tuple[Node, Node]:
    """Return the factor and the array of a multiple of an array that stands in memory; 1 and the node for anything else.

    What a loop computes is multiplied by that loop.
    """
    dtype = node.type.dtype
    for position, other in ((1, 0), (0, 1)) if isinstance(node.op, Mul) else ((0, 0),):
        if not isinstance(node.op, (Mul, Neg)):
            break
        inner = node.inputs[position]
        if isinstance(inner.op, Elementwise) or inner.type != node.type:
            continue
        if isinstance(node.op, Neg):
            return context.constant(-1, dtype), inner
        if node.inputs[other].type.ndim == 0 and context.number(node.inputs[other]) != 0:
            return cast(node.inputs[other], dtype), inner
    return context.constant(1, dtype), node


def factors_of(node: Node) -> tuple[Node, Node]:
    """Return the operands of a product, or of the product that a transposed one is."""
    if isinstance(node.op, Dot):
        x, y = node.inputs
        return x, y
    x, y = node.inputs[0].inputs
    return transposed(y), transposed(x)


def transposed(node: Node) -> Node:
    """Return the transpose of a matrix; of a transpose, what it is the transpose of."""
    return node.inputs[0] if node.op == TRANSPOSE else TRANSPOSE(node)


def same_axes(one: Node, other: Node) -> bool:
    """Say whether two nodes have the same axes, neither of them stretched against the other."""
    return one.type.broadcastable == other.type.broadcastable


def is_one_number(node: Node, context: Context) -> bool:
    """Say whether an array holds one number everywhere, which a loop need not read from memory."""
    if context.number(node) is not None:
        return True
    return (isinstance(node.op, Fill) and node.inputs[1].type.ndim == 0) or (isinstance(node.op, Alloc) and node.inputs[0].type.ndim == 0)


@procedure(
    accumulate,
    on=[DimShuffle],
    within=[Dot],
    needs=[Dot],
    examples=[
        lambda x, y: product(x.dimshuffle(*range(x.type.ndim)), y).T + 0 * y,
        lambda x, y: product(x, exp(y)).T,
    ],
    misses=[lambda x, y: product(x, y).T * product(x, y), lambda x, y: product(x, y).dimshuffle(0, 1, "x")],
)
def product_is_written_transposed(node: Node, context: Context) -> Node | None:
    """The routine reads transposed operands as they are; a product that is transposed afterwards would be copied, or read in jumps."""
    if node.op != TRANSPOSE or not isinstance(context, ContextWithReaders) or not is_product_read_once(node.inputs[0], context):
        return None
    x, y = node.inputs[0].inputs
    return product(transposed(y), transposed(x)) if x.type.ndim == y.type.ndim == 2 else None
