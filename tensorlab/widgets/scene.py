"""What a graph view draws: a place for each node, the way of each edge, and every formula that is written beside them.

Floor 6. Read `tracing.py` and `view/layout.py` first. Places and formulas depend on the graph alone, so they are found once; what depends
on the values is in `telling.py`. Everything is plain data that JSON can hold, and short, since each widget in a notebook is saved with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..graph.node import Constant, Node
from ..view.blocks import Block
from ..view.digits import described
from ..view.drawing import Arrow, Drawing, Shape
from ..view.escape import partial_derivative
from ..view.layout import Route, arrange
from ..view.mathml import mathml, tree_of
from ..view.naming import names_in
from ..view.pictures import fold
from ..view.shapes import block_shape, shape_of
from ..view.sizes import HEAD
from .labels import formulas_of
from .tracing import Trace
from .way_back import Edge

MOST = 300  # nodes: a network of 50 layers with its weights; its layers are folded, and its steps are some minutes
ROOM = "-0.0000e+00"  # the widest that a number of four digits gets: the layout keeps so much room, so that other values fit


def scene_of(run: Trace, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the drawing of a traced graph as data for the page.

    Returns:
        `width`, `height`; `places`, `types`: where nodes were made, and their types; `nodes`: per node its kind, label, name, place,
        formula, and where at the right what is written beside it ends; `edges`: per operand of each node the way, and what the local
        derivative is along it; `blocks`: what is repeated, see `blocks_of`. In a formula a number stands for the name of the node of that
        position, and -1 - n for the derivative of the cost by node n: most of a formula are names.

    A graph of more than `MOST` nodes is drawn by `overview.py`.
    """
    numbers = {node: position for position, node in enumerate(run.order)}
    formulas = formulas_of(run.order, names)
    shapes = [room_for(run, node, shape_of(node, str(position), called(run, node), node is run.cost, False))
              for node, position in numbers.items()]
    edges = [(node, slot) for node in run.order for slot in range(len(node.inputs))]
    drawing = Drawing(tuple(shapes), tuple(Arrow(str(numbers[node.inputs[slot]]), str(numbers[node]), slot) for node, slot in edges))
    layout = arrange(drawing)
    trees = {node: mathml(each) for node, each in formulas.items()}
    short = shortened(run, numbers, formulas)
    places: dict[str, int] = {}
    types: dict[str, int] = {}
    nodes = []
    for node, shape, place in zip(run.order, shapes, layout.places):
        nodes.append({
            "kind": shape.kind, "label": shape.label, "name": run.labels[node],
            "type": types.setdefault(described(node), len(types)),
            "x": round(place.x), "y": round(place.y), "w": round(place.width), "h": round(place.height),
            "end": round(place.box[2]),
            **({"sub": shape.type} if shape.kind in ("symbol", "shared") and shape.type else {}),
            **({"tree": trees[node]} if node in trees else {}),
            **({"formula": with_short(tree_of(node, formulas), short)} if node.op is not None else {}),
            **({"place": places.setdefault(shape.place, len(places))} if shape.place else {}),
            **({"cost": 1} if node is run.cost else {}), **({"wrt": 1} if node in run.wrt else {}),
        })  # fmt: skip
    drawn = []
    for (node, slot), route in zip(edges, layout.routes):
        ends = {"from": numbers[node.inputs[slot]], "to": numbers[node], "slot": slot}
        local = local_of(run, (node, slot), formulas)
        drawn.append({**ends, **way_of(route), **{key: with_short(each, short) for key, each in local.items()}})
    return {"width": round(layout.width), "height": round(layout.height), "nodes": nodes, "edges": drawn,
            "places": list(places), "types": list(types), "blocks": blocks_of(run, names)}


def again_in(scene: Mapping[str, Any]) -> set[int]:
    """Return the positions of the nodes of all copies of blocks but the first."""
    return {number for block in scene["blocks"] for copy in block["copies"][1:] for number in copy}


def blocks_of(run: Trace, names: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the repeated blocks of a graph that is too large for a page, as the static picture folds them.

    Returns:
        Per block its `name`, the `label` and the words below it (`sub`) of its shape, the shape's size `w` and `h`, and `copies`: the
        positions of the nodes of each.
    """
    numbers = {node: position for position, node in enumerate(run.order)}
    graph = fold(run.order, set(), names_in([run.cost], names), [run.cost], 0, None)
    found = []
    for block in dict.fromkeys(item for item in graph.items if isinstance(item, Block)):
        shape = block_shape(block, "", False)
        (place,) = arrange(Drawing((shape,), ())).places
        found.append({"name": block.name, "label": shape.label, "sub": shape.type, "w": round(place.width), "h": round(place.height),
                      "copies": [[numbers[node] for node in copy] for copy in block.copies]})
    return found


def shortened(run: Trace, numbers: Mapping[Node, int], formulas: Mapping[Node, str]) -> dict[str, int]:
    """Return what stands in formulas for the names of nodes and for the derivatives of the cost, by the tree that it replaces."""
    result = {json.dumps(mathml(formulas[node])): number for node, number in numbers.items() if node in formulas}
    for node in run.gradients:
        if node in formulas and run.cost in formulas:
            result[json.dumps(mathml(partial_derivative(formulas[run.cost], formulas[node])))] = -1 - numbers[node]
    return result


def with_short(part: Any, short: Mapping[str, int]) -> Any:
    """Return a formula with numbers for the parts that have one; anything else as it is.

    >>> with_short(["mrow", [["mi", "x"], ["mo", "+"], ["mn", "1"]]], {'["mi", "x"]': 3})
    ['mrow', [3, ['mo', '+'], ['mn', '1']]]
    """
    if not isinstance(part, list):
        return part
    found = short.get(json.dumps(part))
    if found is not None:
        return found
    tag, content, *rest = part
    return [tag, content if isinstance(content, str) else [with_short(each, short) for each in content], *rest]


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
    """Return the path of an edge as SVG writes it (its head reaches `HEAD` - 1 beyond), and the place for what is written beside it."""
    (x, y, slope), *rest = route.points
    tip = rest[-1]
    middle = route.points[len(route.points) // 2 - 1], route.points[len(route.points) // 2]
    rest[-1] = tip[0], tip[1] - (HEAD - 1), 0.0
    path = f"M{x:.0f} {y:.0f}"
    for right, down, lean in rest:
        half = (down - y) / 2
        if right == x and not half:
            continue
        if right == x and not (slope or lean):
            path, y = path + f"L{right:.0f} {down:.0f}", down
            continue
        path += f"C{x + slope * half:.0f} {y + half:.0f} {right - lean * half:.0f} {down - half:.0f} {right:.0f} {down:.0f}"
        x, y, slope = right, down, lean
    mean = [round(sum(point[axis] for point in middle) / 2) for axis in (0, 1)]
    return {"path": path, "mid": mean}


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
