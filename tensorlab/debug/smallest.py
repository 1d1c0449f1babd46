"""The smallest case that shows a fault: arrays made shorter and numbers made rounder, as long as the fault stays.

Floor 6. The idea is that of `testing/shrinking.py`: greedy, every way is tried in turn and kept if it still fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..graph.node import Constant, Node, Symbol, expression
from ..graph.types import TensorType
from ..graph.walk import ancestors, rebuild

Arrays = list[Any]
Fails = Callable[[Arrays], bool]
SECONDS = 3.0  # a reader waits for the message meanwhile


def smaller(arrays: Sequence[Any], fails: Fails, seconds: float = SECONDS) -> Arrays:
    """Return arrays like those given, as short and as round as they can be with the fault still there.

    >>> smaller([np.array([3.2, -1.7, 4.1])], lambda arrays: bool((arrays[0] < 0).any()))
    [array([-1.])]
    """
    best = [np.asarray(each) for each in arrays]
    end = time.monotonic() + seconds
    progress = True
    while progress and time.monotonic() < end:
        progress = False
        for candidate in [*shorter(best)] or []:
            if still(fails, candidate):
                best, progress = candidate, True
                break
    for position in range(len(best)):
        for candidate in rounder(best, position):
            if time.monotonic() < end and still(fails, candidate):
                best = candidate
                break
    return best


def still(fails: Fails, arrays: Arrays) -> bool:
    """Say whether arrays still fail; those that make no sense do not."""
    try:
        with np.errstate(all="ignore"):
            return fails(arrays)
    except Exception:
        return False


def shorter(arrays: Arrays) -> Iterator[Arrays]:
    """Yield arrays in which all axes of one length are cut to a part; axes that are equally long belong together."""
    lengths = sorted({length for each in arrays for length in each.shape if length > 1}, reverse=True)
    for length in lengths:
        parts = [slice(0, 1), slice(length - 1, length), slice(0, 2), slice(0, length // 2), slice(length // 2, length)]
        for part in parts:
            if len(range(*part.indices(length))) < length:
                yield [each[tuple(part if own == length else slice(None) for own in each.shape)] for each in arrays]


def rounder(arrays: Arrays, position: int) -> Iterator[Arrays]:
    """Yield arrays in which one has rounder numbers: the roundest first."""
    value = arrays[position]
    if value.dtype.kind != "f" or not value.size:
        return
    with np.errstate(all="ignore"):
        ways = [np.sign(value), np.rint(value), np.round(value, 1), np.round(value, 2)]
    for way in ways:
        if not np.array_equal(way, value, equal_nan=True):
            yield [way.astype(value.dtype) if own == position else each for own, each in enumerate(arrays)]


def symbol_like(node: Node, name: str) -> Symbol:
    """Return a symbol that can take the place of a node with other lengths: only what stretches is known of them."""
    type = TensorType(node.type.dtype, [1 if flag else None for flag in node.type.broadcastable])
    return Symbol(type, name, place=node.place)


def alone(node: Node) -> tuple[Node, list[Node]]:
    """Return a node on symbols of its own, and those symbols in order; constants stay.

    >>> x = T.scalar("x")
    >>> top, symbols = alone(T.exp(x * 2))
    >>> top.op, symbols
    (exp, [x0])
    """
    stand_ins = {each: each for each in node.inputs if isinstance(each, Constant)}
    for each in node.inputs:
        if each not in stand_ins:
            name = each.name if each.name and each.op is None else f"x{len(stand_ins)}"
            stand_ins[each] = symbol_like(each, name)  # type: ignore[assignment]
    inputs = [stand_ins[each] for each in node.inputs]
    assert node.op is not None
    new = expression(node.op, node.op.type(*inputs), None, node.place, *inputs)
    return new, [stand_ins[each] for each in dict.fromkeys(node.inputs) if not isinstance(each, Constant)]


def cut_at(outputs: Sequence[Node], boundary: Sequence[Node]) -> tuple[list[Node], dict[Node, Node]]:
    """Return graphs that begin at some nodes, and the symbol that stands for each of these."""
    stand_ins: dict[Node, Node] = {}
    reached = set(ancestors(outputs, stop_at=boundary))
    for each in boundary:
        if each in reached:
            name = each.name if each.name and each.op is None else f"x{len(stand_ins)}"
            stand_ins[each] = symbol_like(each, name)
    return rebuild(outputs, dict(stand_ins)), stand_ins
