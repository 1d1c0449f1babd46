"""A mean reads as a mean, and what only looks like one does not."""

from __future__ import annotations

import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.walk import leaves
from tensorlab.rewrite import simplified
from tensorlab.view.latex import latex
from tensorlab.view.mathml import markup, mathml

x, t = T.vectors("x", "t")
M = T.matrix("M")


@pytest.mark.parametrize("made, formula", [
    (x.mean(), r"\operatorname{mean}\left(x\right)"),
    (M.mean(), r"\operatorname{mean}\left(M\right)"),
    (M.mean(axis=0), r"\operatorname{mean}_{i}\left(M\right)"),
    (M - M.mean(axis=1, keepdims=True), r"M - \operatorname{mean}_{j}\left(M\right)"),
    (T.ivector("n").mean(), r"\operatorname{mean}\left(n\right)"),
    (T.mean(x > 0), r"\operatorname{mean}\left(\left[x > 0\right]\right)"),
    (T.mean((x - t) ** 2), r"\operatorname{mean}\left(\left(x - t\right)^{2}\right)"),
    (3 * x.mean() + 1, r"3\operatorname{mean}\left(x\right) + 1"),
    (M.var(axis=0), r"\operatorname{mean}_{i}\left(\left(M - \operatorname{mean}_{i}\left(M\right)\right) \odot "
                    r"\left(M - \operatorname{mean}_{i}\left(M\right)\right)\right)"),
])  # fmt: skip
def test_what_is_a_mean(made, formula):
    assert latex(made) == formula


@pytest.mark.parametrize("made", [
    x.sum() / 2, x.sum() / M.shape[0], M.sum(axis=0) / M.shape[1], M.sum() / M.shape[0], x.prod() / x.shape[0], x / x.shape[0],
    M.sum(axis=0) / (M.shape[0] * M.shape[0]), x.sum() / (x.shape[0] - 1), x.sum() / T.exp(x[:-1]).shape[0],
])  # fmt: skip
def test_what_is_none(made):
    assert "mean" not in latex(made)


def test_after_simplifying_for_reading():
    cost = T.mean((x - t) ** 2) / 2  # the length is now that of t, and the half stands above the bar
    (simple,) = simplified([cost])
    assert latex(simple) == r"0.5\operatorname{mean}\left(\left(x - t\right)^{2}\right)"
    (gradient,) = simplified([T.grad(cost, x)])
    assert latex(gradient) == r"\frac{x - t}{\operatorname{length}\left(x\right)}"


def test_only_one_of_two_sums_becomes_the_mean():
    assert latex(x.sum() * x.sum() / x.shape[0]) == r"\operatorname{mean}\left(x\right) \sum x"


def test_what_has_a_name_is_not_taken_apart():
    total = x.sum()
    total.name = "s"
    assert latex(total / x.shape[0]) == r"\frac{s}{\operatorname{length}\left(x\right)}"
    count = x.shape[0]
    count.name = "n"
    assert latex(x.sum() / count) == r"\frac{\sum x}{n}"


def test_in_mathml():
    assert markup(mathml(latex(M.mean(axis=0)))).count("<msub><mi>mean</mi><mi>i</mi></msub>") == 1


@pytest.mark.parametrize("made, text", [
    (x.mean(), "mean(x)"),
    (M.mean(axis=0), "mean(M, axis=(0,))"),
    (M - M.mean(axis=1, keepdims=True), "(M - mean(M, axis=(1,), keepdims=True))"),
    (3 * x.mean() + 1, "((3 * mean(x)) + 1)"),
    (M.mean(axis=0).dimshuffle("x", 0), "mean(M, axis=(0,)).dimshuffle('x', 0)"),
    (x.sum() * x.sum() / x.shape[0], "(mean(x) * sum(x))"),
    (T.mean((x - t) ** 2) / 2, "(mean(((x - t) ** 2)) / 2)"),
])  # fmt: skip
def test_as_text_that_can_be_typed_in(made, text):
    assert tl.pp(made) == text
    again = eval(text, {"x": x, "t": t, "M": M, "mean": T.mean, "sum": T.sum})
    assert again.type == made.type
    values = {x: [1.0, 3.0], t: [0.5, 2.0], M: [[1.0, 2.0], [4.0, 7.0]]}
    given = {symbol: values[symbol] for symbol in leaves([made]) if symbol in values}
    assert (again.eval(given) == made.eval(given)).all()


def test_a_compiled_function_is_written_as_it_is_computed():
    assert "mean" not in tl.pp(tl.function([x], x.mean())) and "sum(x)" in tl.pp(tl.function([x], x.mean()))


def test_a_derivative_is_written_without_the_casts_of_lengths():
    (gradient,) = simplified([T.grad(T.mean((x - t) ** 2) / 2, x)])
    assert tl.pp(gradient, reading=True) == "((x - t) / x.shape[0])" and "cast" in tl.pp(gradient)


def test_a_number_in_a_matrix_product_is_times_ones():
    """The derivative of the mean of XW by W is no multiple of X transposed: it has another shape."""
    X, W = T.matrices("X", "W")
    h = T.dot(X, W)
    h.name = "h"
    (gradient,) = simplified([T.grad(h.mean(), W)])
    assert latex(gradient).startswith(r"X^{\top} \frac{1}{") and latex(gradient).endswith(r"} \mathbf{1}")
    assert "cast" not in tl.pp(gradient, reading=True)
