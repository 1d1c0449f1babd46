"""A pool of sleeping threads that work off numbered tasks, and the poll for Ctrl-C while they do.

Floor 4. Read `polling.py` before. Written in LLVM's words, since no compiler is at hand where tensorlab runs; locks and threads are those
of CPython's C interface, which exist on every platform and need no GIL: on Linux a lock is a semaphore on a futex.

A *job* is one call of `tl_parallel`: threads fetch indices from one counter until there are no more. Which thread runs a task decides
nothing about its result. Nobody spins. A *worker* sleeps in its own lock until a job is put into its slot:

    caller: slot 0 -> job, then state -> CALLED; it was ASLEEP: release the lock
    worker: slot -> BUSY, which gives the job; works; slot -> 0; state -> ASLEEP; a job in the slot by now: go on; else take the lock

so that each release is met by exactly one acquisition. The caller works too, and takes back its job from every worker that has
not looked yet: it waits only for tasks that have begun. Callers with the GIL come one after another; each takes the workers that
are idle, and works alone if there are none.

What a worker of yesterday's job may still look at must outlive the call. So jobs live in a table, and are counted: a job whose `holders`
are 0 is free. `balance` counts finished tasks, less all tasks once the caller has none left to begin: whoever brings it to 0 wakes the
caller.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ..blocks import I32, I64, POINTER, VOID
from .polling import JOB, PAUSE, POOL, other_age, poll_in_time, widened, write_checkpoint, write_clock, write_poll
from .writing import LINE, NULL, Record, Routine, memory, module_named

MOST_WORKERS = 63  # besides the caller; OpenBLAS of NumPy's and SciPy's wheels is built for 64 threads
JOBS = 16  # calls that share workers at one moment; one more works alone
ASLEEP, CALLED = 0, 1
BUSY = 1  # in a slot, where 0 is nothing and anything else a job
RUNNING = 1  # PyThread_acquire_lock_timed: PY_LOCK_ACQUIRED

WORKER = Record("slot state lock")

def write_pool() -> str:
    """Return the text of the module: `run`, `parallel`, `checkpoint`, and `begin`, `forget_workers`, `count_workers` for Python."""
    module = module_named("pool")
    pool = memory(module, "pool", POOL.size)
    jobs = memory(module, "jobs", JOBS * JOB.size)
    workers = memory(module, "workers", MOST_WORKERS * WORKER.size)
    write_clock(module)
    write_poll(module, pool)
    write_checkpoint(module)
    write_work(module)
    write_worker(module)
    write_free_job(module, jobs)
    write_hiring(module, pool, workers)
    write_calling(module, pool, workers)
    write_run(module, pool, workers)
    write_forgetting(module, pool, jobs)
    return str(module)


def write_work(module: ir.Module) -> None:
    """`work(job, caller)`: run tasks until all have begun; returns how many were taken. After a failure they are taken, and not run."""
    code = Routine(module, "work", I64, [POINTER, ir.IntType(1)], public=False)
    job, is_caller = code.arguments
    task = code.get(job, JOB, "task", ir.FunctionType(I32, [POINTER, I64]).as_pointer())
    context, tasks = code.get(job, JOB, "context", POINTER), code.get(job, JOB, "tasks")
    failure = code.field(job, JOB, "code")
    taken = code.variable(I64, 0)
    with code.forever():
        index = code.change(code.field(job, JOB, "next"), 1)
        code.leave_if(code.compare(index, ">=", tasks))
        code.raise_by(taken, 1)
        stopped = code.compare(code.seen(failure), "!=", 0)
        with code.when(stopped):  # take all that are left
            code.raise_by(taken, code.larger(code.subtract(tasks, code.swap(code.field(job, JOB, "next"), tasks)), 0))
        with code.when(code.builder.not_(stopped)):
            result = code.builder.call(task, [context, index])
            with code.when(code.compare(result, "!=", 0), likely=False):
                code.replace(failure, 0, code.builder.sext(result, I64))
            with code.when(is_caller):
                poll_in_time(code, job)
    code.give(code.load(taken, I64))


def write_worker(module: ir.Module) -> None:
    """`worker(worker)`: what a thread of the pool does from its first to its last day."""
    code = Routine(module, "worker", VOID, [POINTER], public=False)
    (worker,) = code.arguments
    slot, state, lock = (code.field(worker, WORKER, name) for name in ("slot", "state", "lock"))
    code.call("PyThread_acquire_lock", code.load(lock, POINTER), 1)
    with code.forever():
        number = code.swap(slot, BUSY)
        with code.when(code.compare(number, "!=", 0)):
            job = code.builder.inttoptr(number, POINTER)
            taken = code.call("work", job, 0)
            with code.when(code.compare(taken, ">", 0)):
                balance = code.add(code.change(code.field(job, JOB, "balance"), taken), taken)
                with code.when(code.compare(balance, "==", 0)):
                    code.call("PyThread_release_lock", code.get(job, JOB, "lock", POINTER))
            code.change(code.field(job, JOB, "holders"), -1)
        code.swap(slot, 0)
        code.swap(state, ASLEEP)
        awake = code.variable(ir.IntType(1), 0)
        with code.when(code.compare(code.seen(slot), "!=", 0)):
            code.store(code.replace(state, ASLEEP, CALLED), awake)
        with code.when(code.builder.not_(code.load(awake, ir.IntType(1)))):
            code.call("PyThread_acquire_lock", code.load(lock, POINTER), 1)
    code.builder.unreachable()


def write_free_job(module: ir.Module, jobs: Any) -> None:
    """`free_job()`: a free job of the table, with the caller as its only holder and its lock taken; NULL if there is none."""
    code = Routine(module, "free_job", POINTER, [], public=False)
    with code.loop(0, JOBS) as index:
        job = code.at(jobs, code.times(index, JOB.size), I64)
        with code.when(code.replace(code.field(job, JOB, "holders"), 0, 1)):
            with code.when(code.compare(code.get(job, JOB, "lock", POINTER), "==", NULL)):
                lock = code.call("PyThread_allocate_lock")
                with code.when(code.compare(lock, "==", NULL)):
                    code.swap(code.field(job, JOB, "holders"), 0)
                    code.give(NULL)
                code.call("PyThread_acquire_lock", lock, 1)
                code.put(job, JOB, lock=lock)
            code.give(job)
    code.give(NULL)


def write_hiring(module: ir.Module, pool: Any, workers: Any) -> None:
    """`hire()`, with the GIL: start one more thread, which goes to sleep; NULL if the system gives none."""
    code = Routine(module, "hire", POINTER, [], public=False)
    count = code.get(pool, POOL, "workers")
    worker = code.at(workers, code.times(count, WORKER.size), I64)
    lock = code.call("PyThread_allocate_lock")
    with code.when(code.compare(lock, "==", NULL)):
        code.give(NULL)
    code.call("PyThread_acquire_lock", lock, 1)
    code.put(worker, WORKER, slot=0, state=ASLEEP, lock=lock)
    thread = code.call("PyThread_start_new_thread", module.globals["worker"], worker)
    with code.when(code.compare(thread, "==", -1)):  # PYTHREAD_INVALID_THREAD_ID
        code.call("PyThread_free_lock", lock)
        code.give(NULL)
    code.put(pool, POOL, workers=code.add(count, 1))
    code.give(worker)


def write_calling(module: ir.Module, pool: Any, workers: Any) -> None:
    """`call_workers(job, wanted)`, with the GIL: put the job into the slots of idle workers, of whom there will be `wanted` at most."""
    code = Routine(module, "offer", I64, [POINTER, I64], public=False)
    worker, number = code.arguments
    with code.when(code.builder.not_(code.replace(code.field(worker, WORKER, "slot"), 0, number))):
        code.give(0)
    with code.when(code.compare(code.swap(code.field(worker, WORKER, "state"), CALLED), "==", ASLEEP)):
        code.call("PyThread_release_lock", code.get(worker, WORKER, "lock", POINTER))
    code.give(1)

    code = Routine(module, "call_workers", VOID, [POINTER, I64], public=False)
    job, wanted = code.arguments
    number = code.builder.ptrtoint(job, I64)
    code.change(code.field(job, JOB, "holders"), wanted)  # before any of them can let go of it
    called = code.variable(I64, 0)
    with code.loop(0, code.get(pool, POOL, "workers")) as index, code.when(code.compare(code.load(called, I64), "<", wanted)):
        code.raise_by(called, code.call("offer", code.at(workers, code.times(index, WORKER.size), I64), number))
    with code.forever():
        code.leave_if(code.compare(code.load(called, I64), ">=", wanted))
        code.leave_if(code.compare(code.get(pool, POOL, "workers"), ">=", wanted))
        worker = code.call("hire")
        code.leave_if(code.compare(worker, "==", NULL))
        code.raise_by(called, code.call("offer", worker, number))
    code.change(code.field(job, JOB, "holders"), code.subtract(code.load(called, I64), wanted))
    code.give()


def write_run(module: ir.Module, pool: Any, workers: Any) -> None:
    """`parallel(task, context, tasks, threads)`, and `run` with one argument more: where to write the job, for `checkpoint`."""
    code = Routine(module, "run", I32, [POINTER, POINTER, I64, I64, POINTER])
    task, context, tasks, threads, where = code.arguments
    with code.when(code.compare(tasks, "<=", 0)):
        code.give(0)
    alone = code.slot(I64, JOB.size, align=8 * LINE)
    place = code.variable(POINTER, alone)
    wanted = code.subtract(code.smaller(code.smaller(threads, tasks), MOST_WORKERS + 1), 1)
    with code.when(code.compare(wanted, ">", 0)):
        free = code.call("free_job")
        with code.when(code.compare(free, "!=", NULL)):
            code.store(free, place)
    job = code.load(place, POINTER)
    shared = code.compare(job, "!=", alone)
    caller = widened(code, code.call("PyThread_get_thread_ident"))
    age = code.get(pool, POOL, "age")
    code.put(job, JOB, task=task, context=context, tasks=tasks, caller=caller, polled=code.call("now"), age=age, next=0, code=0, balance=0)
    with code.when(code.compare(where, "!=", NULL)):
        code.store(job, where)
    with code.when(shared):
        code.call("call_workers", job, wanted)
    code.put(job, JOB, state=code.call("PyEval_SaveThread"))
    taken = code.call("work", job, 1)
    with code.when(shared):
        write_waiting(code, pool, workers, job, code.subtract(taken, tasks))
    code.call("PyEval_RestoreThread", code.get(job, JOB, "state", POINTER))
    result = code.seen(code.field(job, JOB, "code"))
    with code.when(code.builder.and_(shared, code.builder.not_(other_age(code, pool, job)))):
        code.change(code.field(job, JOB, "holders"), -1)
    code.give(code.builder.trunc(result, I32))

    code = Routine(module, "parallel", I32, [POINTER, POINTER, I64, I64])
    code.give(code.call("run", *code.arguments, NULL))


def write_waiting(code: Routine, pool: Any, workers: Any, job: Any, missing: Any) -> None:
    """Take the job back from workers that have not looked, and wait for tasks that others have begun; `missing` is counted down from 0."""
    number = code.builder.ptrtoint(job, I64)
    with code.when(code.builder.not_(other_age(code, pool, job))):
        with code.loop(0, code.get(pool, POOL, "workers")) as index:
            worker = code.at(workers, code.times(index, WORKER.size), I64)
            with code.when(code.replace(code.field(worker, WORKER, "slot"), number, 0)):
                code.change(code.field(job, JOB, "holders"), -1)
        balance = code.add(code.change(code.field(job, JOB, "balance"), missing), missing)
        with code.when(code.compare(balance, "!=", 0)), code.forever():
            woken = code.call("PyThread_acquire_lock_timed", code.get(job, JOB, "lock", POINTER), PAUSE // 1000, 0)
            code.leave_if(code.compare(woken, "==", RUNNING))
            poll_in_time(code, job)
            code.leave_if(other_age(code, pool, job))


def write_forgetting(module: ir.Module, pool: Any, jobs: Any) -> None:
    """`begin(error)`: with the exception for a fork at the wrong moment. `forget_workers()`, in a forked process: its threads and what they
    held do not exist there. `count_workers()`: how many there are."""
    code = Routine(module, "begin", VOID, [POINTER])
    code.put(pool, POOL, error=code.arguments[0])
    code.give()

    code = Routine(module, "forget_workers", VOID, [])
    code.put(pool, POOL, workers=0, age=code.add(code.get(pool, POOL, "age"), 1))
    with code.loop(0, JOBS) as index:
        code.put(code.at(jobs, code.times(index, JOB.size), I64), JOB, lock=NULL, holders=0)
    code.give()

    code = Routine(module, "count_workers", I64, [])
    code.give(code.get(pool, POOL, "workers"))
