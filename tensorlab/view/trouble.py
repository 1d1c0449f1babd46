"""A picture of the place where something went wrong: the node with its mark, what was brought to it, and a little of what lies above.

Floor 4. For an operation that never came to be (its operands do not fit) as for a node whose value is wrong ("nan first here").
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..graph.node import Node, expression
from ..graph.op import Op
from ..graph.types import TensorType
from .drawing import Drawing
from .pictures import drawn
from .shapes import shape_words
from .shown import Shown
from .subject import Subject

NEAR = 14  # nodes above the marked one that are drawn; further up stand inputs that say what they are


def unmade(op: Op, inputs: Sequence[Node]) -> Node:
    """Return a node that stands for an operation whose operands do not fit. It is only drawn and written; its type means nothing."""
    first = inputs[0].type if inputs else TensorType("float64", ())
    return expression(op, first, None, None, *inputs)


def trouble(
    node: Node, mark: str = "clash", brings: Sequence[str] | None = None, names: Mapping[str, Any] | None = None, title: str = "",
    values: Mapping[Node, Any] | None = None,
) -> Shown:  # fmt: skip
    """Return the picture of a node where something went wrong.

    Args:
        node: the node; for an operation that could not be made, `unmade(op, inputs)`.
        mark: "clash", "nan", "rank" or "step": what stands beside it.
        brings: what each operand brings to it, written on the arrows; by default the shapes by type, nothing for an empty text.
        names: the reader's variables, for nodes that know no name.
        title: what the picture is called.
        values: by node, for what else is drawn; instead of shapes.

    >>> M, W = T.matrix("M"), T.matrix("W")
    >>> print(trouble(T.dot(M, W), "nan", ["3×2", "2×2"]).text.splitlines()[-1])
    #1 = dot(M, W)   (float64 matrix, output, nan first here: M brings 3×2 and W brings 2×2)
    """
    subject = Subject([node], frontier(node))
    drawing, nodes = drawn(subject, names, "", title, 0, False, values, None, None, None, {node: mark})
    key = next(shape.key for shape in drawing.shapes if nodes.get(shape.key) is node)
    told = list(brings) if brings is not None else [shape_words(each) for each in node.inputs]
    clashing = [arrow.target == key and arrow.kind == "forward" and bool(told[arrow.slot]) for arrow in drawing.arrows]
    arrows = tuple(replace(arrow, kind="clash", label=told[arrow.slot]) if clashes else arrow
                   for arrow, clashes in zip(drawing.arrows, clashing))
    unknown = mark == "clash"  # what never came to be has no type, and is no output
    shapes = tuple(replace(shape, type="", output=False) if shape.key == key and unknown else shape for shape in drawing.shapes)
    return Shown(Drawing(shapes, arrows, drawing.title), nodes)


def frontier(node: Node) -> set[Node]:
    """Return the nodes at which a picture of what lies near a node begins."""
    near: set[Node] = set()
    waiting = deque([node])
    while waiting and len(near) < NEAR:
        each = waiting.popleft()
        if each not in near:
            near.add(each)
            waiting.extend(each.inputs)
    return {each for inner in near for each in inner.inputs if each not in near}
