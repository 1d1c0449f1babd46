"""Names that every doctest may use: `tl`, `T` and `np`."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T


@pytest.fixture(autouse=True)
def names_in_doctests(doctest_namespace):
    """Put the usual names into every doctest."""
    doctest_namespace.update(tl=tl, T=T, np=np)
