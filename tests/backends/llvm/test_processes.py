"""Native functions in other processes and on other stacks: forked, spawned, small."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

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
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(CHILDREN)], capture_output=True, text=True, timeout=600)
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
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=600)
    assert (run.returncode, run.stdout.strip()) == (0, "done"), run.stderr


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
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(SMALL_STACK)], capture_output=True, text=True, timeout=600)
    assert (run.returncode, run.stdout.strip()) == (0, "True"), run.stderr
