"""Formulas of cards in native words: whether a card can be spoken, which long words it takes, and its instructions.

Floor 4. Read `words/__init__.py` and `../written.py` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ...graph.node import Node
from ...ops.families import Elementwise, Reduction
from ..written import NotWritableError, TextWords, Written
from .values import Value
from .words import Words

CHEAP = frozenset({
    "abs", "sign", "floor", "ceil", "trunc", "rint", "maximum", "minimum", "where", "second", "cast", "sqrt", "floor_divide", "remainder",
})  # fmt: skip
"""Words that are a few instructions; all others are long."""
WHOLE = frozenset({"sigmoid"})
"""Words that stand for the whole formula of a card."""


@lru_cache(maxsize=4096)
def vocabulary(op: Elementwise, dtypes: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the words that an op speaks, one entry a use; None if some of them have no native code for operands of these dtypes."""
    listener = Listener()
    try:
        root = op.formula(listener, *[Written(f"x{position}") for position in range(len(dtypes))])
    except NotWritableError:
        return None
    if not isinstance(root, Written):
        return None
    computed = op.compute_dtype(*dtypes) or dtypes[-1]
    every = {*dtypes, computed, op.result_dtype(*dtypes)}
    if not all(Words.speaks("cast", one, other) for one in every for other in every):
        return None
    for word in listener.spoken:
        if word not in ("cast", "second", "where") and not Words.speaks(word, computed):
            return None
    return tuple(listener.spoken)


class Listener(TextWords):
    """Words that only note that they were spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[str] = []

    def __getattr__(self, word: str) -> Any:
        speak = super().__getattr__(word)
        self.spoken.append(word)
        return speak


def long_words(op: Any, dtypes: Sequence[str]) -> int:
    """Return how many long words an op speaks."""
    return sum(word not in CHEAP for word in vocabulary(op, tuple(dtypes)) or ())


def speaks(node: Node) -> bool:
    """Say whether loops can compute a node: its words and dtypes have native code."""
    dtypes = tuple(each.type.dtype for each in node.inputs)
    if isinstance(node.op, Elementwise):
        return vocabulary(node.op, dtypes) is not None
    every = {*dtypes, node.type.dtype}
    if isinstance(node.op, Reduction):
        folded = node.op.combine in ("add", "mul", "and", "or") or "bool" not in every
        return folded and all(Words.speaks("cast", one, other) for one in every for other in every)
    return all(Words.speaks("cast", one, one) for one in every)


def spoken(words: Words, op: Any, operands: list[Value], dtypes: Sequence[str], dtype: str) -> Value:
    """Speak the formula of an elementwise op: operands are cast to the dtype in which it computes, the result to its own."""
    assert isinstance(op, Elementwise)
    compute_in = op.compute_dtype(*dtypes)
    if compute_in is not None:
        operands = [
            each if position in op.unlike or each.dtype == compute_in else words.cast(each, compute_in)
            for position, each in enumerate(operands)
        ]
    result = getattr(words, op.word)(*operands) if op.word in WHOLE else op.formula(words, *operands)
    return result if result.dtype == dtype else words.cast(result, dtype)
