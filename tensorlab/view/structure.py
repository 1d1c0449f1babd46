"""A graph as plain data, without places and looks: what tests compare instead of pictures.

Floor 4. Two pictures of one graph may differ in every coordinate; the data here is the same up to the order of nodes. A notebook holds it
beside a picture only if the environment asks for it (`TENSORLAB_GRAPHS=1`, as `python -m tensorlab lessons run --graphs` does): readers
need none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..graph.node import Constant, Node
from ..graph.walk import ancestors

KIND = "application/vnd.tensorlab.graph+json"
"""The MIME type of the data."""
VERSION = 1
ASKED_BY = "TENSORLAB_GRAPHS"
MOST_NUMBERS = 1000  # of a constant; of a larger one only its shape and its sum are kept
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def is_asked_for() -> bool:
    """Say whether notebooks shall hold graphs as data beside their pictures."""
    return os.environ.get(ASKED_BY, "") not in ("", "0")


def structure(outputs: Iterable[Node], given: Iterable[Node] = ()) -> dict[str, Any]:
    """Return a graph as data.

    Args:
        outputs: what it computes.
        given: nodes at which it begins, though they may be expressions.

    Returns:
        "version", "outputs" (positions in "nodes"), and "nodes", each after its inputs: "op" ("input", "shared" or "constant" where there
        is none), "type", "name" (of what has no op), "inputs" (positions), "commutative" and, of a constant, "value".

    >>> x = T.scalar("x")
    >>> [node["op"] for node in structure([x ** 2])["nodes"]]
    ['input', 'constant', 'pow']
    """
    wanted, start = list(outputs), set(given)
    order = ancestors(wanted, stop_at=start)
    position = {node: number for number, node in enumerate(order)}
    nodes = []
    for node in order:
        leaf = node.op is None or node in start
        entry: dict[str, Any] = {"op": leaf_of(node) if leaf else ADDRESS.sub("", str(node.op)), "type": str(node.type)}
        if leaf:
            entry["name"] = node.name or ""
        else:
            entry["inputs"] = [position[each] for each in node.inputs]
            entry["commutative"] = bool(node.op is not None and node.op.commutative)
        if isinstance(node, Constant):
            entry["value"] = numbers(node.value)
        nodes.append(entry)
    return {"version": VERSION, "outputs": [position[node] for node in wanted], "nodes": nodes}


def leaf_of(node: Node) -> str:
    """Return what a node without inputs is."""
    if isinstance(node, Constant):
        return "constant"
    return "shared" if hasattr(node, "get_value") else "input"


def numbers(value: Any) -> Any:
    """Return the numbers of a constant as text holds them: nan and inf as words."""
    array = np.asarray(value)
    if array.size > MOST_NUMBERS:
        return {"shape": list(array.shape), "sum": str(array.sum())}
    return {"shape": list(array.shape), "numbers": [each if is_plain(each) else str(each) for each in array.ravel().tolist()]}


def is_plain(number: Any) -> bool:
    """Say whether JSON has a number."""
    return isinstance(number, (bool, int)) or (isinstance(number, float) and bool(np.isfinite(number)))
