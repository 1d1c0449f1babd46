"""Parts of arrays, read and written: less is computed, and what raised goes on raising."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import formula, run, text

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import TensorlabError
from tensorlab.graph.node import Node
from tensorlab.graph.walk import ancestors
from tensorlab.ops.assigning import Assignment
from tensorlab.ops.filling import Alloc
from tensorlab.ops.products import Dot
from tensorlab.ops.reductions import Sum
from tensorlab.ops.stacking import Stack
from tensorlab.rewrite import rewritten


def done(*outputs):
    return rewritten(outputs).outputs[0]


def has(card, *outputs):
    return any(isinstance(node.op, card) for node in ancestors(outputs))


x, y = T.vectors("x", "y")
m = T.matrix("m")
known = T.tensor("float64", (4,), name="known")
a, b, i = T.scalar("a"), T.scalar("b"), T.lscalar("i")

FORMS = {
    "x[:]": (lambda: x[:], "x"),
    "a part of a part": (lambda: x[2:][1:5][0], "subtensor(x)"),
    "backwards twice": (lambda: x[::-1][::-1], "x"),
    "backwards, the first": (lambda: x[::-1][0], "subtensor(x)"),
    "one element of a sum of multiples": (lambda: (2 * x + T.exp(x))[3], "((2 * subtensor(x)) + exp(subtensor(x)))"),
    "one of a list": (lambda: T.stack([a, b])[1], "b"),
    "one of a list, backwards": (lambda: T.stack([a, b, a * 2])[::-1][0], "(2 * a)"),
    "a list taken apart by its gradient": (lambda: T.grad((T.stack([a, b]) * known[:2]).sum(), b), "subtensor(known)"),
    "a part of what was joined": (lambda: T.concatenate([known, known * 2])[5], "(2 * subtensor(known))"),
    "a row of the transpose": (lambda: m.T[0], "subtensor(m)"),
    "a row of an outer product": (lambda: T.outer(x, y)[2], "(subtensor(x) * y)"),
    "what was put": (lambda: T.set_subtensor(x[1], a)[1], "fill(subtensor(x), a)"),
    "what was added": (lambda: T.inc_subtensor(x[1], a)[1], "(subtensor(x) + a)"),
    "put everywhere": (lambda: T.set_subtensor(x[:], a), "fill(x, a)"),
    "added everywhere": (lambda: T.inc_subtensor(x[:], a), "(x + a)"),
    "every row": (lambda: m[T.arange(m.shape[0])], "m"),
    "zeros of a length": (lambda: T.zeros(5)[2], "0"),
    "the shape of a transpose": (lambda: m.T.shape[0], "axis_length(m)"),
    "the length of sums": (lambda: m.sum(1).shape[0], "axis_length(m)"),
    "a reshape and back": (lambda: m.flatten().reshape(m.shape), "m"),
    "largest of largest": (lambda: m.max(0).max(), "max(m)"),
    "the sum of a transpose": (lambda: m.T.sum(), "sum(m)"),
    "a dead branch": (lambda: tl.ifelse(0, m, m.T), "dim_shuffle(m)"),
    "a choice already made": (lambda: T.switch(x > 0, T.switch(x > 0, x, -x), 1.0), "switch((x > 0), x, 1)"),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_is_left(name):
    make, expected = FORMS[name]
    assert formula(done(make())) == expected


def test_a_gradient_of_one_element_makes_no_array_of_its_own():
    gradient = T.grad(x[2] ** 2 + x[0] * a, x)
    updated = done(x - 0.1 * gradient)
    assert formula(updated).startswith("inc_subtensor(inc_subtensor(x, ")
    assert not has(Alloc, updated) and not formula(updated).count("fill")
    given = {x: np.array([1.0, 2.0, 3.0]), a: np.array(5.0)}
    np.testing.assert_allclose(run([updated], given)[0], [0.5, 2.0, 2.4])


def test_an_embedding_is_updated_where_rows_are_named_once():
    w, g = T.matrix("w"), T.matrix("g")
    step = w - 0.1 * T.grad((w[[0, 3]] * g).sum(), w)
    (updated,) = rewritten([step]).outputs
    assert isinstance(updated.op, Assignment) and updated.inputs[0] is w
    twice = done(w - 0.1 * T.grad((w[[3, 3]] * g).sum(), w))
    assert not (isinstance(twice.op, Assignment) and twice.inputs[0] is w), "what is added twice is added up first"
    given = {w: np.arange(8.0).reshape(4, 2), g: np.ones((2, 2))}
    for graph, new in ((step, updated), (w - 0.1 * T.grad((w[[3, 3]] * g).sum(), w), twice)):
        np.testing.assert_allclose(run([new], given)[0], run([graph], given)[0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: T.stack([x, y])[0],
        lambda: (x * y)[0],
        lambda: (x * y)[0] * 0,
        lambda: T.stack([T.dot(x, y), a])[1],
        lambda: T.concatenate([m, m * y])[0],
        lambda: T.set_subtensor(x[:], y),
        lambda: T.set_subtensor(x[1:], y[1:])[1:],
        lambda: T.inc_subtensor(T.zeros_like(x)[:], y) + x,
        lambda: T.set_subtensor(T.set_subtensor(x[:2], y[:3])[:2], 1.0),
        lambda: (x + y).reshape((x + y).shape),
        lambda: T.fill(x + y, 1.0)[0],
    ],
)
def test_lengths_that_do_not_fit_still_raise(make):
    graph = make()
    result = done(graph)
    given = {x: np.ones(4), y: np.ones(3), m: np.ones((2, 4)), a: np.array(1.0)}
    for each in (graph, result):
        with pytest.raises(TensorlabError):
            run([each], given)


@pytest.mark.parametrize(
    "make",
    [
        lambda: T.exp(x)[9],
        lambda: T.fill(x, 1.0)[9],
        lambda: x[1:][9],
        lambda: x[::-1][9],
        lambda: T.set_subtensor(x[9], 1.0)[9],
        lambda: x + T.inc_subtensor(T.zeros_like(x)[9], 1.0),
        lambda: 0 * T.inc_subtensor(T.zeros_like(x)[9], 1.0),
        lambda: T.inc_subtensor(x[9], 0.0),
        lambda: T.set_subtensor(x[9], x[9]),
        lambda: x - 0.1 * T.grad(x[9], x),
        lambda: T.log(T.nnet.softmax(m)[[9], [0]]),
        lambda: m.T[9],
    ],
)
def test_positions_that_do_not_exist_still_raise(make):
    graph = make()
    given = {x: np.ones(4), m: np.ones((2, 4))}
    for each in (graph, done(graph)):
        with pytest.raises((IndexError, TensorlabError)):
            run([each], given)


def test_a_symbolic_position_is_left_to_the_run():
    graph = T.exp(x)[i] + T.exp(x)[1:][i]
    given = {x: np.arange(4.0), i: np.array(-1)}
    np.testing.assert_allclose(run([done(graph)], given), run([graph], given))


def entry(random):
    cuts = [(None,), (1, None), (None, 2), (None, None, -1), (0, 1), (3, 0, -2)]
    entries = [0, 1, -1, 2, None, *[slice(*each) for each in cuts]]
    return entries[random.randint(len(entries))]


STEPS = [
    *[lambda u, v, r: u[tuple(entry(r) for _ in range(r.randint(1, max(u.ndim, 1) + 1)))]] * 5,
    lambda u, v, r: T.stack([u, v], axis=r.randint(u.ndim + 1)),
    lambda u, v, r: T.concatenate([u, v], axis=r.randint(max(u.ndim, 1))),
    lambda u, v, r: u.T,
    lambda u, v, r: u.dimshuffle(*range(u.ndim), "x"),
    lambda u, v, r: u * v,
    lambda u, v, r: T.exp(u * 0.1) - v,
    lambda u, v, r: T.fill(u, 2.0),
    lambda u, v, r: T.set_subtensor(u[entry(r)], r.randint(2)),
    lambda u, v, r: T.inc_subtensor(u[entry(r)], r.randint(3)),
    lambda u, v, r: T.zeros_like(u) + v,
    lambda u, v, r: (T.sum, T.max, T.prod)[r.randint(3)](u, axis=(None, 0)[r.randint(2)]),
    lambda u, v, r: u.flatten().reshape(u.shape),
    lambda u, v, r: T.zeros((u.shape[0], 3)),
]


def random_expression(random):
    """A random expression of parts, by ten steps; those that have no meaning are left out."""
    pool: list[Node] = [m, y, T.constant(np.arange(12.0).reshape(3, 4)), a]
    for _ in range(10):
        u, v = (pool[random.randint(len(pool))] for _ in "uv")
        try:
            pool.append(STEPS[random.randint(len(STEPS))](u, v, random))
        except (TensorlabError, IndexError, TypeError):
            continue
    return pool[-1]


@pytest.mark.parametrize("seed", range(60))
def test_random_parts_mean_the_same_and_fail_alike(seed):
    random = np.random.RandomState(seed)
    outputs = [random_expression(random)]
    if seed % 2:
        try:
            outputs += T.grad(outputs[0].sum(), [m, y], disconnected_inputs="ignore")
        except TensorlabError:
            outputs = outputs[:1]  # lengths that are known to clash, which the gradient finds first
    new = rewritten(outputs).outputs
    for rows, columns in ((3, 4), (2, 4), (1, 3), (0, 4), (3, 0)):
        given = {m: random.randint(-2, 3, (rows, columns)) * 1.0, y: random.randint(-2, 3, columns) * 1.0, a: np.array(2.0)}
        try:
            old = run(outputs, given)
        except (TensorlabError, IndexError, ValueError):
            with pytest.raises((TensorlabError, IndexError, ValueError)):
                run(new, given)
            continue
        for one, other in zip(old, run(new, given)):
            assert one.shape == other.shape and one.dtype == other.dtype
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12, err_msg=text(*new))


def test_the_cards_named_here_exist():
    assert has(Stack, T.stack([x, x])) and has(Dot, T.dot(x, y)) and has(Sum, x.sum())
