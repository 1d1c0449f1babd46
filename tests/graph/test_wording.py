"""What a node without a name is called in a message."""

from __future__ import annotations

import pytest

import tensorlab.tensor as T
from tensorlab.graph.wording import LONGEST, short_text

x, y, w, b = T.vector("x"), T.vector("y"), T.matrix("w"), T.vector("b")

TEXTS = [
    (lambda: x > 0, "x > 0"),
    (lambda: T.dot(w, x) + b, "dot(w, x) + b"),
    (lambda: (x + y) * 2, "(x + y) * 2"),
    (lambda: x + y * 2, "x + y * 2"),
    (lambda: x - (y - b), "x - (y - b)"),
    (lambda: x - y - b, "x - y - b"),
    (lambda: x / (y * b), "x / (y * b)"),
    (lambda: (x**y) ** b, "(x ** y) ** b"),
    (lambda: x ** (y**b), "x ** y ** b"),
    (lambda: (-x) ** 2, "(-x) ** 2"),
    (lambda: -(x**2), "-x ** 2"),
    (lambda: -(x + y), "-(x + y)"),
    (lambda: x * -1.5, "x * -1.5"),
    (lambda: T.constant(-1.0) ** x, "(-1) ** x"),
    (lambda: (x > 0) & (x < 1), "(x > 0) & (x < 1)"),
    (lambda: T.exp(-x), "exp(-x)"),
    (lambda: x.sum() * 0.5, "sum(x) * 0.5"),
    (lambda: x * [1.0, 2.0], "x * [1. 2.]"),
    (lambda: x // 2 % 3, "x // 2 % 3"),
]


@pytest.mark.parametrize(("make", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_short_text(make, text):
    node = make()
    assert short_text(node) == text and node.label == text


def test_printing_stays_as_it_was():
    """`str` is what the slides print; only messages use the text."""
    node = x > 0
    assert str(node) == repr(node) == "gt.0"
    assert str(T.scalar()) == "<TensorType(float64, scalar)>" and str(x) == "x"


def test_names_are_used_inside():
    h = x * 2
    assert short_text(h + 1) == "h + 1" and short_text(h) == "x * 2" and h.label == "h"
    h.name = "hidden"
    assert short_text(h + 1) == "hidden + 1" and h.label == "hidden"


def test_the_text_is_cut():
    node = x
    for _ in range(3):
        node = node * T.vector("a_long_name") + 1
    assert len(short_text(node)) <= LONGEST
    wide = T.exp(x) + T.vector("a_very_long_name_that_fills_a_line_by_itself_and_more")
    assert short_text(wide).endswith("…") and len(short_text(wide)) == LONGEST


def test_no_depth_is_too_deep():
    deep = [x, x]
    for _ in range(50_000):
        deep = [deep[0] + 1, 1 + deep[1]]
    for node in deep:
        assert "…" in short_text(node) and len(short_text(node)) <= LONGEST
