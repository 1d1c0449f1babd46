"""Updates, givens, defaults of inputs, and default updates."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import DuplicateUpdateError, GivenError, ShapeError, UpdateError


def values(*variables):
    return [each.get_value().tolist() for each in variables]


# -- updates


@pytest.mark.parametrize("form", [list, dict, OrderedDict, tuple, iter], ids=["pairs", "dict", "OrderedDict", "tuple", "iterator"])
def test_updates_take_effect_together(form):
    a, b, c = tl.shared(1.0), tl.shared(2.0), tl.shared([1.0, 2.0])
    f = tl.function([], [a, b], updates=form([(a, b), (b, a + b), (c, c * a)]))
    assert f() == [1, 2]
    assert values(a, b, c) == [2, 3, [1, 2]]
    f()
    assert values(a, b, c) == [3, 5, [2, 4]]


def test_two_variables_are_swapped():
    a, b = tl.shared([1.0, 2.0]), tl.shared([3.0])
    swap = tl.function([], updates=[(a, b), (b, a)])
    swap()
    assert values(a, b) == [[3], [1, 2]]
    swap()
    assert values(a, b) == [[1, 2], [3]]


def test_outputs_are_computed_from_the_old_values():
    n = tl.shared(0)
    count = tl.function([], n * 10, updates=[(n, n + 1)])
    assert [count().item() for _ in range(3)] == [0, 10, 20]


def test_new_values_that_are_numbers_arrays_and_inputs():
    x = T.vector("x")
    w, n, v = tl.shared(np.zeros(2)), tl.shared(5), tl.shared(np.float32(1))
    tl.function([x], updates=[(w, x), (n, 0), (v, 0.1)])([3, 4])
    assert values(w, n) == [[3, 4], 0] and v.get_value() == np.float32(0.1)
    tl.function([], updates=[(w, [7.0, 8.0]), (n, np.int64(3))])()
    assert values(w, n) == [[7, 8], 3]


def test_an_update_may_change_lengths():
    w = tl.shared(np.zeros(2))
    double = tl.function([], updates=[(w, T.concatenate([w, w + 1]))])
    double()
    double()
    assert values(w) == [[0, 0, 1, 1, 1, 1, 2, 2]]


def test_updates_of_something_else_are_refused():
    x, w = T.scalar("x"), tl.shared(1.0, name="w")
    for wrong in (x, 3, w + 1, "w"):
        with pytest.raises(UpdateError, match="is not a shared variable"):
            tl.function([x], x, updates=[(wrong, x)])
    for wrong in (3, [w], [(w,)], w, "w"):
        with pytest.raises(UpdateError, match="neither a list of pairs nor a dict"):
            tl.function([x], x, updates=wrong)
    with pytest.raises(UpdateError):
        tl.function([x], x, updates=[(w, object())])


def test_two_updates_for_one_variable():
    w = tl.shared(1.0, name="w")
    with pytest.raises(DuplicateUpdateError, match="two new values for w") as caught:
        tl.function([], updates=[(w, w + 1), (w, w + 2)])
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, TypeError)


def test_a_new_value_must_have_the_same_type():
    """As in Theano, also in the direction that loses nothing: the variable would change its dtype."""
    w, d = tl.shared(np.ones(2, "float32"), name="w"), T.dvector("d")
    with pytest.raises(UpdateError) as caught:
        tl.function([d], updates=[(w, w - d)])
    assert "w is float32 vector, the new value w - d is float64 vector" in caught.value.found
    assert caught.value.advice.startswith("updates=[(w, T.cast(w - d, 'float32'))]")
    tl.function([d], updates=[(w, T.cast(w - d, "float32"))])([1, 1])
    assert values(w) == [[0, 0]]
    n = tl.shared(1, name="n")
    for variable, wrong in ((n, n + 0.5), (n, 0.5), (n, T.iscalar()), (w, w.sum()), (w, w.dimshuffle(0, "x")), (tl.shared(1.0), w[0])):
        with pytest.raises(UpdateError, match="the new value"):
            tl.function([], updates=[(variable, wrong)], on_unused_input="ignore")
    with pytest.raises(UpdateError, match="axes"):
        tl.function([], updates=[(w, w.sum())])


def test_a_known_length_may_not_contradict():
    row = tl.shared(np.ones((1, 3)), broadcastable=(True, False), name="row")
    matrix = T.matrix("m")
    with pytest.raises(UpdateError, match="broadcastable"):
        tl.function([], updates=[(row, T.zeros((2, 3)))])
    f = tl.function([matrix], matrix.sum(), updates=[(row, matrix)])
    f(np.zeros((1, 2)))
    assert row.get_value().shape == (1, 2)
    with pytest.raises(UpdateError, match=r"a new value of shape \(2, 3\)"):
        f(np.ones((2, 3)))
    assert row.get_value().shape == (1, 2)


def test_an_update_that_depends_on_shapes_fails_before_anything_is_committed():
    x = T.vector("x")
    a, b = tl.shared(np.zeros(2), name="a"), tl.shared(np.zeros(3), name="b")
    f = tl.function([x], updates=[(a, a + 1), (b, b + x)])
    with pytest.raises(ShapeError):
        f([1, 2])
    assert values(a, b) == [[0, 0], [0, 0, 0]]
    f([1, 2, 3])
    assert values(a, b) == [[1, 1], [1, 2, 3]]


def test_a_function_refused_when_compiling_changes_nothing():
    w, x = tl.shared(1.0), T.scalar()
    for wrong in ([(w, w + 1), (w, 2.0)], [(w, w + 1), (x, w)]):
        with pytest.raises(UpdateError):
            tl.function([], updates=wrong)
    assert values(w) == [1]


# -- givens


@pytest.mark.parametrize("form", [list, dict, OrderedDict, iter])
def test_givens(form):
    x, y, z = T.scalar("x"), T.scalar("y"), T.scalar("z")
    w = tl.shared(5.0)
    assert tl.function([], x + y, givens=form([(x, 2), (y, w)]))() == 7
    assert tl.function([x], w * 2 + z, givens=form([(w, x), (z, x**2)]))(3) == 15  # a shared variable by a symbol
    assert tl.function([x, y], x - y, givens=form([(x, y), (y, x)]))(1, 5) == 4  # at the same time


def test_givens_reach_updates_but_do_not_change_their_target():
    x, w = T.scalar("x"), tl.shared(5.0)
    tl.function([x], updates=[(w, w + 1)], givens=[(w, x)])(10)
    assert values(w) == [11]


def test_a_given_may_be_a_slice_of_shared_data():
    data, index, x = tl.shared(np.arange(6.0).reshape(3, 2)), T.lscalar("index"), T.matrix("x")
    f = tl.function([index], x.sum(), givens={x: data[index : index + 2]})
    assert [f(0), f(1)] == [6, 14]


def test_a_given_in_place_of_an_expression():
    x, y = T.scalar("x"), T.scalar("y")
    h = T.exp(x)
    assert tl.function([y], h + 1, givens=[(h, y)])(2) == 3


def test_wrong_givens():
    x, v, f = T.scalar("x"), T.vector("v"), T.fscalar("f")
    for wrong, text in [
        ([(x, f)], "T.cast"),
        ([(x, v)], "scalar"),
        ([(x, [1.0, 2.0])], "scalar"),
        ([(x, 1.0), (x, 2.0)], "two replacements"),
        ([(3, x)], "instead of a symbol"),
        (x, "neither"),
        ([(T.lscalar("i"), 0.5)], "int64"),
        ([(x, "a")], "number"),
    ]:
        with pytest.raises(GivenError, match=text):
            tl.function([x], x, givens=wrong, on_unused_input="ignore")


# -- defaults of inputs


def test_an_input_with_a_default():
    x, rate = T.scalar("x"), T.scalar("rate")
    f = tl.function([x, tl.In(rate, value=0.5)], x * rate)
    assert (f(4), f(4, 2), f(4, rate=3), f(4)) == (2, 8, 12, 2)
    g = tl.function([tl.In(x, value=1), rate], x - rate)
    assert g(rate=3) == -2 and g(5, 3) == 2
    assert (f["rate"], f[rate], f[x]) == (0.5, 0.5, None)
    f["rate"] = 10
    assert f(4) == 40
    with pytest.raises(KeyError, match="2 inputs: x, rate"):
        f["speed"]


def test_a_default_that_is_updated():
    x, state = T.scalar("x"), T.scalar("state")
    accumulate = tl.function([x, tl.In(state, value=0.0, update=state + x)], state + x)
    assert [accumulate(1).item(), accumulate(2).item(), accumulate(3).item()] == [1, 3, 6]
    assert accumulate(1, 100) == 101 and accumulate["state"] == 101  # the new default is computed from the value given
    with pytest.raises(UpdateError, match="no default value"):
        tl.function([tl.In(x, update=x + 1)], x)
    with pytest.raises(UpdateError, match="int64"):
        tl.function([tl.In(x, value=1.0, update=T.lscalar())], x)


def test_two_functions_have_defaults_of_their_own():
    x = T.vector("x")
    given = np.zeros(2)
    declared = tl.In(x, value=given, update=x + 1)
    f, g = tl.function([declared], x), tl.function([declared], x)
    f(), f()
    given[0] = 9
    assert f["x"].tolist() == [2, 2] and g["x"].tolist() == [0, 0]


# -- default updates


def test_default_updates():
    n, m = tl.shared(0, name="n"), tl.shared(0, name="m")
    n.default_update, m.default_update = n + 1, m + 10
    f = tl.function([], n + m)
    assert (f(), f(), values(n, m)) == (0, 11, [2, 20])  # both, whichever is found first
    tl.function([], n + m, no_default_updates=True)()
    assert values(n, m) == [2, 20]
    tl.function([], n + m, no_default_updates=[n])()
    assert values(n, m) == [2, 30]
    tl.function([], n + m, updates=[(n, n - 2)])()
    assert values(n, m) == [0, 40]
    tl.function([], T.constant(1))()
    assert values(n, m) == [0, 40]


def test_default_updates_bring_in_others():
    a, b, c = tl.shared(0), tl.shared(0), tl.shared(100)
    a.default_update, b.default_update, c.default_update = a + b, b + 1, c + 1
    f = tl.function([], a)
    f(), f()
    assert values(a, b, c) == [1, 2, 100]
    tl.function([], updates=[(c, c + a)])()
    assert values(a, b, c) == [3, 3, 101]


def test_default_updates_behind_a_cut_or_a_given_are_left_out():
    n, x = tl.shared(0.0), T.scalar()
    n.default_update = n + 1
    h = n * 2
    assert tl.function([h], h + 1)(1) == 2
    assert tl.function([x], h, givens=[(n, x)])(3) == 6
    assert values(n) == [0]


def test_a_wrong_default_update():
    n = tl.shared(0, name="n")
    n.default_update = n + 0.5
    with pytest.raises(UpdateError, match="n is int64 scalar"):
        tl.function([], n)


def test_one_default_update_is_left_out_without_a_list():
    """`no_default_updates=b` once said that it iterated over b, and advised b itself."""
    b, c = tl.shared(0.0, name="b"), tl.shared(0.0, name="c")
    b.default_update, c.default_update = b + 1, c + 1
    tl.function([], [b, c], no_default_updates=b)()
    assert (b.get_value(), c.get_value()) == (0, 1)
    with pytest.raises(UpdateError, match=r"no_default_updates=\[w\]"):
        tl.function([], [b, c], no_default_updates=1)
