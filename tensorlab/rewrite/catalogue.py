"""All rules with their reasons, as a page of text: `docs/rules.md` is made of it.

Floor 3. To write the page again after changing a rule: `python -m tensorlab.rewrite.catalogue > docs/rules.md`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..graph.convert import as_node
from ..graph.errors import TensorlabError
from ..graph.node import Symbol
from ..graph.types import TensorType
from ..graph.wording import short_text
from . import rules
from .context import Context
from .downward import Downward
from .engine import Engine
from .intern import intern
from .rule import FOR_THE_EYE, RULE_SETS, Procedure, Rule, RuleSet, accumulate

assert rules
HEAD = """# The rules

What a compiled function runs is not always what was written. Every change is made by one of these rules, and `f.history` says
which one put what in place of what. A rule may turn nan or inf into the limit; it never changes a finite value by more than rounding
(a few units in the last place), never changes a dtype or a shape, and never loses a run-time check of shapes. The one thing given up is the
sign of zero: `x + 0` is `x`, also for -0.0.

`mode="FAST_COMPILE"` applies only the rules that stabilize, `mode="FAST_RUN"` all but those for display and layout.

**Products of matrices.** A transposed operand costs nothing and is no business of a rule: a back end hands it to the library routine as a
flag, or reads it with exchanged strides. A sum with a product is one call that adds into the memory of the result (gemm, gemv), where
that memory is needed anyway; a sum that a loop reads is left to the loop. In `w - c (x y + r)` the term `r` moves to `w`: the same terms
are rounded in another order. A column times a row, and with it every update of rank one, is a multiplication that stretches: it becomes
part of the loop that makes the new value, where BLAS's ger would read and write the whole matrix once more.

**What is not done.** A number does not leave a sum, Σ c x = c Σ x: it saves one multiplication beside an element that is read from memory
anyway, and where Σ x overflows a finite result would become inf. Positions that may come twice are neither put into one assignment nor
taken out of one: what is added twice is rounded twice. A check of lengths or positions that is made when a function runs is never left
out, so some nodes stay only for their shape (`fill` computes nothing, and costs nothing).

*This page is made by* `python -m tensorlab.rewrite.catalogue`.
"""


def catalogue() -> str:
    """Return the page.

    >>> print(catalogue()[:11])
    # The rules
    """
    lines = [HEAD]
    for rule_set in RULE_SETS:
        lines += [f"\n## {rule_set.name}: {rule_set.purpose}\n", "| rule | what it does | why |", "| --- | --- | --- |"]
        for rule in rule_set.rules:
            cells = [rule.name.replace("_", " "), shown(rule), rule.reason]
            lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def shown(rule: Rule) -> str:
    """Return what a rule does: an equation as it is written, a procedure by the shortest of its examples that can be written in a line."""
    if not isinstance(rule, Procedure):
        return f"`{rule.statement}`"
    written = [f"`{before} → {after}`" for before, after in examples(rule) if not {"…", "?"} & {*before, *after} and before != after]
    return min(written, key=len, default=rule.statement)


def examples(rule: Procedure) -> Iterator[tuple[str, str]]:
    """Yield examples of a procedure on vectors and matrices, and what it makes of them, in short texts."""
    only = RuleSet(rule.belongs_to.name, "")
    only.rules.append(rule)
    for ndim in (1, 2):
        for make in rule.examples:
            symbols = [Symbol(TensorType("float64", (None,) * ndim), name) for name in "xyz"[: make.__code__.co_argcount]]
            try:
                graph = intern([as_node(make(*symbols))])
            except (TensorlabError, IndexError):
                continue  # it has no meaning for these operands
            run = Downward(only) if rule.belongs_to is accumulate else Engine([only], Context(for_display=rule.belongs_to in FOR_THE_EYE))
            (after,) = run.run(graph)
            if run.history:
                yield short_text(graph[0]), short_text(after)


if __name__ == "__main__":
    print(catalogue(), end="")
