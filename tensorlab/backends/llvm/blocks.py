"""Small pieces of control flow in LLVM's text: loops, conditions, whole numbers, memory.

Floor 4. Counters live in stack slots, which LLVM turns into registers; so no loop here has to be written with phi nodes. Read before
`kernels.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

I1, I8, I32, I64 = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64)
F32, F64 = ir.FloatType(), ir.DoubleType()
POINTER, VOID = ir.PointerType(), ir.VoidType()
MEMORY_TYPES = {
    "float32": F32, "float64": F64, "bool": I8,
    **{f"{sign}int{bits}": ir.IntType(bits) for sign in ("", "u") for bits in (8, 16, 32, 64)},
}  # fmt: skip
"""How an element of a dtype lies in memory."""
BYTES = {"bool": 1, "float32": 4, "float64": 8, **{f"{sign}int{bits}": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64)}}


def whole(value: int) -> ir.Constant:
    """Return a whole number as an i64."""
    return ir.Constant(I64, value)


def number(value: Any) -> Any:
    """Return a plain int as an i64, anything else as it is."""
    return whole(value) if isinstance(value, int) else value


class Code:
    """A function being written: a builder with the few constructions that this back end needs.

    Attributes:
        found: whole numbers that were worked out where every later instruction can use them, outside of loops and conditions, by how; they
            are written once. None where blocks do not follow each other as they are written.
        depth: in how many loops and conditions the builder stands.
    """

    def __init__(self, function: Any) -> None:
        self.function = function
        self.entry = function.append_basic_block("entry")
        body = function.append_basic_block("body")
        self._slots = ir.IRBuilder(self.entry)
        self._to_body = self._slots.branch(body)
        self._slots.position_before(self._to_body)
        self.builder = ir.IRBuilder(body)
        self._row: Any = None
        self.found: dict[tuple[Any, ...], tuple[Any, ...]] | None = None
        self.depth = 0

    # -- memory
    def slot(self, kind: Any, count: int = 1, align: int = 0) -> Any:
        """Return stack memory for `count` values of a type, reserved once however often this place is passed."""
        slot = self._slots.alloca(kind, count)
        slot.type = POINTER  # llvmlite still gives it the type of what it holds
        if align:
            slot.align = align
        return slot

    def place_in_row(self, index: int) -> Any:
        """Return place `index` of a row of addresses on the stack, which starts empty and grows as it is asked for."""
        if self._row is None:
            self._row = self.slot(POINTER, 1)
        self._row.operands[0].constant = index + 1
        place = self._row if index == 0 else self._slots.gep(self._row, [whole(index)], source_etype=POINTER)
        self._slots.store(ir.Constant(POINTER, None), place)
        return place

    def at_start(self, value: Any, slot: Any) -> None:
        """Write a constant to a slot before anything else happens."""
        self._slots.store(value, slot)

    def load(self, pointer: Any, kind: Any, align: int = 0) -> Any:
        """Read a value of a type."""
        return self.builder.load(pointer, typ=kind, align=align or None)

    def store(self, value: Any, pointer: Any, align: int = 0) -> None:
        """Write a value."""
        self.builder.store(value, pointer, align=align or None)

    def at(self, pointer: Any, index: Any, kind: Any) -> Any:
        """Return the address of element `index` of values of a type."""
        if isinstance(index, int) and index == 0:
            return pointer
        return self.builder.gep(pointer, [number(index)], source_etype=kind)

    def address_of(self, function: Any) -> Any:
        """Return a function as an address."""
        return self.builder.bitcast(function, POINTER)

    # -- whole numbers, folded where both are plain, and found where they have been worked out before
    def once(self, key: tuple[Any, ...], write: Callable[[], Any]) -> Any:
        """Return what `write` writes, or what it wrote under the same key where that can still be used."""
        known = tuple(each if isinstance(each, (int, str)) else id(each) for each in key)
        if self.found is None:
            return write()
        if known not in self.found:
            result = write()
            if self.depth:
                return result
            self.found[known] = result, key  # the key too, for its values must stay alive: their addresses stand for them
        return self.found[known][0]

    def add(self, one: Any, other: Any) -> Any:
        if isinstance(one, int) and isinstance(other, int):
            return one + other
        if isinstance(one, int) and one == 0:
            return other
        if isinstance(other, int) and other == 0:
            return one
        return self.once(("add", one, other), lambda: self.builder.add(number(one), number(other)))

    def times(self, one: Any, other: Any) -> Any:
        if isinstance(one, int) and isinstance(other, int):
            return one * other
        for number_, rest in ((one, other), (other, one)):
            if isinstance(number_, int) and number_ in (0, 1):
                return rest if number_ else 0
        return self.once(("times", one, other), lambda: self.builder.mul(number(one), number(other)))

    def smaller(self, one: Any, other: Any) -> Any:
        """Return the smaller of two signed whole numbers."""
        if isinstance(one, int) and isinstance(other, int):
            return min(one, other)
        return self._chosen("<", one, other)

    def larger(self, one: Any, other: Any) -> Any:
        """Return the larger of two signed whole numbers."""
        if isinstance(one, int) and isinstance(other, int):
            return max(one, other)
        return self._chosen(">", one, other)

    def _chosen(self, relation: str, one: Any, other: Any) -> Any:
        """Return one number if it stands in a relation to another, else that."""
        one_, other_ = number(one), number(other)
        return self.once(
            (relation, one, other), lambda: self.builder.select(self.builder.icmp_signed(relation, one_, other_), one_, other_)
        )

    def quotient(self, one: Any, other: Any) -> Any:
        """Return the quotient of a number that is not negative and a positive one, rounded down."""
        if isinstance(one, int) and isinstance(other, int):
            return one // other
        return self.once(("quotient", one, other), lambda: self.builder.udiv(number(one), number(other)))

    # -- control
    @contextmanager
    def loop(self, low: Any, high: Any, step: Any = 1, name: str = "loop") -> Iterator[Any]:
        """Run what is written inside for low, low + step … below high; yields the counter."""
        builder = self.builder
        counter = self.slot(I64)
        self.store(number(low), counter)
        test, inside, after = (builder.append_basic_block(f"{name}.{part}") for part in ("test", "body", "after"))
        builder.branch(test)
        builder.position_at_end(test)
        current = self.load(counter, I64)
        builder.cbranch(builder.icmp_signed("<", current, number(high)), inside, after)
        builder.position_at_end(inside)
        self.depth += 1
        yield current
        self.depth -= 1
        self.store(builder.add(current, number(step)), counter)
        builder.branch(test)
        builder.position_at_end(after)

    @contextmanager
    def when(self, condition: Any, name: str = "then", likely: bool | None = None) -> Iterator[None]:
        """Run what is written inside if a condition holds."""
        with self.builder.if_then(condition, likely=likely):
            self.depth += 1
            yield
            self.depth -= 1

    @contextmanager
    def either(self, condition: Any, likely: bool | None = None) -> Iterator[Any]:
        """Yield two managers: what is written inside the first runs if a condition holds, what is written inside the second if not."""
        with self.builder.if_else(condition, likely=likely) as both:
            self.depth += 1
            yield both
            self.depth -= 1
