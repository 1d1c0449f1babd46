"""Turns: what updates one variable comes one after the other, what does not runs at once, and nothing waits for ever."""

from __future__ import annotations

import copy
import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab import turns
from tensorlab.graph.errors import ReentryError
from tensorlab.ops.families import Library

ROOT = Path(__file__).parent.parent
LONG = 300  # seconds after which a thread counts as waiting for ever
SIGNALS = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer to interrupt with")


class Callback(Library):
    """Gives its operand back, after calling something."""

    merges = False

    def __init__(self, callback):
        self.callback = callback

    def type(self, x):
        return x.type

    def numpy(self, xp, x):
        self.callback()
        return x


def counter(variable, callback=lambda: None):
    """A function that counts, and calls something between reading the old value and setting the new one."""
    return tl.function([], updates=[(variable, Callback(callback)(variable) + 1)])


@pytest.fixture(autouse=True, params=["FAST_RUN", "FAST_COMPILE"])
def mode(request):
    """Calls that native code makes, and calls that Python makes, which take turns with each other."""
    tl.config.mode = request.param
    return request.param


@pytest.fixture(autouse=True)
def nobody_inside():
    """Every turn is given back."""
    yield
    assert turns.inside == {}
    assert not any(each.busy[0] for each in turns.owners.values())


@pytest.fixture
def quick_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


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


class Inside:
    """A thread that stays in the middle of an update until it is let go."""

    def __init__(self, *variables):
        self.reached, self.go = threading.Event(), threading.Event()
        first, *others = variables
        new = Callback(self.wait)(first) + 1
        self.step = tl.function([], updates=[(first, new), *[(each, each + 1) for each in others]])
        self.thread = threading.Thread(target=self.step, daemon=True)

    def wait(self):
        self.reached.set()
        assert self.go.wait(LONG)

    def __enter__(self):
        self.thread.start()
        assert self.reached.wait(LONG)
        return self

    def __exit__(self, *_):
        self.go.set()
        self.thread.join(LONG)
        assert not self.thread.is_alive()


# -- threads


def test_eight_threads_count(quick_switches):
    n = tl.shared(0)
    step = counter(n)
    in_threads(*[lambda: [step() for _ in range(200)]] * 8)
    assert n.get_value() == 1600


def test_sets_that_overlap_in_opposite_orders(quick_switches):
    """If each took its locks in its own order, two of these threads would soon wait for each other."""
    a, b, c = (tl.shared(0, name=name) for name in "abc")
    functions = [tl.function([], updates=[(each, each + 1) for each in order]) for order in ([a, b, c], [c, b], [b, a], [c, a])]
    assert all(each._turn.numbers == sorted(each._turn.numbers) for each in functions)
    in_threads(*[lambda step=step: [step() for _ in range(150)] for step in functions * 2])
    assert [each.get_value() for each in (a, b, c)] == [900, 900, 900]


def test_what_shares_no_variable_runs_at_once():
    """Each waits in the middle of its update for the other to be in the middle of its own."""
    meeting = threading.Barrier(2, timeout=LONG)
    a, b = tl.shared(0), tl.shared(0)
    in_threads(counter(a, meeting.wait), counter(b, meeting.wait))
    assert a.get_value() == b.get_value() == 1


def test_what_shares_a_variable_does_not(quick_switches):
    n, inside, most = tl.shared(0), [], []

    def stay():
        inside.append(1)
        most.append(len(inside))
        inside.pop()

    steps = [counter(n, stay), counter(n, stay)]
    in_threads(*[lambda step=step: [step() for _ in range(100)] for step in steps * 2])
    assert set(most) == {1} and n.get_value() == 400


def model(seed):
    """A function that trains a small network, and its parameters."""
    draw = np.random.RandomState(seed)
    x, target = T.matrix("x"), T.matrix("target")
    parameters = [tl.shared(draw.randn(*shape)) for shape in ((3, 4), (4,), (4, 2))]
    hidden, bias, out = parameters
    cost = ((T.dot(T.tanh(T.dot(x, hidden) + bias), out) - target) ** 2).mean()
    step = tl.function([x, target], cost, updates=[(p, p - 0.1 * g) for p, g in zip(parameters, T.grad(cost, parameters))])
    data = draw.randn(5, 3), draw.randn(5, 2)
    return lambda count: [step(*data).item() for _ in range(count)], parameters


def test_two_models_train_at_once(quick_switches):
    alone = [model(seed) for seed in range(2)]
    together = [model(seed) for seed in range(2)]
    wanted = [train(60) for train, _ in alone]
    costs = {}
    in_threads(*[lambda each=each, train=train: costs.update({each: train(60)}) for each, (train, _) in enumerate(together)])
    assert [costs[0], costs[1]] == wanted and wanted[0][-1] < wanted[0][0]
    for (_, ones), (_, others) in zip(alone, together):
        assert all((one.get_value() == other.get_value()).all() for one, other in zip(ones, others))


def test_one_model_is_trained_by_four_threads(quick_switches):
    """The order of the steps does not matter to a step that always does the same."""
    (train, wanted), (train_together, found) = model(0), model(0)
    train(80)
    in_threads(*[lambda: train_together(20)] * 4)
    assert all((one.get_value() == other.get_value()).all() for one, other in zip(wanted, found))


def test_readers_do_not_wait():
    a, b = tl.shared(1), tl.shared(2)
    read = tl.function([], [a, b])
    with Inside(a, b):
        assert read() == [1, 2] and a.get_value() == 1
    assert read() == [2, 3]


def test_readers_see_one_moment(quick_switches, mode):
    variables = [tl.shared(0) for _ in range(300 if mode == "FAST_COMPILE" else 30)]  # enough for Python to change threads in between
    step = tl.function([], updates=[(each, each + 1) for each in variables])
    read = tl.function([], variables)
    seen = []

    done = threading.Event()

    def write():
        while not done.is_set():
            step()

    def work():
        try:
            end = time.monotonic() + LONG / 2
            while len(seen) < 300 or (len(set(seen)) < 2 and time.monotonic() < end):  # until the other thread has had its turn
                values = {each.item() for each in read()}
                assert len(values) == 1
                seen.append(values.pop())
        finally:
            done.set()

    in_threads(work, write)
    assert len(set(seen)) > 1 and seen == sorted(seen)


def test_set_value_waits_for_an_update():
    """Else it would be lost: the update began from the old value."""
    n = tl.shared(0)
    with Inside(n) as other:
        setter = threading.Thread(target=n.set_value, args=(10,), daemon=True)
        setter.start()
        setter.join(0.05)
        assert setter.is_alive() and n.get_value() == 0
        other.go.set()
        setter.join(LONG)
    assert n.get_value() == 10


def test_defaults_that_are_updated_by_several_threads(quick_switches):
    s = T.lscalar("s")
    f = tl.function([tl.In(s, value=0, update=s + 1)], s)
    seen = []
    in_threads(*[lambda: seen.extend(int(f()) for _ in range(200))] * 4)
    assert sorted(seen) == list(range(800)) and f["s"] == 800


# -- a call inside a call


def refused(attempt, *parts):
    with pytest.raises(ReentryError) as caught:
        attempt()
    assert all(part in str(caught.value) for part in parts), str(caught.value)


def test_an_update_inside_itself_is_refused():
    a, b = tl.shared(0, name="a"), tl.shared(0, name="b")
    attempts = [lambda: step(), lambda: both(), lambda: a.set_value(5), lambda: a.zero()]
    both = tl.function([], updates=[(b, b + 1), (a, a + 1)])
    for attempt in attempts:
        step = counter(a, attempt)
        refused(step, "this thread is updating a already", "signal handler")
        assert a.get_value() == b.get_value() == 0
    step = counter(a)
    step()
    assert a.get_value() == 1


def test_an_update_goes_on_if_the_call_inside_is_caught():
    a = tl.shared(0, name="a")
    step = counter(a, lambda: refused(lambda: a.set_value(7)))
    step()
    assert a.get_value() == 1


def test_other_variables_may_be_updated_inside_an_update():
    a, b, c = tl.shared(0), tl.shared(0), tl.shared(0)
    innermost = counter(a)
    inner = tl.function([], updates=[(a, Callback(lambda: refused(innermost))(a) + 1), (c, c + 1)])
    seen = []
    counter(b, lambda: (inner(), b.get_value(), seen.append(tl.function([], [a, b, c])())))()
    assert seen == [[1, 0, 1]] and [each.get_value() for each in (a, b, c)] == [1, 1, 1]


@pytest.mark.parametrize("turned", [False, True])
def test_a_call_inside_a_call_does_not_wait_for_another_thread(turned):
    """The other might be waiting for this one, whatever the order of the locks."""
    a, b, c = (tl.shared(0, name=name) for name in "abc")
    if turned:
        a, c = c, a
    both = tl.function([], updates=[(c, c + 1), (a, a + 1)])
    with Inside(a):
        refused(counter(b, both), f"another thread is updating {a.name}", "for ever")
        refused(counter(b, counter(a)), f"another thread is updating {a.name}")
        assert a.busy[0] not in (0, threading.get_ident()) and c.busy[0] == 0
        counter(b)()
        counter(c)()
    assert [each.get_value() for each in (a, b, c)] == [1, 1, 1]


def test_an_argument_may_call_the_function_that_it_is_for():
    """Arguments are read before the turn begins."""
    n, x = tl.shared(0.0), T.scalar("x")
    step = tl.function([x], updates=[(n, n + x)])

    class Argument:
        def __array__(self, dtype=None, copy=None):
            step(1)
            return np.array(10.0)

    step(Argument())
    assert n.get_value() == 11


@SIGNALS
def test_a_signal_handler_inside_an_update():
    n, other = tl.shared(0, name="n"), tl.shared(0, name="other")
    count_other, read = counter(other), tl.function([], n)
    seen = []

    def ring():
        signal.raise_signal(signal.SIGALRM)

    step = counter(n, ring)
    before = signal.signal(signal.SIGALRM, lambda *_: seen.append((int(read()), n.get_value().item(), count_other())))
    try:
        step()
        assert (seen, n.get_value(), other.get_value()) == ([(0, 0, [])], 1, 1)
        for attempt in (counter(n), step, lambda: n.set_value(3), tl.function([], updates=[(other, other + 1), (n, n + 1)])):
            signal.signal(signal.SIGALRM, lambda *_, attempt=attempt: attempt())
            refused(step, "this thread is updating n already")
            assert (n.get_value(), other.get_value()) == (1, 1)
    finally:
        signal.signal(signal.SIGALRM, before)
    counter(n)()
    assert n.get_value() == 2


@SIGNALS
@pytest.mark.parametrize("count", [1, 3])
def test_a_storm_of_signal_handlers_that_update(count, mode):
    """Each is refused, or counts: no count is lost, and none waits. Between the instructions of native code, none arrives."""
    variables = [tl.shared(0) for _ in range(count)]
    step = tl.function([], updates=[(each, each + 1) for each in variables])
    done = {"in handlers": 0, "refused": 0, "outside": 0}

    draw = random.Random(0)

    def ring():
        """Set the next alarm: only once the last has rung, or a fast machine would put it off for ever."""
        signal.setitimer(signal.ITIMER_REAL, draw.uniform(1e-5, 2e-4))

    def handler(*_):
        try:
            step()
            done["in handlers"] += 1
        except ReentryError:
            done["refused"] += 1
        ring()

    before = signal.signal(signal.SIGALRM, handler)
    end = time.monotonic() + LONG
    try:
        ring()
        while done["in handlers"] < 30 or done["refused"] < 100 * (mode == "FAST_COMPILE"):
            for _ in range(20):
                step()
            done["outside"] += 20
            if not signal.getitimer(signal.ITIMER_REAL)[0]:  # it rang in a thread of BLAS, from which Python may not hear of it
                ring()
            assert time.monotonic() < end, done
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert {each.get_value().item() for each in variables} == {done["in handlers"] + done["outside"]}


@SIGNALS
def test_a_call_that_waits_can_be_interrupted():
    """What it has taken is given back, and what the other thread holds is left alone."""
    a, b, c = (tl.shared(0) for _ in range(3))
    waiting = [counter(b), tl.function([], updates=[(each, each + 1) for each in (a, b, c)]), lambda: b.set_value(1)]

    class Interrupt(Exception):
        pass

    def interrupt(*_):
        raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with Inside(b) as other:
            for attempt in waiting:
                with pytest.raises(Interrupt):
                    signal.setitimer(signal.ITIMER_REAL, 0.02)
                    attempt()
                assert [each.busy[0] for each in (a, b, c)] == [0, other.thread.ident, 0]
                assert threading.get_ident() not in turns.inside
            in_threads(counter(a), counter(c))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    for each in (a, b, c):
        in_threads(counter(each))
    assert [each.get_value() for each in (a, b, c)] == [2, 2, 2]


# -- what native code sees


def test_a_variable_is_busy_while_it_is_updated():
    a, b, c = tl.shared(0), tl.shared(0), tl.shared(0)
    addresses = [each.busy.buffer_info() for each in (a, b, c)]
    seen = []

    def look():
        seen.append([each.busy[0] for each in (a, b, c)])

    me = threading.get_ident()
    counter(a, look)()
    tl.function([], updates=[(c, Callback(look)(c)), (a, a + 1)])()
    tl.function([], Callback(look)(a))()
    assert seen == [[me, 0, 0], [me, 0, me], [0, 0, 0]]
    with pytest.raises(ZeroDivisionError):
        counter(a, lambda: 1 / 0)()
    look()
    assert seen[-1] == [0, 0, 0]
    with Inside(b) as other:
        look()
        assert seen[-1] == [0, other.thread.ident, 0]
    assert [each.busy.buffer_info() for each in (a, b, c)] == addresses
    assert all(each.busy.itemsize == 8 and length == 1 for each, (_, length) in zip((a, b, c), addresses))


def test_a_cell_stays_where_it_is(mode):
    import ctypes

    def places(cell):  # a list in CPython: its head, its length, and the address of its places
        return ctypes.c_void_p.from_address(id(cell) + object.__basicsize__ + ctypes.sizeof(ctypes.c_ssize_t)).value

    w = tl.shared(np.zeros(2))
    cell, address = w.cell, places(w.cell)
    step = tl.function([], updates=[(w, w + 1)])
    spare = np.empty(2)
    cell[1] = spare
    step()
    assert cell[0].tolist() == [1, 1] and (mode == "FAST_RUN" or cell[1] is spare)
    w.set_value(np.zeros(5))
    assert cell[1] is None and w.cell is cell and len(cell) == 2
    step()
    w.zero()
    assert w.cell is cell and places(cell) == address and cell[0].tolist() == [0] * 5


def test_copies_have_cells_and_turns_of_their_own():
    w = tl.shared(np.zeros(2), name="w")
    w.cell[1] = np.empty(2)
    for twin in (w.clone(), copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert twin.cell is not w.cell and twin.cell[1] is None and twin.busy is not w.busy
        assert twin.turn.numbers[0] > w.turn.numbers[0] and turns.owners[twin.turn.numbers[0]] is twin
        counter(w, counter(twin))()
        assert twin.get_value().tolist() == [1, 1]
    assert len(pickle.dumps(w)) == len(pickle.dumps(w.clone()))


def test_an_old_value_dies_when_all_new_ones_stand():
    """Its end may run code, which must not see half of the updates."""

    class Watched(np.ndarray):
        """An array that can be watched."""

    variables = [tl.shared(np.zeros(1)) for _ in range(4)]
    new = Callback(lambda: None)(T.constant([1.0]))  # which native code does not compute, nor is it made of an old value
    step = tl.function([], updates=[(each, new) for each in variables])
    watched = []
    seen = []
    for each in variables:
        value = np.zeros(1).view(Watched)
        watched.append(weakref.ref(value, lambda _: seen.append({other.cell[0].item() for other in variables})))
        each.cell[0] = value
        del value
    step()
    assert seen == [{1}] * 4


# -- processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("count", [1, 3])
def test_a_forked_process_is_not_held_up_by_a_call_of_another_thread(count, mode):
    """The locks that a thread holds while it updates would never be given back in the child; those of the thread that forks are its own."""
    code = """
        import os, sys, threading, warnings
        import tensorlab as tl
        sys.path.insert(0, "tests")
        from tensorlab import turns
        from test_turns import Callback, Inside
        warnings.simplefilter("ignore")
        variables = [tl.shared(0) for _ in range(int(sys.argv[1]))]
        step = tl.function([], updates=[(each, each + 1) for each in variables])
        mine, children = tl.shared(0), []
        def fork():
            children.append(os.fork())
            if children[-1] == 0:
                assert not any(each.busy[0] for each in variables) and mine.busy[0] == threading.get_ident()
                assert list(turns.inside) == [threading.get_ident()]
                step()  # does not wait, nor is it refused
        with Inside(*variables):
            tl.function([], updates=[(mine, Callback(fork)(mine) + 1)])()
            if children[-1] == 0:
                step()
                ended = threading.Thread(target=lambda: (step(), mine.set_value(mine.get_value() + 1)))
                ended.start()
                ended.join(120)
                assert not ended.is_alive() and turns.inside == {} and mine.busy[0] == 0
                os._exit(int(10 * variables[-1].get_value() + mine.get_value()))
            print(os.waitstatus_to_exitcode(os.waitpid(children[-1], 0)[1]))
        print(variables[-1].get_value(), mine.get_value())
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(count)]
    environment = {"PYTHONPATH": str(ROOT), "TENSORLAB_FLAGS": f"mode={mode}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, cwd=ROOT)
    assert done.stdout.split() == ["32", "1", "1"], done.stderr
