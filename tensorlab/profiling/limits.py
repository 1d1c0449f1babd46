"""The limits of this machine, measured: how fast memory moves, and how much arithmetic its threads can do.

Floor 4. Between them they are the roof of a kernel (Williams, Waterman and Patterson, "Roofline", Communications of the ACM 52, 2009): a
kernel that moves b bytes and computes f operations takes at least max(b / bandwidth, f / rate). Measured when first needed, once a process.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from time import perf_counter

import numpy as np

from ..backends import llvm
from ..backends.llvm.runtime.cores import threads

BUDGET = 0.05  # seconds for each of the three measurements; the best round counts, since a round can only be disturbed
COPIED = 16 << 20  # bytes of one array a thread: no cache of one core holds it
ROUNDS = 100_000  # of the loop that does nothing but arithmetic: half a millisecond and more
SIDE = 512  # without native code, rows of a product of matrices: 0.27 billion operations


@dataclass(frozen=True)
class Limits:
    """What this machine can do.

    Attributes:
        bandwidth: bytes that are read or written in a second.
        rates: operations in a second, by dtype.
        threads: how many worked.
    """

    bandwidth: float
    rates: dict[str, float]
    threads: int

    def least(self, bytes_: float, operations: float, dtype: str) -> tuple[float, str]:
        """Return the least seconds for some work, and what holds it back: "memory" or "arithmetic"."""
        moving, computing = bytes_ / self.bandwidth, operations / self.rates[dtype]
        return (moving, "memory") if moving >= computing else (computing, "arithmetic")

    def __str__(self) -> str:
        rates = ", ".join(f"{rate / 1e9:.3g} Gflop/s in {dtype}" for dtype, rate in self.rates.items())
        return f"{self.bandwidth / 1e9:.3g} GB/s, {rates} ({self.threads} thread{'s' * (self.threads > 1)})"


def fastest(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest round of some work; the first one warms up."""
    work()
    best, end = float("inf"), perf_counter() + BUDGET
    while True:
        start = perf_counter()
        work()
        now = perf_counter()
        best = min(best, now - start)
        if now >= end:
            return best


@cache
def limits() -> Limits:
    """Measure the limits of this machine, in about a quarter of a second."""
    count = threads()
    pairs = [(np.ones(COPIED // 8), np.zeros(COPIED // 8)) for _ in range(min(count, 16))]
    with ThreadPoolExecutor(len(pairs)) as pool:
        copying = fastest(lambda: list(pool.map(lambda pair: np.copyto(pair[1], pair[0]), pairs)))
    bandwidth = 2 * COPIED * len(pairs) / copying
    measure = rate_of_products if llvm.unavailable() else rate_of_arithmetic
    return Limits(bandwidth, {dtype: measure(dtype, count) for dtype in ("float64", "float32")}, count)


def rate_of_arithmetic(dtype: str, count: int) -> float:
    """Return the operations a second of a loop that does nothing else, on some threads."""
    from ..backends.llvm.peak import peak

    loop, operations = peak(dtype)
    with ThreadPoolExecutor(count) as pool:
        return count * ROUNDS * operations / fastest(lambda: list(pool.map(loop, [ROUNDS] * count)))


def rate_of_products(dtype: str, count: int) -> float:
    """Return the operations a second of NumPy's product of matrices, on as many threads as it takes."""
    matrix = np.ones((SIDE, SIDE), dtype)
    out = np.empty_like(matrix)
    return 2 * SIDE**3 / fastest(lambda: np.matmul(matrix, matrix, out=out))
