"""From scores to probabilities and costs: softmax of rows, and the cross-entropies.

Floor 2. Read `neural.py` before. Softmax is an op of whole rows; the cross-entropies are written in other ops.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp as exp_of
from math import log as log_of
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.errors import DtypeError, IndexingError, RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote_to_float
from ..graph.types import TensorType, is_floating
from .choices import cast
from .families import Case, Library, View, describe
from .functions import exp, log
from .neural import softplus
from .outside import outside
from .ranges import arange
from .shapes import dimshuffle, length_of

SCORES = (Case((2, 3)), Case((1, 1)), Case((0, 2)), Case((2, 0)), Case([[-800.0, 0.0, 800.0], [5.0, 5.0, -5.0]]))


class Rows(Library):
    """What is computed from every row of a matrix of scores, largest score first subtracted so that exp does not overflow."""

    def type(self, x: Node) -> TensorType:
        if x.type.ndim != 2:
            advice = f"T.nnet.{self.name.replace('_', '')}({x.label}), which takes vectors too"
            raise RankError(f"{self.name}({x.label})", f"{describe(x)}: a matrix is needed", advice)
        return x.type.with_dtype(promote_to_float(x.type.dtype))

    def shifted(self, xp: Any, x: Any) -> Any:
        """Return the scores minus the largest of their row; beside inf, of which nothing can be taken, minus the largest number."""
        x = xp.asarray(x, dtype=promote_to_float(x.dtype.name))
        return x - xp.minimum(xp.max(x, axis=1, keepdims=True), xp.finfo(x.dtype).max) if x.size else x


class Softmax(Rows):
    """Per row of a matrix, probabilities that grow with the scores: exp(x_i) / Σ exp(x_j).

    >>> T.nnet.softmax(T.constant([[0.0, 0.0], [1000.0, 0.0]])).eval()
    array([[0.5, 0.5],
           [1. , 0. ]])
    """

    latex = r"\operatorname{{softmax}}\left({x}\right)"
    sample = SCORES

    def same_as(self, x: Any) -> Any:
        result = np.zeros(x.shape)
        for row, column in np.ndindex(x.shape):
            # 1 / Σ exp(x_j - x_i); beyond 700 exp overflows, and the quotient is 0 to all digits
            result[row, column] = 1 / sum(exp_of(min(other - x[row, column], 700.0)) for other in x[row])
        return result

    def numpy(self, xp: Any, x: Any) -> Any:
        weights = xp.exp(self.shifted(xp, x))
        return weights / xp.sum(weights, axis=1, keepdims=True)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [out * (g - (g * out).sum(axis=1, keepdims=True))]


class LogSoftmax(Rows):
    """Per row of a matrix, the logarithms of the softmax: x_i - log Σ exp(x_j); finite where a probability is 0 to all digits.

    >>> T.nnet.logsoftmax(T.constant([[1000.0, 0.0]])).eval()
    array([[    0., -1000.]])
    """

    latex = r"\log\operatorname{{softmax}}\left({x}\right)"
    sample = SCORES

    def same_as(self, x: Any) -> Any:
        result = np.zeros(x.shape)
        for row, column in np.ndindex(x.shape):
            top = max(x[row])
            result[row, column] = x[row, column] - top - log_of(sum(exp_of(other - top) for other in x[row]))
        return result

    def numpy(self, xp: Any, x: Any) -> Any:
        scores = self.shifted(xp, x)
        return scores - xp.log(xp.sum(xp.exp(scores), axis=1, keepdims=True))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Any]:
        return [g - exp(out) * g.sum(axis=1, keepdims=True)]


softmax_rows, logsoftmax_rows = Softmax(), LogSoftmax()


def scores(x: Any, asked: str) -> Node:
    """Return scores as a matrix: a vector is one row.

    Raises:
        RankError: neither a vector nor a matrix.
    """
    node = as_node(x)
    if node.type.ndim not in (1, 2):
        found = f"{describe(node)}: its {node.type.ndim} axes do not say what a row is"
        advice = f"{node.label}.flatten(2)" if node.type.ndim else f"{asked}([{node.label}, 0])"
        raise RankError(f"{asked}({node.label})", found, advice)
    return node if node.type.ndim == 2 else dimshuffle(node, "x", 0)


def softmax(x: Any) -> Node:
    """Return the softmax of every row of a matrix; of a vector, as a matrix of one row (as in Theano).

    Raises:
        RankError: neither a vector nor a matrix.

    >>> T.nnet.softmax(T.vector()).type
    TensorType(float64, row)
    """
    return softmax_rows(scores(x, "T.nnet.softmax"))


def logsoftmax(x: Any) -> Node:
    """Return the logarithm of the softmax of every row of a matrix; of a vector, as a matrix of one row.

    Raises:
        RankError: neither a vector nor a matrix.
    """
    return logsoftmax_rows(scores(x, "T.nnet.logsoftmax"))


def beside(target: Any, output: Node) -> Node:
    """Return a target as a node; one of whole numbers or bools takes the dtype of the output, so that float32 stays float32."""
    node = as_node(target)
    return node if is_floating(node.type.dtype) else cast(node, promote_to_float(output.type.dtype))


def binary_crossentropy(output: Any, target: Any) -> Node:
    """Return -(t log y + (1 - t) log(1 - y)) for each element; take the mean of it for a cost.

    Args:
        output: probabilities y, between 0 and 1.
        target: the truth t, 0 or 1 (or between them), of the same shape.

    >>> T.nnet.binary_crossentropy(T.constant([0.5, 0.9]), [0, 1]).eval()
    array([0.69314718, 0.10536052])
    """
    y = as_node(output)
    t = beside(target, y)
    return -(t * log(y) + (1 - t) * log(1 - y))


def sigmoid_binary_crossentropy(output: Any, target: Any) -> Node:
    """Return `binary_crossentropy(sigmoid(output), target)` in a form that keeps every digit: softplus(x) - t x.

    Args:
        output: scores x, before the sigmoid.
        target: the truth t, 0 or 1 (or between them), of the same shape.

    >>> T.nnet.sigmoid_binary_crossentropy(T.constant([0.0, 1000.0]), [1, 0]).eval()
    array([6.93147181e-01, 1.00000000e+03])
    """
    x = as_node(output)
    return softplus(x) - beside(target, x) * x


class ClassNumbers(View):
    """Class numbers, checked when a function runs: one for each row of the second input, each from 0 to its number of columns minus 1.

    >>> from tensorlab.ops.classification import ClassNumbers
    >>> ClassNumbers()(T.constant([1, 0]), T.constant([[0.5, 0.5], [0.1, 0.9]])).eval()
    array([1, 0])
    """

    latex, python = "{x}", "{x}"
    advice = "one class number for each row, from 0 to the number of columns minus 1"
    sample = (Case([1, 0, 2], (3, 3)), Case(np.zeros(0, "int64"), (0, 2)))

    def same_as(self, numbers: Any, rows: Any) -> Any:
        return [int(each) for each in numbers]

    def type(self, numbers: Node, rows: Node) -> TensorType:
        own, wanted = numbers.type.shape[0], rows.type.shape[0]
        if own is not None and wanted is not None and own != wanted:
            asked = f"T.nnet.categorical_crossentropy({rows.label}, {numbers.label})"
            raise ShapeError(asked, f"{describe(rows)}; {describe(numbers)}; {wanted} rows and {own} class numbers", self.advice)
        return numbers.type.with_shape((own if wanted is None else wanted,))

    def numpy(self, xp: Any, numbers: Any, rows: Any) -> Any:
        if numbers.shape[0] != rows.shape[0]:
            raise ShapeError("", f"{rows.shape[0]} rows of probabilities and {numbers.shape[0]} class numbers", self.advice)
        for wrong in outside(xp, numbers, 0, rows.shape[1]):
            raise IndexingError("", f"class {wrong}, but there are {rows.shape[1]} classes", self.advice)
        return numbers

    def vjp(self, g: Node, out: Node, numbers: Node, rows: Node) -> Sequence[Any]:
        return [g, None]


def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Node:
    """Return, per row, -log of the probability given to the true class; the cost is its mean.

    Of a softmax the logarithms are computed directly (`logsoftmax`), so that the cost and its gradient are finite and right also where
    the probability is 0 to all digits.

    Args:
        coding_dist: a matrix, probabilities of the classes in each row (a softmax).
        true_dist: a vector of class numbers, or a matrix of true probabilities (a 1 in each row).

    Raises:
        RankError: axes that do not fit.
        DtypeError: class numbers that are no whole numbers.
        ShapeError: more or fewer class numbers than rows (when known; otherwise when the function runs).
        IndexingError: when the function runs, a class does not exist.

    >>> y = T.constant([[0.5, 0.5], [0.1, 0.9]])
    >>> T.nnet.categorical_crossentropy(y, [0, 1]).eval(), T.nnet.categorical_crossentropy(y, [[1, 0], [0, 1]]).eval()
    (array([0.69314718, 0.10536052]), array([0.69314718, 0.10536052]))
    """
    y, truth = as_node(coding_dist), as_node(true_dist)
    asked = f"T.nnet.categorical_crossentropy({y.label}, {truth.label})"
    if truth.type.ndim == y.type.ndim and y.type.ndim:
        result: Node = -(beside(truth, y) * log_probabilities(y)).sum(axis=-1)
        return result
    if (y.type.ndim, truth.type.ndim) != (2, 1):
        found = f"{describe(y)}; {describe(truth)}"
        raise RankError(asked, found, "a matrix of probabilities, and a vector of class numbers or a matrix of true probabilities")
    if is_floating(truth.type.dtype) or truth.type.dtype == "bool":
        advice = f"T.ivector() for class numbers, or T.cast({truth.label}, 'int64')"
        raise DtypeError(asked, f"{describe(truth)}; class numbers are whole numbers", advice)
    from_scores = isinstance(y.op, Softmax)
    rows = log_probabilities(y) if from_scores else y
    number = ClassNumbers()(truth, y.inputs[0] if from_scores else y)
    # first choose, then take logarithms: 0 times the slope of log at a probability of 0 would be nan
    chosen: Node = syntax.apply("getitem", rows, (arange(length_of(y, 0)), number))
    return -chosen if from_scores else -log(chosen)


def log_probabilities(y: Node) -> Node:
    """Return the logarithms of probabilities; of a softmax from its scores, which loses no digits."""
    return logsoftmax_rows(y.inputs[0]) if isinstance(y.op, Softmax) else log(y)
