"""What a node means on arrays of a NumPy-like library: cast, check, compute.

Floor 2. The reference back end runs programs with it, constant folding folds with it, and an op that holds a graph of its own
runs that graph with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..graph.errors import BroadcastError, ShapeError
from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from .families import Elementwise
from .words import ArrayWords


def kernel(node: Node, xp: Any, words: ArrayWords) -> Callable[..., Any]:
    """Return a function from the values of a node's inputs to its value, as an array of exactly the node's dtype."""
    op, dtype = node.op, xp.dtype(node.type.dtype)
    if not isinstance(op, Elementwise):
        compute = op.numpy  # type: ignore[union-attr]

        def run(*values: Any) -> Any:
            result = xp.asarray(compute(xp, *values))
            return result if result.dtype == dtype else result.astype(dtype)

        return run

    formula = op.formula
    compute_in = op.compute_dtype(*[each.type.dtype for each in node.inputs])
    casts = tuple(
        position
        for position, each in enumerate(node.inputs)
        if compute_in is not None and each.type.dtype != compute_in and position not in op.unlike
    )
    check = broadcast_check(node)

    def run_elementwise(*values: Any) -> Any:
        if check is not None:
            check(*values)
        if casts:
            values = tuple(value.astype(compute_in) if position in casts else value for position, value in enumerate(values))
        result = xp.asarray(formula(words, *values))
        return result if result.dtype == dtype else result.astype(dtype)

    return run_elementwise


def broadcast_check(node: Node) -> Callable[..., None] | None:
    """Return a check that only axes of length 1 by type are stretched, or None if nothing can go wrong."""
    rank = node.type.ndim
    patterns = [each.type.broadcastable for each in node.inputs]
    axes = []  # per axis of the result: (operand, axis) pairs that must all have the same length
    for axis in range(-rank, 0):
        fixed = tuple((position, axis) for position, pattern in enumerate(patterns) if len(pattern) >= -axis and not pattern[axis])
        if len(fixed) > 1 and len({node.inputs[position] for position, _ in fixed}) > 1:
            axes.append(fixed)
    if not axes:
        return None

    def check(*values: Any) -> None:
        first = values[0].shape
        for value in values:
            if value.shape != first:
                break
        else:
            return
        for fixed in axes:
            lengths = [values[position].shape[axis] for position, axis in fixed]
            if any(length != lengths[0] for length in lengths):
                raise mismatch(node, fixed, lengths)

    return check


def mismatch(node: Node, fixed: tuple[tuple[int, int], ...], lengths: list[int]) -> ShapeError:
    """Build the error for operands whose lengths differ on one axis when a function runs."""
    operands = [node.inputs[position] for position, _ in fixed]
    said = ", ".join(f"{operand.label} has length {length}" for operand, length in zip(operands, lengths))
    found = f"on axis {fixed[0][1] + node.type.ndim} {said}"
    if 1 in lengths:
        operand = operands[lengths.index(1)]
        own_axis = fixed[lengths.index(1)][1] + operand.type.ndim
        pattern = tuple(flag or each == own_axis for each, flag in enumerate(operand.type.broadcastable))
        other = f"T.tensor({operand.type.dtype!r}, broadcastable={pattern})"
        short: dict[tuple[bool, ...], str] = {(True, False): "T.row()", (False, True): "T.col()"}
        declared = f"declare {operand.label} as {short.get(pattern, other)}"
        if hasattr(operand, "get_value"):  # a shared variable, which is made from a value
            declared = f"{operand.known_name or 'x'} = tl.shared(value, broadcastable={pattern})"
        advice = f"a length of 1 stretches only if the type says so: {declared}, "
        return BroadcastError("", found, advice + f"or write T.addbroadcast({operand.label}, {own_axis})")
    return ShapeError("", found, "operands of the same shape; T.dot(x, y) for a matrix product, x.dimshuffle(0, 'x') to stretch a vector")


def interpret(outputs: Sequence[Node], values: Mapping[Node, Any], xp: Any = np) -> list[Any]:
    """Return the values of nodes, given the values of the symbols and shared variables (or of nodes in between) they are made of."""
    words = ArrayWords(xp)
    known = dict(values)
    for node in ancestors(outputs, stop_at=known.keys()):
        if node in known:
            continue
        if isinstance(node, Constant):
            known[node] = node.value
        else:
            known[node] = kernel(node, xp, words)(*[known[each] for each in node.inputs])
    return [known[output] for output in outputs]
