"""What is said at each step: a sentence for the eye and the ear, and the numbers that stand beside the nodes.

Floor 6. Read `tracing.py` and `scene.py` first. A step says what a careful teacher says at the board: what is computed, from what, and on
the way back what arrived, from where, and what is handed on.
"""

from __future__ import annotations

from collections.abc import Collection
from math import isqrt
from typing import Any

import numpy as np

from ..graph.node import Constant, Node
from ..view.digits import array, number
from ..view.text import written
from .arrays import MOST, for_page
from .base import ROOM, size_of
from .questions import question
from .tracing import Trace
from .way_back import Edge

CELLS = 12_000  # of all heat maps of one widget together
PER_CELL, PER_ARRAY = 11, 150  # characters: "-0.005725, ", and the words around the numbers of an array
MOST_KNOWN = 8  # values in the first sentence
LONG = 24  # letters of a value: a number or a small vector
SPARE = 12_000  # characters of the room for what is not counted here


def told(run: Trace, taken: int = 0, again: Collection[int] = ()) -> dict[str, Any]:
    """Return everything that depends on the values, as data for the page.

    Args:
        run: the trace.
        taken: how many bytes of the room something else takes; heat maps are as coarse as the rest demands.
        again: positions of nodes that do what others did before, the later copies of a block: their steps are told in short, and not
            asked about.

    Returns:
        `values`, `gradients`: per node, as `for_page` gives them, null where there is none. `contributions`, `locals`: per edge.
        `steps`: `way` ("start", "forward" or "back"), `node`, `say`, and perhaps `ask` (see `questions.py`).
    """
    numbers = {node: position for position, node in enumerate(run.order)}
    edges = [(node, slot) for node in run.order for slot in range(len(node.inputs))]
    arrays = [*run.values.values(), *run.gradients.values()]
    large = [min(each.size, MOST * MOST) for each in arrays if each.ndim]
    said = list(steps(run, numbers, again))
    left = ROOM - SPARE - taken - size_of(said) - PER_ARRAY * len(arrays)
    cells = max(0, min(CELLS, left // PER_CELL))
    side = MOST if sum(large) <= cells else max(1, isqrt(cells // max(1, len(large))))
    return {
        "values": [None if isinstance(node, Constant) or node not in run.values else for_page(plus(run.values[node]), side)
                   for node in run.order],
        "gradients": [for_page(plus(run.gradients[node]), side) if node in run.gradients else None for node in run.order],
        "contributions": [beside(run.contributions[edge]) if edge in run.contributions else None for edge in edges],
        "locals": [local_text(run, edge) for edge in edges],
        "steps": said,
    }


def steps(run: Trace, numbers: dict[Node, int], again: Collection[int] = ()) -> list[dict[str, Any]]:
    """Return the steps, from the inputs forward to the cost and back to the variables."""
    listed: list[dict[str, Any]] = [{"way": "start", "say": start(run)}]
    for way, order, say in (("forward", run.forward, forward), ("back", run.backward, back)):
        for count, node in enumerate(order, 1):
            short = numbers[node] in again
            said = f"{way.capitalize()}, {count} of {len(order)}: {say(run, node, short)}"
            listed.append({"way": way, "node": numbers[node], "say": said, **({} if short else asked(run, node, way, count))})
    return listed


def asked(run: Trace, node: Node, way: str, count: int) -> dict[str, Any]:
    """Return the question before a step, if there is one that can be answered with a number."""
    found = question(run, node, way, count)
    return {} if found is None else {"ask": found}


def start(run: Trace) -> str:
    """Say what is known before anything is computed."""
    if not run.values:
        return "No values are known: give some to step through the graph, at={…} or --at x=1."
    known = [f"{run.labels[node]} = {in_short(value)}" for node, value in list(run.at.items())[:MOST_KNOWN]]
    rest = f", and {len(run.at) - MOST_KNOWN} more" if len(run.at) > MOST_KNOWN else ""
    return f"Before the first step: {', '.join(known) or 'only constants are known'}{rest}."


def forward(run: Trace, node: Node, short: bool = False) -> str:
    """Say what one operation computes; in short without the values of its operands."""
    name, value = run.labels[node], in_short(run.values[node])
    operands = list(dict.fromkeys(each for each in node.inputs if not isinstance(each, Constant)))
    known = {each: run.labels[each] for each in node.inputs if each is not node}
    expression = without_outer(written(node, known))
    if all(run.values[each].ndim == 0 for each in node.inputs):
        numbers = {each: signed(run.values[each]) for each in node.inputs}
        return f"{name} = {expression} = {without_outer(written(node, numbers))} = {value}."
    told = "" if short else " and ".join(f"{run.labels[each]} = {in_short(run.values[each])}" for each in operands)
    return f"{name} = {expression} = {value}" + (f", with {told}." if told else ".")


def signed(value: Any) -> str:
    """Return a number as it stands inside of an expression: a negative one in parentheses."""
    text = in_short(value)
    return f"({text})" if text.startswith("-") else text


def without_outer(text: str) -> str:
    """Return an expression without parentheses around the whole of it.

    >>> without_outer("(a + b)"), without_outer("(a) * (b)")
    ('a + b', '(a) * (b)')
    """
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:-1] if position and position == len(text) - 1 and text[0] == "(" else text
    return text


def back(run: Trace, node: Node, short: bool = False) -> str:
    """Say what arrives at a node on the way back, and what it sends on; in short only to whom."""
    cost, name = run.labels[run.cost], run.labels[node]
    shares = run.shares[node]
    total = in_short(run.gradients[node])
    if node is run.cost:
        said = f"the walk begins at {cost}, and ∂{cost}/∂{cost} = 1."
    elif len(shares) == 1:
        again = f" = {total}" if len(total) <= LONG else ""  # nobody wants to hear lengths and extremes twice
        arrives = "arrive" if " numbers" in total else "arrives"
        said = f"{total} {arrives} at {name} from {run.labels[shares[0][0]]}: ∂{cost}/∂{name}{again}."
    else:
        parts = " and ".join(f"{in_short(run.contributions[edge])} from {run.labels[edge[0]]}" for edge in shares)
        said = f"{parts} arrive at {name}, and their sum is ∂{cost}/∂{name} = {total}."
    edges = [(node, slot) for slot in range(len(node.inputs)) if (node, slot) in run.contributions]
    sent = [sending(run, edge) for edge in edges]
    if sent and short:
        return f"{said} {name} sends to {' and '.join(run.labels[node.inputs[slot]] for _, slot in edges)}."
    if sent:
        return f"{said} {name} sends {'; '.join(sent)}."
    return f"{said} {name} is what we differentiate by." if node in run.wrt else said


def sending(run: Trace, edge: Edge) -> str:
    """Say what goes along one edge."""
    node, slot = edge
    to, sent = run.labels[node.inputs[slot]], in_short(run.contributions[edge])
    local = run.locals[edge].value
    if local is None or run.gradients[node].ndim or local.ndim:
        return f"{sent} to {to}"
    return f"{in_short(run.gradients[node])} × {in_short(local)} = {sent} to {to}"


def local_text(run: Trace, edge: Edge) -> str | None:
    """Return the value of a local derivative as text, or null."""
    local = run.locals.get(edge)
    return None if local is None or local.value is None else beside(local.value)


def in_short(value: Any) -> str:
    """Return a value in a few words: a number, a small vector, or lengths and extremes.

    >>> in_short(np.array(-0.0)), in_short(np.array([1.0, -1.0])), in_short(np.linspace(0, 1, 20).reshape(4, 5))
    ('0', '[1, -1]', '4×5 numbers from 0 to 1')
    >>> in_short(np.full((2, 3), 0.5))
    '2×3 numbers, all 0.5'
    """
    whole = plus(value)
    text = array(whole)
    if text.endswith(" numbers") and whole.size and not np.isnan(whole).any():
        return f"{text} from {number(whole.min())} to {number(whole.max())}"
    return text.replace(" times ", " numbers, all ")


def beside(value: Any) -> str:
    """Return a value in the few characters that there are beside an edge: a number, a small vector, or lengths and extremes.

    >>> beside(np.array([1.0, -1.0])), beside(np.linspace(0, 1, 20).reshape(4, 5)), beside(np.ones((2, 3)))
    ('[1, -1]', '4×5: 0 … 1', '2×3: 1')
    """
    whole = plus(value)
    if whole.size <= 4 and whole.ndim < 2:
        return in_short(whole)
    lengths = "×".join(map(str, whole.shape))
    if not whole.size:
        return lengths
    low, high = number(whole.min()), number(whole.max())
    return f"{lengths}: {low}" + f" … {high}" * (low != high)


def plus(value: Any) -> np.ndarray[Any, Any]:
    """Return a value with 0 for -0, which to a reader is a mistake in print."""
    whole = np.asarray(value)
    return whole + 0.0 if whole.dtype.kind == "f" else whole
