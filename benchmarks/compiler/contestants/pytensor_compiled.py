"""PyTensor: the same spelling as ours, called as it is used (inputs checked). `PYTENSOR_FLAGS` says whether it writes C or uses Numba."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytensor
import pytensor.tensor as pt
from pytensor.tensor.special import softmax

from ..workloads import Data
from . import Ready, theano_spelling


class Namespace:
    """`pytensor.tensor` with the two names that Theano had there and PyTensor moved."""

    grad = staticmethod(pytensor.grad)
    nnet = SimpleNamespace(softmax=lambda z: softmax(z, axis=-1))

    def __getattr__(self, name: str) -> Any:
        return getattr(pt, name)


def compiled(spelling: Callable[..., theano_spelling.Written]) -> Callable[[Data], Ready]:
    """Return what compiles a workload as it is spelled."""

    def make(data: Data) -> Ready:
        pytensor.config.floatX = data.dtype
        graph = spelling(pytensor, Namespace(), data)
        finished = time.perf_counter()
        function = pytensor.function(graph.inputs, graph.outputs, updates=graph.updates)
        return Ready(function, lambda: [variable.get_value() for variable in graph.parameters], graph_at=finished)

    return make


def version() -> str:
    """Name the version, and what it compiles to."""
    return f"{pytensor.__version__} ({pytensor.config.linker})"


neuron, xor, mlp = map(compiled, (theano_spelling.neuron, theano_spelling.xor, theano_spelling.mlp))
elementwise, slope = map(compiled, (theano_spelling.elementwise, theano_spelling.slope))
logreg, mnist = map(compiled, (theano_spelling.logreg, theano_spelling.mnist))
product, chain = map(compiled, (theano_spelling.product, theano_spelling.chain))
