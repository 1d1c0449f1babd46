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
        return Ready(function, lambda: [variable.get_value() for variable in graph.parameters], graph_at=finished)

    return make


def version() -> str:
    """Name the version, and the back end."""
    x: Any = T.scalar()
    runner = getattr(tl.function([x], x + 1), "_runner", None)
    return f"{tl.__version__} ({type(runner).__name__})"


neuron, xor, mlp = map(compiled, (theano_spelling.neuron, theano_spelling.xor, theano_spelling.mlp))
elementwise, slope = map(compiled, (theano_spelling.elementwise, theano_spelling.slope))
logreg, mnist = map(compiled, (theano_spelling.logreg, theano_spelling.mnist))
product, chain = map(compiled, (theano_spelling.product, theano_spelling.chain))
