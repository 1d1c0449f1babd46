"""The film of rewrites: `tl.widgets.film(f)`, a slider over what the compiler put in place of what, and why.

Floor 6. Read `view/rewrites.py` (the same film as a list, which is shown where no widget can be) and `base.py` first; the page is
`static/film.js`. A scene shows the formula before and after, and the part of the graph that changed: what is gone is struck out and dashed,
what is new has a double line, so that no colour says it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import traitlets

from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from ..view.drawing import Arrow, Drawing, shorten
from ..view.latex import wording
from ..view.layout import arrange
from ..view.mathml import mathml, tree_of
from ..view.rewrites import film as as_list
from ..view.shapes import shape_of
from ..view.text import written
from .base import ROOM, Still, TensorlabWidget
from .labels import both
from .messages import Whole
from .scene import way_of
from .telling import without_outer

MOST = 100  # scenes; a network's history has hundreds, and what happens is seen in the first ones
LARGEST = 25  # changed nodes of a scene that are drawn; a larger change is told by its formulas
LONGEST = 120  # characters of a side as code
SPARE = 6_000  # bytes of the room that are left for what is not a scene


def film(function: Any) -> RewriteFilm:
    """Return a widget with a slider over everything that was rewritten in a compiled function.

    Raises:
        PictureError: it is no compiled function.

    >>> x = T.scalar("x")
    >>> tl.widgets.film(tl.function([x], T.log(1 + x))).scenes[-1]["rule"]
    'log of one plus'
    """
    return RewriteFilm(function)


class RewriteFilm(TensorlabWidget):
    """The rewrites of a compiled function, one by one.

    Attributes:
        scenes: per rewrite its rule, its reason, and both sides as formulas and as drawings.
        scene: which one is shown.
    """

    scripts = ("page.js", "pieces.js", "film.js")
    sheets = ("look.css", "graph.css", "film.css")
    page_may_set: ClassVar = {"scene": Whole(0, MOST)}
    scenes: Any = traitlets.List().tag(sync=True)
    scene = traitlets.Int(0).tag(sync=True)
    left_out = traitlets.Int(0).tag(sync=True)

    def __init__(self, function: Any) -> None:
        self.listed = as_list(function)  # raises what is to be raised, in the words of the list
        history = function.stages.history
        scenes: list[dict[str, Any]] = []
        room = ROOM - SPARE
        for event in history[:MOST]:
            scene = scene_of_event(event)
            room -= len(repr(scene))
            if room < 0:
                break
            scenes.append(scene)
        super().__init__(scenes=scenes, left_out=len(history) - len(scenes))

    def still(self) -> Still:
        """Return the film as a list."""
        return Still(self.listed.html, "", self.listed.text)


def scene_of_event(event: Any) -> dict[str, Any]:
    """Return one rewrite as data for the page."""
    before, after = ancestors([event.before]), ancestors([event.after])
    gone, new = set(before) - set(after), set(after) - set(before)
    gone.add(event.before)  # x in place of x + 0: the sum is gone, though what is in it stays
    if event.after.op is not None and event.after not in before:
        new.add(event.after)
    edge = [node for node in dict.fromkeys([*before, *after]) if node not in gone and node not in new]
    near = [node for node in edge if node is event.after or any(node in each.inputs for each in (*gone, *new))]
    ends = [event.before, event.after]
    names = both([*near, *[node for node in dict.fromkeys([*before, *after]) if node in gone or node in new]], None, ends)
    formulas = {node: names[node][1] for node in near if not isinstance(node, Constant)}
    labels = {node: names[node][0] for node in near}
    known = wording(ends)
    shown = {"rule": event.rule.name.replace("_", " "), "reason": event.rule.reason, "set": event.rule.belongs_to.name,
             "before": side(event.before, formulas), "after": side(event.after, formulas),
             "texts": [shorten(labels.get(node) or without_outer(written(node, labels)), LONGEST) for node in ends],
             "where": [[mathml(formulas[node]), tree_of(node, known)] for node in near if node.op is not None and node in formulas][:4]}
    if len(gone) + len(new) <= LARGEST:
        shown["old"] = small_drawing([node for node in before if node in gone or node in near], gone, "gone", labels)
        shown["new"] = small_drawing([node for node in after if node in new or node in near], new, "new", labels)
    return shown


def side(node: Node, formulas: dict[Node, str]) -> Any:
    """Return the formula of what a rule puts in place of something: its name, if it is a node that stays."""
    return mathml(formulas[node]) if node in formulas else tree_of(node, formulas)


def small_drawing(order: Sequence[Node], changed: set[Node], word: str, labels: dict[Node, str]) -> dict[str, Any]:
    """Return the changed part of a graph, drawn with what it reads."""
    reached = set(order)
    read = {each for node in order if node in changed for each in node.inputs} | ({order[-1]} if order else set())
    drawn = [node for node in order if node in changed or node in read]
    numbers = {node: position for position, node in enumerate(drawn)}
    shapes = [shape_of(node, str(position), labels.get(node, ""), False, node not in changed and not isinstance(node, Constant))
              for node, position in numbers.items()]
    edges = [(numbers[each], numbers[node], slot) for node in drawn if node in changed
             for slot, each in enumerate(node.inputs) if each in numbers and each in reached]
    drawing = Drawing(tuple(shapes), tuple(Arrow(str(source), str(target), slot) for source, target, slot in edges))
    layout = arrange(drawing)
    nodes = [{"kind": shape.kind, "label": shape.label, "x": round(place.x), "y": round(place.y), "w": round(place.width),
              "h": round(place.height), **({"sub": shape.type} if shape.kind in ("symbol", "shared") and shape.type else {}),
              **({"state": word} if node in changed else {"state": "part"} if node.op is not None else {})}
             for node, shape, place in zip(drawn, shapes, layout.places)]
    ways = [{key: value for key, value in way_of(route).items() if key != "mid"} for route in layout.routes]
    return {"width": round(layout.width), "height": round(layout.height), "nodes": nodes, "edges": ways}
