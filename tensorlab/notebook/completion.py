"""Tab completion after `%grad `, `%%graph `, `%steps ` and `%code `: the reader's symbols and functions, and the magic's own words.

Floor 6. The second word of `%grad` is completed to what the first one is made of, and so is a word after --grad, --wrt and --at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from ..graph.node import Node
from ..graph.walk import leaves
from ..view.subject import STAGES
from . import code_magic, grad_magic, magics, steps_magic
from .codes import MACHINES
from .namespace import functions, leaves_by_name, symbols
from .options import FLAG, ONE

LINE = re.compile(r"(?:^|=)\s*%{1,2}(?P<magic>grad|graph|code|steps)\s+(?P<words>.*)$")
OPTIONS = {"grad": grad_magic.OPTIONS, "graph": magics.OPTIONS, "code": code_magic.OPTIONS, "steps": steps_magic.OPTIONS}
FIXED = {"stage": STAGES, "cpu": ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"), "depth": ("0", "1", "2")}
"""What may follow an option that takes one of a few words."""


def register(shell: Any) -> Callable[[], None]:
    """Add the completion; return what takes it away again."""

    @context_matcher(identifier="tensorlab.symbols")
    def complete_symbols(context: CompletionContext) -> SimpleMatcherResult:
        found = LINE.search(context.text_until_cursor)
        if found is None:
            return {"completions": []}
        *before, begun = found["words"].split(" ")
        words = candidates(found["magic"], [word for word in before if word], shell.user_ns)
        fitting = [word for word in words if word.startswith(begun) and (begun or not word.startswith("--"))]
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
    """Return the words that can follow on the line of a magic."""
    words, option, taken = taken_apart(magic, before)
    parts = [names[word] for word in words if isinstance(names.get(word), Node)]
    known = list(leaves_by_name(leaves(parts))) if parts else []
    if option in FIXED and not taken:
        return list(FIXED[option])
    left = [f"--{each}" for each in OPTIONS[magic] if f"--{each}" not in before]
    free = [*own_words(magic, words, parts, known, names), *left]
    if option == "at":
        values = [f"{name}=" for name in known or symbols(names) if not any(word.startswith(f"{name}=") for word in before)]
        return [*values, *(free if not words else left)]
    if option in ("grad", "wrt"):
        return [*(name for name in known or symbols(names) if name not in before), *left]
    return [word for word in free if word not in before]


def taken_apart(magic: str, before: list[str]) -> tuple[list[str], str, int]:
    """Return the words that belong to no option, the option that a next word would belong to, and how many it has."""
    words: list[str] = []
    option, taken = "", 0
    for word in before:
        if word.startswith("--"):
            option, taken = word[2:], 0
        elif option:
            taken += 1
        else:
            words.append(word)
        if option and (OPTIONS[magic].get(option) == FLAG or (OPTIONS[magic].get(option) == ONE and taken)):
            option = ""
    return words, option, taken


def own_words(magic: str, words: list[str], parts: list[Node], known: list[str], names: Mapping[str, Any]) -> list[str]:
    """Return what a magic takes besides its options."""
    if magic == "code":
        return list(MACHINES) if words else functions(names)
    if magic == "grad" and parts:
        return known
    return [*symbols(names), *(functions(names) if magic == "graph" else [])]
