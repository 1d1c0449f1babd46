r"""What a notebook shows for an expression: the formula, its type in small letters, and below it what its names stand for.

Floor 4, after `latex.py`. A network of three layers is one line for the cost and one for every intermediate that the reader
gave a name to, top to bottom; what has no name is written out where it is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from ..state import SharedVariable
from .digits import described
from .escape import latex_text
from .latex import MOST, formula, wording

MOST_LINES = 12  # of definitions: a screen holds them together with the code that made them


@dataclass(frozen=True)
class Line:
    """One line of a display: what is defined, by what, and of which type. Each side is LaTeX."""

    left: str
    right: str
    type: str


def lines(nodes: Sequence[Node], names: Mapping[str, Any] | None = None, lefts: Mapping[Node, str] | None = None) -> list[Line]:
    r"""Return the lines for some nodes and, below them, for the named intermediates that they are made of.

    Args:
        nodes: what to show first.
        names: variables of the reader, for nodes that know no name.
        lefts: LaTeX to put at the left of some nodes instead of their names.

    >>> x, w, b = T.scalars("x", "w", "b")
    >>> z = w * x + b
    >>> z.name = "z"
    >>> [(line.left, line.right) for line in lines([z ** 2])]
    [('', 'z^{2}'), ('z', 'w x + b')]
    """
    words = wording(nodes, names)
    words |= {node: f"t_{{{number}}}" for number, node in enumerate(repeated(nodes, words), 1)}
    used: dict[Node, None] = {}
    shown: list[Line] = []
    for node in nodes:
        left = (lefts or {}).get(node) or words.get(node, "")
        plain = node.op is None and not isinstance(node, Constant) and left == words.get(node)
        right = "" if plain else right_side(node, words, used, left)
        shown.append(Line(left, right, kind(node)))
    turn = {node: number for number, node in enumerate(ancestors(nodes))}
    done = set(nodes)
    while used:
        node = max(used, key=turn.__getitem__)  # what was made last comes first, and mentions only what comes after it
        del used[node]
        if node in done or node.op is None:
            continue
        done.add(node)
        if len(done) - len(nodes) > MOST_LINES:
            shown.append(Line(r"\vdots", "", "and so on"))
            break
        shown.append(Line(words[node], right_side(node, words, used, words[node]), kind(node)))
    return shown


def right_side(node: Node, words: Mapping[Node, str], used: dict[Node, None], left: str) -> str:
    """Return the formula for a line; b = (x > 0) has parentheses, since b = x > 0 would say that b is x."""
    piece = formula(node, words, used)
    return piece.wrapped if left and piece.kind == "truth" else piece.text


def repeated(nodes: Sequence[Node], words: Mapping[Node, str]) -> list[Node]:
    """Return the nodes without a name that are read more than once, if writing them out each time would fill the page."""
    size: dict[Node, int] = {}
    uses: Counter[Node] = Counter()
    order = ancestors(nodes)
    total = 0
    for node in order:
        uses.update(node.inputs)
        written = sum(1 if each in words else size[each] for each in node.inputs)
        size[node] = min(written + (node.op is not None), 10**9)  # far beyond any page; 2^60 paths would make a number of 60 bits
        total += size[node] if node in words or node in nodes else 0
    if total <= MOST or total <= 1.5 * len(order):
        return []
    return [node for node in order if node.op is not None and node not in words and uses[node] > 1]


def kind(node: Node) -> str:
    """Return the type of a node in words, and whether it is shared."""
    return described(node) + (", shared" if isinstance(node, SharedVariable) else "")


def typeset(shown: Sequence[Line]) -> str:
    r"""Return lines as one display between dollar signs, as MathJax and KaTeX take it.

    >>> print(typeset([Line("y", "x^{2}", "float64 scalar")]))
    $\displaystyle y = x^{2} \qquad {\small \text{float64 scalar}}$
    """
    if len(shown) == 1:
        (line,) = shown
        body = " = ".join(filter(None, (line.left, line.right)))
        return rf"$\displaystyle {body} \qquad {small(line)}$"
    rows = (f"{line.left} &{' = ' if line.left and line.right else ' '}{line.right} && {small(line)}" for line in shown)
    return r"$\displaystyle \begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}$"


def small(line: Line) -> str:
    """Return the type of a line in small letters."""
    return rf"{{\small {latex_text(line.type)}}}"


def display_latex(node: Node, names: Mapping[str, Any] | None = None) -> str:
    r"""Return what a notebook shows for a node.

    >>> print(display_latex(T.scalar("x")))
    $\displaystyle x \qquad {\small \text{float64 scalar}}$
    """
    return typeset(lines([node], names))
