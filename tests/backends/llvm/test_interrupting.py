"""What comes in the middle of native calls: Ctrl-C, signal handlers, finalizers. They end a call or go by, and no update is lost."""

from __future__ import annotations

import _thread
import gc
import signal
import threading
import time

import numpy as np
import pytest
from taking_time import much

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ReentryError

SIGNALS = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer to interrupt with")
x, m = T.vector("x"), T.matrix("m")
TRIES = 20  # of what a busy machine may upset now and then
LARGEST = 30_000_000  # numbers: 240 MB
SLOW = {
    "loops": (x, lambda: [much(x, 40)], 3_000_000),
    "a sum": (x, lambda: [much(x, 40).sum()], 3_000_000),
    "a sum over rows": (m, lambda: [much(m, 40).sum(axis=0)], (1000, 3000)),
    "products": (m, lambda: [T.dot(T.dot(T.dot(m, m), m), m)], (2500, 2500)),
}


@pytest.fixture(autouse=True)
def interrupts_count():
    """A shell starts what runs in the background with Ctrl-C switched off, and Python leaves it so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("updates", [False, True], ids=["reads", "updates"])
@pytest.mark.parametrize("kind", SLOW)
def test_an_interrupt(kind, updates, capsys):
    """A call of seconds stops at once, and changes nothing. How soon is printed, not asserted: the machine may be busy."""
    symbol, outputs, shape = SLOW[kind]
    count = tl.shared(np.zeros(2), "count")
    with tl.config.change_flags(threads=2):
        function = tl.function([symbol], outputs(), updates=[(count, count + 1)] if updates else [])
    values, before = np.full(shape, 0.5), count.get_value(borrow=True)
    rung, state = [], []

    def ring():
        time.sleep(0.05)
        rung.append(time.perf_counter())
        _thread.interrupt_main()

    for _ in range(TRIES):  # the bell of a busy machine may ring before the call, or after it
        count.set_value(before, borrow=True)
        bell = threading.Thread(target=ring)
        state.clear(), rung.clear()
        with pytest.raises(KeyboardInterrupt):
            bell.start()
            state.append("began")
            function(values)
            state.append("ended")
            bell.join(600)
        late = time.perf_counter() - rung[0]
        bell.join()
        if state == ["began"] and count.get_value(borrow=True) is before:
            break
        if "ended" in state and values.size < LARGEST:
            values = np.full(tuple(2 * length for length in values.shape), 0.5)  # this machine is too fast for the last ones
    assert state == ["began"]
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
    w = tl.shared(np.zeros(3), "w")
    new = w + much(x, 6)
    with tl.config.change_flags(threads=2):  # with all cores of a large machine the calls would be short
        step, read = tl.function([x], new.sum(), updates=[(w, new)]), tl.function([x], [much(x, 6).sum(), w.sum()])
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
        for size in [3_000_000] * TRIES + [LARGEST]:  # the alarm may ring before the call or after it
            values = np.linspace(-1, 1, size)
            w.set_value(np.zeros(size))
            wanted = [each.item() for each in read(values)]
            seen.clear()
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            total = step(values)
            while not seen:
                time.sleep(0.001)
            if seen == [wanted, "refused"]:
                break
        assert seen == [wanted, "refused"] and total == pytest.approx(w.get_value().sum()) == pytest.approx(wanted[0])
        signal.signal(signal.SIGALRM, stop)
        for function in (step, read):
            for _ in range(TRIES):
                value, state = w.get_value(borrow=True), []
                with pytest.raises(StopError):
                    signal.setitimer(signal.ITIMER_REAL, 0.01)
                    state.append("began")
                    function(values)
                    state.append("ended")
                    time.sleep(600)
                if state == ["began"] and w.get_value(borrow=True) is value:
                    break
            assert state == ["began"] and w.get_value(borrow=True) is value
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
