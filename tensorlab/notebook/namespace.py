"""What the reader's variables hold: the symbols among them, and the values of the expressions in a magic's line.

Floor 6.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node
from ..graph.place import Place, made_at
from .mistakes import MagicError, instead_of
from .tracebacks import LINE

OPENING, CLOSING, QUOTES = "([{", ")]}", "'\""


def expressions(line: str) -> list[str]:
    """Split the line of a magic at spaces that stand neither in quotes nor in brackets; quotes around a whole part are taken off.

    A comment and semicolons at the end say nothing here.

    >>> expressions('"a + 3 * b" a;'), expressions("C [w, b] p['w # 1']  # two")
    (['a + 3 * b', 'a'], ['C', '[w, b]', "p['w # 1']"])
    """
    return [unquoted(part) for part in pieces(line)]


def pieces(line: str) -> list[str]:
    """Split the line of a magic as `expressions` does, and leave quotes on."""
    parts: list[str] = []
    current, quote, depth = "", "", 0
    for letter in line:
        if letter == "#" and not quote:
            break
        if letter.isspace() and not quote and depth == 0:
            parts.append(current)
            current = ""
            continue
        if quote:
            quote = "" if letter == quote else quote
        elif letter in QUOTES:
            quote = letter
        else:
            depth += (letter in OPENING) - (letter in CLOSING)
        current += letter
    parts.append(current)
    while parts and not parts[-1].rstrip(";"):
        parts.pop()
    return [part for part in [*parts[:-1], parts[-1].rstrip(";")] if part] if parts else []


def unquoted(part: str) -> str:
    """Return a part of the line without the quotes around it, if they belong together."""
    if len(part) > 2 and part[0] in QUOTES and part[-1] == part[0] and part[0] not in part[1:-1]:
        return part[1:-1]
    return part


def value_of(magic: str, expression: str, names: Mapping[str, Any], where: Place | None) -> Any:
    """Return the value of an expression of the line; nodes that it makes count as made at `where`.

    Raises:
        MagicError: it is no expression, uses a name that does not exist, or fails.
    """
    __tracebackhide__ = True
    try:
        code = compile(expression, LINE, "eval")
    except (SyntaxError, ValueError) as problem:  # ValueError: a nul character, in some versions of Python
        advice = f"quotes around an expression with spaces: {in_quotes(magic)}"
        raise MagicError(magic, f"{expression!r} is no expression ({getattr(problem, 'msg', problem)})", advice) from None
    try:
        with made_at(where):
            return eval(code, dict(names))
    except NameError as problem:
        missing = problem.name or expression
        raise MagicError(magic, f"there is no variable {missing!r}", instead_of(missing, symbols(names))) from None
    except TensorlabError:
        raise
    except Exception as problem:
        told = f"{expression} fails with {type(problem).__name__}: {problem}"
        raise MagicError(magic, told, f"the expression in a cell of its own, for the whole error: {expression}") from None


def in_quotes(magic: str) -> str:
    """Return the line of a magic with quotes around what belongs together, as far as one can guess.

    >>> in_quotes("%grad y + 1 x"), in_quotes("%%graph x + y  # a sum"), in_quotes("%grad +")
    ('%grad "y + 1" x', '%%graph "x + y"', '%grad "a + b" a')
    """
    word, _, line = magic.partition(" ")
    parts = pieces(line)
    together, variable = (parts[:-1], parts[-1:]) if word == "%grad" else (parts, [])
    if len(together) < 2 or any(letter in part for part in together for letter in QUOTES):
        return f'{word} "a + b"' + " a" * (word == "%grad")
    return " ".join([word, f'"{" ".join(together)}"', *variable])


def symbols(names: Mapping[str, Any]) -> list[str]:
    """Return the names of the reader's variables that hold symbols and expressions, in the order in which they came to be."""
    return [name for name, value in names.items() if isinstance(value, Node) and not name.startswith("_")]


def functions(names: Mapping[str, Any]) -> list[str]:
    """Return the names of the reader's variables that hold compiled functions."""
    return [name for name, value in names.items() if hasattr(value, "stages") and not name.startswith("_")]


def leaves_by_name(order: list[Node]) -> dict[str, Node]:
    """Return the symbols and shared variables of a graph by name; a name that two of them have is left out."""
    found: dict[str, Node | None] = {}
    for node in order:
        if node.op is None and not isinstance(node, Constant) and node.known_name:
            found[node.known_name] = None if node.known_name in found else node
    return {name: node for name, node in found.items() if node is not None}


def is_name(expression: str) -> bool:
    """Say whether an expression is one variable."""
    try:
        return isinstance(ast.parse(expression, mode="eval").body, ast.Name)
    except SyntaxError:
        return False


def kind_of(value: Any) -> str:
    """Say what a value is, with its article: "a float"."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
