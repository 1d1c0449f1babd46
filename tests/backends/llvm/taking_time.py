"""Expressions whose elements take their time, for tests of what happens meanwhile."""

from __future__ import annotations

import numpy as np

import tensorlab.tensor as T


def much(x, times=3):
    """An expression whose elements take their time, and stay between -1 and 2."""
    for _ in range(times):
        x = T.sin(x) + T.exp(-x * x)
    return x


def nothing(x):
    """Zeros that take their time, which no rule sees through."""
    return T.switch(much(x) > 9, 1.0, 0.0)


LARGE = np.linspace(-1, 1, 400_000)  # far above what makes a call heavy
