"""A network in the state it is in, as code that a reader can paste and run: data, weights, the graph, and the training loop.

Floor 6. The code is what a reader of the slides would write, with the weights as they are at this moment.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np

Vector = np.ndarray[Any, Any]
CALLS = {"sigmoid": "T.nnet.sigmoid", "relu": "T.nnet.relu", "tanh": "T.tanh"}
LETTERS_A_LINE = 120


def code_of(
    sizes: Sequence[int], activation: str, recipe: str, rate: float, batch: int, values: Sequence[Vector], data: str, seed: int
) -> str:
    """Return the code.

    Args:
        sizes: neurons of every layer, the two inputs and the output included.
        activation, recipe, rate, batch, seed: how it is trained.
        values: all parameters, W1, b1, W2, …
        data: lines of code that make `x_all` and `y_all`.
    """
    packed = b64encode(np.concatenate([np.ravel(each) for each in values]).astype("<f4").tobytes()).decode()
    pieces = [packed[at : at + LETTERS_A_LINE] for at in range(0, len(packed), LETTERS_A_LINE)]
    return f'''# A network {"-".join(map(str, sizes))} with {activation}, as it stood in the widget.
# The memory of the recipe is not part of it: {recipe} begins anew.
import base64
import numpy as np
import tensorlab as tl
import tensorlab.tensor as T

{data}
sizes = {list(sizes)}
packed = """
{chr(10).join(pieces)}
"""
numbers = np.frombuffer(base64.b64decode(packed), "<f4").astype("float32")

x, y_hat = T.matrix("x", dtype="float32"), T.matrix("y_hat", dtype="float32")
a, parameters, used = x, [], 0
for layer in range(1, len(sizes)):
    inputs, outputs = sizes[layer - 1], sizes[layer]
    W = tl.shared(numbers[used : used + outputs * inputs].reshape(outputs, inputs), name=f"W{{layer}}")
    used += outputs * inputs
    b = tl.shared(numbers[used : used + outputs], name=f"b{{layer}}")
    used += outputs
    z = T.dot(W, a) + b.dimshuffle(0, "x")
    a = T.nnet.sigmoid(z) if layer == len(sizes) - 1 else {CALLS[activation]}(z)
    parameters += [W, b]
y = a
cost = T.mean(T.nnet.binary_crossentropy(y, y_hat))
updates = tl.optimizers.{recipe}(parameters, T.grad(cost, parameters), rate=np.float32({rate!r}))
train = tl.function([x, y_hat], cost, updates=updates)
test = tl.function([x], y)

def epoch(random, size={batch}):
    order = random.permutation(x_all.shape[1])
    return [float(train(x_all[:, order[at : at + size]], y_all[:, order[at : at + size]])) for at in range(0, len(order), size)]

right = np.mean((test(x_all) > 0.5) == (y_all > 0.5))
print(f"{{right:.1%}} of the points are on the right side")
random = np.random.default_rng({seed})
# costs = [np.mean(epoch(random)) for _ in range(100)]   # train on
'''


def data_in_code(x: Vector, y_hat: Vector) -> str:
    """Return points of the reader's own as code that makes the same float32 numbers.

    >>> print(data_in_code(np.array([[0.5], [1.0]], "float32"), np.array([[1.0]], "float32")))
    x_all = np.array([[0.5], [1.0]], dtype="float32")
    y_all = np.array([[1]], dtype="float32")
    """
    rows = [[float(f"{value:.9g}") for value in row] for row in x.tolist()]  # nine digits are enough for every float32
    answers = [[int(each) if each == int(each) else each for each in row] for row in y_hat.tolist()]
    return f'x_all = np.array({rows}, dtype="float32")\ny_all = np.array({answers}, dtype="float32")'
