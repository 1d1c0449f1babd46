"""Expressions as text that could be typed in: `tl.pp(x ** 2)` is `(x ** 2)`.

Floor 4. Read `naming.py` first. A part that is used more than once is written once, in a line of its own above the expression, if
writing it out everywhere would make the text explode; a chain of 60 doublings has 2^60 paths and 60 lines. Nothing recurses.

A mean is a sum divided by a length (`means.py`) and is written as a mean, as it is typeset; what a compiled function computes is written as
it is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from ..graph.errors import ConversionError
from ..graph.node import Constant, Node
from ..graph.walk import ancestors
from ..graph.wording import a_kind, template_parts
from ..ops.families import Reduction
from .digits import array
from .drawing import clean
from .means import Mean, lengths_in, mean_of
from .naming import names_in

SHORT = 60  # operations that are written out in full whatever they share: about four lines of a terminal


class Style(NamedTuple):
    """How an expression is written: whether means are, or the sums and lengths that they are made of; and whether casts of lengths are."""

    means: bool = True
    casts: bool = True


READING = Style(casts=False)


def pp(what: Any, reading: bool = False) -> str:
    """Return an expression, a list of them or a compiled function as text with Python's operators.

    A compiled function shows what it computes after all rewrites. Below the top an expression with a `.name` is written by its name.

    Args:
        what: what to write.
        reading: leave out what only the machine must be told: that a length is cast before something is divided by it.

    Raises:
        ConversionError: it is none of these.

    >>> x = T.scalar("x")
    >>> print(tl.pp(x ** 2), tl.pp(tl.function([x], -x)))
    (x ** 2) (-x)
    >>> y = x
    >>> for _ in range(60):
    ...     y = y + y
    >>> len(tl.pp(y).splitlines())
    60
    """
    outputs, labels = results_of(what)
    names = names_in(outputs)
    known = {node: clean(name) for node, name in names.items() if (node.op is None and not isinstance(node, Constant)) or node.name}
    below = {node: name for node, name in known.items() if node not in outputs or node.op is None}
    style = Style(means=not hasattr(what, "stages"), casts=not reading)
    lines = []
    shared = repeated(outputs, below) if explodes(outputs, below) else []
    taken = {*names.values()}
    fresh = (f"t{number}" for number in count(1))
    for node in shared:
        name = next(each for each in fresh if each not in taken)
        lines.append(f"{name} = {written(node, below, style)}")
        below[node] = name
    texts = [below[node] if node in shared else written(node, below, style) for node in outputs]
    if any(labels):
        lines += [f"{label} = {text}" if label else text for label, text in zip(labels, texts)]
    else:
        several = len(texts) != 1 or isinstance(what, (list, tuple))
        lines.append(f"[{', '.join(texts)}]" if several else texts[0])
    return "\n".join(lines)


def results_of(what: Any) -> tuple[list[Node], list[str]]:
    """Return the expressions to show and, for the new values of shared variables, what they are called.

    Raises:
        ConversionError: there is no expression in it.
    """
    if isinstance(what, Node):
        return [what], [""]
    stages = getattr(what, "stages", None)
    if stages is not None:
        outputs = list(stages.rewritten.outputs)
        updated = list(getattr(what, "updates", {}))
        plain = len(outputs) - len(updated)
        return outputs, [""] * plain + [f"new {clean(variable.label)}" for variable in updated]
    if isinstance(what, Mapping):
        what = list(what.values())
    if isinstance(what, Iterable) and not isinstance(what, (str, bytes)):
        items = list(what)
        if items and all(isinstance(each, Node) for each in items):
            return items, [""] * len(items)
    raise ConversionError(f"the expression of {a_kind(what)}", "it is no expression, no list of them and no compiled function",
                          "tl.pp(y) with a symbol or an expression y")


def explodes(outputs: Sequence[Node], known: Mapping[Node, str]) -> bool:
    """Say whether the text would have more than `SHORT` operations, and many more than the graph has."""
    size: dict[Node, int] = {}
    order = ancestors(outputs, stop_at=known.keys())
    for node in order:
        inner = 0 if node in known else sum(size[each] for each in node.inputs)
        size[node] = min(inner + (node.op is not None), 10**9)  # far beyond any limit; whole numbers of 2^60 paths would be slow
    total = sum(size[node] for node in outputs)
    return total > SHORT and total > 1.5 * sum(node.op is not None and node not in known for node in order)


def repeated(outputs: Sequence[Node], known: Mapping[Node, str]) -> list[Node]:
    """Return the operations that are read more than once, each before those that are made of it."""
    uses: dict[Node, int] = {}
    order = ancestors(outputs, stop_at=known.keys())
    for node in order:
        for each in () if node in known else node.inputs:
            uses[each] = uses.get(each, 0) + 1
    return [node for node in order if node.op is not None and node not in known and uses.get(node, 0) > 1]


def written(root: Node, known: Mapping[Node, str], style: Style = Style()) -> str:  # noqa: B008  (it never changes)
    """Return one expression; nodes in `known` are written by their names."""
    text: list[str] = []
    pending: list[Node | str] = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            text.append(part)
        elif part in known and (part is not root or part.op is None):
            text.append(known[part])
        elif part.op is None:
            text.append(array(part.value) if isinstance(part, Constant) else clean(str(part)))
        else:
            mean = mean_of(part, known) if style.means else None
            pieces = None if mean is None else averaged(part, mean)
            pending.extend(reversed(parts(part, style) if pieces is None else pieces))
    return "".join(text)


def averaged(node: Node, mean: Mean) -> list[Node | str] | None:
    """Return a mean, or a product of one, as text and operands in turn; None where a mean has no such axes."""
    if mean.product is not None and mean.product.type.ndim != node.type.ndim:
        return None
    op, factor = mean.total.op, mean.factor
    assert isinstance(op, Reduction)
    settings = "" if op.over_all(mean.terms.type.ndim) else f", axis={op.axis!r}"
    if factor.type.ndim == mean.terms.type.ndim and all(factor.type.broadcastable[axis] for axis in op.axis):
        settings += ", keepdims=True"
    elif factor.type.ndim != mean.total.type.ndim:
        return None
    average: list[Node | str] = ["mean(", mean.terms, f"{settings})"]
    if mean.product is None:
        return average
    operands = iter(range(len(mean.product.inputs)))
    whole: list[Node | str] = []
    for piece in parts(mean.product):
        whole += average if isinstance(piece, Node) and next(operands) == mean.place else [piece]
    return whole


def parts(node: Node, style: Style = Style()) -> list[Node | str]:  # noqa: B008  (it never changes)
    """Return an operation as text and operands in turn."""
    op, inputs = node.op, node.inputs
    assert op is not None
    if op.infix and len(inputs) == 2:
        return ["(", inputs[0], f" {op.infix} ", inputs[1], ")"]
    if op.infix and len(inputs) == 1:
        return ["(", op.infix, inputs[0], ")"]
    if op.name == "cast" and (node.type == inputs[0].type or (not style.casts and lengths_in(inputs[0], ()))):
        return [inputs[0]]
    if op.python:
        return [each if isinstance(each, str) else inputs[each] for each in template_parts(op.python)]
    settings = dict(op.parameters)
    if isinstance(op, Reduction) and op.over_all(inputs[0].type.ndim):
        settings.pop("axis", None)
    listed: list[Node | str] = [f"{op.name}("]
    for position, each in enumerate(inputs):
        listed += [", ", each] if position else [each]
    listed += [f", {key}={value!r}" for key, value in settings.items() if value is not None]
    return [*listed, ")"]


def without_outer(text: str) -> str:
    """Return an expression without parentheses around the whole of it.

    >>> without_outer("(2 * x)"), without_outer("(a + b) * (c + d)"), without_outer("exp(x)")
    ('2 * x', '(a + b) * (c + d)', 'exp(x)')
    """
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:-1] if position > 0 and position == len(text) - 1 else text
    return text
