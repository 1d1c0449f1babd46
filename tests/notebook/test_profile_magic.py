"""`%profile`: what it shows, and what it says where there is nothing to show."""

from __future__ import annotations

import pytest

COMPILE = "x = T.vector('x'); f = tl.function([x], T.exp(x).sum(), name='f', profile=True); plain = tl.function([x], x + 1)"


@pytest.fixture
def profiled(notebook):
    notebook.run(COMPILE)
    return notebook


def test_it_shows_a_table_a_picture_and_the_graph(profiled):
    profiled.run("f([1.0, 2.0])")
    shown = profiled.run("%profile f").result
    bundle = profiled.data(shown)
    assert bundle["text/plain"].startswith("Profile of the function 'f': 1 call")
    assert "<table" in bundle["text/html"] and bundle["text/html"].count(" alt=") == 2
    assert profiled.run('%profile "[f][0]"').result.profile.calls == 1


def test_a_profile_shows_itself(profiled):
    profiled.run("f([1.0, 2.0])")
    bundle = profiled.data(profiled.run("f.profile").result)
    assert "<table" in bundle["text/html"] and bundle["text/plain"].startswith("Profile of")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%profile", "no function named"),
        ("%profile f plain", "2 functions named"),
        ("%profile g", "there is no variable 'g'"),
        ("%profile x", "x is a"),
        ("%profile plain", "compiled without a profile"),
        ("%profile f", "f was not called yet"),
    ],
)
def test_it_fails_its_cell_with_advice(profiled, line, found):
    error = profiled.run(line, fails=True).error
    assert found in str(error) and "try:" in str(error)


def test_help(profiled):
    assert "Usage::" in profiled.run("%profile --help").text
