"""Shared variables on the device: what crosses, when, and that nothing is lost on the way."""

from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest
import stand_in

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends.gpu.values import OnDevice

ROWS = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])


def network(dtype):
    """A layer of neurons, the function that trains it, and the function that asks it."""
    random = np.random.RandomState(7)
    x, y_hat = T.matrix("x", dtype=dtype), T.matrix("y_hat", dtype=dtype)
    w = tl.shared(random.randn(3, 2).astype(dtype), name="w")
    b = tl.shared(np.zeros(2, dtype), name="b")
    y = T.nnet.sigmoid(T.dot(x, w) + b)
    cost = T.sqr(y - y_hat).mean(dtype=dtype)
    rate = T.constant(np.asarray(0.5, dtype))
    updates = [(p, p - rate * g) for p, g in zip([w, b], T.grad(cost, [w, b]))]
    return w, b, tl.function([x, y_hat], cost, updates=updates), tl.function([x], y)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_there_is_training_here(gpu, dtype):
    given = ROWS.astype(dtype), np.array([[1, 0], [0, 1]], dtype)
    w, b, train, ask = network(dtype)
    there = [train(*given) for _ in range(5)]
    tl.config.device = "cpu"
    other_w, _, other_train, other_ask = network(dtype)
    here = [other_train(*given) for _ in range(5)]
    tolerance = 1e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(there, here, rtol=tolerance)
    np.testing.assert_allclose(w.get_value(), other_w.get_value(), rtol=tolerance)
    np.testing.assert_allclose(ask(given[0]), other_ask(given[0]), rtol=tolerance)
    assert train.device == "gpu" and other_train.device == "cpu"
    assert {each.dtype for each in (*there, w.get_value(), b.get_value(), ask(given[0]))} == {np.dtype(dtype)}


def test_a_call_crosses_with_its_arguments_and_its_outputs_only(gpu):
    w, _, train, ask = network("float64")
    given = ROWS, np.array([[1.0, 0.0], [0.0, 1.0]])
    train(*given)
    for _ in range(3):
        stand_in.count.clear()
        train(*given)
        assert (stand_in.count.up, stand_in.count.bytes_up) == (2, given[0].nbytes + given[1].nbytes)
        assert (stand_in.count.down, stand_in.count.bytes_down) == (1, 8)
    stand_in.count.clear()
    ask(ROWS)
    assert (stand_in.count.up, stand_in.count.down) == (1, 1)
    stand_in.count.clear()
    w.get_value(), w.get_value()
    assert (stand_in.count.up, stand_in.count.down) == (0, 1)


def test_a_value_that_is_only_read_crosses_once(gpu):
    w = tl.shared(np.arange(3.0), name="w")
    x = T.vector("x")
    f, g = tl.function([x], x * w), tl.function([x], x + w)
    f([1, 1, 1])
    stand_in.count.clear()
    f([1, 1, 1]), g([1, 1, 1])
    assert stand_in.count.up == 2 and w.get_value(borrow=True) is w.get_value(borrow=True)
    w.set_value([5.0, 6.0, 7.0])
    assert f([1, 1, 1]).tolist() == [5, 6, 7] and g([0, 0, 0]).tolist() == [5, 6, 7]


def test_the_array_of_the_device_can_be_had(gpu):
    w = tl.shared(np.arange(3.0), name="w")
    tl.function([], updates=[(w, w * 2)])()
    stand_in.count.clear()
    there = w.get_value(borrow=True, return_internal_type=True)
    assert isinstance(there, stand_in.ndarray) and stand_in.count.down == 0
    assert there.get().tolist() == w.get_value().tolist() == [0, 2, 4]


def test_functions_of_both_devices_share_a_variable(gpu):
    n = tl.shared(np.zeros(2), name="n")
    there = tl.function([], n, updates=[(n, n + 1)])
    with tl.config.change_flags(device="cpu"):
        here = tl.function([], n, updates=[(n, n * 10)])
        by_numpy = tl.function([], n, updates=[(n, n - 2)], mode="FAST_COMPILE")
    for _ in range(2):
        there(), here(), by_numpy()
    assert n.get_value().tolist() == [88, 88]
    assert here.native and here._doors is not None
    there()
    assert here().tolist() == [89, 89]
    assert not isinstance(n.cell[0], OnDevice)  # native code found it at home


def test_a_value_on_the_device_can_be_copied_pickled_and_zeroed(gpu):
    w = tl.shared(np.array([1.0, 2.0]), name="w")
    double = tl.function([], w, updates=[(w, w * 2)])
    double()
    assert isinstance(w.cell[0], OnDevice)
    twins = [w.clone(), copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w))]
    other = pickle.loads(pickle.dumps(double))
    double()
    assert [twin.get_value().tolist() for twin in twins] == [[2, 4]] * 4
    assert other().tolist() == [2, 4] and w.get_value().tolist() == [4, 8]
    w.zero()
    assert double().tolist() == [0, 0] and repr(w) == "w"


def test_outputs_belong_to_the_caller(gpu):
    x, w = T.vector("x"), tl.shared(np.array([1.0, 2.0]), name="w")
    given = np.array([3.0, 4.0])
    f = tl.function([x], [x, w, w, x.T, x + w])
    outputs = f(given)
    for output in outputs:
        output[:] = -1
    assert [each.tolist() for each in f(given)] == [[3, 4], [1, 2], [1, 2], [3, 4], [4, 6]]
    assert given.tolist() == [3, 4] and w.get_value().tolist() == [1, 2]


def test_inputs_with_defaults_and_updates_of_their_own(gpu):
    x, total = T.scalar("x"), T.scalar("total")
    add = tl.function([x, tl.In(total, value=0.0, update=total + x)], total)
    assert [float(add(1)), float(add(2)), float(add(4))] == [0, 1, 3]
    assert float(add[total]) == 7


def test_lengths_and_conditions_stay_with_python(gpu):
    x, n = T.matrix("x"), T.iscalar("n")
    f = tl.function([x, n], [T.alloc(1.0, x.shape[0], n) * 2, x[:n].reshape((-1,)), tl.ifelse(n > 1, x.sum(), x.mean())])
    stand_in.count.clear()
    grid, flat, one = f(ROWS, 2)
    assert grid.tolist() == [[2, 2], [2, 2]] and flat.tolist() == ROWS.ravel().tolist() and float(one) == ROWS.sum()
    assert stand_in.count.down == 3 and stand_in.count.up <= 3


def test_two_devices(gpu):
    w = tl.shared(np.ones(2), name="w")
    first = tl.function([], w, updates=[(w, w + 1)])
    with tl.config.change_flags(device="gpu1"):
        second = tl.function([], w, updates=[(w, w * 3)])
    assert second.device == "gpu1"
    first(), second(), first()
    assert w.get_value().tolist() == [7, 7]
    assert w.cell[0].there._block.device == 0


def test_threads_train_together(gpu):
    n = tl.shared(np.zeros(3), name="n")
    add = tl.function([], updates=[(n, n + 1)])

    def work():
        for _ in range(50):
            add()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert n.get_value().tolist() == [200] * 3


def test_the_stages_of_a_function_can_be_read_as_ever(gpu):
    x = T.vector("x")
    f = tl.function([x], T.exp(x) * 2)
    assert " = exp(b0)" in f.source() and f.stages.program.steps
    with pytest.raises(ValueError, match="runs through Python"):
        f.source("llvm")
