"""The signature of a program decides which code it shares: programs of different text have different signatures, equal ones the same."""

from __future__ import annotations

import random

import numpy as np
from growing import grown_outputs

import tensorlab.tensor as T
from tensorlab.backends.llvm import backend
from tensorlab.backends.llvm.interface import Given, Interface
from tensorlab.backends.llvm.program import write
from tensorlab.backends.llvm.signature import Signature
from tensorlab.compiler.pipeline import compile_stages
from tensorlab.graph.types import TensorType


def both(inputs, outputs, interface=None):
    """The signature of a program, and its text with what its table holds."""
    schedule = backend.as_whole(compile_stages(inputs, outputs, "FAST_RUN").program)
    interface = interface or Interface(tuple(Given(node.type, number) for number, node in enumerate(inputs)), len(inputs), len(outputs))
    signature = Signature(schedule, interface)
    assert signature.own
    written = write(schedule, interface)
    entries = [(kind, signature.nodes.get(reference, reference)) for kind, reference in written.entries]
    return signature.text, (written.text, str(entries))


def variants():
    """Programs that differ in one thing each: a number, an axis, a dtype, a length, an order, a place …"""
    x, y, v = T.matrix("x"), T.matrix("y"), T.vector("v")
    i, n, s = T.lvector("i"), T.lscalar("n"), T.scalar("s")
    f, h = T.fmatrix("f"), TensorType("int32", (None,))("h")
    row, col = T.row("row"), T.col("col")
    inputs = [x, y, v, i, n, s, f, h, row, col]
    outputs = [
        *(v * number for number in (2.0, 3.0, 2.5, -2.0, np.inf, np.nan, 0.5, 1e-300)), v + 0.0, v + 1.0, v - 1.0, v * v, v * v * v,
        *(x.sum(axis=axis) for axis in (0, 1, None)), *(x.max(axis=axis) for axis in (0, 1, None)), x.min(axis=0), x.prod(axis=0),
        x + v, x + row, x + col, x + y, x + y.T, x.T + y, x * y, T.maximum(x, y), T.minimum(x, y), x > y, x >= y, x < y, T.eq(x, y),
        *(T.cast(x, dtype) for dtype in ("float32", "int8", "int16", "int32", "uint8", "bool")), T.cast(f, "float64"), f + 1, f * f,
        *(x[start:] * 1 for start in (1, 2, -1)), *(x[:stop] * 1 for stop in (1, 2, -1)), *(x[::step] * 1 for step in (2, 3, -1, -2)),
        x[:, 1:] * 1, x[n:] * 1, x[:n] * 1, x[n] * 1, x[1] * 1, x[-1] * 1, x[:, 1] * 1, x[n, 1] * 1, x[1, n] * 1, x[n + 1 :] * 1,
        x[2 * n :] * 1,
        x[i] * 1, x[:, i] * 1, x[h] * 1, x[i, i] * 1, T.inc_subtensor(x[i], s), T.set_subtensor(x[i], s), T.inc_subtensor(x[1:], s),
        T.set_subtensor(x[1:], s), T.set_subtensor(x[1:], s + 1), T.set_subtensor(x[:, 1:], s), T.set_subtensor(x[n:], s),
        T.dot(x, y), T.dot(y, x), T.dot(x.T, y), T.dot(x, y.T), T.dot(x, v), T.dot(v, x), T.dot(x, y) + x, T.dot(x, y) * 2, T.dot(x, y) * 3,
        T.dot(f, f), T.dot(x[:, ::2], y), T.dot(x[::2], y), T.dot(x, y) * s + x, T.concatenate([x, y]), T.concatenate([y, x]),
        T.concatenate([x, y], axis=1), T.stack([v, v]), T.stack([v, v, v]), T.stack([v, v], axis=1), x.reshape((n, -1)) * 1,
        x.reshape((-1, n)) * 1,
        x.reshape((2, -1)) * 1, x.reshape((3, -1)) * 1, x.flatten() * 1, x.T.flatten() * 1, x.dimshuffle(0, "x", 1) * 1,
        T.alloc(s, n, 3) * 1,
        T.alloc(s, 3, n) * 1, T.alloc(s, n, n) * 1, T.arange(n) * 2, T.arange(n + 1) * 2, T.zeros_like(x), T.ones_like(x), v * x.shape[0],
        v * x.shape[1], v * y.shape[0], T.specify_shape(x, (2, 3)) * 1, T.specify_shape(x, (3, 2)) * 1, T.specify_shape(x, (2, None)) * 1,
        v + T.constant(np.arange(3.0)), v + T.constant(np.arange(3.0) + 1), v + T.constant(np.arange(4.0)), T.exp(x), T.exp(x).sum(),
        T.tanh(x),
        T.nnet.softmax(x), T.nnet.relu(x), T.nnet.relu(x, 0.1), T.nnet.relu(x, 0.2), T.clip(x, 0.0, 1.0), T.clip(x, 0.0, 2.0),
        T.argmax(x, axis=1),
        T.argmax(x, axis=0), T.mean(x, axis=0), T.any(x > y, axis=0), T.all(x > y, axis=0), s * 2, s * n, T.switch(x > y, x, y),
        T.switch(x > y, y, x),
    ]  # fmt: skip
    return inputs, outputs


def test_different_programs_have_different_signatures():
    inputs, outputs = variants()
    known = {}
    for number, output in enumerate(outputs):
        signature, written = both(inputs, [output])
        other = known.setdefault(signature, (number, written))
        assert other[1] == written, f"{output} and {outputs[other[0]]} would share their code"
    assert len(known) > 0.85 * len(outputs)


def test_what_surrounds_a_program_counts():
    x, v = T.matrix("x"), T.vector("v")
    outputs = [x * 2, v + 1]
    plain = (Given(x.type, 0), Given(v.type, 1))
    interfaces = [
        Interface(plain, 2, 2), Interface(plain, 2, 1, (0,)), Interface(plain, 2, 1, (1,)), Interface(plain, 2, 0, (0, 1)),
        Interface(plain, 2, 0, (1, 0)),
        Interface(plain, 3, 2), Interface((Given(x.type, 1), Given(v.type, 0)), 2, 2),
        Interface((Given(x.type, 0), Given(v.type, cell=0)), 1, 2),
        Interface((Given(x.type, 0), Given(v.type, cell=1)), 1, 2), Interface((Given(x.type, 0, only_arrays=True), Given(v.type, 1)), 2, 2),
        Interface((Given(x.type, 0), Given(v.type, 1, only_arrays=True)), 2, 2), Interface(plain, 2, 1, (0,), single=True),
    ]  # fmt: skip
    found = [both([x, v], outputs, interface) for interface in interfaces]
    assert len({signature for signature, _ in found}) == len(interfaces)
    assert len({written for _, written in found}) >= len(interfaces) - 1, "a matrix is no list, whatever is allowed"
    assert both([x, v], outputs[::-1], interfaces[0])[0] != found[0][0]


def test_names_do_not_count():
    def made(*names):
        x, v = T.matrix(names[0]), T.vector(names[1])
        return both([x, v], [T.exp(x).sum(axis=0) + v, T.dot(x, v), x[v.shape[0] :] * 2])

    assert made("x", "v") == made("y", None)


def test_random_programs():
    """Those of equal signature have equal text, and the same graph has the same signature again."""
    known = {}
    for seed in range(30):
        found = []
        for _ in range(2):
            pool, outputs = grown_outputs(random.Random(seed))
            found.append(both(pool.inputs, [node for node, _ in outputs]))
        assert found[0] == found[1]
        assert known.setdefault(found[0][0], found[0][1]) == found[0][1]
