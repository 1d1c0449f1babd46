"""One table from Python's operators and methods to operations that upper floors define.

Floor 1. `x + y` must reach the addition of floor 2 although this floor knows no op: every operator and method below looks
up a word in `table`, and the room that defines the operation has put it there with `define`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from . import refusals

if TYPE_CHECKING:
    from .node import Node
    from .types import TensorType

table: dict[str, Callable[..., Any]] = {}


def define(**meanings: Callable[..., Any]) -> None:
    """Give words their meaning: `define(add=add, sum=sum_of)`."""
    table.update(meanings)


def apply(word: str, *arguments: Any, **options: Any) -> Any:
    """Do what a word means."""
    return table[word](*arguments, **options)


class Syntax:
    """What a node can do in Python: operators, NumPy's functions, and the usual methods of an array."""

    __slots__ = ()
    __array_priority__ = 1000  # NumPy arrays on the left leave the operation to us

    if TYPE_CHECKING:
        type: TensorType
        name: str | None

    # -- arithmetic
    def __add__(self, other: Any) -> Node: return apply("add", self, other)
    def __radd__(self, other: Any) -> Node: return apply("add", other, self)
    def __sub__(self, other: Any) -> Node: return apply("sub", self, other)
    def __rsub__(self, other: Any) -> Node: return apply("sub", other, self)
    def __mul__(self, other: Any) -> Node: return apply("mul", self, other)
    def __rmul__(self, other: Any) -> Node: return apply("mul", other, self)
    def __truediv__(self, other: Any) -> Node: return apply("true_div", self, other)
    def __rtruediv__(self, other: Any) -> Node: return apply("true_div", other, self)
    def __floordiv__(self, other: Any) -> Node: return apply("int_div", self, other)
    def __rfloordiv__(self, other: Any) -> Node: return apply("int_div", other, self)
    def __mod__(self, other: Any) -> Node: return apply("mod", self, other)
    def __rmod__(self, other: Any) -> Node: return apply("mod", other, self)
    def __divmod__(self, other: Any) -> tuple[Node, Node]: return self // other, self % other
    def __rdivmod__(self, other: Any) -> tuple[Node, Node]: return other // self, other % self
    def __pow__(self, other: Any, modulus: Any = None) -> Node:
        if modulus is not None:
            raise refusals.power_with_modulus(self._node, other, modulus)
        return apply("pow", self, other)

    def __rpow__(self, other: Any) -> Node: return apply("pow", other, self)
    def __matmul__(self, other: Any) -> Node: return apply("matmul", self, other)
    def __rmatmul__(self, other: Any) -> Node: return apply("matmul", other, self)
    def __neg__(self) -> Node: return apply("neg", self)
    def __pos__(self) -> Node: return self  # type: ignore[return-value]
    def __abs__(self) -> Node: return apply("abs", self)

    # -- comparison; `==` stays identity, so that nodes can be keys of a dict
    def __lt__(self, other: Any) -> Node: return apply("lt", self, other)
    def __le__(self, other: Any) -> Node: return apply("le", self, other)
    def __gt__(self, other: Any) -> Node: return apply("gt", self, other)
    def __ge__(self, other: Any) -> Node: return apply("ge", self, other)

    # -- bits and logic
    def __and__(self, other: Any) -> Node: return apply("and", self, other)
    def __rand__(self, other: Any) -> Node: return apply("and", other, self)
    def __or__(self, other: Any) -> Node: return apply("or", self, other)
    def __ror__(self, other: Any) -> Node: return apply("or", other, self)
    def __xor__(self, other: Any) -> Node: return apply("xor", self, other)
    def __rxor__(self, other: Any) -> Node: return apply("xor", other, self)
    def __invert__(self) -> Node: return apply("invert", self)

    # -- reading
    def __getitem__(self, index: Any) -> Node: return apply("getitem", self, index)

    # -- uses that need a value
    def __bool__(self) -> bool:
        if self.type.dtype != "bool":
            return True  # as in Theano, so that `bias or T.zeros(3)` works
        raise refusals.truth(self._node)

    def __len__(self) -> int:
        if self.type.ndim and self.type.shape[0] is not None:
            return self.type.shape[0]
        raise refusals.length(self._node)

    def __iter__(self) -> Iterator[Node]:
        if self.type.ndim and self.type.shape[0] is not None:
            return (self[position] for position in range(self.type.shape[0]))
        raise refusals.iteration(self._node)

    def __contains__(self, item: Any) -> bool: raise refusals.membership(self._node, item)
    def __setitem__(self, index: Any, value: Any) -> None: raise refusals.assignment(self._node, index, value)
    def __delitem__(self, index: Any) -> None: raise refusals.deletion(self._node, index)

    def __format__(self, how: str) -> str:
        if how and (how[-1] in "bcdeEfFgGnoxX%" or ("." in how and how[-1] != "s")):  # about digits; ">10" is about a text
            raise refusals.formatting(self._node, how)
        return format(str(self), how)

    def __float__(self) -> float: raise refusals.number(self._node, "float")
    def __int__(self) -> int: raise refusals.number(self._node, "int")
    def __complex__(self) -> complex: raise refusals.number(self._node, "complex")
    def __round__(self, digits: int = 0) -> Node: raise refusals.number(self._node, "round")
    def __index__(self) -> int: raise refusals.number(self._node, "operator.index")

    @property
    def _node(self) -> Node:
        return self  # type: ignore[return-value]

    # -- NumPy's functions on symbols: np.exp(x), np.float64(2) * x, np.dot(array, x)
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any: raise refusals.number(self._node, "numpy.asarray")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        meaning = table.get("numpy." + ufunc.__name__)
        if meaning is None or method != "__call__" or any(value is not None for value in options.values()):
            return NotImplemented
        return meaning(*inputs)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: dict[str, Any]) -> Any:
        meaning = table.get("numpy." + function.__name__)
        return NotImplemented if meaning is None else meaning(*arguments, **options)

    # -- facts
    @property
    def dtype(self) -> str:
        """Name of the dtype of the elements."""
        return self.type.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.type.ndim

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """Per axis, whether its length is 1 by type, so that it stretches."""
        return self.type.broadcastable

    @property
    def shape(self) -> Node:
        """The lengths of the axes as a symbolic int64 vector; `x.shape[0]` can be used in expressions."""
        return apply("shape", self)

    @property
    def size(self) -> Node:
        """The number of elements as a symbolic int64 scalar."""
        return apply("size", self)

    @property
    def T(self) -> Node:
        """The transpose: all axes in reverse order."""
        return apply("transpose", self)

    @property
    def real(self) -> Node:
        """The node itself: all numbers here are real."""
        return self  # type: ignore[return-value]

    # -- methods of an array
    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Node:
        """Sum over all axes or some."""
        return apply("sum", self, axis, dtype, keepdims, acc_dtype)

    def prod(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Node:
        """Product over all axes or some."""
        return apply("prod", self, axis, dtype, keepdims, acc_dtype)

    def mean(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Node:
        """Mean over all axes or some."""
        return apply("mean", self, axis, dtype, keepdims, acc_dtype)

    def var(self, axis: Any = None, ddof: Any = 0, keepdims: bool = False, corrected: bool = False, dtype: Any = None) -> Node:
        """Variance over all axes or some."""
        return apply("var", self, axis, ddof, keepdims, corrected, dtype)

    def std(self, axis: Any = None, ddof: Any = 0, keepdims: bool = False, corrected: bool = False, dtype: Any = None) -> Node:
        """Standard deviation over all axes or some."""
        return apply("std", self, axis, ddof, keepdims, corrected, dtype)

    def max(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Largest element over all axes or some."""
        return apply("max", self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Smallest element over all axes or some."""
        return apply("min", self, axis, keepdims)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Position of the largest element, as int64."""
        return apply("argmax", self, axis, keepdims)

    def argmin(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Position of the smallest element, as int64."""
        return apply("argmin", self, axis, keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Whether all elements are true."""
        return apply("all", self, axis, keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Whether any element is true."""
        return apply("any", self, axis, keepdims)

    def norm(self, L: Any = 2, axis: Any = None, keepdims: bool = False) -> Node:
        """The L-norm over all axes or some."""
        return apply("norm", self, L, axis, keepdims)

    def cumsum(self, axis: int | None = None) -> Node:
        """Running sum."""
        return apply("cumsum", self, axis)

    def cumprod(self, axis: int | None = None) -> Node:
        """Running product."""
        return apply("cumprod", self, axis)

    def ptp(self, axis: Any = None) -> Node:
        """Largest minus smallest element."""
        return apply("ptp", self, axis)

    def dot(self, other: Any) -> Node:
        """Matrix product."""
        return apply("dot", self, other)

    def reshape(self, *shape: Any, ndim: int | None = None) -> Node:
        """The same elements in another shape; one length may be -1."""
        return apply("reshape", self, shape[0] if len(shape) == 1 else shape, ndim=ndim)

    def dimshuffle(self, *pattern: Any) -> Node:
        """Reorder axes; "x" stands for a new axis of length 1."""
        return apply("dimshuffle", self, *pattern)

    def flatten(self, ndim: int = 1) -> Node:
        """Join the last axes so that `ndim` remain."""
        return apply("flatten", self, ndim)

    def ravel(self) -> Node:
        """All elements in one vector."""
        return apply("flatten", self, 1)

    def transpose(self, *axes: Any) -> Node:
        """Reorder the axes; without arguments reverse them."""
        return apply("transpose", self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None)

    def swapaxes(self, axis1: int, axis2: int) -> Node:
        """Exchange two axes."""
        return apply("swapaxes", self, axis1, axis2)

    def squeeze(self, axis: Any = None) -> Node:
        """Drop axes whose length is 1 by type."""
        return apply("squeeze", self, axis)

    def repeat(self, repeats: Any, axis: int | None = None) -> Node:
        """Repeat elements."""
        return apply("repeat", self, repeats, axis)

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> Node:
        """Elements at the given positions."""
        return apply("take", self, indices, axis, mode)

    def compress(self, condition: Any, axis: int | None = None) -> Node:
        """Elements where a vector of bools is true."""
        return apply("compress", condition, self, axis)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Node:
        """The diagonal of two axes, for a matrix the vector of its diagonal elements."""
        return apply("diagonal", self, offset, axis1, axis2)

    def trace(self) -> Node:
        """The sum of the diagonal."""
        return apply("trace", self)

    def nonzero(self) -> tuple[Node, ...]:
        """Positions of the elements that are not zero, one vector per axis."""
        return apply("nonzero", self)

    def nonzero_values(self) -> Node:
        """The elements that are not zero, in one vector."""
        return apply("nonzero_values", self)

    def sort(self, axis: int | None = -1, kind: str | None = None, order: None = None) -> Node:
        """Elements in ascending order; every `kind` gives the same result."""
        return apply("sort", self, axis, kind, order)

    def argsort(self, axis: int | None = -1, kind: str | None = None, order: None = None) -> Node:
        """Positions that would sort the elements; every `kind` gives the same result."""
        return apply("argsort", self, axis, kind, order)

    def clip(self, a_min: Any, a_max: Any) -> Node:
        """Limit elements to [a_min, a_max]."""
        return apply("clip", self, a_min, a_max)

    def astype(self, dtype: Any) -> Node:
        """The same numbers in another dtype."""
        return apply("cast", self, dtype)

    def fill(self, value: Any) -> Node:
        """An array of this shape filled with `value`."""
        return apply("fill", self, value)

    def zeros_like(self, dtype: Any = None) -> Node:
        """Zeros of this shape."""
        return apply("zeros_like", self, dtype)

    def ones_like(self, dtype: Any = None) -> Node:
        """Ones of this shape."""
        return apply("ones_like", self, dtype)

    def copy(self, name: str | None = None) -> Node:
        """A new node with the same value."""
        return apply("copy", self, name)

    def round(self, mode: str | None = None) -> Node:
        """Elements rounded to whole numbers."""
        return apply("round", self, mode)

    def eval(self, inputs_to_values: dict[Any, Any] | None = None) -> Any:
        """The value of this expression, given a dictionary from symbols to values; compiled once and kept."""
        return apply("eval", self, inputs_to_values)

    # -- functions of every element
    def exp(self) -> Node:
        """e to the power of every element."""
        return apply("exp", self)

    def exp2(self) -> Node:
        """2 to the power of every element."""
        return apply("exp2", self)

    def expm1(self) -> Node:
        """exp(x) - 1, exact near 0."""
        return apply("expm1", self)

    def log(self) -> Node:
        """Natural logarithm."""
        return apply("log", self)

    def log2(self) -> Node:
        """Logarithm to base 2."""
        return apply("log2", self)

    def log10(self) -> Node:
        """Logarithm to base 10."""
        return apply("log10", self)

    def log1p(self) -> Node:
        """log(1 + x), exact near 0."""
        return apply("log1p", self)

    def sqrt(self) -> Node:
        """Square root."""
        return apply("sqrt", self)

    def sqr(self) -> Node:
        """Square."""
        return apply("sqr", self)

    def sin(self) -> Node:
        """Sine."""
        return apply("sin", self)

    def cos(self) -> Node:
        """Cosine."""
        return apply("cos", self)

    def tan(self) -> Node:
        """Tangent."""
        return apply("tan", self)

    def arcsin(self) -> Node:
        """Inverse sine."""
        return apply("arcsin", self)

    def arccos(self) -> Node:
        """Inverse cosine."""
        return apply("arccos", self)

    def arctan(self) -> Node:
        """Inverse tangent."""
        return apply("arctan", self)

    def sinh(self) -> Node:
        """Hyperbolic sine."""
        return apply("sinh", self)

    def cosh(self) -> Node:
        """Hyperbolic cosine."""
        return apply("cosh", self)

    def tanh(self) -> Node:
        """Hyperbolic tangent."""
        return apply("tanh", self)

    def arcsinh(self) -> Node:
        """Inverse hyperbolic sine."""
        return apply("arcsinh", self)

    def arccosh(self) -> Node:
        """Inverse hyperbolic cosine."""
        return apply("arccosh", self)

    def arctanh(self) -> Node:
        """Inverse hyperbolic tangent."""
        return apply("arctanh", self)

    def ceil(self) -> Node:
        """Smallest whole number not below."""
        return apply("ceil", self)

    def floor(self) -> Node:
        """Largest whole number not above."""
        return apply("floor", self)

    def trunc(self) -> Node:
        """Whole number towards zero."""
        return apply("trunc", self)

    def sgn(self) -> Node:
        """Sign: -1, 0 or 1."""
        return apply("sgn", self)

    def deg2rad(self) -> Node:
        """Degrees to radians."""
        return apply("deg2rad", self)

    def rad2deg(self) -> Node:
        """Radians to degrees."""
        return apply("rad2deg", self)

    def conj(self) -> Node:
        """The node itself: all numbers here are real."""
        return self  # type: ignore[return-value]

    conjugate = conj
