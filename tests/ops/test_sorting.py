"""Sorting and the largest few: NumPy is the oracle, gradients are permutations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import AxisError, DtypeError, IndexingError, RankError, ShapeError

VALUE = np.array([[3.0, 1.0, 2.0], [0.5, 9.0, -4.0]])


@pytest.mark.parametrize("axis", [-1, 0, 1, None])
def test_values_are_numpys(axis):
    x = T.matrix("x")
    found = tl.function([x], [T.sort(x, axis), T.argsort(x, axis)])(VALUE)
    np.testing.assert_array_equal(found[0], np.sort(VALUE, axis))
    np.testing.assert_array_equal(found[1], np.argsort(VALUE, axis, kind="stable"))


@pytest.mark.parametrize("axis", [-1, 0, None])
def test_gradient_goes_back_to_where_an_element_came_from(axis):
    x = T.matrix("x")
    weights = np.arange(6.0).reshape(np.sort(VALUE, axis).shape)
    slope = T.grad((T.sort(x, axis) * T.constant(weights)).sum(), x)
    flat = VALUE.reshape(np.sort(VALUE, axis).shape)
    wanted = np.zeros_like(flat)
    np.put_along_axis(wanted, np.argsort(flat, -1 if axis is None else axis), weights, -1 if axis is None else axis)
    np.testing.assert_array_equal(slope.eval({x: VALUE}), wanted.reshape(VALUE.shape))
    second = T.grad((T.grad((T.sort(x, axis) ** 3).sum(), x) ** 2).sum(), x)
    np.testing.assert_allclose(second.eval({x: VALUE}), 36 * VALUE**3)


@settings(max_examples=40, deadline=None)
@given(arrays.arrays("int8", arrays.array_shapes(max_dims=2, max_side=6)))
def test_whole_numbers_keep_their_dtype_and_equal_ones_their_order(value):
    assert T.sort(value).eval().dtype == "int8"
    np.testing.assert_array_equal(T.sort(value).eval(), np.sort(value))
    np.testing.assert_array_equal(T.argsort(value).eval(), np.argsort(value, kind="stable"))
    largest = T.argtopk(value, value.shape[-1]).eval()
    np.testing.assert_array_equal(largest, np.argsort(-value.astype(int), kind="stable"))


def test_nan_counts_as_largest():
    value = np.array([1.0, np.nan, -1.0])
    np.testing.assert_array_equal(T.sort(value).eval(), [-1, 1, np.nan])
    np.testing.assert_array_equal(T.topk(value, 2).eval(), [np.nan, 1])


@pytest.mark.parametrize("axis", [-1, 0, None])
@pytest.mark.parametrize("k", [1, 2, -1, -2])
def test_the_largest_few(axis, k):
    x = T.matrix("x")
    values, positions = T.topk_and_argtopk(x, k, axis)
    flat, along = (VALUE.ravel(), 0) if axis is None else (VALUE, axis)
    ordered = np.sort(flat, along)
    wanted = np.take(np.flip(ordered, along) if k > 0 else ordered, range(abs(k)), along)
    np.testing.assert_array_equal(values.eval({x: VALUE}), wanted)
    np.testing.assert_array_equal(np.take_along_axis(flat, positions.eval({x: VALUE}), along), wanted)
    slope = T.grad((values * values).sum(), x).eval({x: VALUE})
    np.testing.assert_allclose(slope, np.where(np.isin(VALUE, wanted), 2 * VALUE, 0))


def test_a_symbolic_k():
    x, k = T.vector("x"), T.iscalar("k")
    f = tl.function([x, k], [T.topk(x, k), T.argtopk(x, k, idx_dtype="int32")])
    values, positions = f([3.0, 1.0, 4.0], 2)
    assert values.tolist() == [4, 3] and positions.tolist() == [2, 0] and positions.dtype == "int32"
    for wrong in (4, 0):
        with pytest.raises(IndexingError, match=f"k={wrong} for an axis of length 3"):
            f([3.0, 1.0, 4.0], wrong)


def test_known_lengths():
    x = T.constant(np.ones((4, 5)))
    assert T.topk(x, 2).type.shape == (4, 2)
    assert T.sort(x).type.shape == (4, 5)
    assert T.argsort(x, axis=None).type.shape == (20,)


def test_mistakes():
    x = T.matrix("x")
    with pytest.raises(AxisError, match="axis=2"):
        T.sort(x, axis=2)
    with pytest.raises(RankError):
        T.argsort(T.scalar("s"))
    with pytest.raises(ValueError, match="bubble"):
        T.sort(x, kind="bubble")
    with pytest.raises(ShapeError, match="k=9"):
        T.topk([1, 2, 3], 9)
    with pytest.raises(DtypeError):
        T.topk(x, 1.5)
    with pytest.raises(RankError):
        T.topk(x, [1, 2])


def test_take_along_axis():
    x, index = T.matrix("x"), T.lmatrix("index")
    f = tl.function([x, index], T.take_along_axis(x, index, 1))
    np.testing.assert_array_equal(f(VALUE, [[2, 2], [0, -1]]), np.take_along_axis(VALUE, np.array([[2, 2], [0, -1]]), 1))
    with pytest.raises(IndexingError):
        f(VALUE, [[3], [0]])
    with pytest.raises(ShapeError, match="lengths 2 and 1 on axis 0"):
        f(VALUE, [[0]])
    with pytest.raises(DtypeError):
        T.take_along_axis(x, x)
    with pytest.raises(RankError):
        T.take_along_axis(x, [0])
