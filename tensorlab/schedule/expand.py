"""Composite ops written out in ops that loops can compute: softmax as maximum, difference, exponential, sum, quotient.

Floor 3. A back end with loops of its own runs this on a graph first; the reference back end has no use for it. Nothing here changes
what is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph.convert import as_node
from ..graph.node import Node
from ..graph.place import made_at
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..ops.arithmetic import mul, sub, true_div
from ..ops.choices import cast, minimum, switch
from ..ops.classification import LogSoftmax, Softmax
from ..ops.comparisons import eq, isnan, or_
from ..ops.extremes import Argmax, Argmin, Max, Min
from ..ops.functions import exp, log
from ..ops.log_sum_exp import LogSumExp
from ..ops.products import Dot
from ..ops.ranges import Arange
from ..ops.reductions import Sum, put_back
from ..ops.shapes import DimShuffle, length_of


def shifted(node: Node, x: Node) -> Node:
    """Return scores minus the largest of their row, or minus the largest number if that is infinite, in the dtype of the result."""
    scores = cast(x, node.type.dtype)
    limited = minimum(scores, as_node(float(np.finfo(node.type.dtype).max), node.type.dtype))  # in the loop that finds the largest
    return sub(scores, put_back(Max((1,))(limited), (1,)))


def softmax(node: Node, x: Node) -> Node:
    weights = exp(shifted(node, x))
    return true_div(weights, put_back(Sum((1,))(weights), (1,)))


def logsoftmax(node: Node, x: Node) -> Node:
    scores = shifted(node, x)
    return sub(scores, log(put_back(Sum((1,))(exp(scores)), (1,))))


def log_sum_exp(node: Node, x: Node) -> Node:
    """The largest element is taken out first; where that is infinite, nothing is."""
    axis = node.op.axis  # type: ignore[union-attr]
    scores = cast(x, node.type.dtype)
    top = Max(axis)(scores)
    top = switch(eq(sub(top, top), 0), top, 0)
    return log(Sum(axis)(exp(sub(scores, put_back(top, axis))))) + top


def first_extreme(card: type[Max] | type[Min]) -> Callable[[Node, Node], Node | None]:
    """Return how the position of the first extreme along one axis is written out: the smallest position at which it stands, or a nan."""

    def written_out(node: Node, x: Node) -> Node | None:
        if not node.op.axis:  # type: ignore[union-attr]
            return None  # the position of a number that stands alone
        (axis, *others) = node.op.axis  # type: ignore[union-attr]
        if others or x.type.dtype == "bool":
            return None
        length = length_of(x, axis)
        stands = eq(x, put_back(card((axis,))(x), (axis,)))
        if is_floating(x.type.dtype):
            stands = or_(stands, isnan(x))
        pattern = tuple(0 if each == axis else "x" for each in range(x.type.ndim))
        places = DimShuffle(pattern)(Arange("int64")(as_node(0, "int64"), length, as_node(1, "int64")))
        return Min((axis,))(switch(stands, places, length))

    return written_out


def inner_product(node: Node, x: Node, y: Node) -> Node | None:
    """A product of two vectors is a sum of products, which fuses with what makes the vectors."""
    return Sum((0,))(mul(x, y)) if x.type.ndim == y.type.ndim == 1 and node.type.dtype in ("float32", "float64") else None


EXPANSIONS: dict[type, Callable[..., Node | None]] = {
    Softmax: softmax, LogSoftmax: logsoftmax, LogSumExp: log_sum_exp, Dot: inner_product,
    Argmax: first_extreme(Max), Argmin: first_extreme(Min),
}
"""Per card, a function from the node and its new inputs to what takes its place, or None to leave it."""


def expanded(given: Sequence[Node], outputs: Sequence[Node]) -> list[Node]:
    """Return the outputs with composite ops written out; given nodes stay what they are."""
    replaced: dict[Node, Node] = {}
    leaves = set(given)
    for node in ancestors(outputs, stop_at=given):
        if node.op is None or node in leaves:
            continue
        inputs = [replaced.get(each, each) for each in node.inputs]
        expansion: Any = EXPANSIONS.get(type(node.op))
        with made_at(node.place):
            new = expansion(node, *inputs) if expansion is not None else None
        if new is not None:
            replaced[node] = new
        elif any(one is not other for one, other in zip(inputs, node.inputs)):
            assert node.op is not None
            replaced[node] = node.op.rebuild(node, inputs)
    return [replaced.get(output, output) for output in outputs]

