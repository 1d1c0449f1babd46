"""Functions that are native only in parts: native code and cards in turn, with the same values, errors and ownership as anywhere."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from growing import grown_outputs

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends.llvm import backend
from tensorlab.graph.errors import TensorlabError

x, v, i = T.matrix("x"), T.vector("v"), T.lvector("i")
w = T.vector("w")


@pytest.fixture
def by_reference(monkeypatch):
    """How often a native part left its work to NumPy."""
    made = []

    class Watched(backend.Lazily):
        @property
        def runner(self):
            made.append(self)
            return super().runner

    monkeypatch.setattr(backend, "Lazily", Watched)
    return made


def parts(function):
    """The text of the program, a line for each native part and for each card."""
    lines = function.source().splitlines()[1:-1]
    return ["native" if "native_" in line else re.search(r"= (\w+?)_\d+\(", line)[1] for line in lines]


def test_as_few_parts_as_dependencies_allow(by_reference):
    function = tl.function([x, v], [T.cumsum(T.exp(x) + v, axis=1) * 2, T.tanh(x), T.sort(v)[::-1] + v.sum()])
    assert function._doors is None
    assert parts(function).count("native") == 2 and {"cum_sum", "sort"} <= {*parts(function)} - {"native"}
    a, b = np.random.RandomState(0).rand(3, 4), np.arange(4.0)[::-1]
    first, second, third = function(a, b)
    np.testing.assert_allclose(first, np.cumsum(np.exp(a) + b, axis=1) * 2, rtol=1e-14)
    np.testing.assert_allclose(second, np.tanh(a), rtol=1e-14)
    assert (third == np.sort(b)[::-1] + 6).all() and not by_reference


def test_layouts_of_what_cards_return(by_reference):
    """A card may return a view, an array in columns, or one that lies backwards: native code reads it all the same."""
    function = tl.function([x], T.sort(x.T, axis=0)[::-1] + T.cumsum(x.T, axis=0) * 2)
    large = np.arange(48.0).reshape(6, 8)
    for values in (large[:3, :4].copy(), large[:3, :4].copy().T, large[::-2, ::2], np.zeros((0, 3))):
        found = function(values)
        assert (found == np.sort(values.T, axis=0)[::-1] + np.cumsum(values.T, axis=0) * 2).all()
        assert found.base is None
    assert not by_reference


def test_random_graphs(by_reference):
    mixed = 0
    for seed in range(30):
        pool, outputs = grown_outputs(random.Random(seed), foreign=True)
        kept = [(tl.shared(np.zeros_like(value)), node) for node, value in outputs if not any(node.type.broadcastable)]
        function = tl.function(pool.inputs, [node for node, _ in outputs], updates=kept, on_unused_input="ignore")
        if function._doors is not None:
            continue
        mixed += 1
        results = function(*pool.values)
        for found, (_, wanted) in zip(results, outputs):
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
        mine = [*results, *(variable.get_value(borrow=True) for variable, _ in kept)]
        for number, one in enumerate(mine):
            assert not any(np.may_share_memory(one, other) for other in [*mine[:number], *pool.values])
    assert mixed >= 8 and not by_reference


def test_updates_come_together():
    a, b = tl.shared(np.ones(4), "a"), tl.shared(np.zeros(4), "b")
    step = tl.function([v], [T.cumsum(a), b], updates=[(a, T.cumsum(a) + v), (b, a)])
    assert step._doors is None
    one, other = np.ones(4), np.zeros(4)
    for _ in range(4):
        found = step(np.arange(4.0))
        assert (found[0] == np.cumsum(one)).all() and (found[1] == other).all()
        one, other = np.cumsum(one) + np.arange(4.0), one
        assert (a.get_value() == one).all() and (b.get_value() == other).all()


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (lambda: T.cumsum(v) + w, [[1.0, 2.0], [1.0, 2.0, 3.0]]),
        (lambda: T.cumsum(v + w), [[1.0, 2.0], [1.0, 2.0, 3.0]]),
        (lambda: T.cumsum(v[5] + w), [[1.0, 2.0], [1.0, 2.0, 3.0]]),
        (lambda: T.sort(v).max() + w.sum(), [[], [1.0]]),
    ],
    ids=["after a card", "before a card", "a place", "an extreme of nothing"],
)
def test_errors_are_those_of_the_reference(make, values):
    count = tl.shared(0, "count")
    found = []
    for mode in ("FAST_RUN", "FAST_COMPILE"):
        function = tl.function([v, w], make(), updates=[(count, count + 1)], mode=mode)
        assert function._doors is None
        with pytest.raises(TensorlabError) as caught:
            function(*values)
        found.append((type(caught.value), caught.value.found))
    assert found[0] == found[1] and count.get_value() == 0


def test_a_part_that_native_code_leaves(by_reference):
    """A sum over no rows is left to NumPy, and comes back in memory of its own."""
    function = tl.function([x], [T.cumsum(x.sum(axis=0) + x.T.sum(axis=1)), x.T, x.sum(axis=0)])
    values = np.zeros((0, 3))
    results = function(values)
    assert (results[0] == 0).all() and results[1].shape == (3, 0) and by_reference
    assert all(each.base is None for each in results)


def test_other_dtypes_beside_native_code():
    """float16 has no native code, but its lengths are known to it."""
    h = T.TensorType("float16", (None, None))("h")
    function = tl.function([h, v], [h * 2, v * h.shape[0], T.cast(h, "float64") + v, h.T, T.zeros_like(h)])
    a, b = np.arange(6, dtype="float16").reshape(2, 3), np.arange(3.0)
    found = function(a, b)
    for one, other in zip(found, (a * np.float16(2), b * 2, a.astype(float) + b, a.T, a * 0)):
        assert one.dtype == other.dtype and (one == other).all()


def test_what_a_reader_asks_for():
    function = tl.function([v], T.cumsum(T.exp(v)) + 1)
    assert "native_" in function.source() and "cum_sum" in function.source()
    for machine in ("loops", "llvm", "asm"):
        with pytest.raises(ValueError, match=r"runs through Python; source\('numpy'\)"):
            function.source(machine)
