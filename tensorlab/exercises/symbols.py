"""The symbols of an exercise as its file declares them, and the random points at which formulas are compared.

Floor 6. `"vector(n) from 0 to 1"` says what a name is, how long its axes are (equal letters, equal lengths) and which values it takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from ..graph.errors import ChoiceError
from ..graph.node import Symbol, make_symbol
from ..graph.types import TensorType, is_floating
from ..ops.symbols import PATTERNS

NUMBER = r"-?\d+(?:\.\d*)?(?:e-?\d+)?"
RANGE = rf" from (?P<low>{NUMBER}) to (?P<high>{NUMBER})"
WORDS = "|".join(sorted(PATTERNS, key=len, reverse=True))
DECLARED = re.compile(rf"(?P<prefix>[fdil]?)(?P<pattern>{WORDS})(?:\((?P<lengths>[^()]*)\))?(?:{RANGE})?")
DTYPES = {"": "float64", "d": "float64", "f": "float32", "i": "int32", "l": "int64"}
LENGTHS = (3, 4, 2, 5, 6, 7)
"""Lengths for the letters in turn: all different, so that a missing transpose shows, and none 1, which would stretch."""
EQUAL = "·"
"""The letter of every axis without a letter."""
LOW, HIGH = -2.0, 2.0
"""Where values are drawn: functions such as exp, tanh and the sigmoid still bend there."""
POINTS = 4
"""So many: formulas with different values agree at one random point only by a rare accident of symmetry, never at four."""


@dataclass(frozen=True)
class Declared:
    """What a file says about one symbol.

    Attributes:
        type: dtype and number of axes; its lengths are not known, except those of 1 that stretch.
        lengths: a letter or a whole number per axis.
        low, high: the range of its values.
        text: as it stands in the file, without the range.
    """

    type: TensorType
    lengths: tuple[str, ...]
    low: float
    high: float
    text: str

    def symbol(self, name: str, dtype: str | None = None) -> Symbol:
        """Return a new symbol of the declared type."""
        return make_symbol(self.type if dtype is None else TensorType(dtype, self.type.shape), name)


def declared(text: Any) -> Declared:
    """Read the declaration of a symbol.

    Raises:
        ChoiceError: it is none.

    >>> declared("fmatrix(m, n)").type, declared("vector(3) from 0 to 1").lengths
    (TensorType(float32, matrix), ('3',))
    """
    advice = '"scalar", "vector(n)", "matrix(m, n)", "vector(n) from 0.1 to 0.9"'
    match = DECLARED.fullmatch(" ".join(text.split())) if isinstance(text, str) else None
    if match is None:
        raise ChoiceError("", f"{text!r} is no kind of symbol", advice)
    shape = PATTERNS[match["pattern"]]
    free = [axis for axis, length in enumerate(shape) if length is None]
    named = [part.strip() for part in match["lengths"].split(",")] if match["lengths"] is not None else [EQUAL] * len(free)
    if len(named) != len(free) or not all(each == EQUAL or each.isidentifier() or (each.isdecimal() and int(each) > 0) for each in named):
        raise ChoiceError("", f"{text!r}: a {match['pattern']} has {len(free)} lengths to name, each a letter or a number", advice)
    lengths = ["1"] * len(shape)
    for axis, name in zip(free, named):
        lengths[axis] = name
    low, high = (LOW, HIGH) if match["low"] is None else (float(match["low"]), float(match["high"]))
    if not low < high:
        raise ChoiceError("", f"{text!r}: the range is empty", f"from {high:g} to {low:g}" if high < low else advice)
    return Declared(TensorType(DTYPES[match["prefix"]], shape), tuple(lengths), low, high, text.partition(" from ")[0].strip())


def lengths_of(symbols: Iterable[Declared]) -> dict[str, int]:
    """Return a length for every letter, in the order in which the letters first appear.

    >>> lengths_of([declared("matrix(m, n)"), declared("vector(2)")])
    {'m': 3, 'n': 4, '2': 2}
    """
    letters = dict.fromkeys(letter for each in symbols for letter in each.lengths)
    fixed = {letter: int(letter) for letter in letters if letter.isdecimal()}
    free = (length for length in (*LENGTHS, *range(8, 100)) if length not in fixed.values())
    return {letter: fixed[letter] if letter in fixed else next(free) for letter in letters}


def random_source(name: str) -> np.random.Generator:
    """Return random numbers that depend on the name of an exercise alone."""
    return np.random.default_rng(list(sha256(name.encode()).digest()[:8]))


def drawn(symbols: Mapping[str, Declared], random: np.random.Generator) -> dict[str, Any]:
    """Return a random value for every symbol: float64 or int64, whatever dtype it has, so that rounding does not blur a comparison."""
    lengths = lengths_of(symbols.values())
    values: dict[str, Any] = {}
    for name, each in symbols.items():
        shape = tuple(lengths[letter] for letter in each.lengths)
        if is_floating(each.type.dtype):
            values[name] = random.uniform(each.low, each.high, shape)
        else:
            values[name] = random.integers(int(np.ceil(each.low)), int(np.floor(each.high)) + 1, shape)
        values[name] = np.asarray(values[name])
    return values
