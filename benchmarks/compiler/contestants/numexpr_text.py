"""numexpr: W4 and W4g as text, the gradient written by hand."""

from __future__ import annotations

import os

import numexpr

from ..workloads import Array, Data
from . import Ready

numexpr.set_num_threads(int(os.environ.get("BENCHMARK_THREADS", "1")))

CURVE = "x / (1 + exp(-x)) + tanh(x) ** 2 / 2 - exp(-x * x)"
SLOPE = "s + x * s * (1 - s) + t * (1 - t * t) + 2 * x * exp(-x * x)"
SIGMOID, TANH = "1 / (1 + exp(-x))", "tanh(x)"


def version() -> str:
    """Name the version."""
    return numexpr.__version__


def elementwise(data: Data) -> Ready:
    """W4."""
    return Ready(lambda x: numexpr.evaluate(CURVE))


def slope(data: Data) -> Ready:
    """W4g, in three texts, for numexpr has no names for parts."""

    def call(x: Array) -> Array:
        parts = {"x": x, "s": numexpr.evaluate(SIGMOID), "t": numexpr.evaluate(TANH)}
        return numexpr.evaluate(SLOPE, parts)

    return Ready(call)
