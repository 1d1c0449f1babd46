"""The error of a magic that was called in the wrong way.

Floor 6. IPython prints its own `UsageError` and lets the cell count as successful, so that a lesson's tests would not notice. A
subclass is shown as an error and fails the cell.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from IPython.core.error import UsageError

from ..graph.errors import TensorlabError
from .tracebacks import rendered


class MagicError(TensorlabError, UsageError):
    """A magic that cannot do what its line says."""

    _render_traceback_ = rendered


def instead_of(word: str, names: Iterable[str]) -> str:
    """Return advice for a name that means nothing here: the nearest one, or all that there are.

    >>> instead_of("cots", ["cost", "x"]), instead_of("q", ["cost", "x"]), instead_of("q", [])
    ('cost', 'one of cost, x', "a symbol: x = T.scalar('x')")
    """
    known = list(names)
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return near[0]
    return f"one of {', '.join(known)}" if known else "a symbol: x = T.scalar('x')"
