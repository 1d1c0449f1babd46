"""The benchmarks measure what they say: every workload is right at a small size, and the command runs. No time is asserted."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.compiler import checking, report
from benchmarks.compiler.build import NoFloorError, build
from benchmarks.compiler.contestants import CONTESTANTS, OURS, Ready
from benchmarks.compiler.turns import Table
from benchmarks.compiler.workloads import WORKLOADS, Goal, workload_called

ROOT = Path(__file__).parent.parent
# the number of threads changes no result, and a test has no need of two lengths
SMALL = {(each.function, each.make, each.dtype): each.at_small_size for each in WORKLOADS}


MORE = replace(workload_called("W6 b20").at_small_size, name="W6 f64", dtype="float64")  # the only one that is measured in float32 alone


def small_workloads():
    return [pytest.param(each, id=each.name) for each in (*SMALL.values(), MORE)]


def module_of(name):
    return importlib.import_module(f"benchmarks.compiler.contestants.{CONTESTANTS[name].module}")


def prepared(name, workload):
    data = workload.data()
    ready = getattr(module_of(name), workload.function)(data)
    return ready, data.inputs if ready.inputs is None else ready.inputs


@pytest.mark.parametrize("workload", small_workloads())
def test_tensorlab_and_numpy_agree(workload, tmp_path):
    expected = tmp_path / "expected.npz"
    checking.write_expected(workload, expected)
    for name in (OURS, "numpy"):
        assert checking.complaints(*prepared(name, workload), workload, expected) == []


@pytest.mark.parametrize("workload", small_workloads())
def test_floors_compute_what_they_say(workload, tmp_path, monkeypatch, tmp_path_factory):
    pytest.importorskip("scipy")
    cache = tmp_path_factory.getbasetemp() / "floors"
    try:
        build(cache)
    except NoFloorError as problem:
        pytest.skip(f"floors are built only where a C compiler and the headers of Python are: {problem}")
    monkeypatch.setenv("BENCHMARK_CACHE", str(cache))
    if not hasattr(module_of("floor"), workload.function):
        assert workload.function == "chain"
        return
    ready, inputs = prepared("floor", workload)  # bare products compare themselves with NumPy's here
    if ready.checked:
        expected = tmp_path / "expected.npz"
        checking.write_expected(workload, expected)
        assert checking.complaints(ready, inputs, workload, expected) == []
    else:
        ready.call(*inputs)
    assert np.nextafter(0.0, 1.0) * np.float64(1) > 0, "the floors switched subnormal numbers off for the whole process"


@pytest.mark.parametrize("name", ["W1 list", "W3 f32", "W4 f32 1e7", "W5 f64", "W6 b20"])
def test_what_is_wrong_is_found(name, tmp_path):
    """An output that is off, a parameter that moved a thousandth too far, a nan: none of them may be timed."""
    workload = workload_called(name).at_small_size
    expected = tmp_path / "expected.npz"
    checking.write_expected(workload, expected)

    def wrong(change_output, change_step):
        ready, inputs = prepared("numpy", workload)
        first = list(workload.data("float64").parameters.values())

        def call(*given):
            outputs = list(checking.listed(ready.call(*given)))
            outputs[-1] = change_output(np.asarray(outputs[-1], float))
            return outputs

        def parameters():
            return [old + change_step(np.asarray(new, float) - old) for old, new in zip(first, ready.parameters())]

        return checking.complaints(Ready(call, parameters), inputs, workload, expected)

    same = lambda value: value  # noqa: E731
    assert wrong(same, same) == []
    assert wrong(lambda value: value * 1.001, same) and wrong(lambda value: value * np.nan, same)
    if workload.data().parameters:
        assert wrong(same, lambda step: step * 1.002 + 0.002 * np.abs(step).max())


def test_goals_and_ratios():
    table = Table(workload_called("W4 f32 1e7"), {"tensorlab": [1.0, 4.0, 1.0], "floor": [2.0, 2.0, 2.0], "jax": [1.5, 5.0, 1.6]})
    assert table.best_peer == "jax" and table.ratio("tensorlab", "floor") == 0.5
    assert report.met(table, Goal("floor", 0.5)) and not report.met(table, Goal("floor", 0.4))
    assert report.met(table, Goal("best peer", 0.5)) is False and report.met(table, Goal("torch", 1.0)) is None
    assert report.met(Table(table.workload, {"floor": [1.0]}, {"tensorlab": "wrong: …"}), Goal("floor", 9.0)) is False
    assert [report.mark(answers) for answers in ([], [True], [True, None], [None, False])] == ["", "yes", "?", "no"]
    assert str(Goal("jax", 1 / 20)) == "20× faster than jax" and str(Goal("floor", 1.05)) == "≤ 1.05× floor"


def test_words_choose_workloads():
    assert [each.name for each in WORKLOADS if each.chosen_by("W4 f32 2t")] == ["W4 f32 1e7 2t", "W4 f32 1e4 2t"]
    assert {each.name[:3] for each in WORKLOADS if each.chosen_by("w4")} == {"W4 "}
    assert workload_called("W6 b20 2t").threads == 2 and workload_called("chain 30000").size == (30_000,)


def test_the_command_runs(tmp_path):
    written = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks.compiler", "--quick", "--peers", "numpy", "--only", "W1"]
    done = subprocess.run([*command, "--cache", str(tmp_path), "--json", str(written)], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"}, encoding="utf-8")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "| W1 list | " in done.stdout
    steps = json.loads(written.read_text())["steps"]
    assert [step["workload"] for step in steps] == ["W1 list", "W1 array"]
    for step in steps:
        assert {"tensorlab", "numpy"} <= set(step["seconds"]) and step["ours / other"]["numpy"] > 0


def test_a_name_that_is_none_is_refused(tmp_path):
    command = [sys.executable, "-m", "benchmarks.compiler", "--only", "W99", "--cache", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0 and "--list prints their names" in done.stderr
