"""`%%graph` with options: values, gradients, stages, rewrites, depth; and what a wrong line says."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph import errors
from tensorlab.graph.errors import MissingInputError
from tensorlab.notebook import graph
from tensorlab.notebook.options import FLAG, ONE, PAIRS, SOME, read_line

NEURON = """
x, y_hat = T.vector('x'), T.scalar('y_hat')
w, b = tl.shared(np.array([0.5, -0.25]), 'w'), tl.shared(0.0, 'b')
z = T.dot(w, x) + b
y = 1 / (1 + T.exp(-z))
C = (y - y_hat) ** 2
"""


def line_of(shown, name):
    return next(line for line in shown.text.splitlines() if line.startswith(name))


def test_values_stand_beside_the_arrows(notebook):
    ran = notebook.run(f"%%graph C --at x=[1,-1] y_hat=1{NEURON}")
    assert {"[1, -1]", "0.75", "0.679"} <= {arrow.label for arrow in ran.result.drawing.arrows}
    assert "value 0.103" in line_of(ran.result, "C =") and "value [0.5, -0.25]" in line_of(ran.result, "w ")
    assert "value" not in line_of(ran.result, "x ").replace("value [1, -1]", "")


def test_gradients_run_back(notebook):
    notebook.run(NEURON)
    before = notebook.run("w.get_value(), b.get_value()").result
    shown = notebook.run("%graph C --grad w b --at x=[1,-1] y_hat=1").result
    back = [arrow for arrow in shown.drawing.arrows if arrow.kind == "back"]
    keys = {shape.key: shape.label for shape in shown.drawing.shapes}
    assert {"w", "b"} <= {keys[arrow.target] for arrow in back} and "y_hat" not in {keys[arrow.target] for arrow in back}
    expected = tl.function([notebook.shell.user_ns["x"], notebook.shell.user_ns["y_hat"]],
                           T.grad(notebook.shell.user_ns["C"], notebook.shell.user_ns["b"]))([1.0, -1.0], 1.0)
    assert f"gradient {expected:.3g}" in line_of(shown, "b ")
    after = notebook.run("w.get_value(), b.get_value()").result
    assert (before[0] == after[0]).all() and before[1] == after[1]


def test_gradients_without_values_show_the_way(notebook):
    notebook.run(NEURON)
    shown = notebook.run("%graph C --grad w").result
    back = [arrow for arrow in shown.drawing.arrows if arrow.kind == "back"]
    assert back and not any(arrow.label for arrow in back)
    assert "gradients come back" in shown.html


def test_a_missing_value_is_named(notebook):
    notebook.run(NEURON)
    ran = notebook.run("%graph C --at x=[1,-1]", fails=True)
    assert isinstance(ran.error, MissingInputError) and "y_hat" in str(ran.error)
    notebook.run("x.tag.test_value = np.ones(2)\ny_hat.tag.test_value = 1.0")
    assert "value" in notebook.run("%graph C --at y_hat=0").result.text


def test_stages_of_an_expression_and_of_a_function(notebook):
    notebook.run(NEURON)
    assert "sigmoid" in notebook.run("%graph y --stage rewritten").result.text
    assert "sigmoid" not in notebook.run("%graph y --stage written").result.text
    shown = notebook.run("f = tl.function([x], y)\n%graph f --stage program").result
    assert [group.label for group in shown.drawing.groups] == ["kernel 1", "kernel 2"]
    assert "kernel 2: " in shown.text


def test_why_tells_the_rules(notebook):
    ran = notebook.run("%%graph --why\nx = T.scalar('x')\ny = T.log(1 + T.exp(x)) + 0 * x")
    assert "log_of_one_plus_exp: " in ran.result.text and "=> softplus(x)" in ran.result.text
    assert "<ol" in notebook.data(ran.result)["text/html"]


def test_depth_opens_layers(notebook):
    body = "h = T.vector('x')\nfor i in range(20):\n    h = T.tanh(T.dot(T.matrix('W'), h) + T.vector('b'))\nh.sum()"
    closed = notebook.run(f"%%graph\n{body}").result
    assert [shape.label for shape in closed.drawing.shapes if shape.kind == "block"] == ["h ×20"]
    opened = notebook.run(f"%%graph --depth 1\n{body}").result
    assert [group.label for group in opened.drawing.groups] == ["h ×20"]
    assert sum(shape.label == "tanh" for shape in opened.drawing.shapes) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("C --stage last", "written, interned, rewritten, program"),
        ("C --depth deep", "whole number"),
        ("C --at x", "name with a value"),
        ("C --at x==1", "name with a value"),
        ("C --at x=[1,", "no expression"),
        ("C --at q=1", "q"),
        ("C --grad q", "there is no variable 'q'"),
        ("C --grad", "--grad and some words"),
        ("C --gard w", "--grad"),
        ("C --why=w", "takes nothing"),
        ("C --why --why", "given twice"),
        ("x y_hat --at x=[1,1]", "one expression"),
    ],
)
def test_a_wrong_line_fails_the_cell(notebook, line, told):
    notebook.run(NEURON)
    ran = notebook.run(f"%graph {line}", fails=True)
    assert told in str(ran.error), str(ran.error)
    assert ran.text.count("\n") <= 8


def test_the_line_is_taken_apart():
    options = {"grad": SOME, "stage": ONE, "why": FLAG}
    found = read_line("", 'cost "a + b" --stage=written --grad w p["a b"] --why', options)
    assert found.words == ["cost", "a + b"] and found.given == {"stage": ["written"], "grad": ["w", 'p["a b"]'], "why": []}


@pytest.mark.parametrize("line", ["f y", "--stage rewritten f y", "f --stage rewritten y", "--why f y", "--at x=1 w=[1, 2] f y",
                                  "--grad w --at x=1 f y", "--at x=1 --stage=written f --why y", "--grad w f y", "f --grad w y"])
def test_options_and_words_stand_in_any_order(line):
    found = read_line("", line, {"grad": SOME, "at": PAIRS, "stage": ONE, "why": FLAG}, least=2)
    assert found.words == ["f", "y"] and found.given.get("grad", ["w"]) == ["w"]


@pytest.mark.parametrize(("one", "other"), [
    ("%graph C --stage rewritten", "%graph --stage rewritten C"), ("%graph C --depth 1", "%graph --depth=1 C"),
    ("%graph C --grad w b", "%graph --grad w b C"), ("%graph C --at x=[1,-1] y_hat=1", "%graph --at x=[1,-1] y_hat=1 C"),
    ("%graph C --why", "%graph --why C"), ("%grad C w --check", "%grad --check C w"), ("%grad C w --check", "%grad C --check w"),
    ("%steps C --wrt w b --at x=[1,-1] y_hat=1 --still", "%steps --still --at x=[1,-1] y_hat=1 --wrt w b C"),
    ("%code f numpy", "%code --all f numpy"), ("%code f llvm --cpu x86-64-v3", "%code --cpu x86-64-v3 f llvm"),
])  # fmt: skip
def test_every_magic_takes_its_options_before_or_behind(notebook, one, other):
    notebook.run(NEURON + "f = tl.function([x, y_hat], C)")
    shown = [notebook.run(line) for line in (one, other)]
    assert repr(shown[0].result) == repr(shown[1].result)
    assert len({ran.text.partition("Out[")[0] for ran in shown}) == 1


def test_the_twin_works_in_a_script():
    x, w = T.scalars("x", "w")
    shown = graph((w * x) ** 2, grad=[w], at={x: 2.0, "w": 3.0})
    assert "gradient 24" in line_of(shown, "w ")
    with pytest.raises(errors.PictureError):
        graph([w, x], at={x: 1.0})
    assert np.ndim(graph(w * x, at={x: 1.0, w: 2.0}).drawing.shapes) == 1


def test_live_gives_the_widget(notebook):
    notebook.run(NEURON)
    ran = notebook.run("%graph C --live --grad w --at x=[1,-1] y_hat=1")
    assert type(ran.result).__name__ == "GraphView" and "text/html" in notebook.data(ran.result)
    assert type(notebook.run("%graph C --why --live").result).__name__ == "RewriteFilm"


def test_live_without_the_packages_says_what_to_install(notebook, monkeypatch):
    import sys

    notebook.run(NEURON)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    told = str(notebook.run("%graph C --live", fails=True).error)
    assert "%pip install anywidget" in told


def test_options_are_completed(notebook):
    from IPython.core.completer import provisionalcompleter

    notebook.run(NEURON + "f = tl.function([x], y)")

    def offered(line):
        with provisionalcompleter():
            return {each.text for each in notebook.shell.Completer.completions(line, len(line)) if each.type == "symbol"}

    assert {"--at", "--grad", "--stage"} <= offered("%%graph C --")
    assert offered("%%graph C --stage ") == {"written", "interned", "rewritten", "program"}
    assert offered("%graph C --grad ") == {"w", "x", "b", "y_hat"}
    assert offered("%graph C --at y") == {"y_hat="}
    assert offered("%graph C --at y_hat=1 ") == {"w=", "x=", "b="}
    assert offered("%code ") == {"f"} and {"asm", "llvm"} <= offered("%code f ") and "--cpu" in offered("%code f asm --")
    assert offered("%graph --stage written ") >= {"C", "f"} and offered("%code --all ") == {"f"}
    assert {"C", "b="} <= offered("%steps --at w=[1,1] ") and offered("%grad --steps C ") >= {"w", "b"}
    assert offered("%grad C w --") == {"--steps", "--check", "--at"}
