"""Folding a graph: each repeated block becomes one node, or one open frame that shows a single copy of what is inside.

Floor 4, between `blocks.py` (what is repeated) and `pictures.py` (what is drawn). A folded graph is a set of items and what each reads. An
item is a node that is drawn as itself, or a block that is closed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..graph.node import Constant, Node
from .blocks import Block, blocks_in
from .drawing import order_of

Item = Node | Block


@dataclass
class Folded:
    """What is drawn of a graph.

    Attributes:
        items: nodes and closed blocks, what is read before what reads it.
        reads: per item pairs of what it reads and the position among its arguments.
        opened: blocks of which one copy is shown.
        stands_for: per node of the graph the item that shows it.
    """

    items: list[Item]
    reads: dict[Item, list[tuple[Item, int]]]
    opened: list[Block] = field(default_factory=list)
    stands_for: dict[Node, Item] = field(default_factory=dict)


def folded(order: Sequence[Node], given: Collection[Node], names: Mapping[Node, str], outputs: Collection[Node], depth: int = 0,
           least: int = 3) -> Folded:
    """Return a graph with its repeated blocks folded.

    Args:
        order, given, names, outputs, least: as in `blocks_in`.
        depth: how many levels of blocks are open. 0 shows each as one node, 1 shows the inside of a single copy.
    """
    shows: dict[Node, Item] = {node: node for node in order}
    opened: list[Block] = []
    copy_of: dict[Node, tuple[Block, int]] = {}
    level = list(order)
    found = blocks_in(level, given, names, outputs, least)
    for remaining in range(depth, -1, -1):
        for block in found:
            attempt = dict(shows)
            for copy in block.copies:
                for node, first in zip(copy, block.copies[0]):
                    attempt[node] = block if remaining == 0 else first
            attempt = {node: settled(attempt, item) for node, item in attempt.items()}
            copies = {node: (block, number) for number, copy in enumerate(block.copies) for node in copy} if remaining else {}
            if in_one_way(order, given, attempt, copy_of | copies):
                shows = attempt
                copy_of |= copies
                opened += [block] if remaining else []
        if not remaining or not found:
            break
        level = [node for block in opened for node in block.copies[0] if shows[node] is node]
        outside = {each for node in level for each in node.inputs} - set(level)
        found = blocks_in(level, {*given, *outside}, names, outputs, least)
    return quotient(order, given, shows, opened, copy_of)


def settled(shows: Mapping[Node, Item], item: Item) -> Item:
    """Return what shows an item: a node inside of a copy that is not drawn is shown by another."""
    while isinstance(item, Node) and shows.get(item, item) is not item:
        item = shows[item]
    return item


Copies = Mapping[Node, tuple[Block, int]]
"""Per node in an open block that block, and the number of its copy."""


def reads_between(
    order: Sequence[Node], given: Collection[Node], shows: Mapping[Node, Item], copy_of: Copies
) -> Iterator[tuple[Item, int, Item]]:
    """Yield who reads what at which position, for everything that is drawn; what runs from copy to copy of a block is left out."""
    for node in order:
        item = shows[node]
        for slot, each in enumerate(() if node in given else node.inputs):
            source = shows.get(each)
            if source is None or source is item:
                continue
            if isinstance(item, Block) and isinstance(source, Constant):
                continue  # a number that all copies use says nothing about the block
            if node in copy_of and each in copy_of and copy_of[node][0] is copy_of[each][0] and copy_of[node][1]:
                continue  # the copies that are not drawn say nothing new about their inside
            yield item, slot, source


def in_one_way(order: Sequence[Node], given: Collection[Node], shows: Mapping[Node, Item], copy_of: Copies) -> bool:
    """Say whether the folded graph has no circle."""
    number: dict[Item, int] = {}
    for item in shows.values():
        number.setdefault(item, len(number))
    edges = {(number[source], number[item]) for item, _, source in reads_between(order, given, shows, copy_of)}
    return all(source != target for source, target in edges) and len(order_of(len(number), sorted(edges))) == len(number)


def quotient(order: Sequence[Node], given: Collection[Node], shows: dict[Node, Item], opened: list[Block], copy_of: Copies) -> Folded:
    """Return the items of a folded graph in order, and what they read."""
    reads: dict[Item, list[tuple[Item, int]]] = {shows[node]: [] for node in order}
    for item, slot, source in reads_between(order, given, shows, copy_of):
        if isinstance(item, Block):
            if all(source is not each for each, _ in reads[item]):
                reads[item].append((source, len(reads[item])))
        elif (source, slot) not in reads[item]:
            reads[item].append((source, slot))
    items = list(reads)
    number = {item: position for position, item in enumerate(items)}
    edges = [(number[source], number[item]) for item in items for source, _ in reads[item]]
    return Folded([items[position] for position in order_of(len(items), edges)] if opened or len(items) < len(order) else items,
                  reads, opened, shows)
