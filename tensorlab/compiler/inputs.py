"""The inputs of a function: how they are declared, and how an argument becomes an array.

Floor 5. Arrays are cast by dtype and only safely; numbers and lists by exact value; Python floats always enter floatX inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.convert import holds_nodes, holds_numpy, shorten
from ..graph.errors import ConversionError, DowncastError, InputError, RankError, ShapeError
from ..graph.node import Node
from ..graph.types import DTYPES, FLOATS, TensorType
from ..settings import config


class In:
    """An input of a function with options.

    Args:
        variable: the symbol.
        name: name by which the argument can be given; by default the symbol's.
        value: default value, used when a call leaves the argument out.
        update: expression that replaces the default after each call.
        borrow: accepted for Theano's sake: inputs are never changed, so nothing needs copying.
        allow_downcast: True accepts values that lose precision; None accepts Python floats in floatX inputs.
        strict: accept only arrays of exactly the right dtype.
    """

    def __init__(
        self,
        variable: Node,
        name: str | None = None,
        value: Any = None,
        update: Any = None,
        mutable: bool | None = None,
        strict: bool = False,
        borrow: bool | None = None,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool | None = None,
        shared: bool = False,
    ) -> None:
        if not isinstance(variable, Node):
            raise InputError(f"tl.In({variable!r})", f"a {type(variable).__name__} instead of a symbol", "tl.In(x, value=…) with x = T.scalar('x')")
        self.variable = variable
        self.name = name if name is not None else (variable.name if autoname else None)
        self.value, self.update = value, update
        self.strict, self.borrow, self.allow_downcast = strict, borrow, allow_downcast

    def __repr__(self) -> str:
        return f"In({self.variable}{'' if self.value is None else f', value={self.value!r}'})"


def reader(variable: Node, label: str, strict: bool, allow_downcast: bool | None) -> Callable[[Any], np.ndarray[Any, Any]]:
    """Return a function from an argument to an array of the variable's type.

    The fast way is for an array that fits already; `read_slowly` does the rest and says what is wrong.
    """
    wanted = variable.type
    dtype, ndim = np.dtype(wanted.dtype), wanted.ndim
    free = all(length is None for length in wanted.shape)

    def read(value: Any) -> np.ndarray[Any, Any]:
        if type(value) is np.ndarray and value.dtype == dtype and value.ndim == ndim and (free or wanted.holds(value)):
            return value
        return read_slowly(value, wanted, label, strict, allow_downcast)

    return read


def read_slowly(value: Any, wanted: TensorType, label: str, strict: bool, allow_downcast: bool | None) -> np.ndarray[Any, Any]:
    """Return an argument as an array of a type.

    Raises:
        ConversionError: it holds no numbers.
        DowncastError: numbers would be changed by the cast.
        RankError, ShapeError: wrong number of axes, or a length that the type rules out.
    """
    asked = f"the value {shorten(value)} for input {label}"
    if isinstance(value, Node) or isinstance(value, (list, tuple)) and holds_nodes(value):
        raise ConversionError(asked, "a symbol, which has no value", "a number, a list or an array; or build the expression before tl.function")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as problem:
        raise ConversionError(asked, str(problem), "lists whose rows have the same length") from None
    if array.dtype.name not in DTYPES:
        kind = type(value).__name__ if array.dtype == object else array.dtype.name
        raise ConversionError(asked, f"a value of type {kind}, which {label} of dtype {wanted.dtype} cannot hold", "a number, a list of numbers or a NumPy array")
    if array.ndim != wanted.ndim:
        raise RankError(asked, f"{array.ndim} axes (shape {array.shape}), but {label} is a {wanted.pattern} with {wanted.ndim}", advice_on_rank(array, wanted, label))
    for axis, (length, actual) in enumerate(zip(wanted.shape, array.shape)):
        if length is not None and length != actual:
            raise ShapeError(asked, f"shape {array.shape}, but {label} is declared as {wanted}: axis {axis} must have length {length}",
                             f"a value with length {length} on axis {axis}, or declare {label} with an unknown length (None)")
    if array.dtype == wanted.dtype:
        return array
    exact = not isinstance(value, (np.ndarray, np.generic)) and not holds_numpy(value)
    if strict:
        allowed = False
    elif allow_downcast or np.can_cast(array.dtype, wanted.dtype, "safe"):
        allowed = True
    elif allow_downcast is False or not exact:
        allowed = False
    elif array.dtype.kind == "f" and wanted.dtype == config.floatX:
        allowed = True
    else:
        with np.errstate(all="ignore"):
            cast = array.astype(wanted.dtype)
            allowed = bool(np.array_equal(cast.astype(array.dtype), array, equal_nan=array.dtype.kind == "f")) and not (
                array.dtype.kind == "f" and wanted.dtype not in FLOATS and not np.isfinite(array).all())
    if not allowed:
        hint = f"{label} declared with dtype {array.dtype.name!r}" if array.dtype.kind == "f" else "numbers that fit"
        raise DowncastError(
            asked,
            f"dtype {array.dtype.name}, but {label} is {wanted.dtype} and would lose precision",
            f"numpy.asarray(value, dtype={wanted.dtype!r}), {hint}, or tl.function(…, allow_input_downcast=True)",
        )
    return array.astype(wanted.dtype)


def advice_on_rank(array: np.ndarray[Any, Any], wanted: TensorType, label: str) -> str:
    """Say how to make ranks agree."""
    if wanted.ndim == 2 and array.ndim == 1:
        return f"a list of rows, [[…], […]]; or declare {label} = T.vector()"
    if wanted.ndim == 1 and array.ndim == 0:
        return f"a list, [{shorten(array.item())}]; or declare {label} = T.scalar()"
    names = {0: "T.scalar()", 1: "T.vector()", 2: "T.matrix()", 3: "T.tensor3()", 4: "T.tensor4()"}
    return f"a value with {wanted.ndim} axes, or declare {label} = {names.get(array.ndim, 'T.tensor(…)')}"
