"""Expressions as mathematics: the formula, its parentheses, names, and what a notebook shows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.ops.families import cards, instances
from tensorlab.view.escape import latex_name, latex_text
from tensorlab.view.formula import display_latex, lines
from tensorlab.view.latex import latex
from tensorlab.view.naming import names_in

x, w, b, y = T.scalars("x", "w", "b", "y")
v, u = T.vectors("v", "u")
W, X = T.matrices("W", "X")


def balanced(text: str) -> bool:
    r"""Say whether braces, \left…\right and environments close in the order in which they open."""
    stack = []
    for found in re.finditer(r"\\[{}]|[{}]|\\left(?![a-z])|\\right(?![a-z])|\\begin\{(\w+)\}|\\end\{(\w+)\}", text):
        token = found[0]
        if token == "{" or token == r"\left" or token.startswith(r"\begin"):
            stack.append(found[1] or token)
        elif token == "}" or token == r"\right" or token.startswith(r"\end"):
            opening = {"}": "{", r"\right": r"\left"}.get(token, found[2])
            if not stack or stack.pop() != opening:
                return False
    return not stack


@pytest.mark.parametrize(
    ("expression", "formula"),
    [
        (x**2, "x^{2}"),
        (x * 2, "2x"),
        (-2 * x * w, "-2x w"),
        (w * x + b, "w x + b"),
        (x + -w, "x - w"),
        (x - -w, r"x - \left(-w\right)"),
        (x - (w - b), r"x - \left(w - b\right)"),
        ((x - w) - b, "x - w - b"),
        (x + (w + b), "x + w + b"),
        ((x + w) * b, r"\left(x + w\right) b"),
        (-(x + w), r"-\left(x + w\right)"),
        ((-x) ** 2, r"\left(-x\right)^{2}"),
        ((x**2) ** 3, r"\left(x^{2}\right)^{3}"),
        (x ** (w + 1), "x^{w + 1}"),
        (1 / (1 + T.exp(-x)), r"\frac{1}{1 + e^{-x}}"),
        ((x / w) ** 2, r"\left(\frac{x}{w}\right)^{2}"),
        (x * 2.5e-7, r"2.5 \cdot 10^{-7} x"),
        (x * (1 / 3), "0.3333x"),
        (x * 2**w, r"x \cdot 2^{w}"),
        ((x > 0) * w, r"\left[x > 0\right] w"),
        (T.switch(x < 0, 0, x), r"\begin{cases} 0 & \text{if } x < 0 \\ x & \text{else} \end{cases}"),
        (T.dot(v, u), r"v \cdot u"),
        (T.dot(W, v), "W v"),
        (T.dot(W, X), "W X"),
        (T.dot(T.dot(W, X), v), "W X v"),
        (T.dot(W, T.dot(X, v)), r"W \left(X v\right)"),
        (W.T, r"W^{\top}"),
        (T.dot(W.T, v), r"W^{\top} v"),
        (W * X, r"W \odot X"),
        (W * x, "W x"),
        (W + v, "W + v"),
        (v.dimshuffle(0, "x") * u.dimshuffle("x", 0), r"v u^{\top}"),
        (W.sum(), r"\sum W"),
        (2 * W.sum(), r"2\sum W"),
        (x * W.sum(), r"x \sum W"),
        (x * W.sum() * w, r"\left(x \sum W\right) w"),
        (W * T.constant([[0.1]]), "0.1W"),
        (v[1:], r"v\left[1:\right]"),
        (T.stack([x, w, b]), r"\left[x, w, b\right]"),
        (T.concatenate([v, u]), r"\operatorname{join}\left(v, u\right)"),
        ((W * X).sum() * x, r"\left(\sum W \odot X\right) x"),
        ((W - X).sum(axis=0), r"\sum_{i} \left(W - X\right)"),
        (v * [1.0, 2.0], r"v \odot \left[1, 2\right]"),
        ((y * (1 - y)) * w * (y - x) * b, r"y \left(1 - y\right) w \left(y - x\right) b"),
        (2 * ((y * (1 - y)) * (y - x)) * b, r"2y \left(1 - y\right) \left(y - x\right) b"),
        (T.cast(x * w, "float32") * T.cast(b, "float32"), "x w b"),
        (x * (w * W.sum()), r"x w \sum W"),
        (T.dot(W, X) * W, r"\left(W X\right) \odot W"),
        (T.cast(x + w, "float32") * T.cast(b, "float32"), r"\left(x + w\right) b"),
    ],
    ids=str,
)
def test_formulas(expression, formula):
    assert latex(expression) == formula


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.__name__)
def test_every_card_renders(card):
    for op, arrays in instances(card):
        symbols = [T.tensor(each.dtype, [None] * each.ndim, name) for each, name in zip(arrays, "xyzabcdefgh")]
        try:
            node = op(*symbols)
        except tl.TensorlabError:
            continue  # the card wants more known about the shapes than a symbol says
        text = latex(node)
        assert text.strip() and balanced(text), text
        assert balanced(display_latex(node ** 2 if node.type.dtype.startswith("float") else node))


@pytest.mark.parametrize(
    ("name", "typeset"),
    [
        ("x", "x"), ("w1", "w_{1}"), ("W_xh", "W_{xh}"), ("y_hat", r"\hat{y}"), ("theta", r"\theta"), ("theta_1", r"\theta_{1}"),
        ("eta2", r"\eta_{2}"), ("x_train", r"x_{\mathit{train}}"), ("cost", r"\mathit{cost}"), ("w2_bar", r"\bar{w}_{2}"),
        ("a_1_2", "a_{1,2}"), ("learning_rate", r"\mathit{learning}{\_}\mathit{rate}"), ("lambda_", r"\lambda"), ("g[1]", "g_{1}"),
        ("ŷ", r"\hat{y}"), ("θ", r"\theta"), ("η2", r"\eta_{2}"), ("Δ", r"\Delta"), ("ha ha ha", r"\text{ha ha ha}"),
        ("變數", r"\text{變數}"), ("_", r"{\_}"), ("", r"\text{ }"),
        ("(dC/dw)", r"\frac{\partial C}{\partial w}"), ("(dy_hat/dw1)", r"\frac{\partial \hat{y}}{\partial w_{1}}"),
    ],
)  # fmt: skip
def test_names(name, typeset):
    assert latex_name(name) == typeset


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_no_name_breaks_out_of_a_formula(name):
    r"""Every letter with a meaning stands alone in braces; nothing but \text, \mathit, accents and letters is ever a command."""
    text = latex_name(name)
    assert balanced(text)
    outside = re.sub(r"\\text\{[^{}\\$%#_&^~<>`]*\}", "", text)
    commands = set(re.findall(r"\\([A-Za-z]+|.)", outside))
    allowed = {*"$%#_&", "backslash", "lbrace", "rbrace", "wedge", "sim", "backprime", "mathit", "frac", "partial", "text"}
    allowed |= {"hat", "bar", "tilde", "dot", "ddot", "check", "vec"} | {each for each in commands if latex_name(each) == "\\" + each}
    assert commands <= allowed
    assert not re.search(r"(?<!\\)\$|<[A-Za-z/!?]|&(?!\})", text), "a page that takes it for HTML or ends the formula there"


@pytest.mark.parametrize(
    ("expression", "formula"),
    [
        (T.cast(T.eq(x, w), "float64"), r"\left[x = w\right]"),
        (x * T.cast(x > 0, "float64"), r"x \left[x > 0\right]"),
        ((x > 0) ** 2.0, r"\left[x > 0\right]^{2}"),
        (x + (x > w), r"x + \left[x > w\right]"),
        (2 * T.invert(x > 0), r"2\left[\lnot \left(x > 0\right)\right]"),
        ((v > 0).sum(), r"\sum \left[v > 0\right]"),
        (T.exp(T.cast(x > 0, "float64")), r"e^{\left[x > 0\right]}"),
        (T.eq(T.eq(x, w), b), r"\left[x = w\right] = b"),
        ((x > 0) & (w > 0), r"x > 0 \land w > 0"),
        (T.switch((x > 0) & (w > 0), x, w), r"\begin{cases} x & \text{if } x > 0 \land w > 0 \\ w & \text{else} \end{cases}"),
        (T.cast(x, "bool") * w, r"\left[x \ne 0\right] w"),
    ],
    ids=str,
)
def test_a_truth_that_counts_as_a_number_is_in_brackets(expression, formula):
    """The derivative of a = max(z, 0) once showed as `= a = z`, which says something else."""
    assert latex(expression) == formula


def test_a_comparison_with_a_name_does_not_read_as_a_chain_of_equations():
    c = T.eq(x, w)
    assert [(line.left, line.right) for line in lines([c])] == [("c", r"\left(x = w\right)")]
    assert [(line.left, line.right) for line in lines([T.switch(c, x, b)])][1] == ("c", r"\left(x = w\right)")
    m = T.maximum(x, 0)
    assert lines([T.grad(m, x)], None, {})[0].right.count("=") <= 1


def test_infinity_does_not_join_the_letter_behind_it():
    assert latex(x * float("inf")) == r"{\infty} x" and latex(x * -float("inf")) == r"-{\infty} x"


def test_text_is_cut():
    assert len(latex_text("x" * 1000)) < 80


def test_named_intermediates_are_folded_and_defined_below():
    z = w * x + b
    a = 1 / (1 + T.exp(-z))
    C = (a - y) ** 2
    assert [(line.left, line.right) for line in lines([C])] == [
        ("C", r"\left(a - y\right)^{2}"),
        ("a", r"\frac{1}{1 + e^{-z}}"),
        ("z", "w x + b"),
    ]


def test_a_display_has_the_formula_and_its_type():
    z = x**2
    assert display_latex(z) == r"$\displaystyle z = x^{2} \qquad {\small \text{float64 scalar}}$"
    assert display_latex(T.fmatrix("M")) == r"$\displaystyle M \qquad {\small \text{float32 matrix}}$"
    assert r"\text{float64 2×3, shared}" in display_latex(tl.shared(np.ones((2, 3)), "W"))
    assert r"\begin{aligned} q & = z - 1 && {\small" in display_latex(named(z - 1, "q"))


def named(node, name):
    node.name = name
    return node


def test_a_name_used_again_and_again_is_numbered():
    h = v
    for _ in range(3):
        h = T.exp(T.dot(W, h))
    assert [(line.left, line.right) for line in lines([h])] == [
        ("h^{(3)}", "e^{W h^{(2)}}"),
        ("h^{(2)}", "e^{W h^{(1)}}"),
        ("h^{(1)}", "e^{W v}"),
    ]


def test_a_numbered_name_gets_parentheses_under_an_exponent():
    """h^{(1)}^{2} is a double superscript, which TeX refuses."""
    h = T.exp(v)
    h = named(T.exp(h), "h")
    assert latex(sum([h, h.inputs[0] ** 2]).sum()).count(r"\left(h^{(1)}\right)^{2}") == 1


def test_the_steps_of_one_call_do_not_share_the_name_of_its_result():
    g = T.grad((x * x * w).sum(), x)
    assert list(names_in([g]).values()).count("g") == 1
    assert lines([g])[0].left == "g"


def test_a_large_formula_is_cut():
    parts = [x]
    for _ in range(1000):
        parts.append(T.exp(parts[-1] + 1))
    text = latex(parts[-1])
    assert r"\cdots" in text and len(text) < 4000 and balanced(text)


def test_a_doubling_chain_names_its_parts():
    """2^60 paths: what is used twice gets a name, and the definitions end after a screenful."""
    total = x
    for _ in range(60):
        total = total + total
    shown = lines([total])
    assert shown[0].right == "t_{59} + t_{59}"
    assert shown[-1].left == r"\vdots" and len(shown) < 20


def test_a_chain_of_100000_nodes_is_typeset():
    total = x
    for _ in range(100_000):
        total = total + 1
    assert balanced(display_latex(total))


def test_names_of_the_reader_help_where_a_node_knows_none():
    made = {"cost": T.sum((x - y) ** 2)}
    assert names_in([made["cost"]]).get(made["cost"]) is None
    assert lines([made["cost"]], made)[0].left == r"\mathit{cost}"


def layer(inp, weights):
    z = T.dot(weights, inp)
    a = T.tanh(z)
    return a


def test_names_outside_win_over_local_variables_of_a_function():
    hidden = layer(v, W)
    out = layer(hidden, X)
    names = {"_": out, "hidden": hidden, "out": out, "again": out}
    assert lines([out], names)[0].left == r"\mathit{out}"
    found = names_in([out], names)
    assert found[out] == "out" and found[hidden] == "hidden" and found[hidden.inputs[0]] == "z"
    assert names_in([out])[out] == "a", "without a namespace the local name is better than none"
    named(out, "mine")
    assert names_in([out], names)[out] == "mine", "a name that was given is never replaced"


def test_a_variable_with_a_list_and_an_unnamed_symbol():
    (line,) = lines([T.dmatrix() + 1])
    assert line.right == r"\langle\text{matrix}\rangle + 1"
