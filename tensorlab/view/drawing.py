"""A picture of a graph as plain data: what is drawn, and which arrows join it.

Floor 4, the neutral middle of the pictures. Whoever knows nodes, values and gradients fills a `Drawing`; `layout`
finds a place for each shape, and `svg`, `dot` and `words` write the drawing down. Nothing here knows a graph node,
so a stage of the compiler, a profile or a lesson can be drawn by the same four files. Read this one first.

The end of the file makes strings fit to be shown: they come from the reader's own program, so every writer passes them through
`clean` before it escapes them in its own manner. How much room each shape takes is in `sizes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

KINDS = ("symbol", "shared", "constant", "elementwise", "reduction", "library", "view", "block")
MARKS = {"": "", "step": "", "clash": "clash", "nan": "nan first here", "rank": "not a single number"}
"""What can be said of one shape before all others, and the word that is written beside it; a step has a ring and no word."""
FLOWS = ("forward", "back", "clash")

# Okabe and Ito's palette: the colours stay apart for the common kinds of colour blindness.
BLUE, GREEN, VERMILION, ORANGE = "#0072B2", "#009E73", "#D55E00", "#E69F00"
INK, GREY, PAPER = "#222222", "#666666", "#FFFFFF"

LONGEST = 24  # characters; a longer label would push its neighbours out of a 600 px column


@dataclass(frozen=True)
class Shape:
    """One thing drawn: an input, a number, an operation, or a block of operations that is repeated.

    `share` is the part of the whole (of the time, of the memory) that this shape takes, from 0 to 1; it is drawn as a tint. `on_arrows`
    says which of "value" and "gradient" stand on its arrows already, so that only words and tooltips repeat them.
    """

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
    share: float | None = None
    on_arrows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"shape {self.key!r} has kind {self.kind!r}; a kind is one of {', '.join(KINDS)}")
        if self.mark not in MARKS:
            raise ValueError(f"shape {self.key!r} has mark {self.mark!r}; a mark is {', '.join(map(repr, MARKS))}")
        if self.share is not None and not 0 <= self.share <= 1:
            raise ValueError(f"shape {self.key!r} has share {self.share}; a share is between 0 and 1")

    @property
    def keeps_name_inside(self) -> bool:
        """Whether the label is already the reader's own name for this thing."""
        return self.kind in ("symbol", "shared", "block")

    @property
    def alarm(self) -> str:
        """The word for a mark that tells of a mistake."""
        return MARKS[self.mark]


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
class Group:
    """Shapes that belong together, by their keys: what one kernel computes, or the inside of a block that is repeated."""

    label: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Drawing:
    """Shapes in the order in which they are read, the arrows between them, without circles, and groups of shapes.

    Two groups share no shape, or one lies inside of the other and comes after it.
    """

    shapes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    title: str = ""
    description: str = ""
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        numbers = {shape.key: number for number, shape in enumerate(self.shapes)}
        for position, group in enumerate(self.groups):
            missing = [key for key in group.keys if key not in numbers]
            if missing:
                raise ValueError(f"the group {group.label!r} contains {missing[0]!r}, but no shape has that key")
            for other in self.groups[:position]:
                if set(group.keys) & set(other.keys) and not set(group.keys) < set(other.keys):
                    raise ValueError(f"the groups {other.label!r} and {group.label!r} cross; the second of two lies inside or outside")
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
