"""A picture of a graph as plain data: what is drawn, and which arrows join it.

Floor 4, the neutral middle of the pictures. Whoever knows nodes, values and gradients fills a `Drawing`; `layout`
finds a place for each shape, and `svg`, `dot` and `words` write the drawing down. Nothing here knows a graph node,
so a stage of the compiler, a profile or a lesson can be drawn by the same four files. Read this one first.

The second half of the file says how much room each shape takes, and makes strings fit to be shown: they come from the
reader's own program, so every writer passes them through `clean` before it escapes them in its own manner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

KINDS = ("symbol", "shared", "constant", "elementwise", "reduction", "library", "view")
MARKS = ("", "step", "clash")
FLOWS = ("forward", "back", "clash")

# Okabe and Ito's palette: the colours stay apart for the common kinds of colour blindness.
BLUE, GREEN, VERMILION, ORANGE = "#0072B2", "#009E73", "#D55E00", "#E69F00"
INK, GREY, PAPER = "#222222", "#666666", "#FFFFFF"

# 12 px is the least that reads well on a projector.
NAME_SIZE, GLYPH_SIZE, WORD_SIZE, SMALL_SIZE = 17, 17, 15, 12
LINE = 16  # from one line of small text to the next
HEAD = 8  # length of an arrow head
LONGEST = 24  # characters; a longer label would push its neighbours out of a 600 px column


@dataclass(frozen=True)
class Shape:
    """One thing drawn: an input, a number, or an operation."""

    key: str
    kind: str
    label: str
    name: str = ""
    type: str = ""
    place: str = ""
    value: str = ""
    gradient: str = ""
    output: bool = False
    mark: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"shape {self.key!r} has kind {self.kind!r}; a kind is one of {', '.join(KINDS)}")
        if self.mark not in MARKS:
            raise ValueError(f"shape {self.key!r} has mark {self.mark!r}; a mark is 'step', 'clash' or ''")

    @property
    def keeps_name_inside(self) -> bool:
        """Whether the label is already the reader's own name for this thing."""
        return self.kind in ("symbol", "shared")


@dataclass(frozen=True)
class Arrow:
    """What flows from one shape to another.

    `slot` is the position among the arguments of the operation. A "back" arrow runs from a result to its argument and
    carries the slot of the forward arrow that it answers.
    """

    source: str
    target: str
    slot: int = 0
    label: str = ""
    kind: str = "forward"

    def __post_init__(self) -> None:
        if self.kind not in FLOWS:
            raise ValueError(f"arrow {self.source!r} to {self.target!r} has kind {self.kind!r}; "
                             f"a kind is one of {', '.join(FLOWS)}")
        if self.slot < 0:
            raise ValueError(f"arrow {self.source!r} to {self.target!r} has slot {self.slot}; slots count from 0")


@dataclass(frozen=True)
class Drawing:
    """Shapes in the order in which they are read, and the arrows between them; without circles."""

    shapes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    title: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        numbers = {shape.key: number for number, shape in enumerate(self.shapes)}
        if len(numbers) < len(self.shapes):
            keys = [shape.key for shape in self.shapes]
            twice = next(key for number, key in enumerate(keys) if key in keys[:number])
            raise ValueError(f"two shapes have the key {twice!r}; a key belongs to one shape")
        for arrow in self.arrows:
            for key in (arrow.source, arrow.target):
                if key not in numbers:
                    raise ValueError(f"an arrow runs from {arrow.source!r} to {arrow.target!r}, "
                                     f"but no shape has the key {key!r}")
        below = order_of(len(self.shapes), self.edges())
        if len(below) < len(self.shapes):
            stuck = next(shape.key for number, shape in enumerate(self.shapes) if number not in set(below))
            raise ValueError(f"the arrows run in a circle at or above {stuck!r}; a drawing goes one way. "
                             "An arrow of kind 'back' runs from a result to its argument")

    def edges(self) -> list[tuple[int, int]]:
        """For each arrow the positions of its upper and its lower shape; a back arrow starts at the lower one."""
        numbers = {shape.key: number for number, shape in enumerate(self.shapes)}
        ends = ((numbers[arrow.source], numbers[arrow.target], arrow.kind == "back") for arrow in self.arrows)
        return [(target, source) if back else (source, target) for source, target, back in ends]


def order_of(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Numbers 0 … count - 1 with sources before targets (Kahn, 1962); numbers on a circle are left out."""
    waiting = [0] * count
    targets: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        waiting[target] += 1
        targets[source].append(target)
    order = [number for number in range(count) if not waiting[number]]
    for number in order:  # grows while it is read
        for target in targets[number]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    return order


def clean(text: str) -> str:
    """The text on one line, without what XML forbids and without marks that reorder its neighbours on the screen.

    Written out by code point instead of asking `unicodedata`, whose answers change with the version of Python.
    """
    kept = []
    for letter in text:
        point = ord(letter)
        if letter in "\t\n\r\v\f\u0085\u2028\u2029":
            kept.append(" ")
        elif point < 0x20 or 0x7F <= point < 0xA0 or 0xD800 <= point < 0xE000 or point & 0xFFFE == 0xFFFE:
            kept.append("\ufffd")
        elif letter not in "\u061c\u200b\u200e\u200f\u2060\ufeff" and not (
            0x202A <= point <= 0x202E or 0x2066 <= point <= 0x2069
        ):
            kept.append(letter)
    return "".join(kept)


def shorten(text: str, longest: int = LONGEST) -> str:
    """The clean text, cut with an ellipsis if it is too long to stand in a picture."""
    text = clean(text).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


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
    """The lines of text at the right of a shape, each with its role: clash, name, value or gradient."""
    name = "" if shape.keeps_name_inside else shape.name
    lines = [("clash", "clash" if shape.mark == "clash" else ""), ("name", name),
             ("value", "= " + shape.value if shape.value else ""),
             ("gradient", "∂ " + shape.gradient if shape.gradient else "")]
    return [(role, shorten(text)) for role, text in lines if text.strip()]


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
    rim = 4.0 * (shape.kind == "shared") + 4.0 * shape.output + {"": 0, "step": 5, "clash": 9}[shape.mark]
    lines = beside(shape)
    text = max((measure(line, WORD_SIZE if role == "name" else SMALL_SIZE, role in ("value", "gradient"))
                for role, line in lines), default=-7.0)
    return Place(0, 0, width, height, rim, width / 2 + rim, width / 2 + rim + 7 + text,
                 max(height / 2 + rim, LINE * len(lines) / 2))


def corner(shape: Shape) -> float:
    """The radius of the outline's corners; a circle and a pill are all corner."""
    return 8.0 if shape.keeps_name_inside or shape.kind == "constant" else outline(shape).height / 2
