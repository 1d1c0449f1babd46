"""The words of messages: an expression as a few words of Python, a kind of thing with its article, a number with its noun.

Floor 1. `dot(w, x) + b` says more than `add.0`. The text is short, and is made without recursion, so that it can be had of a graph of
any depth; the full text of an expression is `tl.pp`.
"""

from __future__ import annotations

from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .node import Node

LONGEST = 40  # characters: two such texts and some words fit on one line
DEEPEST = 4  # operations inside one another; deeper ones are written …
BINDING = {"<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1, "|": 2, "^": 3, "&": 4, "<<": 5, ">>": 5, "+": 6, "-": 6,
           "*": 7, "/": 7, "//": 7, "%": 7, "@": 7, "**": 9}  # fmt: skip
"""Python's own order of operators; a sign in front stands at 8, a name or a call at 10."""
SIGN, TIGHTEST = 8, 10

ELEMENTS_SHOWN = 6  # of a constant array in code that a message advises; a longer one is called by a word


def a_kind(value: Any) -> str:
    """Return the name of a value's class with its article.

    >>> a_kind(3), a_kind("x"), a_kind(np.zeros(2))
    ('an int', 'a str', 'an ndarray')
    """
    name = type(value).__name__
    vowel = name[:1].lower() in "aeio" or name == "ndarray"  # the n of ndarray is read out: an "en-dee-array"
    return f"{'an' if vowel else 'a'} {name}"


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "axis", "axes"), counted(2, "axis", "axes"), counted(0, "argument")
    ('1 axis', '2 axes', '0 arguments')
    """
    return f"{number} {one if number == 1 else several or one + 's'}"


def in_code(node: Node, word: str = "x") -> str:
    """Return what a node is called in code that a message shows: never `<TensorType(…)>`, nor `TensorConstant{…}`.

    Args:
        node: any node.
        word: what to call it if it has neither a name nor a short text.

    >>> in_code(T.scalar()), in_code(T.constant(3.0)), in_code(T.vector("v") + 1)
    ('x', '3', 'v + 1')
    """
    if node.known_name or node.op is not None:
        return node.label
    text = node.literal
    if not text.startswith("["):
        return word if text.startswith("<") else text
    value: Any = getattr(node, "value", None)
    return str(value.tolist()) if value.size <= ELEMENTS_SHOWN else word


def with_names(text: str, node: Node) -> str:
    """Put the operands' names in place of {x}, {y}, {z}, or of {x0}, {x1} and so on."""
    if "{" in text:
        numbered = [f"x{position}" for position in range(len(node.inputs))]
        for letter, each in [*zip("xyz", node.inputs), *zip(numbered, node.inputs)]:
            text = text.replace(f"{{{letter}}}.", f"{code(each)}.").replace(f"{{{letter}}}", in_code(each))
    return text


def code(node: Node) -> str:
    """Return what a node is called, so that `.T` may stand behind it."""
    label = in_code(node)
    one_call = label.endswith(")") and label.count("(") == 1 and " " not in label.split("(")[0]
    return label if label.isidentifier() or one_call else f"({label})"


def short_text(node: Node) -> str:
    """Return an expression as Python would write it, cut to about forty characters.

    >>> x = T.scalar("x")
    >>> short_text((x + 1) * 2 > 0), short_text(T.exp(-x))
    ('(x + 1) * 2 > 0', 'exp(-x)')
    """
    written: list[str] = []
    length = 0
    pending: list[str | tuple[Node, int, int]] = [(node, 0, 0)]  # text, or a node with how tightly it must bind and its depth
    while pending and length <= LONGEST:
        part = pending.pop()
        if isinstance(part, str):
            written.append(part)
            length += len(part)
        else:
            pending.extend(reversed(pieces(*part)))
    text = "".join(written)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def pieces(node: Node, tightness: int, depth: int) -> list[str | tuple[Node, int, int]]:
    """Return the parts that a node's text consists of: texts, and the operands that are still to be written."""
    name = node.known_name if depth or node.op is None else None
    if name:
        return [name]
    if node.op is None:
        text = node.literal
        return [f"({text})" if text.startswith("-") and tightness > SIGN else text]
    if depth == DEEPEST:
        return ["…"]
    operator, operands = node.op.infix, node.inputs
    if node.op.python:
        return [each if isinstance(each, str) else (operands[each], TIGHTEST if each == 0 else 0, depth + 1)
                for each in template_parts(node.op.python)]
    if operator and len(operands) in (1, 2):
        inside = with_operator(operator, operands, depth + 1)
        binding = SIGN if len(operands) == 1 else BINDING.get(operator, 0)
        return inside if binding >= tightness else ["(", *inside, ")"]
    listed: list[str | tuple[Node, int, int]] = [f"{node.op.name}("]
    for position, operand in enumerate(operands):
        listed += [", "] * bool(position) + [(operand, 0, depth + 1)]
    return [*listed, ")"]


@lru_cache(maxsize=1024)
def template_parts(template: str) -> tuple[str | int, ...]:
    """Return what a template of a card consists of: texts, and the positions of operands ({x}, {y}, {z}, or {x0}, {x1} …).

    >>> template_parts("{x}[1:, {x1}]")
    (0, '[1:, ', 1, ']')
    """
    listed: list[str | int] = []
    for literal, field, _, _ in Formatter().parse(template):
        listed += [literal] * bool(literal)
        if field is not None:
            listed.append("xyz".index(field) if field in ("x", "y", "z") else int(field[1:]))
    return tuple(listed)


def with_operator(operator: str, operands: tuple[Node, ...], depth: int) -> list[str | tuple[Node, int, int]]:
    """Return the parts of an operation that Python writes with a sign: the operands with how tightly each must bind."""
    if len(operands) == 1:
        return [operator, (operands[0], SIGN, depth)]
    binding = BINDING.get(operator, 0)
    chains_left = operator != "**" and binding > 1  # a - b - c is (a - b) - c; a < b < c means something else in Python
    left, right = (binding, binding + 1) if chains_left else (binding + 1, binding if operator == "**" else binding + 1)
    return [(operands[0], left, depth), f" {operator} ", (operands[1], right, depth)]
