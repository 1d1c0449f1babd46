"""What to say when Python asks a symbol for something that only a value has: `if x > 0`, `len(x)`, `float(x)`, `x[0] = 1`.

Floor 1. Each function returns the error to raise. The advice is code with the reader's own names in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import SymbolAssignmentError, SymbolIterationError, SymbolNumberError, SymbolTruthError
from .walk import leaves

if TYPE_CHECKING:
    from .node import Node

SHOWN = 3  # names in an example of eval(); more than that would hide the point


def truth(node: Node) -> SymbolTruthError:
    """Refuse to be true or false: `if x > 0`, `while`, `and`, `or`, `not`, and comparisons in a row."""
    label = node.label
    return SymbolTruthError(
        f"the condition `if {label}:`",
        f"{label} is a bool {node.type.pattern} that has no value before a function runs, so it is neither true nor false",
        f"T.switch({code(node)}, a, b) for `a if {label} else b`; T.and_(p, q) or T.or_(p, q) for `p and q`, `p or q`; "
        "(0 < x) & (x < 1) for `0 < x < 1`",
    )


def length(node: Node) -> SymbolIterationError:
    """Refuse `len(x)`."""
    if node.type.ndim == 0:
        return SymbolIterationError(f"len({node.label})", f"{node.label} is a scalar, and has no length", f"{code(node)} itself")
    return SymbolIterationError(
        f"len({node.label})", f"{node.label} is a {node.type.pattern} whose length is known only when a function runs",
        f"{tight(node)}.shape[0], a symbol that stands for the length",
    )  # fmt: skip


def iteration(node: Node) -> SymbolIterationError:
    """Refuse `for v in x` and `a, b = x`."""
    if node.type.ndim == 0:
        return SymbolIterationError(f"iterating over {node.label}", f"{node.label} is a scalar: it has no elements", f"{code(node)} itself")
    x = tight(node)
    return SymbolIterationError(
        f"iterating over {node.label}",
        f"{node.label} is a {node.type.pattern} whose length is known only when a function runs",
        f"{x} ** 2, {x}.sum() or another operation on all elements at once, instead of a loop; {x}[0], {x}[1] for the first two",
    )


def membership(node: Node, item: Any) -> SymbolTruthError:
    """Refuse `value in x`."""
    value = written(item)
    return SymbolTruthError(
        f"`{value} in {node.label}`",
        f"{node.label} has no values before a function runs",
        f"T.any(T.eq({code(node)}, {value})), a symbol that is true or false when a function runs",
    )


def assignment(node: Node, index: Any, value: Any) -> SymbolAssignmentError:
    """Refuse `x[0] = 1` and `x[0] += 1`."""
    part = f"[{indexed(index)}]"
    return SymbolAssignmentError(
        f"{node.label}{part} = {written(value)}",
        "an expression never changes once it is made",
        f"{node.known_name or 'new'} = T.set_subtensor({tight(node)}{part}, {written(value)}), or T.inc_subtensor to add",
    )


def deletion(node: Node, index: Any) -> SymbolAssignmentError:
    """Refuse `del x[0]`."""
    part = indexed(index)
    if type(index) is int and index in (0, -1):
        kept = f"{tight(node)}[{'1:' if index == 0 else ':-1'}] for the other elements"
    else:
        kept = f"{tight(node)}[[0, 2]] with the positions to keep, or T.concatenate([{tight(node)}[:1], {tight(node)}[2:]])"
    return SymbolAssignmentError(f"del {node.label}[{part}]", "an expression never changes once it is made", kept)


def formatting(node: Node, how: str) -> SymbolNumberError:
    """Refuse `f"{x:.2f}"`, which is about digits of a number."""
    return SymbolNumberError(
        f"f'{{{code(node)}:{how}}}'",
        f"{node.label} is a symbol, and has no digits before a function runs",
        f"f'{{{code(node)}}}' for the symbol itself; format({tight(node)}.eval({example(node)}), {how!r}) for the value of a scalar",
    )


def power_with_modulus(node: Node, exponent: Any, modulus: Any) -> SymbolNumberError:
    """Refuse `pow(x, 2, 3)`."""
    asked = f"pow({node.label}, {written(exponent)}, {written(modulus)})"
    return SymbolNumberError(
        asked, "a symbol has no power with a modulus", f"{tight(node)} ** {written(exponent)} % {written(modulus)}"
    )


def number(node: Node, kind: str) -> SymbolNumberError:
    """Refuse to become a number or an array: `float(x)`, `int(x)`, `numpy.asarray(x)`."""
    advice = f"{tight(node)}.eval({example(node)}) for its value"
    if kind == "round":
        advice = f"T.round({code(node)})"
    elif kind == "operator.index":
        advice = f"T.arange({code(node)}) for range({node.label}); T.zeros({code(node)}) for numpy.zeros({node.label}); "
        advice += f"T.stack(values)[{node.label}] for an element of a list"
    elif kind == "numpy.asarray":
        advice += "; numpy.exp, numpy.dot and T's own functions take the symbol itself; T.stack([a, b]) makes one of several"
    else:
        dtype = {"float": "float64", "int": "int64"}.get(kind, "float64")
        advice += f"; {tight(node)}.astype({dtype!r}) for another dtype"
    return SymbolNumberError(f"{kind}({node.label})", f"{node.label} is a symbol, and has no value before a function runs", advice)


def example(node: Node) -> str:
    """Return the argument of `eval` that gives a value to each symbol that a node is made of."""
    names = [leaf.label for leaf in leaves([node]) if not hasattr(leaf, "value")]
    shown = [f"{name}: …" for name in names[:SHOWN] if name.isidentifier()]
    return f"{{{', '.join(shown)}}}" if shown else "{x: …}" if names else ""


def code(node: Node) -> str:
    """Return a node as it can stand between commas: its label, or a word for an expression too long to show."""
    label = node.label
    return "expression" if "…" in label or label.startswith("<") else label


def tight(node: Node) -> str:
    """Return a node as it can stand before a dot: in parentheses if an operator would come in between."""
    text, depth = code(node), 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if (depth == 0 and letter == " ") or text.startswith("-"):
            return f"({text})"
    return text


def written(value: Any) -> str:
    """Return a value as it is written in code, if that is short."""
    text = value.label if hasattr(value, "label") else repr(value)
    return text if len(text) <= 40 else "value"


def indexed(index: Any) -> str:
    """Return an index as it is written in brackets.

    >>> indexed((0, slice(None, 5), Ellipsis))
    '0, :5, ...'
    """
    if isinstance(index, tuple):
        return ", ".join(map(indexed, index))
    if isinstance(index, slice):
        start, stop, step = ("" if each is None else written(each) for each in (index.start, index.stop, index.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return "..." if index is Ellipsis else written(index)
