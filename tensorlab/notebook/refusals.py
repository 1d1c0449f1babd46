"""Pictures of what was refused before there was an operation to draw: an axis that is not there, an index of floats, new values that do not
fit their part, and the value of an argument, of an update or of a shared variable.

Floor 6. Read `clashes.py` first, which asks here when no card's call is to blame. What was asked is found in the frames that the error has
passed: a function of the cards' room has its operands as arguments, and whatever takes a value knows the type that it wants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from ..graph.errors import AxisError, DowncastError, DtypeError, GivenError, IndexingError, RankError, ShapeError, UpdateError
from ..graph.node import Constant, Node, Symbol
from ..graph.op import Op
from ..graph.types import TensorType
from ..graph.wording import code, in_code
from ..ops.families import Library
from ..state import SharedVariable
from ..view.digits import lengths, type_words
from .repairs import Repair, edits_of, pasted, with_prefix

CARDS = Library.__module__.rpartition(".")[0]
"""The room of the cards."""
MOST = 3  # repairs
MISFITS = (ShapeError, RankError, AxisError, DtypeError, DowncastError, IndexingError, GivenError, UpdateError)
"""Errors of shape or type: what does not fit can be drawn."""
NUMBERS = "biufc"
"""The kinds of dtypes that can be drawn."""


@dataclass(frozen=True)
class Refusal:
    """What did not come to be.

    Attributes:
        op: stands for it in a picture.
        inputs: what it was to be made of.
        repairs: code that fits.
        brings: what stands on the arrows, if it is not the shapes.
    """

    op: Op
    inputs: tuple[Node, ...]
    repairs: list[Repair]
    brings: tuple[str, ...] = ()


def refusal_of(error: BaseException) -> Refusal | None:
    """Return what an error refused, or None if that cannot be drawn.

    >>> try:
    ...     T.matrix("M").sum(axis=2)
    ... except ValueError as problem:
    ...     print(refusal_of(problem).repairs)
    [Repair(code='M.sum(axis=0)', result='vector'), Repair(code='M.sum(axis=1)', result='vector')]
    """
    if not isinstance(error, MISFITS):
        return None
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    found = next((call for call in map(refused_call, frames) if call is not None), None)
    return found if found is not None else next((each for each in map(refused_value, reversed(frames)) if each is not None), None)


def card(label: str) -> Op:
    """Return an op that stands in a picture for what was asked."""
    kind = type("Refused", (Library,), {"__doc__": "Stands for what was asked in a picture.", "glyph": label})
    stand_in: Op = kind()
    return stand_in


# -- a function of the cards' room
def arguments_of(frame: FrameType) -> dict[str, Any]:
    """Return the arguments of a call by name."""
    made = frame.f_code
    count = made.co_argcount + made.co_kwonlyargcount + bool(made.co_flags & 0x04)  # 0x04: it has *arguments, which stand behind those
    return {name: frame.f_locals.get(name) for name in made.co_varnames[:count]}


def refused_call(frame: FrameType) -> Refusal | None:
    """Return a function that was called with nodes and refused them."""
    given = arguments_of(frame)
    name = frame.f_code.co_name.removesuffix("_of").rstrip("_")
    public = name.isidentifier() and not frame.f_code.co_name.startswith("_")  # no comprehension, no method of a card
    if frame.f_globals.get("__package__") != CARDS or "self" in given or not public:
        return None
    flat = [each for value in given.values() for each in (value if isinstance(value, (tuple, list)) else [value])]
    nodes = tuple(dict.fromkeys(each for each in flat if isinstance(each, Node)))
    if not nodes:
        return None
    label = "[·]" if name == "getitem" else name.replace("_", " ")
    return Refusal(card(label), nodes, offered(name, given, nodes))


def offered(name: str, given: dict[str, Any], nodes: tuple[Node, ...]) -> list[Repair]:
    """Return calls of the same function that it takes, each tried out."""
    found: list[Repair] = []
    for text in map(with_prefix, otherwise(name, given, nodes[0])):
        made = pasted(text, nodes)
        if made is not None and len(found) < MOST:
            found.append(Repair(text, lengths(made.type)))
    return found


def otherwise(name: str, given: dict[str, Any], x: Node) -> Iterator[str]:
    """Yield what might be asked instead, as code."""
    axes = range(x.type.ndim)
    if name == "getitem":
        index = given.get("index")
        if isinstance(index, Node):
            yield f"{code(x)}[{code(index)}.astype('int64')]"
        elif isinstance(index, float):
            yield f"{code(x)}[{int(index)}]"
        elif isinstance(index, tuple) and len(index) > x.type.ndim and all(isinstance(each, int) for each in index):
            yield f"{code(x)}[{', '.join(map(str, index[: x.type.ndim]))}]"
    elif name in ("set_subtensor", "inc_subtensor"):
        y = given.get("y")
        new = in_code(y) if isinstance(y, Node) else repr(y)
        yield f"T.{name}({code(x)}[:], {new})"
        if isinstance(y, Node):
            yield f"T.{name}({in_code(x)}, {code(y)}.astype('{x.type.dtype}'))"
            yield from (f"T.{name}({in_code(x)}, {code(y)}[{'0, ' * (count - 1)}0])" for count in range(1, y.type.ndim + 1))
            yield from (f"T.{name}({in_code(x)}, {each.code.format(code(y))})" for each in edits_of(y)[1:])
    elif name == "transpose":
        yield f"{code(x)}.transpose({tuple(reversed(axes))})"
    elif name == "dimshuffle":
        kept = [each for each in given.get("pattern") or () if each == "x" or each in axes]
        yield f"{code(x)}.dimshuffle({', '.join(map(repr, kept))})"
        yield from (f"{code(x)}.sum(axis={axis})" for axis in axes if axis not in kept)
    elif "axis" in given:
        call = f"{code(x)}.{name}(" if hasattr(x, name) else f"T.{name}({in_code(x)}, "
        yield from (f"{call}axis={axis})" for axis in axes)


# -- a value
def refused_value(frame: FrameType) -> Refusal | None:
    """Return a value that does not fit what should hold it."""
    known = frame.f_locals
    name = frame.f_code.co_name
    if name == "read" and hasattr(known.get("each"), "variable"):
        return unfit(known["each"].variable, known.get("value"))
    if name == "set_value" and isinstance(known.get("self"), SharedVariable):
        return unfit(known["self"], known.get("new_value"))
    if name in ("checked_update", "checked_givens") and isinstance(known.get("variable"), Node):
        return unfit(known["variable"], known.get("value"))
    return None


def unfit(target: Node, value: Any) -> Refusal | None:
    """Return the picture of a value beside the symbol or shared variable that it was meant for."""
    if isinstance(value, Node):
        brought = value
    else:
        try:
            array = np.asarray(value)
        except ValueError:  # rows of unequal lengths
            return None
        if array.dtype.kind not in NUMBERS:
            return None
        brought = TensorType(array.dtype.name, array.shape)("the value")
        brought.place = None  # it was made here, and not by the reader
    label = target.known_name or "x"
    op = card(f"{label}, {type_words(target.type)}")
    fits = redeclared(target, brought.type) if isinstance(target, Symbol) and not isinstance(target, Constant) else []
    return Refusal(op, (brought,), fits, (type_words(brought.type),))


def redeclared(target: Symbol, wanted: TensorType) -> list[Repair]:
    """Return the declaration of a symbol that would take a value."""
    name = target.known_name or ""
    kind = ("scalar", "vector", "matrix", "tensor3", "tensor4", "tensor5")[wanted.ndim : wanted.ndim + 1]
    if not name.isidentifier() or not kind:
        return []
    same = wanted.dtype == target.type.dtype
    return [Repair(f"{name} = T.{kind[0]}({name!r}" + ("" if same else f", dtype={wanted.dtype!r}") + ")", type_words(wanted))]
