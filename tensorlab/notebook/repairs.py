"""Edits of an operation whose operands do not fit that would make it fit, each tried out before it is offered.

Floor 6. The lengths that are known go into stand-ins for the operands; an edit is offered only if the operation takes the edited stand-ins.
Where a function failed while it ran, the edit must also compute on the very values that it failed on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ..graph.node import Constant, Node, Symbol
from ..graph.op import Op
from ..graph.types import TensorType
from ..graph.walk import ancestors
from ..graph.wording import code, in_code
from ..ops.broadcasting import addbroadcast
from ..ops.evaluate import interpret
from ..ops.families import Elementwise
from ..view.digits import lengths
from ..view.text import written

FARTHER = 2  # how much more than the least may be edited: beside a transpose nobody wants to read of sums
CHEAP = 6  # how much may be edited at once: two sums, or a transpose and a sum
MOST = 4  # repairs; with more the reader would have to choose among what nobody meant


class Repair(NamedTuple):
    """An edit that fits: code that can be pasted, and what comes out."""

    code: str
    result: str


class Edit(NamedTuple):
    """What may be done to one operand: its code with {} for the operand, and the same on nodes. The fewer points the simpler."""

    code: str
    apply: Callable[[Node], Node]
    points: int


def edits_of(node: Node, value: Any = None, casts: bool = False) -> list[Edit]:
    """Return what may be done to an operand, the simplest first; what changes its dtype only where that is the matter."""
    rank = node.type.ndim
    found = [Edit("{}", lambda x: x, 0)]
    if rank == 2:
        found.append(Edit("{}.T", lambda x: x.T, 1))
    if rank == 1:
        found += [Edit("{}.dimshuffle(0, 'x')", lambda x: x.dimshuffle(0, "x"), 2)]  # with the new axis in front it stretches anyway
    if rank > 2:
        order = (*range(rank - 2), rank - 1, rank - 2)
        found.append(Edit(f"{{}}.dimshuffle{order}", lambda x: x.dimshuffle(*order), 2))
    if rank > 1:
        found += [Edit(f"{{}}.sum(axis={axis})", lambda x, axis=axis: x.sum(axis=axis), 4) for axis in range(rank)]  # type: ignore[misc]
        found.append(Edit("{}.flatten()", lambda x: x.flatten(), 4))
    if rank:
        found.append(Edit("{}.sum()", lambda x: x.sum(), 5))
    for position in range(rank):  # what is stretched must say so in its type
        if value is not None and np.shape(value)[position] == 1 and not node.type.broadcastable[position]:
            found.append(Edit(f"T.addbroadcast({{}}, {position})", lambda x, at=position: stretched(x, at), 1))  # type: ignore[misc]
    if casts:
        found = found[:1]
        other = "int64" if node.type.dtype.startswith("float") else "float64"
        found.append(Edit(f"{{}}.astype('{other}')", lambda x: x.astype(other), 1))
    return found


def stretched(x: Node, axis: int) -> Node:
    """Return an operand that may be stretched along an axis."""
    return addbroadcast(x, axis)


def repairs(op: Op, inputs: Sequence[Node], values: Sequence[Any] | None = None, casts: bool = False) -> list[Repair]:
    """Return edits with which an operation takes its operands, the simplest first.

    Args:
        op, inputs: what was asked.
        values: of the operands, where it failed while it ran.
        casts: whether to try other dtypes.

    >>> from tensorlab.ops.products import Dot
    >>> x, w = T.TensorType("float64", (3, 2))("x"), T.TensorType("float64", (4, 2))("w")
    >>> repairs(Dot(), [x, w])[0]
    Repair(code='T.dot(x, w.T)', result='3×4')
    """
    if not inputs or len(inputs) > 3:
        return []
    of = [None] * len(inputs) if values is None else list(values)
    stand_ins = [stand_in(each, value) for each, value in zip(inputs, of)]
    choices = [edits_of(each, value, casts) for each, value in zip(stand_ins, of)]
    choices = [ways[:1] if isinstance(each, Constant) else ways for ways, each in zip(choices, inputs)]
    known = {stand_in: code(each) for stand_in, each in zip(stand_ins, inputs)}
    found: list[Repair] = []
    best = CHEAP
    enough: list[set[tuple[int, str]]] = []  # what was edited in repairs that are known; more than that is needed by nobody
    for points, ways, swapped in sorted(asked_otherwise(op, choices), key=lambda each: each[0]):
        edited = {(position, edit.code) for position, edit in enumerate(ways) if edit.points}
        if not 0 < points <= min(CHEAP, best + FARTHER) or any(less <= edited for less in enough) or len(found) == MOST:
            continue
        node = tried(swapped, [edit.apply for edit in ways], stand_ins)
        if node is None or (values is not None and not computes(node, stand_ins, values)):
            continue
        texts = {each: edit.code.format(known[each] if edit.code != "{}" else in_code(original))
                 for each, edit, original in zip(stand_ins, ways, inputs)}
        text = as_code(node, stand_ins, texts)
        if not can_be_pasted(text, node, inputs):
            continue
        best = min(best, points)
        if edited:
            enough.append(edited)
        found.append(Repair(text, lengths(node.type)))
        found += declared(inputs, ways, lengths(node.type))
    return found[:MOST]


def can_be_pasted(text: str, node: Node, inputs: Sequence[Node]) -> bool:
    """Say whether code, run with the reader's own symbols, builds the operation that it is meant to build."""
    made = pasted(text, inputs)
    return made is not None and type(made.op) is type(node.op)


def pasted(text: str, inputs: Sequence[Node]) -> Node | None:
    """Return what code builds when it is run with the reader's own symbols, or None if it builds nothing.

    A name may be any string, and might itself be code: nothing is run, and nothing offered, unless all names are identifiers.
    """
    from .. import tensor as T

    known = {each.known_name: each for each in ancestors(inputs) if each.known_name}
    if not all(name.isidentifier() and not name.startswith("__") for name in known):
        return None
    try:
        made = eval(compile(text, "<repair>", "eval"), {"T": T, "__builtins__": {}}, known)
    except Exception:  # a name that is no identifier, a card whose function takes its operands otherwise
        return None
    return made if isinstance(made, Node) else None


def declared(inputs: Sequence[Node], ways: Sequence[Edit], result: str) -> list[Repair]:
    """Return the declaration that says what an edit with addbroadcast says: that of a symbol as a row or a column."""
    edited = [(each, way) for each, way in zip(inputs, ways) if way.points]
    if len(edited) != 1 or not isinstance(edited[0][0], Symbol) or edited[0][0].type.ndim != 2 or "addbroadcast" not in edited[0][1].code:
        return []
    name, kind = edited[0][0].known_name, "row" if edited[0][1].code.endswith("0)") else "col"
    return [Repair(f"{name} = T.{kind}({name!r})", result)] if name and name.isidentifier() else []


def asked_otherwise(op: Op, choices: Sequence[Sequence[Edit]]) -> Iterator[tuple[int, tuple[Edit, ...], Op]]:
    """Yield the ways in which an operation may be asked for instead, and how much that changes: other operands, or a matrix product."""
    from ..ops.products import Dot

    for ways in product(*choices):
        yield sum(edit.points for edit in ways), ways, op
    if isinstance(op, Elementwise) and op.infix == "*" and len(choices) == 2:
        for ways in product(*(each[:2] for each in choices)):
            yield 2 + sum(edit.points for edit in ways), ways, Dot()


def stand_in(node: Node, value: Any) -> Node:
    """Return a symbol with all the lengths that are known of an operand."""
    known = np.shape(value) if value is not None else getattr(node, "value", None)
    shape = node.type.shape
    if value is not None:
        # a length of 1 that the type does not promise must not let anything stretch
        shape = tuple(length if length != 1 or promised else None for length, promised in zip(np.shape(value), node.type.broadcastable))
    elif hasattr(node, "get_value"):
        shape = tuple(length if length != 1 or promised else None
                      for length, promised in zip(node.get_value(borrow=True).shape, node.type.broadcastable))
    elif known is not None:
        shape = np.shape(known)
    return TensorType(node.type.dtype, tuple(shape))(None)


def tried(op: Op, edits: Sequence[Callable[[Node], Node]], stand_ins: Sequence[Node]) -> Node | None:
    """Return the operation on edited operands, or None if it does not take them."""
    try:
        return op(*[edit(each) for edit, each in zip(edits, stand_ins)])
    except Exception:  # whatever an edit or a card objects to, this edit is no repair
        return None


def computes(node: Node, stand_ins: Sequence[Node], values: Sequence[Any]) -> bool:
    """Say whether an operation computes on the values that it failed on."""
    try:
        with np.errstate(all="ignore"):
            interpret([node], dict(zip(stand_ins, map(np.asarray, values))))
    except Exception:
        return False
    return True


def as_code(node: Node, stand_ins: Sequence[Node], texts: dict[Node, str]) -> str:
    """Return an operation as code, with the edited operands in it."""
    names = {}
    for each in stand_ins:
        edited = next((inner for inner in node.inputs if inner is each or each in ancestors([inner])), None)
        if edited is not None:
            names[edited] = texts[each]
    text = written(node, names)
    infix = node.op is not None and bool(node.op.infix) and len(node.inputs) == 2
    return with_prefix(text[1:-1] if infix and text.startswith("(") else text)


def with_prefix(text: str) -> str:
    """Return code in which the functions of `tensorlab.tensor` are called as the reader calls them.

    >>> with_prefix("dot(M, W.T).T + b.sum()")
    'T.dot(M, W.T).T + b.sum()'
    """
    from .. import tensor as T

    return re.sub(r"(?<![\w.])([a-z_]\w*)\(", lambda found: ("T." if hasattr(T, found[1]) else "") + found[0], text)
