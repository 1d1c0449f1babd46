"""Shared variables: values that live outside a function and that its updates change.

Floor 2. All values live in one dictionary, `store`, keyed by an object that belongs to the variable. A function commits all its
updates with one `store.update(...)`: a single call into C, between whose assignments no interrupt can arrive, and which neither
allocates nor fails because every key is there already.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from .graph.convert import is_weak, shorten
from .graph.errors import ConversionError, DowncastError, RankError, ShapeError
from .graph.node import Node
from .graph.place import Place
from .graph.types import DTYPES, TensorType
from .settings import config

Array = np.ndarray[Any, Any]


class Key:
    """Identifies the value of one shared variable in the store."""

    __slots__ = ("__weakref__",)


store: dict[Key, Array] = {}


class SharedVariable(Node):
    """A variable with a value that functions read and update.

    Attributes:
        default_update: an expression that replaces the value whenever a function that uses it runs, or None.
    """

    __slots__ = ("default_update", "key", "strict", "allow_downcast")

    def __init__(
        self,
        type: TensorType,
        value: Array,
        name: str | None = None,
        *,
        strict: bool = False,
        allow_downcast: bool | None = None,
        place: Place | None = None,
    ) -> None:
        super().__init__(type, name, place=place)
        self.key = Key()
        self.strict, self.allow_downcast = strict, allow_downcast
        self.default_update: Node | None = None
        store[self.key] = value
        weakref.finalize(self, store.pop, self.key, None)

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Array:
        """Return the value: a copy, or with `borrow=True` the array itself (to be read, not written).

        >>> import tensorlab as tl
        >>> tl.shared([1.0, 2.0]).get_value()
        array([1., 2.])
        """
        value = store[self.key]
        return value if borrow else value.copy()

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Replace the value. Lists work; the lengths may change, the dtype and the number of axes may not.

        Raises:
            DowncastError: the value would lose precision in this variable's dtype.
            RankError: another number of axes.
            ShapeError: a length differs from one that the type fixes.
        """
        value = fit(new_value, self.type, self.label, self.strict, self.allow_downcast)
        store[self.key] = value.copy() if value is new_value and not borrow else value

    def zero(self, borrow: bool = False) -> None:
        """Replace the value by zeros of the same shape."""
        self.set_value(np.zeros_like(store[self.key]), borrow=True)

    @property
    def value(self) -> Array:
        """A copy of the value."""
        return self.get_value()

    def clone(self) -> SharedVariable:
        """Return another shared variable with a copy of the value."""
        twin = SharedVariable(self.type, self.get_value(), self.name, strict=self.strict, allow_downcast=self.allow_downcast, place=self.place)
        twin.default_update = self.default_update
        return twin

    def __copy__(self) -> SharedVariable:
        return self.clone()

    def __bool__(self) -> bool:
        return True

    def _record(self) -> tuple[Any, ...]:
        return type(self), (self.type, store[self.key], self.name, self.strict, self.allow_downcast, self.place, self._tag, self.default_update)

    @classmethod
    def _restore(cls, type: TensorType, value: Array, name: str | None, strict: bool, allow_downcast: bool | None,  # type: ignore[override]
                 place: Any, tag: Any, default_update: Node | None) -> SharedVariable:
        variable = cls(type, value, name, strict=strict, allow_downcast=allow_downcast, place=place)
        variable.place, variable._tag, variable.default_update = place, tag, default_update
        return variable


def fit(value: Any, type: TensorType, label: str, strict: bool, allow_downcast: bool | None) -> Array:
    """Return a value as an array of a type, or raise the error that says why it cannot be one."""
    if isinstance(value, Node):
        raise ConversionError(f"{label}.set_value({value.label})", "a symbol has no value", "an update in tl.function(…, updates=[(variable, expression)])")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as problem:
        raise ConversionError(f"a value for {label}", str(problem), "lists whose rows have the same length") from None
    asked = f"the value {shorten(value)} for {label}"
    if array.dtype.name not in DTYPES:
        raise ConversionError(asked, f"a {array.dtype.name if array.dtype != object else value.__class__.__name__}", f"numbers of dtype {type.dtype}")
    if array.ndim != type.ndim:
        raise RankError(asked, f"{array.ndim} axes (shape {array.shape}), but {label} is a {type.pattern} with {type.ndim}",
                        "numpy.reshape(value, …), or a new tl.shared(value)")
    if any(length not in (None, actual) for length, actual in zip(type.shape, array.shape)):
        raise ShapeError(asked, f"shape {array.shape}, but {label} is declared {type.pattern}", "a value of the declared shape, or tl.shared without broadcastable=")
    if array.dtype == type.dtype:
        return array
    if not strict and (allow_downcast or np.can_cast(array.dtype, type.dtype, "safe")):
        return array.astype(type.dtype)
    if not strict and not isinstance(value, (np.ndarray, np.generic)) and allow_downcast is not False:
        cast = array.astype(type.dtype)
        if (is_weak(value) or isinstance(value, (list, tuple))) and (np.array_equal(cast, array, equal_nan=array.dtype.kind == "f") or type.dtype == config.floatX and array.dtype.kind == "f"):
            return cast
    raise DowncastError(
        asked,
        f"dtype {array.dtype.name}, but {label} is {type.dtype}",
        f"numpy.asarray(value, dtype={type.dtype!r}), or tl.shared(…, allow_downcast=True)",
    )


def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Sequence[bool] | None = None,
    **options: Any,
) -> SharedVariable:
    """Return a shared variable: a value that functions can read and change.

    Args:
        value: a number, an array or a list. Its dtype is kept (a Python float gives float64, an int int64).
        name: name shown when it is printed.
        strict: accept only arrays of exactly this dtype in `set_value`.
        allow_downcast: True lets `set_value` lose precision; None allows it for Python floats in a floatX variable.
        borrow: use the given array itself instead of a copy.
        broadcastable: per axis, True to fix its length at 1 so that it stretches; by default no length is known to the type.

    Raises:
        ConversionError: the value is a symbol, or nothing that an array could hold.
        ShapeError: `broadcastable` says 1 where the value is longer.

    >>> w = shared(np.array([1., 1.]), name="w")
    >>> w.type, w.get_value()
    (TensorType(float64, vector), array([1., 1.]))
    """
    if options and set(options) != {"target"}:
        raise TypeError(f"shared() got an unexpected keyword argument {sorted(options)[0]!r}")
    if isinstance(value, Node):
        raise ConversionError(f"tl.shared({value.label})", "a symbol has no value yet", "tl.shared(0.) or tl.shared(numpy.zeros(3))")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as problem:
        raise ConversionError("tl.shared(…)", str(problem), "lists whose rows have the same length") from None
    if array.dtype.name not in DTYPES:
        raise ConversionError(f"tl.shared({shorten(value)})", f"a {value.__class__.__name__} of dtype {array.dtype.name}", "a number, a list of numbers or a NumPy array")
    pattern = tuple(broadcastable) if broadcastable is not None else (False,) * array.ndim
    if len(pattern) != array.ndim or any(flag and length != 1 for flag, length in zip(pattern, array.shape)):
        raise ShapeError(f"tl.shared(value, broadcastable={pattern})", f"the value has shape {array.shape}", "True only for axes of length 1, one flag an axis")
    if array is value and not borrow or array.base is not None:
        array = array.copy()
    return SharedVariable(TensorType(array.dtype, pattern), array, name, strict=strict, allow_downcast=allow_downcast)
