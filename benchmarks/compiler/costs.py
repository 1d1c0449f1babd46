"""What is not a step: compiling, a chain of operations, importing, memory, a noisy neighbour, and the slides' XOR loop.

Compiling is measured in fresh processes (`fresh.py`), once with an empty cache and once more with what the first left behind.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .checking import write_expected
from .contestants import CONTESTANTS, OURS
from .turns import LIMIT, ROOT, GoneError, Seat, Setting, side_by_side
from .workloads import workload_called

COLD = {"W2 list": 0.25, "W3 f32": 0.25, "W6 b20": 0.25}  # seconds to reach from the finished graph to the first result
WARM = {"W2 list": 0.08, "W3 f32": 0.12, "W6 b20": 0.12}
CHAINS = {1000: 0.5, 3000: 1.5, 10_000: None, 30_000: None}  # seconds to reach for graph, gradient, compiling and the first run
CHAIN_LIMIT = 120.0  # seconds; who needs longer for a chain has no time
LONGEST_PEER = 3000  # operations: longer chains take peers minutes
CALLS = 400_000  # in the XOR program of the slides


class Figure(NamedTuple):
    """One figure of several contestants.

    Attributes:
        what: what was measured.
        values: by contestant.
        unit: of the values.
        limit: what tensorlab's is to reach, or None.
    """

    what: str
    values: dict[str, float]
    unit: str
    limit: float | None = None


def run_fresh(name: str, setting: Setting, cache: Path, workload: str, limit: float = LIMIT) -> dict[str, Any] | None:
    """Run `fresh.py`; None if the contestant is not installed, fails, or takes longer than so many seconds."""
    environment = setting.environment(name, 1, cache) | {
        "JAX_COMPILATION_CACHE_DIR": str(cache / "jax"), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }  # fmt: skip
    command = [setting.python(name), "-m", f"{__package__}.fresh", name, workload]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None  # type: ignore[no-any-return]


def patient_enough(names: Sequence[str], patient: bool) -> list[str]:
    """Leave out who compiles for minutes, and who has nothing to compile."""
    return [name for name in names if name in (OURS, "jax", "numpy") or (patient and "compile" in CONTESTANTS[name].slow)]


def compiling(names: Sequence[str], setting: Setting, rounds: int, patient: bool) -> Iterator[Figure]:
    """Yield the times of compiling and, of W2, the memory held after importing and after the first result."""
    for workload in COLD:
        samples: dict[str, dict[str, list[float]]] = {}
        for _ in range(rounds):
            for name in patient_enough(names, patient):
                with tempfile.TemporaryDirectory() as cache:
                    for kind in ("cold", "warm"):
                        found = run_fresh(name, setting, Path(cache), workload) or {}
                        found["with import"] = found.get("import", 0.0) + found.get("first", 0.0)
                        found["without step"] = found.get("first", 0.0) - found.get("call", 0.0)
                        for key, value in found.items():
                            if "first" in found and value is not None:
                                samples.setdefault(f"{kind} {key}", {}).setdefault(name, []).append(value)
        medians = {key: {name: statistics.median(each) for name, each in by_name.items()} for key, by_name in samples.items()}
        for key, values in medians.items():
            if "memory" not in key:
                values.pop("numpy", None)  # by hand there is nothing to compile; its memory is of interest
        yield Figure(f"compile {workload}, empty cache", medians.get("cold first", {}), "s", COLD[workload])
        yield Figure(f"compile {workload}, second process", medians.get("warm first", {}), "s", WARM[workload])
        yield Figure(f"compile {workload}, empty cache, without the step", medians.get("cold without step", {}), "s", COLD[workload])
        yield Figure(f"compile {workload}, second process, without the step", medians.get("warm without step", {}), "s", WARM[workload])
        yield Figure(f"compile {workload}, empty cache, with the import", medians.get("cold with import", {}), "s")
        yield Figure(f"compile {workload}, second process, with the import", medians.get("warm with import", {}), "s")
        if workload.startswith("W2"):
            yield Figure("memory after import", medians.get("cold memory after import", {}), "MB", 45)
            yield Figure("memory after compiling W2", medians.get("cold memory after call", {}), "MB", 100)


def chains(names: Sequence[str], setting: Setting, quick: bool, patient: bool) -> Iterator[Figure]:
    """Yield the times of long chains, and how far from proportional they grow."""
    each: dict[int, float] = {}
    for length, limit in CHAINS.items():
        if quick and length > LONGEST_PEER:
            continue
        totals, calls = {}, {}
        for name in patient_enough(names, patient):
            if name == "numpy" or (length > LONGEST_PEER and name != OURS):
                continue
            with tempfile.TemporaryDirectory() as cache:
                found = run_fresh(name, setting, Path(cache), f"chain {length}", CHAIN_LIMIT)
            if found:
                totals[name], calls[name] = found["graph"] + found["first"], found["call"]
        each[length] = totals.get(OURS, float("nan"))
        yield Figure(f"chain of {length}: graph, gradient, compile, first run", totals, "s", limit)
        yield Figure(f"chain of {length}: a later run", calls, "s", calls.get("jax"))
    if 30_000 in each:
        yield Figure("chain: time per operation at 30,000, relative to 3,000", {OURS: each[30_000] / each[3000] / 10}, "×", 1.2)


def importing(setting: Setting, rounds: int) -> Iterator[Figure]:
    """Yield how long a process takes that only imports, start of the interpreter included."""
    codes = {"python": "pass", "numpy": "import numpy", OURS: "import tensorlab, tensorlab.tensor"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    environment = setting.environment("numpy", 1)
    for _ in range(rounds):
        for name, code in codes.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(each) for name, each in times.items()}
    yield Figure("a process that imports", medians, "s", medians["numpy"] + 0.15)


@contextmanager
def neighbours() -> Iterator[None]:
    """Keep every core busy with a process that does nothing useful."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in cores]
    try:
        if hasattr(os, "sched_setaffinity"):
            for core, each in zip(cores, busy):
                os.sched_setaffinity(each.pid, {core})
        time.sleep(0.3)  # seconds: until they have started
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()


def neighbour(seats: Mapping[str, Seat], rounds: int, seconds: float, directory: Path) -> Iterator[Figure]:
    """Yield how much longer W6 with batch 20 takes on two threads when every core has something else to do, too."""
    workload = workload_called("W6 b20 2t")
    expected = directory / "neighbour.npz"
    write_expected(workload, expected)
    quiet = side_by_side(workload, seats, rounds, seconds, expected)
    with neighbours():
        noisy = side_by_side(workload, seats, rounds, seconds, expected)
    names = [name for name in quiet.times if name in noisy.times]
    yield Figure("W6 b20 on 2 threads, quiet", {name: 1000 * quiet.median(name) for name in names}, "ms")
    yield Figure("W6 b20 on 2 threads, busy neighbours", {name: 1000 * noisy.median(name) for name in names}, "ms")
    yield Figure("busy neighbours, relative to quiet", {name: noisy.median(name) / quiet.median(name) for name in names}, "×", 2.5)


def xor_loop(seats: Mapping[str, Seat], longest: float) -> Iterator[Figure]:
    """Yield the seconds of the slides' 400,000 calls; who would need longer than `longest` runs a part, which is scaled up."""
    values = {}
    for name, seat in seats.items():
        try:
            if "first" not in seat.ask("prepare", workload="W2 list", small=False, expected=None):
                continue
            each = seat.ask("loop", rounds=500)["seconds"] / 2000
            rounds = max(500, int(min(CALLS, longest / each) / 4))
            found = seat.ask("loop", rounds=rounds)
            values[name] = found["seconds"] / found["calls"] * CALLS
            seat.ask("release")
        except GoneError:
            continue
    yield Figure("the slides' XOR loop, 400,000 calls", values, "s", 0.6)
