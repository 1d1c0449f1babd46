"""What all tests and doctests share: the usual names, and the default settings before and after each."""

from __future__ import annotations

import os

os.environ["TENSORLABRC"] = ""  # the settings that whoever runs the tests keeps at home are no part of them

import gc

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

# Doctests are looked for in every module; these are none, and bringing them in twice would fail.
collect_ignore_glob = ["*/conftest.py", "lessons/*.py", "benchmarks/*.py"]


def pytest_addoption(parser):
    """Golden files: what a test once found right, and compares with."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing with them")


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
