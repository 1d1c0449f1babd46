"""What a graph view draws: a place for each node, the way of each edge, and every formula that is written beside them.

Floor 6. Read `tracing.py` and `view/layout.py` first. Places and formulas depend on the graph alone, so they are found once; what depends
on the values is in `telling.py`. Everything is plain data that JSON can hold, and short, since each widget in a notebook is saved with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..graph.node import Constant, Node
from ..view.digits import described
from ..view.drawing import Arrow, Drawing, Shape
from ..view.escape import partial_derivative
from ..view.layout import Route, arrange
from ..view.mathml import mathml, tree_of
from ..view.shapes import shape_of
from ..view.sizes import HEAD
from .base import WidgetError
from .labels import formulas_of
from .tracing import Edge, Trace

MOST = 150  # nodes: about two minutes of steps, and more than anybody follows
ROOM = "-0.0000e+00"  # the widest that a number of four digits gets: the layout keeps so much room, so that other values fit


def scene_of(run: Trace, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the drawing of a traced graph as data for the page.

    Returns:
        `width`, `height`; `nodes`: per node its kind, label, name, place and formula; `edges`: per operand of each node the way, and
        what the local derivative is along it.

    Raises:
        WidgetError: the graph has more than `MOST` nodes.
    """
    if len(run.order) > MOST:
        found = f"its graph has {len(run.order)} nodes, and {MOST} are the most that one can step through"
        advice = "tl.view.show(cost) for the picture alone, or a smaller network of the same kind"
        raise WidgetError(f"the steps of {run.labels[run.cost]}", found, advice)
    numbers = {node: position for position, node in enumerate(run.order)}
    formulas = formulas_of(run.order, names)
    shapes = [room_for(run, node, shape_of(node, str(position), called(run, node), node is run.cost, False))
              for node, position in numbers.items()]
    edges = [(node, slot) for node in run.order for slot in range(len(node.inputs))]
    drawing = Drawing(tuple(shapes), tuple(Arrow(str(numbers[node.inputs[slot]]), str(numbers[node]), slot) for node, slot in edges))
    layout = arrange(drawing)
    nodes = []
    for node, shape, place in zip(run.order, shapes, layout.places):
        nodes.append({
            "kind": shape.kind, "label": shape.label, "name": run.labels[node], "type": described(node),
            "x": round(place.x), "y": round(place.y), "w": round(place.width), "h": round(place.height),
            "box": [round(each) for each in place.box],
            **({"sub": shape.type} if shape.kind in ("symbol", "shared") and shape.type else {}),
            **({"tree": mathml(formulas[node])} if node in formulas else {}),
            **({"formula": tree_of(node, formulas)} if node.op is not None else {}),
            **({"place": shape.place} if shape.place else {}),
            **({"cost": 1} if node is run.cost else {}), **({"wrt": 1} if node in run.wrt else {}),
        })  # fmt: skip
    drawn = []
    for (node, slot), route in zip(edges, layout.routes):
        ends = {"from": numbers[node.inputs[slot]], "to": numbers[node], "slot": slot}
        drawn.append({**ends, **way_of(route), **local_of(run, (node, slot), formulas)})
    return {"width": round(layout.width), "height": round(layout.height), "nodes": nodes, "edges": drawn}


def called(run: Trace, node: Node) -> str:
    """Return the name that stands beside a shape, or in it."""
    return "" if isinstance(node, Constant) else run.labels[node]


def room_for(run: Trace, node: Node, shape: Shape) -> Shape:
    """Return a shape that keeps room for its value and its gradient."""
    if isinstance(node, Constant):
        return shape
    wide = "0" * 22 if node.type.ndim else ROOM
    return replace(shape, value=wide, gradient=wide if node in run.gradients else "")


def way_of(route: Route) -> dict[str, Any]:
    """Return the path of an edge as SVG writes it, the tip of its head, and the place for what is written beside it."""
    (x, y, slope), *rest = route.points
    tip = rest[-1]
    middle = route.points[len(route.points) // 2 - 1], route.points[len(route.points) // 2]
    rest[-1] = tip[0], tip[1] - (HEAD - 1), 0.0
    path = f"M{x:.0f} {y:.0f}"
    for right, down, lean in rest:
        half = (down - y) / 2
        path += f"C{x + slope * half:.0f} {y + half:.0f} {right - lean * half:.0f} {down - half:.0f} {right:.0f} {down:.0f}"
        x, y, slope = right, down, lean
    mean = [round(sum(point[axis] for point in middle) / 2) for axis in (0, 1)]
    return {"path": path, "tip": [round(tip[0]), round(tip[1])], "mid": mean}


def local_of(run: Trace, edge: Edge, formulas: dict[Node, str]) -> dict[str, Any]:
    """Return the local derivative along an edge as a formula, or the rule by which something is sent back along it."""
    if edge not in run.locals:
        return {}
    local = run.locals[edge]
    names = {stand_in: formulas[node] for stand_in, node in local.names.items()}
    if local.expression is not None:
        return {"back": 1, "local": tree_of(local.expression, names)}
    if local.sent is None or local.arrived is None:
        return {"back": 1}
    arrived = partial_derivative(formulas[run.cost], formulas[edge[0]])
    return {"back": 1, "rule": tree_of(local.sent, {**names, local.arrived: arrived})}
