"""Native functions come and go: what they hold lives as long as they do, and nothing is left behind."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import textwrap
import tracemalloc
import weakref
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

STATM = Path("/proc/self/statm")


def resident():
    """Bytes of memory that this process holds now."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


ROUNDS = 4  # what a leak takes it takes in every round; what the system holds back for later uses it does not
needs_proc = pytest.mark.skipif(not STATM.exists(), reason="this system does not say how much memory a process holds")


def made():
    """A function with everything: constants, variables, an arena, products, chunks, a turn."""
    x = T.matrix("x")
    w, b = tl.shared(np.ones((3, 3)), "w"), tl.shared(np.zeros(3), "b")
    hidden = T.tanh(T.dot(x, w) + b) * T.constant(np.arange(3.0))
    return tl.function([x], [hidden, T.nnet.softmax(hidden).sum()], updates=[(w, w + T.dot(x.T, hidden)), (b, b + hidden.sum(axis=0))]), w


def test_a_function_is_freed():
    function, variable = made()
    for _ in range(3):
        function(np.ones((2, 3)))
    ghosts = [weakref.ref(each) for each in (function, variable, function._doors.native, function._doors.open, type(function))]
    del function, variable
    gc.collect()
    assert [ghost() for ghost in ghosts] == [None] * 5


def test_what_a_builtin_needs_outlives_the_name_of_the_function():
    function, variable = made()
    call, ghost = function._doors.open, weakref.ref(function)
    before = variable.get_value()
    del function
    gc.collect()
    assert len(call(np.ones((2, 3)))) == 2 and (variable.get_value() != before).any()
    with pytest.raises(Exception, match="input"):
        call()
    del call
    gc.collect()
    assert ghost() is None


def test_results_outlive_their_function():
    function, variable = made()
    hidden, total = function(np.ones((2, 3)))
    kept = variable.get_value(borrow=True)
    before = hidden.copy(), total.copy(), kept.copy()
    del function, variable
    gc.collect()
    others = [made()[0](np.full((2, 3), 7.0)) for _ in range(2)]
    assert others and all((one == other).all() for one, other in zip((hidden, total, kept), before))


def test_cells_are_held():
    """The table holds cells, not variables by name: a function still works when nobody else knows its variables."""
    x = T.vector("x")
    count = tl.shared(0.0)
    step = tl.function([x], count + x.sum(), updates=[(count, count + 1)])
    del count
    gc.collect()
    assert [step([1.0]).item() for _ in range(3)] == [1, 2, 3]


@needs_proc
def test_thousands_of_calls_leave_nothing():
    function, _ = made()
    x, v = T.matrix("x"), T.vector("v")
    others = [
        tl.function([x], T.nnet.softmax(T.exp(x)).sum(axis=0)),
        tl.function([x, v], {"a": x + v, "b": T.dot(x, v)}),
        tl.function([v], updates=[(tl.shared(0.0), v.sum())]),
    ]

    def work(times):
        for number in range(times):
            rows = 1 + number * 7919 % 300
            for values in (np.ones((2, 3)), np.ones((2, 3), order="F"), [[1.0, 2.0, 3.0]]):
                function(values)
            others[0](np.ones((rows, 3)))
            others[1](np.ones((rows, 3)), [1.0, 2.0, 3.0])
            others[2]([1.0] * (1 + number % 40))
            for wrong in (np.ones(3), "x", np.ones((2, 4))):
                with pytest.raises(Exception):
                    function(wrong)

    work(300)
    gc.collect()
    tracemalloc.start()
    for _ in range(ROUNDS):
        before, traced = resident(), tracemalloc.get_traced_memory()[0]
        work(1000)
        gc.collect()
        left, held = tracemalloc.get_traced_memory()[0] - traced, resident() - before
        if left < 200_000 and held < 8 << 20:
            break
    tracemalloc.stop()
    assert left < 200_000, "bytes for 10,000 calls: less than 20 each"
    assert held < 8 << 20


@needs_proc
def test_many_functions_leave_nothing():
    def work(times):
        for _ in range(times):
            function, _ = made()
            function(np.ones((2, 3)))
        del function
        gc.collect()

    work(20)
    for _ in range(ROUNDS):
        before = resident()
        work(80)
        held = resident() - before
        if held < 10 << 20:
            break
    assert held < 10 << 20, "80 functions, each with 20 kB of code and an engine"


# -- copies


def test_a_copy_shares_its_variables():
    function, variable = made()
    twin = function.copy()
    assert twin._doors is not None and twin._doors.native is not function._doors.native and type(twin) is not type(function)
    values = np.ones((2, 3))
    first = function(values)
    assert (twin(values)[0] != first[0]).any(), "the twin sees what the function has changed"
    assert twin.updates and set(twin.updates) == set(function.updates) and variable in twin.updates


@pytest.mark.parametrize("remake", [copy.deepcopy, lambda function: pickle.loads(pickle.dumps(function))], ids=["deepcopy", "pickle"])
def test_a_remade_function_has_variables_of_its_own(remake):
    function, variable = made()
    values = np.ones((2, 3))
    function(values)
    twin = remake(function)
    assert twin._doors is not None and isinstance(twin, type(function).__mro__[1])
    before = variable.get_value()
    first, second = twin(values), twin(values)
    assert (variable.get_value() == before).all()
    assert all((one == other).all() for one, other in zip(function(values), first))
    assert all((one == other).all() for one, other in zip(function(values), second))


def test_a_function_goes_to_another_process(tmp_path):
    function, _ = made()
    values = np.ones((2, 3))
    function(values)
    (tmp_path / "function").write_bytes(pickle.dumps(function))
    wanted = function(values)
    program = textwrap.dedent(f"""
        import pickle, numpy as np
        function = pickle.loads(open({str(tmp_path / "function")!r}, "rb").read())
        assert function._doors is not None
        for each in function(np.ones((2, 3))):
            print(each.tobytes().hex())
    """)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == [each.tobytes().hex() for each in wanted]
