"""NumPy's functions on symbols: `np.exp(x)`, `np.float64(2) * x`, `array + x`, `np.sum(x, axis=0)` all make new expressions.

Floor 2, above all other rooms of it. NumPy hands a call that has a symbol among its arguments to `syntax`, which looks up
"numpy.exp" in the table; `connect` fills the table, with the arguments in NumPy's order.

>>> x = T.vector("x")
>>> np.sum(np.float64(2) * np.exp(x), axis=0).eval({x: [0.0, 0.0]})
array(4.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import ConversionError
from ..graph.node import Node
from ..graph.types import normal_axes
from . import (
    averages,
    axes,
    choices,
    comparisons,
    cumulative,
    diagonals,
    extremes,
    filling,
    joining,
    ranges,
    reductions,
    repeating,
    reshaping,
    stacking,
)
from .families import Elementwise, cards
from .shapes import length_of, size

UFUNCS = {
    "subtract": "sub", "multiply": "mul", "divide": "true_div", "floor_divide": "int_div", "remainder": "mod", "power": "pow",
    "negative": "neg", "rint": "round_half_to_even", "absolute": "abs", "fabs": "abs", "sign": "sgn", "square": "sqr",
    "degrees": "rad2deg", "radians": "deg2rad",
    "equal": "eq", "not_equal": "neq", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge",
    "bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor",
}  # fmt: skip
"""NumPy's name of a function on elements, and ours where it differs."""

WORDS = {
    "dot": "dot", "outer": "outer", "tensordot": "tensordot", "inner": "inner", "take": "take", "sort": "sort", "argsort": "argsort",
    "nonzero": "nonzero", "around": "round", "round": "round", "isclose": "isclose", "allclose": "allclose",
    "transpose": "transpose", "shape": "shape", "copy": "copy",
}  # fmt: skip
"""Functions on arrays whose arguments are ours too, looked up when they are called."""


def nowhere(out: Any, name: str) -> None:
    """Raise ConversionError if a result should be written into an array."""
    if out is not None:
        raise ConversionError(
            f"np.{name}(…, out=…)", "an expression has no value yet that could be written into an array", f"y = np.{name}(x) without out="
        )


def logical(word: str) -> Callable[..., Node]:
    """Return a logical operation, for which every number but 0 is true."""

    def meaning(*operands: Any) -> Node:
        nodes = [as_node(each) for each in operands]
        result: Node = syntax.apply(word, *[each if each.type.dtype == "bool" else comparisons.neq(each, 0) for each in nodes])
        return result

    return meaning


def sum_(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Node:
    """np.sum."""
    nowhere(out, "sum")
    return reductions.sum_of(a, axis, dtype, keepdims)


def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Node:
    """np.prod."""
    nowhere(out, "prod")
    return reductions.prod(a, axis, dtype, keepdims)


def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Node:
    """np.mean."""
    nowhere(out, "mean")
    return averages.mean(a, axis, dtype, keepdims)


def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: bool = False) -> Node:
    """np.var."""
    nowhere(out, "var")
    return averages.var(a if dtype is None else choices.cast(a, dtype), axis, ddof, keepdims)


def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: bool = False) -> Node:
    """np.std."""
    nowhere(out, "std")
    return averages.std(a if dtype is None else choices.cast(a, dtype), axis, ddof, keepdims)


def folded(ours: Callable[..., Node]) -> Callable[..., Node]:
    """Return a reduction whose arguments are a, axis, out, keepdims."""

    def meaning(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Node:
        nowhere(out, getattr(ours, "__name__", "max"))
        return ours(a, axis, keepdims)

    return meaning


def running(ours: Callable[..., Node]) -> Callable[..., Node]:
    """Return a running sum or product."""

    def meaning(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Node:
        nowhere(out, ours.__name__)
        return ours(a if dtype is None else choices.cast(a, dtype), axis)

    return meaning


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """np.where; with a condition alone, the positions where it is true."""
    if x is None and y is None:
        return syntax.apply("nonzero", condition)
    return choices.switch(condition, x, y)


def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None) -> Node:
    """np.clip; None leaves an end open."""
    nowhere(out, "clip")
    if a_min is None:
        return as_node(a) if a_max is None else choices.minimum(a, a_max)
    return choices.maximum(a, a_min) if a_max is None else choices.clip(a, a_min, a_max)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """np.linalg.norm of all elements or along an axis."""
    node = as_node(x)
    if ord is not None and len(normal_axes(axis, node.type.ndim, "np.linalg.norm")) != 1:
        return NotImplemented  # with an order NumPy means the norm of a matrix, not of its elements
    return averages.norm(node, 2 if ord is None else ord, axis, keepdims)


def concatenate(arrays: Any, axis: int | None = 0, out: Any = None) -> Node:
    """np.concatenate; axis=None joins all elements."""
    nowhere(out, "concatenate")
    return joining.concatenate([reshaping.flatten(each) for each in arrays], 0) if axis is None else joining.concatenate(arrays, axis)


def stack(arrays: Any, axis: int = 0, out: Any = None) -> Node:
    """np.stack."""
    nowhere(out, "stack")
    return stacking.stack(list(arrays), axis=axis)


def vstack(tup: Any) -> Node:
    """np.vstack: vectors count as rows."""
    return joining.concatenate([axes.atleast_2d(each) for each in tup], 0)


def hstack(tup: Any) -> Node:
    """np.hstack: vectors are joined end to end."""
    nodes = [axes.atleast_1d(each) for each in tup]
    return joining.concatenate(nodes, 0 if nodes[0].type.ndim == 1 else 1)


def reshape(a: Any, shape: Any = None, order: str = "C") -> Any:
    """np.reshape, row by row only."""
    return reshaping.reshape(a, shape) if order == "C" else NotImplemented


def ravel(a: Any, order: str = "C") -> Any:
    """np.ravel, row by row only."""
    return reshaping.flatten(a) if order == "C" else NotImplemented


def like(fill_value: Any) -> Callable[..., Node]:
    """Return `zeros_like` or `ones_like`."""

    def meaning(a: Any, dtype: Any = None) -> Node:
        return filling.full_like(a, fill_value, dtype)

    return meaning


def flip(m: Any, axis: Any = None) -> Node:
    """np.flip."""
    node = as_node(m)
    turned = normal_axes(axis, node.type.ndim, "np.flip")
    return node[tuple(slice(None, None, -1) if each in turned else slice(None) for each in range(node.type.ndim))]


def size_along(a: Any, axis: int | None = None) -> Node:
    """np.size."""
    return size(a) if axis is None else length_of(a, axis)


def isfinite(x: Any) -> Node:
    """np.isfinite."""
    return comparisons.invert(comparisons.or_(comparisons.isnan(x), comparisons.isinf(x)))


MEANINGS: dict[str, Callable[..., Any]] = {
    "positive": as_node, "conjugate": as_node, "matmul": lambda x, y: syntax.apply("matmul", x, y),
    "divmod": lambda x, y: (syntax.apply("int_div", x, y), syntax.apply("mod", x, y)),
    "isfinite": isfinite, "logical_not": lambda x: comparisons.eq(x, 0),
    "logical_and": logical("and"), "logical_or": logical("or"), "logical_xor": logical("xor"),
    "sum": sum_, "prod": prod, "mean": mean, "var": var, "std": std,
    "max": folded(extremes.max_of), "min": folded(extremes.min_of), "amax": folded(extremes.max_of), "amin": folded(extremes.min_of),
    "argmax": folded(extremes.argmax), "argmin": folded(extremes.argmin),
    "all": folded(reductions.all_of), "any": folded(reductions.any_of), "ptp": extremes.ptp, "norm": norm,
    "cumsum": running(cumulative.cumsum), "cumprod": running(cumulative.cumprod), "diff": cumulative.diff,
    "where": where, "clip": clip, "concatenate": concatenate, "stack": stack, "vstack": vstack, "hstack": hstack,
    "reshape": reshape, "ravel": ravel, "swapaxes": axes.swapaxes, "moveaxis": axes.moveaxis,
    "squeeze": axes.squeeze, "expand_dims": axes.expand_dims, "flip": flip, "broadcast_to": filling.broadcast_to,
    "atleast_1d": axes.atleast_1d, "atleast_2d": axes.atleast_2d, "atleast_3d": axes.atleast_3d,
    "tile": repeating.tile, "repeat": repeating.repeat, "roll": repeating.roll,
    "zeros_like": like(0), "ones_like": like(1), "empty_like": like(0), "full_like": filling.full_like,
    "diag": diagonals.diag, "diagonal": diagonals.diagonal, "trace": diagonals.trace, "tril": ranges.tril, "triu": ranges.triu,
    "linspace": ranges.linspace, "ndim": lambda a: as_node(a).type.ndim, "size": size_along,
}  # fmt: skip


def connect() -> None:
    """Fill the table: all cards that are named like a NumPy function on elements, and the functions on arrays above."""
    plain = [card() for card in cards() if issubclass(card, Elementwise) and card.__init__ is object.__init__]
    elementwise = {**{op.name.replace("_", ""): op for op in plain}, **{op.name: op for op in plain}}  # IsNan is np.isnan
    for value in vars(np).values():
        if isinstance(value, np.ufunc):
            op = elementwise.get(UFUNCS.get(value.__name__, value.__name__))
            if op is not None and op.arity == value.nin:
                syntax.table["numpy." + value.__name__] = op
    for name, word in WORDS.items():
        syntax.table["numpy." + name] = by_word(word)
    syntax.table.update({"numpy." + name: meaning for name, meaning in MEANINGS.items()})


def by_word(word: str) -> Callable[..., Any]:
    """Return a function that does what a word means when it is called."""

    def meaning(*arguments: Any, **options: Any) -> Any:
        return syntax.apply(word, *arguments, **options) if word in syntax.table else NotImplemented

    return meaning
