"""What `tl.function` was given as updates and givens, checked, and the default updates that come with shared variables.

Floor 5. A new value must have the dtype and the number of axes of what it replaces, and no known length may contradict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ..graph.convert import as_node, is_weak, shorten
from ..graph.errors import DuplicateUpdateError, GivenError, LazyText, TensorlabError, UpdateError
from ..graph.node import Node
from ..graph.promotion import weak_dtype
from ..graph.types import TensorType
from ..graph.walk import ancestors, rebuild
from ..graph.wording import a_kind, counted, in_code
from ..ops.families import describe
from ..state import SharedVariable

Pairs = list[tuple[Any, Any]]


def pairs(given: Any, what: str) -> Pairs:
    """Return updates or givens as a list of pairs.

    Raises:
        UpdateError, GivenError: neither pairs nor a dict.
    """
    if given is None:
        return []
    if isinstance(given, Mapping):
        return list(given.items())
    try:
        return [(key, value) for key, value in given]
    except (TypeError, ValueError, TensorlabError):
        error = UpdateError if what == "updates" else GivenError
        raise error(f"{what}={shorten(given)}", "neither a list of pairs nor a dict", advice_on_pairs(given, what)) from None


def advice_on_pairs(given: Any, what: str) -> str:
    """Return updates or givens as they are to be written; one pair alone is what people forget the list around."""
    if isinstance(given, (list, tuple)) and len(given) == 2 and isinstance(given[0], Node):
        return f"{what}=[{shorten(tuple(given))}]"
    return f"{what}=[(variable, expression)]"


def value_beside(value: Any, type: TensorType) -> Node:
    """Return a new value as a node; a Python number takes the dtype of what it replaces, if that can hold it."""
    return as_node(value, weak_dtype(value, type.dtype) if is_weak(value) else None)


def checked_updates(updates: Pairs) -> dict[SharedVariable, Node]:
    """Return the updates from shared variable to a new value that fits.

    Raises:
        UpdateError: something that is not a shared variable, or a new value of another type.
        DuplicateUpdateError: two new values for one variable.
    """
    result: dict[SharedVariable, Node] = {}
    for variable, value in updates:
        if not isinstance(variable, SharedVariable):
            label = shorten(variable)
            advice = "w = tl.shared(value), so that there is a value to update, and updates=[(w, expression)]"
            raise UpdateError(f"updates=[({label}, …)]", f"{label} is not a shared variable", advice)
        if variable in result:
            asked = f"updates=[({variable.label}, …), ({variable.label}, …)]"
            advice = f"updates=[({variable.label}, one expression that does both)]"
            raise DuplicateUpdateError(asked, f"two new values for {variable.label}; a call can give it one", advice)
        result[variable] = checked_update(variable, value)
    return result


def checked_update(variable: SharedVariable, value: Any) -> Node:
    """Return the new value of a shared variable as a node of a type that fits.

    Raises:
        UpdateError: dtype, rank or a known length differ.
    """
    type, label = variable.type, LazyText(partial(in_code, variable, "w"))
    try:
        node = value_beside(value, type)
    except TensorlabError as problem:
        raise UpdateError(f"updates=[({label}, {shorten(value)})]", problem.found, f"updates=[({label}, expression)]") from None
    if not node.type.contradicts(type):
        return node
    new = in_code(node)
    asked = f"updates=[({label}, {new})]"
    found = f"{label} is {type.dtype} {type.pattern}, the new value {describe(node)}"
    if node.type.dtype != type.dtype:
        advice = f"updates=[({label}, T.cast({new}, {type.dtype!r}))], or inputs and constants of dtype {type.dtype}"
    elif node.type.ndim != type.ndim:
        axes = counted(type.ndim, "axis", "axes")
        advice = f"an expression with {axes}: .sum(axis=…) or .mean(axis=…) takes axes away, .dimshuffle(…) adds them"
    else:
        advice = f"an expression of the same shape, or tl.shared(value) for {label} without broadcastable="
    raise UpdateError(asked, found, advice)


def checked_givens(givens: Any) -> dict[Node, Node]:
    """Return the replacements to make in the graph.

    Raises:
        GivenError: something that is not a node of a graph, two replacements for one, or a replacement of another type.
    """
    result: dict[Node, Node] = {}
    for variable, value in pairs(givens, "givens"):
        if not isinstance(variable, Node):
            advice = "givens=[(x, value)] with a symbol x of the graph"
            raise GivenError(f"givens=[({shorten(variable)}, …)]", f"{a_kind(variable)} instead of a symbol", advice)
        label = LazyText(partial(in_code, variable))
        if variable in result:
            asked = f"givens=[({label}, …), ({label}, …)]"
            raise GivenError(asked, f"two replacements for {label}", f"givens=[({label}, value)], one pair a variable")
        try:
            node = value_beside(value, variable.type)
        except TensorlabError as problem:
            raise GivenError(f"givens=[({label}, {shorten(value)})]", problem.found, f"givens=[({label}, expression)]") from None
        if node.type.contradicts(variable.type):
            advice = (f"givens=[({label}, T.cast({in_code(node)}, {variable.type.dtype!r}))]" if node.type.dtype != variable.type.dtype
                      else f"a replacement like {label}: {variable.type.pattern}")
            raise GivenError(f"givens=[({label}, {in_code(node)})]", f"{describe(variable)}; the replacement {describe(node)}", advice)
        result[variable] = node
    return result


def default_updates(
    results: Sequence[Node],
    targets: Mapping[SharedVariable, Node],
    excluded: Any,
    replacements: Mapping[Node, Node],
    inputs: Sequence[Node],
) -> dict[SharedVariable, Node]:
    """Return the default updates of all shared variables in a graph that have no other update, and of those that these bring in.

    Args:
        results: what the function computes.
        targets: the variables that are updated anyway.
        excluded: True to leave out all, or the variable or variables whose default updates to leave out.
        replacements: the givens, which hold in default updates too.
        inputs: symbols and expressions at which the graph is cut.

    Raises:
        UpdateError: `excluded` is none of these, or a default update does not fit its variable.
    """
    if excluded is True:
        return {}
    if isinstance(excluded, Node):  # one variable, without a list around it
        excluded = [excluded]
    if excluded and not isinstance(excluded, (list, tuple, set, frozenset)):
        advice = "no_default_updates=True, or no_default_updates=[w] with a shared variable w"
        raise UpdateError(f"no_default_updates={shorten(excluded)}", f"{a_kind(excluded)}", advice)
    left_out: set[Node] = {*targets, *(excluded or ())}
    found: dict[SharedVariable, Node] = {}
    pending: list[Node] = list(results)
    while pending:
        new = with_default(pending, left_out, inputs)
        left_out.update(new)
        pending = rebuild([checked_update(variable, variable.default_update) for variable in new], replacements)
        found.update(zip(new, pending))
    return found


def with_default(nodes: Sequence[Node], left_out: set[Node], inputs: Iterable[Node]) -> list[SharedVariable]:
    """Return the shared variables of a graph that have a default update and are not left out."""
    order = ancestors(nodes, stop_at=list(inputs))
    return [node for node in order if isinstance(node, SharedVariable) and node.default_update is not None and node not in left_out]
