"""Functions that run as Python: every step is timed, by NumPy and by native parts, and the whole of modes that nobody can look into."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends.llvm import unavailable
from tensorlab.backends.meter import HEAD, NEVER, PARTS, WHOLE
from tensorlab.compiler.modes import Mode
from tensorlab.graph.errors import TensorlabError


def mixed(**options):
    """A function with a sort, which has no native code, between two parts that have."""
    x = T.vector("x")
    return tl.function([x], T.sort(T.exp(x) + 1) * 2 + T.tanh(x), **options)


def on_numpy(**options):
    x = T.matrix("x")
    return tl.function([x], T.tanh(T.dot(x, x) + 1).sum(axis=0), mode="FAST_COMPILE", **options)


FUNCTIONS = {"numpy": (on_numpy, np.full((20, 20), 0.01)), "mixed": (mixed, np.linspace(1, 0, 50))}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_calls_are_counted_and_parts_sum_to_the_whole(name):
    make, value = FUNCTIONS[name]
    function = make(profile=True)
    for _ in range(60):
        function(value)
    meter = function._recording.meter
    assert function.profile.calls == 60 and 1 <= function.profile.timed <= 60
    assert int(meter.record[HEAD : HEAD + len(meter.rows)].sum()) == int(meter.record[PARTS]) > 0
    assert sum(each.share for each in function.profile.rows) == pytest.approx(1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_are_the_same_as_without(name):
    make, value = FUNCTIONS[name]
    profiled, plain = make(profile=True), make()
    for _ in range(20):
        assert np.array_equal(profiled(value), plain(value))
    assert profiled.source() == plain.source()


def test_every_step_of_numpy_is_a_row():
    function = on_numpy(profile=True)
    function(FUNCTIONS["numpy"][1])
    rows = [row for row in function.profile.rows if row.nodes]
    assert [row.nodes[0] for row in rows] == [step.node for step in function.stages.program.steps]
    product, total = (next(row for row in rows if row.kind == kind) for kind in ("product", "reduction"))
    assert product.operations == 2 * 20**3 and product.bytes == 8 * 2 * 20 * 20  # both operands are one array
    assert total.operations == 400
    assert next(row for row in rows if row.words).words == {"tanh": 400}


@pytest.mark.skipif(bool(unavailable()), reason="there is no native code here")
def test_native_parts_are_looked_into():
    function = mixed(profile=True)
    for _ in range(5):
        function(FUNCTIONS["mixed"][1])
    kinds = [row.kind for row in function.profile.rows]
    assert "loop" in kinds and "library call" in kinds and "into native code and out" in kinds
    assert {"exp", "tanh"} == {word for row in function.profile.rows for word in row.words}


def test_memory_at_peak():
    function = on_numpy(profile=True)
    function(FUNCTIONS["numpy"][1])
    assert 3200 <= function.profile.memory <= 4 * 3200  # one to four matrices


def test_a_failing_step_is_told_as_without_a_profile():
    x, y = T.matrices("x", "y")
    messages = []
    for profile in (False, True):
        function = tl.function([x, y], T.dot(x, y), mode="FAST_COMPILE", profile=profile)
        with pytest.raises(TensorlabError) as caught:
            function(np.ones((2, 3)), np.ones((2, 3)))
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert function.profile.calls == 0
    assert function(np.ones((2, 3)), np.ones((3, 2))).shape == (2, 2) and function.profile.calls == 1


def test_a_mode_with_a_runner_of_its_own_is_one_row():
    class Counting(Mode):
        """Runs on NumPy in its own way."""

        native = False

        def runner(self, function):
            from tensorlab.backends.reference import Reference

            return Reference().compile(function.stages.program)

    x = T.vector("x")
    function = tl.function([x], T.exp(x), mode=Counting(), profile=True)
    assert np.array_equal(function([0.0]), [1.0])
    assert [row.kind for row in function.profile.rows] == ["arguments, memory", "whole program", "results", "Python's call, results let go"]


def test_a_function_with_inputs_that_have_defaults_and_updates():
    x, n = T.vector("x"), tl.shared(0.0, name="n")
    function = tl.function([x, tl.In(T.scalar("a"), value=2.0)], x.sum() + n, updates=[(n, n + 1)], mode="FAST_COMPILE", profile=True,
                           on_unused_input="ignore")  # fmt: skip
    assert [float(function([1.0])) for _ in range(3)] == [1, 2, 3]
    assert function.profile.calls == 3 and "new n" in str(function.profile)


def test_a_function_inside_another_call_of_itself():
    x = T.vector("x")
    function = tl.function([x], T.exp(x), mode="FAST_COMPILE", profile=True)
    plain = function._recording.timed_call(lambda self, value: function(value) if len(value) > 1 else function(value[:1]))
    assert np.array_equal(plain(function, [0.0, 1.0]), np.exp([0.0, 1.0]))
    assert function.profile.calls == 2  # the outer one and the inner one


def test_of_long_calls_every_one_is_timed_and_short_ones_are_only_counted():
    function = on_numpy(profile=True)
    value = FUNCTIONS["numpy"][1]
    function(value)
    meter = function._recording.meter
    before, timed = int(meter.record[WHOLE]), meter.timed
    meter.skip, meter.skipped, meter.each = 5, 0, True
    for _ in range(3):
        function(value)
    assert (meter.calls, meter.timed, meter.measured) == (4, timed + 3, 3) and meter.spent > 0
    assert meter.whole() == pytest.approx(1e-9 * (before + meter.spent)), "each stands for itself"
    meter.each = False
    function(value), function(value)
    assert (meter.calls, meter.timed) == (6, timed + 3)
    assert meter.whole() == pytest.approx(1e-9 * (before + meter.spent) * 6 / 4), "two more were as long as the others, as far as is known"
    spent = meter.spent
    meter.add_whole(1000, NEVER, 0)
    assert (meter.calls, meter.timed, meter.skipped, meter.measured, meter.spent) == (7, timed + 4, 0, 0, 0)
    assert int(meter.record[WHOLE]) == before + spent + 3 * 1000, "the one that was added stands for the two before it too"
    function.profile.reset()
    assert (meter.calls, meter.timed, meter.whole()) == (0, 0, 0.0)


def test_a_call_that_fails_is_not_counted():
    function = on_numpy(profile=True)
    function(FUNCTIONS["numpy"][1])
    meter = function._recording.meter
    for each in (False, True):
        meter.skip, meter.skipped, meter.each = 5, 0, each
        calls = meter.calls
        with pytest.raises(TensorlabError):
            function(np.ones((2, 3)))
        assert meter.calls == calls and meter.measured == 0


def test_a_short_call_that_is_timed_in_parts_does_not_stand_for_others():
    function = on_numpy(profile=True)
    function(FUNCTIONS["numpy"][1])
    meter = function._recording.meter
    before, timed = int(meter.record[WHOLE]), meter.timed
    meter.skip = meter.skipped = 0
    meter.add_whole(1000, NEVER, 0, in_parts=True)
    assert (meter.calls, meter.timed, int(meter.record[WHOLE])) == (2, timed + 1, before)
    meter.add_whole(1000, NEVER, 0)
    assert (meter.calls, int(meter.record[WHOLE])) == (3, before + 2 * 1000)
