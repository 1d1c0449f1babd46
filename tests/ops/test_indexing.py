"""Reading parts of arrays: NumPy is the oracle for values, `numpy.add.at` for gradients."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import DtypeError, IndexingError, RankError, SymbolIterationError
from tensorlab.graph.types import TensorType
from tensorlab.ops.advanced_indexing import AdvancedIndex
from tensorlab.ops.index_templates import ARRAY, POINT, WHOLE, Cut
from tensorlab.ops.indexing import Subtensor

SOME = settings(max_examples=60, deadline=None)
shapes = arrays.array_shapes(min_dims=1, max_dims=4, max_side=4)


def value_and_gradient(value, index, symbolic_index=None):
    """Check `x[index]` and the gradient of `sum(x[index] * weights)`; the index may be given to the graph in another form."""
    expected = value[index]
    x = TensorType("float64", (None,) * value.ndim)("x")
    part = x[index if symbolic_index is None else symbolic_index[0]]
    inputs, given_values = ([x], [value]) if symbolic_index is None else ([x, *symbolic_index[1]], [value, *symbolic_index[2]])
    assert part.type.ndim == expected.ndim
    weights = np.arange(1.0, expected.size + 1).reshape(expected.shape)
    gradient = T.grad((part * T.constant(weights)).sum(), x) if expected.ndim else T.grad(part * float(weights), x)
    found, slope = tl.function(inputs, [part, gradient], on_unused_input="ignore")(*given_values)
    assert part.type.holds(found)
    np.testing.assert_array_equal(found, expected)
    wanted = np.zeros_like(value)
    np.add.at(wanted, index, weights)
    np.testing.assert_array_equal(slope, wanted)


@SOME
@given(data=st.data())
def test_basic_indices_are_numpys(data):
    shape = data.draw(shapes)
    value = np.random.RandomState(0).normal(size=shape)
    value_and_gradient(value, data.draw(arrays.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)))


@SOME
@given(data=st.data())
def test_integer_arrays_are_numpys_and_duplicates_add_up(data):
    shape = data.draw(shapes)
    value = np.random.RandomState(0).normal(size=shape)
    value_and_gradient(value, data.draw(arrays.integer_array_indices(shape, result_shape=arrays.array_shapes(max_dims=2, max_side=3))))


@st.composite
def mixed_indices(draw, shape):
    """An index in which arrays, numbers, slices, None and an Ellipsis stand in any order."""
    common = draw(arrays.array_shapes(min_dims=1, max_dims=2, max_side=3))
    index = []
    for length in shape[: draw(st.integers(1, len(shape)))]:
        kind = draw(st.sampled_from(["array", "stretched", "number", "slice"]))
        numbers = st.integers(-length, length - 1)
        if kind == "array":
            index.append(draw(arrays.arrays("int64", common, elements=numbers)))
        elif kind == "stretched":
            index.append(draw(arrays.arrays("int64", (1,) * len(common), elements=numbers)))
        else:
            index.append(draw(numbers if kind == "number" else st.slices(length)))
    if draw(st.booleans()):
        index.insert(draw(st.integers(0, len(index))), None)
    if draw(st.booleans()):  # at the end, or anywhere if all axes are named: an Ellipsis of no axes still keeps arrays apart
        index.insert(draw(st.integers(0, len(index))) if sum(each is not None for each in index) == len(shape) else len(index), ...)
    return tuple(index)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mixed_indices_are_numpys(data):
    shape = data.draw(shapes)
    value_and_gradient(np.random.RandomState(0).normal(size=shape), data.draw(mixed_indices(shape)))


@SOME
@given(data=st.data())
def test_masks_are_numpys(data):
    shape = data.draw(shapes)
    value = np.random.RandomState(0).normal(size=shape)
    used = data.draw(st.integers(1, len(shape)))
    mask = data.draw(arrays.arrays(bool, shape[:used]))
    value_and_gradient(value, mask)
    symbol = TensorType("bool", (None,) * used)("mask")
    value_and_gradient(value, mask, (symbol, [symbol], [mask]))


@SOME
@given(data=st.data())
def test_symbolic_bounds_are_numpys(data):
    value = np.random.RandomState(0).normal(size=(5, 3))
    ends = st.none() | st.integers(-7, 7)
    bounds = [data.draw(ends), data.draw(ends), data.draw(st.sampled_from([None, 1, 2, -1, -3]))]
    position = data.draw(st.integers(-3, 2))
    symbols = [None if bound is None else T.lscalar() for bound in bounds]
    at = T.iscalar()
    inputs = [symbol for symbol in symbols if symbol is not None]
    values = [bound for bound in bounds if bound is not None]
    value_and_gradient(value, (slice(*bounds), position), ((slice(*symbols), at), [*inputs, at], [*values, position]))


def test_one_element_a_row():
    """`x[arange(n), y]` picks the score of the right class; two picks of one element add up in the gradient."""
    x, y = T.matrix("x"), T.ivector("y")
    picked = x[T.arange(y.shape[0]), y]
    f = tl.function([x, y], [picked, T.grad(picked.sum(), x)])
    scores = np.arange(6.0).reshape(2, 3)
    found, slope = f(scores, [2, 0])
    assert found.tolist() == [2, 3] and slope.tolist() == [[0, 0, 1], [1, 0, 0]]
    twice = x[[0, 0], y]
    assert tl.function([x, y], T.grad(twice.sum(), x))(scores, [1, 1]).tolist() == [[0, 2, 0], [0, 0, 0]]


def test_second_derivative_through_an_index():
    x = T.vector("x")
    cost = (x[[0, 0, 1]] ** 3).sum() + (x[1:] ** 3).sum()
    slope = T.grad(cost, x)
    curvature = tl.function([x], T.grad((slope * slope).sum(), x))
    # cost = 2 x0^3 + 2 x1^3 + x2^3
    a = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(curvature(a), 2 * (np.array([6, 6, 3]) * a**2) * (np.array([12, 12, 6]) * a))


@pytest.mark.parametrize(
    ("index", "shape"),
    [
        (0, (5,)), (slice(1, 3), (2, 5)), (slice(None, None, -2), (2, 5)), (slice(0, 1), (1, 5)), ((slice(None), -1), (4,)),
        (None, (1, 4, 5)), ((slice(None), None), (4, 1, 5)), ((Ellipsis, 0), (4,)), ([0, 1], (2, 5)), ([0], (1, 5)),
        (np.array([[True] * 5] * 4), (None,)), ((slice(None), [1, 2, 3]), (4, 3)),
    ],
)  # fmt: skip
def test_known_lengths_stay_known(index, shape):
    assert T.constant(np.ones((4, 5)))[index].type.shape == shape


def test_unknown_lengths_do_not_stretch():
    x, i = T.matrix("x"), T.lscalar("i")
    assert x[0:1].type.shape == (None, None)
    assert T.row("r")[:, :].type.shape == (1, None)
    assert T.row("r")[i:].type.shape == (None, None)
    assert x[[0]].type.broadcastable == (True, False)
    assert x[:, None].type.broadcastable == (False, True, False)
    assert x[1:, None, 0].type.broadcastable == (False, True)


def test_shape_can_be_indexed():
    x = T.matrix("x")
    assert tl.function([x], [x.shape[0], x.shape[-1], x.shape[1:]])(np.ones((2, 3))) == [2, 3, [3]]
    with pytest.raises(IndexingError):
        x.shape[2]


def test_empty_list_selects_nothing():
    assert T.constant([1.0, 2.0])[[]].eval().shape == (0,)


def test_iterating_over_a_known_length():
    assert [row.eval().tolist() for row in T.constant([[1, 2], [3, 4]])] == [[1, 2], [3, 4]]
    with pytest.raises(SymbolIterationError):
        list(T.vector("v"))


@pytest.mark.parametrize(
    ("index", "error", "word"),
    [
        ((0, 0, 0), IndexingError, "3 indices for 2 axes"),
        (True, IndexingError, "bool True"),
        (np.True_, IndexingError, "bool True"),
        (1.5, DtypeError, "1.5"),
        (np.float32(1), DtypeError, "float32"),
        ([0.5], DtypeError, "float64"),
        ("a", IndexingError, "str"),
        (slice(None, None, 0), IndexingError, "step 0"),
        (slice(1.0, None), DtypeError, "1.0"),
        (slice("a", None), IndexingError, "str"),
        ((Ellipsis, Ellipsis), IndexingError, "two Ellipses"),
        (7, IndexingError, "position 7 on axis 0"),
        ([0, -5], IndexingError, "position -5 on axis 0"),
        ([True, False], IndexingError, "mask"),
        (([0, 1], [0, 1, 2]), IndexingError, "index arrays"),
    ],
)
def test_mistakes_are_told_when_building(index, error, word):
    x = T.constant(np.ones((4, 3)), name="x")
    with pytest.raises(error) as caught:
        x[index]
    assert word in str(caught.value) and caught.value.asked.startswith("x[") and caught.value.advice


def test_a_float_symbol_or_scalar_bool_is_no_index():
    x, v = T.vector("x"), T.vector("v")
    with pytest.raises(DtypeError, match=r"T\.cast\(v, 'int64'\)"):
        x[v]
    with pytest.raises(IndexingError, match="mask"):
        x[v.sum() > 0]
    with pytest.raises(IndexingError, match="scalar has no parts"):
        T.scalar("s")[0]


def test_mistakes_are_told_when_running():
    x, i, y, mask = T.matrix("x"), T.iscalar("i"), T.ivector("y"), T.tensor("bool", (None,), "mask")
    a = np.ones((2, 3))
    with pytest.raises(IndexingError, match=r"(?s)index 5 is out of bounds.*x is float64 \(2, 3\).*-1 for the last") as caught:
        tl.function([x, i], x[i])(a, 5)
    assert isinstance(caught.value, IndexError)
    with pytest.raises(IndexingError, match="index -3 is out of bounds"):
        tl.function([x, y], x[y])(a, [0, -3])
    with pytest.raises(IndexingError, match=r"(?s)boolean index.*as long as"):
        tl.function([x, mask], x[mask])(a, [True, False, False])
    with pytest.raises(IndexingError, match="step 0"):
        tl.function([x, i], x[::i])(a, 0)


def test_ops_are_values():
    """Equal templates make equal ops, also after pickling: interning depends on it."""
    ops = [Subtensor((0, Cut(1, POINT))), AdvancedIndex((ARRAY, WHOLE))]
    for op in ops:
        assert pickle.loads(pickle.dumps(op)) == op and hash(copy.deepcopy(op)) == hash(op)
    assert ops[0] != Subtensor((0, Cut(1)))
    assert str(ops[0]) == "subtensor{0, 1:i}"


def test_nonzero():
    x = T.constant([[0.0, 2.0], [3.0, 0.0]])
    rows, columns = x.nonzero()
    assert rows.eval().tolist() == [0, 1] and columns.eval().tolist() == [1, 0]
    assert T.nonzero(x, return_matrix=True).eval().tolist() == [[0, 1], [1, 0]]
    assert T.flatnonzero(x).eval().tolist() == [1, 2]
    assert T.nonzero_values(x).eval().tolist() == [2, 3]
    with pytest.raises(RankError):
        T.scalar("s").nonzero()


def test_nonzero_values_has_a_gradient():
    x = T.vector("x")
    slope = T.grad((T.nonzero_values(x) ** 2).sum(), x)
    assert slope.eval({x: [3.0, 0.0, -1.0]}).tolist() == [6, 0, -2]


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("indices", [1, [1, 0, 1], [[0], [1]]])
def test_take_is_numpys(mode, axis, indices):
    value = np.arange(6.0).reshape(3, 2)
    x = T.matrix("x")
    far = np.asarray(indices) + (0 if mode == "raise" else 5)
    taken = T.take(x, far, axis, mode)
    np.testing.assert_array_equal(taken.eval({x: value}), np.take(value, far, axis, mode=mode))
    assert T.grad(taken.sum(), x).eval({x: value}).sum() == np.take(value, far, axis, mode=mode).size


def test_take_of_a_position_that_does_not_exist():
    x, i = T.vector("x"), T.ivector("i")
    with pytest.raises(IndexingError):
        x.take(i).eval({x: [1.0], i: [1]})
    with pytest.raises(ValueError, match="wrap"):
        T.take(x, i, mode="around")


@pytest.mark.parametrize("mode", ["wrap", "clip"])
def test_choose_is_numpys(mode):
    number = np.array([[0, 4], [2, -1]])
    choices = [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[10.0, 20.0]]), np.float64(7.0)]
    np.testing.assert_array_equal(T.choose(number, choices, mode=mode).eval(), np.choose(number, choices, mode=mode))
    table = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(T.choose(number, table, mode=mode).eval(), np.choose(number, table, mode=mode))


def test_choose_goes_back_to_the_choice():
    a, b = T.vectors("a", "b")
    chosen = T.choose([0, 1, 1], [a, b])
    f = tl.function([a, b], T.grad((chosen * T.constant([1.0, 2.0, 3.0])).sum(), [a, b]))
    assert [each.tolist() for each in f([0.0] * 3, [0.0] * 3)] == [[1, 0, 0], [0, 2, 3]]
    with pytest.raises(IndexingError):
        T.choose([0, 2], [a, b]).eval({a: [0.0, 0.0], b: [0.0, 0.0]})


def test_compress_is_numpys():
    value = np.arange(6.0).reshape(3, 2)
    for condition, axis in (([True, False, True], 0), ([0, 1], 1), ([1, 0, 1, 1], None)):
        np.testing.assert_array_equal(T.compress(condition, value, axis).eval(), np.compress(condition, value, axis))


def test_one_hot():
    y, n = T.ivector("y"), T.iscalar("n")
    f = tl.function([y, n], T.to_one_hot(y, n, dtype="float32"))
    assert f([2, 0], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert f([2, 0], 3).dtype == "float32"
    assert T.to_one_hot(y, 3).type.shape == (None, 3)
    for wrong in (3, -1):
        with pytest.raises(IndexingError, match=f"class {wrong}"):
            f([0, wrong], 3)
    with pytest.raises(DtypeError):
        T.to_one_hot(T.vector("v"), 3)


def test_bincount_is_numpys():
    numbers, weights = np.array([3, 1, 1, 0]), np.array([0.5, 1.0, 2.0, 4.0])
    np.testing.assert_array_equal(T.bincount(numbers).eval(), np.bincount(numbers))
    np.testing.assert_array_equal(T.bincount(numbers, minlength=6).eval(), np.bincount(numbers, minlength=6))
    np.testing.assert_array_equal(T.bincount(numbers, weights).eval(), np.bincount(numbers, weights))
    assert T.bincount(numbers, weights.astype("float32")).eval().dtype == "float32"
    w = T.vector("w")
    slope = T.grad((T.bincount(numbers, w) ** 2).sum(), w)
    np.testing.assert_array_equal(slope.eval({w: weights}), 2 * np.bincount(numbers, weights)[numbers])
    y = T.ivector("y")
    with pytest.raises(IndexingError, match="number -1"):
        T.bincount(y).eval({y: [0, -1]})


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted_is_numpys(side):
    ordered, wanted = np.array([1.0, 2.0, 2.0, 5.0]), np.array([[0.0, 2.0], [5.0, 6.0]])
    np.testing.assert_array_equal(T.searchsorted(ordered, wanted, side).eval(), np.searchsorted(ordered, wanted, side))
    mixed = np.array([5.0, 1.0, 2.0])
    found = T.searchsorted(mixed, wanted, side, sorter=T.argsort(mixed)).eval()
    np.testing.assert_array_equal(found, np.searchsorted(np.sort(mixed), wanted, side))
