"""Where each shape stands and how each arrow runs: a layered drawing, data from top to bottom.

Floor 4, between `drawing` (what) and `svg` (how it looks). The method is that of Sugiyama, Tagawa and Toda (1981), in
the order of the functions below: ranks by the longest path, a bend for each rank that an arrow passes, sweeps over
the ranks that untangle the arrows, sweeps that set the columns, and ports where arrows touch a shape. Arguments
enter an operation from left to right in the order of their slots, since `a - b` is not `b - a`.

There is no chance, no set order and no recursion in it: the same drawing gives the same numbers everywhere.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from .drawing import LONGEST, Arrow, Drawing, Shape, measure, order_of, shorten

NAME_SIZE, GLYPH_SIZE, WORD_SIZE, SMALL_SIZE = 17, 17, 15, 12  # 12 px is the least that reads well on a projector
LINE = 16  # from one line of small text to the next
MARGIN = 20
BETWEEN_SHAPES, BETWEEN_LINES = 30, 16
BETWEEN_RANKS, BETWEEN_LABELS = 44, 26
HEAD = 8  # length of an arrow head
BETWEEN_PORTS = 13  # two heads side by side stay apart
ROW = 1000  # separate graphs stand side by side up to this width, then start a new row


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


@dataclass(frozen=True)
class Route:
    """The way of one arrow, from its source to the tip of its head.

    Between two points with the same x it is straight, between others an S that leaves and arrives vertically.
    """

    points: tuple[tuple[float, float], ...]
    label: tuple[float, float] | None = None


@dataclass(frozen=True)
class Layout:
    """A place for each shape, a route for each arrow, and the size of the whole."""

    places: tuple[Place, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


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
        width, height = measure(label, SMALL_SIZE + 1) + 28, 26.0
    else:
        width, height = max(measure(label, WORD_SIZE) + 30, 52), 36.0
    rim = 4.0 * (shape.kind == "shared") + 4.0 * shape.output + {"": 0, "step": 5, "clash": 9}[shape.mark]
    lines = beside(shape)
    text = max((measure(line, WORD_SIZE if role == "name" else SMALL_SIZE, role in ("value", "gradient"))
                for role, line in lines), default=-7.0)
    return Place(0, 0, width, height, rim, width / 2 + rim, width / 2 + rim + 7 + text,
                 max(height / 2 + rim, LINE * len(lines) / 2))


@dataclass
class Web:
    """One connected graph while it is laid out. Its points are shapes first, then bends of long arrows and labels."""

    rank: list[int]
    left: list[float]
    right: list[float]
    half: list[float]
    shapes: int
    x: list[float] = field(default_factory=list)
    up: list[list[int]] = field(default_factory=list)  # points above, in the order of the slots
    down: list[list[int]] = field(default_factory=list)
    layers: list[list[int]] = field(default_factory=list)

    def add(self, rank: int, right: float = 2, half: float = 0) -> int:
        """A new point that is no shape."""
        for column, entry in ((self.left, 2.0), (self.right, right), (self.half, half)):
            column.append(entry)
        self.rank.append(rank)
        self.up.append([])
        self.down.append([])
        return len(self.rank) - 1

    def gap(self, first: int, second: int) -> float:
        """From one centre to the next in a layer."""
        space = BETWEEN_SHAPES if first < self.shapes and second < self.shapes else BETWEEN_LINES
        return self.right[first] + space + self.left[second]


def ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest path from the top; then what only feeds one later step moves down beside its first use."""
    rank = [0] * count
    order = order_of(count, edges)
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        above[target].append(source)
        below[source].append(target)
    private = [False] * count  # all that leads here leads nowhere else, so it can move along
    for number in order:
        rank[number] = max((rank[source] + 1 for source in above[number]), default=0)
        private[number] = all(private[source] and len(set(below[source])) == 1 for source in above[number])
    for number in reversed(order):
        if private[number] and below[number]:
            rank[number] = min(rank[target] for target in below[number]) - 1
    return rank


def untangle(web: Web) -> None:
    """Order each layer so that few arrows cross, by sweeps of the barycentre; the best order seen is kept.

    Two arguments in the wrong order count as a crossing too: their arrows cross just above the operation.
    """
    depth = max(web.rank) + 1
    web.layers = [[] for _ in range(depth)]
    seen = [False] * len(web.rank)
    for sink in range(len(web.rank)):  # a walk up from the results gives a tree its arguments in order at once
        stack = [sink] if not web.down[sink] else []
        while stack:
            point = stack.pop()
            if not seen[point]:
                seen[point] = True
                web.layers[web.rank[point]].append(point)
                stack.extend(reversed(web.up[point]))
    slots = [{source: (slot + 0.5) / len(above) - 0.5 for slot, source in enumerate(above)} for above in web.up]
    best, fewest, stale = [list(layer) for layer in web.layers], _crossings(web, slots), 0
    for sweep in range(max(4, min(24, 60_000 // len(web.rank)))):
        if not fewest or stale > 5:
            break
        upward = sweep % 2 == 0
        for layer in web.layers[-2::-1] if upward else web.layers[1:]:
            _sort_layer(web, layer, slots, upward, last=sweep % 4 > 1)
        crossings = _crossings(web, slots)
        stale += 1
        if crossings < fewest:
            best, fewest, stale = [list(layer) for layer in web.layers], crossings, 0
    web.layers = best


def _sort_layer(web: Web, layer: list[int], slots: list[dict[int, float]], upward: bool, last: bool) -> None:
    """Sort one layer by its neighbours; points without any keep their position. `last` turns ties round."""
    there = {point: place for place, point in enumerate(layer)}
    for neighbours in (web.down if upward else web.up)[layer[0]][:1]:
        del neighbours
    position: dict[int, int] = {}
    for other in web.layers[web.rank[layer[0]] + (1 if upward else -1)]:
        position[other] = len(position)
    centre: dict[int, float] = {}
    for point in layer:
        near = web.down[point] if upward else web.up[point]
        if near:
            shift = sum(slots[other][point] for other in near) / 2 if upward else 0.0
            centre[point] = (sum(position[other] for other in near) + shift) / len(near)
    turn = -1 if last else 1
    free = iter(sorted(centre, key=lambda point: (round(centre[point], 6), turn * there[point])))
    layer[:] = [next(free) if point in centre else point for point in layer]


def _crossings(web: Web, slots: list[dict[int, float]]) -> int:
    """How many pairs of arrows cross between neighbouring layers."""
    total = 0
    for upper, lower in zip(web.layers, web.layers[1:]):
        position = {point: place for place, point in enumerate(lower)}
        passed: list[float] = []
        for point in upper:
            ends = [position[target] + slots[target][point] / 2 for target in web.down[point]]
            total += sum(len(passed) - bisect_right(passed, end) for end in ends)
            for end in ends:
                insort(passed, end)
    return total
