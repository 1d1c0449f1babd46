"""What an error can show beside its words: the part of a graph that it is about, with values, and the guilty node marked.

Floor 6. Read `view/shown.py` before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from ..graph.node import Constant, Node, Symbol
from ..graph.walk import rebuild
from ..rewrite.intern import with_inputs
from ..view.shown import Shown, show

DEPTH = 3  # levels of the graph below the node: what a reader takes in at a glance
AnyError = TypeVar("AnyError", bound=Exception)


@dataclass(frozen=True)
class Evidence:
    """A node with the values around it.

    Attributes:
        node: the guilty one, or the top of the smallest graph that shows a fault.
        values: by node, as far as they are known.
        mark: how the node is marked in a picture, see `tl.view.picture`.
    """

    node: Node
    values: Mapping[Node, Any] = field(default_factory=dict)
    mark: str = ""

    def attached_to(self, error: AnyError) -> AnyError:
        """Give an error its evidence: `error.node`, `error.values`, and `error.picture`, which a notebook shows."""
        error.node, error.values, error.evidence = self.node, dict(self.values), self  # type: ignore[attr-defined]
        return error

    @cached_property
    def picture(self) -> Shown:
        """The node with what is nearest to it, as `tl.view.show` draws it."""
        top, twins = nearest(self.node)
        values = {twins.get(node, node): value for node, value in self.values.items()}
        return show(top, title=f"{self.node.label}", values=values, marks={top: self.mark} if self.mark else None)


def nearest(node: Node, depth: int = DEPTH) -> tuple[Node, dict[Node, Node]]:
    """Return a node on a graph of a few levels only, with symbols in place of what is farther away, and what took whose place.

    >>> x = T.scalar("x")
    >>> top, twins = nearest(((x + 1) * 2) ** 3, depth=1)
    >>> [each.label for each in top.inputs]
    ['(x + 1) * 2', 'TensorConstant{3.0}']
    """
    level = {node: 0}
    pending = [node]
    for each in pending:
        for below in each.inputs:
            if below not in level:
                level[below] = level[each] + 1
                pending.append(below)
    far = [each for each in pending if level[each] == depth and each.op is not None and not isinstance(each, Constant)]
    twins: dict[Node, Node] = {}
    for each in far:
        twins[each] = Symbol(each.type, each.label, place=each.place)
    if node in twins or not twins:
        return node, {}

    def change(old: Node, inputs: Any) -> Node:
        twins[old] = new = with_inputs(old, inputs)
        return new

    (top,) = rebuild([node], dict(twins), change)
    return top, twins
