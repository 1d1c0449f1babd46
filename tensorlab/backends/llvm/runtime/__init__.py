"""The native runtime: threads that sleep until there is work, products of matrices, and a poll for Ctrl-C.

Floor 4. `load()` makes the entrances (`entrances.py`) known to LLVM by name; generated code declares them and is linked to them:

    i32 tl_poll()                                   not 0: an exception is set
    i32 tl_parallel(task, context, tasks, threads)  runs i32 task(ptr context, i64 index) for every index below `tasks`
    i32 tl_gemm_f32, tl_gemm_f64(m, n, k, alpha, A, ars, acs, B, brs, bcs, beta, C, ldc, threads)    C = beta C + alpha A B
    i32 tl_gemv_f32, tl_gemv_f64(m, n, alpha, A, ars, acs, x, incx, beta, y, incy, threads)          y = beta y + alpha A x

All are called with the GIL and return with it; strides count elements, and a factor beta of 0 means that the result is not read. Each
returns 0, or -1 with an exception of Python set; `tl_parallel` also what a task returned, if that was not 0; `tl_gemv` also 2 if neither
stride of A is 1 (`tl_gemm` copies such operands). `tl_parallel` gives the GIL up while it works, and so do large products; tasks must not
call Python. `threads` limits the threads that work, the caller included; it changes no bit of a result.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from typing import Any

import llvmlite.binding as llvm

from .. import machine
from ..cache import keep, kept, key_of
from . import blas, entrances, pool, products, tiles, vectors
from .cores import given_cores, threads

__all__ = ["forget", "load", "opened", "threads", "workers"]

lock = threading.RLock()
"""Held while code is made and loaded."""
engines: dict[str, Any] = {}
"""What has been loaded. It is never unloaded: threads sleep in it."""
opened: list[str] = []
"""The parts behind the entrances that have been loaded, in order."""


def load() -> None:
    """Make the entrances known to LLVM. It may be called often, and from several threads.

    Raises:
        RuntimeError: this Python has no GIL, by which the runtime keeps its own affairs in order.
    """
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        raise RuntimeError("the native runtime relies on the GIL, and this Python runs without")
    with lock:
        if "entrances" in engines:
            return
        engine = linked("entrances", entrances.write_entrances, level=1)
        doors = engine.get_global_value_address(entrances.DOORS)
        for position, name in enumerate(entrances.ENTRANCES):
            door = (ctypes.c_uint64 * 2).from_address(doors + 8 * entrances.DOOR.size * position)
            door[1] = id(openers.setdefault(name, opener(name, door)))
        for name in ("tl_poll", *entrances.ENTRANCES):
            llvm.add_symbol(name, engine.get_function_address(name))
        engines["entrances"] = engine
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(before=hold, after_in_parent=let_go, after_in_child=forget)


openers: dict[str, Callable[[], None]] = {}


def opener(name: str, door: Any) -> Callable[[], None]:
    """Return what is called by an entrance that finds its door shut."""
    _, routine, *suffix = name.split("_")

    def open_door() -> None:
        with lock:
            if door[0] == 0:
                door[0] = PARTS[routine](*suffix).get_function_address(routine)
                opened.append(name)

    return open_door


def the_pool() -> Any:
    """Load the pool."""
    if "pool" not in engines:
        engine = linked("pool", pool.write_pool)
        ctypes.PYFUNCTYPE(None, ctypes.py_object)(engine.get_function_address("begin"))(RuntimeError)
        for name in ("run", "checkpoint"):
            llvm.add_symbol(f"tl_{name}", engine.get_function_address(name))
        renewals.append(ctypes.PYFUNCTYPE(None)(engine.get_function_address("forget_workers")))
        engines["pool"] = engine
    return engines["pool"]


def the_vectors(suffix: str) -> Any:
    """Load the products with vectors of one type."""
    name = f"vectors {suffix}"
    if name not in engines:
        engines[name] = linked(name, lambda: vectors.write_vectors(suffix), level=1)
    return engines[name]


def the_products(suffix: str, found: blas.Blas | None = None) -> Any:
    """Load the products of matrices of one type, done by the BLAS of this process or by another."""
    found = found or the_blas()
    name = f"products {suffix} by {found.name}"
    if name not in engines:
        the_pool()
        llvm.add_symbol(f"tl_blas_gemm_{suffix}", found.gemm[suffix])
        quiet = found.threads is not None and found.use_threads is not None
        if quiet:
            llvm.add_symbol("tl_blas_threads", found.threads)
            llvm.add_symbol("tl_blas_use_threads", found.use_threads)
        kind = suffix, found.bits, quiet, min(given_cores(), tiles.MOST_TILES)
        engine = linked(f"products {kind}", lambda: products.write_products(*kind))
        renewals.append(ctypes.PYFUNCTYPE(None)(engine.get_function_address("forget_users")))
        engines[name] = engine
    return engines[name]


PARTS: dict[str, Callable[..., Any]] = {"parallel": the_pool, "gemv": the_vectors, "gemm": the_products}


@cache
def the_blas() -> blas.Blas:
    """Return the BLAS that serves this process."""
    return blas.find()


def linked(name: str, write: Callable[[], str], level: int = 0) -> Any:
    """Return a part of the runtime, loaded. It is kept on disk like all object code, under its name: the text is written only if it is new.

    Args:
        level: 1 where code must be fast; 0 makes code that does the same, in a third of the time.
    """
    key = key_of("runtime", name, sys.platform)
    code = kept(key)
    if code is None:
        code = compiled(write(), level)
        keep(key, code)
    for outside in SYMBOLS[name.partition(" ")[0]]:
        llvm.add_symbol(outside, address_of(outside))
    return machine.loaded(code)


def compiled(text: str, level: int) -> bytes:
    """Return a module as an object file. Putting what is on the stack into registers is all that these texts leave to be optimized."""
    module = llvm.parse_assembly(text)
    module.verify()
    target = machine.target_machine(level)
    builder = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(speed_level=level))
    passes = llvm.create_new_function_pass_manager()
    passes.add_sroa_pass()
    for function in module.functions:
        if not function.is_declaration:
            passes.run(function, builder)
    return bytes(target.emit_object(module))


SYMBOLS = {
    "entrances": ("PyErr_CheckSignals", "PyObject_CallNoArgs", "Py_DecRef"),
    "pool": (
        "PyErr_CheckSignals", "PyErr_SetString", "PyEval_SaveThread", "PyEval_RestoreThread", "PyThread_allocate_lock",
        "PyThread_free_lock", "PyThread_acquire_lock", "PyThread_acquire_lock_timed", "PyThread_release_lock", "PyThread_get_thread_ident",
        "PyThread_start_new_thread", "GetTickCount64" if sys.platform == "win32" else "clock_gettime",
    ),
    "vectors": ("PyErr_NoMemory", "PyMem_RawMalloc", "PyMem_RawFree"),
    "products": ("PyErr_NoMemory", "PyMem_RawMalloc", "PyMem_RawFree"),
}  # fmt: skip
"""What each part calls outside. A name that LLVM cannot find would end the process, so all are looked up before."""


def address_of(name: str) -> int:
    """Return where a function of CPython or of the system is."""
    library: Any = ctypes.pythonapi
    if name == "GetTickCount64":
        library = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    elif name == "clock_gettime":
        library = ctypes.CDLL(None)
    where = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert where is not None
    return where


def workers() -> int:
    """Return how many threads sleep or work in the pool."""
    if "pool" not in engines:
        return 0
    count: int = ctypes.PYFUNCTYPE(ctypes.c_int64)(engines["pool"].get_function_address("count_workers"))()
    return count


renewals: list[Callable[[], None]] = []
"""What is called in a forked process."""
of_llvm: Any = getattr(llvm.ffi.lib, "_lock", nullcontext())
"""The lock that llvmlite holds while LLVM works."""


def hold() -> None:
    """Before a fork, wait until no other thread is inside LLVM or this module: it would be there for ever in the new process."""
    lock.acquire()
    of_llvm.__enter__()


def let_go() -> None:
    """After a fork, let other threads go on."""
    of_llvm.__exit__(None, None, None)
    lock.release()


def forget() -> None:
    """Start anew in a forked process: the threads of the pool and what they held do not exist there."""
    let_go()
    for renew in renewals:
        renew()
