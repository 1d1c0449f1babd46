"""Where a node was made: the file or notebook cell, the line, and the variable it was assigned to.

Floor 1. Making a node remembers a code object and an instruction, which costs well under a microsecond; source text
is read only when a place is described. The name of a variable comes from the assignment whose value *is*
the expression that made the node (`y = x ** 2`), so it survives when the notebook later binds `y` to something else.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType

PACKAGE = __name__.partition(".")[0]
INSIDE = PACKAGE + "."
override = threading.local()


@dataclass(frozen=True)
class Place:
    """A position in the reader's own source; `item` is the position in a list that one call made (`dw, db = T.grad(…)`)."""

    filename: str
    line: int
    code: CodeType | None = None
    instruction: int = 0
    item: int | None = None
    known_name: str | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return Place, (self.filename, self.line, None, 0, self.item, self.name)

    def __deepcopy__(self, memo: dict[int, object]) -> Place:
        return self

    def at(self, item: int) -> Place:
        """Return the same place for one of several results."""
        return replace(self, item=item)

    @property
    def cell(self) -> int | None:
        """The execution count of the notebook cell, or None outside a notebook."""
        interactive = sys.modules.get("IPython")
        shell = interactive.get_ipython() if interactive is not None and hasattr(interactive, "get_ipython") else None
        names = getattr(getattr(shell, "compile", None), "_filename_map", {})
        number = names.get(self.filename)
        return number if isinstance(number, int) else None

    def __str__(self) -> str:
        cell = self.cell
        return f"cell {cell}, line {self.line}" if cell is not None else f"{self.filename}:{self.line}"

    @property
    def source(self) -> str:
        """The line of source, stripped; empty if it cannot be read."""
        return linecache.getline(self.filename, self.line).strip()

    @property
    def name(self) -> str | None:
        """The variable that this place assigns its value to, or None."""
        if self.known_name is not None or self.code is None:
            return self.known_name
        position = next(itertools.islice(self.code.co_positions(), self.instruction // 2, None), None)
        if position is None or None in position:
            return None
        targets = assignments("".join(linecache.getlines(self.filename))).get(position)
        if targets is None:
            return None
        if self.item is None:
            return targets[0] if len(targets) == 1 else None
        return targets[self.item] if 0 <= self.item < len(targets) else None


@lru_cache(maxsize=256)
def assignments(source: str) -> dict[tuple[int | None, ...], list[str | None]]:
    """Map the position of each assigned expression to the names it is assigned to.

    >>> assignments("y = f(x)")
    {(1, 1, 4, 8): ['y']}
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return {}
    found: dict[tuple[int | None, ...], list[str | None]] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
        elif isinstance(statement, (ast.AnnAssign, ast.NamedExpr)) and statement.value is not None:
            target, value = statement.target, statement.value
        else:
            continue
        if isinstance(target, (ast.Tuple, ast.List)):
            names = [each.id if isinstance(each, ast.Name) else None for each in target.elts]
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(names):
                found.update({position_of(each): [name] for each, name in zip(value.elts, names)})
                continue
        elif isinstance(target, ast.Name):
            names = [target.id]
        else:
            continue
        found[position_of(value)] = names
    return found


def position_of(expression: ast.expr) -> tuple[int | None, ...]:
    """Return line, last line, column and last column, in the order of `code.co_positions`."""
    return expression.lineno, expression.end_lineno, expression.col_offset, expression.end_col_offset


def here() -> Place | None:
    """Return the place in the reader's code that is running now: the nearest frame outside this package."""
    place: Place | None = getattr(override, "place", None)
    if place is not None:
        return place
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith(INSIDE) and module != PACKAGE:
            return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code, frame.f_lasti)
        frame = frame.f_back  # type: ignore[assignment]
    return None


@contextmanager
def made_at(place: Place | None) -> Iterator[None]:
    """Within the block, all new nodes count as made at `place` (passes use it for nodes that replace others)."""
    before = getattr(override, "place", None)
    override.place = place
    try:
        yield
    finally:
        override.place = before
