"""Ops that steer: what a gradient does on its way back (the value stays as it is), and one graph applied to row after row.

Floor 2. Read `families` and `inner_graphs` before. The gradients that `disconnected_grad` and its like send back are on purpose
not the derivatives of what they compute, so these cards have no `sample` for the tests that compare with differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import GradientUndefinedError, ShapeError
from ..graph.node import Node, Symbol
from ..graph.types import TensorType
from ..graph.walk import rebuild
from .arithmetic import mul
from .choices import clip
from .families import Case, Elementwise, Library, describe
from .inner_graphs import InnerGraph, closed
from .reductions import Sum


class Copy(Elementwise):
    """The same value in a node of its own.

    >>> x = T.scalar("x")
    >>> x.copy() is x, x.copy().eval({x: 2.0})
    (False, array(2.))
    """

    latex = r"\operatorname{{copy}}\left({x}\right)"
    sample, same_as = (-3, 3), "x"

    def formula(self, m: Any, x: Any) -> Any:
        return x

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1]


class Unchanged(Elementwise):
    """Any op that leaves a value as it is and does something to the gradient that passes."""

    def formula(self, m: Any, x: Any) -> Any:
        return x


class DisconnectedGrad(Unchanged):
    """The value of x, on which nothing depends as far as gradients are concerned.

    >>> x = T.scalar("x")
    >>> T.grad(x * tl.gradient.disconnected_grad(x), x).eval({x: 3.0})
    array(3.)
    """

    latex = r"\operatorname{{disconnected\_grad}}\left({x}\right)"

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [None]


class ZeroGrad(Unchanged):
    """The value of x, through which a gradient of zeros flows.

    >>> x = T.scalar("x")
    >>> T.grad(tl.gradient.zero_grad(x), x).eval({x: 3.0})
    array(0.)
    """

    latex = r"\operatorname{{zero\_grad}}\left({x}\right)"

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [0]


class UndefinedGrad(Unchanged):
    """The value of x, whose gradient is an error to ask for."""

    latex = r"\operatorname{{undefined\_grad}}\left({x}\right)"

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        raise GradientUndefinedError(
            f"the gradient through {out.label}", f"{x.label} was declared to have no gradient, by undefined_grad made at {out.place}",
            f"tl.gradient.disconnected_grad({x.label}), if no gradient should flow through",
        )


class GradClip(Unchanged):
    """The value of x; a gradient is limited to [lower, upper] when it passes.

    >>> x = T.scalar("x")
    >>> T.grad(tl.gradient.grad_clip(x, -1, 1) ** 2, x).eval({x: 3.0})
    array(1.)
    """

    latex = r"\operatorname{{grad\_clip}}\left({x}\right)"

    def __init__(self, lower: float, upper: float) -> None:
        self.lower, self.upper = lower, upper

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [clip(g, self.lower, self.upper)]


class GradScale(Unchanged):
    """The value of x; a gradient is multiplied by a number when it passes.

    >>> x = T.scalar("x")
    >>> T.grad(tl.gradient.grad_scale(x, -1) ** 2, x).eval({x: 3.0})
    array(-6.)
    """

    latex = r"\operatorname{{grad\_scale}}\left({x}\right)"

    def __init__(self, multiplier: float) -> None:
        self.multiplier = multiplier

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [mul(g, self.multiplier)]


def example() -> InnerGraph:
    """The graph that the tests of `MapRows` map: the row times a vector, plus the row's number."""
    row, vector, number = TensorType("float64", (2,))("row"), TensorType("float64", (2,))("vector"), TensorType("float64", ())("number")
    return InnerGraph([row, number, vector], row * vector + number)


class MapRows(Library):
    """A graph applied to each row of its first `sequences` operands; the other operands are the same for every row.

    Row i of the result is graph(x[i], …, captured…). There may be no rows at all.

    >>> from tensorlab.ops.control import map_rows
    >>> row, rows = T.vector("row"), T.matrix("rows")
    >>> map_rows([row], (row ** 2).sum(), [rows]).eval({rows: [[1.0, 2.0], [3.0, 4.0]]})
    array([ 5., 25.])
    """

    by_host = "its rows are computed one by one"
    glyph = "map"
    advice = "sequences of the same length"
    sample = (Case((3, 2), (3,), (2,), graph=example(), sequences=2), Case((0, 2), (0,), (2,), graph=example(), sequences=2))

    def __init__(self, graph: InnerGraph, sequences: int) -> None:
        self.graph, self.sequences = graph, sequences

    def same_as(self, rows: Any, numbers: Any, vector: Any) -> Any:
        result = np.empty(rows.shape)
        for i, j in np.ndindex(rows.shape):
            result[i, j] = rows[i, j] * vector[j] + numbers[i]
        return result

    @property
    def merges(self) -> bool:  # type: ignore[override]
        """Whether two applications to the same inputs are the same value."""
        return self.graph.merges

    def __str__(self) -> str:
        return f"map_rows{{{self.graph}}}"

    def type(self, *inputs: Node) -> TensorType:
        lengths = {node.type.shape[0] for node in inputs[: self.sequences]} - {None}
        if len(lengths) > 1:
            raise ShapeError("a graph mapped over rows", "; ".join(map(describe, inputs[: self.sequences])), self.advice)
        each = self.graph.fitted(tuple(node.type.dtype for node in inputs)).type
        return TensorType(each.dtype, (*(lengths or {None}), *each.shape))

    def numpy(self, xp: Any, *values: Any) -> Any:
        rows, captured = values[: self.sequences], values[self.sequences :]
        if any(len(row) != len(rows[0]) for row in rows):
            raise ShapeError("", f"sequences of lengths {', '.join(str(len(row)) for row in rows)}", self.advice)
        graph = self.graph.fitted(tuple(value.dtype.name for value in values))
        run = graph.runner(xp)
        if len(rows[0]):
            return xp.stack([run(*[xp.asarray(row[position]) for row in rows], *captured) for position in range(len(rows[0]))])
        shape = graph.type.shape
        if None in shape:  # only a run can tell the lengths: one on a row of zeros, which is then thrown away
            shape = run(*[xp.zeros(row.shape[1:], row.dtype) for row in rows], *captured).shape
        return xp.zeros((0, *shape), graph.type.dtype)

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Any]:
        graph = self.graph.fitted(tuple(node.type.dtype for node in inputs))
        cotangent = TensorType(g.type.dtype, out.type.shape[1:])("g")
        asked = {"disconnected_inputs": "ignore", "return_disconnected": "none"}
        pulled = syntax.apply("Lop", graph.output, list(graph.inputs), cotangent, **asked)
        rows: list[Any] = [cotangent, *graph.inputs[: self.sequences]]
        outside = dict(zip(graph.inputs[self.sequences :], inputs[self.sequences :]))
        sent: list[Node | None] = []
        for position, each in enumerate(pulled):
            if each is None:
                sent.append(None)
                continue
            mapped = map_rows(rows, rebuild([each], outside)[0], [g, *inputs[: self.sequences]])
            sent.append(mapped if position < self.sequences else Sum((0,))(mapped))
        return sent


def map_rows(rows: Sequence[Symbol], result: Node, sequences: Sequence[Node]) -> Node:
    """Return `result` computed for each row of some sequences, stacked on a new first axis.

    Args:
        rows: symbols that stand for one row each.
        result: an expression in them; whatever else it is made of is computed once, outside.
        sequences: as many nodes as `rows`, each with one axis more.

    >>> v, w = T.scalar("v"), T.vector("w")
    >>> map_rows([v], v * w, [T.vector("s")]).type
    TensorType(float64, matrix)
    """
    graph, captured = closed(rows, result)
    return MapRows(graph, len(rows))(*sequences, *captured)


tensor_copy, disconnected_grad, zero_grad, undefined_grad = Copy(), DisconnectedGrad(), ZeroGrad(), UndefinedGrad()
consider_constant = zero_grad


def copy(x: Any, name: str | None = None) -> Node:
    """Return a new node with the same value."""
    return tensor_copy(as_node(x), name=name)


def grad_clip(x: Any, lower_bound: float, upper_bound: float) -> Node:
    """Return `x`; a gradient that passes is limited to [lower_bound, upper_bound]."""
    return GradClip(lower_bound, upper_bound)(x)


def grad_scale(x: Any, multiplier: float) -> Node:
    """Return `x`; a gradient that passes is multiplied by a number."""
    return GradScale(multiplier)(x)


syntax.define(copy=copy)
