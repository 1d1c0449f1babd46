"""`tl.progress`: with tqdm, and without it."""

from __future__ import annotations

import io
import sys

import pytest

import tensorlab as tl
from tensorlab.profiling import progress as module


@pytest.fixture
def no_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)


@pytest.fixture
def no_patience(monkeypatch):
    """Every step is worth a line."""
    monkeypatch.setattr(module, "FIRST", 0.0)
    monkeypatch.setattr(module, "PAUSE", 0.0)


def test_it_walks_through_what_it_is_given(no_tqdm):
    assert list(tl.progress(range(5))) == [0, 1, 2, 3, 4]
    assert list(tl.progress(iter("abc"))) == ["a", "b", "c"]
    assert len(tl.progress(range(7))) == 7
    with pytest.raises(TypeError, match="total="):
        len(tl.progress(iter("abc")))


def test_a_short_loop_says_nothing(no_tqdm):
    file = io.StringIO()
    assert list(tl.progress(range(5), file=file)) == [0, 1, 2, 3, 4] and file.getvalue() == ""


def test_lines_say_how_far_it_is(no_tqdm, no_patience):
    file = io.StringIO()
    bar = tl.progress(range(4), "training", file=file)
    for step in bar:
        bar.set_postfix(cost=1 / (step + 1), step=step)
    lines = file.getvalue().splitlines()
    assert lines[0].startswith("training: 1 of 4 (25 %) in 0 s, 0 s left, cost 1, step 0")
    assert lines[-1].startswith("training: 4 of 4 (100 %) in 0 s, cost 0.25")


def test_without_a_known_length(no_tqdm, no_patience):
    file = io.StringIO()
    assert list(tl.progress(iter("ab"), file=file)) == ["a", "b"]
    assert file.getvalue().splitlines()[0] == "progress: 1 in 0 s"


def test_a_loop_that_is_left_says_where(no_tqdm, no_patience):
    file = io.StringIO()
    for step in tl.progress(range(100), file=file):
        if step == 3:
            break
    assert "3 of 100" in file.getvalue()


def test_tqdm_is_used_where_it_is():
    tqdm = pytest.importorskip("tqdm.auto", reason="tqdm is an extra").tqdm
    file = io.StringIO()
    bar = tl.progress(range(3), "training", file=file)
    assert isinstance(bar, tqdm) and list(bar) == [0, 1, 2] and bar.total == 3
    bar.set_postfix(cost=1.0)
