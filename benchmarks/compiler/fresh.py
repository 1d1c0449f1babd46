"""A fresh process: what importing, compiling and a first result cost, and how much memory is held then.

Run by `costs.py` as `python -m benchmarks.compiler.fresh CONTESTANT WORKLOAD`; prints one line of JSON. Nothing but the standard library
is imported before the clock starts.
"""

from __future__ import annotations

import importlib
import json
import sys
import timeit
from time import perf_counter
from typing import Any

from .contestants import CONTESTANTS
from .process import memory, pin


def measure(name: str, workload: str) -> dict[str, Any]:
    """Import a contestant's library; then write, compile and call one workload.

    Returns:
        seconds: `import`; `graph` (writing it, gradients included), `first` (from the finished graph to the first result), `call`
        (a later call, the median of five). Megabytes: `memory after import`, `memory after call`.
    """
    start = perf_counter()
    importlib.import_module(CONTESTANTS[name].library)
    found: dict[str, Any] = {"import": perf_counter() - start, "memory after import": memory()}
    module = importlib.import_module(f".contestants.{CONTESTANTS[name].module}", __package__)
    from .workloads import workload_called

    chosen = workload_called(workload)
    data = chosen.data()
    start = perf_counter()
    ready = getattr(module, chosen.function)(data)
    finished = ready.graph_at or perf_counter()
    inputs = data.inputs if ready.inputs is None else ready.inputs
    ready.call(*inputs)
    found |= {"graph": finished - start, "first": perf_counter() - finished, "memory after call": memory()}
    return found | {"call": sorted(timeit.repeat(lambda: ready.call(*inputs), number=1, repeat=5))[2]}


if __name__ == "__main__":
    pin(1)
    print(json.dumps(measure(sys.argv[1], sys.argv[2])), flush=True)
