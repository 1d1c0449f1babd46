"""Every card of the op registry under the products with its Jacobian: from the left, from the right, and the Jacobian itself.

That a card's first and second derivative are those of differences is tested in `tests/ops/test_cards.py`.
"""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.types import TensorType
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.families import cards, instances

CASES = [
    pytest.param(op, values, id=f"{op}-{'x'.join(str(each.shape) for each in values)}")
    for card in cards()
    if card.__module__.startswith("tensorlab.")
    for op, values in instances(card)
    if any(each.dtype == np.float64 for each in values)
]


def symbols_of(values):
    """A symbol for each floating array, with unknown lengths where they are not 1; a constant for the others."""
    shapes = [[1 if length == 1 else None for length in each.shape] for each in values]
    return [
        TensorType("float64", shape)(f"x{position}") if each.dtype == np.float64 else T.constant(each)
        for position, (shape, each) in enumerate(zip(shapes, values))
    ]


def run(wanted, symbols, values):
    with np.errstate(all="ignore"):
        return interpret(wanted, {symbol: value for symbol, value in zip(symbols, values) if not hasattr(symbol, "value")})


@pytest.mark.parametrize(("op", "values"), CASES)
def test_both_products_agree_with_the_jacobian(op, values):
    symbols = symbols_of(values)
    out = op(*symbols)
    if out.dtype != "float64":
        return  # whole numbers let nothing through; float32 is too coarse for this comparison
    wrt = [symbol for symbol in symbols if not hasattr(symbol, "value")]
    random = np.random.RandomState(7)
    directions = [random.uniform(-1, 1, value.shape) for value in values if value.dtype == np.float64]
    u = random.uniform(0.5, 1.5, np.shape(run([out], symbols, values)[0]))
    left = T.Lop(out, wrt, u, disconnected_inputs="ignore")
    right = T.Rop(out, wrt, directions, disconnected_outputs="ignore")
    jacobians = tl.gradient.jacobian(out.flatten(), wrt, disconnected_inputs="ignore")
    left, (right, *jacobians) = run(left, symbols, values), run([right, *jacobians], symbols, values)
    assert right.shape == u.shape
    total = sum((one * direction).sum() for one, direction in zip(left, directions))
    np.testing.assert_allclose((right * u).sum(), total, rtol=1e-9, atol=1e-9)
    for one, jacobian, direction in zip(left, jacobians, directions):
        assert jacobian.shape == (u.size, *direction.shape)
        np.testing.assert_allclose(np.tensordot(u.ravel(), jacobian, 1), one, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("op", "values"), CASES)
def test_second_derivatives_are_symmetric(op, values):
    """v·H·w = w·H·v: the gradient of every card can be differentiated again, and nothing is lost on the way."""
    symbols = symbols_of(values)
    out = op(*symbols)
    if out.dtype != "float64":
        return
    wrt = [symbol for symbol in symbols if not hasattr(symbol, "value")]
    random = np.random.RandomState(8)
    v, w = ([random.uniform(-1, 1, value.shape) for value in values if value.dtype == np.float64] for _ in range(2))
    gradients = T.grad((out**2).sum(), wrt, disconnected_inputs="ignore")
    slopes = [sum((gradient * direction).sum() for gradient, direction in zip(gradients, each)) for each in (v, w)]
    one, other = (T.grad(slope, wrt, disconnected_inputs="ignore") for slope in slopes)
    mixed = [
        sum((found * direction).sum() for found, direction in zip(run(each, symbols, values), across))
        for each, across in ((one, w), (other, v))
    ]  # fmt: skip
    np.testing.assert_allclose(mixed[0], mixed[1], rtol=1e-8, atol=1e-8)


def test_the_registry_is_not_empty():
    assert len(CASES) > 100 and len({type(case.values[0]) for case in CASES}) > 60
