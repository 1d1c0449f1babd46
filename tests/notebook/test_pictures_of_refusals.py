"""Pictures of what was refused before there was an operation: axes, indices, new values of a part, values of arguments."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph import errors
from tensorlab.notebook.clashes import clash
from tensorlab.notebook.refusals import MISFITS

M, v, x, i = T.matrix("M"), T.vector("v"), T.scalar("x"), T.ivector("i")
w = tl.shared(np.zeros((2, 3)), name="w")


def failed(call):
    """The error of a call."""
    with pytest.raises(errors.TensorlabError) as caught:
        call()
    return caught.value


CASES = {  # what is asked, what is marked, what is brought to it, what fits
    "axis of a sum": (lambda: M.sum(axis=2), "sum", ["matrix"], ["M.sum(axis=0)", "M.sum(axis=1)"]),
    "axis of a mean": (lambda: T.mean(v, axis=-2), "mean", ["vector"], ["v.mean(axis=0)"]),
    "axis of argmax": (lambda: T.argmax(T.exp(M), axis=2), "argmax", ["matrix"],
                       ["T.exp(M).argmax(axis=0)", "T.exp(M).argmax(axis=1)"]),
    "axes of dimshuffle": (lambda: M.dimshuffle(0, 1, 2), "dimshuffle", ["matrix"], ["M.dimshuffle(0, 1)"]),
    "axis left out": (lambda: M.dimshuffle(0), "dimshuffle", ["matrix"], ["M.sum(axis=1)"]),
    "axes of transpose": (lambda: M.transpose((0, 0)), "transpose", ["matrix"], ["M.transpose((1, 0))"]),
    "index of floats": (lambda: M[v], "[·]", ["matrix", "vector"], ["M[v.astype('int64')]"]),
    "index that is a float": (lambda: v[1.5], "[·]", ["vector"], ["v[1]"]),
    "too many indices": (lambda: M[0, 1, 2], "[·]", ["matrix"], ["M[0, 1]"]),
    "new values with too many axes": (lambda: T.set_subtensor(v[0], v), "set subtensor", ["scalar", "vector"],
                                      ["T.set_subtensor(v[0], v[0])", "T.set_subtensor(v[0], v.sum())"]),
    "new values of another dtype": (lambda: T.inc_subtensor(i[1:], v), "inc subtensor", ["int32 vector", "vector"],
                                    ["T.inc_subtensor(i[1:], v.astype('int32'))"]),
    "no part": (lambda: T.set_subtensor(v, x), "set subtensor", ["vector", "scalar"], ["T.set_subtensor(v[:], x)"]),
    "argument with too few axes": (lambda: tl.function([M], M * 2)(np.ones(3)), "M, float64 matrix", ["float64 vector of 3"],
                                   ["M = T.vector('M')"]),
    "argument of another dtype": (lambda: tl.function([i], i * 2)([1.5]), "i, int32 vector", ["float64 vector of 1"],
                                  ["i = T.vector('i', dtype='float64')"]),
    "value of a shared variable": (lambda: w.set_value(np.zeros(3)), "w, float64 matrix", ["float64 vector of 3"], []),
    "update": (lambda: tl.function([x], x, updates=[(w, x)]), "w, float64 matrix", ["float64 scalar"], []),
    "replacement": (lambda: tl.function([x], x * 2, givens={x: v}), "x, float64 scalar", ["float64 vector"], ["x = T.vector('x')"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_was_refused_is_drawn(case):
    call, sign, brought, fits = CASES[case]
    error = failed(call)
    found = clash(error)
    drawing = found.picture.drawing
    (marked,) = [shape for shape in drawing.shapes if shape.mark]
    assert (marked.mark, marked.label) == ("clash", sign)
    assert [arrow.label for arrow in drawing.arrows if arrow.target == marked.key] == brought
    assert [each.code for each in found.repairs if each.code in fits] == fits
    assert isinstance(error, MISFITS)
    assert all(__file__ in line or line.startswith("the value is float64") for line in found.operands)


@pytest.mark.parametrize("case", CASES)
def test_repairs_fit_when_they_are_pasted(case):
    names = {"T": T, "M": M, "v": v, "x": x, "i": i, "w": w}
    for repair in clash(failed(CASES[case][0])).repairs:
        exec(repair.code, dict(names))


@pytest.mark.parametrize("call", [
    lambda: tl.function([M], M * 2)(), lambda: tl.function([M], M * 2)("abc"), lambda: bool(v > 0),
    lambda: T.grad(x ** 2, v), lambda: tl.function([x], x + v.sum()),
])  # fmt: skip
def test_what_is_no_misfit_has_no_picture(call):
    assert clash(failed(call)) is None


def test_a_name_that_is_code_is_not_run():
    hit = []
    T.hit = hit.append
    try:
        found = clash(failed(lambda: T.matrix("T.hit(1) or x").sum(axis=5)))
    finally:
        del T.hit
    assert found is not None and found.repairs == [] and hit == []


def test_a_notebook_shows_it(kernel):
    kernel.run("M = T.matrix('M')")
    reply = kernel.run("M.sum(axis=2)")
    assert [kind for kind, _ in reply.outputs] == ["display_data", "error"]
    assert "M.sum(axis=1)" in reply.of("display_data")[0]["data"]["text/plain"]
