"""Every rewrite of a function, tried: what stood there before and what stands there now, computed from the same values.

Floor 6. Read `rewrite/engine.py` and `agreement` before. The two graphs of an event are cut where they meet, so that what is compared is
the rule's own little equation on the values that really occur there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..backends.base import StepError
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from ..rewrite.engine import Rewrite
from ..rewrite.intern import Interner
from ..rewrite.rule import Rule
from ..testing.judging import about_shapes
from .agreement import close, disagreement
from .faults import difference, rule_fault
from .machines import values_of, without_watchers
from .on_trial import quietly
from .smallest import cut_at, smaller

Known = dict[Node, Any]


def computed(nodes: Sequence[Node], known: Known) -> None:
    """Compute nodes and all below them; where that fails, the value is the exception."""
    for node in ancestors(nodes, stop_at=known.keys()):
        if node in known:
            continue
        if isinstance(node, Constant):
            known[node] = node.value
            continue
        operands = [known[each] for each in node.inputs]
        failed = next((each for each in operands if isinstance(each, StepError)), None)
        try:
            known[node] = quietly(node, operands) if failed is None else failed
        except StepError as problem:
            known[node] = problem


def check_rules(history: Sequence[Rewrite], given: Sequence[Node], values: Sequence[Any]) -> None:
    """Compare both sides of every rewrite.

    Raises:
        RuleFaultError: a rule has changed what is computed, by more than rounding.
    """
    known: Known = dict(zip(given, values))
    for event in history:
        computed([event.before, event.after], known)
        before, after = known[event.before], known[event.after]
        if isinstance(before, StepError) or isinstance(after, StepError):
            check_errors(event, known)
        elif not close(after, before):
            check_values(event, known)


def check_errors(event: Rewrite, known: Mapping[Node, Any]) -> None:
    """Raise if one side of a rewrite fails and the other does not; only that lengths do not fit must be told whatever is rewritten."""
    before, after = known[event.before], known[event.after]
    values = {leaf: known[leaf] for leaf in ancestors([event.before]) if leaf.op is None and not isinstance(leaf, Constant)}
    if not isinstance(before, StepError):
        found = f"after it the graph fails: {first_line(after.cause)}"
    elif not isinstance(after, StepError) and about_shapes(before.cause):
        found = f"it has lost a check: what was written fails ({first_line(before.cause)}), what it put there does not"
    else:
        return
    raise rule_fault("shape", event.rule, [event.before, event.after], values, found)


def first_line(problem: Exception) -> str:
    """Return the words of an exception in one line."""
    text = problem.found if isinstance(problem, TensorlabError) else str(problem)
    return (text.splitlines() or [type(problem).__name__])[0]


def check_values(event: Rewrite, known: Mapping[Node, Any]) -> None:
    """Raise if the two sides of a rewrite differ by more than rounding."""
    quiet = without_watchers([event.before, event.after])
    behind = set(ancestors([quiet[0]]))
    shared = [node for node in ancestors([quiet[1]]) if node in behind and not isinstance(node, Constant) and node is not quiet[0]]
    missing = [node for node in ancestors(quiet) if node.op is None and not isinstance(node, Constant)]
    boundary = list(dict.fromkeys([*shared, *missing]))
    values: Known = {node: known[node] for node in boundary if node in known}
    if len(values) < len(boundary):  # nodes that lost their watchers: computed again
        leaves = {node: known[node] for node in missing}
        values = dict(zip(boundary, values_of(boundary, leaves)))
    try:
        (before, after), stand_ins = cut_at(quiet, boundary)
    except TensorlabError:
        (before, after), stand_ins = quiet, {node: node for node in missing}
    symbols, arrays = list(stand_ins.values()), [values[node] for node in stand_ins]
    if differ(before, after, symbols, arrays):
        raise wrong_rule(event.rule, before, after, symbols, arrays)


def differ(before: Node, after: Node, symbols: Sequence[Node], arrays: Sequence[Any]) -> str:
    """Return what is wrong with one graph in place of another, "" if nothing is."""
    given = dict(zip(symbols, arrays))
    with np.errstate(all="ignore"):
        (found,) = values_of([after], given)
    return disagreement(before, given, np.asarray(found))


def wrong_rule(rule: Rule | str, before: Node, after: Node, symbols: Sequence[Node], arrays: Sequence[Any]) -> Exception:
    """Return the error for a rule, on the smallest arrays that show it."""
    arrays = smaller(arrays, lambda given: bool(differ(before, after, symbols, given)))
    given = dict(zip(symbols, arrays))
    was, found = values_of([before, after], given)
    kind = "dtype" if found.dtype != was.dtype else "shape" if found.shape != was.shape else "value"
    return rule_fault(kind, rule, [before, after], given, f"what it put there gives {difference(found, was)}")


def check_interning(written: Sequence[Node], inputs: Sequence[Node], values: Sequence[Any]) -> None:
    """Raise if nodes that were taken for equal are not.

    Raises:
        RuleFaultError: they have different values.
    """
    known: Known = dict(zip(inputs, values))
    one_of = Interner()
    stands_for: dict[Node, Node] = {}
    for node in ancestors(written, stop_at=inputs):
        stands_for[node] = one_of(node, [stands_for[each] for each in node.inputs]) if node not in known else node
    computed([*written, *stands_for.values()], known)
    for node, twin in stands_for.items():
        one, other = known[node], known[twin]
        if node is not twin and not isinstance(one, StepError) and not isinstance(other, StepError) and not close(other, one):
            symbols = [each for each in ancestors([node, twin]) if each.op is None and not isinstance(each, Constant)]
            leaves = {each: known[each] for each in symbols if each in known}
            found = f"two nodes were taken for equal, and the second gives {difference(other, one)}"
            raise rule_fault("value", "interning of equal nodes", [node, twin], leaves, found)
