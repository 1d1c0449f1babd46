"""Which nodes of a graph bear a name of the reader's own.

Floor 4. A node remembers the assignment that it was made by (`graph/place.py`), and one call may make many nodes: all of `C = x.mean()`
or `g = T.grad(C, w)` are made at the same place. Only the last of them is what the reader called C or g; this file finds it, and
every text and picture asks here, so that they agree on names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from inspect import CO_OPTIMIZED
from typing import Any

from ..graph.node import Node
from ..graph.walk import ancestors


def names_in(outputs: Iterable[Node], names: Mapping[str, Any] | None = None) -> dict[Node, str]:
    """Return the nodes of a graph that have a name, with it.

    Args:
        outputs: the graph, all that these are made of.
        names: variables of the reader (a namespace), asked for nodes that know no name themselves, or only that of a variable inside
            of a function, which nobody sees outside.

    >>> x = T.scalar("x")
    >>> z = 2 * x + 1
    >>> names_in([z])[x]
    'x'
    """
    order = ancestors(outputs)
    inside = parts_of_one_call(order)
    found: dict[Node, str] = {}
    local: set[Node] = set()
    assigned: dict[Any, str | None] = {}  # asked once a place: reading the source for every turn of a loop would be slow
    for node in order:
        name = node.name
        if not name and node not in inside:
            mark = mark_of(node)
            if mark not in assigned:
                assigned[mark] = node.known_name
            name = assigned[mark]
            if name and in_function(node):
                local.add(node)
        if name:
            found[node] = name
    if names:
        wanted = set(order)
        for name, value in names.items():
            if isinstance(value, Node) and not name.startswith("_") and value in wanted:
                if value in local:
                    local.remove(value)
                    found[value] = name
                found.setdefault(value, name)
    return found


def in_function(node: Node) -> bool:
    """Say whether a node was made in the body of a function, so that the variable it was assigned to is a local one."""
    code = node.place.code if node.place is not None else None
    return code is not None and bool(code.co_flags & CO_OPTIMIZED)


def parts_of_one_call(order: Iterable[Node]) -> set[Node]:
    """Return the nodes that are read by another one made at the same place: steps on the way of one call."""
    marks: dict[Node, Any] = {}
    inside: set[Node] = set()
    for node in order:
        mark = marks[node] = mark_of(node)
        if mark is not None:
            inside.update(each for each in node.inputs if marks.get(each) == mark)
    return inside


def mark_of(node: Node) -> Any:
    """Return something that is equal for nodes made by the same instruction of the reader's code."""
    place = node.place
    if place is None:
        return None
    if place.code is None:  # it comes from a pickle, which keeps the name instead of the code
        return (place.filename, place.line, place.item, place.known_name)
    return (id(place.code), place.instruction, place.item)


def numbered(names: Mapping[Node, str]) -> dict[Node, int]:
    """Number the nodes that share a name (a loop assigns `h` again and again), from 1, in the order of the mapping."""
    shared = {name for name, count in Counter(names.values()).items() if count > 1}
    counts: Counter[str] = Counter()
    result = {}
    for node, name in names.items():
        if name in shared:
            counts[name] += 1
            result[node] = counts[name]
    return result
