"""The rules, by what they are about. Importing this package declares them all."""

from __future__ import annotations

from . import (
    accumulating,
    assigned,
    axes,
    choices,
    classifying,
    constants,
    folds,
    known_parts,
    layout,
    matrices,
    parts,
    powers,
    products,
    reading,
    shaping,
    sigmoids,
    signs,
    softmaxes,
    stable,
    sums,
)

__all__ = [
    "accumulating",
    "assigned",
    "axes",
    "choices",
    "classifying",
    "constants",
    "folds",
    "known_parts",
    "layout",
    "matrices",
    "parts",
    "powers",
    "products",
    "reading",
    "shaping",
    "sigmoids",
    "signs",
    "softmaxes",
    "stable",
    "sums",
]
