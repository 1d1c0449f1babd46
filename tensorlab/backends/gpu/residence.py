"""What is computed where: the plan of a program over two memories.

Floor 4. Numbers that say how long something is, or where, stay with Python, and so does what is made of them; everything else goes to the
device. So an ordinary call crosses with its arguments, once each, and comes back with its outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...graph.node import Constant, Node
from ...ops.families import Elementwise
from ...schedule.plan import Program, Step

SHORT = 8  # elements: the lengths of an array, of which few have more than four


@dataclass(frozen=True)
class Placed:
    """One step, and the side on which it runs.

    Attributes:
        here: whether NumPy computes it.
        numbers: which of its inputs it reads as Python numbers, and so on this side in any case.
    """

    step: Step
    here: bool
    numbers: frozenset[int]


def placed(program: Program, away: frozenset[int]) -> list[Placed]:
    """Place every step of a program.

    Args:
        away: the buffers that are on the device when a call begins: the values of shared variables.
    """
    here = {number for number, leaf in enumerate(program.leaves) if number not in away}
    steps = []
    for step in program.steps:
        op = step.node.op
        assert op is not None
        numbers = op.numbers_among(len(step.reads))
        if isinstance(op, Elementwise):  # CuPy takes numbers of NumPy beside its arrays, and sends them along with the call
            without_axes = (read in here and not program_node(program, read).type.ndim for read in step.reads)
            numbers |= {position for position, number in enumerate(without_axes) if number}
        at_hand = small(step.node) and all(read in here and small(program_node(program, read)) for read in step.reads)
        home = bool(op.by_host) or op.of_shape or at_hand
        if home:
            here.add(step.writes)
        steps.append(Placed(step, home, numbers))
    return steps


def program_node(program: Program, number: int) -> Node:
    """Return the node whose value a buffer holds."""
    count = len(program.leaves)
    return program.leaves[number] if number < count else program.steps[number - count].node


def small(node: Node) -> bool:
    """Say whether a value is a number, or a short list of lengths or positions, that is no work for a device."""
    if node.type.ndim == 0:
        return node.op is None or isinstance(node.op, Elementwise) or node.type.dtype.startswith(("int", "uint", "bool"))
    if isinstance(node, Constant):
        return node.value.size <= SHORT
    return node.type.dtype == "int64" and node.type.ndim == 1 and node.type.shape[0] is not None
