"""Functions of neural networks and single elements where the generic tests of cards do not look: kinks, huge inputs, targets, errors."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ChoiceError, DtypeError, RankError


def slope(function, at, dtype="float64"):
    x = T.vector("x", dtype=dtype)
    return T.grad(function(x).sum(), x).eval({x: np.asarray(at, dtype)})


def value(function, at):
    x = T.vector("x")
    return function(x).eval({x: np.asarray(at, float)})


def test_the_namespace_is_reached_in_every_way():
    module = importlib.import_module("tensorlab.tensor.nnet")
    from tensorlab.tensor.nnet import relu

    assert T.nnet is module is tl.tensor.nnet and T.nnet.relu is relu


@pytest.mark.parametrize(
    "function, at, wanted",
    [
        (lambda x: T.maximum(x, 0), [-1, 0, 1], [0, 1, 1]),
        (lambda x: T.minimum(x, 0), [-1, 0, 1], [1, 1, 0]),
        (lambda x: T.maximum(x, x), [3], [2]),
        (lambda x: T.clip(x, -1, 1), [-2, -1, 0, 1, 2], [0, 1, 1, 1, 0]),
        (abs, [-2, 0, 2], [-1, 0, 1]),
        (T.sgn, [-2, 0, 2], [0, 0, 0]),
        (T.floor, [0.5, 1], [0, 0]),
        (T.round, [0.5, 1], [0, 0]),
        (lambda x: x // 2, [3, 4], [0, 0]),
        (lambda x: x % 2, [3, 4.5], [1, 1]),
        (T.sqrt, [0, 4], [np.inf, 0.25]),
        (T.cbrt, [0, 8], [np.inf, 1 / 12]),
        (lambda x: x**0, [0, 3], [0, 0]),
        (lambda x: x**2, [0, 3], [0, 6]),
        (lambda x: x**1, [0, 3], [1, 1]),
        (lambda x: x ** T.zeros_like(x), [0, 3], [0, 0]),
        (lambda x: 0.0**x, [0, 3], [0, 0]),
        (T.nnet.relu, [-1, 0, 1], [0, 0.5, 1]),
        (lambda x: T.nnet.relu(x, 0.1), [-1, 0, 1], [0.1, 0.55, 1]),
        (T.nnet.elu, [0, 1], [1, 1]),
        (lambda x: T.nnet.elu(x, 2), [0, 1], [2, 1]),
        (T.nnet.hard_sigmoid, [-9, 0, 9], [0, 0.2, 0]),
        (T.nnet.softsign, [-1, 0, 1], [0.25, 1, 0.25]),
    ],
)
def test_derivatives_at_kinks_are_theanos(function, at, wanted):
    np.testing.assert_allclose(slope(function, at), wanted, rtol=1e-14)


def test_power_by_its_exponent():
    x, y = T.scalars("x", "y")
    by_exponent = T.grad(x**y, y)
    assert by_exponent.eval({x: 0.0, y: 2.0}) == 0
    np.testing.assert_allclose(by_exponent.eval({x: 2.0, y: 3.0}), 8 * np.log(2))
    n = T.ivector("n")
    np.testing.assert_allclose(T.grad((T.constant([3.0, 0.0, 2.0]) ** n).sum(), n).eval({n: [2, 2, 0]}), [9 * np.log(3), 0, np.log(2)])


def test_unsigned_exponent_of_zero_does_not_wrap_in_the_derivative():
    x, k = T.vector("x"), T.tensor("uint8", (None,), "k")
    np.testing.assert_array_equal(T.grad((x**k).sum(), x).eval({x: [0.0, 5.0, 5.0], k: np.array([0, 0, 2], "uint8")}), [0, 0, 10])


@pytest.mark.parametrize(
    "function, at, wanted",
    [
        (T.nnet.sigmoid, [-1e4, 1e4, np.inf, -np.inf], [0, 1, 1, 0]),
        (T.nnet.softplus, [-1e4, 1e4, np.inf, -np.inf], [0, 1e4, np.inf, 0]),
        (T.nnet.softplus, [-40.0], [np.exp(-40.0)]),
        (T.nnet.relu, [-np.inf, np.inf], [0, np.inf]),
        (T.nnet.elu, [-1e4, 1e4], [-1, 1e4]),
        (T.nnet.ultra_fast_sigmoid, [1, -1, 0, 1e3], [0.75, 0.25, 0.5, 0.5 + 0.5 * np.tanh(3)]),
        (T.nnet.hard_sigmoid, [1, -1], [0.7, 0.3]),
        (T.expm1, [1e-20], [1e-20]),
        (T.log1p, [1e-20], [1e-20]),
        (T.erfcx, [1e4], [1 / (1e4 * np.sqrt(np.pi))]),
        (T.tri_gamma, [1.0, -0.5], [np.pi**2 / 6, np.pi**2 / 2 + 4]),
    ],
)
def test_values_far_out_and_near_nothing(function, at, wanted):
    np.testing.assert_allclose(value(function, at), wanted, rtol=1e-8)


@pytest.mark.parametrize("function", [T.nnet.softplus, T.nnet.elu, T.nnet.sigmoid, T.nnet.relu, T.nnet.selu, T.tanh])
def test_derivatives_far_out_are_numbers(function):
    """Guards against 0 · inf: the branch that is not taken must not overflow in the derivative."""
    assert np.isfinite(slope(function, [-1e4, -800, 0, 800, 1e4])).all()


def test_selu_keeps_mean_and_variance():
    drawn = np.random.RandomState(0).normal(size=200_000)
    out = value(T.nnet.selu, drawn)
    assert abs(out.mean()) < 0.01 and abs(out.var() - 1) < 0.02


def test_slope_of_relu_may_be_learned():
    x, alpha = T.matrix("x"), T.row("alpha")
    by_slope = T.grad(T.nnet.relu(x, alpha).sum(), alpha)
    np.testing.assert_array_equal(by_slope.eval({x: [[-1.0, 2.0], [-3.0, -4.0]], alpha: [[0.1, 0.1]]}), [[-4, -4]])


# -- softmax


def test_softmax_of_a_vector_is_a_row():
    v = T.vector("v")
    for function in (T.nnet.softmax, T.nnet.logsoftmax):
        assert function(v).type == T.TensorType("float64", (1, None))
        assert function(v).eval({v: [1.0, 2.0]}).shape == (1, 2)
    assert T.nnet.softmax(T.imatrix()).type.dtype == T.nnet.logsoftmax(T.imatrix()).type.dtype == "float64"


@pytest.mark.parametrize("wrong", [T.tensor3("h"), T.scalar("h")])
def test_softmax_of_other_ranks_is_refused(wrong):
    for function in (T.nnet.softmax, T.nnet.logsoftmax):
        with pytest.raises(RankError, match="h is float64"):
            function(wrong)


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_an_infinite_score_leaves_the_others_nothing(mode):
    """As exp(x) / Σ exp(x) would be computed: 0 beside infinity, not nan."""
    x = T.matrix("x")
    written = T.exp(x) / T.exp(x).sum(axis=1, keepdims=True)
    outputs = [T.nnet.softmax(x), written, T.exp(T.nnet.logsoftmax(x))]
    for found in tl.function([x], outputs, mode=mode)([[np.inf, 1.0, -800.0], [-np.inf, 0.0, 0.0]]):
        np.testing.assert_array_equal(found[0], [np.nan, 0, 0])
        np.testing.assert_allclose(found[1], [0, 0.5, 0.5])


def test_softmax_does_not_overflow():
    m = T.matrix("m")
    scores = [[1000.0, 0.0, -1000.0], [-1e5, -1e5, -1e5]]
    np.testing.assert_allclose(T.nnet.softmax(m).eval({m: scores}), [[1, 0, 0], [1 / 3] * 3])
    np.testing.assert_allclose(T.nnet.logsoftmax(m).eval({m: scores}), [[0, -1000, -2000], [-np.log(3)] * 3])
    assert np.isfinite(T.grad(T.nnet.logsoftmax(m)[0, 2], m).eval({m: scores})).all()


# -- costs


def cross_entropy(probabilities, classes):
    return [-np.log(row[chosen]) for row, chosen in zip(probabilities, classes)]


@pytest.mark.parametrize("make", [T.ivector, T.lvector, T.bvector])
def test_categorical_crossentropy_of_class_numbers(make):
    y, t = T.matrix("y"), make("t")
    probabilities = np.array([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]])
    cost = T.nnet.categorical_crossentropy(y, t)
    assert cost.type == T.TensorType("float64", (None,))
    np.testing.assert_allclose(cost.eval({y: probabilities, t: [1, 0, 0]}), cross_entropy(probabilities, [1, 0, 0]))
    gradient = T.grad(cost.sum(), y).eval({y: probabilities, t: [1, 0, 0]})
    np.testing.assert_allclose(gradient, [[0, -1 / 0.8], [-2, 0], [-1 / 0.9, 0]])


def test_a_probability_of_zero_for_another_class_does_no_harm():
    """Guards against 0 · inf: only the probabilities of the true classes are looked at."""
    y, t = T.matrix("y"), T.ivector("t")
    gradient = T.grad(T.nnet.categorical_crossentropy(y, t).sum(), y).eval({y: [[1.0, 0.0]], t: [0]})
    np.testing.assert_array_equal(gradient, [[-1, 0]])


def test_categorical_crossentropy_of_distributions():
    y, t = T.matrix("y"), T.matrix("t")
    probabilities, truth = np.array([[0.2, 0.8], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.25, 0.75]])
    cost = T.nnet.categorical_crossentropy(y, t)
    np.testing.assert_allclose(cost.eval({y: probabilities, t: truth}), -(truth * np.log(probabilities)).sum(1))
    one_hot = T.nnet.categorical_crossentropy(T.fmatrix("y"), T.lmatrix("t"))
    assert one_hot.type.dtype == "float32"


def test_categorical_crossentropy_says_what_does_not_fit():
    y = T.matrix("y")
    with pytest.raises(DtypeError, match="class numbers are whole numbers"):
        T.nnet.categorical_crossentropy(y, T.vector("t"))
    for wrong in (T.itensor3("t"), T.iscalar("t")):
        with pytest.raises(RankError):
            T.nnet.categorical_crossentropy(y, wrong)
    t = T.ivector("t")
    with pytest.raises(IndexError):
        T.nnet.categorical_crossentropy(y, t).eval({y: [[0.5, 0.5]], t: [2]})


def test_binary_crossentropy():
    y, t = T.vector("y"), T.vector("t")
    cost = T.nnet.binary_crossentropy(y, t)
    np.testing.assert_allclose(cost.eval({y: [0.2, 0.7], t: [0.0, 1.0]}), [-np.log(0.8), -np.log(0.7)])
    np.testing.assert_allclose(T.grad(cost.sum(), y).eval({y: [0.2, 0.7], t: [0.0, 1.0]}), [1 / 0.8, -1 / 0.7])
    for target in (T.ivector(), T.lvector(), T.tensor("bool", (None,))):
        assert T.nnet.binary_crossentropy(T.fvector(), target).type.dtype == "float32"
        assert T.nnet.sigmoid_binary_crossentropy(T.fvector(), target).type.dtype == "float32"


def test_sigmoid_binary_crossentropy_is_stable():
    x, t = T.vector("x"), T.vector("t")
    stable = T.nnet.sigmoid_binary_crossentropy(x, t)
    plain = T.nnet.binary_crossentropy(T.nnet.sigmoid(x), t)
    near = {x: [-2.0, 0.5], t: [1.0, 0.3]}
    np.testing.assert_allclose(stable.eval(near), plain.eval(near))
    np.testing.assert_allclose(stable.eval({x: [1e3, -1e3], t: [0.0, 1.0]}), [1e3, 1e3])


# -- rounding, comparisons


def test_rounding_at_halves():
    halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994, -0.49999999999999994]
    np.testing.assert_array_equal(value(T.round, halves), np.round(halves))
    away = value(lambda x: T.round(x, "half_away_from_zero"), halves)
    np.testing.assert_array_equal(away, [-3, -2, -1, 1, 2, 3, 0, 0])
    np.testing.assert_array_equal(value(lambda x: x.round(), halves), np.round(halves))
    assert value(T.iround, halves).dtype == "int64"
    with pytest.raises(ChoiceError, match="half_to_even"):
        T.round(T.scalar(), "up")


@pytest.mark.parametrize("function", [T.floor, T.ceil, T.trunc, T.round, lambda x: T.round(x, "half_away_from_zero")])
def test_rounding_leaves_large_whole_numbers_alone(function):
    n = T.lvector("n")
    exact = [2**53 + 1, -(2**62) - 1]  # a float64 cannot hold them
    np.testing.assert_array_equal(function(n).eval({n: exact}), exact)


def test_isclose_is_numpys():
    values = np.array([0.0, 1.0, 1.0 + 1e-6, 1.1, np.inf, -np.inf, np.nan])
    a, b = (array.ravel() for array in np.meshgrid(values, values))
    x, y = T.vectors("x", "y")
    for options in ({}, {"equal_nan": True}, {"rtol": 0.2}, {"rtol": 0.0, "atol": 1e-5}):
        np.testing.assert_array_equal(T.isclose(x, y, **options).eval({x: a, y: b}), np.isclose(a, b, **options))
        assert T.allclose(x, y, **options).eval({x: a, y: b}) == np.allclose(a, b, **options)
    assert T.allclose(T.constant([True, False]), T.constant([1, 0])).eval()


def test_logic_of_numbers_and_bits():
    x, y = T.vectors("x", "y")
    given = {x: [0.0, 2.0, 0.0, 4.0], y: [0.0, 0.0, 2.0, 3.0]}
    for ours, theirs in ((T.logical_and, np.logical_and), (T.logical_or, np.logical_or), (T.logical_xor, np.logical_xor)):
        np.testing.assert_array_equal(ours(x, y).eval(given), theirs(given[x], given[y]))
    np.testing.assert_array_equal(T.logical_not(x).eval({x: [0.0, 3.0]}), [True, False])
    assert T.bitwise_and(T.constant(6), 3).eval() == 2 and T.bitwise_not(T.constant(0)).eval() == -1


def test_numpys_names_are_the_same_operations():
    names = {
        "power": "pow", "divide": "true_div", "floor_divide": "int_div", "remainder": "mod", "square": "sqr", "sign": "sgn",
        "absolute": "abs_", "where": "switch", "inv": "reciprocal", "bitwise_xor": "xor",
    }  # fmt: skip
    for ours, theirs in names.items():
        assert getattr(T, ours) is getattr(T, theirs)


def test_fill_takes_the_dtype_of_its_value():
    x = T.fmatrix("x")
    assert T.fill(x, 7).type.dtype == "float32" and T.fill(x, T.constant(7)).type.dtype == "int64"
