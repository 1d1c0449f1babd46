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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import CodeType
from weakref import WeakValueDictionary

PACKAGE = __name__.partition(".")[0]
INSIDE = PACKAGE + "."
ON_THE_WAY = -1  # no position in a list: a step towards the result of a call
override = threading.local()
cells: Mapping[str, int] = {}
"""The notebook's cell numbers by file name, if its extension is loaded."""


@dataclass(frozen=True)
class Place:
    """A position in the reader's own source; `item` is the position in a list that one call made (`dw, db = T.grad(…)`)."""

    filename: str
    line: int
    code: CodeType | None = None
    instruction: int = 0
    item: int | None = None
    known_name: str | None = None
    made_in: int | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return Place, (self.filename, self.line, None, 0, self.item, self.name, self.made_in)

    def __deepcopy__(self, memo: dict[int, object]) -> Place:
        return self

    def at(self, item: int) -> Place:
        """Return the same place for one of several results."""
        return replace(self, item=item)

    @cached_property
    def on_the_way(self) -> Place:
        """The same place for a node that the same call has built upon: a step on the way, which no variable stands for."""
        return self if self.item == ON_THE_WAY else replace(self, item=ON_THE_WAY, known_name=None)

    @cached_property
    def beside(self) -> Place:
        """The same line for a node that a pass has added there: no variable of the line stands for it."""
        return Place(self.filename, self.line, item=ON_THE_WAY)

    @property
    def cell(self) -> int | None:
        """The execution count of the notebook cell, or None outside a notebook."""
        if self.made_in is not None:
            return self.made_in
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

    @cached_property
    def name(self) -> str | None:
        """The variable that this place assigns its value to (`xs[1]` for an item of a list), or None. Looked up once."""
        if self.known_name is not None or self.code is None:
            return self.known_name
        if self.item == ON_THE_WAY:
            return None
        position = next(itertools.islice(self.code.co_positions(), self.instruction // 2, None), None)
        if position is None or None in position:
            return None
        target = assignments("".join(linecache.getlines(self.filename))).get(position)
        if self.item is None or target is None:
            return target if isinstance(target, str) else None
        if isinstance(target, str):
            return f"{target}[{self.item}]"
        return target[self.item] if self.item < len(target) else None


Positions = tuple[int | None, ...]
Target = str | list[str | None]


@lru_cache(maxsize=256)
def assignments(source: str) -> dict[Positions, Target]:
    """Map the position of each assigned expression to the name it is assigned to, or to the names it is taken apart into.

    >>> assignments("y = f(x)"), assignments("a, b = f(x)")
    ({(1, 1, 4, 8): 'y'}, {(1, 1, 7, 11): ['a', 'b']})
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return {}
    found: dict[Positions, Target] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
        elif isinstance(statement, (ast.AnnAssign, ast.NamedExpr)) and statement.value is not None:
            target, value = statement.target, statement.value
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            found[position_of(statement)] = statement.target.id
            continue
        else:
            continue
        if isinstance(target, ast.Name):
            found.update(dict.fromkeys(positions_of(value), target.id))
        elif isinstance(target, (ast.Tuple, ast.List)):
            names = names_of(target.elts)
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(names):
                found.update({position: name for each, name in zip(value.elts, names) if name for position in positions_of(each)})
            else:
                found.update(dict.fromkeys(positions_of(value), names))
    return found


def names_of(targets: list[ast.expr]) -> list[str | None]:
    """Return the names that a value is taken apart into; None from a starred one on, since what it takes is not known."""
    plain = list(itertools.takewhile(lambda each: not isinstance(each, ast.Starred), targets))
    return [each.id if isinstance(each, ast.Name) else None for each in plain] + [None] * (len(targets) - len(plain))


def position_of(part: ast.expr | ast.stmt) -> Positions:
    """Return line, last line, column and last column, in the order of `code.co_positions`."""
    return part.lineno, part.end_lineno, part.col_offset, part.end_col_offset


def positions_of(value: ast.expr) -> list[Positions]:
    """Return the positions that the last instruction of an expression may have.

    Where a chain of methods runs over several lines, CPython lets the last call begin at its own method's name.
    """
    found = [position_of(value)]
    attribute = value.func if isinstance(value, ast.Call) else value
    if isinstance(attribute, ast.Attribute) and attribute.end_lineno != value.lineno and attribute.end_col_offset is not None:
        column = attribute.end_col_offset - len(attribute.attr)
        found.append((attribute.end_lineno, value.end_lineno, column, value.end_col_offset))
        found.append((attribute.end_lineno, attribute.end_lineno, column, attribute.end_col_offset))
    return found


known: WeakValueDictionary[tuple[int, int], Place] = WeakValueDictionary()
"""Places by code object and instruction. A place keeps its code object alive, so the identity of that object stays its own."""


def here() -> Place | None:
    """Return the place in the reader's code that is running now: the nearest frame outside this package.

    The same instruction gives the same object, so that a loop that makes 100,000 nodes makes one place.
    """
    place: Place | None = getattr(override, "place", None)
    if place is not None:
        return place
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith(INSIDE) and module not in (PACKAGE, "contextlib"):  # a `with` block of ours runs through contextlib
            key = id(frame.f_code), frame.f_lasti
            place = known.get(key)
            if place is None:
                file = frame.f_code.co_filename
                place = known[key] = Place(file, frame.f_lineno, frame.f_code, frame.f_lasti, made_in=cells.get(file))
            return place
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
