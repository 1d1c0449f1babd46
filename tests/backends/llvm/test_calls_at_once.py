"""Several threads inside native functions: their calls are right, and do not hold others up."""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
import pytest
from taking_time import LARGE, much, nothing

import tensorlab as tl
import tensorlab.tensor as T

LONG = 600  # seconds after which a thread counts as waiting for ever


def in_threads(*works):
    """Run each in a thread of its own; raise what any of them raised, and fail if one does not come to its end."""
    errors = []

    def guarded(work):
        try:
            work()
        except BaseException as problem:
            errors.append(problem)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), "threads wait for each other"


@pytest.fixture
def quick_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


# -- threads that call


def test_light_calls_at_once(quick_switches):
    x, m = T.vector("x"), T.matrix("m")
    function = tl.function([x, m], [T.exp(x), T.dot(m, x), T.nnet.softmax(m), x.sum()])
    cases = [(np.full(5, float(each)), np.full((2 + each, 5), float(each))) for each in range(8)]
    wanted = [function(*case) for case in cases]

    def work(each):
        for _ in range(150):
            found = function(*cases[each])
            assert all((one == other).all() for one, other in zip(found, wanted[each]))

    in_threads(*[lambda each=each: work(each) for each in range(8)])


def test_heavy_calls_at_once():
    x = T.vector("x")
    function = tl.function([x], [much(x), much(x).sum(), T.concatenate([x, x])])
    cases = [LARGE[: 200_000 + 10_000 * each] for each in range(8)]
    wanted = [function(case) for case in cases]
    in_threads(*[
        lambda each=each: [np.testing.assert_array_equal(one, other) for one, other in zip(function(cases[each]), wanted[each])]
        for each in range(8)
    ])  # fmt: skip


@pytest.mark.parametrize("size", [3, 300_000], ids=["light", "heavy"])
def test_updates_of_overlapping_sets_in_opposite_orders(size, quick_switches):
    """No update is lost, and nobody waits for ever, whether calls hold the lock of Python or a turn."""
    x = T.vector("x")
    a, b, c = (tl.shared(np.zeros(size), name) for name in "abc")
    orders = ([a, b, c], [c, b], [b, a], [c, a])
    functions = [tl.function([x], updates=[(each, each + 1 + nothing(x)) for each in order]) for order in orders]
    values, times = np.zeros(size), 60 if size == 3 else 3
    in_threads(*[lambda step=step: [step(values) for _ in range(times)] for step in functions * 2])
    for variable, count in zip((a, b, c), (6, 6, 6)):
        assert (variable.get_value() == count * times).all()


def test_a_heavy_reader_keeps_the_values_that_it_began_with(quick_switches):
    w = tl.shared(np.zeros(300_000), "w")
    x = T.vector("x")
    read = tl.function([x], [w.min(), (w + nothing(x)).max()])
    step = tl.function([], updates=[(w, w + 1)])
    done, seen = threading.Event(), set()

    def write():
        while not done.is_set():
            step()
            time.sleep(0)

    def work():
        try:
            end = time.monotonic() + LONG / 2
            while len(seen) <= 10 and time.monotonic() < end:  # until the writer has had its turns
                low, high = read(LARGE[:300_000])
                assert low == high
                seen.add(low.item())
        finally:
            done.set()

    in_threads(work, work, write)
    assert len(seen) > 10


def test_compiling_at_once(quick_switches):
    """The same graph and different ones, whose code is new: engines are made one after the other."""
    x = T.vector("x")
    number = np.random.RandomState().randint(1 << 30)  # no code of it is kept from an earlier time
    found = {}

    def work(each):
        for _ in range(2):
            function = tl.function([x], [T.exp(x) * (number + each % 3) + each // 3, x.sum()])
            found[each] = function(LARGE[:50])

    in_threads(*[lambda each=each: work(each) for each in range(8)])
    for each in range(8):
        np.testing.assert_allclose(found[each][0], np.exp(LARGE[:50]) * (number + each % 3) + each // 3, rtol=1e-14)


def test_a_heavy_call_lets_others_run():
    x = T.vector("x")
    with tl.config.change_flags(threads=2):  # with all cores of a large machine the calls would be short
        function = tl.function([x], much(x, 6).sum())
    inside, done, seen = [False], threading.Event(), []

    def look():
        while not done.is_set():
            if inside[0]:
                seen.append(time.perf_counter())
            time.sleep(0.001)

    other = threading.Thread(target=look, daemon=True)
    other.start()
    values = np.linspace(-1, 1, 2_000_000)
    for _ in range(500):  # until it was seen: another process may have all cores
        inside[0] = True
        function(values)
        inside[0] = False
        if len(seen) > 10:
            break
    done.set()
    other.join(LONG)
    assert len(seen) > 10


# -- results do not depend on threads


def test_bits_do_not_depend_on_the_number_of_threads():
    x, m, v = T.vector("x"), T.matrix("m"), T.vector("v")
    f = T.fmatrix("f")
    outputs = [much(x), much(x).sum(), x.prod(), x.max(), T.dot(m, m.T), T.dot(m, v), m.sum(axis=0), m.sum(axis=1), (m * v).mean(), f.sum(),
               T.exp(f).sum(axis=1), T.nnet.softmax(m), T.concatenate([x, x[::-1]]), T.dot(m, m.T).sum(), T.argmax(m, axis=1)]  # fmt: skip
    random = np.random.RandomState(0)
    values = [random.uniform(0.9, 1.1, 300_001), random.randn(700, 901), random.randn(901), random.randn(500, 777).astype("f4")]
    found = []
    for threads in (1, 2, 3, 0):
        with tl.config.change_flags(threads=threads):
            function = tl.function([x, m, v, f], outputs)
        found.append([each.tobytes() for each in function(*values)])
    assert all(each == found[0] for each in found)
