"""Where nodes were made, and what they were called there."""

from __future__ import annotations

import linecache
import pickle
import textwrap
import threading

import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph import place as places
from tensorlab.graph.place import Place, assignments, made_at
from tensorlab.rewrite import rewritten

at_module_level = T.scalar()
first, second = T.scalar(), T.vector()
listed = T.scalars(2)


def run(source: str, filename: str = "<notebook cell 7>") -> dict:
    """Run source as a notebook does: compiled under a name of its own, its text in linecache."""
    source = textwrap.dedent(source)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    names = {"T": T, "tl": tl, "__name__": "__main__"}
    exec(compile(source, filename, "exec"), names)
    return names


def test_module_level():
    assert at_module_level.known_name == "at_module_level" and at_module_level.name is None
    assert (first.known_name, second.known_name) == ("first", "second")
    assert [each.known_name for each in listed] == ["listed[0]", "listed[1]"]


def test_in_a_function():
    x = T.scalar()
    y = x**2
    z: object = y + 1
    assert (x.label, y.label, z.label) == ("x", "y", "z")
    assert y.place.line == x.place.line + 1 and y.place.filename == __file__
    assert y.place.source == "y = x**2"
    assert str(y.place) == f"{__file__}:{y.place.line}"


def test_every_kind_of_assignment():
    x = T.vector("x")
    a, b = x + 1, x - 1
    [c, (d)] = [x * 1, x * 2]
    p, q = T.grad((x**2).sum(), [x, x**2], disconnected_inputs="ignore")
    e = f = x / 2
    if (g := x.sum()) is not None:
        h = g
    k = x
    k += 1
    found = [each.known_name for each in (a, b, c, d, e, f, g, h, k)]
    assert found == ["a", "b", "c", "d", "e", "e", "g", "g", "k"]
    assert (p.known_name, q.known_name) == ("p", "q")
    m, *rest = T.scalars(3)
    assert m.known_name == "m" and [each.known_name for each in rest] == [None, None]
    holder = {}
    holder["x"] = x * 3
    assert holder["x"].known_name is None
    assert (x * 4).known_name is None
    t = (x * 5) + 1
    assert t.inputs[0].known_name is None, "the product is part of the sum, and has no name of its own"


def test_expressions_over_several_lines():
    x = T.matrix("x")
    # fmt: off
    y = (x * 2
         + 1)
    z = (x
         .dimshuffle(1, 0)
         .sum(axis=0))
    w = T.dot(
        x,
        x,
    )
    v = (x
         .T)
    # fmt: on
    assert [each.known_name for each in (y, z, w, v)] == ["y", "z", "w", "v"]


def test_a_name_survives_rebinding():
    """The slides bind x and w again to values; the nodes keep what they were called."""
    names = run(
        """
        x = T.vector()
        w = tl.shared(0.5)
        y = x * w
        kept = [x, w, y]
        x = [1.0, 2.0]
        w = None
        """
    )
    assert [each.known_name for each in names["kept"]] == ["x", "w", "y"]


def test_in_a_notebook_cell():
    cells = run("x = T.scalar()\ny = x ** 2\n", "<ipython-input-3-abc>")
    again = run("x = T.scalar()\nz = x ** 3\n", "<ipython-input-4-def>")
    assert cells["y"].known_name == "y" and again["z"].known_name == "z"
    assert cells["x"].place is not again["x"].place and cells["x"].place.filename == "<ipython-input-3-abc>"
    assert cells["y"].place.line == 2


def test_two_cells_with_the_same_text_are_two_places():
    """Guards: code objects that compare equal are not the same place."""
    one, other = run("x = T.scalar()\n", "<cell 1>"), run("x = T.scalar()\n", "<cell 2>")
    assert one["x"].place.filename == "<cell 1>" and other["x"].place.filename == "<cell 2>"


def test_without_source_there_is_no_name():
    names = {"T": T, "__name__": "__main__"}
    exec(compile("x = T.scalar()", "<no source>", "exec"), names)
    assert names["x"].known_name is None and names["x"].place.source == ""
    assert str(names["x"]) == "<TensorType(float64, scalar)>" == names["x"].label


def test_steps_on_the_way_of_one_call_have_no_name():
    """Guards: all nodes that one call makes stand at one place, and only the last is what the variable stands for."""
    x = T.vector()
    total = x.sum() + 0
    centred = T.grad((x**3).sum(), x)
    doubled = x * 2
    assert centred.known_name == "centred" and doubled.known_name == "doubled" and total.known_name == "total"
    assert doubled.inputs[1].known_name is None, "the constant 2 is not called doubled"
    pending, inner = list(centred.inputs), []
    while pending:
        node = pending.pop()
        inner.append(node)
        pending.extend(node.inputs)
    assert all(node is x or node.known_name is None for node in inner)


def test_a_loop_makes_one_place():
    x = T.scalar("x")
    places, h = set(), x
    for _ in range(100):
        h = h * 2
        places.add(id(h.place))
    assert len(places) == 1
    assert h.known_name == "h" and h.inputs[0].known_name is None, "the last one is what h stands for"


def test_a_place_is_looked_up_once(monkeypatch):
    """Guards: reading the source for each of 100,000 nodes made pickling take half a minute."""
    names = run("x = T.scalar()\nys = []\nfor i in range(50):\n    y = x * i\n    ys.append(y)\n", "<loop cell>")
    calls = []
    monkeypatch.setattr(linecache, "getlines", lambda *arguments, real=linecache.getlines: calls.append(1) or real(*arguments))
    assert {y.known_name for y in names["ys"]} == {"y"}
    assert len(calls) <= 1


def test_pickled_places_keep_the_name():
    names = run("x = T.scalar()\ny = x ** 2\n", "<pickled cell>")
    again = pickle.loads(pickle.dumps(names["y"]))
    linecache.cache.pop("<pickled cell>", None)
    assert again.known_name == "y" and again.inputs[0].known_name == "x"
    assert again.place.filename == "<pickled cell>" and again.place.line == 2


def test_made_at():
    x, y = T.scalar("x"), T.scalar("y")
    with made_at(y.place):
        inside = x + 1
        with made_at(x.place):
            deeper = x * y
        again = x + 2
    outside = x + 1
    assert inside.place is y.place and again.place is y.place and deeper.place is not y.place and outside.place not in (x.place, y.place)


def test_made_at_is_left_after_an_error():
    x = T.scalar("x")
    with pytest.raises(ValueError), made_at(x.place):
        raise ValueError
    y = x + 1
    assert y.known_name == "y"


def test_threads_do_not_share_made_at():
    x = T.scalar("x")
    found = []

    def work():
        inner = x + 1
        found.append(inner.known_name)

    with made_at(x.place):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == ["inner"]


def test_assignments_of_broken_source():
    assert assignments("x = (") == {}
    assert assignments("\x00") == {}


def test_a_place_without_code_has_only_its_known_name():
    assert Place("f.py", 3).name is None
    assert Place("f.py", 3, known_name="w").name == "w"
    assert Place("f.py", 3).cell is None


def test_what_a_node_is_called_is_looked_up_only_for_somebody_who_reads_it(monkeypatch):
    """Parsing a file of a thousand lines takes 20 ms: no graph, gradient or rewriting may wait for it."""
    monkeypatch.setattr(places, "assignments", lambda source: pytest.fail("the reader's source was read"))
    x, w = T.matrix(), T.vector()
    h = T.tanh(T.dot(x, w).dimshuffle("x", 0))
    y = T.stack([h.sum(), h.mean(), T.concatenate([w, w]).reshape((2, -1)).transpose(1, 0).sum()])
    gradients = T.grad((y**2).sum(), [x, w])
    assert len(rewritten(gradients).outputs) == 2
    with pytest.raises(pytest.fail.Exception):
        str(h.label)
