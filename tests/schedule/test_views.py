"""Views cost nothing: where their elements lie is the place that NumPy's own view has, for chains of views on any lengths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from loops_in_numpy import Run, UnfitError, scheduled

import tensorlab.tensor as T
from tensorlab.graph.walk import ancestors
from tensorlab.ops.evaluate import interpret
from tensorlab.schedule.kernels import Kernel
from tensorlab.schedule.survey import Survey

LENGTHS = (0, 1, 2, 3, 5)
FAR = 2**70


def bounds():
    """Where a slice may begin or end: near, far, or so far that it does not fit in 64 bits."""
    return st.none() | st.integers(-7, 7) | st.sampled_from([FAR, -FAR, 2**63, -(2**63)])


class Chain:
    """An expression that grows by one view at a time, with the values of what it is made of.

    Attributes:
        node, array: the expression, and what NumPy makes of it.
        inputs, values: the symbols that it is made of.
    """

    def __init__(self, array, shape):
        self.inputs, self.values = [T.TensorType(array.dtype.name, shape)("x")], [array]
        self.node, self.array = self.inputs[0], array

    def number(self, value):
        """A symbol for a whole number."""
        self.inputs.append(T.lscalar(f"n{len(self.inputs)}"))
        self.values.append(np.asarray(value))
        return self.inputs[-1]

    def turn(self, draw):
        free = [axis for axis, known in enumerate(self.node.type.shape) if known == 1]
        dropped = draw(st.sets(st.sampled_from(free))) if free else set()
        order = draw(st.permutations([axis for axis in range(self.array.ndim) if axis not in dropped]))
        if len(order) < 3:
            order.insert(draw(st.integers(0, len(order))), "x")
        shown = [axis for axis in order if axis != "x"]
        self.node = self.node.dimshuffle(*order)
        self.array = self.array.reshape([length for axis, length in enumerate(self.array.shape) if axis not in dropped])
        rank = {axis: number for number, axis in enumerate(sorted(shown))}
        self.array = self.array.transpose([rank[axis] for axis in shown])
        self.array = self.array.reshape([1 if axis == "x" else self.array.shape[shown.index(axis)] for axis in order])

    def select(self, draw):
        entries, plain = [], []
        for length in self.array.shape:
            if length and draw(st.integers(0, 4)) == 0:
                place = draw(st.integers(-length, length - 1))
                entries.append(self.number(place) if draw(st.booleans()) else place)
                plain.append(place)
                continue
            ends, step = [draw(bounds()), draw(bounds())], draw(st.sampled_from([1, 1, 2, 3, -1, -2, FAR, -FAR]))
            given = [end if end is None or abs(end) >= 2**63 - 1 or not draw(st.booleans()) else self.number(end) for end in ends]
            entries.append(slice(*given, step))
            plain.append(slice(*ends, step))
        self.node, self.array = self.node[tuple(entries)], self.array[tuple(plain)]

    def reshape(self, draw):
        total = self.array.size
        shape = draw(st.sampled_from([each for each in SHAPES if np.prod(each) == total] or [(total,), (1, total)]))
        written = [self.number(length) if draw(st.booleans()) else int(length) for length in shape]
        self.node, self.array = self.node.reshape(written, ndim=len(written)), self.array.reshape(shape)

    def flatten(self, draw):
        rank = draw(st.integers(1, max(self.array.ndim, 1)))
        kept = self.array.shape[: rank - 1]
        self.node = self.node.flatten(rank)
        self.array = self.array.reshape(*kept, int(np.prod(self.array.shape[rank - 1 :])))

    def stretch(self, draw):
        if self.array.ndim > 2:
            return
        length = draw(st.sampled_from(LENGTHS))
        own = [self.node.shape[axis] for axis in range(self.array.ndim)]
        self.node = T.alloc(self.node, self.number(length), *own)
        self.array = np.broadcast_to(self.array, (length, *self.array.shape))


SHAPES = [(a, b) for a in range(26) for b in (0, 1, 2, 3, 5)] + [(a, b, c) for a in range(6) for b in (1, 2, 5) for c in (0, 1, 3)]
VIEWS = (Chain.turn, Chain.select, Chain.reshape, Chain.flatten, Chain.stretch)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_chains_of_views(data):
    draw = data.draw
    shape = draw(st.lists(st.sampled_from(LENGTHS), min_size=1, max_size=3))
    known = [length if draw(st.booleans()) else None for length in shape]
    chain = Chain(np.arange(float(np.prod(shape))).reshape(shape), known)
    for view in draw(st.lists(st.sampled_from(VIEWS), min_size=1, max_size=4)):
        view(chain, draw)
        assume(chain.array.ndim <= 3)
    outputs = [chain.node, chain.node * 2, chain.node.sum()]
    schedule = scheduled(chain.inputs, outputs)
    found = Run(schedule, chain.values).results
    for one, other in zip(found, (chain.array, chain.array * 2, chain.array.sum())):
        assert one.shape == other.shape and (one == other).all()


def distance(view, base):
    """Offset of a view in the memory of its base, and its strides, in elements."""
    return (view.ctypes.data - base.ctypes.data) // base.itemsize, [stride // base.itemsize for stride in view.strides]


x, y = T.matrix("x"), T.tensor3("y")
n = T.lscalar("n")
OWN_VIEWS = {
    "transposed": (x, lambda x, n: x.T),
    "backwards": (x, lambda x, n: x[::-1, ::-2]),
    "a row": (x, lambda x, n: x[n]),
    "a column from the end": (x, lambda x, n: x[:, -1]),
    "a part": (x, lambda x, n: x[n:, :3][:, ::2]),
    "rows as one": (y, lambda y, n: y.reshape((y.shape[0], -1)) if isinstance(y, np.ndarray) else y.flatten(2)),
    "turned part": (y, lambda y, n: (y.transpose(2, 0, 1) if isinstance(y, np.ndarray) else y.dimshuffle(2, 0, 1))[1:, n, ::-1]),
}


@pytest.mark.parametrize("name", OWN_VIEWS)
def test_places_are_those_of_numpy(name):
    symbol, view = OWN_VIEWS[name]
    base = np.zeros((4, 5) if symbol is x else (3, 4, 5))
    node = view(symbol, n)
    schedule = scheduled([symbol, n], [node * 1])
    place = Survey([symbol, n], ancestors([node], stop_at=[symbol, n])).places[node]
    assert place.base is symbol
    assert len(schedule.steps) == 1 and isinstance(schedule.steps[0], Kernel) and len(schedule.steps[0].reads) == 1, "no copy is made"
    run = Run(schedule, [base, np.asarray(1)])
    place = schedule.places[node]
    offset, strides = sum(map(run.number, place.offset)), [run.number(stride) for stride in place.strides]
    assert (offset, strides) == distance(view(base, 1), base)


def test_only_what_is_not_in_rows_is_copied_before_it_is_reshaped():
    columns, rows = x.T.flatten(), x.flatten()
    schedule = scheduled([x], [columns * 2, rows * 2])
    bases = {place.base for node, place in schedule.places.items() if node.op is not None and node.op.name == "flatten"}
    assert len(bases) == 2 and x in bases
    copies = [step for step in schedule.steps if [store.access.node for store in step.stores] == list(bases - {x})]
    assert len(copies) == 1 and not copies[0].lines
    assert (Run(schedule, [np.arange(6.0).reshape(2, 3)]).results[0] == [0, 6, 2, 8, 4, 10]).all()


def unfit(node, *values):
    inputs = [each for each in (x, n) if each in ancestors([node])]
    schedule = scheduled(inputs, [node])
    with pytest.raises(UnfitError):
        Run(schedule, values)
    with pytest.raises(Exception):
        interpret([node], dict(zip(inputs, map(np.asarray, values))))


def test_what_numpy_refuses_does_not_fit():
    a = np.zeros((2, 3))
    unfit(x[n], a, 2)
    unfit(x[n], a, -3)
    unfit(x[:, 3], a)
    unfit(x.reshape((n, 4)), a, 2)
    unfit(x.reshape((n, n)), a, 2)
    unfit(x.reshape((n, -1)), a, 4)
    unfit(T.alloc(x[0, 0], n), a, -1)
    unfit(T.addbroadcast(x, 0), a)
    unfit(x + x[n:], a, 1)
    unfit(T.specify_shape(x, (2, n)), a, 2)
