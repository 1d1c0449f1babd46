"""Products with a vector: dot products, and a matrix times a vector, in vectors written out explicitly.

Floor 4. Read `writing.py` before. These are bound by memory, so there is nothing that a BLAS could do better: measured beside OpenBLAS's
they are as fast from the cache and a quarter faster from main memory. What is left at the end of a row goes one by one, so a result
depends on lengths alone, not on alignment.

A matrix is seen as `rows` rows of `length` elements that lie side by side. *Along* the rows, each gives one number (A x of a matrix in
rows); *across* them, each is added up into all numbers (A' x). Large work is cut into tasks by the lengths alone. Where the output alone
gives too few tasks, what is added up is cut too: each such *slab* leaves its part in scratch memory, and the parts are added in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite import ir

from ..blocks import F32, F64, I32, I64, POINTER, VOID, whole
from .lanes import Lanes
from .writing import NULL, Record, Routine, module_named

LARGE = 1 << 20  # elements of a matrix from which threads share the work: 0.1 ms from the cache, ten times what it takes to wake a thread
TASK = 1 << 18  # elements a task
FEW = 8  # tasks: with fewer, slabs are made
MOST_SLABS = 16
BAND = 1 << 14  # bytes of numbers that rows are added up into at a time: they stay in the nearest cache
TOGETHER = 4  # rows that share one loading of x when walking along
ACROSS = 8  # rows added at a time when walking across: y is loaded and stored once for all of them

VIEW = Record("a step rows length x xstep y ystep alpha beta band slab slabs scratch")
"""A product with a vector: the matrix and the step from row to row; x; y; factors; numbers of y a task; elements added up a task; slabs."""

REALS = {"f32": F32, "f64": F64}


def gemv_kinds(real: Any) -> list[Any]:
    """Return the types that `gemv` takes."""
    return [I64, I64, real, POINTER, I64, I64, POINTER, I64, real, POINTER, I64, I64]


def write_vectors(suffix: str) -> str:
    """Return the text of the module of one type: `gemv`."""
    module, real = module_named("vectors"), REALS[suffix]
    write_combine(module, real)
    write_along(module, real)
    write_across(module, real)
    write_gemv(module, real)
    return str(module)


def is_zero(code: Routine, value: Any) -> Any:
    """Say whether a factor is 0, so that what it multiplies is not read."""
    return code.builder.fcmp_ordered("==", value, ir.Constant(value.type, 0.0))


def kept(code: Routine, place: Any, beta: Any) -> Any:
    """Return beta times what is in a place; 0 if beta is 0, even if nan is in it."""
    real = beta.type
    result = code.variable(real, ir.Constant(real, 0.0))
    with code.when(code.builder.not_(is_zero(code, beta))):
        code.store(code.builder.fmul(beta, code.load(place, real)), result)
    return code.load(result, real)


def write_combine(module: ir.Module, real: Any) -> None:
    """`combine(rows, columns, C, ldc, beta, scratch, slabs)`: C = beta C + the slabs, in order."""
    code = Routine(module, "combine", VOID, [I64, I64, POINTER, I64, real, POINTER, I64], public=False)
    rows, columns, target, step, beta, scratch, slabs = code.arguments
    with code.loop(0, rows) as row, code.loop(0, columns) as column:
        place = code.at(target, code.add(code.times(row, step), column), real)
        total = code.variable(real, kept(code, place, beta))
        with code.loop(0, slabs) as slab:
            position = code.add(code.times(code.add(code.times(slab, rows), row), columns), column)
            code.store(code.builder.fadd(code.load(total, real), code.load(code.at(scratch, position, real), real)), total)
        code.store(code.load(total, real), place)
    code.give()


class Task:
    """The task of a product with a vector: its piece of y, and its piece of what is added up."""

    def __init__(self, module: ir.Module, name: str, real: Any) -> None:
        self.code = code = Routine(module, name, I32, [POINTER, I64], public=False)
        self.real, self.lanes = real, Lanes(code, real)
        self.view, index = code.arguments
        outputs, added = ("rows", "length") if name == "along" else ("length", "rows")
        slabs = code.get(self.view, VIEW, "slabs")
        slab = code.builder.urem(index, slabs)
        self.low, self.high = self._piece(code.quotient(index, slabs), "band", outputs)
        self.first, self.last = self._piece(slab, "slab", added)
        self.matrix, self.x, y, scratch = (code.get(self.view, VIEW, each, POINTER) for each in ("a", "x", "y", "scratch"))
        self.step, self.xstep, ystep = (code.get(self.view, VIEW, each) for each in ("step", "xstep", "ystep"))
        self.alpha, beta = (code.get(self.view, VIEW, each, real) for each in ("alpha", "beta"))
        direct = code.compare(scratch, "==", NULL)
        part = code.at(scratch, code.times(slab, code.get(self.view, VIEW, outputs)), real)
        self.y, self.ystep = code.choose(direct, y, part), code.choose(direct, ystep, 1)
        self.beta = code.builder.select(direct, beta, ir.Constant(real, 0.0))

    def _piece(self, number: Any, size: str, all_of_it: str) -> tuple[Any, Any]:
        code = self.code
        size, all_of_it = code.get(self.view, VIEW, size), code.get(self.view, VIEW, all_of_it)
        low = code.times(number, size)
        return low, code.smaller(code.add(low, size), all_of_it)

    def row(self, index: Any) -> Any:
        """Return the address of a row."""
        return self.code.at(self.matrix, self.code.times(index, self.step), self.real)


def in_groups(code: Routine, first: Any, last: Any, sizes: tuple[int, ...]) -> Iterator[tuple[int, Any]]:
    """Write a loop per size: as many groups of the first size as there are, then of the next; yields the size and the first of a group."""
    done = code.variable(I64, first)
    for size in sizes:
        begin = code.load(done, I64)
        end = code.add(begin, code.times(code.quotient(code.subtract(last, begin), size), size)) if size > 1 else last
        with code.loop(begin, end, size) as index:
            yield size, index
        code.store(end, done)


def write_along(module: ir.Module, real: Any) -> None:
    """`along(view, index)`: y_i = beta y_i + alpha (row i . x)."""
    task = Task(module, "along", real)
    code, lanes = task.code, task.lanes
    for together, row in in_groups(code, task.low, task.high, (TOGETHER, 1)):
        addresses = [task.row(code.add(row, number)) for number in range(together)]
        totals = [code.variable(real, ir.Constant(real, 0.0)) for _ in addresses]
        done = code.variable(I64, task.first)
        with code.when(code.compare(code.subtract(task.last, task.first), ">=", lanes.count)):
            sums = [[code.variable(lanes.kind, lanes.zero) for _ in range(2)] for _ in addresses]
            for vectors in (2, 1):
                first, step = code.load(done, I64), vectors * lanes.count
                last = code.add(first, code.times(code.quotient(code.subtract(task.last, first), step), step))
                with code.loop(first, last, step) as index:
                    for number in range(vectors):
                        at = code.add(index, number * lanes.count)
                        x = lanes.load(task.x, at)
                        for address, places in zip(addresses, sums):
                            place = places[number]
                            code.store(lanes.multiply_add(x, lanes.load(address, at), code.load(place, lanes.kind)), place)
                code.store(last, done)
            for total, (one, other) in zip(totals, sums):
                code.store(lanes.sum(code.builder.fadd(code.load(one, lanes.kind), code.load(other, lanes.kind))), total)
        with code.loop(code.load(done, I64), task.last) as index:
            x = code.load(code.at(task.x, index, real), real)
            for address, total in zip(addresses, totals):
                code.store(lanes.multiply_add(x, code.load(code.at(address, index, real), real), code.load(total, real)), total)
        for number, total in enumerate(totals):
            place = code.at(task.y, code.times(code.add(row, number), task.ystep), real)
            code.store(lanes.multiply_add(task.alpha, code.load(total, real), kept(code, place, task.beta)), place)
    code.give(0)


def write_across(module: ir.Module, real: Any) -> None:
    """`across(view, index)`: y = beta y + alpha x_0 (row 0) + alpha x_1 (row 1) + …; y lies side by side."""
    task = Task(module, "across", real)
    code, lanes = task.code, task.lanes
    with code.loop(task.low, task.high) as index:
        place = code.at(task.y, index, real)
        code.store(kept(code, place, task.beta), place)
    for together, row in in_groups(code, task.first, task.last, (ACROSS, 1)):
        rows = [code.add(row, number) for number in range(together)]
        addresses = [task.row(each) for each in rows]
        factors = [code.builder.fmul(task.alpha, code.load(code.at(task.x, code.times(each, task.xstep), real), real)) for each in rows]
        vectors = [lanes.splat(factor) for factor in factors]
        for size, index in in_groups(code, task.low, task.high, (lanes.count, 1)):
            total = lanes.load(task.y, index) if size > 1 else code.load(code.at(task.y, index, real), real)
            for factor, vector, address in zip(factors, vectors, addresses):
                if size > 1:
                    total = lanes.multiply_add(vector, lanes.load(address, index), total)
                else:
                    total = lanes.multiply_add(factor, code.load(code.at(address, index, real), real), total)
            code.store(total, code.at(task.y, index, real), align=lanes.bytes)
    code.give(0)


def write_gemv(module: ir.Module, real: Any) -> None:
    """`gemv(m, n, alpha, A, ars, acs, x, incx, beta, y, incy, threads)`, with the GIL: y = beta y + alpha A x.

    Returns 0; 2 if the elements of A lie side by side neither in its rows nor in its columns; -1 with an exception.
    """
    code = Routine(module, "gemv", I32, gemv_kinds(real))
    m, n, alpha, matrix, row_step, column_step, x, xstep, beta, y, ystep, threads = code.arguments
    size_of = 4 if real == F32 else 8
    either, both = code.builder.or_, code.builder.and_
    with code.when(code.compare(m, "<=", 0)):
        code.give(0)
    with code.when(code.compare(n, "<=", 0)):
        code.call("combine", m, 1, y, ystep, beta, NULL, 0)
        code.give(0)
    in_columns = code.compare(row_step, "==", 1)
    thin = code.compare(n, "==", 1)
    along = both(code.compare(column_step, "==", 1), code.builder.not_(both(thin, in_columns)))
    across = both(code.builder.not_(along), either(in_columns, code.compare(m, "==", 1)))
    along = either(along, both(thin, code.builder.not_(across)))
    with code.when(code.builder.not_(either(along, across))):
        code.give(2)

    band, slab = code.variable(I64, m), code.variable(I64, n)
    with code.when(code.compare(code.times(m, n), ">=", LARGE)):
        rows = code.rounded_up(code.quotient_up(whole(TASK), n), TOGETHER)
        code.store(code.smaller(code.choose(along, rows, BAND // size_of), m), band)
        height = code.load(band, I64)
        with code.when(code.compare(code.quotient_up(m, height), "<", FEW)):
            code.store(code.larger(code.quotient_up(n, whole(MOST_SLABS)), code.quotient_up(whole(TASK), height)), slab)
    bands = code.quotient_up(m, code.load(band, I64))
    slabs = code.quotient_up(n, code.load(slab, I64))

    parted = either(code.compare(slabs, ">", 1), both(across, code.compare(ystep, "!=", 1)))
    gathered = both(along, code.compare(xstep, "!=", 1))
    scratch = code.variable(POINTER, NULL)
    numbers = code.add(code.choose(parted, code.times(slabs, m), 0), code.choose(gathered, n, 0))
    with code.when(code.compare(numbers, ">", 0)):
        reserved = code.call("PyMem_RawMalloc", code.times(numbers, size_of))
        with code.when(code.compare(reserved, "==", NULL)):
            code.call("PyErr_NoMemory")
            code.give(-1)
        code.store(reserved, scratch)
    reserved = code.load(scratch, POINTER)
    dense = code.choose(gathered, code.at(reserved, code.choose(parted, code.times(slabs, m), 0), real), x)
    with code.when(gathered), code.loop(0, n) as index:
        code.store(code.load(code.at(x, code.times(index, xstep), real), real), code.at(dense, index, real))

    view = code.slot(I64, VIEW.size)
    rows, length, step = code.choose(along, m, n), code.choose(along, n, m), code.choose(along, row_step, column_step)
    code.put(view, VIEW, a=matrix, step=step, rows=rows, length=length, x=dense, xstep=code.choose(gathered, 1, xstep), y=y, ystep=ystep,
             alpha=alpha, beta=beta, band=code.load(band, I64), slab=code.load(slab, I64), slabs=slabs,
             scratch=code.choose(parted, reserved, NULL))
    result = code.variable(I32, 0)
    tasks = code.times(bands, slabs)
    task = code.choose(along, module.globals["along"], module.globals["across"])
    single = code.compare(tasks, "==", 1)
    with code.builder.if_else(single) as (one, several):
        with one:
            with code.when(along):
                code.call("along", view, 0)
            with code.when(across):
                code.call("across", view, 0)
        with several:
            code.store(code.call("tl_parallel", task, view, tasks, threads), result)
    with code.when(both(parted, code.compare(code.load(result, I32), "==", 0))):
        code.call("combine", m, 1, y, ystep, beta, reserved, slabs)
    with code.when(code.compare(reserved, "!=", NULL)):
        code.call("PyMem_RawFree", reserved)
    code.give(code.load(result, I32))
