"""The reference back end: NumPy, one line a step. It says what every other back end must compute.

Floor 4. Read `source` before. A program runs as one Python function, which costs nothing between the steps; a very long one runs in a
loop over its steps. Either way a step that fails names its node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from ..graph.node import Constant
from ..ops.evaluate import kernel
from ..ops.words import ArrayWords
from ..schedule.plan import Program
from .base import Backend, Runner, StepError
from .source import Source, compiled, write_source

FILENAME = "<tensorlab program>"
LONGEST = 5000  # steps in one Python function: compiling a line takes 30 µs and 8 kB, which a program as long as this has no use for


class Reference(Backend):
    """NumPy on the CPU."""

    name = "numpy"

    def compile(self, program: Program) -> Runner:
        return in_a_loop(program) if len(program.steps) > LONGEST else as_one_function(program)


def as_one_function(program: Program) -> Runner:
    """Return a program that runs as the Python function that its source defines."""
    source = write_source(program)
    function = compiled(source, FILENAME)
    seen: set[int] = set()
    fresh = []
    for result in program.results:
        fresh.append(result in source.fresh and result not in seen)
        seen.add(result)

    def run(given: Sequence[Any]) -> list[Any]:
        try:
            with np.errstate(all="ignore"):
                return function(*given)
        except Exception as problem:
            found = located(problem, function, source)
            if found is None:
                raise
            raise found from problem

    return Runner(run, tuple(fresh), lambda: source.text)


def located(problem: Exception, function: Callable[..., Any], source: Source) -> StepError | None:
    """Return an exception with the step whose line raised it, and the values that the step was given."""
    trace: TracebackType | None = problem.__traceback__
    while trace is not None and trace.tb_frame.f_code is not function.__code__:
        trace = trace.tb_next
    if trace is None or trace.tb_lineno not in source.steps:
        return None
    step = source.steps[trace.tb_lineno]
    known = {**source.names, **trace.tb_frame.f_locals}
    return StepError(step.node, [known[f"b{number}"] for number in step.reads], problem)


def in_a_loop(program: Program) -> Runner:
    """Return a program that runs step by step."""
    words = ArrayWords(np)
    work = [(kernel(step.node, np, words), step) for step in program.steps]
    constants = [leaf.value for leaf in program.leaves[program.given:] if isinstance(leaf, Constant)]
    empty: list[Any] = [None] * len(program.steps)

    def run(given: Sequence[Any]) -> list[Any]:
        buffers = [*given, *constants, *empty]
        with np.errstate(all="ignore"):
            for compute, step in work:
                try:
                    buffers[step.writes] = compute(*[buffers[read] for read in step.reads])
                except Exception as problem:
                    raise StepError(step.node, [buffers[read] for read in step.reads], problem) from problem
                for freed in step.frees:
                    buffers[freed] = None
        return [buffers[result] for result in program.results]

    return Runner(run, (False,) * len(program.results), lambda: write_source(program).text)
