"""What goes wrong on a GPU, and what a reader is told; nothing is lost by it."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
import stand_in

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends.gpu import calls
from tensorlab.compiler import checks
from tensorlab.graph.errors import DeviceError

x, n, numbers = T.matrix("x"), T.iscalar("n"), T.ivector("numbers")
MISTAKES = [
    ("lengths", [x], T.dot(x, x), ([[1.0, 2.0, 3.0]],)),
    ("a position", [x, n], x[n], ([[1.0, 2.0]], 3)),
    ("positions", [x, numbers], x[numbers], ([[1.0, 2.0]], [0, 1])),
    ("positions below", [x, numbers], x[:, numbers], ([[1.0, 2.0]], [0, -3])),
    ("positions to write", [x, numbers], T.inc_subtensor(x[numbers], 1.0), ([[1.0, 2.0]], [4])),
    ("classes", [x, numbers], T.nnet.categorical_crossentropy(x, numbers), ([[0.5, 0.5]], [2])),
    ("one hot", [numbers], T.to_one_hot(numbers, 3), ([0, 3],)),
    ("a reshape", [x], x.reshape((2, 2)), ([[1.0, 2.0, 3.0]],)),
    ("a whole power", [numbers, n], numbers ** n, ([2, 3], -1)),
]


@pytest.mark.parametrize(("inputs", "output", "values"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES])
def test_a_mistake_is_told_as_on_the_cpu(gpu, inputs, output, values):
    w = tl.shared(np.zeros(2), name="w")
    f = tl.function(inputs, output, updates=[(w, w + 1)])
    with tl.config.change_flags(device="cpu"):
        here = tl.function(inputs, output, updates=[(w, w + 1)], mode="FAST_COMPILE")
    with pytest.raises(Exception) as wanted:
        here(*values)
    with pytest.raises(Exception) as found:
        f(*values)
    assert type(found.value) is type(wanted.value) and str(found.value) == str(wanted.value)
    assert w.get_value().tolist() == [0, 0]


def test_a_flag_of_one_call_is_not_read_by_the_next(gpu):
    f = tl.function([x, numbers], x[numbers])
    with pytest.raises(IndexError):
        f([[1.0, 2.0]], [5])
    assert f([[1.0, 2.0]], [0]).tolist() == [[1, 2]]


def test_full_memory_is_said_and_nothing_changes(gpu):
    w = tl.shared(np.zeros(10), name="w")
    f = tl.function([n], updates=[(w, w + T.alloc(1.0, n).sum())])
    f(5)
    before = w.get_value()
    stand_in.Block.limit = stand_in.Block.used + 10_000
    with pytest.raises(DeviceError, match=r"memory of the GPU is full(.|\n)*smaller batches"):
        f(100_000)
    stand_in.Block.limit = None
    assert w.get_value().tolist() == before.tolist()
    f(5)
    assert w.get_value().tolist() == [10] * 10


def test_a_fault_of_the_device_is_said(gpu, monkeypatch):
    f = tl.function([x], T.exp(x))

    def fails(*arguments):
        raise stand_in.CUDARuntimeError("cudaErrorIllegalAddress: an illegal memory access was encountered")

    f._runner.run.kernels[0] = fails
    with pytest.raises(DeviceError, match=r"cudaErrorIllegalAddress(.|\n)*a new Python process"):
        f([[1.0]])


def test_what_only_the_gpu_refuses_is_said(gpu):
    f = tl.function([x], T.exp(x))

    def fails(*arguments):
        raise TypeError("Unsupported type")

    f._runner.run.kernels[0] = fails
    with pytest.raises(DeviceError, match=r"on the GPU only: NumPy computes it"):
        f([[1.0]])


# -- machines without
@pytest.fixture
def nothing_known(monkeypatch):
    monkeypatch.setattr(checks, "announced", set())
    stand_in.forget()
    yield
    stand_in.forget()


def without_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)


def without_driver(monkeypatch):
    stand_in.install(monkeypatch)

    def fails():
        raise stand_in.CUDARuntimeError("cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version")

    sys.modules["cupy"].cuda.runtime.getDeviceCount = fails


def without_gpu(monkeypatch):
    stand_in.install(monkeypatch)
    stand_in.Device.there = 0


ABSENT = [
    (without_cupy, "gpu", r"needs CuPy, which (is not installed|cannot be imported .*): pip install 'tensorlab-jupyter\[gpu13\]'"),
    (without_driver, "gpu", r"needs an NVIDIA GPU and its driver \(from https://.*gpu12\]'\); CuPy says: cudaErrorInsufficientDriver"),
    (without_gpu, "gpu0", "gpu0 is not there: the driver finds no GPU"),
    (stand_in.install, "gpu7", "gpu7 is not there: there are 2, gpu0 to gpu1"),
]


@pytest.mark.parametrize(("absent", "device", "said"), ABSENT, ids=[each[0].__name__ for each in ABSENT])
def test_what_is_missing_is_said_in_one_sentence(nothing_known, monkeypatch, absent, device, said):
    absent(monkeypatch)
    with tl.config.change_flags(device=device):
        with pytest.warns(UserWarning, match=said) as warned:
            f = tl.function([x], x + 1)
        assert len(warned) == 1 and warned[0].filename == __file__ and "\n" not in str(warned[0].message)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert tl.function([x], x + 1)([[1.0]]) == f([[1.0]]) == 2
    assert f.device == "cpu" and f.native
    with tl.config.change_flags(device=device, force_device=True), pytest.raises(DeviceError, match=said):
        tl.function([x], x + 1)


def test_an_import_does_not_touch_the_gpu():
    code = "import sys, tensorlab, tensorlab.tensor; assert not any('cupy' in name for name in sys.modules), sys.modules"
    environment = {**os.environ, "TENSORLAB_FLAGS": "device=gpu,force_device=true"}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def test_a_name_that_is_not_in_the_table_is_refused(gpu):
    names = calls.names("gpu")
    with pytest.raises(AttributeError, match="not among the names that GPU code may use"):
        names.linalg
    with pytest.raises(TypeError, match="an array of NumPy"):
        names.asarray(np.zeros(3))
