"""`%load_ext tensorlab`: what changes in a notebook, and how all of it is undone.

Floor 6. Read this first; every other file of the room holds one of the things registered here. Loading twice changes nothing, and
neither does unloading twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from ..graph import place
from . import completion, configuration, formatters, tracebacks
from .code_magic import CodeMagics
from .exercise_magics import ExerciseMagics, register_completion
from .grad_magic import GradMagics
from .magics import GraphMagics
from .profile_magic import ProfileMagics
from .steps_magic import StepsMagics

MAGICS = (GraphMagics, GradMagics, CodeMagics, ProfileMagics, ExerciseMagics, StepsMagics)
"""The classes whose magics are registered."""

loaded: WeakKeyDictionary[Any, list[Callable[[], None]]] = WeakKeyDictionary()
"""Per shell, what undoes each thing that was registered, in that order."""


def load(shell: Any) -> None:
    """Register formatters, magics, completion and short errors with an IPython shell."""
    if shell in loaded:
        return
    loaded[shell] = [
        formatters.register(shell),
        register_magics(shell),
        completion.register(shell),
        register_completion(shell),
        configuration.register(shell),
        tracebacks.register(),
        tracebacks.register_syntax(shell),
        register_transformer(shell),
        number_cells(shell),
    ]


def unload(shell: Any) -> None:
    """Undo what `load` did; what was there before is there again."""
    for undo in reversed(loaded.pop(shell, [])):
        undo()


def register_magics(shell: Any) -> Callable[[], None]:
    """Add the magics, and return what takes them away again: IPython itself has no call for that."""
    tables = shell.magics_manager.magics
    before = {kind: dict(table) for kind, table in tables.items()}
    sets = [each(shell) for each in MAGICS]
    shell.register_magics(*sets)

    def undo() -> None:
        for magics in sets:
            for kind, names in magics.magics.items():
                for name in names:
                    tables[kind].pop(name, None)
                    if name in before[kind]:
                        tables[kind][name] = before[kind][name]
            shell.magics_manager.registry.pop(type(magics).__name__, None)

    return undo


def register_transformer(shell: Any) -> Callable[[], None]:
    """Let `%%graph y` with nothing below it be `%graph y`: IPython would print a complaint and count the cell as successful."""
    transformers = shell.input_transformers_cleanup
    transformers.append(graph_without_body)

    def undo() -> None:
        if graph_without_body in transformers:
            transformers.remove(graph_without_body)

    return undo


def graph_without_body(lines: list[str]) -> list[str]:
    """Return the lines of a cell, with `%graph` for `%%graph` where that is all that the cell holds.

    >>> graph_without_body(["%%graph y\\n", "\\n"]), graph_without_body(["%%graph y\\n", "y = x\\n"])
    (['%graph y\\n', '\\n'], ['%%graph y\\n', 'y = x\\n'])
    """
    alone = lines and re.match(r"%%graph(\s|$)", lines[0]) and not any(line.strip() for line in lines[1:])
    return [lines[0][1:], *lines[1:]] if alone else lines


def number_cells(shell: Any) -> Callable[[], None]:
    """Let every node remember the number of the cell it was made in.

    A kernel names a cell by its text. When the same text runs again, the number of the first run would be lost, and with it the difference
    between an earlier `x` and the present one.
    """
    before = place.cells
    place.cells = getattr(shell.compile, "_filename_map", {})

    def undo() -> None:
        place.cells = before

    return undo
