"""The machine that native code is made for, and the way from LLVM's text to an address that can be called.

Floor 4. A module is written with `llvmlite.ir`, optimized and emitted here as an object file (bytes, which can be kept on disk), and
loaded. Facts learnt the hard way: a module must be verified before the pass builder sees it, since an invalid one crashes the process;
an engine owns its target machine; an engine must live as long as anything that it loaded may run.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

import llvmlite.binding as llvm


@cache
def initialize() -> None:
    """Prepare LLVM for the processor that this runs on."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


PINNED: ContextVar[tuple[str, str, str] | None] = ContextVar("pinned", default=None)
"""Another processor, for texts that are only looked at (`annotated.py`); what runs is always made for the one that it runs on."""


@cache
def host() -> tuple[str, str, str]:
    """Return the triple, the name and the features of the processor that this runs on."""
    initialize()
    return llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def processor() -> tuple[str, str, str]:
    """Return the triple, the processor's name and its features: all that decides which instructions are emitted."""
    return PINNED.get() or host()


def target_machine(level: int = 2) -> Any:
    """Return a new target machine for the processor that this runs on."""
    triple, cpu, features = processor()
    target = llvm.Target.from_triple(triple)
    return target.create_target_machine(cpu=cpu, features=features, opt=level, reloc="static", codemodel="jitdefault")


def vector_bytes() -> int:
    """Return the width of the widest vector register that pays: 64 with AVX-512, 32 with AVX, else 16."""
    features = processor()[2].split(",")
    return 64 if "+avx512f" in features else 32 if "+avx2" in features else 16


PASSES = ("sroa", "simplify_cfg", "loop_rotate", "instruction_combine", "simplify_cfg")
"""What programs gain by, after long words have been put where they are called: what lies on the stack put into registers, each loop's test
put at its end, and what that leaves to be folded. LLVM's own list of passes takes six times as long, as long as all that comes after, and
makes no kernel faster: loops and vectors are written as they shall be, and common expressions are found once more when code is emitted."""
QUICK = ("sroa", "simplify_cfg", "instruction_combine", "simplify_cfg")
"""What plain code needs."""


def optimized(text: str, machine: Any) -> Any:
    """Parse the text of a module, verify and optimize it. Loops are vectorized by whoever wrote the text, not here."""
    module = llvm.parse_assembly(text)
    module.verify()
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    run(module, machine, passes, PASSES)
    return module


def run(target: Any, machine: Any, passes: Any, names: Sequence[str]) -> None:
    """Run passes, those that a manager holds already and some more, on a module or a function."""
    for name in names:
        getattr(passes, f"add_{name}_pass")()
    passes.run(target, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=1)))


LARGE = 150_000  # letters of a module from which long words stay where they are, and loops as they are: so long a program has many kernels


def emitted(text: str) -> bytes:
    """Return the text of a module as an object file for this processor."""
    if len(text) > LARGE:
        return emitted_quickly(text)
    machine = target_machine()
    return bytes(machine.emit_object(optimized(text, machine)))


def emitted_quickly(text: str) -> bytes:
    """Return the text of a module as an object file, with the few passes that code without loops to speak of gains by: in half the time."""
    machine = target_machine(1)
    module = llvm.parse_assembly(text)
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=1))
    passes = llvm.create_new_function_pass_manager()
    for name in QUICK:
        getattr(passes, f"add_{name}_pass")()
    for function in module.functions:
        if not function.is_declaration:
            passes.run(function, builder)
    return bytes(machine.emit_object(module))


def assembly(text: str) -> str:
    """Return the assembly of a module, for the eye."""
    machine = target_machine()
    return str(machine.emit_assembly(optimized(text, machine)))


def loaded(code: bytes) -> Any:
    """Load an object file and return the engine that holds it; `engine.get_function_address(name)` finds a function in it."""
    initialize()
    empty = llvm.parse_assembly("")
    empty.triple = processor()[0]
    engine = llvm.create_mcjit_compiler(empty, target_machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine
