"""`%steps`: its line, its errors, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlab.notebook.mistakes import MagicError
from tensorlab.widgets import GraphView, RewriteFilm


@pytest.fixture
def neuron(notebook):
    """A notebook with the slides' neuron."""
    notebook.run('x, y_hat = T.vector("x"), T.scalar("y_hat")\nw, b = tl.shared([1., 1.]), tl.shared(0.)')
    notebook.run("z = T.dot(w, x) + b\ny = 1 / (1 + T.exp(-z))\ncost = (y - y_hat) ** 2")
    return notebook


def test_the_widget_has_the_readers_names(neuron):
    view = neuron.run("%steps cost --wrt w b --at x=[1,-1] y_hat=1").result
    assert isinstance(view, GraphView)
    assert view.sentences[-1].endswith("w is what we differentiate by.")
    assert view.sentences[1].startswith("Forward, 1 of 8: v₁ = dot(w, x) = 0")
    np.testing.assert_allclose(view.trace.values[view.trace.cost], 0.25)
    assert set(neuron.data(view)) == {"application/vnd.jupyter.widget-view+json", "text/html", "image/svg+xml", "text/plain"}


def test_options(neuron):
    neuron.run("x.tag.test_value = [1., 2.]; y_hat.tag.test_value = 0.")
    assert [view.trace.labels[node] for view in [neuron.run("%steps cost").result] for node in view.trace.wrt] == ["w", "b"]
    assert neuron.run("%steps cost --at x=[0,0]").result.trace.values
    assert neuron.run('%steps "cost * 2" --wrt b;').result is not None
    still = neuron.run("%steps cost --still").result
    assert "text/html" in neuron.data(still) and "application/vnd.jupyter.widget-view+json" not in neuron.data(still)
    assert neuron.run("bound = %steps cost\nbound").result.step == 0


def test_in_a_function_and_in_a_list(neuron):
    neuron.run("x.tag.test_value = [1., 2.]; y_hat.tag.test_value = 0.")
    neuron.run("def show():\n    inner = cost + 1\n    return get_ipython().run_line_magic('steps', 'inner')\nview = show()")
    assert isinstance(neuron.shell.user_ns["view"], GraphView)
    neuron.run("parameters = [w, b]")
    assert len(neuron.run("%steps cost --wrt parameters").result.trace.wrt) == 2


def test_a_function_shows_its_film(neuron):
    neuron.run("f = tl.function([x, y_hat], T.grad(cost, w))")
    assert isinstance(neuron.run("%steps f").result, RewriteFilm)


def test_the_readers_variables_stay(neuron):
    neuron.run("%steps cost --at x=[1,-1] y_hat=1")
    assert neuron.run("w.get_value().tolist()").result == [1, 1]
    view = neuron.run("%steps cost --at x=[1,-1] y_hat=1").result
    view.asked_descend(1.0)
    assert neuron.run("w.get_value().tolist()").result == [1, 1]
    view.asked_apply()
    assert neuron.run("w.get_value().tolist()").result != [1, 1]


@pytest.mark.parametrize("line, told", [
    ("%steps", "no cost to step through"), ("%steps a b", "2 words besides the options"), ("%steps 3", "3 is an int"),
    ("%steps cots", "cost"), ("%steps cost --wrt q", "no variable 'q'"), ("%steps cost --slow", "no option --slow"),
    ("%steps cost --at x", "no name with a value"),
])  # fmt: skip
def test_mistakes_fail_the_cell(neuron, line, told):
    ran = neuron.run(line, fails=True)
    assert isinstance(ran.error, MagicError) and told in str(ran.error)


@pytest.mark.parametrize("line, told", [("%steps cost", "x and y_hat have no values"), ("%steps y --at x=[1,2] q=3", "'q'"),
                                        ("%steps cost --at x=1 y_hat=1", "0 axes"), ("%steps x --at x=[1,2]", "not a single number")])
def test_errors_of_the_trace_fail_the_cell_too(neuron, line, told):
    assert told in str(neuron.run(line, fails=True).error)


def test_missing_values_are_named_with_an_example(neuron):
    error = neuron.run("%steps cost --at x=[1,-1]", fails=True).error
    assert isinstance(error, MagicError)
    assert error.found.startswith("y_hat has no value") and error.advice == "--at y_hat=1.0 behind it, or y_hat.tag.test_value = 1.0"


def test_help(notebook):
    assert "--wrt w b" in notebook.run("%steps --help").text
