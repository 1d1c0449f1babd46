"""A mean reads as a mean, and what only looks like one does not."""

from __future__ import annotations

import pytest

import tensorlab.tensor as T
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
