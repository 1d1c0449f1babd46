"""A recorded run of backpropagation: every value on the way forward, and on the way back every gradient and what it is the sum of.

Floor 6. Read `way_back.py` and `sources.py` first. Each node receives what its readers send back, adds it up, and sends to each operand its
own contribution, the local derivative times what arrived. All of it is one compiled function of the symbols and of copies of the shared
variables, so that it can be asked again for other values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..compiler.function import Function, function
from ..gradient import grad
from ..gradient.results import one_call
from ..graph.node import Node
from ..graph.types import is_floating
from ..graph.walk import ancestors, rebuild
from ..state import SharedVariable
from .labels import labels_of
from .sources import Given, by_node, sources_of, values_for
from .way_back import Array, Edge, Local, Walk, for_the_eye, walk_back


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


