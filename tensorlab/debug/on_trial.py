"""One op at a time, watched: what its card computes, its dtype and shape, and what it does to the memory of its operands.

Floor 6. Read `ops/evaluate.py` before. An op is always given copies, so that one that writes into its operands harms nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..backends.base import StepError
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node, Symbol
from ..graph.types import TensorType
from ..ops.branching import IfElse
from ..ops.control import Copy, Unchanged
from ..ops.evaluate import broadcast_check
from ..ops.families import Elementwise, View
from ..ops.watching import Watcher
from ..ops.words import ArrayWords
from .faults import difference, op_fault
from .smallest import alone, smaller

MAY_SHARE = (View, Watcher, IfElse, Copy, Unchanged)
"""Ops whose results may be memory of an operand: they hand on what they are given."""
words = ArrayWords(np)


def raw(node: Node, values: Sequence[Any]) -> Any:
    """Return what the card of a node computes, in the dtype in which it comes."""
    op = node.op
    assert op is not None
    if not isinstance(op, Elementwise):
        return np.asarray(op.numpy(np, *values))
    check = broadcast_check(node)
    if check is not None:
        check(*values)
    compute_in = op.compute_dtype(*[each.type.dtype for each in node.inputs])
    operands = [
        value.astype(compute_in) if compute_in is not None and position not in op.unlike and value.dtype != compute_in else value
        for position, value in enumerate(values)
    ]
    return np.asarray(op.formula(words, *operands))


def quietly(node: Node, values: Sequence[Any]) -> Any:
    """Return the value of a node; one that watches hands its operand on and does nothing.

    Raises:
        StepError: the op cannot compute with these values.
    """
    if isinstance(node.op, Watcher):
        return values[node.op.hands_on]
    try:
        with np.errstate(all="ignore"):
            return raw(node, values).astype(node.type.dtype, copy=False)
    except Exception as problem:
        raise StepError(node, values, problem) from problem


def on_trial(node: Node, values: Sequence[Any]) -> Any:
    """Return the value of a node, computed by its card while the card is watched.

    Raises:
        StepError: the op cannot compute with these values.
        OpFaultError: it does something that its card does not say.
    """
    copies = [np.array(value) for value in values]
    try:
        with np.errstate(all="ignore"):
            found = raw(node, copies)
    except Exception as problem:
        raise StepError(node, values, problem) from problem
    kind = misdeed(node, values, copies, found)
    if kind:
        raise told(kind, node, values)
    return found.astype(node.type.dtype, copy=False)


def misdeed(node: Node, values: Sequence[Any], copies: Sequence[Any], found: Any) -> str:
    """Return what kind of thing an op has done that it may not do, or ""."""
    if any(copy.tobytes() != np.asarray(value).tobytes() for copy, value in zip(copies, values)):
        return "mutation"
    if not isinstance(node.op, MAY_SHARE) and any(np.may_share_memory(found, copy) for copy in copies):
        return "alias"
    if loses(found, node.type.dtype):
        return "dtype"
    if not node.type.holds(found.astype(node.type.dtype, copy=False)) or not known_type(node, values).holds(
        found.astype(node.type.dtype, copy=False)
    ):
        return "shape"
    return ""


def loses(found: Any, dtype: str) -> bool:
    """Say whether a result in one dtype has lost something of what another promises: digits, a fraction, a sign.

    >>> loses(np.float32(1), "float64"), loses(np.array(0.5), "int64"), loses(np.array(2), "float64"), loses(np.array(1.0), "float32")
    (True, True, False, False)
    """
    wanted = np.dtype(dtype)
    if found.dtype == wanted:
        return False
    if found.dtype.kind == wanted.kind == "f":
        return bool(found.dtype.itemsize < wanted.itemsize)
    if wanted.kind == "f":
        return False  # whole numbers where floats are promised: they are cast
    with np.errstate(all="ignore"):
        return not np.array_equal(found.astype(wanted).astype(found.dtype), found)


def known_type(node: Node, values: Sequence[Any]) -> TensorType:
    """Return the type that the card tells when it knows the lengths of all operands."""
    inputs: list[Node] = []
    twins: dict[Node, Node] = {}
    for each, value in zip(node.inputs, values):
        if each not in twins:
            known = TensorType(each.type.dtype, np.shape(value))
            twins[each] = each if isinstance(each, Constant) else Symbol(known, each.name, place=each.place)
        inputs.append(twins[each])
    try:
        assert node.op is not None
        return node.op.type(*inputs)
    except TensorlabError:
        return node.type


def told(kind: str, node: Node, values: Sequence[Any]) -> Exception:
    """Return the error for a misdeed, on the smallest arrays that show it."""
    top, symbols = alone(node)
    by_node = dict(zip(node.inputs, values))
    arrays = [by_node[each] for each in dict.fromkeys(node.inputs) if not isinstance(each, Constant)]

    def operands(given: Sequence[Any]) -> list[Any]:
        known = dict(zip(symbols, given))
        return [each.value if isinstance(each, Constant) else known[each] for each in top.inputs]

    def fails(given: list[Any]) -> bool:
        copies = [np.array(value) for value in operands(given)]
        return misdeed(top, operands(given), copies, raw(top, copies)) == kind

    arrays = smaller(arrays, fails)
    copies = [np.array(value) for value in operands(arrays)]
    with np.errstate(all="ignore"):
        found = raw(top, copies)
    return op_fault(kind, top, dict(zip(symbols, arrays)), what(kind, top, operands(arrays), copies, found))


def what(kind: str, node: Node, values: Sequence[Any], copies: Sequence[Any], found: Any) -> str:
    """Return a misdeed in words."""
    if kind == "mutation":
        position = next(place for place, (copy, value) in enumerate(zip(copies, values)) if copy.tobytes() != np.asarray(value).tobytes())
        left = difference(copies[position], values[position])
        return f"it writes into its operand {node.inputs[position].label}: afterwards that holds {left}"
    if kind == "alias":
        position = next(place for place, copy in enumerate(copies) if np.may_share_memory(found, copy))
        return f"its result shares memory with its operand {node.inputs[position].label}, and its card is no View"
    if kind == "dtype":
        return f"it computes {found.dtype}, its card says {node.type.dtype}"
    wanted = known_type(node, values)
    return f"its result has shape {found.shape}, its card says {wanted.shape}".replace("None", "?")
