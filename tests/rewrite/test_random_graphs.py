"""Random graphs, rewritten and not: where all arithmetic is exact the results are equal to the last bit, elsewhere close."""

from __future__ import annotations

import numpy as np
from graphs import formula, run
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab.tensor as T
from tensorlab.graph.convert import as_node
from tensorlab.graph.errors import ShapeError
from tensorlab.graph.node import Node
from tensorlab.ops.arithmetic import abs_, add, mul, neg, sqr, sub, true_div
from tensorlab.ops.choices import cast, fill, maximum, minimum, switch
from tensorlab.ops.functions import exp, log
from tensorlab.ops.neural import sigmoid
from tensorlab.rewrite import rewritten, simplified

NUMBERS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0)
EXACT = {
    1: (neg, abs_, sqr, lambda x: x * 2, lambda x: x / 2, lambda x: x**2, lambda x: x.sum(), lambda x: cast(cast(x, "float64"), "float64")),
    2: (add, sub, mul, maximum, minimum, fill, lambda x, y: switch(x > y, x, y), lambda x, y: switch(x, y, 0)),
}
ROUNDED = {1: (*EXACT[1], exp, log, sigmoid, lambda x: 1 / (1 + exp(-x))), 2: (*EXACT[2], true_div)}


@st.composite
def graphs(draw, ops, dtype="float64", steps=8):
    """A graph over a matrix, a vector and a scalar, as (symbols, node)."""
    symbols = [T.matrix("m", dtype=dtype), T.vector("v", dtype=dtype), T.scalar("s", dtype=dtype)]
    pool: list[Node] = list(symbols)
    for _ in range(draw(st.integers(2, steps))):
        arity = draw(st.integers(1, 2))
        op = draw(st.sampled_from(ops[arity]))
        operands = [draw(st.one_of(st.sampled_from(pool[-4:]), st.sampled_from(pool), st.sampled_from(NUMBERS))) for _ in range(arity)]
        if not any(isinstance(each, Node) for each in operands):
            operands[0] = pool[-1]
        pool.append(op(*[as_node(each, dtype) for each in operands]))
    return symbols, pool[-1]


def inputs(symbols, seed, rows=2, columns=3):
    random = np.random.RandomState(seed)
    shapes = [(rows, columns), (columns,), ()]
    return {each: np.asarray(random.randint(-2, 3, shape), each.type.dtype) for each, shape in zip(symbols, shapes)}


@settings(max_examples=150, deadline=None)
@given(graphs(EXACT, steps=7), st.integers(0, 10**6))
def test_exact_graphs_give_the_same_bits(graph, seed):
    symbols, node = graph
    given_values = inputs(symbols, seed)
    (old,) = run([node], given_values)
    (new,) = run(rewritten([node]).outputs, given_values)
    assert new.dtype == old.dtype and new.shape == old.shape
    assert np.array_equal(new, old), (formula(node), formula(rewritten([node]).outputs[0]))


@settings(max_examples=60, deadline=None)
@given(graphs(EXACT, dtype="int8", steps=7), st.integers(0, 10**6))
def test_whole_numbers_give_the_same_bits(graph, seed):
    symbols, node = graph
    given_values = inputs(symbols, seed)
    (old,) = run([node], given_values)
    (new,) = run(rewritten([node]).outputs, given_values)
    assert new.dtype == old.dtype and np.array_equal(new, old, equal_nan=new.dtype.kind == "f"), formula(node)


@settings(max_examples=100, deadline=None)
@given(graphs(ROUNDED, steps=6), st.integers(0, 10**6))
def test_rounded_graphs_stay_close(graph, seed):
    symbols, node = graph
    given_values = inputs(symbols, seed)
    (old,) = run([node], given_values)
    for done in (rewritten([node]).outputs, rewritten([node], "FAST_COMPILE").outputs, simplified([node])):
        (new,) = run(done, given_values)
        finite = np.isfinite(old) & (np.abs(old) < 1e100)
        assert new.shape == old.shape
        assert np.allclose(new[finite], old[finite], rtol=1e-7, atol=1e-7), (formula(node), formula(done[0]))


@settings(max_examples=60, deadline=None)
@given(graphs(EXACT, steps=5), st.integers(0, 10**6))
def test_gradients_stay_close(graph, seed):
    symbols, node = graph
    gradients = T.grad(node.sum(), symbols, disconnected_inputs="ignore")
    given_values = inputs(symbols, seed)
    for old, new in zip(run(gradients, given_values), run(rewritten(gradients).outputs, given_values)):
        assert old.shape == new.shape and old.dtype == new.dtype
        assert np.allclose(old, new, rtol=1e-10, atol=1e-10, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(graphs({1: EXACT[1], 2: EXACT[2][:6]}, steps=6), st.integers(0, 10**6))
def test_lengths_that_do_not_fit_still_raise(graph, seed):
    symbols, node = graph
    given_values = inputs(symbols, seed)
    given_values[symbols[1]] = np.ones(2)
    done = rewritten([node]).outputs
    try:
        (old,) = run([node], given_values)
    except ShapeError:
        try:
            run(done, given_values)
        except ShapeError:
            return
        raise AssertionError(f"{formula(node)} raises, {formula(done[0])} does not") from None
    (new,) = run(done, given_values)
    assert np.array_equal(new, old)
