"""The floors: C by hand for W1, W2, W4 and W4g; bare BLAS calls, and one copy of each updated parameter, for W3, W5, W6 and W9.

Read `floors.c` before. The BLAS is the one that SciPy carries and publishes in `scipy.linalg.cython_blas`. What the products are given
has the shapes and the memory order of the real thing, but is random: their time does not depend on it.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import cython_blas

from .. import build
from ..workloads import SEED, Array, Data
from . import Ready

floors: Any = build.load(Path(os.environ["BENCHMARK_CACHE"]))


def version() -> str:
    """Name the compiler and the vector functions."""
    return f"{build.compiler()}, {', '.join(build.vector_calls()) or 'no vector functions'}"


def neuron(data: Data) -> Ready:
    """W1 in C."""
    state = np.concatenate([np.ravel(value) for value in data.parameters.values()])
    floors.bind_neuron(state)
    return Ready(floors.neuron, lambda: [state[:2], state[2]])


def xor(data: Data) -> Ready:
    """W2 in C."""
    state = np.concatenate(list(data.parameters.values()))
    floors.bind_xor(state)
    return Ready(floors.xor, lambda: np.split(state, (2, 3, 5, 6, 8)))


def elementwise(data: Data) -> Ready:
    """W4 in C."""
    return Ready(floors.elementwise)


def slope(data: Data) -> Ready:
    """W4g in C."""
    return Ready(floors.slope)


class Bare:
    """Bare products, noted down in order, and what a step besides cannot do without."""

    def __init__(self, dtype: str) -> None:
        self.random, self.dtype = np.random.RandomState(SEED), dtype
        self.products: list[tuple[Array, Array, Array]] = []

    def some(self, *shape: int) -> Array:
        """Make an array of random numbers."""
        return self.random.uniform(-1, 1, shape).astype(self.dtype)

    def dot(self, a: Array, b: Array) -> Array:
        """Note a product down, and return where it will be written."""
        out = np.empty((*a.shape[:1], *b.shape[1:]), self.dtype)
        self.products.append((a, b, out))
        return out

    def ready(self, updated: list[Array], fresh_bytes: int = 0) -> Ready:
        """Compute the products once, compare them with NumPy's, and return the step.

        Raises:
            AssertionError: a product is wrong.
        """
        letter = "s" if self.dtype == "float32" else "d"
        gemm, gemv = (cython_blas.__pyx_capi__[letter + name] for name in ("gemm", "gemv"))
        plan = floors.products(gemm, gemv, self.products, [(value, np.empty_like(value)) for value in updated], fresh_bytes)
        floors.run(plan)
        for a, b, out in self.products:
            np.testing.assert_allclose(out, np.dot(a, b), rtol=0, atol=1e-5 * a.shape[1])
        return Ready(partial(floors.run, plan), inputs=(), checked=False)


def mlp(data: Data) -> Ready:
    """W3: three products forward, five backward; a matrix of one row is multiplied as a vector."""
    bare = Bare(data.dtype)
    x, (W1, _, W2, _, W3, _) = data.inputs[0], data.parameters.values()
    bare.dot(W1, x)
    a1, a2, d1, d2, d3 = (bare.some(len(W2), x.shape[1]) for _ in range(5))
    bare.dot(W2, a1)
    bare.dot(a2.T, W3[0])
    bare.dot(a2, d3[0])
    bare.dot(W3.T, d3[:1])
    bare.dot(d2, a1.T)
    bare.dot(W2.T, d2)
    bare.dot(d1, x.T)
    return bare.ready(list(data.parameters.values()))


def logreg(data: Data) -> Ready:
    """W5: one product forward, one backward."""
    bare = Bare(data.dtype)
    x, w = data.inputs[0], data.parameters["w"]
    bare.dot(x, w)
    bare.dot(x.T, bare.some(len(x)))
    return bare.ready([w], fresh_bytes=len(x))


def mnist(data: Data) -> Ready:
    """W6: two products forward, three backward."""
    bare = Bare(data.dtype)
    x, (W1, _, W2, _) = data.inputs[0], data.parameters.values()
    h, z = bare.dot(x, W1), bare.some(len(x), W2.shape[1])
    bare.dot(h, W2)
    bare.dot(h.T, z)
    bare.dot(z, W2.T)
    bare.dot(x.T, bare.some(*h.shape))
    return bare.ready([*data.parameters.values()])


def product(data: Data) -> Ready:
    """W9: one product."""
    bare = Bare(data.dtype)
    out = bare.dot(*data.inputs)
    return bare.ready([], fresh_bytes=out.nbytes)
