"""`%%graph` and `%grad`: the magics of `%load_ext tensorlab`. Each has a twin that works without a notebook: `tl.view.show` and `T.grad`.

Floor 6. What a magic does is in `cell.py` and `derivative.py`; here is how the notebook calls it.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from IPython.core.magic import line_cell_magic, line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.display import display

from ..graph.errors import PictureError
from ..view.shown import Shown, show
from .cell import assigned_names, calling_frame, place_of, run_body, will_be_displayed
from .derivative import derive
from .formatters import formula_of
from .magic import ReadersMagics, asks_for_help
from .mistakes import MagicError
from .namespace import expressions, kind_of, symbols, value_of


@magics_class
class GraphMagics(ReadersMagics):
    """The magics that draw a graph and derive an expression."""

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def graph(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> Shown | None:
        """Run a cell and draw the computation graph of its last line.

        Usage::

            %%graph                 the last expression, or what the last line assigns
            %%graph z cost          these variables
            %%graph "a + b" f       an expression with spaces in quotes; a compiled function
            %graph z                on a line of its own: draw what there is, and run nothing

        Boxes are inputs, circles and pills operations; data flows from top to bottom. The picture takes the place of
        the value that the cell would show. An error in the cell is the cell's own.

        In a script: `tl.view.show(y)`.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(GraphMagics.graph))
            return None
        first_line = f"{'%' if cell is None else '%%'}graph {line}".strip()
        parts = expressions(line)
        if cell is None and not parts:
            raise MagicError(first_line, "nothing named that could be drawn", "%graph y, or %%graph as the first line of a cell")
        value, last = (None, None) if cell is None else run_body(self.shell, first_line, cell)
        names = {**self.variables, **(local_ns or {})}
        if parts:
            values = [value_of(first_line, part, names, None) for part in parts]
            what = values[0] if len(values) == 1 else flat(values)
        else:
            assigned = [names[name] for name in assigned_names(last) if name in names]
            what = value if not assigned else assigned[0] if len(assigned) == 1 else assigned
        try:
            return show(what, names)
        except PictureError:
            known = symbols(names)
            source = " and ".join(parts) or "the last line"
            found = f"{source} has no value" if what is None else f"{source} gives {kind_of(what)}, which has no graph"
            advice = f"%%graph NAME with one of {', '.join(known)}" if known else "a cell that builds an expression: y = x ** 2"
            raise MagicError(first_line, f"nothing to draw: {found}", advice) from None

    @no_var_expand
    @needs_local_scope
    @line_magic
    def grad(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        r"""Derive an expression and show the result as mathematics.

        Usage::

            %grad y x               the derivative of y with respect to x
            g = %grad y x           the same, kept in g
            %grad cost w b          two derivatives, as a list
            %grad "a + 3*b" a       an expression with spaces in quotes

        The derivative is simplified for reading: 2x for `x ** 2`. It is shown once: as the value of the cell if `%grad` is
        its last line, and otherwise (when it is kept in a variable) by the magic itself.

        In a script: `T.grad(y, x)`.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(GraphMagics.grad))
            return None
        frame = calling_frame()
        names = {**self.variables, **(local_ns or {})}
        result, text = derive(line.rstrip("; "), names, place_of(frame))
        if not will_be_displayed(frame):
            nodes = result if isinstance(result, list) else [result]
            display({"text/latex": formula_of(nodes, names), "text/plain": text}, raw=True)
        return result


def flat(values: list[Any]) -> list[Any]:
    """Return values in one list, with lists among them opened."""
    return [inner for each in values for inner in (each if isinstance(each, (list, tuple)) else [each])]
