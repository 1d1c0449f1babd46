"""The workloads as a student writes them in the manner of Theano: one spelling, compiled by tensorlab and by PyTensor.

Each function gets the library, its namespace `T` and the data, writes the graph, and returns what `function` is to be called with.
`floatX` is the dtype of the data when they are called.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..workloads import Data


class Written(NamedTuple):
    """A finished graph: inputs, outputs and updates; the shared variables in the order of `Data.parameters`."""

    inputs: list[Any]
    outputs: Any
    updates: list[tuple[Any, Any]]
    parameters: list[Any]


def MyUpdate(parameters: list[Any], gradients: list[Any], mu: float) -> list[tuple[Any, Any]]:
    """Write one step of gradient descent, as on the slides."""
    return [(p, p - mu * g) for p, g in zip(parameters, gradients)]


def neuron(theano: Any, T: Any, data: Data) -> Written:
    """W1."""
    x = T.vector("x")
    w, b = parameters = [theano.shared(value, name) for name, value in data.parameters.items()]

    z = T.dot(w, x) + b
    y = 1 / (1 + T.exp(-z))

    y_hat = T.scalar("y_hat")
    cost = T.sum((y - y_hat) ** 2)
    return Written([x, y_hat], cost, MyUpdate(parameters, T.grad(cost, parameters), 0.1), parameters)


def xor(theano: Any, T: Any, data: Data) -> Written:
    """W2: the lines of the slides."""
    x = T.vector()
    w1, b1, w2, b2, w, b = parameters = [theano.shared(value, name) for name, value in data.parameters.items()]

    a1 = 1 / (1 + T.exp(-1 * (T.dot(w1, x) + b1)))
    a2 = 1 / (1 + T.exp(-1 * (T.dot(w2, x) + b2)))
    y = 1 / (1 + T.exp(-1 * (T.dot(w, [a1, a2]) + b)))

    y_hat = T.scalar()
    cost = -(y_hat * T.log(y) + (1 - y_hat) * T.log(1 - y)).sum()

    dw, db, dw1, db1, dw2, db2 = T.grad(cost, [w, b, w1, b1, w2, b2])
    return Written([x, y_hat], [y, cost], MyUpdate([w, b, w1, b1, w2, b2], [dw, db, dw1, db1, dw2, db2], 0.01), parameters)


def mlp(theano: Any, T: Any, data: Data) -> Written:
    """W3: the network of the slides."""
    x, y_hat = T.matrix("input"), T.matrix("reference")
    W1, b1, W2, b2, W3, b3 = parameters = [theano.shared(value, name) for name, value in data.parameters.items()]
    batch_size = data.inputs[0].shape[1]

    z1 = T.dot(W1, x) + b1.dimshuffle(0, "x")
    a1 = 1 / (1 + T.exp(-z1))
    z2 = T.dot(W2, a1) + b2.dimshuffle(0, "x")
    a2 = 1 / (1 + T.exp(-z2))
    z3 = T.dot(W3, a2) + b3.dimshuffle(0, "x")
    y = 1 / (1 + T.exp(-z3))

    cost = T.sum((y - y_hat) ** 2) / batch_size
    return Written([x, y_hat], cost, MyUpdate(parameters, T.grad(cost, parameters), 0.01), parameters)


def curve(T: Any, x: Any) -> Any:
    """W4, of which W4g is the derivative; `T.sigmoid` is written out, as the slides do."""
    return x * (1 / (1 + T.exp(-x))) + 0.5 * T.tanh(x) ** 2 - T.exp(-x * x)


def elementwise(theano: Any, T: Any, data: Data) -> Written:
    """W4."""
    x = T.vector("x")
    return Written([x], curve(T, x), [], [])


def slope(theano: Any, T: Any, data: Data) -> Written:
    """W4g."""
    x = T.vector("x")
    return Written([x], T.grad(T.sum(curve(T, x)), x), [], [])


def logreg(theano: Any, T: Any, data: Data) -> Written:
    """W5: Theano's tutorial."""
    x, y = T.matrix("x"), T.vector("y")
    w, b = parameters = [theano.shared(value, name) for name, value in data.parameters.items()]

    p_1 = 1 / (1 + T.exp(-T.dot(x, w) - b))
    prediction = p_1 > 0.5
    xent = -y * T.log(p_1) - (1 - y) * T.log(1 - p_1)
    cost = xent.mean() + 0.01 * (w**2).sum()
    return Written([x, y], [prediction, xent.mean()], MyUpdate(parameters, T.grad(cost, parameters), 0.1), parameters)


def mnist(theano: Any, T: Any, data: Data) -> Written:
    """W6: the multilayer perceptron of the deep learning tutorials."""
    x, y = T.matrix("x"), T.lvector("y")
    W1, b1, W2, b2 = parameters = [theano.shared(value, name) for name, value in data.parameters.items()]

    hidden = T.tanh(T.dot(x, W1) + b1)
    p_y_given_x = T.nnet.softmax(T.dot(hidden, W2) + b2)
    likelihood = -T.mean(T.log(p_y_given_x)[T.arange(y.shape[0]), y])
    L1 = abs(W1).sum() + abs(W2).sum()
    L2_sqr = (W1**2).sum() + (W2**2).sum()
    cost = likelihood + 0.0001 * (L1 + L2_sqr)
    return Written([x, y], cost, MyUpdate(parameters, T.grad(cost, parameters), 0.01), parameters)


def product(theano: Any, T: Any, data: Data) -> Written:
    """W9."""
    x, y = T.matrix("x"), T.matrix("y")
    return Written([x, y], T.dot(x, y), [], [])


def chain(theano: Any, T: Any, data: Data) -> Written:
    """The chain."""
    x = T.vector("x")
    value = x
    for k in range(data.length):
        kind = k % 4
        if kind == 0:
            value = T.sin(value)
        elif kind == 1:
            value = value * 1.01
        elif kind == 2:
            value = value + 0.1
        else:
            value = T.tanh(value)
    return Written([x], T.grad(T.sum(value), x), [], [])
