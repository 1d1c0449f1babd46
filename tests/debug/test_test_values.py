"""Test values: what is written is computed at once, and an error points at the line."""

from __future__ import annotations

import traceback
import warnings

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import TestValueError


def symbol(value, name="x"):
    node = T.tensor("float64", shape=(None,) * np.ndim(value), name=name) if np.ndim(value) > 2 else (
        T.scalar, T.vector, T.matrix)[np.ndim(value)](name)
    node.tag.test_value = np.asarray(value, "float64")
    return node


def test_off_nothing_is_computed():
    x = symbol([1.0, 2.0])
    assert not hasattr((x + 1).tag, "test_value")
    with tl.config.change_flags(compute_test_value="raise"):
        assert (x + 1).tag.test_value.tolist() == [2, 3]
    assert not hasattr((x + 1).tag, "test_value")


def test_expressions_gradients_and_shared_variables_have_values():
    w = tl.shared(np.ones((3, 2)), name="w")
    with tl.config.change_flags(compute_test_value="raise"):
        x = symbol(np.ones((2, 3)))
        cost = T.tanh(T.dot(x, w)).sum()
        slope = T.grad(cost, w)
    np.testing.assert_allclose(cost.tag.test_value, 4 * np.tanh(3))
    np.testing.assert_allclose(slope.tag.test_value, np.full((3, 2), 2 * (1 - np.tanh(3) ** 2)))


def test_the_error_is_raised_in_the_line_that_is_wrong():
    w = tl.shared(np.ones((3, 2)), name="w")
    with tl.config.change_flags(compute_test_value="warn"):
        x = symbol(np.ones((2, 4)))
        with pytest.raises(TestValueError) as caught:
            T.dot(x, w)
    error = caught.value
    assert isinstance(error, ValueError) and "x has a test value of float64 and shape (2, 4)" in error.found and "{" not in str(error)
    assert "test_test_values.py" in str(error.asked)
    assert any("T.dot(x, w)" in (frame.line or "") for frame in traceback.extract_tb(error.__traceback__))


def test_a_missing_value():
    x = T.scalar("x")
    with tl.config.change_flags(compute_test_value="raise"), pytest.raises(TestValueError, match=r"x\.tag\.test_value = 0\.5"):
        T.exp(x)
    with tl.config.change_flags(compute_test_value="warn"), pytest.warns(UserWarning, match="x has none") as found:
        y = T.exp(x)
    assert found[0].filename == __file__ and not hasattr(y.tag, "test_value")
    with tl.config.change_flags(compute_test_value="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        T.exp(x)


def test_a_value_that_does_not_fit():
    x = T.vector("x")
    x.tag.test_value = 3.0
    with tl.config.change_flags(compute_test_value="raise"), pytest.raises(TestValueError, match="0 axes"):
        T.exp(x)
    x.tag.test_value = [1, 2]
    with tl.config.change_flags(compute_test_value="raise"):
        assert (x + 1).tag.test_value.tolist() == [2.0, 3.0]


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE", "DEBUG_MODE"])
def test_what_compiles_draws_and_checks_needs_no_test_values(mode):
    with tl.config.change_flags(compute_test_value="raise"):
        x = symbol([0.5, 0.25])
        y = T.nnet.softmax(x.dimshuffle("x", 0))
        cost = -T.log(y)[0, 1] + x.max() + 0.0 * x.argmax()
        slope = T.grad(cost, x)
        del x.tag.test_value  # whoever makes a node now would miss it
        f = tl.function([x], [cost, slope], mode=mode)
        assert f([0.5, 0.25])[1].shape == (2,)
        assert tl.view.show(slope).text
        assert tl.view.display_latex(slope) is not None


def test_a_breakpoint_does_not_stop_while_the_graph_is_written():
    stops = []
    with tl.config.change_flags(compute_test_value="raise"):
        x = symbol(3.0)
        y = tl.breakpoint(x > 1, x, handler=stops.append)
        assert y.tag.test_value == 3 and not stops
        with pytest.raises(TestValueError, match="too large"):
            T.ensure(x, x < 1, message="too large")


def test_numbers_of_the_tests_stay_as_they_are():
    x = symbol([1.0, 2.0])
    before = x.tag.test_value
    with tl.config.change_flags(compute_test_value="raise"):
        T.set_subtensor(x[0], 9.0)
    assert x.tag.test_value is before and before.tolist() == [1, 2]


def test_only_operands_that_do_not_fit_are_drawn_as_a_clash():
    """A value that is missing, or none of its symbol, is no clash of operands."""
    from tensorlab.notebook.clashes import clash

    w = tl.shared(np.ones((4, 2)), name="w")
    for value, drawn in ((None, False), ("word", False), (np.ones(3), False), (np.ones((2, 3)), True)):
        x = T.matrix("x")
        if value is not None:
            x.tag.test_value = value
        with tl.config.change_flags(compute_test_value="raise"), pytest.raises(TestValueError) as caught:
            T.dot(x, w)
        assert (clash(caught.value) is not None) is drawn, value
