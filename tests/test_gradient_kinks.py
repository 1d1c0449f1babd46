"""Every row of docs/kinks.md: the derivative at a corner, a jump or a pole is what the table says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

TABLE = Path(__file__).parent.parent / "docs" / "kinks.md"
ROW = re.compile(r"^\| `(?P<expression>[^`]+)` \| `(?P<point>[^`]+)` \| `(?P<derivative>[^`]+)` \|", re.MULTILINE)
WORDS = {"T": T, "abs": abs, "inf": np.inf, "nan": np.nan, "__builtins__": {}}
ROWS = [tuple(match.groups()) for match in ROW.finditer(TABLE.read_text(encoding="utf-8"))]


def value(text: str) -> np.ndarray:
    return np.array(eval(text, WORDS), "float64")


def symbol(point: np.ndarray):
    return T.tensor("float64", (None,) * point.ndim, "x")


def test_no_row_is_overlooked():
    """A row with another number of backticks would not be read: count the lines of the tables too."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(ROWS) == len(lines) >= 35


@pytest.mark.parametrize(("expression", "point", "derivative"), ROWS)
def test_row(expression, point, derivative):
    at = value(point)
    x = symbol(at)
    y = eval(expression, {**WORDS, "x": x})
    cost = y if y.ndim == 0 else y.sum()
    found = tl.function([x], T.grad(cost, x))(at)
    assert found.shape == at.shape and found.dtype == "float64"
    np.testing.assert_allclose(found, value(derivative), rtol=1e-12, atol=0)


@pytest.mark.parametrize(("expression", "point", "derivative"), ROWS)
def test_row_in_float32(expression, point, derivative):
    """The same conventions hold in float32, and the derivative stays float32."""
    tl.config.floatX = "float32"
    at = value(point).astype("float32")
    x = T.tensor("float32", (None,) * at.ndim, "x")
    y = eval(expression, {**WORDS, "x": x})
    cost = y if y.ndim == 0 else y.sum()
    gradient = T.grad(cost, x)
    assert gradient.dtype == "float32"
    np.testing.assert_allclose(tl.function([x], gradient)(at), value(derivative), rtol=1e-6, atol=0)
