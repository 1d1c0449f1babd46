"""Copies with a part replaced or added to: NumPy's assignment is the oracle, central differences for the gradients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import BroadcastError, DtypeError, IndexingError, RankError, ShapeError
from tensorlab.graph.types import TensorType

CHANGES = {"set": T.set_subtensor, "inc": T.inc_subtensor}


def assigned(value, index, new, word):
    """What NumPy makes of `value[index] = new` or `value[index] += new`."""
    result = value.copy()
    if word == "set":
        result[index] = new
    else:
        np.add.at(result, index, new)
    return result


def slopes(function, values, weights):
    """Central differences of `sum(function(*values) * weights)` by every element of every value."""
    found = []
    for position, value in enumerate(values):
        slope = np.zeros_like(value)
        for place in np.ndindex(value.shape):
            ends = []
            for step in (1e-4, -1e-4):
                moved = [each.copy() for each in values]
                moved[position][place] += step
                ends.append((function(*moved) * weights).sum())
            slope[place] = (ends[0] - ends[1]) / 2e-4
        found.append(slope)
    return found


@pytest.mark.parametrize("word", CHANGES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_values_and_gradients(word, data):
    """Any index, with duplicates: inc adds each, set keeps the last, and only that one has a gradient."""
    random = np.random.RandomState(0)
    shape = data.draw(arrays.array_shapes(max_dims=3, max_side=3))
    index = data.draw(
        arrays.basic_indices(shape, allow_newaxis=True)
        | arrays.integer_array_indices(shape, result_shape=arrays.array_shapes(max_dims=2, max_side=4))
        | arrays.arrays(bool, shape)
    )
    value = random.normal(size=shape)
    new = np.asarray(random.normal(size=() if data.draw(st.booleans()) else value[index].shape))
    weights = random.normal(size=shape)
    x, y = (TensorType("float64", (None,) * each.ndim)(name) for each, name in ((value, "x"), (new, "y")))
    changed = CHANGES[word](x[index], y)
    assert changed.type == x.type
    f = tl.function([x, y], changed)
    np.testing.assert_allclose(f(value, new), assigned(value, index, new, word), rtol=1e-12)
    gradients = tl.function([x, y], T.grad((changed * T.constant(weights)).sum(), [x, y]), on_unused_input="ignore")(value, new)
    for found, wanted in zip(gradients, slopes(f, [value, new], weights)):
        np.testing.assert_allclose(found, wanted, atol=1e-7)


@pytest.mark.parametrize("word", CHANGES)
def test_second_derivative(word):
    """Through both roles at once: the part is read, changed, and the change depends on what was read."""
    x = T.vector("x")
    cost = (CHANGES[word](x[[0, 2, 0]], x[:3] ** 2) ** 2).sum()
    slope = T.grad(cost, x)
    f, curvature = tl.function([x], slope), tl.function([x], T.grad((slope * T.constant([1.0, 2.0, 3.0, 4.0])).sum(), x))
    at = np.array([0.5, -1.0, 2.0, 1.5])
    (wanted,) = slopes(f, [at], np.array([1.0, 2.0, 3.0, 4.0]))
    np.testing.assert_allclose(curvature(at), wanted, rtol=1e-5, atol=1e-6)


def test_duplicates_in_an_index_that_lies_column_by_column():
    """NumPy writes in the order of memory; the last value in reading order must win all the same."""
    index = np.asfortranarray([[0, 1], [1, 0]])
    new = np.asfortranarray([[1.0, 2.0], [3.0, 4.0]])
    assert T.set_subtensor(T.zeros(2)[index], new).eval().tolist() == [4, 3]


def test_nothing_is_changed_in_place():
    x, y = T.vector("x"), T.scalar("y")
    value = np.array([1.0, 2.0])
    for index in (0, slice(None), [0, 0], np.array([True, False])):
        for change in CHANGES.values():
            assert tl.function([x, y], change(x[index], y, inplace=True, tolerate_inplace_aliasing=True))(value, 9.0) is not value
            assert value.tolist() == [1, 2]
    w = tl.shared(value)
    tl.function([], T.inc_subtensor(w[0], 1))()
    assert w.get_value().tolist() == [1, 2]


def test_an_update_of_one_row():
    """A lookup table trains only the rows that were looked up."""
    table, i = tl.shared(np.ones((3, 2)), name="table"), T.ivector("i")
    rows = table[i]
    step = T.inc_subtensor(rows, -0.5 * T.grad((rows**2).sum(), rows))
    tl.function([i], updates=[(table, step)])([1])
    assert table.get_value().tolist() == [[1, 1], [0, 0], [1, 1]]


def test_stretching_goes_by_type():
    x, row = T.matrix("x"), T.row("row")
    f = tl.function([x, row], [T.set_subtensor(x[:2], row), T.grad(T.set_subtensor(x[:2], row).sum(), row)])
    changed, slope = f(np.zeros((3, 2)), [[1.0, 2.0]])
    assert changed.tolist() == [[1, 2], [1, 2], [0, 0]] and slope.tolist() == [[2, 2]]
    v = T.vector("v")
    f = tl.function([x, v], T.inc_subtensor(x[1:], v))
    assert f(np.zeros((3, 2)), [1.0, 2.0]).tolist() == [[0, 0], [1, 2], [1, 2]]
    f = tl.function([x, v], T.set_subtensor(x[0], v))
    with pytest.raises(BroadcastError):
        f(np.zeros((3, 2)), [1.0])
    with pytest.raises(ShapeError, match=r"shape \(2,\).*\(3,\)"):
        f(np.zeros((3, 2)), [1.0, 2.0, 3.0])


def test_new_axes_and_whole_arrays():
    x = T.vector("x")
    value = {x: [1.0, 2.0, 3.0]}
    assert T.set_subtensor(x[:], 0).eval(value).tolist() == [0, 0, 0]
    assert T.set_subtensor(x[None], [[7.0, 8.0, 9.0]]).eval(value).tolist() == [7, 8, 9]
    assert T.set_subtensor(x[1:, None], [[8.0], [9.0]]).eval(value).tolist() == [1, 8, 9]
    part = x[1:]  # the part is an array of its own: the new axis does not reach through it
    assert T.set_subtensor(part[:, None], 0).eval(value).tolist() == [0, 0]
    assert T.set_subtensor(x.shape[0], 5).eval(value).tolist() == [5]


def test_dtypes():
    x = T.fvector("x")
    assert T.set_subtensor(x[0], 0.1).type.dtype == "float32"
    assert T.inc_subtensor(x[0], np.int8(1)).type.dtype == "float32"
    with pytest.raises(DtypeError, match=r"T\.cast\(y, 'float32'\)"):
        T.set_subtensor(x[0], T.dscalar("y"))
    with pytest.raises(DtypeError):
        T.set_subtensor(T.ivector("i")[0], 0.5)


def test_a_part_must_be_an_indexing_expression():
    x = T.vector("x")
    with pytest.raises(IndexingError, match=r"T\.set_subtensor\(x\[:\], y\) for all of x"):
        T.set_subtensor(x, 1)
    with pytest.raises(IndexingError, match="not an indexing expression"):
        T.inc_subtensor(x[0] + 1, 1)
    with pytest.raises(IndexingError):
        T.inc_subtensor(np.zeros(3), 1)


def test_new_values_that_cannot_fit():
    x = T.constant(np.zeros((3, 2)), name="x")
    with pytest.raises(ShapeError):
        T.set_subtensor(x[1:], np.zeros((3, 2)))
    with pytest.raises(ShapeError):
        T.set_subtensor(x[[0]], np.zeros((3, 2)))
    with pytest.raises(RankError):
        T.set_subtensor(x[0], np.zeros((1, 2)))


def test_inc_with_set_instead():
    x = T.vector("x")
    assert T.inc_subtensor(x[0], 9, set_instead_of_inc=True).eval({x: [1.0, 2.0]}).tolist() == [9, 2]


def test_a_position_that_does_not_exist():
    x, i = T.vector("x"), T.ivector("i")
    for change in CHANGES.values():
        with pytest.raises(IndexingError, match="index 4 is out of bounds"):
            change(x[i], 0).eval({x: [1.0, 2.0], i: [0, 4]})


@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize("start", [0, 1, -1, 3])
def test_symbolic_bounds_beside_index_arrays(start, replace):
    """The shape of the part depends on the bound, also where it is compared with that of the new values."""
    x, y, i = T.matrix("x"), T.matrix("y"), T.lscalar("i")
    out = (T.set_subtensor if replace else T.inc_subtensor)(x[i:, [0, 2]], y)
    a = np.arange(12.0).reshape(3, 4)
    new = np.full(a[start:, [0, 2]].shape, 50.0)
    wanted = a.copy()
    wanted[start:, [0, 2]] = new if replace else wanted[start:, [0, 2]] + new
    np.testing.assert_array_equal(out.eval({x: a, y: new, i: start}), wanted)
    gradient = T.grad((x[i:, [0, 2]] ** 2).sum(), x).eval({x: a, i: start})
    wanted = np.zeros_like(a)
    wanted[start:, [0, 2]] = 2 * a[start:, [0, 2]]
    np.testing.assert_array_equal(gradient, wanted)
    with pytest.raises(ShapeError):
        out.eval({x: a, y: np.zeros((len(new) + 2, 2)), i: start})
