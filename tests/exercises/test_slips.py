"""What goes wrong when people derive by hand: every slip of the library is recognized, right answers are right however they are
spelled, and a wrong one never is."""

from __future__ import annotations

import numpy as np
import pytest
from costs import SYMBOLS, built, costs, gradient_exercise, readers_symbols
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import tensorlab.tensor as T
from tensorlab.exercises.checking import judged
from tensorlab.exercises.comparing import value_at
from tensorlab.exercises.derivation import Derivation
from tensorlab.exercises.slips import SLIPS
from tensorlab.exercises.symbols import declared, drawn
from tensorlab.graph.walk import ancestors
from tensorlab.rewrite import rewritten, simplified

random_costs = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
GENERIC = {"constant_factor", "constant_term", "shape", "no_number", "lengths"}


def difference(one, other, names):
    """By how much two formulas differ at most, relative to their size, at points that the judge does not use; inf for other shapes."""
    kinds = {name: declared(text) for name, text in SYMBOLS.items()}
    largest = 0.0
    for seed in range(4):
        point = {names[name]: value for name, value in drawn(kinds, np.random.default_rng(1000 + seed)).items()}
        first, second = value_at(one, point), value_at(other, point)
        if first is None or second is None or first.shape != second.shape:
            return np.inf
        largest = max(largest, float(np.max(np.abs(first - second), initial=0.0) / (1e-9 + np.max(np.abs(second), initial=0.0))))
    return largest


def derivation(code, data):
    """A derivation by a symbol that the cost depends on, the exercise that asks for it, and a reader's symbols."""
    names = readers_symbols()
    cost = built(code, names)
    used = [name for name, node in names.items() if node in ancestors([cost])]
    by = data.draw(st.sampled_from(used))
    return Derivation(cost, names[by], names, {}), gradient_exercise(code, by), names


@given(code=costs(), data=st.data())
@random_costs
def test_every_slip_is_recognized_on_random_costs(code, data):
    derived, exercise, names = derivation(code, data)
    wrong = [(name, each) for name, slip in SLIPS.items() for each in slip(derived) if each.formula is not None]
    assume(wrong)
    for name, each in data.draw(st.lists(st.sampled_from(wrong), min_size=1, max_size=4, unique_by=id)):
        far = difference(each.formula, derived.right, names)
        verdict = judged(exercise, each.formula, names)
        if far < 1e-12:
            assert verdict.mark == "right", (code, name)
        elif far > 1e-3:
            assert verdict.mark == "wrong", (code, name)
            assert verdict.slip in SLIPS or verdict.slip in GENERIC, (code, name, verdict)


@given(code=costs(), data=st.data())
@random_costs
def test_right_answers_in_other_spellings(code, data):
    derived, exercise, names = derivation(code, data)
    g, by, b = derived.right, derived.by, names["b"]
    spellings = [
        g, simplified([g])[0], rewritten([g]).outputs[0], -(-g), (g * 6) / 3 - g, g + 0 * by, g * T.exp(b) / T.exp(b), (g * b + g) - b * g,
        T.grad(2 * derived.cost, by) / 2, T.grad(derived.cost + b * 1.5, by) - (1.5 if by is b else 0),
        T.grad((1 + derived.cost) ** 2, by) / (2 * (1 + derived.cost)) if difference(1 + derived.cost, 0 * b, names) > 0.1 else g,
    ]  # fmt: skip
    for spelling in spellings:
        verdict = judged(exercise, spelling, names)
        # a spelling that divides by something near 0 loses digits; it is then no right answer to tell from a wrong one
        if difference(spelling, g, names) < 1e-9:
            assert verdict.mark == "right", (code, derived.by, spelling, verdict)


@given(code=costs(), data=st.data())
@settings(random_costs, max_examples=15)  # each looks through all slips eight times
def test_a_wrong_answer_is_never_right(code, data):
    derived, exercise, names = derivation(code, data)
    g, b = derived.right, names["b"]
    for wrong in (g * 1.0001, g + 1e-3 * (1 + abs(g)), g * (1 + 1e-3 * T.tanh(b)), T.exp(g), g + g, T.sum(g) + g, 3.0, derived.cost * 0):
        if difference(wrong if not isinstance(wrong, float) else T.constant(wrong), g, names) > 2e-5:
            assert judged(exercise, wrong, names).mark == "wrong", (code, derived.by, wrong)


EXAMPLES = {
    "the_cost_itself": ("T.tanh(b) * 3", "b", "T.tanh(b) * 3", "itself"),
    "another_variable": ("b ** 2 * t", "b", "b ** 2", "by t"),
    "power_rule": ("b ** 3", "b", "b ** 2", "comes down in front"),
    "sum_for_mean": ("T.mean(x ** 2)", "x", "2 * x", "how many there are"),
    "mean_for_sum": ("T.sum(x ** 2)", "x", "2 * x / x.size", "adds up"),
    "not_summed": ("T.sum(T.tanh(X + x))", "x", "1 - T.tanh(X + x) ** 2", "sum over them"),
    "product_of_derivatives": ("T.sin(b) * T.exp(2 * b)", "b", "T.cos(b) * (2 * T.exp(2 * b))", "each factor waits"),
    "missing_path": ("b * T.exp(2 * b)", "b", "T.exp(2 * b)", "two ways"),
    "lost_minus": ("T.sin(-b * t) + b", "b", "T.cos(-b * t) * t + 1", "minus got lost"),
    "forgotten_inside": ("T.sin(3 * b + t)", "b", "T.cos(3 * b + t)", "multiply by how fast"),
    "only_inside": ("T.sin(3 * b * t)", "b", "3 * t", "inside"),
    "missing_transpose": ("T.sum(T.dot(A, B) * X)", "B", "T.dot(A.T, X).T", "transpose"),
    "function_for_its_derivative": ("T.tanh(b * t)", "b", "T.tanh(b * t) * t", "Only exp"),
    "lost_factor": ("T.sin(T.tanh(b * t))", "b", "T.cos(T.tanh(b * t)) * t", "is missing"),
    "lost_stretch": ("(1 / (1 + T.exp(-(b * t))) - 3) ** 2", "b", "2 * (1 / (1 + T.exp(-(b * t))) - 3) * t", "how fast"),
    "lost_part": ("(T.nnet.sigmoid(b) - t) ** 2", "b", "2 * (T.nnet.sigmoid(b) - t) * (1 - T.nnet.sigmoid(b))", "one factor"),
    "lost_term": ("T.sin(b) + 5", "b", "T.cos(b) + 5", "does not change"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_an_example_of_every_slip(name):
    of, by, answer, words = EXAMPLES[name]
    names = readers_symbols()
    verdict = judged(gradient_exercise(of, by), built(answer, names), names)
    assert (verdict.mark, verdict.slip) == ("wrong", name), verdict
    assert words in verdict.words[0]


@pytest.mark.parametrize(
    ("of", "by", "answer", "slip"),
    [
        ("T.sum((T.dot(A, B) - X) ** 2)", "A", "2 * T.dot(T.dot(A, B) - X, B)", "missing_transpose"),
        ("T.sum((T.dot(A, B) - X) ** 2)", "B", "2 * T.dot(T.dot(A, B) - X, A)", "missing_transpose"),
        ("T.mean((T.dot(w, x) - b) ** 2)", "w", "2 * (T.dot(w, x) - b)", "forgotten_inside"),
        ("T.sum(X * b)", "b", "X", "not_summed"),
        ("T.sum(X * x)", "x", "T.sum(X, axis=1)", "not_summed"),
        ("T.sum((X - x) ** 2)", "x", "T.mean(-2 * (X - x), axis=0)", "not_summed"),
        ("T.sum(x)", "x", "1", "shape"),
        ("(3 * b + 1) ** 2", "b", "2 * (3 * b + 1)", "forgotten_inside"),
        ("b ** 2", "b", "b ** 3 / 3", "power_rule"),
        ("3 * b", "b", "3 * b", "the_cost_itself"),
        ("T.log(1 + b ** 2)", "b", "-2 * b / (1 + b ** 2)", "lost_minus"),
        ("T.log(1 + b ** 2)", "b", "7 * b / (1 + b ** 2)", "constant_factor"),
        ("T.dot(w, x) ** 2", "w", "2 * T.dot(w, x)", "forgotten_inside"),
    ],
)
def test_slips_in_formulas_of_lessons(of, by, answer, slip):
    names = readers_symbols()
    given = eval(answer, {"T": T, **names})
    verdict = judged(gradient_exercise(of, by), given, names)
    assert (verdict.mark, verdict.slip) == ("wrong", slip), verdict
