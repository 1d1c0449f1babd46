"""What a check of a lesson has to say: one line, which names the place and says what to do.

Floor 6.
"""

from __future__ import annotations

from dataclasses import dataclass

from .cells import Cell, Notebook


@dataclass(frozen=True)
class Finding:
    """Something in a lesson that will go wrong for a reader, or that a comparison of outputs would not see.

    Attributes:
        file: the notebook, or the text.
        cell: the id of the cell; "" for the whole file.
        rule: the name of the rule.
        what: what was found.
        advice: what to do.
    """

    file: str
    cell: str
    rule: str
    what: str
    advice: str

    def __str__(self) -> str:
        """Return the finding as a line.

        >>> print(Finding("03.ipynb", "03-first", "ran", "was not run", "run the lesson again"))
        03.ipynb: 03-first: was not run -> run the lesson again [ran]
        """
        place = f"{self.file}: {self.cell}" if self.cell else self.file
        return " ".join(f"{place}: {self.what} -> {self.advice} [{self.rule}]".split())


def at(notebook: Notebook, cell: Cell | None, rule: str, what: str, advice: str) -> Finding:
    """Return a finding about a cell, or about a whole notebook."""
    return Finding(notebook.shown, cell.name if cell else "", rule, what, advice)
