"""A program that runs step by step on NumPy, with something called around every step.

Floor 6. Read `backends/reference.py` before: each step is computed by the same kernel. What watches a step is called with the step's
position, its node and arrays that are to be read only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..backends.base import Runner, StepError
from ..graph.node import Constant, Node
from ..ops.evaluate import kernel
from ..ops.words import ArrayWords
from ..schedule.plan import Program

Before = Callable[[int, Node, list[Any]], None]
After = Callable[[int, Node, list[Any], Any], None]


def stepwise(
    program: Program,
    before: Before | None = None,
    after: After | None = None,
    begin: Callable[[Sequence[Any]], None] | None = None,
) -> Runner:
    """Return a program as a runner that calls others as it goes.

    Args:
        program: what to run.
        before: called before a step with its position, its node and the values of its inputs.
        after: called after it, with the result too.
        begin: called before the first step with the values of the program's given leaves.

    What these raise ends the call as it is; what a step raises becomes a StepError with its node.
    """
    words = ArrayWords(np)
    work = [(kernel(step.node, np, words), step) for step in program.steps]
    constants = [leaf.value for leaf in program.leaves[program.given :] if isinstance(leaf, Constant)]
    empty: list[Any] = [None] * len(program.steps)

    def run(given: Sequence[Any]) -> list[Any]:
        if begin is not None:
            begin(given)
        buffers = [*given, *constants, *empty]
        for position, (compute, step) in enumerate(work):
            values = [buffers[read] for read in step.reads]
            if before is not None:
                before(position, step.node, values)
            try:
                with np.errstate(all="ignore"):
                    result = compute(*values)
            except Exception as problem:
                raise StepError(step.node, values, problem) from problem
            if after is not None:
                after(position, step.node, values, result)
            buffers[step.writes] = result
            for freed in step.frees:
                buffers[freed] = None
        return [buffers[number] for number in program.results]

    return Runner(run, (False,) * len(program.results), lambda: f"{program}\n")
