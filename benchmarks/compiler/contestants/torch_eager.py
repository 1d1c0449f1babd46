"""PyTorch on the CPU, eager; with BENCHMARK_TORCH_COMPILE=1 the forward pass goes through `torch.compile`, which compiles backward, too."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from ..workloads import Data
from . import Ready

torch.set_num_threads(int(os.environ.get("BENCHMARK_THREADS", "1")))
COMPILED = os.environ.get("BENCHMARK_TORCH_COMPILE") == "1"


def version() -> str:
    """Name the version."""
    return torch.__version__ + (" compiled" if COMPILED else "")


def prepared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile it if that is asked for."""
    return torch.compile(function, dynamic=False) if COMPILED else function


def tensors(data: Data) -> tuple[Any, ...]:
    """Return the inputs as tensors."""
    return tuple(torch.as_tensor(value) for value in data.inputs)


def trained(cost: Callable[..., Any], data: Data, rate: float) -> Ready:
    """Return a step of gradient descent on the first of the values that `cost` returns; the second are the outputs."""
    parameters = [torch.tensor(value, requires_grad=True) for value in data.parameters.values()]
    forward = prepared(cost)

    def call(*inputs: Any) -> Any:
        value, outputs = forward(parameters, *inputs)
        slopes = torch.autograd.grad(value, parameters)
        with torch.no_grad():
            for parameter, slope in zip(parameters, slopes):
                parameter.sub_(slope, alpha=rate)
        return [output.detach() for output in outputs]

    def call_with_list(x: Any, y_hat: Any) -> Any:
        return call(torch.tensor(x, dtype=torch.float64), y_hat)

    values = lambda: [parameter.detach() for parameter in parameters]  # noqa: E731
    return Ready(call_with_list, values) if isinstance(data.inputs[0], list) else Ready(call, values, tensors(data))


def neuron(data: Data) -> Ready:
    """W1."""

    def cost(parameters: Any, x: Any, y_hat: Any) -> Any:
        w, b = parameters
        value = (torch.sigmoid(torch.dot(w, x) + b) - y_hat) ** 2
        return value, [value]

    return trained(cost, data, 0.1)


def xor(data: Data) -> Ready:
    """W2."""

    def cost(parameters: Any, x: Any, y_hat: Any) -> Any:
        w1, b1, w2, b2, w, b = parameters
        a = torch.cat([torch.sigmoid(torch.dot(w1, x) + b1), torch.sigmoid(torch.dot(w2, x) + b2)])
        y = torch.sigmoid(torch.dot(w, a) + b)
        value = -(y_hat * torch.log(y) + (1 - y_hat) * torch.log(1 - y)).sum()
        return value, [y, value]

    return trained(cost, data, 0.01)


def mlp(data: Data) -> Ready:
    """W3."""

    def cost(parameters: Any, x: Any, y_hat: Any) -> Any:
        W1, b1, W2, b2, W3, b3 = parameters
        a1 = torch.sigmoid(W1 @ x + b1[:, None])
        a2 = torch.sigmoid(W2 @ a1 + b2[:, None])
        y = torch.sigmoid(W3 @ a2 + b3[:, None])
        value = ((y - y_hat) ** 2).sum() / x.shape[1]
        return value, [value]

    return trained(cost, data, 0.01)


def curve(x: Any) -> Any:
    """W4, of which W4g is the derivative."""
    return x * torch.sigmoid(x) + 0.5 * torch.tanh(x) ** 2 - torch.exp(-x * x)


def elementwise(data: Data) -> Ready:
    """W4."""
    return Ready(torch.no_grad()(prepared(curve)), list, tensors(data))


def slope(data: Data) -> Ready:
    """W4g."""
    total = prepared(lambda x: curve(x).sum())
    (x,) = tensors(data)
    x.requires_grad_(True)
    return Ready(lambda x: torch.autograd.grad(total(x), x)[0], list, (x,))


def logreg(data: Data) -> Ready:
    """W5, the logits form."""

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        w, b = parameters
        z = x @ w + b
        mean = F.binary_cross_entropy_with_logits(z, y)
        return mean + 0.01 * (w**2).sum(), [torch.sigmoid(z) > 0.5, mean]

    return trained(cost, data, 0.1)


def mnist(data: Data) -> Ready:
    """W6."""

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        W1, b1, W2, b2 = parameters
        likelihood = F.cross_entropy(torch.tanh(x @ W1 + b1) @ W2 + b2, y)
        value = likelihood + 0.0001 * (W1.abs().sum() + W2.abs().sum() + (W1**2).sum() + (W2**2).sum())
        return value, [value]

    return trained(cost, data, 0.01)


def product(data: Data) -> Ready:
    """W9."""
    return Ready(torch.mm, list, tensors(data))


def chain(data: Data) -> Ready:
    """The chain."""

    def total(x: Any) -> Any:
        for k in range(data.length):
            kind = k % 4
            x = torch.sin(x) if kind == 0 else x * 1.01 if kind == 1 else x + 0.1 if kind == 2 else torch.tanh(x)
        return x.sum()

    (x,) = tensors(data)
    x.requires_grad_(True)
    forward = prepared(total)
    return Ready(lambda x: torch.autograd.grad(forward(x), x)[0], list, (x,))
