"""Contestants side by side: each in a process of its own, timed in turns, so that a drift of the machine hits all alike.

A ratio is the median of the ratios of the rounds, not the ratio of two medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .contestants import CONTESTANTS, FLOOR, OURS
from .workloads import Workload

ROOT = Path(__file__).parent.parent.parent
SLOW, FEW_ROUNDS = 0.4, 3  # who needs more seconds for a call takes fewer turns
LIMIT = 600.0  # seconds for one answer: the slowest compile of a peer takes half a minute; who hangs is ended
SPINS = 0.1  # seconds: after parallel work the threads of OpenMP and OpenBLAS spin about so long before they sleep
SLOW_MACHINES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # choose other kernels than the processor's own, and slow ones


class GoneError(Exception):
    """The process of a contestant ended."""


@dataclass(frozen=True)
class Setting:
    """How processes are started.

    Attributes:
        cache: where the floors and the caches of all contestants are kept.
        peers_python: the interpreter of the peers, if they live in another environment than tensorlab.
    """

    cache: Path
    peers_python: str = sys.executable

    def python(self, name: str) -> str:
        """Return the interpreter for a contestant; tensorlab, the floor and NumPy run in this one."""
        return sys.executable if name in (OURS, FLOOR, "numpy") else self.peers_python

    def environment(self, name: str, threads: int, cache: Path | None = None) -> dict[str, str]:
        """Return the environment of a contestant's process: threads pinned, caches in one place."""
        kept = {key: value for key, value in os.environ.items() if key not in SLOW_MACHINES}
        home = cache or self.cache
        count = str(threads)
        numbers = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMEXPR_MAX", "NUMBA", "VECLIB_MAXIMUM")
        eigen = "" if threads > 1 else "--xla_cpu_multi_thread_eigen=false"
        own = dict(CONTESTANTS[name].environment)
        if "PYTENSOR_FLAGS" in own:
            own["PYTENSOR_FLAGS"] += f",base_compiledir={home / 'pytensor'}"
        return {
            **kept,
            **{f"{each}_NUM_THREADS": count for each in numbers}, "NUMEXPR_MAX_THREADS": count, "BENCHMARK_THREADS": count,
            "XLA_FLAGS": f"{kept.get('XLA_FLAGS', '')} {eigen}".strip(),
            "BENCHMARK_CACHE": str(self.cache), "BENCHMARK_OBJECTS": str(home / "tensorlab"), "XDG_CACHE_HOME": str(home),
            "NUMBA_CACHE_DIR": str(home / "numba"), "TORCHINDUCTOR_CACHE_DIR": str(home / "torch"),
            **own,
        }  # fmt: skip


class Seat:
    """One contestant's process, at one number of threads; started when it is first asked something, and again after it ended."""

    def __init__(self, name: str, threads: int, setting: Setting) -> None:
        self.name, self.threads, self.setting = name, threads, setting
        self.process: subprocess.Popen[str] | None = None
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - what the process says on its standard error, closed with the seat

    def start(self) -> subprocess.Popen[str]:
        """Start the process."""
        command = [self.setting.python(self.name), "-m", f"{__package__}.worker", self.name, str(self.threads)]
        environment = self.setting.environment(self.name, self.threads)
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, encoding="utf-8",
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said)  # fmt: skip
        return self.process

    def ask(self, what: str, **options: Any) -> dict[str, Any]:
        """Ask for something and wait for the answer.

        Raises:
            GoneError: the process ended, or did not answer in ten minutes.
        """
        process = self.process or self.start()
        assert process.stdin and process.stdout
        alarm = threading.Timer(LIMIT, process.kill)
        alarm.start()
        try:
            process.stdin.write(json.dumps({"do": what, **options}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        finally:
            alarm.cancel()
        if not line:
            self.close()
            self.said.seek(0)
            raise GoneError(f"ended with {process.returncode}: {self.said.read()[-300:].strip()}")
        return json.loads(line)  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@dataclass
class Table:
    """What came out for one workload.

    Attributes:
        times: seconds of one call, one for each round, by contestant.
        absent: why a contestant has none: not installed, wrong, failed.
        notes: what else is to be said, by contestant.
    """

    workload: Workload
    times: dict[str, list[float]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def median(self, name: str) -> float:
        """Return the seconds of one call."""
        return statistics.median(self.times[name])

    def ratio(self, name: str, other: str) -> float:
        """Return how many times longer a contestant takes than another."""
        return statistics.median(a / b for a, b in zip(self.times[name], self.times[other]))

    @property
    def best_peer(self) -> str | None:
        """The fastest of the others, the floor aside."""
        return min((name for name in self.times if name not in (OURS, FLOOR)), key=self.median, default=None)


def side_by_side(
    workload: Workload, seats: Mapping[str, Seat], rounds: int, seconds: float, expected: Path, patient: bool = False
) -> Table:
    """Let all contestants prepare and check a workload, then time them in turns.

    Args:
        workload: what is computed.
        seats: the contestants.
        rounds: how often each takes a turn.
        seconds: how long a turn takes; at least one call.
        expected: the oracle's results.
        patient: whether contestants that compile for long take part, too.
    """
    table = Table(workload)
    for name, seat in seats.items():
        if not patient and any(workload.chosen_by(words) for words in CONTESTANTS[name].slow):
            continue
        try:
            answer = seat.ask("prepare", workload=workload.name, small=False, expected=str(expected))
        except GoneError as problem:
            answer = {"error": str(problem)}
        reason = next((f"{kind}: {answer[kind]}" for kind in ("missing", "wrong", "error") if kind in answer), None)
        if reason:
            table.absent[name] = reason
        elif "absent" not in answer:
            table.times[name] = []
            if answer["note"]:
                table.notes[name] = answer["note"]
    playing = list(table.times)
    for turn in range(rounds):
        first = turn % max(1, len(playing))
        for name in playing[first:] + playing[:first]:
            times = table.times[name]
            if len(times) >= FEW_ROUNDS and statistics.median(times) > SLOW:
                continue
            if workload.threads > 1:
                time.sleep(SPINS)
            try:
                times.append(seats[name].ask("turn", seconds=seconds)["seconds"])
            except (GoneError, KeyError) as problem:
                table.absent[name] = f"error: {problem}"
        playing = [name for name in playing if name not in table.absent]
    for name in table.absent:
        table.times.pop(name, None)
    for name in playing:
        seats[name].ask("release")
    return table
