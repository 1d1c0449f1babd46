"""The closed set of words that formulas are written in, spoken by a NumPy-like library.

Floor 2. Beside these words a formula uses Python's operators (+ - * / and comparisons). Another machine speaks the same words: as LLVM
instructions, as CUDA code, as new nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.errors import MissingPackageError

WORDS = (
    "abs", "sign", "floor", "ceil", "trunc", "rint",
    "sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2",
    "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
    "erf", "erfc", "erfcx", "erfinv", "erfcinv", "gamma", "gammaln", "psi", "zeta",
    "maximum", "minimum", "floor_divide", "remainder", "where", "second", "cast",
)
"""Every word, with NumPy's or SciPy's name where they have one."""

SPECIAL = frozenset({"erf", "erfc", "erfcx", "erfinv", "erfcinv", "gamma", "gammaln", "psi", "zeta"})
ROUNDING = frozenset({"floor", "ceil", "trunc", "rint"})


class ArrayWords:
    """The words on whole arrays of a library with NumPy's names (`xp`: NumPy or CuPy; `special`: its scipy.special)."""

    def __init__(self, xp: Any, special: str = "scipy.special") -> None:
        self.xp, self._special = xp, special

    def __getattr__(self, word: str) -> Any:
        if word not in WORDS:
            raise AttributeError(f"{word!r} is no word; formulas may use {', '.join(WORDS)}")
        if word in SPECIAL:
            import importlib

            try:
                meaning = getattr(importlib.import_module(self._special), word)
            except ImportError:
                package = self._special.partition(".")[0]
                found = f"{package}, which computes it, is not installed"
                raise MissingPackageError(f"T.{word}(…)", found, f"pip install {package}") from None
        else:
            meaning = getattr(self.xp, word)
            if word in ROUNDING:
                meaning = whole_numbers_kept(meaning)
        setattr(self, word, meaning)
        return meaning

    def cast(self, x: Any, dtype: str) -> Any:
        """Return the same numbers in another dtype."""
        return self.xp.asarray(x).astype(dtype)

    def second(self, x: Any, y: Any) -> Any:
        """Return `y` in the shape that both have together."""
        shape = self.xp.broadcast_shapes(self.xp.shape(x), self.xp.shape(y))
        if isinstance(y, np.generic):
            return self.xp.full(shape, y, y.dtype)
        return self.xp.broadcast_to(y, shape).copy()


def whole_numbers_kept(rounding: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rounding that copies whole numbers; NumPy's `rint` turns them into floats, its `floor` before 2.1 too."""

    def meaning(x: Any) -> Any:
        return rounding(x) if x.dtype.kind == "f" else x.copy()  # a word's result is never the memory of its operand

    return meaning


class GraphWords:
    """The words as makers of nodes: a formula spoken in them writes itself out as a graph of primitive ops."""

    def __getattr__(self, word: str) -> Any:
        if word not in WORDS:
            raise AttributeError(f"{word!r} is no word; formulas may use {', '.join(WORDS)}")
        return syntax.table[NODE_NAMES.get(word, word)]


NODE_NAMES = {
    "sign": "sgn", "rint": "round", "power": "pow", "floor_divide": "int_div", "remainder": "mod", "where": "switch", "second": "fill",
}  # fmt: skip
"""Words that a graph knows under another name."""
