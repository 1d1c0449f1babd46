"""The backpropagation stepper without a browser: what its state holds, what the page may ask, and what stays the reader's own."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import MissingInputError
from tensorlab.widgets import GraphView, steps
from tensorlab.widgets.base import ROOM, WidgetError, size_of
from tensorlab.widgets.questions import question
from tensorlab.widgets.tracing import trace


def neuron():
    """The slides' neuron as a stepper."""
    x, y_hat = T.vector("x"), T.scalar("y_hat")
    w, b = tl.shared(np.array([1.0, 1.0]), name="w"), tl.shared(0.5, name="b")
    z = T.dot(w, x) + b
    y = 1 / (1 + T.exp(-z))
    cost = (y - y_hat) ** 2
    cost.name = "C"
    return steps(cost, [w, b], at={x: [1, -1], y_hat: 1}), w, b


def layer(h, weights, bias):
    """A layer; a block of the graph has its name."""
    return T.tanh(T.dot(h, weights) + bias)


def network(layers=2, width=20, batch=50, bias=False):
    """A network of dense layers as a cost, its variables and its inputs."""
    random = np.random.RandomState(0)
    x, target = T.matrix("x"), T.matrix("target")
    weights = [tl.shared(random.randn(width, width), name=f"W{layer}") for layer in range(layers)]
    out = x
    if bias:
        biases = [tl.shared(np.zeros(width), name=f"b{layer}") for layer in range(layers)]
        for each in zip(weights, biases):
            out = layer(out, *each)
        weights += biases
    else:
        for each in weights:
            out = T.tanh(T.dot(out, each))
    return T.mean((out - target) ** 2), weights, {x: random.randn(batch, width), target: random.randn(batch, width)}


def tell(view, kind, **fields):
    """Send a message, and return what the widget answers in words."""
    said = []
    view.__dict__["_send"] = lambda message, buffers=None: said.append(message)
    view._handle_msg({"content": {"data": {"method": "custom", "content": {"kind": kind, **fields}}}, "buffers": []})
    return [message["content"] for message in said if message["method"] == "custom"]


def test_the_steps_in_words():
    view, _, _ = neuron()
    said = view.sentences
    assert said[0] == "Before the first step: w = [1, 1], x = [1, -1], b = 0.5, y_hat = 1."
    assert said[2] == "Forward, 2 of 8: z = v₁ + b = 0 + 0.5 = 0.5."
    assert said[6] == "Forward, 6 of 8: y = 1 / v₄ = 1 / 1.607 = 0.6225."
    assert said[9] == "Back, 1 of 10: the walk begins at C, and ∂C/∂C = 1. C sends 1 × -0.7551 = -0.7551 to v₅."
    assert said[15].endswith("z sends -0.1774 × 1 = -0.1774 to v₁; -0.1774 × 1 = -0.1774 to b.")
    assert said[-1] == "Back, 10 of 10: [-0.1774, 0.1774] arrives at w from v₁: ∂C/∂w = [-0.1774, 0.1774]. w is what we differentiate by."


def test_a_sum_over_paths_is_said():
    x = T.scalar("x")
    view = steps(x * T.exp(x), x, at={x: 1.0})
    assert view.sentences[-1].startswith("Back, 3 of 3: 2.718 from v₂ and 2.718 from v₁ arrive at x, and their sum is ∂v₂/∂x = 5.437.")


def test_the_state_is_plain_data():
    view, _, _ = neuron()
    state = json.loads(json.dumps(view.own_state(), allow_nan=False))
    assert {"scene", "run", "sources", "step"} <= set(state)
    scene = state["scene"]
    assert len(scene["nodes"]) == len(view.trace.order) and sum("wrt" in node for node in scene["nodes"]) == 2
    rims = [4 * (node["kind"] == "shared") + 4 * ("cost" in node) for node in scene["nodes"]]
    boxes = [(node["x"] - node["w"] / 2 - rim, node["y"] - node["h"] / 2 - rim, node["end"], node["y"] + node["h"] / 2 + rim)
             for node, rim in zip(scene["nodes"], rims)]
    for number, a in enumerate(boxes):
        assert min(a) >= 0 and a[2] <= scene["width"] + 1 and a[3] <= scene["height"] + 1
        for b in boxes[:number]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], "two nodes overlap"


def test_infinite_and_missing_numbers_can_be_saved():
    x = T.scalar("x")
    view = steps(T.log(x) + 0 * T.sqrt(-x), x, at={x: 0.0})
    json.dumps(view.own_state(), allow_nan=False)
    nan = steps(T.sqrt(x), x, at={x: -1.0})
    assert nan.run["values"][-1]["number"] == "nan"
    json.dumps(nan.own_state(), allow_nan=False)


def test_large_arrays_fit():
    deep, weights, at = network(layers=44, width=30, batch=40)
    assert len(json.dumps(steps(deep, weights, at=at).own_state())) < ROOM
    cost, weights, at = network(layers=8, width=150, batch=300)
    view = steps(cost, weights, at=at)
    assert len(json.dumps(view.own_state())) < ROOM
    shapes = [(len(each["rows"]), len(each["rows"][0])) for each in view.run["values"] if each and "rows" in each]
    assert max(max(shape) for shape in shapes) <= 64
    small, weights, at = network(layers=1, width=64, batch=40)
    assert max(len(each["rows"]) for each in steps(small, weights, at=at).run["values"] if each and "rows" in each) >= 20


def test_a_network_of_fifty_layers():
    cost, variables, at = network(layers=50, width=8, batch=20, bias=True)
    view = steps(cost, variables, at=at)
    assert sum(map(size_of, view.own_state().values())) < ROOM
    (block,) = view.scene["blocks"]
    assert block["label"] == "layer ×50" and len(block["copies"]) == 50
    names = [[view.scene["nodes"][number]["name"] for number in copy] for copy in block["copies"]]
    assert all(f"W{turn}" in copy and f"b{turn}" in copy for turn, copy in enumerate(names))
    assert view.sentences[1].count("with v") == 0 and "with x = 20×8 numbers" in view.sentences[1]
    asked = [step["node"] for step in view.run["steps"] if "ask" in step]
    assert asked and not {number for copy in block["copies"][1:] for number in copy} & set(asked)  # nobody answers the same 50 times


def test_a_number_in_a_formula_stands_for_a_name():
    view, _, _ = neuron()
    nodes = view.scene["nodes"]
    y = next(node for node in nodes if node["name"] == "y")
    assert y["formula"] == ["mfrac", [["mn", "1"], next(position for position, node in enumerate(nodes) if node["name"] == "v₄")]]


def test_a_graph_that_is_too_large_is_shown_folded():
    cost, weights, at = network(layers=120, width=2, batch=2)
    view = steps(cost, weights, at=at)
    nodes, edges = view.scene["nodes"], view.scene["edges"]
    (block,) = [node for node in nodes if "times" in node["name"]]
    assert block["label"] == "out ×120" and block["name"] == "out, 120 times" and len(nodes) < 20
    assert [node["name"] for node in nodes if node.get("cost")] == [view.trace.labels[cost]]
    assert {(nodes[edge["from"]]["name"], nodes[edge["to"]]["name"]) for edge in edges} >= {("x", block["name"])}
    assert len(view.sentences) == 1 and "too many to step through, 300 at most" in view.sentences[0]
    assert "out ×120" in view.still().text and sum(map(size_of, view.own_state().values())) < ROOM
    before = view.own_state()
    for kind, fields in (("value", {"node": 1, "values": [1.0]}), ("descend", {"rate": 0.1}), ("reset", {})):
        (answer,) = tell(view, kind, **fields)
        assert answer["kind"] == "problem" and view.own_state() == before


def test_a_graph_that_is_too_large_even_when_folded_is_refused():
    x = T.vector("x")
    parts = [T.sum(x[place:]) * place for place in range(150)]
    with pytest.raises(WidgetError, match="300 fit"):
        steps(sum(parts[1:], parts[0]), x, at={x: np.ones(200)})


def test_other_values_and_the_way_back():
    view, w, _ = neuron()
    first = dict(view.run)
    node = view.trace.order.index(w)
    assert tell(view, "value", node=node, values=[2, 0.5]) == []
    assert view.trace.values[w].tolist() == [2, 0.5] and view.run != first
    assert [each["changed"] for each in view.sources if each["shared"]] == [True, False]
    assert w.get_value().tolist() == [1, 1]  # the reader's own
    tell(view, "reset")
    assert view.run == first and not any(each["changed"] for each in view.sources)


def test_a_step_of_descent_and_apply():
    view, w, b = neuron()
    gradient = view.trace.gradients[w].copy()
    before = view.trace.values[view.trace.cost]
    tell(view, "descend", rate=0.5)
    np.testing.assert_allclose(view.trace.values[w], [1, 1] - 0.5 * gradient)
    assert view.trace.values[view.trace.cost] < before
    assert w.get_value().tolist() == [1, 1] and b.get_value() == 0.5
    (answer,) = tell(view, "apply")
    assert answer["kind"] == "applied" and "w = [1.089, 0.9113]" in answer["text"]
    np.testing.assert_allclose(w.get_value(), [1, 1] - 0.5 * gradient)
    assert b.get_value() != 0.5


@pytest.mark.parametrize("fields", [{"node": 99, "values": [1]}, {"node": 0, "values": [1, 2, 3]}, {"node": 2, "values": [1]}])
def test_a_value_that_does_not_fit_changes_nothing(fields):
    view, _, _ = neuron()
    before = json.dumps(view.own_state())
    answers = tell(view, "value", **fields)
    assert answers[0]["kind"] == "problem" and json.dumps(view.own_state()) == before


def test_ten_thousand_malformed_messages():
    view, w, _ = neuron()
    before, said = json.dumps(view.own_state()), []
    view.__dict__["_send"] = lambda message, buffers=None: said.append(message)
    dice = random.Random(11)
    odd = [None, True, -1, 10**9, 2.5, "0", "w", [], [1] * 9, {}, float("nan"), [float("inf")], ["1"], [None], [[1]], [True]]
    for _ in range(10_000):
        kind = dice.choice(["value", "descend", "apply!", "reset ", "run", "__class__", None, 3])
        fields = {dice.choice(["node", "values", "rate", "x", "kind2"]): dice.choice(odd) for _ in range(dice.randrange(3))}
        if kind == "descend":
            fields = {"rate": dice.choice([each for each in odd if type(each) not in (int, float)])}
        if kind == "value":
            fields = {"node": dice.choice(odd), "values": dice.choice(odd[6:])}
        data = {"method": "custom", "content": {"kind": kind, **fields}} if dice.random() < 0.7 else \
            {"method": "update", "state": {dice.choice(["step", "run", "scene", "sources", "layout"]): dice.choice(odd)}}
        view._handle_msg({"content": {"data": data}, "buffers": []})
    assert json.dumps(view.own_state()) == before
    assert w.get_value().tolist() == [1, 1]
    assert {message["content"]["kind"] for message in said if message["method"] == "custom"} == {"refused"}


def test_questions_have_their_answer_and_no_slip_beside_it():
    view, _, _ = neuron()
    asked = [step["ask"] for step in view.run["steps"] if "ask" in step]
    assert len(asked) >= 14
    for each in asked:
        for value, words in each["slips"]:
            assert abs(value - each["answer"]) > 0.004 * max(abs(value), abs(each["answer"]))
            assert words and not words.endswith(".")
    texts = " ".join(each["text"] for each in asked)
    assert "local derivative" in texts and "send back" in texts and "What is z?" in texts


def test_the_slips_that_are_named():
    x, w = T.scalar("x"), T.scalar("w")
    y = w * x
    cost = y ** 2 + 3 * y
    cost.name = "C"
    run = trace(cost, [w], at={x: 2.0, w: 1.5})
    assert run.labels[y] == "y"
    both = question(run, y, "back", 1)
    slips = dict(both["slips"])
    assert both["answer"] == 9 and "the other path is forgotten" in slips[3] and "the other path is forgotten" in slips[6]
    assert slips[18] == "paths add up; factors along one path multiply" and "sign" in slips[-9]
    power = next(node for node in run.forward if node.op.name == "pow")
    local = question(run, power, "back", 1)
    assert local["answer"] == 6 and dict(map(tuple, local["slips"]))[3] == "the exponent comes down as a factor"
    times = question(run, next(node for node in run.forward if node.op.name == "mul" and node is not y), "back", 2)
    assert times["answer"] == 3


def test_questions_about_large_arrays_are_not_asked():
    cost, weights, at = network()
    view = steps(cost, weights, at=at)
    asked = [step["ask"]["text"] for step in view.run["steps"] if "ask" in step]
    assert asked and all("[" not in text for text in asked)


def test_an_expression_without_values_is_a_graph_without_steps():
    x, w = T.scalar("x"), T.vector("w")
    view = GraphView(x * w)
    assert len(view.scene["nodes"]) == 3 and len(view.run["steps"]) == 1 and "No values are known" in view.sentences[0]
    assert tell(view, "value", node=0, values=[1])[0]["kind"] == "problem"
    assert tell(view, "descend", rate=1) == [] and tell(view, "reset") == []
    assert "x" in view.still().text
    json.dumps(view.own_state(), allow_nan=False)


def test_an_expression_that_is_no_scalar_is_computed_forward():
    x = T.vector("x")
    view = GraphView(T.exp(x) * 2, at={"x": [0, 1]})
    assert [step["way"] for step in view.run["steps"]] == ["start", "forward", "forward"]
    assert view.trace.wrt == () and view.run["gradients"] == [None] * 4
    assert view.still().text.count("gradient") == 0


def test_what_a_graph_view_is_made_of():
    x, w = T.scalar("x"), T.scalar("w")
    assert GraphView([x * w], wrt=w, at={x: 1, w: 2}).trace.wrt == (w,)
    with pytest.raises(WidgetError, match="one expression is shown"):
        GraphView([x, w])
    with pytest.raises(MissingInputError):
        GraphView(x * w, at={x: 1})


def test_what_is_shown_where_no_widget_is():
    view, _, _ = neuron()
    bundle = view._repr_mimebundle_()
    assert "The result: ∂C/∂w = [-0.1774, 0.1774] and ∂C/∂b = -0.1774." in bundle["text/html"]
    assert bundle["image/svg+xml"].startswith("<svg") and "<li>Forward, 2 of 8" in bundle["text/html"]
    assert "Back, 10 of 10" in bundle["text/plain"] and repr(view) == "<GraphView>"
    assert neuron()[0]._repr_mimebundle_()["image/svg+xml"] == bundle["image/svg+xml"]


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "</script>", "]]>", "a\u202eb", "'\"", "&amp;", "x" * 500])
def test_hostile_names_are_text(name):
    x = T.scalar(name)
    view = steps(x ** 2, x, at={x: 1.0})
    html = view._repr_mimebundle_()["text/html"]
    assert "<img src=x" not in html and "</script>" not in html and "\u202e" not in html
    json.dumps(view.own_state(), allow_nan=False)
