"""All rules with their reasons, as a page of text: `docs/rules.md` is made of it.

Floor 3. To write the page again after changing a rule: `python -m tensorlab.rewrite.catalogue > docs/rules.md`.
"""

from __future__ import annotations

from . import rules
from .rule import RULE_SETS, Equation

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
            statement = f"`{rule.statement}`" if isinstance(rule, Equation) else rule.statement
            cells = [rule.name.replace("_", " "), statement, rule.reason]
            lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(catalogue(), end="")
