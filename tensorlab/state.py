"""Shared variables: values that live outside a function and that its updates change.

Floor 2. Read `graph/values.py` before, which says which values fit a variable, and `turns.py`, which lets one call after another update.
Each variable has a cell: a list of two places that is made with the variable and is neither replaced nor resized, so that native code may
read and exchange what is in it. An array in the first place is never written to, only replaced: whoever holds an old one keeps the
old numbers. All cells are read by one call into C, and written by one: no interrupt and no other thread comes between.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter, setitem
from threading import RLock
from typing import Any, ClassVar

import numpy as np

from .graph.convert import shorten
from .graph.errors import ConversionError, LazyText, ShapeError, TensorlabError
from .graph.node import Node
from .graph.place import Place
from .graph.telling import tell_of_float64
from .graph.types import DTYPES, TensorType
from .graph.values import array_of, shared_in
from .graph.wording import a_kind, in_code
from .settings import config
from .turns import ZEROS, Turn, owners

Array = np.ndarray[Any, Any]


class Elsewhere(ABC):
    """A value that lives in the memory of another machine. It is never written to."""

    shape: tuple[int, ...]
    dtype: Any
    ndim: int

    @abstractmethod
    def at_home(self) -> Array:
        """Return it as an array of NumPy."""


def at_home(value: Any) -> Any:
    """Return a value as an array of NumPy, wherever it lives."""
    return value.at_home() if isinstance(value, Elsewhere) else value


Cell = list[Any]  # the value, and None or an array that nobody else holds, of use as memory for the next value
value_in: Callable[[Cell], Array] = itemgetter(0)
values_of: Callable[[Iterable[Cell]], Iterable[Array]] = partial(map, value_in)
"""Return the values of several variables as they are at one moment, if one call into C takes them all: `list(values_of(cells))`."""


def replace_values(cells: Sequence[Cell], values: Iterable[Array]) -> None:
    """Replace the values of several variables at one moment."""
    old = list(map(value_in, cells))  # none dies, and runs code of its own, before all are replaced
    any(map(setitem, cells, ZEROS, values))
    del old


if not getattr(sys, "_is_gil_enabled", lambda: True)():  # one call into C is one moment only while a lock keeps other threads out
    lock, replace_together = RLock(), replace_values

    def values_of(cells: Iterable[Cell]) -> Iterable[Array]:
        with lock:
            return list(map(value_in, cells))

    def replace_values(cells: Sequence[Cell], values: Iterable[Array]) -> None:
        with lock:
            replace_together(cells, values)


class SharedVariable(Node):
    """A variable with a value that functions read and update.

    Attributes:
        default_update: an expression that replaces the value whenever a function that uses it runs, or None.
        cell: the value, and spare memory for the next one.
        turn: what a call waits for before it updates the variable.
        mirror: a value and the same on a device, so that it crosses once; of use as long as the value is still the one in the cell.
    """

    __slots__ = ("allow_downcast", "cell", "default_update", "mirror", "strict", "turn")

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
        self.cell: Cell = [value, None]
        self.turn = Turn.of_one()
        owners[self.turn.numbers[0]] = self
        self.strict, self.allow_downcast = strict, allow_downcast
        self.default_update: Node | None = None
        self.mirror: tuple[Array, Any] | None = None

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Array:
        """Return the value: a copy, or with `borrow=True` the array itself (to be read, not written).

        A value on a GPU crosses to this side; with `borrow` and `return_internal_type` it stays, and the array of CuPy is returned.

        >>> tl.shared([1.0, 2.0]).get_value()
        array([1., 2.])
        """
        value = self.cell[0]
        if isinstance(value, Elsewhere):
            if borrow and return_internal_type:
                return value.there  # type: ignore[attr-defined,no-any-return]
            value = value.at_home()
        return value if borrow else value.copy()

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Replace the value. Lists work; the lengths may change, the dtype and the number of axes may not.

        A call of another thread that updates the variable is waited for.

        Args:
            new_value: a number, a list or an array; it follows the rules for the arguments of functions.
            borrow: use the given array itself instead of a copy, if it fits as it is.

        Raises:
            ConversionError: a symbol, or nothing that an array could hold.
            DowncastError: the value would lose precision in this variable's dtype.
            RankError: another number of axes.
            ShapeError: a length differs from one that the type fixes.
            ReentryError: asked by a signal handler or a callback inside a call that updates the variable.

        >>> w = tl.shared(np.zeros(2))
        >>> w.set_value([1, 2, 3])
        >>> w.get_value()
        array([1., 2., 3.])
        """
        if isinstance(new_value, Node):
            raise ConversionError(f"{self.label}.set_value({in_code(new_value)})", "a symbol has no value",
                                  f"tl.function(…, updates=[({in_code(self, 'w')}, {in_code(new_value)})])")
        asked, label = LazyText(lambda: f"for {self.label}"), LazyText(lambda: self.label)
        array = array_of(new_value, self.type, asked, label, self.strict, self.allow_downcast, "tl.shared(…, allow_downcast=True)")
        self.turn.run(SharedVariable._put, self, array if borrow else np.array(array, order="C"))  # row by row, as native code reads it

    def bring_home(self) -> None:
        """Let the value live on this side, where native code reads it; on the device it is remembered."""
        if isinstance(self.cell[0], Elsewhere):
            self.turn.run(SharedVariable._settle, self)

    def _settle(self) -> None:
        value = self.cell[0]
        if isinstance(value, Elsewhere):
            array = value.at_home()
            self.mirror = array, value
            self.cell[0] = array

    def _put(self, value: Array) -> None:
        self.cell[0] = value
        self.cell[1] = None  # whoever sets a small value to free the memory of a large one means the spare memory too

    def zero(self, borrow: bool = False) -> None:
        """Replace the value by zeros of the same shape."""
        self.set_value(np.zeros_like(at_home(self.cell[0])), borrow=True)

    @property
    def busy(self) -> array[int]:
        """The thread that updates the variable, or 0, as an int64 at `busy.buffer_info()[0]`, where native code may read it."""
        return self.turn.busy[0]

    @property
    def value(self) -> Array:
        """A copy of the value."""
        return self.get_value()

    def clone(self) -> SharedVariable:
        """Return another shared variable with a copy of the value."""
        twin = recorded_shared(type(self), self.type, self.get_value(), self.name, self.strict, self.allow_downcast, self.place)
        twin.default_update = self.default_update
        return twin

    def __copy__(self) -> SharedVariable:
        return self.clone()

    def __bool__(self) -> bool:
        return True

    _later: ClassVar[tuple[str, ...]] = ("_tag", "default_update")

    def _record(self) -> tuple[Callable[..., Node], tuple[Any, ...]]:
        return recorded_shared, (type(self), self.type, at_home(self.cell[0]), self.name, self.strict, self.allow_downcast, self.place)

    def _twin(self, inputs: Sequence[Node]) -> Node:
        return recorded_shared(type(self), self.type, self.get_value(), self.name, self.strict, self.allow_downcast, self.place)


def recorded_shared(kind: type[SharedVariable], type: TensorType, value: Array, name: str | None, strict: bool, allow_downcast: bool | None,
                    place: Place | None) -> SharedVariable:
    """Remake a shared variable as it was recorded, with its value."""
    variable = kind(type, value, name, strict=strict, allow_downcast=allow_downcast, place=place)
    variable.place = place
    return variable


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
        DtypeError: it would be float64, which `config.warn_float64` forbids.

    >>> w = tl.shared(np.array([1., 1.]), name="w")
    >>> w.type, w.get_value()
    (TensorType(float64, vector), array([1., 1.]))
    """
    if set(options) - {"target"}:  # Theano's name of a device
        raise TypeError(f"tl.shared() got an unexpected keyword argument {min(set(options) - {'target'})!r}")
    if isinstance(value, Node):
        raise ConversionError(f"tl.shared({in_code(value)})", "a symbol has no value yet", "tl.shared(0.) or tl.shared(numpy.zeros(3))")
    try:
        array = np.asarray(value)
    except TensorlabError:
        named = shared_in(value)
        name = in_code(named, "w") if named is not None else ""
        found = f"{name} is a shared variable, not a number" if name else "a symbol, which has no value yet"
        advice = f"{name}.get_value() in its place" if name else "tl.shared([0., 1.]), with numbers alone"
        raise ConversionError(f"tl.shared({shorten(value)})", found, advice) from None
    except (TypeError, ValueError) as problem:
        raise ConversionError(f"tl.shared({shorten(value)})", str(problem), "lists of numbers whose rows have the same length") from None
    if array.dtype.name not in DTYPES:
        found = f"{a_kind(value)} of dtype {array.dtype.name}"
        raise ConversionError(f"tl.shared({shorten(value)})", found, "a number, a list of numbers or a NumPy array")
    if array.dtype == "float64" and config.warn_float64 != "ignore":
        tell_of_float64(f"tl.shared({shorten(value)})", "np.float32(value) or np.asarray(value, 'float32') in its place")
    pattern = tuple(map(bool, broadcastable)) if broadcastable is not None else (False,) * array.ndim
    if len(pattern) != array.ndim or any(flag and length != 1 for flag, length in zip(pattern, array.shape)):
        fitting = tuple(length == 1 for length in array.shape)
        raise ShapeError(f"tl.shared(value, broadcastable={pattern})", f"the value has shape {array.shape}", f"broadcastable={fitting}")
    native = array.astype(array.dtype.newbyteorder("="), order="K" if borrow else "C", copy=not borrow)
    return SharedVariable(TensorType(native.dtype, pattern), native, name, strict=strict, allow_downcast=allow_downcast)
