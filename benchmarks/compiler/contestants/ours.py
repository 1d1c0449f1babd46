"""tensorlab: whatever `tl.function` gives, on the back end that stands behind it today."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import tensorlab as tl
import tensorlab.tensor as T

from ..workloads import Data
from . import Ready, theano_spelling

tl.config.threads = int(os.environ.get("BENCHMARK_THREADS", "1"))
if "BENCHMARK_OBJECTS" in os.environ:
    tl.config.cache_directory = os.environ["BENCHMARK_OBJECTS"]


def compiled(spelling: Callable[..., theano_spelling.Written]) -> Callable[[Data], Ready]:
    """Return what compiles a workload as it is spelled."""

    def make(data: Data) -> Ready:
        tl.config.floatX = data.dtype
        graph = spelling(tl, T, data)
        finished = time.perf_counter()
        function = tl.function(graph.inputs, graph.outputs, updates=graph.updates)
        return Ready(
            function,
            lambda: [variable.get_value() for variable in graph.parameters],
            note=lambda: "" if is_native(function) else "runs through Python",
            graph_at=finished,
        )

    return make


def is_native(function: tl.Function) -> bool:
    """Say whether the whole of a function is native code."""
    try:
        return bool(function.source("loops"))
    except ValueError:
        return False


def version() -> str:
    """Name the version, and what stands behind a small function."""
    x: Any = T.scalar()
    return f"{tl.__version__}, {'native code' if is_native(tl.function([x], x + 1)) else 'NumPy'} on {tl.config.threads} thread"


neuron, xor, mlp = map(compiled, (theano_spelling.neuron, theano_spelling.xor, theano_spelling.mlp))
elementwise, slope = map(compiled, (theano_spelling.elementwise, theano_spelling.slope))
logreg, mnist = map(compiled, (theano_spelling.logreg, theano_spelling.mnist))
product, chain = map(compiled, (theano_spelling.product, theano_spelling.chain))
