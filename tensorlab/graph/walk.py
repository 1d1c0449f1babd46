"""Walks over graphs: ancestors in order, copies with replacements. No recursion, so depth does not matter.

Floor 1. A graph is given by the nodes that are wanted from it (its outputs).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .node import Node


def ancestors(outputs: Iterable[Node], stop_at: Collection[Node] = ()) -> list[Node]:
    """Return all nodes that the outputs are made of, outputs included, inputs before what is built from them.

    The order depends only on the graph: depth first, arguments from left to right. The inputs of nodes in `stop_at` are not visited.
    """
    order: list[Node] = []
    done: set[Node] = set()
    stop = set(stop_at)
    for output in outputs:
        stack: list[tuple[Node, int]] = [(output, 0)]
        while stack:
            node, position = stack.pop()
            if node in done:
                continue
            inputs = () if node in stop else node.inputs
            while position < len(inputs) and inputs[position] in done:
                position += 1
            if position < len(inputs):
                stack.append((node, position + 1))
                stack.append((inputs[position], 0))
            else:
                done.add(node)
                order.append(node)
    return order


def leaves(outputs: Iterable[Node]) -> list[Node]:
    """Return the symbols, constants and shared variables that the outputs are made of."""
    return [node for node in ancestors(outputs) if node.op is None]


def readers(outputs: Iterable[Node]) -> dict[Node, list[Node]]:
    """Map every node of the graph to the nodes that read it, once per argument."""
    found: dict[Node, list[Node]] = {}
    for node in ancestors(outputs):
        found.setdefault(node, [])
        for each in node.inputs:
            found[each].append(node)
    return found


def rebuild(
    outputs: Sequence[Node],
    replacements: Mapping[Node, Node],
    change: Callable[[Node, Sequence[Node]], Node] | None = None,
) -> list[Node]:
    """Copy a graph with some nodes replaced; what lies above no replacement is kept, not copied.

    Args:
        outputs: the nodes wanted.
        replacements: node to its replacement; a replacement is taken as it is.
        change: what to make of a node whose inputs changed; by default the same op applied to the new inputs.
    """
    if not replacements:
        return list(outputs)
    new: dict[Node, Node] = dict(replacements)
    for node in ancestors(outputs, stop_at=replacements.keys()):
        if node in new:
            continue
        inputs = [new[each] for each in node.inputs]
        if all(a is b for a, b in zip(inputs, node.inputs)):
            new[node] = node
        elif change is not None:
            new[node] = change(node, inputs)
        else:
            assert node.op is not None
            new[node] = node.op.rebuild(node, inputs)
    return [new[output] for output in outputs]


def depends_on(output: Node, symbols: Collection[Node]) -> bool:
    """Say whether a node is made of any of the given ones."""
    wanted = set(symbols)
    return any(node in wanted for node in ancestors([output]))
