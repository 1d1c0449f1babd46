r"""`%grad … --steps`: the chain rule, written out node by node with every local derivative.

Floor 6, over `widgets/way_back.py`, whose walk is that of `T.grad`. First each operation gets a name; then one line a node, from the cost
back to the variables: the derivative by it is the sum over all who read it of their own derivative times the local one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ..gradient import grad
from ..gradient.results import one_call
from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from ..ops.families import Elementwise
from ..view.escape import partial_derivative
from ..view.latex import formula
from ..view.means import lengths_in
from ..view.text import READING, without_outer, written
from ..widgets.labels import formulas_of, labels_of
from ..widgets.way_back import Local, Walk, for_the_eye, walk_back

MOST = 60  # lines; a longer chain is a wall that nobody reads, and `%%graph --grad` shows it as a picture


class Equation(NamedTuple):
    """One line: left side, right side, and for a derivative what it comes from; as LaTeX and as text."""

    latex: tuple[str, ...]
    text: tuple[str, ...]


class Chain:
    """The chain rule for one cost.

    Attributes:
        forward: what each name stands for.
        backward: the derivatives, from the cost to the variables.
        left_out: how many lines there would be more.
    """

    def __init__(self, forward: list[Equation], backward: list[Equation], left_out: int) -> None:
        self.forward, self.backward, self.left_out = forward, backward, left_out

    @property
    def latex(self) -> str:
        """The lines as one display."""
        rows = [f"{left} &= {' = '.join(right)}" for left, *right in (each.latex for each in [*self.forward, *self.backward])]
        rows += [r"&\vdots"] if self.left_out else []
        return r"$\displaystyle \begin{aligned} " + r" \\[4pt] ".join(rows) + r" \end{aligned}$"

    @property
    def text(self) -> str:
        """The lines as text."""
        forward = [" = ".join(each.text) for each in self.forward]
        backward = [" = ".join(each.text) for each in self.backward]
        rest = [f"… {self.left_out} more lines"] if self.left_out else []
        return "\n".join(["forward", *(f"  {line}" for line in forward), "backward", *(f"  {line}" for line in backward), *rest])

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        bundle = {"text/latex": self.latex, "text/plain": self.text}
        return {key: value for key, value in bundle.items() if (not include or key in include) and key not in (exclude or ())}


def chain_rule(cost: Node, wrt: Node | Sequence[Node], names: Mapping[str, Any] | None = None) -> Chain:
    """Return the chain rule for the derivatives of a cost, written out.

    Args:
        cost: a 0-d expression.
        wrt: the variable or variables.
        names: the reader's variables, for nodes that know no name.

    Raises:
        TensorlabError: there is no such derivative (see `T.grad`).

    >>> x, w = T.scalars("x", "w")
    >>> chain_rule((w * x) ** 2, w)
    forward
      v₁ = w * x
      v₂ = v₁ ** 2
    backward
      dv₂/dv₂ = 1
      dv₂/dv₁ = dv₂/dv₂ · dv₂/dv₁ = dv₂/dv₂ · (2 * v₁)
      dv₂/dw = dv₂/dv₁ · dv₁/dw = dv₂/dv₁ · x
    """
    variables = [wrt] if isinstance(wrt, Node) else list(wrt)
    grad(cost, variables)  # the errors are those of T.grad, in its words
    order = ancestors([cost])
    with one_call():
        walk = walk_back(cost, variables)
        local = for_the_eye(walk)
    steps = [node for node in order if not lengths_in(node, ())]  # a length is none: it is written out where something is divided by it
    writer = Writer(cost, labels_of(steps, names), formulas_of(steps, names))
    operations = [node for node in steps if node.op is not None]
    forward = [writer.definition(node) for node in operations[:MOST]]
    backward = [writer.derivative(node, walk, local) for node in walk.order[:MOST]]
    return Chain(forward, backward, max(0, len(operations) - MOST) + max(0, len(walk.order) - MOST))


class Writer:
    """Writes the lines, with one name for each node."""

    def __init__(self, cost: Node, labels: Mapping[Node, str], formulas: Mapping[Node, str]) -> None:
        self.cost, self.labels, self.formulas = cost, labels, formulas

    def definition(self, node: Node) -> Equation:
        """Return what a node is, in the names of its operands."""
        below, plain = ({each: name for each, name in all_of.items() if each is not node} for all_of in (self.formulas, self.labels))
        return Equation((self.formulas[node], formula(node, below).text), (self.labels[node], without_outer(written(node, plain, READING))))

    def derivative(self, node: Node, walk: Walk, local: Mapping[tuple[Node, int], Local]) -> Equation:
        """Return the derivative of the cost by a node, as the sum of what its readers send."""
        latex, text = [self.by(node)[0]], [self.by(node)[1]]
        edges = walk.shares[node]
        if node is self.cost:
            return Equation((*latex, "1"), (*text, "1"))
        terms = [self.term(reader, node, local[reader, slot]) for reader, slot in edges]
        factors = [self.factors(reader, node) for reader, slot in edges if local[reader, slot].expression is not None]
        if len(factors) == len(terms) and len(terms) == 1:  # the rule itself, before the local derivative is put in
            latex.append(factors[0][0])
            text.append(factors[0][1])
        latex.append(" + ".join(each[0] for each in terms) or "0")
        text.append(" + ".join(each[1] for each in terms) or "0")
        return Equation(tuple(latex), tuple(text))

    def by(self, node: Node) -> tuple[str, str]:
        """Return the sign for the derivative of the cost by a node."""
        return partial_derivative(self.formulas[self.cost], self.formulas[node]), f"d{self.labels[self.cost]}/d{self.labels[node]}"

    def factors(self, reader: Node, node: Node) -> tuple[str, str]:
        """Return the derivative of the cost by a reader times the sign for the local derivative."""
        latex, text = self.by(reader)
        return (rf"{latex} \, {partial_derivative(self.formulas[reader], self.formulas[node])}",
                f"{text} · d{self.labels[reader]}/d{self.labels[node]}")

    def term(self, reader: Node, node: Node, found: Local) -> tuple[str, str]:
        """Return what a reader sends to a node: its own derivative times the local one, added up where the node was stretched."""
        latex, text = self.by(reader)
        words = {stand_in: self.formulas.get(each) or formula(each, self.formulas).text for stand_in, each in found.names.items()}
        plain = {stand_in: self.labels.get(each) or written(each, self.labels, READING) for stand_in, each in found.names.items()}
        if found.expression is None:
            if found.sent is None or found.arrived is None:
                return latex, text
            return formula(found.sent, {**words, found.arrived: latex}).text, written(found.sent, {**plain, found.arrived: text}, READING)
        piece = formula(found.expression, words)
        ring = r"\odot" if reader.type.ndim else r"\cdot"
        is_sum = piece.binding <= 18 and not isinstance(found.expression, Constant)  # as in `pieces.py`: sums, and what is looser
        right = piece.wrapped if is_sum or piece.negative else piece.text
        local = written(found.expression, plain, READING)
        product, said = rf"{latex} {ring} {right}", f"{text} · {local}"
        stretched = node.type.ndim < reader.type.ndim or node.type.broadcastable != reader.type.broadcastable
        if stretched and isinstance(reader.op, Elementwise):
            return rf"\sum \left({product}\right)", f"sum({said})"
        return product, said
