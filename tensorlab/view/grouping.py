"""The soft ground under shapes that belong together: a box where nothing else stands in it, else islands of one name.

Floor 4, between `layout` and `svg`. The layout knows nothing of groups, so a stranger may stand among the members of one. A box around
them all would claim it, and a band from member to member would run across half the picture. So what stands together is one island, and what
stands apart is another with the same label, as two islands on a map belong to one country.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from .drawing import Drawing
from .layout import Layout, Route
from .sizes import LINE, SMALL_SIZE, measure

ROOM = 9  # from a member to the edge of the ground
APART = 90  # pixels between two members of a row, beyond which ground between them would be a band that says nothing
FEW = 12  # islands that are tried pair by pair: of more, no two that no arrow joins would be found beside each other


Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True)
class Outline:
    """The ground of one group: islands, each of boxes that make up one area; and where the label stands, once for each of them."""

    islands: tuple[tuple[Box, ...], ...]
    labels: tuple[tuple[float, float], ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """All boxes."""
        return tuple(box for island in self.islands for box in island)


def outlines(drawing: Drawing, layout: Layout) -> list[Outline]:
    """Return the ground of each group of a drawing."""
    number = {shape.key: position for position, shape in enumerate(drawing.shapes)}
    found: list[Outline] = []
    taken: list[tuple[set[str], Box]] = []
    for group in drawing.groups:
        members = [number[key] for key in group.keys]
        strangers = [layout.places[other].box for other in range(len(drawing.shapes)) if other not in set(members)]
        strangers += [box for keys, box in taken if not keys.issuperset(group.keys)]
        islands = ground(members, strangers, layout)
        parts = [(members, islands)] if islands else apart(members, strangers, drawing, layout)
        labels = [labelled(group.label, boxes, strangers, layout) for _, boxes in parts]
        islands_and_tabs = tuple((*boxes, *tab) for (_, boxes), (_, tab) in zip(parts, labels))
        found.append(Outline(islands_and_tabs, tuple(place for place, _ in labels)))
        taken += [(set(group.keys), box) for box in found[-1].boxes]
    return found


def ground(members: list[int], strangers: Sequence[Box], layout: Layout) -> list[Box]:
    """Return one area under some shapes that no stranger stands on, or nothing."""
    for boxes in ([around([layout.places[member].box for member in members], layout)], stairs(members, layout)):
        if boxes and not any(overlap(box, other) for box in boxes for other in strangers):
            return boxes
    return []


def apart(members: list[int], strangers: Sequence[Box], drawing: Drawing, layout: Layout) -> list[tuple[list[int], list[Box]]]:
    """Return the islands of a group: what arrows join is one where one area holds it, then what else one area holds."""
    island = {member: position for position, member in enumerate(members)}
    parts: dict[int, tuple[list[int], list[Box]]] = {}
    for member in members:
        box = layout.places[member].box
        parts[island[member]] = [member], ground([member], strangers, layout) or [box]  # bare where there is no room around it

    def join(one: int, two: int) -> None:
        together = sorted([*parts[one][0], *parts[two][0]])
        boxes = ground(together, strangers, layout)
        if boxes:
            parts[one] = together, boxes
            del parts[two]
            island.update(dict.fromkeys(together, one))

    for upper, lower in sorted(drawing.edges()):
        if upper in island and lower in island and island[upper] != island[lower]:
            join(island[upper], island[lower])
    if len(parts) <= FEW:
        for one, two in combinations(list(parts), 2):
            if one in parts and two in parts:
                join(one, two)
    return list(parts.values())


def labelled(label: str, boxes: Sequence[Box], strangers: Sequence[Box], layout: Layout) -> tuple[tuple[float, float], list[Box]]:
    """Return where the label of an island stands, and the ground under it, which says whose it is.

    It stands at the side of the first row where nothing is in the way, else on its upper edge.
    """
    left, top, right, bottom = boxes[0]
    width, middle = measure(label, SMALL_SIZE), (top + bottom) / 2
    for x in (right + 2, left - width - 2):
        for y in (top + LINE / 2 + 2, middle, bottom - LINE / 2 - 2):
            room = (x - 2, y - LINE / 2, x + width + 2, y + LINE / 2)
            tab = (x - 6, y - LINE / 2 - 2, x + width + 6, y + LINE / 2 + 2)
            on_paper = tab[0] >= 0 and tab[2] <= layout.width
            in_the_way = [place.box for place in layout.places] + list(strangers)
            if on_paper and not any(overlap(tab, box) for box in in_the_way) and not any(crossed(room, each) for each in layout.routes):
                return (x, y), [tab]
    return (left + ROOM, top), []


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
    """Return a box for each row of members, and what joins each row to the next.

    Nothing where two rows have no column in common, or two neighbours of a row stand far apart.
    """
    rows: dict[float, list[Box]] = {}
    for member in sorted(members, key=lambda each: layout.places[each].x):
        place = layout.places[member]
        rows.setdefault(place.y, []).append((place.x - place.left, place.y - place.half, place.x + place.right, place.y + place.half))
    if any(two[0] - one[2] > APART for row in rows.values() for one, two in pairwise(row)):
        return []
    boxes = [around(rows[y], layout) for y in sorted(rows)]
    joints = [(max(one[0], two[0]), one[3] - ROOM, min(one[2], two[2]), two[1] + ROOM) for one, two in pairwise(boxes)]
    return [*boxes, *joints] if all(left + 2 * ROOM <= right for left, _, right, _ in joints) else []


def overlap(one: Box, two: Box) -> bool:
    """Say whether two boxes share an area."""
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
