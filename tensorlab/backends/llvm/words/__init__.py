"""The words of formulas as LLVM instructions: `Words` joins the rooms of this package.

Floor 4. A card's formula is spoken with `Value`s and these words and leaves instructions in a kernel. Read `speech` first, then
`arithmetic`, `casts`, `scaling`, `doubled` and the rooms that build on them.
"""

from __future__ import annotations

from .error_functions import ErrorFunctions
from .exponentials import Exponentials
from .hyperbolics import Hyperbolics
from .integers import Quotients
from .inverse_trigonometry import InverseTrigonometry
from .powers import Powers
from .speech import FLOATS, INTEGERS
from .trigonometry import Trigonometry

__all__ = ["Words"]

FLOAT_WORDS = frozenset({
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2",
    "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "erf", "erfc",
})  # fmt: skip
ANY_WORDS = frozenset({
    "abs", "floor", "ceil", "trunc", "rint", "maximum", "minimum", "floor_divide", "remainder", "where", "second", "cast",
})  # fmt: skip


class Words(Exponentials, ErrorFunctions, Hyperbolics, Trigonometry, InverseTrigonometry, Powers, Quotients):
    """All words, for values of one number of lanes in one module."""

    @staticmethod
    def speaks(word: str, *dtypes: str) -> bool:
        """Return whether there is native code for a word on operands of these dtypes (for a cast: from, to).

        Powers of whole numbers with a sign are left to the library, which refuses negative exponents.
        """
        if not all(dtype in FLOATS or dtype in INTEGERS or dtype == "bool" for dtype in dtypes):
            return False
        if word == "sign":
            return "bool" not in dtypes
        if word == "power":
            return any(dtype in FLOATS for dtype in dtypes) or not any(dtype.startswith("int") for dtype in dtypes)
        return word in FLOAT_WORDS or word in ANY_WORDS
