"""The inputs of a function: how they are declared, and how an argument becomes an array.

Floor 5. Read `graph/values.py` before: it says which values fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.convert import shorten
from ..graph.errors import InputError, LazyText
from ..graph.node import Node
from ..graph.types import TensorType
from ..graph.values import array_of
from ..graph.wording import a_kind, in_code

Reader = Callable[[Any], np.ndarray[Any, Any]]


class In:
    """An input of a function with options.

    Args:
        variable: the symbol.
        name: name by which the argument can be given; by default the symbol's.
        value: default value, used when a call leaves the argument out.
        update: expression that replaces the default after each call.
        mutable, borrow: accepted for Theano's sake: inputs are never changed, so nothing needs copying.
        strict: accept only arrays of exactly the right dtype.
        allow_downcast: True accepts values that lose precision; None accepts Python floats in floatX inputs; False accepts no loss.
        autoname: False leaves an input without `name` unnamed, even if its symbol has a name.
        implicit, shared: accepted for Theano's sake.

    Raises:
        InputError: `variable` is not a symbol.

    >>> x, step = T.scalars("x", "step")
    >>> f = tl.function([x, tl.In(step, value=0.5)], x + step)
    >>> f(1.0), f(1.0, step=2.0)
    (array(1.5), array(3.))
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
            found = f"{a_kind(variable)} instead of a symbol"
            raise InputError(f"tl.In({shorten(variable)})", found, "tl.In(x, value=…) with x = T.scalar('x')")
        self.variable = variable
        self.name = name if name is not None else (variable.name if autoname else None)
        self.value, self.update = value, update
        self.mutable, self.strict, self.borrow, self.allow_downcast = mutable, strict, borrow, allow_downcast
        self.implicit, self.shared = implicit, shared

    @property
    def label(self) -> str:
        """What a message calls this input."""
        return self.name or in_code(self.variable)

    def __repr__(self) -> str:
        return f"In({self.variable}{'' if self.value is None else f', value={self.value!r}'})"


def read(value: Any, wanted: TensorType, each: In) -> np.ndarray[Any, Any]:
    """Return an argument as an array of a type, or raise the error that says why it does not fit (see `array_of`)."""
    asked, label = LazyText(lambda: f"for input {each.label}"), LazyText(lambda: each.label)
    return array_of(value, wanted, asked, label, each.strict, each.allow_downcast, "tl.function(…, allow_input_downcast=True)")


def Param(variable: Node, default: Any = None, name: str | None = None, **options: Any) -> In:
    """Return an input with a default value: the older name of `In`, with `default` instead of `value`.

    Raises:
        InputError: `variable` is no symbol.

    >>> x, y = T.scalars("x", "y")
    >>> tl.function([x, tl.Param(y, default=1)], x + y)(2)
    array(3.)
    """
    return In(variable, name, default, **options)


def reader(each: In) -> Reader:
    """Return a function from an argument of an input to an array of its type.

    What fits without a question is read at once: an array of the right type, a float for a float64 scalar, a list of whole or real numbers
    of the right depth. Anything else takes the long way, which knows all rules and all messages.
    """
    wanted = each.variable.type
    dtype, ndim = np.dtype(wanted.dtype), wanted.ndim
    free = all(length is None for length in wanted.shape) and not each.strict
    real = free and wanted.dtype == "float64"
    small = 2**31  # whole numbers up to here are exact in float64, whatever the machine's own integer

    def read_quickly(value: Any) -> np.ndarray[Any, Any]:
        kind = type(value)
        if kind is np.ndarray:
            if value.dtype == dtype and value.ndim == ndim and (free or wanted.holds(value)):
                return value  # type: ignore[no-any-return]
        elif real and ndim == 0:
            if kind is float or (kind is int and -small < value < small):
                return np.array(value, dtype)
        elif real and ndim == 1 and kind is list and value and {*map(type, value)} <= NUMBERS and max(map(abs, value)) < small:
            return np.array(value, dtype)
        return read(value, wanted, each)

    return read_quickly


NUMBERS = {int, float}
