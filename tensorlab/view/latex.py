r"""An expression as a mathematician would typeset it.

Floor 4. Read `naming.py`, `escape.py` and `pieces.py` first. A card says how its op is written: `op.latex` is a template, `op.binding` how
tightly the result holds together, so that parentheses stand where they are needed and nowhere else. What a template cannot
say is in `sentences.py`: 2x instead of x · 2, \odot between arrays, a - b instead of a + -b.

Nothing here recurses, and a formula is cut with dots when it has more than `MOST` operations: nobody reads further.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from ..graph.node import Constant, Node
from ..graph.op import ATOM, Op
from ..ops.families import Elementwise, Reduction
from .escape import latex_name, latex_text
from .means import Mean, mean_of
from .naming import names_in, numbered
from .pieces import BIG_OPERATOR, CUT, FRACTION, SUM, Piece, called_by, constant, figure, is_number
from .sentences import SENTENCES

MOST = 60  # operations in one formula: about four lines of print
COMPARISON = 5  # how tightly x > 0 holds together, on the scale of `Op.binding`
LOGIC = {"and", "or", "xor", "invert"}  # what takes truths for truths
MOST_LISTED = 6  # operands of an op that takes any number of them
AXES = "ijklmnopq"  # the letter under a sum sign, by axis
Wording = Mapping[Node, str]


def latex(node: Node, names: Mapping[str, Any] | None = None) -> str:
    r"""Return an expression as LaTeX, for use between dollar signs; what has a name below the top is written by its name.

    >>> x, w, b = T.scalars("x", "w", "b")
    >>> print(latex(w * x + b), "and", latex((x - b) ** 2 / 2))
    w x + b and \frac{\left(x - b\right)^{2}}{2}
    """
    return formula(node, wording([node], names)).text


def wording(outputs: Sequence[Node], names: Mapping[str, Any] | None = None) -> dict[Node, str]:
    """Return how each named node of a graph is written: nodes that share a name are numbered, h^{(1)}, h^{(2)} …"""
    found = names_in(outputs, names)
    numbers = numbered({node: name for node, name in found.items() if not isinstance(node, Constant)})
    return {node: latex_name(name) + (f"^{{({numbers[node]})}}" if node in numbers else "") for node, name in found.items()}


def formula(root: Node, names: Wording, used: dict[Node, None] | None = None) -> Piece:
    """Return the formula for one node; the named nodes that it mentions are added to `used`."""
    occurrences: list[Node] = [root]  # the formula as a tree, parents before children
    children: list[range | None] = []  # None: not written out
    means: dict[int, Mean] = {}
    budget = MOST
    for position, node in enumerate(occurrences):  # grows while it is read
        named = position > 0 and node in names and not is_number(node)
        if node.op is None or named or budget <= 0:
            if named and used is not None:
                used.setdefault(node)
            children.append(None)
            continue
        budget -= through(node) is None
        mean = mean_of(node, names)
        if mean is not None:
            means[position] = mean
        operands = written_inputs(node) if mean is None else mean.operands
        children.append(range(len(occurrences), len(occurrences) + len(operands)))
        occurrences.extend(operands)
    pieces: list[Piece] = [CUT] * len(occurrences)
    for position in reversed(range(len(occurrences))):
        node, below = occurrences[position], children[position]
        if below is not None:
            parts = [pieces[each] for each in below]
            pieces[position] = averaged(means[position], parts) if position in means else compose(node, parts)
        elif position > 0 and node in names and not is_number(node):
            pieces[position] = called_by(names[node])
        elif node.op is None:
            pieces[position] = leaf(node, names)
    return pieces[0]


def leaf(node: Node, names: Wording) -> Piece:
    """Return a symbol, a shared variable or a constant."""
    if isinstance(node, Constant):
        return constant(node.value)
    if node in names:
        return called_by(names[node])
    return Piece(rf"\langle\text{{{node.type.pattern}}}\rangle")


def through(node: Node) -> Node | None:
    """Return the operand that an operation leaves as it is in the eyes of a mathematician: a cast, a stretched axis, or None."""
    op = node.op
    if op is None:
        return None
    if op.latex == "{x}":
        return node.inputs[0]
    pattern = getattr(op, "pattern", None)
    if op.name == "dim_shuffle" and isinstance(pattern, tuple):
        kept = [axis for axis in pattern if axis != "x"]
        return node.inputs[0] if kept == sorted(kept) else None
    if op.name == "fill" and (node.inputs[0].type.ndim == 0 or not isinstance(node.inputs[1], Constant)):
        return node.inputs[1]
    return None


def written_inputs(node: Node) -> Sequence[Node]:
    """Return the operands that appear in the formula."""
    operand = through(node)
    return node.inputs if operand is None else (operand,)


def compose(node: Node, pieces: Sequence[Piece]) -> Piece:
    """Return the formula of an operation from those of its operands."""
    op = node.op
    assert op is not None
    if through(node) is not None:
        return recast(node, pieces[0])
    pieces = [piece.as_number if counts(node, position) else piece for position, piece in enumerate(pieces)]
    special = SENTENCES.get(op.name)
    said = special(node, *pieces) if special is not None else None
    if said is not None:
        return said
    if not op.latex:
        return Piece(called(op, [piece.text for piece in pieces]))
    binding = tightness(op)
    truth = node.type.dtype == "bool" and (binding < SUM or op.name in LOGIC)
    return Piece(from_template(op, node, pieces), binding, "truth" if truth else "")


def averaged(mean: Mean, pieces: Sequence[Piece]) -> Piece:
    """Return the formula of a mean, or of a product of one."""
    written = [average(mean, piece) if place == mean.place else piece for place, piece in enumerate(pieces)]
    return written[0] if mean.product is None else compose(mean.product, written)


def average(mean: Mean, terms: Piece) -> Piece:
    """Return the formula of a mean: its axes stand below where it does not run over all."""
    op = mean.total.op
    assert op is not None
    return Piece(with_axes(op, mean.total, rf"\operatorname{{mean}}\left({terms.as_number.text}\right)"))


def recast(node: Node, piece: Piece) -> Piece:
    """Return the formula of what an op leaves as it is: a cast shows only where it makes a number of a truth, or the other way round."""
    (operand,) = written_inputs(node)
    before, after = operand.type.dtype == "bool", node.type.dtype == "bool"
    if after and not before:
        return Piece(rf"{piece.inside(COMPARISON)} \ne 0", COMPARISON, "truth")
    return piece.as_number if before and not after else piece


def counts(node: Node, position: int) -> bool:
    """Say whether an op reads an operand as a number: then x > 0 is not written as it is, since y = x > 0 would say something else."""
    op = node.op
    if isinstance(op, Elementwise):
        chosen = op.name in ("switch", "fill") and node.type.dtype == "bool"
        return op.name not in LOGIC and position not in op.unlike and not chosen
    return op is not None and (op.name == "dot" or (isinstance(op, Reduction) and node.type.dtype != "bool"))


def called(op: Op, arguments: Sequence[str]) -> str:
    """Return an op without a template: its name with arguments in parentheses."""
    name = op.name.replace("_", r"\_")
    return rf"\operatorname{{{name}}}\left({', '.join(arguments)}\right)"


def tightness(op: Op) -> int:
    """Return how tightly an op's formula holds together; what is tall or open at one end needs parentheses where a name would not."""
    if op.latex.startswith(r"\frac"):
        return min(op.binding, FRACTION)
    if op.latex.startswith(r"\begin{{cases"):
        return 0
    if is_prefix(op):
        return min(op.binding, BIG_OPERATOR)
    return op.binding


def is_prefix(op: Op) -> bool:
    """Say whether an op is written as a big operator in front of its operand, as a sum is."""
    return re.fullmatch(r"\\[a-z]+ \{x\}", op.latex) is not None and isinstance(op, Reduction)


FIELDS = {"x": 0, "y": 1, "z": 2}


def from_template(op: Op, node: Node, pieces: Sequence[Piece]) -> str:
    """Fill a card's template; operands at its open ends get parentheses where they would fall apart."""
    written = ""
    for literal, field, _, _ in Formatter().parse(op.latex):
        written += literal.replace(r", \dots", listed(pieces[1:]))
        if field is None:
            continue
        position = FIELDS.get(field, int(field[1:]) if re.fullmatch(r"x\d+", field) else None)
        if position is None:
            written += setting(getattr(op, field, ""))
        elif depth(written) > 0:
            written += pieces[position].text
        else:
            written += operand(op, node, position, pieces[position], first=not written.strip())
    return with_axes(op, node, written)


def listed(pieces: Sequence[Piece]) -> str:
    """Return the operands after the first of an op that takes any number of them."""
    shown = [piece.text for piece in pieces[: MOST_LISTED - 1]] + [r"\dots"] * (len(pieces) >= MOST_LISTED)
    return "".join(f", {text}" for text in shown)


def setting(value: Any) -> str:
    """Return what an op was made with, where its template asks for it."""
    return figure(value).text if isinstance(value, (int, float)) else latex_text(str(value))


def operand(op: Op, node: Node, position: int, piece: Piece, first: bool) -> str:
    """Return an operand at an open end of a formula, in parentheses if need be."""
    binding = tightness(op)
    if piece.negative and not first:
        return piece.wrapped
    if piece.binding != binding or binding == ATOM:
        return piece.inside(binding - (binding == ATOM))
    inner = node.inputs[position].op
    sums = binding == SUM and (first or op.commutative)
    alike = inner is not None and inner.name == op.name and (op.commutative or (first and op.infix not in ("**", "")))
    return piece.text if sums or alike else piece.wrapped


def depth(written: str) -> int:
    r"""Say how deep inside braces, \left…\right and environments the end of a formula is."""
    plain = re.sub(r"\\[{}]", "", written)
    opened = plain.count("{") + len(re.findall(r"\\(?:left|begin)(?![a-z])", plain))
    return opened - plain.count("}") - len(re.findall(r"\\(?:right|end)(?![a-z])", plain))


def with_axes(op: Op, node: Node, written: str) -> str:
    r"""Put the letters of the axes under a reduction that does not run over all of them: \sum_{i}."""
    axis = getattr(op, "axis", None)
    if not isinstance(op, Reduction) or "{axis}" in op.latex or not isinstance(axis, tuple) or op.over_all(node.inputs[0].type.ndim):
        return written
    letters = ",".join(AXES[each % len(AXES)] for each in axis)
    return re.sub(r"^\\(?:operatorname\{[^}]*\}|[a-z]+)", lambda found: f"{found[0]}_{{{letters}}}", written)
