"""The parts of a formula: a text, and how tightly it holds together; and the constants, which need nothing else.

Floor 4. Read this before `sentences.py` and `latex.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.node import Constant, Node
from ..graph.op import ATOM
from .digits import number

SUM, NEGATIVE, BIG_OPERATOR, PRODUCT, FRACTION, POWER = 10, 15, 18, 20, 25, 30
"""How tightly things hold together, on the scale of `Op.binding`."""
SMALL = 4  # a constant array with more elements along an axis is shown by its shape


@dataclass(frozen=True)
class Piece:
    """A part of a formula, and how tightly it holds together."""

    text: str
    binding: int = ATOM
    kind: str = ""
    """The op that is written last: "mul" for a product, "truth" for a comparison that is written out, and so on where it matters."""

    def inside(self, binding: int) -> str:
        """The text, in parentheses unless it holds together more tightly than what it is put into."""
        return self.text if self.binding > binding else self.wrapped

    @property
    def wrapped(self) -> str:
        """The text in parentheses."""
        return rf"\left({self.text}\right)"

    @property
    def as_number(self) -> Piece:
        """What counts as 1 where it is true and as 0 elsewhere, in the brackets that Iverson gave it: [x > 0]."""
        return Piece(rf"\left[{self.text}\right]") if self.kind == "truth" else self

    @property
    def negative(self) -> bool:
        """Whether it starts with a minus sign."""
        return self.text.startswith("-")


CUT = Piece(r"\cdots")
"""Stands for what is not written out."""


def called_by(name: str) -> Piece:
    """Return a name; one that has a number above it or consists of several words needs parentheses under an exponent."""
    return Piece(name, POWER if name.endswith(")}") or r"\text" in name else ATOM)


def is_number(node: Node) -> bool:
    """Say whether a node is a constant number (or stretches like one): those are written out even if they have a name."""
    return isinstance(node, Constant) and node.value.size == 1


def constant(value: Any) -> Piece:
    """Return a constant: a number, a short vector, a small matrix, or what it consists of."""
    if value.size == 1:
        return figure(value.item())
    if value.size > 1 and (value == value.flat[0]).all():
        return Piece(rf"\mathbf{{{number(value.flat[0].item())}}}") if number(value.flat[0].item()) in ("0", "1") else shaped(value)
    if value.ndim == 1 and value.size <= SMALL:
        return Piece(rf"\left[{', '.join(figure(each.item()).text for each in value)}\right]")
    if value.ndim == 2 and value.size > 0 and max(value.shape) <= SMALL:
        rows = (" & ".join(figure(each.item()).text for each in row) for row in value)
        return Piece(r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}")
    return shaped(value)


def shaped(value: np.ndarray[Any, Any]) -> Piece:
    """Return a constant array by its shape."""
    return Piece(r"\text{array}_{" + r" \times ".join(map(str, value.shape)) + "}")


def figure(value: Any) -> Piece:
    r"""Return a number.

    >>> print(figure(0.5).text, figure(-3).text, figure(1.5e-7).text, figure(float("inf")).text)
    0.5 -3 1.5 \cdot 10^{-7} {\infty}
    """
    text = number(value)
    sign, plain = ("-", text[1:]) if text.startswith("-") else ("", text)
    binding = NEGATIVE if sign else ATOM
    if plain in ("nan", "True", "False"):
        return Piece(rf"\text{{{plain}}}")
    if plain == "inf":
        return Piece(sign + r"{\infty}", binding)  # the braces keep a letter behind it from joining the command
    digits, power, exponent = plain.partition("e")
    if power:
        scale = f"10^{{{int(exponent)}}}"
        return Piece(sign + (scale if digits == "1" else rf"{digits} \cdot {scale}"), min(binding, POWER if digits == "1" else PRODUCT))
    return Piece(text, binding)
