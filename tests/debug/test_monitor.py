"""`MonitorMode`: functions of the reader's own around every step."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

x, v = T.scalar("x"), T.vector("v")


def test_both_functions_see_every_step_in_order():
    seen = []
    mode = tl.MonitorMode(lambda i, node, fn: seen.append(("before", i, str(node.op), [cell[0] for cell in fn.inputs], fn.outputs)),
                          lambda i, node, fn: seen.append(("after", i, str(node.op), fn.outputs[0][0])))  # fmt: skip
    assert tl.function([x], T.exp(x) + 1, mode=mode)(0) == 2
    assert [each[:3] for each in seen] == [("before", 0, "exp"), ("after", 0, "exp"), ("before", 1, "add"), ("after", 1, "add")]
    assert seen[0][3] == [0.0] and seen[0][4] == [[None]] and seen[1][3] == 1 and seen[3][3] == 2


def test_the_example_of_theanos_documentation_runs(capsys):
    def inspect_inputs(i, node, fn):
        print(i, node, "input(s) value(s):", [input[0] for input in fn.inputs], end="")

    def inspect_outputs(i, node, fn):
        print(" output(s) value(s):", [output[0] for output in fn.outputs])

    f = tl.function([x], [5 * x], mode=tl.MonitorMode(pre_func=inspect_inputs, post_func=inspect_outputs))
    f(3)
    printed = capsys.readouterr().out
    assert printed.startswith("0 mul.0 input(s) value(s): [array(") and printed.count("\n") == 1 and "15." in printed


def test_detect_nan_prints_the_step_and_goes_on(capsys):
    f = tl.function([v], T.log(v), mode=tl.MonitorMode(post_func=tl.debug.detect_nan))
    assert np.isnan(f([1.0, -1.0])[1])
    assert capsys.readouterr().out == "nan in step 0: log(v)\n  v = [1, -1]\n"
    f([1.0, 1.0])
    assert capsys.readouterr().out == ""


def test_what_a_function_raises_ends_the_call_and_changes_nothing():
    w = tl.shared(1.0)

    def stop(i, node, fn):
        raise KeyError("enough")

    step = tl.function([x], updates=[(w, w + x)], mode=tl.MonitorMode(post_func=stop))
    with pytest.raises(KeyError, match="enough"):
        step(1)
    assert w.get_value() == 1


def test_errors_of_a_step_are_explained_as_usual():
    u = T.vector("u")
    with pytest.raises(tl.graph.errors.ShapeError, match="length"):
        tl.function([v, u], v * u, mode=tl.MonitorMode(post_func=lambda i, node, fn: None))([1.0], [1.0, 2.0])


def test_results_are_nobody_elses_memory():
    f = tl.function([v], v, mode=tl.MonitorMode())
    given = np.ones(2)
    assert not np.may_share_memory(f(given), given)


def test_rules_can_be_chosen():
    seen = []
    mode = tl.MonitorMode(post_func=lambda i, node, fn: seen.append(node.op.name), rewrites=None)
    tl.function([x], x * 1, mode=mode)(2)
    assert seen == ["mul"]
