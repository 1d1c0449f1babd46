"""Pictures compared with files that somebody has looked at: the SVG, the words and the data, byte for byte.

`pytest tests/view/test_golden_pictures.py --update-golden` writes them anew. Look at the difference, and at the pictures, before you keep
them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends import llvm
from tensorlab.notebook import graph
from tensorlab.view import place_of_trouble, show

GOLDEN = Path(__file__).parent / "golden"


def neuron():
    x, y_hat = T.vector("x"), T.scalar("y_hat")
    w, b = tl.shared(np.array([0.5, -0.25]), "w"), tl.shared(0.0, "b")
    z = T.dot(w, x) + b
    y = 1 / (1 + T.exp(-z))
    z.name, y.name = "z", "y"
    cost = (y - y_hat) ** 2
    cost.name = "C"
    return x, y_hat, w, b, cost


def xor():
    """The network of the slides: two inputs, three hidden neurons, one output."""
    x, y_hat = T.matrix("x"), T.vector("y_hat")
    w1, b1 = tl.shared(np.ones((2, 3)), "w1"), tl.shared(np.zeros(3), "b1")
    w2, b2 = tl.shared(np.ones(3), "w2"), tl.shared(0.0, "b2")
    y = T.nnet.sigmoid(T.dot(T.nnet.sigmoid(T.dot(x, w1) + b1), w2) + b2)
    cost = -(y_hat * T.log(y) + (1 - y_hat) * T.log(1 - y)).mean()
    y.name, cost.name = "y", "cost"
    return cost, [w1, b1, w2, b2]


def layer(h, W, b):
    return T.tanh(T.dot(h, W) + b)


def deep(layers=50):
    h = T.matrix("x")
    for number in range(layers):
        h = layer(h, tl.shared(np.eye(4), f"W{number}"), tl.shared(np.zeros(4), f"b{number}"))
    cost = (h**2).sum()
    cost.name = "cost"
    return cost


def step_of_training():
    x, y_hat, w, b, cost = neuron()
    updates = [(each, each - 0.1 * T.grad(cost, each)) for each in (w, b)]
    return tl.function([x, y_hat], cost, updates=updates)


def shares():
    *_, cost = neuron()
    work = [node for node in tl.view.show(cost).nodes.values() if node.op is not None]
    return show(cost, share=dict(zip(work, [0.5, 0.25, 0.125, 0.0625, 0.0625, 0, 0, 0])))


def stepped():
    x, y_hat, w, b, cost = neuron()
    return graph(cost, grad=[w, b], at={x: [1.0, -1.0], y_hat: 1.0})


native = pytest.mark.skipif(bool(llvm.unavailable()), reason="without native code a program has no loops to draw boxes around")
CASES = {
    "neuron": lambda: show(neuron()[-1]),
    "xor": lambda: show(xor()[0]),
    "xor_gradient": lambda: show(T.grad(*xor())),
    "deep_folded": lambda: show(deep()),
    "deep_opened": lambda: show(deep(), depth=1),
    "training_rewritten": lambda: show(step_of_training()),
    "training_program": lambda: show(step_of_training(), stage="program"),
    "values_and_gradients": stepped,
    "shares": shares,
    "clash": lambda: place_of_trouble(T.dot(T.tanh(T.matrix("x")), T.matrix("w")), "clash", ["3×2", "4×2"]),
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=native) if name == "training_program" else name for name in CASES])
def test_a_picture_is_what_it_was(name, request):
    shown = CASES[name]()
    data = shown.data
    for shape in data["shapes"]:
        del shape["place"]  # where this file stands on a machine
    found = {"svg": shown.image, "txt": shown.text + "\n", "json": json.dumps(data, ensure_ascii=False, indent=1) + "\n"}
    for kind, text in found.items():
        path = GOLDEN / f"{name}.{kind}"
        if request.config.getoption("--update-golden"):
            GOLDEN.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == text, f"{path.name} differs; --update-golden writes it anew"


def test_there_is_no_golden_file_without_a_case():
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_picture_fits_a_page(name):
    """At most 700 px: the column of a notebook on a projector."""
    assert CASES[name]().data["size"][0] <= 700
