"""A value that lives on a device: what the cell of a shared variable holds once a GPU has used it.

Floor 4. Read `state.py` before. It is never written to, like every array in a cell; so what was fetched once stays true.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...state import Elsewhere
from .calls import Names


class OnDevice(Elsewhere):
    """An array on a GPU.

    Attributes:
        there: the array of CuPy.
    """

    def __init__(self, names: Names, there: Any) -> None:
        self.names, self.there = names, there
        self._here: np.ndarray[Any, Any] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.there.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> Any:
        return self.there.dtype

    @property
    def ndim(self) -> int:
        return self.there.ndim  # type: ignore[no-any-return]

    def at_home(self) -> np.ndarray[Any, Any]:
        """Return the value as an array of NumPy; it crosses when it is first asked for."""
        if self._here is None:
            with self.names.on():
                self._here = self.there.get()
        return self._here
