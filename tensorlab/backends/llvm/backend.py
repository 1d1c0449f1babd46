"""The LLVM back end: a whole program as one native function where every node has native code, else native parts with cards between them.

Floor 4. Read `program.py` and `link.py` before. Whatever a native part hands on (odd lengths, arrays that lie otherwise) is computed by the
reference back end, whose errors are the ones that readers see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np

from ...graph.node import Constant, Node
from ...graph.walk import ancestors
from ...ops.evaluate import kernel
from ...ops.families import Elementwise, Reduction
from ...ops.words import ArrayWords
from ...rewrite.intern import intern
from ...schedule.expand import expanded
from ...schedule.fuse import fused
from ...schedule.kernels import Schedule
from ...schedule.plan import Program, plan
from ...schedule.sizes import ImpossibleError
from ...schedule.survey import ROUTINES, fits
from ..base import Backend, Runner
from ..reference import Reference
from ..source import Source, compiled
from .link import Native
from .program import Given, Interface, write
from .speaking import speaks

numbers = count(1)


@dataclass(frozen=True)
class Prepared:
    """A program whose composite ops are written out: what is given, what is wanted, and all nodes between them in order."""

    given: tuple[Node, ...]
    wanted: tuple[Node, ...]

    @cached_property
    def nodes(self) -> list[Node]:
        """All nodes, operands first."""
        return ancestors(self.wanted, stop_at=self.given)

    @cached_property
    def inner(self) -> list[Node]:
        """The nodes that are to be computed."""
        passed = set(self.given)
        return [node for node in self.nodes if node.op is not None and node not in passed]


def prepared(program: Program) -> Prepared:
    """Write out composite ops, and make equal nodes one."""
    nodes = [*program.leaves, *(step.node for step in program.steps)]
    given = program.leaves[: program.given]
    return Prepared(given, tuple(intern(expanded(given, [nodes[number] for number in program.results]))))


def as_whole(program: Program) -> Schedule | None:
    """Return a program as one schedule, or None if some of its nodes have no native code."""
    ready = prepared(program)
    if not all(fits(node, speaks) for node in ready.inner):
        return None
    try:
        return fused(ready.given, ready.wanted)
    except ImpossibleError:
        return None


@dataclass(frozen=True)
class Doors:
    """The two builtins of one program: what readers call, and what is called with arrays when a turn is held.

    Attributes:
        text: the program for LLVM.
        schedule: its loops.
        single: whether a call returns its one output itself.
    """

    open: Callable[..., Any]
    strict: Callable[..., Any]
    text: str
    schedule: Schedule
    single: bool


def doors(
    schedule: Schedule, interface: Interface, name: str, slowly: Callable[..., Any], by_reference: Callable[..., Any],
    cells: Sequence[Any], busy: Sequence[Any], threads: int,
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
    """
    native = linked(schedule, interface)
    return Doors(
        native.builtin(name, {"otherwise": slowly}, cells, busy, {"threads": threads, "turn": 0}),
        native.builtin(name, {"otherwise": by_reference}, cells, busy, {"threads": threads, "turn": 1}),
        native.text,
        schedule,
        interface.single,
    )


def linked(schedule: Schedule, interface: Interface) -> Native:
    """Return a schedule as loaded native code."""
    from .runtime import load  # threads and products are needed as soon as a program may be long

    load()
    return Native(write(schedule, interface))


def tidy(values: Sequence[Any]) -> list[Any]:
    """Return arrays as native code reads them: row by row, aligned, of the machine's own byte order."""
    return [np.require(value, requirements=("C", "A")) for value in values]


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


def parts_of(ready: Prepared) -> list[Part]:
    """Split a program into native parts and cards, as few as the dependencies allow."""
    done = {*ready.given, *(node for node in ready.nodes if isinstance(node, Constant))}
    waiting, found = ready.inner, []
    native = {node: fits(node, speaks) for node in waiting}
    while waiting:
        for kind in (True, False):
            taken: list[Node] = []
            rest: list[Node] = []
            for node in waiting:
                ready_now = native[node] == kind and all(each in done for each in node.inputs)
                (taken if ready_now else rest).append(node)
                if ready_now:
                    done.add(node)
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
        ready = prepared(program)
        names: dict[Node, str] = {}
        source = Source(names={"asarray": np.asarray})

        def name(node: Node) -> str:
            if node not in names:
                names[node] = f"b{len(names)}"
                if isinstance(node, Constant) and node not in ready.given:
                    source.names[names[node]] = node.value
            return names[node]

        source.add(f"def program({', '.join(map(name, ready.given))}):")
        fresh: set[Node] = set()
        words = ArrayWords(np)
        texts = []
        for part in parts_of(ready):
            if part.native and part.writes:
                function, text = native_part(part, number := next(numbers))
                texts.append(text)
                source.names[f"native_{number}"] = function
                source.add(f"    {', '.join(map(name, part.writes))}, = native_{number}({', '.join(map(name, part.reads))})")
                fresh.update(part.writes)
                continue
            for node in part.nodes:
                card = f"{node.op.name}_{len(source.names)}"  # type: ignore[union-attr]
                source.names[card] = kernel(node, np, words)
                label = " ".join(node.label.split())
                source.add(f"    {name(node)} = {card}({', '.join(map(name, node.inputs))})  # {label}")
        source.add(f"    return [{', '.join(map(name, ready.wanted))}]")
        run_parts = compiled(source, "<tensorlab program>")
        reference = Lazily(program)

        def run(given: Sequence[Any]) -> list[Any]:
            try:
                with np.errstate(all="ignore"):
                    return run_parts(*given)
            except Exception:  # the reference back end says what is wrong, and with which node
                return reference.run(given)

        seen: set[Node] = set()
        unique = []
        for node in ready.wanted:
            unique.append(node in fresh and node not in seen)
            seen.add(node)
        return Runner(run, tuple(unique), lambda: source.text)


class Lazily:
    """The reference back end for a program, compiled when it is first needed."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def runner(self) -> Runner:
        """The program on the reference back end."""
        return Reference().compile(self.program)

    def run(self, given: Sequence[Any]) -> list[Any]:
        """Run it."""
        return self.runner.run(given)


def native_part(part: Part, number: int) -> tuple[Callable[..., Any], Callable[[], str]]:
    """Return a native part as a function from arrays to a list of arrays."""
    reference = Lazily(plan(part.reads, part.writes))
    try:
        schedule = fused(part.reads, part.writes)
    except ImpossibleError:
        return (lambda *values: reference.run(values)), lambda: ""
    interface = Interface(tuple(Given(node.type, position, only_arrays=True) for position, node in enumerate(part.reads)),
                          len(part.reads), len(part.writes))
    native = linked(schedule, interface)
    state: Mapping[str, int] = {"threads": 1, "turn": 1}
    strict = native.builtin(f"part_{number}", {"otherwise": lambda *values: reference.run(values)}, [], [], state)
    return native.builtin(f"part_{number}", {"otherwise": lambda *values: strict(*tidy(values))}, [], [], state), lambda: native.text
