"""Points of the plane in two groups that no straight line parts: `xor`, `circles` and `spirals`.

Floor 6.
"""

from __future__ import annotations

import numpy as np

from .columns import Columns, generator


def xor(size: int = 4, noise: float = 0.0, seed: int = 0) -> Columns:
    """Return the truth table of "one or the other, but not both": (0, 0), (0, 1), (1, 0), (1, 1), and again from the start.

    Args:
        size: how many points; 4 is the table itself.
        noise: the standard deviation of what is added to both coordinates.
        seed: of the noise.

    Returns:
        `x`, float32 (2, size); `y_hat`, float32 (1, size): 0 or 1.

    >>> x, y_hat = xor()
    >>> x
    array([[0., 0., 1., 1.],
           [0., 1., 0., 1.]], dtype=float32)
    >>> y_hat
    array([[0., 1., 1., 0.]], dtype=float32)
    """
    random = generator("xor", size, noise, seed, np.inf)
    case = np.arange(size) % 4
    first, second = case // 2, case % 2
    x = np.stack([first, second]) + noise * random.standard_normal((2, size))
    return Columns(x.astype(np.float32), (first != second)[np.newaxis].astype(np.float32))


def circles(size: int = 400, noise: float = 0.05, seed: int = 0) -> Columns:
    """Return points on two circles around (0, 0): of radius 0.5 (answer 1) and 1 (answer 0), in turn.

    Args:
        size: how many points on both together.
        noise: the standard deviation of what is added to both coordinates.
        seed: of the angles and the noise.

    Returns:
        `x`, float32 (2, size); `y_hat`, float32 (1, size): 0 or 1.

    >>> x, y_hat = circles(size=100, noise=0)
    >>> np.hypot(*x)[:4].round(3), y_hat[0, :4]
    (array([0.5, 1. , 0.5, 1. ], dtype=float32), array([1., 0., 1., 0.], dtype=float32))
    """
    random = generator("circles", size, noise, seed, np.inf)
    angle = random.uniform(0, 2 * np.pi, size)
    inner = np.arange(size) % 2 == 0
    x = np.where(inner, 0.5, 1.0) * np.stack([np.cos(angle), np.sin(angle)]) + noise * random.standard_normal((2, size))
    return Columns(x.astype(np.float32), inner[np.newaxis].astype(np.float32))


def spirals(size: int = 400, turns: float = 1.5, noise: float = 0.02, seed: int = 0) -> Columns:
    """Return points on two spirals that wind around each other, from near (0, 0) to radius 1; the answer says on which.

    Args:
        size: how many points on both together.
        turns: how often each winds around the middle; 1.5 is hard for a small network.
        noise: the standard deviation of what is added to both coordinates.
        seed: of the noise.

    Returns:
        `x`, float32 (2, size); `y_hat`, float32 (1, size): 0 or 1 in turn.

    >>> x, y_hat = spirals(size=4, noise=0)
    >>> np.hypot(*x).round(2)
    array([0.1, 0.1, 1. , 1. ], dtype=float32)
    """
    random = generator("spirals", size, noise, seed, np.inf)
    other = np.arange(size) % 2
    along = (np.arange(size) // 2) / max((size - 1) // 2, 1)  # 0 at the inner end, 1 at the outer one
    radius = 0.1 + 0.9 * along  # at 0 both spirals would have the same point
    angle = 2 * np.pi * turns * along + np.pi * other
    x = radius * np.stack([np.cos(angle), np.sin(angle)]) + noise * random.standard_normal((2, size))
    return Columns(x.astype(np.float32), other[np.newaxis].astype(np.float32))
