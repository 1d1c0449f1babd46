"""The slips that people make when they derive by hand, made from the right derivation's own graph, each with words to say to it.

Floor 6. Read `derivation` before. A slip is a function from a derivation to wrong derivatives: what would come out if this step had been
forgotten here, or there. A reader's answer that equals one of them is named for it. The order of `SLIPS` is the order in which they are
looked through: one that says more comes before one that says less.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..gradient import grad
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors, rebuild
from ..ops.arithmetic import Add, Mul, Neg, Pow, Sqr, Sub
from ..ops.families import Elementwise
from ..ops.reductions import Sum, sum_of
from ..rewrite import simplified
from .derivation import Derivation, Slip, Wrong
from .slips_of_shape import as_large, mean_for_sum, missing_transpose, not_summed, sum_for_mean
from .walk import Edge, Way

MOST_STEPS = 12
"""Nodes on the way between which every stretch is tried: 66 pairs, in a tenth of a second."""


def the_cost_itself(it: Derivation) -> Iterator[Wrong]:
    """The function in place of its derivative."""
    yield Wrong(it.cost, f"This is {it.text(it.cost)} itself. Its derivative says how fast it changes with {it.text(it.by)}.")


def another_variable(it: Derivation) -> Iterator[Wrong]:
    """Derived by another variable."""
    for name, symbol in it.symbols.items():
        if symbol is not it.by and is_floating(symbol.type.dtype) and symbol in ancestors([it.cost]):
            words = f"This is the derivative by {name}. The question is how the cost changes with {it.text(it.by)}."
            yield Wrong(grad(it.cost, symbol), words)


def lost_minus(it: Derivation) -> Iterator[Wrong]:
    """A minus on the way that was overlooked."""
    yield Wrong(-it.right, "The sign is the other way round.")
    for edge in it.edges:
        if isinstance(edge.node.op, Neg) or (isinstance(edge.node.op, Sub) and edge.slot == 1):
            words = f"A minus got lost: {it.text(edge.operand)} stands in {it.text(edge.node)} with a minus, and its derivative keeps it."
            yield Wrong(it.way.wrong(edge, lambda g, sent: -sent), words)


def power_rule(it: Derivation) -> Iterator[Wrong]:
    """The exponent comes down and one less of it stays: one of the two was forgotten."""
    for edge in it.edges:
        if isinstance(edge.node.op, Sqr):
            exponent: Node | int = 2
        elif isinstance(edge.node.op, Pow) and edge.slot == 0:
            exponent = edge.node.inputs[1]
        else:
            continue
        base, power = edge.operand, it.text(edge.node)
        if isinstance(exponent, Node) and exponent.type.ndim > base.type.ndim:
            continue
        for words, partial in (
            (f"Derive {power}: one less of the exponent stays. Yours is as large as before.", exponent * edge.node),
            (f"Derive {power}: when the exponent comes down in front, one less of it stays above.", exponent * base),
            (f"Derive {power}: the exponent comes down in front as a factor. It is missing.", base ** (exponent - 1)),
            (f"Derive {power}: yours looks like its integral.", base ** (exponent + 1) / (exponent + 1)),
        ):
            if partial.type.ndim == edge.node.type.ndim:
                yield Wrong(it.way.wrong(edge, lambda g, sent, partial=partial: g * partial), words)


def forgotten_inside(it: Derivation) -> Iterator[Wrong]:
    """Derived by something inside, which depends on the variable in its turn."""
    for node in it.inner():
        rule = "By the chain rule, multiply by how fast it does."
        yield Wrong(it.way.total[node], f"This is the derivative by {it.text(node)}, which changes with {it.text(it.by)}. {rule}")


def only_inside(it: Derivation) -> Iterator[Wrong]:
    """Only what is inside was derived, and what is around it forgotten."""
    for node in it.inner():
        if node.type.ndim and not is_linear_above(it, node):
            inner: Node = sum_of(node)
        else:
            inner = node
        if inner.type.ndim == 0 and is_floating(inner.type.dtype):
            words = f"You derived {it.text(node)}, which is inside. By the chain rule the derivative of what is around it is a factor too."
            yield Wrong(grad(inner, it.by), words)


def is_linear_above(it: Derivation, node: Node) -> bool:
    """Say whether the cost is the sum of a node: then there is nothing around it."""
    return isinstance(it.cost.op, Sum) and it.cost.inputs[0] is node


def missing_path(it: Derivation) -> Iterator[Wrong]:
    """A variable is used in several places, and one of them was overlooked."""
    reached: dict[Node, list[Edge]] = {}
    for edge in it.edges:
        reached.setdefault(edge.operand, []).append(edge)
    for operand, edges in reached.items():
        for edge in edges if len(edges) > 1 else ():
            ways = f"{it.text(operand)} reaches the cost on {several(len(edges))} ways, and their derivatives are added."
            words = f"{ways} The one through {it.text(edge.node)} is missing."
            yield Wrong(it.way.wrong(edge, lambda g, sent: None), words)


def several(number: int) -> str:
    """Return a number as a word."""
    return {2: "two", 3: "three", 4: "four"}.get(number, "several")


def product_of_derivatives(it: Derivation) -> Iterator[Wrong]:
    """The derivative of a product taken for the product of the derivatives."""
    for node in it.inner() if not isinstance(it.cost.op, Mul) else [it.cost, *it.inner()]:
        if isinstance(node.op, Mul) and node.type.ndim == 0 and it.by.type.ndim == 0 and all(each in it.way.useful for each in node.inputs):
            one, other = node.inputs
            if one is other:
                continue
            rule = "The derivative of a product is not the product of the derivatives"
            words = f"{rule}: in {it.text(node)} each factor waits while the other is derived."
            both = it.way.total[node] * grad(one, it.by) * grad(other, it.by)
            edges = [edge for edge in it.edges if edge.node is node]
            rest = it.way.walked(dict.fromkeys(edges, nothing_sent)).get(it.by)
            yield Wrong(both if rest is None else rest + both, words)


def nothing_sent(g: Node, sent: Node) -> None:
    """Send nothing."""


def function_for_its_derivative(it: Derivation) -> Iterator[Wrong]:
    """A function taken for its own derivative, as only exp is."""
    for edge in it.edges:
        if isinstance(edge.node.op, Elementwise) and len(edge.node.inputs) == 1 and not isinstance(edge.node.op, Neg):
            words = f"In place of the derivative of {it.text(edge.node)} stands the function itself. Only exp is its own derivative."
            yield Wrong(it.way.wrong(edge, lambda g, sent, edge=edge: g * edge.node), words)


def lost_factor(it: Derivation) -> Iterator[Wrong]:
    """One step of the chain rule was left out."""
    for edge in it.edges:
        node = edge.node
        if not isinstance(node.op, Elementwise) or node.type.broadcastable != edge.operand.type.broadcastable:
            continue
        if len(node.inputs) == 1 or isinstance(node.op, Pow):
            words = f"The chain rule gives a factor for every step. The one for {it.text(node)} is missing."
        elif isinstance(node.op, Mul):
            words = f"In {it.text(node)} the other factor stays when {it.text(edge.operand)} is derived. It is missing."
        else:
            words = f"A factor is missing that belongs to {it.text(node)}."
        yield Wrong(it.way.wrong(edge, lambda g, sent, edge=edge: as_large(g, edge.operand)), words)


def lost_stretch(it: Derivation) -> Iterator[Wrong]:
    """Several steps of the chain rule were left out, one after the other: how the sigmoid changes with what is inside."""
    inner = [it.cost, *it.inner()][:MOST_STEPS]
    for position, outer in enumerate(inner):
        below = set(ancestors([outer]))
        for node in inner[position + 1 :]:
            if node in below and node.type.broadcastable == outer.type.broadcastable:
                rest = Way(node, it.by).walked({}, start=it.way.total[outer]).get(it.by)
                yield Wrong(rest, f"A factor of the chain rule is missing: how fast {it.text(outer)} changes with {it.text(node)}.")


def lost_part(it: Derivation) -> Iterator[Wrong]:
    """A factor or a term of the answer that was left out, or a factor that stands there twice."""
    [answer] = simplified([it.right])
    for node, each in parts_of(answer):
        if isinstance(node.op, Mul):
            changes = [(node / each, "one factor is missing."), (node * each, "one factor stands there once too often.")]
        else:
            sign = "one term has the other sign."
            changes = [(node - each, "one term is missing."), (node + each, "one term is missing."),
                       (node - 2 * each, sign), (node + 2 * each, sign)]  # fmt: skip
        for changed, words in changes:
            yield Wrong(rebuild([answer], {node: changed})[0], f"Nearly: {words}")


def parts_of(formula: Node) -> Iterator[tuple[Node, Node]]:
    """Return all products and sums in a formula, each with one of its factors or terms after the other."""
    for kinds in ((Mul,), (Add, Sub)):
        joints = [node for node in ancestors([formula]) if isinstance(node.op, kinds)]
        inside = {each for node in joints for each in node.inputs}
        for joint in [node for node in joints if node not in inside][-MOST_STEPS:]:
            pending = list(joint.inputs)
            while pending:
                node = pending.pop()
                if isinstance(node.op, kinds):
                    pending += node.inputs
                elif not isinstance(node, Constant):
                    yield joint, node


def lost_term(it: Derivation) -> Iterator[Wrong]:
    """A constant that came out as itself: the derivative of what does not change is 0."""
    for node in it.way.order:
        if isinstance(node.op, Elementwise) and node.op.infix in "+-" and len(node.inputs) == 2:
            for each in node.inputs:
                if isinstance(each, Constant) and each.type.ndim == 0:
                    words = f"{it.text(each)} does not change with {it.text(it.by)}: its derivative is 0, not itself."
                    yield Wrong(it.right + each, words)
                    yield Wrong(it.right - each, words)


SLIPS: dict[str, Slip] = {
    slip.__name__: slip
    for slip in (
        the_cost_itself, power_rule, sum_for_mean, mean_for_sum, not_summed, product_of_derivatives, missing_path, lost_minus,
        forgotten_inside, another_variable, only_inside, missing_transpose, function_for_its_derivative, lost_factor, lost_stretch,
        lost_term, lost_part,
    )
}  # fmt: skip
"""The library, by name."""
