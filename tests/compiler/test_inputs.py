"""Which values an input takes: arrays by dtype and only safely, numbers and lists by exact value, Python floats always in floatX."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ConversionError, DowncastError, RankError, ShapeError
from tensorlab.graph.types import DTYPES, FLOATS, INTEGERS
from tensorlab.graph.values import array_of, fits_exactly


def identity(dtype: str, ndim: int = 0, **options):
    """A function that returns its input, whose name is x."""
    x = T.tensor(dtype, (None,) * ndim, "x")
    return tl.function([x], x, **options)


@pytest.mark.parametrize(
    ("value", "ndim"),
    [
        (2, 0),
        (2.5, 0),
        (True, 0),
        (np.float32(2.5), 0),
        (np.array(2.5), 0),
        ([1, 2], 1),
        ((1, 2.5), 1),
        ([True, False], 1),
        (np.arange(3), 1),
        ([], 1),
        (range(3), 1),
        ([[1, 2], [3, 4]], 2),
        ([[]], 2),
        ([np.array([1.0, 2.0]), [3, 4]], 2),
        ([[[1]]], 3),
        (np.float64(3), 0),
        (-0.0, 0),
        (2**40, 0),
        ([2**40, 1.5], 1),
        ([float("nan")], 1),
        (np.ones((2, 3))[:, ::-1], 2),
        (np.ones((2, 2), "int8", order="F"), 2),
        (memoryview(b"ab"), 1),
    ],
    ids=str,
)
def test_what_a_float64_input_takes(value, ndim):
    found = identity("float64", ndim)(value)
    assert type(found) is np.ndarray and found.dtype == "float64"
    np.testing.assert_array_equal(found, np.asarray(value, "float64"))


def test_a_matrix_of_numpy_becomes_an_array():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        matrix = np.matrix([[1.0, 2.0]])
    found = identity("float64", 2)(matrix)
    assert type(found) is np.ndarray and found.shape == (1, 2)
    with pytest.raises(RankError):
        identity("float64", 1)(matrix)


def test_a_subclass_and_another_byte_order_become_plain_arrays():
    class Special(np.ndarray):
        pass

    assert type(identity("float64", 1)(np.ones(2).view(Special))) is np.ndarray
    found = identity("float64", 1)(np.array([1.0, 2.0], ">f8"))
    assert found.dtype.isnative and found.tolist() == [1, 2]


@pytest.mark.parametrize("wanted", DTYPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_are_cast_by_dtype_and_only_safely(dtype, wanted):
    """The value does not matter: an array of float64 ones does not enter a float32 input."""
    f = identity(wanted, 1)
    value = np.ones(2, dtype)
    if np.can_cast(dtype, wanted, "safe"):
        assert f(value).dtype == wanted
        assert identity(wanted)(value[0]) == 1
        return
    for each, function in ((value, f), (list(value), f), (value[0], identity(wanted))):
        with pytest.raises(DowncastError) as caught:
            function(each)
        text = str(caught.value)
        assert dtype in text and wanted in text and "allow_input_downcast=True" in text and "for input x" in text


EXACT = [
    ("int8", 127, 128),
    ("int8", -128.0, -129),
    ("uint8", 255, -1),
    ("int64", 2**53 + 1, 2.5),
    ("int64", -(2**63), 2.0**63),
    ("uint64", 2**64 - 1, 2.0**64),
    ("int32", [1.0, 2], [1, 2.5]),
    ("int64", [], [float("nan")]),
    ("int64", [3], [float("inf")]),
    ("bool", 1.0, 2),
    ("bool", [0, 1], [0, 2]),
    ("float32", 0.5, 0.1),
    ("float32", 2**24, 2**24 + 1),
    ("float32", [0.25, 1], [0.25, 0.1]),
    ("float16", 2**11, 2**11 + 1),
    ("float16", 65504, 65505),
    ("float64", 2**53, 2**53 + 1),
    ("float64", 2**53 + 2, -(2**53) - 1),
    ("float64", 2**70, 2**70 + 1),
]


@pytest.mark.parametrize(("dtype", "fits", "not_"), EXACT, ids=str)
def test_numbers_and_lists_are_taken_by_exact_value(dtype, fits, not_):
    ndim = int(isinstance(fits, list))
    found = identity(dtype, ndim)(fits)
    assert found.dtype == dtype and found.tolist() == fits
    with pytest.raises((DowncastError, ConversionError)):  # an int beyond 64 bits has no dtype at all
        identity(dtype, ndim)(not_)
    with pytest.raises((DowncastError, ConversionError)):
        identity(dtype, ndim + 1)([not_])


@given(
    st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from([2**24, 2**24 + 1, 2**53, 2**53 + 1, 65504, 65505])), min_size=1),
    st.sampled_from(FLOATS + INTEGERS),
)
@settings(max_examples=60, deadline=None)
def test_an_exact_fit_means_that_nothing_is_lost(values, dtype):
    array = np.array(values, "int64")
    with np.errstate(all="ignore"):
        cast = (
            [np.dtype(dtype).type(each) for each in array]
            if dtype in FLOATS
            else [each for each in values if np.iinfo(dtype).min <= each <= np.iinfo(dtype).max]
        )
    kept = len(cast) == len(values) and all(np.isfinite(each) and int(each) == value for each, value in zip(cast, values))
    assert fits_exactly(array, dtype) == kept


@pytest.mark.parametrize("float_x", ["float64", "float32", "float16"])
def test_python_floats_always_enter_floatx_inputs(float_x):
    with tl.config.change_flags(floatX=float_x):
        for value, ndim in ((0.1, 0), ([0.1, 2], 1), ([[0.1], [3]], 2), ((1e-3, 2.5), 1)):
            found = identity(float_x, ndim)(value)
            np.testing.assert_array_equal(found, np.asarray(value, float_x))
        with pytest.raises(DowncastError, match="float64"):
            identity(float_x if float_x != "float64" else "float32", 1)([np.float64(0.1)])
        assert identity("float32")(0.5) == 0.5
    with warnings.catch_warnings(), tl.config.change_flags(floatX="float32"):
        warnings.simplefilter("error")
        assert identity("float32")(1e300) == np.inf


def test_downcasts_can_be_allowed_or_forbidden():
    array = np.array([0.1, 2.7])
    assert identity("float32", 1, allow_input_downcast=True)(array).tolist() == array.astype("float32").tolist()
    assert identity("int64", 1, allow_input_downcast=True)(array).tolist() == [0, 2]
    x = T.fscalar("x")
    assert tl.function([tl.In(x, allow_downcast=True)], x)(0.1) == np.float32(0.1)
    with tl.config.change_flags(floatX="float32"):
        with pytest.raises(DowncastError):
            identity("float32", allow_input_downcast=False)(0.1)
        assert identity("float32", allow_input_downcast=False)(0.5) == 0.5
        # the input's own word counts more than the function's
        assert tl.function([tl.In(x, allow_downcast=True)], x, allow_input_downcast=False)(0.1) == np.float32(0.1)


def test_strict_inputs():
    x = T.dvector("x")
    f = tl.function([tl.In(x, strict=True)], x)
    assert f(np.ones(2)).tolist() == [1, 1]
    with pytest.raises(DowncastError, match="accepts nothing else") as caught:
        f(np.ones(2, "float32"))
    assert "downcast" not in caught.value.advice  # it would not help a strict input
    with pytest.raises(DowncastError) as caught:  # once "dtype float64, but x is float64", although a list has no dtype
        f([1.0, 2.0])
    assert caught.value.found == "a list; x is strict and accepts only arrays of dtype float64"
    assert caught.value.advice == "numpy.asarray(value, dtype='float64')"
    assert f(eval(caught.value.advice, {"numpy": np, "value": [1.0, 2.0]})).tolist() == [1, 2]


@pytest.mark.parametrize(
    "wrong", [None, "1", b"1", 1j, [None], ["a"], object(), np.array("a"), {1: 2}, np.datetime64("2020"), [1, [2]], [[1], [2, 3]]], ids=repr
)
def test_what_holds_no_numbers_is_refused(wrong):
    for ndim in (0, 1):
        with pytest.raises((ConversionError, RankError)) as caught:
            identity("float64", ndim)(wrong)
        assert "for input x" in str(caught.value) and caught.value.advice


def test_symbols_and_masked_arrays_have_no_value():
    y = T.scalar("y")
    for wrong, ndim in ((y, 0), ([y], 1), ([1.0, y], 1)):
        with pytest.raises(ConversionError, match="a symbol, which has no value"):
            identity("float64", ndim)(wrong)
    with pytest.raises(ConversionError, match="the value z for input x"):
        z = y + 1
        identity("float64")(z)
    with pytest.raises(ConversionError, match=r"\.filled\(0\)"):
        identity("float64", 1)(np.ma.masked_array([1.0, 2.0], [False, True]))


def test_a_shared_variable_is_no_argument():
    """`neuron(x, w)` after w became shared once said "a symbol, which has no value"."""
    w = tl.shared(2.0, name="w")
    for wrong, ndim in ((w, 0), ([1.0, w], 1)):
        with pytest.raises(ConversionError) as caught:
            identity("float64", ndim)(wrong)
        assert "w is a shared variable" in caught.value.found and "no value" not in caught.value.found
        assert caught.value.advice.startswith("w.get_value(), or ") and "leave it out" in caught.value.advice
    assert identity("float64")(w.get_value()) == 2


def test_a_value_in_a_message_stands_on_one_line():
    with pytest.raises(RankError) as caught:
        identity("float64", 1)(np.zeros((4, 4)))
    assert caught.value.asked.startswith("the value array([[0., 0., 0., 0.], [0., 0.,") and len(str(caught.value).splitlines()) == 3
    assert caught.value.advice == "a value with 1 axis, or x = T.matrix()"


def test_ranks_and_fixed_lengths():
    with pytest.raises(RankError) as caught:
        identity("float64", 2)([1, 2])
    assert "x is a matrix with 2" in caught.value.found and "[[…], […]]" in caught.value.advice
    with pytest.raises(RankError, match=r"a list, \[3\]"):
        identity("float64", 1)(3)
    with pytest.raises(RankError, match=r"x = T.vector\(\)"):
        identity("float64")([3])
    row = T.row("r")
    f = tl.function([row], row)
    assert f([[1, 2]]).shape == (1, 2)
    for wrong in (np.ones((2, 3)), [[1.0], [2.0]]):
        with pytest.raises(ShapeError, match="axis 0 must have length 1"):
            f(wrong)


def test_messages_are_short_whatever_the_value():
    with pytest.raises(RankError) as caught:
        identity("float64", 2)(list(range(100_000)))
    assert len(str(caught.value)) < 300 and len(str(caught.value).splitlines()) == 3


def test_inputs_are_never_changed():
    random = np.random.RandomState(0)
    x, v = T.matrix("x"), T.vector("v")
    w = tl.shared(random.rand(3, 3))
    f = tl.function([x, v], [x, x.T, x + v, T.exp(x), x.sum(axis=0), x[0], x * w], updates=[(w, w + x)])
    a, b = random.rand(3, 3), random.rand(3)
    before = a.copy(), b.copy()
    for each in f(a, b):
        each[...] = 7
    np.testing.assert_array_equal(a, before[0])
    np.testing.assert_array_equal(b, before[1])


def test_array_of_returns_what_fits_as_it_is():
    array = np.ones(2)
    assert array_of(array, T.dvector().type, "for input x", "x") is array
