"""What `%check` and `%hint` answer: the same words in text and HTML, with a shape and a word for each of the three verdicts.

Floor 6. A verdict holds no measured number and no counter, so that the output of a lesson is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

MIME = "application/vnd.tensorlab.verdict+json"
RIGHT, WRONG, OPEN = "right", "wrong", "open"
MARKS = {RIGHT: ("✓", "right", "#009E73"), WRONG: ("✗", "not yet", "#D55E00"), OPEN: ("○", "open", "#767676")}
"""A shape, a word and the colour of the bar beside them for each; whoever sees no colours loses nothing."""
BLOCK = "border-left: 3px solid {colour}; padding: 0.1em 0 0.1em 0.8em; margin: 0.4em 0"


@dataclass(frozen=True)
class Verdict:
    """What is thought of an answer.

    Attributes:
        exercise: the name of the exercise.
        mark: "right", "wrong" or "open".
        words: what is said to it, a sentence or two a line.
        slip: the name of the slip that was recognized; empty if there was none.
        table: a truth table to show below, row by row.
    """

    exercise: str
    mark: str
    words: tuple[str, ...] = ()
    slip: str = ""
    table: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return self.mark == RIGHT

    def __str__(self) -> str:
        shape, word, _ = MARKS[self.mark]
        lines = [f"{shape} {word}: {self.exercise}", *(f"  {line}" for line in self.words)]
        widths = [max(map(len, column)) for column in zip(*self.table)]
        for row in self.table:
            lines.append("  " + "   ".join(cell.rjust(width) for cell, width in zip(row, widths)).rstrip())
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shape, word, colour = MARKS[self.mark]
        title = f'<b>{shape} {word}</b>: <code>{escape(self.exercise)}</code>'
        kept = {"exercise": self.exercise, "verdict": self.mark, "slip": self.slip}
        return {"text/html": block(colour, title, self.words, self.table), "text/plain": str(self), MIME: kept}


@dataclass(frozen=True)
class Hint:
    """One hint of an exercise."""

    exercise: str
    number: int
    of: int
    words: str

    @property
    def after(self) -> str:
        """What can be done next."""
        return f"Another hint: %hint {self.exercise} {self.number + 1}" if self.number < self.of else "There are no more hints."

    def __str__(self) -> str:
        return f"hint {self.number} of {self.of}: {self.exercise}\n  {self.words}\n  {self.after}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        title = f"<b>hint {self.number} of {self.of}</b>: <code>{escape(self.exercise)}</code>"
        return {"text/html": block("#E69F00", title, (self.words, self.after)), "text/plain": str(self)}


def block(colour: str, title: str, words: Sequence[str], table: Sequence[Sequence[str]] = ()) -> str:
    """Return some lines of HTML with a coloured bar beside them; `title` is HTML, all else is text."""
    lines = "".join(f"<div>{escape(line)}</div>" for line in words)
    if table:
        head, *rows = table
        cells = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        lines += f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div style="{BLOCK.format(colour=colour)}"><div>{title}</div>{lines}</div>'
