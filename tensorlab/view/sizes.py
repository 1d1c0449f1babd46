"""How much room each shape of a drawing takes, and the text beside it.

Floor 4, after `drawing.py`: `layout` keeps these rooms apart, `svg` draws into them.
"""

from __future__ import annotations

from dataclasses import dataclass

from .drawing import Shape, shorten

# 12 px is the least that reads well on a projector.
NAME_SIZE, GLYPH_SIZE, WORD_SIZE, SMALL_SIZE = 17, 17, 15, 12
LINE = 16  # from one line of small text to the next
HEAD = 8  # length of an arrow head
STACK = 4  # from one card to the next in the pile that stands for a repeated block

# Advance widths in hundredths of the type size, rounded up from DejaVu Sans, the widest of the usual sans-serifs:
# a reader's browser picks another face, and room to spare looks better than letters across a border.
WIDTHS = {
    **dict.fromkeys("ijl'|Ι", 30), **dict.fromkeys("ft.,:;!() []/\\Ir-", 42), **dict.fromkeys("ckszvxyJ\"*?°", 58),
    **dict.fromkeys("mw%@WMΣ∑Π∏", 98), **dict.fromkeys("+−×÷=<>≤≥≠±~^#√∂&", 84),
}


def measure(text: str, size: float, mono: bool = False) -> float:
    """A generous width in pixels of one line of text at a type size."""
    hundredths = 0
    for letter in text:
        point = ord(letter)
        if 0x300 <= point < 0x370:  # an accent stands on the letter before it
            continue
        if point >= 0x1100 and not 0x2000 <= point < 0x2C00:  # East Asian letters and pictures are about square
            hundredths += 110
        elif mono:
            hundredths += 62
        else:
            hundredths += WIDTHS.get(letter, 72 if "A" <= letter <= "Z" or point > 0x7F else 65)
    return hundredths * size / 100


@dataclass(frozen=True)
class Place:
    """The centre and size of a shape's outline, and the room it needs with its rings and the text at its right."""

    x: float
    y: float
    width: float
    height: float
    rim: float
    left: float
    right: float
    half: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all that belongs to the shape; no two boxes overlap."""
        return self.x - self.left, self.y - self.half, self.x + self.right, self.y + self.half


def beside(shape: Shape) -> list[tuple[str, str]]:
    """The lines of text at the right of a shape, each with its role: clash, name, value, gradient or share."""
    name = "" if shape.keeps_name_inside else shape.name
    lines = [("clash", shape.alarm), ("name", name),
             ("value", "= " + shape.value if shape.value else ""),
             ("gradient", "∂ " + shape.gradient if shape.gradient else ""),
             ("share", percent(shape.share) if shape.share is not None else "")]
    return [(role, shorten(text)) for role, text in lines if text.strip() and role not in shape.on_arrows]


def outline(shape: Shape) -> Place:
    """The shape's size, still at the origin."""
    label = shorten(shape.label)
    if shape.keeps_name_inside:
        below = shorten(shape.type)
        width = max(measure(label, NAME_SIZE), measure(below, SMALL_SIZE), 20) + 24
        height = 46.0 if below else 34.0
    elif shape.kind == "constant":
        width, height = measure(label, WORD_SIZE) + 10, 24.0
    elif shape.kind == "elementwise":
        width = height = max(38.0, 2 * round(measure(label, GLYPH_SIZE) / 2 + 7))
    elif shape.kind == "view":
        width, height = measure(label, WORD_SIZE) + 22, 26.0
    else:
        width, height = max(measure(label, WORD_SIZE) + 30, 52), 36.0
    rim = 4.0 * (shape.kind == "shared") + 4.0 * shape.output
    rim += 9 if shape.alarm else 5 if shape.mark else 0
    lines = beside(shape)
    text = max((measure(line, WORD_SIZE if role == "name" else SMALL_SIZE, role in ("value", "gradient"))
                for role, line in lines), default=-7.0)
    return Place(0, 0, width, height, rim, width / 2 + rim, width / 2 + rim + sag(shape) + 7 + text,
                 max(height / 2 + rim + sag(shape), LINE * len(lines) / 2))


def sag(shape: Shape) -> float:
    """How far the pile of a block reaches below and to the right of its first card."""
    return 2.0 * STACK if shape.kind == "block" else 0.0


def corner(shape: Shape) -> float:
    """The radius of the outline's corners; a circle and a pill are all corner."""
    return 8.0 if shape.keeps_name_inside or shape.kind == "constant" else outline(shape).height / 2


def percent(share: float) -> str:
    """Return a share as it is written.

    >>> percent(0.384), percent(0.004), percent(0), percent(1)
    ('38%', '<1%', '0%', '100%')
    """
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"
