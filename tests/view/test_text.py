"""Expressions as text: `tl.pp` and `tl.debugprint`."""

from __future__ import annotations

import io

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ConversionError

HOSTILE = "\x1b[31mred\x00\u202e"


def test_an_expression_is_written_with_python_operators():
    x, w = T.scalars("x", "w")
    assert tl.pp(x**2) == "(x ** 2)"
    assert tl.pp(-(x + w) / 2) == "((-(x + w)) / 2)"
    assert tl.pp(T.exp(x)) == "exp(x)"


def test_what_a_scalar_expression_is_written_as_can_be_run():
    x, w = T.scalars("x", "w")
    y = (x - w) ** 2 / (1 + x) - -w
    again = eval(tl.pp(y), {"x": x, "w": w})
    assert tl.pp(again) == tl.pp(y)
    assert again.eval({x: 0.3, w: 2.0}) == y.eval({x: 0.3, w: 2.0})


def test_variables_lend_their_names_and_keep_them():
    x = T.scalar()
    y = x * 3
    x = 3.0
    assert (tl.pp(y), x) == ("(x * 3)", 3.0)


def test_axes_are_told_only_where_they_matter():
    v, M = T.vector("v"), T.matrix("M")
    assert tl.pp(v.sum()) == tl.pp(v.sum(0)) == "sum(v)"
    assert tl.pp(M.sum(axis=0)) == "sum(M, axis=(0,))"
    assert tl.pp(M.T) == "M.T"
    assert tl.pp(v.dimshuffle(0, "x")) == "v.dimshuffle(0, 'x')"


def test_a_name_given_on_purpose_stands_for_its_expression():
    x = T.scalar("x")
    z = x + 1
    z.name = "z"
    assert tl.pp(z * 2) == "(z * 2)"
    assert tl.pp(z) == "(x + 1)"


def test_a_function_shows_what_it_computes_and_its_updates():
    x, w = T.scalar("x"), tl.shared(1.0, "w")
    text = tl.pp(tl.function([x], x * w, updates=[(w, w - x)]))
    assert text.splitlines() == ["(x * w)", "new w = (w - x)"]


def test_several_expressions_are_a_list():
    x = T.scalar("x")
    assert tl.pp([x, x + 1]) == "[x, (x + 1)]"


def test_shared_parts_are_written_once_when_the_text_would_explode():
    """A doubling chain has 2^60 paths."""
    y = T.scalar("x")
    for _ in range(60):
        y = y + y
    lines = tl.pp(y).splitlines()
    assert lines[0] == "t1 = (x + x)"
    assert lines[-1] == "(t59 + t59)"
    assert len(lines) == 60


def test_a_let_name_is_never_one_of_the_readers():
    y = T.scalar("t1")
    for _ in range(60):
        y = y + y
    assert tl.pp(y).splitlines()[0] == "t2 = (t1 + t1)"


def test_small_expressions_are_written_in_full():
    x = T.scalar("x")
    y = x + 1
    assert tl.pp(y * y) == "((x + 1) * (x + 1))"


def test_text_of_a_chain_of_100000_nodes():
    y = x = T.scalar("x")
    for _ in range(100_000):
        y = y + 1
    assert tl.pp(y).startswith("((((")
    tree = tl.debugprint(y, file="str")
    assert tree.count("add [id") == 100_000
    assert len(tree) < 10_000_000, "indentation must not grow with the depth"
    assert x is not y


def test_indexing_is_written_with_brackets():
    v, i = T.vector("v"), T.iscalar("i")
    assert tl.pp(v[1:]) == "v[1:]"
    assert tl.pp(v[i] + v[-1]) == "(v[i] + v[-1])"


def test_what_is_no_expression_is_refused():
    for wrong in ("x", 3, None, [], [1, 2]):
        with pytest.raises(ConversionError, match=r"tl\.pp"):
            tl.pp(wrong)


def test_the_tree_marks_nodes_and_does_not_repeat_them():
    x = T.scalar("x")
    y = T.exp(x) + 1
    assert tl.debugprint(y * y, file="str").splitlines() == [
        "mul [id A]",
        " |add [id B] 'y'",
        " | |exp [id C]",
        " | | |x [id D]",
        " | |TensorConstant{1.0} [id E]",
        " |add [id B] 'y' ···",
    ]


def test_the_tree_of_a_function_is_the_rewritten_graph_with_its_order():
    x = T.scalar("x")
    f = tl.function([x], [T.exp(x), T.exp(x) * 2])
    text = tl.debugprint(f, file="str")
    assert text.count("exp [id") == 2 and "···" in text, "equal expressions are one node after interning"
    assert text.splitlines()[0] == "exp [id A] 0"


def test_options_of_the_tree():
    x = T.vector("x")
    y = T.exp(x + 1)
    assert len(tl.debugprint(y, depth=2, file="str").splitlines()) == 2
    assert tl.debugprint(y, print_type=True, file="str").splitlines()[0] == "exp [id A] <TensorType(float64, vector)> 'y'"
    assert "[id 0]" in tl.debugprint(y, ids="int", file="str")
    assert "[id" not in tl.debugprint(y, ids="", file="str")
    z = x + 1
    z.name = "z"
    assert len(tl.debugprint(z * 2, stop_on_name=True, file="str").splitlines()) == 3
    with pytest.raises(ValueError, match="ids='letters'"):
        tl.debugprint(y, ids="letters")


def test_the_tree_goes_to_the_output_or_a_file(capsys):
    x = T.scalar("x")
    assert tl.debugprint(x) is None
    assert capsys.readouterr().out == "x [id A]\n"
    file = io.StringIO()
    assert tl.debugprint([x, x], file=file) is file
    assert file.getvalue() == "x [id A]\nx [id A]\n"


def test_control_characters_of_a_name_do_not_reach_the_terminal():
    x = T.scalar(HOSTILE)
    for text in (tl.pp(x + 1), tl.debugprint(x + 1, file="str")):
        assert "red" in text
        assert not set("\x1b\x00\u202e") & set(text)


def test_printing_is_theanos_namespace():
    assert tl.printing.pp is tl.printing.pprint is tl.pp
    assert tl.printing.debugprint is tl.debugprint


def test_large_constants_are_told_by_shape():
    x = T.matrix("x")
    assert tl.pp(x + np.ones((20, 30))) == "(x + 20×30 ones)"
