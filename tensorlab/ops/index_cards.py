"""What all cards for `x[…]` share: the template, how it reads, and the oracle of the tests.

Floor 2. Read `index_templates.py` before.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Op
from .index_templates import Template, markers, places, points, template_text


class Indexing(Op):
    """Reads elements of input 0; the inputs after it are the symbolic parts of the template, in order. Abstract."""

    binding = 90

    def __init__(self, template: Template) -> None:
        self.template = template

    @property
    def _inside(self) -> str:
        """What stands between the brackets, with {x1}, {x2} … for the inputs."""
        return template_text(self.template, (f"{{x{position}}}" for position, _ in enumerate(markers(self.template), start=1)))

    @property
    def python(self) -> str:  # type: ignore[override]
        return "{x}[" + self._inside + "]"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return "{x}\\left[" + self._inside + "\\right]"

    def numbers_among(self, count: int) -> frozenset[int]:
        return points(self.template, count)

    def __str__(self) -> str:
        return f"{self.name}{{{template_text(self.template)}}}"

    __repr__ = __str__

    def same_as(self, x: Any, *indices: Any) -> Any:
        values = np.asarray(x)
        shape, sources = places(self.template, values.shape, indices)
        return np.asarray([values[source] for source in sources], values.dtype).reshape(shape)
