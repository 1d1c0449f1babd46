"""A graph that is too large to be stepped through, as a graph view shows it: what is repeated is one shape, and no step is taken.

Floor 6. Read `scene.py` first, which draws graphs of up to `MOST` nodes, with values, formulas and steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..graph.node import Constant, Node
from ..view.blocks import Block
from ..view.digits import described
from ..view.drawing import Arrow, Drawing
from ..view.layout import Route, arrange
from ..view.naming import names_in
from ..view.pictures import fold
from ..view.shapes import block_shape, shape_of
from ..view.sizes import STACK
from .base import WidgetError
from .scene import MOST, way_of
from .tracing import Trace


def overview_of(run: Trace, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the folded drawing of a graph as data for the page, in the form of `scene_of`.

    Raises:
        WidgetError: even folded it has more than `MOST` shapes.
    """
    known = names_in([run.cost], names)
    graph = fold(run.order, set(), known, [run.cost], 0, None)
    if len(graph.items) > MOST:
        found = f"its graph has {len(run.order)} nodes, {len(graph.items)} shapes even when what is repeated is folded, and {MOST} fit"
        advice = "tl.view.show(cost), which draws what is nearest to the cost, or a smaller network of the same kind"
        raise WidgetError(f"the graph of {run.labels[run.cost]}", found, advice)
    numbers = {item: position for position, item in enumerate(graph.items)}
    end = graph.stands_for[run.cost]
    shapes = [block_shape(item, str(position), item is end) if isinstance(item, Block)
              else shape_of(item, str(position), "" if isinstance(item, Constant) else run.labels[item], item is end, False)
              for item, position in numbers.items()]
    edges = [(source, item, slot) for item in graph.items for source, slot in graph.reads[item]]
    arrows = tuple(Arrow(str(numbers[source]), str(numbers[item]), slot) for source, item, slot in edges)
    layout = arrange(Drawing(tuple(shapes), arrows))
    places: dict[str, int] = {}
    types: dict[str, int] = {}
    nodes = []
    for item, shape, place in zip(graph.items, shapes, layout.places):
        last = item.copies[-1][-1] if isinstance(item, Block) else item
        assert isinstance(last, Node)
        nodes.append({
            # for the page a block is a pill: nothing in it can be opened here
            "kind": "library" if isinstance(item, Block) else shape.kind, "label": shape.label,
            "name": f"{item.name}, {item.count} times" if isinstance(item, Block) else run.labels[item],
            "type": types.setdefault(described(last), len(types)),
            "x": round(place.x), "y": round(place.y), "w": round(place.width), "h": round(place.height), "end": round(place.box[2]),
            **({"sub": shape.type} if shape.type and (isinstance(item, Block) or shape.kind in ("symbol", "shared")) else {}),
            **({"place": places.setdefault(shape.place, len(places))} if shape.place else {}),
            **({"cost": 1} if item is end else {}),
        })  # fmt: skip
    ways = [from_pill(route) if isinstance(source, Block) else route for (source, _, _), route in zip(edges, layout.routes)]
    drawn = [{"from": numbers[source], "to": numbers[item], "slot": slot, **way_of(way)} for (source, item, slot), way in zip(edges, ways)]
    return {"width": round(layout.width), "height": round(layout.height), "nodes": nodes, "edges": drawn,
            "places": list(places), "types": list(types), "blocks": []}


def from_pill(route: Route) -> Route:
    """Return a route that begins at a pill, where the layout has kept room for a pile of cards."""
    (x, y, slope), *rest = route.points
    return replace(route, points=((x, y - 2 * STACK, slope), *rest))


def told_of(run: Trace, scene: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `told` returns, for an overview: no value, and one step, which says why there is no other."""
    said = (f"{len(run.order)} nodes are too many to step through, {MOST} at most: what is repeated is folded to one shape. A smaller "
            "network of the same kind has all steps.")
    none, between = [None] * len(scene["nodes"]), [None] * len(scene["edges"])
    return {"values": none, "gradients": none, "contributions": between, "locals": between, "steps": [{"way": "start", "say": said}]}
