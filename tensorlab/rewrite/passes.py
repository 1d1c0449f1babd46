"""The passes: which rule sets run, one after the other, and what the eye is shown.

Floor 3. Read `engine` before. `rewritten` is what a compiled function runs, `simplified` what a reader is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..graph.node import Node
from . import rules
from .context import Context
from .downward import Downward
from .engine import Engine, Rewrite
from .intern import Interner
from .rule import RuleSet, canonicalize, display, layout, stabilize
from .selection import FAST_COMPILE, FAST_RUN, Selection

assert rules
BY_WORD = {"FAST_RUN": FAST_RUN, "FAST_COMPILE": FAST_COMPILE}
"""What the two words of Theano for a mode select."""

FOR_DISPLAY = ((canonicalize, stabilize), (canonicalize, display), (layout,))
"""Stable forms first, since the rules for them know what cancels; then those that people write, then their order."""


class Rewritten(NamedTuple):
    """A graph after rewriting, and how it came to be."""

    outputs: list[Node]
    history: list[Rewrite]


def rewritten(outputs: Sequence[Node], chosen: str | Selection = "FAST_RUN", one_of: Interner | None = None) -> Rewritten:
    """Return a graph after all passes of a mode.

    Args:
        outputs: the nodes wanted.
        chosen: which rules run: "FAST_RUN", "FAST_COMPILE", or a selection.
        one_of: what interning the graph has found out; by default it is found out here.

    >>> from tensorlab import tensor as T
    >>> x = T.scalar("x")
    >>> done = rewritten([T.grad(x ** 2, x)])
    >>> [each.rule.name for each in done.history]
    ['to_the_one', 'times_one']
    """
    history: list[Rewrite] = []
    found = list(outputs)
    settled: tuple[RuleSet, ...] = ()
    selection = BY_WORD[chosen] if isinstance(chosen, str) else chosen
    context, one_of = Context(), one_of or Interner()  # what one pass finds out about a node holds for the next
    for rule_sets in selection.passes:
        engine = Engine(rule_sets, context, settled, one_of, selection.without)
        found = engine.run(found)
        history += engine.history
        settled = rule_sets
    last = selection.last
    if last.rules:
        downward = Downward(last)  # last: what it makes stands for many steps, and other rules would not see into it
        found = downward.run(found)
        history += downward.history
    return Rewritten(found, history)


def simplified(outputs: Sequence[Node]) -> list[Node]:
    """Return expressions as a reader would write them. They mean the same, but are for the eye: sums and products are reordered.

    A node that was given a `name` stays as it is inside what is made of it.

    >>> from tensorlab import tensor as T
    >>> x = T.scalar("x")
    >>> [g] = simplified([T.grad(x ** 2, x)])
    >>> g.op, g.inputs
    (mul, (TensorConstant{2.0}, x))
    """
    found = list(outputs)
    for rule_sets in FOR_DISPLAY:
        found = Engine(rule_sets, Context(for_display=True)).run(found)
    return found
