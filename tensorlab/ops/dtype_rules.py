"""Rules for dtypes: from the dtypes of the operands to the dtype of the result, and to the one that is computed in.

Floor 2. A card names its rule; `docs/dtypes.md` has a line for each, and a test reads it. Read `graph/promotion.py` before.
"""

from __future__ import annotations

from collections.abc import Callable

from ..graph.errors import DtypeError
from ..graph.promotion import promote, promote_to_float
from ..graph.types import is_floating


class DtypeRule:
    """How the dtype of an elementwise result follows from its operands, and in which dtype the formula computes.

    Attributes:
        name: "promoted", "floating" …; the tests choose their samples by it.
        result: dtypes of the operands to the dtype of the result.
        compute: dtypes of the operands to the dtype that they are cast to first, or None to leave them as they are.

    A refusal is a `DtypeError` whose advice may hold {x} and {y}, the first and last operand, and {f}, the first that is floating.
    """

    def __init__(self, name: str, result: Callable[..., str], compute: Callable[..., str] | None = None) -> None:
        self.name, self.result, self.compute = name, result, compute

    def __repr__(self) -> str:
        return self.name


def at_least_int8(*dtypes: str) -> str:
    """Promote, except that a bool becomes int8, as in NumPy: the quotient of two bools counts."""
    result = promote(*dtypes)
    return "int8" if result == "bool" else result


def not_bool(*dtypes: str) -> str:
    """Promote, refusing bools alone: a difference or a sign of truth values has no meaning."""
    result = promote(*dtypes)
    if result == "bool":
        other = "{x} ^ {y} for one but not both" if len(dtypes) > 1 else "~{x} for not"
        raise DtypeError("", "bools have no difference and no sign", other + ", T.cast({x}, 'int8') for the numbers 0 and 1")
    return result


def whole_or_bool(*dtypes: str) -> str:
    """Promote, refusing whatever is no whole number and no bool."""
    result = promote(*dtypes)
    if any(map(is_floating, (*dtypes, result))):
        found = f"{' and '.join(dtypes)} make {result}, and floats have no bits" if len(dtypes) > 1 else "floats have no bits"
        raise DtypeError("", found, "T.neq({f}, 0) for its truth, or T.cast({f}, 'int64')")
    return result


promoted = DtypeRule("promoted", promote, promote)
kept = DtypeRule("kept", promote, at_least_int8)
counted = DtypeRule("counted", at_least_int8, at_least_int8)
signed = DtypeRule("signed", not_bool, not_bool)
floating = DtypeRule("floating", promote_to_float, promote_to_float)
comparison = DtypeRule("comparison", lambda *dtypes: "bool")
bits = DtypeRule("bits", whole_or_bool, whole_or_bool)
conversion = DtypeRule("conversion", lambda dtype: dtype)
"""For the cast, which says itself what it makes."""
RULES = (promoted, kept, counted, signed, floating, comparison, bits)
"""What `docs/dtypes.md` has a table for."""
