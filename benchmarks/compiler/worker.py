"""The process of one contestant: reads a line of JSON, does it, answers with one.

It imports nothing but its own library, is pinned to as many cores as it has threads, and waits asleep while others take their turns.
`turns.py` is the other end of the line.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import timeit
from typing import Any

from .checking import complaints
from .contestants import CONTESTANTS, Ready
from .process import blas_kernels, pin
from .workloads import workload_called

LONG = 0.3  # seconds: a step that takes longer is not run once more in each turn just to warm the caches


class Worker:
    """A contestant with the workload that it has before it."""

    def __init__(self, name: str) -> None:
        self.module = importlib.import_module(f".contestants.{CONTESTANTS[name].module}", __package__)
        self.ready: Ready | None = None
        self.timer = timeit.Timer()
        self.last = 0.0

    def about(self) -> dict[str, Any]:
        """Say which version this is, and which kernels of OpenBLAS it runs."""
        version = getattr(self.module, "version", None)
        return {"version": version() if version else "", "blas": blas_kernels()}

    def prepare(self, workload: str, small: bool, expected: str | None) -> dict[str, Any]:
        """Make the step of a workload; compare its first results with the oracle's, which are in a file; measure one call."""
        chosen = workload_called(workload)
        chosen = chosen.at_small_size if small else chosen
        make = getattr(self.module, chosen.function, None)
        if make is None:
            return {"absent": True}
        data = chosen.data()
        ready: Ready = make(data)
        inputs = data.inputs if ready.inputs is None else ready.inputs
        wrong = complaints(ready, inputs, chosen, expected) if ready.checked and expected else []
        if wrong:
            return {"wrong": "; ".join(wrong)}
        names = ", ".join(f"a{k}" for k in range(len(inputs)))
        setup = f"call = ready.call; [{names}] = inputs" if inputs else "call = ready.call"
        self.timer = timeit.Timer(f"call({names})", setup, globals={"ready": ready, "inputs": inputs})
        self.ready = ready
        self.last = self.timer.timeit(1)
        if self.last < LONG:
            self.last = self.timer.timeit(1)
        return {"first": self.last, "note": ready.note()}

    def turn(self, seconds: float) -> dict[str, Any]:
        """Call the step for about so many seconds, and answer with the seconds of one call."""
        if self.last < LONG:
            self.last = self.timer.timeit(max(1, int(0.002 / self.last))) / max(1, int(0.002 / self.last))
        number = max(1, round(seconds / self.last))
        self.last = self.timer.timeit(number) / number
        return {"seconds": self.last, "calls": number}

    def loop(self, rounds: int) -> dict[str, Any]:
        """Run the loop of the slides' XOR program, without printing: four calls in each round."""
        if self.ready is None:
            raise RuntimeError("no step was prepared")
        g = self.ready.call

        def train() -> None:
            for _ in range(rounds):
                y1, c1 = g([0, 0], 0)  # noqa: RUF059 - the names are those of the slides
                y2, c2 = g([0, 1], 1)  # noqa: RUF059
                y3, c3 = g([1, 0], 1)  # noqa: RUF059
                y4, c4 = g([1, 1], 0)  # noqa: RUF059

        return {"seconds": timeit.timeit(train, number=1), "calls": 4 * rounds}

    def release(self) -> dict[str, Any]:
        """Give the memory of the workload back."""
        self.ready, self.timer = None, timeit.Timer()
        return {}


def main(name: str, threads: int) -> None:
    """Serve until the line is closed. What libraries print goes to the standard error, so that it cannot come between the answers."""
    pin(threads)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker: Any = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if worker is None:
                worker = Worker(name)
            answer = getattr(worker, asked.pop("do"))(**asked)
        except ImportError as problem:
            answer = {"missing": str(problem)}
        except Exception as problem:
            answer = {"error": f"{type(problem).__name__}: {problem}"[:500]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
