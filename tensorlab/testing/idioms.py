"""Small expressions that people write: what compilers look for, and what single cards drawn at random would hardly ever make.

Floor 6. An idiom is a function of nodes; `SHAPES` says which: a letter is a length, the same one wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable

from ..gradient import jacobian
from ..graph.node import Node
from ..ops import averages, axes, batched_products, classification, comparisons, joining, neural, products, ranges, repeating, selections
from ..ops.choices import switch
from ..ops.cumulative import cumsum, diff
from ..ops.functions import exp, log, sqrt
from ..ops.trigonometry import tanh


def share(x: Node) -> Node:
    """Return the elements divided by the sum of their row."""
    return x / x.sum(axis=1, keepdims=True)


IDIOMS: dict[str, Callable[..., Node]] = {
    "mean": lambda x: averages.mean(x),
    "mean of columns": lambda x: averages.mean(x, axis=0),
    "variance of rows": lambda x: averages.var(x, axis=-1, keepdims=True),
    "deviation": lambda x: averages.std(x),
    "norm": lambda x: averages.norm(x, axis=0),
    "softmax written out": lambda x: share(exp(x - x.max(axis=1, keepdims=True))),
    "naive softmax": lambda x: share(exp(x)),
    "log of sum of exp": lambda x: log(exp(x).sum(axis=-1)),
    "cross entropy": lambda x, y: classification.categorical_crossentropy(classification.softmax(x), classification.softmax(y)).mean(),
    "cross entropy of classes": lambda x: classification.categorical_crossentropy(
        classification.softmax(x), ranges.arange(x.shape[0]) % x.shape[1]
    ),
    "binary cross entropy": lambda x, y: classification.binary_crossentropy(neural.sigmoid(x), neural.sigmoid(y)),
    "slide's cost": lambda x, y: -(y * log(1 / (1 + exp(-x))) + (1 - y) * log(1 - 1 / (1 + exp(-x)))).sum(),
    "neuron": lambda x, w: 1 / (1 + exp(-products.dot(x, w))),
    "layer": lambda x, w, b: tanh(products.dot(x, w) + b),
    "gemm": lambda x, y, z: 0.5 * products.dot(x, y) + 2 * z,
    "product of transposes": lambda x, y: products.dot(x.T, y.T),
    "product taken from a transpose": lambda z, x, y: z.T - products.dot(x, y),
    "product beside a cut": lambda z, x, y: z[1:] + products.dot(x[1:], y),
    "product beside columns": lambda z, x, y: 2 * products.dot(x, y[:, 1:]) - z[:, :-1],
    "product backwards": lambda z, x, y: products.dot(x[::-1], y.T) + 0.5 * z[:, ::-1],
    "rank one of a transpose": lambda z, a, b: z.T - 0.25 * products.outer(a, b),
    "rank one": lambda z, a, b: z + 0.25 * products.outer(a, b),
    "quadratic form": lambda x, w: products.dot(products.dot(x, w), x),
    "distances": lambda x, y: ((x.dimshuffle(0, "x", 1) - y.dimshuffle("x", 0, 1)) ** 2).sum(axis=2),
    "centred": lambda x: x - averages.mean(x, axis=0),
    "normal": lambda x: (x - averages.mean(x)) / sqrt(averages.var(x) + 0.5),
    "polynomial": lambda x: 1 + x * (2 + x * (3 - x * (0.5 + x))),
    "descent": lambda w, g: w - 0.1 * (g + 0.5 * w),
    "momentum": lambda w, v, g: w + (0.9 * v - 0.1 * g),
    "jacobian": lambda x: jacobian(tanh(x * x), x),
    "tile": lambda x: repeating.tile(x, (2, 3)),
    "lower triangle": lambda x: ranges.tril(x),
    "identity": lambda x: x + ranges.eye(x.shape[0], x.shape[1]),
    "running mean": lambda x: cumsum(x, axis=0) / (1 + ranges.arange(x.shape[0])),
    "differences": lambda x: diff(x, axis=0),
    "halves": lambda x: x[::2].sum(axis=0) - x[1::2].sum(axis=0),
    "backwards": lambda x: x[::-1] * x,
    "shifted": lambda x: x[1:] - 0.5 * x[:-1],
    "rows joined": lambda x, y: joining.concatenate([x, y * 2, x]),
    "matmul": lambda x, y: batched_products.matmul(x, y),
    "masked": lambda x: switch(x > 0, x, 0.01 * x).sum(axis=0),
    "close": lambda x, y: comparisons.isclose(x, y, rtol=0.1),
    "take clipped": lambda x: selections.take(x, [0, 5, -7, 2], mode="clip"),
    "selu": lambda x: neural.selu(x),
    "swapped": lambda x: axes.swapaxes(x, 0, 1) + 1,
    "between": lambda x: x + ranges.linspace(0, 1, 3).sum(),
    "hard sigmoid": lambda x: neural.hard_sigmoid(x),
}

SHAPES: dict[str, tuple[str, ...]] = {
    "mean": ("nm",), "mean of columns": ("nm",), "variance of rows": ("nm",), "deviation": ("n",), "norm": ("nm",),
    "softmax written out": ("nm",), "naive softmax": ("nm",), "log of sum of exp": ("nm",), "cross entropy": ("nm", "nm"),
    "cross entropy of classes": ("nm",), "binary cross entropy": ("n", "n"), "slide's cost": ("n", "n"), "neuron": ("nm", "m"),
    "layer": ("nm", "mk", "k"), "gemm": ("nm", "mk", "nk"), "product of transposes": ("nm", "kn"),
    "product taken from a transpose": ("kn", "nm", "mk"), "product beside a cut": ("nk", "nm", "mk"),
    "product beside columns": ("nk", "nm", "mk"), "product backwards": ("nk", "nm", "km"), "rank one of a transpose": ("mn", "n", "m"),
    "rank one": ("nm", "n", "m"),
    "quadratic form": ("n", "nn"), "distances": ("nk", "mk"), "centred": ("nm",), "normal": ("n",), "polynomial": ("n",),
    "descent": ("nm", "nm"), "momentum": ("n", "n", "n"), "jacobian": ("n",), "tile": ("nm",), "lower triangle": ("nm",),
    "identity": ("nm",), "running mean": ("n",), "differences": ("nm",), "halves": ("nm",), "backwards": ("n",), "shifted": ("n",),
    "rows joined": ("nm", "km"), "matmul": ("nmk", "nkl"), "masked": ("nm",), "close": ("n", "n"), "take clipped": ("n",),
    "selu": ("n",), "swapped": ("nm",), "between": ("n",), "hard sigmoid": ("n",),
}  # fmt: skip
"""The axes of each operand."""

assert SHAPES.keys() == IDIOMS.keys()
