"""What Theano's optimizer once got silently wrong, and what other compilers get wrong most: each a case that must stay right."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

CUBE = np.arange(24.0).reshape(2, 3, 4)


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


def test_adding_into_zeros_at_repeated_indices():
    x, i = T.vector("x"), T.lvector("i")
    target = T.inc_subtensor(T.zeros_like(x)[i], 1.0)
    assert np.array_equal(both_modes([x, i], target, np.zeros(3), np.array([0, 0, 2])), [2.0, 0.0, 1.0])


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
