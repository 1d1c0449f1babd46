"""The logarithm of a sum of exponentials, which a rewrite puts where it is written out.

Floor 2. Read `classification.py` before. Written out it overflows past 709, and is -inf below -745; what is here subtracts the largest
element first.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp as exp_of
from math import log as log_of
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.promotion import promote_to_float
from ..graph.types import TensorType
from .families import Case, Library, kept_lengths
from .functions import exp
from .reductions import put_back


class LogSumExp(Library):
    """log Σ exp(x) along some axes: close to the largest element, and finite wherever that is.

    >>> from tensorlab.ops.log_sum_exp import LogSumExp
    >>> LogSumExp((0,))(T.constant([1000.0, 1000.0])).eval()
    array(1000.69314718)
    """

    latex, glyph = r"\log \sum \exp\left({x}\right)", "log Σ exp"
    sample = (
        Case((2, 3), axis=(1,)),
        Case((2, 3), axis=(0, 1)),
        Case((2, 3, 2), axis=(0, 2)),
        Case([[-800.0, 0.0, 800.0], [5.0, 5.0, -5.0]], axis=(1,)),
    )

    def __init__(self, axis: tuple[int, ...]) -> None:
        self.axis = axis

    def same_as(self, x: Any) -> Any:
        kept = [axis for axis in range(x.ndim) if axis not in self.axis]
        result = np.empty([x.shape[axis] for axis in kept])
        for place in np.ndindex(result.shape):
            chosen = [slice(None)] * x.ndim
            for axis, position in zip(kept, place):
                chosen[axis] = position
            values = x[tuple(chosen)].ravel().tolist()
            top = max(values)
            result[place] = top + log_of(sum(exp_of(each - top) for each in values))
        return result

    def type(self, x: Node) -> TensorType:
        return TensorType(promote_to_float(x.type.dtype), kept_lengths(self, x, self.axis))

    def numpy(self, xp: Any, x: Any) -> Any:
        x = xp.asarray(x, dtype=promote_to_float(x.dtype.name))
        top = xp.max(x, axis=self.axis, keepdims=True, initial=-xp.inf)
        top = xp.where(xp.isfinite(top), top, 0)  # of nothing but -inf, or of no elements at all: log(0)
        total = xp.sum(xp.exp(x - top), axis=self.axis)
        return xp.log(total) + xp.reshape(top, total.shape)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [put_back(g, self.axis) * exp(x - put_back(out, self.axis))]
