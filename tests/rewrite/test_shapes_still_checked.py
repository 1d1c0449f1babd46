"""Lengths that do not fit raise after rewriting too, and gradients lose the arrays of ones that they do not need."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import formula

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.rewrite import rewritten


@pytest.mark.parametrize(
    "make",
    [
        lambda v, w: v + np.zeros(3),
        lambda v, w: v * np.ones(3),
        lambda v, w: (v + w) * 0,
        lambda v, w: (v - w) - (v - w),
        lambda v, w: (v * w) / w,
        lambda v, w: T.fill(v, 1.0) * w,
        lambda v, w: T.switch(True, v, w),
        lambda v, w: T.switch(w, v, v),
        lambda v, w: (v + w) ** 0,
        lambda v, w: T.dot(v, w) * 0,
        lambda v, w: T.fill(v + w, 2.0).sum(),
        lambda v, w: T.log(T.exp(v + w)),
        lambda v, w: v * 0 + w * 0,
        lambda v, w: (v + w).shape,
        lambda v, w: T.zeros_like(v) + T.ones_like(w),
        lambda v, w: T.sum(v * w * 0),
        lambda v, w: (v / w) * 0 * T.dot(v, w),
    ],
)
def test_lengths_that_do_not_fit_still_raise(make):
    """Theano returned v for v + zeros(3) with a v of length 2: nothing checked shapes that its optimizer removed."""
    v, w = T.vectors("v", "w")
    f = tl.function([v, w], make(v, w), on_unused_input="ignore")
    f([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    with pytest.raises(tl.graph.errors.ShapeError):
        f([1.0, 2.0], [1.0, 2.0, 3.0])


def test_a_fill_is_cut_where_the_shape_is_there_anyway():
    a, b = T.matrices("a", "b")
    gradient = T.grad(T.sum((a - b) ** 2), a)
    assert formula(rewritten([gradient]).outputs[0]) == "(2 * (a - b))"
    gradient = T.grad(T.sum(a * b), a)
    assert formula(rewritten([gradient]).outputs[0]) == "fill(a, b)", "which computes nothing, but checks that a and b have one shape"
    assert formula(rewritten([T.grad(T.sum(a * b), a), T.grad(T.sum(a * b), b)]).outputs[1]) == "fill(b, a)"


def test_a_fill_that_gives_the_shape_stays():
    a, v = T.matrix("a"), T.vector("v")
    f = tl.function([a, v], T.grad(T.sum(a + v), [a, v]))
    da, dv = f(np.zeros((2, 3)), np.zeros(3))
    assert np.array_equal(da, np.ones((2, 3))) and np.array_equal(dv, np.full(3, 2.0))


def test_a_scalar_that_stretches_does_not_give_its_shape():
    a, s = T.matrix("a"), T.scalar("s")
    f = tl.function([a, s], T.grad(T.sum(a * s), [a, s]))
    da, ds = f([[1.0, 2.0]], 3.0)
    assert np.array_equal(da, [[3.0, 3.0]]) and ds == 3.0


def test_results_keep_their_shape_where_a_number_would_do():
    v = T.vector("v")
    for graph, value in ((v * 0, 0.0), (v - v, 0.0), (v / v, 1.0), (v**0, 1.0), (0 / v, 0.0)):
        assert np.array_equal(tl.function([v], graph)([1.0, 2.0]), [value, value])


def test_rows_and_columns_stretch_as_before():
    row, col = T.row("row"), T.col("col")
    f = tl.function([row, col], [row * 0 + col, (row + col) - (row + col), T.fill(row, 1.0) * col])
    for result in f([[1.0, 2.0, 3.0]], [[1.0], [2.0]]):
        assert result.shape == (2, 3)
