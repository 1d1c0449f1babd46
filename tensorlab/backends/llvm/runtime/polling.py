"""The poll for Ctrl-C while a job runs, and the clock that paces it.

Floor 4. Read `writing.py` before. Python runs signal handlers only where the GIL is held, and a thread that asks for the GIL may wait 5 ms
for another that computes in Python. So the caller of a job does it now and then, by the clock; long tasks ask in between whether to stop.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from llvmlite import ir

from ..blocks import I32, I64, POINTER
from .writing import Record, Routine, text

PAUSE = 20_000_000  # nanoseconds from poll to poll, in addition to a piece of work of 30 ms: Ctrl-C must be felt within 0.1 s
JOB = Record("task context tasks caller state polled lock age", "next code", "balance holders")
"""A job: what to run; the caller, its state while it has no GIL, when it polled, its lock, the age of the pool; then what threads share."""
POOL = Record("workers age error")
"""The number of workers, how often the process was forked, and the exception for a fork in the middle of a call."""
FORKED = "a signal handler forked this process inside a call, and the threads that worked for the call are not in this process; call again"


def write_clock(module: ir.Module) -> None:
    """`now()`: nanoseconds of a clock that never goes back. On Windows it ticks every 16 ms, which does for pacing."""
    code = Routine(module, "now", I64, [], public=False)
    if sys.platform == "win32":
        code.give(code.times(code.call("GetTickCount64"), 1_000_000))
        return
    moment = code.slot(I64, 2)  # struct timespec of 64-bit platforms: seconds, nanoseconds
    code.call("clock_gettime", time.CLOCK_MONOTONIC, moment)
    code.give(code.add(code.times(code.load(moment, I64), 1_000_000_000), code.load(code.at(moment, 1, I64), I64)))


def write_poll(module: ir.Module, pool: Any) -> None:
    """`poll(job)`: take the GIL, let Python handle signals, give up the GIL; -1 with an exception, which stops the job."""
    code = Routine(module, "poll", I32, [POINTER], public=False)
    (job,) = code.arguments
    code.call("PyEval_RestoreThread", code.get(job, JOB, "state", POINTER))
    found = code.variable(I32, code.call("PyErr_CheckSignals"))
    with code.when(other_age(code, pool, job)):
        code.call("PyErr_SetString", code.get(pool, POOL, "error", POINTER), text(module, "forked", FORKED))
        code.store(ir.Constant(I32, -1), found)
    code.put(job, JOB, state=code.call("PyEval_SaveThread"), polled=code.call("now"))
    result = code.load(found, I32)
    with code.when(code.compare(result, "<", 0)):
        code.replace(code.field(job, JOB, "code"), 0, -1)
    code.give(result)


def other_age(code: Routine, pool: Any, job: Any) -> Any:
    """Say whether this process was forked since the job began."""
    return code.compare(code.get(pool, POOL, "age"), "!=", code.get(job, JOB, "age"))


def poll_in_time(code: Routine, job: Any) -> None:
    """Poll if that was not done for a while and nothing has stopped the job."""
    late = code.compare(code.subtract(code.call("now"), code.get(job, JOB, "polled")), ">", PAUSE)
    with code.when(code.builder.and_(late, code.compare(code.seen(code.field(job, JOB, "code")), "==", 0)), likely=False):
        code.call("poll", job)


def write_checkpoint(module: ir.Module) -> None:
    """`checkpoint(job)`: asked by long tasks in between, on whatever thread; not 0 says to stop."""
    code = Routine(module, "checkpoint", I32, [POINTER])
    (job,) = code.arguments
    thread = code.call("PyThread_get_thread_ident")
    with code.when(code.compare(widened(code, thread), "==", code.get(job, JOB, "caller"))):
        poll_in_time(code, job)
    code.give(code.builder.trunc(code.seen(code.field(job, JOB, "code")), I32))


def widened(code: Routine, value: Any) -> Any:
    """Return C's unsigned long as 64 bits."""
    return value if value.type == I64 else code.builder.zext(value, I64)
