"""The example script about float32 and float64 runs, on the CPU and on the stand-in for a GPU."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "test_gpu.py"


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), *arguments])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    return capsys.readouterr().out


def test_it_measures_both_and_says_why(monkeypatch, capsys):
    out = run(monkeypatch, capsys, "--size", "60", "--repeat", "1")
    assert re.findall(r"  (\w+ on \w+): It cost \d+\.\d{6} sec", out) == ["float64 on cpu", "float32 on cpu"]
    assert "60 x 60" in out and "0.000432 billion" in out and "float32 was" in out and "floatX = 'float32'" in out


def test_it_does_so_on_a_gpu(gpu, monkeypatch, capsys):
    out = run(monkeypatch, capsys, "--size", "40", "--repeat", "1")
    assert "float64 on gpu" in out and "float32 on gpu" in out and "The time above holds the way to the GPU" in out


def test_one_dtype_alone(monkeypatch, capsys):
    out = run(monkeypatch, capsys, "--size", "40", "--dtype", "float32")
    assert "float32 on cpu" in out and "float64" not in out


@pytest.mark.parametrize("arguments", [["--size", "1"], ["--repeat", "0"], ["--dtype", "float16"]])
def test_what_it_cannot_do(monkeypatch, capsys, arguments):
    with pytest.raises(SystemExit):
        run(monkeypatch, capsys, *arguments)
