"""The benchmark of the front end measures every stage, of a function that compiles."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

import tensorlab as tl
from benchmarks import front_end


def test_every_column_is_measured():
    command = [sys.executable, front_end.__file__, "--measure", "W2 xor"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert set(front_end.COLUMNS) <= set(found)
    assert all(seconds > 0 for seconds in found.values())
    assert sum(found[column] for column in front_end.COLUMNS[:-2]) <= found["all"]


@pytest.mark.parametrize("case", [case for case in front_end.CASES if not case.startswith("chain")])
def test_the_workloads_train(case):
    build, derive = front_end.CASES[case]()
    inputs, outputs, updates = derive(build())
    f = tl.function(inputs, outputs, updates, mode="FAST_COMPILE")
    random = np.random.RandomState(1)
    given = {
        "W2 xor": [[1.0, 0.0], 1.0],
        "W3 sigmoid net": [random.randn(2, 5).astype("float32"), random.rand(1, 5).astype("float32")],
        "W6 digits": [random.rand(4, 784).astype("float32"), np.array([3, 1, 4, 1])],
    }[case]
    costs = [np.sum(f(*given)[-1] if case == "W2 xor" else f(*given)) for _ in range(4)]
    assert np.isfinite(costs).all() and costs[-1] < costs[0]


def test_the_chain_has_its_length():
    build, derive = front_end.chain(8)
    (x,), gradient, _ = derive(build())
    start = np.array([0.3, -1.0])
    end = start
    slope = np.ones(2)
    for _ in range(2):
        slope, end = slope * np.cos(end), np.sin(end)
        slope, end = slope * 1.01, end * 1.01 + 0.1
        end = np.tanh(end)
        slope = slope * (1 - end**2)
    assert tl.function([x], gradient, mode="FAST_COMPILE")(start) == pytest.approx(slope)
