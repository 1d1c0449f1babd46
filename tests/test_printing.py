"""`tl.printing`: looking at values while they are computed, and at graphs in files."""

from __future__ import annotations

import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import MissingPackageError
from tensorlab.printing import Print, pydotprint, short


def test_print_shows_the_value_and_hands_it_on(capsys):
    x = T.vector("x")
    y = Print("inside")(x * 2).sum()
    f = tl.function([x], [y, T.grad(y, x)])
    value, slope = f([1, 2])
    assert value == 6 and list(slope) == [2, 2]
    assert capsys.readouterr().out == "inside [2. 4.]\n"


def test_two_prints_of_one_value_are_both_printed(capsys):
    x = T.scalar("x")
    tl.function([x], [Print("a")(x), Print("a")(x)])(1)
    assert capsys.readouterr().out == "a 1.0\n" * 2


def test_print_of_a_constant_is_printed_by_the_call_not_by_the_compiler(capsys):
    f = tl.function([], Print("now")(T.constant(2.0)) + 1)
    assert capsys.readouterr().out == ""
    assert f() == 3 and capsys.readouterr().out == "now 2.0\n"


def test_a_printed_input_is_no_alias_of_the_result():
    x = T.vector("x")
    seen = []
    f = tl.function([x], Print(global_fn=lambda op, value: seen.append(value))(x))
    given = f([1.0])
    result = f(given)
    result[0] = 9
    assert given[0] == 1 and seen[1] is given


def test_pydotprint_writes_what_it_draws(tmp_path, capsys):
    x = T.scalar("x")
    pydotprint(x**2, outfile=tmp_path / "square.svg")
    assert (tmp_path / "square.svg").read_text(encoding="utf-8").startswith("<svg") and "square.svg" in capsys.readouterr().out
    pydotprint(tl.function([x], x + 1), outfile=tmp_path / "f", print_output_file=False, compact=True, var_with_name_simple=True)
    assert (tmp_path / "f.svg").exists()


def test_pydotprint_without_graphviz_says_what_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingPackageError, match="format='svg'"):
        pydotprint(T.scalar("x") ** 2, format="png", return_image=True)


def test_short_numbers():
    assert short([1 / 3, [2, T.constant([1.0, 0.12345]).value]]) == "[0.3333, [2, [1, 0.1235]]]"
