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
from .rule import RuleSet, accumulate, canonicalize, display, layout, simplify, stabilize

assert rules
PASSES: dict[str, tuple[tuple[RuleSet, ...], ...]] = {
    "FAST_RUN": ((canonicalize,), (canonicalize, stabilize), (canonicalize, stabilize, simplify)),
    "FAST_COMPILE": ((stabilize,),),
}
"""Rule sets by mode: a later pass keeps the rules of earlier ones, since what it leaves may be written in several ways again."""

FOR_DISPLAY = ((canonicalize, stabilize), (canonicalize, display), (layout,))
"""Stable forms first, since the rules for them know what cancels; then those that people write, then their order."""


class Rewritten(NamedTuple):
    """A graph after rewriting, and how it came to be."""

    outputs: list[Node]
    history: list[Rewrite]


def rewritten(outputs: Sequence[Node], mode: str = "FAST_RUN", one_of: Interner | None = None) -> Rewritten:
    """Return a graph after all passes of a mode.

    Args:
        outputs: the nodes wanted.
        mode: "FAST_RUN" or "FAST_COMPILE".
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
    context, one_of = Context(), one_of or Interner()  # what one pass finds out about a node holds for the next
    for rule_sets in PASSES.get(mode, PASSES["FAST_RUN"]):
        engine = Engine(rule_sets, context, settled, one_of)
        found = engine.run(found)
        history += engine.history
        settled = rule_sets
    if simplify in settled:
        downward = Downward(accumulate)  # last: what it makes stands for many steps, and other rules would not see into it
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
