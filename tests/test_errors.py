"""Every class of error is raised by something that a reader can do, with all three parts, and is the built-in that Python would raise."""

from __future__ import annotations

import inspect
import pickle
import re
import sys

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph import errors
from tensorlab.graph.errors import TensorlabError
from tensorlab.ops.families import Library
from tensorlab.ops.inner_graphs import InnerGraph
from tensorlab.ops.words import ArrayWords
from tensorlab.rewrite.engine import Engine
from tensorlab.rewrite.rule import Procedure, RuleSet

x, y, i = T.scalar("x"), T.scalar("y"), T.lscalar("i")
v, u = T.vector("v"), T.vector("u")
A, B = T.matrix("A"), T.matrix("B")
w = tl.shared(1.0, name="w")
LONGEST = 8  # lines of a message


def without_scipy():
    """Ask for a function of SciPy where there is none."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "scipy"}
    for name in [*before, "scipy", "scipy.special"]:
        sys.modules[name] = None
    try:
        ArrayWords(np).erf
    finally:
        for name in ("scipy", "scipy.special"):
            sys.modules.pop(name, None)
        sys.modules.update(before)


def without_end():
    rules = RuleSet("growing", "")
    Procedure(lambda node, context: T.exp(T.exp(node.inputs[0])), rules, [type(T.exp)], [])
    rules.rules[0].name = "grow"
    Engine([rules]).run([T.exp(x)])


def wrong_gradient():
    class Wrong(type(T.exp)):
        """A derivative that is not the derivative."""

        def partials(self, out, x):
            return [2 * out]

    tl.gradient.verify_grad(Wrong(), [np.array(1.0)])


def update_inside_an_update():
    class Again(Library):
        """Calls the function that it is part of."""

        def type(self, x):
            return x.type

        def numpy(self, xp, x):
            return step()

    step = tl.function([], updates=[(w, Again()(w))])
    step()


def a_nan():
    tl.function([x], T.log(x), mode=tl.debug.NanGuardMode())(-1.0)


def no_such_device():
    with tl.config.change_flags(device="gpu999", force_device=True):
        tl.function([x], x)


def no_test_value():
    with tl.config.change_flags(compute_test_value="raise"):
        T.exp(T.scalar())


def faulty_op():
    class Shorter(Library):
        """Says that the result is as long as its operand, which it is not."""

        def type(self, v):
            return v.type

        def numpy(self, xp, v):
            return v[None]

    tl.function([v], Shorter()(v), mode=tl.debug.DebugMode())([1.0, 2.0])


def faulty_rule():
    from tensorlab.rewrite.rule import simplify

    wrong = Procedure(lambda node, context: node.inputs[0], simplify, [type(T.exp)], [])
    try:
        tl.function([x], T.exp(x), mode=tl.debug.DebugMode())(2.0)
    finally:
        simplify.rules.remove(wrong)
        simplify._by_card.clear()


class Opaque(Library):
    """An op without a derivative."""

    def type(self, x):
        return x.type


WAYS = {
    "ShapeError": (ValueError, lambda: T.dot(A, B).eval({A: np.ones((3, 2)), B: np.ones((3, 2))})),
    "BroadcastError": (ValueError, lambda: (A + B).eval({A: np.ones((2, 3)), B: np.ones((1, 3))})),
    "RankError": (TypeError, lambda: tl.function([A], A)([1, 2])),
    "AxisError": (ValueError, lambda: v.sum(axis=1)),
    "DtypeError": (TypeError, lambda: T.scalar(dtype="float8")),
    "ConversionError": (TypeError, lambda: x + "text"),
    "DowncastError": (TypeError, lambda: tl.function([i], i)(0.5)),
    "IndexingError": (IndexError, lambda: v[3].eval({v: [1, 2]})),
    "ComputationError": (ValueError, lambda: (i**i).eval({i: -1})),
    "SymbolTruthError": (TypeError, lambda: 1 if x > 0 else 0),
    "SymbolIterationError": (TypeError, lambda: list(v)),
    "SymbolNumberError": (TypeError, lambda: float(x)),
    "SymbolAssignmentError": (TypeError, lambda: v.__setitem__(0, 1)),
    "CostError": (TypeError, lambda: T.grad(v * 2, v)),
    "DisconnectedInputError": (ValueError, lambda: T.grad(x, y)),
    "GradientUndefinedError": (TypeError, lambda: T.grad(Opaque()(x), x)),
    "GradientCheckError": (AssertionError, wrong_gradient),
    "InputError": (TypeError, lambda: tl.function(x, x)),
    "MissingInputError": (TypeError, lambda: tl.function([x], x + y)),
    "UnusedInputError": (ValueError, lambda: tl.function([x, y], x)),
    "OutputError": (TypeError, lambda: tl.function([x], "x")),
    "UpdateError": (TypeError, lambda: tl.function([v], updates=[(w, v)])),
    "DuplicateUpdateError": (ValueError, lambda: tl.function([], updates=[(w, w + 1), (w, w + 2)])),
    "ReentryError": (RuntimeError, update_inside_an_update),
    "GivenError": (TypeError, lambda: tl.function([x], x, givens=[(x, v)])),
    "ChoiceError": (ValueError, lambda: tl.function([x], x, mode="SLOW")),
    "SettingError": (ValueError, lambda: setattr(tl.config, "floatX", "float8")),
    "UnknownSettingError": (AttributeError, lambda: tl.config.floatx),
    "DeviceError": (RuntimeError, no_such_device),
    "PictureError": (ValueError, lambda: tl.view.show(3)),
    "MissingPackageError": (ImportError, without_scipy),
    "ProfileError": (ValueError, lambda: tl.profile(tl.function([x], x))),
    "AssertionFailedError": (AssertionError, lambda: T.ensure(x, x > 0, message="only positive numbers").eval({x: -1})),
    "UnwantedNumberError": (AssertionError, a_nan),
    "TestValueError": (ValueError, no_test_value),
    "OpFaultError": (AssertionError, faulty_op),
    "RuleFaultError": (AssertionError, faulty_rule),
    "RewriteError": (RuntimeError, without_end),
}
CLASSES = {
    name: each
    for name, each in vars(errors).items()
    if inspect.isclass(each) and issubclass(each, TensorlabError) and each is not TensorlabError
}


def test_every_class_has_a_way_to_it():
    assert set(WAYS) == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_has_three_parts(name):
    builtin, way = WAYS[name]
    with pytest.raises(TensorlabError) as caught:
        way()
    error = caught.value
    assert type(error) is CLASSES[name]
    assert isinstance(error, builtin) and issubclass(builtin, Exception)
    for part in (error.asked, error.found, error.advice):
        assert isinstance(part, str) and len(part) > 2 and part == part.strip()
    text = str(error)
    assert text.startswith(error.asked) and "\n  found: " in text and "\n  try:   " in text
    assert len(text.splitlines()) <= LONGEST
    assert "0x" not in text and "object at" not in text
    assert CLASSES[name].__doc__ and not any(hole in text for hole in ("{x}", "{y}", "{z}", "{x0}"))


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_can_be_pickled(name):
    error = CLASSES[name]("what was asked", "what was found", "what to try")
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error) and str(twin) == str(error) == "what was asked\n  found: what was found\n  try:   what to try"
    assert (twin.asked, twin.found, twin.advice) == (error.asked, error.found, error.advice)


def test_a_finding_of_several_lines_is_indented():
    assert str(errors.ShapeError("asked", "one\ntwo")) == "asked\n  found: one\n         two"
    assert str(errors.ShapeError("asked")) == "asked"
    assert str(errors.ShapeError("asked", "found", "one\ntwo")).endswith("  try:   one\n         two")


def message(attempt) -> str:
    with pytest.raises(TensorlabError) as caught:
        attempt()
    return str(caught.value)


@pytest.mark.parametrize("way", [
    lambda: tl.function([], x + 1),
    lambda: tl.function([x, y], x),
    lambda: T.grad(x, y),
    lambda: InnerGraph([x], x + y),
])
def test_a_symbol_in_a_sentence_is_no_sentence_itself(way):
    """It once read "y depends on x is float64 scalar, made at …, which is not among the inputs"."""
    text = message(way)
    assert "(float64 scalar, made at " in text and not re.search("on [xy] is ", text)


def test_articles_and_plurals():
    for way, part in [
        (lambda: T.grad(3, x), "an int instead of an expression"),
        (lambda: T.grad(x, np.zeros(2)), "an ndarray, which is not part of any graph"),
        (lambda: tl.function([1], x), "an int instead of a symbol"),
        (lambda: tl.function([v], v)(1), "0 axes (shape ())"),
        (lambda: tl.function([v], v)([[1]]), "a value with 1 axis, or"),
        (lambda: tl.function([x], x)(1, 2), "2 arguments"),
        (lambda: tl.function([], w)(1), "1 argument\n"),
        (lambda: x[object()], "an object, which is no index"),
    ]:
        text = message(way)
        assert part in text and not re.search(r"\ba (int|object|ndarray)\b|\b1 (axes|arguments|inputs)\b", text), text


def test_advice_can_be_pasted():
    """No name that only tensorlab knows (`add.0`, `<TensorType(…)>`, `TensorConstant{…}`), and parentheses where Python needs them."""
    count = tl.shared(np.int32(0), name="count")
    nameless = [T.scalar()][0]
    for way, advice in [
        (lambda: (x + 1).eval({"z": 1}), "(x + 1).eval({x: value})"),
        (lambda: tl.function([], updates=[(count, T.constant(3.0))]), "updates=[(count, T.cast(3, 'int32'))]"),
        (lambda: tl.function(nameless, nameless), "tl.function([x], …)"),
        (lambda: tl.function({x}, x), "tl.function([x], …)"),
        (lambda: tl.function((each for each in [x]), x), "tl.function(["),
        (lambda: tl.function([x], updates=(w, x + 1)), "updates=[(w, x + 1)]"),
        (lambda: tl.function([x], givens=(x, x + 1)), "givens=[(x, x + 1)]"),
        (lambda: tl.function([x], x, updates=[(x + 1, x)]), "updates=[(w, expression)]"),
        (lambda: tl.function([nameless, nameless], nameless), "tl.function([x, …])"),
    ]:
        text = message(way)
        assert advice in text and not re.search(r"\.0\b|TensorType|TensorConstant", text), text
    assert (x + 1).eval({x: 1}) == 2


def test_the_lines_about_a_cost_are_short():
    """Lab breaks lines of more than about 90 characters inside words."""
    A_2 = A * 2
    lines = message(lambda: T.grad(A_2, A)).replace(__file__, "cell 3").splitlines()
    assert max(map(len, lines)) <= 88 and 4 <= len(lines) <= LONGEST
    assert lines[2].strip() == "not a single number, and only a number has a gradient"
