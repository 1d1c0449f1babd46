"""`%steps`: the backpropagation stepper. Its twin without a notebook: `tl.widgets.steps`.

Floor 6, over `widgets/graph_view.py`.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from .. import widgets
from ..graph.errors import MissingInputError
from ..graph.node import Node
from ..graph.walk import ancestors
from ..widgets.sources import example_of
from .derivative import variable
from .graphs import has_value
from .magic import ReadersMagics, asks_for_help
from .mistakes import MagicError
from .namespace import kind_of, leaves_by_name, symbols, value_of
from .options import FLAG, PAIRS, SOME, read_line

OPTIONS = {"wrt": SOME, "at": PAIRS, "still": FLAG}


@magics_class
class StepsMagics(ReadersMagics):
    """The magic that steps through backpropagation."""

    @no_var_expand
    @needs_local_scope
    @line_magic
    def steps(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Step through one run of backpropagation: forward to the cost, back to its variables.

        Usage::

            %steps cost                                 by all shared variables, or by all symbols if there are none
            %steps cost --wrt w b --at x=[1,-1] y_hat=1

        Options, before or behind the cost::

            --wrt w b               what to differentiate by
            --at x=[1,-1] y_hat=1   the values of symbols; others come from `.tag.test_value`, shared variables from what they hold
            --still                 the picture of all values and gradients, in place of the widget

        Works on copies: a shared variable changes when *Apply to notebook* is pressed, and not before. A compiled function in place of
        a cost shows what was rewritten in it, rule by rule.

        In a script: `tl.widgets.steps(cost, [w, b], at={x: [1, -1]})` and `tl.widgets.film(f)`.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(StepsMagics.steps))
            return None
        names = {**self.variables, **(local_ns or {})}
        first_line = f"%steps {line}".strip()
        asked = read_line(first_line, line.rstrip("; "), OPTIONS, least=1)
        known = [name for name in symbols(names) if names[name].type.ndim == 0 and names[name].op is not None]
        example = known[-1] if known else "cost"
        if len(asked.words) != 1:
            found = "no cost to step through" if not asked.words else f"{len(asked.words)} words besides the options"
            raise MagicError(first_line, found, f"%steps {example}, or %steps cost --wrt w b --at x=[1,-1]")
        cost = value_of(first_line, asked.words[0], names, None)
        if hasattr(cost, "stages"):
            return widgets.film(cost)
        if not isinstance(cost, Node):
            raise MagicError(first_line, f"{asked.words[0]} is {kind_of(cost)}, not a symbolic expression", f"%steps {example}")
        order = ancestors([cost])
        reached = set(order)
        leaves = leaves_by_name(order)
        wanted: list[Node] = []
        for word in asked.given.get("wrt", []):
            found_here = variable(first_line, word, names, leaves, reached, None)
            wanted += [found_here] if isinstance(found_here, Node) else found_here
        at = asked.values("at", names, None)
        try:
            view = widgets.steps(cost, wanted or None, at, names)
        except MissingInputError as problem:
            lacking = [f"{name}={example_of(leaf)}" for name, leaf in leaves.items() if name not in at and not has_value(leaf)]
            advice = f"--at {' '.join(lacking)} behind it, or {problem.advice.rpartition(', or ')[2]}" if lacking else problem.advice
            raise MagicError(first_line, problem.found, advice) from None
        return view.still() if "still" in asked else view
