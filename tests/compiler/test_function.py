"""`tl.function`: what it takes, how it is called, and what it gives back."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections import OrderedDict

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import (
    ChoiceError,
    ConversionError,
    InputError,
    MissingInputError,
    OutputError,
    UnusedInputError,
)


def test_signatures_are_theanos():
    parameters = [(name, each.default) for name, each in inspect.signature(tl.function).parameters.items()]
    assert parameters == [
        ("inputs", inspect.Parameter.empty),
        ("outputs", None),
        ("updates", None),
        ("givens", None),
        ("mode", None),
        ("name", None),
        ("on_unused_input", None),
        ("allow_input_downcast", None),
        ("no_default_updates", False),
        ("profile", None),
    ]
    parameters = [(name, each.default) for name, each in inspect.signature(tl.shared).parameters.items()]
    assert parameters[:6] == [
        ("value", inspect.Parameter.empty),
        ("name", None),
        ("strict", False),
        ("allow_downcast", None),
        ("borrow", False),
        ("broadcastable", None),
    ]
    assert {"variable", "name", "value", "update", "borrow", "strict", "allow_downcast"} <= set(inspect.signature(tl.In).parameters)


# -- the list of inputs


def test_inputs_must_be_a_list():
    x = T.scalar("x")
    with pytest.raises(InputError) as caught:
        tl.function(x, x**2)
    assert "the inputs must be a list" in str(caught.value) and caught.value.advice == "tl.function([x], …)"
    with pytest.raises(InputError, match=r"tl.function\(\[x\], …\)"):
        tl.function(tl.In(x), x)
    with pytest.raises(InputError, match="must be a list"):
        tl.function("x", x)
    assert tl.function((x,), x)(1) == 1
    assert tl.function([], T.constant(3.0))() == 3


@pytest.mark.parametrize("wrong", [3, np.zeros(2), None, "x", T.constant(2.0)], ids=["number", "array", "None", "text", "constant"])
def test_an_input_must_be_a_symbol(wrong):
    with pytest.raises(InputError, match="instead of a symbol"):
        tl.function([wrong], T.constant(1.0))


def test_a_shared_variable_is_no_input():
    w = tl.shared(1.0, name="w")
    for each in (w, tl.In(w)):
        with pytest.raises(InputError, match="functions see its value without being given it"):
            tl.function([each], w)
    with pytest.raises(InputError, match="instead of a symbol"):
        tl.In(3)


def test_an_input_stands_once():
    x = T.scalar("x")
    with pytest.raises(UnusedInputError, match="stands twice"):
        tl.function([x, tl.In(x)], x)


def test_an_unused_input():
    x, y = T.scalars("x", "y")
    with pytest.raises(UnusedInputError, match=r"no output and no update depends on y \(float64 scalar, made at .*test_function\.py:\d+\)"):
        tl.function([x, y], x)
    assert tl.function([x, y], x, on_unused_input="ignore")(1, 2) == 1
    with pytest.warns(UserWarning, match="depends on y") as warned:
        f = tl.function([x, y], x, on_unused_input="warn")
    assert warned[0].filename == __file__
    assert f(1, 2) == 1
    with tl.config.change_flags(on_unused_input="ignore"):
        tl.function([x, y], x)
    with pytest.raises(ChoiceError, match="on_unused_input='warn'"):
        tl.function([x], x, on_unused_input="warm")


def test_an_input_used_only_by_an_update_is_used():
    x, w = T.scalar("x"), tl.shared(0.0)
    tl.function([x], updates=[(w, x)])(3)
    assert w.get_value() == 3


def test_a_missing_input():
    x, y = T.scalar("x"), T.scalar()
    z = x + y
    with pytest.raises(MissingInputError) as caught:
        tl.function([x], z)
    assert "z depends on y (float64 scalar, made at" in caught.value.found and "which is not among the inputs" in caught.value.found
    assert caught.value.advice == "add y to the list of inputs, or givens=[(y, value)]"
    with pytest.raises(MissingInputError):
        tl.function([], updates=[(tl.shared(0.0), x)])


def test_a_missing_input_with_a_namesake():
    """The cell `x = T.scalar('x')` was run again, the cell that builds y was not."""
    x = T.scalar("x")
    y = x**2
    x = T.scalar("x")
    with pytest.raises(MissingInputError) as caught:
        tl.function([x], y)
    line = inspect.currentframe().f_lineno
    assert (
        caught.value.found
        == f"y was built from an earlier x, made in {__file__}:{line - 5}; the input is another x, made in {__file__}:{line - 3}"
    )
    assert caught.value.advice == "run the code that builds y again, so that it is built from the new x"
    first = T.vector()
    total = first.sum()
    first = T.vector()
    with pytest.raises(MissingInputError, match="an earlier first"):
        tl.function([first], total)


def test_an_expression_as_input_cuts_the_graph():
    x = T.scalar("x")
    h = x * 2
    f = tl.function([h], h + 1)
    assert f(10) == 11
    assert tl.function([x, h], h + x)(1, 5) == 6


# -- outputs


def test_the_form_of_the_outputs_is_the_form_of_the_results():
    x = T.vector("x")
    single = tl.function([x], x * 2)([1, 2])
    assert type(single) is np.ndarray and single.tolist() == [2, 4]
    several = tl.function([x], [x * 2])([1])
    assert type(several) is list and len(several) == 1
    assert type(tl.function([x], (x, x + 1))([1])) is list
    named = tl.function([x], OrderedDict([("b", x), ("a", x.sum())]))([1, 2])
    assert type(named) is dict and list(named) == ["b", "a"] and named["a"] == 3
    assert tl.function([x], on_unused_input="ignore")([1]) == tl.function([x], [], on_unused_input="ignore")([1]) == []
    assert tl.function([], None)() == []
    assert tl.function([x], [x, 1.5, tl.Out(x.sum(), borrow=True)])([2])[1:] == [1.5, 2]


def test_results_are_arrays_also_of_no_axes():
    x, i = T.scalar("x"), T.iscalar("i")
    w = tl.shared(2.0)
    f = tl.function(
        [x, i], [x, x * 2, x > 0, i, T.exp(x), x + w, w, T.constant(3), T.switch(x > 0, x, 1), x.sum(), abs(x), T.dot([x], [x])]
    )
    for each in f(1, 2):
        assert type(each) is np.ndarray and each.shape == ()
    assert [each.dtype.name for each in f(1, 2)[:4]] == ["float64", "float64", "bool", "int32"]
    assert repr(tl.function([x], [x, x + 1])(7)) == "[array(7.), array(8.)]"


def test_wrong_outputs():
    x = T.scalar("x")
    for wrong in ("x", [x, "x"], {"a": object()}, [None]):
        with pytest.raises(OutputError, match="instead of an expression"):
            tl.function([x], wrong)
    with pytest.raises(OutputError, match="keys of outputs are texts"):
        tl.function([x], {x: x})


# -- calls


def test_calls_by_position_and_name():
    x, y, z = T.scalars("x", "y", "z")
    f = tl.function([x, y, z], x + 10 * y + 100 * z)
    assert f(1, 2, 3) == f(1, 2, z=3) == f(x=1, y=2, z=3) == f(z=3, y=2, x=1) == 321
    g = tl.function([tl.In(x, name="first"), y], x - y)
    assert g(first=3, y=1) == 2


def test_calls_that_do_not_fit():
    x, y = T.scalar("x"), T.scalar("y")
    f = tl.function([x, y], x + y, name="total")
    for call, text in [
        (lambda: f(1), "no value for y; it has 2 inputs: x, y"),
        (lambda: f(), "no value for x"),
        (lambda: f(1, 2, 3), "'total' called with 3 arguments"),
        (lambda: f(1, x=2), "given by position already"),
        (lambda: f(1, z=2), "no input has that name; it has 2 inputs: x, y"),
        (lambda: tl.function([], 1)(2), "it has 0 inputs"),
    ]:
        with pytest.raises(InputError) as caught:
            call()
        assert isinstance(caught.value, TypeError) and text in str(caught.value)
        assert caught.value.advice


def test_a_name_that_two_inputs_share_is_refused():
    a, b = T.scalar("x"), T.scalar("x")
    f = tl.function([a, b], a - b)
    assert f(3, 1) == 2
    with pytest.raises(InputError, match="2 inputs have that name"):
        f(3, x=1)


def test_inputs_without_a_name_are_listed_by_their_variable():
    size = T.scalar()
    with pytest.raises(InputError, match=r"1 input: size"):
        tl.function([size], size)()


# -- options


def test_modes():
    x = T.scalar("x")
    assert tl.function([x], x, mode="FAST_COMPILE").mode == "FAST_COMPILE"
    assert tl.function([x], x).mode == "FAST_RUN"
    with tl.config.change_flags(mode="FAST_COMPILE"):
        assert tl.function([x], x).mode == "FAST_COMPILE"
    with pytest.raises(ChoiceError, match="mode='FAST_RUN'") as caught:
        tl.function([x], x, mode="FAST_RAN")
    assert isinstance(caught.value, ValueError)


def test_stages_are_kept():
    x = T.vector("x")
    f = tl.function([x], (x * 1 + 0).sum())
    assert f.stages.graph.outputs[0] is f.outputs[0]
    assert len(f.stages.program.steps) >= 1
    assert f.source().startswith("def program(b0):\n    # b0 is x, float64 vector\n")
    with pytest.raises(ValueError, match="'numpy'"):
        f.source("fortran")


def test_repr():
    x, w = T.vector("x"), T.vector("w")
    y = T.dot(w, x)
    assert repr(tl.function([x, w], y)) == "<Function(x, w) -> [y]>"
    assert repr(tl.function([x, w], [y], name="neuron")) == "<Function neuron(x, w) -> [y]>"


def test_eval():
    x, y = T.scalars("x", "y")
    z = x + y
    assert z.eval({x: 1, y: 2}) == z.eval({"x": 1, "y": 2}) == 3
    assert len(z._evaluators) == 1  # compiled once
    assert T.grad(x * y, x).eval({x: 1, y: 2}) == 2  # what does not matter may be given all the same
    with pytest.raises(InputError, match="no symbol of z is called 'w'"):
        z.eval({"w": 1})
    with pytest.raises(MissingInputError):
        z.eval({x: 1})
    with pytest.raises(MissingInputError):
        z.eval()
    with pytest.raises(ConversionError):
        z.eval({x: y, y: 1})


# -- copies


def make_counter():
    x, n = T.scalar("x"), tl.shared(0.0, name="n")
    total = T.scalar("total")
    return n, tl.function([x, tl.In(total, value=10.0, update=total + x)], [total + x, n], updates=zip([n], [n + 1]), name="counter")


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))], ids=["deepcopy", "pickle"])
def test_copies_keep_defaults_and_have_values_of_their_own(duplicate):
    n, f = make_counter()
    f(1)
    g = duplicate(f)
    assert g.name == "counter"
    assert [each.item() for each in g(1)] == [12, 1]
    assert [each.item() for each in g(1)] == [13, 2]
    assert n.get_value() == 1 and f["total"] == 11


def test_copy_shares_the_shared_variables():
    n, f = make_counter()
    g = f.copy(name="twin")
    g(5)
    assert (n.get_value(), g["total"], f["total"], g.name) == (1, 15, 10, "twin")


def test_a_function_can_be_pickled_while_its_updates_were_given_as_a_zip():
    """A zip can be read only once: the copy must not lose the updates."""
    n, f = make_counter()
    f.copy()(1)
    assert n.get_value() == 1
