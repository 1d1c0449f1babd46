"""How long does a large matrix product take, in float64 and in float32, here?

Run:  python examples/test_gpu.py [--size 2000] [--dtype float64|float32|both] [--repeat 3]

On a GPU:  TENSORLAB_FLAGS=device=gpu python examples/test_gpu.py --size 10000

The size is the number of rows and columns. Times are wall times of one call in seconds: arguments in, result out.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import tensorlab as tl
import tensorlab.tensor as T

DTYPES = ("float64", "float32")
ARRAYS = 5  # in memory at once: two factors, a result, and on a GPU copies on the way


def needed(size: int, dtype: str) -> float:
    """Return the memory that a product takes, in gigabytes (10^9 bytes)."""
    return ARRAYS * size * size * np.dtype(dtype).itemsize / 1e9


def measured(size: int, dtype: str, repeat: int) -> tuple[str, float]:
    """Return the device that a product runs on, and the shortest of `repeat` times of it in seconds."""
    X, Y = T.matrix("X", dtype=dtype), T.matrix("Y", dtype=dtype)
    product = tl.function([X, Y], T.dot(X, Y))
    random = np.random.default_rng(0)
    x, y = (random.standard_normal((size, size), dtype) for _ in range(2))
    product(x[:2], y[:, :2])  # what is done once, such as loading a library, is not measured
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        z = product(x, y)
        times.append(time.perf_counter() - start)
    assert z.dtype == dtype and np.allclose(z[0], x[0] @ y, rtol=1e-2, atol=1e-2 * size ** 0.5)
    return product.device, min(times)


def report(size: int, dtypes: list[str], repeat: int) -> str:
    """Measure, and say what the figures mean."""
    lines = [f"product of two {size} x {size} matrices: {2 * size**3 / 1e9:.4g} billion multiplications and additions"]
    times = {}
    for dtype in dtypes:
        device, times[dtype] = measured(size, dtype, repeat)
        rate = 2 * size**3 / times[dtype] / 1e9
        lines.append(f"  {dtype} on {device}: It cost {times[dtype]:f} sec  ({rate:.3g} Gflop/s, {needed(size, dtype):.2g} GB)")
    if len(times) == 2:
        ratio = times["float64"] / times["float32"]
        found = f"float32 was {ratio:.2g} times as fast here." if ratio > 1.1 else "float32 was hardly faster here."
        lines += ["", found, *meaning(device)]
    return "\n".join(lines)


def meaning(device: str) -> list[str]:
    """Return why the dtype matters on this kind of device."""
    if device == "cpu":
        return [
            "A CPU register holds twice as many float32 numbers as float64 ones, and memory moves twice as many: expect about 2.",
            "On a GPU it matters far more. When Theano was young its GPU code knew float32 only, so a float64 program stayed on",
            "the CPU whatever the device was called. tensorlab runs both there; but most GPUs have 32 or 64 units for float32 to",
            "each one for float64 (CUDA C++ Programming Guide, table of arithmetic throughput), so tl.config.floatX = 'float32'",
            "is still the first thing to set.",
        ]
    return [
        "Most GPUs have 32 or 64 units for float32 to each one for float64 (CUDA C++ Programming Guide, table of arithmetic throughput);",
        "those made for data centres have 2. The time above holds the way to the GPU and back too, which is twice as long for float64.",
    ]


def main() -> None:
    """Read the command line, check that there is room, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2000, help="rows and columns of the matrices; the slides take 10000")
    parser.add_argument("--dtype", choices=[*DTYPES, "both"], default="both")
    parser.add_argument("--repeat", type=int, default=3, help="how many times each is measured; the shortest counts")
    options = parser.parse_args()
    if options.size < 2 or options.repeat < 1:
        parser.error("--size must be at least 2, --repeat at least 1")
    print(report(options.size, list(DTYPES) if options.dtype == "both" else [options.dtype], options.repeat))


if __name__ == "__main__":
    main()
