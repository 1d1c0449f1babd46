"""Numbers that nobody wants: where in an array the first nan, infinity or huge number is, and how values are told in short.

Floor 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..graph.node import Constant, Node
from ..view.digits import array, number

BIG = 1e10
"""From here on a number is called big: Theano's limit (`NanGuardMode` of its documentation)."""
OPERANDS_SHOWN = 3  # with the question, the finding and the advice a message stays within eight lines


class Bad(NamedTuple):
    """What is wrong with an array: the kind ("nan", "inf" or "big"), the first position, how many elements are so."""

    kind: str
    position: tuple[int, ...]
    count: int

    def among(self, value: Any) -> str:
        """Return it in words, for the array in which it was found."""
        what = {"nan": "nan", "inf": "infinite", "big": f"beyond {BIG:g} in size"}[self.kind]
        if value.ndim == 0:
            return f"it is {number(value.item())}" if self.kind != "big" else f"it is {number(value.item())}, {what}"
        some = f"{self.count} of {value.size} numbers {'is' if self.count == 1 else 'are'} {what}"
        return f"{some}, first at {list(self.position)}"


def first_bad(value: Any, nan: bool = False, inf: bool = False, big: bool = False) -> Bad | None:
    """Return where an array of floats has a number of the kinds asked for, or None; nan before infinities before big numbers.

    >>> first_bad(np.array([1.0, np.nan]), nan=True)
    Bad(kind='nan', position=(1,), count=1)
    >>> first_bad(np.array([1.0, 1e11]), inf=True, big=True)
    Bad(kind='big', position=(1,), count=1)
    """
    if value.dtype.kind != "f" or not value.size:
        return None
    with np.errstate(all="ignore"):
        largest = np.abs(value).max()  # nan if there is one: one walk over the array says that all is well
    if largest < BIG or not (nan or inf or big):
        return None
    for kind, wanted, test in (("nan", nan, np.isnan), ("inf", inf, np.isinf), ("big", big, is_big)):
        if wanted:
            found = np.argwhere(test(value))
            if len(found):
                return Bad(kind, tuple(found[0].tolist()), len(found))
    return None


def is_big(value: Any) -> Any:
    """Return where finite numbers are beyond the limit."""
    return np.isfinite(value) & (np.abs(value) >= BIG)


def operands_in_short(node: Node, values: Sequence[Any], position: tuple[int, ...] | None = None) -> list[str]:
    """Return one line an operand: its value if it is small, else its range, and the element that made the one at a position."""
    lines = []
    seen: set[Node] = set()
    for each, value in zip(node.inputs, values):
        if each in seen or (isinstance(each, Constant) and each.type.ndim == 0):
            continue
        seen.add(each)
        place = f", made at {each.place}" if each.place is not None and each.op is not None else ""
        lines.append(f"{each.label} {in_words(np.asarray(value), position)}{place}")
    if len(lines) > OPERANDS_SHOWN:
        lines[OPERANDS_SHOWN - 1 :] = [f"and {len(lines) - OPERANDS_SHOWN + 1} more"]
    return lines


def in_words(value: Any, position: tuple[int, ...] | None = None) -> str:
    """Return a value in a few words.

    >>> in_words(np.array(2.0)), in_words(np.array([1.0, -3.0]), (1,)), in_words(np.arange(6.0), (3,))
    ('is 2', 'is [1, -3]', 'has shape (6,), from 0 to 5, at [3] it is 3')
    """
    if value.size <= 4 and value.ndim <= 1:
        return f"is {array(value)}"
    said = f"has shape {value.shape}"
    if value.size and value.dtype.kind != "b":
        finite = value[np.isfinite(value)] if value.dtype.kind == "f" else value
        if finite.size:
            said += f", from {number(finite.min().item())} to {number(finite.max().item())}"
        if finite.size < value.size:
            said += f", {value.size - finite.size} not finite"
    at = element_behind(value, position)
    return f"{said}, at {list(at)} it is {number(value[at].item())}" if at is not None else said


def element_behind(value: Any, position: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Return the position of the element from which an elementwise result at a position was made, if the shapes allow it."""
    if position is None or value.ndim > len(position) or not value.ndim:
        return None
    own = position[len(position) - value.ndim :]
    found = tuple(0 if length == 1 else place for place, length in zip(own, value.shape))
    return found if all(place < length for place, length in zip(found, value.shape)) else None
