"""What a setting can hold: how a value or a text is read, what is said of one that is not taken, and how it is written in a file.

Floor 1. A kind knows nothing of where a value comes from; it raises `RefusedError`, and `table` makes that an error that names the place.
"""

from __future__ import annotations

import difflib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class RefusedError(Exception):
    """A value that a setting does not take: what it takes, and a value that it would take."""

    def __init__(self, found: str, instead: Any) -> None:
        super().__init__(found)
        self.found, self.instead = found, instead


class Kind(ABC, Generic[Value]):
    """What a setting can hold.

    Attributes:
        wording: what it takes, in words that follow "takes".
        examples: texts that it takes; all of them, where there are few.
    """

    wording: str
    examples: tuple[str, ...]

    @abstractmethod
    def parse(self, name: str, value: Any) -> Value:
        """Return a value, which may be a text, as the setting holds it.

        Raises:
            RefusedError: the setting called `name` does not take it.
        """

    def written(self, value: Value) -> str:
        """Return a value as a file or the environment has it."""
        return str(value)

    def read_in(self, folder: str, text: str) -> str:
        """Return a text that stands in a file as it would be written elsewhere; what is said relative to a folder is said in full."""
        return text


class OneOf(Kind[str]):
    """One of a few words; `aliases` are other spellings of them."""

    def __init__(self, *choices: str, aliases: Mapping[str, str] | None = None) -> None:
        self.examples, self.aliases = choices, dict(aliases or {})
        self.wording = f"one of {', '.join(choices)}"

    def parse(self, name: str, value: Any) -> str:
        if isinstance(value, str) and (value in self.examples or value in self.aliases):
            return self.aliases.get(value, value)
        raise RefusedError(f"{name} takes {self.wording}", nearest(str(value), self.examples) or self.examples[0])


class Device(Kind[str]):
    """The CPU, a GPU, or a GPU with a number."""

    wording = "cpu, gpu, or gpu with a number: gpu0, gpu1 …"
    examples = ("cpu", "gpu", "gpu0")

    def parse(self, name: str, value: Any) -> str:
        if isinstance(value, str) and re.fullmatch(r"cpu|gpu[0-9]*", value):
            return value
        other = re.fullmatch(r"(?:cuda|gpu)[ :]?([0-9]*)", str(value).lower())  # cuda0 is how the last versions of Theano spelled it
        raise RefusedError("a device is cpu, gpu, or gpu0, gpu1 …", f"gpu{other[1]}" if other else "cpu")


class Whole(Kind[int]):
    """A whole number, also as text, between two bounds."""

    def __init__(self, least: int = 0, most: int | None = None) -> None:
        self.least, self.most = least, most
        self.wording = f"a whole number of at least {least}" if most is None else f"a whole number from {least} to {most}"
        self.examples = (str(least), str(least + 1))

    def parse(self, name: str, value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            raise RefusedError(f"{self.wording} is needed", max(self.least, 1)) from None
        if isinstance(value, bool) or (isinstance(value, float) and value != number):
            raise RefusedError(f"{self.wording} is needed", max(self.least, 1))
        inside = max(number, self.least) if self.most is None else min(max(number, self.least), self.most)
        if inside != number:
            raise RefusedError(f"{self.wording} is needed", inside)
        return number


class YesOrNo(Kind[bool]):
    """True or False; as text also the words that files of settings use for them, in any case."""

    wording = "True or False"
    examples = ("True", "False")
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}  # noqa: RUF012

    def parse(self, name: str, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in self.words:
            return self.words[value.lower()]
        near = nearest(str(value), list(self.words))
        raise RefusedError(f"{name} is True or False", self.words[near] if near else True)


class Directory(Kind[str]):
    """The words auto and off, or a path, which is made absolute: the working directory may change."""

    wording = "auto, off, or a path"
    examples = ("auto", "off")

    def parse(self, name: str, value: Any) -> str:
        if isinstance(value, (str, os.PathLike)):
            path = os.fspath(value)
            if isinstance(path, str) and path.strip() and "\0" not in path:
                return path.lower() if path.lower() in self.examples else os.path.abspath(os.path.expanduser(path))
        raise RefusedError("a path is needed, or 'auto' or 'off'", "auto")

    def read_in(self, folder: str, text: str) -> str:
        return text if text.lower() in ("", *self.examples) else os.path.join(folder, os.path.expanduser(text))


class Names(Kind[tuple[str, ...]]):
    """Names, as a list, or as text with a colon between them, as Theano writes them.

    Which names there are is known on a higher floor; `known` is filled in by it.
    """

    wording = "names with a colon between them"
    examples: tuple[str, ...] = ()

    def __init__(self, what: str) -> None:
        self.what = what
        self.known: Callable[[], Iterable[str]] | None = None

    def parse(self, name: str, value: Any) -> tuple[str, ...]:
        parts = re.split(r"[:,\s]+", value) if isinstance(value, str) else value
        if not isinstance(parts, (list, tuple, set, frozenset)) or not all(isinstance(each, str) for each in parts):
            raise RefusedError(f"{name} takes {self.wording}, or a list of them", ())
        names = tuple(each for each in parts if each)
        if self.known is not None:
            known = list(self.known())
            for each in names:
                if each not in known:
                    near = nearest(each, known) or known[0]
                    instead = tuple(near if other == each else other for other in names)
                    raise RefusedError(f"there is no {self.what} called {each!r}", instead)
        return names

    def written(self, value: tuple[str, ...]) -> str:
        return ":".join(value)


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.4) -> str | None:
    """Return the choice that a word is most like, whatever its case, or None if it is like none.

    How much it must be like it, as `difflib` counts, is the cutoff: 0.4 finds a word in which every second letter is wrong.

    >>> nearest("fast_rnu", ["FAST_RUN", "FAST_COMPILE"]), nearest("zzz", ["raise", "warn"])
    ('FAST_RUN', None)
    """
    small = {each.lower(): each for each in reversed(list(choices))}
    near = difflib.get_close_matches(word.lower(), small, n=1, cutoff=cutoff)
    return small[near[0]] if near else None
