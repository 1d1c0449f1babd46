"""`NanGuardMode`: where a nan, an infinity or a huge number first appears."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.debug.evidence import nearest
from tensorlab.debug.numbers import first_bad, in_words
from tensorlab.graph.errors import UnwantedNumberError
from tensorlab.graph.walk import ancestors

x, v, m = T.scalar("x"), T.vector("v"), T.matrix("m")


def caught(f, *arguments):
    with pytest.raises(UnwantedNumberError) as found:
        f(*arguments)
    return found.value


def test_the_first_node_is_named_with_its_line_and_its_operands():
    inner = T.log(v)
    f = tl.function([v], (inner * 2).sum() + 1, mode=tl.NanGuardMode())
    assert f([1.0, 1.0]) == 1
    error = caught(f, [1.0, 2.0, -3.0, 4.0, 5.0])
    assert "a nan first appears in inner = log(v)" in error.asked and f"test_nan_guard.py:{inner.place.line}" in error.asked
    assert "1 of 5 numbers is nan, first at [2]" in error.found and "at [2] it is -3" in error.found
    assert "T.log(T.maximum(v, 1e-7))" in error.advice
    assert isinstance(error.node.op, type(T.log)) and next(iter(error.values.values())).tolist() == [1, 2, -3, 4, 5]


@pytest.mark.parametrize("function, value, word", [
    (lambda x: x / (x - 1), 1.0, "an infinity"),
    (lambda x: T.sqrt(x), -1.0, "a nan"),
    (lambda x: x * 1e6, 1e5, "a huge number"),
    (lambda x: T.exp(x), 1000.0, "an infinity"),
])  # fmt: skip
def test_kinds_of_numbers(function, value, word):
    assert word in caught(tl.function([x], function(x), mode=tl.NanGuardMode()), value).asked


def test_each_kind_can_be_allowed():
    y = [T.sqrt(x), 1 / (x + 1), x * 1e11]
    kinds = {"nan_is_error": 0, "inf_is_error": 1, "big_is_error": 2}
    for kind, position in kinds.items():
        others = {each: each == kind for each in kinds}
        assert caught(tl.function([x], y[position], mode=tl.NanGuardMode(**others)), -1.0)
        allowed = tl.NanGuardMode(**{each: not wanted for each, wanted in others.items()})
        assert tl.function([x], y[position], mode=allowed)(-1.0) is not None


def test_arguments_and_shared_values_are_looked_at_first():
    w = tl.shared(np.array([1.0, np.inf]), name="w")
    f = tl.function([v], (v * w).sum(), mode=tl.NanGuardMode())
    assert "the argument v with a nan" in caught(f, [np.nan, 1.0]).asked
    error = caught(f, [1.0, 1.0])
    assert "the shared variable w" in error.asked and "earlier update" in error.advice


def test_nothing_is_updated():
    w = tl.shared(1.0, name="w")
    step = tl.function([x], updates=[(w, T.log(x))], mode=tl.NanGuardMode())
    caught(step, -1.0)
    assert w.get_value() == 1
    step(1.0)
    assert w.get_value() == 0


def test_a_node_can_be_excused():
    y = T.sqrt(x)
    y.tag.nan_guard_mode_check = False
    assert np.isnan(tl.function([x], y, mode=tl.NanGuardMode())(-1.0))


def test_what_is_no_float_is_no_concern():
    i = T.lscalar("i")
    assert tl.function([i], i * 10**9, mode=tl.NanGuardMode())(100) == 10**11


def test_the_picture_shows_the_node_and_what_is_near_it():
    y = v
    for _ in range(20):
        y = y * 1.5
    error = caught(tl.function([v], T.log(y).sum(), mode=tl.NanGuardMode()), [1.0, -1.0])
    picture = error.evidence.picture
    assert "nan first here" in picture.text and picture.svg.startswith("<svg")
    assert len(picture.drawing.shapes) <= 12
    assert set(picture._repr_mimebundle_()) == {"text/html", "image/svg+xml", "text/plain"}


def test_far_nodes_become_symbols():
    y = T.exp(T.sin(T.cos(T.tan(v))))
    top, twins = nearest(y, depth=2)
    assert top is not y and top.op == y.op and len(ancestors([top])) == 3
    assert all(twin.type == node.type for node, twin in twins.items())
    assert nearest(v) == (v, {})


def test_values_in_words():
    assert in_words(np.array([1.0, np.nan, 3.0, 4.0, 5.0])) == "has shape (5,), from 1 to 5, 1 not finite"
    assert in_words(np.ones((2, 3)), (1, 2)) == "has shape (2, 3), from 1 to 1, at [1, 2] it is 1"
    assert in_words(np.array([2.0]), (5,)) == "is [2]"
    assert first_bad(np.array([1, 2]), True, True, True) is None and first_bad(np.zeros(0), True, True, True) is None
    assert first_bad(np.array([np.inf, np.nan]), inf=True).position == (0,)
    assert first_bad(np.array([-1e10]), big=True).kind == "big" and first_bad(np.array([9.9e9]), big=True) is None


def test_advice_can_be_pasted():
    error = caught(tl.function([x], (x + 1) / (x - 1), mode=tl.NanGuardMode()), 1.0)
    code, _, _ = error.advice.partition(", or a divisor")
    assert code == "T.switch(T.eq(x - 1, 0), 0, T.true_div(x + 1, x - 1))"
    assert eval(code, {"T": T, "x": x}).eval({x: 1.0}) == 0


def test_the_message_is_short():
    names = T.vectors("a", "b", "c", "d", "e")
    total = sum(names)
    error = caught(tl.function(list(names), T.log(total - 100), mode=tl.NanGuardMode()), *[[1.0] * 9] * 5)
    assert len(str(error).splitlines()) <= 8


def test_a_notebook_shows_the_picture_above_the_message(monkeypatch):
    from types import SimpleNamespace

    import IPython.display

    from tensorlab.notebook import tracebacks

    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    monkeypatch.setattr(tracebacks, "get_ipython", lambda: SimpleNamespace(kernel=object(), user_ns={}, colors="nocolor"))
    y = T.log(v).sum()
    error = caught(tl.function([v], y, mode=tl.NanGuardMode()), [1.0, -1.0])
    lines = tracebacks.rendered(error)
    assert lines[0].startswith("UnwantedNumberError: a nan first appears in log(v)")
    assert len(shown) == 1 and "nan first here" in shown[0].text and '<img class="tl-image" alt=' in shown[0].html
