"""Costs and their gradients, in the spellings that people use: finite and right at |z| = 800, against mpmath's limits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from graphs import run

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.walk import ancestors
from tensorlab.ops.assigning import AdvancedIncSubtensor
from tensorlab.ops.classification import LogSoftmax, Softmax
from tensorlab.ops.log_sum_exp import LogSumExp
from tensorlab.rewrite import rewritten

SCORES = np.array([-800.0, -90.0, -40.0, -1.0, 0.0, 2.0, 40.0, 90.0, 800.0])
BOTH = ("FAST_RUN", "FAST_COMPILE")
SIGMOIDS = {  # and the modes in which also the gradient is right
    "1 / (1 + exp(-z))": (lambda z: 1 / (1 + T.exp(-z)), BOTH),
    "1 / (exp(-z) + 1)": (lambda z: 1 / (T.exp(-z) + 1), BOTH),
    "1.0 / (1.0 + exp(-1 * z))": (lambda z: 1.0 / (1.0 + T.exp(-1 * z)), BOTH),
    "float32": (lambda z: np.float32(1) / (np.float32(1) + T.exp(-z)), BOTH),
    "a cast": (lambda z: T.cast(1 / (1 + T.exp(-z)), z.dtype), BOTH),
    "a power": (lambda z: (1 + T.exp(-z)) ** -1, BOTH),
    "inv": (lambda z: T.inv(1 + T.exp(-z)), BOTH),
    "1 - 1 / (1 + exp(z))": (lambda z: 1 - 1 / (1 + T.exp(z)), BOTH),
    "exp(z) / (1 + exp(z))": (lambda z: T.exp(z) / (1 + T.exp(z)), BOTH[:1]),
    "exp(z) / (exp(z) + 1)": (lambda z: T.exp(z) / (T.exp(z) + 1), BOTH[:1]),
    "1 / (1 + 1 / exp(z))": (lambda z: 1 / (1 + 1 / T.exp(z)), BOTH[:1]),
    "0.5 * (1 + tanh(z / 2))": (lambda z: 0.5 * (1 + T.tanh(z / 2)), BOTH),
    "(tanh(0.5 * z) + 1) / 2": (lambda z: (T.tanh(0.5 * z) + 1) / 2, BOTH),
    "the card": (T.nnet.sigmoid, BOTH),
}
COSTS = {
    "as on the slide": lambda y, t: -(t * T.log(y) + (1 - t) * T.log(1 - y)),
    "signs in front": lambda y, t: -t * T.log(y) - (1 - t) * T.log(1 - y),
    "t behind": lambda y, t: -(T.log(y) * t + T.log(1 - y) * (1 - t)),
    "-t + 1": lambda y, t: -(t * T.log(y) + (-t + 1) * T.log(1 - y)),
    "t - 1": lambda y, t: (t - 1) * T.log(1 - y) - t * T.log(y),
    "float32": lambda y, t: -(t * T.log(y) + (np.float32(1) - t) * T.log(np.float32(1) - y)),
    "log(1 / y)": lambda y, t: t * T.log(1 / y) + (1 - t) * T.log(1 / (1 - y)),
    "switch": lambda y, t: -T.switch(T.eq(t, 1), T.log(y), T.log(1 - y)),
    "the card": T.nnet.binary_crossentropy,
}
ADDING_UP = {
    "sum": (T.sum, 1),
    "mean": (T.mean, len(SCORES)),
    "sum / n": (lambda cost: T.sum(cost) / cost.shape[0], len(SCORES)),
    "half": (lambda cost: 0.5 * T.sum(cost), 2),
}


def limits(targets, dtype):
    """Cost and slope by mpmath, of the scores as the dtype holds them."""
    costs, slopes = [], []
    with mpmath.workdps(60):
        for z, t in zip(SCORES.astype(dtype), targets):
            e = mpmath.exp(mpmath.mpf(float(z)))
            costs.append(float(t * mpmath.log(1 + 1 / e) + (1 - t) * mpmath.log(1 + e)))
            slopes.append(float(e / (1 + e) - t))
    return np.array(costs), np.array(slopes)


def values_of(outputs, given, mode):
    with np.errstate(all="ignore"):
        return run(rewritten(outputs, mode).outputs, given)


def check(y_of, cost_of, dtype, mode, total=T.sum, divisor=1):
    z, t = T.vector("z", dtype=dtype), T.vector("t", dtype=dtype)
    cost = cost_of(y_of(z), t)
    assert cost.type.dtype == dtype
    gradient = T.grad(total(cost), z)
    for target in (0.0, 1.0):
        targets = np.full(len(SCORES), target)
        costs, slopes = limits(targets, dtype)
        found, slope = values_of([cost, gradient], {z: SCORES.astype(dtype), t: targets.astype(dtype)}, mode)
        digits = 40 * np.finfo(dtype).eps
        np.testing.assert_allclose(found, costs, rtol=digits, atol=digits)
        np.testing.assert_allclose(slope, slopes / divisor, rtol=digits, atol=digits)


@pytest.mark.parametrize("mode", BOTH)
@pytest.mark.parametrize("sigmoid", SIGMOIDS)
def test_cross_entropies_are_finite_and_right(sigmoid, mode):
    make, modes = SIGMOIDS[sigmoid]
    for cost in COSTS.values():
        if mode in modes:
            check(make, cost, "float64", mode)
    check(make, COSTS["as on the slide"], "float32", modes[-1])


@pytest.mark.parametrize("rest", [lambda y: T.log(-y + 1), lambda y: T.log1p(-y)], ids=["-y + 1", "log1p"])
@pytest.mark.parametrize("mode", BOTH)
def test_one_minus_y_may_be_spelled_otherwise(rest, mode):
    for sigmoid in ("1 / (1 + exp(-z))", "a power", "the card", "float32"):
        for dtype in ("float64", "float32"):
            check(SIGMOIDS[sigmoid][0], lambda y, t: -(t * T.log(y) + (1 - t) * rest(y)), dtype, mode)


@pytest.mark.parametrize("mode", BOTH)
@pytest.mark.parametrize("total", ADDING_UP)
def test_sums_and_means_alike(total, mode):
    add_up, divisor = ADDING_UP[total]
    for sigmoid in ("1 / (1 + exp(-z))", "the card"):
        for dtype in ("float64", "float32"):
            check(SIGMOIDS[sigmoid][0], COSTS["as on the slide"], dtype, mode, add_up, divisor)


@pytest.mark.parametrize("logarithm, unit", [(T.log2, np.log(2)), (T.log10, np.log(10))])
def test_other_logarithms(logarithm, unit):
    z = T.vector("z")
    y = 1 / (1 + T.exp(-z))
    found = values_of([-logarithm(y), -logarithm(1 - y)], {z: SCORES}, "FAST_RUN")
    for each, target in zip(found, (1.0, 0.0)):
        np.testing.assert_allclose(each, limits(np.full(len(SCORES), target), "float64")[0] / unit, rtol=1e-14, atol=1e-15)


def test_a_sigmoid_made_of_tanh_keeps_its_digits():
    z = T.vector("z")
    spellings = [0.5 * (T.tanh(z / 2) + 1), (1 + T.tanh(0.5 * z)) / 2, 0.5 * T.tanh(0.5 * z) + 0.5]
    for found in [value for mode in BOTH for value in values_of(spellings, {z: SCORES}, mode)]:
        np.testing.assert_allclose(found, limits(np.zeros(len(SCORES)), "float64")[1], rtol=1e-14)


@pytest.mark.parametrize("mode", BOTH)
@pytest.mark.parametrize("scale", [1.0, 400.0, 800.0])
def test_the_xor_net_of_the_slides_trains_where_sigmoids_are_flat(scale, mode):
    """Weights so large that every neuron is saturated, half of them on the wrong side: no cost, output or weight may become nan or inf."""
    random = np.random.RandomState(4)
    x, target = T.vector("x"), T.scalar("target")
    w1, w2, w = (tl.shared(scale * random.choice([-1.0, 1.0], 2)) for _ in range(3))
    b1, b2, b = (tl.shared(scale * random.choice([-1.0, 1.0], 1)) for _ in range(3))
    a1 = 1 / (1 + T.exp(-1 * (T.dot(w1, x) + b1)))
    a2 = 1 / (1 + T.exp(-1 * (T.dot(w2, x) + b2)))
    y = 1 / (1 + T.exp(-1 * (T.dot(w, [a1, a2]) + b)))
    cost = -(target * T.log(y) + (1 - target) * T.log(1 - y)).sum()
    weights = [w, b, w1, b1, w2, b2]
    step = tl.function([x, target], [y, cost], updates=[(each, each - 0.01 * T.grad(cost, each)) for each in weights], mode=mode)
    costs = []
    for _ in range(20):
        for pair, wanted in (([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)):
            output, value = step(pair, wanted)
            costs.append(value)
            assert np.isfinite(output).all() and np.isfinite(value)
            assert all(np.isfinite(each.get_value()).all() for each in weights)
    assert scale == 1.0 or max(costs) > 300.0, "the cost of a confident error is its score, not what log(0) was replaced by"


CLASSES = np.array([1, 2, 0])
LOGITS = np.array([[800.0, -800.0, 0.0], [0.0, 0.0, 0.0], [1.0, 2.0, -800.0]])


def classifier_limits():
    with mpmath.workdps(60):
        rows = [[mpmath.exp(mpmath.mpf(each)) for each in row] for row in LOGITS.tolist()]
        probabilities = [[each / sum(row) for each in row] for row in rows]
        costs = [float(-mpmath.log(row[number])) for row, number in zip(probabilities, CLASSES)]
        slopes = [[float(each - (column == number)) for column, each in enumerate(row)] for row, number in zip(probabilities, CLASSES)]
    return np.array(costs), np.array(slopes)


def softmax_by_hand(z):
    weights = T.exp(z)
    return weights / weights.sum(axis=1, keepdims=True)


CLASSIFIERS = {
    "log p, then chosen": lambda z, n, h: -T.log(T.nnet.softmax(z))[T.arange(n.shape[0]), n],
    "chosen by rows of z": lambda z, n, h: -T.log(T.nnet.softmax(z))[T.arange(z.shape[0]), n],
    "chosen, then log p": lambda z, n, h: -T.log(T.nnet.softmax(z)[T.arange(n.shape[0]), n]),
    "one-hot": lambda z, n, h: -T.sum(h * T.log(T.nnet.softmax(z)), axis=1),
    "the card with class numbers": lambda z, n, h: T.nnet.categorical_crossentropy(T.nnet.softmax(z), n),
    "the card with one-hot": lambda z, n, h: T.nnet.categorical_crossentropy(T.nnet.softmax(z), h),
    "logsoftmax": lambda z, n, h: -T.nnet.logsoftmax(z)[T.arange(n.shape[0]), n],
    "softmax by hand": lambda z, n, h: -T.log(softmax_by_hand(z))[T.arange(n.shape[0]), n],
    "softmax by hand, one-hot": lambda z, n, h: -T.sum(h * T.log(softmax_by_hand(z)), axis=1),
    "softmax by hand, chosen": lambda z, n, h: -T.log(softmax_by_hand(z)[T.arange(n.shape[0]), n]),
    "log of a sum": lambda z, n, h: T.log(T.exp(z).sum(axis=1)) - z[T.arange(n.shape[0]), n],
    "log of a sum, shifted": lambda z, n, h: z.max(1) + T.log(T.exp(z - z.max(1, keepdims=True)).sum(1)) - z[T.arange(n.shape[0]), n],
    "z minus the log of a sum": lambda z, n, h: -(z - T.log(T.exp(z).sum(axis=1, keepdims=True)))[T.arange(n.shape[0]), n],
}


@pytest.mark.parametrize("mode", BOTH)
@pytest.mark.parametrize("spelling", CLASSIFIERS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_costs_of_classifiers_are_finite_and_right(spelling, dtype, mode):
    z, n, h = T.matrix("z", dtype=dtype), T.lvector("n"), T.matrix("h", dtype=dtype)
    cost = CLASSIFIERS[spelling](z, n, h)
    costs, slopes = classifier_limits()
    given = {z: LOGITS.astype(dtype), n: CLASSES, h: np.eye(3)[CLASSES].astype(dtype)}
    digits = 40 * np.finfo(dtype).eps
    for total, divisor in ((T.sum, 1), (T.mean, 3)):
        found, slope = values_of([cost, T.grad(total(cost), z)], given, mode)
        assert found.dtype == slope.dtype == dtype
        np.testing.assert_allclose(found, costs, rtol=digits, atol=digits)
        np.testing.assert_allclose(slope, slopes / divisor, rtol=digits, atol=digits)


@pytest.mark.parametrize("spelling", ["log p, then chosen", "chosen, then log p", "the card with class numbers", "softmax by hand, chosen"])
def test_the_gradient_of_a_classifier_is_softmax_minus_one_hot(spelling):
    """Nothing is divided by a probability, no matrix of zeros is made or added up: one product, and one number a row."""
    z, n = T.matrix("z"), T.lvector("n")
    cost = T.mean(CLASSIFIERS[spelling](z, n, None))
    (slope,) = rewritten([T.grad(cost, z)]).outputs
    nodes = ancestors([slope])
    assert isinstance(slope.op, AdvancedIncSubtensor) and len(nodes) <= 26
    assert sum(isinstance(each.op, AdvancedIncSubtensor) for each in nodes) == 1
    assert not any(each.op is not None and each.op.name in ("sum", "log", "exp") for each in nodes)
    matrices = [each for each in nodes if each.type.ndim == 2 and not isinstance(each.op, (Softmax, LogSoftmax)) and each.op is not None]
    assert len(matrices) <= 6, matrices


def test_a_class_that_does_not_exist_is_still_an_error():
    z, n = T.matrix("z"), T.lvector("n")
    for spelling in ("log p, then chosen", "chosen, then log p", "the card with class numbers", "chosen by rows of z"):
        (slope,) = rewritten([T.grad(T.sum(CLASSIFIERS[spelling](z, n, None)), z)]).outputs
        run([slope], {z: LOGITS, n: CLASSES})
        for wrong in ([0, 3, 1], [0, 1, 1, 1]):
            with pytest.raises((IndexError, ValueError)):
                run([slope], {z: LOGITS, n: np.array(wrong)})


def test_fewer_class_numbers_than_rows_leave_the_other_rows_alone():
    z, n = T.matrix("z"), T.lvector("n")
    gradient = T.grad(T.sum(CLASSIFIERS["log p, then chosen"](z, n, None)), z)
    (slope,) = rewritten([gradient]).outputs
    (found,) = run([slope], {z: LOGITS, n: CLASSES[:2]})
    expected = classifier_limits()[1]
    expected[2] = 0
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
@pytest.mark.parametrize("mode", BOTH)
def test_the_logarithm_of_a_sum_of_exponentials(axis, mode):
    z = T.matrix("z")
    written = T.log(T.exp(z).sum(axis=axis))
    values = np.array([[800.0, -800.0, 799.0], [-900.0, -900.0, -900.0]])
    found, slope = values_of([written, T.grad(written.sum(), z)], {z: values}, mode)
    top = values.max(axis, keepdims=True)
    weights = np.exp(values - top)
    np.testing.assert_allclose(found, (np.log(weights.sum(axis, keepdims=True)) + top).reshape(found.shape), rtol=1e-15)
    if axis in (0, 1):  # along both axes there is no softmax to name
        np.testing.assert_allclose(slope, weights / weights.sum(axis, keepdims=True), rtol=1e-13)
    assert any(isinstance(node.op, LogSumExp) for node in ancestors(rewritten([written], mode).outputs))


def test_special_rows_of_a_log_of_a_sum():
    z = T.matrix("z")
    (found,) = values_of([T.log(T.exp(z).sum(1))], {z: np.array([[-np.inf] * 2, [np.inf, 0], [np.nan, 0], [-np.inf, 3]])}, "FAST_RUN")
    np.testing.assert_array_equal(found, [-np.inf, np.inf, np.nan, 3])
    (none,) = values_of([T.log(T.exp(z).sum(1))], {z: np.zeros((2, 0))}, "FAST_RUN")
    np.testing.assert_array_equal(none, [-np.inf, -np.inf])


def test_the_softmax_of_a_vector_and_of_columns():
    v, m = T.vector("v"), T.matrix("m")
    vector, columns = T.exp(v) / T.exp(v).sum(), T.exp(m) / T.exp(m).sum(axis=0, keepdims=True)
    values = np.array([800.0, 0.0, 799.0])
    exact = np.exp(values - 800) / np.exp(values - 800).sum()
    for mode in BOTH:
        found, turned, logarithm = values_of([vector, columns, T.log(vector)], {v: values, m: values[:, None] * [[1.0, 1.0]]}, mode)
        np.testing.assert_allclose(found, exact, rtol=1e-14)
        np.testing.assert_allclose(turned, exact[:, None] * [[1.0, 1.0]], rtol=1e-14)
        np.testing.assert_allclose(logarithm, values - 800 - np.log(np.exp(values - 800).sum()), rtol=1e-14)
