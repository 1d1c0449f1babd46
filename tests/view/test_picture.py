"""From graphs to pictures: kinds, names, shapes on the arrows, and the object that a notebook shows."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import MissingPackageError, PictureError
from tensorlab.view.pictures import MOST, picture
from tensorlab.view.shapes import value_text


def kinds(drawing):
    return {shape.name or shape.label: shape.kind for shape in drawing.shapes}


def test_each_thing_has_its_kind():
    x, M = T.vector("x"), T.matrix("M")
    w = tl.shared(np.ones(3), "w")
    drawing = picture({"s": (w * x + 1).sum(), "p": T.dot(M, x), "t": M.T})
    found = {(shape.kind, shape.label) for shape in drawing.shapes}
    assert found == {("symbol", "x"), ("symbol", "M"), ("shared", "w"), ("constant", "1"), ("elementwise", "×"), ("elementwise", "+"),
                     ("reduction", "Σ"), ("library", "dot"), ("view", "T")}  # fmt: skip
    assert [shape.name for shape in drawing.shapes if shape.output] == ["s", "p", "t"]


def test_arguments_keep_their_order():
    a, b = T.scalars("a", "b")
    drawing = picture(a - b)
    assert [(arrow.source, arrow.slot) for arrow in drawing.arrows] == [("n0", 0), ("n1", 1)]
    twice = picture(a * a)
    assert [(arrow.source, arrow.slot) for arrow in twice.arrows] == [("n0", 0), ("n0", 1)]


def test_shapes_are_told_where_something_else_than_scalars_flows():
    x, W = T.vector("x"), tl.shared(np.ones((2, 1000)), "W")
    labels = [arrow.label for arrow in picture(T.tanh(T.exp(T.dot(W, x))).sum()).arrows]
    assert labels == ["", "", "vector", "", ""], "boxes say the shapes of W and x; exp and tanh change none"
    assert not any(arrow.label for arrow in picture(T.exp(T.scalar("a"))).arrows)


def test_names_survive_rebinding_and_can_come_from_the_reader():
    x = T.scalar()
    y = x**2
    x = [1, 2]
    assert kinds(picture(y)) == {"x": "symbol", "2": "constant", "y": "elementwise"}
    cost = T.sum((y - 1) ** 2)
    assert kinds(picture(cost, {"cost": cost}))["cost"] == "elementwise"


def test_a_function_shows_a_stage_and_its_updates():
    x, w = T.scalar("x"), tl.shared(1.0, "w")
    f = tl.function([x], T.exp(x) * T.exp(x), updates=[(w, w - x)])
    written, rewritten = picture(f, stage="written"), picture(f)
    assert sum(shape.label == "exp" for shape in written.shapes) == 2
    assert sum(shape.label == "exp" for shape in rewritten.shapes) == 1
    assert [shape.name for shape in rewritten.shapes if shape.output][-1] == "new w"
    with pytest.raises(PictureError, match="written, interned, rewritten"):
        picture(f, stage="first")


def test_an_expression_among_the_inputs_is_drawn_as_an_input():
    x = T.scalar("x")
    z = x + 1
    assert kinds(picture(tl.function([z], z * 2)))["z"] == "symbol"


def test_a_large_graph_is_cut_with_a_word_about_the_rest():
    total = T.scalar("x")
    for _ in range(1000):
        total = T.exp(total)
    drawing = picture(total, collapse=False)
    assert len(drawing.shapes) == MOST + 1
    assert drawing.shapes[0].label == f"… {1001 - MOST} more"


@pytest.mark.parametrize("wrong", [None, 3, "x", [], [1], {}, np.ones(3)], ids=repr)
def test_what_has_no_graph_is_refused(wrong):
    with pytest.raises(PictureError, match=r"tl\.view\.show"):
        tl.view.show(wrong)


def test_what_a_notebook_gets():
    x, w = T.scalars("x", "w")
    y = w * x
    shown = tl.view.show(y)
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    page = r'<style>[^<]*</style><img class="tl-image" alt="([^"<>]+)" src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)">'
    found = re.fullmatch(page, bundle["text/html"])
    assert found is not None and found[1] == "The inputs w and x flow through 1 operation (×) to y."
    assert base64.b64decode(found[2]).decode() == bundle["image/svg+xml"] == shown.image
    assert "made at" in shown.svg and "made at" not in shown.image  # the same bytes in whichever cell it is drawn
    ElementTree.fromstring(shown.svg)
    assert repr(shown) == bundle["text/plain"] == shown.text
    assert "y = w × x" in shown.text and "0x" not in repr(shown)
    assert set(shown._repr_mimebundle_(include={"text/plain"})) == {"text/plain"}
    assert "text/html" not in shown._repr_mimebundle_(exclude={"text/html"})


def test_it_can_be_saved(tmp_path):
    x = T.scalar("x")
    shown = tl.view.show(x + 1)
    assert shown.save(tmp_path / "graph.svg").read_text(encoding="utf-8") == shown.svg
    assert shown.save(str(tmp_path / "graph.txt")).read_text(encoding="utf-8") == shown.text
    assert "digraph" in shown.save(tmp_path / "graph.dot").read_text(encoding="utf-8")
    with pytest.raises(PictureError, match=r"graph\.svg"):
        shown.save(tmp_path / "graph.docx")


def test_the_same_bytes_in_another_process():
    code = (
        "import tensorlab as tl, tensorlab.tensor as T; x, w = T.scalars('x', 'w'); s = tl.view.show(T.grad((w * x - 1) ** 2, [w, x]));"
        "print(__import__('hashlib').sha256((s.svg + s.dot + s.text + s.html).encode()).hexdigest())"
    )
    seen = {subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, check=True,
                           capture_output=True, text=True).stdout for seed in ("1", "2")}  # fmt: skip
    assert len(seen) == 1


def test_a_graph_of_100000_nodes_is_shown():
    total = T.scalar("x")
    for _ in range(100_000):
        total = total + 1
    assert "more" in tl.view.show(total, collapse=False).text
    assert "more" in tl.view.show(total).text, "too large to be searched for blocks"


def test_the_picture_as_data():
    x, w = T.vector("x"), tl.shared(np.ones(2), "w")
    z = T.tanh(T.dot(w, x))
    shown = tl.view.show(z, values={z: np.tanh(2.0)}, share={z: 0.5})
    data = json.loads(shown.json)
    assert data == json.loads(json.dumps(shown.data)) and data["version"] == 1 and data["text"] == shown.text
    tanh = next(shape for shape in data["shapes"] if shape["label"] == "tanh")
    assert (tanh["op"], tanh["share"], tanh["value"]) == ("tanh", 0.5, "0.964") and r"\tanh" in tanh["latex"]
    assert all(0 <= shape["box"][0] < shape["box"][2] <= data["size"][0] for shape in data["shapes"])
    assert len(data["arrows"]) == 3 and all(len(arrow["points"]) >= 2 for arrow in data["arrows"])


def test_a_program_has_a_box_for_each_loop():
    M = T.matrix("M")
    f = tl.function([M], [T.tanh(2 * M + 1).sum(axis=0), T.exp(M).sum()])
    shown = tl.view.show(f, stage="program")
    if f._doors is None:
        assert shown.drawing.groups == ()
        return
    keys = {shape.key: shape.label for shape in shown.drawing.shapes}
    assert {"tanh", "exp"} <= {keys[key] for key in shown.drawing.groups[0].keys}
    assert "kernel 1" in shown.svg and "kernel 1: " in shown.text and "cluster_0" in shown.dot


def test_values_of_three_digits():
    assert [value_text(each) for each in (1 / 3, -2.0, 0, 1e-9, True, float("nan"))] == ["0.333", "-2", "0", "1e-09", "True", "nan"]
    assert value_text(np.zeros((2, 0))) == "2×0" and value_text(np.arange(6.0)) == "6: 0 … 5" and value_text(np.ones(9)) == "9: 1"


GRAPHVIZ = """#!{python}
import sys
source = sys.stdin.read()
assert sys.argv[1] == "-Tsvg" and source.startswith("digraph")
print("<svg xmlns='http://www.w3.org/2000/svg'><title>" + str(source.count("->")) + "</title></svg>")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a script cannot stand in for a program there")
def test_graphviz_draws_when_it_is_asked_to(tmp_path, monkeypatch):
    y = T.scalar("x") + 1
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPackageError, match="graphviz-pure"):
        tl.view.show(y, engine="dot")
    assert tl.view.show(y).svg.startswith("<svg"), "our own drawing asks for no program"
    program = tmp_path / "graphviz-pure"
    program.write_text(GRAPHVIZ.replace("{python}", sys.executable), encoding="utf-8")
    program.chmod(0o755)
    assert "<title>2</title>" in tl.view.show(y, engine="dot").svg
    program.write_text(f"#!{sys.executable}\nraise SystemExit('no such format')", encoding="utf-8")
    with pytest.raises(MissingPackageError, match="no such format"):
        tl.view.show(y, engine="dot")
    with pytest.raises(PictureError, match="own, dot"):
        tl.view.show(y, engine="neato")
