"""`%code` and `%tensorlab`: listings that name their nodes, and native code linked to the loops."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends import llvm
from tensorlab.graph import errors
from tensorlab.notebook import about, code
from tensorlab.notebook.mistakes import MagicError

SETUP = """
x, M = T.vector('x'), T.matrix('M')
w = tl.shared(np.ones(3), 'w')
z = T.tanh(x * w) + 1
f = tl.function([x], [z, z.sum()], updates=[(w, w * 0.5)])
"""


@pytest.fixture(scope="module")
def f():
    x, w = T.vector("x"), tl.shared(np.ones(3), "w")
    z = T.tanh(x * w) + 1
    z.name = "z"
    return tl.function([x], [z, z.sum()], updates=[(w, w * 0.5)])


@pytest.mark.parametrize("machine", ["loops", "numpy"])
def test_lines_name_their_nodes(f, machine):
    shown = code(f, machine)
    assert re.search(r"# z\b", shown.text) and "tanh" in shown.text
    assert [row.text for row in shown.rows] == f.source(machine).rstrip("\n").split("\n")


@pytest.mark.parametrize("machine", ["llvm", "asm"])
@pytest.mark.parametrize("cpu", [None, "x86-64", "x86-64-v3", "x86-64-v4"])
@pytest.mark.skipif(bool(llvm.unavailable()), reason="no native code here")
def test_native_lines_are_linked_to_the_loops(f, machine, cpu):
    shown = code(f, machine, cpu)
    loops = {row.number: row.text for row in shown.loops}
    linked = {row.number for row in shown.rows if row.number is not None}
    said = {number for number, text in loops.items() if not re.match(r"b\d+: |return ", text)}
    assert linked <= said, "what declares an array and what returns it is no work"
    assert linked == said or machine == "asm", "loops, formulas, stores and folds; LLVM may have merged some of them"
    assert {number for number, text in loops.items() if re.search(r"for |tanh|\* b|\* 0.5|0.5 \*|b\d+\[i\] = |add", text)} <= linked
    assert any(row.number is None for row in shown.rows), "reading arguments comes from no line"
    assert "·" in shown.text and len(shown.text) < 20_000


@pytest.mark.parametrize("machine", ["llvm", "asm"])
@pytest.mark.skipif(bool(llvm.unavailable()), reason="no native code here")
def test_products_folds_and_inner_loops_are_linked(machine):
    M, x = T.matrix("M"), T.vector("x")
    shown = code(tl.function([M, x], [T.dot(M, x), (M * x).sum(axis=1), T.exp(x).max()]), machine, "x86-64-v3")
    linked = {row.number for row in shown.rows if row.number is not None}
    wanted = {row.number: row.text for row in shown.loops if re.search(r"@|add\(|maximum\(|exp\(|for j", row.text)}
    assert len(wanted) >= 5 and set(wanted) <= linked, [text for number, text in wanted.items() if number not in linked]


@pytest.mark.skipif(bool(llvm.unavailable()), reason="no native code here")
def test_multiplication_is_linked_to_multiplication():
    x = T.scalar("x")
    shown = code(tl.function([x], (x * 3 + 1) / (x - 2)), "llvm")
    words = {"fmul": " * ", "fadd": " + ", "fdiv": " / ", "fsub": " - "}
    loops = {row.number: row.text for row in shown.loops}
    found = {word: loops[row.number] for row in shown.rows for word in words if f"= {word} " in row.text and row.number is not None}
    assert set(found) >= {"fadd", "fdiv"} and all(words[word] in text or word == "fadd" for word, text in found.items())


@pytest.mark.skipif(bool(llvm.unavailable()), reason="no native code here")
def test_a_pinned_processor_gives_the_same_text_and_changes_nothing_else(f):
    from tensorlab.backends.llvm import machine
    from tensorlab.backends.llvm.origins import NOTES

    before = machine.processor(), f.source("llvm")
    one, other = code(f, "asm", "x86-64-v3").text, code(f, "asm", "x86-64-v3").text
    assert one == other and "%ymm" in one and "%zmm" not in one
    assert "%zmm" in code(f, "asm", "x86-64-v4").text
    assert (machine.processor(), f.source("llvm")) == before and NOTES.get() is None
    assert "!dbg" not in f.source("llvm") and "!dbg" not in code(f, "llvm").text


def test_the_page_is_highlighted_and_holds_no_markup_of_the_readers():
    x = T.vector("<script>alert(1)</script>")
    shown = code(tl.function([x], T.exp(x)))
    assert "<script" not in shown.html and "&lt;script" in shown.html and '<span class="tl-' in shown.html
    assert "<script>" in shown.text


def test_the_magic(notebook):
    notebook.run(SETUP)
    assert "# w" in notebook.run("%code f").result.text
    assert notebook.run("%code f numpy").result.text.startswith("  1  def program")
    if not llvm.unavailable():
        folded = notebook.run("%code f asm --cpu x86-64-v3").result
        assert "lines that come from none of them" in folded.text
        assert "lines that come from none of them" not in notebook.run("%code f asm --cpu x86-64-v3 --all").result.text
    assert "Usage" in notebook.run("%code --help").text


@pytest.mark.parametrize(
    ("line", "told"),
    [("", "no function named"), ("z", "only compiled functions"), ("ff", "there is no variable 'ff'"), ("f ptx", "loops, numpy, llvm, asm"),
     ("f asm --cpu z80", "x86-64-v3"), ("f numpy --cpu x86-64-v3", "the same for all processors"), ("f --nice", "no option --nice")],
)
def test_a_wrong_line_fails_the_cell(notebook, line, told):
    notebook.run(SETUP)
    ran = notebook.run(f"%code {line}", fails=True)
    assert isinstance(ran.error, MagicError) and told in str(ran.error)


def test_a_function_that_runs_through_python_says_so():
    x = T.scalar("x")
    f = tl.function([x], x * 2, mode="FAST_COMPILE")
    assert "2.0 * b0" in code(f, "numpy").text or "b0" in code(f, "numpy").text
    with pytest.raises(errors.PictureError, match="numpy"):
        code(f, "asm")


def test_tensorlab_tells_what_there_is(notebook):
    facts = dict(notebook.run("%tensorlab").result.facts)
    assert facts["tensorlab"] == tl.__version__ and facts["floatX"] == tl.config.floatX
    assert {"device", "threads", "cache", "matplotlib"} <= set(facts)
    assert isinstance(notebook.run("%tensorlab now", fails=True).error, MagicError)


def test_what_is_missing_says_how_to_install_it(monkeypatch):
    import tensorlab.notebook.installed as installed

    monkeypatch.setattr(installed, "find_spec", lambda name: None)
    monkeypatch.setattr(installed.shutil, "which", lambda name: None)
    text = about().text
    assert "missing, for plots: %pip install matplotlib" in text and "graphviz-pure" in text
