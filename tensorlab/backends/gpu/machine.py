"""A program that runs on a GPU: one call of CuPy a step, values of shared variables on the device, arguments and outputs across once.

Floor 4. Read `residence.py` before. Nothing here waits for the device but the outputs (and one question at the end where positions could be
out of range). When a step fails, the same program runs on NumPy, whose errors name lengths and positions; so a reader meets one set
of messages on every machine. Fused kernels are to come; the seam is `Backend.compile`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ...graph.errors import DeviceError, TensorlabError
from ...graph.node import Constant
from ...ops.evaluate import kernel
from ...ops.words import ArrayWords
from ...schedule.plan import Program
from ...state import SharedVariable, at_home
from ..base import Backend, Runner
from ..reference import Reference
from ..source import write_source
from .calls import SPECIALS, Names
from .residence import Placed, placed
from .values import OnDevice

MISTAKES = (TensorlabError, IndexError, ValueError, TypeError, NotImplementedError)
"""What a step may raise because of its operands; the same program on NumPy says it in the usual words."""


class Gpu(Backend):
    """CuPy on one device.

    Args:
        names: the device.
        outputs: how many of the results are wanted on this side; the others are new values of shared variables, and stay there.
    """

    name = "cupy"

    def __init__(self, names: Names, outputs: int) -> None:
        self.names, self.outputs = names, outputs

    def compile(self, program: Program) -> Runner:
        run = Run(self.names, program, self.outputs)
        seen: set[int] = set()
        fresh = []
        for position, result in enumerate(program.results):
            fresh.append(position >= self.outputs or (result not in run.begins_here and result not in seen))
            seen.add(result)
        return Runner(run, tuple(fresh), lambda: write_source(program).text, takes_elsewhere=True)


class Run:
    """One program on one device, callable with the values of its given leaves."""

    def __init__(self, names: Names, program: Program, outputs: int) -> None:
        self.names, self.program, self.outputs = names, program, outputs
        shared = frozenset(number for number, leaf in enumerate(program.leaves[: program.given]) if isinstance(leaf, SharedVariable))
        self.steps = placed(program, shared)
        self.begins_here = {step.step.writes for step in self.steps if step.here} | set(range(len(program.leaves))) - shared
        here, there = ArrayWords(np), ArrayWords(names, SPECIALS)
        self.kernels = [kernel(each.step.node, np, here) if each.here else kernel(each.step.node, names, there) for each in self.steps]
        self.constants: list[Any] = [None] * len(program.leaves)

    @cached_property
    def on_numpy(self) -> Runner:
        """The same program on this side, for what goes wrong over there."""
        return Reference().compile(self.program)

    def __call__(self, given: Sequence[Any]) -> list[Any]:
        with self.names.on():
            self.names.begin()
            try:
                with np.errstate(all="ignore"):
                    results = self.results(Buffers(self, given))
                mistaken = self.names.wrong()
            except FailedError as failed:
                return self.explain(failed, given)
        if mistaken:
            return self.explain(FailedError(None, None), given)
        return results

    def results(self, buffers: Buffers) -> list[Any]:
        """Run all steps, and return outputs on this side and new values on the device."""
        for each, compute in zip(self.steps, self.kernels):
            step = each.step
            try:
                if each.here:
                    buffers.here[step.writes] = compute(*buffers.for_numpy(each))
                else:
                    buffers.there[step.writes] = compute(*buffers.for_device(each))
            except Exception as problem:
                raise FailedError(each, problem) from problem
            buffers.free(step.frees)
        try:
            outputs = [np.asarray(buffers.at_home(result)) for result in self.program.results[: self.outputs]]
            return outputs + [buffers.kept(result) for result in self.program.results[self.outputs :]]
        except Exception as problem:
            raise FailedError(None, problem) from problem

    def explain(self, failed: FailedError, given: Sequence[Any]) -> list[Any]:
        """Raise what a failure on the device means for the reader."""
        problem, at = failed.problem, failed.at
        asked = at.step.node.label if at is not None else "the outputs of a function"
        own = None if problem is None else self.names.failure(problem, asked)
        if own is not None:
            raise own from problem
        if problem is not None and not isinstance(problem, MISTAKES):
            raise problem
        self.on_numpy.run([at_home(value) for value in given])  # raises the StepError that says what is wrong
        found = "a position or a class number is out of range" if problem is None else f"{type(problem).__name__}: {problem}"
        raise DeviceError(asked, f"{found}, on the GPU only: NumPy computes it", "tl.config.device = 'cpu' for this function") from problem


class FailedError(Exception):
    """What went wrong on the device, and at which step."""

    def __init__(self, at: Placed | None, problem: BaseException | None) -> None:
        super().__init__(str(problem))
        self.at, self.problem = at, problem


class Buffers:
    """The values of one call, each on one side or on both."""

    def __init__(self, run: Run, given: Sequence[Any]) -> None:
        self.run, self.names = run, run.names
        count = run.program.buffers
        self.here: list[Any] = [None] * count
        self.there: list[Any] = [None] * count
        for number, (leaf, value) in enumerate(zip(run.program.leaves, given)):
            if isinstance(value, OnDevice) or isinstance(leaf, SharedVariable):
                self.there[number] = on_device(self.names, leaf, value)
            else:
                self.here[number] = value
        for number, leaf in enumerate(run.program.leaves[run.program.given :], start=run.program.given):
            if isinstance(leaf, Constant):
                self.here[number] = leaf.value
                self.there[number] = run.constants[number]

    def at_home(self, number: int) -> Any:
        """Return a value on this side."""
        if self.here[number] is None:
            self.here[number] = self.there[number].get()
        return self.here[number]

    def for_numpy(self, each: Placed) -> list[Any]:
        """Return what a step on this side reads; an array of which it asks for the lengths only stays where it is."""
        op = each.step.node.op
        if op is not None and op.of_shape:
            return [self.there[read] if self.here[read] is None else self.here[read] for read in each.step.reads]
        return [self.at_home(read) for read in each.step.reads]

    def away(self, number: int) -> Any:
        """Return a value on the device; it crosses once a call, a constant once for good."""
        if self.there[number] is None:
            self.there[number] = self.names.upload(self.here[number])
            if self.run.program.given <= number < len(self.run.program.leaves):
                self.run.constants[number] = self.there[number]
        return self.there[number]

    def for_device(self, each: Placed) -> list[Any]:
        """Return what a step on the device reads; lengths and positions as numbers of NumPy."""
        return [
            as_number(self.at_home(read)) if position in each.numbers else self.away(read) for position, read in enumerate(each.step.reads)
        ]

    def kept(self, number: int) -> OnDevice:
        """Return a new value of a shared variable."""
        return OnDevice(self.names, self.away(number))

    def free(self, numbers: Sequence[int]) -> None:
        """Let go of what no later step reads."""
        for number in numbers:
            self.here[number] = self.there[number] = None


def as_number(value: Any) -> Any:
    """Return a number of NumPy for an array without axes, which CuPy would refuse beside its own arrays."""
    return value[()] if value.ndim == 0 else value


def on_device(names: Names, variable: Any, value: Any) -> Any:
    """Return a value on the device. That of a shared variable crosses once, and is remembered with the variable."""
    if isinstance(value, OnDevice):
        if value.names is names:
            return value.there
        value = value.at_home()
    if not isinstance(variable, SharedVariable):  # an input whose default value came from another device
        return names.upload(value)
    mirror = variable.mirror
    if mirror is None or mirror[0] is not value or mirror[1].names is not names:
        mirror = variable.mirror = (value, OnDevice(names, names.upload(value)))
    return mirror[1].there
