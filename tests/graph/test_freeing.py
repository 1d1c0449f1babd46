"""Graphs are let go as soon as nobody holds them: no cycle keeps them for the garbage collector."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T


@pytest.fixture(autouse=True)
def without_collector():
    """What is let go here is let go by counting references alone."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_expressions():
    x = T.vector("x")
    y = T.exp(x * 2).sum() + x.sum()
    watched = [weakref.ref(each) for each in (x, y, y.inputs[0])]
    assert all(each() is not None for each in watched)
    del x, y
    assert all(each() is None for each in watched)


@pytest.mark.parametrize("use", [
    lambda y, x: T.grad(y, x), lambda y, x: tl.gradient.hessian(y, x), lambda y, x: T.Rop(y, x, x), lambda y, x: pickle.dumps(y),
    lambda y, x: copy.deepcopy(y), lambda y, x: (y.label, y.place.name, y.owner), lambda y, x: tl.gradient.jacobian(x * y, x),
])  # fmt: skip
def test_after_use(use):
    x = T.vector("x")
    y = (T.exp(x) * x).sum()
    watched = [weakref.ref(x), weakref.ref(y)]
    used = use(y, x)
    del x, y, used
    assert [each() for each in watched] == [None, None]


def test_derivatives_do_not_hold_on_to_one_another():
    x = T.vector("x")
    cost = (x**3).sum()
    first = T.grad(cost, x)
    second = T.grad(first.sum(), x)
    watched = weakref.ref(second)
    del second
    assert watched() is None and first is not None


def test_values_of_shared_variables():
    from tensorlab.turns import owners

    class Watched(np.ndarray):
        """An array that can be watched."""

    before = len(owners)
    value = np.zeros(3).view(Watched)
    watched = weakref.ref(value)
    w = tl.shared(0.0)
    w.cell[0] = value
    y = w * 2
    del value
    assert len(owners) == before + 1 and watched() is not None
    del w, y
    assert len(owners) == before and watched() is None


def test_a_long_chain():
    x = T.scalar("x")
    y = x
    for _ in range(100_000):
        y = y + x
    watched = weakref.ref(y.inputs[0])
    del y
    assert watched() is None
