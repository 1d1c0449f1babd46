"""The type of a node: a dtype and a shape whose lengths may be unknown.

Floor 1. Broadcasting is decided here and nowhere else: an axis stretches only if its length is 1 *by type*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..settings import config
from . import syntax
from .errors import AxisError, DtypeError, LazyText, RankError, ShapeError
from .wording import counted

if TYPE_CHECKING:
    from .node import Symbol

BOOLS = ("bool",)
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INTEGERS = SIGNED + UNSIGNED
FLOATS = ("float16", "float32", "float64")
DTYPES = BOOLS + INTEGERS + FLOATS
KNOWN_DTYPES: dict[Any, str] = {**{name: name for name in DTYPES}, **{np.dtype(name): name for name in DTYPES}}

Length = int | None
PATTERN_NAMES: dict[tuple[bool, ...], str] = {
    (): "scalar",
    (False,): "vector",
    (False, False): "matrix",
    (True, False): "row",
    (False, True): "col",
    (False,) * 3: "3D",
    (False,) * 4: "4D",
}


def dtype_name(dtype: Any) -> str:
    """Return the name of a dtype given as a name, a NumPy dtype or a Python class; "floatX" is what the settings say.

    Raises:
        DtypeError: tensorlab does not know the dtype.

    >>> dtype_name(float), dtype_name("float32"), dtype_name(np.dtype("int8"))
    ('float64', 'float32', 'int8')
    """
    known = KNOWN_DTYPES.get(dtype) if isinstance(dtype, (str, np.dtype)) else None
    if known is not None:
        return known
    if isinstance(dtype, str) and dtype == "floatX":
        return str(config.floatX)
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = str(dtype)
    if name not in DTYPES:
        raise DtypeError(f"dtype {dtype!r}", f"tensorlab knows {', '.join(DTYPES)}", "dtype='float64'")
    return name


def is_floating(dtype: str) -> bool:
    """Say whether a dtype holds real numbers."""
    return dtype in FLOATS


def is_integer(dtype: str) -> bool:
    """Say whether a dtype holds whole numbers (bool is not among them)."""
    return dtype in INTEGERS


class TensorType:
    """A dtype and a shape; `None` stands for a length that is known only when the function runs.

    The second argument may also be Theano's broadcast pattern: True is a length of 1, False an unknown length.

    >>> TensorType("float64", (None, None))
    TensorType(float64, matrix)
    >>> TensorType("float32", (False, True)).shape
    (None, 1)
    >>> TensorType("int64", (2, 3))
    TensorType(int64, (2, 3))
    >>> TensorType("float64", ())("x")
    x
    """

    __slots__ = ("_hash", "dtype", "shape")
    dtype: str
    shape: tuple[Length, ...]
    _hash: int

    def __init__(
        self,
        dtype: Any,
        shape: Iterable[Length | bool] | None = None,
        *,
        broadcastable: Iterable[bool] | None = None,
        name: str | None = None,  # accepted for Theano's sake: a type is told by its dtype and shape
    ) -> None:
        if (shape is None) == (broadcastable is None):
            raise ShapeError("TensorType(dtype, shape)", "give either shape= or broadcastable=", "TensorType('float64', (None, None))")
        lengths = tuple(shape if shape is not None else broadcastable or ())
        object.__setattr__(self, "dtype", dtype_name(dtype))
        object.__setattr__(self, "shape", tuple([as_length(each) for each in lengths]))
        object.__setattr__(self, "_hash", hash((self.dtype, self.shape)))  # asked for at every node that is looked up

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a TensorType never changes; make another one instead of setting {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorType, (self.dtype, self.shape)

    def __copy__(self) -> TensorType:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> TensorType:
        return self

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, TensorType) and self.dtype == other.dtype and self.shape == other.shape)

    def __hash__(self) -> int:
        return self._hash

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """Per axis, whether its length is 1 by type, so that it stretches."""
        return tuple([length == 1 for length in self.shape])

    def __str__(self) -> str:
        return f"TensorType({self.dtype}, {self.pattern})"

    __repr__ = __str__

    @property
    def pattern(self) -> str:
        """The shape in words: scalar, vector, matrix, row, col, 3D, 4D, or the lengths."""
        if all(length is None or length == 1 for length in self.shape):
            return PATTERN_NAMES.get(self.broadcastable, str(self.broadcastable))
        return "(" + ", ".join("?" if length is None else str(length) for length in self.shape) + ("," if self.ndim == 1 else "") + ")"

    def __call__(self, name: str | None = None) -> Symbol:
        """Make a symbol of this type."""
        symbol: Symbol = syntax.apply("symbol", self, name)
        return symbol

    def with_dtype(self, dtype: str) -> TensorType:
        """Return the same shape with another dtype."""
        return self if dtype == self.dtype else TensorType(dtype, self.shape)

    def with_shape(self, shape: Sequence[Length]) -> TensorType:
        """Return the same dtype with another shape."""
        return TensorType(self.dtype, shape)

    def accepts(self, other: TensorType) -> bool:
        """Say whether a value of type `other` may always stand where this type is declared.

        Dtype and rank agree, and every length that is known here is known there and equal.
        """
        return (
            self.dtype == other.dtype
            and self.ndim == other.ndim
            and all(mine is None or mine == theirs for mine, theirs in zip(self.shape, other.shape))
        )

    def contradicts(self, other: TensorType) -> bool:
        """Say whether no value can have both types: dtype or rank differ, or two known lengths do."""
        return (
            self.dtype != other.dtype
            or self.ndim != other.ndim
            or any(a is not None and b is not None and a != b for a, b in zip(self.shape, other.shape))
        )

    def holds(self, value: Any) -> bool:
        """Say whether an array has this type."""
        return (
            getattr(value, "dtype", None) == self.dtype
            and value.ndim == self.ndim
            and all(length is None or length == actual for length, actual in zip(self.shape, value.shape))
        )


@lru_cache(maxsize=1024)  # the types of numbers, and of the arrays of a lesson
def type_of(dtype: np.dtype[Any], shape: tuple[int, ...]) -> TensorType:
    """Return the type of an array, one object for all arrays alike.

    >>> type_of(np.dtype("float32"), (2, 3))
    TensorType(float32, (2, 3))
    """
    return TensorType(dtype, shape)


def as_length(length: Length | bool) -> Length:
    """Turn True into 1, False into None, and check that a number is a length."""
    if length is None or length is False:
        return None
    if length is True:
        return 1
    if isinstance(length, (int, np.integer)) and length >= 0:
        return int(length)
    raise ShapeError(f"a length of {length!r}", "lengths are whole numbers of at least 0, or None where unknown", "shape=(None, 3)")


def broadcast_shapes(shapes: Sequence[tuple[Length, ...]]) -> tuple[Length, ...]:
    """Return the shape that elementwise operands have together; only lengths that are 1 by type stretch.

    Raises:
        ShapeError: two known lengths differ and neither is 1.

    >>> broadcast_shapes([(None, 1), (3,), ()])
    (None, 3)
    """
    different = {shape for shape in shapes if shape}
    if len(different) < 2:
        return different.pop() if different else ()
    rank = max((len(shape) for shape in shapes), default=0)
    result: list[Length] = []
    for axis in range(-rank, 0):
        lengths = [shape[axis] for shape in shapes if len(shape) >= -axis and shape[axis] != 1]
        known = sorted({length for length in lengths if length is not None})
        if len(known) > 1:
            raise ShapeError("lengths that differ", f"axis {axis + rank} has lengths {known[0]} and {known[1]}", "make them equal")
        result.append(known[0] if known else (None if lengths else 1))
    return tuple(result)


def common_shape(shapes: Sequence[tuple[Length, ...]], free: int | None = None) -> tuple[Length, ...]:
    """Return the lengths that arrays of one rank have together when nothing stretches; axis `free` is left unknown.

    Raises:
        ShapeError: two known lengths differ.

    >>> common_shape([(None, 2), (3, 5)], free=1)
    (3, None)
    """
    result: list[Length] = []
    for axis, lengths in enumerate(zip(*shapes)):
        known = sorted({length for length in lengths if length is not None})
        if axis != free and len(known) > 1:
            raise ShapeError("lengths that differ", f"axis {axis} has lengths {known[0]} and {known[1]}", "make them equal")
        result.append(known[0] if known and axis != free else None)
    return tuple(result)


def number_of_elements(shape: Iterable[Length]) -> Length:
    """Return the product of the lengths, or None if it is not known.

    >>> number_of_elements((2, 3)), number_of_elements((2, None)), number_of_elements((0, None))
    (6, None, 0)
    """
    lengths = tuple(shape)
    if 0 in lengths:
        return 0
    product = 1
    for length in lengths:
        if length is None:
            return None
        product *= length
    return product


def normal_axis(axis: Any, ndim: int, asked: str | LazyText) -> int:
    """Return an axis counted from the front.

    Raises:
        AxisError: the array has no such axis.
    """
    if isinstance(axis, (int, np.integer)) and not isinstance(axis, bool) and -ndim <= axis < ndim:
        return int(axis) % ndim
    where = f"axes 0 to {ndim - 1}, or {-ndim} to -1 from the end" if ndim else "no axes at all"
    raise AxisError(f"{asked} with axis={axis!r}", f"the array has {where}", "axis=None for all axes" if ndim == 0 else f"axis={ndim - 1}")


def normal_axes(axis: Any, ndim: int, asked: str | LazyText) -> tuple[int, ...]:
    """Return a sorted tuple of axes from None (all), one number, or a sequence.

    Raises:
        AxisError: an axis does not exist or is named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, (list, tuple, np.ndarray)):
        axes = tuple(sorted(normal_axis(each, ndim, asked) for each in axis))
        if len(set(axes)) < len(axes):
            raise AxisError(f"{asked} with axis={axis!r}", "an axis is named twice", f"axis={tuple(sorted(set(axes)))}")
        return axes
    return (normal_axis(axis, ndim, asked),)


def check_rank(value_ndim: int, wanted: int, asked: str | LazyText, advice: str) -> None:
    """Raise RankError unless the two ranks agree."""
    if value_ndim != wanted:
        raise RankError(asked, f"{counted(value_ndim, 'axis', 'axes')} where {wanted} {'is' if wanted == 1 else 'are'} needed", advice)
