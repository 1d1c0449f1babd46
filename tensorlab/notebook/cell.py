"""Running the body of a cell magic as the notebook itself would, and asking where in the reader's code a magic was called.

Floor 6. The body is compiled under the name that IPython gives to the whole cell, one line lower, so that errors and places count
lines as the reader sees them: `%%graph` is line 1.
"""

from __future__ import annotations

import ast
import dis
import sys
from functools import partial
from itertools import takewhile
from types import CodeType, FrameType
from typing import Any

from ..graph import place
from ..graph.place import Place

MACHINERY = ("IPython", "ipykernel", "traitlets", "decorator", "tensorlab")


def run_body(shell: Any, first_line: str, body: str) -> tuple[Any, ast.stmt | None]:
    """Run the body of a cell magic in the reader's variables; return the value of its last expression, and its last statement.

    An exception is the cell's own and goes up as it is; a SyntaxError is shown as in any other cell (see `tracebacks.py`).
    """
    __tracebackhide__ = True
    try:
        body_code, value_code, last = compiled(shell, first_line, body)
    except SyntaxError as problem:
        problem._render_traceback_ = partial(as_in_any_cell, shell, problem)  # type: ignore[attr-defined]
        raise
    exec(body_code, shell.user_global_ns, shell.user_ns)
    return (None if value_code is None else eval(value_code, shell.user_global_ns, shell.user_ns)), last


def compiled(shell: Any, first_line: str, body: str) -> tuple[CodeType, CodeType | None, ast.stmt | None]:
    """Compile the body of a cell magic: all but a last expression, that expression, and the last statement whatever it is.

    Raises:
        SyntaxError: it is not Python.
    """
    blank = len(list(takewhile(lambda line: not line.strip(), body.splitlines())))  # IPython drops them, and would count one line too few
    lines_above = "\n" * blank
    source = f"# {first_line}\n{lines_above}{shell.transform_cell(body)}"
    here = place_of(calling_frame())
    number = here.cell if here is not None and here.cell is not None else shell.execution_count
    filename = shell.compile.cache(source, number, raw_code=f"{first_line}\n{body}")
    tree = shell.transform_ast(shell.compile.ast_parse(source, filename=filename))
    last = tree.body[-1] if tree.body else None
    final = tree.body.pop() if isinstance(last, ast.Expr) else None
    value = None if final is None else shell.compile(ast.Expression(final.value), filename, "eval")
    return shell.compile(tree, filename, "exec"), value, last


def as_in_any_cell(shell: Any, problem: SyntaxError) -> list[str]:
    """Return the lines that IPython shows for a SyntaxError: the reader's line, and no frames of the magic."""
    printer = shell.SyntaxTB
    lines: list[str] = type(printer).structured_traceback(printer, type(problem), problem, [])
    return lines


def assigned_names(statement: ast.stmt | None) -> list[str]:
    """Return the variables that a statement assigns, in order.

    >>> assigned_names(ast.parse("dw, db = f(x)").body[0]), assigned_names(ast.parse("y += 1").body[0])
    (['dw', 'db'], ['y'])
    """
    if isinstance(statement, ast.Assign):
        targets = statement.targets[:1]
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        targets = [statement.target]
    else:
        return []
    return [node.id for node in ast.walk(targets[0]) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def calling_frame() -> FrameType | None:
    """Return the frame of the reader's code that called the magic now running."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] in MACHINERY:
        frame = frame.f_back
    return frame


def place_of(frame: FrameType | None) -> Place | None:
    """Return the place at which a frame is."""
    if frame is None:
        return None
    filename = frame.f_code.co_filename
    return Place(filename, frame.f_lineno, frame.f_code, frame.f_lasti, made_in=place.cells.get(filename))


def will_be_displayed(frame: FrameType | None) -> bool:
    """Say whether the notebook itself is going to show what the call now running in a frame returns.

    It does so for the last expression of a cell, which Python compiles to a call followed by an instruction that prints.
    """
    if frame is None:
        return False
    following = next((each for each in dis.get_instructions(frame.f_code) if each.offset > frame.f_lasti), None)
    # PRINT_EXPR in Python 3.11, from 3.12 on CALL_INTRINSIC_1 with the argument INTRINSIC_PRINT
    return following is not None and (following.opname == "PRINT_EXPR" or "PRINT" in following.argrepr)
