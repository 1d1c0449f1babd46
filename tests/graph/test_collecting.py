"""Python's search for cycles waits while a graph is rewritten, and is as before afterwards, whatever happens."""

from __future__ import annotations

import gc
import os
import threading

import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.collecting import NEVER, YOUNG, full_searches_wait
from tensorlab.rewrite.engine import Engine


@pytest.fixture(autouse=True)
def usual():
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 7)
    if gc.get_threshold()[2] != 7:
        pytest.skip("this Python does not let anybody choose how often it searches all objects")
    yield
    gc.set_threshold(*before)


def test_it_waits_and_goes_on():
    with full_searches_wait():
        assert gc.get_threshold() == (YOUNG, 10, NEVER)
        with full_searches_wait():
            pass
        assert gc.get_threshold() == (YOUNG, 10, NEVER)
    assert gc.get_threshold() == (700, 10, 7)


def test_it_goes_on_after_an_error():
    with pytest.raises(ValueError), full_searches_wait():
        raise ValueError
    assert gc.get_threshold() == (700, 10, 7)


def test_functions_are_compiled_while_it_waits(monkeypatch):
    seen = []
    run = Engine.run
    monkeypatch.setattr(Engine, "run", lambda *given: seen.append(gc.get_threshold()[2]) or run(*given))
    x = T.scalar("x")
    assert tl.function([x], x * 1)(3.0) == 3.0
    assert set(seen) == {NEVER} and gc.get_threshold() == (700, 10, 7)


def test_what_somebody_else_chooses_meanwhile_stays():
    with full_searches_wait():
        gc.set_threshold(500, 5, 3)
    assert gc.get_threshold() == (500, 5, 3)
    with full_searches_wait():
        gc.set_threshold(600)
    assert gc.get_threshold() == (600, 5, 3)
    gc.set_threshold(0)
    with full_searches_wait():
        assert gc.get_threshold()[0] == 0
    gc.disable()
    with full_searches_wait():
        assert not gc.isenabled()
    assert not gc.isenabled()
    gc.enable()


def test_it_waits_for_the_last_of_several_threads():
    begun, go_on = threading.Event(), threading.Event()

    def other():
        with full_searches_wait():
            begun.set()
            go_on.wait(60)

    thread = threading.Thread(target=other)
    thread.start()
    begun.wait(60)
    with full_searches_wait():
        pass
    assert gc.get_threshold()[2] == NEVER
    go_on.set()
    thread.join()
    assert gc.get_threshold() == (700, 10, 7)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_fork_in_the_middle_does_not_wait_for_ever():
    with full_searches_wait():
        child = os.fork()
        if child == 0:
            inside = gc.get_threshold()
            with full_searches_wait():
                pass
            os._exit(0 if inside == gc.get_threshold() == (700, 10, 7) else 1)
        _, status = os.waitpid(child, 0)
    assert status == 0
