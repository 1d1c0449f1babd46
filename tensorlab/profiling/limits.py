"""The limits of this machine, measured: how fast memory moves, and how much arithmetic its threads can do.

Floor 4. Between them they are the roof of a kernel (Williams, Waterman and Patterson, "Roofline", Communications of the ACM 52, 2009): a
kernel that moves b bytes and computes f operations takes at least max(b / bandwidth, f / rate). Measured when first needed, once a process.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from time import perf_counter, thread_time

import numpy as np

from ..backends import llvm
from ..backends.llvm.runtime.cores import threads

BUDGET = 0.05  # seconds for each of the three measurements
COPIED = 16 << 20  # bytes of one array a thread: no cache of one core holds it
ROUNDS = 10_000  # of the loop that does nothing but arithmetic: a tenth of a millisecond
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


def seconds_a_round(work: Callable[[], object]) -> float:
    """Return the seconds that this thread computes in one round of some work; the first one warms up.

    They are seconds of the processor, so that a thread that has to wait for one does not count as a slow machine.
    """
    work()
    start, busy, rounds = perf_counter(), thread_time(), 0
    while perf_counter() < start + BUDGET:
        work()
        rounds += 1
    spent = thread_time() - busy
    return (spent or perf_counter() - start) / max(rounds, 1)  # the clock of a thread may tick as seldom as every 16 ms


def together(count: int, measure: Callable[[], float]) -> float:
    """Return the sum of what some threads measure at the same time."""
    with ThreadPoolExecutor(count) as pool:
        return sum(each.result() for each in [pool.submit(measure) for _ in range(count)])


@cache
def limits() -> Limits:
    """Measure the limits of this machine, in about a quarter of a second."""
    count = threads()
    rate = rate_of_products if llvm.unavailable() else rate_of_arithmetic
    return Limits(together(count, bandwidth), {dtype: rate(dtype, count) for dtype in ("float64", "float32")}, count)


def bandwidth() -> float:
    """Return the bytes a second that this thread reads and writes while it copies one large array to another."""
    source, target = np.ones(COPIED // 8), np.ones(COPIED // 8)
    return 2 * COPIED / seconds_a_round(lambda: np.copyto(target, source))


def rate_of_arithmetic(dtype: str, count: int) -> float:
    """Return the operations a second of a loop that does nothing else, on some threads."""
    from ..backends.llvm.peak import peak

    loop, operations = peak(dtype)
    return together(count, lambda: ROUNDS * operations / seconds_a_round(lambda: loop(ROUNDS)))


def rate_of_products(dtype: str, count: int) -> float:
    """Return the operations a second of NumPy's product of matrices, on as many threads as it takes."""
    matrix = np.ones((SIDE, SIDE), dtype)
    out = np.empty_like(matrix)
    np.matmul(matrix, matrix, out=out)
    best, end = float("inf"), perf_counter() + BUDGET
    while perf_counter() < end:  # the best round: the threads are NumPy's, and wait for one another
        start = perf_counter()
        np.matmul(matrix, matrix, out=out)
        best = min(best, perf_counter() - start)
    return 2 * SIDE**3 / best
