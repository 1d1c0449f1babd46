"""`%%graph`: the magic that draws. Its twins without a notebook: `tensorlab.notebook.graph`, and for plain pictures `tl.view.show`.

Floor 6. What a magic does is in `cell.py` and `graphs.py`; here is how the notebook calls it.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from IPython.core.magic import line_cell_magic, magics_class, needs_local_scope, no_var_expand

from ..graph.errors import PictureError
from ..graph.node import Node
from ..graph.walk import ancestors
from ..view.subject import STAGES
from .cell import assigned_names, run_body
from .derivative import variable
from .graphs import graph
from .magic import ReadersMagics, asks_for_help
from .mistakes import MagicError
from .namespace import kind_of, leaves_by_name, symbols, value_of
from .options import FLAG, ONE, PAIRS, SOME, Line, read_line

OPTIONS = {"grad": SOME, "at": PAIRS, "stage": ONE, "depth": ONE, "why": FLAG, "live": FLAG}


@magics_class
class GraphMagics(ReadersMagics):
    """The magic that draws a graph."""

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def graph(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> Any:
        """Run a cell and draw the computation graph of its last line.

        Usage::

            %%graph                 the last expression, or what the last line assigns
            %%graph z cost          these variables
            %%graph "a + b" f       an expression with spaces in quotes; a compiled function
            %graph z                on a line of its own: draw what there is, and run nothing

        Options, before or behind the names::

            --at x=[1,-1] y_hat=1   write the values beside the arrows
            --grad w b              dashed arrows back: how the gradient by w and b flows; with --at also its values
            --stage rewritten       what the compiler made of it: written, interned, rewritten, or program (a box around each loop)
            --why                   what the compiler rewrote, rule by rule, and why
            --depth 1               open repeated blocks: 0 shows a row of layers as one shape, 1 what is inside of a layer
            --live                  the widget that steps through the graph, in place of a picture

        Boxes are inputs, circles and pills operations; data flows from top to bottom. The picture takes the place of
        the value that the cell would show. An error in the cell is the cell's own.

        In a script: `tl.view.show(y)`, or `tensorlab.notebook.graph(y, grad=w, at={"x": 1.0})`.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(GraphMagics.graph))
            return None
        first_line = f"{'%' if cell is None else '%%'}graph {line}".strip()
        asked = read_line(first_line, line, OPTIONS, least=1 if cell is None else 0)
        if cell is None and not asked.words:
            raise MagicError(first_line, "nothing named that could be drawn", "%graph y, or %%graph as the first line of a cell")
        stage = asked.among("stage", STAGES, "written") if "stage" in asked else None
        depth = asked.number("depth", 0)
        value, last = (None, None) if cell is None else run_body(self.shell, first_line, cell)
        names = {**self.variables, **(local_ns or {})}
        if asked.words:
            values = [value_of(first_line, part, names, None) for part in asked.words]
            what = values[0] if len(values) == 1 else flat(values)
        else:
            assigned = [names[name] for name in assigned_names(last) if name in names]
            what = value if not assigned else assigned[0] if len(assigned) == 1 else assigned
        if not drawable(what):
            raise nothing_to_draw(asked, what, names)
        wanted = [named(asked, word, names, what) for word in asked.given.get("grad", [])] if "grad" in asked else None
        at = asked.values("at", names, None) if "at" in asked else None
        try:
            return graph(what, names, grad=wanted, at=at, stage=stage, depth=depth, why="why" in asked, live="live" in asked)
        except PictureError as problem:
            raise MagicError(first_line, problem.found, problem.advice) from None


def drawable(what: Any) -> bool:
    """Say whether something has a graph."""
    items = list(what.values()) if isinstance(what, dict) else what if isinstance(what, (list, tuple)) else [what]
    return hasattr(what, "stages") or (bool(items) and all(isinstance(each, Node) for each in items))


def nothing_to_draw(asked: Line, what: Any, names: dict[str, Any]) -> MagicError:
    """Return the error for what has no graph."""
    known = symbols(names)
    source = " and ".join(asked.words) or "the last line"
    found = f"{source} has no value" if what is None else f"{source} gives {kind_of(what)}, which has no graph"
    advice = f"%%graph NAME with one of {', '.join(known)}" if known else "a cell that builds an expression: y = x ** 2"
    return MagicError(asked.asked, f"nothing to draw: {found}", advice)


def named(asked: Line, word: str, names: dict[str, Any], what: Any) -> Node:
    """Return the variable that a word after --grad means.

    Raises:
        MagicError: it means no symbol of the graph.
    """
    order = ancestors([each for each in flat([what]) if isinstance(each, Node)])
    known = leaves_by_name(order)
    found = variable(asked.asked, word, names, known, set(order), None)
    if isinstance(found, list):
        raise MagicError(asked.asked, f"--grad {word}: that is a list", f"--grad {' '.join(known) or 'w b'}, one word a variable")
    return found


def flat(values: list[Any]) -> list[Any]:
    """Return values in one list, with lists among them opened."""
    return [inner for each in values for inner in (each if isinstance(each, (list, tuple)) else [each])]
