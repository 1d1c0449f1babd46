"""Runs a schedule in NumPy, so that what it means can be held against what the graph means, without any machine code.

Sizes are worked out with Python's own rules for slices; memory is laid out as `schedule/memory.py` says and filled with junk before; every
access is held within the memory that it is for. Kernels that may run together do so, two rows at a time.
"""

from __future__ import annotations

import math

import numpy as np

from tensorlab.graph.node import Constant
from tensorlab.graph.walk import ancestors
from tensorlab.ops.evaluate import kernel
from tensorlab.ops.families import Elementwise
from tensorlab.ops.shapes import AxisLength
from tensorlab.ops.words import ArrayWords
from tensorlab.rewrite.intern import intern
from tensorlab.schedule.expand import expanded
from tensorlab.schedule.fuse import fused
from tensorlab.schedule.kernels import Kernel, Length, Number, Position, Read, Take, Value
from tensorlab.schedule.memory import layout, root
from tensorlab.schedule.nests import nests
from tensorlab.schedule.survey import fits

BLOCK = 2  # rows
WORDS = ArrayWords(np)
JOIN = {
    "add": np.add, "mul": np.multiply, "maximum": np.maximum, "minimum": np.minimum, "and": np.logical_and, "or": np.logical_or,
}  # fmt: skip


def scheduled(inputs, outputs):
    """The schedule of a graph as it is written: composite ops are written out, equal nodes made one, and no rule is used."""
    ready = intern(expanded(inputs, outputs))
    assert all(fits(node, lambda _: True) for node in ancestors(ready, stop_at=inputs))
    return fused(inputs, ready)


class UnfitError(Exception):
    """The values given do not go with the schedule: native code would hand on."""


def need(condition):
    if not condition:
        raise UnfitError


class Run:
    """One run of a schedule on arrays.

    Attributes:
        results: the values.
        memory: per array that lies in memory, its elements in a row.
    """

    def __init__(self, schedule, values):
        self.schedule, self.found = schedule, {}
        self.given = dict(zip(schedule.leaves, map(np.asarray, values)))
        self.known = {}
        for quantity in schedule.sizes.quantities:
            self.found[quantity] = value = getattr(self, f"_{quantity.kind}")(*quantity.origin)
            if quantity.bound is not None:
                need(value == self.number(quantity.bound))
        for one, other in schedule.sizes.equal:
            need(self.number(one) == self.number(other))
        for size in schedule.checked:
            need(self.number(size) != 0)
        self._lay_out()
        for nest in nests(schedule):
            if not isinstance(nest[0], Kernel):
                self._product(nest[0])
                continue
            length = self.number(nest[0].axes[0]) if nest[0].axes else 1
            step = BLOCK if len(nest) > 1 else max(length, 1)
            for low in range(0, max(length, 1), step):
                for each in nest:
                    self._kernel(each, low, min(low + step, length))
        self.results = [self.elements(node).copy() for node in schedule.results]

    # -- sizes
    def number(self, size):
        return size.factor * math.prod(self.found[part] for part in size.parts)

    def whole(self, node):
        if node not in self.known:
            if node in self.given:
                self.known[node] = self.given[node]
            elif isinstance(node, Constant):
                self.known[node] = node.value
            elif isinstance(node.op, AxisLength):
                self.known[node] = np.asarray(self.number(self.schedule.places[node.inputs[0]].lengths[node.op.axis]))
            else:
                assert isinstance(node.op, Elementwise)
                self.known[node] = kernel(node, np, WORDS)(*[np.asarray(self.whole(each)) for each in node.inputs])
        return int(self.known[node])

    def _length(self, leaf, axis):
        return self.given[leaf].shape[axis]

    def _value(self, node):
        need(self.whole(node) >= 0)
        return self.whole(node)

    def _sum(self, *sizes):
        return sum(map(self.number, sizes))

    def _fits(self, start, count, whole, last):
        end = self.number(start) + self.number(count)
        need(end == self.number(whole) if last else end <= self.number(whole))
        return end

    def _rest(self, total, others):
        total, others = self.number(total), self.number(others)
        need(others > 0 and total % others == 0)
        return total // others

    def _position(self, whole, index):
        whole, index = self.number(whole), index if isinstance(index, int) else self.whole(index)
        need(-whole <= index < whole)
        return index % whole

    def _range(self, whole, low, high, step):
        bounds = [each if each is None or isinstance(each, int) else self.whole(each) for each in (low, high)]
        return range(*slice(*bounds, step).indices(self.number(whole)))

    def _start(self, *asked):
        return self._range(*asked).start

    def _count(self, *asked):
        return len(self._range(*asked))

    # -- memory
    def _lay_out(self):
        plan = layout(self.schedule)
        slots = [junk(self.number(elements), dtype) for elements, dtype in plan.slots]
        self.memory = {}
        for node, place in self.schedule.places.items():
            target = root(node, plan.stands_in)
            if node in self.given:
                self.memory[node] = np.array(self.given[node]).reshape(-1)
            elif isinstance(node, Constant):
                self.memory[node] = np.array(node.value).reshape(-1)
            elif target in plan.slot:
                self.memory[node] = slots[plan.slot[target]]
            elif target in self.schedule.results:
                size = math.prod(map(self.number, self.schedule.places[target].lengths))
                self.memory[target] = self.memory.get(target, junk(size, node.type.dtype))
                self.memory[node] = self.memory[target]

    def elements(self, node):
        """The elements of a node, by its place."""
        place = self.schedule.places[node]
        where = self._where(place.strides, tuple(map(self.number, place.lengths)), sum(map(self.number, place.offset)))
        return self._read(place.base, where)

    def _where(self, strides, lengths, start):
        """The positions in memory of all points of some axes."""
        if 0 in lengths:
            return np.zeros(lengths, np.int64)
        found = np.full(lengths, start)
        for axis, (stride, length) in enumerate(zip(strides, lengths)):
            step = self.number(stride) if length > 1 else 0  # what leads nowhere may be too large for NumPy
            found += (np.arange(length) * step).reshape([-1 if each == axis else 1 for each in range(len(lengths))])
        return found

    def _read(self, base, where):
        memory = self.memory[base]
        assert not where.size or (where.min() >= 0 and where.max() < memory.size), f"outside of {base}"
        return memory[where]

    # -- steps
    def _kernel(self, step, low, high):
        """Run rows low … high of a kernel."""
        lengths = tuple(map(self.number, step.axes))
        if lengths:
            lengths = (high - low, *lengths[1:])
        values = []

        def begins(access):
            offset = self.schedule.places[access.node].offset if access.offset is None else access.offset
            rows = low * self.number(access.strides[0]) if access.strides else 0
            return self.schedule.places[access.node].base, sum(map(self.number, offset)) + rows

        def walked(access):
            base, start = begins(access)
            return base, self._where(access.strides, lengths, start)

        def operand(each):
            if isinstance(each, Number):
                return np.full(lengths, each.value, each.dtype)
            if isinstance(each, Length):
                return np.full(lengths, self.number(step.sizes[each.position]))
            return self._read(*walked(step.reads[each.position])) if isinstance(each, Read) else values[each.line]

        def away(where):
            """How far from the walk elements lie whose positions are computed."""
            found = 0
            for position, length, stride in zip(where.positions, where.lengths, where.strides):
                place, whole = operand(position).astype(np.int64), self.number(length)
                need(((place >= -whole) & (place < whole)).all())
                found = found + np.where(place < 0, place + whole, place) * self.number(stride)
            return found

        def cast(value, dtype):
            return value.astype(dtype)

        with np.errstate(all="ignore"):
            for line in step.lines:
                if isinstance(line, Position):
                    counted = np.indices(lengths)[line.axis] if lengths else np.asarray(0)
                    values.append(cast(counted + (low if line.axis == 0 else 0), line.dtype))
                elif isinstance(line, Take):
                    base, where = walked(step.reads[line.read])
                    values.append(self._read(base, where + away(line.where)))
                else:
                    assert all(not isinstance(each, Value) or each.line < len(values) for each in line.operands), "not computed yet"
                    operands = [operand(each) for each in line.operands]
                    assert [each.dtype.name for each in operands] == list(line.dtypes)
                    computes = line.op.compute_dtype(*line.dtypes)
                    if computes is not None:
                        operands = [each if number in line.op.unlike else cast(each, computes) for number, each in enumerate(operands)]
                    values.append(cast(np.asarray(line.op.formula(WORDS, *operands)), line.dtype))
            for store in step.stores:
                base, where = walked(store.access)
                memory, value = self.memory[base], operand(store.value)
                where = where + (away(store.where) if store.where is not None else 0)
                self._read(base, where)
                assert memory.dtype == value.dtype == np.dtype(store.dtype)
                if store.adds:
                    np.add.at(memory, where.reshape(-1), value.reshape(-1))
                else:
                    memory[where] = value
            for fold in step.folds:
                memory, value = self.memory[fold.access.node], operand(fold.value)
                assert value.dtype.name == fold.value_dtype
                assert all(stride.known == 0 for axis, stride in enumerate(fold.access.strides) if axis in fold.axes)
                folded = JOIN[fold.combine].reduce(cast(value, fold.dtype), axis=tuple(fold.axes), keepdims=True)
                _, start = begins(fold.access)
                where = self._where(fold.access.strides, folded.shape, start)
                memory[where] = JOIN[fold.combine](memory[where], folded) if low and 0 in fold.axes else folded

    def _product(self, step):
        left, right = self.elements(step.left), self.elements(step.right)
        value = left @ right
        if step.factor is not None:
            value = self.elements(step.factor) * value
        if step.start is not None:
            kept = 1 if step.kept is None else self.elements(step.kept)
            value = value + kept * self.elements(step.start)
        self.memory[step.node][:] = np.asarray(value).reshape(-1)


def junk(size, dtype):
    """Memory that nothing good can come from."""
    return np.full(size, np.nan if dtype.startswith("float") else True if dtype == "bool" else np.iinfo(dtype).max, dtype)
