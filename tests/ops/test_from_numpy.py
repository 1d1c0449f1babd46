"""NumPy's functions and operators on symbols make expressions with NumPy's meaning and NumPy's order of arguments."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab.tensor as T
from tensorlab.graph import syntax
from tensorlab.graph.errors import TensorlabError
from tensorlab.graph.node import Node

VALUES = np.array([[0.1, 0.7, 0.4], [0.9, 0.2, 0.6]])
OTHER = np.array([[0.5, 0.3, 0.4], [0.8, 0.2, 0.9]])
NUMBERS = {"bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift", "gcd", "lcm"}
FROM_ONE_ON = {"arccosh"}


def ufuncs():
    found = {value.__name__: value for value in vars(np).values() if isinstance(value, np.ufunc)}
    return [each for name, each in sorted(found.items()) if "numpy." + name in syntax.table]


@pytest.mark.parametrize("ufunc", ufuncs(), ids=lambda ufunc: ufunc.__name__)
def test_functions_on_elements(ufunc):
    x = T.constant(VALUES)
    values, other = (np.array([6, 3]), np.array([3, 5])) if ufunc.__name__ in NUMBERS else (VALUES, OTHER.copy())
    if ufunc.__name__ in FROM_ONE_ON:
        values = values + 1
    if ufunc.__name__ == "matmul":
        other = other.T
    x, arrays = T.constant(values), (values, other)[: ufunc.nin]
    results = [ufunc(x, *arrays[1:])] + ([ufunc(values, T.constant(other))] if ufunc.nin == 2 else [])
    for result in results:
        for found, wanted in zip(*((each if isinstance(each, tuple) else (each,)) for each in (result, ufunc(*arrays)))):
            assert isinstance(found, Node)
            np.testing.assert_allclose(found.eval(), wanted, rtol=1e-12)


def test_the_usual_functions_on_elements_are_there():
    usual = {
        "add",
        "subtract",
        "multiply",
        "divide",
        "floor_divide",
        "remainder",
        "power",
        "negative",
        "absolute",
        "sign",
        "square",
        "reciprocal",
        "exp",
        "log",
        "maximum",
        "minimum",
        "greater",
        "less_equal",
        "equal",
        "logical_and",
        "logical_not",
        "isnan",
        "isfinite",
        "matmul",
    }
    missing = usual - {ufunc.__name__ for ufunc in ufuncs()}
    assert not missing


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.sum(x, axis=0),
        lambda x: np.sum(x, 1, keepdims=True),
        lambda x: np.prod(x),
        lambda x: np.mean(x, 0),
        lambda x: np.max(x, axis=1),
        lambda x: np.amin(x),
        lambda x: np.argmax(x, 1),
        lambda x: np.all(x > 0.3, axis=0),
        lambda x: np.any(x > 0.8),
        lambda x: np.var(x, 0, ddof=1),
        lambda x: np.ptp(x, axis=0),
        lambda x: np.cumsum(x, 1),
        lambda x: np.cumprod(x),
        lambda x: np.diff(x, axis=0),
        lambda x: np.reshape(x, (3, 2)),
        lambda x: np.ravel(x),
        lambda x: np.transpose(x),
        lambda x: np.swapaxes(x, 0, 1),
        lambda x: np.moveaxis(x, 0, 1),
        lambda x: np.expand_dims(x, 1),
        lambda x: np.squeeze(np.expand_dims(x, 1), 1),
        lambda x: np.atleast_3d(x),
        lambda x: np.flip(x, 1),
        lambda x: np.flip(x),
        lambda x: np.concatenate([x, OTHER]),
        lambda x: np.concatenate([x, OTHER], axis=None),
        lambda x: np.stack([OTHER, x], 1),
        lambda x: np.vstack([x, OTHER[0]]),
        lambda x: np.hstack([x, OTHER]),
        lambda x: np.tile(x, (1, 2)),
        lambda x: np.repeat(x, 2, 0),
        lambda x: np.roll(x, 1, 1),
        lambda x: np.where(x > 0.5, x, 0),
        lambda x: np.clip(x, 0.2, None),
        lambda x: np.clip(x, 0.2, 0.8),
        lambda x: np.dot(OTHER, x.T),
        lambda x: np.dot(x, OTHER.T),
        lambda x: np.zeros_like(x),
        lambda x: np.full_like(x, 3),
        lambda x: np.diag(x),
        lambda x: np.trace(x),
        lambda x: np.tril(x),
        lambda x: np.triu(x, 1),
        lambda x: np.broadcast_to(x, (2, 2, 3)),
        lambda x: np.size(x, 1),
        lambda x: np.shape(x),
        lambda x: np.linspace(x[0, 0], 1, 4),
        lambda x: OTHER + x,
        lambda x: OTHER * x,
        lambda x: OTHER > x,  # noqa: SIM300 - the array is meant to stand on the left
        lambda x: np.float64(2) * x,
        lambda x: np.int64(2) ** x,
        lambda x: OTHER @ x.T,
        lambda x: 1 / x,
    ],
)
def test_functions_on_arrays_and_operators(call):
    found = call(T.constant(VALUES))
    assert isinstance(found, Node)
    np.testing.assert_allclose(found.eval(), call(VALUES), rtol=1e-12)


def test_norm():
    x = T.constant(VALUES)
    np.testing.assert_allclose(np.linalg.norm(x).eval(), np.linalg.norm(VALUES))
    np.testing.assert_allclose(np.linalg.norm(x, 1, axis=0).eval(), np.linalg.norm(VALUES, 1, axis=0))
    with pytest.raises(TypeError):
        np.linalg.norm(x, 2)  # of a matrix: its largest singular value, which is not the norm of its elements


def test_what_has_no_meaning_is_refused():
    x = T.vector("x")
    for call in (
        lambda: np.add.reduce(x),
        lambda: np.add(np.ones(2), x, out=np.ones(2)),
        lambda: np.sum(x, out=np.ones(())),
        lambda: np.linalg.svd(x),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(TensorlabError, match="no value yet"):
        np.mean(x, out=np.ones(()))


def test_numpy_numbers_keep_their_dtype():
    x = T.fvector("x")
    assert (np.float64(2) * x).dtype == "float64" and (np.float32(2) * x).dtype == "float32" and (2.0 * x).dtype == "float32"
