"""`%grad`: the magic that derives. Its twins without a notebook: `T.grad`, `tensorlab.notebook.chain_rule`, `check_gradient`.

Floor 6. What it does is in `derivative.py`, `chain.py` and `differences.py`; here is how the notebook calls it.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.display import display

from .cell import calling_frame, place_of, will_be_displayed
from .chain import chain_rule
from .derivative import derive, meant
from .differences import check_gradient
from .formatters import formula_of
from .magic import ReadersMagics, asks_for_help
from .options import FLAG, PAIRS, read_line

OPTIONS = {"steps": FLAG, "check": FLAG, "at": PAIRS}


@magics_class
class GradMagics(ReadersMagics):
    """The magic that derives an expression."""

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

        Options, before or behind the names::

            --steps                 show the chain rule node by node, with each local derivative
            --check                 compare with central differences, and say whether they agree
            --at x=1 w=[1,-1]       where to compare; by default at points chosen by lot, the same every time

        The derivative is simplified for reading: 2x for `x ** 2`. It is shown once: as the value of the cell if `%grad` is
        its last line, and otherwise (when it is kept in a variable) by the magic itself.

        In a script: `T.grad(y, x)`, `tensorlab.notebook.chain_rule(y, x)` and `tensorlab.notebook.check_gradient(y, x)`.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(GradMagics.grad))
            return None
        frame = calling_frame()
        names = {**self.variables, **(local_ns or {})}
        first_line = f"%grad {line}".strip()
        asked = read_line(first_line, line.rstrip("; "), OPTIONS)
        wanted = meant(first_line, asked.words, names, place_of(frame))
        result, text = derive(wanted, names, place_of(frame))
        if "steps" in asked:
            display(chain_rule(wanted.cost, wanted.variables, names))
        if "check" in asked or "at" in asked:
            print(check_gradient(wanted.cost, wanted.variables, asked.values("at", names, None), names))
        if not will_be_displayed(frame):
            nodes = result if isinstance(result, list) else [result]
            display({"text/latex": formula_of(nodes, names), "text/plain": text}, raw=True)
        return result
