"""What a page may say to a widget: small declared tables of fields, and a check of every value against them.

Floor 6. A page is not to be trusted: a message may come from another version of the module, from a saved notebook or from a console.
A value that fits no field is a `Malformed` message, which the widget (`base.py`) answers without changing anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Malformed(Exception):  # noqa: N818 - a thing that is said, caught where it is said
    """A message that fits no declared table. It never leaves `base.py`."""


class Field(Protocol):
    """What one value of a message has to be."""

    def read(self, value: Any) -> Any:
        """Return the value as Python wants it.

        Raises:
            Malformed: it is something else.
        """


@dataclass(frozen=True)
class Whole:
    """A whole number between two ends, both included.

    >>> Whole(0, 9).read(3)
    3
    """

    low: int
    high: int

    def read(self, value: Any) -> int:
        # JavaScript has one kind of number, and sends 3.0 or 3 as it likes; True is a whole number to Python and to nobody else
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.low <= value <= self.high or value != int(value):
            raise Malformed(f"not a whole number from {self.low} to {self.high}")
        return int(value)


@dataclass(frozen=True)
class Real:
    """A finite number between two ends, both included.

    >>> Real(0, 1).read(0.5)
    0.5
    """

    low: float = -1e300
    high: float = 1e300

    def read(self, value: Any) -> float:
        # the range is asked first: a Python integer of a thousand digits has no float
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.low <= value <= self.high:
            raise Malformed(f"not a number from {self.low:g} to {self.high:g}")
        if not math.isfinite(value):
            raise Malformed("not a finite number")
        return float(value)


@dataclass(frozen=True)
class Truth:
    """True or false."""

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Malformed("neither true nor false")
        return value


@dataclass(frozen=True)
class Text:
    """A text of at most so many characters."""

    longest: int = 200

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest:
            raise Malformed(f"not a text of at most {self.longest} characters")
        return value


class Word:
    """One of a few words.

    >>> Word("plain", "momentum").read("plain")
    'plain'
    """

    def __init__(self, *words: str) -> None:
        self.words = words

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise Malformed(f"none of {', '.join(self.words)}")
        return value


@dataclass(frozen=True)
class Several:
    """A list of values of one kind, its length between two ends.

    >>> Several(Real(), 2, 2).read([1, 2])
    [1.0, 2.0]
    """

    of: Field
    fewest: int = 0
    most: int = 1000

    def read(self, value: Any) -> list[Any]:
        if not isinstance(value, list) or not self.fewest <= len(value) <= self.most:
            raise Malformed(f"not a list of {self.fewest} to {self.most} values")
        return [self.of.read(each) for each in value]


def read_all(values: Any, table: Mapping[str, Field], complete: bool) -> dict[str, Any]:
    """Return the values of a message, each read by its field.

    Args:
        values: what came.
        table: the fields, by name.
        complete: whether each field has to be there.

    Raises:
        Malformed: a name that the table does not have, a field without a value, or a value that does not fit.

    >>> read_all({"step": 2}, {"step": Whole(0, 9)}, complete=True)
    {'step': 2}
    """
    if not isinstance(values, dict):
        raise Malformed("no table of values")
    for name in values:
        if name not in table:
            raise Malformed("a field that this widget does not have")
    if complete and len(values) < len(table):
        raise Malformed("fields are missing")
    read = {}
    for name, value in values.items():
        try:
            read[name] = table[name].read(value)
        except Malformed as problem:
            raise Malformed(f"{name}: {problem}") from None
        except (ValueError, TypeError, OverflowError) as problem:  # int(nan), a comparison that Python refuses
            raise Malformed(f"{name}: {type(problem).__name__}") from None
    return read
