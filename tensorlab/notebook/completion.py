"""Tab completion after `%grad ` and `%%graph `: the reader's symbols.

Floor 6. The second word of `%grad` is completed to what the first one is made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from ..graph.node import Node
from ..graph.walk import leaves
from .namespace import leaves_by_name, symbols

LINE = re.compile(r"(?:^|=)\s*%{1,2}(?P<magic>grad|graph)\s+(?P<words>.*)$")


def register(shell: Any) -> Callable[[], None]:
    """Add the completion; return what takes it away again."""

    @context_matcher(identifier="tensorlab.symbols")
    def complete_symbols(context: CompletionContext) -> SimpleMatcherResult:
        found = LINE.search(context.text_until_cursor)
        if found is None:
            return {"completions": []}
        *before, begun = found["words"].split(" ")
        fitting = [name for name in candidates(found["magic"], [word for word in before if word], shell.user_ns) if name.startswith(begun)]
        return {
            "completions": [SimpleCompletion(name, type="symbol") for name in fitting],
            "suppress": bool(fitting),
            "matched_fragment": begun,
            "ordered": True,
        }

    matchers = shell.Completer.custom_matchers
    matchers.append(complete_symbols)

    def undo() -> None:
        if complete_symbols in matchers:
            matchers.remove(complete_symbols)

    return undo


def candidates(magic: str, before: list[str], names: Mapping[str, Any]) -> list[str]:
    """Return the names that can follow on the line of a magic."""
    if magic == "grad" and before and isinstance(names.get(before[0]), Node):
        known = leaves_by_name(leaves([names[before[0]]]))
        return [name for name in known if name not in before]
    functions = [name for name, value in names.items() if hasattr(value, "stages") and not name.startswith("_")] if magic == "graph" else []
    return [name for name in [*symbols(names), *functions] if name not in before]
