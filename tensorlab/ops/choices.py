"""Choosing between elements: switch, maximum, minimum, clip, and the cast that chooses a dtype.

Floor 2. Derivatives at ties are Theano's (`docs/kinks.md`): maximum and minimum give 1 to both operands where they are equal,
clip gives 1 on its bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.convert import as_node, as_nodes
from ..graph.node import Node
from ..graph.types import dtype_name, is_floating
from .dtype_rules import conversion, promoted
from .families import Case, Elementwise


class Switch(Elementwise):
    """The second operand where the first is true (not 0), else the third.

    >>> T.switch(T.constant([True, False]), 1.0, -1.0).eval()
    array([ 1., -1.])
    """

    latex = r"\begin{{cases}} {y} & \text{{if }} {x} \\ {z} & \text{{else}} \end{{cases}}"
    glyph = "?:"
    arity, unlike = 3, (0,)
    sample, same_as = [(-1, 1), (-3, 3), (-3, 3)], "y if x else z"

    def formula(self, m: Any, condition: Any, then: Any, otherwise: Any) -> Any:
        return m.where(condition, then, otherwise)

    def vjp(self, g: Node, out: Node, condition: Node, then: Node, otherwise: Node) -> Sequence[Any]:
        return [0, switch(condition, g, 0), switch(condition, 0, g)]


class Maximum(Elementwise):
    """The larger of two elements; nan if one is nan.

    >>> T.maximum(T.constant([-1.0, 2.0]), 0).eval()
    array([0., 2.])
    """

    latex, glyph = r"\max\left({x}, {y}\right)", "max"
    dtype, arity = promoted, 2
    commutative = True
    sample, same_as = (-3, 3), "max(x, y)"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return m.maximum(x, y)

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        return [syntax.apply("eq", out, x), syntax.apply("eq", out, y)]


class Minimum(Elementwise):
    """The smaller of two elements; nan if one is nan.

    >>> T.minimum(T.constant([-1.0, 2.0]), 0).eval()
    array([-1.,  0.])
    """

    latex, glyph = r"\min\left({x}, {y}\right)", "min"
    dtype, arity = promoted, 2
    commutative = True
    sample, same_as = (-3, 3), "min(x, y)"

    def formula(self, m: Any, x: Any, y: Any) -> Any:
        return m.minimum(x, y)

    def partials(self, out: Node, x: Node, y: Node) -> Sequence[Any]:
        return [syntax.apply("eq", out, x), syntax.apply("eq", out, y)]


class Clip(Elementwise):
    """The element limited to [low, high].

    >>> T.clip(T.constant([-2.0, 0.5, 7.0]), 0, 1).eval()
    array([0. , 0.5, 1. ])
    """

    latex = r"\operatorname{{clip}}\left({x}, {y}, {z}\right)"
    dtype, arity = promoted, 3
    sample, same_as = [(-3, 3), (-2, -1), (1, 2)], "min(max(x, y), z)"

    def formula(self, m: Any, x: Any, low: Any, high: Any) -> Any:
        return m.minimum(m.maximum(x, low), high)

    def partials(self, out: Node, x: Node, low: Node, high: Node) -> Sequence[Any]:
        return [(x >= low) & (x <= high), (x < low) & (low <= high), (x > high) | (low > high)]  # limits that cross give high


class Cast(Elementwise):
    """The same number in another dtype.

    >>> T.cast(T.constant(2.7), "int32").eval()
    array(2, dtype=int32)
    """

    latex = "{x}"
    dtype = conversion
    sample = (
        Case((3, 2), to="float64"),
        Case((), to="float32"),
        Case([-2.7, 0.0, 2.7], to="int32"),
        Case([-2.7, 0.0, 0.3], to="bool"),
        Case([3, 300, -1], to="uint8"),
        Case([True, False], to="float16"),
    )

    def __init__(self, to: str) -> None:
        self.to = to

    def __str__(self) -> str:
        return f"cast{{{self.to}}}"

    @property
    def same_as(self) -> str:  # type: ignore[override]
        return "x" if is_floating(self.to) else "x != 0" if self.to == "bool" else "int(x)"

    def result_dtype(self, *dtypes: str) -> str:
        return self.to

    def formula(self, m: Any, x: Any) -> Any:
        return m.cast(x, self.to)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [cast(g, x.type.dtype) if is_floating(x.type.dtype) else g]  # the cotangent of a whole number is a float


class Fill(Elementwise):
    """An array shaped like the first operand with every element taken from the second, which may stretch and says the dtype.

    >>> T.fill(T.constant([1.0, 2.0]), 7).eval()
    array([7., 7.])
    """

    latex = r"\operatorname{{fill}}\left({x}, {y}\right)"
    arity, unlike = 2, (0,)
    sample, same_as = (-3, 3), "y"

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        return as_nodes(arguments)

    def formula(self, m: Any, x: Any, value: Any) -> Any:
        return m.second(x, value)

    def vjp(self, g: Node, out: Node, x: Node, value: Node) -> Sequence[Any]:
        return [0, g]


switch, maximum, minimum, clip, fill = Switch(), Maximum(), Minimum(), Clip(), Fill()


def cast(x: Any, dtype: Any) -> Node:
    """Return `x` in another dtype; `x` itself if it has it already. "floatX" is `config.floatX`.

    Raises:
        DtypeError: unknown dtype.
    """
    node = as_node(x)
    to = dtype_name(dtype)
    return node if node.type.dtype == to else Cast(to)(node)


def zeros_like(model: Any, dtype: Any = None) -> Node:
    """Return zeros of the shape of `model`, by default in its dtype."""
    node = as_node(model)
    return fill(node, as_node(0, dtype_name(dtype or node.type.dtype)))


def ones_like(model: Any, dtype: Any = None) -> Node:
    """Return ones of the shape of `model`, by default in its dtype."""
    node = as_node(model)
    return fill(node, as_node(1, dtype_name(dtype or node.type.dtype)))



syntax.define(
    switch=switch, maximum=maximum, minimum=minimum, clip=clip, fill=fill, cast=cast,
    zeros_like=zeros_like, ones_like=ones_like,
)
