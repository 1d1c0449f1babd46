"""How fast the words are: nanoseconds an element, one thread, arrays that fit the cache, beside NumPy and, for W4, C with a vector library.

Every row is the least of many short runs, taken in turns, so a busy neighbour disturbs little. W4 is the elementwise workload of the
compiler's benchmark; C is compiled with gcc's -Ofast, which may call glibc's libmvec.

Run: python -m benchmarks.words [word ...]
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special

from tensorlab.backends.llvm.words.trial import Trial

LENGTH = 8192  # elements: 64 kB of float64 for input and as much for output
ROUNDS, CALLS = 40, 20
ONE = ("exp", "expm1", "tanh", "sigmoid", "log", "log1p", "sin", "cos", "tan", "arctan", "arcsin", "sinh", "arcsinh", "cbrt", "erf", "erfc")
SOURCE = """
#include <math.h>
#define W4(T, NAME, EXP, TANH) void NAME(const T *restrict x, T *restrict y, long n) \\
    { for (long i = 0; i < n; i++) { T v = x[i], t = TANH(v); y[i] = v / (1 + EXP(-v)) + (T)0.5 * t * t - EXP(-v * v); } }
W4(double, w4_float64, exp, tanh)
W4(float, w4_float32, expf, tanhf)
"""


def w4(m: Any, x: Any) -> Any:
    """The elementwise workload, in words."""
    t = m.tanh(x)
    return x * m.sigmoid(x) + 0.5 * (t * t) - m.exp(-(x * x))


def by_numpy(word: str) -> Callable[..., Any]:
    """The same in NumPy or SciPy."""
    if word == "W4":
        return lambda x: x / (1 + np.exp(-x)) + 0.5 * np.tanh(x) ** 2 - np.exp(-x * x)
    return getattr(np, word, None) or getattr(scipy.special, {"sigmoid": "expit"}.get(word, word))


def in_c(directory: str) -> ctypes.CDLL | None:
    """The workload in C, or None without a compiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return None
    source, library = Path(directory, "w4.c"), Path(directory, "w4.so")
    source.write_text(SOURCE, encoding="utf-8")
    subprocess.run([compiler, "-Ofast", "-march=native", "-shared", "-fPIC", str(source), "-o", str(library), "-lm"], check=True)
    return ctypes.CDLL(str(library))


def aligned(dtype: str) -> np.ndarray:
    """An array that starts at a cache line."""
    memory = np.empty(LENGTH * 8 + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + LENGTH * np.dtype(dtype).itemsize].view(dtype)


def nanoseconds(runs: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """The least time of each, an element."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(CALLS):
                run()
            best[name] = min(best[name], (time.perf_counter() - start) / CALLS / LENGTH * 1e9)
    return best


def main(words: list[str]) -> None:
    """Print the table."""
    print(f"{'':10}{'':9}{'inlined':>9}{'called':>9}{'NumPy':>9}{'C':>9}{'NumPy / inlined':>17}")
    with tempfile.TemporaryDirectory() as directory:
        library = in_c(directory)
        for dtype in ("float64", "float32"):
            x, y = aligned(dtype), aligned(dtype)
            x[:] = np.random.default_rng(0).uniform(-4, 4, LENGTH)
            table = (ctypes.c_void_p * 1)(y.ctypes.data)
            for word in words:
                formula = w4 if word == "W4" else lambda m, x, word=word: getattr(m, word)(x)
                trials = {name: Trial(formula, [dtype], inline=name == "inlined") for name in ("inlined", "called")}
                runs: dict[str, Any] = {
                    name: lambda trial=trial, x=x, table=table: trial.run(x.ctypes.data, table, LENGTH) for name, trial in trials.items()
                }
                compute = by_numpy(word)
                runs["NumPy"] = lambda compute=compute, x=x: compute(x)
                if word == "W4" and library is not None:
                    call = library[f"w4_{dtype}"]
                    call.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]
                    runs["C"] = lambda call=call, x=x, y=y: call(x.ctypes.data, y.ctypes.data, LENGTH)
                with np.errstate(all="ignore"):
                    found = nanoseconds(runs)
                cells = "".join(f"{found[name]:9.2f}" if name in found else f"{'':9}" for name in ("inlined", "called", "NumPy", "C"))
                print(f"{word:10}{dtype:9}{cells}{found['NumPy'] / found['inlined']:17.1f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["W4", *ONE])
