"""What an exercise is, and how its table in a TOML file is looked through, with the line of every mistake.

Floor 6. `docs/exercises.md` describes the format for those who write one. Read `symbols` before; `files` reads whole files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..graph.errors import ChoiceError
from .lines import place
from .mistakes import ExerciseFileError, instead_of
from .symbols import Declared, declared


@dataclass(frozen=True)
class Kind:
    """What an exercise of one kind must declare, and what it may."""

    wanted: str
    needs: frozenset[str]
    may: frozenset[str] = frozenset()


FORMULA = frozenset({"symbols", "answer"})
KINDS = {
    "expression": Kind("a formula", FORMULA, frozenset({"given"})),
    "gradient": Kind("a formula", frozenset({"symbols", "of", "by"}), frozenset({"given"})),
    "function": Kind("something to call", FORMULA, frozenset({"given"})),
    "updates": Kind("a list of pairs", FORMULA, frozenset({"given"})),
    "number": Kind("a number", frozenset({"answer"}), frozenset({"within"})),
    "shape": Kind("a shape, such as (3, 4)", frozenset({"answer"})),
    "table": Kind("a list of outputs, or a function", frozenset({"rows", "answer"})),
    "choice": Kind("one of the letters", frozenset({"options", "answer"})),
}
EVERY = frozenset({"kind", "question", "hints"})
CODE = ("answer", "of", "rows", "given")
WITHIN = 0.001  # a number typed off the screen has four digits
SHORT = 4  # letters: a shorter answer is part of many sentences


@dataclass(frozen=True)
class Exercise:
    """One exercise as its file declares it; code is kept as text, to be run when it is asked for.

    Attributes:
        name, kind, question, hints, given, answer, of, rows, options, within: as in the file.
        by: the names to derive by; `several` says whether they are a list.
        symbols: what each name is.
        slips: pairs of a wrong answer, as code, and what to say to it.
        file, lesson: where it stands.
        digest: of everything that decides about a verdict, for the grader.
    """

    name: str
    kind: str
    question: str
    hints: tuple[str, ...]
    file: Path
    lesson: str
    digest: str
    symbols: Mapping[str, Declared] = field(default_factory=dict)
    slips: tuple[tuple[str, str], ...] = ()
    given: str = ""
    answer: str = ""
    of: str = ""
    by: tuple[str, ...] = ()
    several: bool = False
    rows: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    within: float = WITHIN

    def where(self, *keys: str) -> str:
        """Return where in the file a key of the exercise stands, for a message."""
        return place(self.file, self.file.read_text(encoding="utf-8"), self.name, *keys)


class Reading:
    """One table of the file on its way to an exercise."""

    def __init__(self, path: Path, text: str, lesson: str, name: str, entry: Any) -> None:
        self.path, self.text, self.lesson, self.name, self.entry = path, text, lesson, name, entry

    def mistake(self, key: str, found: str, advice: str, below: str = "") -> ExerciseFileError:
        """Return the error for a key, or for one below it."""
        return ExerciseFileError(place(self.path, self.text, *filter(None, [self.name, key, below])), found, advice)

    def exercise(self) -> Exercise:
        """Return the exercise.

        Raises:
            ExerciseFileError: there is a mistake in it.
        """
        if not isinstance(self.entry, dict):
            raise self.mistake("", "a value outside of any exercise", f'[{self.name}], with kind = "expression" below it')
        if not re.fullmatch(r"\w+", self.name):
            raise self.mistake("", "a name consists of letters, digits and underscores", f"[{re.sub(r'[^A-Za-z0-9_]+', '_', self.name)}]")
        kind = self.one_of("kind", KINDS)
        rules = KINDS[kind]
        self.check_keys(kind, EVERY | rules.needs, rules.may | {"slips"})
        found: dict[str, Any] = {key: self.text_of(key) for key in ("question", *CODE) if key in self.entry}
        found["symbols"] = dict(self.symbols())
        found["hints"] = self.hints()
        found["slips"] = tuple(self.slips())
        if "by" in self.entry:
            found["by"], found["several"] = self.variables()
        if "options" in self.entry:
            found["options"] = self.texts("options")
        if "within" in self.entry:
            found["within"] = self.positive("within")
        for key in CODE:
            self.check_code(key, found.get(key, ""), "exec" if key == "given" else "eval")
        for code, _ in found["slips"]:
            if kind != "choice":
                self.check_code("slips", code, "eval", code)
        if kind == "choice":
            self.check_choice(found)
        decisive = repr([kind, sorted((key, repr(value)) for key, value in found.items() if key not in ("question", "hints"))])
        return Exercise(self.name, kind, found.pop("question"), found.pop("hints"), self.path, self.lesson,
                        sha256(decisive.encode()).hexdigest(), **found)  # fmt: skip

    # -- what the keys hold
    def one_of(self, key: str, words: Mapping[str, Any]) -> str:
        """Return a key whose value is one of some words."""
        word = self.entry.get(key)
        if word not in words:
            found = f"no {key}" if word is None else f"{word!r} is no {key}"
            raise self.mistake(key if key in self.entry else "", found, f"{key} = {instead_of(str(word), words)!r}".replace("'", '"'))
        return str(word)

    def check_keys(self, kind: str, needs: frozenset[str], may: frozenset[str]) -> None:
        """Refuse a key that the kind does not know, and one that it lacks."""
        for key in self.entry:
            if key not in needs | may:
                raise self.mistake(key, f'an exercise with kind = "{kind}" has no {key}', instead_of(key, sorted(needs | may)))
        for key in sorted(needs):
            if key not in self.entry:
                raise self.mistake("", f'no {key}, which kind = "{kind}" needs', f"a line that begins with {key} = ")

    def text_of(self, key: str) -> str:
        """Return a key whose value is a text with something in it; numbers and lists of numbers may stand there as they are."""
        value = self.entry[key]
        if key in ("answer", "rows") and isinstance(value, (int, float, list)):
            value = repr(value)
        if not isinstance(value, str) or not value.strip():
            raise self.mistake(key, f"{value!r} instead of a text", f'{key} = "…"')
        return value if key == "given" else value.strip()

    def texts(self, key: str) -> dict[str, str]:
        """Return a key whose value is a table of texts."""
        table = self.entry.get(key, {})
        if not isinstance(table, dict) or not all(isinstance(value, str) and value.strip() for value in table.values()):
            advice = f"[{self.name}.{key}] on a line of its own, one text a line below it"
            raise self.mistake(key, f"{table!r} instead of a table of texts", advice)
        return dict(table)

    def symbols(self) -> Iterator[tuple[str, Declared]]:
        """Return the declared symbols."""
        for name, text in self.texts("symbols").items():
            if not name.isidentifier():
                raise self.mistake("symbols", f"{name!r} is no name of a variable", "letters, digits and underscores", name)
            try:
                yield name, declared(text)
            except ChoiceError as problem:
                raise self.mistake("symbols", problem.found, f"{name} = one of {problem.advice}", name) from None

    def hints(self) -> tuple[str, ...]:
        """Return the hints: at least two, of which the first does not contain the answer."""
        hints = self.entry["hints"]
        if not isinstance(hints, list) or len(hints) < 2 or not all(isinstance(each, str) and each.strip() for each in hints):
            raise self.mistake("hints", "not a list of two texts or more", 'hints = ["what to think of", "the next step"]')
        answer = squeezed(str(self.entry.get("answer", "")))
        if len(answer) >= SHORT and answer in squeezed(hints[0]):
            raise self.mistake("hints", "the first hint contains the answer", "a first hint that says what to think of")
        return tuple(hints)

    def slips(self) -> Iterator[tuple[str, str]]:
        """Return the wrong answers that are expected, with what to say to each."""
        yield from self.texts("slips").items()

    def variables(self) -> tuple[tuple[str, ...], bool]:
        """Return what to derive by, and whether it is a list."""
        by = self.entry["by"]
        names = by if isinstance(by, list) else [by]
        symbols = self.texts("symbols")
        for name in names:
            if name not in symbols:
                raise self.mistake("by", f"{name!r} is none of the symbols", instead_of(str(name), symbols))
        if not names:
            raise self.mistake("by", "nothing to derive by", f'by = "{next(iter(symbols), "x")}"')
        return tuple(names), isinstance(by, list)

    def positive(self, key: str) -> float:
        """Return a key whose value is a positive number."""
        value = self.entry[key]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            raise self.mistake(key, f"{value!r} is no positive number", f"{key} = {WITHIN}")
        return float(value)

    def check_code(self, key: str, code: str, mode: str, below: str = "") -> None:
        """Refuse what is not Python."""
        try:
            compile(code or "0", f"<{self.name}.{key}>", mode)
        except (SyntaxError, ValueError) as problem:
            what = "lines of Python" if mode == "exec" else "an expression of Python"
            found = f"{code!r} is not {what} ({getattr(problem, 'msg', problem)})"
            raise self.mistake(key, found, f"{what}, as in a notebook", below) from None

    def check_choice(self, found: Mapping[str, Any]) -> None:
        """Refuse letters that are no options."""
        options = found["options"]
        for key, letter in [("answer", found["answer"]), *(("slips", code) for code, _ in found["slips"])]:
            if letter not in options:
                raise self.mistake(key, f"{letter!r} is none of the options", instead_of(letter, options), letter if key == "slips" else "")
            if key == "slips" and letter == found["answer"]:
                raise self.mistake(key, "the answer cannot be a slip", "another letter", letter)


def squeezed(text: str) -> str:
    """Return a text without spaces."""
    return "".join(text.split())
