"""Functions of one element: exponentials, logarithms, roots.

Floor 2. Whole numbers become floats first (`floating`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.node import Node
from .families import Elementwise, floating


class Exp(Elementwise):
    """e to the power of the element.

    >>> T.exp(T.constant(0.0)).eval()
    array(1.)
    """

    latex = "e^{{{x}}}"
    binding = 30
    dtype = floating
    sample, same_as = (-3, 3), "exp(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.exp(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [out]


class Log(Elementwise):
    """Natural logarithm of the element.

    >>> T.log(T.constant(1.0)).eval()
    array(0.)
    """

    latex = r"\log\left({x}\right)"
    dtype = floating
    sample, same_as = (0.3, 4), "log(x)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.log(x)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / x]


exp, log = Exp(), Log()

syntax.define(exp=exp, log=log)
