"""Numba: loops written by hand, gradients included. W3, W6 and W9 are left to NumPy, whose products Numba would call."""

from __future__ import annotations

from math import exp, log, log1p, tanh
from typing import Any

import numba
import numpy as np

from ..workloads import Array, Data
from . import Ready

exact = numba.njit(cache=True)
fast = numba.njit(cache=True, fastmath=True)  # sums may be reordered, so that loops are vectorized
parallel = numba.njit(cache=True, fastmath=True, parallel=True)


def version() -> str:
    """Name the version."""
    return numba.__version__


@exact
def sigmoid(z: float) -> float:
    """1 / (1 + exp(-z))."""
    return 1 / (1 + exp(-z))


@exact
def neuron_step(w: Array, b: Array, x: Array, y_hat: float) -> float:
    """W1; `b` is an array of one element."""
    y = sigmoid(w[0] * x[0] + w[1] * x[1] + b[0])
    error = y - y_hat
    slope = 0.2 * error * y * (1 - y)
    w[0] -= slope * x[0]
    w[1] -= slope * x[1]
    b[0] -= slope
    return error * error


def neuron(data: Data) -> Ready:
    """W1: a list is made into an array, as a user would."""
    w, b = data.parameters["w"].copy(), data.parameters["b"].reshape(1).copy()
    y_hat = float(data.inputs[1])
    if isinstance(data.inputs[0], list):
        return Ready(lambda x, y_hat: neuron_step(w, b, np.array(x), y_hat), lambda: [w, b[0]])
    return Ready(lambda x, y_hat: neuron_step(w, b, x, y_hat), lambda: [w, b[0]], (data.inputs[0], y_hat))


@exact
def xor_step(w1: Array, b1: Array, w2: Array, b2: Array, w: Array, b: Array, x: Array, y_hat: float) -> tuple[Array, float]:
    """W2."""
    a1, a2 = sigmoid(w1[0] * x[0] + w1[1] * x[1] + b1[0]), sigmoid(w2[0] * x[0] + w2[1] * x[1] + b2[0])
    y = sigmoid(w[0] * a1 + w[1] * a2 + b[0])
    cost = -(y_hat * log(y) + (1 - y_hat) * log(1 - y))
    slope = 0.01 * (y - y_hat)
    first, second = slope * w[0] * a1 * (1 - a1), slope * w[1] * a2 * (1 - a2)
    w[0] -= slope * a1
    w[1] -= slope * a2
    b[0] -= slope
    for k in range(2):
        w1[k] -= first * x[k]
        w2[k] -= second * x[k]
    b1[0] -= first
    b2[0] -= second
    return y, cost


def xor(data: Data) -> Ready:
    """W2."""
    parameters = [value.copy() for value in data.parameters.values()]
    w1, b1, w2, b2, w, b = parameters
    if isinstance(data.inputs[0], list):
        return Ready(lambda x, y_hat: listed(xor_step(w1, b1, w2, b2, w, b, np.array(x, np.float64), float(y_hat))), lambda: parameters)
    given = data.inputs[0], float(data.inputs[1])
    return Ready(lambda x, y_hat: listed(xor_step(w1, b1, w2, b2, w, b, x, y_hat)), lambda: parameters, given)


def listed(outputs: tuple[float, float]) -> list[Any]:
    """Give y the shape (1,) that it has on the slides."""
    return [np.array((outputs[0],)), outputs[1]]


def elementwise_loop(x: Array) -> Array:
    """W4; constants are whole numbers and halves of the array's own dtype, so that float32 stays float32."""
    one = x.dtype.type(1)
    half = one / x.dtype.type(2)
    y = np.empty_like(x)
    for k in numba.prange(len(x)):
        v = x[k]
        t = tanh(v)
        y[k] = v / (one + exp(-v)) + half * t * t - exp(-v * v)
    return y


def slope_loop(x: Array) -> Array:
    """W4g."""
    one = x.dtype.type(1)
    y = np.empty_like(x)
    for k in numba.prange(len(x)):
        v = x[k]
        t = tanh(v)
        s = one / (one + exp(-v))
        y[k] = s + v * s * (one - s) + t * (one - t * t) + (v + v) * exp(-v * v)
    return y


def loops() -> Any:
    """Return the decorator for as many threads as this process is allowed."""
    return parallel if numba.config.NUMBA_NUM_THREADS > 1 else fast


def elementwise(data: Data) -> Ready:
    """W4."""
    return Ready(loops()(elementwise_loop))


def slope(data: Data) -> Ready:
    """W4g."""
    return Ready(loops()(slope_loop))


@fast
def logreg_step(w: Array, b: Array, x: Array, y: Array) -> tuple[Array, float]:
    """W5, the logits form; `b` is an array of one element. The products are BLAS's, the rest is one loop."""
    z = np.dot(x, w)
    prediction = np.empty(len(z), np.bool_)
    total, shift, rate = 0.0, 0.0, 0.1 / len(z)
    for k in range(len(z)):
        logit = z[k] + b[0]
        small = exp(-abs(logit))
        total += max(logit, 0.0) + log1p(small) - y[k] * logit
        prediction[k] = logit > 0
        z[k] = rate * ((1.0 if logit >= 0 else small) / (1 + small) - y[k])
        shift += z[k]
    slope = np.dot(z, x)
    for k in range(len(w)):
        w[k] -= 0.002 * w[k] + slope[k]
    b[0] -= shift
    return prediction, total / len(z)


def logreg(data: Data) -> Ready:
    """W5."""
    w, b = data.parameters["w"].copy(), data.parameters["b"].reshape(1).copy()
    return Ready(lambda x, y: logreg_step(w, b, x, y), lambda: [w, b[0]])
