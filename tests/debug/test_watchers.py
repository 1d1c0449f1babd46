"""What watches inside a graph: `T.ensure`, `tl.breakpoint`, prints. Each acts once a call, in order, and no rule leaves one out."""

from __future__ import annotations

import inspect
import pickle
import sys

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.convert import as_node
from tensorlab.graph.errors import AssertionFailedError, ChoiceError, ConversionError, RankError, TensorlabError
from tensorlab.graph.node import Symbol
from tensorlab.graph.types import TensorType
from tensorlab.graph.walk import ancestors
from tensorlab.ops.watching import Print, Watcher
from tensorlab.rewrite.intern import intern
from tensorlab.rewrite.passes import rewritten
from tensorlab.rewrite.rule import FOR_THE_EYE, RULE_SETS

x, v, u = T.scalar("x"), T.vector("v"), T.vector("u")
MODES = ["FAST_RUN", "FAST_COMPILE", "DEBUG_MODE"]
every_mode = pytest.mark.parametrize("mode", MODES)


# -- conditions


@every_mode
def test_a_condition_that_fails_is_told_with_message_values_and_place(mode):
    y = T.ensure(v, v > 0, message="a logarithm needs positive numbers")
    f = tl.function([v], T.log(y).sum(), mode=mode)
    assert f([1.0, 1.0]) == 0
    with pytest.raises(AssertionFailedError) as caught:
        f([1.0, -2.5, -1.0])
    text = str(caught.value)
    for part in ("ensure(v, v > 0)", f"test_watchers.py:{y.place.line}", "a logarithm needs positive numbers",
                 "2 of 3 positions, first at [1], where v is -2.5"):  # fmt: skip
        assert part in text
    assert isinstance(caught.value, AssertionError) and len(text.splitlines()) <= 8


def test_several_conditions_and_the_one_that_fails():
    f = tl.function([x], T.ensure(x, x > 0, x < 10, message="between 0 and 10"))
    assert f(5) == 5
    with pytest.raises(AssertionFailedError, match="x < 10 is False, x is 11"):
        f(11)


def test_theanos_spelling():
    f = tl.function([x], T.opt.Assert("no negatives")(x, x >= 0, T.ge(x, -1)))
    assert f(2) == 2
    with pytest.raises(AssertionError, match="no negatives"):
        f(-1)
    with pytest.raises(AssertionError, match="assert_op"):
        T.opt.assert_op(x, x > 0).eval({x: -1})


def test_a_check_of_one_value_may_stand_beside_another():
    f = tl.function([v, u], T.ensure(v, T.eq(v.shape[0], u.shape[0]), message="as many as there are"))
    assert f([1, 2], [3, 4]).tolist() == [1, 2]
    with pytest.raises(AssertionFailedError, match="as many as there are"):
        f([1, 2], [3])


def test_gradients_pass_and_updates_wait():
    w = tl.shared(1.0, name="w")
    y = T.ensure(x, x > 0) ** 2
    step = tl.function([x], T.grad(y, x), updates=[(w, w + y)])
    assert step(3) == 6 and w.get_value() == 10
    with pytest.raises(AssertionFailedError):
        step(-3)
    assert w.get_value() == 10


def test_braces_in_a_message_are_the_readers():
    with pytest.raises(AssertionFailedError, match=r"a \{set\} of \{0\}"):
        T.ensure(x, x > 0, message="a {set} of {0}").eval({x: -1})


def test_what_is_no_condition():
    with pytest.raises(ConversionError, match="no condition"):
        T.ensure(x)
    with pytest.raises(ConversionError, match="message="):
        T.ensure(x, "must be positive")


# -- breakpoints


@every_mode
def test_the_debugger_opens_with_the_values_by_name(mode, monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "breakpointhook", lambda: seen.append(dict(sys._getframe(1).f_locals)))
    y = tl.breakpoint(x > 10, v, x, name="large")
    f = tl.function([x, v], [y[0].sum() * y[1], T.grad((y[0] * y[1]).sum(), v)], mode=mode)
    assert float(f(2, [1, 2])[0]) == 6 and not seen
    total, slope = f(11, [1, 2])
    assert float(total) == 33 and slope.tolist() == [11, 11]
    assert len(seen) == 1, "once a call, though both values are used"
    assert seen[0]["x"] == 11 and seen[0]["v"].tolist() == [1, 2]


def test_a_handler_in_place_of_the_debugger():
    seen = []
    f = tl.function([x], tl.breakpoint(True, x * 2, handler=lambda *values: seen.append(values)) + 1)
    assert f(1) == 3 and f(2) == 5
    assert [float(value) for (value,) in seen] == [2, 4]


def test_one_of_the_values_is_enough():
    stops = []
    _, second = tl.breakpoint(x > 0, v, u, handler=lambda *values: stops.append(len(values)))
    f = tl.function([x, v, u], second * 1)
    assert f(1, [1.0], [2.0]).tolist() == [2] and stops == [2]


def test_the_debugger_can_list_what_it_stands_at(monkeypatch, capsys):
    import pdb
    from io import StringIO

    output = StringIO()
    debugger = pdb.Pdb(stdin=StringIO("p x + 1\nlist\nc\n"), stdout=output)
    monkeypatch.setattr(sys, "breakpointhook", lambda: debugger.set_trace(sys._getframe(1)))
    tl.function([x], tl.breakpoint(x > 0, x, name="here"))(41)
    assert "42.0" in output.getvalue() and "breakpoint here: x; go on with c" in output.getvalue()


def test_names_that_python_does_not_allow():
    from tensorlab.ops.breakpoints import called

    odd = [T.scalar("x"), T.scalar("x"), T.scalar("two words"), T.scalar("class"), [T.scalar() + 1][0]]
    assert called(odd) == ("x", "value_1", "value_2", "value_3", "value_4")


def test_theanos_breakpoint(monkeypatch):
    stops = []
    monkeypatch.setattr(sys, "breakpointhook", lambda: stops.append(1))
    a, b = tl.debug.PdbBreakpoint("name")(x > 0, v, u)
    tl.function([x, v, u], a + b)(1, [1.0], [2.0])
    assert stops == [1]


def test_what_breakpoints_refuse():
    with pytest.raises(RankError, match=r"T\.any"):
        tl.breakpoint(v > 0, v)
    with pytest.raises(ConversionError, match="no value"):
        tl.breakpoint(x > 0)


# -- all of them


@every_mode
def test_they_act_in_the_order_of_the_graph(mode, capsys):
    first = Print("1")(T.exp(v) * 2 + 1).sum()
    second = Print("2")(v).sum() + Print("4")(T.exp(Print("3")(v) - 1)).sum()
    f = tl.function([v], [first + second, Print("5")(v * 2)], mode=mode)
    f([1.0, 2.0])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["1", "2", "3", "4", "5"]


def test_an_attribute_that_arrays_lack_is_told_at_once():
    with pytest.raises(ChoiceError) as caught:
        Print("x is", attrs=("shape", "maxx"))
    assert "'maxx'" in caught.value.found and caught.value.advice == "attrs=('max',)"
    assert Print("x is", attrs="shape").attrs == ("shape",)


SWAPPED = {
    "the transpose of a product": lambda a, b: T.dot(Print("1")(a), Print("2")(b)).T,
    "a negative difference": lambda a, b: -(Print("1")(a) - Print("2")(b)),
    "a sum with a negative number": lambda a, b: -Print("1")(a) + Print("2")(b),
    "a product that is added": lambda a, b: 0.5 * T.dot(Print("1")(a), Print("2")(b)) + Print("3")(a),
    "a transposed one that is taken off": lambda a, b: Print("1")(a).T - T.dot(Print("2")(a), Print("3")(b)).T,
    "one around another": lambda a, b: T.dot(Print("1")(a), Print("3")(Print("2")(b) + 1)).T,
}


@every_mode
@pytest.mark.parametrize("case", SWAPPED)
def test_rules_that_swap_operands_leave_the_order(case, mode, capsys):
    a, b = T.matrices("a", "b")
    f = tl.function([a, b], SWAPPED[case](a, b), mode=mode)
    f(np.ones((2, 2)), np.ones((2, 2)))
    said = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line[:1].isdigit()]
    assert said == sorted(said) and len(said) > 1


def test_equal_ones_stay_two():
    checks = [T.ensure(x, x > 0), T.ensure(x, x > 0)]
    f = tl.function([x], checks)
    assert sum(isinstance(node.op, Watcher) for node in ancestors(f.stages.rewritten.outputs)) == 2


def operands(rule, make):
    return len(inspect.signature(make).parameters) or len(inspect.signature(rule.function).parameters)


@pytest.mark.parametrize("rule_set", [each for each in RULE_SETS if each not in FOR_THE_EYE], ids=lambda each: each.name)
def test_no_rule_leaves_one_out(rule_set):
    """Every example of every rule, with a print around each operand: all prints are still there when all rules have run."""
    watched = 0
    for rule in rule_set.rules:
        for make in rule.examples:
            for ndim, dtype in ((0, "float64"), (1, "float64"), (2, "float64"), (1, "int64")):
                symbols = [Symbol(TensorType(dtype, (None,) * ndim), name) for name in "xyzuvw"[: operands(rule, make)]]
                try:
                    graph = as_node(make(*[Print(each.name)(each) for each in symbols]))
                except (TensorlabError, IndexError, TypeError):
                    continue  # it has no meaning for these operands
                before = {node.op for node in ancestors([graph]) if isinstance(node.op, Print)}
                after = {node.op for node in ancestors(rewritten(intern([graph])).outputs) if isinstance(node.op, Print)}
                assert {op.message for op in before} == {op.message for op in after}, f"{rule.name}: {graph}"
                watched += len(before)
    assert watched > 0 or not rule_set.rules


def test_they_are_values_that_can_be_pickled():
    for node in (T.ensure(x, x > 0, message="m"), tl.breakpoint(x > 0, x, name="b"), Print("p")(x)):
        twin = pickle.loads(pickle.dumps(node))
        assert twin.op == node.op and twin.type == node.type


def test_they_hand_on_the_value_itself_and_no_result_shares_it():
    f = tl.function([v], T.ensure(v, v > 0))
    given = np.array([1.0, 2.0])
    result = f(given)
    assert result.tolist() == [1, 2] and not np.may_share_memory(result, given)
