"""The LLVM back end: a whole program as one native function where every node has native code, else native parts with cards between them.

Floor 4. Read `program.py` and `link.py` before. Whatever a native part hands on (odd lengths, arrays that lie otherwise) is computed by the
reference back end, whose errors are the ones that readers see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np

from ...graph.node import Constant, Node
from ...graph.place import made_at
from ...graph.walk import ancestors
from ...ops.evaluate import kernel
from ...ops.families import Elementwise, Reduction
from ...ops.words import ArrayWords
from ...rewrite.intern import intern
from ...schedule.expand import EXPANSIONS, expanded
from ...schedule.fuse import fused
from ...schedule.kernels import Schedule
from ...schedule.plan import Program, Step, plan
from ...schedule.sizes import ImpossibleError
from ...schedule.survey import ROUTINES, fits
from ..base import Backend, Runner, StepError, in_rows
from ..meter import Meter
from ..reference import Reference, located
from ..source import Source, comment, compiled
from .blocks import MEMORY_TYPES
from .interface import Given, Interface
from .link import Native
from .speaking import speaks
from .work import meter_for


@dataclass(frozen=True)
class Graph:
    """A program as the graph that it came from: what is given, what is wanted, and all nodes between them in order."""

    given: tuple[Node, ...]
    wanted: tuple[Node, ...]
    in_turn: tuple[Node, ...] = ()  # nodes whose order is that of the program

    @classmethod
    def of(cls, program: Program) -> Graph:
        """Return the graph of a program."""
        nodes = [*program.leaves, *(step.node for step in program.steps)]
        in_turn = tuple(step.node for step in program.steps if step.node.op is not None and not step.node.op.merges)
        return cls(program.leaves[: program.given], tuple(nodes[number] for number in program.results), in_turn)

    @property
    def written_out(self) -> Graph:
        """The same with composite ops written out, and equal nodes made one."""
        return Graph(self.given, tuple(intern(expanded(self.given, self.wanted))))

    @cached_property
    def nodes(self) -> list[Node]:
        """All nodes, operands first."""
        return ancestors([*self.in_turn, *self.wanted], stop_at=self.given)

    @cached_property
    def inner(self) -> list[Node]:
        """The nodes that are to be computed."""
        passed = set(self.given)
        return [node for node in self.nodes if node.op is not None and node not in passed]


def is_native(node: Node) -> bool:
    """Say whether loops can compute a node, as it is or written out."""
    if fits(node, speaks):
        return True
    expansion = EXPANSIONS.get(type(node.op))
    with made_at(node.place):
        new = expansion(node, *node.inputs) if expansion is not None else None
    return new is not None and all(fits(each, speaks) for each in ancestors([new], stop_at=node.inputs) if each not in node.inputs)


def as_whole(program: Program) -> Schedule | None:
    """Return a program as one schedule, or None if some of its nodes have no native code."""
    ready = Graph.of(program).written_out
    if not all(fits(node, speaks) for node in ready.inner) or not all(node.type.dtype in MEMORY_TYPES for node in ready.nodes):
        return None
    try:
        return fused(ready.given, ready.wanted)
    except ImpossibleError:
        return None


@dataclass(frozen=True)
class Doors:
    """The two builtins of one program: what readers call, and what is called with arrays when a turn is held.

    Attributes:
        native: the program.
    """

    open: Callable[..., Any]
    strict: Callable[..., Any]
    native: Native


def doors(
    schedule: Schedule, interface: Interface, name: str, slowly: Callable[..., Any], by_reference: Callable[..., Any],
    cells: Sequence[Any], busy: Sequence[Any], threads: int, meter: Meter | None = None,
) -> Doors:  # fmt: skip
    """Return a program as builtins.

    Args:
        schedule: the program.
        interface: what it is given and what becomes of its results.
        name: what the builtin is called.
        slowly: takes over a call whose arguments need thought, or which must wait for its turn.
        by_reference: takes over a call with arrays that native code does not manage.
        cells, busy: of the shared variables, in the order in which the interface numbers them.
        threads: how many may work.
        meter: counters that both fill, if the interface says that calls are profiled.
    """
    native = linked(schedule, interface)
    counters = {"meter": meter.address} if meter is not None else {}
    return Doors(
        native.builtin(name, {"otherwise": slowly, "meter": meter}, cells, busy, {"threads": threads, "turn": 0, **counters}),
        native.builtin(name, {"otherwise": by_reference, "meter": meter}, cells, busy, {"threads": threads, "turn": 1, **counters}),
        native,
    )


def linked(schedule: Schedule, interface: Interface) -> Native:
    """Return a schedule as loaded native code."""
    from .runtime import load  # threads and products are needed as soon as a program may be long

    load()
    return Native(schedule, interface)


@dataclass
class Part:
    """Some nodes that are computed together: by native code, or each by its card.

    Attributes:
        nodes: operands first.
        native: whether loops compute them.
        reads, writes: what comes from outside, and what is needed outside.
    """

    nodes: list[Node]
    native: bool
    reads: list[Node] = field(default_factory=list)
    writes: list[Node] = field(default_factory=list)


def parts_of(ready: Graph) -> list[Part]:
    """Split a program into native parts and cards, as few as the dependencies allow.

    What prints, checks or stops does so in the order of the graph, as on the reference back end.
    """
    done = {*ready.given, *(node for node in ready.nodes if isinstance(node, Constant))}
    waiting, found = ready.inner, []
    native = {node: is_native(node) for node in waiting}
    in_turn = iter([node for node in waiting if node.op is not None and not node.op.merges])
    turn = next(in_turn, None)
    while waiting:
        for kind in (True, False):
            taken: list[Node] = []
            rest: list[Node] = []
            for node in waiting:
                ready_now = native[node] == kind and all(each in done for each in node.inputs)
                if ready_now and node.op is not None and not node.op.merges:
                    ready_now = node is turn
                (taken if ready_now else rest).append(node)
                if ready_now:
                    done.add(node)
                    turn = next(in_turn, None) if node is turn else turn
            waiting = rest
            if taken:
                worthwhile = kind and any(isinstance(node.op, (Elementwise, Reduction)) or type(node.op) in ROUTINES for node in taken)
                found.append(Part(taken, worthwhile))
    home = {node: number for number, part in enumerate(found) for node in part.nodes}
    needed_outside: set[Node] = set(ready.wanted)
    for number, part in enumerate(found):
        for node in part.nodes:
            for each in node.inputs:
                outside = home.get(each) != number
                if outside and (each in home or each in ready.given) and each not in part.reads:
                    part.reads.append(each)
                if outside:
                    needed_outside.add(each)
    for part in found:
        part.writes = [node for node in part.nodes if node in needed_outside]
    return found


class LLVM(Backend):
    """Native code for the CPU."""

    name = "llvm"

    def compile(self, program: Program) -> Runner:
        """Return a program as a Python function that calls native parts and cards in turn."""
        writer = Mixed(Graph.of(program))
        run_parts = compiled(writer.source, "<tensorlab program>")

        def run(given: Sequence[Any]) -> list[Any]:
            try:
                with np.errstate(all="ignore"):
                    return run_parts(*given)
            except StepError:
                raise
            except Exception as problem:
                found = located(problem, run_parts, writer.source)
                if found is None:
                    raise
                raise found from problem

        return Runner(run, writer.fresh, lambda: writer.source.text)


class Mixed:
    """Writes the Python function of a program that is native only in parts.

    Attributes:
        source: the function, and what its names stand for.
        fresh: per result, whether its memory certainly belongs to nobody else.
        parts: the native parts, by the line that calls them.
        meters: their counters, if calls are profiled.
    """

    def __init__(self, graph: Graph, profiled: bool = False) -> None:
        self.graph = graph
        self.parts: dict[int, Part] = {}
        self.meters: dict[int, Meter] = {}
        self.source = Source(names={"asarray": np.asarray})
        self.buffers: dict[Node, int] = {}
        self.words = ArrayWords(np)
        source = self.source
        source.add(f"def program({', '.join(map(self.name, graph.given))}):")
        own: set[Node] = set()
        for number, part in enumerate(parts_of(graph)):
            if part.native and part.writes:
                line = len(source.lines) + 1
                self.parts[line] = part
                source.names[f"native_{number}"] = native_part(part, number, partial(self.meters.setdefault, line) if profiled else None)
                source.add(f"    {', '.join(map(self.name, part.writes))}, = native_{number}({', '.join(map(self.name, part.reads))})")
                own.update(part.writes)
            else:
                for node in part.nodes:
                    self.card(node)
        source.add(f"    return [{', '.join(map(self.name, graph.wanted))}]")
        self.fresh = tuple(node in own and node not in graph.wanted[:position] for position, node in enumerate(graph.wanted))

    def name(self, node: Node) -> str:
        """Return the name of a node's value in the function."""
        number = self.buffers.setdefault(node, len(self.buffers))
        if isinstance(node, Constant) and node not in self.graph.given:
            self.source.names[f"b{number}"] = node.value
        return f"b{number}"

    def card(self, node: Node) -> None:
        """Write the line that computes a node by its card."""
        reads = list(map(self.name, node.inputs))
        name = self.name(node)
        card = f"{node.op.name}_{self.buffers[node]}"  # type: ignore[union-attr]
        self.source.names[card] = kernel(node, np, self.words)
        step = Step(node, tuple(self.buffers[each] for each in node.inputs), self.buffers[node])
        self.source.add(f"    {name} = {card}({', '.join(reads)})  # {comment(node)}", step)


class Lazily:
    """The reference back end for a program, compiled when it is first needed."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def runner(self) -> Runner:
        """The program on the reference back end."""
        return Reference().compile(self.program)


def native_part(part: Part, number: int, keep_meter: Callable[[Meter], Any] | None = None) -> Callable[..., Any]:
    """Return a native part as a function from arrays to a list of arrays; if somebody wants its counters, it is profiled."""
    reference = Lazily(plan(part.reads, part.writes))

    def by_reference(*values: Any) -> list[Any]:
        """Compute on NumPy, into arrays that are nobody else's, as native code does."""
        runner = reference.runner
        return [value if fresh else value.copy() for value, fresh in zip(runner.run(values), runner.fresh)]

    graph = Graph(tuple(part.reads), tuple(part.writes)).written_out
    try:
        schedule = fused(graph.given, graph.wanted)
    except ImpossibleError:
        return by_reference
    given = [Given(node.type, position, only_arrays=True) for position, node in enumerate(part.reads)]
    from .runtime import threads

    native = linked(schedule, Interface(tuple(given), len(part.reads), len(part.writes), profiled=keep_meter is not None))
    state = {"threads": threads(), "turn": 1}
    meter = None
    if keep_meter is not None:
        meter = meter_for(schedule)
        keep_meter(meter)
        state["meter"] = meter.address
    strict = native.builtin(f"native_{number}", {"otherwise": by_reference, "meter": meter}, [], [], state)
    slowly = {"otherwise": lambda *values: strict(*map(in_rows, values)), "meter": meter}
    return native.builtin(f"native_{number}", slowly, [], [], state)
