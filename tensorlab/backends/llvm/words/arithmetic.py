"""Arithmetic, comparisons, bits and choices: short words, written in place with NumPy's meaning for every dtype.

Floor 4. Read `speech` before. Whole numbers wrap around; bools add by `or` and multiply by `and`; comparisons with nan are false, but
for !=.
"""

from __future__ import annotations

from typing import Any

from ..values import Value
from .speech import FLOATS, INTEGERS, Speech

SWAPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def is_signed(dtype: str) -> bool:
    """Return whether a dtype is a whole number with a sign."""
    return dtype.startswith("int")


class Arithmetic(Speech):
    """Operators and choices."""

    def add(self, x: Any, y: Any) -> Value:
        return self.either("fadd", "add", "or_", *self.meet(x, y))

    def subtract(self, x: Any, y: Any) -> Value:
        return self.either("fsub", "sub", None, *self.meet(x, y))

    def multiply(self, x: Any, y: Any) -> Value:
        return self.either("fmul", "mul", "and_", *self.meet(x, y))

    def divide(self, x: Any, y: Any) -> Value:
        return self.either("fdiv", None, None, *self.floating(x, y))

    def either(self, floats: str, integers: str | None, bools: str | None, x: Value, y: Value) -> Value:
        """Write the instruction for the dtype that both operands have."""
        name = floats if x.dtype in FLOATS else bools if x.dtype == "bool" else integers
        if name is None:
            raise TypeError(f"bools have no {floats[1:]}; cast them to int8 first")
        return Value(self, getattr(self.builder, name)(x.ir, y.ir), x.dtype)

    def negative(self, x: Value) -> Value:
        if x.number is not None and x.dtype in FLOATS:
            return self.number(-x.number, x.dtype)
        if x.dtype == "bool":
            raise TypeError("bools have no sign; cast them to int8 first")
        return Value(self, (self.builder.fneg if x.dtype in FLOATS else self.builder.neg)(x.ir), x.dtype)

    def fma(self, x: Value, y: Any, z: Any) -> Value:
        """Return x y + z of floats, rounded once where the target can, else twice."""
        x, y, z = self.meet(x, y, z)
        return self.intrinsic("llvm.fma", x, y, z) if self.fused else x * y + z

    def bitwise(self, name: str, x: Any, y: Any) -> Value:
        x, y = self.meet(x, y)
        if x.dtype in FLOATS:
            raise TypeError("floats have no bits; cast them to int64 first")
        return Value(self, getattr(self.builder, name + "_" if name != "xor" else name)(x.ir, y.ir), x.dtype)

    def invert(self, x: Value) -> Value:
        if x.dtype in FLOATS:
            raise TypeError("floats have no bits; cast them to int64 first")
        return Value(self, self.builder.not_(x.ir), x.dtype)

    def left_shift(self, x: Any, y: Any) -> Value:
        return self.shift("shl", x, y)

    def right_shift(self, x: Any, y: Any) -> Value:
        return self.shift("shr", x, y)

    def shift(self, direction: str, x: Any, y: Any) -> Value:
        """Shift bits; by more than there are, or by less than none, gives 0, or -1 for a negative number shifted right."""
        x, y = self.meet(x, y)
        if x.dtype == "bool":
            x, y = self.cast(x, "int8"), self.cast(y, "int8")
        if x.dtype in FLOATS:
            raise TypeError("floats have no bits; cast them to int64 first")
        width = INTEGERS[x.dtype]
        builder = self.builder
        arithmetic = direction == "shr" and is_signed(x.dtype)
        write = builder.shl if direction == "shl" else builder.ashr if arithmetic else builder.lshr
        if y.number is not None and 0 <= y.number < width:
            return Value(self, write(x.ir, y.ir), x.dtype)
        inside = builder.icmp_unsigned("<", y.ir, self.number(width, x.dtype).ir)  # a negative count is a huge one here
        last = self.number(width - 1, x.dtype).ir
        shifted = write(x.ir, builder.select(inside, y.ir, last))  # a shift by too much has no value in LLVM
        if not arithmetic:
            shifted = builder.select(inside, shifted, self.number(0, x.dtype).ir)
        return Value(self, shifted, x.dtype)

    def compare(self, relation: str, x: Any, y: Any) -> Value:
        """Return whether a relation holds, as bool; int64 beside uint64 is compared exactly, as in NumPy 2."""
        if isinstance(x, Value) and isinstance(y, Value) and {x.dtype, y.dtype} == {"int64", "uint64"}:
            return self.compare_signs(relation, x, y) if x.dtype == "int64" else self.compare_signs(SWAPPED[relation], y, x)
        x, y = self.meet(x, y)
        builder = self.builder
        if x.dtype in FLOATS:
            write = builder.fcmp_unordered if relation == "!=" else builder.fcmp_ordered
        else:
            write = builder.icmp_signed if is_signed(x.dtype) else builder.icmp_unsigned
        return Value(self, write(relation, x.ir, y.ir), "bool")

    def compare_signs(self, relation: str, x: Value, y: Value) -> Value:
        """Compare an int64 with a uint64: a negative number is below every unsigned one."""
        below = x < 0
        same = Value(self, self.builder.icmp_unsigned(relation, x.ir, y.ir), "bool")
        return self.where(below, relation in ("<", "<=", "!="), same)

    def where(self, condition: Any, x: Any, y: Any) -> Value:
        condition = self.truth(condition)
        x, y = self.meet(x, y)
        return Value(self, self.builder.select(condition.ir, x.ir, y.ir), x.dtype)

    def truth(self, x: Any) -> Value:
        """Return whether x is not 0."""
        if not isinstance(x, Value):
            return self.number(bool(x), "bool")
        return x if x.dtype == "bool" else x != 0

    def second(self, x: Any, y: Any) -> Value:
        return y if isinstance(y, Value) else self.meet(y)[0]

    def maximum(self, x: Any, y: Any) -> Value:
        return self.extreme(">", x, y)

    def minimum(self, x: Any, y: Any) -> Value:
        return self.extreme("<", x, y)

    def extreme(self, relation: str, x: Any, y: Any) -> Value:
        """Return the operand that stands in a relation to the other; nan if one is nan."""
        x, y = self.meet(x, y)
        if x.number is None and y.number is not None:
            x, y = y, x
        chosen = self.where(self.compare(relation, x, y), x, y)  # y if one is nan
        if x.dtype not in FLOATS or (x.number is not None and x.number == x.number):
            return chosen
        return self.where(x != x, x, chosen)

    def limited(self, x: Value, low: float | None, high: float | None) -> Value:
        """Return x within bounds; nan stays nan."""
        if low is not None:
            x = self.maximum(x, low)
        return x if high is None else self.minimum(x, high)

    def abs(self, x: Value) -> Value:
        if x.dtype in FLOATS:
            return self.intrinsic("llvm.fabs", x)
        return self.where(x < 0, -x, x) if is_signed(x.dtype) else x

    def sign(self, x: Value) -> Value:
        if x.dtype == "bool":
            raise TypeError("bools have no sign; cast them to int8 first")
        if x.dtype in FLOATS:
            return self.where(x > 0, 1, self.where(x < 0, -1, self.where(x == 0, 0, x)))
        return self.where(x > 0, 1, self.where(x < 0, self.number(-1, x.dtype), self.number(0, x.dtype)) if is_signed(x.dtype) else x)

    def sqrt(self, x: Any) -> Value:
        return self.intrinsic("llvm.sqrt", *self.floating(x))

    def copysign(self, x: Value, sign: Value) -> Value:
        """Return x with another's sign."""
        return self.intrinsic("llvm.copysign", x, sign)

    def floor(self, x: Value) -> Value:
        return self.whole("llvm.floor", x)

    def ceil(self, x: Value) -> Value:
        return self.whole("llvm.ceil", x)

    def trunc(self, x: Value) -> Value:
        return self.whole("llvm.trunc", x)

    def rint(self, x: Value) -> Value:
        return self.whole("llvm.rint", x)

    def whole(self, name: str, x: Value) -> Value:
        """Round a float; whole numbers are left as they are."""
        return self.intrinsic(name, x) if x.dtype in FLOATS else x
