"""Reductions, extremes, averages and running sums: values against NumPy and plain loops, derivatives at ties and zeros, dtypes, errors."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import AxisError, ShapeError, TensorlabError
from tensorlab.ops.cumulative import ProductBefore, Recurrence


@st.composite
def arrays_and_axes(draw, smallest=0):
    """An array of small numbers (ties and zeros are common), and axes of it in every form that a reader may write."""
    shape = tuple(draw(st.lists(st.integers(smallest, 3), max_size=3)))
    values = np.array(draw(st.lists(st.integers(-2, 2), min_size=int(np.prod(shape)), max_size=int(np.prod(shape)))), float).reshape(shape)
    ndim = len(shape)
    several = st.lists(st.integers(0, ndim - 1), unique=True, min_size=1).map(tuple) if ndim else st.none()
    one = st.integers(-ndim, ndim - 1) if ndim else st.none()
    return values, draw(st.one_of(st.none(), one, several)), draw(st.booleans())


def symbol_for(values):
    return T.tensor("float64", shape=(None,) * values.ndim, name="x")


@settings(max_examples=40, deadline=None)
@given(arrays_and_axes())
def test_sums_and_truth_agree_with_numpy(case):
    values, axis, keepdims = case
    x = symbol_for(values)
    for ours, theirs in ((T.sum, np.sum), (T.prod, np.prod), (T.all, np.all), (T.any, np.any)):
        result = ours(x, axis=axis, keepdims=keepdims)
        wanted = theirs(values, axis=axis, keepdims=keepdims)
        np.testing.assert_array_equal(result.eval({x: values}), wanted, err_msg=ours.__name__)
        assert result.type.ndim == np.ndim(wanted)


@settings(max_examples=40, deadline=None)
@given(arrays_and_axes(smallest=1))
def test_extremes_and_averages_agree_with_numpy(case):
    values, axis, keepdims = case
    x = symbol_for(values)
    for ours, theirs in ((T.max, np.max), (T.min, np.min), (T.mean, np.mean), (T.var, np.var), (T.std, np.std)):
        result = ours(x, axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(
            result.eval({x: values}), theirs(values, axis=axis, keepdims=keepdims), atol=1e-12, err_msg=ours.__name__
        )
    if not isinstance(axis, tuple):
        for ours, theirs in ((T.argmax, np.argmax), (T.argmin, np.argmin)):
            found = ours(x, axis=axis, keepdims=keepdims).eval({x: values})
            np.testing.assert_array_equal(found, theirs(values, axis=axis, keepdims=keepdims))
            assert found.dtype == "int64"


@settings(max_examples=30, deadline=None)
@given(arrays_and_axes())
def test_kept_axes_stretch(case):
    values, axis, _ = case
    x = symbol_for(values)
    np.testing.assert_array_equal((x - T.sum(x, axis, keepdims=True)).eval({x: values}), values - values.sum(axis, keepdims=True))


def test_argmax_over_several_axes_counts_row_by_row():
    values = np.random.RandomState(1).permutation(24).reshape(2, 3, 4)
    found = T.argmax(T.constant(values), axis=(0, 2)).eval()
    np.testing.assert_array_equal(found, values.transpose(1, 0, 2).reshape(3, 8).argmax(1))


@pytest.mark.parametrize(
    "dtype, added, kept, averaged",
    [
        ("bool", "int64", "bool", "float64"),
        ("int8", "int64", "int8", "float64"),
        ("uint8", "uint64", "uint8", "float64"),
        ("int64", "int64", "int64", "float64"),
        ("float32", "float32", "float32", "float32"),
        ("float64", "float64", "float64", "float64"),
    ],
)
def test_dtypes(dtype, added, kept, averaged):
    x = T.constant(np.ones((2, 3), dtype))
    for result, wanted in (
        (x.sum(0), added),
        (x.prod(0), added),
        (x.max(0), kept),
        (x.min(), kept),
        (x.mean(1), averaged),
        (x.var(), averaged),
        (x.argmax(0), "int64"),
        (x.all(), "bool"),
        (x.any(), "bool"),
        (T.sum(x, dtype="float32"), "float32"),
    ):
        assert result.dtype == wanted == result.eval().dtype.name


def test_small_whole_numbers_do_not_overflow():
    values = np.full(300, 100, "int8")
    assert T.sum(T.constant(values)).eval() == 30000
    assert T.mean(T.constant(values)).eval() == 100.0
    assert T.sum(T.constant(values), dtype="int8").eval() == np.int64(30000).astype("int8")


def test_float32_course_stays_float32():
    with tl.config.change_flags(floatX="float32"):
        x, labels = T.matrix(), T.ivector()
        for result in (
            T.mean(x),
            T.var(x, 0),
            T.std(x),
            T.mean(T.neq(labels, 1)),
            T.mean(x, axis=1, keepdims=True),
            x.norm(2),
            T.var(labels),
        ):
            assert result.dtype == "float32"
        assert T.mean(T.neq(labels, 1)).eval({labels: [1, 2, 1, 1]}) == 0.25


def test_ddof_and_acc_dtype():
    values = np.random.RandomState(0).rand(4, 3)
    np.testing.assert_allclose(T.var(T.constant(values), 0, ddof=1).eval(), values.var(0, ddof=1))
    np.testing.assert_allclose(T.std(T.constant(values), 1, ddof=1).eval(), values.std(1, ddof=1))
    tiny = np.full(3, 2.0**-30, "float32")
    tiny[0] = 1
    precise = T.sum(T.constant(tiny), acc_dtype="float64")
    assert precise.dtype == "float64" and precise.eval() == 1 + 2 * 2.0**-30


def test_a_list_of_symbols_is_stacked_first():
    a, b = T.scalars("a", "b")
    given = {a: 1.0, b: 5.0}
    assert [each.eval(given) for each in (T.sum([a, b]), T.mean([a, b]), T.max([a, b]), T.prod([a, 3, b]), T.argmax([a, b]))] == [
        6,
        3,
        5,
        15,
        1,
    ]


@pytest.mark.parametrize("ours, wanted", [(T.sum, 0.0), (T.prod, 1.0), (T.all, True), (T.any, False), (T.mean, np.nan)])
def test_no_elements(ours, wanted):
    x = T.vector()
    np.testing.assert_equal(ours(x).eval({x: []}), wanted)


@pytest.mark.parametrize("ours, what", [(T.max, "largest"), (T.min, "smallest"), (T.argmax, "largest"), (T.argmin, "smallest")])
def test_no_elements_have_no_extreme(ours, what):
    x = T.matrix("x")
    with pytest.raises(ShapeError, match=f"axis 0 has length 0.*{what}"):
        ours(x, axis=0).eval({x: np.zeros((0, 3))})
    assert ours(x, axis=0).eval({x: np.zeros((3, 0))}).shape == (0,)


def test_wrong_axes():
    x = T.matrix("x")
    for wrong in (2, -3, (0, 0), 0.5):
        with pytest.raises(AxisError) as caught:
            x.sum(axis=wrong)
        assert "x.sum" in str(caught.value) and caught.value.advice
    with pytest.raises(AxisError):
        T.scalar().max(axis=0)


# -- derivatives
def others(values):
    """Per element, the product of all others, by a plain loop."""
    flat = values.ravel()
    return np.array([np.prod(np.delete(flat, place)) for place in range(flat.size)]).reshape(values.shape)


@pytest.mark.parametrize("values", [[2.0, 3.0, 5.0], [2.0, 0.0, 5.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0], [4.0], []])
def test_derivatives_of_a_product_with_zeros(values):
    """Dividing the product by the element would give nan; the third derivative is exact too."""
    values = np.array(values)
    x = T.vector("x")
    first = T.grad(T.prod(x), x)
    np.testing.assert_array_equal(first.eval({x: values}), others(values))
    size = len(values)
    for i in range(size):
        second = T.grad(first[i], x)
        wanted = [0.0 if i == j else np.prod(np.delete(values, [i, j])) for j in range(size)]
        np.testing.assert_array_equal(second.eval({x: values}), wanted)
        for j in range(size):
            third = T.grad(second[j], x).eval({x: values})
            wanted = [np.prod(np.delete(values, [i, j, k])) if len({i, j, k}) == 3 else 0.0 for k in range(size)]
            np.testing.assert_array_equal(third, wanted)


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 2), (1, 2)])
def test_gradient_of_a_product_over_some_axes(axis):
    values = np.random.RandomState(3).randint(-1, 3, (2, 3, 2)).astype(float)
    x = T.tensor3("x")
    found = T.grad(T.sum(T.prod(x, axis)), x).eval({x: values})
    folded = {None: (0, 1, 2), 0: (0,), 1: (1,)}.get(axis, axis)
    kept = [each for each in range(3) if each not in folded]
    wanted = np.empty_like(values)
    for place in itertools.product(*[range(values.shape[each]) for each in kept]):
        index = tuple(place[kept.index(each)] if each in kept else slice(None) for each in range(3))
        wanted[index] = others(values[index])
    np.testing.assert_array_equal(found, wanted)


def test_every_extreme_at_a_tie_has_derivative_one():
    x = T.matrix("x")
    values = [[3.0, 1.0, 3.0], [0.0, 0.0, 0.0]]
    np.testing.assert_array_equal(T.grad(T.sum(T.max(x, axis=1)), x).eval({x: values}), [[1, 0, 1], [1, 1, 1]])
    np.testing.assert_array_equal(T.grad(T.min(x), x).eval({x: values}), [[0, 0, 0], [1, 1, 1]])


def test_no_gradient_through_positions_and_truth():
    x = T.vector("x")
    for ours in (T.argmax, T.argmin, T.all, T.any):
        np.testing.assert_array_equal(
            T.grad(T.sum(x * x) * ours(x), x).eval({x: [1.0, 3.0]}),
            T.grad(T.sum(x * x), x).eval({x: [1.0, 3.0]}) * ours(x).eval({x: [1.0, 3.0]}),
        )


def test_norms():
    values = np.array([[3.0, -4.0, 0.0], [0.0, 1.0, -1.0]])
    x = T.constant(values)
    for order in (1, 2, np.inf, -np.inf, 0, 3, 1.5):
        np.testing.assert_allclose(x.norm(order, axis=1).eval(), np.linalg.norm(values, order, axis=1), err_msg=str(order))
    assert x.norm(2, axis=0, keepdims=True).type.broadcastable == (True, False)
    np.testing.assert_allclose(x.norm(T.constant(3.0), axis=1).eval(), np.linalg.norm(values, 3, axis=1))


def test_gradient_of_the_norm_at_zero_is_nan():
    x = T.vector("x")
    gradient = T.grad(x.norm(2), x)
    np.testing.assert_allclose(gradient.eval({x: [3.0, 4.0]}), [0.6, 0.8])
    assert np.isnan(gradient.eval({x: [0.0, 0.0]})).all()


def test_max_and_argmax_and_ptp():
    x = T.matrix("x")
    values = [[1.0, 7.0], [9.0, 2.0]]
    largest, place = T.max_and_argmax(x, axis=1)
    np.testing.assert_array_equal(largest.eval({x: values}), [7, 9])
    np.testing.assert_array_equal(place.eval({x: values}), [1, 0])
    np.testing.assert_array_equal(x.ptp(axis=0).eval({x: values}), [8, 5])


# -- running sums
@settings(max_examples=30, deadline=None)
@given(arrays_and_axes())
def test_running_sums_and_products_agree_with_numpy(case):
    values, axis, _ = case
    axis = axis[0] if isinstance(axis, tuple) else axis
    x = symbol_for(values)
    np.testing.assert_array_equal(T.cumsum(x, axis).eval({x: values}), np.cumsum(values, axis))
    np.testing.assert_array_equal(T.cumprod(x, axis).eval({x: values}), np.cumprod(values, axis))


def test_dtype_of_running_sums():
    assert T.cumsum(T.constant(np.ones(3, "int8"))).eval().dtype == "int8"
    np.testing.assert_array_equal(T.cumsum(T.constant([True, True])).eval(), [1, 2])


def test_gradient_of_a_running_product_with_zeros():
    values = np.array([2.0, 0.0, 3.0, 0.0, 5.0])
    x, weights = T.vector("x"), np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    found = T.grad(T.sum(T.cumprod(x) * weights), x).eval({x: values})
    wanted = [sum(weights[k] * np.prod(np.delete(values[: k + 1], j)) for k in range(j, 5)) for j in range(5)]
    np.testing.assert_allclose(found, wanted)


def test_a_recurrence_is_what_its_loop_says():
    a, b = np.random.RandomState(0).rand(2, 6)
    state, before = 0.0, []
    for factor, term in zip(a, b):
        before.append(state)
        state = factor * state + term
    np.testing.assert_allclose(Recurrence(0)(a, b).eval(), before)
    np.testing.assert_allclose(Recurrence(0, reverse=True)(a[::-1], b[::-1]).eval()[::-1], before)
    np.testing.assert_allclose(ProductBefore(0)(a).eval(), [np.prod(a[:place]) for place in range(6)])


def test_differences():
    values = np.random.RandomState(0).rand(3, 4)
    for n, axis in ((1, -1), (2, 0), (0, 1)):
        np.testing.assert_allclose(T.diff(T.constant(values), n, axis).eval(), np.diff(values, n, axis))


def test_every_error_says_what_to_try():
    x = T.matrix("x")
    for wrong in (
        lambda: x.mean(axis=5),
        lambda: x.cumsum(axis=2),
        lambda: T.diff(x, -1),
        lambda: T.sum(x, dtype="complex64"),
        lambda: x.norm(2, axis=7),
    ):
        with pytest.raises(TensorlabError) as caught:
            wrong()
        assert caught.value.asked and caught.value.found and caught.value.advice
