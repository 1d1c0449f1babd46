"""How long everything before native code takes: building a graph, its gradient, and every stage of the compiler up to the plan.

Every row is the median of fresh processes, so that whatever happens only once (an import put off, a cache still empty) counts, as it does
for a reader who compiles one function. The last column repeats the whole in the same process: what a second, equal function costs.

Run: python benchmarks/front_end.py [rounds [case ...]]
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import numpy as np

CHAINS = (1000, 3000, 30_000)
COLUMNS = ("build", "grad", "checks", "intern", "pass 1", "pass 2", "pass 3", "down", "plan", "all", "again")
MOST_ROUNDS_OF_LONG = 3
"""The longest chain takes seconds, and a median of three is enough for what takes seconds."""

class PlannedError(Exception):
    """The front end is done: the back end has benchmarks of its own."""


Parts = tuple[list[Any], Any, list[Any]]
"""Inputs, outputs and updates, as `tl.function` wants them."""


class Watch:
    """Seconds by phase. `phase` is for blocks of one's own, `around` for functions that are called from elsewhere."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a block."""
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def around(self, function: Callable[..., Any], name: Callable[[], str]) -> Callable[..., Any]:
        """Return a function that is timed under a name."""

        def timed(*arguments: Any, **options: Any) -> Any:
            with self.phase(name()):
                return function(*arguments, **options)

        return timed


def chain(length: int) -> tuple[Callable[[], Any], Callable[[Any], Parts]]:
    """Sin, *1.01, +0.1, tanh in turn on a vector, and the derivative of the sum."""
    from tensorlab import tensor as T

    def build() -> Any:
        x = T.vector("x")
        steps = [T.sin, lambda each: each * 1.01, lambda each: each + 0.1, T.tanh]
        end = x
        for position in range(length):
            end = steps[position % 4](end)
        return x, end.sum()

    def derive(built: Any) -> Parts:
        x, cost = built
        return [x], T.grad(cost, x), []

    return build, derive


def trained(model: Callable[..., Any], dtype: str, *shapes: tuple[int, ...]) -> tuple[Callable[[], Any], Callable[[Any], Parts]]:
    """A model with gradient descent on all its parameters, whose first values are drawn before anything is timed."""
    import tensorlab as tl
    from tensorlab import tensor as T

    random = np.random.RandomState(20240229)
    values = [(random.randn(*shape) / shape[-1] ** 0.5).astype(dtype) for shape in shapes]

    def build() -> Any:
        return model(*[tl.shared(value, borrow=True) for value in values])

    def derive(built: Any) -> Parts:
        inputs, outputs, cost, parameters = built
        gradients = T.grad(cost, parameters)
        return inputs, outputs, [(each, each - 0.01 * gradient) for each, gradient in zip(parameters, gradients)]

    return build, derive


def xor_net(w1: Any, b1: Any, w2: Any, b2: Any, w: Any, b: Any) -> Any:
    """Three neurons with six shared variables, as in the slides."""
    from tensorlab import tensor as T

    x, y_hat = T.vector(), T.scalar()
    a1 = 1 / (1 + T.exp(-1 * (T.dot(w1, x) + b1)))
    a2 = 1 / (1 + T.exp(-1 * (T.dot(w2, x) + b2)))
    y = 1 / (1 + T.exp(-1 * (T.dot(w, [a1, a2]) + b)))
    cost = -(y_hat * T.log(y) + (1 - y_hat) * T.log(1 - y)).sum()
    return [x, y_hat], [y, cost], cost, [w, b, w1, b1, w2, b2]


def sigmoid_net(w1: Any, w2: Any, w3: Any, b1: Any, b2: Any, b3: Any) -> Any:
    """The slides' 2-1000-1000-1 net on columns."""
    from tensorlab import tensor as T

    x, y_hat = T.fmatrices("x", "y_hat")
    a1 = 1 / (1 + T.exp(-(T.dot(w1, x) + b1.dimshuffle(0, "x"))))
    a2 = 1 / (1 + T.exp(-(T.dot(w2, a1) + b2.dimshuffle(0, "x"))))
    y = 1 / (1 + T.exp(-(T.dot(w3, a2) + b3.dimshuffle(0, "x"))))
    cost = T.sum((y - y_hat) ** 2) / 1000
    return [x, y_hat], cost, cost, [w1, w2, w3, b1, b2, b3]


def digits_net(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """The 784-500-10 net of the MNIST tutorials, with both regularizers."""
    from tensorlab import tensor as T

    x, labels = T.fmatrix("x"), T.lvector("labels")
    p = T.nnet.softmax(T.dot(T.tanh(T.dot(x, w1) + b1), w2) + b2)
    fit = -T.mean(T.log(p)[T.arange(labels.shape[0]), labels])
    size = abs(w1).sum() + abs(w2).sum() + (w1**2).sum() + (w2**2).sum()
    cost = fit + 1e-4 * size
    return [x, labels], cost, cost, [w1, b1, w2, b2]


CASES: dict[str, Callable[[], tuple[Callable[[], Any], Callable[[Any], Parts]]]] = {
    "W2 xor": lambda: trained(xor_net, "float64", (2,), (1,), (2,), (1,), (2,), (1,)),
    "W3 sigmoid net": lambda: trained(sigmoid_net, "float32", (1000, 2), (1000, 1000), (1, 1000), (1000,), (1000,), (1,)),
    "W6 digits": lambda: trained(digits_net, "float32", (784, 500), (500,), (500, 10), (10,)),
    **{f"chain {length}": lambda length=length: chain(length) for length in CHAINS},  # type: ignore[misc]
}


def measured(case: str) -> dict[str, float]:
    """Return seconds by column for one case, in this process."""
    import tensorlab as tl
    from tensorlab.compiler import function, pipeline
    from tensorlab.rewrite.downward import Downward
    from tensorlab.rewrite.engine import Engine

    build, derive = CASES[case]()
    watch = Watch()
    passes = count(1)
    compile_stages = function.compile_stages
    started = {}

    def stages(*arguments: Any) -> Any:
        watch.seconds["checks"] = time.perf_counter() - started["function"]
        compile_stages(*arguments)
        raise PlannedError

    pipeline.intern = watch.around(pipeline.intern, lambda: "intern")
    pipeline.plan = watch.around(pipeline.plan, lambda: "plan")
    Engine.run = watch.around(Engine.run, lambda: f"pass {next(passes)}")  # type: ignore[method-assign]
    Downward.run = watch.around(Downward.run, lambda: "down")  # type: ignore[method-assign]
    function.compile_stages = stages
    rounds = []
    for _ in range(2):
        watch.seconds = {}
        passes = count(1)
        gc.collect()
        with watch.phase("all"):
            with watch.phase("build"):
                built = build()
            with watch.phase("grad"):
                inputs, outputs, updates = derive(built)
            started["function"] = time.perf_counter()
            with suppress(PlannedError):
                tl.function(inputs, outputs, updates)
        rounds.append(watch.seconds)
        del built, inputs, outputs, updates
    return {**rounds[0], "again": rounds[1]["all"]}


def main(rounds: int, cases: list[str]) -> None:
    """Print the table: milliseconds, and for chains microseconds per op of the chain."""
    print("milliseconds".ljust(16), *(f"{column:>8}" for column in COLUMNS), " us/op")
    for case in cases:
        found = []
        for _ in range(min(rounds, MOST_ROUNDS_OF_LONG) if case == f"chain {CHAINS[-1]}" else rounds):
            answer = subprocess.run([sys.executable, __file__, "--measure", case], check=True, capture_output=True, text=True)
            found.append(json.loads(answer.stdout))
        medians = {column: 1000 * statistics.median(each[column] for each in found) for column in COLUMNS}
        per_op = f"{1000 * medians['all'] / int(case.split()[1]):6.0f}" if case.startswith("chain") else ""
        print(case.ljust(16), *(f"{medians[column]:8.1f}" for column in COLUMNS), per_op, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured(sys.argv[2])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:] or list(CASES))
