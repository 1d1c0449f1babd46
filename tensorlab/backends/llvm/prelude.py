"""What every program does at its door and with its memory: functions in a module of their own, which is compiled once for all programs.

Floor 4. Read `objects.py` before. A program with two hundred shared variables would otherwise hold the same code two hundred times, which
takes LLVM far more than two hundred times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from .blocks import F64, I8, I32, I64, POINTER, VOID, Code, whole
from .machine import processor
from .objects import (
    ALIGNED,
    API,
    DATA,
    DESCRIPTION,
    FLAGS,
    IN_ROWS,
    ITEMS,
    KIND,
    LENGTHS,
    NULL,
    ORDER,
    OWNED,
    RANK,
    SIZE,
    TYPE,
    VALUE,
    WRITEABLE,
)  # fmt: skip

LONGEST_LIST = 32  # a list this long is read in 0.1 µs; longer ones are read by NumPy, and need memory
SMALL = 2**31  # whole numbers up to here are taken for floats without asking whether they are exact
SPARE = 1  # position of the spare array in a cell; the value is at 0
LINE = 64  # bytes of a cache line, and of the widest vector: arrays in an arena start at multiples of it
KERNEL = ir.FunctionType(VOID, [POINTER, I64, I64, I64])  # context, first row, row behind the last, number of the chunk
HEADER = 2 * LINE  # bytes of an arena before its first array: a link, its size, and room to align


class Function:
    """A function of the prelude while it is written."""

    def __init__(self, module: ir.Module, name: str, result: Any, kinds: list[Any]) -> None:
        self.module = module
        self.function = ir.Function(module, ir.FunctionType(result, kinds), name)
        self.function.attributes.add("nounwind")
        self.code = Code(self.function)
        self.arguments = self.function.args

    def field(self, thing: Any, offset: int, kind: Any) -> Any:
        """Read the field of an object that lies so many bytes behind its start."""
        return self.code.load(self.code.at(thing, offset, I8), kind)

    def give(self, value: Any) -> None:
        """Return a value."""
        self.code.builder.ret(value)

    def give_unless(self, condition: Any, value: Any) -> None:
        """Return a value unless a condition holds."""
        with self.code.when(self.code.builder.not_(condition)):
            self.give(value)

    def is_kind(self, thing: Any, kind: Any) -> Any:
        """Say whether an object is exactly of a type."""
        return self.same(self.field(thing, TYPE, POINTER), kind)

    def same(self, one: Any, other: Any) -> Any:
        """Say whether two whole numbers or addresses are the same."""
        return self.code.builder.icmp_unsigned("==", one, other)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function from outside or of the prelude."""
        return self.code.builder.call(called(self.module, name), arguments)


def called(module: ir.Module, name: str) -> Any:
    """Return a function from outside or of the prelude by name, declared if it is new to a module."""
    if name in module.globals:
        return module.globals[name]
    result, kinds = PRELUDE[name][:2] if name in PRELUDE else API[name]
    return ir.Function(module, ir.FunctionType(result, kinds), name)


def prelude() -> str:
    """Return the text of the module that holds the prelude."""
    module = ir.Module("prelude")
    module.triple = processor()[0]
    functions = [(Function(module, name, result, kinds), write) for name, (result, kinds, write) in PRELUDE.items()]
    for function, write in functions:
        write(function, *function.arguments)
    return str(module)


def elements(f: Function, thing: Any, array: Any, kind: Any, order: Any, rank: Any, flags: Any) -> None:
    """Return the address of the elements of an array of a dtype, rank and kind of memory; NULL if it is none."""
    builder = f.code.builder
    f.give_unless(f.is_kind(thing, array), NULL)
    described = f.field(thing, DESCRIPTION, POINTER)
    f.give_unless(f.same(f.field(described, KIND, I32), kind), NULL)
    f.give_unless(f.same(f.field(described, ORDER, I8), order), NULL)
    f.give_unless(f.same(f.field(thing, RANK, I32), rank), NULL)
    f.give_unless(f.same(builder.and_(f.field(thing, FLAGS, I32), flags), flags), NULL)
    f.give(f.field(thing, DATA, POINTER))


def whole_number(f: Function, thing: Any, low: Any, high: Any, found: Any) -> None:
    """Write a Python int to `found`; return whether it lies between two bounds."""
    builder, overflow = f.code.builder, f.code.slot(I32)
    value = f.call("PyLong_AsLongLongAndOverflow", thing, overflow)
    f.code.store(value, found)
    inside = builder.and_(builder.icmp_signed(">=", value, low), builder.icmp_signed("<=", value, high))
    f.give(builder.zext(builder.and_(inside, f.same(f.code.load(overflow, I32), ir.Constant(I32, 0))), I32))


def scalar(
    f: Function, thing: Any, integer: Any, kind_of_scalar: Any, array: Any, kind: Any, order: Any, low: Any, high: Any, own: Any
) -> None:
    """Return the address of a whole scalar: of a Python int (written to `own`), of a NumPy scalar or of a 0-d array; NULL if it is none."""
    with f.code.when(f.is_kind(thing, integer)):
        fits = f.call("tl_whole_number", thing, low, high, own)
        f.give(f.code.builder.select(f.same(fits, ir.Constant(I32, 1)), own, NULL))
    f.give(f.call("tl_numpy_scalar", thing, kind_of_scalar, array, kind, order))


def numpy_scalar(f: Function, thing: Any, kind_of_scalar: Any, array: Any, kind: Any, order: Any) -> None:
    """Return the address of a NumPy scalar or of a 0-d array; NULL if it is none."""
    with f.code.when(f.is_kind(thing, kind_of_scalar)):
        f.give(f.code.at(thing, VALUE, I8))
    plain = ir.Constant(I32, IN_ROWS | ALIGNED)
    f.give(f.call("tl_elements", thing, array, kind, order, ir.Constant(I32, 0), plain))


def real(f: Function, thing: Any, real_type: Any, integer: Any, kind_of_scalar: Any, array: Any, kind: Any, order: Any, own: Any) -> None:
    """Return the address of a float64 scalar: of a float, an int, a NumPy scalar or a 0-d array; NULL if it is none."""
    with f.code.when(f.is_kind(thing, real_type)):
        f.give(f.code.at(thing, VALUE, I8))
    number = f.code.slot(I64)
    found = f.call("tl_scalar", thing, integer, kind_of_scalar, array, kind, order, whole(-SMALL), whole(SMALL), number)
    with f.code.when(f.same(found, number)):
        f.code.store(f.code.builder.sitofp(f.code.load(number, I64), F64), own)
        f.give(own)
    f.give(found)


def reals(
    f: Function, thing: Any, listed: Any, real_type: Any, integer: Any, array: Any, kind: Any, order: Any, own: Any, length: Any
) -> None:
    """Return the address of a float64 vector and write its length: of a short list of numbers, or of an array; NULL if it is none."""
    code, builder = f.code, f.code.builder
    with code.when(f.is_kind(thing, listed)):
        count, items = f.field(thing, SIZE, I64), f.field(thing, ITEMS, POINTER)
        f.give_unless(builder.icmp_unsigned("<", builder.sub(count, whole(1)), whole(LONGEST_LIST)), NULL)
        number = code.slot(I64)
        with code.loop(0, count, name="item") as place:
            item, target = code.load(code.at(items, place, POINTER), POINTER), code.at(own, place, F64)
            with builder.if_else(f.is_kind(item, real_type)) as (is_real, other):
                with is_real:
                    code.store(f.field(item, VALUE, F64), target)
                with other:
                    f.give_unless(f.is_kind(item, integer), NULL)
                    fits = f.call("tl_whole_number", item, whole(-SMALL), whole(SMALL), number)
                    f.give_unless(f.same(fits, ir.Constant(I32, 1)), NULL)
                    code.store(builder.sitofp(code.load(number, I64), F64), target)
        code.store(count, length)
        f.give(own)
    found = f.call("tl_elements", thing, array, kind, order, ir.Constant(I32, 1), ir.Constant(I32, IN_ROWS | ALIGNED))
    f.give_unless(builder.icmp_unsigned("!=", found, NULL), NULL)
    code.store(code.load(f.field(thing, LENGTHS, POINTER), I64), length)
    f.give(found)


def fresh(f: Function, array: Any, kind: Any, rank: Any, lengths: Any) -> None:
    """Return a new array, or NULL with an exception set."""
    zero = ir.Constant(I32, 0)
    f.give(f.call("PyArray_New", array, rank, lengths, kind, NULL, NULL, zero, zero, NULL))


def next_value(f: Function, cell: Any, array: Any, nothing: Any, kind: Any, order: Any, rank: Any, lengths: Any) -> None:
    """Return an array for the next value of a shared variable: its spare one if nobody else holds that and it fits, or a fresh one."""
    code, builder = f.code, f.code.builder
    place = code.at(f.field(cell, ITEMS, POINTER), SPARE, POINTER)
    spare = code.load(place, POINTER)
    otherwise = builder.append_basic_block("fresh")

    def go_on_if(condition: Any) -> None:
        following = builder.append_basic_block("spare")
        builder.cbranch(condition, following, otherwise)
        builder.position_at_end(following)

    flags = ir.Constant(I32, IN_ROWS | OWNED | ALIGNED | WRITEABLE)
    go_on_if(builder.icmp_unsigned("!=", f.call("tl_elements", spare, array, kind, order, rank, flags), NULL))
    go_on_if(f.same(f.field(spare, 0, I32), ir.Constant(I32, 1)))  # the lower half of the count of references, on all versions
    has = f.field(spare, LENGTHS, POINTER)
    with code.loop(0, builder.sext(rank, I64), name="axis") as axis:
        go_on_if(f.same(code.load(code.at(has, axis, I64), I64), code.load(code.at(lengths, axis, I64), I64)))
    f.call("Py_IncRef", nothing)
    code.store(nothing, place)
    f.give(spare)
    builder.position_at_end(otherwise)
    f.give(f.call("tl_fresh", array, kind, rank, lengths))


def drop(f: Function, places: Any, count: Any) -> None:
    """Give up the references in some places, and leave them empty."""
    code, builder = f.code, f.code.builder
    with code.loop(0, count, name="place") as index:
        place = code.at(places, index, POINTER)
        held = code.load(place, POINTER)
        with code.when(builder.icmp_unsigned("!=", held, NULL)):
            code.store(NULL, place)
            f.call("Py_DecRef", held)
    builder.ret_void()


def idle(f: Function, flags: Any, count: Any) -> None:
    """Return whether none of some flags is set; a row in the table holds their addresses."""
    code, builder = f.code, f.code.builder
    with code.loop(0, count, name="flag") as index:
        f.give_unless(f.same(code.load(code.load(code.at(flags, index, POINTER), POINTER), I64), whole(0)), ir.Constant(I32, 0))
    builder.ret(ir.Constant(I32, 1))


def commit(f: Function, cells: Any, places: Any, count: Any) -> None:
    """Exchange the values of shared variables for those in some places, and their spare arrays for the old values.

    Nothing runs between the first exchanges: all variables change, or none. What was the value is the spare array of the next call; the
    old spare arrays are left in the places.
    """
    code = f.code
    for position in (0, SPARE):
        with code.loop(0, count, name="cell") as index:
            held = code.at(f.field(code.load(code.at(cells, index, POINTER), POINTER), ITEMS, POINTER), position, POINTER)
            place = code.at(places, index, POINTER)
            before = code.load(held, POINTER)
            code.store(code.load(place, POINTER), held)
            code.store(before, place)
    code.builder.ret_void()


def arena(f: Function, free: Any, total: Any) -> None:
    """Take an arena of at least so many bytes from the free ones, or reserve one; return NULL if there is no memory."""
    code, builder = f.code, f.code.builder
    first = code.load(free, POINTER)
    with code.when(builder.icmp_unsigned("!=", first, NULL), likely=True):
        code.store(code.load(first, POINTER), free)
        with code.when(builder.icmp_signed(">=", f.field(first, 8, I64), total), likely=True):
            f.give(first)
        f.call("PyMem_RawFree", first)
    fresh = f.call("PyMem_RawMalloc", builder.add(total, whole(HEADER)))
    with code.when(f.same(fresh, NULL), likely=False):
        f.give(NULL)
    code.store(total, code.at(fresh, 8, I8))
    f.give(fresh)


def free_again(f: Function, free: Any, arena: Any) -> None:
    """Put an arena back to the free ones, if there is one."""
    code = f.code
    with code.when(code.builder.icmp_unsigned("!=", arena, NULL)):
        code.store(code.load(free, POINTER), arena)
        code.store(arena, free)
    code.builder.ret_void()


def spread(f: Function, kernel: Any, context: Any, length: Any, inner: Any, most: Any, threads: Any) -> None:
    """Run a kernel on several threads, in chunks of rows of `inner` elements, `most` together; return 0, or -1 with an exception set."""
    code = f.code
    rows = code.larger(code.quotient(most, code.larger(inner, 1)), 1)
    chunks = code.larger(code.quotient(code.add(length, code.add(rows, -1)), rows), 1)
    outer = code.slot(I64, 4)
    for position, value in enumerate((kernel, context, length, rows)):
        code.store(value, code.at(outer, position, I64))
    f.give(f.call("tl_parallel", code.address_of(called(f.module, "tl_chunk")), outer, chunks, threads))


def chunk(f: Function, outer: Any, index: Any) -> None:
    """Run one chunk of a kernel, on any thread."""
    code = f.code
    kernel = code.load(outer, KERNEL.as_pointer())
    context, length, rows = (code.load(code.at(outer, position, I64), kind) for position, kind in ((1, POINTER), (2, I64), (3, I64)))
    low = code.times(index, rows)
    code.builder.call(kernel, [context, low, code.smaller(code.add(low, rows), length), index])
    f.give(ir.Constant(I32, 0))


PRELUDE: dict[str, tuple[Any, list[Any], Callable[..., None]]] = {
    "tl_elements": (POINTER, [POINTER, POINTER, I32, I8, I32, I32], elements),
    "tl_whole_number": (I32, [POINTER, I64, I64, POINTER], whole_number),
    "tl_scalar": (POINTER, [POINTER, POINTER, POINTER, POINTER, I32, I8, I64, I64, POINTER], scalar),
    "tl_numpy_scalar": (POINTER, [POINTER, POINTER, POINTER, I32, I8], numpy_scalar),
    "tl_real": (POINTER, [POINTER, POINTER, POINTER, POINTER, POINTER, I32, I8, POINTER], real),
    "tl_reals": (POINTER, [POINTER, POINTER, POINTER, POINTER, POINTER, I32, I8, POINTER, POINTER], reals),
    "tl_fresh": (POINTER, [POINTER, I32, I32, POINTER], fresh),
    "tl_next_value": (POINTER, [POINTER, POINTER, POINTER, I32, I8, I32, POINTER], next_value),
    "tl_drop": (VOID, [POINTER, I64], drop),
    "tl_idle": (I32, [POINTER, I64], idle),
    "tl_commit": (VOID, [POINTER, POINTER, I64], commit),
    "tl_arena": (POINTER, [POINTER, I64], arena),
    "tl_free_again": (VOID, [POINTER, POINTER], free_again),
    "tl_spread": (I32, [POINTER, POINTER, I64, I64, I64, I64], spread),
    "tl_chunk": (I32, [POINTER, I64], chunk),
}
"""The functions by name: result, arguments, and what writes them."""
