"""The options of a magic's line: `%%graph cost --grad w b --at x=[1,-1] y_hat=1`.

Floor 6. Words may be expressions, so the line is split as `namespace.py` splits it: at spaces that stand neither in quotes nor in brackets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..graph.place import Place
from .mistakes import MagicError, instead_of
from .namespace import pieces, unquoted, value_of

FLAG, ONE, SOME = "a flag", "one word", "some words"
"""What an option takes after it: nothing, one word, or all words up to the next option."""


@dataclass
class Line:
    """A magic's line, taken apart.

    Attributes:
        asked: the whole line, for messages.
        words: what stands before the first option.
        given: per option that was given the words after it.
    """

    asked: str
    words: list[str] = field(default_factory=list)
    given: dict[str, list[str]] = field(default_factory=dict)

    def __contains__(self, option: str) -> bool:
        return option in self.given

    def one(self, option: str, otherwise: str) -> str:
        """Return the word after an option, or another one where the option was not given."""
        return self.given[option][0] if option in self.given else otherwise

    def number(self, option: str, otherwise: int) -> int:
        """Return the whole number after an option.

        Raises:
            MagicError: it is none.
        """
        word = self.one(option, str(otherwise))
        if not word.isdecimal():
            raise MagicError(self.asked, f"--{option} {word}: that is no whole number", f"--{option} 1")
        return int(word)

    def among(self, option: str, choices: tuple[str, ...], otherwise: str) -> str:
        """Return the word after an option, which must be one of a few.

        Raises:
            MagicError: it is another one.
        """
        word = self.one(option, otherwise)
        if word not in choices:
            raise MagicError(self.asked, f"--{option} {word}: there are {', '.join(choices)}", f"--{option} {instead_of(word, choices)}")
        return word

    def values(self, option: str, names: Mapping[str, Any], where: Place | None) -> dict[str, Any]:
        """Return what `--at x=[1,-1] y_hat=1` gives by name; the right sides are expressions of the reader's variables.

        Raises:
            MagicError: a word is no `name=value`, or its value cannot be computed.
        """
        found = {}
        for word in self.given.get(option, []):
            name, sign, value = word.partition("=")
            if not sign or not name.isidentifier() or not value or value.startswith("="):
                raise MagicError(self.asked, f"--{option} {word}: that is no name with a value", f"--{option} x=1.5 w=[1,-1]")
            found[name] = value_of(self.asked, value, names, where)
        return found


def read_line(asked: str, line: str, options: Mapping[str, str]) -> Line:
    """Return a magic's line taken apart.

    Args:
        asked: the line with the magic's name, for messages.
        line: what follows the name.
        options: the names of the options (without dashes), and what each takes: FLAG, ONE or SOME.

    Raises:
        MagicError: an unknown option, one given twice, or a wrong number of words after one.

    >>> read_line("", "cost --grad w b --why", {"grad": SOME, "why": FLAG})
    Line(asked='', words=['cost'], given={'grad': ['w', 'b'], 'why': []})
    """
    found = Line(asked)
    current: list[str] = found.words
    takes, option = SOME, ""
    for piece in pieces(line):
        if piece.startswith("--") and piece[2:3].isalpha():
            option, sign, value = piece[2:].partition("=")
            if option not in options:
                raise MagicError(asked, f"there is no option --{option}", f"--{instead_of(option, options)}" if options else asked)
            if option in found.given:
                raise MagicError(asked, f"--{option} is given twice", f"--{option} once")
            current = found.given[option] = [unquoted(value)] if sign and value else []
            takes = options[option]
        elif takes == FLAG or (takes == ONE and current):
            raise MagicError(asked, f"--{option} takes {'nothing' if takes == FLAG else 'one word'}, and {piece} follows",
                             f"{piece} before the options")
        else:
            current.append(unquoted(piece))
    for option, words in found.given.items():
        if not words and options[option] != FLAG:
            raise MagicError(asked, f"--{option} with nothing after it", f"--{option} and {options[option]}")
        if words and options[option] == FLAG:
            raise MagicError(asked, f"--{option} takes nothing", f"--{option}")
    return found
