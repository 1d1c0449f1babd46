"""A choice between two whole values, decided by one number: `tl.ifelse`.

Floor 2. `T.switch` chooses element by element; this chooses once. The reference back end computes both values before it chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.convert import as_node, as_nodes
from ..graph.errors import RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote
from ..graph.types import TensorType
from .choices import cast, switch, zeros_like
from .families import Case, Library, describe


class IfElse(Library):
    """The second operand if the first, a single number, is not 0; else the third. Their shapes may differ, their ranks may not.

    >>> tl.ifelse(T.constant(1), T.constant([1.0, 2.0]), T.constant([3.0])).eval()
    array([1., 2.])
    """

    numbers = slice(0, 1)
    latex = r"\begin{{cases}} {y} & \text{{if }} {x} \\ {z} & \text{{else}} \end{{cases}}"
    glyph = "if"
    sample = (Case(1, (2,), (2,)), Case(0, (2, 3), (2, 3)))

    def same_as(self, condition: Any, then: Any, otherwise: Any) -> Any:
        return then if condition != 0 else otherwise

    def type(self, condition: Node, then: Node, otherwise: Node) -> TensorType:
        lengths = [a if a == b else None for a, b in zip(then.type.shape, otherwise.type.shape)]
        return TensorType(then.type.dtype, lengths)

    def numpy(self, xp: Any, condition: Any, then: Any, otherwise: Any) -> Any:
        return then if bool(condition) else otherwise

    def vjp(self, g: Node, out: Node, condition: Node, then: Node, otherwise: Node) -> Sequence[Any]:
        return [0, IfElse()(condition, g, zeros_like(then, g.type.dtype)), IfElse()(condition, zeros_like(otherwise, g.type.dtype), g)]


def ifelse(condition: Any, then_branch: Any, else_branch: Any, name: str | None = None) -> Any:
    """Return one of two values, chosen by a single number; lists of values are chosen together.

    Args:
        condition: 0-d; not 0 chooses `then_branch`.
        then_branch: a value, or a list of values.
        else_branch: a value, or a list as long.
        name: name of the result.

    Raises:
        RankError: the condition is not 0-d, or two values have different ranks.
        ShapeError: two lists have different lengths.
    """
    several = isinstance(then_branch, (list, tuple))
    pairs = list(zip(then_branch, else_branch)) if several else [(then_branch, else_branch)]
    if several and len(then_branch) != len(else_branch):
        raise ShapeError(
            "tl.ifelse(condition, [...], [...])", f"{len(then_branch)} values against {len(else_branch)}", "lists of the same length"
        )
    test = as_node(condition)
    if test.type.ndim:
        raise RankError(
            f"tl.ifelse({test.label}, …)",
            f"{describe(test)}; the condition must be a single number",
            "T.switch(condition, a, b) chooses by element",
        )
    results = []
    for then, otherwise in pairs:
        a, b = as_nodes([then, otherwise])
        if a.type.ndim != b.type.ndim:
            raise RankError(f"tl.ifelse({test.label}, …)", f"{describe(a)}; {describe(b)}", "two values with the same number of axes")
        dtype = promote(a.type.dtype, b.type.dtype)
        if a.type.ndim == 0:
            results.append(switch(test, a, b))
        else:
            results.append(IfElse()(test, cast(a, dtype), cast(b, dtype), name=name))
    return results if several else results[0]
