r"""`%grad`: from the words of its line to derivatives that read well.

Floor 6, over `gradient.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import rewrite
from ..gradient import grad
from ..graph.node import Constant, Node
from ..graph.place import Place, made_at
from ..graph.walk import ancestors
from ..ops.choices import Cast
from ..view.escape import latex_name, partial_derivative
from ..view.latex import latex
from ..view.naming import names_in
from ..view.text import pp, without_outer
from .formatters import LeftSide, derivatives, text_of
from .mistakes import MagicError, instead_of
from .namespace import is_name, kind_of, leaves_by_name, value_of


@dataclass(frozen=True)
class Wanted:
    """What the line of `%grad` means.

    Attributes:
        cost, called: the expression, and its name if it has one.
        variables, labels: what to differentiate it by, and what the line calls each.
        several: whether a list is wanted.
    """

    cost: Node
    called: str | None
    variables: list[Node]
    labels: list[str]
    several: bool


def meant(asked: str, parts: Sequence[str], names: Mapping[str, Any], where: Place | None) -> Wanted:
    """Return what the words of the line of `%grad` mean.

    Args:
        asked: the whole line, for messages.
        parts: an expression, and what to differentiate it by.
        names: the reader's variables.
        where: the place of the magic in the reader's code.

    Raises:
        MagicError: the line does not name an expression and what to differentiate it by.
    """
    __tracebackhide__ = True
    if not parts:
        raise MagicError(asked, "no expression to differentiate", "%grad y x, for the derivative of y with respect to x")
    apart = where.on_the_way if where is not None else None  # what the line itself builds is not what a variable is assigned
    cost = value_of(asked, parts[0], names, apart)
    if isinstance(cost, tuple) and (apart_from_commas := without_commas(parts)):
        raise MagicError(asked, "commas between the expressions", f"%grad {apart_from_commas}")
    if not isinstance(cost, Node):
        found = f"{parts[0]} is {kind_of(cost)}, not a symbolic expression"
        raise MagicError(asked, found, "an expression made of symbols, such as y = x ** 2")
    order = ancestors([cost])
    known = leaves_by_name(order)
    if len(parts) == 1:
        raise MagicError(asked, "nothing to differentiate by", f"%grad {parts[0]} {next(iter(known), 'x')}")
    labels: list[str] = []
    variables: list[Node] = []
    for part in parts[1:]:
        found_here = variable(asked, part, names, known, set(order), apart)
        labels += [part] if isinstance(found_here, Node) else [each.known_name or part for each in found_here]
        variables += [found_here] if isinstance(found_here, Node) else found_here
    called = parts[0] if is_name(parts[0]) else names_in([cost], names).get(cost)
    return Wanted(cost, called, variables, labels, len(parts) > 2 or labels != list(parts[1:]))


def derive(wanted: Wanted, names: Mapping[str, Any], where: Place | None) -> tuple[Node | list[Node], str]:
    """Return a derivative (or a list of them), and what they are as text.

    Raises:
        TensorlabError: there is no such derivative (see `gradient.grad`).
    """
    __tracebackhide__ = True
    with made_at(where):
        raw = grad(wanted.cost, wanted.variables)
    places = [where.at(position) if where is not None and wanted.several else where for position in range(len(wanted.variables))]
    results = [fresh(each, place) for each, place in zip(simplified(raw), places)]
    above = f"d{wanted.called}" if wanted.called else f"d({without_outer(pp(wanted.cost, reading=True).splitlines()[-1])})"
    for result, label, wrt in zip(results, wanted.labels, wanted.variables):
        typeset = left_side(wanted.cost, wanted.called, latex_name(label) if label.isidentifier() else latex(wrt, names))
        derivatives[result] = LeftSide(typeset, f"{above}/d{label}")
    return (results if wanted.several else results[0]), "\n".join(map(text_of, results))


def without_commas(parts: Sequence[str]) -> str:
    """Return the words of a line with spaces where there are commas between expressions; empty if there are none.

    >>> without_commas(["y,", "x"]), without_commas(["y,x"]), without_commas(["(y,)", "x"])
    ('y x', 'y x', '')
    """
    tree = ast.parse(parts[0], mode="eval").body
    if not isinstance(tree, ast.Tuple) or parts[0].startswith("("):
        return ""
    words = [*map(ast.unparse, tree.elts), *(part.strip(",") for part in parts[1:])]
    return " ".join(f'"{word}"' if " " in word else word for word in words if word)


def variable(
    asked: str, part: str, names: Mapping[str, Any], known: Mapping[str, Node], graph: set[Node], where: Place | None
) -> Node | list[Node]:
    """Return the variable (or the list of them) that a word of the line means.

    A word whose variable holds a value by now still means the symbol of that name that the cost was built from.

    Raises:
        MagicError: it means no symbol, or one that was made again after the cost was built from it.
    """
    __tracebackhide__ = True
    earlier = known.get(part)
    if earlier is None and part not in names and is_name(part):
        raise MagicError(asked, f"there is no variable {part!r}", instead_of(part, known))
    found = earlier if part not in names and earlier is not None else value_of(asked, part, names, where)
    if isinstance(found, Node):
        if earlier is not None and found is not earlier and found not in graph:
            told = f"the expression was built from an earlier {part}, made at {earlier.place}; {part} is now another one"
            raise MagicError(asked, f"{told}, made at {found.place}", "run the cell that builds the expression again")
        return found
    if isinstance(found, (list, tuple)) and found and all(isinstance(each, Node) for each in found):
        return list(found)
    if earlier is not None:
        return earlier
    advice = f"one of {', '.join(known)}" if known else "a symbol that the expression depends on"
    raise MagicError(asked, f"{part} is {kind_of(found)}, not a symbol", advice)


def simplified(nodes: Sequence[Node]) -> list[Node]:
    """Return the same values in a form that is shorter to read, if the rewrites know one."""
    shorten = getattr(rewrite, "simplified", None)
    return list(nodes) if shorten is None else list(shorten(nodes))


def fresh(node: Node, where: Place | None) -> Node:
    """Return a node of its own with the same value: the derivative of w * x by w is x, and still another thing than the reader's x."""
    with made_at(where):
        if isinstance(node, Constant):
            return Constant(node.value)
        if node.op is None:
            return Cast(node.type.dtype)(node)
        return Node(node.type, op=node.op, inputs=node.inputs)


def left_side(cost: Node, called: str | None, variable: str) -> str:
    """Return what stands at the left of a derivative, as LaTeX."""
    if called:
        return partial_derivative(latex_name(called), variable)
    return rf"\frac{{\partial}}{{\partial {variable}}} \left({latex(cost)}\right)"
