"""What readers ask of the ops of `T` beside plain values: Theano's and NumPy's keywords, and clear answers to what cannot be."""

from __future__ import annotations

import operator
import pickle

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph import errors
from tensorlab.graph.op import Op
from tensorlab.graph.walk import ancestors
from tensorlab.ops.classification import LogSoftmax, Softmax
from tensorlab.ops.extremes import Max
from tensorlab.ops.families import Elementwise, Library, Reduction, View, cards
from tensorlab.ops.log_sum_exp import LogSumExp
from tensorlab.ops.reductions import Sum
from tensorlab.ops.special import PolyGamma

VALUES = np.array([[3.0, 0.0, 2.0], [0.0, 5.0, 1.0]])


def message(kind, make):
    """The text of the error that a call raises."""
    with pytest.raises(kind) as caught:
        make()
    return str(caught.value)


# -- the cross-entropy of a softmax


@pytest.mark.parametrize("target", ["numbers", "one-hot rows"])
@pytest.mark.parametrize(
    "scores, right, cost", [([[800.0, 0.0]], 1, 800.0), ([[1000.0, 0.0, -1000.0]], 2, 2000.0), ([[0.0, 800.0]], 1, 0.0)]
)
def test_crossentropy_of_a_softmax_is_finite_where_a_probability_is_0_to_all_digits(target, scores, right, cost):
    """It was inf, and its gradient nan."""
    m = T.matrix("m")
    t, value = (T.ivector("t"), [right]) if target == "numbers" else (T.matrix("t"), np.eye(len(scores[0]))[[right]])
    mean = T.nnet.categorical_crossentropy(T.nnet.softmax(m), t).mean()
    wanted = (np.asarray(scores) == np.max(scores)).astype(float) - np.eye(len(scores[0]))[[right]]
    gradient = T.grad(mean, m)
    for found in ([each.eval({m: scores, t: value}) for each in (mean, gradient)], tl.function([m, t], [mean, gradient])(scores, value)):
        assert found[0] == cost
        np.testing.assert_array_equal(found[1], wanted)


def test_crossentropy_wants_one_class_number_for_each_row():
    """Two losses came back for two rows and one class number."""
    y, t = T.matrix("y"), T.ivector("t")
    for rows in (y, T.nnet.softmax(y)):
        cost = T.nnet.categorical_crossentropy(rows, t)
        assert "2 rows" in message(errors.ShapeError, lambda cost=cost: cost.eval({y: [[0.5, 0.5], [0.1, 0.9]], t: [0]}))
        message(errors.ShapeError, lambda cost=cost: cost.eval({y: [[0.5, 0.5]], t: [0, 1]}))
        for wrong in (-1, 2):
            text = message(errors.IndexingError, lambda cost=cost, wrong=wrong: cost.eval({y: [[0.5, 0.5]], t: [wrong]}))
            assert f"class {wrong}" in text and "2 classes" in text
    assert "1 class" in message(errors.ShapeError, lambda: T.nnet.categorical_crossentropy([[0.5, 0.5], [0.1, 0.9]], [0]))


def test_batch_normalization():
    names = x, gamma, beta, mean, std = T.matrix("x"), *T.vectors("gamma", "beta", "mean", "std")
    random = np.random.RandomState(2)
    values = [random.uniform(0.5, 2, shape) for shape in ((4, 3), 3, 3, 3, 3)]
    wanted = np.empty((4, 3))
    for row, column in np.ndindex(4, 3):
        wanted[row, column] = (values[0][row, column] - values[3][column]) / values[4][column] * values[1][column] + values[2][column]
    for mode in ("low_mem", "high_mem"):
        found = T.nnet.batch_normalization(x, gamma, beta, mean, std, mode=mode)
        np.testing.assert_allclose(found.eval(dict(zip(names, values))), wanted, rtol=1e-14)
    tl.gradient.verify_grad(T.nnet.batch_normalization, values)
    with pytest.raises(ValueError, match="low_mem"):
        T.nnet.batch_normalization(*names, mode="other")


# -- more operands, other keywords


def test_sums_and_products_of_more_than_two_operands():
    a, b = T.vectors("a", "b")
    given = {a: [1.0, 2.0], b: [10.0, 20.0]}
    total, product = T.add(a, b, 1, a, name="total"), T.mul(2, a, b)
    np.testing.assert_array_equal(total.eval(given), [13, 25])
    np.testing.assert_array_equal(product.eval(given), [20, 80])
    assert total.name == "total" and total.owner.op is T.add and product.owner.op is T.mul
    assert T.add(1, 2, T.bscalar()).type.dtype == "int8"
    with pytest.raises(TypeError, match="2 arguments"):
        T.add(a)


def test_methods_take_what_numpys_take():
    m = T.matrix("m")
    cube = np.arange(24.0).reshape(2, 3, 4)
    pairs = [
        (m.compress([True, False, True], 1), VALUES.compress([True, False, True], 1)),
        (m.compress([False, True]), VALUES.compress([False, True])),
        (m.nonzero_values(), VALUES[VALUES.nonzero()]),
        (T.constant(cube).diagonal(1, 0, 2), cube.diagonal(1, 0, 2)),
        (m.argsort(0, "mergesort", None), VALUES.argsort(0, kind="stable")),
        (m.sort(1, kind="quicksort"), np.sort(VALUES, 1)),
        (m.take([4, -1], 1, mode="wrap"), VALUES.take([4, -1], 1, mode="wrap")),
        (m.take([7], mode="clip"), VALUES.take([7], mode="clip")),
        (m.var(0, corrected=True), VALUES.var(0)),
        (T.std(m, axis=1, corrected=True), VALUES.std(1)),
        (T.reshape(m, newshape=(3, 2)), VALUES.reshape(3, 2)),
        (T.reshape(m, shape=(3, 2)), VALUES.reshape(3, 2)),
        (T.zeros_like(model=m), np.zeros((2, 3))),
        (T.ones_like(model=m), np.ones((2, 3))),
        (m.norm("fro"), np.linalg.norm(VALUES, "fro")),
        (m.norm(None), np.linalg.norm(VALUES)),
        (m.norm(None, axis=1), np.linalg.norm(VALUES, None, 1)),
    ]  # fmt: skip
    for node, wanted in pairs:
        np.testing.assert_allclose(node.eval({m: VALUES} if m in set(ancestors([node])) else {}), wanted, rtol=1e-14)
    assert T.TensorType("float32", (False,), name="a name") == T.TensorType("float32", (None,))
    with pytest.raises(errors.ChoiceError, match="'fro'"):
        m.norm("nuc")


@pytest.mark.parametrize("of", [T.var, T.std, lambda x, **more: x.var(**more), lambda x, **more: x.std(**more)])
def test_variances_in_another_dtype(of):
    n = T.lvector("n")
    assert of(n, dtype="float32").type.dtype == of(n, dtype="float32").eval({n: [1, 4]}).dtype == "float32"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("ddof", [0, 1, 2, 5])
@pytest.mark.parametrize("known", [False, True])
def test_variances_divide_by_at_least_0(ddof, known):
    """var(ddof=5) of two elements divided by -3."""
    x = T.constant([1.0, 4.0]) if known else T.vector("x")
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(x.var(ddof=ddof).eval({} if known else {x: [1.0, 4.0]}), np.var([1.0, 4.0], ddof=ddof))


def test_inc_subtensor_that_adds_once():
    x = T.vector("x")
    for flag, wanted in ((False, [3.0, 2.0, 4.0]), (True, [2.0, 2.0, 4.0])):
        np.testing.assert_array_equal(T.inc_subtensor(x[[0, 0, 2]], 1, ignore_duplicates=flag).eval({x: [1.0, 2.0, 3.0]}), wanted)


# -- comparisons with numbers that do not fit


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint64"])
@pytest.mark.parametrize("number", [-1, 256, 1000, -1000, 2**63, 2**64, -(2**70)])
def test_comparisons_with_numbers_that_do_not_fit(dtype, number):
    ends = np.array([np.iinfo(dtype).min, 1, np.iinfo(dtype).max], dtype)
    x = T.constant(ends)
    ways = [(x < number, lambda v: v < number), (x <= number, lambda v: v <= number), (x > number, lambda v: v > number),
            (number <= x, lambda v: number <= v), (T.eq(x, number), lambda v: v == number), (T.neq(number, x), lambda v: v != number)]
    for node, compare in ways:
        np.testing.assert_array_equal(node.eval(), [compare(int(each)) for each in ends])
    assert T.eq(x, 1).owner.inputs[1].type.dtype == dtype, "a number that fits stays weak"


def test_verify_grad_with_a_generator():
    tl.gradient.verify_grad(lambda x: x**2, [np.array([1.0, 2.0])], rng=np.random.default_rng(0))


# -- counts


@pytest.mark.parametrize(
    "make, kind",
    [
        (lambda: T.eye(2.7), errors.DtypeError),
        (lambda: T.eye(2, 3.5), errors.DtypeError),
        (lambda: T.eye(2, k=0.5), errors.DtypeError),
        (lambda: T.eye(T.scalar("n")), errors.DtypeError),
        (lambda: T.eye(-1), errors.ShapeError),
        (lambda: T.tri(2.5), errors.DtypeError),
        (lambda: T.linspace(0, 1, 2.5), errors.DtypeError),
        (lambda: T.linspace(0, 1, -1), errors.ShapeError),
        (lambda: T.linspace(0, 1, T.lvector("n")), errors.RankError),
        (lambda: T.diag(T.matrix("m"), 1.5), errors.DtypeError),
        (lambda: T.diag(T.vector("v"), 1.5), errors.DtypeError),
        (lambda: T.diagonal(T.matrix("m"), 0.5), errors.DtypeError),
        (lambda: T.diag(T.matrix("m"), T.iscalar("k")), errors.ConversionError),
        (lambda: T.triu(T.matrix("m"), 0.5), errors.DtypeError),
        (lambda: T.tril(T.matrix("m"), T.scalar("k")), errors.DtypeError),
        (lambda: T.fill_diagonal_offset(T.matrix("m"), 0, 0.5), errors.DtypeError),
    ],
)
def test_fractions_are_no_counts(make, kind):
    text = message(kind, make)
    assert text.startswith("T.") and "found:" in text and "try:" in text


def test_symbolic_counts_still_work():
    n = T.iscalar("n")
    np.testing.assert_array_equal(T.eye(n, k=n - 1).eval({n: 2}), np.eye(2, k=1))
    np.testing.assert_array_equal(T.linspace(0, 1, n).eval({n: 3}), [0, 0.5, 1])
    np.testing.assert_array_equal(T.triu(T.ones((2, 2)), n).eval({n: 1}), np.triu(np.ones((2, 2)), 1))


# -- messages


def test_a_shared_value_of_length_1_is_told_how_to_stretch():
    sh, m = tl.shared(np.ones((1, 2)), name="sh"), T.matrix("m")
    text = message(errors.ShapeError, lambda: tl.function([m], sh + m)(np.ones((3, 2))))
    assert "sh = tl.shared(value, broadcastable=(True, False))" in text and "T.row()" not in text


@pytest.mark.parametrize(
    "make, kind, said, unsaid",
    [
        (lambda x, m: T.split(m, [1, 1, 2], 2), errors.RankError, ["splits_size has 3 lengths", "n_splits is 2", "n_splits=3"], ["ndim"]),
        (lambda x, m: T.join([m, m], 0), errors.AxisError, ["T.join(0, m, m)"], ["TensorConstant"]),
        (lambda x, m: T.concatenate(x), errors.ConversionError, ["T.concatenate([x, y])"], ["iterating"]),
        (lambda x, m: m @ 3, errors.RankError, ["m @ 3", "m * 3"], ["TensorConstant"]),
        (lambda x, m: m[[0.5]], errors.DtypeError, ["[0.5] is a list of float64", "T.cast([0.5], 'int64')"], ["TensorConstant"]),
        (lambda x, m: T.arange(0, 5, 0), errors.ShapeError, ["T.arange(0, 5, 0)", "a step of 0", "-1 to count down"], []),
        (lambda x, m: m.squeeze(axis=0), errors.ShapeError, ["m.squeeze(axis=0)", "T.addbroadcast(m, 0)"], ["dimshuffle"]),
        (lambda x, m: T.ones((2, 3)).squeeze(0), errors.ShapeError, ["squeeze(axis=0)", "is 2"], ["dimshuffle", "addbroadcast"]),
        (lambda x, m: x.__delitem__(0), errors.TensorlabError, ["del x[0]", "x[1:]"], []),
        (lambda x, m: x.__delitem__(1), errors.TensorlabError, ["del x[1]", "T.concatenate"], []),
        (lambda x, m: f"{x:.2f}", errors.TensorlabError, ["f'{x:.2f}'", "x.eval({x: …})"], []),
        (lambda x, m: operator.index(T.iscalar("i")), errors.TensorlabError, ["T.zeros(i)"], []),
        (lambda x, m: pow(x, 2, 3), errors.TensorlabError, ["pow(x, 2, 3)", "x ** 2 % 3"], []),
        (lambda x, m: T.sum(x, foo=1), TypeError, ["sum()", "foo"], ["sum_of"]),
        (lambda x, m: T.max(x, foo=1), TypeError, ["max()", "foo"], ["max_of"]),
        (lambda x, m: T.tanh(x, y=3), TypeError, ["tanh()", "'y'"], ["__call__"]),
        (lambda x, m: T.add(x, m, x, y=3), TypeError, ["add()", "'y'"], ["__call__"]),
    ],
)  # fmt: skip
def test_what_messages_say(make, kind, said, unsaid):
    x, m = T.vector("x"), T.matrix("m")
    text = message(kind, lambda: make(x, m))
    assert all(each in text for each in said), text
    assert not any(each in text for each in unsaid), text


def test_texts_of_symbols_can_be_aligned():
    x = T.vector("x")
    assert f"{x}|{x!s:>3}|{x:>3}|{x:3s}" == "x|  x|  x|x  "


def test_functions_with_another_name_inside_can_be_pickled():
    for function in (T.sum, T.all, T.any, T.max, T.min):
        assert pickle.loads(pickle.dumps(function)) is function


# -- the loop over all cards misses none


UNTESTED = {
    "Rows": "abstract: what the cards of softmax share",
    "Assignment": "abstract: what the two cards of assignment share",
    "Indexing": "abstract: what the two cards of x[…] share",
    "Extreme": "abstract: what the cards of the largest and the smallest element share",
    "Unchanged": "abstract: what the cards below share",
    "Watcher": "abstract: what the cards share that print, check or stop",
    **dict.fromkeys(
        ["GradClip", "GradScale", "ZeroGrad", "DisconnectedGrad", "UndefinedGrad"],
        "its gradient is not that of its value, which the loop compares it with; tested in test_gradient.py",
    ),
}
"""Classes without a sample of their own, and why."""


def test_every_card_is_in_the_loop_or_said_why_not():
    """`cards()` passes over a class whose sample is None: nothing told that it was not tested."""
    families = {Op, Elementwise, Reduction, View, Library}
    tested, missing, pending = set(cards()), set(), [Op]
    while pending:
        card = pending.pop()
        pending += card.__subclasses__()
        if card not in tested and card not in families and card.__module__.startswith("tensorlab."):
            missing.add(card.__name__)
    assert missing == set(UNTESTED)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_polygamma_left_of_zero(order):
    """SciPy's zeta takes a step for each whole number between its argument and 0: for -2e11 it would take hours."""
    mpmath = pytest.importorskip("mpmath")
    x = T.dvector("x")
    given = [-0.001, -0.3, -1.7, -2.5, -30.1, -100.25]
    found = tl.function([x], PolyGamma(order)(x))([*given, -239346989561.25, -3.0])
    np.testing.assert_allclose(found[:-2], [float(mpmath.psi(order, each)) for each in given], rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(found[-2], float(mpmath.psi(order, -100.25)), rtol=1e-3)  # nearly periodic so far from 0
    assert np.isinf(found[-1])


@pytest.mark.parametrize("card", [Sum, Max, LogSumExp])
def test_cards_that_fold_refuse_axes_that_are_not_there(card):
    with pytest.raises(errors.AxisError, match="over axes"):
        card((1,))(T.vector())
    with pytest.raises(errors.AxisError, match="no axes"):
        card((0,))(T.scalar())


def test_cards_of_rows_refuse_what_has_none():
    for card in (Softmax, LogSoftmax):
        with pytest.raises(errors.RankError, match="a matrix is needed"):
            card()(T.vector())
