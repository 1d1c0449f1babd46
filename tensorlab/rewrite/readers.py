"""Who reads what in a graph, kept right while nodes are replaced.

Floor 3. A node on its own does not know who reads it, and most rules need not know: they say what a node is worth. Where a rule gives
one node's work to another (a product that is added straight into the memory of a sum), it must be sure that nobody else wants
the result in between. `downward` is the pass for such rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..graph.node import Node
from ..ops.classification import Rows
from ..ops.families import Elementwise, Reduction, View
from ..ops.log_sum_exp import LogSumExp

Counts = dict[Node | None, int]
"""Readers of a node, and how many times each reads it; None stands for the caller, who wants the result."""


class Readers:
    """The readers of every node that some outputs are made of.

    Args:
        outputs: the nodes wanted.
        order: all nodes that they are made of.
    """

    def __init__(self, outputs: Sequence[Node], order: Sequence[Node]) -> None:
        self._of: dict[Node, Counts] = {node: {} for node in order}
        for node in order:
            self._reads(node)
        for output in outputs:
            self._of[output][None] = self._of[output].get(None, 0) + 1

    def __contains__(self, node: Node) -> bool:
        return node in self._of

    def wanted(self, node: Node) -> bool:
        """Say whether anybody reads a node."""
        return bool(self._of.get(node))

    def read_once(self, node: Node) -> bool:
        """Say whether a node is read in one place only, by another node."""
        counts = self._of.get(node, {})
        return len(counts) == 1 and None not in counts and sum(counts.values()) == 1

    def in_loops(self, node: Node) -> bool:
        """Say whether somebody computes on with a node element by element, in a loop that can read several arrays at once."""
        pending, seen = [node], {node}
        while pending:
            for reader in self._of.get(pending.pop(), ()):
                if reader is None or reader in seen:
                    continue
                if isinstance(reader.op, (Elementwise, Reduction, Rows, LogSumExp)):
                    return True
                if isinstance(reader.op, View):
                    seen.add(reader)
                    pending.append(reader)
        return False

    def replace(self, node: Node, result: Node) -> list[Node]:
        """Let the readers of a node read another one, and return the nodes that are new with it, inputs first."""
        new = list(self._unknown(result))
        for each in new:
            self._of[each] = {}
        for each in new:
            self._reads(each)
        for reader, times in self._of[node].items():
            self._of[result][reader] = self._of[result].get(reader, 0) + times
        self._of[node] = {}
        self._forget(node)
        return new

    def _reads(self, node: Node) -> None:
        for each in node.inputs:
            self._of[each][node] = self._of[each].get(node, 0) + 1

    def _unknown(self, result: Node) -> Iterator[Node]:
        """Yield the nodes below a new one that are not known yet, inputs first."""
        stack, done = [result], set(self._of.keys() & {result})
        while stack:
            node = stack[-1]
            pending = [each for each in node.inputs if each not in self._of and each not in done]
            if node in done or not pending:
                stack.pop()
                if node not in done:
                    done.add(node)
                    yield node
            else:
                stack.extend(reversed(pending))

    def _forget(self, node: Node) -> None:
        """Take a node that nobody reads any more off the list of readers of its inputs, and these in turn if it was the last."""
        gone = [node]
        while gone:
            dead = gone.pop()
            for each in dead.inputs:
                if self._of[each].pop(dead, None) is not None and not self._of[each]:
                    gone.append(each)
