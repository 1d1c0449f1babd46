"""Joining, stacking, splitting, repeating: values against NumPy, types, gradients, and what a list of symbols means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import AxisError, DtypeError, RankError, ShapeError
from tensorlab.graph.types import TensorType


@st.composite
def joinable(draw):
    """Arrays of one rank that differ in length on one axis only, and that axis."""
    ndim = draw(st.integers(1, 3))
    axis = draw(st.integers(-ndim, ndim - 1))
    shape = draw(st.lists(st.integers(0, 3), min_size=ndim, max_size=ndim))
    random, values = np.random.RandomState(0), []
    for length in draw(st.lists(st.integers(0, 3), min_size=2, max_size=4)):
        shape[axis] = length
        values.append(random.rand(*shape))
    return values, axis


@settings(max_examples=40, deadline=None)
@given(joinable())
def test_join_agrees_with_numpy_and_cuts_its_gradient(case):
    values, axis = case
    symbols = [T.tensor("float64", shape=(None,) * value.ndim) for value in values]
    given = dict(zip(symbols, values))
    joined = T.concatenate(symbols, axis=axis)
    whole = np.concatenate(values, axis)
    np.testing.assert_array_equal(joined.eval(given), whole)
    weights = np.random.RandomState(1).rand(*whole.shape)
    gradients = T.grad(T.sum(joined * joined * weights), symbols)
    pieces = np.split(2 * whole * weights, np.cumsum([value.shape[axis] for value in values])[:-1], axis)
    for gradient, piece in zip(gradients, pieces):
        np.testing.assert_allclose(gradient.eval(given), piece)
    parts = T.split(joined, [value.shape[axis] for value in values], len(values), axis)
    for part, value in zip(parts, values):
        np.testing.assert_array_equal(part.eval(given), value)


def test_type_of_a_join():
    row, matrix, column = T.row(), T.matrix(), T.col()
    assert T.join(0, row, matrix).type.shape == (None, None), "a joined axis does not stretch any more"
    assert T.join(0, row, row).type.shape == (2, None)
    assert T.join(1, column, np.zeros((4, 2))).type == TensorType("float64", (4, 3))
    assert T.join(-1, matrix, np.zeros((4, 2))).type.shape == (4, None)
    assert T.join(0, matrix) is matrix
    assert T.concatenate([T.constant([1]), T.constant([0.5])]).dtype == "float64"
    assert T.horizontal_stack(matrix, column).type.ndim == 2 and T.vertical_stack(row, matrix).type.ndim == 2
    np.testing.assert_array_equal(T.join(0, [T.constant([1]), T.constant([2])]).eval(), [1, 2])


def test_errors_of_a_join():
    a, b, x, y = T.scalar("a"), T.vector("b"), T.matrix("x"), T.matrix("y")
    with pytest.raises(RankError, match=r"T.stack\(\[a, a\]\)"):
        T.concatenate([a, a])
    with pytest.raises(RankError, match="b is float64 vector"):
        T.concatenate([b, x])
    with pytest.raises(AxisError):
        T.join(2, x, y)
    with pytest.raises(ShapeError, match="axis 1 has lengths 2 and 3"):
        T.join(0, np.zeros((1, 2)), T.constant(np.zeros((1, 3))))
    with pytest.raises(ShapeError, match=r"on axis 1 operand 0 has length 2 and operand 1 has length 3\s+x is"):
        T.join(0, x, y).eval({x: np.zeros((2, 2)), y: np.zeros((2, 3))})
    with pytest.raises(ShapeError, match="empty"):
        T.concatenate([])
    with pytest.raises(RankError):
        T.horizontal_stack(b, x)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_stack(axis):
    values = np.random.RandomState(0).rand(3, 2, 4)
    symbols = T.matrices("a", "b", "c")
    given = dict(zip(symbols, values))
    stacked = T.stack(symbols, axis=axis)
    np.testing.assert_array_equal(stacked.eval(given), np.stack(values, axis))
    np.testing.assert_array_equal(T.stack(symbols, axis).eval(given), np.stack(values, axis))
    assert stacked.type.shape[axis] == 3
    weights = np.random.RandomState(1).rand(*np.stack(values, axis).shape)
    for position, gradient in enumerate(T.grad(T.sum(stacked * stacked * weights), symbols)):
        np.testing.assert_allclose(gradient.eval(given), 2 * values[position] * np.take(weights, position, axis))


def test_forms_of_stack():
    a, b = T.vectors("a", "b")
    assert T.stack(a, b).type.shape == (2, None), "Theano's old form"
    assert T.stack([a, 2 * b, np.ones(3)]).type.shape == (3, 3)
    assert T.stack([T.fscalar(), 0.5]).dtype == "float32"
    with pytest.raises(ShapeError, match="operand 1 has length 2"):
        T.stack([a, b]).eval({a: [1], b: [1, 2]})
    with pytest.raises(AxisError):
        T.stack([a, b], axis=3)


def test_dot_with_a_list_as_on_the_slides():
    """A list of two vectors of length 1 is a matrix (2, 1); a list of two scalars is a vector: never a concatenation."""
    w = T.vector("w")
    a1, a2 = T.vectors("a1", "a2")
    stacked = T.as_tensor_variable([a1, a2])
    np.testing.assert_array_equal(stacked.eval({a1: [3.0], a2: [4.0]}), [[3.0], [4.0]])
    np.testing.assert_array_equal(T.dot(w, [a1, a2]).eval({w: [1.0, 2.0], a1: [3.0], a2: [4.0]}), [11.0])
    s1, s2 = T.scalars("s1", "s2")
    assert T.as_tensor_variable([s1, s2]).type.shape == (2,)
    product = T.dot(w, [s1, s2])
    assert product.type.ndim == 0 and product.eval({w: [1.0, 2.0], s1: 3.0, s2: 4.0}) == 11.0
    by_w, by_s2 = tl.function([w, s1, s2], T.grad(product, [w, s2]))([1.0, 2.0], 3.0, 4.0)
    assert by_w.tolist() == [3.0, 4.0] and by_s2 == 2.0


def test_lists_of_symbols():
    a, b, v = T.fscalar("a"), T.fscalar("b"), T.fvector("v")
    nested = T.as_tensor_variable([[a, 0.1], [1, b]])
    assert nested.type == TensorType("float32", (2, 2)), "numbers are weak, also inside"
    np.testing.assert_array_equal(nested.eval({a: 5, b: 7}), np.array([[5, 0.1], [1, 7]], "float32"))
    assert T.as_tensor_variable([v, np.zeros(3, "float32")]).type == TensorType("float32", (2, 3))
    with pytest.raises(RankError, match="numbers of axes differ"):
        T.as_tensor_variable([v, a])
    with pytest.raises(RankError):
        T.as_tensor_variable([[a, b], v, 1.0])
    assert T.stacklists([[a, b], [b, a]]).type.shape == (2, 2)
    np.testing.assert_array_equal(T.stacklists([[1, 2], [3, 4]]).eval(), [[1, 2], [3, 4]])


# -- split
def test_split_with_symbolic_lengths():
    x, n, sizes = T.vector("x"), T.lscalar("n"), T.lvector("sizes")
    first, last = T.split(x, [n, 2], 2)
    assert last.type.shape == (2,)
    np.testing.assert_array_equal(first.eval({x: [1, 2, 3, 4, 5], n: 3}), [1, 2, 3])
    np.testing.assert_array_equal(last.eval({x: [1, 2, 3, 4, 5], n: 3}), [4, 5])
    parts = T.split(x, sizes, n_splits=3)
    np.testing.assert_array_equal(parts[1].eval({x: [1, 2, 3, 4], sizes: [1, 2, 1]}), [2, 3])
    gradient = T.grad(T.sum(parts[1] ** 2), x)
    np.testing.assert_array_equal(gradient.eval({x: [1, 2, 3, 4], sizes: [1, 2, 1]}), [0, 4, 6, 0])


def test_errors_of_split():
    x = T.vector("x")
    with pytest.raises(ShapeError, match="2 elements from position 1 on, of an axis with 4"):
        T.split(x, [1, 2], 2)[1].eval({x: [1, 2, 3, 4]})
    with pytest.raises(ShapeError, match="add up to 3"):
        T.split(T.constant([1, 2]), [1, 2], 2)
    with pytest.raises(RankError):
        T.split(x, [1, 2], 3)
    with pytest.raises(AxisError):
        T.split(x, [1, 2], 2, axis=1)


# -- repeat, tile, roll
@pytest.mark.parametrize("repeats, axis", [(2, None), (2, 0), (3, -1), (0, 1), ([1, 0, 2], 1), ([2], 0), (np.int8(2), 0)])
def test_repeat(repeats, axis):
    values = np.random.RandomState(0).rand(2, 3)
    x, times = T.matrix("x"), T.lscalar("times") if np.ndim(repeats) == 0 else T.lvector("times")
    wanted = np.repeat(values, repeats, axis)
    np.testing.assert_array_equal(T.repeat(x, repeats, axis).eval({x: values}), wanted)
    assert T.repeat(T.constant(values), repeats, axis).type.shape == wanted.shape
    if np.size(repeats) > 1 or np.ndim(repeats) == 0:
        repeated = x.repeat(times, axis)
        np.testing.assert_array_equal(repeated.eval({x: values, times: repeats}), wanted)
        gradient = T.grad(T.sum(repeated * repeated), x).eval({x: values, times: repeats})
        counts = np.broadcast_to(repeats, values.shape) if axis is None or axis == 1 or axis == -1 else np.full(values.shape, repeats)
        np.testing.assert_allclose(gradient, 2 * values * counts)


def test_errors_of_repeat():
    v = T.vector("v")
    with pytest.raises(ShapeError, match="2 numbers of repeats for 3 elements"):
        T.repeat(v, [1, 2]).eval({v: [1, 2, 3]})
    with pytest.raises(ShapeError, match="negative"):
        T.repeat(v, -1).eval({v: [1, 2, 3]})
    with pytest.raises(DtypeError):
        T.repeat(v, 1.5)
    with pytest.raises(RankError):
        T.repeat(v, [[1]])


@pytest.mark.parametrize(
    "shape, reps", [((2, 3), 2), ((2, 3), (2, 1)), ((2, 3), (1, 1)), ((3,), (2, 2)), ((2, 1), (2, 3, 4)), ((), 3), ((2,), 0)]
)
def test_tile(shape, reps):
    values = np.random.RandomState(0).rand(*shape)
    x = T.tensor("float64", shape=(None,) * len(shape))
    times = T.lscalars(np.size(reps))
    given = dict(zip(times, np.atleast_1d(reps)))
    wanted = np.tile(values, reps)
    assert T.tile(T.constant(values), reps).type.shape == wanted.shape
    for asked, more in ((reps, {}), (times, given)):
        tiled = T.tile(x, asked)
        np.testing.assert_array_equal(tiled.eval({x: values, **more}), wanted)
        np.testing.assert_allclose(T.grad(T.sum(tiled * tiled), x).eval({x: values, **more}), 2 * values * np.prod(reps))


@pytest.mark.parametrize("shift, axis", [(1, None), (-1, 0), (5, 1), (0, -1)])
def test_roll(shift, axis):
    values = np.random.RandomState(0).rand(2, 3)
    weights = np.random.RandomState(1).rand(2, 3)
    x, s = T.matrix("x"), T.lscalar("s")
    rolled = T.roll(x, s, axis)
    np.testing.assert_array_equal(rolled.eval({x: values, s: shift}), np.roll(values, shift, axis))
    gradient = T.grad(T.sum(rolled * rolled * weights), x).eval({x: values, s: shift})
    np.testing.assert_allclose(gradient, 2 * values * np.roll(weights, -shift, axis))
