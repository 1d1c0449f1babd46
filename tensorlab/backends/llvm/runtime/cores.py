"""How many threads one call may use.

Floor 4. `tl.config.threads` says it; 0, the default, means one per core that this process may use. That is less than the machine has where
a scheduler or a container gives less: JupyterHub and Binder mostly do. `OMP_NUM_THREADS` is heeded as a further limit, because that is
how administrators of shared machines keep numerical libraries at bay; a number in `tl.config.threads` wins over it.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from ....settings import config
from .pool import MOST_WORKERS

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # Linux, control groups version 2: microseconds a period, or "max", and the length of the period
QUOTA_BEFORE = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")  # version 1; -1 for no limit


def threads() -> int:
    """Return how many threads a call may use, the one that calls included.

    >>> with tl.config.change_flags(threads=3):
    ...     threads()
    3
    """
    return min(config.threads or usable_cores(), MOST_WORKERS + 1)


@cache
def usable_cores() -> int:
    """Return the number of cores that this process may and shall use, at least 1."""
    return min(given_cores(), wanted(os.environ.get("OMP_NUM_THREADS", "")) or given_cores())


@cache
def given_cores() -> int:
    """Return the number of cores that the system gives to this process, at least 1."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13; also heeds PYTHON_CPU_COUNT
        cores = os.process_cpu_count() or 1
    elif hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(min(cores, quota() or cores), 1)


def wanted(text: str) -> int | None:
    """Return the number in OMP_NUM_THREADS, of several ("4,2", for nested loops) the first; None if there is none.

    >>> wanted("4,2"), wanted("")
    (4, None)
    """
    first = text.split(",")[0].strip()
    return int(first) if first.isdecimal() and int(first) > 0 else None


def quota() -> int | None:
    """Return the cores that a container may use, rounded down, since one that asks for more is halted for the rest of the period."""
    try:
        amount, period = QUOTA.read_text().split()
    except (OSError, ValueError):
        try:
            amount, period = (path.read_text().strip() for path in QUOTA_BEFORE)
        except (OSError, ValueError):
            return None
    if not amount.isdecimal() or not period.isdecimal() or int(period) == 0:  # "max" and "-1"
        return None
    return max(int(amount) // int(period), 1)
