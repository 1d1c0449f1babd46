"""What DebugMode reports: the guilty op or rule, what it did, and the smallest graph that shows it.

Floor 6. Read `evidence` before. Each error has `culprit` (the op or the rule), `kind` (one word), `graph` (the smallest graph, as
expressions) and `values` (what its symbols are).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..graph.errors import OpFaultError, RuleFaultError
from ..graph.node import Node
from ..graph.walk import leaves
from ..graph.wording import short_text
from ..rewrite.rule import Rule
from ..view.digits import array, number, short
from .evidence import Evidence

MOST_SYMBOLS = 4  # told by name and value in a message of at most eight lines
WRITTEN_OUT = 6  # elements of an array that are all told
ADVICE = {
    "value": "mode='FAST_COMPILE', which has no native code, and a report of this as a bug",
    "dtype": "a card whose type() and numpy() agree on the dtype",
    "shape": "a card whose type() tells no length that numpy() does not keep",
    "alias": "a card that returns a copy, or a subclass of View, whose results may share memory",
    "mutation": "a card that works on x.copy()",
    "gradient": "tl.gradient.verify_grad(op, [values]), and other partials or another vjp on the card",
}


def op_fault(kind: str, node: Node, values: Mapping[Node, Any], found: str, whose: str = "") -> OpFaultError:
    """Return the error for an op.

    Args:
        kind: "value", "dtype", "shape", "alias", "mutation" or "gradient".
        node: the smallest graph that shows it; its op is the guilty one.
        values: what its symbols are.
        found: what is wrong, without the values.
        whose: which back end did it, if it is one's fault.
    """
    assert node.op is not None
    place = f", made at {node.place}" if node.place is not None else ""
    asked = f"the op {node.op}{' in ' + whose if whose else ''}{place}"
    error = OpFaultError(asked, with_smallest(found, [node], values), ADVICE[kind])
    return finished(error, kind, node.op, [node], values)


def rule_fault(kind: str, rule: Rule | str, graphs: Sequence[Node], values: Mapping[Node, Any], found: str) -> RuleFaultError:
    """Return the error for a rule; `graphs` are what it found and what it put there."""
    name = rule if isinstance(rule, str) else rule.name
    place = f", applied to what was made at {graphs[0].place}" if graphs[0].place is not None else ""
    asked = f"the rule {name}{place}" if isinstance(rule, Rule) else f"{name}{place}"
    advice = f"mode=tl.Mode('FAST_RUN').excluding({name!r}), and " if isinstance(rule, Rule) else ""
    advice += "a report of this as a bug"
    error = RuleFaultError(asked, with_smallest(found, graphs, values), advice)
    return finished(error, kind, rule, graphs, values)


def finished(error: Any, kind: str, culprit: Any, graphs: Sequence[Node], values: Mapping[Node, Any]) -> Any:
    """Return an error with what a program may ask of it."""
    Evidence(graphs[0], values, "step").attached_to(error)
    error.kind, error.culprit, error.graph = kind, culprit, graphs[0] if len(graphs) == 1 else list(graphs)
    return error


def with_smallest(found: str, graphs: Sequence[Node], values: Mapping[Node, Any]) -> str:
    """Return a finding with the graph and the values that show it below."""
    texts = " → ".join(short_text(each) for each in graphs)
    symbols = [leaf for leaf in dict.fromkeys(leaves(graphs)) if leaf in values]
    given = [f"{leaf.label} = {in_text(values[leaf])}" for leaf in symbols[:MOST_SYMBOLS]]
    if len(symbols) > MOST_SYMBOLS:
        given.append("…")
    return f"{found}\nshown by {texts}" + (f" with {', '.join(given)}" if given else "")


def in_text(value: Any) -> str:
    """Return the value of a symbol in short, with its dtype unless that is float64."""
    value = np.asarray(value)
    text = " ".join(short(value).split()) if value.size <= WRITTEN_OUT else array(value)
    return f"{text} ({value.dtype})" if value.dtype != np.float64 else text


def difference(found: Any, wanted: Any) -> str:
    """Return how two values differ where they differ most for their size, in words: "1.5 in place of -1.5"."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.dtype != wanted.dtype or found.shape != wanted.shape:
        return f"{found.dtype} of shape {found.shape} in place of {wanted.dtype} of shape {wanted.shape}"
    if not found.ndim:
        return f"{precise(found)} in place of {precise(wanted)}"
    with np.errstate(all="ignore"):
        one, other = found.astype("float64"), wanted.astype("float64")
        distance = np.abs(one - other) / np.maximum(np.maximum(np.abs(one), np.abs(other)), np.finfo("float64").tiny)
        same = (found == wanted) | ((found != found) & (wanted != wanted))
    distance = np.where(same, 0, np.where(np.isnan(distance), np.inf, distance))
    place = np.unravel_index(int(distance.argmax()), distance.shape)
    at = f" at {[int(each) for each in place]}" if found.size > 1 else ""
    return f"{precise(found[place])} in place of {precise(wanted[place])}{at}"


def precise(value: Any) -> str:
    """Return a number with as many digits as tell it from its neighbours, if four do not."""
    value = np.asarray(value)
    few = number(value.item())
    return few if value.dtype.kind != "f" or not np.isfinite(value) or float(few) == float(value) else f"{value.item():.10g}"
