"""Shared variables: what they are made of, and what is copied when."""

from __future__ import annotations

import copy
import gc
import pickle
import warnings

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab import turns
from tensorlab.graph.errors import ConversionError, DowncastError, RankError, ShapeError


@pytest.mark.parametrize(
    ("value", "dtype", "shape"),
    [
        (0.0, "float64", ()),
        (1, "int64", ()),
        (True, "bool", ()),
        (np.float32(2), "float32", ()),
        ([1, 2], "int64", (2,)),
        ([1.5, 2], "float64", (2,)),
        ([[1.0], [2.0]], "float64", (2, 1)),
        ((1, 2), "int64", (2,)),
        (np.zeros((2, 0), "int8"), "int8", (2, 0)),
        (np.ones(3, ">f4"), "float32", (3,)),
    ],
    ids=str,
)
def test_the_value_decides_the_type(value, dtype, shape):
    w = tl.shared(value)
    assert w.type == T.TensorType(dtype, (None,) * len(shape))  # no length is known to the type, even 1
    found = w.get_value()
    assert type(found) is np.ndarray and found.dtype == dtype and found.dtype.isnative and found.shape == shape
    np.testing.assert_array_equal(found, value)


def test_a_float_is_float64_whatever_floatx_is():
    with tl.config.change_flags(floatX="float32"):
        assert tl.shared(1.0).dtype == tl.shared([1.0]).dtype == "float64"


def test_it_prints_its_name():
    assert str(tl.shared(1.0, name="w")) == repr(tl.shared(1.0, "w")) == "w"
    assert str(tl.shared(1.0)) == "<TensorType(float64, scalar)>"
    bias = tl.shared(np.zeros((1, 3)))
    assert bias.label == "bias" and str(bias) == "<TensorType(float64, matrix)>"
    assert str(tl.shared(np.zeros((1, 3)), broadcastable=(True, False))) == "<TensorType(float64, row)>"


def test_every_variable_has_an_identity_of_its_own():
    a, b = tl.shared(1.0), tl.shared(1.0)
    assert a != b and len({a, b}) == 2
    f = tl.function([], [a, b], updates=[(a, a + 1)])
    assert f() == [1, 1]
    assert f() == [2, 1]
    assert bool(tl.shared(0.0)) is True


@pytest.mark.parametrize("wrong", [None, "a", 1j, object(), [1, [2]], {"a": 1}, [None]], ids=repr)
def test_what_holds_no_numbers(wrong):
    with pytest.raises(ConversionError):
        tl.shared(wrong)
    with pytest.raises(ConversionError):
        tl.shared(0.0).set_value(wrong)


def test_a_symbol_has_no_value():
    x = T.scalar("x")
    for wrong in (x, [x], [1.0, x]):
        with pytest.raises(ConversionError):
            tl.shared(wrong)
    w = tl.shared(0.0, name="w")
    with pytest.raises(ConversionError, match=r"updates=\[\(w, x \+ 1\)\]"):
        w.set_value(x + 1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nmae'"):
        tl.shared(1.0, nmae="w")


def test_broadcastable():
    row = tl.shared(np.zeros((1, 3)), broadcastable=(True, False))
    assert (T.matrix() + row).broadcastable == (False, False) and row.type.shape == (1, None)
    row.set_value(np.ones((1, 5)))
    with pytest.raises(ShapeError):
        row.set_value(np.ones((2, 3)))
    for wrong in [(True, True), (True,), (True, False, False)]:
        with pytest.raises(ShapeError) as caught:
            tl.shared(np.zeros((1, 3)), broadcastable=wrong)
        assert caught.value.advice == "broadcastable=(True, False)"


def test_set_value():
    w = tl.shared(np.array([1.0, 1.0]), name="w")
    w.set_value([0, 0.5, 2])
    assert w.get_value().tolist() == [0, 0.5, 2]
    w.set_value(np.arange(2, dtype="int8"))
    assert w.get_value().dtype == "float64"
    with pytest.raises(RankError, match=r"w is a vector with 1"):
        w.set_value([[1.0]])
    with pytest.raises(RankError):
        w.set_value(3)
    n = tl.shared(1, name="n")
    n.set_value(2.0)
    assert n.get_value() == 2 and n.get_value().dtype == "int64"
    for wrong in (2.5, np.float64(2), np.inf):
        with pytest.raises(DowncastError, match="n is int64"):
            n.set_value(wrong)
    assert n.get_value() == 2
    w.zero()
    assert w.get_value().tolist() == [0, 0] and w.value.tolist() == [0, 0]


def test_a_float32_variable():
    w = tl.shared(np.zeros(2, "float32"), name="w")
    for wrong in ([0.1, 0.2], np.zeros(2)):
        with pytest.raises(DowncastError) as caught:
            w.set_value(wrong)
        assert "float64" in str(caught.value) and "w is float32" in str(caught.value) and "allow_downcast=True" in str(caught.value)
    w.set_value([0.5, 1])
    with tl.config.change_flags(floatX="float32"):
        w.set_value([0.1, 0.2])
    easy = tl.shared(np.zeros(2, "float32"), allow_downcast=True)
    easy.set_value(np.array([0.1, 0.2]))
    assert easy.get_value().dtype == "float32"
    strict = tl.shared(np.zeros(2), strict=True)
    with pytest.raises(DowncastError):
        strict.set_value(np.zeros(2, "float32"))
    with pytest.raises(DowncastError):
        strict.set_value([1.0, 2.0])


# -- who holds which memory


def test_the_value_is_copied_unless_borrowed():
    array = np.zeros(2)
    w, borrowed = tl.shared(array), tl.shared(array, borrow=True)
    array[0] = 5
    assert w.get_value().tolist() == [0, 0] and borrowed.get_value().tolist() == [5, 0]
    w.set_value(array)
    array[1] = 7
    assert w.get_value().tolist() == [5, 0]
    w.set_value(array, borrow=True)
    assert w.get_value(borrow=True) is array
    assert w.get_value() is not w.get_value() and not np.shares_memory(w.get_value(), array)


def test_other_kinds_of_arrays_are_copied_too():
    """`numpy.asarray` of these is a new object that looks at the same memory."""

    class Holder:
        def __init__(self):
            self.array = np.zeros(2)

        def __array__(self, dtype=None, copy=None):
            return self.array

    holder = Holder()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        matrix = np.matrix([[0.0, 0.0]])
    buffer = bytearray(16)
    for given, base in (
        (holder, holder.array),
        (matrix, matrix),
        (memoryview(buffer).cast("d"), buffer),
        (holder.array[::-1], holder.array),
    ):
        w = tl.shared(given)
        w.set_value(given)
        held = w.get_value(borrow=True)
        assert type(held) is np.ndarray and not np.shares_memory(held, np.frombuffer(base) if isinstance(base, bytearray) else base)


def test_an_update_never_writes_into_a_borrowed_array():
    array = np.zeros(2)
    w = tl.shared(array, borrow=True)
    old = w.get_value(borrow=True)
    f = tl.function([], updates=[(w, w + 1)])
    f()
    f()
    assert old is array and array.tolist() == [0, 0] and w.get_value().tolist() == [2, 2]
    assert not np.shares_memory(w.get_value(borrow=True), array)


def test_a_read_only_array_can_be_borrowed():
    array = np.broadcast_to(np.float64(1), (3,))
    w = tl.shared(array, borrow=True)
    tl.function([], updates=[(w, w * 2)])()
    assert w.get_value().tolist() == [2, 2, 2]
    w.get_value()[0] = 5


def test_a_default_update_and_a_clone():
    n = tl.shared(1, name="n")
    n.default_update = n + 1
    twin = n.clone()
    tl.function([], n)()
    assert (n.get_value(), twin.get_value(), twin.name, twin.default_update is n.default_update) == (2, 1, "n", True)
    assert copy.copy(n).get_value() == 2 and copy.copy(n) is not n


def test_copies_have_values_of_their_own():
    w = tl.shared([1.0, 2.0], name="w")
    for twin in (copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        twin.set_value([0.0])
        assert w.get_value().tolist() == [1, 2] and twin.name == "w"


def test_a_dropped_variable_leaves_nothing():
    gc.collect()
    before = len(turns.owners)
    w = tl.shared(np.zeros(1000))
    f = tl.function([], w, updates=[(w, w + 1)])
    f()
    assert len(turns.owners) == before + 1
    del w
    f()  # the function keeps what it needs
    del f
    gc.collect()
    assert len(turns.owners) == before


def test_a_symbol_in_a_list_is_named():
    """The error of NumPy's conversion was once put inside another, which advised rows of the same length."""
    x, w = T.scalar("x"), tl.shared(1.0, name="w")
    with pytest.raises(ConversionError) as caught:
        tl.shared([x, 1.0])
    assert str(caught.value).splitlines() == [
        "tl.shared([x, 1.0])",
        "  found: a symbol, which has no value yet",
        "  try:   tl.shared([0., 1.]), with numbers alone",
    ]
    with pytest.raises(ConversionError) as caught:
        tl.shared([w, w])
    assert "w is a shared variable" in caught.value.found and "w.get_value()" in caught.value.advice
    with pytest.raises(ConversionError, match="rows have the same length"):
        tl.shared([1, [2]])
