"""What went wrong while a function ran, in the reader's own names.

Floor 5. The error says which op failed, on which shapes, what the operands are called and where they were made, and what to try. A card
that raises its own error knows its operands only as {x}, {y}, {z} (or {x0}, {x1} …); their names are put in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from ..backends.base import StepError
from ..graph.errors import BroadcastError, ComputationError, IndexingError, ShapeError, TensorlabError
from ..graph.node import Constant, Node
from ..graph.wording import code, with_names
from ..ops.families import Elementwise
from ..schedule.plan import Program
from ..settings import config

OPERANDS_SHOWN = 4  # with the question, the finding and the advice a message stays within eight lines
LINES_AROUND = 4  # of the program, before and after the step that failed, when exception_verbosity is high
ABOUT_SHAPES = ("shape", "broadcast", "dimension", "size", "axis", "axes", "length", "align", "mismatch", "inhomogeneous")


def explained(step: StepError, program: Program) -> BaseException:
    """Return the exception to raise for a step of a program that failed."""
    node, cause = step.node, step.cause
    assert node.op is not None
    asked = f"{node.op.name}({', '.join(each.label for each in node.inputs)})" + (f" at {node.place}" if node.place is not None else "")
    operands = listed(node, step.values)
    if isinstance(cause, TensorlabError):
        advice = with_names(cause.advice or node.op.advice, node)
        if isinstance(cause, ShapeError) and not isinstance(cause, BroadcastError) and isinstance(node.op, Elementwise):
            advice = advice_on_elements(node, step.values) or advice
        found = with_names(cause.found, node)
        error: BaseException = type(cause)(with_names(cause.asked, node) or asked, f"{found}\n{operands}" if found else operands, advice)
    elif isinstance(cause, IndexError):
        advice = with_names(node.op.advice, node) or "an index between 0 and the length minus 1"
        error = IndexingError(asked, f"{cause}\n{operands}", advice)
    elif isinstance(cause, ValueError):
        shapes = any(word in str(cause) for word in ABOUT_SHAPES)
        advice = with_names(node.op.advice, node)
        error = (ShapeError(asked, f"{cause}\n{operands}", advice or "operands whose shapes fit together") if shapes
                 else ComputationError(asked, f"{cause}\n{operands}", advice or "x.astype('float64') for whole numbers, or other values"))
    else:  # no mistake of the reader's that is known here: memory that is full, a bug of a card
        error = cause
        error.add_note(f"while computing {asked} with\n{operands}")
    if config.exception_verbosity == "high":
        error.add_note("\n".join(["in the program", *around(node, program)]))
    return error


def listed(node: Node, values: Sequence[Any]) -> str:
    """Return one line an operand: what it is called, its dtype and shape at run time, and where it was made."""
    lines = []
    seen: set[Node] = set()
    for each, value in zip(node.inputs, values):
        if each not in seen and not (isinstance(each, Constant) and each.type.ndim == 0):
            place = f", made at {each.place}" if each.place is not None else ""
            lines.append(f"{each.label} is {each.type.dtype} {getattr(value, 'shape', ())}{place}")
        seen.add(each)
    if len(lines) > OPERANDS_SHOWN:
        lines[OPERANDS_SHOWN - 1:] = [f"and {len(lines) - OPERANDS_SHOWN + 1} more"]
    return "\n".join(lines)


def advice_on_elements(node: Node, values: Sequence[Any]) -> str:
    """Return what makes two operands of an elementwise op fit: an axis put behind, a transpose, or a matrix product."""
    for (x, a), (y, b) in combinations(zip(node.inputs, values), 2):
        if not a.ndim or not b.ndim or fits(a.shape, b.shape):
            continue
        if a.ndim == 1 and b.ndim == 1:
            name = code(y if isinstance(x, Constant) else x)
            return f"operands of one length; {name}.dimshuffle(0, 'x') in place of {name} combines every element with every other"
        ways = []
        for one, other, small, large in ((x, y, a.shape, b.shape), (y, x, b.shape, a.shape)):
            if len(small) == 1 and len(large) == 2 and small[0] == large[0]:
                ways.append(f"{code(one)}.dimshuffle(0, 'x') in place of {code(one)}, so that every row of {code(other)} meets one element")
        if a.ndim == b.ndim == 2 and a.shape[::-1] == b.shape:
            ways.append(f"{code(y)}.T in place of {code(y)}")
        if a.ndim == b.ndim == 2 and a.shape[1] == b.shape[0]:
            ways.append(f"T.dot({x.label}, {y.label}) for the matrix product")
        if ways:
            return " or ".join(ways[:2])
    return ""


def fits(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Say whether two shapes are equal where both have axes, counted from the last, or one of the lengths is 1."""
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b)))


def around(node: Node, program: Program) -> list[str]:
    """Return the lines of a program around the step that computes a node, which is marked."""
    lines = str(program).split("\n")
    marked = len(program.leaves) + next(position for position, step in enumerate(program.steps) if step.node is node)
    shown = range(max(0, marked - LINES_AROUND), min(len(lines), marked + LINES_AROUND + 1))
    return [f"{'->' if number == marked else '  '} {lines[number]}" for number in shown]
