"""From a graph to a drawing of it: which shape stands for which node, what it is called, and what flows along each arrow.

Floor 4. Read `drawing.py` and `naming.py` first. The shapes follow one table: inputs are boxes with their names, elementwise ops
circles with the sign a mathematician would write, everything else pills with a word. An arrow says what flows along it only
where that is not a scalar.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from ..graph.errors import PictureError
from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from ..graph.wording import a_kind, template_parts
from ..ops.families import Elementwise, Reduction, View
from ..state import SharedVariable
from .digits import array, described
from .drawing import Arrow, Drawing, Shape
from .naming import names_in

MOST = 150  # shapes; a picture with more is a wall of paper that nobody reads, and takes seconds to lay out
STAGES = ("written", "interned", "rewritten")


def picture(what: Any, names: Mapping[str, Any] | None = None, stage: str = "rewritten", title: str = "") -> Drawing:
    """Return the drawing of a graph.

    Args:
        what: an expression, a list or dict of them, or a compiled function.
        names: variables of the reader, for nodes that know no name of their own.
        stage: which graph of a compiled function: "written", "interned" or "rewritten".
        title: what the picture is called; nothing by default.

    Raises:
        PictureError: there is no graph in it, or no such stage.

    >>> x = T.scalar("x")
    >>> drawing = picture(x ** 2)
    >>> [(shape.kind, shape.label) for shape in drawing.shapes]
    [('symbol', 'x'), ('constant', '2'), ('elementwise', '^')]
    """
    outputs, given, own_names = graph_of(what, stage)
    known = names_in(outputs, names)
    known.update({node: name for node, name in own_names.items() if not node.name})
    order, left_out = nearest(outputs, given)
    results = set(outputs)
    scalars = all(node.type.ndim == 0 for node in order)
    keys = {node: f"n{position}" for position, node in enumerate(order)}
    shapes = [shape_of(node, keys[node], known.get(node, ""), node in results, node in given) for node in order]
    arrows = []
    for node in order:
        for slot, each in enumerate(() if node in given else node.inputs):
            if each in keys:
                arrows.append(Arrow(keys[each], keys[node], slot, "" if scalars else flow(each)))
            elif each in left_out:
                arrows.append(Arrow("rest", keys[node], slot))
    if left_out:
        shapes.insert(0, Shape("rest", "library", f"… {len(left_out)} more"))
    return Drawing(tuple(shapes), tuple(arrows), title)


def graph_of(what: Any, stage: str) -> tuple[list[Node], set[Node], dict[Node, str]]:
    """Return the outputs of a graph, the nodes at which it begins though they may be expressions, and names given from outside."""
    if isinstance(what, Node):
        return [what], set(), {}
    stages = getattr(what, "stages", None)
    if stages is not None:
        if stage not in STAGES:
            raise PictureError(f"the stage {stage!r} of a function", f"the stages are {', '.join(STAGES)}", f"stage={STAGES[-1]!r}")
        graph = getattr(stages, stage)
        outputs = list(graph.outputs)
        updated = list(getattr(what, "updates", {}))
        new = zip(outputs[len(outputs) - len(updated):], updated)
        return outputs, set(graph.inputs), {node: f"new {variable.label}" for node, variable in new if node.op is not None}
    if isinstance(what, Mapping) and what and all(isinstance(each, Node) for each in what.values()):
        return list(what.values()), set(), {node: str(name) for name, node in what.items() if node.op is not None}
    if isinstance(what, Sequence) and not isinstance(what, str) and what and all(isinstance(each, Node) for each in what):
        return list(what), set(), {}
    raise PictureError(f"a picture of {a_kind(what)}",
                       "only symbols, expressions, lists or dicts of them and compiled functions have a graph",
                       "tl.view.show(y) with an expression y")


def nearest(outputs: Sequence[Node], given: set[Node]) -> tuple[list[Node], set[Node]]:
    """Return the nodes to draw, arguments before what is made of them, and those left out: the ones farthest from the outputs."""
    order = ancestors(outputs, stop_at=given)
    if len(order) <= MOST:
        return order, set()
    drawn: set[Node] = set()
    waiting = deque(outputs)
    while waiting and len(drawn) < MOST:
        node = waiting.popleft()
        if node not in drawn:
            drawn.add(node)
            waiting.extend(() if node in given else node.inputs)
    return [node for node in order if node in drawn], {node for node in order if node not in drawn}


def shape_of(node: Node, key: str, name: str, output: bool, given: bool) -> Shape:
    """Return the shape that stands for a node."""
    place = f"made at {node.place}" if node.place is not None else ""
    if isinstance(node, SharedVariable):
        return Shape(key, "shared", name or "shared", type=described(node), place=place, output=output)
    if isinstance(node, Constant):
        return Shape(key, "constant", array(node.value), name, place="", output=output)
    if node.op is None or given:
        return Shape(key, "symbol", name or node.type.pattern, type=described(node), place=place, output=output)
    return Shape(key, family(node), sign(node), name, described(node), place, output=output)


def family(node: Node) -> str:
    """Return which kind of shape an operation has."""
    for card, kind in ((Elementwise, "elementwise"), (Reduction, "reduction"), (View, "view")):
        if isinstance(node.op, card):
            return kind
    return "library"


def sign(node: Node) -> str:
    """Return what is written in the shape of an operation."""
    op = node.op
    assert op is not None
    pattern = getattr(op, "pattern", None)
    if op.name == "dim_shuffle" and isinstance(pattern, tuple):
        return "T" if pattern == (1, 0) else f"axes {', '.join(map(str, pattern))}" if pattern else "axes"
    if isinstance(op, View) and op.python.startswith("{x}["):
        return "".join(each if isinstance(each, str) else "·" * bool(each) for each in template_parts(op.python))
    glyph = op.glyph or op.infix or op.name.replace("_", " ")
    axis = getattr(op, "axis", None)
    if isinstance(op, Reduction) and isinstance(axis, tuple) and not op.over_all(node.inputs[0].type.ndim):
        return f"{glyph} axis {', '.join(map(str, axis))}"
    return glyph


def flow(node: Node) -> str:
    """Return what is written beside an arrow: the shape of what flows, nothing for a scalar."""
    if node.type.ndim == 0:
        return ""
    return described(node).partition(" ")[2]
