"""What all tests and doctests share: the usual names, the default settings before and after each, examples that are not left to chance.

Hypothesis draws the same examples in every run, whatever else is tested with them: a change is to blame for a failure, never the day.
To look for new ones: `pytest --hypothesis-profile=search`, if need be with `--hypothesis-seed=5`.
"""

from __future__ import annotations

import os

os.environ["TENSORLABRC"] = ""  # the settings that whoever runs the tests keeps at home are no part of them

import atexit
import contextlib
import gc
import importlib
import shutil
import tempfile
from pathlib import Path

import hypothesis
import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

# Doctests are looked for in every module; these are none, and bringing them in twice would fail.
collect_ignore_glob = ["*/conftest.py", "lessons/*.py", "benchmarks/*.py"]


# What takes long on a busy machine is no failure.
PATIENT = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow], "print_blob": True}
hypothesis.settings.register_profile("search", hypothesis.settings.get_profile("default"), derandomize=False, **PATIENT)
hypothesis.settings.register_profile("steady", hypothesis.settings.get_profile("default"), derandomize=True, database=None, **PATIENT)
hypothesis.settings.load_profile("steady")


def pytest_addoption(parser):
    """Golden files: what a test once found right, and compares with."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing with them")


def pytest_configure(config):
    """Let neither what IPython, Jupyter and Matplotlib keep at home nor what is imported already have a say in any test."""
    folder = Path(tempfile.mkdtemp(prefix="tensorlab-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the shells, which write their history when Python ends
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        os.environ[name] = str(folder / name.lower())
    os.environ["CUPY_CACHE_DIR"] = str(folder / "cupy")  # which importing it makes, at home if nobody says where
    cache = getattr(config, "cache", None)
    plots = folder / "matplotlib" if cache is None else Path(cache.mkdir("matplotlib"))
    os.environ["MPLCONFIGDIR"] = str(plots)
    if not [*plots.glob("fontlist*")]:
        importlib.import_module("matplotlib.font_manager")  # if that takes 5 s, the first plot of a lesson says so
    if hypothesis.settings.default.derandomize:
        with contextlib.suppress(ImportError, AttributeError):  # it mixes in constants of what is imported
            providers = importlib.import_module("hypothesis.internal.conjecture.providers")
            nothing = providers._local_constants
            providers._get_local_constants = lambda: nothing


def pytest_collection_modifyitems(items):
    """Give the outputs of cells of notebooks more than 5 s to come from a kernel on a busy machine."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = 120


@pytest.fixture(autouse=True)
def names_in_doctests(doctest_namespace):
    """Put the usual names into every doctest."""
    doctest_namespace.update(tl=tl, T=T, np=np)


@pytest.fixture(autouse=True)
def same_settings():
    """Start and end with the same settings."""
    values, origins = dict(tl.config._values), dict(tl.config._origins)
    yield
    tl.config._values.clear()
    tl.config._values.update(values)
    tl.config._origins.clear()
    tl.config._origins.update(origins)


def pytest_unconfigure(config):
    """Keep what is left of the tests out of later collections.

    Every shell of IPython collects garbage once more when Python ends: a second each, with all that thousands of tests have made.
    """
    gc.freeze()
