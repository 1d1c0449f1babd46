"""A random graph as data: what it is made of, as one line of JSON from which the same graph is built again.

Floor 6. Read `leaves` before. A recipe is a list of lines; a line is a leaf, or a step that applies a card (or the example of a rule, or an
idiom) to earlier lines, which it names by their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from ..gradient import grad
from ..graph.convert import as_node
from ..graph.node import Constant, Node
from ..graph.op import Op
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..ops import choices, reductions
from ..ops.families import cards
from ..ops.index_templates import Cut
from ..ops.watching import Print, Watcher
from ..rewrite.rule import FOR_THE_EYE, RULE_SETS, Rule
from ..state import SharedVariable, recorded_shared
from .idioms import IDIOMS
from .leaves import Leaf, value_of

RULE, IDIOM = "rule:", "idiom:"


@dataclass(frozen=True)
class Step:
    """A card with its parameters (as JSON has them), applied to earlier lines."""

    card: str
    parameters: dict[str, Any]
    reads: tuple[int, ...]


Line = Leaf | Step


@dataclass(frozen=True)
class Recipe:
    """A graph, what is wanted from it, and how it is called.

    Attributes:
        seed: from which the values of leaves are drawn.
        lines: leaves and steps in order.
        outputs: numbers of lines.
        updates: pairs of a line that is a shared variable and the line of its new value.
        gradient: None, or the line whose elements are added up, the lines to differentiate by, and how often (1 or 2).
        calls: per further call, which lengths are others: [[3, 5]] makes every unknown length of 3 one of 5.
    """

    seed: int = 0
    lines: tuple[Line, ...] = ()
    outputs: tuple[int, ...] = ()
    updates: tuple[tuple[int, int], ...] = ()
    gradient: tuple[int, tuple[int, ...], int] | None = None
    calls: tuple[tuple[tuple[int, int], ...], ...] = ()

    def __str__(self) -> str:
        return as_json(self)


@dataclass
class Graph:
    """A recipe made into nodes.

    Attributes:
        nodes: one per line.
        inputs: the symbols that outputs or updates are made of, as (number of the line, node).
        shared: the shared variables, in the same way.
        outputs: the nodes wanted, those of the gradient last.
        updates: pairs of shared variable and new value.
    """

    nodes: list[Node] = field(default_factory=list)
    inputs: list[tuple[int, Node]] = field(default_factory=list)
    shared: list[tuple[int, SharedVariable]] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)
    updates: list[tuple[SharedVariable, Node]] = field(default_factory=list)

    @property
    def results(self) -> list[Node]:
        """All that a call computes."""
        return [*self.outputs, *(value for _, value in self.updates)]


@lru_cache(maxsize=1)
def known_cards() -> dict[str, type[Op]]:
    """Return the library's cards by name, in an order that does not depend on what was imported first.

    Of those that hand their operand on, one stands for all.
    """
    own = [card for card in cards() if card.__module__.startswith("tensorlab.") and (card is Print or not issubclass(card, Watcher))]
    return {card.__name__: card for card in sorted(own, key=lambda card: (card.__module__, card.__name__))}


@lru_cache(maxsize=1)
def known_rules() -> dict[str, Rule]:
    """Return the rules that compiled functions are rewritten with, by name."""
    rules = [rule for rule_set in RULE_SETS if rule_set not in FOR_THE_EYE for rule in rule_set.rules]
    return {rule.name: rule for rule in rules if rule.function.__module__.startswith("tensorlab.")}


def card_of(step: Step) -> Op:
    """Return the op that a step applies."""
    card = known_cards()[step.card]
    parameters = step.parameters
    if "sample" in parameters:  # what JSON has no words for, such as a graph
        return card(**card.sample[parameters["sample"]].parameters)
    return card(**{key: decoded(value) for key, value in parameters.items()})


def applied(step: Step, nodes: Sequence[Node]) -> Node:
    """Return the node that a step makes of its operands.

    Raises:
        TensorlabError: they do not fit.
    """
    if step.card.startswith(RULE):
        return as_node(known_rules()[step.card[len(RULE):]].examples[step.parameters["example"]](*nodes))
    if step.card.startswith(IDIOM):
        return IDIOMS[step.card[len(IDIOM):]](*nodes)
    return card_of(step)(*nodes)


def leaf_node(leaf: Leaf, recipe_seed: int, number: int) -> Node:
    """Return a new node for a leaf."""
    if leaf.kind == "symbol":
        return leaf.type(f"x{number}")
    value = value_of(leaf, recipe_seed)
    if leaf.kind == "constant":
        return Constant(value)
    return recorded_shared(SharedVariable, leaf.type, value, f"w{number}", False, None, None)


def build(recipe: Recipe) -> Graph:
    """Return new nodes for a recipe.

    Raises:
        TensorlabError: the operands of a step do not fit.
    """
    graph = Graph()
    for number, line in enumerate(recipe.lines):
        if isinstance(line, Leaf):
            graph.nodes.append(leaf_node(line, recipe.seed, number))
        else:
            graph.nodes.append(applied(line, [graph.nodes[each] for each in line.reads]))
    graph.outputs = [graph.nodes[number] for number in recipe.outputs]
    if recipe.gradient is not None:
        start, wrt, order = recipe.gradient
        graph.outputs += gradients(graph.nodes[start], [graph.nodes[number] for number in wrt], order)
    for number, new in recipe.updates:
        variable = graph.nodes[number]
        assert isinstance(variable, SharedVariable)
        graph.updates.append((variable, graph.nodes[new]))
    used = set(ancestors(graph.results))
    for number, line in enumerate(recipe.lines):
        node = graph.nodes[number]
        if isinstance(line, Leaf) and line.kind == "symbol" and node in used:
            graph.inputs.append((number, node))
        elif isinstance(node, SharedVariable) and (node in used or any(node is each for each, _ in graph.updates)):
            graph.shared.append((number, node))
    return graph


def gradients(start: Node, wrt: Sequence[Node], order: int) -> list[Node]:
    """Return the derivatives of the sum of a node's elements by others; with order 2 those of the sum of their squares."""
    cost = reductions.sum_of(choices.cast(start, start.type.dtype if is_floating(start.type.dtype) else "float64"))
    found: list[Node] = grad(cost, list(wrt), disconnected_inputs="ignore")
    if order == 1:
        return found
    again: Any = sum((each * each).sum() for each in found)
    return [*found, *grad(again, list(wrt), disconnected_inputs="ignore")]


# -- JSON


def encoded(value: Any) -> Any:
    """Return a parameter of a card as JSON has it."""
    if isinstance(value, Cut):
        return {"cut": [value.start, value.stop, value.step]}
    if isinstance(value, (tuple, list)):
        return [encoded(each) for each in value]
    return "..." if value is ... else value


def decoded(value: Any) -> Any:
    """Return a parameter of a card from its JSON."""
    if isinstance(value, dict):
        return Cut(*value["cut"])
    if isinstance(value, list):
        return tuple(decoded(each) for each in value)
    return ... if value == "..." else value


def as_json(recipe: Recipe) -> str:
    """Return a recipe as one line.

    >>> as_json(Recipe(3, (Leaf("float64", (2,)), Step("Exp", {}, (0,))), (1,)))
    '{"seed": 3, "lines": [{"dtype": "float64", "shape": [2]}, ["Exp", {}, [0]]], "outputs": [1]}'
    """
    lines: list[Any] = []
    for line in recipe.lines:
        if isinstance(line, Step):
            lines.append([line.card, line.parameters, list(line.reads)])
        else:
            lines.append({each.name: getattr(line, each.name) for each in fields(line) if getattr(line, each.name) != each.default})
    whole = {each.name: getattr(recipe, each.name) for each in fields(recipe) if getattr(recipe, each.name) != each.default}
    return json.dumps({"seed": recipe.seed, **whole, "lines": lines})


def from_json(text: str) -> Recipe:
    """Return the recipe that a line describes.

    >>> from_json('{"lines": [{"dtype": "int8", "shape": []}], "outputs": [0]}').lines[0].shape
    ()
    """
    whole = json.loads(text)
    lines: list[Line] = []
    for line in whole["lines"]:
        if isinstance(line, list):
            lines.append(Step(line[0], line[1], tuple(line[2])))
        else:
            lines.append(Leaf(**{key: value if key == "value" else frozen(value) for key, value in line.items()}))
    return Recipe(**{**{key: frozen(value) for key, value in whole.items()}, "lines": tuple(lines)})


def frozen(value: Any) -> Any:
    """Return nested lists as tuples."""
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value
