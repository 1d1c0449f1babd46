"""Constant folding: what depends on constants alone is computed once, when the function is compiled.

Floor 3. The value comes from `ops/evaluate.py`, the meaning that the reference back end has too.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..graph.node import Constant, Node
from ..graph.types import number_of_elements
from ..ops.evaluate import interpret
from ..ops.families import Elementwise, Reduction, View

MOST_ELEMENTS = 1_000_000
"""8 MB of float64: beyond it, compiling would be slow and the function would carry the memory around."""
MOST_GROWTH = 10_000
"""A result larger than everything it is made of is only computed ahead if it is small: `T.zeros((1000, 1000))` stays an instruction."""


def folded(node: Node) -> Constant | None:
    """Return the constant that a node of constants comes to, or None if it is no such node, fails, or is too large.

    >>> from tensorlab import tensor as T
    >>> folded(T.constant(2.0) + 3)
    TensorConstant{5.0}
    """
    if node.op is None or not node.inputs or not node.op.merges or not all(isinstance(each, Constant) for each in node.inputs):
        return None
    inputs = [each.value for each in node.inputs if isinstance(each, Constant)]
    largest = max(value.size for value in inputs)
    size = largest_result(node, inputs)
    if size > MOST_ELEMENTS or (size > MOST_GROWTH and size > largest):
        return None
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = interpret([node], {})[0]
    except Exception:  # whatever goes wrong shall go wrong when the function runs, where it is explained
        return None
    stretches = tuple(length == 1 for length in value.shape)  # a constant may not stretch where the type of the node did not
    return Constant(value) if node.type.holds(value) and stretches == node.type.broadcastable else None


def largest_result(node: Node, inputs: list[np.ndarray[Any, Any]]) -> int:
    """Return how many elements the result has, or a bound from above, without computing it."""
    known = number_of_elements(node.type.shape)
    if known is not None:
        return known
    bound = 1
    for value in inputs:
        bound *= max(value.size, 1)
    if not isinstance(node.op, (Elementwise, Reduction, View)):
        for value in inputs:
            if value.dtype.kind in "iu" and value.size <= 32:  # lengths, counts, ends of ranges
                for each in value.flat:
                    bound *= max(abs(int(each)), 1)
    return bound
