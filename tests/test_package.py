"""The package as a whole: what importing it costs, what the wheel holds, what style the source keeps."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tensorlab as tl
import tensorlab.tensor as T

ROOT = Path(__file__).parent.parent
HEAVY = ("scipy", "llvmlite", "matplotlib", "IPython", "graphviz", "ipywidgets", "anywidget", "cupy", "traitlets")


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_import_brings_in_only_numpy():
    """What a lesson does not use must not cost it anything; the times themselves are in benchmarks/import_time.py."""
    loaded = python("import sys, tensorlab, tensorlab.tensor; print(*sorted({name.split('.')[0] for name in sys.modules}))").split()
    assert "numpy" in loaded
    assert not set(HEAVY) & set(loaded)


def test_a_function_on_the_reference_back_end_needs_only_numpy():
    loaded = python(
        "import sys, tensorlab as tl, tensorlab.tensor as T; x = T.scalar();"
        "tl.function([x], T.grad(T.exp(x) ** 2, x), mode='FAST_COMPILE')(1.0);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    ).split()
    assert not set(HEAVY) & set(loaded)


def test_the_distribution_name_is_ours():
    """`tensorlab` on PyPI belongs to somebody else: no text may send a reader there."""
    wrong = re.compile(r"pip3? install (-\S+ )*['\"]?tensorlab(?!-jupyter)\b")
    for path in ROOT.rglob("*"):
        if path.suffix in {".md", ".py", ".ipynb", ".toml", ".txt", ".cfg"} and not {".venv", ".git", "build", "dist"} & set(path.parts):
            assert not wrong.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("command", [["ruff", "check", "."], ["mypy"]], ids=["ruff", "mypy"])
def test_style_and_types(command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_holds_every_module_and_the_type_marker(tmp_path):
    """Built without a network: hatchling is among the test dependencies."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    import zipfile

    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith("tensorlab_jupyter-")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT).as_posix())
        for path in (ROOT / "tensorlab").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= held
    assert "tensorlab/py.typed" in held


def test_a_tab_shows_what_a_reader_wants():
    """Completion once offered `T.annotations`, `tl.Any`, `tl.importlib` and the like."""
    shown = {name: {each for each in dir(namespace) if not each.startswith("_")} for name, namespace in
             {"tl": tl, "T": T, "nnet": T.nnet}.items()}
    for names in shown.values():
        assert not names & {"annotations", "Any", "LATER", "TYPE_CHECKING", "importlib", "typing"}
    assert {"function", "shared", "config", "tensor", "grad", "In", "Out", "pp", "view", "printing", "gradient", "ifelse"} <= shown["tl"]
    assert {"scalar", "dmatrix", "scalars", "tensor3", "fvector", "lscalar", "grad", "nnet", "dot", "abs", "sum", "as_tensor"} <= shown["T"]
    assert {"softmax", "relu", "sigmoid"} <= shown["nnet"] and len(shown["T"]) > 300
    for namespace in (tl, T, T.nnet):
        assert all(hasattr(namespace, name) for name in dir(namespace))
        assert not {"annotations", "Any", "LATER", "TYPE_CHECKING", "importlib"} & set(vars(namespace))


def test_a_star_import_gives_the_same():
    found = {}
    exec("from tensorlab import *", found)
    assert {*tl.__all__} == {*found} - {"__builtins__"} and found["function"] is tl.function and found["tensor"] is T
    found = {}
    exec("from tensorlab.tensor import *\nfrom tensorlab.tensor.nnet import *", found)
    assert found["dmatrix"] is T.dmatrix and found["softmax"] is T.nnet.softmax and not any(name.startswith("_") for name in found
                                                                                          if name != "__builtins__")
