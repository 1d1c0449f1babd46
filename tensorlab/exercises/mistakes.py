"""The errors of exercises, and what to try in place of a word that means nothing.

Floor 6.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ..graph.errors import TensorlabError


class ExerciseFileError(TensorlabError, ValueError):
    """A file of exercises with a mistake in it."""


class UnknownExerciseError(TensorlabError, LookupError):
    """An exercise that no file declares, or that two files declare."""


class UnsolvedError(TensorlabError, AssertionError):
    """With TENSORLAB_CHECK=strict: an exercise that is not answered, or not right."""


def instead_of(word: str, known: Iterable[str]) -> str:
    """Return advice for a word that means nothing here: the nearest one, or all that there are.

    >>> instead_of("expresion", ["expression", "number"]), instead_of("q", ["x", "y"]), instead_of("q", [])
    ('expression', 'one of x, y', 'nothing of that sort is declared')
    """
    words = list(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return near[0]
    return f"one of {', '.join(words)}" if words else "nothing of that sort is declared"
