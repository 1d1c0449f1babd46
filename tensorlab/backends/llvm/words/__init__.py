"""The words of formulas as LLVM instructions: `Words` joins the rooms of this package.

Floor 4. A card's formula is spoken with `Value`s and these words and leaves instructions in a kernel. Read `speech` first, then
`arithmetic`, `casts`, `scaling` and the rooms that build on them.
"""

from __future__ import annotations

from .exponentials import Exponentials
from .logarithms import Logarithms
from .speech import FLOATS, INTEGERS

__all__ = ["Words"]

FLOAT_WORDS = frozenset({"exp", "exp2", "expm1", "log", "log1p", "tanh", "sqrt"})
ANY_WORDS = frozenset({"abs", "floor", "ceil", "trunc", "rint", "maximum", "minimum", "where", "second", "cast"})


class Words(Exponentials, Logarithms):
    """All words, for values of one number of lanes in one module."""

    @staticmethod
    def speaks(word: str, *dtypes: str) -> bool:
        """Return whether there is native code for a word on operands of these dtypes (for a cast: from, to)."""
        if not all(dtype in FLOATS or dtype in INTEGERS or dtype == "bool" for dtype in dtypes):
            return False
        if word == "sign":
            return "bool" not in dtypes
        return word in FLOAT_WORDS or word in ANY_WORDS
