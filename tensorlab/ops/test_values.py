"""Test values: with `config.compute_test_value` on, an expression is computed when it is written, so that a mistake shows in its line.

Floor 2. Read `evaluate` before. The values are those in `x.tag.test_value`; constants and shared variables have their own. What is computed
is kept in the new node's tag. `graph/op.py` calls `compute` for every node that an op makes while the setting is on, and not at all while
it is off.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.errors import TensorlabError, TestValueError
from ..graph.node import Constant, Node
from ..graph.place import INSIDE, here
from ..graph.values import array_of
from ..graph.wording import in_code, short_text, with_names
from ..settings import config
from ..state import SharedVariable
from .breakpoints import Breakpoint
from .evaluate import kernel
from .words import ArrayWords

WRITING = ("graph", "ops", "gradient", "state", "tensor", "optimizers")
"""Rooms that make nodes for the reader. What compiles, draws or tests a graph makes nodes of its own, which nobody wrote."""
OPERANDS_SHOWN = 4  # with the question, the finding and the advice a message stays within eight lines
words = ArrayWords(np)


def compute(node: Node) -> None:
    """Compute the test value of a node that was just made, from those of its inputs.

    Raises:
        TestValueError: an input has none and the setting is "raise", one does not fit its symbol, or the op cannot compute with them.
    """
    setting = config.compute_test_value
    if setting == "off" or not written_by_the_reader():
        return
    values = []
    for each in node.inputs:
        value = test_value(each)
        if value is None:
            return missing(each, node, setting)
        values.append(value)
    if isinstance(node.op, Breakpoint):  # nobody wants the debugger before there is a function
        node.tag.test_value = values[node.op.hands_on]
        return None
    try:
        with np.errstate(all="ignore"):
            node.tag.test_value = kernel(node, np, words)(*values)
    except Exception as problem:
        raise failed(node, values, problem) from problem
    return None


def written_by_the_reader() -> bool:
    """Say whether the node that is being made is part of what the reader writes, and not of a compilation or a picture."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if frame.f_code.co_name == "<module>" and module.startswith(INSIDE):
            return False  # a module of ours is being imported
        if not module.startswith(INSIDE):
            return True
        if module[len(INSIDE) :].partition(".")[0] not in WRITING:
            return False
        frame = frame.f_back
    return True


def test_value(node: Node) -> Any:
    """Return the test value of a node as an array of its type, or None if it has none.

    Raises:
        TestValueError: it does not fit.
    """
    if isinstance(node, Constant):
        return node.value
    found = getattr(node._tag, "test_value", None) if node._tag is not None else None
    if found is None:
        return node.get_value(borrow=True) if isinstance(node, SharedVariable) else None
    if isinstance(found, np.ndarray) and node.type.holds(found):
        return found
    label = in_code(node)
    try:
        return array_of(found, node.type, f"for {label}.tag.test_value", label, permission=f"{label} of another dtype")
    except TensorlabError as problem:
        raise TestValueError(problem.asked, problem.found, problem.advice or f"{label}.tag.test_value = …, of type {node.type}") from None


test_value.__test__ = False  # type: ignore[attr-defined]  # no test of pytest, whatever its name begins with


def missing(node: Node, reader: Node, setting: str) -> None:
    """Say that a node has no test value, in the way that is set."""
    if setting == "ignore":
        return
    label = in_code(node)
    example = {0: "0.5", 1: "numpy.ones(3)", 2: "numpy.ones((2, 3))"}.get(node.type.ndim, "…")
    error = TestValueError(
        f"the test value of {short_text(reader)}",
        f"{label} has none, and compute_test_value is {setting!r} ({config.origin('compute_test_value')})",
        f"{label}.tag.test_value = {example}, or compute_test_value='ignore'",
    )
    if setting == "raise":
        raise error
    place = here()
    if place is None:
        warnings.warn(str(error), stacklevel=2)
    else:
        warnings.warn_explicit(str(error), UserWarning, place.filename, place.line)


def failed(node: Node, values: list[Any], problem: Exception) -> TestValueError:
    """Return the error for an op that cannot compute with the test values of its inputs."""
    known = isinstance(problem, TensorlabError)
    said = with_names(problem.found, node) if known else str(problem)
    lines = [said or type(problem).__name__]
    for each, value in dict(zip(node.inputs, values)).items():
        if not (isinstance(each, Constant) and each.type.ndim == 0):
            lines.append(f"{each.label} has a test value of {value.dtype} and shape {value.shape}")
    if len(lines) > OPERANDS_SHOWN + 1:
        lines[OPERANDS_SHOWN:] = [f"and {len(lines) - OPERANDS_SHOWN} more"]
    advice = (with_names(problem.advice, node) if known else "") or "test values, or an expression, whose shapes fit together"
    place = f" at {node.place}" if node.place is not None else ""
    return TestValueError(f"{short_text(node)} on test values{place}", "\n".join(lines), advice)


def connect() -> None:
    """Let every op that makes a node ask here, while the setting is on."""
    syntax.define(compute_test_value=compute)
