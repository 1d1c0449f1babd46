"""Looking at a value while a function runs: `tl.printing.Print`, and what all watchers have.

Floor 2. Asserts and breakpoints are in files of their own. A watcher hands its operand on unchanged, so it can be put around any part of
an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..graph.errors import ChoiceError
from ..graph.node import Node
from ..graph.types import TensorType
from ..settings.kinds import nearest
from .families import Case, Library


class Watcher(Library):
    """Any op that hands one of its operands on unchanged and does something beside that: it prints, checks, stops.

    What it does is done once in every call: two such ops are never made one, none is left out, and those that do not depend on each other
    take their turns in the order of the graph.
    """

    latex = "{x}"
    merges = False
    by_host = "what is watched must be here"
    hands_on: ClassVar[int] = 0
    """Which operand it hands on, and so sends the gradient to."""

    def type(self, *inputs: Node) -> TensorType:
        return inputs[self.hands_on].type

    def same_as(self, *values: Any) -> Any:
        return values[self.hands_on]

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Any]:
        return [g if position == self.hands_on else None for position in range(len(inputs))]


class Print(Watcher):
    """Prints a message and the value of its operand whenever a function computes it, and hands the value on.

    Args:
        message: printed in front of the value.
        attrs: what to print of the value: names of attributes or of methods without arguments of a NumPy array, such as "shape" or "min".
        global_fn: called instead with this op and the value.

    Raises:
        ChoiceError: arrays have no attribute of a name.

    >>> x = T.vector("x")
    >>> f = tl.function([x], tl.printing.Print("x is", attrs=("shape", "max"))(x).sum())
    >>> f([1, 5])
    x is shape = (2,)
    x is max = 5.0
    array(6.)
    """

    sample = (Case((2, 3), message="value"), Case((), message="value"))

    def __init__(self, message: str = "", attrs: Sequence[str] = ("__str__",), global_fn: Callable[[Any, Any], None] | None = None) -> None:
        self.message, self.attrs, self.global_fn = message, (attrs,) if isinstance(attrs, str) else tuple(attrs), global_fn
        for name in self.attrs:
            if not isinstance(name, str) or not hasattr(np.ndarray, name):
                near = nearest(str(name), [each for each in dir(np.ndarray) if not each.startswith("_")])
                found = f"an array of NumPy has nothing called {name!r}"
                raise ChoiceError(f"Print({message!r}, attrs={self.attrs!r})", found, f"attrs=({near or 'shape'!r},)")

    def __str__(self) -> str:
        return f"print{{{self.message}}}"

    __repr__ = __str__

    def numpy(self, xp: Any, x: Any) -> Any:
        if self.global_fn is not None:
            self.global_fn(self, x)
            return x
        for name in self.attrs:
            value = getattr(np.asarray(x), name)
            value = value() if callable(value) else value
            print(self.message, value if name == "__str__" else f"{name} = {value}")
        return x


class After(Watcher):
    """The value of x, when y has been computed: what puts two steps in an order.

    >>> x = T.scalar("x")
    >>> After()(x, tl.printing.Print("first")(x)).eval({x: 1.0})
    first 1.0
    array(1.)
    """

    sample = (Case((2, 3), (4,)), Case((), ()))

    def numpy(self, xp: Any, x: Any, y: Any) -> Any:
        return x
