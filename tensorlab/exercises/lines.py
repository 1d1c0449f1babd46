"""Where in a file something stands: the reader of TOML in Python's library does not tell.

Floor 6.
"""

from __future__ import annotations

import re
from pathlib import Path


def shown(path: Path) -> str:
    """Return a path as a reader knows it: from the folder they work in, if it is below that."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def place(path: Path, text: str, *keys: str) -> str:
    """Return the file, line and key of a message: "03_gradients.toml, line 12, power_rule.kind"."""
    lines = lines_of(text)
    above = next((keys[:depth] for depth in range(len(keys), 0, -1) if keys[:depth] in lines), ())
    return f"{shown(path)}, line {lines.get(above, 1)}, {'.'.join(keys)}"


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of every header and key of a TOML file: the reader of TOML does not tell.

    >>> lines_of(chr(10).join(["[power]", "kind = 'number'", "[power.slips]", "'4.0' = 'No.'"]))
    {('power',): 1, ('power', 'kind'): 2, ('power', 'slips'): 3, ('power', 'slips', '4.0'): 4}
    """
    found: dict[tuple[str, ...], int] = {}
    header: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*\[([^\[\]]+)\]\s*(#.*)?$", line):
            header = tuple(part.strip().strip("\"'") for part in match[1].split("."))
            found.setdefault(header, number)
        elif match := re.match(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[\w.-]+)\s*=""", line):
            left = match[1]
            inner = (left[1:-1],) if left[0] in "\"'" else tuple(left.split("."))
            found.setdefault((*header, *inner), number)
    return found


def said_with_line(problem: str, text: str) -> tuple[str, int]:
    """Return what the reader of TOML says, and the line that it means.

    >>> said_with_line("Invalid value (at line 3, column 5)", ""), said_with_line("Expected ']' (at end of document)", "a" + chr(10) + "[b")
    (('Invalid value', 3), ("Expected ']'", 2))
    """
    words, _, where = problem.partition(" (at ")
    line = re.match(r"line (\d+)", where)
    return words, int(line[1]) if line else max(1, len(text.splitlines()))
