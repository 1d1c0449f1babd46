"""What each kind of exercise says to answers that are right, wrong, missing, or no answers at all."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from costs import exercise

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.exercises import checking
from tensorlab.exercises.checking import judged
from tensorlab.exercises.verdict import MIME, Hint, Verdict

NEURON = {
    "kind": "expression",
    "symbols": {"x": "vector(n)", "w": "vector(n)", "b": "scalar"},
    "given": "z = T.dot(w, x) + b",
    "answer": "1 / (1 + T.exp(-z))",
    "slips": {"1 / (1 + T.exp(z))": "Look at the sign.", "z": "That is z."},
}


def verdict(keys, answer, **names):
    return judged(exercise(**keys), answer, names)


def said(keys, answer, **names):
    found = verdict(keys, answer, **names)
    assert found.mark == "wrong"
    return found.words[0]


# -- formulas


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_symbols_may_be_shared_variables_without_names_and_of_another_dtype(dtype):
    x = T.vector(dtype=dtype)
    w, b = tl.shared(np.ones(3, dtype)), tl.shared(np.zeros((), dtype))
    names = {"x": x, "w": w, "b": b}
    assert verdict(NEURON, T.nnet.sigmoid(T.dot(w, x) + b), **names)
    assert said(NEURON, 1 / (1 + T.exp(T.dot(x, w) + b)), **names) == "Look at the sign."
    assert verdict(NEURON, T.dot(w, x) + b, **names).slip == "own"


def test_a_name_that_holds_a_value_by_now_still_means_the_symbol():
    x, w, b = T.vector("x"), T.vector("w"), T.scalar("b")
    y = 1 / (1 + T.exp(-(T.dot(w, x) + b)))
    assert verdict(NEURON, y, x=[1, -1], w=None, b=T.scalar("b"))


def test_an_expression_of_the_notebook_stands_for_a_declared_symbol():
    keys = {"kind": "expression", "symbols": {"z": "vector(n)"}, "answer": "T.tanh(z)"}
    x = T.vector("x")
    z = 3 * x + 1
    assert verdict(keys, T.tanh(z), z=z, x=x)
    assert "speaks of x" in said(keys, T.tanh(x), z=z, x=x)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("1 + x", "a text"), ([1, "a"], "a list"), (lambda x: x, "a function"), (object(), "no formula"), (7, "a number"),
        (T.vector("q"), "speaks of q"), (T.scalar("x"), "x has no axes in your notebook"),
        (T.vector("x") * T.vector("w"), "has no axes, and yours has one axis"),
    ],
)  # fmt: skip
def test_what_is_no_answer(answer, words):
    assert words in said(NEURON, answer)


@pytest.mark.parametrize("answer", [None, ..., [...], [None, ...]])
def test_no_answer_yet_shows_the_question(answer):
    found = verdict(NEURON, answer)
    assert found.mark == "open" and found.words[0] == "?"


def test_a_list_of_formulas():
    keys = {"kind": "gradient", "symbols": {"x": "scalar", "t": "scalar"}, "of": "x ** 2 * t", "by": ["x", "t"]}
    x, t = T.scalars("x", "t")
    assert verdict(keys, [2 * x * t, x * x]) and verdict(keys, (t * x + x * t, x**2))
    assert "Number 2" in said(keys, [2 * x * t, x])
    assert "Number 1" in said(keys, [..., x])
    assert "a list of 2" in said(keys, 2 * x * t)
    assert "your list has 1" in said(keys, [2 * x * t])


def test_points_are_drawn_where_the_answer_has_values():
    keys = {"kind": "expression", "symbols": {"x": "scalar"}, "answer": "T.log(x)"}
    x = T.scalar("x")
    assert verdict(keys, T.log(x)) and verdict(keys, T.log(x * x) / 2 + 0 * T.log(x))
    assert not verdict(keys, T.log(x) + 1e-3)
    assert "no number" in said({**keys, "answer": "T.log(x ** 2)"}, 2 * T.log(x))


def test_a_constant_answer():
    keys = {"kind": "gradient", "symbols": {"x": "scalar"}, "of": "3 * x", "by": "x"}
    assert verdict(keys, 3) and verdict(keys, np.float32(3)) and verdict(keys, T.constant(3.0))
    assert not verdict(keys, 4)


def test_a_shared_variable_that_is_no_symbol_counts_with_its_value():
    keys = {"kind": "expression", "symbols": {"x": "scalar"}, "answer": "0.1 * x"}
    x, rate = T.scalar("x"), tl.shared(0.1, name="rate")
    assert verdict(keys, rate * x)
    rate.set_value(0.2)
    assert not verdict(keys, rate * x)


# -- updates

STEP = {
    "kind": "updates",
    "symbols": {"w": "vector(n)", "b": "scalar", "dw": "vector(n)", "db": "scalar"},
    "answer": "[(w, w - 0.1 * dw), (b, b - 0.1 * db)]",
    "slips": {"[(w, w - dw), (b, b - db)]": "Where is the rate?"},
}


@pytest.fixture
def step():
    """A neuron's variables and gradients."""
    w, b = tl.shared(np.array([1.0, 2.0])), tl.shared(0.5)
    x = T.vector("x")
    dw, db = T.grad((T.dot(w, x) + b) ** 2, [w, b])
    return {"w": w, "b": b, "dw": dw, "db": db, "x": x}


def test_updates(step):
    w, b, dw, db, x = step.values()
    good = [(b, b - 0.1 * db), (w, w - dw / 10)]
    assert verdict(STEP, good, **step) and verdict(STEP, dict(good), **step)
    assert verdict(STEP, tl.function([x], [], updates=good), **step)
    assert list(w.get_value()) == [1, 2]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda w, b, dw, db, x: [(w, w - 0.1 * dw)], "b gets no new value"),
        (lambda w, b, dw, db, x: [(w, w - 0.1 * dw), (w, w), (b, b)], "w gets two new values"),
        (lambda w, b, dw, db, x: [(w, w - 0.1 * dw), (b, b - 0.1 * db), (x, x)], "x should keep its value"),
        (lambda w, b, dw, db, x: [(w, w - 0.1 * dw), (b, b + 0.1 * db)], "b goes the other way"),
        (lambda w, b, dw, db, x: [(w, w - 0.1 * dw), (b, b - 0.2 * db)], "size of the step"),
        (lambda w, b, dw, db, x: [(w, -0.1 * dw), (b, b - 0.1 * db)], "the change of w"),
        (lambda w, b, dw, db, x: [(w, w), (b, b - 0.1 * db)], "nothing is learned"),
        (lambda w, b, dw, db, x: [(w, w - dw), (b, b - db)], "Where is the rate?"),
        (lambda w, b, dw, db, x: [(w, dw * dw), (b, b - 0.1 * db)], "The new value of w"),
        (lambda w, b, dw, db, x: w - 0.1 * dw, "list of pairs"),
        (lambda w, b, dw, db, x: [w, dw], "list of pairs"),
        (lambda w, b, dw, db, x: tl.function([x], x), "no updates"),
        (lambda w, b, dw, db, x: [(w, "w"), (b, b)], "a text"),
    ],
)
def test_wrong_updates(step, make, words):
    assert words in said(STEP, make(*step.values()), **step)


# -- functions

SQUARE = {"kind": "function", "symbols": {"x": "vector(n)", "c": "scalar"}, "answer": "x ** 2 + c", "slips": {"x + c": "Squared?"}}


def test_functions():
    x, c = T.vector("x"), T.scalar("c")
    for right in (tl.function([x, c], x**2 + c), tl.function([x, c], [c + x * x]), lambda x, c: x**2 + c, lambda *a: [a[0] ** 2 + a[1]]):
        assert verdict(SQUARE, right)
    f = T.fvector("f")
    assert verdict(SQUARE, tl.function([f, c], f**2 + c.astype("float32")))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, c: x + c, "Squared?"), (lambda x, c: None, "needs a return"), (lambda x, c: x[:1], "another shape"),
        (lambda x, c: x * c, "other values"), (lambda x: x, "raises TypeError"), (T.vector() ** 2, "a formula"), (3, "cannot be called"),
        (lambda x, c: "text", "shape"),
    ],
)  # fmt: skip
def test_wrong_functions(answer, words):
    assert words in said(SQUARE, answer)


def test_a_function_with_too_few_inputs():
    x = T.vector("x")
    assert "takes one argument, the exercise asks for 2 arguments: x, c" in said(SQUARE, tl.function([x], x))


def test_a_list_of_outputs():
    keys = {"kind": "function", "symbols": {"x": "scalar"}, "answer": "[x, x ** 2]"}
    assert verdict(keys, lambda x: [x, x * x])
    assert "Output 2" in said(keys, lambda x: (x, x))
    assert "2 outputs" in said(keys, lambda x: x)


def test_a_check_leaves_shared_variables_as_they_were():
    x, n, other = T.scalar("x"), tl.shared(0), tl.shared(5.0)
    keys = {"kind": "function", "symbols": {"x": "scalar"}, "answer": "2 * x"}
    assert verdict(keys, tl.function([x], 2 * x, updates=[(n, n + 1)]))
    assert n.get_value() == 0

    def disturbing(x):
        other.set_value(7.0)
        return 2 * x

    assert verdict(keys, disturbing, other=other)
    assert other.get_value() == 5


def test_a_function_cannot_spoil_the_values_it_is_judged_by():
    def disturbing(x, c):
        result = x**2 + c
        x[:] = 0
        return result

    assert verdict(SQUARE, disturbing)


# -- numbers, shapes, tables, choices


@pytest.mark.parametrize("answer", [0.25, np.array(0.25), [np.array([0.25])], 0.2501, 1 / 4, np.float32(0.25), tl.shared(0.25)])
def test_right_numbers(answer):
    assert verdict({"kind": "number", "answer": 0.25}, answer)


@pytest.mark.parametrize(
    ("answer", "words"),
    [(0.26, "another number"), (-0.25, "sign"), (1.0, "Too much."), (T.scalar(), "a formula"), ("x", "no number"), (len, "Call it"),
     ([0.25, 0.25], "one axis"), (float("nan"), "no finite number"), ({}, "no number"), (True, "Too much.")],
)  # fmt: skip
def test_wrong_numbers(answer, words):
    assert words in said({"kind": "number", "answer": "1 / 4", "slips": {"1": "Too much."}}, answer)


def test_how_far_off_a_number_may_be():
    assert verdict({"kind": "number", "answer": 100, "within": 0.1}, 109)
    assert not verdict({"kind": "number", "answer": 100, "within": 0.1}, 111)
    assert not verdict({"kind": "number", "answer": 0}, 1e-6)
    assert verdict({"kind": "number", "answer": [1, 2]}, np.array([1, 2]))


@pytest.mark.parametrize(
    ("answer", "words"),
    [((4, 3), "order"), ((3,), "one axis"), ((3, 5), "a length"), (3, "one axis"), (np.zeros((4, 3)), "order"), ((), "no axes"),
     (object(), "parentheses")],
)  # fmt: skip
def test_wrong_shapes(answer, words):
    keys = {"kind": "shape", "answer": "(3, 4)"}
    assert words in said(keys, answer)
    assert verdict(keys, [3, 4]) and verdict(keys, np.zeros((3, 4))) and verdict(keys, tl.shared(np.zeros((3, 4))))


TABLE = {"kind": "table", "rows": "[[0, 0], [0, 1], [1, 0], [1, 1]]", "answer": [0, 1, 1, 0], "slips": {"[0, 1, 1, 1]": "This is OR."}}


def test_truth_tables():
    x, a, b = T.vector("x"), T.scalar("a"), T.scalar("b")
    xor = (x[0] - x[1]) ** 2
    for right in ([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.2], np.array([0, 1, 1, 0]), lambda row: row[0] != row[1], lambda a, b: [abs(a - b)],
                  tl.function([x], xor), tl.function([x], [xor]), tl.function([a, b], (a - b) ** 2)):  # fmt: skip
        assert verdict(TABLE, right)


@pytest.mark.parametrize(
    ("answer", "words"),
    [([0, 1, 1, 1], "This is OR."), ([1, 0, 0, 1], "Every row"), ([0, 0, 0, 0], "always 0"), ([0, 0, 1, 0], "One row"), ([0, 1], "4 rows"),
     (lambda row: row, "one number is wanted"), (lambda row: row[2], "raises IndexError"), (T.scalar(), "a formula"),
     ([0, float("nan"), 1, 0], "one number"), ([0, "a", 1, 0], "no number"), (lambda row: None, "one number")],
)  # fmt: skip
def test_wrong_truth_tables(answer, words):
    assert words in said(TABLE, answer)


def test_a_truth_table_shows_its_wrong_rows():
    text = str(verdict(TABLE, [0.0, 0.7312, 0.2, 0.1]))
    assert text.splitlines()[-2].split() == ["1", "0", "1", "✗", "0"]
    assert "0.7" not in text, "a verdict holds no measured numbers"


CHOICE = {"kind": "choice", "options": {"a": "One.", "b": "Two."}, "answer": "b", "slips": {"a": "Not one."}}


def test_choices():
    assert verdict(CHOICE, "b") and not verdict(CHOICE, "a")
    assert said(CHOICE, "a") == "Not one."
    assert "letters a, b" in said(CHOICE, "c") and "letters a, b" in said(CHOICE, 3)
    assert "a: One." in str(verdict(CHOICE, ...))


# -- how a verdict is shown


def test_text_and_html_say_the_same_with_a_shape_and_a_word():
    for mark, shape, word in (("right", "✓", "right"), ("wrong", "✗", "not yet"), ("open", "○", "open")):
        data = Verdict("one", mark, ("A <b> & more.",), table=(("x", "y"), ("1", "<")))._repr_mimebundle_()
        assert data["text/plain"].startswith(f"{shape} {word}: one")
        assert f"{shape} {word}" in data["text/html"] and "A &lt;b&gt; &amp; more." in data["text/html"]
        assert data[MIME] == {"exercise": "one", "verdict": mark, "slip": ""}


def test_hostile_names_stay_text():
    hostile = '<img src=x onerror="alert(1)">'
    x = T.scalar(hostile)
    bundle = judged(exercise(**{"kind": "expression", "symbols": {"x": "scalar"}, "answer": "x"}), x, {})._repr_mimebundle_()
    assert "<img" not in bundle["text/html"] and "&lt;img" in bundle["text/html"]
    hint = Hint(hostile, 1, 1, hostile)._repr_mimebundle_()
    assert "<img" not in hint["text/html"]


def test_a_verdict_is_the_same_every_time():
    x = T.vector("x")
    keys = {"kind": "gradient", "symbols": {"x": "vector(n)"}, "of": "T.mean(T.tanh(x) ** 2)", "by": "x"}
    wrong = [2 * T.tanh(x), x, x * 1e300, T.exp(x)]
    assert [str(verdict(keys, each)) for each in wrong] == [str(verdict(keys, each)) for each in wrong]


# -- check and hint


@pytest.fixture
def loaded(monkeypatch):
    """The package's own examples."""
    from tensorlab.exercises import finding

    monkeypatch.setattr(finding, "loaded", [])
    monkeypatch.setattr(checking, "asked", {})
    tl.exercises.load(tl.exercises.examples())


def test_check_looks_names_up_where_it_is_called(loaded):
    w, x, b = tl.shared(np.ones(2)), T.vector(), T.scalar()
    assert tl.exercises.check("neuron", T.nnet.sigmoid(T.dot(w, x) + b))
    assert inspect.signature(tl.exercises.check).parameters["answer"].default is ...


def test_strict_raises(loaded, monkeypatch):
    x = T.scalar("x")
    monkeypatch.setenv("TENSORLAB_CHECK", "strict")
    assert tl.exercises.check("power_rule", 3 * x * x)
    with pytest.raises(tl.exercises.UnsolvedError, match="comes down in front"):
        tl.exercises.check("power_rule", x * x)
    with pytest.raises(AssertionError, match="no answer yet"):
        tl.exercises.check("power_rule")
    monkeypatch.setenv("TENSORLAB_CHECK", "strickt")
    with pytest.raises(tl.TensorlabError, match="the only word it takes is strict"):
        tl.exercises.check("power_rule", 3 * x * x)


def test_hints_come_one_by_one(loaded):
    numbers = [tl.exercises.hint("power_rule").number for _ in range(3)]
    assert numbers == [1, 2, 2]
    assert tl.exercises.hint("power_rule", 1).number == 1
    assert "no more hints" in str(tl.exercises.hint("power_rule", 2))
    for wrong in (0, 3, -1, True, "2"):
        with pytest.raises(tl.TensorlabError, match="it has 2 hints"):
            tl.exercises.hint("power_rule", wrong)
