"""Which machine a function runs on, and the way a call takes: through native code where it can, else through Python.

Floor 5. Read `backends/base.py` and `backends/llvm/backend.py` before. A native call that meets something unusual comes back to Python
(`Function._slowly`), which reads the arguments by all rules, waits for the turn of the variables, and tries native code again with
arrays; what that cannot do either is done by the reference back end, whose errors readers see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..backends import llvm
from ..backends.base import Runner
from ..backends.reference import Reference
from ..graph.errors import DeviceError
from ..laps import lap
from ..settings import config
from . import checks
from .checks import warn_reader

if TYPE_CHECKING:
    from ..backends.llvm.backend import Doors
    from ..graph.node import Node
    from ..profiling.recording import Recording
    from .function import Function
    from .modes import Mode

told: set[str] = set()


def chosen_device(function: Function) -> str:
    """Return the device that a function will run on, when it is compiled.

    This is the one place where `config.device` is read. Where there is no such GPU, `config.force_device` says whether that is an error;
    if it is not, the reader is told so once.

    Raises:
        DeviceError: the device cannot be used, and `config.force_device` is True.
    """
    device: str = config.device
    if device == "cpu":
        return device
    from ..backends import gpu

    why = gpu.unavailable(device)
    if not why:
        return device
    if config.force_device:
        raise DeviceError(f"device={device} ({config.origin('device')}), force_device=True", why, "tl.config.device = 'cpu'")
    if f"device={device}" not in checks.announced:
        checks.announced.add(f"device={device}")
        warn_reader(
            f"device={device} was asked for ({config.origin('device')}), but {why}. Functions run on the CPU, with the same results; "
            "tl.config.device = 'cpu' silences this warning."
        )
    return "cpu"


def native_wanted(mode: Mode) -> bool:
    """Say whether a mode asks for native code and there can be some; the first time there cannot, say so."""
    if not mode.native:
        return False
    why = llvm.unavailable()
    if why and why not in told:
        told.add(why)
        warn_reader(f"functions run on NumPy, without native code: {why}")
    return not why


def runner(function: Function) -> Runner:
    """Return what the Python path of a function runs: native parts with cards between them, or the reference."""
    from .modes import Mode

    found = plain_runner(function)
    recording = function._recording
    if recording is None or function._doors is not None:
        return found
    if type(function.mode).runner is not Mode.runner or function.device != "cpu":
        kind = "whole"
    else:
        kind = "native parts" if function.native else "numpy"
    program = function.stages.program
    nodes = [*program.leaves, *(step.node for step in program.steps)]
    recording.names = new_values(function, [nodes[number] for number in program.results])
    return recording.runner(found, program, kind)


def new_values(function: Function, results: Sequence[Node]) -> dict[Node, str]:
    """Return names for the results that become values of shared variables."""
    pairs = zip(function.updates, results[len(function.outputs) :])
    return {node: f"new {variable.label}" for variable, node in pairs if node.op is not None}


def recording_for(profile: bool | None, title: str) -> Recording | None:
    """Return what counts and times the calls of a function, if the argument `profile` or else `config.profile` asks for it."""
    if not (config.profile if profile is None else profile):
        return None
    from ..profiling.at_exit import show_at_exit
    from ..profiling.recording import Recording

    recording = Recording(title)
    if profile is None:
        show_at_exit(recording)
    return recording


def plain_runner(function: Function) -> Runner:
    """Return what the Python path of a function runs without a profile."""
    program = function.stages.program
    special = function.mode.runner(function)
    if special is not None:
        return special
    if function.device != "cpu":
        from ..backends.gpu.calls import names
        from ..backends.gpu.machine import Gpu

        return Gpu(names(function.device), len(function.outputs)).compile(program)
    if function.native and function._doors is None:
        from ..backends.llvm.backend import LLVM

        return LLVM().compile(program)
    return Reference().compile(program)


def doors(function: Function, outputs: Any) -> Doors | None:
    """Return the native code of a function, or None if some of its nodes have none."""
    from ..backends.llvm import backend
    from ..backends.llvm.interface import Given, Interface
    from ..backends.llvm.runtime import threads
    from ..backends.llvm.work import meter_for
    from ..schedule.sizes import Size

    schedule = backend.as_whole(function.stages.program)
    if schedule is None:
        return None
    variables = list(dict.fromkeys([*function.shared, *function.updates]))
    position = {variable: number for number, variable in enumerate(variables)}
    given = [Given(each.variable.type, argument, only_arrays=each.strict) for argument, each in enumerate(function.inputs)]
    given += [Given(variable.type, cell=position[variable]) for variable in function.shared]
    for variable, node in zip(function.updates, schedule.results[len(function.outputs) :]):
        for known, length in zip(variable.type.shape, schedule.places[node].lengths):
            if known is not None and length.known != known:
                schedule.sizes.equal.append((length, Size(known)))
    single = outputs is not None and not isinstance(outputs, (list, tuple, Mapping))
    targets = tuple(position[variable] for variable in function.updates)
    recording = function._recording
    interface = Interface(tuple(given), len(function.inputs), len(function.outputs), targets, single, recording is not None)
    lap("fuse into loops")
    cells = [variable.cell for variable in variables]
    busy = [variable.busy for variable in variables]
    name = function.name if function.name and function.name.isidentifier() else "function"
    if recording is None:
        return backend.doors(schedule, interface, name, function._slowly, function._by_reference, cells, busy, threads())
    recording.meter = meter_for(schedule)
    recording.names = new_values(function, schedule.results)
    slowly, by_reference = recording.slowly(function._slowly), recording.by_reference(function._by_reference)
    return backend.doors(schedule, interface, name, slowly, by_reference, cells, busy, threads(), recording.meter)


def source_for(doors: Doors | None, machine: str) -> str:
    """Return the text of native code for the eye.

    Raises:
        ValueError: an unknown machine, or no native code.
    """
    if machine not in ("loops", "llvm", "asm"):
        raise ValueError(f"source({machine!r}): there are 'numpy', 'loops', 'llvm' and 'asm'")
    if doors is None:
        raise ValueError(f"source({machine!r}): this function runs through Python; source('numpy') shows how")
    if machine == "loops":
        from ..schedule.text import written

        return written(doors.native.schedule)
    if machine == "llvm":
        return doors.native.text
    from ..backends.llvm.machine import assembly

    return assembly(doors.native.text)
