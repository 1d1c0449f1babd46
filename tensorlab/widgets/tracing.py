"""A recorded run of backpropagation: every value on the way forward, and on the way back every gradient and what it is the sum of.

Floor 6. Read `gradient/reverse.py` and `sources.py` first. The walk back is that of `T.grad`, kept step by step: each node receives what
its readers send back, adds it up, and sends to each operand its own contribution, the local derivative times what arrived. All of it is one
compiled function of the symbols and of copies of the shared variables, so that it can be asked again for other values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..compiler.function import Function, function
from ..gradient import grad
from ..gradient.results import one_call
from ..gradient.reverse import ZERO, Cotangent, add_up, gradient_dtype, send_back, trace_back
from ..graph.convert import as_node
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors, rebuild
from ..ops.choices import ones_like, zeros_like
from ..ops.families import Elementwise
from ..rewrite import simplified
from ..state import SharedVariable
from .labels import labels_of
from .sources import Given, by_node, sources_of, values_for

Array = np.ndarray[Any, Any]
Edge = tuple[Node, int]
"""A node and the position of one of its operands: the edge along which that operand is read."""


@dataclass(frozen=True)
class Local:
    """The local derivative along one edge: of a node by one of its operands, all others held.

    Attributes:
        expression: it as an expression; operands and result are `names` of it. None where it is no array of the result's shape
            (a matrix product has one for each pair of elements).
        value: it as an array, or None.
        names: stand-ins in the expressions, and the nodes that they stand for.
        sent: where there is no such expression, the contribution as one.
        arrived: stands in it for the gradient of the node.
    """

    expression: Node | None
    value: Array | None
    names: Mapping[Node, Node] = field(default_factory=dict)
    sent: Node | None = None
    arrived: Node | None = None


@dataclass(frozen=True)
class Walk:
    """The way back as expressions: what a trace computes."""

    gradients: dict[Node, Node]
    contributions: dict[Edge, Node]
    shares: dict[Node, tuple[Edge, ...]]
    locals: dict[Edge, Node]
    order: tuple[Node, ...]


@dataclass(frozen=True)
class Trace:
    """Values, gradients, and the order in which they come to be.

    Attributes:
        cost, wrt: what was differentiated, by what.
        order: the nodes, operands first.
        labels: what each node is called; those without a name are v₁, v₂, …
        at: the values of the symbols and shared variables.
        values: per node.
        gradients: the derivative of the cost by each node on the way back.
        contributions: per edge (node, slot) what the node sends back to that operand; a gradient is the sum of its contributions.
        shares: per node the edges whose contributions its gradient is the sum of, in the order in which they arrive.
        locals: per edge the local derivative.
        forward, backward: the operations in the order of their steps; backward ends with the variables themselves.
    """

    cost: Node
    wrt: tuple[Node, ...]
    order: tuple[Node, ...]
    labels: dict[Node, str]
    at: dict[Node, Array]
    values: dict[Node, Array]
    gradients: dict[Node, Array]
    contributions: dict[Edge, Array]
    shares: dict[Node, tuple[Edge, ...]]
    locals: dict[Edge, Local]
    forward: tuple[Node, ...]
    backward: tuple[Node, ...]
    recipe: Recipe | None

    def again(self, at: Given) -> Trace:
        """Return the trace at other values; what is not given keeps its value.

        Raises:
            TensorlabError: a value does not fit.
        """
        given = by_node(at, list(self.at), self.labels, "the trace at other values")
        return self if self.recipe is None else self.recipe.run(self, {**self.at, **given})


def trace(cost: Node, wrt: Node | Sequence[Node] | None = None, at: Given | None = None, names: Mapping[str, Any] | None = None) -> Trace:
    """Record one run forward and one run back.

    Args:
        cost: a 0-d expression.
        wrt: the variable or variables to differentiate by; by default all shared variables, or all symbols if there are none. With an
            empty list nothing is, and the expression need not be 0-d.
        at: values by symbol or by name. Others come from `.tag.test_value`; shared variables from a copy of what they hold, which
            stays as it is.
        names: the reader's variables, for nodes that know no name.

    Raises:
        CostError: the cost is not 0-d.
        MissingInputError: a symbol has no value.
        InputError: a value for what is no symbol of the cost.
        DisconnectedInputError, GradientUndefinedError: as in `T.grad`.

    >>> x, w = T.scalars("x", "w")
    >>> run = tl.widgets.trace((w * x) ** 2, [w], at={x: 3.0, w: 2.0})
    >>> run.values[run.cost], run.gradients[w]
    (array(36.), array(36.))
    """
    wanted = [wrt] if isinstance(wrt, Node) else None if wrt is None else list(wrt)
    if wanted is None and isinstance(cost, Node):
        leaves = [node for node in sources_of(ancestors([cost])) if is_floating(node.type.dtype)]
        wanted = [node for node in leaves if isinstance(node, SharedVariable)] or leaves
    if wanted or not isinstance(cost, Node):
        grad(cost, wanted or [])  # the errors are those of T.grad, in its words
    order = ancestors([cost])
    labels = labels_of(order, names)
    asked = f"the steps of {cost.label}"
    sources = sources_of(order)
    at_nodes = by_node(at, sources, labels, asked)
    values = values_for(sources, at_nodes, labels, asked)
    with one_call():
        walk = walk_back(cost, wanted) if wanted else Walk({}, {}, {}, {}, ())
        recipe = Recipe.of(order, sources, walk, for_the_eye(walk))
    forward = tuple(node for node in order if node.op is not None)
    blank = Trace(cost, tuple(wanted or ()), tuple(order), labels, {}, {}, {}, {}, walk.shares, {}, forward, walk.order, recipe)
    return recipe.run(blank, values)


def without_values(cost: Node, names: Mapping[str, Any] | None = None) -> Trace:
    """Return the trace of an expression of which no values are known: its graph and its names, and no step.

    >>> x = T.scalar("x")
    >>> without_values(x ** 2).values
    {}
    """
    order = ancestors([cost])
    return Trace(cost, (), tuple(order), labels_of(order, names), {}, {}, {}, {}, {}, {}, (), (), None)


def walk_back(cost: Node, wanted: Sequence[Node]) -> Walk:
    """Walk from the cost back to the variables, and keep everything that is sent on the way."""
    order = ancestors([cost])
    variables = set(wanted)
    useful: set[Node] = set()
    for node in order:
        if node in variables or not useful.isdisjoint(node.inputs):
            useful.add(node)
    arrived: dict[Node, list[Cotangent]] = {cost: [as_node(1.0, cost.type.dtype) if is_floating(cost.type.dtype) else ZERO]}
    shares: dict[Node, list[Edge]] = {cost: []}
    gradients: dict[Node, Node] = {}
    contributions: dict[Edge, Node] = {}
    local: dict[Edge, Node] = {}
    steps: list[Node] = []
    for node in reversed(order):
        if node not in useful or node not in arrived:
            continue
        steps.append(node)
        g = add_up(arrived[node])
        gradients[node] = as_sent(g, node)
        if node.op is None:
            continue
        for slot, (each, sent) in enumerate(zip(node.inputs, send_back(node.op, node, g, useful))):
            if sent is None or each not in useful:
                continue
            contributions[node, slot] = as_sent(sent, each)
            arrived.setdefault(each, []).append(sent)
            shares.setdefault(each, []).append((node, slot))
            partial = local_derivative(node, slot)
            if partial is not None:
                local[node, slot] = partial
    return leading_on(Walk(gradients, contributions, {node: tuple(shares[node]) for node in steps}, local, tuple(steps)), order, variables)


def leading_on(walk: Walk, order: Sequence[Node], variables: Collection[Node]) -> Walk:
    """Return a walk without the ways that end before a variable: what is sent to the length in a mean goes nowhere."""
    kept: set[Node] = set()
    for node in order:
        if node in variables or any((node, slot) in walk.contributions and each in kept for slot, each in enumerate(node.inputs)):
            kept.add(node)
    edges = {edge for edge in walk.contributions if edge[0] in kept and edge[0].inputs[edge[1]] in kept}
    return Walk(
        {node: g for node, g in walk.gradients.items() if node in kept},
        {edge: sent for edge, sent in walk.contributions.items() if edge in edges},
        {node: tuple(edge for edge in found if edge in edges) for node, found in walk.shares.items() if node in kept},
        {edge: partial for edge, partial in walk.locals.items() if edge in edges},
        tuple(node for node in walk.order if node in kept),
    )


def as_sent(g: Cotangent, node: Node) -> Node:
    """Return a cotangent as an expression of the shape of its node."""
    return g if isinstance(g, Node) else zeros_like(node, gradient_dtype(node))


def local_derivative(node: Node, slot: int) -> Node | None:
    """Return the derivative of an operation by one operand, as an array of the shape of the operand or the result; None if it is none."""
    op = node.op
    assert op is not None
    dtype = gradient_dtype(node)
    if isinstance(op, Elementwise) and type(op).vjp is Elementwise.vjp:
        if not op.differentiable or not is_floating(node.type.dtype):
            partial: Any = 0.0
        elif op.partials is not None:
            partial = op.partials(node, *node.inputs)[slot]
        else:
            partial = trace_back(op, node, ones_like(node))[slot]
    elif node.type.ndim == 0:
        partial = op.vjp(as_node(1.0, dtype), node, *node.inputs)[slot]
    else:
        return None
    if partial is None:
        return None
    return partial if isinstance(partial, Node) else as_node(float(partial), dtype)


def for_the_eye(walk: Walk) -> dict[Edge, Local]:
    """Return what is shown of each edge, simplified for reading, with stand-ins so that operands and results stay what they are called."""
    stand_ins: dict[Node, Node] = {}
    arrived: dict[Node, Node] = {}
    apart: list[Node] = []
    for edge, sent in walk.contributions.items():
        node = edge[0]
        near = [each for each in (node, *node.inputs) if not isinstance(each, Constant)]
        for each in near:
            stand_ins.setdefault(each, each.type())
        replaced = {each: stand_ins[each] for each in near}
        if edge in walk.locals:
            apart += rebuild([walk.locals[edge]], replaced)
        else:
            g = walk.gradients[node]
            arrived.setdefault(node, g.type())
            apart += rebuild([sent], {**replaced, g: arrived[node]})
    real = {stand_in: node for node, stand_in in stand_ins.items()}
    result = {}
    for edge, each in zip(walk.contributions, simplified(apart)):
        known = edge in walk.locals
        result[edge] = Local(each, None, real) if known else Local(None, None, real, each, arrived[edge[0]])
    return result


@dataclass(frozen=True)
class Recipe:
    """The compiled function of a trace, and what its results are."""

    sources: tuple[Node, ...]
    compute: Function
    nodes: tuple[Node, ...]
    walk: Walk
    shown: dict[Edge, Local]

    @classmethod
    def of(cls, order: Sequence[Node], sources: Sequence[Node], walk: Walk, shown: dict[Edge, Local]) -> Recipe:
        """Compile a trace. Symbols stand in for shared variables, so that nothing can reach those."""
        stand_ins = {node: node.type(node.known_name) if isinstance(node, SharedVariable) else node for node in sources}
        results = [*order, *walk.gradients.values(), *walk.contributions.values(), *walk.locals.values()]
        replaced = rebuild(results, {node: each for node, each in stand_ins.items() if each is not node})
        # few rewrites: each node is computed as it is drawn, and a new graph is there at once
        compute = function(list(stand_ins.values()), replaced, mode="FAST_COMPILE", on_unused_input="ignore", no_default_updates=True)
        return cls(tuple(sources), compute, tuple(order), walk, shown)

    def run(self, before: Trace, at: Mapping[Node, Any]) -> Trace:
        """Return a trace with the values at which it is asked."""
        results = iter(self.compute(*[at[node] for node in self.sources]))
        values = {node: next(results) for node in self.nodes}
        gradients = {node: next(results) for node in self.walk.gradients}
        contributions = {edge: next(results) for edge in self.walk.contributions}
        numbers = {edge: next(results) for edge in self.walk.locals}
        local = {edge: replace(shown, value=numbers.get(edge)) for edge, shown in self.shown.items()}
        return replace(before, at={node: values[node] for node in self.sources}, values=values, gradients=gradients,
                       contributions=contributions, locals=local)


