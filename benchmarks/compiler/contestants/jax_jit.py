"""JAX on the CPU: `jit` of one whole step, gradients by `grad`. Work is waited for, because a call returns before it is done.

The memory of the old parameters is given to the new ones (`donate_argnums`), which saves some percent.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..workloads import Data
from . import Ready

jax.config.update("jax_enable_x64", True)  # float64 where the data are; float32 data stay float32


def version() -> str:
    """Name the version."""
    return jax.__version__


def trained(cost: Callable[..., Any], data: Data, rate: float) -> Ready:
    """Return a step of gradient descent on the first of the values that `cost` returns; the second are the outputs."""
    state = [jnp.array(value) for value in data.parameters.values()]

    @partial(jax.jit, donate_argnums=0)
    def step(parameters: Any, *inputs: Any) -> Any:
        slopes, outputs = jax.grad(cost, has_aux=True)(parameters, *inputs)
        return outputs, [value - rate * slope for value, slope in zip(parameters, slopes)]

    def call(*inputs: Any) -> Any:
        nonlocal state
        outputs, state = step(state, *inputs)
        jax.block_until_ready((outputs, state))
        return outputs

    def call_with_list(x: Any, y_hat: Any) -> Any:
        return call(np.array(x, np.float64), y_hat)  # a list would be taken for a tree of arguments

    if isinstance(data.inputs[0], list):
        return Ready(call_with_list, lambda: state)
    return Ready(call, lambda: state, tuple(jnp.asarray(value) for value in data.inputs))


def computed(function: Callable[..., Any], data: Data) -> Ready:
    """Return a function without parameters, compiled."""
    compiled = jax.jit(function)
    return Ready(lambda *inputs: compiled(*inputs).block_until_ready(), list, tuple(jnp.asarray(value) for value in data.inputs))


def neuron(data: Data) -> Ready:
    """W1."""

    def cost(parameters: Any, x: Any, y_hat: Any) -> Any:
        w, b = parameters
        value = (jax.nn.sigmoid(jnp.dot(w, x) + b) - y_hat) ** 2
        return value, value

    return trained(cost, data, 0.1)


def xor(data: Data) -> Ready:
    """W2."""

    def cost(parameters: Any, x: Any, y_hat: Any) -> Any:
        w1, b1, w2, b2, w, b = parameters
        a = jnp.concatenate([jax.nn.sigmoid(jnp.dot(w1, x) + b1), jax.nn.sigmoid(jnp.dot(w2, x) + b2)])
        y = jax.nn.sigmoid(jnp.dot(w, a) + b)
        value = -(y_hat * jnp.log(y) + (1 - y_hat) * jnp.log(1 - y)).sum()
        return value, (y, value)

    return trained(cost, data, 0.01)


def mlp(data: Data) -> Ready:
    """W3."""

    def cost(parameters: Any, x: Any, y_hat: Any) -> Any:
        W1, b1, W2, b2, W3, b3 = parameters
        a1 = jax.nn.sigmoid(W1 @ x + b1[:, None])
        a2 = jax.nn.sigmoid(W2 @ a1 + b2[:, None])
        y = jax.nn.sigmoid(W3 @ a2 + b3[:, None])
        value = ((y - y_hat) ** 2).sum() / x.shape[1]
        return value, value

    return trained(cost, data, 0.01)


def curve(x: Any) -> Any:
    """W4, of which W4g is the derivative."""
    return x * jax.nn.sigmoid(x) + 0.5 * jnp.tanh(x) ** 2 - jnp.exp(-x * x)


def elementwise(data: Data) -> Ready:
    """W4."""
    return computed(curve, data)


def slope(data: Data) -> Ready:
    """W4g."""
    return computed(jax.grad(lambda x: curve(x).sum()), data)


def logreg(data: Data) -> Ready:
    """W5, the logits form."""

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        w, b = parameters
        z = x @ w + b
        mean = (jax.nn.softplus(z) - y * z).mean()
        return mean + 0.01 * (w**2).sum(), (jax.nn.sigmoid(z) > 0.5, mean)

    return trained(cost, data, 0.1)


def mnist(data: Data) -> Ready:
    """W6."""

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        W1, b1, W2, b2 = parameters
        logs = jax.nn.log_softmax(jnp.tanh(x @ W1 + b1) @ W2 + b2)
        norms = jnp.abs(W1).sum() + jnp.abs(W2).sum() + (W1**2).sum() + (W2**2).sum()
        value = -logs[jnp.arange(len(y)), y].mean() + 0.0001 * norms
        return value, value

    return trained(cost, data, 0.01)


def product(data: Data) -> Ready:
    """W9."""
    return computed(jnp.dot, data)


def chain(data: Data) -> Ready:
    """The chain, written out by a Python loop: every operation is one of its own."""

    def total(x: Any) -> Any:
        for k in range(data.length):
            kind = k % 4
            x = jnp.sin(x) if kind == 0 else x * 1.01 if kind == 1 else x + 0.1 if kind == 2 else jnp.tanh(x)
        return x.sum()

    return computed(jax.grad(total), data)
