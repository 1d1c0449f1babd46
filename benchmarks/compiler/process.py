"""What a process does to itself and says of itself; imports only the standard library, so that it disturbs no measurement."""

from __future__ import annotations

import ctypes
import os
import re


def pin(threads: int) -> None:
    """Keep this process to the last cores of those it may use: the first serve most interrupts. Where it is not Linux, do nothing."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def memory() -> float | None:
    """Return the resident memory of this process in MB (2**20 bytes); None where neither Linux nor psutil tells."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        pass
    try:
        import psutil
    except ImportError:
        return None
    return float(psutil.Process().memory_info().rss / 2**20)


def blas_kernels() -> list[str]:
    """Name the kernels that every OpenBLAS in this process runs, such as "openblas SkylakeX x1" on one thread.

    threadpoolctl knows, if it is installed; otherwise the library is asked. Its functions bear a prefix and a suffix of whoever built it:
    those of NumPy's and SciPy's wheels are tried.
    """
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        pass
    else:
        return [f"{each['internal_api']} {each.get('architecture', '')} x{each['num_threads']}" for each in threadpool_info()]
    try:
        with open("/proc/self/maps") as file:
            paths = sorted(set(re.findall(r"/\S*openblas\S*\.so\S*", file.read())))
    except OSError:
        return []
    found = []
    for path in paths:
        library = ctypes.CDLL(path)
        for prefix, suffix in (("scipy_", "64_"), ("scipy_", ""), ("", "")):
            kernel = getattr(library, f"{prefix}openblas_get_corename{suffix}", None)
            threads = getattr(library, f"{prefix}openblas_get_num_threads{suffix}", None)
            if kernel and threads:
                kernel.restype = ctypes.c_char_p
                found.append(f"openblas {kernel().decode()} x{threads()}")
                break
    return found
