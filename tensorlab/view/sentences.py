"""What the template of a card cannot say: formulas that depend on what the operands are.

Floor 4. Read `pieces.py` first. Each function gets the node and the formulas of its operands, and returns the whole, or None where
the card's own template will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..graph.node import Node
from .pieces import BIG_OPERATOR, NEGATIVE, POWER, PRODUCT, SUM, Piece, is_number


def sum_of_two(node: Node, x: Piece, y: Piece) -> Piece | None:
    """Write a + (-b) as a - b."""
    if not y.negative or y.binding <= SUM:
        return None
    return Piece(f"{x.inside(SUM - 1)} - {y.text[1:]}", SUM)


def product(node: Node, x: Piece, y: Piece) -> Piece | None:
    """Write numbers first, scalars side by side, and a ring between arrays."""
    left, right = node.inputs
    if is_outer(left, right):
        return Piece(rf"{x.inside(PRODUCT)} {y.inside(POWER)}^{{\top}}", PRODUCT, "outer")
    if is_number(right) and not is_number(left):
        left, right, x, y = right, left, y, x
    a = x.inside(NEGATIVE - 1) if is_number(left) else factor(x, "mul", first=True)
    binding = BIG_OPERATOR if y.binding == BIG_OPERATOR else PRODUCT  # a sum sign at the end of a product is read to the end
    if is_number(left):
        if is_number(right) or re.match(r"[\d-]", y.text):
            return Piece(rf"{a} \cdot {y.wrapped if y.negative else y.inside(PRODUCT - 1)}", PRODUCT, "mul")
        b = y.inside(BIG_OPERATOR - 1)
        return Piece(f"{a} {b}" if a[-1] == "}" or (b[0] != "\\" and not b[0].isalpha()) else f"{a}{b}", binding, "mul")
    b = y.text if y.binding == BIG_OPERATOR else factor(y, "mul")
    if left.type.ndim and right.type.ndim and not (is_stretched(left) or is_stretched(right)):
        return Piece(rf"{a} \odot {b}", binding, "mul")
    return Piece(side_by_side(a, b), binding, "mul")


def is_outer(left: Node, right: Node) -> bool:
    """Say whether a product is that of a column and a row, made from two vectors."""
    patterns = [getattr(each.op, "pattern", None) for each in (left, right)]
    return patterns == [(0, "x"), ("x", 0)]


def is_stretched(node: Node) -> bool:
    """Say whether all axes of a node have length 1 by type: in a product it acts as a number."""
    return all(node.type.broadcastable)


def factor(piece: Piece, same: str, first: bool = False) -> str:
    """Return a factor of a product; products of the same kind need no parentheses."""
    if piece.negative and not (first and piece.binding == PRODUCT):
        return piece.wrapped
    return piece.inside(PRODUCT - 1 if piece.kind == same else PRODUCT)


def side_by_side(a: str, b: str) -> str:
    """Return two factors without a sign between them, unless they would read as one."""
    if b[0].isdigit():
        return rf"{a} \cdot {b}"
    words = re.search(r"\\(mathit|text)\{[^{}]*\}$", a) or re.match(r"\\(mathit|text|operatorname)\b", b)
    return rf"{a} \, {b}" if words else f"{a} {b}"


def matrix_product(node: Node, x: Piece, y: Piece) -> Piece:
    """Write a dot between vectors and nothing between matrices."""
    left, right = node.inputs
    a, b = factor(times_ones(left, x), "dot", first=True), factor(times_ones(right, y), "none")
    if left.type.ndim == right.type.ndim == 1:
        return Piece(rf"{a} \cdot {b}", PRODUCT, "dot")
    return Piece(side_by_side(a, b), PRODUCT, "dot")


def times_ones(node: Node, piece: Piece) -> Piece:
    """Write an array that is one number everywhere as that number times ones: in a matrix product the number alone would not do."""
    filled = False
    while node.op is not None and node.op.name in ("cast", "fill") and not node.known_name:
        filled |= node.op.name == "fill"
        node = node.inputs[-1]
    if not filled or "mathbf" in piece.text or not is_stretched(node):
        return piece
    return Piece(side_by_side(piece.inside(PRODUCT - 1), r"\mathbf{1}"), PRODUCT + 1)  # numbers go anywhere in a product


def axes_reordered(node: Node, x: Piece) -> Piece:
    """Write a transposed matrix with a T; other orders as a function with the order below it."""
    pattern: Any = getattr(node.op, "pattern", ())
    if pattern == (1, 0):
        return Piece(rf"{x.inside(POWER)}^{{\top}}", POWER)
    order = ", ".join(r"\ast" if axis == "x" else str(axis) for axis in pattern)
    return Piece(rf"\operatorname{{transpose}}_{{{order}}}\left({x.text}\right)")


def filled(node: Node, shape: Piece, value: Piece) -> Piece | None:
    """Write an array of ones or zeros as a bold number."""
    return Piece(rf"\mathbf{{{value.text}}}") if value.text in ("0", "1") else None


def length(node: Node, x: Piece) -> Piece | None:
    """Write the length of a vector without the number of its only axis."""
    return Piece(rf"\operatorname{{length}}\left({x.text}\right)") if node.inputs[0].type.ndim == 1 else None


SENTENCES: dict[str, Callable[..., Piece | None]] = {
    "add": sum_of_two, "mul": product, "dot": matrix_product, "dim_shuffle": axes_reordered, "fill": filled,
    "axis_length": length,
}  # fmt: skip
