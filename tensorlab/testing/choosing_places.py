"""Operands for the cards that read and write parts of arrays, multiply matrices, and count.

Floor 6. Read `choosing` before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..graph.op import Op
from ..ops.index_templates import ARRAY, POINT, Cut, Template, filled
from .choosing import Chooser
from .choosing_shapes import EVERY
from .pool import Pool
from .recipes import Step, encoded


def position(pool: Pool, length: int) -> int:
    """Return a position on an axis, from the front or from the end; now and then one that does not exist."""
    if not length or pool.dice.chance(0.02):
        return length
    return pool.dice.whole(-length, length - 1)


def cut(pool: Pool, length: int, reads: list[int]) -> Cut:
    """Return a slice; some of its ends are operands."""
    if pool.dice.chance(0.25):
        return Cut()
    if pool.dice.chance(0.2):
        return Cut(None, None, -1)
    bounds: list[Any] = []
    for which in range(3):
        bound: Any = None
        if pool.dice.chance(0.5):
            bound = pool.dice.whole(-length - 1, length + 1) if which < 2 else pool.dice.pick([1, 2, -1, -2, 3])
            if pool.dice.chance(0.3):
                reads.append(pool.add(pool.number(bound)))
                bound = POINT
        bounds.append(bound)
    return Cut(*bounds)


def template_of(pool: Pool, shape: tuple[int, ...], with_arrays: bool) -> tuple[Template, list[int]]:
    """Return what stands between the brackets, and the operands for it."""
    entries: list[Any] = []
    reads: list[int] = []
    axis = 0
    arrays = pool.dice.some(range(len(shape))) if with_arrays else []
    common = pool.dice.pick([(2,), (3,), (0,), (1,), (2, 2)]) if pool.dice.chance(0.3) else (pool.dice.whole(0, 4),)
    while axis < len(shape):
        length = shape[axis]
        if pool.dice.chance(0.08):
            entries.append(None)
        if axis in arrays:
            entries.append(ARRAY)
            if len(arrays) == 1 and pool.dice.chance(0.35):
                rank = pool.dice.whole(1, min(2, len(shape) - axis))
                masked = shape[axis : axis + rank]
                old = pool.those(lambda each, masked=masked: pool.values[each].dtype == bool and pool.values[each].shape == masked)
                mask = pool.dice.random.randint(0, 2, masked).astype(bool)
                reads.append(pool.dice.pick(old) if old and pool.dice.chance(0.6) else pool.add(pool.positions(mask)))
                axis += rank
                continue
            wanted = common if pool.dice.chance(0.8) else (1,)
            values = np.asarray([position(pool, length) for _ in range(int(np.prod(wanted)))], "int64").reshape(wanted)
            reads.append(pool.add(pool.positions(values)))
        elif pool.dice.chance(0.35):
            place = position(pool, length)
            if pool.dice.chance(0.4):
                reads.append(pool.add(pool.number(place)))
                entries.append(POINT)
            else:
                entries.append(place)
        else:
            entries.append(cut(pool, length, reads))
        axis += 1
    return tuple(entries), reads


def reading(pool: Pool, card: type[Op]) -> Step:
    """A part of an array."""
    number = pool.array(EVERY, least=1)
    template, reads = template_of(pool, pool.values[number].shape, card.__name__ != "Subtensor")
    return Step(card.__name__, {"template": encoded(template)}, (number, *reads))


def writing(pool: Pool, card: type[Op]) -> Step:
    """A part of an array replaced or added to."""
    number = pool.array("ffffi", least=1, most=3)
    value = pool.values[number]
    template, reads = template_of(pool, value.shape, card.__name__ != "IncSubtensor")
    part = value[filled(template, [pool.values[each] for each in reads])]
    shape = () if pool.dice.chance(0.3) else part.shape
    new = pool.array(value.dtype.kind, shape=shape, dtype=value.dtype.name)
    return Step(card.__name__, {"template": encoded(template), "set_instead_of_inc": pool.dice.chance(0.5)}, (number, new, *reads))


def nonzero(pool: Pool, card: type[Op]) -> Step:
    """Positions of what is not zero."""
    number = pool.array("bif", least=1, most=3)
    return Step("Nonzero", {"axis": pool.dice.whole(0, pool.values[number].ndim - 1)}, (number,))


def dot(pool: Pool, card: type[Op]) -> Step:
    """A product of vectors and matrices; either may be a transpose."""
    x = pool.array("fffffi", least=1, most=2)
    inner = pool.values[x].shape[-1]
    shape = (inner,) if pool.dice.chance(0.35) else (inner, pool.dice.pick(pool.lengths))
    if len(shape) == 2 and pool.dice.chance(0.3):
        turned = pool.array("f", shape=shape[::-1])
        return Step("Dot", {}, (x, pool.add(Step("DimShuffle", {"pattern": [1, 0]}, (turned,)))))
    return Step("Dot", {}, (x, pool.array("fffffi", shape=shape)))


def tensordot(pool: Pool, card: type[Op]) -> Step:
    """A product summed over some axes."""
    x = pool.array("f", least=1, most=3)
    left = pool.dice.shuffled(pool.dice.some(range(pool.values[x].ndim)))
    meeting = [pool.values[x].shape[axis] for axis in left]
    others = [pool.dice.pick(pool.lengths) for _ in range(pool.dice.whole(0, 3 - min(len(left), 3)))]
    order = pool.dice.shuffled(range(len(meeting) + len(others)))
    shape = [0] * len(order)
    for place, length in zip(order, [*meeting, *others]):
        shape[place] = length
    y = pool.array("f", shape=tuple(shape))
    return Step("TensorDot", {"left": left, "right": order[: len(left)]}, (x, y))


def batched_dot(pool: Pool, card: type[Op]) -> Step:
    """A product of matrices for every position of a batch."""
    x = pool.array("f", least=3, most=4)
    *batch, _, inner = pool.values[x].shape
    return Step("BatchedDot", {}, (x, pool.array("f", shape=(*batch, inner, pool.dice.pick(pool.lengths)))))


def softmax(pool: Pool, card: type[Op]) -> Step:
    """Rows of scores."""
    return Step(card.__name__, {}, (pool.array("fffffi", least=2, most=2),))


def if_else(pool: Pool, card: type[Op]) -> Step:
    """One of two arrays."""
    then = pool.array("f", least=1, most=3)
    shape = pool.values[then].shape
    otherwise = pool.array("f", shape=shape if pool.dice.chance(0.8) else pool.shape(len(shape)), dtype=pool.values[then].dtype.name)
    return Step("IfElse", {}, (pool.array("bi", most=0), then, otherwise))


def arange(pool: Pool, card: type[Op]) -> Step:
    """Numbers a step apart."""
    step = pool.dice.pick([1, 1, 2, -1, 3])
    start = pool.dice.whole(-3, 3)
    stop = start + step * pool.dice.whole(-1, 5)
    reads = tuple(pool.add(pool.number(each)) for each in (start, stop, step))
    return Step("Arange", {"dtype": pool.dice.pick(["int64", "int64", "float64", "float32", "int8"])}, reads)


def one_hot(pool: Pool, card: type[Op]) -> Step:
    """Rows with a 1 at a position."""
    count = pool.dice.whole(1, 5)
    y = pool.add(pool.positions(pool.dice.random.randint(0, count, pool.shape(pool.dice.whole(0, 2)))))
    dtype = pool.dice.pick(["float64", "float32", "int8", "bool", "int64"])
    return Step("OneHot", {"dtype": dtype}, (y, pool.add(pool.number(count))))


def bincount(pool: Pool, card: type[Op]) -> Step:
    """Numbers counted, or weights added up."""
    length = pool.dice.pick(pool.lengths)
    x = pool.add(pool.positions(pool.dice.random.randint(0, 5, length)))
    reads = [x, pool.add(pool.number(pool.dice.whole(0, 7)))]
    if pool.dice.chance(0.6):
        reads.append(pool.array("f", shape=(length,)))
    return Step("Bincount", {}, tuple(reads))


def search_sorted(pool: Pool, card: type[Op]) -> Step:
    """Places in a sorted vector."""
    if pool.dice.chance(0.5):
        vector = pool.add(Step("Sort", {"axis": 0}, (pool.array("ffi", least=1, most=1),)))
    else:
        vector = pool.add(pool.leaf(pool.dtype("ffi"), pool.shape(1), draw="sorted"))
    return Step("SearchSorted", {"side": pool.dice.pick(["left", "right"])}, (vector, pool.array("ffi", most=2)))


def class_numbers(pool: Pool, card: type[Op]) -> Step:
    """Class numbers, one per row."""
    rows = pool.array("f", least=2, most=2)
    count, classes = pool.values[rows].shape
    numbers = pool.dice.random.randint(0, max(classes, 1), count)
    return Step("ClassNumbers", {}, (pool.add(pool.positions(numbers)), rows))


def map_rows(pool: Pool, card: type[Op]) -> Step:
    """The graph of the sample on rows whose lengths the types know, as its own symbols say."""
    number = pool.dice.whole(0, len(card.sample) - 1)
    leaves = [pool.leaf("float64", shape, kind=pool.dice.pick(["symbol", "constant"])) for shape in card.sample[number].inputs]
    return Step("MapRows", {"sample": number}, tuple(pool.add(replace(leaf, known=(True,) * len(leaf.shape))) for leaf in leaves))


CHOOSERS: dict[str, Chooser] = {
    "Subtensor": reading, "AdvancedIndex": reading, "LastWrite": reading, "IncSubtensor": writing, "AdvancedIncSubtensor": writing,
    "Nonzero": nonzero, "Dot": dot, "TensorDot": tensordot, "BatchedDot": batched_dot, "Softmax": softmax, "LogSoftmax": softmax,
    "IfElse": if_else, "Arange": arange, "OneHot": one_hot, "Bincount": bincount, "SearchSorted": search_sorted,
    "ClassNumbers": class_numbers, "MapRows": map_rows,
}  # fmt: skip
