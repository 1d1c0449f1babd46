"""Several threads, several processes, signals: native calls are right, do not hold others up, and can be interrupted."""

from __future__ import annotations

import _thread
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ReentryError

LONG = 60  # seconds after which a thread counts as waiting for ever
SIGNALS = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer to interrupt with")
FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


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


def much(x, times=3):
    """An expression whose elements take their time, and stay between -1 and 2."""
    for _ in range(times):
        x = T.sin(x) + T.exp(-x * x)
    return x


def nothing(x):
    """Zeros that take their time, which no rule sees through."""
    return T.switch(much(x) > 9, 1.0, 0.0)


LARGE = np.linspace(-1, 1, 400_000)  # far above what makes a call heavy


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
            for _ in range(200):
                low, high = read(LARGE[:300_000])
                assert low == high
                seen.add(low.item())
                if len(seen) > 10:
                    break
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
    for _ in range(20):  # until it was seen: another process may have all cores
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


# -- interrupts

x, m = T.vector("x"), T.matrix("m")
SLOW = {
    "loops": (x, lambda: [much(x, 40)], 3_000_000),
    "a sum": (x, lambda: [much(x, 40).sum()], 3_000_000),
    "a sum over rows": (m, lambda: [much(m, 40).sum(axis=0)], (1000, 3000)),
    "products": (m, lambda: [T.dot(T.dot(T.dot(m, m), m), m)], (2500, 2500)),
}


@pytest.mark.parametrize("updates", [False, True], ids=["reads", "updates"])
@pytest.mark.parametrize("kind", SLOW)
def test_an_interrupt(kind, updates, capsys):
    """A call of seconds stops at once, and changes nothing. How soon is printed, not asserted: the machine may be busy."""
    symbol, outputs, shape = SLOW[kind]
    count = tl.shared(np.zeros(2), "count")
    with tl.config.change_flags(threads=2):
        function = tl.function([symbol], outputs(), updates=[(count, count + 1)] if updates else [])
    values, before = np.full(shape, 0.5), count.get_value(borrow=True)
    rung = []

    def ring():
        time.sleep(0.05)
        rung.append(time.perf_counter())
        _thread.interrupt_main()

    bell = threading.Thread(target=ring)
    with pytest.raises(KeyboardInterrupt):
        try:
            bell.start()
            function(values)
            raise AssertionError("it was done before the interrupt came")
        finally:
            late = time.perf_counter() - rung[0] if rung else 0
            bell.join()
    with capsys.disabled():
        print(f"\n{kind}: stopped {1000 * late:.1f} ms after Ctrl-C", end=" ")
    assert count.get_value(borrow=True) is before and not before.any()
    if updates:
        small = np.full(4, 0.5).reshape((4,) if symbol is x else (2, 2))
        function(small)
        assert (count.get_value() == 1).all(), "the turn was given back"


@SIGNALS
def test_a_signal_handler_inside_a_heavy_call():
    """It may read, and call the very function; an update that would wait for itself is refused, and its error ends the call."""
    w = tl.shared(np.zeros(3_000_000), "w")
    new = w + much(x, 6)
    step, read = tl.function([x], new.sum(), updates=[(w, new)]), tl.function([x], [much(x, 6).sum(), w.sum()])
    values = np.linspace(-1, 1, 3_000_000)
    wanted = [each.item() for each in read(values)]
    seen = []

    def look(*_):
        seen.append([each.item() for each in read(values)])
        try:
            step(values)
        except ReentryError:
            seen.append("refused")

    class StopError(Exception):
        pass

    def stop(*_):
        raise StopError

    before = signal.signal(signal.SIGALRM, look)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        total = step(values)
        assert seen == [wanted, "refused"] and total == w.get_value().sum() == pytest.approx(wanted[0])
        value = w.get_value(borrow=True)
        signal.signal(signal.SIGALRM, stop)
        for function in (step, read):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            with pytest.raises(StopError):
                function(values)
            assert w.get_value(borrow=True) is value
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert read(values)[0] == wanted[0]


@pytest.mark.parametrize("form", ["list", "single"])
def test_garbage_whose_finalizers_update(form):
    """A search for garbage may begin whenever something is made; whatever runs then counts too."""
    n = tl.shared(0, "n")
    step = tl.function([], [n, n] if form == "list" else n, updates=[(n, n + 1)])
    counts = {"inside": 0, "outside": 0}
    busy = []

    def count(phase, _):
        if phase == "start" and not busy:
            busy.append(True)
            step()
            counts["inside"] += 1
            busy.pop()

    before = gc.get_threshold()
    gc.callbacks.append(count)
    gc.set_threshold(3)
    kept = []
    try:
        for _ in range(1000):
            kept.append((step(), [kept]))
            counts["outside"] += 1
    finally:
        gc.callbacks.remove(count)
        gc.set_threshold(*before)
    assert counts["inside"] > 10 and n.get_value() == sum(counts.values())


SMALL_STACK = """
    import threading
    import numpy as np
    import tensorlab as tl, tensorlab.tensor as T

    h = x = T.TensorType("float64", (8, 8))("x")
    for _ in range(400):
        h = T.tanh(T.dot(h, x))
    function = tl.function([x], h)
    assert function._doors is not None
    found = []
    threading.stack_size(256 << 10)
    thread = threading.Thread(target=lambda: found.append(function(np.eye(8))))
    thread.start()
    thread.join()
    print((found[0] == function(np.eye(8))).all())
"""


def test_long_programs_of_small_arrays_in_a_thread_with_a_small_stack():
    """800 arrays of 512 bytes each: they are not all on the stack."""
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(SMALL_STACK)], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout.strip()) == (0, "True"), run.stderr


# -- processes

CHILDREN = """
    import os, sys, threading, time
    import numpy as np
    import tensorlab as tl, tensorlab.tensor as T

    x, m = T.vector("x"), T.matrix("m")
    y = x
    for _ in range(6):
        y = T.sin(y) + T.exp(-y * y)
    w = tl.shared(np.zeros(1_000_000), "w")
    function = tl.function([x, m], [y.sum(), T.dot(m, m).sum(), T.exp(m[0]).sum()])
    step = tl.function([x], updates=[(w, w + y)])
    values, square = np.linspace(-1, 1, 1_000_000), np.ones((600, 600))
    wanted = [each.item() for each in function(values, square)]
    step(values)
    after = w.get_value()

    def inside():
        for _ in range(4):
            step(values)

    thread = threading.Thread(target=inside)
    thread.start()
    children = []
    for _ in range(3):
        time.sleep(0.02)
        child = os.fork()
        if not child:
            try:
                assert [each.item() for each in function(values, square)] == wanted
                old = w.get_value()
                step(values)
                assert np.allclose(w.get_value(), old + after)
                fresh = tl.function([x], T.tanh(x).sum() + 12345)
                fresh(values)
                os._exit(0)
            except BaseException as problem:
                print(repr(problem), file=sys.stderr, flush=True)
                os._exit(1)
        children.append(child)
    thread.join()
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert [each.item() for each in function(values, square)] == wanted
    assert np.allclose(w.get_value(), 5 * after)
    print("done")
"""


@FORK
def test_forks_in_the_middle_of_everything():
    """Children of a process whose threads are inside heavy calls and turns: they call, update and compile."""
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(CHILDREN)], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout.strip()) == (0, "done"), run.stderr


SPAWNED = """
    import multiprocessing, sys
    import numpy as np
    import tensorlab as tl, tensorlab.tensor as T

    def work(function, start):
        return [function(np.full(3, start)).tolist() for _ in range(3)]

    if __name__ == "__main__":
        x = T.vector("x")
        w = tl.shared(np.zeros(3), "w")
        function = tl.function([x], w + x, updates=[(w, w + 1)])
        function(np.zeros(3))
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            found = pool.starmap(work, [(function, 0.0), (function, 10.0)])
        for start, each in zip((0.0, 10.0), found):
            assert each == [[start + 1 + times] * 3 for times in range(3)], found  # each got a variable with the value of then
        assert (w.get_value() == 1).all()
        print("done")
"""


def test_spawned_processes(tmp_path):
    script = tmp_path / "spawned.py"
    script.write_text(textwrap.dedent(SPAWNED))
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout.strip()) == (0, "done"), run.stderr
