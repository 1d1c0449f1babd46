"""After any call, failed or interrupted, all shared values are old or all are new; and all are old if the computation raised."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.walk import rebuild
from tensorlab.ops.families import Library

ROOT = Path(__file__).parent.parent.parent
GRAPHS = 20
STORM = 500  # interrupts


class Trap(Library):
    """Gives its operand back, but the `when`-th trap that is reached raises."""

    merges = False
    when, reached, error = -1, 0, RuntimeError

    def __init__(self, number):
        self.number = number

    def type(self, x):
        return x.type

    def numpy(self, xp, x):
        Trap.reached += 1
        if Trap.reached == Trap.when:
            raise Trap.error("a trap")
        return x


def trapped(nodes, leaves):
    """The same graph with a trap behind every node and every leaf."""
    count = iter(range(10**6))

    def with_trap(node, inputs):
        return Trap(next(count))(node.op.rebuild(node, inputs))

    return rebuild(nodes, {leaf: Trap(next(count))(leaf) for leaf in leaves}, with_trap)


def random_graph(seed):
    """A function with several updates and a default that is updated, and the shared variables; every step of it can be made to fail."""
    random = np.random.RandomState(seed)
    x, state = T.vector("x"), T.vector("state")
    shared = [tl.shared(random.randn(3), name=f"v{number}") for number in range(random.randint(1, 4))]
    matrix, scalar = tl.shared(random.randn(3, 3), name="matrix"), tl.shared(random.randn(), name="scalar")
    pool = [x, state, *shared, T.dot(matrix, x), x * scalar]
    for _ in range(random.randint(3, 9)):
        a, b = (pool[random.randint(len(pool))] for _ in range(2))
        pool.append(
            [
                lambda a, b: a + b,
                lambda a, b: T.exp(-a * a),
                lambda a, b: a * b.sum(),
                lambda a, b: T.switch(a > b, a, b),
                lambda a, b: a[::-1],
                lambda a, b: T.concatenate([a[:1], b[1:]]),
                lambda a, b: T.maximum(a, b),
                lambda a, b: T.dot(T.outer(a, b), a),
            ][random.randint(8)](a, b)
        )
    pick = lambda: pool[-1 - random.randint(4)]  # noqa: E731
    cost = (pick() ** 2).sum() + scalar
    new = [pick() * 0.5 for _ in shared] + [T.outer(pick(), pick()), cost]
    outputs = [cost, pick(), *T.grad(cost, [scalar])]
    leaves = [x, state, *shared, matrix, scalar]
    nodes = trapped([*outputs, *new, pick()], leaves)
    updates = list(zip([*shared, matrix, scalar], nodes[len(outputs) : -1]))
    default = tl.In(state, value=random.randn(3), update=nodes[-1])
    f = tl.function([x, default], nodes[: len(outputs)], updates=updates, on_unused_input="ignore")
    return f, [*shared, matrix, scalar], random.randn(3)


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_every_step_fails_in_turn_and_nothing_changes(seed):
    f, variables, x = random_graph(seed)

    def bits():
        return [variable.get_value(borrow=True).tobytes() for variable in variables] + [f["state"].tobytes()]

    before, arrays = bits(), [variable.get_value(borrow=True) for variable in variables]
    Trap.when, Trap.reached = -1, 0
    steps = len([step for step in f.stages.program.steps if isinstance(step.node.op, Trap)])
    assert steps >= 10
    for number in range(1, steps + 1):
        Trap.when, Trap.reached = number, 0
        Trap.error = (RuntimeError, MemoryError, KeyboardInterrupt, ValueError, SystemExit)[number % 5]
        with pytest.raises(Trap.error):
            f(x)
        assert bits() == before
        assert all(variable.get_value(borrow=True) is array for variable, array in zip(variables, arrays))
    Trap.when = -1
    f(x)
    assert bits() != before  # the function works after all these failures, and does change something
    assert any(variable.get_value(borrow=True) is not array for variable, array in zip(variables, arrays))


def test_an_argument_that_does_not_fit_changes_nothing():
    x, state = T.vector("x"), T.scalar("state")
    w = tl.shared(np.zeros(2))
    f = tl.function([x, tl.In(state, value=0.0, update=state + 1)], updates=[(w, w + x)])
    for wrong in ("x", [[1.0]], [1j, 2], [1, 2, 3]):
        with pytest.raises((TypeError, ValueError)):
            f(wrong)
    assert w.get_value().tolist() == [0, 0] and f["state"] == 0


STORM_SCRIPT = """
    import random, signal, sys, threading
    import numpy as np
    import tensorlab as tl, tensorlab.compiler.function
    from tensorlab import turns

    if sys.argv[1] == "one by one":  # what a loop of assignments would do
        def replace_one_by_one(cells, values):
            for cell, value in zip(cells, values):
                cell[0] = value
        tensorlab.compiler.function.replace_values = replace_one_by_one

    variables = [tl.shared(np.zeros(size)) for size in (1, 1, 2, 3, 10, 100, 1000, 1)][:int(sys.argv[3])]
    step = tl.function([], updates=[(each, each + 1) for each in variables], mode=sys.argv[4])
    armed = False

    def interrupt(*_):
        global armed
        if armed:
            armed = False
            raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    random.seed(0)
    interrupts = torn = wrong = calls = 0
    while interrupts < int(sys.argv[2]):
        done = 0
        start = variables[0].get_value(borrow=True)[0]
        try:
            armed = True
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 3e-4))
            while True:
                step()
                done += 1
                if not armed:  # the interrupt came inside a callback of Python's own, and was lost
                    break
                if done % 1000 == 0:  # it rang in a thread of BLAS, from which Python may not hear of it
                    signal.setitimer(signal.ITIMER_REAL, 1e-4)
        except KeyboardInterrupt:
            interrupts += 1
        values = [each.get_value(borrow=True) for each in variables]
        if len({number for value in values for number in value.tolist()}) > 1:
            torn += 1
            for each in variables:
                each.set_value(each.get_value() * 0)
            continue
        wrong += values[0][0] - start not in (done, done + 1)
        step()  # still usable
        wrong += any((each.get_value() != value + 1).any() for each, value in zip(variables, values))
        calls += done
        setting = variables[-1].get_value()
        try:
            armed = True
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 1e-4))
            while True:
                for _ in range(1000):
                    variables[-1].set_value(setting)
                    if not armed:
                        break
                if not armed:
                    break
                signal.setitimer(signal.ITIMER_REAL, 1e-4)
        except KeyboardInterrupt:
            pass
        wrong += turns.inside != {} or any(each.busy[0] for each in variables)
    other = threading.Thread(target=step, daemon=True)  # no lock is held any more
    other.start()
    other.join(120)
    print(interrupts, torn, wrong, calls, int(other.is_alive()))
"""


@pytest.mark.skipif(not hasattr(__import__("signal"), "setitimer"), reason="this system has no interval timer to interrupt with")
def test_a_storm_of_interrupts_tears_nothing(tmp_path):
    """A loop of assignments, run as a control, is torn: so the storm does hit the commit."""
    script = tmp_path / "storm.py"
    script.write_text(textwrap.dedent(STORM_SCRIPT))

    def storm(how, count, variables, mode="FAST_COMPILE"):
        command = [sys.executable, str(script), how, str(count), str(variables), mode]
        done = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return [int(each) for each in done.stdout.split()]

    for variables, mode in ((8, "FAST_COMPILE"), (1, "FAST_COMPILE"), (8, "FAST_RUN")):
        interrupts, torn, wrong, calls, held = storm("together", STORM, variables, mode)
        assert (interrupts, torn, wrong, held) == (STORM, 0, 0, 0)
        assert calls > 0
    assert storm("one by one", STORM, 8)[1] > 0


@pytest.fixture
def quick_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def in_threads(count, work):
    """Run `work(number)` in several threads; raise what any of them raised."""
    errors = []

    def guarded(number):
        try:
            work(number)
        except BaseException as problem:
            errors.append(problem)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_two_threads_call_one_function(quick_switches):
    """Every call has buffers of its own."""
    x = T.vector("x")
    f = tl.function([x], [T.exp(-x).sum(), (x * x)[::-1], T.outer(x, x).sum(axis=0)])

    def work(number):
        data = np.arange(50.0) + number
        expected = [np.exp(-data).sum(), (data * data)[::-1], data * data.sum()]
        for _ in range(300):
            for found, wanted in zip(f(data), expected):
                np.testing.assert_allclose(found, wanted, rtol=1e-12)

    in_threads(2, work)


def test_threads_that_count_lose_no_count(quick_switches):
    a, b = tl.shared(0), tl.shared([0.0])
    x = T.lscalar("x")
    f = tl.function([x], [a, b], updates=[(a, a + x), (b, b + x)])
    g = tl.function([], updates=[(b, b + 1), (a, a + 1)])

    def work(number):
        for _ in range(200):
            if number % 2:
                g()
            else:
                one, other = f(1)
                assert one == other[0]

    in_threads(4, work)
    assert a.get_value() == b.get_value()[0] == 800


def test_readers_never_see_half_a_commit(quick_switches):
    variables = [tl.shared(0) for _ in range(200)]  # enough for the threads to change places while they are read
    step = tl.function([], updates=[(each, each + 1) for each in variables])
    read = tl.function([], [variables[0], T.stack(variables).max(), T.stack(variables).min()])

    def work(number):
        for _ in range(150):
            if number:
                step()
            else:
                assert len({each.item() for each in read()}) == 1

    in_threads(2, work)


def test_threads_compile_at_the_same_time(quick_switches):
    w = tl.shared(2.0)

    def work(number):
        for _ in range(5):
            x = T.scalar("x")
            assert tl.function([x], T.grad(w * x**number + T.exp(x), x))(0.0) == 1 + 2.0 * (number == 1)

    in_threads(4, work)
