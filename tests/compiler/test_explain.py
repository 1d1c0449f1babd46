"""Errors while a function runs: the op, the shapes, the names of the operands, where each was made, and what to try."""

from __future__ import annotations

import inspect
import linecache

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import BroadcastError, ComputationError, IndexingError, ShapeError, TensorlabError
from tensorlab.ops.families import Library

A, B = T.matrix("A"), T.matrix()
LINE = inspect.currentframe().f_lineno - 1
u, v = T.vector("u"), T.vector("v")
LONGEST = 8  # lines of a message


def failure(node, values, **options):
    """The error of evaluating a node, checked to be short and complete."""
    f = tl.function(list(values), node, **options)
    with pytest.raises(TensorlabError) as caught:
        f(*values.values())
    error = caught.value
    assert len(str(error).splitlines()) <= LONGEST
    assert error.asked and error.found and error.advice
    return error


def test_a_message_in_full():
    error = failure(T.dot(A, B), {A: np.ones((3, 2)), B: np.ones((3, 2))})
    line = inspect.currentframe().f_lineno - 1
    assert type(error) is ShapeError
    assert (
        str(error)
        == f"""dot(A, B) at {__file__}:{line}
  found: 2 columns meet 3 rows
         A is float64 (3, 2), made at {__file__}:{LINE}
         B is float64 (3, 2), made at {__file__}:{LINE}
  try:   T.dot(A, B.T) or T.dot(A.T, B)"""
    )


def test_the_advice_of_dot_fits():
    """Every product that the advice writes down runs."""
    for left, right in [((3, 2), (3, 2)), ((2, 3), (2,)), ((2,), (3, 2)), ((4, 5), (6, 4)), ((2, 2), (3, 3))]:
        x, y = T.tensor("float64", (None,) * len(left), "x"), T.tensor("float64", (None,) * len(right), "y")
        given = {x: np.ones(left), y: np.ones(right)}
        advice = failure(T.dot(x, y), given).advice
        if left == (2, 2):
            assert "as many columns in x as rows in y" in advice
            continue
        for code in advice.split(" or "):
            T.as_tensor_variable(eval(code, {"T": T, "x": x, "y": y})).eval(given)


@pytest.mark.parametrize(
    ("shapes", "advice"),
    [
        (((2, 3), (2,)), "y.dimshuffle(0, 'x') in place of y"),
        (((2,), (2, 3)), "x.dimshuffle(0, 'x') in place of x"),
        (((2, 3), (3, 2)), "y.T in place of y or T.dot(x, y)"),
        (((2, 3), (3, 4)), "T.dot(x, y)"),
        (((2,), (3,)), "x.dimshuffle(0, 'x') in place of x"),
        (((2, 3), (4, 5)), "operands of the same shape"),
    ],
)
def test_the_advice_for_elements_fits(shapes, advice):
    x, y = (T.tensor("float64", (None,) * len(shape), name) for shape, name in zip(shapes, "xy"))
    given = {x: np.ones(shapes[0]), y: np.ones(shapes[1])}
    error = failure(x * y, given)
    assert type(error) is ShapeError and advice in error.advice
    before, found, rest = error.advice.partition(" in place of ")
    if found:
        code, name = before.split("; ")[-1], rest[0]
        names = {"x": x, "y": y}
        (eval(code, {**names}) * names["y" if name == "x" else "x"]).eval(given)


def test_a_length_of_one_that_may_not_stretch():
    error = failure(A + B, {A: np.ones((2, 3)), B: np.ones((1, 3))})
    assert type(error) is BroadcastError and "declare B as T.row()" in error.advice and "T.addbroadcast(B, 0)" in error.advice
    assert (A + T.addbroadcast(B, 0)).eval({A: np.ones((2, 3)), B: np.ones((1, 3))}).shape == (2, 3)


def test_operands_without_a_name_are_shown_as_they_are_written():
    error = failure(T.dot(A, T.exp(u) + 1), {A: np.ones((2, 3)), u: np.ones(2)}, mode="FAST_COMPILE")
    assert "exp(u) + 1 is float64 (2,)" in error.found and "T.dot(exp(u) + 1, A)" in error.advice and "A.T" in error.advice


def test_variables_are_named_after_their_assignment():
    hidden = T.exp(u)
    error = failure(hidden + v, {u: [1, 2], v: [1, 2, 3]})
    assert error.asked.startswith("add(hidden, v)")


def test_cells_of_a_notebook_are_named(monkeypatch):
    """A place knows its cell from IPython's table of cells."""

    class Interactive:
        @staticmethod
        def get_ipython():
            return type("Shell", (), {"compile": type("Compiler", (), {"_filename_map": {"<cell-4>": 4, "<cell-5>": 5}})})

    monkeypatch.setitem(__import__("sys").modules, "IPython", Interactive)
    names = {"T": T}
    for name, source in {"<cell-4>": "x = T.vector()\n\nw = T.vector()\n", "<cell-5>": "y = x * w\n"}.items():
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        exec(compile(source, name, "exec"), names)
    error = failure(names["y"], {names["x"]: [1, 2], names["w"]: [1]})
    assert "y" in names and error.asked == "mul(x, w) at cell 5, line 1"
    assert "x is float64 (2,), made at cell 4, line 1\nw is float64 (1,), made at cell 4, line 3" in error.found


def test_other_mistakes():
    i = T.lvector("i")
    assert type(failure(v[5], {v: [1, 2]})) is IndexingError
    assert "size 2" in failure(v[5], {v: [1, 2]}).found
    error = failure(i**i, {i: [-1, -2]})
    assert type(error) is ComputationError and isinstance(error, ValueError) and "negative" in error.found
    assert type(failure(v.reshape((2, 2)), {v: [1, 2, 3]})) is ShapeError
    assert type(failure(T.concatenate([A, B]), {A: np.ones((2, 3)), B: np.ones((2, 2))})) is ShapeError


def test_many_operands_are_cut():
    several = [T.matrix(f"m{number}") for number in range(12)]
    error = failure(T.concatenate(several), {each: np.ones((1, number)) for number, each in enumerate(several)})
    assert error.found.splitlines()[-1] == "and 9 more"


def test_shared_variables_are_operands_too():
    w = tl.shared(np.ones((2, 2)), name="weights")
    error = failure(T.dot(w, v), {v: [1, 2, 3]})
    assert "weights is float64 (2, 2), made at" in error.found


class Broken(Library):
    """Raises what it is told to."""

    def __init__(self, error):
        self.error = error

    def type(self, x):
        return x.type

    def numpy(self, xp, x):
        raise self.error("no")


def test_what_is_no_mistake_of_the_reader_keeps_its_class():
    for error in (MemoryError, ZeroDivisionError, RuntimeError, TypeError):
        broken = Broken(error)(v)
        with pytest.raises(error) as caught:
            broken.eval({v: [1, 2]})
        assert type(caught.value) is error
        assert caught.value.__notes__ == [f"while computing broken(v) at {broken.place} with\nv is float64 (2,), made at {v.place}"]
    with pytest.raises(KeyboardInterrupt):
        Broken(KeyboardInterrupt)(v).eval({v: [1, 2]})


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_memory_that_is_not_to_be_had_names_the_step(mode):
    """A table of 2**47 bytes between two products: more than a process can address."""
    f = tl.function([u, v], T.dot(T.outer(u, v), v).sum() + T.dot(T.outer(u, v), T.outer(v, u))[0, 0], mode=mode)
    large, small = np.ones(2**22), [1.0, 2.0]
    with pytest.raises(MemoryError, match="Unable to allocate") as caught:
        f(large, large)
    assert caught.value.__notes__[0].startswith("while computing")
    assert f(small, small) == 20.0


def test_high_verbosity_shows_the_program():
    f = tl.function([u, v], T.exp(u * v).sum())
    with tl.config.change_flags(exception_verbosity="high"), pytest.raises(ShapeError) as caught:
        f([1, 2], [1, 2, 3])
    (note,) = caught.value.__notes__
    marked = [line for line in note.split("\n") if line.startswith("->")]
    assert len(marked) == 1 and "mul(b0, b1)" in marked[0] and "exp" in note
    with pytest.raises(ShapeError) as caught:
        f([1, 2], [1, 2, 3])
    assert not hasattr(caught.value, "__notes__")


def test_a_function_that_failed_works_again():
    f = tl.function([u, v], u * v)
    with pytest.raises(ShapeError):
        f([1, 2], [1])
    assert f([1, 2], [3, 4]).tolist() == [3, 8]
