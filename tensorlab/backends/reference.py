"""The reference back end: NumPy, one call a step. It is slow and simple, and says what every other back end must compute.

Floor 4. A program is a list of steps, so a step that fails names its node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.node import Constant
from ..ops.evaluate import kernel
from ..ops.words import ArrayWords
from ..schedule.plan import Program
from .base import Backend, Runner, StepError


class Reference(Backend):
    """NumPy on the CPU."""

    name = "reference"

    def compile(self, program: Program) -> Runner:
        words = ArrayWords(np)
        work = [(kernel(step.node, np, words), step.reads, step.writes, step.frees) for step in program.steps]
        constants = [leaf.value for leaf in program.leaves[program.given:] if isinstance(leaf, Constant)]
        empty: list[Any] = [None] * len(program.steps)
        steps, results = program.steps, program.results

        def run(given: Sequence[Any]) -> list[Any]:
            buffers = [*given, *constants, *empty]
            position = 0
            try:
                with np.errstate(all="ignore"):
                    for compute, reads, writes, frees in work:
                        buffers[writes] = compute(*[buffers[read] for read in reads])
                        for freed in frees:
                            buffers[freed] = None
                        position += 1
            except Exception as problem:
                step = steps[position]
                raise StepError(step.node, [buffers[read] for read in step.reads], problem) from problem
            return [buffers[result] for result in results]

        return run
