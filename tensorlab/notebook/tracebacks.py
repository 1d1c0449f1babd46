"""Errors in a notebook: what was asked, what was found, what to try, and the reader's own line. `%tb` shows the whole traceback.

Floor 6. IPython asks an exception how it wants to be shown; the answer is given to tensorlab's errors when the extension is loaded,
and taken back when it is not. The errors themselves know nothing of notebooks.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable
from textwrap import wrap
from types import TracebackType
from typing import Any

from IPython import get_ipython

from ..graph.errors import TensorlabError
from ..graph.place import Place
from ..settings import config
from ..view.drawing import clean

MOST_LINES = 8  # more than that scrolls the code away that the message is about
WIDTH = 76  # letters that stand in a row of a page of 800 px; JupyterLab breaks what is longer in the midst of words
OURS = ("tensorlab", "IPython", "ipykernel", "traitlets")
RED, DIM, PLAIN = "\x1b[31m", "\x1b[2m", "\x1b[0m"
LINE = "<magic>"  # where the expressions in the line of a magic are compiled: the line itself is the reader's
ASK = "_render_traceback_"
users = 0
"""How many shells have the extension loaded (tests have several)."""


def register() -> Callable[[], None]:
    """Let tensorlab's errors be shown in short; return what undoes it."""
    global users
    users += 1
    setattr(TensorlabError, ASK, rendered)

    def undo() -> None:
        global users
        users -= 1
        if not users and ASK in vars(TensorlabError):
            delattr(TensorlabError, ASK)

    return undo


def register_syntax(shell: Any) -> Callable[[], None]:
    """Let a SyntaxError be asked how it wants to be shown, as IPython asks all other errors; return what undoes it."""
    printer = shell.SyntaxTB
    usual = type(printer).structured_traceback

    def structured_traceback(kind: Any, error: Any, *rest: Any, **settings: Any) -> Any:
        ask = getattr(error, ASK, None)
        if ask is None:
            return usual(printer, kind, error, *rest, **settings)
        return ask()

    printer.structured_traceback = structured_traceback

    def undo() -> None:
        if vars(printer).get("structured_traceback") is structured_traceback:
            del printer.structured_traceback

    return undo


def rendered(error: TensorlabError) -> list[str]:
    """Return the lines that a notebook shows for an error: the short message the first time, the whole traceback when asked again."""
    shell = get_ipython()
    again = getattr(error, "_has_been_shown", False)
    error._has_been_shown = True  # type: ignore[attr-defined]
    if shell is not None and (again or config.exception_verbosity == "high"):
        whole: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        return whole
    if shell is not None and getattr(shell, "kernel", None) is not None:  # a terminal shows no picture, and keeps to the short text
        show_clash(error, shell)
    return short(error, shell)


def show_clash(error: TensorlabError, shell: Any) -> None:
    """Display the picture of an error above its text, if an operation is to blame. A picture never stands in the way of the text."""
    try:
        from .clashes import clash

        evidence = getattr(error, "evidence", None)  # what the modes that watch a function know of the guilty node
        found = evidence.picture if evidence is not None else clash(error, shell.user_ns)
    except Exception:
        return
    if found is not None:
        from IPython.display import display

        display(found)


def short(error: TensorlabError, shell: Any = None) -> list[str]:
    """Return the message in at most eight lines."""
    coloured = shell is not None and getattr(shell, "colors", "nocolor").lower() != "nocolor"
    red, dim, plain = (RED, DIM, PLAIN) if coloured else ("", "", "")
    said = [clean(line) for line in [*str(error).splitlines(), *getattr(error, "__notes__", [])]] or [""]
    line = own_line(error.__traceback__, shell)
    rest = ([line] if line else []) + [f"{dim}  (%tb shows the whole traceback){plain}"]
    said = said[: MOST_LINES - len(rest)]
    name = type(error).__name__
    first, *more = in_rows(f"{name}: {said[0]}")
    below = [row for line_said in [*said[1:], *([line] if line else [])] for row in in_rows(line_said)]
    return [first.replace(name, f"{red}{name}{plain}", 1), *more, *below, rest[-1]]


def in_rows(line: str) -> list[str]:
    """Return a line in rows that fit a narrow page, broken between words; those after the first stand under its text.

    >>> in_rows("  found: " + "w is a matrix; " * 6)
    ['  found: w is a matrix; w is a matrix; w is a matrix; w is a matrix; w is a', '         matrix; w is a matrix;']
    """
    label = re.match(r"\s*(?:(?:found|try):\s+)?", line)
    assert label is not None
    inset = " " * (len(label[0]) if label[0].strip() else len(label[0]) + 2)
    rows = wrap(line, WIDTH, subsequent_indent=inset, break_long_words=False, break_on_hyphens=False)
    return rows or [line]


def own_line(traceback: TracebackType | None, shell: Any) -> str:
    """Return where in the reader's code the error arose: "  in cell 4, line 2: y = T.dot(x, w)"."""
    found = None
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in OURS and traceback.tb_frame.f_code.co_filename != LINE:
            found = traceback
        traceback = traceback.tb_next
    if found is None:
        return ""
    filename, number = found.tb_frame.f_code.co_filename, found.tb_lineno
    place = Place(filename, number)
    source = clean(as_typed(linecache.getline(filename, number).strip(), place, shell))
    return f"  in {place}: {source}" if source else f"  in {place}"


def as_typed(source: str, place: Place, shell: Any) -> str:
    """Return a line as the reader typed it; IPython runs `%grad y x` as a call."""
    if "get_ipython()" not in source or place.cell is None:
        return source
    try:
        return str(shell.history_manager.input_hist_raw[place.cell].splitlines()[place.line - 1]).strip()
    except (AttributeError, LookupError):
        return source
