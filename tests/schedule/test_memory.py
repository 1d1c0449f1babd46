"""Which arrays share memory: only those whose lives do not overlap, and starts of products that nobody else reads."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from growing import grown_outputs
from hypothesis import given, settings
from hypothesis import strategies as st
from loops_in_numpy import Run, scheduled

import tensorlab.tensor as T
from tensorlab.compiler.pipeline import compile_stages
from tensorlab.ops.control import Copy
from tensorlab.schedule.fuse import fused
from tensorlab.schedule.kernels import Kernel, Product
from tensorlab.schedule.memory import layout, root
from tensorlab.schedule.nests import nests

x, y, z = T.matrices("x", "y", "z")
v, s = T.vector("v"), T.scalar("s")


def lives(schedule):
    """Per array that is computed, the nests in which it is touched."""
    found = {}
    for number, nest in enumerate(nests(schedule)):
        for step in nest:
            touched = [step.left, step.right, step.factor, step.start, step.kept, step.node] if isinstance(step, Product) else \
                [access.node for access in step.accesses]  # fmt: skip
            for node in touched:
                if node is not None:
                    found.setdefault(schedule.places[node].base, []).append(number)
    return {node: (min(numbers), max(numbers)) for node, numbers in found.items()}


def check(schedule):
    """Hold a layout against the lives of arrays."""
    plan, alive = layout(schedule), lives(schedule)
    given = set(schedule.leaves) | set(schedule.results)
    memory = {}
    for node in alive:
        target = root(node, plan.stands_in)
        assert (target in plan.slot) != (target in given), f"{node} has memory in one place"
        if target in plan.slot:
            assert plan.slots[plan.slot[target]][1] == node.type.dtype
            memory.setdefault(plan.slot[target], []).append((alive[node], node, target))
    for those in memory.values():
        those.sort(key=lambda each: each[0])
        for ((_, end), one, target), ((begin, _), other, other_target) in pairwise(those):
            assert end < begin or (target is other_target and end == begin), f"{one} and {other} share memory while both are needed"
    return plan


def test_what_is_no_longer_read_makes_room():
    hidden = x
    for _ in range(8):
        hidden = T.tanh(T.dot(hidden, y))
    plan = check(scheduled([x, y], [hidden.sum()]))
    assert len(plan.slot) == 15 and len(plan.slots) == 2, "the last one is only used inside its sum"
    plan = check(scheduled([x, y], [(hidden + T.dot(x, y)).sum(axis=0)]))
    assert len(plan.slots) == 3, "the first product is kept until the end"


def test_only_arrays_of_one_size_and_dtype_share():
    first = T.cast(T.dot(x, y), "float32")
    second = T.exp(T.dot(T.cast(first[::-1], "float64"), y))
    plan = check(scheduled([x, y], [T.dot(second, y).sum()]))
    assert {dtype for _, dtype in plan.slots} == {"float32", "float64"}
    assert all(plan.slots[slot][0].parts for node, slot in plan.slot.items() if node.type.ndim)


def test_results_have_memory_that_nobody_shares():
    schedule = scheduled([x, y], [T.dot(x, y), T.dot(T.dot(x, y), y), T.exp(x)])
    plan = check(schedule)
    assert not set(plan.slot) & set(schedule.results) and len(plan.slot) == 0


def optimized(inputs, outputs):
    stages = compile_stages(inputs, outputs, "FAST_RUN")
    return fused(stages.rewritten.inputs, stages.rewritten.outputs)


def test_what_is_added_to_a_product_is_computed_where_the_product_will_stand():
    schedule = optimized([x, y, z], [T.dot(x, y) * 2 + T.exp(z)])
    plan = check(schedule)
    (step,) = [each for each in schedule.steps if isinstance(each, Product)]
    assert plan.stands_in == {step.start: step.node} and not plan.slot
    values = [np.arange(6.0).reshape(2, 3), np.ones((3, 2)), np.zeros((2, 2))]
    np.testing.assert_allclose(Run(schedule, values).results[0], values[0] @ values[1] * 2 + 1)


@pytest.mark.parametrize(
    "outputs",
    [
        [T.dot(x, y) + T.exp(z), T.exp(z)],
        [T.dot(x, y) + T.exp(z), T.dot(T.exp(z), y)],
        [T.dot(T.exp(x), y) + T.exp(x)],
        [T.dot(x, T.exp(y)) + T.exp(y).T],
        [T.dot(x, y) + z],
    ],
    ids=["a result", "read later", "an operand", "the other operand", "an input"],
)
def test_what_is_needed_elsewhere_keeps_its_memory(outputs):
    schedule = optimized([x, y, z], outputs)
    plan = check(schedule)
    starts = [step.start for step in schedule.steps if isinstance(step, Product) and step.start is not None]
    copied = [start for start in starts if isinstance(start.op, Copy)]  # it did not lie row by row; what it is a copy of keeps its memory
    assert starts and not any(start in plan.stands_in for start in starts if start not in copied)
    assert not any(each.inputs[0] in plan.stands_in for each in copied)
    values = [np.arange(4.0).reshape(2, 2) / 4, np.ones((2, 2)), np.full((2, 2), 0.5)]
    wanted = Run(scheduled([x, y, z], outputs), values).results
    for found, other in zip(Run(schedule, values).results, wanted):
        np.testing.assert_allclose(found, other)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_random_layouts(seed):
    pool, outputs = grown_outputs(random.Random(seed))
    check(scheduled(pool.inputs, [node for node, _ in outputs]))


def test_kernels_of_one_nest_write_to_different_arrays():
    many = x
    for _ in range(300):
        many = T.tanh(many) + v
    schedule = scheduled([x, v], [many, many.sum(axis=1)])
    plan = check(schedule)
    (nest,) = nests(schedule)
    assert all(isinstance(step, Kernel) for step in nest) and len(set(plan.slot.values())) == len(plan.slot) == len(nest) - 1
