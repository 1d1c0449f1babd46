"""The stopwatch of compilations, and what a card counts as."""

from __future__ import annotations

import threading

import pytest

import tensorlab.tensor as T
from tensorlab.backends.work import effort
from tensorlab.laps import lap, listener, listening


def test_laps_are_added_up_in_order():
    with listening() as laps:
        for stage in ("one", "two", "one"):
            lap(stage)
    assert list(laps.seconds) == ["one", "two"] and all(each >= 0 for each in laps.seconds.values())
    lap("three")
    assert "three" not in laps.seconds and listener.get() is None


def test_an_error_ends_the_listening():
    with pytest.raises(ZeroDivisionError), listening():
        raise ZeroDivisionError
    assert listener.get() is None


def test_another_thread_is_not_listened_to():
    with listening() as laps:
        thread = threading.Thread(target=lap, args=("elsewhere",))
        thread.start()
        thread.join()
    assert not laps.seconds


x, y = T.vectors("x", "y")
COUNTS = {
    "sum": (x + y, 1, {}),
    "comparison": (x > y, 1, {}),
    "exponential": (T.exp(x), 0, {"exp": 1}),
    "sigmoid": (T.nnet.sigmoid(x), 3, {"exp": 1}),
    "root": (T.sqrt(x), 1, {}),
    "cast": (T.cast(x, "float32"), 0, {}),
    "choice": (T.switch(x > 0, x, y), 0, {}),
}


@pytest.mark.parametrize("name", COUNTS)
def test_what_one_element_takes(name):
    node, operations, words = COUNTS[name]
    found = effort(node.op, len(node.inputs))
    assert (found.operations, dict(found.words)) == (operations, words)
