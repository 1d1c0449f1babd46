"""Errors as pictures: which operation is marked, what its operands bring, and repairs that really fit."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph import errors
from tensorlab.graph.types import TensorType
from tensorlab.notebook.clashes import clash
from tensorlab.notebook.repairs import repairs


def failed(call):
    """The error of a call."""
    with pytest.raises(errors.TensorlabError) as caught:
        call()
    return caught.value


def known(name, *lengths):
    return TensorType("float64", lengths)(name)


M, N, v = T.matrix("M"), T.matrix("N"), T.vector("v")
CASES = {
    "dot of known shapes": (lambda: T.dot(T.tanh(known("x", 3, 2)), known("w", 4, 2)), "dot", ["3×2", "4×2"], "T.dot(T.tanh(x), w.T)"),
    "product of known shapes": (lambda: known("x", 3, 2) * known("w", 4, 2), "×", ["3×2", "4×2"], "T.dot(x, w.T)"),
    "two vectors": (lambda: known("x", 2) + known("y", 3), "+", ["vector of 2", "vector of 3"], "x.dimshuffle(0, 'x') + y"),
    "dot when it runs": (lambda: tl.function([M, N], T.dot(M, N))(np.ones((3, 2)), np.ones((4, 2))),
                         "dot", ["3×2", "4×2"], "T.dot(M, N.T)"),
    "a bias of the wrong axis": (lambda: tl.function([M, v], M + v)(np.ones((3, 4)), np.ones(3)),
                                 "+", ["3×4", "vector of 3"], "M + v.dimshuffle(0, 'x')"),
    "a length of one": (lambda: tl.function([M, N], M + N)(np.ones((3, 1)), np.ones((3, 4))), "+", ["3×1", "3×4"], "M = T.col('M')"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_operation_is_marked_and_a_repair_offered(case):
    call, sign, brought, repair = CASES[case]
    found = clash(failed(call))
    drawing = found.picture.drawing
    (marked,) = [shape for shape in drawing.shapes if shape.mark]
    assert (marked.mark, marked.label) == ("clash", sign)
    arrows = [arrow for arrow in drawing.arrows if arrow.target == marked.key]
    assert [arrow.label for arrow in arrows] == brought and {arrow.kind for arrow in arrows} == {"clash"}
    assert repair in [each.code for each in found.repairs]
    assert all("test_clashes.py" in line for line in found.operands)
    assert ">clash<" in found.picture.svg and "tl-zigzag" in found.picture.svg
    ElementTree.fromstring(found.picture.svg)
    assert repair in found.text and "<pre style=" in found.html and "<code>" in found.html


@pytest.mark.parametrize("case", [name for name in CASES if "=" not in CASES[name][3]])
def test_repairs_fit_when_they_are_pasted(case):
    """Each is run as code, with symbols of the names and types of the operands."""
    call, *_ = CASES[case]
    error = failed(call)
    found = clash(error)
    names = {"T": T}
    for shape in found.picture.drawing.shapes:
        if shape.kind == "symbol":
            names[shape.label] = found.picture.nodes[shape.key]
    for repair in found.repairs:
        if " = " not in repair.code:
            assert eval(repair.code, names).type.ndim >= 0


def test_operations_that_fit_need_no_repair():
    from tensorlab.ops.products import Dot

    x, w = known("x", 3, 2), known("w", 2, 4)
    assert all(each.code != "T.dot(x, w)" for each in repairs(Dot(), [x, w]))


def test_a_list_that_cannot_be_joined_is_drawn_too():
    found = clash(failed(lambda: T.concatenate([M, v])))
    (marked,) = [shape for shape in found.picture.drawing.shapes if shape.mark]
    assert marked.label == "concatenate" and "M brings matrix and v brings vector" in found.text


def test_a_name_that_is_code_is_not_run():
    hit = []
    T.hit = hit.append
    try:
        x, w = known("T.hit(1) or x", 3, 2), known("w", 4, 2)
        found = clash(failed(lambda: T.dot(x, w)))
    finally:
        del T.hit
    assert found is not None and found.repairs == [] and hit == []


def test_a_cost_that_is_no_number_is_marked():
    found = clash(failed(lambda: T.grad(v**2, v)))
    (marked,) = [shape for shape in found.picture.drawing.shapes if shape.mark]
    assert marked.alarm == "not a single number" and [each.code for each in found.repairs] == ["(v ** 2).mean()", "(v ** 2).sum()"]


def test_errors_about_no_operation_have_no_picture():
    assert clash(failed(lambda: bool(v > 0))) is None
    assert clash(ValueError("x")) is None
    assert clash(failed(lambda: tl.function([M], T.dot(M, N)))) is None


def test_a_large_graph_is_drawn_near_the_clash_only():
    y = M
    for _ in range(300):
        y = T.tanh(y)
    found = clash(failed(lambda: T.dot(y.reshape((2, 3)), known("w", 4, 2))))
    assert len(found.picture.drawing.shapes) < 25


def test_a_picture_of_trouble_for_others():
    x, w = T.scalar("x"), T.scalar("w")
    shown = tl.view.place_of_trouble(T.log(x * w), "nan", ["-1"])
    assert "nan first here: #1 brings -1" in shown.text and "nan first here, at log" in shown.html


def test_a_condition_that_does_not_hold_is_drawn_and_nothing_is_offered_in_its_place():
    checked = tl.function([v], T.ensure(v, v > 0, message="positive"))
    found = clash(failed(lambda: checked([1.0, -1.0])))
    assert [shape.label for shape in found.picture.drawing.shapes if shape.mark] and len(found.operands) == 2
    assert found.repairs == [] and "what fits" not in found.text


def test_a_terminal_keeps_to_the_text(notebook):
    ran = notebook.run("T.dot(T.vector('a'), T.TensorType('float64', (3, 2))('x') * T.TensorType('float64', (4, 2))('w'))", fails=True)
    assert ran.displayed == []


def test_a_notebook_shows_the_picture_first_and_then_the_text(kernel):
    kernel.run("x, w = T.TensorType('float64', (3, 2))('x'), T.TensorType('float64', (4, 2))('w')")
    reply = kernel.run("y = T.tanh(x)\nz = T.dot(y, w)")
    assert [kind for kind, _ in reply.outputs] == ["display_data", "error"]
    data = reply.of("display_data")[0]["data"]
    assert set(data) == {"text/html", "image/svg+xml", "text/plain"}
    assert "T.dot(y, w.T)" in data["text/plain"] and f"cell {reply.cell}, line 1" in data["text/plain"]
    assert "a clash at dot" in data["text/html"]
    assert reply.error["ename"] == "ShapeError"
    again = kernel.run("%tb")
    assert not again.of("display_data"), "the traceback alone when asked again"
