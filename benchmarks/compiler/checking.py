"""Is it right? Every contestant's first steps are compared with NumPy in float64 before it is timed.

The oracle's results are computed once and kept in a file, because one product of W9 takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .contestants import Ready
from .workloads import Array, Workload

ROUNDINGS = 10  # of a weight in one step: a BLAS that adds 400 products to it in place rounds so often that eight last digits were lost
FEW = 0.005  # part of the predictions that may differ: logits near 0 fall to either side in float32


def listed(outputs: Any) -> Sequence[Any]:
    """Return outputs as a list, also a single one."""
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def write_expected(workload: Workload, path: Path) -> None:
    """Compute the first steps by hand in float64, from the numbers as the workload's dtype has them; keep outputs and new parameters."""
    from .contestants import by_hand

    data = workload.data("float64")
    ready: Ready = getattr(by_hand, workload.function)(data)
    results = {}
    for step in range(workload.steps):
        for position, value in enumerate(listed(ready.call(*data.inputs))):
            results[f"step {step}, output {position}"] = np.array(value)
    for name, value in zip(data.parameters, ready.parameters()):
        results[f"new {name}"] = np.array(value)
    np.savez(path, **results)


def complaints(ready: Ready, inputs: tuple[Any, ...], workload: Workload, expected: str | Path) -> list[str]:
    """Run the first steps and return what is wrong with them: nothing, if all is right."""
    wrong = []
    with np.load(expected) as right:
        for step in range(workload.steps):
            outputs = listed(ready.call(*inputs))
            wanted = [name for name in right.files if name.startswith(f"step {step},")]
            if len(outputs) != len(wanted):
                wrong.append(f"step {step} has {len(outputs)} outputs instead of {len(wanted)}")
            for name, value in zip(wanted, outputs):
                wrong += difference(name, np.asarray(value), right[name], workload.tolerance)
        old = workload.data("float64").parameters
        for (name, before), value in zip(old.items(), ready.parameters()):
            wrong += step_difference(name, before, np.asarray(value), right[f"new {name}"], workload)
    return wrong


def difference(name: str, value: Array, right: Array, tolerance: float) -> Iterator[str]:
    """Say how far an output is off, relative to the largest element of the right one."""
    if value.shape != right.shape:
        yield f"{name} has shape {value.shape} instead of {right.shape}"
    elif right.dtype == bool:
        if np.mean(value != right) > FEW:
            yield f"{name} differs in {np.mean(value != right):.1%} of its elements"
    else:
        off = np.abs(value - right).max(initial=0)
        scale = np.abs(right).max(initial=0)
        if not off <= tolerance * scale:  # also if it is nan
            yield f"{name} is off by {off:.2g} where the largest element is {scale:.2g}"


def step_difference(name: str, before: Array, value: Array, right: Array, workload: Workload) -> Iterator[str]:
    """Say how far a parameter is off, relative to how far it moved: steps are small, and a wrong gradient must not hide behind the weight.

    The last digits of the weight itself may be lost in every step; in float64, in which a test checks all workloads, they hide nothing.
    """
    moved = np.abs(right - before).max(initial=0)
    digits = ROUNDINGS * workload.steps * np.finfo(workload.dtype).eps * np.abs(right).max(initial=0)
    off = np.abs(value - right).max(initial=0)
    if value.shape != right.shape or not off <= workload.tolerance * moved + digits:
        yield f"{name} is off by {off:.2g} after it moved by {moved:.2g}"
