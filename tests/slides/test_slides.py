"""Every code block of "Introduction of Theano (1)" by Hung-yi Lee runs, and shows what the slides show.

The scripts beside this file are the blocks, changed only in the import line, in `print` and in `izip` (Python 3), and where a slide
leaves something open. They run as a reader would run them: each in a namespace of its own, and those about configuration in a process of
their own.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import runpy
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
from tensorlab.backends.gpu import unavailable

HERE = Path(__file__).parent
SCRIPTS = sorted(HERE.glob("[0-9]*.py"))
ROUNDS = 100  # of the slides' loops
BLOCKS = 22


def run(number: int) -> tuple[list[str], dict]:
    """Run a script and return the lines that it prints and the names that it leaves behind."""
    (path,) = HERE.glob(f"{number:02}_*.py")
    random.seed(number)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        names = runpy.run_path(str(path))
    return printed.getvalue().splitlines(), names


def run_alone(number: int, flags: str = "") -> subprocess.CompletedProcess:
    """Run a script in a process of its own, with settings from the environment."""
    (path,) = HERE.glob(f"{number:02}_*.py")
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent), "TENSORLAB_FLAGS": flags}
    return subprocess.run([sys.executable, str(path)], env=environment, capture_output=True, text=True, timeout=600)


def floats(line: str) -> list[float]:
    return [float(each) for each in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]\d+)?", line)]


def test_every_block_is_here():
    assert [int(path.name[:2]) for path in SCRIPTS] == list(range(1, BLOCKS + 1))


def test_a_script_differs_from_theano_in_its_import_line():
    for path in SCRIPTS:
        imports = [line for line in path.read_text(encoding="utf-8").splitlines() if "tensorlab" in line]
        assert set(imports) <= {"import tensorlab as theano", "import tensorlab.tensor as T"}, path.name


def test_the_square():
    printed, names = run(1)
    assert printed == ["4.0"]
    value = names["f"](-2)
    assert isinstance(value, np.ndarray) and value.shape == () and value.dtype == "float64"
    assert run(2)[0] == ["4"]


def test_symbols_print_as_on_the_slide():
    printed, names = run(3)
    assert printed == ["<TensorType(float64, scalar)>", "<TensorType(float64, matrix)>", "ha ha ha"]
    shorter = run(4)[1]
    assert all(str(shorter[name]) == line and shorter[name].type == names[name].type for name, line in zip("abc", printed))


def test_outputs_defined_from_inputs():
    names = run(5)[1]
    assert [names[f"y{number}"].ndim for number in (1, 2, 3, 4)] == [0, 0, 2, 2]
    matrices = [[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]
    given = {names["x3"]: matrices[0], names["x4"]: matrices[1]}
    assert names["y3"].eval(given).tolist() == [[5, 12], [21, 32]]
    assert names["y4"].eval(given).tolist() == [[19, 22], [43, 50]]
    scalars = {names["x1"]: 2, names["x2"]: 3}
    assert (names["y1"].eval(scalars), names["y2"].eval(scalars)) == (5, 6)


def test_both_ways_to_declare_a_function():
    names = run(6)[1]
    assert names["f"](3) == names["g"](3) == 9
    with pytest.raises(TypeError, match="must be a list"):
        tl.function(names["x"], names["y"])


def test_two_outputs():
    printed, names = run(7)
    assert printed == ["[array(8.), array(6.)]"]
    assert all(type(each) is np.ndarray for each in names["z"])


def test_matrices():
    printed, _ = run(8)
    assert printed == ["[[ 2.  8.]", " [18. 32.]]", "[[14. 20.]", " [30. 44.]", " [46. 68.]]"]


def test_gradients():
    assert run(9)[0] == ["4.0", "-4.0"]
    assert run(10)[0] == ["8.0", "[array(4.), array(2.)]"]
    assert run(11)[0] == ["[[2. 4.]", " [6. 8.]]"]


def test_a_neuron():
    printed, _ = run(12)
    assert len(printed) == 2 * ROUNDS
    for given, found in zip(printed[::2], printed[1::2]):
        assert re.fullmatch(r"\[array\(0\.\d+\)\]", found)
        x = floats(given)
        assert floats(found)[0] == pytest.approx(1 / (1 + np.exp(x[0] - x[1])), rel=1e-7)


def test_a_neuron_with_shared_variables():
    printed, names = run(13)
    assert printed[0] == "[1. 1.]"
    assert printed[2::2] == ["0.5"] * ROUNDS  # both weights were set to 0
    assert names["w"].get_value().tolist() == [0, 0]


def test_gradient_descent_agrees_step_by_step():
    tedious, effective, with_function = (run(number)[0] for number in (14, 15, 16))
    assert len(tedious) == 2 * ROUNDS
    assert effective == with_function
    for a, b in zip(tedious, effective):
        assert floats(a) == pytest.approx(floats(b), rel=1e-7)  # as many digits as are printed; the sums may be taken in another order
    outputs = [floats(line)[0] for line in effective[::2]]
    assert outputs[0] == pytest.approx(1 / (1 + np.e**2)) and outputs[-1] > 0.86
    assert all(earlier < later for earlier, later in pairwise(outputs))


def test_xor_is_learned():
    printed, names = run(17)
    costs = [floats(line)[0] for line in printed[::2]]
    assert costs[-1] < 0.35 < 2.7 < costs[0]
    found = [names[f"y{number}"].item() for number in (1, 2, 3, 4)]
    assert [round(each) for each in found] == [0, 1, 1, 0]
    assert all(min(each, 1 - each) < 0.1 for each in found)
    assert printed[-1].count("[") == 4  # y has length 1, as the biases have


def test_three_spellings_of_a_rectified_linear_unit():
    printed, names = run(18)
    assert [[abs(each) for each in floats(line)] for line in printed] == [[0, 0, 3]] * 3
    assert {names[name](np.array([-2.0, 0.0, 3.0])).dtype.name for name in ("f1", "f2", "f3")} == {"float64"}


def test_a_network_of_two_thousand_neurons_trains():
    printed, names = run(19)
    costs = [floats(line)[0] for line in printed]
    assert len(costs) == 5 and all(later < earlier for earlier, later in pairwise(costs))
    assert names["Y"].shape == (1, 200) and names["Y"].dtype == "float32"
    assert all(each.get_value().dtype == "float32" for each in names["parameters"])
    assert names["parameters"][1].get_value().shape == (1000, 1000)
    assert str(names["x"]) == "input" and names["cost"].dtype == "float32"


def test_configuration():
    done = run_alone(20)
    assert done.stdout.splitlines() == ["float64 FAST_RUN cpu", "<TensorType(float32, scalar)>"] and not done.stderr
    done = run_alone(20, "mode=FAST_COMPILE,device=gpu")
    assert done.stdout.splitlines() == ["float64 FAST_COMPILE gpu", "<TensorType(float32, scalar)>"] and not done.stderr


def test_the_product_of_two_large_matrices():
    for number in (21, 22):
        printed, names = run(number)
        assert re.fullmatch(r"It cost \d+\.\d{6} sec", printed[0])
        exact = names["x"].astype(float) @ names["y"].astype(float)
        np.testing.assert_allclose(names["z"], exact, rtol=1e-3, atol=1e-4)  # some of the sums are near 0, of terms that are not
        assert names["z"].dtype == names["x"].dtype


@pytest.mark.skipif(not unavailable("gpu"), reason="this machine has a GPU")
def test_a_gpu_is_accepted_and_its_absence_said():
    done = run_alone(22, "device=gpu")
    assert re.fullmatch(r"It cost \d+\.\d{6} sec\n", done.stdout)
    assert "device=gpu was asked for" in done.stderr and "22_test_gpu_float32.py:10" in done.stderr
    assert "CuPy" in done.stderr and "run on the CPU" in done.stderr
    assert "device=gpu0" in run_alone(21, "device=gpu0").stderr
