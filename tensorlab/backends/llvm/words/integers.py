"""Quotients, remainders and powers of whole numbers, and the quotients and remainders of floats that are rounded down.

Floor 4. Read `casts` before. NumPy's meaning: quotients are rounded down, remainders have the divisor's sign, and a whole number divided
by 0 gives 0.
"""

from __future__ import annotations

from typing import Any

from ..values import Value
from .arithmetic import is_signed
from .doubled import Doubled
from .speech import FLOATS, INTEGERS


class Quotients(Doubled):
    """The words floor_divide and remainder, and powers of whole numbers."""

    def floor_divide(self, x: Any, y: Any) -> Value:
        x, y = self.counted(x, y)
        if x.dtype in FLOATS:
            return self.call("floor_divide", Quotients.float_quotient, x, y)
        return self.whole_parts(x, y)[0]

    def remainder(self, x: Any, y: Any) -> Value:
        x, y = self.counted(x, y)
        if x.dtype in FLOATS:
            return self.call("remainder", Quotients.float_remainder, x, y)
        return self.whole_parts(x, y)[1]

    def counted(self, *operands: Any) -> list[Value]:
        """Return operands in their common dtype, bools as int8."""
        met = self.meet(*operands)
        return [self.cast(each, "int8") for each in met] if met[0].dtype == "bool" else met

    def whole_parts(self, x: Value, y: Value) -> tuple[Value, Value]:
        """Return the quotient rounded down and the remainder of whole numbers."""
        builder, dtype = self.builder, x.dtype
        by_zero = y == 0
        if not is_signed(dtype):
            safe = self.where(by_zero, 1, y)
            quotient = Value(self, builder.udiv(x.ir, safe.ir), dtype)
            return self.where(by_zero, 0, quotient), self.where(by_zero, 0, x - quotient * safe)
        # the smallest number divided by -1 overflows, which stops the process: it is -x, wrapped around
        by_minus_one = y == self.number(-1, dtype)
        safe = self.where(by_zero | by_minus_one, 1, y)
        cut = Value(self, builder.sdiv(x.ir, safe.ir), dtype)
        left = x - cut * safe
        below = (left != 0) & ((left ^ safe) < 0)
        quotient, left = self.where(below, cut - 1, cut), self.where(below, left + safe, left)
        quotient = self.where(by_zero, 0, self.where(by_minus_one, -x, quotient))
        return quotient, self.where(by_zero | by_minus_one, 0, left)

    def whole_power(self, x: Value, y: Value) -> Value:
        """Return x**y of whole numbers, wrapped around, by repeated squaring; y >= 0."""
        dtype = x.dtype
        if y.number is not None:
            exponent, result = int(y.number), self.number(1, dtype)
            while exponent > 0:
                if exponent & 1:
                    result = x if result.number == 1 else result * x
                exponent >>= 1
                if exponent:
                    x = x * x
            return result
        return self.call("power", Quotients.repeated_squares, x, y)

    def repeated_squares(self, x: Value, y: Value) -> Value:
        """Write one squaring for each digit that an exponent can have."""
        result = self.number(1, x.dtype)
        for digit in range(INTEGERS[x.dtype]):
            result = self.where(((y >> digit) & 1) != 0, result * x, result)
            x = x * x
        return result

    def cut_remainder(self, x: Value, y: Value) -> Value:
        """Return the remainder of x / y with the sign of x, exactly (C's fmod)."""
        return Value(self, self.builder.frem(x.ir, y.ir), x.dtype)

    def float_remainder(self, x: Value, y: Value) -> Value:
        left = self.cut_remainder(x, y)
        below = (left != 0) & ((left < 0) ^ (y < 0))
        return self.where(left == 0, self.copysign(left, y), self.where(below, left + y, left))

    def float_quotient(self, x: Value, y: Value) -> Value:
        """The quotient of what is left when the remainder is taken away, which is whole but for rounding."""
        left = self.cut_remainder(x, y)
        below = (left != 0) & ((left < 0) ^ (y < 0))
        quotient = (x - left) / y
        quotient = self.where(below, quotient - 1, quotient)
        down = self.floor(quotient)
        down = self.where(quotient - down > 0.5, down + 1, down)
        ratio = x / y
        result = self.where(quotient == 0, self.copysign(self.number(0, x.dtype), ratio), down)
        return self.where(y == 0, ratio, result)
