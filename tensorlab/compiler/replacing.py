"""`tl.clone`: the same expression with some of its variables replaced.

Floor 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.node import Node
from ..graph.walk import rebuild
from .changes import checked_givens


def clone(output: Node | Sequence[Node], replace: Any = None, strict: bool = True, share_inputs: bool = True) -> Any:
    """Return a copy of an expression (or of a list of them) with variables replaced.

    Args:
        output: an expression or a list.
        replace: pairs or a dict from variable to what replaces it; dtype and rank must agree.
        strict: accepted for Theano's sake.
        share_inputs: accepted for Theano's sake; nodes never change, so what is not replaced is shared.

    Raises:
        GivenError: a replacement does not fit.

    >>> x, y = T.scalars("x", "y")
    >>> tl.clone(x ** 2, replace={x: y + 1}).eval({y: 2.0})
    array(9.)
    """
    several = isinstance(output, (list, tuple))
    outputs: list[Node] = list(output) if isinstance(output, (list, tuple)) else [output]
    copies = rebuild(outputs, checked_givens(replace))
    return copies if several else copies[0]
