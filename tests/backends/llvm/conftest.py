"""What tests of native functions share: a look at the calls that native code hands on."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from tensorlab.compiler.function import Function

sys.path.insert(0, str(Path(__file__).parents[2] / "schedule"))  # for `growing`


@pytest.fixture
def handed(monkeypatch):
    """How many calls native code handed on: `slowly`, to the rules for arguments and turns, and `by_reference`, to NumPy."""
    counts = Counter()
    for name in ("_slowly", "_by_reference"):

        def counted(self, *arguments, _name=name, _meaning=getattr(Function, name), **named):
            counts[_name.strip("_")] += 1
            return _meaning(self, *arguments, **named)

        monkeypatch.setattr(Function, name, counted)
    return counts
