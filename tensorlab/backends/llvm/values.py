"""A value of a native kernel: one LLVM value with the name of its dtype, and Python's operators that write instructions.

Floor 4. Formulas on cards are spoken with these values and with the words of `words/`; `x * y + 1` writes two instructions at the place
where `words.builder` stands. A value is a scalar if its words have one lane, else a vector. Bools are i1 here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llvmlite import ir

    from .words import Words


class Value:
    """One value of a kernel.

    Attributes:
        words: the words that wrote it.
        ir: LLVM's value, of type `words.ir_type(dtype)`.
        dtype: NumPy's name of the dtype.
        number: the Python number that it is in every lane, or None if it is not a constant.
    """

    __slots__ = ("dtype", "ir", "number", "words")

    def __init__(self, words: Words, value: ir.Value, dtype: str, number: bool | int | float | None = None) -> None:
        self.words, self.ir, self.dtype, self.number = words, value, dtype, number

    def __repr__(self) -> str:
        return f"<{self.dtype} {self.ir.get_reference()}>"

    def __bool__(self) -> bool:
        raise TypeError("a value of a kernel is true or false when the kernel runs, not while it is written; use m.where(condition, x, y)")

    def __neg__(self) -> Value:
        return self.words.negative(self)

    def __invert__(self) -> Value:
        return self.words.invert(self)

    def __abs__(self) -> Value:
        return self.words.abs(self)

    def __add__(self, other: Any) -> Value:
        return self.words.add(self, other)

    def __radd__(self, other: Any) -> Value:
        return self.words.add(other, self)

    def __sub__(self, other: Any) -> Value:
        return self.words.subtract(self, other)

    def __rsub__(self, other: Any) -> Value:
        return self.words.subtract(other, self)

    def __mul__(self, other: Any) -> Value:
        return self.words.multiply(self, other)

    def __rmul__(self, other: Any) -> Value:
        return self.words.multiply(other, self)

    def __truediv__(self, other: Any) -> Value:
        return self.words.divide(self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.words.divide(other, self)

    def __floordiv__(self, other: Any) -> Value:
        return self.words.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Value:
        return self.words.floor_divide(other, self)

    def __mod__(self, other: Any) -> Value:
        return self.words.remainder(self, other)

    def __rmod__(self, other: Any) -> Value:
        return self.words.remainder(other, self)

    def __pow__(self, other: Any) -> Value:
        return self.words.power(self, other)

    def __rpow__(self, other: Any) -> Value:
        return self.words.power(other, self)

    def __and__(self, other: Any) -> Value:
        return self.words.bitwise("and", self, other)

    def __rand__(self, other: Any) -> Value:
        return self.words.bitwise("and", other, self)

    def __or__(self, other: Any) -> Value:
        return self.words.bitwise("or", self, other)

    def __ror__(self, other: Any) -> Value:
        return self.words.bitwise("or", other, self)

    def __xor__(self, other: Any) -> Value:
        return self.words.bitwise("xor", self, other)

    def __rxor__(self, other: Any) -> Value:
        return self.words.bitwise("xor", other, self)

    def __lshift__(self, other: Any) -> Value:
        return self.words.left_shift(self, other)

    def __rlshift__(self, other: Any) -> Value:
        return self.words.left_shift(other, self)

    def __rshift__(self, other: Any) -> Value:
        return self.words.right_shift(self, other)

    def __rrshift__(self, other: Any) -> Value:
        return self.words.right_shift(other, self)

    def __eq__(self, other: Any) -> Value:  # type: ignore[override]
        return self.words.compare("==", self, other)

    def __ne__(self, other: Any) -> Value:  # type: ignore[override]
        return self.words.compare("!=", self, other)

    def __lt__(self, other: Any) -> Value:
        return self.words.compare("<", self, other)

    def __le__(self, other: Any) -> Value:
        return self.words.compare("<=", self, other)

    def __gt__(self, other: Any) -> Value:
        return self.words.compare(">", self, other)

    def __ge__(self, other: Any) -> Value:
        return self.words.compare(">=", self, other)

    __hash__ = None  # type: ignore[assignment]  # equality makes a value, so values are no keys
