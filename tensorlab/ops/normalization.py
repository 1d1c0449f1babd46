"""Batch normalization from given means and deviations.

Floor 2. The statistics are the caller's; see Ioffe and Szegedy 2015, "Batch Normalization".
"""

from __future__ import annotations

from typing import Any

from ..graph.node import Node


def batch_normalization(inputs: Any, gamma: Any, beta: Any, mean: Any, std: Any, mode: str = "low_mem") -> Node:
    """Return `(inputs - mean) / std * gamma + beta`; all five stretch to a common shape.

    Args:
        inputs: what to normalize.
        gamma: scale.
        beta: shift.
        mean: mean to subtract.
        std: standard deviation to divide by.
        mode: "low_mem" or "high_mem", accepted for Theano's sake: the compiler decides about memory.

    >>> T.nnet.batch_normalization(T.constant([1.0, 3.0]), 2.0, 1.0, 2.0, 1.0).eval()
    array([-1.,  3.])
    """
    if mode not in ("low_mem", "high_mem"):
        raise ValueError(f"mode={mode!r}: it is 'low_mem' or 'high_mem'")
    result: Node = (inputs - mean) * (gamma / std) + beta
    return result
