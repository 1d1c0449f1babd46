"""Build `floors.c` where a C compiler is at hand, and look into the result: does it call vector functions?

The file is kept in a directory of the benchmark's own, named by everything that it depends on, so that a second run finds it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from types import ModuleType

import numpy as np

SOURCE = Path(__file__).with_name("floors.c")
FLAGS = ["-Ofast", "-march=native", "-fopenmp", "-fPIC"]
LIBRARIES = ["-fopenmp", "-lmvec", "-lm"]  # libmvec: the vector functions of glibc


class NoFloorError(Exception):
    """The floors cannot be built here; the message says why."""


def compiler() -> str:
    """Return the C compiler.

    Raises:
        NoFloorError: there is none.
    """
    found = os.environ.get("CC") or shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")
    if not found:
        raise NoFloorError("no C compiler: neither $CC nor gcc, clang or cc")
    return found


def compile_to(target: Path, how: str, flags: list[str]) -> None:
    """Compile the source to an object (`-c`) or to assembly (`-S`).

    Raises:
        NoFloorError: the compiler failed; with its message.
    """
    include = [f"-I{sysconfig.get_paths()['include']}", f"-I{np.get_include()}"]
    give([compiler(), *flags, *include, how, str(SOURCE), "-o", str(target)])


def give(command: list[str]) -> None:
    """Run a command.

    Raises:
        NoFloorError: it failed; with its message.
    """
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NoFloorError(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")


def processor() -> str:
    """Name the processor, for `-march=native` builds for this one only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return "; ".join(sorted({line for line in lines if line.startswith(("model name", "flags"))}))


def build(directory: Path) -> Path:
    """Return the built module, building it if this directory has none for this source, compiler, Python, NumPy and processor.

    Raises:
        NoFloorError: no compiler, no headers of Python, or the compiler failed; with its message.
    """
    known = (SOURCE.read_text(encoding="utf-8"), compiler(), sys.version, np.__version__, processor(), FLAGS, LIBRARIES)
    target = directory / f"floors-{hashlib.sha256(repr(known).encode()).hexdigest()[:16]}.so"
    if target.exists():
        return target
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        compiled, linked = Path(scratch, "floors.o"), Path(scratch, "floors.so")
        undefined = ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []  # Python's symbols are found when it is loaded
        # where there is no libmvec or no OpenMP the floors are still floors, but lower ones are possible
        for without in ((), ("-lmvec",), ("-lmvec", "-fopenmp")):
            flags, libraries = ([each for each in chosen if each not in without] for chosen in (FLAGS, LIBRARIES))
            try:
                compile_to(compiled, "-c", flags)
                # linked without -Ofast: with it, GCC before 13 adds a start-up that flushes subnormal numbers in the whole process
                give([compiler(), "-shared", str(compiled), *undefined, "-o", str(linked), *libraries])
            except NoFloorError as problem:
                reason = problem
            else:
                os.replace(linked, target)
                return target
    raise reason


def load(directory: Path) -> ModuleType:
    """Build and import the module.

    Raises:
        NoFloorError: see `build`.
    """
    specification = importlib.util.spec_from_file_location("floors", build(directory))
    if specification is None or specification.loader is None:
        raise NoFloorError("this Python loads no extension modules of that name")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def vector_calls() -> list[str]:
    """Return the vector functions that the floors call, read from the assembly: those of glibc begin with _ZGV. None means a weak floor.

    Raises:
        NoFloorError: see `build`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        written = Path(scratch, "floors.s")
        compile_to(written, "-S", FLAGS)
        return sorted(set(re.findall(r"\bcallq?\s+\*?(_ZGV\w+)", written.read_text(encoding="utf-8"))))
