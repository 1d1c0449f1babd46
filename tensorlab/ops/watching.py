"""Looking at a value while a function runs: `tl.printing.Print`.

Floor 2. A watcher hands its operand on unchanged, so it can be put around any part of an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.types import TensorType
from .families import Case, Library


class Print(Library):
    """Prints a message and the value of its operand whenever a function computes it, and hands the value on.

    Args:
        message: printed in front of the value.
        attrs: what to print of the value: names of attributes or of methods without arguments of a NumPy array, such as "shape" or "min".
        global_fn: called instead with this op and the value.

    >>> x = T.vector("x")
    >>> f = tl.function([x], tl.printing.Print("x is", attrs=("shape", "max"))(x).sum())
    >>> f([1, 5])
    x is shape = (2,)
    x is max = 5.0
    array(6.)
    """

    latex = "{x}"
    merges = False
    sample = (Case((2, 3), message="value"), Case((), message="value"))

    def __init__(self, message: str = "", attrs: Sequence[str] = ("__str__",), global_fn: Callable[[Any, Any], None] | None = None) -> None:
        self.message, self.attrs, self.global_fn = message, tuple(attrs), global_fn

    def __str__(self) -> str:
        return f"print{{{self.message}}}"

    __repr__ = __str__

    def same_as(self, x: Any) -> Any:
        return x

    def type(self, x: Node) -> TensorType:
        return x.type

    def numpy(self, xp: Any, x: Any) -> Any:
        if self.global_fn is not None:
            self.global_fn(self, x)
            return x
        for name in self.attrs:
            value = getattr(np.asarray(x), name)
            value = value() if callable(value) else value
            print(self.message, value if name == "__str__" else f"{name} = {value}")
        return x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [g]
