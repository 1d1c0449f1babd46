"""A drawing as one SVG text, the same bytes on every machine, without Graphviz.

Floor 4, after `layout`. What a shape or a dash means is told once, in the table of looks that lessons, widgets and
profiles share: inputs are blue and rounded, what is kept has a double border, operations are circles and pills,
gradients come back dashed. Colour never says anything alone.

Every string of the reader's own goes through `_safe` and stands as text between two tags, never in an attribute; the
only other things that vary are numbers. Arrow heads are drawn, not referred to by an id, so two pictures in one
page cannot take each other's heads, and there is no id at all for a name to imitate.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from math import cos, pi, sin

from .drawing import Arrow, Drawing, Shape, clean, shorten
from .grouping import Outline, outlines
from .layout import Route, arrange
from .paper import DARK, LIGHT, Palette
from .sizes import GLYPH_SIZE, HEAD, LINE, NAME_SIZE, SMALL_SIZE, STACK, WORD_SIZE, Place, beside, corner, percent, sag

# The picture brings its own sheet, light or dark as what shows it asks for (`paper.py`): it is legible on any page, and prints. A page that
# draws the SVG inline may set --tl-ink and --tl-paper (say, currentColor and none), and the picture follows its theme. Plain colours come
# first, for drawing programs that know neither variables nor schemes.
FORM = f"""
.tl-picture {{ max-width: 100%; height: auto; font-family: "DejaVu Sans", Verdana, "Segoe UI", Arial, sans-serif }}
.tl-picture text {{ text-anchor: middle }}
.tl-line {{ stroke-width: 1.5 }}
.tl-view .tl-line {{ stroke-dasharray: 4 3 }}
.tl-group {{ stroke-linejoin: round; opacity: 0.07 }}
.tl-ring {{ fill: none; stroke-width: 4 }}
.tl-zigzag {{ fill: none; stroke-width: 3; stroke-linejoin: round }}
.tl-flow {{ fill: none; stroke-width: 1.5 }}
.tl-back .tl-flow {{ stroke-dasharray: 5 4 }}
.tl-clash .tl-flow {{ stroke-width: 3 }}
.tl-picture .tl-name {{ font: italic {NAME_SIZE}px "STIX Two Text", Cambria, "Times New Roman", serif }}
.tl-picture .tl-glyph {{ font-size: {GLYPH_SIZE}px }}
.tl-picture .tl-word {{ font-size: {WORD_SIZE}px }}
.tl-picture .tl-small {{ font-size: {SMALL_SIZE}px }}
.tl-picture .tl-mono {{ font: {SMALL_SIZE}px "DejaVu Sans Mono", Menlo, Consolas, monospace }}
.tl-picture .tl-left {{ text-anchor: start }}
.tl-picture .tl-mono, .tl-over {{ paint-order: stroke; stroke-width: 3; stroke-linejoin: round }}
.tl-clash .tl-mono, .tl-picture .tl-alarm {{ font-weight: bold }}
"""


def colours(of: Palette) -> str:
    """Return the rules for the colours of a picture."""
    ink, paper = (f"{{0}}: {plain}; {{0}}: var(--tl-{name}, {plain})".format for name, plain in (("ink", of.ink), ("paper", of.paper)))
    return f"""
.tl-picture text {{ {ink("fill")} }}
.tl-paper, .tl-line {{ {paper("fill")} }}
.tl-line {{ {ink("stroke")} }}
.tl-symbol .tl-line {{ stroke: {of.blue} }}
.tl-shared .tl-line {{ stroke: {of.green} }}
.tl-constant .tl-line {{ stroke: {of.grey} }}
.tl-group {{ {ink("fill")}; {ink("stroke")} }}
.tl-tint {{ fill: {of.tint} }}
.tl-ring {{ stroke: {of.orange} }}
.tl-flow {{ stroke: {of.blue} }}
.tl-head {{ fill: {of.blue} }}
.tl-zigzag, .tl-back .tl-flow, .tl-clash .tl-flow {{ stroke: {of.vermilion} }}
.tl-back .tl-head, .tl-clash .tl-head {{ fill: {of.vermilion} }}
.tl-picture .tl-small, .tl-constant .tl-word {{ fill: {of.grey} }}
.tl-symbol .tl-name, .tl-picture .tl-mono {{ fill: {of.blue_text} }}
.tl-shared .tl-name {{ fill: {of.green_text} }}
.tl-picture .tl-mono, .tl-over {{ {paper("stroke")} }}
.tl-picture .tl-gradient, .tl-back .tl-mono, .tl-clash .tl-mono, .tl-picture .tl-alarm {{ fill: {of.vermilion_text} }}
"""


STYLE = f"{FORM}{colours(LIGHT)}@media (prefers-color-scheme: dark) {{{colours(DARK)}}}\n"

ROLES = {"clash": ("tl-small tl-alarm", SMALL_SIZE), "name": ("tl-name", NAME_SIZE),
         "value": ("tl-mono tl-value", SMALL_SIZE), "gradient": ("tl-mono tl-gradient", SMALL_SIZE), "share": ("tl-small", SMALL_SIZE)}
ROUND = 8  # the corners of the ground under a group
TINT = 0.75  # of the colour, for a share of everything: the ink on it keeps its contrast


def svg(drawing: Drawing, width: int | None = None) -> str:
    """The drawing as a standalone SVG; `width` scales it to so many pixels, else text has its natural size.

    >>> from tensorlab.view.drawing import Shape
    >>> svg(Drawing((Shape("n0", "symbol", "x"),), ())).count("<rect")  # the sheet, and the outline of x
    2
    """
    layout = arrange(drawing)
    across = layout.width if width is None else float(width)
    down = layout.height * across / layout.width
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tl-picture" role="img" '
        f'width="{_number(across)}" height="{_number(down)}" '
        f'viewBox="0 0 {_number(layout.width)} {_number(layout.height)}">',
        f"<title>{_safe(drawing.title or 'Computation graph')}</title>",
        f"<desc>{_safe(drawing.description)}</desc>" if drawing.description else "",
        f"<style>{STYLE}</style>",
        f'<rect class="tl-paper" width="{_number(layout.width)}" height="{_number(layout.height)}" rx="8"/>',
    ]
    for number, (group, shown) in enumerate(zip(drawing.groups, outlines(drawing, layout))):
        parts.append(f'<g class="tl-kernel" data-group="{number}">{_group(group.label, shown)}</g>')
    for number, (arrow, route) in enumerate(zip(drawing.arrows, layout.routes)):
        parts.append(f'<g class="tl-arrow tl-{arrow.kind}" data-arrow="{number}">{_arrow(arrow, route)}</g>')
    for number, (shape, place) in enumerate(zip(drawing.shapes, layout.places)):
        parts.append(f'<g class="tl-shape tl-{shape.kind}" data-shape="{number}">{_shape(shape, place)}</g>')
    return "\n".join(part for part in parts if part) + "\n</svg>\n"


def _safe(text: str) -> str:
    """Clean text with what XML reads as markup written as entities."""
    return escape(clean(text), quote=True)


def _number(number: float) -> str:
    """At most two decimals, and no trailing zeros, so that the same place gives the same bytes."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _text(text: str, role: str, size: int, x: float, y: float) -> str:
    """One line of text centred on a height; renderers disagree on `dominant-baseline`, so the base line is computed."""
    return f'<text class="{role}" x="{_number(x)}" y="{_number(y + 0.35 * size)}">{_safe(shorten(text))}</text>'


def _arrow(arrow: Arrow, route: Route) -> str:
    """A line through the points, its head, and its label beside it."""
    (x, y, slope), *rest = route.points
    tip, before = rest[-1], route.points[-2]
    way = 1 if tip[1] >= before[1] else -1
    rest[-1] = tip[0], tip[1] - way * (HEAD - 1), 0.0  # the line ends inside its head
    path = [f"M{_number(x)} {_number(y)}"]
    for right, down, lean in rest:
        if right == x and slope == lean == 0:
            path.append(f"V{_number(down)}")
        else:
            half = (down - y) / 2
            path.append("C" + " ".join(_number(number) for number in (
                x + slope * half, y + half, right - lean * half, down - half, right, down)))
        x, y, slope = right, down, lean
    base = _number(tip[1] - way * HEAD)
    head = f"M{_number(tip[0])} {_number(tip[1])}L{_number(tip[0] - 4)} {base}H{_number(tip[0] + 4)}Z"
    label = _text(arrow.label, "tl-mono tl-left", SMALL_SIZE, *route.label) if route.label else ""
    return f'<path class="tl-flow" d="{"".join(path)}"/><path class="tl-head" d="{head}"/>{label}'


def _group(label: str, shown: Outline) -> str:
    """The soft ground under the shapes of a group, and its label."""
    inner = [(_number(left + ROUND), _number(top + ROUND), _number(right - ROUND), _number(bottom - ROUND))
             for left, top, right, bottom in shown.boxes]
    way = "".join(f"M{left} {top}H{right}V{bottom}H{left}Z" for left, top, right, bottom in inner)
    ground = f'<path class="tl-group" d="{way}" stroke-width="{2 * ROUND}"/>'
    texts = [_text(label, "tl-small tl-left" + " tl-over" * (place[1] == island[0][1]), SMALL_SIZE, *place)
             for place, island in zip(shown.labels, shown.islands)]
    return ground + "".join(texts if label.strip() else [])


def _shape(shape: Shape, place: Place) -> str:
    """The tooltip, the outline with its rings, the label, and the lines at the right."""
    parts = [f"<title>{_safe(_tooltip(shape))}</title>"]
    doubled = 4 * ((shape.kind == "shared") + shape.output)
    if shape.kind == "block":  # a pile of cards
        parts += [_box(shape, replace(place, x=place.x + STACK * card, y=place.y + STACK * card), 0, "tl-line") for card in (2, 1)]
    for grow in range(doubled, -1, -4):
        if shape.kind != "constant" or shape.output:
            parts.append(_box(shape, place, grow, "tl-line"))
    if shape.share:
        tint = _box(shape, place, 0, "tl-tint").replace("/>", f' fill-opacity="{_number(TINT * shape.share)}"/>')
        parts.append(tint)
    if shape.mark == "step":
        parts.append(_box(shape, place, doubled + 4, "tl-ring"))
    elif shape.mark:
        parts.append(f'<path class="tl-zigzag" d="{_zigzag(shape, place, doubled + 5)}"/>')
    if shape.keeps_name_inside:
        raised = 8 if shape.type.strip() else 0
        parts.append(_text(shape.label, "tl-name", NAME_SIZE, place.x, place.y - raised))
        if raised:
            parts.append(_text(shape.type, "tl-small", SMALL_SIZE, place.x, place.y + 11))
    elif shape.kind == "elementwise":
        parts.append(_text(shape.label, "tl-glyph", GLYPH_SIZE, place.x, place.y))
    else:
        parts.append(_text(shape.label, "tl-word", WORD_SIZE, place.x, place.y))
    lines = beside(shape)
    for number, (role, line) in enumerate(lines):
        name, size = ROLES[role]
        y = place.y + LINE * (number - (len(lines) - 1) / 2)
        parts.append(_text(line, name + " tl-left", size, place.x + place.left + sag(shape) + 7, y))
    return "".join(parts)


def _box(shape: Shape, place: Place, grow: float, role: str) -> str:
    """The outline as a rectangle: with corners as round as it is high it is a circle or a pill."""
    width, height = place.width + 2 * grow, place.height + 2 * grow
    return (f'<rect class="{role}" x="{_number(place.x - width / 2)}" y="{_number(place.y - height / 2)}" '
            f'width="{_number(width)}" height="{_number(height)}" rx="{_number(corner(shape) + grow)}"/>')


def _zigzag(shape: Shape, place: Place, grow: float) -> str:
    """A saw-toothed ring along the outline, so that a clash is seen without colour."""
    radius = corner(shape) + grow
    across, down = place.width / 2 + grow - radius, place.height / 2 + grow - radius
    points: list[tuple[float, float, float]] = []  # along the ring: x, y and the direction outward
    for quarter, (cx, cy) in enumerate([(across, -down), (across, down), (-across, down), (-across, -down)]):
        arc = max(2, round(radius * pi / 2 / 6))
        for step in range(arc):
            turn = (quarter - 1 + step / arc) * pi / 2
            points.append((cx + radius * cos(turn), cy + radius * sin(turn), turn))
        side = round((2 * down if quarter % 2 == 0 else 2 * across) / 6)
        turn = quarter * pi / 2
        x, y = cx + radius * cos(turn), cy + radius * sin(turn)
        for step in range(side):
            points.append((x - 6 * step * sin(turn), y + 6 * step * cos(turn), turn))
    if len(points) % 2:
        points.pop()
    teeth = [(place.x + x + 3 * (-1) ** number * cos(turn), place.y + y + 3 * (-1) ** number * sin(turn))
             for number, (x, y, turn) in enumerate(points)]
    return "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in teeth) + "Z"


def _tooltip(shape: Shape) -> str:
    """All that is known of a shape, with long names in full."""
    name = "" if shape.keeps_name_inside else shape.name
    facts = [f"{name} = {shape.label}" if name else shape.label, shape.type, shape.place,
             f"value {shape.value}" if shape.value else "", f"gradient {shape.gradient}" if shape.gradient else "",
             f"{percent(shape.share)} of the whole" if shape.share is not None else "", "output" if shape.output else "", shape.alarm]
    return ", ".join(fact for fact in facts if fact)
