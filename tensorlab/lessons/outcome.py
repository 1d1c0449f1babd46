"""Rules on what was run and stored: what a comparison of outputs takes as given.

Floor 6. nbval compares nothing in a cell without an execution count, and a magic that fails only prints to stderr: both would pass.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from .cells import RUNS_NOTHING, Cell, Notebook, joined
from .findings import Finding, at
from .python import calls, dotted, magics, tree

SHOWING = {"graph", "grad", "steps", "code", "check", "hint", "profile"}
"""Magics that never end without an output."""
MACHINE_CODE = re.compile(
    r"target triple|target datalayout|\"target-cpu\"="  # LLVM's text
    r"|\b\d+ x (?:double|float|i64|i32)\b"  # as many numbers as the processor takes at once
    r"|%[xyz]mm\d|\bv(?:fmadd|movup|broadcasts)\w+ |\bfmla\s+v\d|\.p2align"  # assembly of x86-64 and ARM
)
MOST_IGNORED = 0.1
"""Of the cells of code of a lesson: more that are not compared, and a lesson is not tested."""
SHORTEST_REASON = 10  # characters
AGAIN = "run the lesson again and keep the outputs"
PINNED = re.compile(r"x86-64-v\d")


def every_cell_ran(notebook: Notebook) -> Iterator[Finding]:
    """Cells have the counts 1, 2, 3: they were run once, from the top, in a fresh kernel."""
    code = [cell for cell in notebook.code if cell.count is not None or RUNS_NOTHING not in cell.tags]
    if len(code) > 1 and all(cell.count is None for cell in code):
        yield at(notebook, None, "ran", f"none of its {len(code)} cells was run, so that nothing is compared", AGAIN)
        return
    for expected, cell in enumerate(code, 1):
        if cell.count is None:
            yield at(notebook, cell, "ran", "was not run, so that no output of it is compared", AGAIN)
        elif cell.count != expected and all(other.count is not None for other in code):
            what = f"has the execution count {cell.count} where {expected} is expected"
            yield at(notebook, cell, "ran", what, "restart the kernel and run all cells from the top")
            return  # the counts below it are wrong for the same reason


def outputs_are_there(notebook: Notebook) -> Iterator[Finding]:
    """A cell that prints or draws has an output."""
    for cell in notebook.code:
        if cell.outputs or cell.count is None or RUNS_NOTHING in cell.tags or "capture" in magics(cell):
            continue  # a cell that was not run is told by the rule above
        shown = next((f"%{name}" for name in magics(cell) if name in SHOWING), "print" if prints(cell) else "")
        if shown:
            yield at(notebook, cell, "stripped", f"calls {shown}, and no output of it is stored", AGAIN)


def prints(cell: Cell) -> bool:
    """Say whether a cell prints, whatever happens in it."""
    root = tree(cell)
    called = [each.value for each in (root.body if root else []) if isinstance(each, ast.Expr)]
    return any(isinstance(each, ast.Call) and dotted(each.func) == "print" and not each.keywords for each in called)


def errors_are_meant(notebook: Notebook) -> Iterator[Finding]:
    """An error is stored where the lesson breaks on purpose, and only there."""
    for cell in notebook.code:
        errors = [output for output in cell.outputs if output.get("output_type") == "error"]
        if errors and not cell.should_fail:
            what = f"stores the error {errors[0].get('ename')}: {joined(errors[0].get('evalue', ''))[:60]!r}"
            yield at(notebook, cell, "error", what, "mend the cell, or give it the tag raises-exception if it breaks on purpose")
        if cell.should_fail and not errors and cell.count is not None:
            yield at(notebook, cell, "error", "should fail and does not", "take the tag raises-exception away, or let the cell break")


def nothing_failed_quietly(notebook: Notebook) -> Iterator[Finding]:
    """Nothing on stderr; no UsageError, which IPython prints instead of raising; no traceback that a cell printed itself."""
    for cell in notebook.code:
        said = "\n".join(cell.texts())
        if "UsageError" in json.dumps(cell.outputs):
            advice = "run the magic with ? behind it, and mend the call"
            yield at(notebook, cell, "usage", "stores a UsageError: a magic was called wrongly", advice)
        elif any(output.get("name") == "stderr" for output in cell.outputs):
            what = f"writes to stderr: {stderr(cell)[:60]!r}"
            yield at(notebook, cell, "stderr", what, "mend what warns, or catch the warning in the cell")
        if "Traceback (most recent call last)" in said and not cell.should_fail:
            advice = "let the error end the cell, with the tag raises-exception"
            yield at(notebook, cell, "swallowed", "prints a traceback and goes on", advice)


def stderr(cell: Cell) -> str:
    """Return what a cell wrote to stderr."""
    return "".join(joined(output.get("text", "")) for output in cell.outputs if output.get("name") == "stderr").strip()


def errors_are_not_swallowed(notebook: Notebook) -> Iterator[Finding]:
    """No `except: pass` and no `suppress(Exception)`: whatever broke in it would never be seen."""
    advice = "catch the one error that you expect and say what it means, or let the cell break with the tag raises-exception"
    for cell in notebook.code:
        root = tree(cell)
        for node in ast.walk(root) if root else ():
            if isinstance(node, ast.ExceptHandler) and catches_all(node.type) and not any(map(says_something, node.body)):
                yield at(notebook, cell, "swallowed", "catches every error and goes on without a word", advice)
        for call in calls(root) if root else ():
            if dotted(call.func).split(".")[-1] == "suppress" and any(map(catches_all, call.args)):
                yield at(notebook, cell, "swallowed", "suppresses every error", advice)


def catches_all(kind: ast.expr | None) -> bool:
    """Say whether what stands behind `except` is every error."""
    if isinstance(kind, ast.Tuple):
        return any(map(catches_all, kind.elts))
    return kind is None or dotted(kind) in ("Exception", "BaseException")


def says_something(statement: ast.stmt) -> bool:
    """Say whether a statement does anything about an error: calls something, or raises."""
    return any(isinstance(node, (ast.Call, ast.Raise)) for node in ast.walk(statement))


def machine_code_is_pinned(notebook: Notebook) -> Iterator[Finding]:
    """Assembly and LLVM's text for this processor are those of one level, or not compared."""
    for cell in notebook.code:
        if not cell.ignored and not PINNED.search(cell.source) and MACHINE_CODE.search("\n".join(cell.texts())):
            advice = "pin it with --cpu x86-64-v3, or give the cell the tag nbval-ignore-output and a reason"
            yield at(notebook, cell, "machine", "shows code for the processor of the author", advice)


def few_cells_are_ignored(notebook: Notebook) -> Iterator[Finding]:
    """At most a tenth of the cells is not compared, and each of them says why."""
    ignored = [cell for cell in notebook.code if cell.ignored]
    if len(ignored) > MOST_IGNORED * len(notebook.code):
        what = f"{len(ignored)} of {len(notebook.code)} cells are not compared ({', '.join(cell.name for cell in ignored)})"
        yield at(notebook, None, "ignored", what, "print what is the same in every run instead, and take the tags away")
    for cell in ignored:
        if "nbval-ignore-output" not in cell.tags and "nbval-skip" not in cell.tags:
            yield at(notebook, cell, "ignored", "is ignored by a comment, which magics read as text", "the tag nbval-ignore-output")
        if len(str(cell.metadata.get("reason", "")).strip()) < SHORTEST_REASON:
            advice = '"reason" in the metadata of the cell (:reason: in a text): why its output cannot be compared'
            yield at(notebook, cell, "ignored", "is not compared and does not say why", advice)
