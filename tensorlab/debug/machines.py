"""The back ends on trial: a graph with every node as a result, compiled as it would be, against what the cards compute.

Floor 6. Read `agreement` and `on_trial` before. A node that looks wrong in the whole is tried alone on the reference's own operands, so
that what rounding has added up before it does not count against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..backends import llvm
from ..backends.base import Backend, StepError
from ..backends.reference import Reference
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..ops.watching import Watcher
from ..schedule.plan import plan
from .agreement import LARGE, close, disagreement, near, within_sum
from .faults import difference, op_fault
from .on_trial import quietly
from .smallest import alone, cut_at, smaller

DEEPEST = 6  # levels of a graph that are tried together before the whole graph is shown


def backends() -> list[tuple[str, Backend]]:
    """Return the back ends that can run here, with what messages call them."""
    found: list[tuple[str, Backend]] = [("the reference back end", Reference())]
    if not llvm.unavailable():
        from ..backends.llvm.backend import LLVM

        found.append(("native code", LLVM()))
    return found


def without_watchers(outputs: Sequence[Node]) -> list[Node]:
    """Return a graph in which nothing is printed, checked or stopped."""
    watchers = {node: node.inputs[node.op.hands_on] for node in ancestors(outputs) if isinstance(node.op, Watcher)}

    def behind(node: Node) -> Node:
        while node in watchers:
            node = watchers[node]
        return node

    final = [behind(node) for node in outputs]
    twins: dict[Node, Node] = {}
    for node in ancestors(final):
        inputs = [twins.get(behind(each), behind(each)) for each in node.inputs]
        if any(one is not other for one, other in zip(inputs, node.inputs)):
            assert node.op is not None
            twins[node] = node.op.rebuild(node, inputs)
    return [twins.get(node, node) for node in final]


def run(backend: Backend, given: Sequence[Node], wanted: Sequence[Node], values: Sequence[Any]) -> list[Any]:
    """Return the values of nodes on a back end, computed from copies."""
    runner = backend.compile(plan(given, wanted))
    return [np.asarray(each) for each in runner.run([np.array(value) for value in values])]


class Machines:
    """The back ends, and what they were found to compute for the graph of one function.

    Args:
        given: the leaves of the graph.
        results: what the function computes.
        others: further nodes that every back end must compute.
    """

    def __init__(self, given: Sequence[Node], results: Sequence[Node], others: Sequence[Node]) -> None:
        self.given = list(given)
        passed = set(given)
        quiet = without_watchers([*results, *others])
        self.results = quiet[: len(results)]
        self.nodes = [node for node in ancestors(quiet, stop_at=given) if node.op is not None and node not in passed]
        self.runners: list[tuple[str, Backend, Callable[..., Any], Callable[..., Any]]] = []
        for name, backend in backends():
            every = backend.compile(plan(self.given, self.nodes)).run
            real = backend.compile(plan(self.given, self.results)).run
            self.runners.append((name, backend, every, real))

    def check(self, values: Sequence[Any]) -> None:
        """Compare all nodes and all results on all back ends with what the cards compute.

        Raises:
            OpFaultError: one differs by more than rounding.
            StepError: the graph cannot be computed with these values.
        """
        known: dict[Node, Any] = dict(zip(self.given, values))
        for node in ancestors([*self.nodes, *self.results], stop_at=self.given):
            if isinstance(node, Constant) and node not in known:
                known[node] = node.value
        for node in self.nodes:
            known[node] = quietly(node, [known[each] for each in node.inputs])
        for name, backend, every, real in self.runners:
            for node, found in zip(self.nodes, self._run(name, every, values)):
                if not close(found, known[node]):
                    self._alone(name, backend, node, known)
            for node, found in zip(self.results, self._run(name, real, values)):
                if not close(found, known[node]) and self._differs(node, known, values, found):
                    self._together(name, backend, node, known, values)

    def _differs(self, node: Node, known: Mapping[Node, Any], values: Sequence[Any], found: Any) -> bool:
        """Say whether a result of the whole program differs by more than rounding."""
        wanted = known[node]
        if found.dtype != wanted.dtype or found.shape != wanted.shape:
            return True
        if sum(np.size(each) for each in known.values()) <= LARGE:
            return bool(disagreement(node, dict(zip(self.given, values)), found))
        path = ancestors([node], stop_at=self.given)
        if any(decides(each) for each in path):
            return False  # a comparison of large arrays that rounding has decided otherwise is no fault, and nothing cheap tells which
        return not near(found, wanted, [known[each] for each in path])

    def _run(self, name: str, runner: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
        """Run a program that the cards can compute, on copies."""
        copies = [np.array(value) for value in values]
        try:
            found = [np.asarray(each) for each in runner(copies)]
        except StepError as problem:
            node, given = problem.node, dict(zip(problem.node.inputs, problem.values))
            raise op_fault("value", node, given, f"it fails where its card does not: {problem.cause}", name) from problem
        for leaf, copy, value in zip(self.given, copies, values):
            if copy.tobytes() != value.tobytes():
                found_out = f"it writes into the argument {leaf.label}"
                raise op_fault("mutation", self.results[0], dict(zip(self.given, values)), found_out, name)
        return found

    def _alone(self, name: str, backend: Backend, node: Node, known: Mapping[Node, Any]) -> None:
        """Raise if one op on the reference's operands is wrong on a back end."""
        top, symbols = alone(node)
        by_node = {each: known[each] for each in node.inputs}
        arrays = [by_node[each] for each in dict.fromkeys(node.inputs) if not isinstance(each, Constant)]
        (found,) = run(backend, symbols, [top], arrays)
        if close(found, known[node]) or within_sum(node, [known[each] for each in node.inputs], found, known[node]):
            return
        if disagreement(top, dict(zip(symbols, arrays)), found):
            raise wrong(name, backend, top, symbols, arrays)

    def _together(self, name: str, backend: Backend, node: Node, known: Mapping[Node, Any], values: Sequence[Any]) -> None:
        """Raise for nodes that are right each alone, and wrong when they are computed together."""
        for depth in range(1, DEEPEST):
            for top in self.nodes:
                boundary = at_depth(top, depth)
                if not boundary or not all(each in known for each in boundary):
                    continue
                try:
                    (small,), stand_ins = cut_at([top], boundary)
                except TensorlabError:  # an op that must know more of its operands than a symbol tells
                    continue
                symbols, arrays = list(stand_ins.values()), [known[each] for each in stand_ins]
                (found,) = run(backend, symbols, [small], arrays)
                if not close(found, known[top]) and disagreement(small, dict(zip(symbols, arrays)), found):
                    raise wrong(name, backend, small, symbols, arrays)
        raise wrong(name, backend, node, self.given, list(values))


def decides(node: Node) -> bool:
    """Say whether a node makes whole numbers or truth values of floats, so that rounding may change all that follows."""
    return not is_floating(node.type.dtype) and any(is_floating(each.type.dtype) for each in node.inputs)


def at_depth(top: Node, depth: int) -> list[Node]:
    """Return the nodes that are a number of levels below another, and the leaves that are nearer."""
    level, found = [top], []
    for _ in range(depth):
        level = list(dict.fromkeys(each for node in level for each in node.inputs))
        found += [each for each in level if each.op is None and not isinstance(each, Constant)]
        level = [each for each in level if each.op is not None]
    return list(dict.fromkeys([*found, *level]))


def wrong(name: str, backend: Backend, top: Node, symbols: Sequence[Node], arrays: Sequence[Any]) -> Exception:
    """Return the error for a graph that a back end computes wrongly, on the smallest arrays that show it."""

    def fails(given: list[Any]) -> bool:
        (found,) = run(backend, symbols, [top], given)
        return bool(disagreement(top, dict(zip(symbols, given)), found))

    arrays = smaller(arrays, fails)
    (found,) = run(backend, symbols, [top], arrays)
    (wanted,) = values_of([top], dict(zip(symbols, arrays)))
    return op_fault("value", top, dict(zip(symbols, arrays)), f"it gives {difference(found, wanted)}, which its card computes", name)


def values_of(outputs: Sequence[Node], values: Mapping[Node, Any]) -> list[Any]:
    """Return the values of nodes by their cards."""
    known = dict(values)
    for node in ancestors(outputs, stop_at=known.keys()):
        if node not in known:
            known[node] = node.value if isinstance(node, Constant) else quietly(node, [known[each] for each in node.inputs])
    return [known[node] for node in outputs]
