"""What went wrong while a function ran, in the reader's own names.

Floor 5. The error says which op failed, on which shapes, what the operands are called and where they were made, and what to try.
"""

from __future__ import annotations

from typing import Any

from ..backends.base import StepError
from ..graph.errors import IndexingError, ShapeError, TensorlabError
from ..graph.node import Constant, Node


def explained(step: StepError) -> BaseException:
    """Return the exception to raise for a step that failed."""
    node, cause = step.node, step.cause
    assert node.op is not None
    asked = f"{node.op.name}({', '.join(short(each) for each in node.inputs)})" + (f" at {node.place}" if node.place is not None else "")
    operands = "; ".join(described(each, value) for each, value in zip(node.inputs, step.values) if not isinstance(each, Constant))
    if isinstance(cause, TensorlabError):
        return type(cause)(asked if not cause.asked else cause.asked, f"{cause.found}; {operands}" if cause.found else operands, cause.advice or node.op.advice)
    if isinstance(cause, IndexError):
        return IndexingError(asked, f"{cause}; {operands}", node.op.advice or "an index between 0 and the length minus 1")
    if isinstance(cause, (ValueError, TypeError)):
        return ShapeError(asked, f"{cause}; {operands}", node.op.advice or "operands whose shapes fit together")
    cause.add_note(f"while computing {asked} with {operands}")
    return cause


def short(node: Node) -> str:
    """Return what a node is called in a message."""
    if isinstance(node, Constant) and node.type.ndim == 0:
        return str(node.value)
    return node.known_name or (node.op.name + "(…)" if node.op is not None else str(node))


def described(node: Node, value: Any) -> str:
    """Say of an operand its name, dtype and shape at run time, and where it was made."""
    shape = getattr(value, "shape", None)
    place = f", made at {node.place}" if node.place is not None else ""
    return f"{short(node)} is {node.type.dtype} {shape}{place}"
