"""A program: the steps that compute a graph, and when each buffer can be let go.

Floor 3. Read `graph/walk.py` first. A step computes one node from buffers that earlier steps have filled; buffers are
numbered, leaves (symbols, shared variables, constants) come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph.node import Constant, Node
from ..graph.walk import ancestors


@dataclass(frozen=True)
class Step:
    """One piece of work: `node.op` on the buffers `reads`, into the buffer `writes`; `frees` are not read again."""

    node: Node
    reads: tuple[int, ...]
    writes: int
    frees: tuple[int, ...] = ()


@dataclass(frozen=True)
class Program:
    """Steps over buffers, and the graph they came from.

    Attributes:
        leaves: the nodes whose values are given, in the order of buffers 0, 1, …: first those passed to each run, then constants.
        given: how many of the leaves are passed to each run.
        steps: the work in order.
        results: buffers that hold the wanted values.
    """

    leaves: tuple[Node, ...]
    given: int
    steps: tuple[Step, ...]
    results: tuple[int, ...]

    @property
    def buffers(self) -> int:
        """Number of buffers."""
        return len(self.leaves) + len(self.steps)

    def __str__(self) -> str:
        lines = [f"b{number} = {leaf.label}  {leaf.type}" for number, leaf in enumerate(self.leaves)]
        for step in self.steps:
            freed = f"  frees {listed(step.frees)}" if step.frees else ""
            lines.append(f"b{step.writes} = {step.node.op}({listed(step.reads)})  {step.node.type}{freed}")
        lines.append(f"return {listed(self.results)}")
        return "\n".join(lines)


def listed(buffers: Sequence[int]) -> str:
    """Return buffers as they are written in the text of a program."""
    return ", ".join(f"b{number}" for number in buffers)


def plan(given: Sequence[Node], results: Sequence[Node], in_turn: Sequence[Node] = ()) -> Program:
    """Order the work for `results` from the values of `given`; nodes that are to be computed in turn come in that order, if they can.

    >>> from tensorlab import tensor as T
    >>> x = T.scalar("x")
    >>> print(plan([x], [x * x]))
    b0 = x  TensorType(float64, scalar)
    b1 = mul(b0, b0)  TensorType(float64, scalar)  frees b0
    return b1
    """
    order = ancestors([*in_turn, *results], stop_at=given)
    passed = set(given)
    constants = [node for node in order if isinstance(node, Constant) and node not in passed]
    leaves = [*given, *constants]
    number = {node: position for position, node in enumerate(leaves)}
    work = [node for node in order if node not in number]
    for node in work:
        number[node] = len(number)
    last_reader = {number[each]: position for position, node in enumerate(work) for each in node.inputs}
    wanted = tuple(number[node] for node in results)
    kept = {*wanted, *range(len(given), len(leaves))}
    steps = []
    for position, node in enumerate(work):
        reads = tuple(number[each] for each in node.inputs)
        frees = tuple(sorted({read for read in reads if last_reader[read] == position and read not in kept}))
        steps.append(Step(node, reads, number[node], frees))
    return Program(tuple(leaves), len(given), tuple(steps), wanted)
