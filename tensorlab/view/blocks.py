"""Blocks of a graph that are repeated: the layers of a network, the heads of an attention, the steps of an unrolled loop.

Floor 4, before `pictures.py`. In the order of the work (operands first) what is repeated follows one another, so a block is a stretch of
operations that comes again at once with the same cards, the same types and the same operands counted from itself. What only one block
reads (its weights) belongs to it. Names play no part in finding blocks, so the layers of a gradient or of a rewritten graph are found as
those that the reader wrote. Nothing here is compared twice: the time grows with the number of operations times the longest block.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from inspect import CO_OPTIMIZED
from itertools import takewhile
from types import CodeType

import numpy as np

from ..graph.node import Constant, Node

LONGEST = 200  # operations of one block: a larger one would be no help when it is opened
MOST = 20_000  # operations that are searched; a larger graph is cut before it is drawn


@dataclass(frozen=True, eq=False)
class Block:
    """What is repeated, and how often.

    Attributes:
        name: what the reader would call one of them.
        copies: per copy its nodes, leaves included; the nodes at one position do the same in every copy.
    """

    name: str
    copies: tuple[tuple[Node, ...], ...]

    @property
    def count(self) -> int:
        """How many copies there are."""
        return len(self.copies)


def blocks_in(order: Sequence[Node], given: Collection[Node], names: Mapping[Node, str], outputs: Collection[Node] = (),
              least: int = 3) -> list[Block]:
    """Return the repeated blocks of a graph that is listed operands first; they share no node.

    Args:
        order: the nodes.
        given: nodes at which the graph begins, though they may be expressions.
        names: what nodes are called.
        outputs: the nodes that are wanted from the graph.
        least: how often something must come to count as repeated.

    >>> from tensorlab import tensor as T
    >>> from tensorlab.graph.walk import ancestors
    >>> h = T.vector("x")
    >>> for _ in range(5):
    ...     h = T.tanh(T.dot(T.matrix("W"), h))
    >>> [(block.count, len(block.copies[0])) for block in blocks_in(ancestors([h]), (), {})]
    [(5, 3)]
    """
    stop = set(given)
    work = [node for node in order if node.op is not None and node not in stop]
    if not 2 <= len(work) <= MOST:
        return []
    turn = {node: position for position, node in enumerate(work)}
    kinds: dict[object, int] = {}
    alike = np.array([kinds.setdefault((node.op, node.type, len(node.inputs)), len(kinds)) for node in work])
    found: list[tuple[int, int, int]] = []  # where it begins, the length of one, how many
    for period in range(1, min(LONGEST, len(work) // least) + 1):
        same = alike[period:] == alike[:-period]
        for start, end in stretches(same, (least - 1) * period):
            begin = start
            for position in range(start, end + 1):  # a stretch ends where operands differ
                if position == end or operands(work[position], turn, period, stop) != operands(work[position + period], turn, period, stop):
                    if position - begin >= (least - 1) * period:
                        found.append(phased(begin, position + period, period, work, alike, turn, names))
                    begin = position + 1
    taken = np.zeros(len(work), bool)
    result = []
    readers = readers_of(order, stop)
    codes = Counter(code_of(node) for node in order if not isinstance(node, Constant))
    for start, period, count in sorted(found, key=lambda each: (-each[1] * each[2], each[1], each[0])):
        if count >= least and not taken[start : start + period * count].any():
            taken[start : start + period * count] = True
            if begins(start, period, work, alike, turn) and not taken[start - period : start].any():
                start, count = start - period, count + 1
                taken[start : start + period] = True
            copies = [work[start + period * copy : start + period * (copy + 1)] for copy in range(count)]
            result.append(made(copies, readers, names, stop, set(outputs), codes))
    result.sort(key=lambda block: turn[block.copies[0][-1]])
    return result + weights(result, names, stop, set(outputs))


def stretches(same: np.ndarray, least: int) -> list[tuple[int, int]]:
    """Return where a row of truths is true for long enough: begin and end of each stretch.

    >>> stretches(np.array([True, True, False, True]), 2)
    [(0, 2)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2]) if end - start >= least]


def operands(node: Node, turn: Mapping[Node, int], period: int, given: Collection[Node]) -> tuple[object, ...]:
    """Return what an operation reads, as it is seen from itself: how far back, or what kind of thing comes from outside."""
    here = turn[node]
    seen: list[object] = []
    for each in node.inputs:
        distance = here - turn[each] if each in turn else None
        if distance is not None and distance <= period:
            seen.append(distance)
        elif isinstance(each, Constant) and each.value.size == 1 and each not in given:
            seen.append(each.signature)
        else:
            seen.append((each.type, each.op is None))
    return tuple(seen)


def phased(
    start: int, end: int, period: int, work: Sequence[Node], alike: np.ndarray, turn: Mapping[Node, int], names: Mapping[Node, str]
) -> tuple[int, int, int]:
    """Choose where a block begins, and return that, its length and how often it comes.

    As few values as can be run from one copy to the next. Of equal choices the best is just after one that has a name, then one that lets
    the first copy count too, which reads from outside.
    """
    best: tuple[tuple[int, bool, bool, int], int] | None = None
    for shift in range(min(period, end - start - period + 1)):
        begin = start + shift
        following = work[begin + period : begin + 2 * period]
        crossing = {each for node in following for each in node.inputs if begin <= turn.get(each, -1) < begin + period}
        judged = (len(crossing), work[begin + period - 1] not in names, not begins(begin, period, work, alike, turn), shift)
        if best is None or judged < best[0]:
            best = judged, begin
    assert best is not None
    return best[1], period, (end - best[1]) // period


def begins(start: int, period: int, work: Sequence[Node], alike: np.ndarray, turn: Mapping[Node, int]) -> bool:
    """Say whether the operations before a row of copies are the first copy, which reads from outside what others read from one another."""
    first = start - period
    if first < 0 or (alike[first:start] != alike[start : start + period]).any():
        return False
    for position in range(first, start):
        for mine, other in zip(work[position].inputs, work[position + period].inputs):
            inside = turn.get(other, -1) >= start
            if inside != (turn.get(mine, -1) >= first) or (inside and turn[other] - turn[mine] != period) or mine.type != other.type:
                return False
    return True


def readers_of(order: Sequence[Node], given: Collection[Node]) -> dict[Node, list[Node]]:
    """Return which nodes read each node."""
    found: dict[Node, list[Node]] = {node: [] for node in order}
    for node in order:
        for each in () if node in given else node.inputs:
            if each in found:
                found[each].append(node)
    return found


def made(copies: Sequence[Sequence[Node]], readers: Mapping[Node, list[Node]], names: Mapping[Node, str], given: Collection[Node],
         outputs: Collection[Node], codes: Mapping[CodeType | None, int]) -> Block:
    """Return the block of some stretches of operations, with the leaves that only one of them reads."""
    rows: list[list[Node]] = [[] for _ in copies]
    for places in zip(*copies):
        for slot in range(len(places[0].inputs)):
            leaves = [node.inputs[slot] for node in places]
            own = [leaf not in outputs and (leaf.op is None or leaf in given) and set(readers.get(leaf, ())) <= set(copy)
                   for leaf, copy in zip(leaves, copies)]
            if all(own) and len(set(leaves)) == len(leaves) and leaves[0] not in rows[0]:
                for row, leaf in zip(rows, leaves):
                    row.append(leaf)
        for row, node in zip(rows, places):
            row.append(node)
    return Block(block_name(copies, rows, names, codes), tuple(map(tuple, rows)))


def weights(blocks: Sequence[Block], names: Mapping[Node, str], given: Collection[Node], outputs: Collection[Node]) -> list[Block]:
    """Return blocks of leaves: what every copy of a block has one of its own of, but others read too (a weight and its gradient)."""
    held = {node for block in blocks for copy in block.copies for node in copy} | set(outputs)
    result = []
    for block in blocks:
        for nodes in zip(*block.copies):
            for slot in range(0 if nodes[0] in given else len(nodes[0].inputs)):
                leaves = [node.inputs[slot] for node in nodes]
                free = all((leaf.op is None or leaf in given) and not isinstance(leaf, Constant) and leaf not in held for leaf in leaves)
                if free and len(set(leaves)) == len(leaves):
                    held.update(leaves)
                    name = common_name([names.get(leaf, "") for leaf in leaves]) or "inputs"
                    result.append(Block(name, tuple((leaf,) for leaf in leaves)))
    return result


def code_of(node: Node) -> CodeType | None:
    """Return the code of the reader's that made a node."""
    return node.place.code if node.place is not None else None


def block_name(
    copies: Sequence[Sequence[Node]], rows: Sequence[Sequence[Node]], names: Mapping[Node, str], codes: Mapping[CodeType | None, int]
) -> str:
    """Return what a block is called: the reader's function that made it, else what its results are called, else "block".

    It is that function's block if the function made all of its operations, and nothing outside; a function that builds the whole network
    did not. `copies` are the operations, `rows` these and their own leaves.
    """
    made_by = {code_of(node) for copy in copies for node in copy}
    code = made_by.pop()
    own = sum(code_of(node) is code and not isinstance(node, Constant) for row in rows for node in row)
    if not made_by and code is not None and code.co_flags & CO_OPTIMIZED and own == codes[code] and code.co_name.isidentifier():
        return str(code.co_name)
    called = [next((names[node] for node in reversed(copy) if node in names), "") for copy in copies]
    operation = copies[0][-1].op
    assert operation is not None
    return common_name(called) or (operation.name.replace("_", " ") if len(copies[0]) == 1 else "block")


def common_name(called: Sequence[str]) -> str:
    """Return what names have in common, without numbers at the end.

    >>> common_name(["W1", "W2", "W10"]), common_name(["h", "h"]), common_name(["a", "b"])
    ('W', 'h', '')
    """
    if len(set(called)) == 1:
        return called[0].strip()
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*called))
    return re.sub(r"[\d\[\]_]+$", "", "".join(letters[0] for letters in alike)).strip()
