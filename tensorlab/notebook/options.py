"""The options of a magic's line: `%%graph cost --grad w b --at x=[1,-1] y_hat=1`.

Floor 6. Words may be expressions, so the line is split as `namespace.py` splits it: at spaces that stand neither in quotes nor in brackets.
Options and what they belong to may stand in any order: `%graph --stage rewritten y` is `%graph y --stage rewritten`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..graph.place import Place
from .mistakes import MagicError, instead_of
from .namespace import pieces, unquoted, value_of

FLAG, ONE, SOME, PAIRS = "a flag", "one word", "some words", "a name with its value"
"""What an option takes after it: nothing, one word, all words up to the next option, or all words of the form `name=value`."""
PAIR = re.compile(r"[^\W\d]\w*=(?!=)")


@dataclass
class Line:
    """A magic's line, taken apart.

    Attributes:
        asked: the whole line, for messages.
        words: what belongs to no option.
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


def read_line(asked: str, line: str, options: Mapping[str, str], least: int = 0) -> Line:
    """Return a magic's line taken apart.

    Args:
        asked: the line with the magic's name, for messages.
        line: what follows the name.
        options: the names of the options (without dashes), and what each takes: FLAG, ONE, SOME or PAIRS.
        least: how many words the magic needs that belong to no option. Where there are fewer, the last words of the line are meant, though
            they follow an option that takes some: `%steps --wrt w b cost`.

    Raises:
        MagicError: an unknown option, one given twice, or a wrong number of words after one.

    >>> read_line("", "cost --grad w b --why", {"grad": SOME, "why": FLAG})
    Line(asked='', words=['cost'], given={'grad': ['w', 'b'], 'why': []})
    >>> read_line("", "--why --grad w cost", {"grad": SOME, "why": FLAG}, least=1)
    Line(asked='', words=['cost'], given={'why': [], 'grad': ['w']})
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
            takes = options[option]
            if sign and takes == FLAG:
                raise MagicError(asked, f"--{option} takes nothing", f"--{option}")
            current = found.given[option] = [unquoted(value)] if sign and value else []
        elif takes == FLAG or (takes == ONE and current) or (takes == PAIRS and current and not PAIR.match(piece)):
            found.words.append(unquoted(piece))  # the option has what it takes
        else:
            current.append(unquoted(piece))
    if takes == SOME and current is not found.words:
        lacking = max(0, min(least - len(found.words), len(current) - 1))
        found.words += current[len(current) - lacking :]
        del current[len(current) - lacking :]
    for option, words in found.given.items():
        if not words and options[option] != FLAG:
            raise MagicError(asked, f"--{option} with nothing after it", f"--{option} and {options[option]}")
    return found
