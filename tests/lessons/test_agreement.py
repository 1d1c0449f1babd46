"""Whether two graphs are one, and whether two outputs say the same: what the teachers' plugin decides by."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.lessons.agreement import disagreement
from tensorlab.lessons.isomorphism import difference
from tensorlab.view.structure import KIND, structure

x, y = T.scalars("x", "y")
v, w = T.vector("v"), tl.shared(np.array([1.0, 2.0]), name="w")


def a_network():
    """A graph with sharing, a constant array and commutative operations."""
    hidden = T.tanh(T.dot(v, w) + 1)
    return [hidden * hidden + T.sum(v * np.array([1.0, np.nan])), T.exp(hidden)]


def mixed(graph, seed):
    """The same graph with its nodes in another order, and the operands of commutative operations exchanged."""
    dice = random.Random(seed)
    nodes, order, ready = graph["nodes"], [], list(range(len(graph["nodes"])))
    while ready:
        free = [each for each in ready if all(below in order for below in nodes[each].get("inputs", ()))]
        order.append(free[dice.randrange(len(free))])
        ready.remove(order[-1])
    changed = []
    for each in order:
        node = copy.deepcopy(nodes[each])
        if "inputs" in node:
            node["inputs"] = [order.index(below) for below in node["inputs"]]
            if node["commutative"]:
                dice.shuffle(node["inputs"])
        changed.append(node)
    return {**graph, "nodes": changed, "outputs": [order.index(each) for each in graph["outputs"]]}


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_nodes_and_of_operands_does_not_matter(seed):
    graph = structure(a_network())
    assert difference(graph, mixed(graph, seed), 0.0) == ""


DIFFERENT = {
    "another op": (T.exp(x), T.tanh(x)),
    "another name": (T.exp(x), T.exp(y)),
    "another type": (T.exp(x), T.exp(T.fscalar("x"))),
    "another constant": (x + 1, x + 2),
    "operands of a difference": (x - y, y - x),
    "another axis": (T.sum(T.matrix("A"), axis=0), T.sum(T.matrix("A"), axis=1)),
    "more nodes": (x + y, x + y + x),
    "an input or a constant": (x + y, x + T.constant(1.0)),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_graphs_that_differ(case):
    one, two = (structure([each]) for each in DIFFERENT[case])
    assert difference(one, two, 1e-6) and difference(two, one, 1e-6)


def test_sharing_counts():
    """exp(x) used twice is not two of them, though every path looks the same."""
    once = T.exp(x)
    shared = structure([T.tanh(once) - T.sin(once), T.exp(x)])
    apart = structure([T.tanh(T.exp(x)) - T.sin(once), once])
    assert len(shared["nodes"]) == len(apart["nodes"])
    assert difference(shared, apart, 0.0) and difference(apart, shared, 0.0)


def test_operands_that_look_the_same_are_tried_both_ways():
    """Two inputs without names: which is which shows only at the second output."""
    a, b = T.scalar(), T.scalar()
    one, two = structure([T.exp(a) + T.exp(b), T.exp(b) - a]), structure([T.exp(b) + T.exp(a), T.exp(b) - a])
    assert difference(one, two, 0.0) == ""
    assert difference(one, structure([T.exp(a) + T.exp(b), T.exp(a) - a]), 0.0) != ""


def test_constants_agree_within_the_tolerance():
    one, two = structure([x * 0.1]), structure([x * 0.1000001])
    assert difference(one, two, 1e-4) == "" and "0.1" in difference(one, two, 1e-9)
    assert difference(structure([x + np.inf]), structure([x - np.inf]), 1e-4)


def test_other_outputs():
    assert difference(structure([x, y]), structure([x]), 0.0) == "2 outputs are 1 now"
    assert difference(structure([x, y]), structure([y, x]), 0.0)


def test_a_picture_holds_its_graph_only_if_that_is_asked_for(monkeypatch):
    monkeypatch.delenv("TENSORLAB_GRAPHS", raising=False)
    assert KIND not in tl.view.show(x * y)._repr_mimebundle_()
    monkeypatch.setenv("TENSORLAB_GRAPHS", "1")
    found = tl.view.show(tl.function([x], T.exp(x) * 2))._repr_mimebundle_()[KIND]
    assert sorted(node["op"] for node in found["nodes"]) == ["constant", "exp", "input", "mul"]
    assert KIND not in tl.view.show(x * y)._repr_mimebundle_(include=["text/plain"])


def stream(text, name="stdout"):
    return [{"output_type": "stream", "name": name, "text": text}]


def data(**kinds):
    names = {"plain": "text/plain", "html": "text/html", "png": "image/png", "svg": "image/svg+xml", "graph": KIND}
    return [{"output_type": "display_data", "data": {names[key]: value for key, value in kinds.items()}, "metadata": {}}]


AGREE = {
    "a last digit": (stream("y = 0.1234"), stream("y = 0.12341")),
    "spaces beside numbers": (stream("[1.    2.5]"), stream("[1.0000001 2.5]")),
    "a stream in pieces": (stream("one\ntwo\n"), stream("one\n") + stream("two\n")),
    "a list of lines": (stream(["one\n", "two"]), stream("one\ntwo")),
    "another image": (data(png="AA==", plain="a line"), data(png="BB==", plain="a line")),
    "an image in a page": (data(html='<img alt="a" width="3" src="data:image/png;base64,AA==">'),
                           data(html='<img alt="a" width="4" src="data:image/png;base64,BB==">')),
    "another picture of the same graph": (data(svg="<svg>1</svg>", plain="x + y"), data(svg="<svg>2</svg>", plain="x + y")),
    "other lines for the same graph": (data(graph=structure([x + y]), plain="#1 = x 2 y 3"),
                                       data(graph=structure([y + x]), plain="#2 = y 3 x 2")),
}  # fmt: skip
DISAGREE = {
    "a number": (stream("y = 0.12"), stream("y = 0.13")),
    "a word": (stream("y = 0.12"), stream("z = 0.12")),
    "a sign": (stream("1"), stream("-1")),
    "nan": (stream("1.0"), stream("nan")),
    "a digit of a name": (stream("x1"), stream("x2")),
    "more numbers": (stream("1 2"), stream("1 2 3")),
    "another stream": (stream("1"), stream("1", "stderr")),
    "nothing": (stream("1"), []),
    "another kind": (data(plain="1"), data(plain="1", html="1")),
    "another graph": (data(graph=structure([x + y]), plain="1"), data(graph=structure([x * y]), plain="1")),
    "another value in a graph": (data(graph=structure([x + y]), plain="#1 = 3"), data(graph=structure([x + y]), plain="#1 = 4")),
    "another error": ([{"output_type": "error", "ename": "A", "evalue": ""}], [{"output_type": "error", "ename": "B", "evalue": ""}]),
    "another message": ([{"output_type": "error", "ename": "A", "evalue": "x"}], [{"output_type": "error", "ename": "A", "evalue": "y"}]),
}


@pytest.mark.parametrize("case", AGREE)
def test_outputs_that_agree(case):
    old, new = AGREE[case]
    assert disagreement(old, new, 1e-3) == "" and disagreement(new, old, 1e-3) == ""


@pytest.mark.parametrize("case", DISAGREE)
def test_outputs_that_do_not(case):
    old, new = DISAGREE[case]
    assert disagreement(old, new, 1e-3) and disagreement(new, old, 1e-3)
