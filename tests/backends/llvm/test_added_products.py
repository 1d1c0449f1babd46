"""A product that is added to an array, which may lie in memory in any way: transposed, cut out, stretched, backwards."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
from tensorlab import tensor as T

a, b, c, v, t = T.matrix("a"), T.matrix("b"), T.matrix("c"), T.vector("v"), T.tensor3("t")
dice = np.random.default_rng(0)
ARGUMENTS = [dice.normal(size=shape) for shape in ((4, 5), (5, 4), (8, 8), (4,), (4, 4, 3))]

STARTS = {
    "as it is": lambda: c[:4, :4] * 1.5,
    "transposed": lambda: T.exp(c[2:6, 1:5]).T,
    "an argument, transposed": lambda: t[:, :, 0].T,
    "cut out": lambda: c[2:6, 1:5],
    "cut out and transposed": lambda: c[2:6, 1:5].T,
    "rows": lambda: c[2:6, :4],
    "every second": lambda: c[::2, ::2],
    "backwards": lambda: c[:4, :4][::-1],
    "columns backwards": lambda: c[:4, :4][:, ::-1],
    "of a deeper array": lambda: t.dimshuffle(2, 1, 0)[1],
    "a stretched row": lambda: v.dimshuffle("x", 0) + T.zeros((4, 1)),
    "a number everywhere": lambda: T.constant(np.ones((4, 4))),
    "another product, transposed": lambda: T.dot(a, b).T,
}


@pytest.mark.parametrize("start", STARTS)
def test_what_a_product_is_added_to_may_lie_in_any_way(start):
    product = T.dot(a, b)
    for each in (STARTS[start]() - product, 0.5 * product + 2 * STARTS[start]()):
        native = tl.function([a, b, c, v, t], each, on_unused_input="ignore")
        by_card = tl.function([a, b, c, v, t], each, on_unused_input="ignore", mode=tl.Mode(None, "numpy"))
        np.testing.assert_allclose(native(*ARGUMENTS), by_card(*ARGUMENTS), rtol=1e-12, atol=1e-12)


def test_a_transposed_argument_less_a_product():
    x, y, z = (dice.normal(size=(3, 3)) for _ in range(3))
    f = tl.function([a, b, c], c.T - T.dot(b, a))
    before = z.copy()
    np.testing.assert_allclose(f(x, y, z), z.T - y @ x)
    assert np.array_equal(z, before) and "gemm" in f.source()
