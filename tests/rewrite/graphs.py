"""What the tests of rewriting share: graphs that hold a rule's pattern, values for them, and their text."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

import tensorlab.rewrite.rules
from tensorlab.graph.convert import as_node
from tensorlab.graph.errors import TensorlabError
from tensorlab.graph.node import Constant, Node, Symbol
from tensorlab.graph.types import FLOATS, TensorType
from tensorlab.graph.walk import ancestors
from tensorlab.ops.arithmetic import abs_
from tensorlab.ops.choices import maximum, minimum, switch
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.functions import exp
from tensorlab.ops.stacking import stack
from tensorlab.rewrite.context import Context
from tensorlab.rewrite.downward import Downward
from tensorlab.rewrite.engine import Engine
from tensorlab.rewrite.intern import intern
from tensorlab.rewrite.rule import FOR_THE_EYE, RULE_SETS, Rule, RuleSet, accumulate

assert tensorlab.rewrite.rules
ALL_RULES = [rule for rule_set in RULE_SETS for rule in rule_set.rules]
WRITTEN_RULES = [rule for rule in ALL_RULES if rule.belongs_to not in FOR_THE_EYE]

# dtypes and shapes of the operands of an example, in turn; an unknown length is 3 when it runs
DTYPES = [
    ("float64",),
    ("float32",),
    ("int64",),
    ("int8",),
    ("uint8",),
    ("bool",),
    ("float32", "float64"),
    ("int32", "float32"),
    ("float64", "int8"),
]
SHAPES = [
    ((),),
    ((None,),),
    ((None, None),),
    ((None, None), (None,)),
    ((), (None,)),
    ((1, None), (None, None)),
    ((3,), (None,)),
    ((None,), (3,)),
    ((1,), (1,)),
]


class Case(NamedTuple):
    """An example of a rule for one choice of types, and what the rule makes of it."""

    make: Callable[..., Any]
    symbols: list[Symbol]
    before: Node
    after: Node
    fired: int


@cache
def cases(rule: Rule) -> list[Case]:
    """Every example of a rule over every choice of types that can be built."""
    found = []
    for make in rule.examples:
        for symbols, before in instances(make, operands(rule, make)):
            found.append(Case(make, symbols, before, *applied(rule, before)))
    return found


def examples(rule: Rule) -> Iterator[tuple[list[Symbol], Node]]:
    """Every example of a rule over every choice of types that can be built, as (symbols, graph)."""
    yield from ((case.symbols, case.before) for case in cases(rule))


def operands(rule: Rule, make: Callable[..., Any]) -> int:
    """How many operands an example takes."""
    return make.__code__.co_argcount or holes(rule)


def holes(rule: Rule) -> int:
    return len(inspect.signature(rule.function).parameters)


def instances(make, count: int, shapes=SHAPES, choices=DTYPES) -> Iterator[tuple[list[Symbol], Node]]:
    """What a function makes of symbols, for every choice of dtypes and shapes for which it makes anything."""
    for dtypes in choices:
        for shape in shapes:
            symbols = [Symbol(TensorType(dtypes[i % len(dtypes)], shape[i % len(shape)]), "xyzuvw"[i]) for i in range(count)]
            try:
                yield symbols, as_node(make(*symbols))
            except (TensorlabError, IndexError):
                continue  # this op has no meaning for these types


GROWING = {
    "float": [
        lambda x, y: x,
        lambda x, y: x + y,
        lambda x, y: 2 * x,
        lambda x, y: exp(0.1 * x),
        lambda x, y: maximum(x, y),
        lambda x, y: abs_(x) - y,
    ],
    "int": [lambda x, y: x, lambda x, y: x + y, lambda x, y: 2 * x, lambda x, y: minimum(x, y)],
    "bool": [lambda x, y: x, lambda x, y: x & y],
}
AROUND = [
    lambda node: node,
    lambda node: node.sum(),
    lambda node: stack(node, node),
    lambda node: switch(node > 0, node, 1),
    lambda node: node * 3 + 1,
    lambda node: node.dimshuffle("x", *range(node.type.ndim)),
    lambda node: node[:1] if node.type.ndim else node,
]


def grown(symbol: Symbol, random: np.random.RandomState) -> tuple[list[Symbol], Node]:
    """A random expression of the type of a symbol, and the symbols that it is made of."""
    kind = "bool" if symbol.type.dtype == "bool" else "float" if symbol.type.dtype in FLOATS else "int"
    x, y = symbol.type("x"), symbol.type("y")
    node = GROWING[kind][random.randint(len(GROWING[kind]))](x, y)
    return ([x, y], node) if node.type == symbol.type else ([x], x)


def random_graph(case: Case, random: np.random.RandomState, bare: bool) -> tuple[list[Symbol], Node]:
    """A random graph that holds the pattern of an example: operands are expressions, and unless it is `bare` something is made of it."""
    pairs = [grown(symbol, random) for symbol in case.symbols]
    pattern = as_node(case.make(*[node for _, node in pairs]))
    around = AROUND[0 if bare else random.randint(len(AROUND))]
    return [symbol for symbols, _ in pairs for symbol in symbols], as_node(around(pattern))


def values(symbols: list[Symbol], random: np.random.RandomState, length: int = 3, small: bool = False) -> dict[Node, np.ndarray]:
    """Random values; an unknown length is `length` for all symbols."""
    found = {}
    for each in symbols:
        shape = tuple(length if one is None else one for one in each.type.shape)
        if each.type.dtype == "bool":
            value = random.randint(0, 2, shape)
        elif each.type.dtype in FLOATS:
            value = random.choice(
                [random.uniform(-3, 3, shape), random.uniform(0.2, 2, shape), random.randint(-2, 3, shape)][random.randint(3)].ravel(),
                shape,
            )
        else:
            most = 3 if small else 100
            value = random.randint(0 if each.type.dtype[0] == "u" else -most, most + 1, shape)
        found[each] = np.asarray(value, each.type.dtype)
    return found


def run(outputs: list[Node], given: dict[Node, np.ndarray]) -> list[np.ndarray]:
    with np.errstate(all="ignore"):
        return interpret(outputs, given)


def alone(rule: Rule) -> RuleSet:
    """A rule set with one rule in it."""
    only = RuleSet(rule.belongs_to.name, "")
    only.rules.append(rule)
    return only


def applied(rule: Rule, graph: Node) -> tuple[Node, int]:
    """The graph after one rule alone, and how often it fired."""
    if rule.belongs_to is accumulate:
        downward = Downward(alone(rule))
        return downward.run(intern([graph]))[0], len(downward.history)
    engine = Engine([alone(rule)], Context(for_display=rule.belongs_to in FOR_THE_EYE))
    return engine.run([graph])[0], len(engine.history)


def text(*outputs: Node) -> str:
    """All nodes of a graph in order, one a line: equal for equal graphs."""
    number: dict[Node, int] = {}
    lines = []
    for node in ancestors(outputs):
        number[node] = len(number)
        what = (
            repr(node.value)
            if isinstance(node, Constant)
            else node.name
            if node.op is None
            else f"{node.op}({', '.join(str(number[each]) for each in node.inputs)})"
        )
        lines.append(f"{number[node]} = {what} {node.type} {node.name or ''}")
    return "\n".join([*lines, f"return {[number[each] for each in outputs]}"])


def formula(node: Node) -> str:
    """A small graph as a formula."""
    if isinstance(node, Constant):
        return f"{node.value.flat[0]:g}" if node.value.ndim == 0 else str(node.value.tolist())
    if node.op is None:
        return str(node)
    inside = [formula(each) for each in node.inputs]
    if node.op.infix and len(inside) == 2:
        return f"({inside[0]} {node.op.infix} {inside[1]})"
    return f"{node.op.name}({', '.join(inside)})"
