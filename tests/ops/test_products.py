"""Matrix products: NumPy's shapes and values, gradients against central differences, and messages about lengths that do not meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import AxisError, RankError, ShapeError
from tensorlab.graph.types import TensorType


def check(ours, numpys, *shapes, pattern=None):
    """Compare values, and the first and second derivatives with central differences of the value and the first."""
    random = np.random.RandomState(1)
    values = [np.asarray(random.normal(size=shape)) for shape in shapes]
    symbols = [TensorType("float64", [1 if length == 1 else None for length in shape])(name) for shape, name in zip(shapes, "xy")]
    result = ours(*symbols)
    expected = np.asarray(numpys(*values))
    f = tl.function(symbols, result)
    assert result.type.holds(f(*values))
    np.testing.assert_allclose(f(*values), expected, rtol=1e-12, atol=1e-14)
    weights = random.normal(size=expected.shape)
    cost = (result * T.constant(weights)).sum()
    first = T.grad(cost, symbols)
    probes = [random.normal(size=shape) for shape in shapes]
    second = T.grad(sum((slope * T.constant(probe)).sum() for slope, probe in zip(first, probes)), symbols, disconnected_inputs="ignore")
    slopes, curvatures = tl.function(symbols, first, on_unused_input="ignore"), tl.function(symbols, second, on_unused_input="ignore")
    along = differences(lambda *at: (f(*at) * weights).sum(), values)
    for found, wanted in zip(slopes(*values), along):
        np.testing.assert_allclose(found, wanted, atol=1e-7)
    along = differences(lambda *at: sum((slope * probe).sum() for slope, probe in zip(slopes(*at), probes)), values)
    for found, wanted in zip(curvatures(*values), along):
        np.testing.assert_allclose(found, wanted, atol=1e-7)


def differences(function, values):
    found = []
    for position, value in enumerate(values):
        slope = np.zeros_like(value)
        for place in np.ndindex(value.shape):
            ends = []
            for step in (1e-3, -1e-3):
                moved = [each.copy() for each in values]
                moved[position][place] += step
                ends.append(function(*moved))
            slope[place] = (ends[0] - ends[1]) / 2e-3
        found.append(slope)
    return found


@pytest.mark.parametrize(
    "shapes",
    [((), (2, 3)), ((3,), (3,)), ((2, 3), (3,)), ((2,), (2, 3)), ((2, 3), (3, 4)), ((2, 2, 3), (3,)), ((2, 3), (2, 3, 2)),
     ((2, 1, 3), (2, 3, 2)), ((2, 0), (0, 3))],
)  # fmt: skip
def test_dot(shapes):
    check(T.dot, np.dot, *shapes)


@pytest.mark.parametrize(
    "shapes",
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)), ((2, 2, 3), (3, 2)), ((2, 3), (2, 3, 2)), ((2, 2, 3), (2, 3, 1)),
     ((2, 2, 3), (3,)), ((3,), (2, 3, 2)), ((1, 2, 3), (2, 3, 2)), ((2, 1, 2, 3), (1, 2, 3, 2)), ((2, 2, 3), (2, 2, 3, 2)),
     ((2, 2, 0), (2, 0, 2))],
)  # fmt: skip
def test_matmul(shapes):
    check(T.matmul, np.matmul, *shapes)
    check(lambda x, y: x @ y, np.matmul, *shapes)


@pytest.mark.parametrize(
    ("shapes", "pattern"),
    [
        (((2, 3, 4), (2, 4, 2)), "bij,bjk->bik"), (((2, 3, 4), (2, 4)), "bij,bj->bi"), (((2, 3), (2, 3, 2)), "bj,bjk->bk"),
        (((2, 3), (2, 3)), "bi,bi->b"), (((2,), (2, 3)), "b,bi->bi"), (((2, 3), (2,)), "bi,b->bi"),
        (((2, 2, 3, 2), (2, 2, 3)), "bijk,bkl->bijl"), (((2, 3), (2, 2, 3, 2)), "bk,bikj->bij"),
    ],
)  # fmt: skip
def test_batched_dot(shapes, pattern):
    check(T.batched_dot, lambda x, y: np.einsum(pattern, x, y), *shapes)


@pytest.mark.parametrize(
    ("shapes", "axes"),
    [
        (((2, 3), (3, 2)), 1), (((2, 3, 2), (3, 2, 2)), 2), (((2, 3), (3, 2)), 0), (((2, 3), (2, 3)), 2),
        (((2, 3), (3, 2)), [[0, 1], [1, 0]]), (((2, 3, 2), (2, 2)), [[0], [1]]), (((2, 3), (2, 4)), [0, 0]),
        (((2, 3, 4), (4, 2, 3)), ([2, 0, 1], [0, 1, 2])),
        (((3,), (2, 3)), (0, -1)), (((2, 3, 2), (2, 2, 3)), ([-1, 1], [0, -1])),
    ],
)  # fmt: skip
def test_tensordot(shapes, axes):
    check(lambda x, y: T.tensordot(x, y, axes), lambda x, y: np.tensordot(x, y, axes), *shapes)


@pytest.mark.parametrize(
    ("shapes", "axes", "pattern"),
    [
        (((2, 3, 2), (2, 2, 3)), 1, "bij,bjk->bik"), (((2, 3, 2), (2, 3, 2)), 2, "bij,bij->b"),
        (((2, 3, 2), (2, 3, 2)), [[1], [1]], "bij,bik->bjk"),
        (((2, 3, 2, 2), (2, 2, 3)), [[1, 3], [2, 1]], "bijk,bki->bj"), (((2, 3), (2, 2)), 0, "bi,bj->bij"),
    ],
)  # fmt: skip
def test_batched_tensordot(shapes, axes, pattern):
    check(lambda x, y: T.batched_tensordot(x, y, axes), lambda x, y: np.einsum(pattern, x, y), *shapes)


def test_outer_inner_vdot():
    check(T.outer, np.outer, (2,), (3,))
    check(T.outer, np.outer, (2, 2), (3,))
    check(T.inner, np.inner, (2, 3), (2, 3))
    check(T.inner, np.inner, (3,), (2, 3))
    check(T.vdot, np.vdot, (2, 3), (2, 3))
    assert T.inner(2.0, 3.0).eval() == 6


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_matmul_shapes_are_numpys(data):
    """Shapes from NumPy's own signature, with batches that stretch."""
    found = data.draw(arrays.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=3))
    values = [np.random.RandomState(0).normal(size=shape) for shape in found.input_shapes]
    result = T.matmul(*(T.constant(value) for value in values))
    assert result.type.shape == found.result_shape
    np.testing.assert_allclose(result.eval(), np.matmul(*values), atol=1e-14)


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint64", "float32", "float16"])
def test_dtypes_stay(dtype):
    x = np.ones((2, 2), dtype)
    for product in (T.dot, T.matmul, T.outer, lambda a, b: T.tensordot(a, b, 2), lambda a, b: T.batched_dot(a, b)):
        assert product(x, x).type.dtype == dtype and product(x, x).eval().dtype == dtype


def test_mixed_dtypes_promote():
    assert T.dot(T.fmatrix(), T.dvector()).type.dtype == "float64"
    assert T.dot(T.imatrix(), np.ones(2, "int8")).type.dtype == "int32"
    assert T.dot(T.fmatrix(), 2.0).type.dtype == "float32"


def test_types():
    assert T.dot(T.matrix(), T.col()).type.broadcastable == (False, True)
    assert T.dot(T.constant(np.ones((2, 3))), T.matrix()).type.shape == (2, None)
    assert T.outer(T.vector(), T.vector()).type.ndim == 2
    assert T.tensordot(T.constant(np.ones((2, 3, 4))), T.constant(np.ones((3, 4))), 2).type.shape == (2,)


def test_lists_of_symbols_are_stacked():
    """The slides write T.dot(w, [a1, a2])."""
    w = T.matrix("w")
    a1, a2 = T.vectors("a1", "a2")
    assert T.dot(w, [a1, a2]).eval({w: [[1, 2], [3, 4]], a1: [1.0], a2: [10.0]}).tolist() == [[21], [43]]
    s1, s2 = T.scalars("s1", "s2")
    assert T.dot(w, [s1, s2]).eval({w: [[1, 2], [3, 4]], s1: 1.0, s2: 10.0}).tolist() == [21, 43]


def test_arrays_on_either_side():
    x, a = T.matrix("x"), np.array([[1.0, 2.0], [3.0, 4.0]])
    value = {x: [[1.0, 1.0], [0.0, 1.0]]}
    for product in (x @ a, T.dot(x, a), x.dot(a), np.dot(x, a)):
        assert product.eval(value).tolist() == [[4, 6], [3, 4]]
    for product in (a @ x, np.dot(a, x), np.matmul(a, x)):
        assert product.eval(value).tolist() == [[1, 3], [3, 7]]


def test_lengths_that_do_not_meet_are_told_when_building():
    a, b = T.constant(np.ones((2, 3)), name="a"), T.constant(np.ones((2, 5)), name="b")
    with pytest.raises(ShapeError, match=r"(?s)3 columns meet 2 rows.*T\.dot\(a\.T, b\)$"):
        T.dot(a, b)
    with pytest.raises(ShapeError, match="axis 1 of length 3 meets axis 0 of length 2"):
        T.tensordot(T.constant(np.ones((2, 3, 2))), T.constant(np.ones((2, 2))), ([1, 2], [0, 1]))
    with pytest.raises(ShapeError, match="batches differ"):
        T.batched_dot(np.ones((2, 3, 3)), np.ones((3, 3, 3)))


def test_lengths_that_do_not_meet_are_told_when_running():
    x, y = T.matrix("x"), T.matrix("y")
    product = tl.function([x, y], T.dot(x, y))
    with pytest.raises(ShapeError, match=r"(?s)dot\(x, y\).*3 columns meet 2 rows.*x is float64 \(2, 3\).*T\.dot\(x\.T, y\)$"):
        product(np.ones((2, 3)), np.ones((2, 5)))
    with pytest.raises(ShapeError, match=r"(?s)try:   T\.dot\(y, x\)"):
        product(np.ones((2, 3)), np.ones((4, 2)))
    with pytest.raises(ShapeError, match="as many columns in x as rows in y"):
        product(np.ones((2, 3)), np.ones((4, 5)))
    v = T.vector("v")
    with pytest.raises(ShapeError, match="3 columns meet 2 elements"):
        tl.function([x, v], T.dot(x, v))(np.ones((2, 3)), [1.0, 1.0])
    a, b = T.tensor3("a"), T.tensor3("b")
    with pytest.raises(ShapeError, match=r"batches of shape \(1,\) and \(2,\)"):
        tl.function([a, b], a @ b)(np.ones((1, 2, 2)), np.ones((2, 2, 2)))


def test_joined_axes_with_equal_products_do_not_slip_through():
    """(2, 3) against (3, 2) has 6 elements on both sides, but the axes do not meet."""
    x, y = T.matrix("x"), T.matrix("y")
    with pytest.raises(ShapeError, match="axis 0 of length 2 meets axis 0 of length 3"):
        tl.function([x, y], T.tensordot(x, y, 2))(np.ones((2, 3)), np.ones((3, 2)))
    a, b = T.tensor3("a"), T.tensor3("b")
    with pytest.raises(ShapeError):
        tl.function([a, b], T.batched_tensordot(a, b, 2))(np.ones((1, 2, 3)), np.ones((1, 3, 2)))


def test_scalars_and_axes_are_refused():
    x, s = T.matrix("x"), T.scalar("s")
    with pytest.raises(RankError, match=r"x \* s"):
        x @ s
    with pytest.raises(RankError, match="batch"):
        T.batched_dot(s, x)
    with pytest.raises(AxisError, match="2"):
        T.tensordot(x, x, [[0, 1], [0]])
    with pytest.raises(AxisError, match="twice"):
        T.tensordot(x, x, [[0, 0], [0, 1]])
    with pytest.raises(AxisError, match="3 axes"):
        T.tensordot(x, x, 3)
    with pytest.raises(AxisError, match="batch"):
        T.batched_tensordot(T.tensor3(), T.tensor3(), [[0], [1]])
    with pytest.raises(AxisError):
        T.tensordot(x, x, "all")


def test_empty_inner_axis_gives_zeros():
    x, y = T.matrix("x"), T.matrix("y")
    empty = {x: np.ones((2, 0)), y: np.ones((0, 3))}
    assert T.dot(x, y).eval(empty).tolist() == [[0] * 3] * 2
    assert T.grad(T.dot(x, y).sum(), x).eval(empty).shape == (2, 0)


def test_transpose():
    value = np.arange(24.0).reshape(2, 3, 4)
    x = T.tensor3("x")
    for ours, wanted in (
        (x.T, value.T), (T.transpose(x), value.T), (x.transpose(), value.T), (x.transpose(None), value.T),
        (x.transpose(1, 0, 2), value.transpose(1, 0, 2)), (x.transpose((2, 0, 1)), value.transpose(2, 0, 1)),
        (T.transpose(x, [-1, 0, 1]), value.transpose(2, 0, 1)), (np.transpose(x, (0, 2, 1)), value.transpose(0, 2, 1)),
    ):  # fmt: skip
        np.testing.assert_array_equal(ours.eval({x: value}), wanted)
    for wrong in ((0, 1), (0, 0, 1), (0, 1, 3)):
        with pytest.raises(AxisError):
            x.transpose(wrong)
