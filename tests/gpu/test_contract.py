"""The real CuPy has every name that GPU code uses, with the parameters that it is called with; no GPU is needed to ask."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import stand_in

from tensorlab.backends.gpu import calls

try:
    import cupy
except ImportError:  # macOS, ARM: there is no wheel
    cupy = None

needs_cupy = pytest.mark.skipif(cupy is None, reason="CuPy is not installed: there are wheels for Linux and Windows on x86-64 only")
OPS = Path(calls.__file__).parents[2] / "ops"
CALLED_WITH = {
    "sum": ["a", "axis", "keepdims"], "max": ["a", "axis", "keepdims"], "prod": ["a", "axis"], "argsort": ["a", "axis", "kind"],
    "cumsum": ["a", "axis", "dtype"], "concatenate": ["tup", "axis"], "stack": ["tup", "axis"], "repeat": ["a", "repeats", "axis"],
    "roll": ["a", "shift", "axis"], "searchsorted": ["a", "v", "side"], "bincount": ["x", "weights", "minlength"],
    "take_along_axis": ["a", "indices", "axis"], "tensordot": ["a", "b", "axes"], "moveaxis": ["a", "source", "destination"],
    "diagonal": ["a", "offset", "axis1", "axis2"], "zeros": ["shape", "dtype"], "full": ["shape", "fill_value", "dtype"],
    "asarray": ["a", "dtype", "order"], "array": ["obj", "dtype"], "argmax": ["a", "axis"], "sort": ["a", "axis"], "flip": ["a", "axis"],
}  # fmt: skip


def test_the_table_holds_what_cards_use_and_no_more():
    """A card speaks of its library as `xp`; what it says is read from its source."""
    spoken = {name for path in OPS.glob("*.py") for name in re.findall(r"\bxp\.([a-z_0-9]+)", path.read_text(encoding="utf-8"))}
    assert spoken <= {*calls.ARRAY_NAMES, "notice"}
    assert set(calls.CARD_NAMES) <= spoken


@needs_cupy
@pytest.mark.parametrize("name", calls.ARRAY_NAMES)
def test_cupy_has_the_name(name):
    meaning = getattr(cupy, name)
    if name in CALLED_WITH:
        try:
            parameters = list(inspect.signature(meaning).parameters)
        except (TypeError, ValueError):
            parameters = re.findall(r"(\w+)\s*(?:=|,|\))", (meaning.__doc__ or "").split("\n\n")[0])
        assert [each for each in CALLED_WITH[name] if each not in parameters] == [], parameters


@needs_cupy
def test_cupy_has_the_other_names():
    special = importlib.import_module(calls.SPECIALS)
    assert [name for name in calls.SPECIAL_NAMES if not callable(getattr(special, name, None))] == []
    assert [name for name in calls.METHODS if not hasattr(cupy.ndarray, name)] == []
    for path in calls.DEVICE_NAMES:
        meaning = cupy
        for part in path.split("."):
            meaning = getattr(meaning, part)
    assert callable(cupy.add.at)


@needs_cupy
def test_the_stand_in_offers_nothing_that_cupy_has_not():
    pretended = stand_in.modules()["cupy"]
    names = [name for name in vars(pretended) if not name.startswith("_")]
    assert [name for name in names if not hasattr(cupy, name)] == []
    offered = {name for name in vars(stand_in.ndarray) if not name.startswith("_")} - {"refuse"}
    assert {name for name in offered if not hasattr(cupy.ndarray, name)} == set()


WITHOUT_DRIVER = """
import warnings
import tensorlab as tl, tensorlab.tensor as T
x = T.vector("x")
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    print(tl.function([x], x * 2)([1.0, 2.0]))
print(*[each.message for each in warned])
tl.config.force_device = True
try:
    tl.function([x], x)
except tl.TensorlabError as problem:
    print(type(problem).__name__)
import cupy
print(cupy.__name__)
"""


@needs_cupy
@pytest.mark.skipif(not calls.unavailable("gpu"), reason="this machine has a GPU")
def test_the_real_cupy_without_a_driver():
    environment = {**os.environ, "TENSORLAB_FLAGS": "device=gpu"}
    done = subprocess.run([sys.executable, "-c", WITHOUT_DRIVER], env=environment, capture_output=True, text=True, timeout=600)
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and lines[0] == "[2. 4.]" and lines[2:] == ["DeviceError", "cupy"], done.stdout + done.stderr
    assert "gpu needs an NVIDIA GPU and its driver (from https://" in lines[1] and "; CuPy says: " in lines[1]


def test_a_home_in_which_cupy_cannot_make_its_cache(monkeypatch):
    from tensorlab.backends.gpu import calls

    def refuse(name):
        raise PermissionError(13, "Permission denied", "/nonexistent")

    monkeypatch.setattr(calls.importlib, "import_module", refuse)
    assert "cannot be imported" in calls.unavailable.__wrapped__("gpu") and "/nonexistent" in calls.unavailable.__wrapped__("gpu")
