"""From the graph as written to the program that runs: the stages, each kept for the eye.

Floor 5. `f.stages.written`, `f.stages.interned`, `f.stages.rewritten` are graphs, `f.stages.program` is what the back end was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph.node import Node
from ..rewrite.intern import intern
from ..schedule.plan import Program, plan


@dataclass(frozen=True)
class Graph:
    """A graph at one stage: the nodes that are given and those that are wanted."""

    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]


@dataclass(frozen=True)
class Stages:
    """Every stage of one compilation, in order."""

    written: Graph
    interned: Graph
    rewritten: Graph
    program: Program

    @property
    def graph(self) -> Graph:
        """The graph as written, before any pass."""
        return self.written


def compile_stages(given: Sequence[Node], results: Sequence[Node], mode: str) -> Stages:
    """Run all passes on a graph."""
    inputs = tuple(given)
    written = Graph(inputs, tuple(results))
    interned = Graph(inputs, tuple(intern(written.outputs)))
    rewritten = interned
    return Stages(written, interned, rewritten, plan(inputs, rewritten.outputs))
