"""Angles of any size: what is left of x after whole half turns, in whole-number arithmetic.

Floor 4. Read `doubled` before. A float is m 2**e with a whole number m of 53 digits; of the digits of 1/pi those that give multiples
of 2 half turns, and those that come out too small, are left aside, so the product of m with a window of 1/pi is enough, wherever e
puts that window (M. Payne and R. Hanek 1983, "Radian reduction for trigonometric functions"). One lane at a time: such angles are rare.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import ir

from ..values import Value
from . import tables
from .doubled import Doubled
from .scaling import LAYOUTS

WIDE, WORD = ir.IntType(128), ir.IntType(64)
FRACTION = 126  # digits kept behind the point: no float64 comes closer to a multiple of pi / 2 than 2**-62, so 64 of them count at least
WINDOW = FRACTION + 64  # digits of 1/pi behind the point that are looked at: beyond, m times them is below 2**-FRACTION
LARGEST = 1024 - 53  # the exponent e of the largest float64


def rare(function: ir.Function) -> ir.Function:
    """Mark a function that is hardly ever called: LLVM shall not spend time on making it fast."""
    function.attributes.add("noinline")
    function.attributes.add("optnone")
    return function


@cache
def digits_of_one_over_pi() -> bytes:
    """Return 1/pi times 2**(LARGEST + WINDOW) as a whole number, its low byte first.

    pi by Machin's formula, 16 arctan(1/5) - 4 arctan(1/239), in whole numbers with 64 digits more than are kept.
    """
    extra = LARGEST + WINDOW + 64

    def arctan_of_one_over(n: int) -> int:
        term = total = (1 << extra) // n
        k = 1
        while term:
            term //= -n * n
            k += 2
            total += term // k
        return total

    pi = 16 * arctan_of_one_over(5) - 4 * arctan_of_one_over(239)
    digits = ((1 << (2 * extra)) // pi) >> 64
    return digits.to_bytes((LARGEST + WINDOW) // 8 + 40, "little")


class FarAngles(Doubled):
    """Reduction of large angles."""

    def far_lanes(self, x: Value, near: Value, is_far: Value, word: str, far: Callable[..., Value]) -> Value:
        """Return `near` with the lanes of large angles replaced, by a loop over the lanes in a function of its own."""
        one = type(self)(self.module, 1, False, self.features)
        scalar = f"tl.{word}.far.{x.dtype}"
        alone = self.module.globals.get(scalar) or rare(one.written(scalar, lambda m, angle: m.far_value(angle, word, far), [x.dtype]))
        if self.lanes == 1:
            return Value(self, self.builder.call(alone, [x.ir], attrs=("noinline",)), x.dtype)
        name = f"{scalar}.{self.lanes}"

        def body(m: Any, x: Value, near: Value, is_far: Value) -> Value:
            return m.lane_by_lane(alone, x, near, is_far)

        function = self.module.globals.get(name) or rare(self.written(name, body, [x.dtype, x.dtype, "bool"]))
        return Value(self, self.builder.call(function, [x.ir, near.ir, is_far.ir], attrs=("noinline",)), x.dtype)

    def lane_by_lane(self, alone: ir.Function, x: Value, near: Value, is_far: Value) -> Value:
        """Write a loop that puts `alone` of x into the lanes where `is_far`."""
        builder, index_type = self.builder, ir.IntType(32)
        start = builder.block
        loop, compute, following = (builder.function.append_basic_block(name) for name in ("loop", "compute", "following"))
        done = builder.function.append_basic_block("done")
        builder.branch(loop)
        builder.position_at_end(loop)
        lane, result = builder.phi(index_type), builder.phi(near.ir.type)
        lane.add_incoming(ir.Constant(index_type, 0), start)
        result.add_incoming(near.ir, start)
        builder.cbranch(builder.extract_element(is_far.ir, lane), compute, following)
        builder.position_at_end(compute)
        value = builder.call(alone, [builder.extract_element(x.ir, lane)], attrs=("noinline",))
        replaced = builder.insert_element(result, value, lane)
        builder.branch(following)
        builder.position_at_end(following)
        merged = builder.phi(near.ir.type)
        merged.add_incoming(result, loop)
        merged.add_incoming(replaced, compute)
        next_lane = builder.add(lane, ir.Constant(index_type, 1))
        lane.add_incoming(next_lane, following)
        result.add_incoming(merged, following)
        builder.cbranch(builder.icmp_unsigned("<", next_lane, ir.Constant(index_type, self.lanes)), loop, done)
        builder.position_at_end(done)
        return Value(self, merged, x.dtype)

    def far_value(self, x: Value, word: str, far: Callable[..., Value]) -> Value:
        """Return a word of one large angle."""
        high, low, turns = self.far_angle(self.cast(x, "float64"), 2 if word == "tan" else 1, word == "cos")
        if x.dtype == "float32":
            rounded = self.cast(high, "float32")
            low = self.cast((high - self.cast(rounded, "float64")) + low, "float32")
            high, turns = rounded, self.cast(turns, "int32")
        return far(self, high, low, turns)

    def far_angle(self, x: Value, parts: int, between: bool) -> tuple[Value, Value, Value]:
        """Return an angle less a number of half turns (parts = 1) or quarter turns (parts = 2), as a pair, and that number modulo 4.

        With `between` the number is one and a half, two and a half … and the whole number below is returned.
        """
        builder, layout = self.builder, LAYOUTS["float64"]
        bits = self.bits(self.abs(x))
        exponent = self.logical_shift(bits, layout.digits)  # of a number m 2**e, e = exponent - 1075
        m = (bits & ((1 << layout.digits) - 1)) | (1 << layout.digits)
        # the window starts at bit LARGEST - e of the table; as three words of 64 digits, its unit is worth 2**-WINDOW half turns for m = 1
        offset = self.number(LARGEST + layout.bias + layout.digits, "int64") - exponent
        factor = builder.zext(m.ir, WIDE)
        low, middle, high = [builder.mul(factor, self.window(offset, 8 * word)) for word in range(3)]
        turns = builder.add(builder.lshr(low, ir.Constant(WIDE, 64)), middle)
        turns = builder.add(turns, builder.shl(high, ir.Constant(WIDE, 64)))
        if parts == 2:
            turns = builder.shl(turns, ir.Constant(WIDE, 1))
        # a number with FRACTION digits behind the point, and two before it; rounding is adding a half and cutting
        half, below = ir.Constant(WIDE, 1 << (FRACTION - 1)), ir.Constant(WIDE, (1 << FRACTION) - 1)
        shifted = turns if between else builder.add(turns, half)
        whole = builder.trunc(builder.lshr(shifted, ir.Constant(WIDE, FRACTION)), WORD)
        fraction = builder.sub(builder.and_(shifted, below), half)
        high, low = self.as_pair(fraction)
        unit = tables.PI["float64"] if parts == 1 else tables.HALF_PI["float64"]
        angle, lost = self.product(high, self.number(unit[0], "float64"))
        angle, lost = self.sum_of_ordered(angle, lost + self.fma(high, unit[1], low * unit[0]))
        count = Value(self, whole, "int64")
        negative = x < 0
        if between:  # -(k + 1/2) = (-k - 1) + 1/2
            count = self.where(negative, ~count, count)
        else:
            count = self.where(negative, -count, count)
        return self.where(negative, -angle, angle), self.where(negative, -lost, lost), count

    def window(self, offset: Value, byte: int) -> ir.Value:
        """Return 64 digits of the table, from a bit and some bytes on, in WIDE."""
        builder = self.builder
        place = self.logical_shift(offset, 3) + byte
        address = builder.gep(self.table(), [ir.Constant(ir.IntType(32), 0), place.ir])
        digits = builder.load(builder.bitcast(address, WIDE.as_pointer()), align=1)
        digits = builder.lshr(digits, builder.zext((offset & 7).ir, WIDE))
        return builder.zext(builder.trunc(digits, WORD), WIDE)

    def as_pair(self, fraction: ir.Value) -> tuple[Value, Value]:
        """Return a signed whole number of WIDE bits times 2**-FRACTION as a pair of floats."""
        builder = self.builder
        negative = builder.icmp_signed("<", fraction, ir.Constant(WIDE, 0))
        size = builder.select(negative, builder.neg(fraction), fraction)
        kind = ir.FunctionType(WIDE, [WIDE, ir.IntType(1)])
        zeros = builder.call(self.declared("llvm.ctlz.i128", kind), [size, ir.Constant(ir.IntType(1), 0)])
        size = builder.shl(size, zeros)  # the highest digit stands in the highest bit
        parts = []
        for end in (53, 106):
            digits = builder.and_(builder.lshr(size, ir.Constant(WIDE, 128 - end)), ir.Constant(WIDE, (1 << 53) - 1))
            parts.append(self.cast(Value(self, builder.trunc(digits, WORD), "int64"), "float64"))
        # the highest 53 digits are worth 2**(128 - 53 - zeros - FRACTION), the next 53 less by 2**53
        exponent = self.number(128 - 53 - FRACTION, "int64") - Value(self, builder.trunc(zeros, WORD), "int64")
        high, low = parts[0] * self.two_to(exponent), parts[1] * self.two_to(exponent - 53)
        sign = Value(self, negative, "bool")
        return self.where(sign, -high, high), self.where(sign, -low, low)

    def table(self) -> ir.GlobalVariable:
        """Return the digits of 1/pi in the module."""
        known = self.module.globals.get("tl.one_over_pi")
        if known is not None:
            return known
        digits = bytearray(digits_of_one_over_pi())
        kind = ir.ArrayType(ir.IntType(8), len(digits))
        made = ir.GlobalVariable(self.module, kind, "tl.one_over_pi")
        made.linkage, made.global_constant, made.initializer = "internal", True, ir.Constant(kind, digits)
        return made
