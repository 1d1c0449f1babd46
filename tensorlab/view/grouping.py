"""The soft ground under shapes that belong together: a box where nothing else stands in it, else bands that join them.

Floor 4, between `layout` and `svg`. The layout knows nothing of groups, so a stranger may stand among the members of one. A box around
them all would claim it; then the ground is a broad band along the arrows between members (the idea of Collins, Penn and Carpendale's
bubble sets, 2009, in its simplest form).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from .drawing import Drawing
from .layout import Layout, Route
from .sizes import LINE, SMALL_SIZE, measure

ROOM = 9  # from a member to the edge of the ground
BREADTH = 34  # of a band: a shape's circle is 38, so the band reads as one ground under both


Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True)
class Outline:
    """The ground of one group: `boxes` that make up one area, or straight `strokes` of some `breadth`; and where its label stands."""

    boxes: tuple[Box, ...]
    strokes: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    breadth: float
    label: tuple[float, float]


def outlines(drawing: Drawing, layout: Layout) -> list[Outline]:
    """Return the ground of each group of a drawing."""
    number = {shape.key: position for position, shape in enumerate(drawing.shapes)}
    found: list[Outline] = []
    taken: list[tuple[set[str], Box]] = []
    for group in drawing.groups:
        members = [number[key] for key in group.keys]
        strangers = [layout.places[other].box for other in range(len(drawing.shapes)) if other not in set(members)]
        strangers += [box for keys, box in taken if not keys.issuperset(group.keys)]
        for boxes in ([around([layout.places[member].box for member in members], layout)], stairs(members, layout)):
            if boxes and not any(overlap(box, other) for box in boxes for other in strangers):
                taken += [(set(group.keys), box) for box in boxes]
                found.append(Outline(tuple(boxes), (), 0, label_place(group.label, boxes, layout)))
                break
        else:
            found.append(banded(drawing, layout, members))
    return found


def label_place(label: str, boxes: list[Box], layout: Layout) -> tuple[float, float]:
    """Return where the label of a group stands: at the side of its first row where nothing is in the way, else on its upper edge."""
    left, top, right, bottom = boxes[0]
    width, middle = measure(label, SMALL_SIZE), (top + bottom) / 2
    inside = max(right, boxes[0][0]) - width - ROOM
    for x in (right + ROOM / 2, left - width - ROOM / 2, inside):
        for y in (top + LINE / 2, middle, bottom - LINE / 2):
            room = (x - 2, y - LINE / 2, x + width + 2, y + LINE / 2)
            on_paper = room[0] >= 0 and room[2] <= layout.width
            in_the_way = any(overlap(room, place.box) for place in layout.places) or any(crossed(room, each) for each in layout.routes)
            if on_paper and not in_the_way:
                return x, y
    return left + ROOM, top


def crossed(room: Box, route: Route) -> bool:
    """Say whether an arrow or its label comes into a room; the line is taken as straight from point to point."""
    for (x, y, _), (right, down, _) in pairwise(route.points):
        steps = int(max(abs(right - x), abs(down - y)) // 6) + 1
        for step in range(steps + 1):
            here = x + (right - x) * step / steps, y + (down - y) * step / steps
            if room[0] - 4 <= here[0] <= room[2] + 4 and room[1] <= here[1] <= room[3]:
                return True
    return route.label is not None and room[0] - 40 <= route.label[0] <= room[2] and room[1] <= route.label[1] <= room[3]


def around(boxes: list[Box], layout: Layout) -> Box:
    """Return the box around others, with some room."""
    left, top = min(box[0] for box in boxes) - ROOM, min(box[1] for box in boxes) - ROOM
    right, bottom = max(box[2] for box in boxes) + ROOM, max(box[3] for box in boxes) + ROOM
    return max(left, 2.0), max(top, 2.0), min(right, layout.width - 2), min(bottom, layout.height - 2)


def stairs(members: list[int], layout: Layout) -> list[Box]:
    """Return a box for each row of members, and what joins each row to the next; nothing where two rows have no column in common."""
    rows: dict[float, list[Box]] = {}
    for member in members:
        place = layout.places[member]
        rows.setdefault(place.y, []).append((place.x - place.left, place.y - place.half, place.x + place.right, place.y + place.half))
    boxes = [around(rows[y], layout) for y in sorted(rows)]
    joints = [(max(one[0], two[0]), one[3] - ROOM, min(one[2], two[2]), two[1] + ROOM) for one, two in pairwise(boxes)]
    return [*boxes, *joints] if all(left + 2 * ROOM <= right for left, _, right, _ in joints) else []


def banded(drawing: Drawing, layout: Layout, members: list[int]) -> Outline:
    """Return bands along the arrows between members; a member that touches no other gets a band of its own width."""
    inside = set(members)
    strokes = []
    for route, (upper, lower) in zip(layout.routes, drawing.edges()):
        if upper in inside and lower in inside:
            points = [(layout.places[upper].x, layout.places[upper].y), *((x, y) for x, y, _ in route.points),
                      (layout.places[lower].x, layout.places[lower].y)]
            strokes += list(pairwise(points))
    for member in members:
        place = layout.places[member]
        half = max(0.1, place.width / 2 + ROOM - BREADTH / 2)
        strokes.append(((place.x - half, place.y), (place.x + half, place.y)))
    first = layout.places[members[0]] if members else None
    label = (first.x + first.width / 2 + ROOM, first.y - first.height / 2 - 2) if first else (0.0, 0.0)
    return Outline((), tuple(strokes), BREADTH + 2.0 * ROOM, label)


def overlap(one: Box, two: Box) -> bool:
    """Say whether two boxes share an area."""
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
