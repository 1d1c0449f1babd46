"""What native code counts and times: calls, the parts of a timed call, what it moves and computes, and nothing where nothing was asked."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends.llvm import unavailable
from tensorlab.backends.meter import CALLS, COVERED, HEAD, NEXT, NEXT_IN_PARTS, PARTS, TIMED, TIMED_IN_PARTS, WHOLE
from tensorlab.graph.errors import ProfileError, TensorlabError

pytestmark = pytest.mark.skipif(bool(unavailable()), reason="there is no native code here")


def meter_of(function):
    return function._recording.meter


def parts_and_whole(function):
    meter = meter_of(function)
    return int(meter.record[HEAD : HEAD + len(meter.rows)].sum()), int(meter.record[PARTS])


def layer():
    """A layer, its cost and its updates: a product, loops, folds and scalars."""
    x = T.matrix("x")
    w, b = tl.shared(np.full((4, 3), 0.1), name="w"), tl.shared(np.zeros(3), name="b")
    y = T.nnet.sigmoid(T.dot(x, w) + b)
    cost = ((y - 1) ** 2).mean()
    gw, gb = T.grad(cost, [w, b])
    return [x], cost, [(w, w - 0.1 * gw), (b, b - 0.1 * gb)]


FUNCTIONS = {
    "scalar": lambda **options: (tl.function([s := T.scalar("s")], s * 2 + 1, **options), (3.0,)),
    "vector": lambda **options: (tl.function([v := T.vector("v")], T.exp(v).sum(), **options), (np.ones(1000),)),
    "product": lambda **options: (tl.function([a := T.matrix("a")], T.dot(a, a), **options), (np.ones((30, 30)),)),
    "training": lambda **options: (tl.function((parts := layer())[0], parts[1], updates=parts[2], **options), (np.ones((50, 4)),)),
    "nothing": lambda **options: (tl.function([], [], **options), ()),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_call_is_counted_and_parts_sum_to_the_whole(name):
    function, arguments = FUNCTIONS[name](profile=True)
    for _ in range(500):
        function(*arguments)
    assert function.profile.calls == 500
    assert 1 <= function.profile.timed <= 500
    parts, whole = parts_and_whole(function)
    assert parts == whole > 0  # to the last tick, since they are differences of the same looks at the clock
    assert meter_of(function).record[COVERED] <= 500


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_are_the_same_as_without(name):
    profiled, arguments = FUNCTIONS[name](profile=True)
    plain, _ = FUNCTIONS[name]()
    for _ in range(30):  # timed calls and others
        one, other = profiled(*arguments), plain(*arguments)
        assert np.array_equal(one, other)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_without_a_profile_the_code_has_no_clock(name):
    plain, _ = FUNCTIONS[name]()
    profiled, _ = FUNCTIONS[name](profile=True)
    assert "tl_now" not in plain.source("llvm") and "tl_now" in profiled.source("llvm")
    assert not any(entry == ("state", "meter") for entry in plain._doors.native.entries)


def test_the_first_calls_are_timed_and_stand_for_themselves():
    function, arguments = FUNCTIONS["scalar"](profile=True)
    function(*arguments)
    record = meter_of(function).record
    assert record[CALLS] == record[TIMED] == record[COVERED] == record[TIMED_IN_PARTS] == 1


def test_a_short_call_is_timed_rarely():
    function, arguments = FUNCTIONS["scalar"](profile=True)
    for _ in range(3000):
        function(*arguments)
    assert function.profile.timed < 2000  # in fact some hundreds, and some tens in parts
    assert meter_of(function).timed_in_parts < 1000


def test_all_long_calls_are_timed():
    function, _ = FUNCTIONS["vector"](profile=True)
    value = np.ones(3_000_000)  # milliseconds: on no machine does a clock take half a percent of that
    for _ in range(10):
        function(value)
    assert function.profile.timed == function.profile.timed_in_parts == 10


def test_rows_share_out_the_time_of_the_whole():
    function, arguments = FUNCTIONS["training"](profile=True)
    for _ in range(200):
        function(*arguments)
    meter = meter_of(function)
    assert sum(meter.seconds()) == pytest.approx(meter.whole())
    assert meter.whole() == pytest.approx(1e-9 * int(meter.record[WHOLE]) * 200 / int(meter.record[COVERED]))


def test_the_number_of_the_next_timed_call_is_kept():
    function, arguments = FUNCTIONS["scalar"](profile=True)
    record = meter_of(function).record
    record[NEXT] = 10
    for _ in range(10):
        function(*arguments)
    assert record[CALLS] == 10 and record[TIMED] == 0
    function(*arguments)
    assert record[TIMED] == 1
    assert record[COVERED] == 11  # the one that was timed stands for those before it too


def test_what_is_moved_and_computed():
    x = T.matrix("x")
    function = tl.function([x], T.dot(x, x.T), profile=True)
    for _ in range(5):
        function(np.ones((20, 30)))
    [row] = [row for row in function.profile.rows if row.kind == "product"]
    assert row.operations == 5 * 2 * 20 * 20 * 30
    assert row.bytes == 5 * 8 * (2 * 20 * 30 + 20 * 20)


def test_sizes_are_those_of_each_call():
    v = T.vector("v")
    function = tl.function([v], v * 2 + 1, profile=True)
    record = meter_of(function).record
    for length in (10, 100, 1000):
        record[NEXT] = record[NEXT_IN_PARTS] = 0
        function(np.ones(length))
    [row] = [row for row in function.profile.rows if row.kind == "loop"]
    assert row.operations == 2 * 1110
    assert row.bytes == 2 * 8 * 1110
    assert function.profile.memory == 8000  # of the longest


def test_long_words_are_counted_apart():
    v = T.vector("v")
    function = tl.function([v], T.exp(v) + T.log(v), profile=True)
    function(np.ones(100))
    [row] = [row for row in function.profile.rows if row.kind == "loop"]
    assert row.words == {"exp": 100, "log": 100} and row.operations == 100


def test_float32_is_compared_with_float32():
    v = T.fvector("v")
    function = tl.function([v], v * v, profile=True)
    function(np.ones(10, "float32"))
    assert {row.dtype for row in function.profile.rows if row.nodes} == {"float32"}


def test_a_call_that_fails_leaves_no_trace():
    a, b = T.vectors("a", "b")
    function = tl.function([a, b], a + b, profile=True)
    before = meter_of(function).record.copy()
    with pytest.raises(TensorlabError):
        function(np.ones(2), np.ones(3))
    record = meter_of(function).record
    record[NEXT] = before[NEXT]  # a look was ordered, for the time that Python took
    assert np.array_equal(record, before) and function.profile.calls == 0
    assert np.array_equal(function(np.ones(2), np.ones(2)), [2, 2]) and function.profile.calls == 1


def test_arguments_that_python_reads_have_a_row():
    v = T.vector("v")
    function = tl.function([v], v + 1, profile=True)
    for _ in range(40):
        function([1] * 100)  # a long list
    profile = function.profile
    [row] = [row for row in profile.rows if row.kind == "on the way through Python"]
    assert profile.calls == row.calls == 40 and row.seconds > 0
    assert sum(each.share for each in profile.rows) == pytest.approx(1)


def test_threads_are_all_counted():
    function, _ = FUNCTIONS["vector"](profile=True)
    value = np.ones(400_000)  # long enough to give up Python's lock
    threads = [threading.Thread(target=lambda: [function(value) for _ in range(20)]) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    parts, whole = parts_and_whole(function)
    assert function.profile.calls == 80 and parts == whole


def test_copies_and_pickles_are_profiled_on_their_own():
    function, arguments = FUNCTIONS["scalar"](profile=True)
    function(*arguments)
    for twin in (function.copy(), pickle.loads(pickle.dumps(function))):
        assert twin.profile and twin.profile.calls == 0
        twin(*arguments)
        assert twin.profile.calls == 1 == function.profile.calls


def test_a_dict_of_outputs_is_counted_too():
    x = T.scalar("x")
    function = tl.function([x], {"twice": 2 * x}, profile=True)
    assert function(2)["twice"] == 4 and function.profile.calls == 1


def test_calls_can_be_forgotten():
    function, arguments = FUNCTIONS["vector"](profile=True)
    function(*arguments)
    function.profile.reset()
    assert function.profile.calls == 0 and function.profile.seconds == 0
    function(*arguments)
    assert function.profile.calls == 1


def test_without_a_profile_there_are_no_figures():
    function, _ = FUNCTIONS["scalar"]()
    assert not function.profile and "profile=True" in repr(function.profile)
    with pytest.raises(ProfileError, match="compiled without one"):
        _ = function.profile.seconds


def test_the_setting_decides_where_the_argument_does_not(monkeypatch):
    monkeypatch.setattr("tensorlab.profiling.at_exit.recordings", [])  # so that nothing is printed after the tests
    with tl.config.change_flags(profile=True):
        assert FUNCTIONS["scalar"]()[0].profile
        assert not FUNCTIONS["scalar"](profile=False)[0].profile
    assert not FUNCTIONS["scalar"]()[0].profile
