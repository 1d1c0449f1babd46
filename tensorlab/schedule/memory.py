"""Which values share memory: decided by when each is written and last read.

Floor 3. Read `kernels` before. Lengths are not known yet, so only arrays of the same size (as an expression) share a slot. A start that is
added to a product is computed where the product will stand, if nothing else reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..graph.node import Node
from .kernels import Kernel, Product, Schedule, Step
from .nests import nests, numbered
from .sizes import Size, product


@dataclass(frozen=True)
class Layout:
    """Where computed arrays are kept while a program runs.

    Attributes:
        slots: per slot how many elements it holds, and their dtype.
        slot: which slot an array has.
        stands_in: arrays that are computed right in the memory of another one.
    """

    slots: tuple[tuple[Size, str], ...]
    slot: Mapping[Node, int]
    stands_in: Mapping[Node, Node]


def touched(step: Step, schedule: Schedule) -> Iterator[tuple[Node, bool]]:
    """Yield the arrays that a step touches, and whether it writes them."""
    places = schedule.places
    if isinstance(step, Kernel):
        for read in step.reads:
            yield places[read.node].base, False
        for access in step.writes:
            yield access.node, True
    else:
        for part in (step.left, step.right, step.factor, step.start, step.kept):
            if part is not None:
                yield places[part].base, False
        yield step.node, True


def layout(schedule: Schedule) -> Layout:
    """Decide which computed arrays share memory. Results have memory of their own."""
    first: dict[Node, int] = {}
    last: dict[Node, int] = {}
    together = numbered(nests(schedule))  # kernels of one nest run in turns, so their arrays live at the same time
    for step in schedule.steps:
        index = together[id(step)]
        for node, writes in touched(step, schedule):
            if writes:
                first.setdefault(node, index)
            last[node] = index
    results = set(schedule.results)
    stands_in: dict[Node, Node] = {}
    for step in schedule.steps:
        if isinstance(step, Product) and step.start is not None and takes_over(step, together[id(step)], schedule, first, last, results):
            stands_in[step.start] = step.node
    merged: dict[Node, list[Node]] = {}
    for node in first:
        merged.setdefault(root(node, stands_in), []).append(node)
    slots: list[tuple[Size, str]] = []
    free: dict[tuple[Size, str], list[tuple[int, int]]] = {}  # (free after step, slot)
    slot: dict[Node, int] = {}
    for node in sorted(merged, key=lambda each: min(first[one] for one in merged[each])):
        if node in results:
            continue
        begin, end = min(first[one] for one in merged[node]), max(last[one] for one in merged[node])
        kind = product(schedule.places[node].lengths), node.type.dtype
        waiting = free.setdefault(kind, [])
        position = next((number for number, (until, _) in enumerate(waiting) if until < begin), None)
        if position is None or not kind[0].parts:
            slot[node] = len(slots)
            slots.append(kind)
        else:
            slot[node] = waiting.pop(position)[1]
        waiting.append((end, slot[node]))
    return Layout(tuple(slots), slot, stands_in)


def root(node: Node, stands_in: Mapping[Node, Node]) -> Node:
    """Return the array in whose memory a node is computed in the end."""
    while node in stands_in:
        node = stands_in[node]
    return node


def takes_over(
    step: Product, index: int, schedule: Schedule, first: Mapping[Node, int], last: Mapping[Node, int], results: set[Node]
) -> bool:
    """Say whether the start of a product may be computed in the product's own memory."""
    start = step.start
    assert start is not None
    place = schedule.places[start]
    if place.base is not start or start not in first or start in results or last[start] != index:
        return False
    return all(schedule.places[part].base is not start for part in (step.left, step.right))
