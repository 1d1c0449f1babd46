"""Slips with many numbers at once: sums and means, what is stretched over a batch, transposes.

Floor 6. Read `derivation` before; `slips` lists these together with the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import product

from ..graph.errors import TensorlabError
from ..graph.node import Node
from ..graph.walk import ancestors, rebuild
from ..ops.arithmetic import TrueDiv
from ..ops.choices import fill
from ..ops.families import Elementwise
from ..ops.products import Dot
from ..ops.reductions import Sum, sum_of
from ..ops.shapes import DimShuffle, element_count
from .derivation import Derivation, Wrong
from .walk import Edge


def sum_for_mean(it: Derivation) -> Iterator[Wrong]:
    """The division by the number of elements was forgotten."""
    for edge in it.edges:
        if isinstance(edge.node.op, TrueDiv) and edge.slot == 0 and counts(edge.node.inputs[1]):
            words = "A mean divides by how many there are, and so does its derivative. Yours is the derivative of the sum."
            yield Wrong(it.way.wrong(edge, lambda g, sent, edge=edge: as_large(g, edge.operand)), words)


def mean_for_sum(it: Derivation) -> Iterator[Wrong]:
    """A division by the number of elements that is not in the cost."""
    for edge in it.edges:
        op = edge.node.op
        if isinstance(op, Sum) and edge.operand.type.ndim:
            count = element_count(edge.operand, op.axis)
            words = "The cost adds up, it takes no mean. Yours is divided by the number of elements."
            yield Wrong(it.way.wrong(edge, lambda g, sent, count=count: sent / count), words)


def not_summed(it: Derivation) -> Iterator[Wrong]:
    """What was stretched forwards must be added up backwards."""
    by = it.text(it.by)
    for node in it.inner():
        if node.type.ndim < it.by.type.ndim or node.type.broadcastable == it.by.type.broadcastable:
            continue
        whole = it.way.total[node]
        words = f"One {by} serves every element of {it.text(node)}, so its derivative is the sum over them. Yours is not added up."
        yield Wrong(whole, words)
        edges = [edge for edge in it.edges if edge.node is node]
        here = any(edge.operand.type.broadcastable != node.type.broadcastable for edge in edges)
        for each in [whole, *(pulled(edge, whole) for edge in edges)]:
            if each is None:
                continue
            yield Wrong(each, words)
            for axis in range(each.type.ndim) if here else ():
                total, mean = sum_of(each, axis), f"Where {by} is stretched, the derivatives are added up. Yours takes their mean."
                yield Wrong(total / element_count(each, (axis,)), mean)
                yield Wrong(total, f"The sum runs over the wrong axis: add up along the one on which {by} is stretched.")
            if here:
                yield Wrong(sum_of(each) / element_count(each), mean)


def missing_transpose(it: Derivation) -> Iterator[Wrong]:
    """A matrix that should be turned, or one that should not."""
    words = "Rows and columns have changed places: a transpose is missing or is one too many. The derivative has the shape of {by}."
    if it.by.type.ndim == 2:
        yield Wrong(it.right.T, words.format(by=it.text(it.by)))
    for changed in turned(it.right):
        yield Wrong(changed, "A transpose is missing, or is one too many, in a product of matrices. Write the shapes below the factors.")


def turned(formula: Node) -> Iterator[Node]:
    """Return a formula with one operand of one product of matrices transposed, or both exchanged."""
    products = [node for node in ancestors([formula]) if isinstance(node.op, Dot)][:6]  # more products than any derivation by hand has
    for node in products:
        one, other = node.inputs
        first_ways, second_ways = (one, untransposed(one)), (other, untransposed(other))
        for first, second in [*product(first_ways, second_ways), *product(second_ways, first_ways)]:
            with suppress(TensorlabError):
                if (first is not one or second is not other) and (new := node.op(first, second)).type.ndim == node.type.ndim:
                    yield rebuild([formula], {node: new})[0]


def untransposed(node: Node) -> Node:
    """Return the transpose of a matrix, as short as it can be written; other nodes as they are."""
    if node.type.ndim != 2:
        return node
    return node.inputs[0] if isinstance(node.op, DimShuffle) and node.op.pattern == (1, 0) else node.T


def as_large(g: Node, operand: Node) -> Node | None:
    """Return a cotangent in the shape of an operand, or None where that would take more than a look."""
    if g.type.ndim == operand.type.ndim and g.type.broadcastable == operand.type.broadcastable:
        return g
    return fill(operand, g) if g.type.ndim == 0 else None


def pulled(edge: Edge, g: Node) -> Node | None:
    """Return what an elementwise node sends to an operand before it is added up over the axes on which that was stretched."""
    op = edge.node.op
    if not isinstance(op, Elementwise) or op.partials is None:
        return None
    partial = op.partials(edge.node, *edge.node.inputs)[edge.slot]
    return g * partial if isinstance(partial, (Node, int, float)) else None


def counts(node: Node) -> bool:
    """Say whether a node is a number of elements."""
    return any(each.op is not None and each.op.of_shape for each in ancestors([node]))
