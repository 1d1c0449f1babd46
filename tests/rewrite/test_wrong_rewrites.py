"""What Theano's optimizer once got silently wrong, and what other compilers get wrong most: each a case that must stay right.

Theano 1.0 warns of its past errors by eleven flags (`theano.config.warn`), and its change log tells of two more; all are in `THEANOS`.
"""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

CUBE = np.arange(24.0).reshape(2, 3, 4)
THEANOS = {
    "argmax pushed through softmax": "test_argmax_of_softmax",
    "sums along axes 01, 011, 0111 of more than 4096 rows": "test_sums_along_axes_of_many_rows",
    "sum of sum": "test_sum_of_sum",
    "sum of a division by something stretched": "test_sum_of_a_quotient_by_something_stretched",
    "subtensors merged with a negative step": "test_slices_of_slices",
    "set_subtensor at whole numbers": "test_setting_rows_at_whole_numbers",
    "reduction of joined arrays along another axis": "test_reductions_of_joined_arrays_along_another_axis",
    "advanced indices that set and add": "test_setting_and_adding_with_index_arrays",
    "adding into zeros at repeated indices": "test_adding_into_zeros_at_repeated_indices",
    "1 / (exp(x) + c) taken for a sigmoid": "test_only_one_makes_a_sigmoid",
    "the mode of rounding": "test_rounding_halves",
    "outputs of a loop that overwrite one another": "test_results_of_loops_do_not_overwrite_one_another",
    "no gradient on the bounds of clip": "test_the_gradient_on_the_bounds_of_clip",
}


def both_modes(inputs, output, *arguments):
    """The result in either mode; they must agree."""
    fast, plain = (tl.function(inputs, output, mode=mode)(*arguments) for mode in ("FAST_RUN", "FAST_COMPILE"))
    assert fast.dtype == plain.dtype and fast.shape == plain.shape
    assert np.allclose(fast, plain, rtol=1e-12, atol=0, equal_nan=True)
    return fast


@pytest.mark.parametrize("inner", [0, 1, 2, (0, 1), (1, 2), (0, 2)])
@pytest.mark.parametrize("outer", [0, -1])
def test_sum_of_sum(inner, outer):
    """The outer axis counts only what the inner sum left."""
    x = T.tensor3("x")
    assert np.array_equal(both_modes([x], T.sum(T.sum(x, axis=inner), axis=outer), CUBE), CUBE.sum(inner).sum(outer))


@pytest.mark.parametrize("axis", [0, 1, None])
def test_sum_of_a_quotient_by_something_stretched(axis):
    x, v = T.matrix("x"), T.vector("v")
    a, b = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 4.0])
    assert np.array_equal(both_modes([x, v], T.sum(x / v.dimshuffle("x", 0), axis=axis), a, b), (a / b).sum(axis))
    assert np.array_equal(both_modes([x, v], T.sum(x.T / v.dimshuffle(0, "x"), axis=axis), a, b), (a.T / b[:, None]).sum(axis))


def test_argmax_of_softmax():
    x = T.matrix("x")
    values = np.array([[1.0, 3.0, 2.0], [-1000.0, 0.0, 5.0]])
    for axis in (0, 1):
        softmax = np.exp(values) / np.exp(values).sum(1, keepdims=True)
        assert np.array_equal(both_modes([x], T.argmax(T.nnet.softmax(x), axis=axis), values), softmax.argmax(axis))


@pytest.mark.parametrize("first", [slice(None, None, -1), slice(4, 0, -2), slice(1, None), slice(-3, None, 1)])
@pytest.mark.parametrize("second", [slice(None, None, -1), slice(1, 3), slice(None, None, 2), slice(2, None, -1)])
def test_slices_of_slices(first, second):
    x = T.vector("x")
    values = np.arange(7.0)
    assert np.array_equal(both_modes([x], x[first][second], values), values[first][second])


def test_reductions_of_joined_arrays_along_another_axis():
    x, y = T.matrices("x", "y")
    a, b = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    for join in (0, 1):
        for axis in (0, 1, None):
            assert np.array_equal(
                both_modes([x, y], T.sum(T.concatenate([x, y], axis=join), axis=axis), a, b), np.concatenate([a, b], join).sum(axis)
            )


def test_each_of_theanos_errors_has_its_test():
    assert len(THEANOS) == 13 and all(callable(globals()[name]) for name in THEANOS.values())


@pytest.mark.parametrize("axes", [(1,), (0,), (1, 2), (0, 1), (1, 2, 3), (0, 2), (0, 1, 2, 3)])
def test_sums_along_axes_of_many_rows(axes):
    """The patterns 01, 011 and 0111 of Theano's GPU: the first axis stays, and is longer than 4096."""
    ndim = max(max(axes) + 1, 2)
    values = np.arange(5000.0 * 2 ** (ndim - 1)).reshape(5000, *[2] * (ndim - 1))
    x = T.tensor("float64", (None,) * ndim, name="x")
    for reduction, exact in ((T.sum, np.sum), (T.max, np.max)):
        assert np.array_equal(both_modes([x], reduction(x, axis=axes), values), exact(values, axis=axes))


def test_setting_rows_at_whole_numbers():
    x, i, y = T.matrix("x"), T.lvector("i"), T.matrix("y")
    values, new = np.arange(12.0).reshape(4, 3), -np.ones((2, 3)) * [[1.0], [2.0]]
    for rows in ([0, 2], [3, 1], [-1, 0], [2, 2]):
        expected = values.copy()
        expected[rows] = new
        assert np.array_equal(both_modes([x, i, y], T.set_subtensor(x[i], y), values, np.array(rows), new), expected)
        assert np.array_equal(both_modes([x, y], T.set_subtensor(x[rows], y), values, new), expected)


@pytest.mark.parametrize("rows, columns", [([0, 1], [1, 2]), ([1, 1], [2, 2]), ([0, -1, 1], [0, 0, 0])])
def test_setting_and_adding_with_index_arrays(rows, columns):
    x, y = T.matrix("x"), T.vector("y")
    values, new = np.arange(6.0).reshape(2, 3), np.arange(1.0, len(rows) + 1)
    added, put = values.copy(), values.copy()
    np.add.at(added, (rows, columns), new)
    for row, column, each in zip(rows, columns, new):
        put[row, column] = each
    assert np.array_equal(both_modes([x, y], T.inc_subtensor(x[rows, columns], y), values, new), added)
    assert np.array_equal(both_modes([x, y], T.set_subtensor(x[rows, columns], y), values, new), put)
    sum_of_both = 2 * x + T.inc_subtensor(T.zeros_like(x)[rows, columns], y)
    assert np.array_equal(both_modes([x, y], sum_of_both, values, new), values + added)
    twice = T.inc_subtensor(T.set_subtensor(x[rows, columns], y)[rows, columns], y)
    np.add.at(put, (rows, columns), new)
    assert np.array_equal(both_modes([x, y], twice, values, new), put)


def test_adding_into_zeros_at_repeated_indices():
    x, i = T.vector("x"), T.lvector("i")
    target = T.inc_subtensor(T.zeros_like(x)[i], 1.0)
    assert np.array_equal(both_modes([x, i], target, np.zeros(3), np.array([0, 0, 2])), [2.0, 0.0, 1.0])
    assert np.array_equal(both_modes([x], T.inc_subtensor(T.zeros_like(x)[[0, 0, 2]], 1.0), np.zeros(3)), [2.0, 0.0, 1.0])
    put = T.inc_subtensor(T.set_subtensor(x[[0, 0, 2]], 5.0)[[0, 0, 2]], 1.0)
    assert np.array_equal(both_modes([x], put, np.zeros(3)), [7.0, 0.0, 6.0])
    stepped = x - 0.5 * T.inc_subtensor(T.zeros_like(x)[i], 2.0)
    assert np.array_equal(both_modes([x, i], stepped, np.ones(3), np.array([0, 0, -3])), [-2.0, 1.0, 1.0])


@pytest.mark.parametrize("number", [0.0, 0.5, 2.0, -1.0, 1.0000001])
def test_only_one_makes_a_sigmoid(number):
    x = T.vector("x")
    values = np.array([-2.0, 0.5, 3.0])
    for graph, exact in (
        (1 / (T.exp(-x) + number), 1 / (np.exp(-values) + number)),
        (1 / (number + T.exp(x)), 1 / (number + np.exp(values))),
        (T.exp(x) / (T.exp(x) + number), np.exp(values) / (np.exp(values) + number)),
        (number / (1 + T.exp(-x)), number / (1 + np.exp(-values))),
    ):
        assert np.allclose(both_modes([x], graph, values), exact, rtol=1e-14)


def test_rounding_halves():
    x = T.vector("x")
    values = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.49999])
    assert np.array_equal(both_modes([x], T.round(x), values), [-2.0, -2.0, 0.0, 0.0, 2.0, 2.0, 3.0])
    assert np.array_equal(both_modes([x], T.round(x, mode="half_to_even"), values), np.round(values))
    away = both_modes([x], T.round(x, mode="half_away_from_zero"), values)
    assert np.array_equal(away, [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 3.0])


def test_results_of_loops_do_not_overwrite_one_another():
    """Scans here are the loops of `T.jacobian`; and several updates of one call read old values only."""
    x = T.vector("x")
    values = np.array([1.0, 2.0, 3.0])
    first, second = (
        tl.function([x], [T.jacobian(x**2, x), T.jacobian(x**3, x)], mode=mode)(values) for mode in ("FAST_RUN", "FAST_COMPILE")
    )
    for square, cube in (first, second):
        assert np.allclose(square, np.diag(2 * values)) and np.allclose(cube, np.diag(3 * values**2))
    a, b = tl.shared(np.zeros(3), "a"), tl.shared(np.ones(3), "b")
    swap = tl.function([x], [a + x, b], updates=[(a, b + x), (b, a - x)])
    before = [each.copy() for each in swap(values)]
    again = swap(values)
    assert np.array_equal(before[0], values) and np.array_equal(before[1], np.ones(3)), "an output kept is not written by the next call"
    assert np.array_equal(again[0], 1 + 2 * values) and np.array_equal(again[1], -values)


def test_the_gradient_on_the_bounds_of_clip():
    x = T.vector("x")
    assert np.array_equal(both_modes([x], T.grad(T.sum(T.clip(x, -1.0, 1.0)), x), [-2.0, -1.0, 0.0, 1.0, 2.0]), [0.0, 1.0, 1.0, 1.0, 0.0])


def test_the_negative_of_unsigned_numbers():
    n = T.tensor("uint8", (None,), name="n")
    values = np.array([0, 1, 255], "uint8")
    for graph, exact in (
        (abs(-n), np.abs(-values)),
        (-(-n), values),
        ((-n) / n, (-values) / np.maximum(values, 1)),
        (n - n * 2, values - values * 2),
    ):
        with np.errstate(all="ignore"):
            result = both_modes([n], graph, values)
        assert np.array_equal(result[1:], exact[1:])


def test_division_of_whole_numbers_by_themselves():
    n = T.lvector("n")
    assert np.array_equal(both_modes([n], n // n, np.array([3, -2, 0])), [1, 1, 0])
    assert np.array_equal(both_modes([n], n % n, np.array([3, -2, 0])), [0, 0, 0])


def test_comparisons_of_a_number_with_itself():
    x = T.vector("x")
    for op, exact in ((T.eq, [True, False]), (T.neq, [False, True]), (T.ge, [True, False])):
        assert np.array_equal(both_modes([x], op(x, x), [1.0, np.nan]), exact)


def test_switch_takes_only_the_branch_it_should():
    x = T.vector("x")
    graph = T.switch(x > 0, T.log(x), 0.0)
    with np.errstate(all="ignore"):
        assert np.array_equal(both_modes([x], graph, [-1.0, 1.0]), [0.0, 0.0])


def test_logarithms_of_negative_numbers_stay_undefined():
    x = T.vector("x")
    with np.errstate(all="ignore"):
        result = both_modes([x], T.exp(T.log(x)), [-2.0, 4.0])
    assert np.isnan(result[0]) and np.isclose(result[1], 4.0, rtol=1e-15)


def test_roots_of_squares_are_magnitudes():
    x = T.vector("x")
    assert np.array_equal(both_modes([x], T.sqrt(x**2), [-3.0, 2.0]), [3.0, 2.0])


def test_a_cast_that_loses_something_is_not_left_out():
    x = T.vector("x")
    assert np.array_equal(both_modes([x], T.cast(T.cast(x, "int8"), "float64"), [2.7, -1.5]), [2.0, -1.0])
    assert both_modes([x], T.cast(T.cast(x, "float32"), "float64"), [0.1])[0] == np.float32(0.1)
