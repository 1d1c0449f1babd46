"""A picture as plain data: what a widget, a test or another program can read. Everything in it is text, numbers, lists and dicts.

Floor 4, beside `svg`. Layout included: whoever draws it again needs no layout of their own, and finds each shape where the picture has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..graph.node import Node
from .drawing import Drawing, Shape, clean
from .grouping import outlines
from .latex import formula, wording
from .layout import arrange
from .words import alternative, words

VERSION = 1
"""Goes up when a reader of older data could not read the new."""


def as_data(drawing: Drawing, nodes: Mapping[str, Node]) -> dict[str, Any]:
    """Return a drawing as data.

    Args:
        drawing: what is drawn.
        nodes: the node that each shape stands for, by its key; a shape without one has no formula.

    Returns:
        "version", "title", "alt", "text", "size" (width, height), "shapes", "arrows", "groups". A shape has the fields of `Shape`, "op",
        "latex", "box" (left, top, right, bottom) and "at" (the centre, width and height of its outline); an arrow the fields of `Arrow`,
        "points" (x, y, slope) and "label_at"; a group its label, the keys of its shapes and its "boxes".

    >>> from tensorlab.view.drawing import Shape
    >>> data = as_data(Drawing((Shape("n0", "symbol", "x"),), ()), {})
    >>> data["shapes"][0]["label"], data["text"], data["arrows"]
    ('x', 'x   (input)', [])
    """
    layout = arrange(drawing)
    names = wording(list(nodes.values()))
    shapes = []
    for shape, place in zip(drawing.shapes, layout.places):
        node = nodes.get(shape.key)
        shapes.append({
            **cleaned(shape),
            "op": node.op.name if node is not None and node.op is not None else "",
            "latex": formula(node, names).text if node is not None else "",
            "box": [round(edge, 2) for edge in place.box],
            "at": [round(number, 2) for number in (place.x, place.y, place.width, place.height)],
        })
    arrows = [
        {**asdict(arrow), "label": clean(arrow.label), "points": [list(point) for point in route.points],
         "label_at": list(route.label) if route.label else None}
        for arrow, route in zip(drawing.arrows, layout.routes)
    ]  # fmt: skip
    groups = [{"label": clean(group.label), "keys": list(group.keys), "boxes": [list(box) for box in ground.boxes]}
              for group, ground in zip(drawing.groups, outlines(drawing, layout))]
    return {
        "version": VERSION, "title": clean(drawing.title), "alt": alternative(drawing), "text": words(drawing),
        "size": [layout.width, layout.height], "shapes": shapes, "arrows": arrows, "groups": groups,
    }  # fmt: skip


def cleaned(shape: Shape) -> dict[str, Any]:
    """Return the fields of a shape, its texts on one line and without letters that reorder their neighbours."""
    return {key: clean(value) if isinstance(value, str) else value for key, value in asdict(shape).items()}
