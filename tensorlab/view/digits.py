"""Numbers, shapes and types as they are shown: at most four significant digits, the same text on every machine.

Floor 4. More digits than that distract the reader, and the last ones differ between processors.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.types import Length, TensorType
from ..settings import config
from ..state import SharedVariable

EXACT = 1_000_000  # below it a round whole number is written out (60000), from it on as a power of ten


def number(value: Any, digits: int = 4) -> str:
    """Return a number as text with a few significant digits.

    >>> number(0.1 + 0.2), number(2.0), number(60000), number(1 / 3), number(1.5e-7), number(True)
    ('0.3', '2', '60000', '0.3333', '1.5e-07', 'True')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    rounded = f"{float(value):.{digits}g}"
    if "e" in rounded and abs(float(rounded)) < EXACT and float(rounded).is_integer():
        return str(int(float(rounded)))
    return "0" if rounded == "-0" and isinstance(value, (int, np.integer)) else rounded


def array(value: Any) -> str:
    """Return a small array as text, a larger one as its shape.

    >>> array(np.array([1.0, 2.5])), array(np.ones((2, 3))), array(np.zeros(0)), array(np.array([[0.5]]))
    ('[1, 2.5]', '2×3 ones', '[]', '[[0.5]]')
    """
    whole = np.asarray(value)
    if whole.ndim == 0:
        return number(whole.item())
    if whole.ndim == 1 and whole.size <= 4:
        return "[" + ", ".join(number(each.item()) for each in whole) + "]"
    if whole.size == 1:
        return "[" * whole.ndim + number(whole.item()) + "]" * whole.ndim
    what = "numbers"
    if whole.size and (whole == whole.flat[0]).all():
        what = {"0": "zeros", "1": "ones"}.get(number(whole.flat[0].item()), "times " + number(whole.flat[0].item()))
    return f"{'×'.join(map(str, whole.shape))} {what}"


def short(value: Any) -> str:
    """Return numbers, arrays and lists of them as text with `config.print_precision` significant digits: what the lessons print.

    >>> print(short(1 / 3), short(np.array([[0.1 + 0.2, 2]])), short([np.array(1 / 7), 1]))
    0.3333 [[0.3, 2]] [0.1429, 1]
    >>> with tl.config.change_flags(print_precision=8):
    ...     print(short(1 / 3))
    0.33333333
    """
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(short, value)) + "]"
    return np.array2string(np.asarray(value), separator=", ", formatter={"all": partial(number, digits=config.print_precision)})


def lengths(type: TensorType) -> str:
    """Return a shape in as few words as it takes: "scalar", "matrix", "2×3", "?×1000"; a vector of known length is "3".

    >>> lengths(TensorType("float64", (None, None))), lengths(TensorType("float64", (None, 3))), lengths(TensorType("int8", ()))
    ('matrix', '?×3', 'scalar')
    """
    if type.ndim == 0 or (all(length is None for length in type.shape) and type.ndim <= 2) or type.pattern in ("row", "col"):
        return type.pattern
    return "×".join("?" if length is None else str(length) for length in type.shape)


def type_words(type: TensorType) -> str:
    """Return a type in words.

    >>> type_words(TensorType("float64", (None,))), type_words(TensorType("int64", (2,)))
    ('float64 vector', 'int64 vector of 2')
    """
    known: tuple[Length, ...] = type.shape
    if len(known) == 1 and known[0] is not None:
        return f"{type.dtype} vector of {known[0]}"
    return f"{type.dtype} {lengths(type)}"


def described(node: Node) -> str:
    """Return the type of a node in words; a shared variable has lengths, because it has a value."""
    if isinstance(node, SharedVariable):
        return type_words(TensorType(node.type.dtype, node.get_value(borrow=True).shape))
    return type_words(node.type)
