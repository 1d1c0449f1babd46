r"""What a notebook shows when an expression is the last line of a cell: the formula and its type.

Floor 6, over `view/formula.py`. A derivative made by `%grad` is remembered here, so that it shows as
\frac{\partial y}{\partial x} = 2x whenever it is shown, and as dy/dx = 2 * x where there is only text. The text of every other
expression stays what `print` says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from ..graph.node import Node
from ..view.formula import lines, typeset
from ..view.text import pp, without_outer


class LeftSide(NamedTuple):
    """What stands at the left of the formula of a derivative, as LaTeX and as text."""

    latex: str
    text: str


derivatives: WeakKeyDictionary[Node, LeftSide] = WeakKeyDictionary()
"""The left side of each derivative that `%grad` made."""


def formula_of(nodes: Sequence[Node], names: dict[str, Any]) -> str:
    """Return the display of some expressions: one or several lines of LaTeX."""
    lefts = {node: derivatives[node].latex for node in nodes if node in derivatives}
    return typeset(lines(list(nodes), names, lefts))


def text_of(node: Node) -> str:
    """Return a node as text: a derivative as an equation, all else as `print` shows it."""
    left = derivatives.get(node)
    if left is None:
        return repr(node)
    *shared, formula = pp(node, reading=True).splitlines()  # what is used twice has a line of its own above
    return "\n".join([*shared, f"{left.text} = {without_outer(formula)}"])


def register(shell: Any) -> Callable[[], None]:
    """Add the formatter for expressions, and for lists and tuples of nothing else; return what takes it away again."""
    latex, plain = (shell.display_formatter.formatters[kind] for kind in ("text/latex", "text/plain"))

    def of_node(node: Node) -> str:
        return formula_of([node], shell.user_ns)

    def of_sequence(values: Sequence[Any]) -> str | None:
        if values and all(isinstance(each, Node) for each in values):
            return formula_of(values, shell.user_ns)
        previous = before.get(type(values))
        return previous(values) if previous is not None else None

    def in_text(node: Node, printer: Any, cycle: bool) -> None:
        printer.text(text_of(node))

    before: dict[type, Any] = {}
    added: dict[type, Any] = {Node: of_node, list: of_sequence, tuple: of_sequence}
    for kind, function in added.items():
        before[kind] = latex.type_printers.get(kind)
        latex.for_type(kind, function)
    text_before = plain.type_printers.get(Node)
    plain.for_type(Node, in_text)  # the printer of lists asks it for each item

    def undo() -> None:
        given_back = [(latex, kind, function, before[kind]) for kind, function in added.items()]
        for formatter, kind, function, previous in [*given_back, (plain, Node, in_text, text_before)]:
            if formatter.type_printers.get(kind) is not function:
                continue  # somebody else has taken it over since
            formatter.pop(kind)
            if previous is not None:
                formatter.for_type(kind, previous)

    return undo
