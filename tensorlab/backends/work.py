"""How much arithmetic a card asks for: the operations of one element, and the long words apart.

Floor 4. Read `written.py` before. A profile holds these counts against the times. An addition, a product, a comparison, a maximum count
one each; what a processor does while it moves data (casts, choices) counts nothing; exp, log, tanh and their kin are called by their names,
since no two machines agree on what one of them costs.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..ops.families import Elementwise
from .written import NotWritableError, TextWords, Written

FREE = frozenset({"cast", "second", "where"})
"""Words that compute nothing."""
PLAIN = frozenset({
    "abs", "sign", "floor", "ceil", "trunc", "rint", "maximum", "minimum", "sqrt", "floor_divide", "remainder",
})  # fmt: skip
"""Words that count as one operation; all others are long."""
LONG_WORD = 12
"""Operations that a long word stands for where one number is needed for all work: what the LLVM back end takes it for, too."""


@dataclass(frozen=True)
class Effort:
    """What one element takes.

    Attributes:
        operations: additions, products, comparisons and the like.
        words: how often each long word is spoken.
    """

    operations: int = 0
    words: Counter[str] = field(default_factory=Counter)


@lru_cache(maxsize=4096)
def effort(op: Any, arity: int) -> Effort:
    """Return what one element of an elementwise op takes.

    >>> found = effort(T.nnet.sigmoid(T.scalar("x")).op, 1)
    >>> found.operations, dict(found.words)
    (3, {'exp': 1})
    """
    if not isinstance(op, Elementwise):
        return Effort()
    try:
        root = op.formula(TextWords(), *[Written(f"x{position}") for position in range(arity)])
    except NotWritableError:  # a formula that decides by a value: one operation is the least that it does
        return Effort(1)
    if not isinstance(root, Written):
        return Effort()
    operations, words = 0, Counter[str]()
    seen: set[int] = set()
    pending = [root]
    while pending:
        part = pending.pop()
        if id(part) in seen or not part.parts:
            continue
        seen.add(id(part))
        pending.extend(each for each, _ in part.parts)
        spoken = re.match(r"(\w+)\(", part.text)
        if spoken is None or spoken[1] in PLAIN:
            operations += 1
        elif spoken[1] not in FREE:
            words[spoken[1]] += 1
    return Effort(operations, words)
