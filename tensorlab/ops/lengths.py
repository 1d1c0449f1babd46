"""Shapes as a reader writes them: numbers, symbolic lengths, -1, or a symbolic vector.

Floor 2. A card keeps a *template*, one entry per axis: a number, -1 (what is left over), or "?" for a length that arrives as a further
operand. `reshaping` and `filling` stand on this room; read `shapes` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import DtypeError, LazyText, RankError, ShapeError
from ..graph.node import Constant, Node
from ..graph.types import Length, is_integer
from ..graph.wording import counted
from .families import describe, noun
from .indexing import Subtensor
from .shapes import AxisLength, Shape, lengths_of

DYNAMIC = "?"
Template = tuple[int | str | None, ...]


def as_lengths(
    shape: Any, asked: str | LazyText, ndim: int | None = None, smallest: int = 0, free: bool = False
) -> list[int | Node | None]:
    """Return one entry per axis: a number where it is known, an int scalar node where it is not.

    Args:
        shape: a number, a symbolic scalar, a list that mixes them, or a vector of whole numbers, symbolic or not.
        asked: what the reader wrote, for the error.
        ndim: how many axes there are, where a symbolic vector does not say.
        smallest: -1 where a length may be left open.
        free: whether None is allowed (a length that is not checked).

    Raises:
        RankError: the number of axes is unknown, or is not `ndim`.
        DtypeError: a length is not a whole number.
        ShapeError: a length is negative.
    """
    if isinstance(shape, np.ndarray):
        shape = shape.tolist()
    if isinstance(shape, Node) and shape.type.ndim == 1:
        shape = elements(shape, asked, ndim)
    found = [as_one_length(each, asked, smallest, free) for each in (shape if isinstance(shape, (list, tuple)) else [shape])]
    if ndim is not None and len(found) != ndim:
        raise RankError(asked, f"the shape has {counted(len(found), 'length')}, and ndim={ndim}", f"ndim={len(found)}")
    return found


def elements(vector: Node, asked: str | LazyText, ndim: int | None) -> list[Any]:
    """Return the elements of a symbolic shape, one by one."""
    if not is_integer(vector.type.dtype):
        raise DtypeError(
            asked,
            f"lengths must be whole numbers, and {describe(vector)}",
            f"T.cast({vector.label}, 'int64'), or {vector.label}.shape for its shape",
        )
    if isinstance(vector, Constant):
        return list(vector.value.tolist())
    if isinstance(vector.op, Shape):
        return lengths_of(vector.inputs[0])
    length = vector.type.shape[0] if vector.type.shape[0] is not None else ndim
    if length is None:
        raise RankError(
            asked,
            f"the shape is {noun(vector)}, so the number of axes is unknown before it runs",
            f"ndim=2 beside the shape, or a list: ({vector.label}[0], {vector.label}[1])",
        )
    return [syntax.apply("getitem", vector, position) for position in range(length)]


def as_count(value: Any, asked: str) -> int | Node:
    """Return a number of elements, at least 0, as a number or as an int scalar node if its value is not known.

    Raises:
        RankError, DtypeError, ShapeError: it is an array, no whole number, or negative.
    """
    found = as_one_length(value, asked, smallest=0, free=False)
    assert found is not None
    return found


def as_offset(value: Any, asked: str) -> int | Node:
    """Return the number of a diagonal, which may be negative, as a number or as an int scalar node.

    Raises:
        RankError, DtypeError: it is an array, or no whole number.
    """
    found = as_one_length(value, asked, smallest=np.iinfo("int64").min, free=False, word="the number of a diagonal")
    assert found is not None
    return found


def as_one_length(value: Any, asked: str | LazyText, smallest: int, free: bool, word: str = "a length") -> int | Node | None:
    """Return one length (or what else `word` says) as a number, or as an int scalar node if its value is not known."""
    if value is None and free:
        return None
    if isinstance(value, Node):
        if value.type.ndim:
            raise RankError(
                asked,
                f"{word} must be a single number, and {describe(value)}",
                f"{value.label}[0], or {value.label} alone as the whole shape",
            )
        if not is_integer(value.type.dtype):
            raise DtypeError(asked, f"{word} must be a whole number, and {describe(value)}", f"T.cast({value.label}, 'int64')")
        known = known_length(value)
        if known is None:
            return value
        value = known
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise DtypeError(
            asked, f"{word} must be a whole number, not {value!r}", "whole numbers such as 3, x.shape[0], or a symbol from T.lscalar()"
        )
    if value < smallest:
        raise ShapeError(
            asked, f"a length of {value}", "lengths of at least 0" + (", or -1 for the one that is left over" * (smallest < 0))
        )
    return int(value)


def known_length(node: Node) -> int | None:
    """Return the value of a length that is a constant, or that the type of an array knows."""
    if isinstance(node, Constant):
        return int(node.value)
    if isinstance(node.op, AxisLength):
        return node.inputs[0].type.shape[node.op.axis]
    if isinstance(node.op, Subtensor) and isinstance(node.inputs[0].op, Shape) and isinstance(node.op.template[0], int):
        return node.inputs[0].inputs[0].type.shape[node.op.template[0]]  # x.shape[0]
    return None


def split_lengths(lengths: Sequence[int | Node | None]) -> tuple[Template, list[Node]]:
    """Separate what a card keeps (the template) from what it is applied to (the lengths that are nodes).

    >>> split_lengths([2, T.lscalar("n"), -1])
    ((2, '?', -1), [n])
    """
    return tuple(DYNAMIC if isinstance(each, Node) else each for each in lengths), [each for each in lengths if isinstance(each, Node)]


def static_lengths(template: Template, dynamic: Sequence[Node]) -> list[Length]:
    """Return what the type knows of a template's lengths; None for the rest (also for -1)."""
    nodes = iter(dynamic)
    return [known_length(next(nodes)) if each == DYNAMIC else None if each is None or each == -1 else int(each) for each in template]


def filled_in(template: Template, values: Sequence[Any]) -> list[Any]:
    """Return the template with the values of the dynamic lengths put in.

    Raises:
        ShapeError: one of them is negative.
    """
    numbers = iter(values)
    result = [int(next(numbers)) if each == DYNAMIC else each for each in template]
    if any(each == DYNAMIC and number < 0 for each, number in zip(template, result)):
        raise ShapeError("", f"the shape {tuple(result)} has a negative length", "lengths of at least 0")
    return result


def as_length_node(length: int | Node) -> Node:
    """Return a length as an int64 node."""
    return as_node(length, "int64")
