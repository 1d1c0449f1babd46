"""Breakpoints inside a graph: `tl.breakpoint(x > 10, x)` opens the debugger when the condition is true while a function runs.

Floor 2. Read `watching` before. The debugger is Python's own (`sys.breakpointhook`, which PYTHONBREAKPOINT sets); the values
are its local variables, under the names that the reader gave them.
"""

from __future__ import annotations

import keyword
import linecache
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph.convert import as_node, shorten
from ..graph.errors import ConversionError, RankError
from ..graph.node import Node
from ..graph.place import here
from .families import Case, describe
from .watching import After, Watcher

Handler = Callable[..., Any]


class Breakpoint(Watcher):
    """The second operand; while it is computed, all values but the condition are shown if the condition is true.

    Args:
        name: what the breakpoint is called.
        labels: what the values are called, without the condition.
        handler: called with the values, in place of the debugger.

    >>> x = T.scalar("x")
    >>> Breakpoint("big", ("x",), handler=print)(x > 10, x).eval({x: 11.0})
    11.0
    array(11.)
    """

    hands_on = 1
    numbers = slice(0, 1)
    latex = "{y}"
    sample = (Case(np.array(False), (2, 3), labels=("x",)), Case(np.array(False), (), (2,), labels=("x", "y")))

    def __init__(self, name: str = "", labels: tuple[str, ...] = (), handler: Handler | None = None) -> None:
        self.title, self.labels, self.handler = name, labels, handler

    def __str__(self) -> str:
        return f"breakpoint{{{self.title}}}"

    __repr__ = __str__

    def numpy(self, xp: Any, condition: Any, *values: Any) -> Any:
        if bool(condition):
            if self.handler is not None:
                self.handler(*values)
            else:
                stop(self.title, dict(zip(self.labels, values)))
        return values[0]


def stop(title: str, values: dict[str, Any]) -> None:
    """Open the debugger in a frame whose local variables are the values."""
    code = f"# breakpoint {' '.join(title.split())}: {', '.join(values)}; go on with c\nopen_the_debugger()\npass\n"
    filename = f"<tensorlab breakpoint {' '.join(title.split())}>"
    linecache.cache[filename] = len(code), None, code.splitlines(keepends=True), filename  # for the debugger's `list`
    exec(compile(code, filename, "exec"), {"open_the_debugger": sys.breakpointhook, "__name__": "breakpoint", **values})


def breakpoint(condition: Any, *values: Any, name: str | None = None, handler: Handler | None = None) -> Any:
    """Return values unchanged, and open the debugger when a function computes them and the condition is true.

    Args:
        condition: a single number; not 0 stops. `True` stops every time.
        values: what to look at. Use the result in place of the first, or the results in place of all, else nothing happens.
        name: shown when it stops; by default the line that it was made in.
        handler: a function that is called with the values (arrays, to be read only) in place of the debugger.

    Returns:
        One expression for one value, else a list of them. The debugger is opened once, whichever of them are used.

    Raises:
        ConversionError: there is no value to look at.
        RankError: the condition is not a single number.

    >>> x = T.scalar("x")
    >>> y = tl.breakpoint(x > 10, x, handler=lambda x: print("x is", x))
    >>> (y ** 2).eval({x: 11.0})
    x is 11.0
    array(121.)
    """
    if not values:
        raise ConversionError(f"tl.breakpoint({shorten(condition)})", "no value to look at", "x = tl.breakpoint(x > 10, x)")
    test, nodes = as_node(condition), [as_node(each) for each in values]
    if test.type.ndim:
        found = f"{describe(test)}; the condition must be a single number"
        raise RankError(f"tl.breakpoint({test.label}, …)", found, f"tl.breakpoint(T.any({test.label}), …)")
    place = here()
    first = Breakpoint(name or (f"at {place}" if place is not None else ""), called(nodes), handler)(test, *nodes)
    return first if len(nodes) == 1 else [first, *(After()(each, first) for each in nodes[1:])]


def called(nodes: Sequence[Node]) -> tuple[str, ...]:
    """Return what values are called in the debugger: their own names where Python allows them, else value_0, value_1 …"""
    found: list[str] = []
    for position, node in enumerate(nodes):
        name = node.known_name or ""
        free = name.isidentifier() and not keyword.iskeyword(name) and name not in found
        found.append(name if free else f"value_{position}")
    return tuple(found)


class PdbBreakpoint:
    """Theano's way to write `tl.breakpoint`: `PdbBreakpoint("name")(condition, x, y)`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, condition: Any, *values: Any) -> Any:
        """Return the values unchanged; see `tl.breakpoint`."""
        return breakpoint(condition, *values, name=self.name)
