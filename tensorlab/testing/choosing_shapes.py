"""Operands for the cards that rearrange, join, repeat, order and cut arrays.

Floor 6. Read `choosing` before.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Op
from .choosing import Chooser
from .pool import Pool
from .recipes import Step

EVERY = "ffffffiub"


def dimshuffle(pool: Pool, card: type[Op]) -> Step:
    """Axes in another order, new ones, and axes of length 1 left out."""
    number = pool.array(EVERY, most=4)
    lengths = pool.nodes[number].type.shape
    kept = [axis for axis, length in enumerate(lengths) if length != 1 or pool.dice.chance(0.6)]
    pattern: list[Any] = pool.dice.shuffled(kept) if pool.dice.chance(0.7) else kept
    for _ in range(pool.dice.pick([0, 0, 1, 1, 2])):
        pattern.insert(pool.dice.whole(0, len(pattern)), "x")
    return Step("DimShuffle", {"pattern": pattern[:5] if len(pattern) <= 5 else pattern}, (number,))


def split(pool: Pool, count: int, parts: int) -> list[int]:
    """Return lengths with a product."""
    lengths = [1] * parts
    rest, divisor = count, 2
    while rest > 1:
        if rest % divisor == 0:
            lengths[pool.dice.whole(0, parts - 1)] *= divisor
            rest //= divisor
        else:
            divisor += 1
    if count == 0:
        lengths[pool.dice.whole(0, parts - 1)] = 0
    return lengths


def reshape(pool: Pool, card: type[Op]) -> Step:
    """Another shape with as many elements; some lengths are operands, one may be left open."""
    number = pool.array(EVERY)
    count = pool.values[number].size
    if count == 1 and pool.dice.chance(0.2):
        return Step("Reshape", {"template": []}, (number,))
    lengths = split(pool, count, pool.dice.whole(1, 3))
    template: list[Any] = list(lengths)
    if count and pool.dice.chance(0.3):
        template[pool.dice.whole(0, len(template) - 1)] = -1
    reads = [number]
    for axis, length in enumerate(lengths):
        if template[axis] != -1 and pool.dice.chance(0.3):
            template[axis] = "?"
            reads.append(pool.add(pool.number(length, length=True)))
    return Step("Reshape", {"template": template}, tuple(reads))


def flatten(pool: Pool, card: type[Op]) -> Step:
    """The last axes joined."""
    number = pool.array(EVERY, least=0 if pool.dice.chance(0.1) else 2)
    return Step("Flatten", {"ndim": pool.dice.whole(1, max(pool.values[number].ndim, 1))}, (number,))


def diagonal(pool: Pool, card: type[Op]) -> Step:
    """A diagonal of two axes."""
    number = pool.array(EVERY, least=2)
    one, two = pool.dice.shuffled(range(pool.values[number].ndim))[:2]
    return Step("Diagonal", {"offset": pool.dice.pick([0, 0, 1, -1, 3]), "axis1": one, "axis2": two}, (number,))


def on_diagonal(pool: Pool, card: type[Op]) -> Step:
    """A last axis laid along a diagonal."""
    number = pool.array(EVERY, least=1, most=3)
    value = pool.values[number]
    offset = pool.dice.pick([0, 0, 1, -1])
    one, two = pool.dice.shuffled(range(value.ndim + 1))[:2]
    length = value.shape[-1]
    rows = pool.add(pool.number(length + max(-offset, 0), length=True))
    columns = pool.add(pool.number(length + max(offset, 0), length=True))
    return Step("OnDiagonal", {"offset": offset, "axis1": one, "axis2": two}, (number, rows, columns))


def segment(pool: Pool, card: type[Op]) -> Step:
    """A stretch of an axis."""
    number = pool.array(EVERY, least=1)
    axis = pool.dice.whole(0, pool.values[number].ndim - 1)
    there = pool.values[number].shape[axis]
    start = pool.dice.whole(0, there)
    last = pool.dice.chance(0.4)
    length = there - start if last else pool.dice.whole(0, there - start)
    reads = (number, pool.add(pool.number(start)), pool.add(pool.number(length)))
    return Step("Segment", {"axis": axis, "last": last}, reads)


def rebroadcast(pool: Pool, card: type[Op]) -> Step:
    """Axes of length 1 that stretch from here on, or do not."""
    number = pool.array(EVERY, least=1)
    pattern = [length == 1 and pool.dice.chance(0.7) for length in pool.values[number].shape]
    return Step("Rebroadcast", {"pattern": pattern}, (number,))


def specify_shape(pool: Pool, card: type[Op]) -> Step:
    """Lengths declared: as a number, as an operand, or not at all."""
    number = pool.array(EVERY)
    template: list[Any] = []
    reads = [number]
    for length in pool.values[number].shape:
        template.append(pool.dice.pick([None, length, "?"]))
        if template[-1] == "?":
            reads.append(pool.add(pool.number(length, length=True)))
    return Step("SpecifyShape", {"template": template}, tuple(reads))


def alloc(pool: Pool, card: type[Op]) -> Step:
    """A value stretched to a shape."""
    number = pool.array(EVERY, most=2)
    stretches = pool.nodes[number].type.broadcastable
    shape = [pool.dice.pick(pool.lengths) if flag else length for flag, length in zip(stretches, pool.values[number].shape)]
    template: list[Any] = [pool.dice.pick(pool.lengths) for _ in range(pool.dice.whole(0, 2))] + shape
    reads = [number]
    for axis, length in enumerate(template):
        if pool.dice.chance(0.4):
            template[axis] = "?"
            reads.append(pool.add(pool.number(length, length=True)))
    return Step("Alloc", {"template": template, "stretches": list(stretches)}, tuple(reads))


def axis_of(pool: Pool, number: int) -> int:
    """Return an axis of an array that has some."""
    return pool.dice.whole(0, pool.values[number].ndim - 1)


def join(pool: Pool, card: type[Op]) -> Step:
    """Arrays one behind another."""
    first = pool.array(EVERY, least=1, most=3)
    axis = axis_of(pool, first)
    reads = [first]
    for _ in range(pool.dice.whole(1, 3)):
        shape = list(pool.values[first].shape)
        shape[axis] = pool.dice.pick([0, 1, 2, shape[axis], shape[axis]])
        reads.append(pool.array(pool.values[first].dtype.kind if pool.dice.chance(0.8) else "i", shape=tuple(shape)))
    return Step("Join", {"axis": axis}, tuple(pool.dice.shuffled(reads)))


def stack(pool: Pool, card: type[Op]) -> Step:
    """Arrays of one shape beside each other."""
    first = pool.array(EVERY, most=3)
    reads = [first, *[pool.array("ffi", shape=pool.values[first].shape) for _ in range(pool.dice.whole(0, 2))]]
    return Step("Stack", {"axis": pool.dice.whole(0, pool.values[first].ndim)}, tuple(reads))


def repeats(pool: Pool, length: int) -> tuple[Any, int]:
    """Return how often to repeat each of some elements, as a leaf, and how many there are then."""
    if pool.dice.chance(0.5):
        times = pool.dice.whole(0, 3)
        return pool.number(times), times * length
    counts = pool.dice.random.randint(0, 3, length)
    return pool.positions(counts), int(counts.sum())


def repeat(pool: Pool, card: type[Op]) -> Step:
    """Elements repeated."""
    number = pool.array(EVERY, least=1, most=3)
    axis = axis_of(pool, number)
    return Step("Repeat", {"axis": axis}, (number, pool.add(repeats(pool, pool.values[number].shape[axis])[0])))


def sum_of_repeats(pool: Pool, card: type[Op]) -> Step:
    """Repeated elements added up."""
    length = pool.dice.whole(0, 4)
    leaf, total = repeats(pool, length)
    shape = list(pool.shape(pool.dice.whole(1, 2)))
    axis = pool.dice.whole(0, len(shape) - 1)
    shape[axis] = total
    reads = (pool.array("f", shape=tuple(shape)), pool.add(leaf), pool.add(pool.number(length)))
    return Step("SumOfRepeats", {"axis": axis}, reads)


def roll(pool: Pool, card: type[Op]) -> Step:
    """Elements moved around an axis."""
    number = pool.array(EVERY, least=1)
    return Step("Roll", {"axis": axis_of(pool, number)}, (number, pool.add(pool.number(pool.dice.whole(-5, 9)))))


def along(pool: Pool, card: type[Op]) -> Step:
    """Anything that runs along an axis: sorted, added up, multiplied."""
    kinds = "f" if card.__name__ in ("ProductBefore", "CumProd") else EVERY
    number = pool.array(kinds, least=1, most=3)
    parameters: dict[str, Any] = {"axis": axis_of(pool, number)}
    if card.__name__ in ("CumSum", "ProductBefore") and pool.dice.chance(0.4):
        parameters["reverse"] = True
    return Step(card.__name__, parameters, (number,))


def recurrence(pool: Pool, card: type[Op]) -> Step:
    """A linear recurrence along an axis."""
    a = pool.array("f", least=1, most=3)
    b = pool.array("f", shape=pool.values[a].shape)
    return Step("Recurrence", {"axis": axis_of(pool, a), "reverse": pool.dice.chance(0.4)}, (a, b))


def arg_topk(pool: Pool, card: type[Op]) -> Step:
    """Positions of the largest or smallest few."""
    number = pool.array("ffffi", least=1, most=3)
    axis = axis_of(pool, number)
    count = pool.dice.whole(1, max(pool.values[number].shape[axis], 1)) * pool.dice.pick([1, -1])
    return Step("ArgTopk", {"axis": axis}, (number, pool.add(pool.number(count))))


def positions_along(pool: Pool, shape: tuple[int, ...], axis: int) -> Any:
    """Return positions along an axis, as many as are wanted for each place on the others, as a leaf."""
    wanted = list(shape)
    wanted[axis] = pool.dice.whole(0, 4) if shape[axis] else 0
    length = shape[axis]
    return pool.positions(pool.dice.random.randint(-length, length, wanted) if length else np.zeros(wanted, "int64"))


def take_along_axis(pool: Pool, card: type[Op]) -> Step:
    """One element per position."""
    number = pool.array(EVERY, least=1, most=3)
    axis = axis_of(pool, number)
    return Step("TakeAlongAxis", {"axis": axis}, (number, pool.add(positions_along(pool, pool.values[number].shape, axis))))


def add_along_axis(pool: Pool, card: type[Op]) -> Step:
    """One element added per position."""
    number = pool.array("f", least=1, most=3)
    axis = axis_of(pool, number)
    index = pool.add(positions_along(pool, pool.values[number].shape, axis))
    y = pool.array("f", shape=pool.values[index].shape, dtype=pool.values[number].dtype.name)
    return Step("AddAlongAxis", {"axis": axis}, (number, y, index))


def axis_length(pool: Pool, card: type[Op]) -> Step:
    """The length of an axis."""
    number = pool.array(EVERY, least=1)
    return Step("AxisLength", {"axis": axis_of(pool, number)}, (number,))


def of_any_array(pool: Pool, card: type[Op]) -> Step:
    """A card without parameters on any array."""
    return Step(card.__name__, {}, (pool.array(EVERY),))


def silent_print(pool: Pool, card: type[Op]) -> Step:
    """A print that prints nothing."""
    return Step("Print", {"message": "", "attrs": []}, (pool.array(EVERY),))


CHOOSERS: dict[str, Chooser] = {
    "DimShuffle": dimshuffle, "Reshape": reshape, "Flatten": flatten, "Diagonal": diagonal, "OnDiagonal": on_diagonal, "Segment": segment,
    "Rebroadcast": rebroadcast, "SpecifyShape": specify_shape, "Alloc": alloc, "Join": join, "Stack": stack, "Repeat": repeat,
    "SumOfRepeats": sum_of_repeats, "Roll": roll, "CumSum": along, "CumProd": along, "ProductBefore": along, "Sort": along,
    "ArgSort": along,
    "Recurrence": recurrence, "ArgTopk": arg_topk, "TakeAlongAxis": take_along_axis, "AddAlongAxis": add_along_axis,
    "AxisLength": axis_length, "Shape": of_any_array, "Print": silent_print,
}  # fmt: skip
