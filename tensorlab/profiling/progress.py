"""`tl.progress`: a loop that says how far it is, with tqdm where that is installed, and with lines of text where it is not.

Floor 4; it needs nothing of the package.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TextIO, TypeVar

Item = TypeVar("Item")
FIRST, PAUSE = 1.0, 5.0  # seconds until the first line and between lines: a short loop says nothing, a long one does not fill the page


def progress(steps: Iterable[Item], what: str = "", total: int | None = None, file: TextIO | None = None) -> Any:
    """Return what `for` walks through, and say meanwhile how far it is.

    Args:
        steps: what is walked through, such as `range(1000)`.
        what: what the loop does, in a word or two.
        total: how many steps there are; by default `len(steps)`, if that is known.
        file: where text goes; by default stderr.

    The result has `set_postfix(cost=…)`, which shows figures beside the bar: `bar.set_postfix(cost=float(cost))`. Notebooks show a widget
    if ipywidgets is there. tqdm comes with `pip install 'tensorlab-jupyter[progress]'` (or `[lab]`); without it, a line is written every
    few seconds.

    >>> sum(tl.progress(range(4)))
    6
    """
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return Lines(steps, what, total, file)
    return tqdm(steps, desc=what or None, total=total, file=file, delay=FIRST)


class Lines(Generic[Item]):
    """A loop that writes a line now and then."""

    def __init__(self, steps: Iterable[Item], what: str, total: int | None, file: TextIO | None) -> None:
        self.steps, self.what, self.file = steps, what, file
        self.total = total if total is not None else len(steps) if hasattr(steps, "__len__") else None
        self.figures: dict[str, Any] = {}
        self.done = 0

    def set_postfix(self, **figures: Any) -> None:
        """Set the figures that the next line shows."""
        self.figures = figures

    def __len__(self) -> int:
        if self.total is None:
            raise TypeError("how many steps there are is not known; progress(…, total=…) says it")
        return self.total

    def __iter__(self) -> Iterator[Item]:
        self.done, start = 0, time.monotonic()
        following, told = start + FIRST, False
        try:
            for step in self.steps:
                yield step
                self.done += 1
                now = time.monotonic()
                if now >= following:
                    self._tell(now - start)
                    following, told = now + PAUSE, True
        finally:
            if told:
                self._tell(time.monotonic() - start)

    def _tell(self, spent: float) -> None:
        of = f" of {self.total} ({100 * self.done / self.total:.0f} %)" if self.total else ""
        left = f", {spent / self.done * (self.total - self.done):.0f} s left" if self.total and self.total > self.done else ""
        spoken = {name: f"{value:.4g}" if isinstance(value, float) else str(value) for name, value in self.figures.items()}
        figures = "".join(f", {name} {value}" for name, value in spoken.items())
        print(f"{self.what or 'progress'}: {self.done}{of} in {spent:.0f} s{left}{figures}", file=self.file or sys.stderr)
