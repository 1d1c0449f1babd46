"""The GPU back end on a machine without a GPU: `stand_in.py` takes the place of CuPy."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import tensorlab as tl

sys.path.insert(0, str(Path(__file__).parent))
import stand_in


@pytest.fixture
def gpu(monkeypatch):
    """A stand-in for CuPy with two devices; functions compile for the first."""
    stand_in.install(monkeypatch)
    tl.config.device = "gpu"
    yield stand_in
    stand_in.forget()
