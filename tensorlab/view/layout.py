"""Where each shape stands and how each arrow runs: a layered drawing, data from top to bottom.

Floor 4, between `drawing` (what) and `svg` (how it looks). The method is that of Sugiyama, Tagawa and Toda (1981), in
the order of the functions below: ranks by the longest path, a bend for each rank that an arrow passes, sweeps over
the ranks that untangle the arrows, sweeps that set the columns, and ports where arrows touch a shape. Arguments
enter an operation from left to right in the order of their slots, since `a - b` is not `b - a`. What one shape sends
far down runs in one line as long as it can: it is one value.

There is no chance, no set order and no recursion in it: the same drawing gives the same numbers everywhere.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, sqrt

from .drawing import Drawing, Shape, order_of, shorten
from .sizes import HEAD, LINE, SMALL_SIZE, Place, corner, measure, outline, sag

MARGIN = 16
BETWEEN_SHAPES, BETWEEN_LINES = 22, 12
TIGHT = 16, 8  # the same two where a drawing would else be wider than a page
MOST_TWICE = 120  # shapes that are laid out a second time: what has more is no page in any case, and takes its time
PAGE = 700  # pixels: the column of a notebook in a window of 800
BETWEEN_RANKS, BETWEEN_LABELS = 30, 20
BETWEEN_PORTS = 13  # two heads side by side stay apart
BESIDE, SLANT = 8, 0.5  # from an arrow to its label, and how far right per pixel down the arrow may lean there
NEAR = 120  # an arrow that goes less far sideways may start to bend beside the text of its own rank
LONE, NUMBER = 1e-4, 1e-6  # how firmly an argument used once, and a number, keep their columns; others have 1
ROW = 640  # separate graphs stand side by side up to this width, then start a new row; so do the inputs of one rank
TOIL = 60_000  # points moved before the sweeps stop; a graph of 300 shapes then takes well under a second


@dataclass(frozen=True)
class Route:
    """The way of one arrow, from its source to the tip of its head.

    A point is x, y and a slope: how far right the line goes there for each pixel down. Most slopes are 0.
    """

    points: tuple[tuple[float, float, float], ...]
    label: tuple[float, float] | None = None


@dataclass(frozen=True)
class Layout:
    """A place for each shape, a route for each arrow, and the size of the whole."""

    places: tuple[Place, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


class Web:
    """One connected part while it is laid out. Its points are shapes first, then the bends of long arrows."""

    def __init__(self, gaps: tuple[int, int] = (BETWEEN_SHAPES, BETWEEN_LINES)) -> None:
        self.gaps = gaps
        self.shapes = 0  # how many of the points are shapes
        self.labelled = False
        self.rank: list[int] = []
        self.left: list[float] = []
        self.right: list[float] = []
        self.half: list[float] = []
        self.up: list[list[int]] = []  # the points above, in the order of the slots
        self.down: list[list[int]] = []
        self.layers: list[list[int]] = []
        self.weight: list[float] = []  # how firmly a point keeps its column
        self.passes: list[bool] = []  # bends and views are as light as what they pass on
        self.x: list[float] = []

    def add(self, rank: int, left: float = 2.0, right: float = 2.0, half: float = 0.0, weight: float = 1.0,
            passes: bool = True) -> int:
        """A new point, with the room it needs around its centre."""
        self.rank.append(rank)
        self.left.append(left)
        self.right.append(right)
        self.half.append(half)
        self.weight.append(weight)
        self.passes.append(passes)
        self.up.append([])
        self.down.append([])
        return len(self.rank) - 1


def ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest path from the top; then a step moves down beside its first use if that lengthens no other arrow."""
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
        held = [source for source in set(above[number]) if not private[source] or len(set(below[source])) > 1]
        if below[number] and len(held) <= len(set(below[number])):
            rank[number] = min(rank[target] for target in below[number]) - 1
    return rank


def stagger(rank: Sequence[int], edges: Sequence[tuple[int, int]], sizes: Sequence[Place]) -> list[int]:
    """Spread the inputs of a rank that is too wide for a page over several ranks, neighbours on different ones; all below moves down."""
    has_source = {target for _, target in edges}
    rows: dict[int, list[int]] = {}
    for number, depth in enumerate(rank):
        rows.setdefault(depth, []).append(number)
    result, moved = list(rank), 0
    for depth in sorted(rows):
        inputs = [number for number in rows[depth] if number not in has_source]
        wide = sum(sizes[number].left + sizes[number].right + BETWEEN_SHAPES for number in rows[depth])
        own = sum(sizes[number].left + sizes[number].right + BETWEEN_SHAPES for number in inputs)
        room = max(ROW / 2, ROW - (wide - own))
        more = 0 if wide <= ROW or len(inputs) < 3 else min(ceil(own / room), len(inputs)) - 1
        moved += more
        for number in rows[depth]:
            result[number] = depth + moved
        for place, number in enumerate(inputs):
            result[number] -= place % (more + 1)
    return result


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
    for sweep in range(max(4, min(24, TOIL // len(web.rank)))):
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
    for upper, lower in pairwise(web.layers):
        position = {point: place for place, point in enumerate(lower)}
        passed: list[float] = []
        for point in upper:
            ends = [position[target] + slots[target][point] / 2 for target in web.down[point]]
            total += sum(len(passed) - bisect_right(passed, end) for end in ends)
            for end in ends:
                insort(passed, end)
    return total


def columns(web: Web) -> None:
    """Choose every x: layer by layer, down and up in turn, each point goes as near to its neighbours as it can.

    A lone argument is light: it stands beside the path, so that `1 / (1 + exp(-z))` stays one straight line.
    """
    count = len(web.rank)
    for point in sorted(range(count), key=lambda point: web.rank[point]):
        if web.up[point]:
            web.weight[point] = max(web.weight[other] for other in web.up[point]) if web.passes[point] else 1.0
        elif len(set(web.down[point])) > 1 and web.weight[point] > NUMBER:
            web.weight[point] = 1.0
    heavy = []  # of the points above only the heaviest are followed
    for above in web.up:
        most = max((web.weight[other] for other in above), default=0.0)
        heavy.append([other for other in above if web.weight[other] == most])
    # Bends outweigh shapes, which keeps long arrows straight.
    firm = [weight * (4 if point >= web.shapes else 2) for point, weight in enumerate(web.weight)]
    held = [weight * (1e6 if weight == 1 else 1) for weight in web.weight]
    still = [[] if weight == 1 else below for weight, below in zip(web.weight, web.down)]
    web.x = [0.0] * count
    for _ in range(max(1, min(16, 2 * TOIL // count))):
        for layer in web.layers:
            _settle(web, layer, heavy, firm)
        for layer in reversed(web.layers):
            _settle(web, layer, web.down, firm)
    for layer in web.layers:
        _settle(web, layer, heavy, firm)
    for layer in reversed(web.layers):  # at last the light points follow, and move nothing else
        _settle(web, layer, still, held)


def _settle(web: Web, layer: list[int], near: list[list[int]], firm: list[float]) -> None:
    """Move one layer to the means of its neighbours, as far as its order and its gaps allow."""
    x, offset, before = web.x, 0.0, -1
    offsets, wishes = [], []
    for point in layer:
        if before >= 0:
            offset += web.right[before] + web.left[point]
            offset += web.gaps[0] if before < web.shapes and point < web.shapes else web.gaps[1]
        heard = near[point]
        wish = sum([x[other] for other in heard]) / len(heard) if heard else x[point]
        offsets.append(offset)
        wishes.append(wish - offset)
        before = point
    for point, offset, found in zip(layer, offsets, in_order(wishes, [firm[point] for point in layer])):
        x[point] = found + offset


def in_order(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising numbers nearest to the wishes in weighted squares (pool adjacent violators, Ayer et al. 1955)."""
    pools: list[tuple[float, float, int]] = []
    for wish, weight in zip(wishes, weights):
        size = 1
        while pools and pools[-1][0] > wish:
            other, heavy, more = pools.pop()
            wish = (wish * weight + other * heavy) / (weight + heavy)
            weight, size = weight + heavy, size + more
        pools.append((wish, weight, size))
    return [wish for wish, _, size in pools for _ in range(size)]


def _ports(wishes: Sequence[float], room: float, apart: float) -> list[float]:
    """Where arrows touch a shape: in their order, near to their wishes, and not on top of each other."""
    last = len(wishes) - 1
    limit = min(room, BETWEEN_PORTS * last + 1)  # a few arrows stay near the middle
    step = min(apart, 2 * limit / last) if last > 0 else 0.0
    near = in_order([wish - place * step for place, wish in enumerate(wishes)], [1.0] * len(wishes))
    return [min(max(x, -limit), limit - last * step) + place * step for place, x in enumerate(near)]


def _reach(shape: Shape, place: Place, x: float) -> float:
    """How far from the middle line the outermost ring lies at a port."""
    radius = corner(shape) + place.rim
    over = max(0.0, abs(x - place.x) - (place.width / 2 + place.rim - radius))
    return place.height / 2 + place.rim - radius + sqrt(max(0.0, radius**2 - over**2))


def arrange(drawing: Drawing) -> Layout:
    """Lay out a whole drawing; graphs that do not touch stand side by side. What would be wider than a page is drawn closer together."""
    found = laid_out(drawing, (BETWEEN_SHAPES, BETWEEN_LINES))
    return found if found.width <= PAGE or len(drawing.shapes) > MOST_TWICE else laid_out(drawing, TIGHT)


def laid_out(drawing: Drawing, gaps: tuple[int, int]) -> Layout:
    """Lay out a whole drawing with some room between its shapes and lines."""
    edges = drawing.edges()
    sizes = [outline(shape) for shape in drawing.shapes]
    rank = stagger(ranks(len(drawing.shapes), edges), edges, sizes)
    places: dict[int, Place] = {}
    routes: dict[int, Route] = {}
    left = top = low = wide = 0.0
    for members in _parts(len(drawing.shapes), edges):
        web, chains = _weave(drawing, members, edges, rank, sizes, gaps)
        untangle(web)
        columns(web)
        start = min(at - room for at, room in zip(web.x, web.left))
        width = max(at + room for at, room in zip(web.x, web.right)) - start
        if left and left + width > ROW:
            left, top = 0.0, low + BETWEEN_RANKS
        web.x = [round(round(at - start, 1)) + left + MARGIN for at in web.x]
        heights = _heights(web, top + MARGIN)
        for point, number in enumerate(members):
            y = sum(heights[web.rank[point]]) / 2
            places[number] = replace(sizes[number], x=web.x[point], y=y)
        routes |= _route(drawing, web, members, chains, places, heights)
        low, wide = max(low, heights[-1][1] - MARGIN), max(wide, left + ceil(width))
        left += ceil(width) + 2 * BETWEEN_SHAPES
    return Layout(tuple(places[number] for number in range(len(sizes))),
                  tuple(routes[number] for number in range(len(edges))), wide + 2 * MARGIN, low + 2 * MARGIN)


def _parts(count: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The connected parts, each as a rising list of shape numbers."""
    near: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        near[source].append(target)
        near[target].append(source)
    seen = [False] * count
    parts = []
    for first in range(count):
        part = [] if seen[first] else [first]
        seen[first] = True
        for number in part:  # grows while it is read
            part.extend(dict.fromkeys(other for other in near[number] if not seen[other]))
            for other in near[number]:
                seen[other] = True
        if part:
            parts.append(sorted(part))
    return parts


def _weave(drawing: Drawing, members: list[int], edges: Sequence[tuple[int, int]], rank: list[int],
           sizes: list[Place], gaps: tuple[int, int]) -> tuple[Web, dict[int, list[int]]]:
    """One connected part with a bend in each rank that an arrow passes, and the points of each arrow."""
    step = 2 if any(arrow.label for arrow in drawing.arrows) else 1  # labels get ranks of their own
    first = min(rank[number] for number in members)
    local = {number: point for point, number in enumerate(members)}
    web = Web(gaps)
    web.labelled = step == 2
    for number in members:
        web.add((rank[number] - first) * step, sizes[number].left, sizes[number].right, sizes[number].half,
                NUMBER if drawing.shapes[number].kind == "constant" else LONE, drawing.shapes[number].kind == "view")
    web.shapes = len(members)
    arrows = sorted((number for number, ends in enumerate(edges) if ends[0] in local),
                    key=lambda number: (drawing.arrows[number].slot, drawing.arrows[number].kind == "back"))
    chains = {}
    trunks: dict[tuple[int, bool, int], int] = {}  # what a shape sends far runs in one line, as the same value does
    for number in arrows:
        source, target = (local[end] for end in edges[number])
        label = shorten(drawing.arrows[number].label)
        chain = [source]
        for between in range(web.rank[source] + 1, web.rank[target]):
            trunk = source, drawing.arrows[number].kind == "back", between
            if label and between == web.rank[target] - 1:
                chain.append(web.add(between, right=BESIDE + 2 + measure(label, SMALL_SIZE, mono=True), half=LINE / 2))
            else:
                if trunk not in trunks:
                    trunks[trunk] = web.add(between)
                chain.append(trunks[trunk])
        chains[number] = [*chain, target]
        for upper, lower in pairwise(chains[number]):
            if lower < web.shapes or not web.up[lower]:
                web.down[upper].append(lower)
                web.up[lower].append(upper)
    return web, chains


def _heights(web: Web, top: float) -> list[tuple[float, float]]:
    """The top and the bottom of each rank; arrows that go far sideways get more height to do it in."""
    between = BETWEEN_LABELS if web.labelled else BETWEEN_RANKS
    heights = []
    for depth, layer in enumerate(web.layers):
        if depth:
            reach = max(abs(web.x[point] - web.x[other]) for point in layer for other in web.up[point] or [point])
            top += between + min(BETWEEN_RANKS, reach // 8)
        bottom = top + 2 * ceil(max(web.half[point] for point in layer))
        heights.append((top, bottom))
        top = bottom
    return heights


def _route(drawing: Drawing, web: Web, members: list[int], chains: dict[int, list[int]], places: dict[int, Place],
           heights: list[tuple[float, float]]) -> dict[int, Route]:
    """The way of each arrow of one part. Inside a rank arrows run straight down, so they keep off its texts."""
    leave, enter = _touch(drawing, web, members, chains, places)
    routes = {}
    for number, chain in chains.items():
        back = drawing.arrows[number].kind == "back"
        ends = [(drawing.shapes[members[point]], places[members[point]]) for point in (chain[0], chain[-1])]
        across = [leave[number], *(web.x[bend] for bend in chain[1:-1]), enter[number]]
        points = [(across[0], ends[0][1].y + _reach(*ends[0], across[0]) + sag(ends[0][0]), 0.0)]
        if abs(across[1] - across[0]) > NEAR:
            points.append((across[0], heights[web.rank[chain[0]]][1] + HEAD * back, 0.0))
        for before, x, after, bend in zip(across, across[1:], across[2:], chain[1:]):
            top, bottom = heights[web.rank[bend]]
            if bottom - top <= LINE:  # a rank of labels; an arrow that goes on to one side passes on a slant
                lean = (after - before) / 100 if before < x < after or before > x > after else 0.0
                points.append((x, (top + bottom) / 2, max(-SLANT, min(SLANT, lean))))
            else:
                points += [(x, top, 0.0), (x, bottom, 0.0)]
        if abs(across[-1] - across[-2]) > NEAR:
            points.append((across[-1], heights[web.rank[chain[-1]]][0] - HEAD * (not back), 0.0))
        points.append((across[-1], ends[1][1].y - _reach(*ends[1], across[-1]), 0.0))
        points = [point for number, point in enumerate(points)  # in the midst of a straight line a point says nothing
                  if not 0 < number < len(points) - 1 or point[2] or points[number - 1][::2] != point[::2]
                  or points[number + 1][::2] != point[::2]]
        way = tuple((round(x, 2), round(y, 2), round(slope, 2)) for x, y, slope in points)
        label = (web.x[chain[-2]] + BESIDE, sum(heights[web.rank[chain[-2]]]) / 2) if len(chain) > 2 else None
        routes[number] = Route(way[::-1] if back else way, label if shorten(drawing.arrows[number].label) else None)
    return routes


def _touch(drawing: Drawing, web: Web, members: list[int], chains: dict[int, list[int]],
           places: dict[int, Place]) -> tuple[dict[int, float], dict[int, float]]:
    """The x at which each arrow leaves its upper shape and enters its lower one."""
    leave: dict[int, float] = {}
    enter: dict[int, float] = {}
    going: list[list[int]] = [[] for _ in members]
    coming: list[list[int]] = [[] for _ in members]
    for number, chain in chains.items():
        going[chain[0]].append(number)
        coming[chain[-1]].append(number)
    room = [places[number].width / 2 - 0.3 * corner(drawing.shapes[number]) for number in members]
    for point, numbers in enumerate(coming):
        wish = {number: web.x[chains[number][-2]] - web.x[point] for number in numbers}
        # By slot; what goes back runs outside of what comes forward, where two curves keep their distance.
        order = sorted(numbers, key=lambda number: (drawing.arrows[number].slot, wish[number], (
            drawing.arrows[number].kind == "back") == (wish[number] >= 0)))
        for number, dx in zip(order, _ports([wish[number] for number in order], room[point], BETWEEN_PORTS)):
            enter[number] = web.x[point] + dx
    for point, numbers in enumerate(going):
        # Arrows that share their first bend share a port.
        first = {number: chains[number][1] if len(chains[number]) > 2 else -1 - number for number in numbers}
        wish = {first[number]: (enter[number] if first[number] < 0 else web.x[first[number]]) - web.x[point]
                for number in numbers}
        order = sorted(wish, key=lambda key: wish[key])
        port = dict(zip(order, _ports([wish[key] for key in order], room[point], HEAD)))
        leave |= {number: web.x[point] + port[first[number]] for number in numbers}
    return leave, enter
