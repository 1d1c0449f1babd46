"""How a large product of matrices is cut into tiles, and how one tile is computed.

Floor 4. Read `vectors.py` before. BLAS counts in columns: C = A B in rows is C' = B' A' for it, so the operands change places, and "N" says
that a matrix lies in rows.

A product is cut by its lengths, the type and the machine, never by the number of threads that work, so that no bit depends on those.
Mostly into *bands* of rows, since OpenBLAS packs the right-hand matrix in passing: measured beside the whole product, a band of h rows
costs about 10 / h in float64 and 20 / h in float32, a tile of w columns 70 / w. Long sums are walked in *pieces*, between which Ctrl-C is
polled. OpenBLAS itself walks them so: a piece of half its steps costs nothing that could be measured, one of a quarter 4 %.
Products with few results and a long sum (a matrix by its own transpose, say) are cut along the sum, as in `vectors.py`.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ..blocks import F64, I8, I32, I64, POINTER, whole
from .writing import NULL, Record, Routine

# multiplications between two polls: 15 ms; twice that beside a busy neighbour, and then as long a piece of another thread to wait for
PIECE = {"f32": 8e8, "f64": 4e8}
DEPTH = 96  # what a piece is a multiple of, half and a quarter of what OpenBLAS takes at a time
LEAST_DEPTH = 192  # shorter pieces cost 4 %, because C is read and written once for each
SHORTEST = 128  # rows of a band
TALLEST = {"f32": 1024, "f64": 640}  # 4000 rows make 4 or 7 bands, which cost 1 %
NARROWEST, WIDEST = 512, 4096  # columns of a tile
UNITS = 4, 16  # rows and columns of tiles are multiples of these, as the innermost kernels of BLAS like it
MOST_TILES = 16  # for more cores than this no finer tiles are made
LONG = 4096  # elements of a slab, at least
MOST_SLABS, MOST_RESULTS = 16, 1 << 18  # slabs, and elements of a result of which there are several copies (2 MB each)

VIEW = Record("m n k alpha a aflag astep b bflag bstep beta c cstep scratch job", "height width depth piece columns slabs")
"""A product: lengths, factors, operands with how they lie; scratch memory, the job that runs it; then how it is cut."""


def write_tile(module: ir.Module, suffix: str, real: Any, integer: Any) -> None:
    """`tile(view, index)`: one tile of C, or of its slab, walked along the sum in pieces."""
    code = Routine(module, "tile", I32, [POINTER, I64], public=False)
    view, index = code.arguments
    sizes = "m", "n", "k", "height", "width", "depth", "piece", "columns", "slabs"
    m, n, k, height, width, depth, piece, columns, slabs = (code.get(view, VIEW, name) for name in sizes)
    slab, rest = code.builder.urem(index, slabs), code.quotient(index, slabs)
    row, column = code.times(code.quotient(rest, columns), height), code.times(code.builder.urem(rest, columns), width)
    rows, wide = code.smaller(height, code.subtract(m, row)), code.smaller(width, code.subtract(n, column))
    first = code.times(slab, depth)
    last = code.smaller(code.add(first, depth), k)

    c, scratch = (code.get(view, VIEW, name, POINTER) for name in ("c", "scratch"))
    direct = code.compare(scratch, "==", NULL)
    step = code.choose(direct, code.get(view, VIEW, "cstep"), n)
    base = code.choose(direct, c, code.at(scratch, code.times(code.times(slab, m), n), real))
    target = code.at(base, code.add(code.times(row, step), column), real)
    beta = code.variable(real, code.builder.select(direct, code.get(view, VIEW, "beta", real), ir.Constant(real, 0.0)))

    def passed(value: Any) -> Any:
        """Put a whole number where BLAS can read it."""
        return code.variable(integer, value if value.type == integer else code.builder.trunc(value, integer))

    def part(name: str, row: Any, column: Any) -> Any:
        """Return the address of an element of A or B."""
        step = code.get(view, VIEW, f"{name}step")
        in_rows = code.compare(code.get(view, VIEW, f"{name}flag", I8), "==", ord("N"))
        places = code.add(code.times(row, step), column), code.add(code.times(column, step), row)
        return code.at(code.get(view, VIEW, name, POINTER), code.choose(in_rows, *places), real)

    flags = [code.field(view, VIEW, f"{name}flag") for name in "ba"]
    lengths = [passed(wide), passed(rows)]
    steps = [passed(each) for each in (code.get(view, VIEW, "bstep"), code.get(view, VIEW, "astep"), step)]
    done = code.variable(I64, first)
    with code.forever():
        here = code.load(done, I64)
        left = code.subtract(last, here)
        more = code.compare(left, ">", code.add(piece, code.quotient(piece, 2)))  # else a last piece would be hardly worth its call
        now = code.choose(more, piece, left)
        code.call(f"tl_blas_gemm_{suffix}", *flags, *lengths, passed(now), code.field(view, VIEW, "alpha"),
                  part("b", here, column), steps[0], part("a", row, here), steps[1], beta, target, steps[2])
        code.store(ir.Constant(real, 1.0), beta)
        code.raise_by(done, now)
        code.leave_if(code.builder.not_(more))
        stopped = code.call("tl_checkpoint", code.get(view, VIEW, "job", POINTER))
        with code.when(code.compare(stopped, "!=", 0)):
            code.give(stopped)
    code.give(0)


def write_cutting(module: ir.Module, suffix: str, cores: int) -> None:
    """`cut(view)`: decide on height, width, depth and piece by m, n and k; returns the number of tiles, slabs counted.

    Args:
        cores: of the machine; there are as many tiles at least, if they do not become too small.
    """
    code = Routine(module, "cut", I64, [POINTER], public=False)
    (view,) = code.arguments
    m, n, k = (code.get(view, VIEW, name) for name in "mnk")
    wanted = min(cores, MOST_TILES)

    def part(length: Any, shortest: int, longest: int, unit: int, wanted: Any) -> Any:
        """Cut a length into even parts, none too long, and as many as wanted if none becomes too short; returns their size."""
        count = code.larger(code.quotient_up(length, whole(longest)), code.smaller(code.quotient(length, shortest), wanted))
        return code.choose(code.compare(count, "<=", 1), length, code.rounded_up(code.quotient_up(length, code.larger(count, 1)), unit))

    height = part(m, SHORTEST, TALLEST[suffix], UNITS[0], wanted)
    bands = code.quotient_up(m, height)
    width = part(n, NARROWEST, WIDEST, UNITS[1], code.quotient_up(whole(wanted), bands))
    slabs = code.smaller(code.quotient(k, whole(LONG)), MOST_SLABS)
    along = code.builder.and_(code.compare(slabs, ">", 1), code.compare(code.times(m, n), "<=", MOST_RESULTS))
    height, width = code.choose(along, m, height), code.choose(along, n, width)
    depth = code.choose(along, code.rounded_up(code.quotient_up(k, code.larger(slabs, 1)), DEPTH), k)
    most = ir.Constant(F64, PIECE[suffix] / DEPTH)
    fitting = code.builder.fdiv(most, code.builder.fmul(real_number(code, height), real_number(code, width)))
    piece = code.larger(code.times(code.builder.fptosi(fitting, I64), DEPTH), LEAST_DEPTH)
    columns, slabs = code.quotient_up(n, width), code.quotient_up(k, depth)
    code.put(view, VIEW, height=height, width=width, depth=depth, piece=piece, columns=columns, slabs=slabs)
    code.give(code.times(code.times(code.quotient_up(m, height), columns), slabs))


def real_number(code: Routine, value: Any) -> Any:
    """Return a whole number as a float64: a product of three lengths may pass 64 bits."""
    return code.builder.sitofp(value, F64)
