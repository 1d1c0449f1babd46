"""What all tests share."""

from __future__ import annotations

import pytest

import tensorlab as tl


@pytest.fixture(autouse=True)
def same_settings():
    """Every test starts and ends with the default settings."""
    values, origins = dict(tl.config._values), dict(tl.config._origins)
    yield
    tl.config._values.clear()
    tl.config._values.update(values)
    tl.config._origins.clear()
    tl.config._origins.update(origins)
