"""NumPy by hand, gradients included; in float64 it is the oracle for all others.

Written as somebody would who knows NumPy: results go into buffers made once, exponentials are taken once, and elementwise work runs over
blocks that stay in the second cache.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..workloads import Array, Data
from . import Ready

BLOCK = 16384  # elements, 128 kB of float64: of 1024 to 65536 the smaller were slower, for each costs a dozen calls, and larger no faster


def version() -> str:
    """Name the version."""
    return np.__version__


def neuron(data: Data) -> Ready:
    """W1: y = sigmoid(w·x + b), cost (y - ŷ)², one step of gradient descent."""
    w, b = data.parameters["w"].copy(), float(data.parameters["b"])

    def call(x: Any, y_hat: Any) -> Any:
        nonlocal w, b
        x = np.asarray(x)
        y = 1 / (1 + math.exp(-(w.dot(x) + b)))
        error = y - float(y_hat)
        slope = 0.2 * error * y * (1 - y)
        w -= slope * x
        b -= slope
        return error * error

    return Ready(call, lambda: [w, np.array(b)])


def xor(data: Data) -> Ready:
    """W2: three neurons, cross-entropy; with logits z its slope is y - ŷ."""
    w1, b1, w2, b2, w, b = (value.copy() for value in data.parameters.values())

    def call(x: Any, y_hat: Any) -> Any:
        x, y_hat = np.asarray(x), float(y_hat)
        a1 = 1 / (1 + math.exp(-(w1.dot(x) + b1.item())))
        a2 = 1 / (1 + math.exp(-(w2.dot(x) + b2.item())))
        a = np.array([a1, a2])
        y = 1 / (1 + math.exp(-(w.dot(a) + b.item())))
        cost = -(y_hat * math.log(y) + (1 - y_hat) * math.log(1 - y))
        slope = 0.01 * (y - y_hat)
        first, second = slope * w.item(0) * a1 * (1 - a1), slope * w.item(1) * a2 * (1 - a2)
        np.subtract(w, slope * a, out=w)
        np.subtract(w1, first * x, out=w1)
        np.subtract(w2, second * x, out=w2)
        b[0] -= slope
        b1[0] -= first
        b2[0] -= second
        return [np.array([y]), cost]

    return Ready(call, lambda: [w1, b1, w2, b2, w, b])


def sigmoid_in_place(z: Array) -> Array:
    """Replace z by 1 / (1 + exp(-z))."""
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


def mlp(data: Data) -> Ready:
    """W3: three layers of sigmoids, mean square error over the columns."""
    W1, b1, W2, b2, W3, b3 = parameters = [value.copy() for value in data.parameters.values()]
    batch = data.inputs[0].shape[1]
    a1, a2, d1, d2 = (np.empty((len(W2), batch), W2.dtype) for _ in range(4))
    g1, g2, g3 = np.empty_like(W1), np.empty_like(W2), np.empty_like(W3)

    def call(x: Array, y_hat: Array) -> Any:
        np.dot(W1, x, out=a1)
        np.add(a1, b1[:, None], out=a1)
        sigmoid_in_place(a1)
        np.dot(W2, a1, out=a2)
        np.add(a2, b2[:, None], out=a2)
        sigmoid_in_place(a2)
        y = sigmoid_in_place(np.dot(W3, a2) + b3[:, None])
        error = y - y_hat
        cost = np.vdot(error, error) / batch
        d3 = (2 / batch) * error * y * (1 - y)
        np.dot(d3, a2.T, out=g3)
        np.dot(W3.T, d3, out=d2)
        backward(d2, a2)
        np.dot(d2, a1.T, out=g2)
        np.dot(W2.T, d2, out=d1)
        backward(d1, a1)
        np.dot(d1, x.T, out=g1)
        for weight, bias, slope, delta in ((W1, b1, g1, d1), (W2, b2, g2, d2), (W3, b3, g3, d3)):
            np.multiply(slope, 0.01, out=slope)
            np.subtract(weight, slope, out=weight)
            bias -= 0.01 * delta.sum(axis=1)
        return cost

    return Ready(call, lambda: parameters)


def backward(delta: Array, a: Array) -> None:
    """Multiply delta by the slope a (1 - a) of a sigmoid, spoiling nothing else."""
    delta *= a
    delta *= 1 - a


def elementwise(data: Data) -> Ready:
    """W4: x sigmoid(x) + tanh(x)²/2 - exp(-x²)."""
    sigmoid, square = (np.empty(BLOCK, data.inputs[0].dtype) for _ in range(2))

    def call(x: Array) -> Array:
        result = np.empty_like(x)
        for start in range(0, len(x), BLOCK):
            v, y = x[start : start + BLOCK], result[start : start + BLOCK]
            s, e = sigmoid[: len(v)], square[: len(v)]
            np.negative(v, out=s)
            np.multiply(v, s, out=e)
            np.exp(s, out=s)
            s += 1
            np.divide(v, s, out=s)
            np.exp(e, out=e)
            np.tanh(v, out=y)
            y *= y
            y *= 0.5
            y += s
            y -= e
        return result

    return Ready(call)


def slope(data: Data) -> Ready:
    """W4g: its derivative, s + x s (1 - s) + t (1 - t²) + 2 x exp(-x²)."""
    sigmoid, tanh = (np.empty(BLOCK, data.inputs[0].dtype) for _ in range(2))

    def call(x: Array) -> Array:
        result = np.empty_like(x)
        for start in range(0, len(x), BLOCK):
            v, y = x[start : start + BLOCK], result[start : start + BLOCK]
            s, t = sigmoid[: len(v)], tanh[: len(v)]
            np.tanh(v, out=t)
            np.multiply(t, t, out=y)
            np.subtract(1, y, out=y)
            y *= t
            np.negative(v, out=s)
            np.multiply(v, s, out=t)
            np.exp(t, out=t)
            t *= v
            t *= 2
            y += t
            np.exp(s, out=s)
            s += 1
            np.reciprocal(s, out=s)
            np.subtract(1, s, out=t)
            t *= v
            t += 1
            t *= s
            y += t
        return result

    return Ready(call)


def logreg(data: Data) -> Ready:
    """W5: with logits z the cross-entropy is log(1 + exp(z)) - y z, and its slope p - y; exp is taken of -|z|, which cannot overflow."""
    w, b = data.parameters["w"].copy(), data.parameters["b"].copy()
    samples = len(data.inputs[1])

    def call(x: Array, y: Array) -> Any:
        nonlocal w, b
        z = x.dot(w) + b
        small = np.exp(-np.abs(z))
        p = np.where(z >= 0, 1, small) / (1 + small)
        mean = (np.maximum(z, 0) + np.log1p(small) - y * z).mean()
        delta = (p - y) * (0.1 / samples)
        w = w * 0.998 - delta.dot(x)  # 0.998 = 1 - 0.1 * 2 * 0.01
        b = b - delta.sum()
        return [z > 0, mean]

    return Ready(call, lambda: [w, b])


def mnist(data: Data) -> Ready:
    """W6: tanh, softmax, negative log-likelihood, and the penalties |W| + W²."""
    W1, b1, W2, b2 = parameters = [value.copy() for value in data.parameters.values()]
    batch = len(data.inputs[1])
    rows = np.arange(batch)
    g1, penalty = np.empty_like(W1), np.empty_like(W1)

    def call(x: Array, y: Array) -> Any:
        h = np.dot(x, W1)
        h += b1
        np.tanh(h, out=h)
        z = np.dot(h, W2)
        z += b2
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        total = p.sum(axis=1, keepdims=True)
        likelihood = (np.log(total[:, 0]) - z[rows, y]).mean()
        np.abs(W1, out=penalty)
        norms = penalty.sum() + np.vdot(W1, W1) + np.abs(W2).sum() + np.vdot(W2, W2)
        p /= total
        p[rows, y] -= 1
        p *= 0.01 / batch  # the rate of learning goes along from here
        g2 = np.dot(h.T, p)
        delta = np.dot(p, W2.T)
        h *= h
        delta *= 1 - h
        np.dot(x.T, delta, out=g1)
        np.sign(W1, out=penalty)
        np.multiply(penalty, 1e-6, out=penalty)
        np.add(g1, penalty, out=g1)
        np.multiply(W1, 1 - 2e-6, out=W1)
        np.subtract(W1, g1, out=W1)
        np.subtract(W2 * (1 - 2e-6), g2 + 1e-6 * np.sign(W2), out=W2)
        np.subtract(b1, delta.sum(axis=0), out=b1)
        np.subtract(b2, p.sum(axis=0), out=b2)
        return likelihood + 1e-4 * norms

    return Ready(call, lambda: parameters)


def product(data: Data) -> Ready:
    """W9: one matrix product."""
    return Ready(np.dot)


def chain(data: Data) -> Ready:
    """The chain: sin, *1.01, +0.1, tanh in turn; forward keeps what backward needs."""

    def call(x: Array) -> Array:
        kept, v = [], x
        for k in range(data.length):
            kind = k % 4
            if kind == 0:
                kept.append(v)
                v = np.sin(v)
            elif kind == 1:
                v = v * 1.01
            elif kind == 2:
                v = v + 0.1
            else:
                v = np.tanh(v)
                kept.append(v)
        slope = np.ones_like(x)
        for k in reversed(range(data.length)):
            kind = k % 4
            if kind == 0:
                slope *= np.cos(kept.pop())
            elif kind == 1:
                slope *= 1.01
            elif kind == 3:
                t = kept.pop()
                slope *= 1 - t * t
        return slope

    return Ready(call)
