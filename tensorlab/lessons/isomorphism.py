"""Whether two graphs, as data (`view/structure.py`), are one: the same nodes joined in the same way, in whatever order they are listed.

Floor 6. Inputs are told apart by their names, the operands of commutative operations may be exchanged, and constants agree within a
tolerance. What is used twice must be used twice in the other as well: sharing is what a graph is about.

The pairs are found from the outputs down. Where an operation is commutative, a fingerprint of what lies below each operand says which
belong together; where two have the same one, both ways are tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import permutations
from typing import Any

MOST_STEPS = 100_000
"""Pairs to try before giving up on a graph that is nothing but equal parts."""
Graph = Mapping[str, Any]


def difference(old: Graph, new: Graph, tolerance: float) -> str:
    """Return the first difference between two graphs, or nothing if they are one.

    Args:
        old, new: the graphs.
        tolerance: how far constants may be apart, relative to the larger and, near 0, absolutely.

    >>> x = {"op": "input", "type": "scalar", "name": "x"}
    >>> y = {"op": "input", "type": "scalar", "name": "y"}
    >>> add = {"op": "add", "type": "scalar", "inputs": [0, 1], "commutative": True}
    >>> first = {"outputs": [2], "nodes": [x, y, add]}
    >>> difference(first, {"outputs": [2], "nodes": [y, x, add]}, 0.0)
    ''
    >>> difference(first, {"outputs": [2], "nodes": [x, x, add]}, 0.0)
    'add of x, y is add of x, x now'
    """
    if len(old["outputs"]) != len(new["outputs"]):
        return f"{len(old['outputs'])} outputs are {len(new['outputs'])} now"
    if len(old["nodes"]) != len(new["nodes"]):
        return f"{len(old['nodes'])} nodes are {len(new['nodes'])} now"
    search = Search(old["nodes"], new["nodes"], tolerance)
    search.match(list(zip(old["outputs"], new["outputs"])), {}, {})
    return "" if search.found else search.reason


class Search:
    """A search for pairs of nodes."""

    def __init__(self, old: Sequence[Graph], new: Sequence[Graph], tolerance: float) -> None:
        self.old, self.new, self.tolerance = old, new, tolerance
        self.old_prints, self.new_prints = fingerprints(old), fingerprints(new)
        self.found, self.reason, self.steps = False, "", 0

    def match(self, pending: list[tuple[int, int]], there: dict[int, int], back: dict[int, int]) -> bool:
        """Pair what is pending, with what it is made of, and say whether that worked."""
        while pending:
            mine, other = pending.pop()
            self.steps += 1
            if self.steps > MOST_STEPS:
                self.reason = f"no pairs of nodes found in {MOST_STEPS} steps"
                return False
            if mine in there or other in back:
                if there.get(mine) != other:
                    return self.fail(f"{self.told(self.old, mine)} is shared in one graph and not in the other")
                continue
            if not self.alike(self.old[mine], self.new[other]):
                return self.fail(f"{self.told(self.old, mine)} is {self.told(self.new, other)} now")
            there[mine], back[other] = other, mine
            inputs, others = self.old[mine].get("inputs", ()), self.new[other].get("inputs", ())
            if not self.old[mine].get("commutative"):
                pending.extend(zip(inputs, others))
                continue
            orders = self.orders(inputs, others)
            if not orders:
                return self.fail(f"{self.told(self.old, mine)} is {self.told(self.new, other)} now")
            for order in orders[1:]:
                if self.match([*pending, *zip(inputs, order)], dict(there), dict(back)):
                    return True
            pending.extend(zip(inputs, orders[0]))
        self.found = True
        return True

    def orders(self, inputs: Sequence[int], others: Sequence[int]) -> list[tuple[int, ...]]:
        """Return the orders of the operands of one graph that can be those of the other."""
        wanted = [self.old_prints[each] for each in inputs]
        return list(dict.fromkeys(order for order in permutations(others) if [self.new_prints[each] for each in order] == wanted))

    def fail(self, reason: str) -> bool:
        """Keep the first reason."""
        self.reason = self.reason or reason
        return False

    def alike(self, mine: Graph, other: Graph) -> bool:
        """Say whether two nodes can be one, leaving aside what they are made of."""
        if any(mine.get(key) != other.get(key) for key in ("op", "type", "name")):
            return False
        as_many = len(mine.get("inputs", ())) == len(other.get("inputs", ()))
        return as_many and values_agree(mine.get("value"), other.get("value"), self.tolerance)

    def told(self, nodes: Sequence[Graph], at: int) -> str:
        """Return a node in words."""
        node = nodes[at]
        if "inputs" in node:
            return f"{node['op']} of {', '.join(self.name(nodes[each]) for each in node['inputs'])}"
        return self.name(node)

    def name(self, node: Graph) -> str:
        """Return what a node is called."""
        value = node.get("value")
        if value is not None:
            listed = value.get("numbers", [])
            return str(listed[0]) if len(listed) == 1 else f"constant of shape {tuple(value['shape'])}"
        return node.get("name") or str(node["op"])


def fingerprints(nodes: Sequence[Graph]) -> list[str]:
    """Return for each node a text that depends on all that lies below it, and not on the order of commutative operands.

    Numbers are left out: they agree within a tolerance, which no fingerprint knows.
    """
    found: list[str] = []
    for node in nodes:
        below = [found[each] for each in node.get("inputs", ())]
        told = repr((node["op"], node["type"], node.get("name"), sorted(below) if node.get("commutative") else below))
        found.append(sha256(told.encode()).hexdigest()[:16])
    return found


def values_agree(mine: Any, other: Any, tolerance: float) -> bool:
    """Say whether the values of two constants agree."""
    if mine is None or other is None:
        return mine is other
    if mine.get("shape") != other.get("shape") or mine.get("sum") != other.get("sum"):
        return False
    pairs = zip(mine.get("numbers", ()), other.get("numbers", ()))
    return all(one == two or near(one, two, tolerance) for one, two in pairs)


def near(one: Any, two: Any, tolerance: float) -> bool:
    """Say whether two numbers are within a tolerance of each other; texts such as "nan" are not."""
    if isinstance(one, str) or isinstance(two, str):
        return False
    return math.isclose(one, two, rel_tol=tolerance, abs_tol=tolerance)
