"""A formula written out as Python text: `1 / (1 + exp(-{0}))`.

Floor 4. Read `ops/words.py` before. The formula on a card is spoken once in words that write themselves down; a part that it uses twice
becomes a line of its own. What cannot be written so (a formula that asks what its argument is) is refused with `NotWritableError`, and the
back end calls the card itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.wording import BINDING, SIGN, TIGHTEST
from ..ops.words import WORDS

COMPARISON = 1  # how tightly `<` and its kin bind in that table; a chain of them means something else in Python


class NotWritableError(Exception):
    """A formula that does something other than apply operators and words."""


class Written:
    """One value in a formula: a text with holes for the values it is made of.

    Attributes:
        literal: whether it is a plain number. Two numbers are never left to meet without an array between them: Python's own arithmetic
            is not that of the dtype.
    """

    def __init__(self, text: str, binding: int = TIGHTEST, parts: tuple[tuple[Written, int], ...] = (), literal: bool = False) -> None:
        self.text, self.binding, self.parts, self.literal = text, binding, parts, literal
        self.uses = 0
        for part, _ in parts:
            part.uses += 1

    def __bool__(self) -> bool:
        raise NotWritableError("a formula that decides by a value")

    __hash__ = None  # type: ignore[assignment]


def as_written(value: Any) -> Written:
    """Return a part of a formula as a `Written`: itself, or a plain number."""
    if isinstance(value, Written):
        return value
    if type(value) in (bool, int, float, str):
        return Written(repr(value), SIGN if repr(value).startswith("-") else TIGHTEST, literal=True)
    raise NotWritableError(f"a {type(value).__name__} in a formula")


def joined(text: str, binding: int, *parts: tuple[Any, int]) -> Written:
    """Return a value made of others, each with how tightly it must bind to need no parentheses."""
    written = tuple((as_written(part), needed) for part, needed in parts)
    if all(part.literal for part, _ in written):
        raise NotWritableError("an operation on plain numbers only")
    return Written(text, binding, written)


def operator(sign: str) -> tuple[Callable[[Any, Any], Written], Callable[[Any, Any], Written]]:
    """Return the two methods that Python calls for an operator: with the value on the left, and on the right."""
    binding = BINDING[sign]
    left, right = (binding + 1, binding) if sign == "**" else (binding + (binding == COMPARISON), binding + 1)

    def between(x: Any, y: Any) -> Written:
        return joined("{} " + sign + " {}", binding, (x, left), (y, right))

    return between, lambda y, x: between(x, y)


def sign(text: str) -> Callable[[Any], Written]:
    """Return the method that Python calls for a sign in front."""
    return lambda x: joined(text + "{}", SIGN, (x, SIGN))


METHODS = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow", "&": "and", "|": "or", "^": "xor",
           "<<": "lshift", ">>": "rshift", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}  # fmt: skip
for _sign, _method in METHODS.items():
    _left, _right = operator(_sign)
    setattr(Written, f"__{_method}__", _left)
    setattr(Written, f"__r{_method}__", _right)
for _sign, _method in {"-": "neg", "~": "invert"}.items():
    setattr(Written, f"__{_method}__", sign(_sign))


class TextWords:
    """The words as text: `m.exp(x)` is "exp({0})"; `used` collects which ones a formula speaks."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def __getattr__(self, word: str) -> Callable[..., Written]:
        if word not in WORDS:
            raise NotWritableError(f"{word!r} is no word")

        def speak(*arguments: Any) -> Written:
            self.used.add(word)
            return joined(f"{word}(" + ", ".join(["{}"] * len(arguments)) + ")", TIGHTEST, *((each, 0) for each in arguments))

        return speak


def lines_of(root: Written, name: str) -> tuple[list[str], str]:
    """Return the lines to write before, and the text of a value; a part that is used more than once is a line `name_1 = …`.

    >>> x = Written("x")
    >>> e = TextWords().exp(-x)
    >>> lines_of(e / (1 + e), "b3")
    (['b3_1 = exp(-x)'], 'b3_1 / (1 + b3_1)')
    """
    lines: list[str] = []
    texts: dict[int, tuple[str, int]] = {}

    def text_of(part: Written) -> tuple[str, int]:
        if id(part) not in texts:
            inside = []
            for each, needed in part.parts:
                text, binding = text_of(each)
                inside.append(text if binding >= needed else f"({text})")
            text, binding = part.text.format(*inside) if part.parts else part.text, part.binding
            if part.parts and part.uses > 1:
                lines.append(f"{name}_{len(lines) + 1} = {text}")
                text, binding = f"{name}_{len(lines)}", TIGHTEST
            texts[id(part)] = text, binding
        return texts[id(part)]

    return lines, text_of(root)[0]
