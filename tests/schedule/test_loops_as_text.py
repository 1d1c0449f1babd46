"""The text of a schedule: what a reader sees, and that it is the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest
from loops_in_numpy import scheduled

import tensorlab.tensor as T
from tensorlab.schedule.text import written

x, v, i, s = T.matrix("x"), T.vector("v"), T.lvector("i"), T.scalar("s")

TEXTS = {
    "elementwise": ([T.exp(x) * v], """
        b0: float64[n0, n1]  # x
        b1: float64[n1]  # v
        for i in range(n0):
            for j in range(n1):
                v0 = exp(b0[n1*i + j])  # exp(x)
                v1 = v0 * b1[j]  # exp(x) * v
                b2[n1*i + j] = v1
        return b2
        """),
    "fold": ([(x * x).sum(axis=1)], """
        b0: float64[n0, n1]  # x
        for i in range(n0):
            for j in range(n1):
                v0 = b0[n1*i + j] * b0[n1*i + j]  # x * x
                b1[i] = add(b1[i], v0)  # sum(x * x)
        return b1
        """),
    "picked": ([x[i] + 1], """
        b0: float64[n0, n1]  # x
        b1: int64[n2]  # i
        for i in range(n2):
            for j in range(n1):
                v0 = b0[j + n1*b1[i]]  # x[i]
        """),
    "assigned": ([T.inc_subtensor(v[1:], s)], """
        b0: float64[n0]  # v
        b1: float64  # s
        for i in range(n0):
            b2[i] = b0[i]
        for i in range(n2):
            b2[i + n1] += b1[0]
        return b2
        """),
    "product": ([T.dot(x, v)], """
        b0: float64[n0, n1]  # x
        b1: float64[n1]  # v
        b2 = b0 @ b1  # dot(x, v)
        return b2
        """),
    "scalar": ([s * 2 + 1], """
        b0: float64  # s
        v0 = b0[0] * 2.0  # s * 2
        v1 = v0 + 1.0  # s * 2 + 1
        b1[0] = v1
        return b1
        """),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name):
    outputs, text = TEXTS[name]
    inputs = [each for each in (x, v, i, s) if f"# {each.name}\n" in text]
    assert written(scheduled(inputs, outputs)).startswith(textwrap.dedent(text).lstrip("\n"))


PROGRAM = """
import hashlib, sys
import numpy as np
import tensorlab as tl, tensorlab.tensor as T
from tensorlab.backends.llvm import backend
from tensorlab.backends.llvm.interface import Given, Interface
from tensorlab.backends.llvm.program import write
from tensorlab.backends.llvm.signature import Signature
from tensorlab.compiler.pipeline import compile_stages
from tensorlab.schedule.text import written

x, y = T.matrices("x", "y")
v, i = T.vector("v"), T.lvector("i")
w, b = tl.shared(np.ones((3, 4)), "w"), tl.shared(np.zeros(4), "b")
hidden = T.nnet.sigmoid(T.dot(x, w) + b)
cost = (T.nnet.binary_crossentropy(hidden, y) + T.sqr(w).sum()).mean()
outputs = [hidden, cost, *T.grad(cost, [w, b]), T.inc_subtensor(v[i], 1.0), v[i] * v.sum(), T.concatenate([v, v[::-1]]), T.nnet.softmax(x)]
given = [x, y, v, i, w, b]
schedule = backend.as_whole(compile_stages(given, outputs, "FAST_RUN").program)
interface = Interface(tuple(Given(node.type, number) for number, node in enumerate(given)), len(given), len(outputs))
texts = [written(schedule), Signature(schedule, interface).text, write(schedule, interface).text]
print(*[hashlib.sha256(text.encode()).hexdigest() for text in texts], len(schedule.steps))
"""


def test_every_process_writes_the_same():
    """Sets and dicts of nodes must decide nothing: their order depends on hashes and addresses."""
    found = set()
    for seed in ("0", "1", "4242"):
        run = subprocess.run([sys.executable, "-c", PROGRAM], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        found.add(run.stdout)
    assert len(found) == 1
