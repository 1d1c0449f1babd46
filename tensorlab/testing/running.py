"""A recipe compiled in one mode and called, and what happened: results, errors, new shared values, and memory that is shared or changed.

Floor 6. Read `recipes` before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..compiler.function import Function
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from .leaves import Leaf, laid_out, value_of
from .recipes import Graph, Recipe, build

Array = np.ndarray[Any, Any]
MODES = {"FAST_COMPILE": ("FAST_COMPILE", False), "REFERENCE": ("FAST_RUN", False), "FAST_RUN": ("FAST_RUN", True)}
"""The ways in which a graph is computed: the mode it is compiled in, and whether native code runs where there is some.

Stabilizing rules on NumPy, all rules on NumPy, all rules in native code.
"""


@dataclass
class Call:
    """What one call did.

    Attributes:
        before: the values of the shared variables before it, by number of the line.
        results: outputs, then new shared values; None if it raised.
        error: what it raised.
        breaches: sentences about what it did and may not do.
    """

    before: dict[int, Array]
    results: list[Array] | None = None
    error: BaseException | None = None
    breaches: list[str] = field(default_factory=list)


def number_of_calls(recipe: Recipe) -> int:
    """Return how often the function of a recipe is called."""
    return 1 + len(recipe.calls)


def arguments(recipe: Recipe, call: int) -> dict[int, Array]:
    """Return the values of all symbols in a call, by number of the line."""
    lengths = dict(recipe.calls[call - 1]) if call else {}
    return {
        number: value_of(line, recipe.seed, call, lengths)
        for number, line in enumerate(recipe.lines)
        if isinstance(line, Leaf) and line.kind == "symbol"
    }


def run(recipe: Recipe, mode: str) -> list[Call]:
    """Build, compile and call.

    Raises:
        Exception: building or compiling fails.
    """
    graph = build(recipe)
    rules, native = MODES[mode]
    inputs = [node for _, node in graph.inputs]
    function = Function(inputs, graph.outputs, graph.updates, None, rules, None, "ignore", None, False, None, native)
    return [called(recipe, graph, function, call) for call in range(number_of_calls(recipe))]


def called(recipe: Recipe, graph: Graph, function: Function, call: int) -> Call:
    """Call a function once and watch what it does to everything that it can reach."""
    values = arguments(recipe, call)
    given = []
    for number, _ in graph.inputs:
        line = recipe.lines[number]
        assert isinstance(line, Leaf)
        layout = line.layout if not call else "C"  # later calls see the same numbers in plain memory too
        given.append(laid_out(values[number], layout))
    constants = [node.value for node in ancestors(graph.results) if isinstance(node, Constant)]
    reachable = [("an input", each) for each in given if isinstance(each, np.ndarray)]
    reachable += [("a shared value", variable.get_value(borrow=True)) for _, variable in graph.shared]
    reachable += [("a constant", value) for value in constants]
    copies = [value.copy() for _, value in reachable]
    done = Call({number: variable.get_value() for number, variable in graph.shared})
    try:
        outputs = function(*given)
    except Exception as problem:
        done.error = problem
    for (what, value), copy in zip(reachable, copies):
        if value.tobytes() != copy.tobytes():
            done.breaches.append(f"{what} was written to")
    after = [variable.get_value(borrow=True) for _, variable in graph.shared]
    if done.error is not None:
        if not isinstance(done.error, TensorlabError):
            done.breaches.append(f"an error that explains nothing: {type(done.error).__name__}: {done.error}")
        for (number, _), value in zip(graph.shared, after):
            if value.tobytes() != done.before[number].tobytes():
                done.breaches.append("a shared value changed although the call failed")
        return done
    new = [variable.get_value(borrow=True) for variable, _ in graph.updates]
    updated = {id(variable) for variable, _ in graph.updates}
    for (number, variable), value in zip(graph.shared, after):
        if id(variable) not in updated and value.tobytes() != done.before[number].tobytes():
            done.breaches.append("a shared value changed that has no update")
    done.results = [*outputs, *new]
    names = [f"output {position}" for position in range(len(outputs))] + [f"new value {position}" for position in range(len(new))]
    done.breaches += shared_memory(list(zip(names, done.results)), reachable)
    done.breaches += wrong_types(list(zip(names, done.results)), graph.results)
    if function._doors is not None and not graph.updates:
        done.breaches += other_bits(function, [np.array(values[number]) for number, _ in graph.inputs], outputs)
    return done


def other_bits(function: Function, plain: list[Array], outputs: list[Any]) -> list[str]:
    """Return a sentence about an output of native code that depends on how the arguments lie in memory, or on when it is computed."""
    for position, (one, other) in enumerate(zip(outputs, function(*plain))):
        if one.tobytes() != other.tobytes():
            return [f"output {position} has other bits when the same numbers are given again, row by row"]
    return []


def shared_memory(results: list[tuple[str, Any]], reachable: list[tuple[str, Array]]) -> list[str]:
    """Return sentences about results that share memory with what was there before, or with one another."""
    found = []
    for position, (name, result) in enumerate(results):
        if not isinstance(result, np.ndarray):
            continue
        for what, value in [*reachable, *results[:position]]:
            if isinstance(value, np.ndarray) and np.may_share_memory(result, value):
                found.append(f"{name} shares memory with {what}")
    return found


def wrong_types(results: list[tuple[str, Any]], nodes: list[Node]) -> list[str]:
    """Return sentences about results that are no arrays, or not of the type of their node."""
    found = []
    for (name, result), node in zip(results, nodes):
        if not isinstance(result, np.ndarray):
            found.append(f"{name} is a {type(result).__name__}")
        elif not node.type.holds(result):
            found.append(f"{name} is {result.dtype} {result.shape}, not {node.type}")
        elif not result.flags.writeable:
            found.append(f"{name} cannot be written to")
    return found
