"""Matrix products that need no library routine. Those that are added to something are in `accumulating`.

Floor 3. Transposes are not looked for here: a back end passes them to the routine as a flag, or reads them as strides.
"""

from __future__ import annotations

from ...graph.node import Node
from ...graph.types import DTYPES
from ...ops.arithmetic import mul
from ...ops.products import Dot, product
from ...ops.shapes import dimshuffle
from ..context import Context
from ..rule import procedure, simplify
from .parts import fitting


@procedure(
    simplify,
    on=[Dot],
    dtypes=DTYPES,
    examples=[
        lambda x, y: product(x.dimshuffle(0, "x"), y.dimshuffle("x", 0)),
        lambda x: product(x.dimshuffle(0, "x"), x.sum().dimshuffle("x")),
        lambda x: product(x.sum().dimshuffle("x"), x.dimshuffle("x", 0)),
        lambda x: product(x.sum().dimshuffle("x"), x.sum().dimshuffle("x")),
    ],
    misses=[
        lambda x, y: product(x.dimshuffle("x", 0), y.dimshuffle(0, "x")),
        lambda x, y: product(x, y),
        lambda x, y: product(x.dimshuffle(0, "x"), y),
    ],
)
def column_times_row(node: Node, context: Context) -> Node | None:
    """A column times a row adds up nothing: as a multiplication that stretches it fuses with what reads it; ger would be one more pass."""
    x, y = node.inputs
    if x.type.shape[-1] != 1 or y.type.shape[0] != 1:
        return None
    left = x if node.type.ndim == 2 else dimshuffle(x, *range(x.type.ndim - 1))
    right = y if node.type.ndim == 2 else dimshuffle(y, *range(1, y.type.ndim))
    return fitting(mul(left, right), node)
