"""What generated code calls: entrances to the runtime, behind which the rest is made when it is first needed.

Floor 4. Read `writing.py` before. A program names `tl_parallel` or `tl_gemm_f64`, and most programs of a course never work on so much
that threads or BLAS are of use. So each entrance is a few instructions: products of a handful of numbers are computed at once; else
it jumps through a door, whose address Python fills in when the door is first found shut.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ..blocks import I32, I64, POINTER, number
from .lanes import multiply_add
from .products import gemm_kinds
from .vectors import REALS, gemv_kinds, kept
from .writing import NULL, Record, Routine, module_named

HANDFUL = 64  # multiplications: 40 ns one by one; any other way takes that long before it begins
DOOR = Record("address opener")

ENTRANCES = {
    "tl_parallel": [POINTER, POINTER, I64, I64],
    **{f"tl_gemv_{suffix}": gemv_kinds(real) for suffix, real in REALS.items()},
    **{f"tl_gemm_{suffix}": gemm_kinds(real) for suffix, real in REALS.items()},
}
"""The entrances, with what they take; all return a status."""
DOORS = "tl_doors"


def write_entrances() -> str:
    """Return the text of the module: the entrances, `tl_poll`, and the table of doors."""
    module = module_named("entrances")
    kind = ir.ArrayType(I64, DOOR.size * len(ENTRANCES))
    doors = ir.GlobalVariable(module, kind, DOORS)
    doors.initializer = ir.Constant(kind, None)
    code = Routine(module, "tl_poll", I32, [])
    code.give(code.call("PyErr_CheckSignals"))
    for position, (name, kinds) in enumerate(ENTRANCES.items()):
        code = Routine(module, name, I32, kinds)
        if name.startswith("tl_gemm"):
            write_handful(code)
        write_door(code, kinds, code.at(doors, position * DOOR.size, I64))
    return str(module)


def write_door(code: Routine, kinds: list[Any], door: Any) -> None:
    """Go through a door, and have it opened before if it is shut."""
    with code.when(code.compare(code.get(door, DOOR, "address", POINTER), "==", NULL), likely=False):
        done = code.call("PyObject_CallNoArgs", code.get(door, DOOR, "opener", POINTER))
        with code.when(code.compare(done, "==", NULL)):
            code.give(-1)
        code.call("Py_DecRef", done)
    code.give(code.builder.call(code.get(door, DOOR, "address", ir.FunctionType(I32, kinds).as_pointer()), code.arguments, tail="tail"))


def write_handful(code: Routine) -> None:
    """Compute a product of a handful of numbers at once."""
    m, n, k, alpha, a, ars, acs, b, brs, bcs, beta, c, cstep, _ = code.arguments
    real = alpha.type
    fused = multiply_add(code.module, real)
    few = code.builder.icmp_unsigned("<=", code.builder.or_(code.builder.or_(m, n), k), number(HANDFUL))
    with code.when(few), code.when(code.compare(code.times(code.times(m, n), k), "<=", HANDFUL)):
        with code.loop(0, m) as row, code.loop(0, n) as column:
            total = code.variable(real, ir.Constant(real, 0.0))
            with code.loop(0, k) as index:
                left = code.load(code.at(a, code.add(code.times(row, ars), code.times(index, acs)), real), real)
                right = code.load(code.at(b, code.add(code.times(index, brs), code.times(column, bcs)), real), real)
                code.store(code.builder.call(fused, [left, right, code.load(total, real)]), total)
            place = code.at(c, code.add(code.times(row, cstep), column), real)
            code.store(code.builder.call(fused, [alpha, code.load(total, real), kept(code, place, beta)]), place)
        code.give(0)
