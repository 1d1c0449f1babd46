"""`%grad --steps` and `--check`: the chain rule written out, and a verdict that holds on every machine."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph import errors
from tensorlab.graph.errors import GradientCheckError, InputError
from tensorlab.notebook import chain_rule, check_gradient

SETUP = "x, w, b = T.scalars('x', 'w', 'b')\nz = w * x + b\ny = T.tanh(z)\nC = (y - 1) ** 2"


def test_steps_go_node_by_node(notebook):
    notebook.run(SETUP)
    ran = notebook.run("g = %grad C w b --steps")
    text = ran.displayed[0]["text/plain"]
    assert "  z = v₁ + b" in text and "dC/dz = dC/dy · dy/dz = dC/dy · (1 - sqr(y))" in text
    assert "dC/dw = dC/dv₁ · dv₁/dw = dC/dv₁ · x" in text
    assert r"\frac{\partial C}{\partial y} \, \frac{\partial y}{\partial z}" in ran.displayed[0]["text/latex"]
    assert r"\frac{\partial C}{\partial w} & = " in ran.displayed[1]["text/latex"], "the derivative itself is shown too"


def test_a_node_with_several_readers_gets_a_sum():
    x = T.scalar("x")
    text = repr(chain_rule(T.sin(x) * T.exp(x), x))
    last = text.splitlines()[-1]
    assert last.count("·") == 2 and " + " in last


def test_what_was_stretched_is_added_up_and_products_are_transposed():
    M, b = T.matrix("M"), T.vector("b")
    text = repr(chain_rule((T.tanh(T.dot(M, T.matrix("W")) + b) ** 2).sum(), [b, M]))
    assert any(line.strip().startswith("d") and "/db = " in line and "sum(" in line for line in text.splitlines())
    assert "W.T" in text


def test_the_chain_rule_is_that_of_grad():
    """Put together, the local derivatives give what T.grad gives."""
    x = T.scalar("x")
    cost = T.log(1 + T.exp(x * x))
    chain = chain_rule(cost, x)
    assert len(chain.backward) == 5
    with pytest.raises(errors.DisconnectedInputError):
        chain_rule(cost, T.scalar("q"))


def test_a_long_chain_is_cut():
    y = x = T.scalar("x")
    for _ in range(200):
        y = T.sin(y)
    chain = chain_rule(y, x)
    assert chain.left_out > 200 and "more lines" in chain.text and r"\vdots" in chain.latex


def test_the_check_says_that_they_agree(notebook):
    notebook.run(SETUP)
    ran = notebook.run("%grad C w b --check")
    assert ran.text.splitlines()[:2] == [f"dC/d{name} agrees with central differences at 3 points" for name in "wb"]
    assert "at this point" in notebook.run("%grad C w --check --at x=1 w=0.5 b=0").text
    again = notebook.run("%grad C w b --check").text.splitlines()[:2]
    assert again == ran.text.splitlines()[:2]


def test_a_wrong_derivative_is_found():
    class Wrong(type(T.tanh(T.scalar()).op)):
        """A tanh with the derivative of something else."""

        def partials(self, y, x):
            return [1 + y * y]

    x = T.scalar("x")
    with pytest.raises(GradientCheckError, match="central differences give"):
        check_gradient(Wrong()(x), x)


def test_values_that_do_not_fit_are_asked_for():
    v = T.vector("v")
    cost = (T.dot(tl.shared(np.ones((2, 5)), "W"), v)).sum()
    assert "at 3 points" in repr(check_gradient(cost, v)), "5 is the one length that fits the weight"
    q = T.vector("q")
    with pytest.raises(InputError, match="--at v="):
        check_gradient((T.dot(tl.shared(np.ones((2, 5))), v) + T.dot(tl.shared(np.ones((3, 2))), q)).sum(), v)
    assert repr(check_gradient(cost, v, {"v": np.ones(5)})).endswith("at this point")


def test_a_length_is_no_step_of_the_chain_rule():
    x, t, w = T.vector("x"), T.vector("t"), T.scalar("w")
    chain = chain_rule(T.mean((w * x - t) ** 2), w)
    assert "  v₅ = v₄ / v₃.shape[0]" in chain.text.splitlines() and "(1 / v₃.shape[0])" in chain.text
    assert "cast" not in chain.text and r"\frac{v_{4}}{\operatorname{length}\left(v_{3}\right)}" in chain.latex
