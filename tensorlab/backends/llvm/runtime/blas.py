"""Where a BLAS is: the one that NumPy has loaded, or the one that SciPy publishes.

Floor 4. NumPy's wheels bring an OpenBLAS, which is in memory already; its functions are found by name in the library that NumPy's own
extension module needs. So products cost no import, and give what `numpy.dot` gives. Where NumPy has been built otherwise, SciPy serves:
`scipy.linalg.cython_blas` publishes pointers to the BLAS that SciPy uses, whatever that is. The file of that one module is loaded without
the package `scipy.linalg`, which would take ten times as long.

Only of an OpenBLAS with threads of its own is it known how to keep those quiet, and that several threads of ours may call it at once
(it locks its buffers; that was repaired for good by 0.3.7, see its change log). Any other BLAS is called by one thread at a time.
"""

from __future__ import annotations

import ctypes
import glob
import importlib.machinery
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ....graph.errors import MissingPackageError

OLDEST = (0, 3, 7)
PTHREADS = 1  # what openblas_get_parallel returns for threads of its own; 0: none, and then perhaps no locks; 2: OpenMP's
REALS = {"f32": "s", "f64": "d"}


@dataclass(frozen=True)
class Blas:
    """A BLAS in memory.

    Attributes:
        name: what it is, for people.
        bits: bits of its whole numbers, 32 or 64.
        gemm: per type, "f32" and "f64", the address of its product of matrices, to be called as from Fortran.
        threads, use_threads: addresses of functions that tell and set how many threads it uses; None if that is not known.
    """

    name: str
    bits: int
    gemm: dict[str, int]
    threads: int | None = None
    use_threads: int | None = None


def find() -> Blas:
    """Return a BLAS.

    Raises:
        MissingPackageError: neither NumPy nor SciPy has one that can be called.
    """
    for source in SOURCES.values():
        blas = source()
        if blas is not None:
            return blas
    found = "NumPy was built without an OpenBLAS that can be found, and SciPy, which would bring one, cannot be imported"
    raise MissingPackageError("a product of matrices in native code", found, "pip install --upgrade scipy")


def of_numpy() -> Blas | None:
    """Return the OpenBLAS that NumPy has loaded, or None."""
    from numpy._core import _multiarray_umath

    for library in libraries(_multiarray_umath, "numpy"):
        for control in controls(library):
            gemm = complete({suffix: address(library, control.spelled(f"{letter}gemm_")) for suffix, letter in REALS.items()})
            if gemm is not None:
                bits = 64 if "USE64BITINT" in control.config else 32
                return Blas(f"{control.version} of NumPy", bits, gemm, control.threads, control.use_threads)
    return None


def of_scipy() -> Blas | None:
    """Return the BLAS that SciPy publishes, or None."""
    module = published()
    if module is None:
        return None
    capsules = getattr(module, "__pyx_capi__", {})
    gemm = complete({suffix: pointer_in(capsules.get(f"{letter}gemm")) for suffix, letter in REALS.items()})
    if gemm is None:
        return None
    for library in libraries(module, "scipy"):
        for control in controls(library):
            return Blas(f"{control.version} of SciPy", 32, gemm, control.threads, control.use_threads)
    return Blas("the BLAS of SciPy", 32, gemm)


SOURCES: dict[str, Callable[[], Blas | None]] = {"numpy": of_numpy, "scipy": of_scipy}


@dataclass(frozen=True)
class Control:
    """How the names of an OpenBLAS are spelled, what it says of itself, and where its number of threads is told and set."""

    prefix: str
    suffix: str
    config: str
    version: str
    threads: int | None
    use_threads: int | None

    def spelled(self, routine: str) -> str:
        """Return the name of a Fortran routine."""
        return f"{self.prefix}{routine}{self.suffix}"


def controls(library: Any) -> Iterator[Control]:
    """Yield what an OpenBLAS in a library says of itself, if there is one whose threads can be kept quiet."""
    for prefix in ("scipy_", ""):
        for suffix in ("64_", ""):
            tell = function(library, f"{prefix}openblas_get_config{suffix}", ctypes.c_char_p)
            kind = function(library, f"{prefix}openblas_get_parallel{suffix}", ctypes.c_int)
            threads = address(library, f"{prefix}openblas_get_num_threads{suffix}")
            use_threads = address(library, f"{prefix}openblas_set_num_threads{suffix}")
            if tell is None or kind is None or threads is None or use_threads is None:
                continue
            config = tell().decode("ascii", "replace")
            version = re.match(r"OpenBLAS (\d+)\.(\d+)\.(\d+)", config)
            if version is None or tuple(map(int, version.groups())) < OLDEST or kind() != PTHREADS:
                continue
            yield Control(prefix, suffix, config, version[0], threads, use_threads)


def libraries(module: Any, package: str) -> Iterator[Any]:
    """Yield where the BLAS of an extension module may be: in its own file, which finds what it needs; on Windows in files beside."""
    path = os.path.abspath(module.__file__)
    paths = [path]
    if sys.platform == "win32":
        root = path[: path.rindex(os.sep + package + os.sep)]
        paths += sorted(glob.glob(os.path.join(glob.escape(root), f"{package}.libs", "*openblas*.dll")))
    for each in paths:
        try:
            yield ctypes.CDLL(each)
        except OSError:
            continue


def complete(found: dict[str, int | None]) -> dict[str, int] | None:
    """Return what was found, if all of it was."""
    known = {name: where for name, where in found.items() if where is not None}
    return known if len(known) == len(found) else None


def address(library: Any, name: str) -> int | None:
    """Return where a function is, or None."""
    try:
        return ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    except AttributeError:
        return None


def function(library: Any, name: str, result: Any) -> Callable[[], Any] | None:
    """Return a function without arguments, or None."""
    where = address(library, name)
    return ctypes.CFUNCTYPE(result)(where) if where else None


def published() -> Any:
    """Return `scipy.linalg.cython_blas`, or None. It is loaded from its file, so that `scipy.linalg` need not run."""
    name = "scipy.linalg.cython_blas"
    if name in sys.modules:
        return sys.modules[name]
    if "scipy.linalg" not in sys.modules:
        try:
            import scipy

            folder = os.path.join(os.path.dirname(scipy.__file__), "linalg")
            spec = importlib.machinery.PathFinder.find_spec(name, [folder])
            if spec is not None and spec.loader is not None:
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                return module
        except Exception:
            pass
        finally:
            sys.modules.pop(name, None)  # so that a later import of the package finds the module anew, and makes it its attribute
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def pointer_in(capsule: Any) -> int | None:
    """Return the pointer in a capsule of SciPy, whose name is the C type of the function; None if its whole numbers are not C ints."""
    if capsule is None:
        return None
    api = ctypes.pythonapi
    name: bytes | None = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", api))(capsule)
    if name is None or not re.fullmatch(rb"void \(char \*, char \*, (int \*, ){3}.*int \*\)", name):
        return None
    where: int | None = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", api))(capsule, name)
    return where
