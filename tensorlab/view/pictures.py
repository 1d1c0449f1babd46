"""From a graph to a drawing of it: which shape stands for which node, what it is called, and what flows along each arrow.

Floor 4. Read `drawing.py`, `subject.py` and `shapes.py` first. A large graph is folded (`folding.py`); what is still too large is cut, with
a word about the rest. Values, gradients and shares of the time come from outside: a picture computes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from .blocks import MOST as MOST_SEARCHED
from .blocks import Block
from .drawing import Arrow, Drawing, Group, Shape
from .folding import Folded, Item, folded
from .naming import names_in
from .shapes import block_shape, flow, shape_of, shape_words, value_text
from .subject import subject_of

MOST = 300  # shapes; a picture with more is a wall of paper that nobody reads
FEW = 40  # shapes that are drawn as they are even where blocks repeat: they fit on a page


def picture(
    what: Any,
    names: Mapping[str, Any] | None = None,
    stage: str = "rewritten",
    title: str = "",
    *,
    depth: int = 0,
    collapse: bool | None = None,
    values: Mapping[Node, Any] | None = None,
    gradients: Mapping[Node, Any] | None = None,
    contributions: Mapping[tuple[Node, int], Any] | None = None,
    share: Mapping[Node, float] | None = None,
    marks: Mapping[Node, str] | None = None,
) -> Drawing:
    """Return the drawing of a graph.

    Args:
        what: an expression, a list or dict of them, or a compiled function.
        names: variables of the reader, for nodes that know no name of their own.
        stage: which graph of a compiled function: "written", "interned", "rewritten" or "program" (a box around what a loop computes).
        title: what the picture is called; nothing by default.
        depth: how many levels of repeated blocks are open: 0 shows a block as one shape, 1 shows one copy of what is inside.
        collapse: whether repeated blocks are folded; None for graphs of more than 40 shapes, and for what comes three times or more.
        values: numbers and arrays that flow forward, by node; they stand beside the arrows.
        gradients: what flows back, by node: the derivative of the cost by it. Dashed arrows then run back. None is no number, but an arrow.
        contributions: by node and position among its arguments, what the node sends back to that argument.
        share: by node its part of the whole time, from 0 to 1, drawn as a tint.
        marks: by node a word of `drawing.MARKS`: "step", "clash", "nan".

    Raises:
        PictureError: there is no graph in it, or no such stage.

    >>> x = T.scalar("x")
    >>> drawing = picture(x ** 2)
    >>> [(shape.kind, shape.label) for shape in drawing.shapes]
    [('symbol', 'x'), ('constant', '2'), ('elementwise', '^')]
    """
    return drawn(what, names, stage, title, depth, collapse, values, gradients, contributions, share, marks)[0]


def drawn(
    what: Any, names: Mapping[str, Any] | None, stage: str, title: str, depth: int, collapse: bool | None,
    values: Mapping[Node, Any] | None, gradients: Mapping[Node, Any] | None, contributions: Mapping[tuple[Node, int], Any] | None,
    share: Mapping[Node, float] | None, marks: Mapping[Node, str] | None,
) -> tuple[Drawing, dict[str, Node]]:  # fmt: skip
    """Return a drawing, and the node that each of its shapes stands for."""
    subject = subject_of(what, stage)
    known = names_in(subject.outputs, names)
    known.update({node: name for node, name in subject.own_names.items() if not node.name})
    order = ancestors(subject.outputs, stop_at=subject.given)
    graph = fold(order, subject.given, known, subject.outputs, depth, collapse)
    items, left_out = nearest(graph, [graph.stands_for[node] for node in subject.outputs])
    results = {graph.stands_for[node] for node in subject.outputs}
    keys = {item: f"n{position}" for position, item in enumerate(items)}
    shown = {item: item for item in items if isinstance(item, Node)}
    shapes = []
    for item in items:
        if isinstance(item, Block):
            shapes.append(block_shape(item, keys[item], item in results))
        else:
            shapes.append(shape_of(item, keys[item], known.get(item, ""), item in results, item in subject.given))
    facts = Facts(values or {}, gradients or {}, contributions or {}, graph)
    arrows = []
    for item in items:
        for source, slot in graph.reads[item]:
            if source in keys:
                arrows.append(Arrow(keys[source], keys[item], slot, facts.forward(source)))
                if facts.goes_back(source, item):
                    arrows.append(Arrow(keys[item], keys[source], slot, facts.back(source, item, slot), "back"))
            elif source in left_out:
                arrows.append(Arrow("rest", keys[item], slot))
    shapes = [marked(shape, item, facts, share or {}, marks or {}) for shape, item in zip(shapes, items)]
    if left_out:
        shapes.insert(0, Shape("rest", "library", f"… {len(left_out)} more"))
    drawing = Drawing(tuple(shapes), tuple(arrows), title, groups=groups_of(graph, subject.kernels, keys))
    return drawing, {keys[item]: item for item in shown}


def fold(
    order: Sequence[Node], given: set[Node], known: Mapping[Node, str], outputs: Sequence[Node], depth: int, collapse: bool | None
) -> Folded:
    """Return the graph folded as it is asked for; by default where it is too large for a page."""
    if collapse is False or (collapse is None and len(order) <= FEW) or len(order) > MOST_SEARCHED:
        reads: dict[Item, list[tuple[Item, int]]] = {
            node: [] if node in given else [(each, slot) for slot, each in enumerate(node.inputs)] for node in order
        }
        return Folded(list(order), reads, [], {node: node for node in order})
    return folded(order, given, known, outputs, depth, least=2 if collapse else 3)


def nearest(graph: Folded, outputs: Sequence[Item]) -> tuple[list[Item], set[Item]]:
    """Return the items to draw, arguments before what is made of them, and those left out: the ones farthest from the outputs."""
    if len(graph.items) <= MOST:
        return graph.items, set()
    kept: set[Item] = set()
    waiting = deque(outputs)
    while waiting and len(kept) < MOST:
        item = waiting.popleft()
        if item not in kept:
            kept.add(item)
            waiting.extend(source for source, _ in graph.reads[item])
    return [item for item in graph.items if item in kept], {item for item in graph.items if item not in kept}


class Facts:
    """What is written beside shapes and arrows.

    Where values are given they stand beside the arrows, else the shapes of what flows, where those are not all scalars.
    """

    def __init__(self, values: Mapping[Node, Any], gradients: Mapping[Node, Any], contributions: Mapping[tuple[Node, int], Any],
                 graph: Folded) -> None:
        self.values, self.gradients, self.contributions = values, gradients, contributions
        self.readers: dict[Item, int] = {}
        for reads in graph.reads.values():
            for source, _ in reads:
                self.readers[source] = self.readers.get(source, 0) + 1

    def forward(self, source: Item) -> str:
        """Return what stands beside the arrows from an item."""
        if isinstance(source, Block):
            return "" if source.copies[0][-1].op is None or self.values else shape_words(source.copies[-1][-1]).replace("scalar", "")
        if isinstance(source, Constant):
            return ""
        if self.values:
            return value_text(self.values[source]) if source in self.values else ""
        return flow(source)

    def goes_back(self, source: Item, item: Item) -> bool:
        """Say whether a gradient flows from an item to one of its arguments."""
        known = [isinstance(each, Node) and each in self.gradients for each in (source, item)]
        return all(known)

    def back(self, source: Item, item: Item, slot: int) -> str:
        """Return what an item sends back to an argument: its contribution, which is the whole gradient where nobody else reads that."""
        if (item, slot) in self.contributions:
            return number_text(self.contributions[item, slot])  # type: ignore[index]
        return number_text(self.gradients[source]) if self.readers.get(source) == 1 else ""  # type: ignore[index]

    def value(self, item: Item) -> tuple[str, bool]:
        """Return the value of a shape, and whether its arrows bear it."""
        if not isinstance(item, Node) or item not in self.values or isinstance(item, Constant):
            return "", False
        return value_text(self.values[item]), item in self.readers

    def gradient(self, item: Item) -> tuple[str, bool]:
        """Return the gradient of a shape, and whether its arrow bears it: one arrow does, several bear the parts of a sum."""
        if not isinstance(item, Node) or item not in self.gradients or isinstance(item, Constant):
            return "", False
        return number_text(self.gradients[item]), self.readers.get(item, 0) == 1


def number_text(value: Any) -> str:
    """Return a value as text; None, where only the way of a gradient is shown, as nothing."""
    return "" if value is None else value_text(value)


def marked(shape: Shape, item: Item, facts: Facts, share: Mapping[Node, float], marks: Mapping[Node, str]) -> Shape:
    """Return a shape with its value, its gradient, its share and its mark; those of a block are those of what is in it."""
    inside = [node for copy in item.copies for node in copy] if isinstance(item, Block) else [item]
    parts = [share[node] for node in inside if node in share]
    mark = next((marks[node] for node in inside if node in marks), "")
    (value, value_told), (gradient, gradient_told) = facts.value(item), facts.gradient(item)
    told = ("value",) * value_told + ("gradient",) * gradient_told
    whole = min(1.0, sum(parts)) if parts else None
    return replace(shape, value=value, gradient=gradient, mark=mark, share=whole, on_arrows=told)


def groups_of(graph: Folded, kernels: Sequence[tuple[str, tuple[Node, ...]]], keys: Mapping[Item, str]) -> tuple[Group, ...]:
    """Return the groups of a drawing: the kernels of a program, else the inside of blocks that are open."""
    wanted = list(kernels) or [(f"{block.name} ×{block.count}", block.copies[0]) for block in graph.opened]
    result: list[Group] = []
    for label, nodes in wanted:
        found = dict.fromkeys(keys[item] for node in nodes if (item := graph.stands_for.get(node)) is not None and item in keys)
        crossed = {key for group in result for key in group.keys if not set(found) < set(group.keys)}
        fresh = tuple(key for key in found if key not in crossed)
        if fresh:
            result.append(Group(label, fresh))
    return tuple(result)
