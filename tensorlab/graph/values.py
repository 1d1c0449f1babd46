"""From what a reader passes to an array of a given type: the arguments of a function, and the values of shared variables.

Floor 1. Read `types` before. Arrays are cast by dtype and only safely; numbers and lists by exact value; Python floats always enter a
variable of dtype `config.floatX`. Whatever does not fit is refused with both dtypes, so that no digit is lost silently.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..settings import config
from .convert import holds_nodes, holds_numpy, shorten
from .errors import ConversionError, DowncastError, LazyText, RankError, ShapeError
from .node import Node
from .types import DTYPES, TensorType
from .wording import a_kind, counted, in_code

Array = np.ndarray[Any, Any]


def array_of(
    value: Any,
    wanted: TensorType,
    asked: str | LazyText,
    label: str | LazyText,
    strict: bool = False,
    allow_downcast: bool | None = None,
    permission: str = "allow_downcast=True",
) -> Array:
    """Return a value as an array of a type. The result is the given array itself if it fits already.

    Args:
        value: a number, a (nested) list of numbers, or anything that NumPy makes an array of.
        wanted: the type to have.
        asked: what the value is for, in the words of a message: "for input x".
        label: what the reader calls the variable.
        strict: accept only an array of exactly this dtype.
        allow_downcast: True accepts any loss; None accepts Python floats where `config.floatX` is wanted; False accepts no loss at all.
        permission: how the reader can allow a loss, for the message.

    Raises:
        ConversionError: the value holds no numbers.
        RankError, ShapeError: another number of axes, or a length that the type rules out.
        DowncastError: the cast would change a number.

    >>> array_of([1, 2.0], TensorType("int8", (None,)), "for input x", "x")
    array([1, 2], dtype=int8)
    """
    array = numbers_in(value, wanted, asked, label)
    if array.ndim != wanted.ndim:
        found = f"{counted(array.ndim, 'axis', 'axes')} (shape {array.shape}), but {label} is a {wanted.pattern} with {wanted.ndim}"
        raise RankError(f"the value {shorten(value)} {asked}", found, advice_on_rank(array, wanted, label))
    for axis, (length, actual) in enumerate(zip(wanted.shape, array.shape)):
        if length is not None and length != actual:
            raise ShapeError(
                f"the value {shorten(value)} {asked}",
                f"shape {array.shape}, but {label} is declared as {wanted}: axis {axis} must have length {length}",
                f"a value with length {length} on axis {axis}, or {label} declared with an unknown length (None) there",
            )
    if array.dtype == wanted.dtype and not (strict and is_plain(value)):
        return array
    if strict and is_plain(value):
        raise DowncastError(
            f"the value {shorten(value)} {asked}",
            f"{a_kind(value)}; {label} is strict and accepts only arrays of dtype {wanted.dtype}",
            f"numpy.asarray(value, dtype={wanted.dtype!r})",
        )
    if not may_cast(array, wanted.dtype, is_plain(value), strict, allow_downcast):
        why = " and accepts nothing else" if strict else ", which would change a number"
        last = "no strict=True" if strict else permission
        raise DowncastError(
            f"the value {shorten(value)} {asked}",
            f"dtype {array.dtype.name}, but {label} is {wanted.dtype}{why}",
            f"numpy.asarray(value, dtype={wanted.dtype!r}), {label} declared with dtype={array.dtype.name!r}, or {last}",
        )
    with np.errstate(all="ignore"):  # 1e300 enters float32 as inf without a warning from the inside of the library
        return array.astype(wanted.dtype)


def numbers_in(value: Any, wanted: TensorType, asked: str | LazyText, label: str | LazyText) -> Array:
    """Return a value as an array of one of the known dtypes.

    Raises:
        ConversionError: it holds no numbers, or a symbol, or lists of different lengths.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise ConversionError(f"a masked array {asked}", "masked elements, which have no value", "value.filled(0), or value.compressed()")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, OverflowError) as problem:
        shared = shared_in(value)
        if shared is not None:
            name = in_code(shared, "w")
            found = f"{name} is a shared variable: an expression built with it sees its value without being given it"
            advice = f"{name}.get_value(), or build the expression with the shared {name} and leave it out of the inputs"
            raise ConversionError(f"the value {shorten(value)} {asked}", found, advice) from None
        if isinstance(value, Node) or holds_nodes(value):
            advice = "a number, a list or an array; or build the expression before tl.function"
            raise ConversionError(f"the value {shorten(value)} {asked}", "a symbol, which has no value", advice) from None
        raise ConversionError(f"the value {shorten(value)} {asked}", str(problem), "lists whose rows have the same length") from None
    if array.dtype == object and array.size and all(isinstance(each, int) for each in array.flat):
        array = whole_numbers(array, wanted)
    if array.dtype.name not in DTYPES:
        kind = type(value).__name__ if array.dtype == object else array.dtype.name
        found = f"a value of type {kind}, which {label} of dtype {wanted.dtype} cannot hold"
        raise ConversionError(f"the value {shorten(value)} {asked}", found, "a number, a list of numbers or a NumPy array")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def shared_in(value: Any) -> Node | None:
    """Return the first shared variable in a value, itself one or a nested list; this floor knows it by its `get_value`."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, Node) and hasattr(each, "get_value"):
            return each
        if isinstance(each, (list, tuple)):
            pending.extend(reversed(each))
    return None


def whole_numbers(array: Array, wanted: TensorType) -> Array:
    """Return Python integers beyond int64 and uint64 as floats, if those have exactly their values."""
    try:
        floats = array.astype(np.float64)
    except OverflowError:
        return array
    return floats if all(int(a) == b for a, b in zip(floats.flat, array.flat)) else array


def is_plain(value: Any) -> bool:
    """Say whether a value is a Python number or a list of them, which has no dtype of its own."""
    return not hasattr(value, "dtype") and not holds_numpy(value)


def may_cast(array: Array, dtype: str, plain: bool, strict: bool, allow_downcast: bool | None) -> bool:
    """Say whether an array may be cast to a dtype."""
    if strict:
        return False
    if allow_downcast:
        return True
    if not plain:
        return np.can_cast(array.dtype, dtype, "safe")
    if allow_downcast is None and array.dtype.kind == "f" and dtype == config.floatX:
        return True
    return fits_exactly(array, dtype)


def fits_exactly(array: Array, dtype: str) -> bool:
    """Say whether every number of an array has exactly the same value in another dtype.

    >>> fits_exactly(np.array([1.0, 300.0]), "int8"), fits_exactly(np.array(2**24 + 1), "float32"), fits_exactly(np.array(0.5), "float16")
    (False, False, True)
    """
    to = np.dtype(dtype)
    if array.dtype.kind == "b" or not array.size:
        return True
    if array.dtype.kind == "f":
        if to.kind == "f":
            with np.errstate(all="ignore"):
                return bool(np.array_equal(array.astype(to).astype(array.dtype), array, equal_nan=True))
        if not np.isfinite(array).all() or (array != np.floor(array)).any():
            return False
    if to.kind == "b":
        return bool(((array == 0) | (array == 1)).all())
    low, high = int(array.min()), int(array.max())
    if to.kind != "f":
        limits = np.iinfo(to)
        return bool(limits.min <= low and high <= limits.max)
    every = 2 ** (np.finfo(to).nmant + 1)  # up to here a float has every whole number
    if -every <= low and high <= every:
        return True
    with np.errstate(all="ignore"):
        return all(math.isfinite(cast := float(to.type(each))) and int(cast) == int(each) for each in array.flat)


def advice_on_rank(array: Array, wanted: TensorType, label: str | LazyText) -> str:
    """Say how the number of axes of a value and of a variable can be made to agree."""
    declared = {0: "T.scalar()", 1: "T.vector()", 2: "T.matrix()", 3: "T.tensor3()", 4: "T.tensor4()"}.get(array.ndim, "T.tensor(…)")
    if wanted.ndim == 2 and array.ndim == 1:
        return f"a list of rows, [[…], […]]; or {label} = {declared}"
    if wanted.ndim == 1 and array.ndim == 0:
        return f"a list, [{shorten(array.item())}]; or {label} = {declared}"
    return f"a value with {counted(wanted.ndim, 'axis', 'axes')}, or {label} = {declared}"
