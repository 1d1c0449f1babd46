"""What `simplified` shows reads as a person would write it, and means the same."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import formula, run, values

import tensorlab as tl
from tensorlab import tensor as T
from tensorlab.graph.node import Constant
from tensorlab.graph.walk import ancestors
from tensorlab.rewrite import simplified

v, w, b, x = T.vectors("v", "w", "b", "x")
A, B, W, W1, W2, X, Y = (T.matrix(name) for name in ("A", "B", "W", "W1", "W2", "X", "Y"))
c, t = T.scalars("c", "t")
hidden = T.nnet.sigmoid(T.dot(X, W1) + b)
out = T.nnet.sigmoid(T.dot(hidden, W2))
rows = T.nnet.sigmoid(T.dot(X, w) + c)
neuron = 1 / (1 + T.exp(-(T.dot(w, x) + c)))
named = 1 / (1 + T.exp(-(T.dot(w, x) + c)))
named.name = "y"
softmax = T.nnet.softmax(T.dot(X, W) + b)

GRADIENTS = {
    "fill(v, 2)": ((v * 2).sum(), v),
    "fill(v, 6)": ((2 * v).sum() * 3, v),
    "w": (T.sum(v * w), v),
    "(2 * v)": ((v**2).sum(), v),
    "(v / sqrt(sum(sqr(v))))": ((v**2).sum() ** 0.5, v),
    "((((2 * y) * (1 - y)) * (y - t)) * x)": (T.sum((named - t) ** 2), w),
    "(((2 * y) * (1 - y)) * (y - t))": (T.sum((named - t) ** 2), c),
    "(B / cast((A.shape[0] * A.shape[1]), to='float64'))": (T.mean(A * B), A),
    "((2 * A) / cast((A.shape[0] * A.shape[1]), to='float64'))": (T.mean(A**2), A),
    "(1 - sqr(tanh((dot(W, x) + b))))": (T.sum(T.tanh(T.dot(W, x) + b)), b),
    "((1 - sqr(tanh((dot(W, x) + b)))).dimshuffle(0, 'x') * x)": (T.sum(T.tanh(T.dot(W, x) + b)), W),
    "(dot((sigmoid((dot(X, w) + c)) - v), X) / cast(v.shape[0], to='float64'))": (T.mean(T.nnet.binary_crossentropy(rows, v)), w),
    "fill(v, sum(w))": (T.sum(T.outer(v, w)), v),
    "sum(((sum(Y, axis=(1,)).dimshuffle(0, 'x') * softmax((dot(X, W) + b))) - Y), axis=(0,))": (-T.sum(Y * T.log(softmax)), b),
}


@pytest.mark.parametrize("expected", GRADIENTS)
def test_gradients_read_as_a_person_would_write_them(expected):
    cost, by = GRADIENTS[expected]
    assert tl.pp(simplified([T.grad(cost, by)])[0]) == expected


COSTS = [*GRADIENTS.values(), *((T.mean((out - Y) ** 2), by) for by in (W1, b, W2)), (T.sum((neuron - t) ** 2), w)]


@pytest.mark.parametrize("position", range(len(COSTS)))
def test_what_is_shown_has_the_value_of_what_it_stands_for(position):
    cost, by = COSTS[position]
    raw = T.grad(cost, by)
    (shown,) = simplified([raw])
    random = np.random.RandomState(position)
    symbols = [node for node in ancestors([raw]) if node.op is None and not isinstance(node, Constant)]
    given = {each: random.uniform(0.1, 0.9, value.shape) for each, value in values(symbols, random).items()}
    (old,), (new,) = run([raw], given), run([shown], given)
    assert old.shape == new.shape and old.dtype == new.dtype
    assert np.allclose(old, new, rtol=1e-12, atol=1e-14)


def test_the_gradient_of_two_layers_is_a_flat_product():
    (shown,) = simplified([T.grad(T.sum((out - Y) ** 2), W2)])
    h, o = formula(hidden), formula(out)
    assert formula(shown) == f"(2 * dot(dim_shuffle({h}), (({o} * (1 - {o})) * ({o} - Y))))"


def test_a_scalar_above_the_line_leaves_the_sum_and_the_one_that_is_left_stays():
    s = T.scalar("s")
    assert formula(simplified([(s / v).sum()])[0]) == "(s * sum((1 / v)))"
    assert formula(simplified([(3 / v).sum() / s])[0]) == "((3 * sum((1 / v))) / s)"


def test_simplified_twice_is_simplified_once():
    for cost, by in COSTS:
        (once,) = simplified([T.grad(cost, by)])
        assert formula(simplified([once])[0]) == formula(once)


LINKS = [lambda e, i: e * x, lambda e, i: (e * (x - i)) * T.exp(x + i), lambda e, i: x * e, lambda e, i: e / (x + i)]


@pytest.mark.parametrize("link", LINKS)
def test_work_grows_no_faster_than_the_graph(link):
    from tensorlab.rewrite.context import Context
    from tensorlab.rewrite.engine import Engine
    from tensorlab.rewrite.passes import FOR_DISPLAY

    def firings(length: int) -> int:
        chain: tl.graph.node.Node = v
        for number in range(length):
            chain = link(chain, number + 2)
        count, found = 0, [chain]
        for rule_sets in FOR_DISPLAY:
            engine = Engine(rule_sets, Context(for_display=True))
            found = engine.run(found)
            count += len(engine.history)
        return count

    assert firings(400) <= 2.5 * firings(200) + 50
