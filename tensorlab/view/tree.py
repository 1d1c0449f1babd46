"""A graph as an indented tree in the manner of Theano's debugprint, for readers who want every node and no picture.

Floor 4. Each node has an [id …] by which it is recognised where it appears again; there it is not expanded a second time (`···`).
A compiled function shows its rewritten graph, with the place of each operation in the order of the work. Nothing recurses.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..graph.node import Node
from ..graph.walk import ancestors
from .drawing import clean
from .naming import names_in
from .text import results_of

DEEPEST = 40  # levels that are indented; below, the level is written as a number, or a chain of 100,000 would take 20 GB


def debugprint(
    what: Any,
    depth: int = -1,
    print_type: bool = False,
    file: Any = None,
    ids: str = "CHAR",
    stop_on_name: bool = False,
) -> Any:
    """Print a graph as a tree: of an expression, a list of them, or a compiled function.

    Args:
        what: what to print.
        depth: how many levels; -1 for all.
        print_type: whether to print the type of every node.
        file: None for the standard output, "str" to get the text back, or something with a `write` method.
        ids: "CHAR" for letters, "int" for numbers, "" for none.
        stop_on_name: whether to go no further at expressions that have a `.name`.

    Returns:
        The text if `file` is "str", otherwise `file`.

    Raises:
        ConversionError: there is no expression in it.
        ValueError: `ids` is something else.

    >>> x = T.scalar("x")
    >>> tl.debugprint(T.exp(x) / (T.exp(x) + 1))
    true_div [id A]
     |exp [id B]
     | |x [id C]
     |add [id D]
       |exp [id E]
       | |x [id C]
       |TensorConstant{1.0} [id F]
    """
    text = tree(what, depth, print_type, ids, stop_on_name)
    if file == "str":
        return text
    (sys.stdout if file is None else file).write(text + "\n")
    return file


def tree(what: Any, depth: int, print_type: bool, ids: str, stop_on_name: bool) -> str:
    """Return the text that `debugprint` prints."""
    outputs, labels = results_of(what)
    names = names_in(outputs)
    mark = marker(ids)
    stages = getattr(what, "stages", None)
    given = set(stages.rewritten.inputs) if stages is not None else set()
    work = [node for node in ancestors(outputs, stop_at=given) if node.op is not None and node not in given]
    turn = {node: number for number, node in enumerate(work)} if stages is not None else {}
    printed: set[Node] = set()
    lines: list[str] = []
    # each entry: a node, its level, the bars at its left, whether it is the last operand, and what to add to its line
    pending: list[tuple[Node, int, str, bool, str]] = [
        (node, 0, "", True, f" (new value of {label[4:]})" if label else "") for node, label in reversed(list(zip(outputs, labels)))
    ]
    while pending:
        node, level, bars, last, remark = pending.pop()
        known = node in printed
        cut = stop_on_name and level > 0 and bool(node.name)
        expand = bool(node.inputs) and node not in given and not known and not cut and (depth < 0 or level + 1 < depth)
        text = clean(str(node.op) if node.op is not None else names.get(node) or str(node)) + mark(node)
        if print_type:
            text += f" <{node.type}>"
        if node.op is not None and node in names:
            text += f" '{clean(names[node])}'"
        if node in turn:
            text += f" {turn[node]}"
        if known and node.inputs:
            text += " ···"
        lines.append(indentation(bars, level) + text + remark)
        printed.add(node)
        if expand:
            below = bars + ("" if level == 0 else "  " if last else " |") if level < DEEPEST else bars
            for position in reversed(range(len(node.inputs))):
                pending.append((node.inputs[position], level + 1, below, position == len(node.inputs) - 1, ""))
    return "\n".join(lines)


def indentation(bars: str, level: int) -> str:
    """Return what stands at the left of a line."""
    if level == 0:
        return ""
    return f"{bars} |" if level <= DEEPEST else f" (level {level}) |"


def marker(ids: str) -> Callable[[Node], str]:
    """Return the function that gives each node its mark, in the order in which they are asked for."""
    if ids not in ("CHAR", "int", "id", "auto", ""):
        raise ValueError(f"ids={ids!r}: it is 'CHAR', 'int' or ''")
    numbers: dict[Node, int] = {}

    def mark(node: Node) -> str:
        if not ids:
            return ""
        number = numbers.setdefault(node, len(numbers))
        return f" [id {number if ids in ('int', 'id') else letters(number)}]"

    return mark


def letters(number: int) -> str:
    """Return A … Z, AA, AB … for 0, 1, 2 …

    >>> letters(0), letters(25), letters(26), letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("A") + digit) + text
    return text
