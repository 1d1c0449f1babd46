"""The picture of an error: which operation could not be made or run, what was brought to it, where that was made, and what would fit.

Floor 6. Errors know nothing of pictures. What an operation was given is found in the frames that the error has passed: a card's call holds
its operands, and a program that fails holds the step that failed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from ..backends.base import StepError
from ..graph.errors import AssertionFailedError, CostError, DtypeError, TensorlabError, TestValueError
from ..graph.node import Constant, Node
from ..graph.op import Op
from ..graph.types import TensorType
from ..graph.wording import code, in_code
from ..ops.families import Library, describe
from ..view.digits import type_words
from ..view.drawing import clean
from ..view.escape import html_text
from ..view.shapes import shape_words
from ..view.shown import Shown
from ..view.trouble import trouble, unmade
from .refusals import CARDS, refusal_of
from .repairs import Repair, repairs, with_prefix

LINES = "white-space:pre;overflow-x:auto"  # a page would break long lines of code in the midst of words
CELL_SHOWN = 80  # letters of a line of the reader's source


@dataclass(frozen=True)
class Operation:
    """What was asked for and did not fit: an op on operands, and their values where it failed while it ran."""

    op: Op
    inputs: tuple[Node, ...]
    values: tuple[Any, ...] | None
    node: Node


class Clash:
    """What a notebook shows of an error beside its message.

    Attributes:
        picture: the graph near the clash.
        operands: one line an operand: what it is, and where it was made.
        repairs: edits that fit.
    """

    def __init__(self, picture: Shown, operands: list[str], found: list[Repair]) -> None:
        self.picture, self.operands, self.repairs = picture, operands, found

    @property
    def text(self) -> str:
        """The graph in words, the operands, and the repairs."""
        lines = [self.picture.text, "", *self.operands]
        lines += ["", "what fits", *(f"  {each.code}    # {each.result}" for each in self.repairs)] if self.repairs else []
        return "\n".join(map(clean, "\n".join(lines).split("\n")))

    @property
    def html(self) -> str:
        """The picture, the operands as a list, and the repairs as code that can be copied."""
        rows = "".join(f"<li>{html_text(each)}</li>" for each in self.operands)
        code_lines = "\n".join(f"{each.code}    # {each.result}" for each in self.repairs)
        fits = f'<p>What fits:</p><pre style="{LINES}"><code>{html_text_lines(code_lines)}</code></pre>' if self.repairs else ""
        return f'<div class="tl-clash-report">{self.picture.html}<ul>{rows}</ul>{fits}</div>'

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        bundle = {"text/html": self.html, "image/svg+xml": self.picture.image, "text/plain": self.text}
        return {key: value for key, value in bundle.items() if (not include or key in include) and key not in (exclude or ())}


def html_text_lines(text: str) -> str:
    """Return several lines for HTML; `clean` would join them."""
    return "\n".join(map(html_text, text.split("\n")))


def clash(error: BaseException, names: Mapping[str, Any] | None = None) -> Clash | None:
    """Return the picture of an error, or None if no operation is to blame.

    Args:
        error: an error with its traceback.
        names: the reader's variables, for nodes that know no name.

    >>> x, y = T.TensorType("float64", (2,))("x"), T.TensorType("float64", (3,))("y")
    >>> try:
    ...     x * y
    ... except ValueError as problem:
    ...     print(clash(problem).repairs[0].code)
    x * y.dimshuffle(0, 'x')
    """
    if isinstance(error, TestValueError) and error.__cause__ is None:
        return None  # a test value is missing or no value of its symbol: the operands may fit
    found = operation_of(error)
    if found is None and isinstance(error, CostError):
        return cost_of(error, names)
    if found is None:
        refused = refusal_of(error)
        if refused is None:
            return None
        found = Operation(refused.op, refused.inputs, None, unmade(refused.op, refused.inputs))
        picture = trouble(found.node, "clash", refused.brings or [brought(each, None) for each in found.inputs], names)
        return Clash(picture, listed(found), refused.repairs)
    shapes = [brought(each, None if found.values is None else found.values[position]) for position, each in enumerate(found.inputs)]
    picture = trouble(found.node, "clash", shapes, names)
    if isinstance(error, AssertionFailedError):  # an edit would take the condition away that the reader wrote
        return Clash(picture, listed(found), [])
    return Clash(picture, listed(found), repairs(found.op, found.inputs, found.values, isinstance(error, DtypeError)))


def operation_of(error: BaseException) -> Operation | None:
    """Return the operation that an error is about: the last one that the error has passed."""
    step = error if isinstance(error, StepError) else error.__context__
    if isinstance(step, StepError) and step.node.op is not None:
        return Operation(step.node.op, step.node.inputs, tuple(step.values), step.node)
    found: tuple[Op, tuple[Node, ...]] | None = None
    traceback = error.__traceback__
    while traceback is not None:
        local = traceback.tb_frame.f_locals
        op, inputs = local.get("self"), local.get("inputs")
        given = tuple(inputs) if isinstance(inputs, (list, tuple)) else ()
        called = traceback.tb_frame.f_code.co_name in ("__call__", "type") and all(isinstance(each, Node) for each in given)
        if called and given and isinstance(op, Op):
            found = op, given
        elif found is None:
            found = function_of_several(traceback.tb_frame)
        traceback = traceback.tb_next
    if found is None or not isinstance(error, TensorlabError):
        return None
    return Operation(*found, None, unmade(*found))


def function_of_several(frame: FrameType) -> tuple[Op, tuple[Node, ...]] | None:
    """Return what stands for a function of T that refused a list of expressions before it came to any op: concatenate, stack."""
    from .. import tensor as T

    nodes, name = frame.f_locals.get("nodes"), frame.f_code.co_name
    several = isinstance(nodes, list) and len(nodes) > 1 and all(isinstance(each, Node) for each in nodes)
    if nodes is None or not several or frame.f_globals.get("__package__") != CARDS or not hasattr(T, name):
        return None
    card = type(name.title(), (Library,), {"__doc__": f"Stands for T.{name} in a picture.", "glyph": name})
    return card(), tuple(nodes)


def cost_of(error: BaseException, names: Mapping[str, Any] | None) -> Clash | None:
    """Return the picture of a cost that is not a single number, and what would make it one."""
    traceback, cost = error.__traceback__, None
    while traceback is not None:
        here = traceback.tb_frame.f_locals.get("cost")
        cost = here if isinstance(here, Node) else cost
        traceback = traceback.tb_next
    if cost is None or cost.type.ndim == 0:
        return None
    fits = [Repair(with_prefix(f"{code(cost)}.{way}()"), "scalar") for way in ("mean", "sum") if getattr(cost, way)().type.ndim == 0]
    return Clash(trouble(cost, "rank", [""] * len(cost.inputs), names), [line_of(cost, None)], fits)


def brought(node: Node, value: Any) -> str:
    """Return what an operand brings to a clash: the shape that it has, or that its type says, and the dtype where that is no float."""
    shape = shape_words(node) if value is None else type_words(TensorType(node.type.dtype, np.shape(value))).partition(" ")[2]
    return shape if node.type.dtype.startswith("float") else f"{node.type.dtype} {shape}"


def listed(found: Operation) -> list[str]:
    """Return one line an operand, each once."""
    values = found.values or [None] * len(found.inputs)
    return list(dict.fromkeys(line_of(each, value) for each, value in zip(found.inputs, values)))


def line_of(node: Node, value: Any) -> str:
    """Return what an operand is, and the cell and line that made it."""
    said = describe(node) if value is None else f"{in_code(node)} is {node.type.dtype} of shape {np.shape(value)}"
    if isinstance(node, Constant) or node.place is None:
        return said
    place = "" if str(node.place) in said else f", made at {node.place}"
    source = clean(node.place.source)
    return f"{said}{place}" + (f": {source[:CELL_SHOWN]}" if source else "")
