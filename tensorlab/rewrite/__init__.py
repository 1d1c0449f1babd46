"""Rewriting a graph into one that means the same and is faster, safer or easier to read. Floor 3; read `rule`, then `engine`.

`simplified` is what displays use, `rewritten` what the compiler uses.
"""

from __future__ import annotations

from .passes import rewritten, simplified

__all__ = ["rewritten", "simplified"]
