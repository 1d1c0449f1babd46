"""Small images of the digits 0 to 9, drawn from strokes by a hand that trembles.

Floor 6. Real scans would have to be downloaded; these are written anew from a seed, each with its own slant, size, place and pen.
"""

from __future__ import annotations

import numpy as np

from .columns import Columns, generator
from .curves import spline

SIDE = 16
"""Pixels a side: the digits can be told apart, and the weights of one neuron can still be looked at as an image."""

STROKES = (
    [[(0, 1), (-0.55, 0.6), (-0.6, 0), (-0.5, -0.65), (0, -1), (0.5, -0.65), (0.6, 0), (0.55, 0.6), (0, 1)]],
    [[(-0.35, 0.6), (0.1, 1)], [(0.1, 1), (0.1, -1)]],
    [[(-0.5, 0.6), (0, 1), (0.5, 0.6), (0.3, 0), (-0.55, -1)], [(-0.55, -1), (0.6, -1)]],
    [[(-0.5, 0.75), (0, 1), (0.48, 0.6), (0.3, 0.15), (-0.1, 0.05)], [(-0.1, 0.05), (0.4, -0.1), (0.55, -0.55), (0, -1), (-0.55, -0.75)]],
    [[(0.1, 1), (-0.6, -0.3)], [(-0.6, -0.3), (0.6, -0.3)], [(0.25, 0.3), (0.25, -1)]],
    [[(0.5, 1), (-0.4, 1)], [(-0.4, 1), (-0.48, 0.15)], [(-0.48, 0.15), (0.1, 0.25), (0.55, -0.3), (0.2, -0.95), (-0.5, -0.8)]],
    [[(0.4, 0.95), (-0.25, 0.55), (-0.55, -0.3), (-0.2, -0.95), (0.35, -0.9), (0.5, -0.4), (0.1, 0), (-0.5, -0.3)]],
    [[(-0.55, 1), (0.55, 1)], [(0.55, 1), (0.1, 0.1), (-0.15, -1)]],
    [[(0, 0.05), (-0.45, 0.5), (0, 1), (0.45, 0.5), (0, 0.05), (-0.55, -0.5), (0, -1), (0.55, -0.5), (0, 0.05)]],
    [[(0.5, 0.5), (0.1, 0.05), (-0.45, 0.35), (-0.35, 0.85), (0.15, 1), (0.5, 0.5), (0.5, -0.1), (0.2, -1)]],
)
"""For each digit the strokes of the pen, in a box from -1 to 1."""


def digits(size: int = 1000, noise: float = 0.05, seed: int = 0) -> Columns:
    """Return images of handwritten digits, and which digit each is.

    Args:
        size: how many images; the ten digits come in random order, equally often on average.
        noise: the standard deviation of what is added to every pixel before the image is cut off at 0 and 1.
        seed: equal seeds give equal images.

    Returns:
        `x`, float32 (256, size): the 16 rows of 16 pixels of each image as one column, from 0 (paper) to 1 (ink);
        `y_hat`, float32 (10, size): 1 in the row of the right digit and 0 in the others.

    >>> x, y_hat = digits(size=3)
    >>> x.shape, y_hat.argmax(axis=0)
    ((256, 3), array([8, 6, 5]))
    """
    random = generator("digits", size, noise, seed, np.inf)
    answers = random.integers(0, 10, size)
    slant, turn = random.normal(0.1, 0.15, size), random.normal(0, 0.08, size)
    wide, tall = random.uniform(0.75, 1.1, size), random.uniform(0.8, 1.05, size)
    moved = random.normal(0, 0.06, (size, 2, 1))
    pen = random.uniform(0.1, 0.16, size)  # in the box of the strokes; a pixel is 0.17 wide
    steps = np.linspace(-1.3, 1.3, SIDE)  # some paper around the box
    pixels = np.stack(np.meshgrid(steps, steps[::-1])).reshape(2, -1)
    bent = np.array([[wide * np.cos(turn), tall * (slant - np.sin(turn))], [wide * np.sin(turn), tall * np.cos(turn)]]).transpose(2, 0, 1)
    ink = np.empty((SIDE * SIDE, size))
    for digit, strokes in enumerate(STROKES):
        chosen = np.flatnonzero(answers == digit)
        line = np.concatenate([spline(stroke) for stroke in strokes], axis=1)
        lines = bent[chosen] @ line + moved[chosen]
        for image, points in zip(chosen, lines):
            apart = np.hypot(pixels[0][:, np.newaxis] - points[0], pixels[1][:, np.newaxis] - points[1]).min(axis=1)
            ink[:, image] = np.clip((pen[image] - apart) / 0.17 + 0.75, 0, 1)  # an edge one pixel soft
    ink += noise * random.standard_normal(ink.shape)
    return Columns(np.clip(ink, 0, 1).astype(np.float32), (answers == np.arange(10)[:, np.newaxis]).astype(np.float32))
