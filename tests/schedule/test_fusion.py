"""What becomes one loop, what gets memory, and in which order: facts about single schedules, and the meaning of random ones."""

from __future__ import annotations

import random

import numpy as np
import pytest
from growing import grown_outputs
from hypothesis import given, settings
from hypothesis import strategies as st
from loops_in_numpy import Run, scheduled

import tensorlab.tensor as T
from tensorlab.ops.evaluate import interpret
from tensorlab.schedule import fuse
from tensorlab.schedule.kernels import Kernel, Product
from tensorlab.schedule.memory import layout
from tensorlab.schedule.nests import nests
from tensorlab.schedule.sizes import ImpossibleError

x, y = T.matrices("x", "y")
v, w = T.vectors("v", "w")
s, t = T.scalars("s", "t")
i = T.lvector("i")


def kernels(schedule):
    return [step for step in schedule.steps if isinstance(step, Kernel)]


# -- what fuses


def chain(x, length):
    for _ in range(length):
        x = T.tanh(x) + 1
    return x


@pytest.mark.parametrize(
    "outputs",
    [
        [chain(x, 20)],
        [x + v, x * y, T.exp(x) - y.dimshuffle(0, 1)],
        [T.exp(x * y).sum()],
        [T.exp(x).sum(axis=0), T.exp(x).sum(axis=1), T.exp(x).max(), T.exp(x)],
        [x.sum(axis=0), (x * 2).sum(axis=0), x.prod(axis=1)],
        [T.cast(x, "float32") + 1, T.cast(x > y, "int8")],
        [T.sqr(v - w).mean(), v * w],
        [T.dot(v, w)],
        [x.T + v],
        [x[:, ::-1] * 2 + y],
        [T.stack([v, w, v + w])],
        [v + s, v * s - T.exp(v)],
        [x[i]],
    ],
    ids=lambda outputs: ", ".join(str(each.label) for each in outputs),
)
def test_one_kernel(outputs):
    schedule = scheduled([x, y, v, w, s, i], outputs)
    loops = [step for step in schedule.steps if isinstance(step, Product) or step.axes]
    assert len(loops) == 1 and isinstance(loops[0], Kernel)
    assert not [node for node in layout(schedule).slot if node.type.ndim], "what is only used inside has no memory"


def test_a_softmax_is_one_nest():
    """Rows are fetched from memory once: maximum, exponentials with their sum, and quotient run block by block."""
    for outputs in ([T.nnet.softmax(x)], [T.nnet.softmax(x * 2 + v)], [T.nnet.logsoftmax(x)], [x - x.max(axis=1, keepdims=True)]):
        schedule = scheduled([x, v], outputs)
        assert len(kernels(schedule)) == len(schedule.steps) <= 4
        assert len(nests(schedule)) == 1


def test_what_needs_other_rows_is_no_part_of_a_nest():
    outputs = {
        2: [[T.exp(x) - T.exp(x).max(axis=0)], [T.exp(x) / T.exp(x).sum()], [T.exp(x)[::-1] + x], [T.exp(x)[1:] * 2], [v.sum() + T.exp(v)]],
        1: [[x.sum(axis=1) * 2, x * x.sum(axis=1, keepdims=True)], [x.dimshuffle(1, 0) * 2]],
    }
    for count, cases in outputs.items():
        for each in cases:
            assert len(nests(scheduled([x, v], each))) == count, each


def test_a_reduction_joins_what_computes_its_operand():
    schedule = scheduled([x, v], [T.tanh(x + v).sum(axis=1), T.tanh(x + v).max(axis=0)])
    (step,) = schedule.steps
    assert len(step.folds) == 2 and not step.stores and len(step.lines) == 2


def test_what_needs_a_whole_sum_waits_for_it():
    schedule = scheduled([v], [T.exp(v) / T.exp(v).sum()])
    first, second = schedule.steps
    assert first.folds and not second.folds
    assert Run(schedule, [np.arange(3.0)]).results[0].sum() == pytest.approx(1)


def test_axes_that_are_walked_as_one_are_one():
    assert [len(step.axes) for step in scheduled([x, y], [x * y]).steps] == [1]
    assert [len(step.axes) for step in scheduled([x, v], [x * v]).steps] == [2]
    assert [len(step.axes) for step in scheduled([x], [x.T * 2]).steps] == [2]
    assert [len(step.axes) for step in scheduled([x], [x.T * x.T]).steps] == [2]
    row, z = T.row("row"), T.tensor3("z")
    assert [len(step.axes) for step in scheduled([row], [row * 2]).steps] == [1]
    assert [len(step.axes) for step in scheduled([z], [z.sum(axis=2)]).steps] == [2]
    assert [len(step.axes) for step in scheduled([z], [z.sum()]).steps] == [1]


def test_scalars_have_no_loop():
    schedule = scheduled([s, t], [s * t + 1, T.exp(s)])
    assert [step.axes for step in schedule.steps] == [()]


def test_a_view_costs_nothing_and_a_length_computes_nothing():
    schedule = scheduled([x], [T.exp(x).shape[0] * 2, (x * 2).T.shape[1]])
    assert not any(step.axes for step in schedule.steps)
    assert not any(line.op.name in ("exp", "mul") and step.axes for step in schedule.steps for line in step.lines)
    schedule = scheduled([x], [x[1:].T[::-1]])
    assert [line.op.name for step in schedule.steps for line in step.lines] == ["copy"], "a result has memory of its own"


def test_joined_pieces_are_written_where_they_belong():
    schedule = scheduled([v, w], [T.concatenate([T.exp(v), w])])
    assert {store.access.node for step in schedule.steps for store in step.stores} == set(schedule.results)


def test_products_stand_between_what_makes_and_what_uses_them():
    hidden = T.tanh(T.dot(x, y) + v)
    schedule = scheduled([x, y, v], [T.dot(hidden, y), hidden.sum()])
    assert [type(step) for step in schedule.steps] == [Product, Kernel, Product]
    made = {}
    for number, step in enumerate(schedule.steps):
        reads = [step.left, step.right] if isinstance(step, Product) else [each.node for each in step.reads]
        assert all(made.get(schedule.places[node].base, -1) < number for node in reads)
        for node in [step.node] if isinstance(step, Product) else [each.access.node for each in (*step.stores, *step.folds)]:
            made.setdefault(node, number)


def test_a_product_is_given_what_routines_read():
    """Backwards and every second column are copied first; transposes and rows or columns of steps are not."""
    straight = scheduled([x, y], [T.dot(x.T, y), T.dot(x, y.T), T.dot(x[::2], y[:, 1:])])
    assert all(isinstance(step, Product) for step in straight.steps)
    copied = scheduled([x, y, s], [T.dot(x[:, ::-1], y), T.dot(x[::2, ::2], y), T.dot(T.alloc(s, 2, 3), y)])
    packed = [node for step in kernels(copied) for node in step.nodes]
    assert len(packed) == 3 and all(step.left in packed and step.right is y for step in copied.steps if isinstance(step, Product))


def test_long_chains_are_cut_into_kernels_of_bounded_length():
    schedule = scheduled([v], [chain(v, 200)])
    assert [len(step.lines) for step in schedule.steps] == [fuse.LONGEST] * (400 // fuse.LONGEST) + [400 % fuse.LONGEST]
    assert len(nests(schedule)) == 1
    schedule = scheduled([s], [chain(s, 500)])
    assert max(len(step.lines) for step in schedule.steps) == fuse.LONGEST_SCALAR
    many = [T.vector() for _ in range(100)]
    schedule = scheduled([v, *many], [each + v for each in many])
    assert all(len(step.reads) <= fuse.MOST_STREAMS for step in schedule.steps) and len(schedule.steps) < 6
    assert len(scheduled([v], [chain(v, 3_000)]).steps) == -(-6_000 // fuse.LONGEST), "depth is no matter"


def test_equal_numbers_are_no_arrays():
    schedule = scheduled([x], [x + T.constant(np.full((3, 4), 2.0)), T.ones_like(x) * 3])
    assert not any(each.node in schedule.literals for step in schedule.steps for each in step.reads)
    assert len(schedule.literals) >= 2


def test_known_lengths_that_clash_are_told():
    a, b = T.specify_shape(v, (2,)), T.specify_shape(v, (3,))
    with pytest.raises(ImpossibleError):
        scheduled([v], [a.sum() + b.sum()])


# -- results


def test_each_result_has_memory_of_its_own():
    doubled = x * 2
    outputs = [doubled, doubled, x, doubled.T, x[0], x.shape[0], T.constant(np.arange(3.0)), T.constant(1.0), T.constant(1.0)]
    schedule = scheduled([x], outputs)
    assert len(set(schedule.results)) == len(outputs)
    assert all(schedule.places[each].base is each for each in schedule.results)
    assert not set(schedule.results) & set(layout(schedule).slot)
    wanted = interpret(outputs, {x: np.ones((2, 3))})
    assert all((one == other).all() for one, other in zip(Run(schedule, [np.ones((2, 3))]).results, wanted))


# -- meaning


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_random_graphs_mean_the_same(seed):
    pool, outputs = grown_outputs(random.Random(seed))
    schedule = scheduled(pool.inputs, [node for node, _ in outputs])
    for found, (_, wanted) in zip(Run(schedule, pool.values).results, outputs):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
