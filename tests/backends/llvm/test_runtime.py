"""The native runtime: every index once, the same bits with any number of threads, Ctrl-C, forks, and products of every layout."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tensorlab.backends.llvm import machine, runtime
from tensorlab.backends.llvm.blocks import I32, I64, POINTER
from tensorlab.backends.llvm.runtime import blas, cores, entrances, pool, products, vectors, writing
from tensorlab.settings import config

runtime.load()
ROOT = Path(__file__).parents[3]
DTYPES = {"f32": np.float32, "f64": np.float64}
REAL = {"f32": ctypes.c_float, "f64": ctypes.c_double}
LONG, ADDRESS = ctypes.c_int64, ctypes.c_void_p
THREADS = 0, 1, 2, 4
TRIES = 20  # of what a busy machine may upset now and then
unix_only = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def routine(name, suffix="", engine=None):
    """A function of the runtime for ctypes. PYFUNCTYPE keeps the GIL, and raises what the function leaves set."""
    real = REAL.get(suffix)
    kinds = {
        "parallel": [ADDRESS, ADDRESS, LONG, LONG],
        "gemm": [LONG, LONG, LONG, real, ADDRESS, LONG, LONG, ADDRESS, LONG, LONG, real, ADDRESS, LONG, LONG],
        "gemv": [LONG, LONG, real, ADDRESS, LONG, LONG, ADDRESS, LONG, real, ADDRESS, LONG, LONG],
        "poll": [],
    }[name]
    found = f"tl_{name}_{suffix}".rstrip("_") if engine is None else name
    return ctypes.PYFUNCTYPE(ctypes.c_int, *kinds)((engine or runtime.engines["entrances"]).get_function_address(found))


def place(array):
    """An array as the runtime takes it: its address, and its strides in elements."""
    return array.ctypes.data, *(stride // array.itemsize for stride in array.strides)


def gemm(a, b, c, alpha=1.0, beta=0.0, threads=1, engine=None):
    suffix = "f32" if a.dtype == np.float32 else "f64"
    call = routine("gemm", suffix, engine)
    return call(*a.shape[:1], b.shape[1], a.shape[1], alpha, *place(a), *place(b), beta, *place(c)[:2], threads)


def gemv(a, x, y, alpha=1.0, beta=0.0, threads=1):
    return routine("gemv", "f32" if a.dtype == np.float32 else "f64")(*a.shape, alpha, *place(a), *place(x), beta, *place(y), threads)


def bound(dtype, *terms):
    """How far a sum of products may be off: a few roundings of the sum of all sizes. The worst case would grow with the length."""
    return 8 * np.finfo(dtype).eps * sum(terms) + np.finfo(dtype).tiny


def in_process(code, timeout=600):
    done = subprocess.run([sys.executable, "-c", SETTING + code], capture_output=True, text=True, timeout=timeout, cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"})
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


SETTING = """
import os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell has it switched off
import numpy as np
sys.path.insert(0, "tests/backends/llvm")
from test_runtime import *
"""


# -- tasks


class Tasks:
    """Native tasks: `mark` adds 1 to its element, `fail` also returns 7 at element `at`, `toil` adds 1 after some microseconds of work."""

    CONTEXT = writing.Record("marks at")

    def __init__(self):
        module = writing.module_named("tasks")
        for name in ("mark", "fail", "toil"):
            code = writing.Routine(module, name, I32, [POINTER, I64])
            context, index = code.arguments
            if name == "toil":
                value = code.variable(I64, 1)
                with code.loop(0, code.get(context, self.CONTEXT, "at")):
                    code.store(code.builder.xor(code.times(code.load(value, I64), 0x9E3779B97F4A7C15 >> 1), index), value)
                with code.when(code.compare(code.load(value, I64), "==", 12345)):
                    code.give(3)
            code.change(code.at(code.get(context, self.CONTEXT, "marks", POINTER), index, I64), 1)
            if name == "fail":
                with code.when(code.compare(index, "==", code.get(context, self.CONTEXT, "at"))):
                    code.give(7)
            code.give(0)
        self.engine = machine.loaded(machine.emitted(str(module)))

    def run(self, name, count, threads, at=0):
        """Run tasks; returns the status and how often each ran."""
        marks = np.zeros(max(count, 1), np.int64)
        context = np.array([marks.ctypes.data, at], np.int64)
        status = routine("parallel")(self.engine.get_function_address(name), context.ctypes.data, count, threads)
        return status, marks[:max(count, 0)]


@pytest.fixture(scope="module")
def tasks():
    return Tasks()


@pytest.mark.parametrize("threads", [-1, 0, 1, 2, 4, 1000])
@pytest.mark.parametrize("count", [-1, 0, 1, 2, 3, 64, 10_000])
def test_every_task_runs_once(tasks, count, threads):
    for _ in range(20):
        status, marks = tasks.run("mark", count, threads)
        assert status == 0 and (marks == 1).all()
    assert runtime.workers() <= pool.MOST_WORKERS


def test_workers_are_as_many_as_were_of_use_and_stay():
    assert in_process("""
print(runtime.workers())
tasks = Tasks()
for threads, count in [(1, 100), (4, 1), (2, 100), (2, 100), (4, 3), (4, 100)]:
    tasks.run("mark", count, threads)
    print(runtime.workers())
""") == ["0", "0", "0", "1", "1", "2", "3"]


@pytest.mark.parametrize("threads", THREADS)
def test_a_failure_stops_and_is_returned(tasks, threads):
    status, marks = tasks.run("fail", 100_000, threads, at=5)
    assert status == 7 and marks[5] == 1 and marks.max() == 1
    if threads < 2:
        assert marks[:6].all() and marks.sum() == 6
    assert tasks.run("fail", 10, threads, at=11)[0] == 0


def test_threads_share_the_work(tasks):
    """Tasks are run by several threads: seen by the time that the threads together spend."""
    if not hasattr(time, "pthread_getcpuclockid"):
        pytest.skip("this system does not tell the time of a thread")
    clock = time.pthread_getcpuclockid(threading.get_ident())
    for _ in range(10 * TRIES):  # a busy machine may wake no worker in time
        own, whole = time.clock_gettime(clock), time.process_time()
        tasks.run("toil", 64, 2, at=500_000)
        own, whole = time.clock_gettime(clock) - own, time.process_time() - whole
        if own < 0.9 * whole:
            return
    pytest.fail("all work was done by the caller")


def test_eight_callers_at_once(tasks):
    """Calls that share workers, and calls that find none, give the same."""
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((260, 300)), rng.standard_normal((300, 270))
    expected = np.empty((260, 270))
    assert gemm(a, b, expected) == 0
    wrong = []

    def call(seed):
        for turn in range(30):
            if (turn + seed) % 3:
                status, marks = tasks.run("mark", 500, 1 + seed % 4)
                if status or (marks != 1).any():
                    wrong.append("tasks")
            else:
                c = np.empty_like(expected)
                if gemm(a, b, c, threads=3) or c.tobytes() != expected.tobytes():
                    wrong.append("product")

    callers = [threading.Thread(target=call, args=[seed]) for seed in range(8)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert not wrong


def test_python_goes_on_meanwhile(tasks):
    """The GIL is given up: another thread counts while the call works."""
    counted, stop = 0, threading.Event()

    def count():
        nonlocal counted
        while not stop.is_set():
            counted += 1

    counter = threading.Thread(target=count)
    counter.start()
    try:
        before = counted
        for _ in range(50 * TRIES):
            tasks.run("toil", 4, 2, at=500_000)
            if counted > before + 10:
                return
        pytest.fail("no other thread ran")
    finally:
        stop.set()
        counter.join()


# -- Ctrl-C


@pytest.fixture
def interrupted():
    """Interrupt this process as Ctrl-C does, soon."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timers = []

    def soon(seconds=0.05):
        timers.append(threading.Timer(seconds, signal.raise_signal, [signal.SIGINT]))
        timers[-1].start()

    yield soon
    for timer in timers:
        timer.join()
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("m", "k", "dtype"), [(3000, 3000, "f64"), (300, 200_000, "f32")])  # 0.5 s or more
def test_a_long_product_can_be_interrupted(tasks, interrupted, m, k, dtype, threads):
    a, c = np.ones((m, k), DTYPES[dtype]), np.empty((m, m), DTYPES[dtype])

    def until_it_is_interrupted():
        while True:  # the bell may ring late, or between two products
            c[:] = np.nan
            gemm(a, a.T, c, threads=threads)

    for _ in range(TRIES):
        with pytest.raises(KeyboardInterrupt):
            interrupted()
            until_it_is_interrupted()
        if np.isnan(c).any():  # it was not at its end
            break
    assert np.isnan(c).any()
    small = np.empty((300, 300))
    assert gemm(np.ones((300, 400)), np.ones((400, 300)), small, threads=threads) == 0 and (small == 400).all()
    status, marks = tasks.run("mark", 1000, threads)
    assert status == 0 and (marks == 1).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_long_tasks_can_be_interrupted(tasks, interrupted, threads):
    count = 1_000_000
    marks = np.zeros(count, np.int64)
    context = np.array([marks.ctypes.data, 100_000], np.int64)
    for _ in range(TRIES):  # on a busy machine the bell may ring before the call begins
        with pytest.raises(KeyboardInterrupt):
            interrupted()
            routine("parallel")(tasks.engine.get_function_address("toil"), context.ctypes.data, count, threads)
        if marks.any():
            break
    ran = marks.sum()
    assert 0 < ran < count and marks.max() == 1
    time.sleep(0.05)
    assert marks.sum() == ran  # nothing runs on
    assert tasks.run("mark", 100, threads)[0] == 0


def test_a_handler_may_compute(tasks, interrupted):
    """A signal handler that calls the runtime, in the middle of a call of the same thread."""
    found = []

    def handler(number, frame):
        found.append(tasks.run("mark", 1000, 2))

    signal.signal(signal.SIGINT, handler)
    interrupted()
    status = 0
    while not found and status == 0:
        status, marks = tasks.run("toil", 2000, 2, at=50_000)
        assert (marks == 1).all()
    assert status == 0 and found[0][0] == 0 and (found[0][1] == 1).all()


def test_an_exception_of_a_handler_is_raised(tasks, interrupted):
    def handler(number, frame):
        raise LookupError("from the handler")

    signal.signal(signal.SIGINT, handler)
    interrupted()
    with pytest.raises(LookupError, match="from the handler"):
        while True:
            assert tasks.run("toil", 1000, 2, at=50_000)[0] == 0


def test_poll(interrupted):
    assert routine("poll")() == 0
    with pytest.raises(KeyboardInterrupt):
        interrupted(0.0)
        while routine("poll")() == 0:
            pass


# -- processes


@unix_only
def test_a_forked_process_has_threads_of_its_own():
    assert in_process("""
tasks = Tasks()
a, c = np.ones((700, 700)), np.empty((700, 700))
right = lambda: gemm(a, a, c, threads=3) == 0 and (c == 700).all() and tasks.run("mark", 100, 3)[0] == 0 and runtime.workers() == 2
assert right()
stop = threading.Event()
def busy():
    while not stop.is_set():
        tasks.run("toil", 20, 3, at=20_000)
        gemm(a, a, np.empty((700, 700)), threads=2)
other = threading.Thread(target=busy)
other.start()
children = []
for _ in range(10):
    time.sleep(0.01)
    child = os.fork()
    if child == 0:
        os._exit(0 if runtime.workers() == 0 and right() else 1)
    children.append(child)
print(*[os.waitpid(child, 0)[1] for child in children])
stop.set()
other.join()
print(right())
""") == ["0"] * 10 + ["True"]


@unix_only
def test_a_forked_process_compiles_while_its_parent_compiles():
    """A thread that is inside LLVM when the process is forked does not hold LLVM's lock for ever in the new one."""
    assert in_process("""
stop = threading.Event()
def busy():
    while not stop.is_set():
        machine.emitted(pool.write_pool())
other = threading.Thread(target=busy)
other.start()
children = []
for _ in range(5):
    time.sleep(0.03)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        a, c = np.ones((30, 40), np.float32), np.empty((30, 30), np.float32)
        machine.emitted("")
        os._exit(0 if gemm(a, a.T, c) == 0 and (c == 40).all() else 1)
    children.append(child)
stop.set()
other.join()
print(*[os.waitpid(child, 0)[1] for child in children])
""") == ["0"] * 5


@unix_only
def test_a_fork_in_the_middle_of_a_call_is_told():
    assert in_process("""
tasks = Tasks()
children, here = [], os.getpid()
def handler(number, frame):
    child = os.fork()
    if child:
        children.append(child)
signal.signal(signal.SIGALRM, handler)
code = 7
while code == 7:  # on a busy machine the fork may come between two calls: once more
    children.clear()
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        while not children:
            status, marks = tasks.run("toil", 5000, 2, at=50_000)
            assert status == 0 and (marks == 1).all()
            if os.getpid() != here:
                os._exit(7)
    except RuntimeError as problem:
        again = tasks.run("mark", 100, 2)
        os._exit(5 if "forked" in str(problem) and again[0] == 0 and (again[1] == 1).all() else 6)
    code = os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1])
print(code)
""") == ["5"]


def test_a_process_ends_while_workers_sleep_and_work():
    assert in_process("""
tasks = Tasks()
tasks.run("mark", 100, 4)
threading.Thread(target=tasks.run, args=("toil", 10_000_000, 2, 100_000), daemon=True).start()
time.sleep(0.05)
print(runtime.workers())
""") == ["3"]


# -- products


def matrix(rng, rows, columns, dtype, layout):
    """A matrix of random numbers that lies in memory as a letter says."""
    shapes = {"t": (columns, rows), "p": (rows, columns + 5), "s": (2 * rows + 1, 3 * columns + 1), "b": (columns,)}
    full = rng.standard_normal(shapes.get(layout, (rows, columns))).astype(dtype)
    return {
        "c": lambda: full,  # in rows
        "t": lambda: full.T,  # in columns
        "p": lambda: full[:, :columns],  # in rows that are part of longer ones
        "s": lambda: full[: 2 * rows : 2, : 3 * columns : 3],  # every other row, every third column
        "n": lambda: full[::-1, ::-1],  # backwards
        "b": lambda: np.broadcast_to(full, (rows, columns)),  # one row again and again
    }[layout]()


SHAPES = [  # m, n, k
    (0, 3, 2), (3, 0, 2), (0, 0, 0), (3, 2, 0), (1, 1, 0), (1, 1, 1), (1, 1, 2), (2, 3, 4), (4, 4, 4), (1, 64, 1), (65, 1, 1), (1, 1, 5000),
    (7, 1, 900), (1, 8, 900), (33, 17, 65), (129, 2, 1), (64, 64, 64), (101, 1, 203),
]  # fmt: skip
LARGE_SHAPES = [(300, 301, 299), (131, 1100, 301), (1100, 131, 261), (40, 30, 50_001), (7, 6000, 500), (1, 3000, 1001), (1101, 1, 3000),
                (8, 9, 300_001), (20, 784, 500)]


@pytest.mark.parametrize("suffix", DTYPES)
@pytest.mark.parametrize(("m", "n", "k"), SHAPES)
def test_products_of_every_layout(suffix, m, n, k):
    for left in "ctpsnb":
        for right in "ctpsnb":
            check_product(suffix, m, n, k, left, right)


@pytest.mark.parametrize("suffix", DTYPES)
@pytest.mark.parametrize(("m", "n", "k"), LARGE_SHAPES)
def test_large_products(suffix, m, n, k):
    for left, right in ("cc", "ct", "tc", "ts"):
        check_product(suffix, m, n, k, left, right)


def check_product(suffix, m, n, k, left, right):
    """The value, the same bits with every number of threads, nothing written beside C, nothing read of it if beta is 0."""
    rng = np.random.default_rng(m + 10 * n + 100 * k)
    dtype = DTYPES[suffix]
    a, b = matrix(rng, m, k, dtype, left), matrix(rng, k, n, dtype, right)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    sizes = abs(a).astype(np.float64) @ abs(b).astype(np.float64)
    for alpha, beta in ((1.0, 0.0), (-1.5, 0.5)):
        around = np.full((m, n + 3), np.nan, dtype)
        c = around[:, :n]
        if beta:
            c[:] = rng.standard_normal((m, n))
        before = c.copy()
        found = set()
        for threads in THREADS:
            c[:] = before
            assert gemm(a, b, c, alpha, beta, threads) == 0
            found.add(c.tobytes())
        assert len(found) == 1
        expected = alpha * exact + (beta * before if beta else 0)
        assert (abs(c - expected) <= bound(dtype, abs(alpha) * sizes, abs(beta * before) if beta else 0)).all()
        assert np.isnan(around[:, n:]).all()


@pytest.mark.parametrize("source", blas.SOURCES)
@pytest.mark.parametrize("suffix", DTYPES)
def test_every_blas(suffix, source):
    """The one of NumPy and the one of SciPy, silenced or called by one thread at a time."""
    found = blas.SOURCES[source]()
    if found is None:
        pytest.skip(f"{source} brings no BLAS that can be called from outside")
    rng = np.random.default_rng(7)
    a, b = (rng.standard_normal(shape).astype(DTYPES[suffix]) for shape in ((300, 400), (400, 350)))
    for each in (found, blas.Blas(f"{found.name}, unknown", found.bits, found.gemm)):
        results = set()
        for threads in THREADS:
            c = np.empty((300, 350), a.dtype)
            assert gemm(a, b, c, threads=threads, engine=runtime.the_products(suffix, each)) == 0
            results.add(c.tobytes())
        assert len(results) == 1
        assert (abs(c - a.astype(float) @ b.astype(float)) <= bound(a.dtype, abs(a).astype(float) @ abs(b).astype(float))).all()


def test_the_blas_keeps_its_threads():
    """After a product, also an interrupted one, BLAS uses as many threads as before, and as many as were set meanwhile."""
    assert in_process("""
found = runtime.the_blas()
if found.threads is None:
    print(3, 3, 3, 3)
else:
    count = ctypes.CFUNCTYPE(ctypes.c_int)(found.threads)
    use = ctypes.CFUNCTYPE(None, ctypes.c_int)(found.use_threads)
    a, c = np.ones((2000, 2000)), np.empty((2000, 2000))
    use(3)
    gemm(np.ones((50, 50)), np.ones((50, 50)), np.empty((50, 50)))
    print(count())
    gemm(a, a, c, threads=2)
    print(count())
    try:
        threading.Timer(0.02, signal.raise_signal, [signal.SIGINT]).start()
        while True:
            gemm(a, a, c, threads=2)
    except KeyboardInterrupt:
        print(count())
    during = []
    for _ in range(50):  # until it was seen: this thread may have slept through a product
        other = threading.Thread(target=gemm, args=(a, a, c))
        other.start()
        while other.is_alive():
            during.append(count())
            time.sleep(0.001)
        if 1 in during:
            break
    assert 1 in during, during
    print(count())
""") == ["3"] * 4


def test_scipy_can_be_imported_afterwards():
    assert in_process("""
assert "scipy.linalg" not in sys.modules
module = blas.published()
print("scipy.linalg" in sys.modules)
import scipy.linalg
from scipy.linalg import cython_blas
print(scipy.linalg.cython_blas is cython_blas, blas.published() is cython_blas, blas.of_scipy() is not None)
print(scipy.linalg.blas.ddot([1.0, 2.0], [3.0, 4.0]), scipy.linalg.det(np.eye(2)))
""") == ["False", "True", "True", "True", "11.0", "1.0"]


def test_no_blas_is_told_and_may_come_later():
    assert in_process("""
sources = dict(blas.SOURCES)
blas.SOURCES.clear()
a, c = np.ones((50, 50)), np.empty((50, 50))
try:
    gemm(a, a, c)
except ImportError as problem:
    print(type(problem).__name__)
small = np.empty((2, 2))
print(gemm(np.ones((2, 2)), np.ones((2, 2)), small), small[0, 0])
blas.SOURCES.update(sources)
print(gemm(a, a, c), c[0, 0])
""") == ["MissingPackageError", "0", "2.0", "0", "50.0"]


# -- products with a vector


FEW_SHAPES = [(0, 3), (3, 0), (1, 1), (1, 5), (5, 1), (4, 16), (5, 17), (13, 50), (37, 129), (400, 784)]
MANY_SHAPES = [(1200, 1201), (3, 700_001), (700_001, 3)]


@pytest.mark.parametrize("suffix", DTYPES)
@pytest.mark.parametrize(("m", "n"), FEW_SHAPES + MANY_SHAPES)
def test_products_with_a_vector(suffix, m, n):
    rng = np.random.default_rng(m + 10 * n)
    dtype = DTYPES[suffix]
    for layout in "ctpb":
        a = matrix(rng, m, n, dtype, layout)
        exact, sizes = a.astype(float), abs(a).astype(float)
        for xstep, ystep, beta in ((1, 1, 0.0), (2, 3, 0.5), (-1, -1, 0.5)):
            x = rng.standard_normal(2 * n + 1).astype(dtype)[::xstep][:n]
            around = np.full(3 * m + 1, np.nan, dtype)
            y = around[::ystep][:m]
            if beta:
                y[:] = rng.standard_normal(m)
            before, results = y.copy(), set()
            for threads in THREADS:
                y[:] = before
                assert gemv(a, x, y, 1.5, beta, threads) == 0
                results.add(y.tobytes())
            assert len(results) == 1
            expected = 1.5 * (exact @ x.astype(float)) + (beta * before if beta else 0)
            assert (abs(y - expected) <= bound(dtype, 1.5 * (sizes @ abs(x).astype(float)), abs(beta * before) if beta else 0)).all()
            y[:] = np.nan
            assert np.isnan(around).all()


@pytest.mark.parametrize("suffix", DTYPES)
def test_a_matrix_without_unit_stride_is_refused(suffix):
    a = matrix(np.random.default_rng(0), 4, 5, DTYPES[suffix], "s")
    x, y = np.ones(5, a.dtype), np.full(4, 9, a.dtype)
    assert gemv(a, x, y) == 2 and (y == 9).all()


@pytest.mark.parametrize("suffix", DTYPES)
def test_bits_do_not_depend_on_alignment(suffix):
    rng = np.random.default_rng(5)
    dtype = DTYPES[suffix]
    results = set()
    data, vector = rng.standard_normal(37 * 61).astype(dtype), rng.standard_normal(61).astype(dtype)
    for offset in range(17):
        memory = np.empty(37 * 61 + 61 + 61 + 17, dtype)
        a = memory[offset : offset + 37 * 61].reshape(37, 61)
        x = memory[offset + 37 * 61 :][:61]
        a[:], x[:] = data.reshape(37, 61), vector
        y, z, c = np.empty(37, dtype), np.empty(61, dtype), np.empty((37, 37), dtype)
        assert gemv(a, x, y) == gemv(a.T, y, z) == gemm(a, a.T, c) == 0
        results.add((y.tobytes(), z.tobytes(), c.tobytes()))
    assert len(results) == 1


def test_inf_and_nan_go_through():
    for shape in ((2, 2), (40, 40)):
        a, b, c = np.zeros(shape), np.zeros(shape), np.empty(shape)
        a[0, 0], a[1, 1] = np.inf, np.nan  # inf times 0 is nan, in all columns
        assert gemm(a, b, c) == 0
        assert np.isnan(c[:2]).all() and (c[2:] == 0).all()


# -- loading, and how many threads


def test_loading_again_changes_nothing():
    before = runtime.engines["entrances"]
    callers = [threading.Thread(target=runtime.load) for _ in range(4)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert runtime.engines["entrances"] is before


def test_parts_are_loaded_when_they_are_needed():
    assert in_process("""
print(len(runtime.opened))
gemm(np.ones((2, 2)), np.ones((2, 2)), np.empty((2, 2)))
print(len(runtime.opened))
gemm(np.ones((20, 20)), np.ones((20, 20)), np.empty((20, 20)))
Tasks().run("mark", 3, 1)
print(*runtime.opened)
""") == ["0", "0", "tl_gemm_f64", "tl_parallel"]


def test_python_without_a_lock_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    with pytest.raises(RuntimeError, match="GIL"):
        runtime.load()


def test_every_name_that_is_called_is_looked_up():
    """LLVM ends the process if it cannot find a name, so every declaration must be among the symbols that are checked before."""
    made = {*entrances.ENTRANCES, "tl_run", "tl_checkpoint", "tl_blas_threads", "tl_blas_use_threads"}
    made |= {f"tl_blas_gemm_{suffix}" for suffix in DTYPES}
    kinds = [(suffix, bits, quiet, 2) for suffix in DTYPES for bits in (32, 64) for quiet in (False, True)]
    texts = {
        "entrances": [entrances.write_entrances()],
        "pool": [pool.write_pool()],
        "vectors": [vectors.write_vectors(suffix) for suffix in DTYPES],
        "products": [products.write_products(*kind) for kind in kinds],
    }
    for part, written in texts.items():
        for text in written:
            declared = {line.split('@"')[1].split('"')[0] for line in text.splitlines() if line.startswith("declare")}
            assert {name for name in declared if not name.startswith("llvm.")} <= {*made, *runtime.SYMBOLS[part]}, part


def test_how_many_threads(monkeypatch, tmp_path):
    monkeypatch.setattr(cores, "QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(cores, "QUOTA_BEFORE", (tmp_path / "quota", tmp_path / "period"))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 6, raising=False)
    count = cores.usable_cores.__wrapped__
    monkeypatch.setattr(cores, "given_cores", cores.given_cores.__wrapped__)
    assert count() == 6
    for text, expected in {"max 100000": 6, "250000 100000": 2, "50000 100000": 1, "9000000 100000": 6, "nonsense": 6, "1 0": 6}.items():
        cores.QUOTA.write_text(text)
        assert count() == expected
    cores.QUOTA.unlink()
    for quota, expected in {"-1": 6, "300000": 3}.items():
        cores.QUOTA_BEFORE[0].write_text(quota)
        cores.QUOTA_BEFORE[1].write_text("100000\n")
        assert count() == expected
    cores.QUOTA_BEFORE[0].unlink()
    for text, expected in {"4": 4, "4,2": 4, "": 6, "0": 6, "many": 6, "99": 6}.items():
        monkeypatch.setenv("OMP_NUM_THREADS", text)
        assert count() == expected
    with config.change_flags(threads=1000):
        assert cores.threads() == pool.MOST_WORKERS + 1
    with config.change_flags(threads=0):
        assert cores.threads() == cores.usable_cores() >= 1

