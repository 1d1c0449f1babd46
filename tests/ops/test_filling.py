"""Filled arrays, ranges, triangles and diagonals: values against NumPy, types, gradients, errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import AxisError, BroadcastError, DtypeError, RankError, ShapeError


def test_zeros_ones_full():
    n, m = T.lscalar("n"), T.matrix("m")
    for shape, inputs, lengths, known in (
        (3, {}, (3,), (3,)),
        ((2, 3), {}, (2, 3), (2, 3)),
        ([n, 2], {n: 4}, (4, 2), (None, 2)),
        (n, {n: 2}, (2,), (None,)),
        (m.shape, {m: np.zeros((2, 5))}, (2, 5), (None, None)),
        ((), {}, (), ()),
        (np.array([1, 2]), {}, (1, 2), (1, 2)),
    ):
        for ours, value in ((T.zeros, 0), (T.ones, 1), (T.empty, 0), (lambda shape: T.full(shape, 7.0), 7)):
            result = ours(shape)
            assert result.type.shape == known and result.dtype == "float64"
            np.testing.assert_array_equal(result.eval(inputs), np.full(lengths, value))


def test_dtype_of_filled_arrays():
    with tl.config.change_flags(floatX="float32"):
        assert T.zeros(3).dtype == T.ones(3).dtype == T.alloc(0.0, 3).dtype == T.eye(3).dtype == T.linspace(0, 1, 3).dtype == "float32"
        assert T.arange(3).dtype == "int64" and T.arange(3.0).dtype == "float32"
    assert T.zeros(3, "int8").eval().dtype == "int8" and T.full(3, 1).dtype == "int64" and T.full(3, np.float32(1)).dtype == "float32"
    x = T.fvector("x")
    assert (
        T.full_like(x, 0.5).dtype == "float32" and T.full_like(x, 2, dtype="int64").dtype == "int64" and T.zeros_like(x).dtype == "float32"
    )
    np.testing.assert_array_equal(T.full_like(x, 0.5).eval({x: [1, 2]}), np.float32([0.5, 0.5]))
    with pytest.raises(DtypeError):
        T.zeros(3, "complex64")


def test_alloc_stretches_only_what_the_type_allows():
    v, n = T.vector("v"), T.lscalar("n")
    stretched = T.alloc(v, n, 3)
    assert stretched.type.shape == (None, 3)
    np.testing.assert_array_equal(stretched.eval({v: [1, 2, 3], n: 2}), [[1, 2, 3]] * 2)
    np.testing.assert_array_equal(T.grad(T.sum(stretched**2), v).eval({v: [1, 2, 3], n: 2}), [4, 8, 12])
    column = T.col("c")
    np.testing.assert_array_equal(T.grad(T.sum(T.alloc(column, 2, 3) ** 2), column).eval({column: [[1.0], [2.0]]}), [[6], [12]])
    with pytest.raises(BroadcastError, match="only if the type says so"):
        stretched.eval({v: [1], n: 2})
    with pytest.raises(ShapeError, match="the value has length 2"):
        stretched.eval({v: [1, 2], n: 2})
    with pytest.raises(ShapeError, match="negative"):
        T.zeros(n).eval({n: -1})
    with pytest.raises(ShapeError):
        T.alloc(T.constant([1, 2]), 3)
    with pytest.raises(RankError):
        T.alloc(v, ())
    assert T.alloc(T.constant([1, 2]), T.lscalar()).type.shape == (2,), "the value's own length is known"
    for wrong in (lambda: T.zeros(2.5), lambda: T.zeros((2, -3)), lambda: T.ones(T.scalar()), lambda: T.zeros(T.lvector())):
        with pytest.raises((DtypeError, ShapeError, RankError)) as caught:
            wrong()
        assert caught.value.advice


# -- ranges
@settings(max_examples=60, deadline=None)
@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-3, 3).filter(bool), st.booleans())
def test_arange_agrees_with_numpy(start, stop, step, floating):
    if floating:
        start, stop, step = start / 2, stop / 2, step / 4  # exact in binary, so the number of steps is not a matter of rounding
    wanted = np.arange(start, stop, step)
    known = T.arange(start, stop, step)
    assert known.type.shape == wanted.shape and known.dtype == wanted.dtype
    np.testing.assert_array_equal(known.eval(), wanted)
    symbols = T.dscalars("a", "b", "c") if floating else T.lscalars("a", "b", "c")
    np.testing.assert_array_equal(T.arange(*symbols).eval(dict(zip(symbols, (start, stop, step)))), wanted)


def test_forms_of_arange():
    n, x = T.iscalar("n"), T.matrix("x")
    assert T.arange(n).dtype == "int64" and T.arange(T.fscalar()).dtype == "float32"
    np.testing.assert_array_equal(T.arange(x.shape[0]).eval({x: np.zeros((3, 2))}), [0, 1, 2])
    np.testing.assert_array_equal(T.arange(1, stop=n, step=2, dtype="int8").eval({n: 6}), np.int8([1, 3, 5]))
    with pytest.raises(RankError):
        T.arange(T.lvector())
    with pytest.raises(ShapeError, match="step of 0"):
        T.arange(0, 3, n).eval({n: 0})


def test_gradient_of_arange():
    a, b, c = T.scalars("a", "b", "c")
    gradients = T.grad(T.sum(T.arange(a, b, c) ** 2), [a, b, c])
    values = np.arange(0.5, 3.0, 0.75)
    found = tl.function([a, b, c], gradients)(0.5, 3.0, 0.75)
    np.testing.assert_allclose(found, [2 * values.sum(), 0, (2 * values * np.arange(len(values))).sum()])


@pytest.mark.parametrize("num", [0, 1, 2, 7])
@pytest.mark.parametrize("endpoint", [True, False])
def test_linspace(num, endpoint):
    n = T.lscalar("n")
    wanted = np.linspace(-1, 0.3, num, endpoint=endpoint)
    found = T.linspace(-1, 0.3, num, endpoint).eval()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(T.linspace(-1, 0.3, n, endpoint).eval({n: num}), found)
    if endpoint and num > 1:
        assert found[0] == -1 and found[-1] == 0.3, "both ends are exact"


@pytest.mark.parametrize("k", [-3, -1, 0, 1, 4])
def test_eye_and_triangles(k):
    n, m, s = T.lscalars("n", "m", "s")
    values = np.random.RandomState(0).rand(3, 4)
    given = {n: 3, m: 4, s: k}
    np.testing.assert_array_equal(T.eye(3, 4, k).eval(), np.eye(3, 4, k))
    np.testing.assert_array_equal(T.eye(n, m, s, "int8").eval(given), np.eye(3, 4, k, "int8"))
    np.testing.assert_array_equal(T.tri(n, m, k).eval({n: 3, m: 4}), np.tri(3, 4, k))
    x, stack = T.matrix("x"), T.tensor3("stack")
    np.testing.assert_array_equal(T.tril(x, k).eval({x: values}), np.tril(values, k))
    np.testing.assert_array_equal(T.triu(x, k).eval({x: values}), np.triu(values, k))
    np.testing.assert_array_equal(T.triu(stack, k).eval({stack: [values, -values]}), np.triu(np.stack([values, -values]), k))
    np.testing.assert_allclose(T.grad(T.sum(T.tril(x, k) ** 2), x).eval({x: values}), 2 * np.tril(values, k))
    assert T.eye(3).type.shape == (3, 3)
    with pytest.raises(RankError):
        T.tril(T.vector())


def test_a_triangle_keeps_nan_out():
    assert T.tril(T.constant([[1.0, np.nan], [2.0, 3.0]])).eval().tolist() == [[1, 0], [2, 3]]


def test_identity_like():
    x = T.fmatrix("x")
    found = T.identity_like(x).eval({x: np.zeros((2, 3), "float32")})
    np.testing.assert_array_equal(found, np.eye(2, 3, dtype="float32"))
    assert found.dtype == "float32"


# -- diagonals
@pytest.mark.parametrize("k", [-2, 0, 1, 5])
def test_diagonals(k):
    values, line = np.random.RandomState(0).rand(3, 4), np.array([1.0, 2.0, 3.0])
    x, v = T.matrix("x"), T.vector("v")
    np.testing.assert_array_equal(T.diag(x, k).eval({x: values}), np.diag(values, k))
    np.testing.assert_array_equal(T.diag(v, k).eval({v: line}), np.diag(line, k))
    assert (
        T.diag(T.constant(values), k).type.shape == np.diag(values, k).shape
        and T.diag(T.constant(line), k).type.shape == np.diag(line, k).shape
    )
    np.testing.assert_array_equal(T.grad(T.sum(T.diag(x, k) ** 2), x).eval({x: values}), 2 * values * np.eye(3, 4, k))
    np.testing.assert_array_equal(T.grad(T.sum(T.diag(v, k) ** 2), v).eval({v: line}), 2 * line)
    np.testing.assert_allclose(x.trace().eval({x: values}), np.trace(values))


def test_diagonal_of_other_axes():
    values = np.random.RandomState(0).rand(2, 3, 4)
    x = T.tensor3("x")
    for offset, one, two in ((0, 0, 1), (1, 1, 2), (-1, 2, 0), (0, -1, 0)):
        found = T.diagonal(x, offset, one, two)
        np.testing.assert_array_equal(found.eval({x: values}), np.diagonal(values, offset, one, two))
        gradient = T.grad(T.sum(found**2), x).eval({x: values})
        assert gradient.shape == values.shape and np.count_nonzero(gradient) == np.diagonal(values, offset, one, two).size
    with pytest.raises(AxisError, match="two different axes"):
        T.diagonal(x, 0, 1, -2)
    with pytest.raises(RankError):
        T.diagonal(T.vector())


def test_fill_diagonal():
    values = np.arange(12.0).reshape(3, 4)
    x, s = T.matrix("x"), T.scalar("s")
    wanted = values.copy()
    wanted[np.eye(3, 4, dtype=bool)] = 9
    filled = T.fill_diagonal(x, s)
    np.testing.assert_array_equal(filled.eval({x: values, s: 9}), wanted)
    np.testing.assert_array_equal(T.grad(T.sum(filled**2), x).eval({x: values, s: 9}), 2 * values * (1 - np.eye(3, 4)))
    assert T.grad(T.sum(filled**2), s).eval({x: values, s: 9}) == 2 * 9 * 3
    np.testing.assert_array_equal(T.fill_diagonal_offset(x, 9, 1).eval({x: values})[np.eye(3, 4, 1, dtype=bool)], [9, 9, 9])
    cube = np.zeros((2, 2, 2))
    np.fill_diagonal(cube, 5)
    np.testing.assert_array_equal(T.fill_diagonal(T.constant(np.zeros((2, 2, 2))), 5).eval(), cube)
