"""Symbols and constants: `T.scalar`, `T.matrix`, `T.dvector`, `T.fmatrices('a', 'b')` … the inputs with which a graph begins.

Floor 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph.convert import as_node, holds_nodes
from ..graph.errors import ConversionError, RankError
from ..graph.node import Constant, Node, Symbol, make_symbol
from ..graph.place import here
from ..graph.telling import tell_of_float64
from ..graph.types import Length, TensorType, dtype_name
from ..graph.wording import counted
from ..settings import config

PATTERNS: dict[str, tuple[Length, ...]] = {
    "scalar": (),
    "vector": (None,),
    "matrix": (None, None),
    "row": (1, None),
    "col": (None, 1),
    "tensor3": (None,) * 3,
    "tensor4": (None,) * 4,
    "tensor5": (None,) * 5,
}
PLURALS = {
    "scalar": "scalars",
    "vector": "vectors",
    "matrix": "matrices",
    "row": "rows",
    "col": "cols",
    "tensor3": "tensor3s",
    "tensor4": "tensor4s",
}
PREFIXES = {"b": "int8", "w": "int16", "i": "int32", "l": "int64", "f": "float32", "d": "float64"}
"""Theano's letters: b is a byte, w a word, i an int, l a long, f a float, d a double."""


def symbol(pattern: str, name: str | None, dtype: Any) -> Symbol:
    """Return a symbol with the axes that a word says."""
    if name is not None and not isinstance(name, str):
        raise ConversionError(
            f"T.{pattern}({name!r})",
            "the first argument is the name, a text",
            f"T.{pattern}('x'), or tl.shared({name!r}) for a variable with a value",
        )
    return asked_for(TensorType(dtype or config.floatX, PATTERNS[pattern]), name)


def asked_for(type: TensorType, name: str | None) -> Symbol:
    """Return a symbol that the reader asked for.

    Raises:
        DtypeError: it would be float64, which `config.warn_float64` forbids.
    """
    if type.dtype == "float64" and config.warn_float64 != "ignore":
        made = f"a {type.pattern} symbol" if name is None else f"the {type.pattern} symbol {name}"
        tell_of_float64(made, "dtype='float32', or tl.config.floatX = 'float32'")
    return make_symbol(type, name)


def maker(pattern: str, dtype: str | None = None) -> Callable[..., Symbol]:
    """Return the function that makes symbols of one kind, such as `T.matrix` or `T.fmatrix`."""
    if dtype is None:

        def make(name: str | None = None, dtype: Any = None) -> Symbol:
            return symbol(pattern, name, dtype)

        make.__doc__ = (
            f"Return a {pattern} symbol. Its dtype is `config.floatX` unless given.\n\n"
            "Args:\n    name: shown when it is printed.\n    dtype: such as 'float32'."
        )
    else:

        def make(name: str | None = None) -> Symbol:  # type: ignore[misc]
            return symbol(pattern, name, dtype)

        make.__doc__ = f"Return a {dtype} {pattern} symbol.\n\nArgs:\n    name: shown when it is printed."
    return make


def plural(make: Callable[..., Symbol]) -> Callable[..., list[Symbol]]:
    """Return the function that makes several symbols: from names, or from a number."""

    def make_several(*names: Any, **options: Any) -> list[Symbol]:
        wanted: Sequence[Any] = names
        if len(names) == 1 and isinstance(names[0], int):
            wanted = [None] * names[0]
        elif len(names) == 1 and isinstance(names[0], (list, tuple)):
            wanted = names[0]
        place = here()
        made = [make(name, **options) for name in wanted]
        for position, each in enumerate(made):
            each.place = place.at(position) if place is not None else None
        return made

    make_several.__doc__ = "Return several symbols: `x, y = T.scalars('x', 'y')`, or `T.scalars(2)` for unnamed ones."
    return make_several


def makers() -> dict[str, Callable[..., Any]]:
    """Return all makers by name: scalar … tensor5, dscalar …, and their plurals."""
    found: dict[str, Callable[..., Any]] = {}
    for pattern in PATTERNS:
        for prefix, dtype in (("", None), *PREFIXES.items()):
            make = maker(pattern, dtype)
            make.__name__ = make.__qualname__ = prefix + pattern
            found[prefix + pattern] = make
            if pattern in PLURALS:
                several = plural(make)
                several.__name__ = several.__qualname__ = prefix + PLURALS[pattern]
                found[prefix + PLURALS[pattern]] = several
    return found


def tensor(dtype: Any = None, shape: Any = None, name: str | None = None, *, broadcastable: Any = None) -> Symbol:
    """Return a symbol with any number of axes.

    Args:
        dtype: such as 'float32'; None for `config.floatX`.
        shape: lengths, None where unknown; or Theano's pattern of bools, True for a length of 1.
        name: shown when it is printed.
        broadcastable: Theano's pattern of bools, by keyword.
    """
    return asked_for(TensorType(dtype or config.floatX, shape, broadcastable=broadcastable), name)


def constant(x: Any, name: str | None = None, ndim: int | None = None, dtype: Any = None) -> Node:
    """Return a constant for a number, a (nested) list or an array.

    Args:
        x: the value.
        name: shown when it is printed.
        ndim: number of axes; axes of length 1 are added in front until it has them.
        dtype: by default that of the array, int64 for whole numbers, `config.floatX` for Python floats.

    Raises:
        ConversionError: the value is a symbol, or nothing that an array could hold.
        RankError: the value has more axes than `ndim`.

    >>> T.constant(2.0), T.constant([[1, 2]], ndim=3).type
    (TensorConstant{2.0}, TensorType(int64, (1, 1, 2)))
    """
    if isinstance(x, Node) or (isinstance(x, (list, tuple)) and holds_nodes(x)):
        raise ConversionError("T.constant(…) of a symbol", "a symbol has no value", "T.as_tensor_variable(x), which takes symbols too")
    array = as_node(x, None if dtype is None else dtype_name(config.floatX if dtype == "floatX" else dtype)).value  # type: ignore[attr-defined]
    if ndim is not None:
        if array.ndim > ndim:
            raise RankError(
                f"T.constant(…, ndim={ndim})", f"a value with {counted(array.ndim, 'axis', 'axes')}",
                f"ndim={array.ndim}, or a value with fewer axes"
            )
        array = array.reshape((1,) * (ndim - array.ndim) + array.shape)
    return Constant(array, name)


def as_tensor_variable(x: Any, name: str | None = None, ndim: int | None = None) -> Node:
    """Return `x` itself if it is a node, else a node for the number, array or list; a list of nodes is stacked on a new first axis.

    Raises:
        ConversionError: `x` is nothing that a node could stand for.
        RankError: `x` has not `ndim` axes.

    >>> x = T.vector("x")
    >>> T.as_tensor_variable(x) is x, T.as_tensor_variable(3)
    (True, TensorConstant{3})
    """
    node = as_node(x, name=name)
    if ndim is not None and node.type.ndim != ndim:
        if node.op is None and isinstance(node, Constant) and node.type.ndim < ndim:
            return constant(node.value, name, ndim)
        raise RankError(
            f"T.as_tensor_variable(…, ndim={ndim})", f"{node.label} has {counted(node.type.ndim, 'axis', 'axes')}",
                "x.dimshuffle('x', 0) to add an axis"
        )
    return node
