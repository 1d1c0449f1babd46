"""Shapes, axes, reshaping and declared lengths: values against NumPy, what the type knows, and what the errors say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab.tensor as T
from tensorlab.graph.errors import AxisError, DtypeError, RankError, ShapeError
from tensorlab.graph.types import TensorType


def typed(shape):
    return T.tensor("float64", shape=shape, name="x")


# -- reshape
@st.composite
def reshapes(draw):
    """An array, a shape with as many elements, and which of its lengths are numbers, symbols, or -1."""
    lengths = draw(st.lists(st.integers(1, 4), max_size=4))
    shape = draw(st.permutations(lengths)) + draw(st.lists(st.just(1), max_size=2))
    return tuple(lengths), list(shape), [draw(st.sampled_from("nsa")) for _ in shape], draw(st.integers(0, 5))


@settings(max_examples=50, deadline=None)
@given(reshapes())
def test_reshape_agrees_with_numpy(case):
    lengths, shape, kinds, open_place = case
    values = np.arange(float(np.prod(lengths))).reshape(lengths)
    x, given, asked = typed((None,) * len(lengths)), {}, []
    given[x] = values
    for place, (length, kind) in enumerate(zip(shape, kinds)):
        if place == open_place:
            asked.append(-1)
        elif kind == "s":
            asked.append(T.lscalar())
            given[asked[-1]] = length
        else:
            asked.append(np.int64(length) if kind == "a" else length)
    result = T.reshape(x, asked)
    np.testing.assert_array_equal(result.eval(given), values.reshape(shape))
    for place, length in enumerate(shape):
        if place == open_place:  # known only if the number of elements is: a scalar has one
            assert result.type.shape[place] in ((None, length) if not lengths else (None,))
        else:
            assert result.type.shape[place] == (None if kinds[place] == "s" else length)
    weights = np.asarray(np.random.RandomState(0).rand(*shape))
    gradient = T.grad(T.sum(result * result * weights), x)
    np.testing.assert_allclose(gradient.eval(given), 2 * values * np.reshape(weights, lengths))


def test_forms_of_a_shape():
    x = T.constant(np.arange(6.0).reshape(2, 3))
    n = T.lscalar("n")
    for shape in ((3, 2), [3, -1], np.array([3, 2]), T.constant([3, 2]), (T.constant(3), 2)):
        assert x.reshape(shape).type.shape == (3, 2)
    assert x.reshape(3, 2).type.shape == (3, 2) and x.reshape(6).type.shape == x.reshape((-1,)).type.shape == (6,)
    np.testing.assert_array_equal(x.reshape(n).eval({n: 6}), np.arange(6.0))
    m, s = T.matrix("m"), T.lvector("s")
    np.testing.assert_array_equal(x.reshape(m.shape).eval({m: np.zeros((3, 2))}), np.arange(6.0).reshape(3, 2))
    np.testing.assert_array_equal(x.reshape(s, ndim=2).eval({s: [1, 6]}), np.arange(6.0).reshape(1, 6))


def test_a_constant_length_of_one_stretches_and_a_symbolic_one_does_not():
    x, n = T.matrix("x"), T.lscalar("n")
    assert x.reshape((1, -1)).type.broadcastable == (True, False)
    assert x.reshape((n, x.shape[0])).type.broadcastable == (False, False)
    y = typed((4, None))
    assert y.reshape((y.shape[0], 1, -1)).type == TensorType("float64", (4, 1, None))


def test_reshape_errors():
    x, v = T.matrix("x"), T.constant(np.zeros((2, 3)))
    with pytest.raises(ShapeError, match="6 elements do not fill"):
        v.reshape((4, 2))
    with pytest.raises(ShapeError, match="not divisible by 4"):
        v.reshape((4, -1))
    with pytest.raises(ShapeError, match="-1 stands twice"):
        x.reshape((-1, -1))
    with pytest.raises(ShapeError, match=r"x is float64 \(2, 3\)"):
        x.reshape((4, 2)).eval({x: np.zeros((2, 3))})
    with pytest.raises(ShapeError, match="not divisible by 4"):
        x.reshape((4, -1)).eval({x: np.zeros((2, 3))})
    with pytest.raises(ShapeError, match="not divisible by 0"):
        x.reshape((0, -1)).eval({x: np.zeros((0, 3))})
    with pytest.raises(RankError, match="number of axes is unknown"):
        x.reshape(T.lvector("s"))
    with pytest.raises(RankError):
        x.reshape((2, 3), ndim=3)
    for wrong in ((2.0, 3), (True, 6), (T.scalar(), 2), T.vector()):
        with pytest.raises(DtypeError):
            x.reshape(wrong)
    with pytest.raises(RankError, match="single number"):
        x.reshape((T.lvector("s"), 2))
    with pytest.raises(ShapeError):
        x.reshape((-2, 3))


def test_flatten():
    values = np.arange(24.0).reshape(2, 3, 4)
    x = T.tensor3("x")
    for ndim, shape in ((1, (24,)), (2, (2, 12)), (3, (2, 3, 4))):
        assert T.flatten(x, ndim).eval({x: values}).shape == x.flatten(ndim).eval({x: values}).shape == shape
        assert T.flatten(x, outdim=ndim).type.ndim == ndim
    assert T.scalar().flatten().type.shape == (1,) and T.constant(values).flatten(2).type.shape == (2, 12)
    assert x.ravel().eval({x: np.zeros((0, 3, 2))}).shape == (0,)
    np.testing.assert_array_equal(T.grad(T.sum(T.flatten(x, 2) ** 2), x).eval({x: values}), 2 * values)
    for wrong in (0, 4):
        with pytest.raises(RankError):
            x.flatten(wrong)


# -- axes
def test_shape_and_size():
    x = T.matrix("x")
    values = np.zeros((2, 5))
    np.testing.assert_array_equal(x.shape.eval({x: values}), [2, 5])
    assert x.shape[1].eval({x: values}) == 5 and x.size.eval({x: values}) == 10
    assert x.shape.dtype == x.size.dtype == "int64"
    assert typed((2, 3)).size.eval() == 6, "a known size needs no value"
    np.testing.assert_array_equal(T.grad((x * x).sum() / x.shape[0], x).eval({x: np.ones((2, 5))}), np.ones((2, 5)))


@settings(max_examples=30, deadline=None)
@given(st.permutations([0, 1, 2]), st.lists(st.integers(0, 3), max_size=2))
def test_dimshuffle_and_its_gradient(order, new):
    values = np.random.RandomState(0).rand(2, 3, 4)
    pattern = list(order)
    for place in new:
        pattern.insert(place, "x")
    x = T.tensor3("x")
    y = x.dimshuffle(*pattern)
    wanted = values.transpose(order).reshape([1 if axis == "x" else values.shape[axis] for axis in pattern])
    np.testing.assert_array_equal(y.eval({x: values}), wanted)
    assert y.type.broadcastable == tuple(axis == "x" for axis in pattern)
    np.testing.assert_allclose(T.grad(T.sum(y * y * wanted), x).eval({x: values}), 2 * values * values)


def test_dimshuffle_errors():
    x = T.matrix("x")
    with pytest.raises(ShapeError, match=r"axis 1 is left out.*not known to be 1"):
        x.dimshuffle(0)
    with pytest.raises(AxisError, match="twice"):
        x.dimshuffle(0, 0, 1)
    for wrong in ((0, 2), (0, "y"), (0, 1.0)):
        with pytest.raises(AxisError):
            x.dimshuffle(*wrong)


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (lambda x: T.swapaxes(x, 0, -1), lambda a: np.swapaxes(a, 0, -1)),
        (lambda x: T.moveaxis(x, 0, -1), lambda a: np.moveaxis(a, 0, -1)),
        (lambda x: T.moveaxis(x, [0, 2], [1, 0]), lambda a: np.moveaxis(a, [0, 2], [1, 0])),
        (lambda x: T.expand_dims(x, 1), lambda a: np.expand_dims(a, 1)),
        (lambda x: T.expand_dims(x, (0, -1)), lambda a: np.expand_dims(a, (0, -1))),
        (lambda x: T.shape_padleft(x, 2), lambda a: a[None, None]),
        (lambda x: T.shape_padright(x), lambda a: a[..., None]),
        (lambda x: T.shape_padaxis(x, -2), lambda a: np.expand_dims(a, -2)),
        (lambda x: T.atleast_3d(x), np.atleast_3d),
        (lambda x: x.T, lambda a: a.T),
        (lambda x: T.transpose(x, (2, 0, 1)), lambda a: a.transpose(2, 0, 1)),
        (lambda x: T.flatten(T.atleast_2d(x.flatten())), np.ravel),
    ],
)
def test_axes_agree_with_numpy(ours, theirs):
    values = np.random.RandomState(0).rand(2, 3, 4)
    x = T.tensor3("x")
    np.testing.assert_array_equal(ours(x).eval({x: values}), theirs(values))


@pytest.mark.parametrize("ndim", [0, 1, 2, 3])
def test_at_least_so_many_axes(ndim):
    values = np.zeros((2, 3, 4)[:ndim])
    for ours, theirs in ((T.atleast_1d, np.atleast_1d), (T.atleast_2d, np.atleast_2d), (T.atleast_3d, np.atleast_3d)):
        assert ours(T.constant(values)).type.shape == theirs(values).shape


def test_squeeze_drops_only_what_the_type_knows():
    x = typed((1, None, 1))
    assert x.squeeze().type.shape == (None,) and x.squeeze(0).type.shape == (None, 1) and T.squeeze(x, (0, -1)).type.ndim == 1
    assert T.matrix().squeeze().type.ndim == 2
    with pytest.raises(ShapeError, match="not known to be 1"):
        x.squeeze(1)


# -- declared lengths
def test_declared_lengths_of_one():
    x, y = T.matrix("x"), T.matrix("y")
    total = T.addbroadcast(x, 0) + y
    np.testing.assert_array_equal(total.eval({x: [[1.0, 2.0]], y: np.zeros((3, 2))}), [[1, 2]] * 3)
    np.testing.assert_array_equal(T.grad((total * total).sum(), x).eval({x: [[1.0, 2.0]], y: np.zeros((3, 2))}), [[6, 12]])
    with pytest.raises(ShapeError, match="axis 0 was declared to have length 1 and has 2"):
        total.eval({x: np.zeros((2, 2)), y: np.zeros((2, 2))})
    with pytest.raises(ShapeError):
        T.addbroadcast(typed((3, 2)), 0)
    assert T.unbroadcast(T.row(), 0).type.shape == (None, None)
    assert T.patternbroadcast(T.row(), (False, True)).type.broadcastable == (False, True)
    assert T.patternbroadcast(x, (False, False)) is x
    row = T.row("r")
    np.testing.assert_array_equal(T.grad(T.sum(T.unbroadcast(row, 0) ** 2), row).eval({row: [[1.0, 2.0]]}), [[2, 4]])
    with pytest.raises(RankError):
        T.patternbroadcast(x, (True,))


def test_declared_shape():
    x, n = T.matrix("x"), T.lscalar("n")
    y = T.specify_shape(x, (2, None))
    assert y.type.shape == (2, None)
    np.testing.assert_array_equal(T.grad(T.sum(y * y), x).eval({x: np.ones((2, 3))}), np.full((2, 3), 2.0))
    for declared, more in ((y, {}), (T.specify_shape(x, (n, 3)), {n: 2})):
        with pytest.raises(ShapeError, match="declared to be"):
            declared.eval({x: np.zeros((3, 3)), **more})
    with pytest.raises(ShapeError):
        T.specify_shape(typed((3, None)), (2, None))
    with pytest.raises(RankError):
        T.specify_shape(x, (2,))


def test_an_op_prints_its_pattern():
    """Regression: repr of an op went past the card's own __str__."""
    assert repr(T.matrix().T.owner.op) == "dimshuffle{1,0}"
