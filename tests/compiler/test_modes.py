"""Modes: rule sets and rules by name, back ends, hooks, and what a mode means for a function."""

from __future__ import annotations

import copy
import itertools
import pickle

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends.base import Runner
from tensorlab.backends.reference import Reference
from tensorlab.compiler import modes
from tensorlab.compiler.modes import BACKENDS, LATER, WORDS, Mode, checked_mode
from tensorlab.graph.errors import ChoiceError
from tensorlab.rewrite.passes import rewritten
from tensorlab.rewrite.rule import FOR_THE_EYE, RULE_SETS, accumulate, canonicalize, simplify, stabilize
from tensorlab.rewrite.selection import FAST_COMPILE, FAST_RUN, IN_ORDER, Selection
from tensorlab.settings import SETTINGS

x = T.scalar("x")
v = T.vector("v")


def fired(f: tl.Function) -> set[str]:
    """The names of the rules that made a function what it is."""
    return {each.rule.name for each in f.history}


# -- selections


def test_the_two_words_select_what_they_always_have():
    assert FAST_RUN.passes == ((canonicalize,), (canonicalize, stabilize), (canonicalize, stabilize, simplify))
    assert FAST_RUN.last is accumulate
    assert FAST_COMPILE.passes == ((stabilize,),) and FAST_COMPILE.last.rules == []
    assert {*IN_ORDER, *FOR_THE_EYE} == set(RULE_SETS), "a new rule set belongs to one or the other"


@pytest.mark.parametrize("chosen", [set(each) for count in range(5) for each in itertools.combinations(range(4), count)], ids=str)
def test_every_choice_of_rule_sets_keeps_the_value(chosen):
    names = [IN_ORDER[each].name for each in chosen]
    y = T.log(1 - T.nnet.sigmoid(v * 1 + 0)).sum() + T.exp(v).mean()
    mode = Mode(names or None, "numpy")
    f = tl.function([v], [y, T.grad(y, v)], mode=mode)
    assert {each.rule.belongs_to.name for each in f.history} <= set(names)
    expected = tl.function([v], [y, T.grad(y, v)], mode=Mode(None, "numpy"))
    for found, wanted in zip(f([0.5, -2.0]), expected([0.5, -2.0])):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_no_rules_leave_the_graph_as_it_is():
    f = tl.function([x], (x * 1 + 0) * 1, mode=Mode(None, "numpy"))
    assert f.history == () and len(f.stages.program.steps) == 3 and f(3) == 3


def test_single_rules():
    y = 1 * x + 0
    assert fired(tl.function([x], y)) == {"times_one", "plus_zero"}
    assert fired(tl.function([x], y, mode=Mode("FAST_RUN").excluding("times_one"))) == {"plus_zero"}
    assert fired(tl.function([x], y, mode=Mode("FAST_COMPILE").including("times_one"))) == {"times_one"}
    assert fired(tl.function([x], y, mode=Mode(["times_one", "plus_zero"]))) == {"times_one", "plus_zero"}
    assert fired(tl.function([x], y, mode=Mode("times_one"))) == {"times_one"}


def test_rules_that_write_products_where_they_are_wanted_can_be_chosen_and_left_out():
    a, b, c = T.matrices("a", "b", "c")
    y = c + T.dot(a, b)
    (name,) = {each.rule.name for each in rewritten([y], Selection().including("accumulate")).history}
    assert name in {each.name for each in accumulate.rules}
    assert {each.rule.name for each in rewritten([y], Selection().including(name)).history} == {name}
    assert not rewritten([y], FAST_RUN.excluding(name)).history
    assert not rewritten([y], FAST_RUN.excluding("accumulate")).history


def test_including_and_excluding_undo_each_other():
    assert FAST_RUN.excluding("simplify").including("simplify") == FAST_RUN
    assert FAST_RUN.excluding("times_one").including("times_one") != FAST_COMPILE
    assert fired_names(FAST_RUN.excluding("times_one").including("times_one")) == fired_names(FAST_RUN)
    assert fired_names(FAST_RUN.excluding("times_one").including("canonicalize")) == fired_names(FAST_RUN), "the whole set again"
    assert fired_names(FAST_COMPILE.including("times_one").excluding("canonicalize")) == set(), "and no rule of it"
    assert fired_names(FAST_COMPILE.including("times_one")) == {"times_one"}


def fired_names(selection: Selection) -> set[str]:
    return {each.rule.name for each in rewritten([1 * x + 0], selection).history}


def test_a_rule_that_is_defined_later_belongs_to_modes_made_before():
    before = Mode("FAST_RUN")
    assert before.rewrites.passes[-1][-1] is simplify, "the rule set itself, not a copy of what it held"


@pytest.mark.parametrize(
    ("name", "found", "advice"),
    [
        ("simplfy", "no rule set and no rule called 'simplfy'", "'simplify'"),
        ("TIMES_ONE", "no rule set and no rule", "'times_one'"),
        ("qqqqqqqqqq", "the rule sets are canonicalize, stabilize, simplify, accumulate", "'simplify'"),
        ("display", "only for the eye", "'simplify'"),
        (3, "no rule set and no rule", "'simplify'"),
    ],
)
def test_names_that_nothing_has(name, found, advice):
    for attempt in (Mode().including, Mode().excluding, lambda each: Mode([each])):
        with pytest.raises(ChoiceError) as caught:
            attempt(name)
        assert found in caught.value.found and advice in caught.value.advice
    with pytest.raises(ChoiceError):
        Mode(3)


# -- modes as values


def test_a_mode_is_a_value():
    mode = Mode("FAST_COMPILE", "native", name="mine")
    assert (mode.name, mode.backend, str(mode)) == ("mine", "llvm", "mine") and mode == "mine" and mode != "FAST_RUN"
    other = mode.excluding("stabilize")
    assert other != mode and other.rewrites == Selection() and mode.rewrites == FAST_COMPILE, "the first is as it was"
    assert mode == Mode("FAST_COMPILE", "llvm", name="mine") and hash(mode) == hash("mine")
    for again in (pickle.loads(pickle.dumps(other)), copy.copy(other), copy.deepcopy(other)):
        assert again == other and again is not other
    assert repr(other) == "mine(no rules, backend='llvm')"


def test_words_are_accepted_as_the_setting_has_them():
    assert {*WORDS, *LATER} == set(SETTINGS["mode"].kind.examples)
    for word in SETTINGS["mode"].kind.examples:
        assert checked_mode(word).name == word and checked_mode(word) == word
        with tl.config.change_flags(mode=word):
            assert checked_mode(None) == checked_mode(word)
    assert checked_mode("DebugMode") == "DEBUG_MODE"


@pytest.mark.parametrize(
    ("mode", "found", "advice"),
    [
        ("fast_run", "mode takes one of FAST_RUN", "mode='FAST_RUN'"),
        ("NanGuard", "or a tl.Mode", "mode='NanGuardMode'"),
        (3, "or a tl.Mode", "mode='FAST_RUN'"),
        (Mode, "a class of modes", "mode=Mode()"),
    ],
)
def test_what_is_no_mode(mode, found, advice):
    with pytest.raises(ChoiceError) as caught:
        tl.function([x], x, mode=mode)
    assert found in caught.value.found and caught.value.advice == advice


def test_back_ends():
    for name in BACKENDS:
        f = tl.function([x], T.exp(x) * 2, mode=Mode("FAST_RUN", name))
        assert f.native is (name == "llvm" and modes.FAST_RUN.native and tl.function([x], x + 1).native)
        assert f(0) == 2
    with pytest.raises(ChoiceError, match="the back ends are llvm and numpy") as caught:
        Mode(backend="numppy")
    assert "'numpy'" in caught.value.advice


# -- functions of a mode


def test_a_function_keeps_its_mode_in_copies_and_pickles():
    w = tl.shared(0.0, name="w")
    f = tl.function([x], w * 1 + x, updates=[(w, w + x)], mode=Mode("FAST_RUN", "numpy").excluding("times_one"), name="f")
    for again in (pickle.loads(pickle.dumps(f)), copy.copy(f), f.copy("g")):
        assert again.mode == f.mode and again.mode is not modes.FAST_RUN and fired(again) == fired(f)
        assert again(1) is not None and not again.native


def test_settings_add_rules_to_the_modes_of_words_and_to_no_others():
    y = 1 * x + 0
    with tl.config.change_flags(optimizer_excluding="times_one"):
        f = tl.function([x], y)
        assert fired(f) == {"plus_zero"} and f.mode == "FAST_RUN" and f.mode != modes.FAST_RUN
        assert fired(tl.function([x], y, mode=modes.FAST_RUN)) == {"times_one", "plus_zero"}, "a mode is what it says"
    with tl.config.change_flags(optimizer_including=["canonicalize"], optimizer_excluding=["plus_zero"]):
        assert fired(tl.function([x], y, mode="FAST_COMPILE")) == {"times_one"}
    assert fired(pickle.loads(pickle.dumps(f))) == {"plus_zero"}, "what it was compiled with, whatever the settings say now"
    assert tl.function([x], y).mode == modes.FAST_RUN


class Counting(Mode):
    """A mode of another floor: it takes the way through Python and runs the reference back end, counting."""

    name = "Counting"
    native = False

    def __init__(self) -> None:
        super().__init__("FAST_RUN")
        self.calls = 0

    def runner(self, function):
        usual = Reference().compile(function.stages.program)

        def run(values):
            self.calls += 1
            return usual.run(values)

        return Runner(run, usual.fresh, usual.source)


def test_a_mode_may_bring_its_own_runner():
    mode = Counting()
    w = tl.shared(1.0, name="w")
    f = tl.function([x], T.exp(x) * w, updates=[(w, w * 2)], mode=mode)
    assert [f(0), f(0), f(0)] == [1, 2, 4] and mode.calls == 3 and not f.native and f.mode is mode
    assert tl.function([x], x + 1, mode=mode.excluding("simplify")).mode.rewrites == FAST_RUN.excluding("simplify")
    assert isinstance(mode.excluding("simplify"), Counting)
