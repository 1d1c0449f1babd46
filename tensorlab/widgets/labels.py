"""What each node of a graph is called in steps and sentences: by its name, or v₁, v₂, … in the order of the work.

Floor 6. A step says "v₁ = w x", and the next one "z = v₁ + b": every operation has a name, as in a table of forward values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..graph.node import Constant, Node
from ..view.digits import array
from ..view.drawing import clean
from ..view.escape import latex_name
from ..view.naming import names_in, numbered

LETTERS = ("v", "u", "t", "q", "s")
"""For what has no name; the first that begins no name of the reader's."""
LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def labels_of(order: Sequence[Node], names: Mapping[str, Any] | None = None) -> dict[Node, str]:
    """Return what each node is called, no two alike except constants.

    >>> w, x, b = T.scalars("w", "x", "b")
    >>> from tensorlab.graph.walk import ancestors
    >>> list(labels_of(ancestors([w * x + b])).values())
    ['w', 'x', 'v₁', 'b', 'v₂']
    """
    return {node: text for node, (text, _) in both(order, names).items()}


def formulas_of(order: Sequence[Node], names: Mapping[str, Any] | None = None) -> dict[Node, str]:
    """Return the same names as LaTeX, without constants, which a formula writes out."""
    return {node: latex for node, (_, latex) in both(order, names).items() if not isinstance(node, Constant)}


def both(order: Sequence[Node], names: Mapping[str, Any] | None, outputs: Sequence[Node] = ()) -> dict[Node, tuple[str, str]]:
    """Return per node its label and its LaTeX; the outputs are the ends of the graph, by default the last node."""
    known = names_in(outputs or order[-1:], names)
    numbers = numbered({node: name for node, name in known.items() if not isinstance(node, Constant)})
    taken = {name[0] for name in known.values() if len(name.translate(LOW)) < 2 or name[1:].strip("_").isdigit()}
    letter = next((each for each in LETTERS if each not in taken), "step")
    count = 0
    result: dict[Node, tuple[str, str]] = {}
    for node in order:
        if isinstance(node, Constant):
            result[node] = array(node.value), ""
        elif node in known:
            number = str(numbers.get(node, ""))
            high = f"⁽{number.translate(HIGH)}⁾" if number else ""
            result[node] = clean(known[node]) + high, latex_name(known[node]) + (f"^{{({number})}}" if number else "")
        else:
            count += 1
            result[node] = f"{letter}{str(count).translate(LOW)}", f"{letter}_{{{count}}}"
    return result
