"""Products in native code beside NumPy's: median ratios, measured in turn, with one thread and with several.

Run: python benchmarks/products.py [rounds] [threads]

NumPy has one thread here. Both use the same BLAS if NumPy brings one; the ratios then show what cutting into tiles costs, and what threads
gain. The last lines tell what it costs to hand work to a sleeping thread.
"""

from __future__ import annotations

import os

os.environ.update({"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"})  # before NumPy reads them

import ctypes
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from tensorlab.backends.llvm import machine, runtime
from tensorlab.backends.llvm.blocks import I32, I64, POINTER
from tensorlab.backends.llvm.runtime import writing

SHAPES = [
    (4000, 4000, 4000), (1000, 1000, 1000), (256, 500, 784), (256, 784, 500), (784, 500, 256), (20, 500, 784), (784, 500, 20),
    (1000, 1000, 2), (100, 100, 100_000), (400, 1, 784), (1, 784, 400), (4000, 1, 4000), (1, 4000, 4000),
    (64, 64, 64), (8, 8, 8), (2, 2, 2),
]  # fmt: skip
"""Rows, columns, and elements of a sum: of the workloads W3, W5, W6 and W9 in the table of peers, and what lies beyond and between."""
LONGEST = 0.3  # seconds: what takes longer is measured in fewer rounds
REPEATED = 2e-4  # seconds of calls that are timed together


def times(calls: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median time of each call in seconds, measured in turn."""
    start = time.perf_counter()
    for call in calls:
        call()
    once = (time.perf_counter() - start) / len(calls)
    rounds, repeats = max(3, min(rounds, int(rounds * LONGEST / once))), max(1, int(REPEATED / once))
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for times_, call in zip(found, calls):
            start = time.perf_counter()
            for _ in range(repeats):
                call()
            times_.append((time.perf_counter() - start) / repeats)
    return [statistics.median(each) for each in found]


def entrance(name: str, *kinds: object) -> Callable[..., int]:
    """Return a function of the runtime."""
    function: Callable[..., int] = ctypes.PYFUNCTYPE(ctypes.c_int, *kinds)(runtime.engines["entrances"].get_function_address(name))
    return function


def product(a: np.ndarray, b: np.ndarray, c: np.ndarray, threads: int) -> Callable[[], int]:
    """Return a call of the native product, with its arguments converted beforehand."""
    real, suffix = (ctypes.c_float, "f32") if a.dtype == np.float32 else (ctypes.c_double, "f64")
    whole, pointer = ctypes.c_int64, ctypes.c_void_p
    kinds = [whole] * 3 + [real, pointer, whole, whole, pointer, whole, whole, real, pointer, whole, whole]
    steps = [[stride // each.itemsize for stride in each.strides] for each in (a, b, c)]
    operands = [a.ctypes.data, *steps[0], b.ctypes.data, *steps[1]]
    values = [a.shape[0], b.shape[1], a.shape[1], 1, *operands, 0, c.ctypes.data, steps[2][0], threads]
    function, arguments = entrance(f"tl_gemm_{suffix}", *kinds), [kind(value) for kind, value in zip(kinds, values)]
    return lambda: function(*arguments)


def products(rounds: int, threads: int) -> None:
    """Print times and ratios of products."""
    print(f"BLAS: {runtime.the_blas().name}; NumPy {np.__version__}; ratios to numpy.dot with one thread")
    print(f"{'':9} {'m':>5} {'n':>5} {'k':>6} {'numpy':>11} {'GFLOP/s':>8} {'1 thread':>9} {f'{threads} threads':>9}")
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        for m, n, k in SHAPES:
            a, b = rng.random((m, k), dtype), rng.random((k, n), dtype)
            c, ours = np.empty((m, n), dtype), np.empty((m, n), dtype)
            calls = [lambda a=a, b=b, c=c: np.dot(a, b, out=c), product(a, b, ours, 1), product(a, b, ours, threads)]
            numpy, one, several = times(calls, rounds)
            assert np.allclose(c, ours, rtol=1e-3 if dtype == np.float32 else 1e-9)
            shape, flops = f"{np.dtype(dtype).name:9} {m:5} {n:5} {k:6}", 2e-9 * m * n * k / numpy
            print(f"{shape} {1e3 * numpy:8.4f} ms {flops:8.1f} {one / numpy:9.3f} {several / numpy:9.3f}", flush=True)


def handing_out(rounds: int, threads: int) -> None:
    """Print what the pool costs: two tasks of some length, with one thread and with several."""
    module = writing.module_named("toil")
    code = writing.Routine(module, "toil", I32, [POINTER, I64])
    context, index = code.arguments
    value = code.variable(I64, index)
    with code.loop(0, code.load(context, I64)):
        code.store(code.builder.xor(code.times(code.load(value, I64), 0x5851F42D4C957F2D), index), value)
    code.give(code.builder.zext(code.compare(code.load(value, I64), "==", 12345), I32))
    engine = machine.loaded(machine.emitted(str(module)))
    parallel = entrance("tl_parallel", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    for steps in (0, 5_000, 50_000, 500_000):
        length = np.array([steps])
        task, given = engine.get_function_address("toil"), length.ctypes.data
        calls = [lambda task=task, given=given, count=count: parallel(task, given, 2, count) for count in (1, threads)]
        one, several = times(calls, rounds)
        print(f"two tasks of {1e6 * one / 2:8.1f} µs: {1e6 * one:8.1f} µs with 1 thread, {1e6 * several:8.1f} µs with {threads}")


if __name__ == "__main__":
    runtime.load()
    arguments = [int(each) for each in sys.argv[1:]]
    rounds, threads = arguments[0] if arguments else 30, arguments[1] if len(arguments) > 1 else 2
    products(rounds, threads)
    handing_out(rounds, threads)
