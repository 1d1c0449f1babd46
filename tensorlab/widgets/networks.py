"""A small network for points of the plane, built and trained with tensorlab itself: the slides' network, of any width and depth.

Floor 6. Examples are columns, as in the slides: x is (2, N), a = f(W a + b) layer by layer, and the last layer is a sigmoid. Nothing
here knows of a page; `net_view.py` shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..compiler.function import function
from ..gradient import grad
from ..graph.node import Node
from ..ops.averages import mean
from ..ops.classification import binary_crossentropy
from ..ops.neural import relu, sigmoid
from ..ops.products import dot
from ..ops.symbols import tensor
from ..ops.trigonometry import tanh
from ..optimizers import RECIPES
from ..state import SharedVariable, shared
from .base import WidgetError

Vector = np.ndarray[Any, Any]
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"sigmoid": sigmoid, "relu": relu, "tanh": tanh}
WIDEST, DEEPEST = 32, 3
"""Neurons of a hidden layer and hidden layers: more neither fit in a picture nor train at 20 frames a second."""


class Network:
    """A network with two inputs and one output.

    Attributes:
        sizes: neurons of every layer, the two inputs and the output included.
        activation: of the hidden layers.
        parameters: W1, b1, W2, b2, …: W has one row a neuron, float32.
    """

    def __init__(self, hidden: Sequence[int], activation: str, recipe: str, seed: int) -> None:
        self.sizes, self.activation, self.recipe, self.seed = [2, *hidden, 1], activation, recipe, seed
        self.parameters: list[SharedVariable] = []
        for number, value in enumerate(first_values(self.sizes, activation, seed)):
            self.parameters.append(shared(value, name=f"{'Wb'[number % 2]}{number // 2 + 1}"))
        x, y_hat = (tensor("float32", (None, None), name=name) for name in ("x", "y_hat"))
        rate = tensor("float32", (), name="rate")
        layers: list[Node] = []
        a: Node = x
        for number, (W, b) in enumerate(zip(self.parameters[::2], self.parameters[1::2]), 1):
            z = dot(W, a) + b.dimshuffle(0, "x")
            a = ACTIVATIONS[activation](z) if number < len(self.sizes) - 1 else sigmoid(z)
            layers.append(a)
        cost = mean(binary_crossentropy(a, y_hat))
        updates = RECIPES[recipe](self.parameters, grad(cost, self.parameters), rate=rate)
        self._memory = [target for target, _ in updates if target not in self.parameters]
        self._fresh = [each.get_value() for each in self._memory]
        self._train = function([x, y_hat, rate], cost, updates=updates, allow_input_downcast=True)
        self._layers = function([x], layers)
        self._cost = function([x, y_hat], cost)

    def train(self, x: Vector, y_hat: Vector, rate: float) -> float:
        """Take one step on some examples, and return their cost before it."""
        return float(self._train(x, y_hat, rate))

    def layers(self, x: Vector) -> list[Vector]:
        """Return what every layer answers, the output last: (neurons, N) each."""
        return list(self._layers(x))

    def cost(self, x: Vector, y_hat: Vector) -> float:
        """Return the cost on some examples."""
        return float(self._cost(x, y_hat))

    @property
    def values(self) -> list[Vector]:
        """Copies of all parameters."""
        return [each.get_value() for each in self.parameters]

    def restart(self, seed: int) -> None:
        """Begin again, with the weights that a seed gives."""
        self.seed = seed
        self.put([*first_values(self.sizes, self.activation, seed), *self._fresh])

    @property
    def whole(self) -> list[Vector]:
        """Copies of all parameters and of what the recipe remembers: what `put` takes."""
        return [each.get_value() for each in (*self.parameters, *self._memory)]

    def put(self, values: Sequence[Vector]) -> None:
        """Set all parameters and what the recipe remembers."""
        for variable, value in zip((*self.parameters, *self._memory), values):
            variable.set_value(value)


def first_values(sizes: Sequence[int], activation: str, seed: int) -> list[Vector]:
    """Return weights and biases to begin with.

    The spread keeps the signal's size from layer to layer: 1/√inputs for tanh (Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient
    BackProp", 1998), √2 times that for ReLU, which loses half of it (K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers",
    2015), four times for the sigmoid, whose slope at 0 is a quarter. Biases of hidden neurons are random too, so that their boundaries do
    not all meet in one point.
    """
    random = np.random.default_rng(seed)
    values = []
    for number, (inputs, outputs) in enumerate(pairwise(sizes)):
        spread = {"tanh": 1, "relu": 2**0.5, "sigmoid": 4}[activation] / inputs**0.5
        last = number == len(sizes) - 2
        values.append((spread * random.standard_normal((outputs, inputs))).astype("float32"))
        values.append((0 if last else 0.5 * spread) * random.standard_normal(outputs).astype("float32"))
    return values


class Batches:
    """Examples in batches, in another order every time round.

    Attributes:
        x, y_hat: all examples, (2, N) and (1, N).
        size: of a batch; the last of a round may be smaller.
        epochs: how many rounds are complete.
    """

    def __init__(self, x: Vector, y_hat: Vector, size: int, seed: int) -> None:
        self.x, self.y_hat, self.size, self.seed = x, y_hat, size, seed
        self.rewind()

    def rewind(self) -> None:
        """Begin again, with the same orders as the first time."""
        self._random = np.random.default_rng(self.seed)
        self._order = self._random.permutation(self.x.shape[1])
        self._at = self.epochs = 0

    @property
    def count(self) -> int:
        """How many batches a round has."""
        return -(-self.x.shape[1] // self.size)

    def next(self) -> tuple[Vector, Vector]:
        """Return the next batch."""
        which = self._order[self._at : self._at + self.size]
        self._at += self.size
        if self._at >= self.x.shape[1]:
            self._at, self.epochs = 0, self.epochs + 1
            self._order = self._random.permutation(self.x.shape[1])
        return self.x[:, which], self.y_hat[:, which]


def checked_hidden(hidden: Sequence[int]) -> list[int]:
    """Return the widths of the hidden layers, if they can be drawn and trained here."""
    listed: list[Any] = [hidden] if isinstance(hidden, int) else list(hidden)
    if not 1 <= len(listed) <= DEEPEST or not all(isinstance(each, int) and 1 <= each <= WIDEST for each in listed):
        found = f"one to {DEEPEST} hidden layers of 1 to {WIDEST} neurons fit in the picture"
        raise WidgetError(f"tl.widgets.network(layers={hidden!r})", found, "layers=[8, 8]")
    return listed
