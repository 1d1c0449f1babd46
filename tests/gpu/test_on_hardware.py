"""Every card on a real GPU, where there is one: what no stand-in can show. `python -m pytest tests/gpu` on a machine with one runs it."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends.gpu import calls
from tensorlab.graph.types import TensorType
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.families import cards, instances

WHY = calls.unavailable("gpu")
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)


@pytest.fixture(autouse=True)
def on_the_gpu():
    calls.unavailable.cache_clear()
    calls.names.cache_clear()
    with tl.config.change_flags(device="gpu", force_device=True):
        yield


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.__name__)
def test_a_card_computes_there_what_it_computes_here(card):
    for op, values in instances(card):
        symbols = [TensorType(value.dtype, (None,) * value.ndim)() for value in values]
        node = op(*symbols)
        with np.errstate(all="ignore"):
            (wanted,) = interpret([node], dict(zip(symbols, values)))
        (found,) = tl.function(symbols, [node], mode=tl.Mode(None), on_unused_input="ignore")(*values)
        assert found.dtype == np.asarray(wanted).dtype
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12, err_msg=str(op))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_trains_there(dtype):
    random = np.random.RandomState(1)
    x = T.matrix("x", dtype=dtype)
    w = tl.shared(random.randn(50, 10).astype(dtype))
    cost = T.sqr(T.nnet.sigmoid(T.dot(x, w)) - 1).mean(dtype=dtype)
    train = tl.function([x], cost, updates=[(w, w - T.constant(np.asarray(1, dtype)) * T.grad(cost, w))])
    data = random.randn(200, 50).astype(dtype)
    costs = [float(train(data)) for _ in range(50)]
    assert train.device == "gpu" and costs[-1] < 0.5 * costs[0] and w.get_value().dtype == dtype
