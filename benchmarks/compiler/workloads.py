"""The workloads: name, sizes, data, tolerance, and what is to be reached. Each is computed by every contestant (see `contestants/`).

A workload is one *step*: one call, inputs in, outputs and updates done. The data come from `numpy.random.RandomState(20240229)`, made
afresh for each workload, so that every process has the same numbers without sending them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

SEED = 20240229
Array = np.ndarray[Any, Any]


class Data(NamedTuple):
    """What a step needs: its arguments, the first values of the variables that it updates, and, of the chain, the number of operations."""

    inputs: tuple[Any, ...]
    parameters: dict[str, Array]
    length: int = 0

    @property
    def dtype(self) -> str:
        """The dtype in which it is computed."""
        arrays = [*self.parameters.values(), *(value for value in self.inputs if isinstance(value, np.ndarray))]
        return arrays[0].dtype.name

    def cast(self, dtype: str) -> Data:
        """Cast all arrays of floats; lists, numbers and whole numbers stay."""

        def one(value: Any) -> Any:
            return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value

        return Data(tuple(map(one, self.inputs)), {name: one(value) for name, value in self.parameters.items()}, self.length)


class Goal(NamedTuple):
    """`ours <= limit * time of another`: the other is a contestant's name, or "best peer" (all but the floor)."""

    other: str
    limit: float

    def __str__(self) -> str:
        return f"≤ {self.limit:g}× {self.other}" if self.limit >= 0.8 else f"{1 / self.limit:g}× faster than {self.other}"


@dataclass(frozen=True)
class Workload:
    """One workload at one size, dtype and number of threads.

    Attributes:
        name: words by which it is chosen, such as "W4 f32 1e7 2t".
        function: the name of the function that each contestant's module has for it.
        make: makes the data.
        size: lengths; what they mean, `make` says.
        small: the same for a test that takes no time.
        reach, beyond: what the compiler is to reach, and what would be better still.
        steps: how many steps are compared with the oracle before the first one is timed.
    """

    name: str
    function: str
    make: Callable[[Workload], Data]
    size: tuple[int, ...] = ()
    small: tuple[int, ...] = ()
    dtype: str = "float64"
    threads: int = 1
    reach: tuple[Goal, ...] = ()
    beyond: tuple[Goal, ...] = ()
    steps: int = 3

    def data(self, dtype: str | None = None) -> Data:
        """Make the data: in the workload's own dtype, or the same numbers cast to another (the oracle computes in float64)."""
        made = self.make(self).cast(self.dtype)
        return made.cast(dtype) if dtype else made

    @property
    def tolerance(self) -> float:
        """How far a result may be from the oracle's, relative to the largest element.

        Some hundred roundings: sums of 1000 products lose that much, and a wrong term in a gradient is far above it.
        """
        return 5e-5 if self.dtype == "float32" else 1e-10

    @property
    def at_small_size(self) -> Workload:
        """The same workload, so small that a test can run it."""
        return replace(self, size=self.small)

    def chosen_by(self, words: str) -> bool:
        """Whether all of these words are in the name: "W4 f32" chooses it in every size, but "W4" is not "W4g"."""
        return set(words.lower().split()) <= set(self.name.lower().split())


def neuron_from_list(workload: Workload) -> Data:
    """Make W1: a neuron with two inputs, called with a list and a float."""
    random = np.random.RandomState(SEED)
    return Data(([0.5, -1.0], 1.0), {"w": random.randn(2), "b": np.array(0.0)})


def neuron_from_array(workload: Workload) -> Data:
    """Make W1, called with ready arrays."""
    made = neuron_from_list(workload)
    return made._replace(inputs=tuple(np.array(value) for value in made.inputs))


def xor_from_list(workload: Workload) -> Data:
    """Make W2: the XOR net of the slides, called as they do."""
    random = np.random.RandomState(SEED)
    lengths = {"w1": 2, "b1": 1, "w2": 2, "b2": 1, "w": 2, "b": 1}
    return Data(([1, 0], 1), {name: random.randn(length) for name, length in lengths.items()})


def xor_from_array(workload: Workload) -> Data:
    """Make W2, called with ready arrays."""
    made = xor_from_list(workload)
    return made._replace(inputs=tuple(np.array(value, float) for value in made.inputs))


def mlp(workload: Workload) -> Data:
    """Make W3: 2 - hidden - hidden - 1, columns are samples; sizes (hidden, batch)."""
    random = np.random.RandomState(SEED)
    hidden, batch = workload.size
    shapes = {"W1": (hidden, 2), "b1": (hidden,), "W2": (hidden, hidden), "b2": (hidden,), "W3": (1, hidden), "b3": (1,)}
    parameters = {name: random.randn(*shape) / shape[-1] ** 0.5 if len(shape) == 2 else np.zeros(shape) for name, shape in shapes.items()}
    x = random.uniform(-1, 1, (2, batch))
    return Data((x, (x[:1] > x[1:]).astype(float)), parameters)


def elementwise(workload: Workload) -> Data:
    """Make W4 and W4g: one vector."""
    return Data((np.random.RandomState(SEED).uniform(-4, 4, workload.size),), {})


def logreg(workload: Workload) -> Data:
    """Make W5: the tutorial's logistic regression, so sure of itself that many probabilities round to 0 or 1; sizes (samples, features)."""
    random = np.random.RandomState(SEED)
    samples, features = workload.size
    x, y = random.randn(samples, features), random.randint(0, 2, samples).astype(float)
    return Data((x, y), {"w": random.randn(features), "b": np.array(0.0)})


def mnist(workload: Workload) -> Data:
    """Make W6: the tutorial's multilayer perceptron, rows are samples; sizes (pixels, hidden, classes, batch)."""
    random = np.random.RandomState(SEED)
    pixels, hidden, classes, batch = workload.size
    width = (6 / (pixels + hidden)) ** 0.5  # Glorot and Bengio 2010, for tanh
    parameters = {"W1": random.uniform(-width, width, (pixels, hidden)), "b1": np.zeros(hidden),
                  "W2": random.randn(hidden, classes) / hidden**0.5, "b2": np.zeros(classes)}  # fmt: skip
    return Data((random.rand(batch, pixels), random.randint(0, classes, batch)), parameters)


def product(workload: Workload) -> Data:
    """Make W9: two square matrices."""
    random = np.random.RandomState(SEED)
    (length,) = workload.size
    return Data((random.randn(length, length), random.randn(length, length)), {})


def chain(workload: Workload) -> Data:
    """Make the chain: a vector of 1000; the size is the number of operations."""
    return Data((np.random.RandomState(SEED).randn(1000),), {}, *workload.size)


def titled(*words: str, dtype: str = "float64", threads: int = 1) -> str:
    """Write the name of a workload.

    >>> titled("W4", "1e7", dtype="float32", threads=2)
    'W4 f32 1e7 2t'
    """
    first, *others = words
    return " ".join([first, {"float32": "f32", "float64": "f64"}[dtype], *others, *(["2t"] if threads == 2 else [])])


def all_workloads() -> list[Workload]:
    """Make the list in the order in which it is run and printed."""
    call = (Goal("floor", 3.0), Goal("jax", 1 / 20), Goal("pytensor", 1 / 20))
    variants = [(dtype, threads) for threads in (1, 2) for dtype in ("float32", "float64")]
    found = [
        Workload("W1 list", "neuron", neuron_from_list, reach=call, beyond=(Goal("numba", 1.0),)),
        Workload("W1 array", "neuron", neuron_from_array),
        Workload("W2 list", "xor", xor_from_list, reach=call, beyond=(Goal("numba", 1.0),)),
        Workload("W2 array", "xor", xor_from_array),
    ]
    for dtype, threads in variants:
        name = titled("W3", dtype=dtype, threads=threads)
        reach, beyond = (Goal("floor", 1.05), Goal("best peer", 1.0)), (Goal("floor", 1.02),)
        found.append(Workload(name, "mlp", mlp, (1000, 1000), (20, 10), dtype, threads, reach, beyond))
    for title, function in (("W4", "elementwise"), ("W4g", "slope")):
        for size, length in (("1e7", 10_000_000), ("1e4", 10_000)):
            for dtype, threads in variants:
                name = titled(title, size, dtype=dtype, threads=threads)
                reach, beyond = (Goal("floor", 1.0), Goal("best peer", 0.5)), (Goal("floor", 0.8),)
                found.append(Workload(name, function, elementwise, (length,), (1001,), dtype, threads, reach, beyond, steps=1))
    for dtype in ("float32", "float64"):
        name = titled("W5", dtype=dtype)
        found.append(Workload(name, "logreg", logreg, (400, 784), (40, 30), dtype, reach=(Goal("floor", 1.3),)))
    for batch, limit, better in ((20, 1.25, 1.1), (256, 1.08, 1.03)):
        sizes = (784, 500, 10, batch), (30, 20, 10, 8)
        found.append(Workload(f"W6 b{batch}", "mnist", mnist, *sizes, "float32", 1, (Goal("floor", limit),), (Goal("floor", better),)))
    for dtype in ("float32", "float64"):
        name = titled("W9", dtype=dtype)
        found.append(Workload(name, "product", product, (4000,), (30,), dtype, reach=(Goal("numpy", 1.02),), steps=1))
    for length in (1000, 3000):
        found.append(Workload(f"chain {length}", "chain", chain, (length,), (40,), reach=(Goal("jax", 1.0),), steps=1))
    return found


WORKLOADS = all_workloads()


def workload_called(name: str) -> Workload:
    """Return a workload by its whole name; "W6 b20 2t" and "chain 30000" are made from their neighbours.

    Raises:
        KeyError: there is none.
    """
    for each in WORKLOADS:
        if each.name == name:
            return each
    if name.endswith(" 2t"):
        return replace(workload_called(name.removesuffix(" 2t")), name=name, threads=2)
    if name.startswith("chain "):
        return replace(workload_called("chain 1000"), name=name, size=(int(name.removeprefix("chain ")),))
    raise KeyError(f"no workload is called {name!r}; there are {', '.join(each.name for each in WORKLOADS)}")
