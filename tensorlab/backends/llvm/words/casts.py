"""The same number in another dtype.

Floor 4. Read `arithmetic` before. What a float becomes that the whole dtype cannot hold is not defined in C, in NumPy or in LLVM; here it
is what NumPy gives on x86: the float is cut to 64 bits (32 for dtypes of 8 and 16 bits and int32), where everything too large and nan
become the smallest number, and the low bits are kept.
"""

from __future__ import annotations

from ..values import Value
from .arithmetic import Arithmetic, is_signed
from .speech import FLOATS, INTEGERS


class Casts(Arithmetic):
    """The word `cast`, and the bits of a float."""

    def cast(self, x: Value, dtype: str) -> Value:
        if x.dtype == dtype:
            return x
        if x.number is not None and (dtype in FLOATS or ((dtype == "bool" or dtype in INTEGERS) and x.dtype not in FLOATS)):
            return self.constant_cast(x, dtype)
        if dtype == "bool":
            return self.truth(x)
        if x.dtype in FLOATS:
            return self.between_floats(x, dtype) if dtype in FLOATS else self.from_float(x, dtype)
        builder, kind = self.builder, self.ir_type(dtype)
        if dtype in FLOATS:
            return Value(self, (builder.sitofp if is_signed(x.dtype) else builder.uitofp)(x.ir, kind), dtype)
        width, wanted = 1 if x.dtype == "bool" else INTEGERS[x.dtype], INTEGERS[dtype]
        if width == wanted:
            return Value(self, x.ir, dtype)
        write = builder.trunc if width > wanted else builder.sext if is_signed(x.dtype) else builder.zext
        return Value(self, write(x.ir, kind), dtype)

    def constant_cast(self, x: Value, dtype: str) -> Value:
        """Cast a constant now; whole numbers wrap around."""
        number = x.number
        if dtype in INTEGERS:
            width = INTEGERS[dtype]
            number = int(number) % 2**width  # type: ignore[arg-type]
            if is_signed(dtype) and number >= 2 ** (width - 1):
                number -= 2**width
        return self.number(number, dtype)

    def between_floats(self, x: Value, dtype: str) -> Value:
        write = self.builder.fpext if dtype == "float64" else self.builder.fptrunc
        return Value(self, write(x.ir, self.ir_type(dtype)), dtype)

    def from_float(self, x: Value, dtype: str) -> Value:
        """Cut a float to a whole number."""
        through = "int64" if INTEGERS[dtype] == 64 or dtype == "uint32" else "int32"
        if dtype != "uint64":
            return self.cast(self.cut(x, through), dtype)
        half = float(2**63)  # from here on, uint64 holds what int64 does not
        above = x >= half
        low = self.cut(self.where(above, x - half, x), "int64")
        return self.cast(self.where(above, low ^ self.number(-(2**63), "int64"), low), "uint64")

    def cut(self, x: Value, dtype: str) -> Value:
        """Cut a float to int32 or int64; what does not fit, and nan, becomes the smallest of them."""
        limit = float(2 ** (INTEGERS[dtype] - 1))
        # float32 beside int32: no float32 lies between -2**31 - 1 and -2**31, so one comparison serves both dtypes
        inside = (x > -limit - 1 if x.dtype == "float64" and dtype == "int32" else x >= -limit) & (x < limit)
        safe = self.where(inside, x, 0)  # LLVM gives no value to a float that does not fit
        cut = Value(self, self.builder.fptosi(safe.ir, self.ir_type(dtype)), dtype)
        return self.where(inside, cut, self.number(-(2 ** (INTEGERS[dtype] - 1)), dtype))

    def bits(self, x: Value) -> Value:
        """Return the bits of a float as an int of its width."""
        dtype = "int64" if x.dtype == "float64" else "int32"
        return Value(self, self.builder.bitcast(x.ir, self.ir_type(dtype)), dtype)

    def of_bits(self, x: Value) -> Value:
        """Return the float that has these bits, an int64 or int32."""
        dtype = "float64" if x.dtype == "int64" else "float32"
        return Value(self, self.builder.bitcast(x.ir, self.ir_type(dtype)), dtype)
