"""The rules, by what they are about. Importing this package declares them all."""

from __future__ import annotations

from . import accumulating, axes, choices, constants, layout, powers, products, reading, signs, stable, sums

__all__ = ["accumulating", "axes", "choices", "constants", "layout", "powers", "products", "reading", "signs", "stable", "sums"]
