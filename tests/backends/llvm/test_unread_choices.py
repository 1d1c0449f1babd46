"""Indices out of range are refused even where nobody reads what they choose: where only its shape is asked, or where it is empty."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import IndexingError

x, v, i = T.tensor3("x"), T.scalar("v"), T.lvector("i")
EXPRESSIONS = {
    "filled": T.fill(x[:, i], v),
    "filled before": T.fill(x, v)[:, i],
    "length": x[:, i].shape[0] + 0,
    "summed ones": T.ones_like(x[:, i]).sum(),
    "filled assignment": T.zeros_like(T.set_subtensor(x[:, i], 1.0)),
    "length of an assignment": T.inc_subtensor(x[:, i], v).shape[1] * 2,
    "chosen": x[:, i],
    "taken": x.take(i, axis=1) + 1,
    "assigned": T.set_subtensor(x[:, i], 1.0),
    "added": T.inc_subtensor(x[:, i], v),
}
GOOD = [((0, 1, 1), [0, 0]), ((0, 0, 1), []), ((2, 3, 2), [1, -3]), ((2, 3, 2), []), ((2, 3, 0), [2])]
BAD = [((0, 1, 1), [0, 3]), ((2, 3, 0), [-4]), ((0, 0, 1), [0]), ((2, 3, 2), [0, 3]), ((2, 3, 2), [-4, 0])]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_indices_out_of_range_are_refused(name):
    modes = ("FAST_RUN", "FAST_COMPILE")
    native, reference = (tl.function([x, v, i], EXPRESSIONS[name], mode=mode, on_unused_input="ignore") for mode in modes)
    for shape, chosen in GOOD:
        arguments = np.random.default_rng(0).random(shape), 0.5, np.array(chosen, "int64")
        np.testing.assert_array_equal(native(*arguments), reference(*arguments))
    for shape, chosen in BAD:
        for function in (native, reference):
            with pytest.raises(IndexingError):
                function(np.zeros(shape), 0.5, np.array(chosen, "int64"))
