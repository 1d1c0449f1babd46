"""Which shape stands for which node: its kind, the sign in it, and what is written beside it and on its arrows.

Floor 4, before `pictures.py`. Inputs are boxes with their names, elementwise ops circles with the sign a mathematician would write,
everything else pills with a word; a block that is repeated is a pile of cards.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.node import Constant, Node
from ..graph.wording import template_parts
from ..ops.families import Elementwise, Reduction, View
from ..state import SharedVariable
from .blocks import Block
from .digits import array, described
from .drawing import Shape

MOST_SIGNS = 4  # of the operations in a block that its card names


def shape_of(node: Node, key: str, name: str, output: bool, given: bool) -> Shape:
    """Return the shape that stands for a node."""
    place = f"made at {node.place}" if node.place is not None else ""
    if isinstance(node, SharedVariable):
        return Shape(key, "shared", name or "shared", type=described(node), place=place, output=output)
    if isinstance(node, Constant):
        return Shape(key, "constant", array(node.value), name, place="", output=output)
    if node.op is None or given:
        return Shape(key, "symbol", name or node.type.pattern, type=described(node), place=place, output=output)
    return Shape(key, family(node), sign(node), name, described(node), place, output=output)


def family(node: Node) -> str:
    """Return which kind of shape an operation has."""
    for card, kind in ((Elementwise, "elementwise"), (Reduction, "reduction"), (View, "view")):
        if isinstance(node.op, card):
            return kind
    return "library"


def sign(node: Node) -> str:
    """Return what is written in the shape of an operation."""
    op = node.op
    assert op is not None
    pattern = getattr(op, "pattern", None)
    if op.name == "dim_shuffle" and isinstance(pattern, tuple):
        return "T" if pattern == (1, 0) else f"axes {', '.join(map(str, pattern))}" if pattern else "axes"
    if isinstance(op, View) and op.python.startswith("{x}["):
        return "".join(each if isinstance(each, str) else "·" * bool(each) for each in template_parts(op.python))
    glyph = op.glyph or op.infix or op.name.replace("_", " ")
    axis = getattr(op, "axis", None)
    if isinstance(op, Reduction) and isinstance(axis, tuple) and not op.over_all(node.inputs[0].type.ndim):
        return f"{glyph} axis {', '.join(map(str, axis))}"
    return glyph


def block_shape(block: Block, key: str, output: bool) -> Shape:
    """Return the pile of cards that stands for a repeated block."""
    inside = [node for node in block.copies[0] if node.op is not None]
    signs = list(dict.fromkeys(sign(node) for node in inside))
    below = ", ".join(signs[:MOST_SIGNS]) + ", …" * (len(signs) > MOST_SIGNS) if signs else described(block.copies[0][0])
    first = block.copies[0][-1].place
    place = f"made at {first}" if first is not None else ""
    return Shape(key, "block", f"{block.name} ×{block.count}", type=below, place=place, output=output)


def flow(node: Node) -> str:
    """Return what is written beside the arrows from a node: the shape of what flows, where that is news.

    Nothing for a scalar, nothing below a box that says it, nothing where elementwise work lets a shape go on as it came.
    """
    if node.type.ndim == 0 or node.op is None:
        return ""
    shape = shape_words(node)
    same = isinstance(node.op, Elementwise) and any(shape_words(each) == shape for each in node.inputs if not isinstance(each, Constant))
    return "" if same else shape


def shape_words(node: Node) -> str:
    """Return the shape of a node in a word or two: vector, 2×1000."""
    return described(node).partition(" ")[2]


def value_text(value: Any) -> str:
    """Return a value as it stands beside an arrow: three significant digits, a small vector whole, else its lengths and its extremes.

    >>> value_text(0.73106), value_text([1, -1.0]), value_text(np.linspace(-1, 1, 6).reshape(2, 3)), value_text(12345.0)
    ('0.731', '[1, -1]', '2×3: -1 … 1', '1.23e+04')
    """
    whole = np.asarray(value)
    if whole.ndim == 0:
        return short(whole.item())
    if whole.ndim == 1 and whole.size <= 3:
        return f"[{', '.join(short(each.item()) for each in whole)}]"
    lengths = "×".join(map(str, whole.shape))
    if not whole.size:
        return lengths
    low, high = (short(extreme.item()) for extreme in (whole.min(), whole.max()))
    return f"{lengths}: {low}" + f" … {high}" * (low != high)


def short(value: Any) -> str:
    """Return a number with three significant digits."""
    return str(value) if isinstance(value, bool) else f"{value:.3g}"
