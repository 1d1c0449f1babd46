"""The recipe of the slides, run to its end: a network 2-1000-1000-1 with sigmoids, trained for 100 epochs with a fixed rate of 0.01.

Run: python lessons/recorded/slide_recipe.py [epochs]   on one core of a busy machine it took 42 minutes.

It writes two files beside itself:

    slide_recipe.json   the settings, and for each epoch the mean cost and the share of held-out points that are answered rightly
    slide_recipe.npz    `output`: what the trained network answers on `tl.datasets.grid(200)`, uint8 (200, 200), 255 for 1
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

import tensorlab as tl
import tensorlab.tensor as T

HERE = Path(__file__).parent
SETTINGS = {
    "network": "2-1000-1000-1", "activation": "sigmoid", "cost": "squared distance, summed over a batch and divided by its size",
    "rate": 0.01, "batch": 1000, "points": 100_000, "epochs": 100, "held out": 20_000,
    "start": "numpy.random.RandomState(0).randn, float32",
}  # fmt: skip


def main(epochs: int) -> None:
    """Train for some epochs, and write down what came of it after each."""
    tl.config.floatX, tl.config.threads = "float32", 1  # one thread: a product is then added up in the same order every time
    points, batch = SETTINGS["points"], SETTINGS["batch"]
    X_all, Y_all = tl.datasets.picture(size=points, seed=0)
    X_test, Y_test = tl.datasets.picture(size=SETTINGS["held out"], seed=1)
    random = np.random.RandomState(0)
    sizes = [2, 1000, 1000, 1]
    weights = [tl.shared(random.randn(out, into).astype("float32"), name=f"W{n + 1}") for n, (into, out) in enumerate(pairwise(sizes))]
    biases = [tl.shared(random.randn(out).astype("float32"), name=f"b{n + 1}") for n, out in enumerate(sizes[1:])]
    parameters = weights + biases
    x, y_hat = T.matrix("input", dtype="float32"), T.matrix("reference", dtype="float32")
    y = x
    for W, b in zip(weights, biases):
        y = 1 / (1 + T.exp(-(T.dot(W, y) + b.dimshuffle(0, "x"))))
    cost = T.sum((y - y_hat) ** 2) / np.float32(batch)
    gradients = T.grad(cost, parameters)
    train = tl.function([x, y_hat], cost, updates=[(p, p - np.float32(SETTINGS["rate"]) * g) for p, g in zip(parameters, gradients)])
    test = tl.function([x], y)
    batches = [np.ascontiguousarray(X_all[:, i : i + batch]) for i in range(0, points, batch)]
    answers = [np.ascontiguousarray(Y_all[:, i : i + batch]) for i in range(0, points, batch)]
    record = []
    for epoch in range(epochs):
        mean = sum(float(train(X, Y)) for X, Y in zip(batches, answers)) / len(batches)
        right = float(np.mean((test(X_test) > 0.5) == (Y_test > 0.5)))
        record.append([round(mean, 5), round(right, 5)])
        print(epoch, *record[-1], flush=True)
    write(record, test(tl.datasets.grid(200)))


def write(record: list[list[float]], output: np.ndarray) -> None:
    """Write the two files."""
    said = {"settings": SETTINGS, "each epoch": ["mean cost", "share of held-out points that are right"], "epochs": record}
    (HERE / "slide_recipe.json").write_text(json.dumps(said) + "\n", encoding="utf-8")
    np.savez_compressed(HERE / "slide_recipe.npz", output=np.round(255 * output.reshape(200, 200)).astype("uint8"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SETTINGS["epochs"])
