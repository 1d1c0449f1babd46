"""The command: read what is asked for, measure it, print the tables. See `python -m benchmarks.compiler --help` and ../README.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from . import costs, report
from .checking import write_expected
from .contestants import CONTESTANTS, FLOOR, OURS, PEERS, QUICK_PEERS
from .turns import GoneError, Seat, Setting, Table, side_by_side
from .workloads import WORKLOADS, Workload

PARTS = ("compile", "chain", "import", "neighbour", "loop")  # what is not a step
ROUNDS, QUICK_ROUNDS = 7, 3
SECONDS, QUICK_SECONDS = 0.05, 0.02  # of a turn
TOO_LONG = ("W9", "chain", "f64 1e7 2t", "W4g 2t")  # workloads that a quick run leaves out, by words of their names


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m benchmarks.compiler", description="tensorlab beside the floors and its peers, in one run")
    parser.add_argument("--only", nargs="+", metavar="WORDS", default=[],
                        help=f'such as W4 or "W4 f32 1e7"; or a part: {", ".join(PARTS)}')  # fmt: skip
    parser.add_argument("--peers", nargs="*", choices=[name for name in CONTESTANTS if name not in (OURS, FLOOR)],
                        help=f"by default {' '.join(PEERS)}, those of them that are installed")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help=f"fewer and shorter turns, fewer workloads, peers {' '.join(QUICK_PEERS)}")
    parser.add_argument("--patient", action="store_true", help="also what peers compile for minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured to a file")
    parser.add_argument("--peers-python", default=sys.executable, metavar="PYTHON", help="the interpreter that has the peers installed")
    parser.add_argument("--cache", type=Path, metavar="DIRECTORY", help="where built floors and the caches of all contestants are kept")
    parser.add_argument("--list", action="store_true", help="print the names of the workloads, and stop")
    return parser.parse_args(given)


def cache_directory() -> Path:
    """Return where things are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(base, "tensorlab-benchmarks")


def chosen_workloads(only: Sequence[str], quick: bool) -> list[Workload]:
    """Return the workloads that were asked for; without being asked for by name, a quick run leaves the long ones out."""
    if only:
        return [each for each in WORKLOADS if any(each.chosen_by(words) for words in only)]
    return [each for each in WORKLOADS if not (quick and any(each.chosen_by(words) for words in TOO_LONG))]


def say(text: str) -> None:
    """Tell how far the run is, beside the report."""
    print(text, file=sys.stderr, flush=True)


def processor() -> str:
    """Name the processor."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def describe(seats: dict[str, Seat]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ask every contestant for its version; who is not installed leaves."""
    for name, seat in list(seats.items()):
        try:
            answer = seat.ask("about")
        except GoneError as problem:
            answer = {"error": str(problem)}
        if "missing" in answer or "error" in answer:
            seats.pop(name).close()
        yield name, answer


def run(options: argparse.Namespace, scratch: Path) -> tuple[list[Table], list[costs.Figure], dict[str, Any]]:
    """Measure everything that was asked for."""
    quick = options.quick
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    peers = options.peers if options.peers is not None else QUICK_PEERS if quick else PEERS
    names = list(dict.fromkeys((OURS, FLOOR, *peers)))
    setting = Setting((options.cache or cache_directory()).resolve(), options.peers_python)
    setting.cache.mkdir(parents=True, exist_ok=True)
    parts = [part for part in PARTS if part in options.only] if options.only else PARTS
    workloads = chosen_workloads([words for words in options.only if words not in PARTS], quick) if parts != options.only else []
    if not workloads and not parts:
        raise SystemExit(f"--only {' '.join(options.only)}: no workload is called so; --list prints their names")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    seats = {1: {name: Seat(name, 1, setting) for name in names}}
    about: dict[str, Any] = {
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.platform()}",
        "python": platform.python_version(),
        "load before": round(load, 2),
        "contestants": dict(describe(seats[1])),
    }
    names = list(seats[1])
    seats[2] = {name: Seat(name, 2, setting) for name in names}
    tables, found = [], []
    try:
        for workload in workloads:
            start = time.perf_counter()
            expected = scratch / "expected.npz"
            write_expected(workload, expected)
            tables.append(side_by_side(workload, seats[workload.threads], rounds, seconds, expected, options.patient))
            said = ", ".join(f"{name} {report.duration(tables[-1].median(name))}" for name in tables[-1].times)
            say(f"{workload.name} took {time.perf_counter() - start:.1f} s: {said}")
        measured = {
            "compile": partial(costs.compiling, names, setting, 1 if quick else 3, options.patient),
            "chain": partial(costs.chains, names, setting, quick, options.patient),
            "import": partial(costs.importing, setting, 3 if quick else 9),
            "neighbour": partial(costs.neighbour, seats[2], rounds, seconds, scratch),
            "loop": partial(costs.xor_loop, seats[1], 0.5 if quick else 5.0),
        }
        for part in parts:
            start = time.perf_counter()
            for figure in measured[part]():
                found.append(figure)
            say(f"{part} took {time.perf_counter() - start:.1f} s")
    except KeyboardInterrupt:
        say("interrupted: here is what was measured until then")
    finally:
        for each in (*seats[1].values(), *seats[2].values()):
            each.close()
    return tables, found, about


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = arguments(given)
    if options.list:
        print("\n".join([each.name for each in WORKLOADS] + list(PARTS)))
        return
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        tables, found, about = run(options, Path(scratch))
    about["seconds"] = round(time.perf_counter() - start)
    if options.json:
        options.json.write_text(json.dumps(report.as_json(tables, found, about), indent=1), encoding="utf-8")
    with suppress(BrokenPipeError):
        print_report(tables, found, about)


def print_report(tables: list[Table], found: list[costs.Figure], about: dict[str, Any]) -> None:
    """Print the report as Markdown."""
    print(f"{about['machine']}; Python {about['python']}; load before {about['load before']}; {about['seconds']} s\n")
    for name, answer in about["contestants"].items():
        print(f"- {name}: {'; '.join(map(str, [answer.get('version', answer), *(answer.get('blas') or [])]))}")
    for title, lines in (
        ("Steps", report.steps(tables) if tables else ()),
        ("Everybody", report.everybody(tables) if tables else ()),
        ("Remarks", list(report.remarks(tables))),
        ("Costs", report.figures(found) if found else ()),
    ):
        text = "\n".join(lines)
        if text:
            print(f"\n## {title}\n\n{text}")
