"""Updates by native code: all from the old values, at one moment, into memory that nobody else holds."""

from __future__ import annotations

import gc
import sys

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import UpdateError


def test_values_change_places(handed):
    a, b, c = (tl.shared(np.full(3, float(each)), name) for each, name in enumerate("abc"))
    turn = tl.function([], [a, b, c], updates=[(a, b), (b, c), (c, a)])
    for times in range(1, 8):
        old = [each[0] for each in turn()]
        assert old == [(times - 1 + each) % 3 for each in range(3)]
        assert [each.get_value()[0] for each in (a, b, c)] == [(times + each) % 3 for each in range(3)]
    assert handed == {}


def test_new_values_come_from_old_ones(handed):
    a, b = tl.shared(np.ones(3), "a"), tl.shared(np.full(3, 2.0), "b")
    step = tl.function([], a + b, updates=[(a, a + b), (b, a * b)])
    x, y = np.ones(3), np.full(3, 2.0)
    for _ in range(5):
        assert (step() == x + y).all()
        x, y = x + y, x * y
        assert (a.get_value() == x).all() and (b.get_value() == y).all()
    assert handed == {}


def test_what_a_variable_may_become(handed):
    """A constant, an input, another variable, a view, a joined array, its own value: always memory of its own."""
    x = T.vector("x")
    constant = np.arange(4.0)
    w = [tl.shared(np.arange(4.0) + each, f"w{each}") for each in range(6)]
    new = [T.constant(constant), x, w[0], w[1][::-1], T.concatenate([w[2][:2], x[2:]]), w[5]]
    step = tl.function([x], [w[3], x, new[4], w[5]], updates=list(zip(w, new)))
    values = np.full(4, 7.0)
    for _ in range(4):
        old = [each.get_value() for each in w]
        results = step(values)
        wanted = [constant, values, old[0], old[1][::-1], np.concatenate([old[2][:2], values[2:]]), old[5]]
        assert all((each.get_value() == other).all() for each, other in zip(w, wanted))
        held = [*results, values, *(each.get_value(borrow=True) for each in w)]
        assert not any(np.may_share_memory(one, other) for number, one in enumerate(held) for other in held[:number])
        for result in results:
            result[:] = -1
        assert all((each.get_value() == other).all() for each, other in zip(w, wanted))
    w[0].get_value(borrow=True)[:] = 99  # whatever somebody does to it, the constant stays
    step(values)
    assert (w[0].get_value() == constant).all() and handed == {}


def test_one_value_handed_out_and_kept(handed):
    w = tl.shared(np.zeros(3), "w")
    new = w + 1
    step = tl.function([], [new, new, w, w], updates=[(w, new)])
    for times in range(3):
        results = step()
        assert [result[0] for result in results] == [times + 1, times + 1, times, times]
        assert len({each.ctypes.data for each in [*results, w.get_value(borrow=True)]}) == 5
    assert handed == {}


# -- memory of new values


def counting():
    w = tl.shared(np.zeros(5), "w")
    return w, tl.function([], updates=[(w, w + 1)])


def test_two_arrays_take_turns():
    w, step = counting()
    seen = set()
    for _ in range(20):
        step()
        seen.add(w.get_value(borrow=True).ctypes.data)
    assert len(seen) <= 2


class Interfaced:
    """Lends the memory of an array, which it holds."""

    def __init__(self, value):
        self.value, self.__array_interface__ = value, value.__array_interface__


HOLDS = {
    "itself": (lambda value: value, lambda held: held),
    "a view": (lambda value: value[1:], lambda held: held),
    "a view of a view": (lambda value: value[::2][::-1], lambda held: held),
    "a buffer": (memoryview, np.asarray),
    "an iterator": (lambda value: value.flat, np.asarray),
    "NumPy's interface": (lambda value: np.asarray(Interfaced(value)), lambda held: held),
}


@pytest.mark.parametrize("how", HOLDS)
def test_what_somebody_holds_is_not_written_to(how):
    hold, read = HOLDS[how]
    w, step = counting()
    held = []
    for times in range(6):
        held.append(hold(w.get_value(borrow=True)))
        assert (read(held[-1]) == times).all()
        step()
    assert [read(each).reshape(-1)[0] for each in held] == list(range(6))
    held.clear()
    step()
    assert (w.get_value() == 7).all()


def test_a_spare_array_of_other_lengths_is_left():
    w, step = counting()
    step()
    step()
    for length in (7, 0, 5, 1):
        w.set_value(np.zeros(length))
        for times in range(1, 4):
            step()
            assert w.get_value().shape == (length,) and (w.get_value() == times).all()


def test_a_value_that_grows(handed):
    w = tl.shared(np.zeros(1), "w")
    step = tl.function([], w.sum(), updates=[(w, T.concatenate([w, w[-1:] + 1]))])
    assert [step().item() for _ in range(6)] == [0, 1, 3, 6, 10, 15]
    assert (w.get_value() == np.arange(7)).all() and handed == {}


def test_set_value_gives_the_spare_memory_back():
    w, step = counting()
    step()
    step()
    assert w.cell[1] is not None
    w.set_value(np.zeros(2))
    assert w.cell[1] is None


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6.0).reshape(3, 2).T,
        np.arange(12.0).reshape(4, 3)[::2],
        np.arange(6.0).reshape(2, 3)[::-1, ::-1],
        np.broadcast_to(np.float64(2), (2, 3)),
        np.arange(6.0).reshape(2, 3).view(type("Sub", (np.ndarray,), {})),
        np.frombuffer(bytearray(49), np.float64, offset=1).reshape(2, 3),
    ],
    ids=["columns", "gaps", "backwards", "repeated", "subclass", "unaligned"],
)
@pytest.mark.parametrize("borrow", [True, False])
def test_values_that_lie_otherwise(value, borrow, handed):
    w, other = tl.shared(np.zeros((2, 3)), "w"), tl.shared(np.zeros((2, 3)), "other")
    step = tl.function([], [T.exp(w), T.dot(w, w.T)], updates=[(w, w + 1), (other, w)])
    before = np.array(value)
    w.set_value(value, borrow=borrow)
    for times in range(4):
        results = step()
        np.testing.assert_allclose(results[0], np.exp(before + times), rtol=1e-14)
        assert (results[1] == (before + times) @ (before + times).T).all()
    assert (w.get_value() == before + 4).all() and (other.get_value() == before + 3).all() and (value == before).all()
    assert handed["by_reference"] <= borrow, "from the second call on the value lies row by row"


def test_variables_made_of_arrays_in_columns_are_native(handed):
    w = tl.shared(np.arange(6.0).reshape(2, 3).T, "w")
    read = tl.function([], w * 2)
    assert (read() == w.get_value() * 2).all() and handed == {}


def test_a_read_only_value_is_never_written_to():
    value = np.ones(5)
    value.flags.writeable = False
    w, step = counting()
    w.set_value(value, borrow=True)
    for _ in range(4):
        step()
    assert (value == 1).all() and (w.get_value() == 5).all()


# -- what does not fit


def test_fixed_lengths():
    x = T.matrix("x")
    row = tl.shared(np.zeros((1, 3)), "row", broadcastable=(True, False))
    count = tl.shared(0, "count")
    step = tl.function([x], row + 0, updates=[(count, count + 1), (row, x)])
    assert step._doors is not None
    step(np.ones((1, 3)))
    step(np.ones((1, 5)))
    before = row.get_value(borrow=True)
    for shape in ((2, 5), (0, 5)):
        with pytest.raises(UpdateError) as caught:
            step(np.ones(shape))
        assert f"a new value of shape {shape}" in str(caught.value)
        assert row.get_value(borrow=True) is before and count.get_value() == 2


def test_no_change_if_anything_goes_wrong():
    x, y = T.matrices("x", "y")
    a, b = tl.shared(np.zeros(3), "a"), tl.shared(np.zeros((2, 2)), "b")
    step = tl.function([x, y], [x.sum()], updates=[(a, a + 1), (b, T.dot(x, y))])
    before = a.get_value(borrow=True), b.get_value(borrow=True)
    for values in ((np.ones((2, 3)), np.ones((2, 3))), (np.ones(3), np.ones((3, 2))), ("x", "y"), ()):
        with pytest.raises(Exception):
            step(*values)
        assert all(each.get_value(borrow=True) is value and not value.any() for each, value in zip((a, b), before))
    step(np.ones((2, 3)), np.ones((3, 2)))
    assert (a.get_value() == 1).all() and (b.get_value() == 3).all()


def test_all_dtypes_and_ranks(handed):
    variables = [
        tl.shared(np.zeros((2,) * rank, dtype), f"{dtype}{rank}")
        for dtype in ("float64", "float32", "int64", "int32", "int8", "uint8", "uint64", "bool") for rank in range(4)
    ]  # fmt: skip
    step = tl.function([], variables, updates=[(each, ~each if each.type.dtype == "bool" else each + 1) for each in variables])
    for times in range(4):
        for each, old in zip(variables, step()):
            wanted = times % 2 if each.type.dtype == "bool" else times
            assert old.dtype == each.type.dtype and (old == wanted).all() and each.get_value().shape == old.shape
    assert handed == {}


def test_counts_of_references_stay():
    """Of what goes in, of the singletons, and of what functions hold."""
    w, step = counting()
    x, y = T.vector("x"), T.matrix("y")
    function = tl.function([x, y], [w.sum(), x * 2, y.T], updates=[(w, w + x.sum())])
    values, listed, item = np.ones((2, 3)), [1.5, 2.5], 1234.5
    listed.append(item)
    watched = [None, values, listed, item, values.dtype, np.ndarray, float, w.cell, w, function]

    def work(times):
        for _ in range(times):
            step()
            function(listed, values)
            function(x=listed, y=values)
            function(tuple(listed), values.T.copy().T)
            for wrong in ((values, values), (listed, listed), (None, values)):
                try:
                    function(*wrong)
                except Exception:
                    continue
                raise AssertionError("the call must fail")

    def counts():
        gc.collect()  # what other tests have left
        return [sys.getrefcount(each) for each in watched]

    work(20)
    for _ in range(3):  # what is lost or kept is so in every round; what others do meanwhile with None is not
        before = counts()
        work(300)
        after = counts()
        if all(abs(one - other) < 30 for one, other in zip(before, after)):
            break
    assert all(abs(one - other) < 30 for one, other in zip(before, after)), (before, after)
