"""Costs of sigmoids, written by hand: finite and right at |z| = 800; and gradients as a person would write them."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import formula

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.ops.neural import Sigmoid, sigmoid
from tensorlab.rewrite import rewritten, simplified

MODES = pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
POINTS = np.array([-800.0, -40.0, -1.0, 0.0, 2.0, 40.0, 800.0])


def by_hand(z):
    return 1 / (1 + T.exp(-z))


@MODES
@pytest.mark.parametrize("make", [by_hand, sigmoid], ids=["by hand", "card"])
def test_cross_entropy_is_finite_and_right(make, mode):
    z, t = T.vectors("z", "t")
    y = make(z)
    cost = -t * T.log(y) - (1 - t) * T.log(1 - y)
    f = tl.function([z, t], cost, mode=mode)
    targets = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    exact = np.logaddexp(0, np.where(targets == 1, -POINTS, POINTS))
    assert np.allclose(f(POINTS, targets), exact, rtol=1e-14, atol=0)


@pytest.mark.parametrize("make", [by_hand, sigmoid], ids=["by hand", "card"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_gradient_of_cross_entropy_is_finite_and_right(make, dtype):
    z, t = T.vector("z", dtype=dtype), T.vector("t", dtype=dtype)
    y = make(z)
    cost = T.sum(-t * T.log(y) - (1 - t) * T.log(1 - y))
    gradient = tl.function([z, t], T.grad(cost, z))
    targets = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0], dtype)
    with np.errstate(over="ignore"):
        exact = 1 / (1 + np.exp(-POINTS)) - targets.astype("float64")
    result = gradient(POINTS.astype(dtype), targets)
    assert result.dtype == dtype
    assert np.allclose(result, exact, rtol=0, atol=1e-6 if dtype == "float32" else 1e-15)


def test_the_derivative_of_a_sigmoid_by_hand_is_finite():
    z = T.vector("z")
    slope = tl.function([z], T.grad(by_hand(z).sum(), z))(POINTS)
    e = np.exp(-np.abs(POINTS))
    assert np.allclose(slope, e / (1 + e) ** 2, rtol=1e-13, atol=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: 1 / (1 + T.exp(-x)),
        lambda x: 1 / (T.exp(-x) + 1),
        lambda x: np.float32(1) / (T.exp(-x) + np.float32(1)),
        lambda x: T.exp(x) / (1 + T.exp(x)),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_sigmoid_is_recognized(make, dtype):
    x = T.vector("x", dtype=dtype)
    (done,) = rewritten([make(x)]).outputs
    assert isinstance(done.op, Sigmoid) and done.inputs == (x,) and done.type.dtype == dtype


@pytest.mark.parametrize("number", [0.0, 2.0, 1.0000001, -1.0])
def test_only_the_number_one_makes_a_sigmoid(number):
    """Theano once took 1 / (exp(-x) + c) for a sigmoid for any c."""
    x = T.vector("x")
    f = tl.function([x], 1 / (T.exp(-x) + number))
    assert not any(isinstance(step.node.op, Sigmoid) for step in f.stages.program.steps)
    assert np.allclose(f([0.5, 1.0]), 1 / (np.exp([-0.5, -1.0]) + number))


def test_gradients_read_as_a_person_would_write_them():
    x = T.scalar("x")
    assert formula(simplified([T.grad(x**2, x)])[0]) == "(2 * x)"
    assert formula(rewritten([T.grad(x**2, x)]).outputs[0]) == "(2 * x)"
    assert formula(simplified([T.grad(x**3, x)])[0]) == "(3 * sqr(x))"
    assert formula(simplified([T.grad(T.grad(x**3, x), x)])[0]) == "(6 * x)"
    assert formula(simplified([T.grad(T.exp(x) / x, x)])[0]) in ("((exp(x) / x) - (exp(x) / sqr(x)))",)
    assert formula(simplified([T.grad(x * T.log(x), x)])[0]) in ("(log(x) + 1)", "(1 + log(x))")


def test_the_gradient_of_the_neuron_reads_as_on_the_board():
    w, x = T.vectors("w", "x")
    b, t = T.scalars("b", "t")
    z = T.dot(w, x) + b
    y = 1 / (1 + T.exp(-z))
    dw, db = T.grad(T.sum((y - t) ** 2), [w, b])
    s = "sigmoid((dot(w, x) + b))"
    assert formula(simplified([db])[0]) == f"(((2 * {s}) * (1 - {s})) * ({s} - t))"
    assert formula(simplified([dw])[0]) == f"((((2 * {s}) * (1 - {s})) * ({s} - t)) * x)"


def test_the_gradient_of_cross_entropy_reads_as_on_the_board():
    z, t = T.scalars("z", "t")
    y = 1 / (1 + T.exp(-z))
    (done,) = simplified([T.grad(-t * T.log(y) - (1 - t) * T.log(1 - y), z)])
    assert formula(done) == "(sigmoid(z) - t)"


def test_matrix_gradients_read_without_arrays_of_ones():
    a, b = T.matrices("a", "b")
    assert formula(simplified([T.grad(T.sum(a * b), a)])[0]) == "b"
    assert formula(simplified([T.grad(T.sum((a - b) ** 2), b)])[0]) in ("(2 * (b - a))",)
    assert formula(simplified([T.grad(T.sum(T.dot(a, b) ** 2), a)])[0]) == "(2 * dot(dot(a, b), dim_shuffle(b)))"


def test_named_nodes_stay_recognizable():
    x, t = T.scalars("x", "t")
    y = T.exp(2 * x)
    y.name = "y"
    (done,) = simplified([T.grad(3 * (y - t) ** 2, x)])
    assert any(node.name == "y" for node in tl.graph.walk.ancestors([done]))
    p, q = x * t, t * x
    p.name, q.name = "p", "q"
    assert {node.name for node in tl.graph.walk.ancestors(simplified([p + q * 1 + p * q]))} >= {"p"}


def test_softmax_written_out_does_not_overflow():
    scores = T.matrix("scores")
    weights = T.exp(scores)
    f = tl.function([scores], weights / weights.sum(axis=-1, keepdims=True))
    assert np.allclose(f([[1000.0, 0.0], [0.0, 0.0]]), [[1.0, 0.0], [0.5, 0.5]])
    g = tl.function([scores], T.log(T.nnet.softmax(scores)[T.arange(2), [1, 0]]))
    assert np.allclose(g([[1000.0, 0.0], [0.0, 0.0]]), [-1000.0, -np.log(2)])


def test_the_gradient_of_logistic_regression_stays_finite():
    """The 1/n of the mean stood below the line of both terms, and kept their denominators from meeting the sigmoid."""
    X, w, t = T.matrix("X"), T.vector("w"), T.vector("t")
    cost = T.mean(T.nnet.binary_crossentropy(1 / (1 + T.exp(-T.dot(X, w))), t))
    slope = tl.function([X, w, t], T.grad(cost, w))
    assert np.allclose(slope([[800.0], [-800.0]], [1.0], [0.0, 1.0]), [800.0])
