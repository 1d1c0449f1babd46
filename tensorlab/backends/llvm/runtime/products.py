"""Products of matrices: the BLAS of NumPy or SciPy, run on tiles by our own threads.

Floor 4. Read `tiles.py` and `pool.py` before, and `blas.py` for where the BLAS comes from. It is asked to use one thread as long as a
product runs; the threads are ours, so they sleep when they wait, and a large product can be interrupted between its parts.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ..blocks import F32, F64, I8, I32, I64, POINTER, VOID, whole
from .tiles import VIEW, real_number, write_cutting, write_tile
from .vectors import REALS, gemv_kinds, write_combine
from .writing import NULL, Record, Routine, memory, module_named

ALONE = 1.6e7  # multiplications up to which a product is one call, with the GIL: 0.6 ms in float64

BLAS = Record("users before")


def gemm_kinds(real: Any) -> list[Any]:
    """Return the types that `gemm` takes."""
    return [I64, I64, I64, real, POINTER, I64, I64, POINTER, I64, I64, real, POINTER, I64, I64]


def write_products(suffix: str, bits: int, quiet: bool, cores: int) -> str:
    """Return the text of the module of one type: `gemm`, and `forget_users` for a forked process.

    Args:
        bits: of the whole numbers of the BLAS.
        quiet: the BLAS has threads of its own, which are silenced; else nothing is known of it, and only the caller uses it.
        cores: of the machine; by them it is decided how finely products are cut.
    """
    module, real = module_named("products"), REALS[suffix]
    counts = memory(module, "counts", BLAS.size)
    write_combine(module, real)
    write_layout(module, bits)
    write_packing(module, real)
    write_silence(module, counts, quiet)
    write_tile(module, suffix, real, ir.IntType(bits))
    write_cutting(module, suffix, cores)
    write_gemm(module, suffix, real, quiet)
    return str(module)


def write_layout(module: ir.Module, bits: int) -> None:
    """`layout(rows, columns, row step, column step, step)`: 'N' if the matrix lies in rows, 'T' in columns, 0 neither; and its step."""
    code = Routine(module, "layout", I8, [I64, I64, I64, I64, POINTER], public=False)
    rows, columns, row_step, column_step, place = code.arguments
    longest = whole((1 << (bits - 1)) - 1)
    in_rows, in_columns = (rows, row_step, columns, column_step), (columns, column_step, rows, row_step)
    for flag, (outer, outer_step, inner, inner_step) in (("N", in_rows), ("T", in_columns)):
        step = code.choose(code.compare(outer, "==", 1), inner, outer_step)
        dense = code.builder.or_(code.compare(inner_step, "==", 1), code.compare(inner, "==", 1))
        fits = code.builder.and_(code.compare(step, ">=", inner), code.compare(step, "<=", longest))
        with code.when(code.builder.and_(dense, fits)):
            code.store(step, place)
            code.give(ord(flag))
    code.give(0)


def write_packing(module: ir.Module, real: Any) -> None:
    """`packed(rows, columns, matrix, row step, column step)`: a copy that lies in rows, to be freed; NULL with an exception."""
    code = Routine(module, "packed", POINTER, [I64, I64, POINTER, I64, I64], public=False)
    rows, columns, matrix, row_step, column_step = code.arguments
    copy = reserved(code, code.times(rows, columns), real)
    with code.when(code.compare(copy, "==", NULL)):
        code.give(NULL)
    with code.loop(0, rows) as row, code.loop(0, columns) as column:
        source = code.at(matrix, code.add(code.times(row, row_step), code.times(column, column_step)), real)
        code.store(code.load(source, real), code.at(copy, code.add(code.times(row, columns), column), real))
    code.give(copy)


def write_silence(module: ir.Module, counts: Any, quiet: bool) -> None:
    """`enter()` and `leave()`, with the GIL: BLAS has one thread from the first product that begins to the last that ends.

    Whoever calls this BLAS otherwise finds the number of threads that was set before, except while a product runs without the GIL.
    """
    code = Routine(module, "enter", VOID, [], public=False)
    if quiet:
        users = code.get(counts, BLAS, "users")
        with code.when(code.compare(users, "==", 0)):
            before = code.call("tl_blas_threads")
            code.put(counts, BLAS, before=code.builder.sext(before, I64))
            with code.when(code.compare(before, "!=", 1)):
                code.call("tl_blas_use_threads", 1)
        code.put(counts, BLAS, users=code.add(users, 1))
    code.give()

    code = Routine(module, "leave", VOID, [], public=False)
    if quiet:
        users, before = code.get(counts, BLAS, "users"), code.get(counts, BLAS, "before")
        code.put(counts, BLAS, users=code.larger(code.subtract(users, 1), 0))
        last = code.builder.and_(code.compare(users, "==", 1), code.compare(before, "!=", 1))
        with code.when(last), code.when(code.compare(code.call("tl_blas_threads"), "==", 1)):  # else somebody has set it since: that stands
            code.call("tl_blas_use_threads", code.builder.trunc(before, I32))
    code.give()

    code = Routine(module, "forget_users", VOID, [])
    with code.when(code.compare(code.get(counts, BLAS, "users"), ">", 0)):
        code.put(counts, BLAS, users=1)
        code.call("leave")
    code.give()


def write_gemm(module: ir.Module, suffix: str, real: Any, quiet: bool) -> None:
    """`gemm(m, n, k, alpha, A, ars, acs, B, brs, bcs, beta, C, ldc, threads)`, with the GIL: C = beta C + alpha A B.

    C is not read if beta is 0. Returns 0, or -1 with an exception.
    """
    ir.Function(module, ir.FunctionType(I32, gemv_kinds(real)), f"tl_gemv_{suffix}")
    code = Routine(module, "gemm", I32, gemm_kinds(real))
    m, n, k, alpha, a, ars, acs, b, brs, bcs, beta, c, cstep, threads = code.arguments
    with code.when(code.builder.or_(code.compare(m, "<=", 0), code.compare(n, "<=", 0))):
        code.give(0)
    with code.when(code.compare(k, "<=", 0)):
        code.call("combine", m, n, c, cstep, beta, NULL, 0)
        code.give(0)
    one_column = m, k, alpha, a, ars, acs, b, brs, beta, c, cstep
    one_row = n, k, alpha, b, bcs, brs, a, acs, beta, c, whole(1)
    for length, arguments in ((n, one_column), (m, one_row)):
        with code.when(code.compare(length, "==", 1)):
            result = code.call(f"tl_gemv_{suffix}", *arguments, threads)
            with code.when(code.compare(result, "!=", 2)):
                code.give(result)

    view, result = code.slot(I64, VIEW.size), code.variable(I32, 0)
    cstep = code.choose(code.compare(m, "==", 1), n, cstep)
    code.put(view, VIEW, m=m, n=n, k=k, alpha=alpha, beta=beta, c=c, cstep=cstep, job=NULL, scratch=NULL)
    copies = [write_operand(code, view, "a", (m, k, a, ars, acs), result), write_operand(code, view, "b", (k, n, b, brs, bcs), result)]
    with code.when(code.compare(code.load(result, I32), "==", 0)):
        code.call("enter")
        work = code.builder.fmul(code.builder.fmul(real_number(code, m), real_number(code, n)), real_number(code, k))
        with code.builder.if_else(code.builder.fcmp_ordered("<=", work, ir.Constant(F64, ALONE))) as (small, large):
            with small:
                code.put(view, VIEW, height=m, width=n, depth=k, piece=k, columns=1, slabs=1)
                code.call("tile", view, 0)
            with large:
                write_large(code, view, real, threads if quiet else whole(1), result)
        code.call("leave")
    for copy in copies:
        code.call("PyMem_RawFree", code.load(copy, POINTER))
    code.give(code.load(result, I32))


def write_operand(code: Routine, view: Any, name: str, operand: tuple[Any, ...], result: Any) -> Any:
    """Put an operand into the view, or a copy of it that lies in rows; returns where the copy is, to be freed."""
    rows, columns, matrix, row_step, column_step = operand
    step, copy, place = code.variable(I64, columns), code.variable(POINTER, NULL), code.variable(POINTER, matrix)
    flag = code.variable(I8, code.call("layout", rows, columns, row_step, column_step, step))
    with code.when(code.compare(code.load(flag, I8), "==", 0)):
        dense = code.call("packed", rows, columns, matrix, row_step, column_step)
        code.store(ir.Constant(I8, ord("N")), flag)
        code.store(dense, copy)
        code.store(dense, place)
        with code.when(code.compare(dense, "==", NULL)):
            code.store(ir.Constant(I32, -1), result)
    code.put(view, VIEW, **{name: code.load(place, POINTER), f"{name}step": code.load(step, I64), f"{name}flag": code.load(flag, I8)})
    return copy


def write_large(code: Routine, view: Any, real: Any, threads: Any, result: Any) -> None:
    """Run the tiles, and add up the slabs if there are several."""
    tiles = code.call("cut", view)
    m, n, slabs = (code.get(view, VIEW, name) for name in ("m", "n", "slabs"))
    cut = code.compare(slabs, ">", 1)
    scratch = code.variable(POINTER, NULL)
    with code.when(cut):
        code.store(reserved(code, code.times(code.times(slabs, m), n), real), scratch)
        code.put(view, VIEW, scratch=code.load(scratch, POINTER))
        with code.when(code.compare(code.load(scratch, POINTER), "==", NULL)):
            code.store(ir.Constant(I32, -1), result)
    with code.when(code.compare(code.load(result, I32), "==", 0)):
        status = code.call("tl_run", code.module.globals["tile"], view, tiles, threads, code.field(view, VIEW, "job"))
        code.store(status, result)
        with code.when(code.builder.and_(cut, code.compare(status, "==", 0))):
            c, cstep, beta = code.get(view, VIEW, "c", POINTER), code.get(view, VIEW, "cstep"), code.get(view, VIEW, "beta", real)
            code.call("combine", m, n, c, cstep, beta, code.load(scratch, POINTER), slabs)
    code.call("PyMem_RawFree", code.load(scratch, POINTER))


def reserved(code: Routine, count: Any, real: Any) -> Any:
    """Reserve memory for so many numbers; NULL with an exception if there is none."""
    memory = code.call("PyMem_RawMalloc", code.times(count, 4 if real == F32 else 8))
    with code.when(code.compare(memory, "==", NULL)):
        code.call("PyErr_NoMemory")
    return memory
