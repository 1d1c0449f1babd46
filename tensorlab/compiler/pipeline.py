"""From the graph as written to the program that runs: the stages, each kept for the eye.

Floor 5. `f.stages.written`, `f.stages.interned`, `f.stages.rewritten` are graphs, `f.stages.program` is what the back end was given, and
`f.stages.history` says which rule put what in place of what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..graph.node import Constant, Node, Symbol
from ..graph.walk import ancestors, rebuild
from ..laps import lap
from ..rewrite.engine import Rewrite
from ..rewrite.intern import Interner, intern
from ..rewrite.passes import rewritten
from ..schedule.plan import Program, plan
from .modes import Mode, checked_mode


@dataclass(frozen=True, repr=False)
class Graph:
    """A graph at one stage: the nodes that are given and those that are wanted."""

    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]

    @property
    def size(self) -> int:
        """How many nodes it has, the given ones included."""
        return len(ancestors([*self.inputs, *self.outputs], stop_at=self.inputs))

    def __repr__(self) -> str:
        given, wanted = (", ".join(each.label for each in nodes) for nodes in (self.inputs, self.outputs))
        return f"<graph of {self.size} nodes: ({given}) -> ({wanted})>"


@dataclass(frozen=True, repr=False)
class Stages:
    """Every stage of one compilation, in order.

    Attributes:
        written: the graph as the reader wrote it.
        interned: the same with equal nodes made one.
        rewritten: after the rules of the mode.
        history: one event per rule that fired: `rule`, `before`, `after`.
        program: the steps that the back end runs.
    """

    written: Graph
    interned: Graph
    rewritten: Graph
    history: tuple[Rewrite, ...]
    program: Program

    @property
    def graph(self) -> Graph:
        """The graph as written, before any pass."""
        return self.written

    def __repr__(self) -> str:
        fired = Counter(each.rule.name for each in self.history)
        names = ", ".join(name if times == 1 else f"{name} ({times} times)" for name, times in fired.items())
        return "\n".join(
            [
                f"written:   {self.written.size} nodes",
                f"interned:  {self.interned.size} nodes",
                f"rewritten: {self.rewritten.size} nodes" + (f", by {names}" if names else ""),
                f"program:   {len(self.program.steps)} steps",
            ]
        )


def compile_stages(given: Sequence[Node], results: Sequence[Node], mode: Mode | str) -> Stages:
    """Run all passes of a mode on a graph that is cut at the given nodes."""
    written = Graph(tuple(given), tuple(results))
    inputs, outputs = cut(given, results)
    one_of = Interner()
    interned = intern(outputs, one_of)
    lap("intern")
    final, history = rewritten(interned, checked_mode(mode).rewrites, one_of)
    lap("rewrite")
    program = plan(inputs, final, in_written_order(final, interned, inputs))
    lap("plan")
    return Stages(written, Graph(inputs, tuple(interned)), Graph(inputs, tuple(final)), tuple(history), program)


def in_written_order(final: Sequence[Node], written: Sequence[Node], given: Sequence[Node]) -> list[Node]:
    """Return what prints, checks or stops in the order in which it was written: rules that swap operands do not change who speaks first.

    Rules rebuild such nodes, and keep their ops.
    """
    watching = [node for node in ancestors(final, stop_at=given) if node.op is not None and not node.op.merges]
    if len(watching) < 2:
        return []
    ops = dict.fromkeys(id(node.op) for node in ancestors(written, stop_at=given))
    place = {op: position for position, op in enumerate(ops)}
    return sorted(watching, key=lambda node: place.get(id(node.op), len(place)))


def cut(given: Sequence[Node], results: Sequence[Node]) -> tuple[tuple[Node, ...], list[Node]]:
    """Return given nodes and results with a symbol in place of each given expression, so that no pass looks behind it."""
    stand_ins: dict[Node, Node] = {}
    for node in given:
        if node.op is not None or isinstance(node, Constant):
            stand_in = Symbol(node.type, node.name, place=node.place)
            stand_in.place, stand_in._tag = node.place, node._tag
            stand_ins[node] = stand_in
    inputs = tuple(stand_ins.get(node, node) for node in given)
    return inputs, rebuild(results, stand_ins) if stand_ins else list(results)
