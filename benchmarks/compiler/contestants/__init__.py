"""Who computes the workloads. One module for each contestant, with one function for each workload that it takes part in.

Such a function gets the `Data` and returns a `Ready`: one step that can be called. `by_hand.py` is also the oracle: in float64 it says
what is right. The modules import their library at the top, so only the process of a contestant pays for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

OURS, FLOOR = "tensorlab", "floor"


class Ready(NamedTuple):
    """One step, ready to be called.

    Attributes:
        call: computes one step; when it returns, outputs and updates are done. The outputs are something that NumPy reads, or a list.
        parameters: returns the present values of what the step updates, in the order of `Data.parameters`.
        inputs: the arguments in the contestant's own form (a JAX array, say); None for `Data.inputs`.
        checked: False for a bare floor, which computes no result that an oracle could know (it checks its products itself).
        note: says what a reader of the report should know of it; "" for nothing. Never called where compiling is timed.
        graph_at: when the graph was finished and compiling began, by `time.perf_counter`; None if that is when the step is first called.
    """

    call: Callable[..., Any]
    parameters: Callable[[], list[Any]] = list
    inputs: tuple[Any, ...] | None = None
    checked: bool = True
    note: Callable[[], str] = str
    graph_at: float | None = None


class Contestant(NamedTuple):
    """Where a contestant is found.

    Attributes:
        module: its module in this package.
        library: what it imports; the floor needs a C compiler besides.
        environment: variables for its process.
        slow: what it leaves out unless patience is asked for: words of workloads, and parts of the run.
    """

    module: str
    library: str
    environment: Mapping[str, str] = MappingProxyType({})
    slow: tuple[str, ...] = ()


CONTESTANTS = {
    OURS: Contestant("ours", "tensorlab"),
    FLOOR: Contestant("floor", "scipy"),
    "numpy": Contestant("by_hand", "numpy"),
    "numba": Contestant("numba_by_hand", "numba"),
    "numexpr": Contestant("numexpr_text", "numexpr"),
    "jax": Contestant("jax_jit", "jax", {"JAX_PLATFORMS": "cpu"}),
    "torch": Contestant("torch_eager", "torch"),
    "pytensor": Contestant("pytensor_compiled", "pytensor", {"PYTENSOR_FLAGS": "linker=cvm"}, ("W9", "chain", "compile")),
    "pytensor-numba": Contestant("pytensor_compiled", "pytensor", {"PYTENSOR_FLAGS": "linker=numba"}, ("W9", "chain", "compile")),
    "torch.compile": Contestant("torch_eager", "torch", {"BENCHMARK_TORCH_COMPILE": "1"}, ("chain", "compile")),
}
PEERS = ("numpy", "numba", "numexpr", "jax", "torch", "pytensor")  # those that run unless others are named
QUICK_PEERS = ("numpy", "jax")
