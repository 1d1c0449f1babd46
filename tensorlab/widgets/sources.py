"""Where the values of a trace come from: what the reader gives, a test value, or a copy of what a shared variable holds.

Floor 6, before `tracing.py`. Nothing here writes to a shared variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..graph.errors import InputError, MissingInputError
from ..graph.node import Constant, Node
from ..graph.wording import in_code
from ..state import SharedVariable

Given = Mapping[Any, Any]
"""Values from symbols, or their names, to numbers, lists and arrays."""


def sources_of(order: Sequence[Node]) -> list[Node]:
    """Return the symbols and shared variables of a graph: whatever has a value from outside."""
    return [node for node in order if node.op is None and not isinstance(node, Constant)]


def by_node(given: Given | None, sources: Sequence[Node], names: Mapping[Node, str], asked: str) -> dict[Node, Any]:
    """Return given values by node.

    Args:
        given: values by node or by name.
        sources: the nodes that can have one.
        names: what the reader calls them.
        asked: the call, for the message.

    Raises:
        InputError: a key that is no symbol of the graph, or a name that two of them have.
    """
    found: dict[Node, Any] = {}
    known = ", ".join(names.get(node, "a symbol without a name") for node in sources) or "nothing"
    for key, value in (given or {}).items():
        fitting = [node for node in sources if node is key or (isinstance(key, str) and key in (names.get(node), node.known_name))]
        if len(fitting) != 1:
            shown = in_code(key) if isinstance(key, Node) else repr(key)
            several = f"{len(fitting)} symbols of the graph are called {shown}"
            raise InputError(f"{asked} with a value for {shown}", several if fitting else f"the graph is made of {known}",
                             "at={x: 1.0} with the symbol itself" if fitting else f"one of {known}")
        found[fitting[0]] = value
    return found


def values_for(sources: Sequence[Node], given: Mapping[Node, Any], names: Mapping[Node, str], asked: str) -> dict[Node, Any]:
    """Return a value for each symbol and shared variable: given, its `.tag.test_value`, or what it holds now.

    Raises:
        MissingInputError: some have none.
    """
    values: dict[Node, Any] = {}
    missing: list[Node] = []
    for node in sources:
        if node in given:
            values[node] = given[node]
        elif isinstance(node, SharedVariable):
            values[node] = node.get_value()  # a copy: the reader's own stays what it is
        elif hasattr(node.tag, "test_value"):
            values[node] = node.tag.test_value
        else:
            missing.append(node)
    if missing:
        called = [names.get(node, "x") for node in missing]
        have = "has no value" if len(called) == 1 else "have no values"
        example = ", ".join(f"{name!r}: {example_of(node)}" for name, node in zip(called, missing))
        found = f"{' and '.join(called)} {have}: none was given, and there is no .tag.test_value"
        raise MissingInputError(asked, found, f"at={{{example}}}, or {called[0]}.tag.test_value = {example_of(missing[0])}")
    return values


def example_of(node: Node) -> str:
    """Return a value that a symbol could have, as code."""
    text = "1.0"
    for length in reversed(node.type.shape):
        text = "[" + ", ".join([text] * (length or 2)) + "]"
    return text if len(text) <= 30 else "…"
