"""The slides' programs on the stand-in for a GPU, and the example script about float32."""

from __future__ import annotations

import contextlib
import io
import random
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl

SLIDES = Path(__file__).parents[1] / "slides"
SCRIPTS = [path for path in sorted(SLIDES.glob("[0-9]*.py")) if not path.name.startswith(("20", "17"))]
"""All but one that prints settings, and one that trains 100,000 times."""


def printed_by(path, device):
    random.seed(1)
    np.random.seed(1)
    printed = io.StringIO()
    with tl.config.change_flags(device=device), contextlib.redirect_stdout(printed):
        runpy.run_path(str(path))
    return re.sub(r"It cost \S+ sec", "It cost", printed.getvalue())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_program_prints_there_what_it_prints_here(gpu, path):
    here, there = printed_by(path, "cpu"), printed_by(path, "gpu")
    pattern = r"[-+]?\d+\.?\d*(?:e[-+]\d+)?"
    assert re.sub(pattern, "#", there) == re.sub(pattern, "#", here)
    np.testing.assert_allclose([float(each) for each in re.findall(pattern, there)],
                               [float(each) for each in re.findall(pattern, here)], rtol=1e-6, atol=1e-9)
