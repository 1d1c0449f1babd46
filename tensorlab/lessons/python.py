"""The Python in a cell, without what only a notebook understands.

Floor 6. Magics and shell lines are rewritten by IPython itself; the body of a cell magic is read as Python unless it is known to be
something else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .cells import Cell

NO_PYTHON = {"bash", "sh", "script", "cmd", "html", "javascript", "js", "latex", "markdown", "svg", "perl", "ruby", "writefile", "file"}
"""Cell magics whose body is not run as Python in the kernel."""


def body(cell: Cell) -> str:
    """Return a cell's Python without the line of a cell magic; nothing where the magic's body is no Python."""
    lines = cell.source.lstrip().splitlines()
    while lines and lines[0].startswith("%%"):
        if magic_of(lines[0]) in NO_PYTHON:
            return ""
        lines = lines[1:]
    return "\n".join(lines) + "\n"


def magic_of(line: str) -> str:
    """Return the name of the magic that a line calls, or nothing.

    >>> magic_of("%%graph --depth 1"), magic_of("x = 1")
    ('graph', '')
    """
    found = re.match(r"\s*%{1,2}([A-Za-z_]\w*)", line)
    return found[1] if found else ""


def magics(cell: Cell) -> list[str]:
    """Return the names of all magics that a cell calls, from the top; those in files that it writes are none."""
    lines = cell.source.lstrip().splitlines()
    if lines and lines[0].startswith("%%") and magic_of(lines[0]) in NO_PYTHON:
        return [magic_of(lines[0])]
    return [name for name in map(magic_of, lines) if name]


def tree(cell: Cell) -> ast.Module | None:
    """Return a cell's Python as a tree, or None where it is not Python (a lesson may break on purpose)."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(body(cell)))
    except (SyntaxError, ValueError):
        return None


def dotted(node: ast.AST) -> str:
    """Return a name with its dots, or nothing for what is none.

    >>> dotted(ast.parse("np.random.rand", mode="eval").body)
    'np.random.rand'
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def calls(root: ast.AST) -> Iterator[ast.Call]:
    """Go over all calls in a tree, those further up in the source first."""
    found = [node for node in ast.walk(root) if isinstance(node, ast.Call)]  # the root itself may be one
    yield from sorted(found, key=lambda call: (call.lineno, call.col_offset))


def imported_as(trees: list[ast.Module]) -> dict[str, str]:
    """Return what names of imports mean: {"np": "numpy", "rand": "numpy.random.rand"}."""
    meaning: dict[str, str] = {}
    for root in trees:
        for node in ast.walk(root):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    meaning[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    meaning[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return meaning


def meant(call: ast.Call, meaning: dict[str, str]) -> str:
    """Return the whole name of what is called, "" if it was not imported: `np.random.rand()` calls "numpy.random.rand"."""
    first, dot, rest = dotted(call.func).partition(".")
    return f"{meaning[first]}{dot}{rest}" if first in meaning else ""
