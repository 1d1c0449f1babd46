"""From Python values to nodes: numbers, arrays and lists that stand beside symbols.

Floor 1. Python numbers are weak: they take the dtype of the tensors beside them. NumPy arrays and scalars keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..settings import config
from . import syntax
from .errors import ConversionError, DtypeError
from .node import Constant, Node
from .promotion import promote, weak_dtype
from .types import DTYPES
from .wording import a_kind, in_code


def is_weak(value: Any) -> bool:
    """Say whether a value is a plain Python number (np.float64 is not, although it is a subclass of float)."""
    return type(value) in (bool, int, float)


def as_node(value: Any, dtype: str | None = None, name: str | None = None) -> Node:
    """Return a node for a value.

    Args:
        value: a node, a number, an array, or a (nested) list of these; a list of nodes is stacked on a new first axis.
        dtype: dtype of the constant; by default that of the array, int64 for whole numbers, `config.floatX` for Python floats.
        name: name of a new constant.

    Raises:
        ConversionError: the value cannot become a node.

    >>> as_node([1, 2]).type, as_node(0.5)
    (TensorType(int64, (2,)), TensorConstant{0.5})
    """
    if isinstance(value, Node):
        return value
    if is_weak(value):
        return Constant(value, name, dtype=dtype or weak_dtype(value, None))
    if isinstance(value, (list, tuple)) and holds_nodes(value):
        return syntax.apply("stack_list", value)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as problem:
        raise ConversionError(f"{a_kind(value)} in an expression", str(problem), "lists whose rows have the same length") from None
    if array.dtype.name not in DTYPES:
        raise ConversionError(
            f"{a_kind(value)} in an expression",
            f"{shorten(value)} is not a number, an array or a symbol",
            "numbers, NumPy arrays, lists of numbers, or symbols",
        )
    if isinstance(value, (list, tuple)) and array.dtype == np.float64 and not holds_numpy(value):
        array = array.astype(config.floatX)
    if dtype is not None and array.dtype != dtype:
        array = array.astype(dtype)
    return Constant(array, name)


def as_nodes(values: Sequence[Any]) -> list[Node]:
    """Turn operands into nodes together: weak Python numbers take the common dtype of the others."""
    if all(isinstance(value, Node) for value in values):
        return list(values)
    strong = [None if is_weak(value) else as_node(value) for value in values]
    dtypes = [node.type.dtype for node in strong if node is not None]
    common = promote(*dtypes) if dtypes else None
    if common is None and any(isinstance(value, float) for value in values):
        common = str(config.floatX)
    return [as_node(value, weak_dtype(value, common)) if node is None else node for value, node in zip(values, strong)]


def holds_nodes(values: Any) -> bool:
    """Say whether a nested list has a node in it."""
    pending = [values]
    while pending:
        value = pending.pop()
        if isinstance(value, Node):
            return True
        if isinstance(value, (list, tuple)):
            pending.extend(value)
    return False


def holds_numpy(values: Any) -> bool:
    """Say whether a nested list has a NumPy scalar or array in it (which keeps its dtype)."""
    pending = [values]
    while pending:
        value = pending.pop()
        if isinstance(value, (np.generic, np.ndarray)):
            return True
        if isinstance(value, (list, tuple)):
            pending.extend(value)
    return False


def shorten(value: Any, length: int = 60) -> str:
    """Return a value as it is written, on one line, cut to a length that fits in a message.

    >>> shorten(np.zeros((2, 2))), shorten([T.scalar("x") + 1, 2])
    ('array([[0., 0.], [0., 0.]])', '[x + 1, 2]')
    """
    text = " ".join(written(value).split())
    return text if len(text) <= length else text[: length - 1] + "…"


def written(value: Any) -> str:
    """Return repr(value), with the nodes in lists, sets and dicts under the names that people know."""
    if isinstance(value, Node):
        return in_code(value)
    kind = type(value)
    if kind is dict and any(isinstance(each, Node) for each in (*value, *value.values())):
        return "{" + ", ".join(f"{written(key)}: {written(each)}" for key, each in value.items()) + "}"
    if kind in (list, tuple, set, frozenset) and (holds_nodes(list(value)) if value else False):
        start, end = "[]" if kind is list else "()" if kind is tuple else "{}"
        return start + ", ".join(map(written, value)) + ("," if kind is tuple and len(value) == 1 else "") + end
    return repr(value)


def constant_value(node: Node) -> Any:
    """Return the value of a constant as a Python number or array, or None if the node is not a constant."""
    if isinstance(node, Constant):
        return node.value.item() if node.value.ndim == 0 else node.value
    return None


def require_dtype(node: Node, kinds: Sequence[str], asked: str, advice: str) -> None:
    """Raise DtypeError unless the node's dtype is among `kinds`."""
    if node.type.dtype not in kinds:
        raise DtypeError(asked, f"{node.label} is {node.type.dtype}", advice)
