"""The most arithmetic that this processor can do: a loop of multiplications with additions that never waits for memory.

Floor 4. Read `machine.py` before. It is what a profile measures a step's arithmetic against. A processor begins up to two such vector
instructions in a cycle and takes four to five cycles for each, so twelve that do not depend on one another keep it busy.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

from llvmlite import ir

from . import machine
from .blocks import F32, F64, I64, Code, whole
from .cache import keep, kept, key_of

APART = 12
ENTRY = "tl_peak"


def write_peak(dtype: str) -> tuple[str, int]:
    """Return the text of a module with `tl_peak(rounds)`, and how many operations a round has."""
    real = F32 if dtype == "float32" else F64
    lanes = machine.vector_bytes() // (4 if dtype == "float32" else 8)
    vector = ir.VectorType(real, lanes)
    module = ir.Module("peak")
    module.triple = machine.processor()[0]
    function = ir.Function(module, ir.FunctionType(real, [I64]), ENTRY)
    code = Code(function)
    fma = ir.Function(module, ir.FunctionType(vector, [vector] * 3), f"llvm.fma.v{lanes}{'f32' if dtype == 'float32' else 'f64'}")
    factor, addend = (ir.Constant(vector, [value] * lanes) for value in (0.5, 1.0))  # the sums settle at 2
    before, inside, after = map(function.append_basic_block, ("before", "round", "after"))
    code.builder.branch(before)
    code.builder.position_at_end(before)
    code.builder.branch(inside)
    code.builder.position_at_end(inside)
    counter = code.builder.phi(I64)
    counter.add_incoming(whole(0), before)
    sums = [code.builder.phi(vector) for _ in range(APART)]
    following = code.builder.add(counter, whole(1))
    for position, each in enumerate(sums):
        each.add_incoming(ir.Constant(vector, [float(position)] * lanes), before)
        each.add_incoming(code.builder.call(fma, [each, factor, addend]), inside)
    counter.add_incoming(following, inside)
    code.builder.cbranch(code.builder.icmp_signed("<", following, function.args[0]), inside, after)
    code.builder.position_at_end(after)
    total = sums[0]
    for each in sums[1:]:
        total = code.builder.fadd(total, each)
    code.builder.ret(code.builder.extract_element(total, ir.Constant(ir.IntType(32), 0)))
    return str(module), 2 * lanes * APART


@cache
def peak(dtype: str) -> tuple[Callable[[int], float], int]:
    """Return the loop as a function of its rounds, which lets other threads run meanwhile, and the operations of a round."""
    text, operations = write_peak(dtype)
    key = key_of("peak", dtype, str(machine.vector_bytes()))
    code = kept(key)
    if code is None:
        code = machine.emitted_quickly(text)
        keep(key, code)
    engine = machine.loaded(code)
    real = ctypes.c_float if dtype == "float32" else ctypes.c_double
    function = ctypes.CFUNCTYPE(real, ctypes.c_int64)(engine.get_function_address(ENTRY))

    def run(rounds: int) -> float:
        return float(function(rounds))

    run.engine = engine  # type: ignore[attr-defined]
    return run, operations
