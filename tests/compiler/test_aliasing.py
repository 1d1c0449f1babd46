"""No result shares memory with an input, a shared value, a constant or another result."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

CONSTANT = np.arange(6.0).reshape(2, 3)


def graph():
    """Symbols, a shared variable, and outputs of every kind that could share memory."""
    x, v = T.matrix("x"), T.vector("v")
    w = tl.shared(CONSTANT + 1, name="w")
    k = T.constant(CONSTANT)
    e = T.exp(x)
    outputs = {
        "input": x,
        "input again": x,
        "other input": v,
        "transpose": x.T,
        "row": x[0],
        "reversed": x[::-1, ::-1],
        "every other": v[::2],
        "shared": w,
        "shared transposed": w.T,
        "constant": k,
        "constant row": k[1],
        "computed": e,
        "computed twice": e,
        "computed transposed": e.T,
        "reshaped": x.reshape((3, 2)),
        "flat": x.flatten(),
        "computed and flat": e.flatten(),
        "column": v.dimshuffle(0, "x"),
        "same": x.dimshuffle(0, 1),
        "stretched": v.dimshuffle("x", 0) + 0 * x,
        "filled": T.fill(x, v),
        "cast to the same": T.cast(x, x.dtype),
        "element": x[0, 0],
        "sum": x.sum(),
        "diagonal": T.diag(x),
        "squeezed": T.squeeze(v.dimshuffle("x", 0)),
        "diagonal of shared": w.diagonal(),
        "concatenated": T.concatenate([x]),
        "zeros": T.zeros_like(x),
        "switch": T.switch(x > 0, x, x),
        "specified": T.specify_shape(x, (2, 3)),
        "broadcast": T.addbroadcast(x[:1], 0),
    }
    return x, v, w, k, outputs


LAYOUTS = {
    "C": lambda a: a.copy(),
    "Fortran": np.asfortranarray,
    "reversed": lambda a: a[::-1].copy()[::-1],
    "strided": lambda a: np.repeat(a, 2, axis=0)[::2],
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
    "read-only": lambda a: read_only(a),
}


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_outputs_alias_nothing(layout, mode):
    x, v, w, k, outputs = graph()
    f = tl.function([x, v], outputs, updates=[(w, w + x)], mode=mode)
    a, b = LAYOUTS[layout](np.arange(1.0, 7).reshape(2, 3)), LAYOUTS[layout](np.arange(3.0))
    old = w.get_value(borrow=True)
    results = f(a, b)
    held = {
        "argument x": a,
        "argument v": b,
        "old value of w": old,
        "new value of w": w.get_value(borrow=True),
        "constant k": k.value,
        **results,
    }
    for (one, first), (other, second) in combinations(held.items(), 2):
        assert not np.shares_memory(first, second), f"{one} and {other}"
    assert all(type(each) is np.ndarray and each.flags.writeable for each in results.values())


def test_writing_into_results_changes_nothing():
    x, v, w, k, outputs = graph()
    f = tl.function([x, v], outputs)
    a, b = np.arange(1.0, 7).reshape(2, 3), np.arange(3.0)
    expected = {name: value.copy() for name, value in f(a, b).items()}
    for _ in range(2):
        for value in f(a, b).values():
            value[...] = -99
    for name, value in f(a, b).items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)
    np.testing.assert_array_equal(w.get_value(), CONSTANT + 1)
    np.testing.assert_array_equal(k.value, CONSTANT)


@pytest.mark.parametrize("new", ["input", "transpose", "other", "slice", "itself", "output"])
def test_new_values_live_in_nobodys_array(new):
    x = T.matrix("x")
    w, other = tl.shared(np.zeros((2, 2)), name="w"), tl.shared(np.ones((2, 2)), name="other")
    y = x * 2
    value = {"input": x, "transpose": x.T, "other": other, "slice": x[::-1], "itself": w, "output": y}[new]
    f = tl.function([x], y, updates=[(w, value)])
    a = np.arange(4.0).reshape(2, 2)
    out = f(a)
    held = w.get_value(borrow=True)
    kept = held.copy()
    assert not any(np.shares_memory(held, each) for each in (a, out, other.get_value(borrow=True)))
    a[...] = out[...] = -1
    other.get_value(borrow=True)[...] = -1
    np.testing.assert_array_equal(w.get_value(), kept)


def test_one_value_for_two_variables_is_two_arrays():
    a, b, x = tl.shared(np.zeros(2)), tl.shared(np.zeros(2)), T.vector("x")
    tl.function([x], updates=[(a, x + 1), (b, x + 1)])([1, 2])
    assert not np.shares_memory(a.get_value(borrow=True), b.get_value(borrow=True))
    tl.function([], updates=[(a, b), (b, a)])()
    assert not np.shares_memory(a.get_value(borrow=True), b.get_value(borrow=True))


def test_eval_of_a_leaf_is_a_copy():
    w, k = tl.shared([1.0]), T.constant([1.0])
    w.eval()[0] = 5
    k.eval()[0] = 5
    assert w.get_value() == k.value == [1]


@pytest.mark.parametrize("op", [T.floor, T.ceil, T.trunc, T.round, T.round_half_away_from_zero])
@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_whole_numbers_rounded_are_a_copy(op, mode):
    x, w = T.lvector("x"), tl.shared(np.arange(3))
    given = np.arange(3)
    one, other = tl.function([x], [op(x), op(w)], mode=mode)(given)
    assert not np.shares_memory(one, given) and not np.shares_memory(other, w.get_value(borrow=True))
