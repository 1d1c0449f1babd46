"""Predict, then reveal: a question before a step, its answer, and the slips that lead to other answers.

Floor 6. Read `tracing.py` first. The page asks and judges by itself, from the numbers written here: an answer that is near none of them is
wrong without a name. What is asked has the one number that a pupil can work out by hand, so arrays are asked for single elements, and large
ones for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..graph.node import Node
from ..view.digits import number
from .tracing import Trace

FEW = 6  # elements of an array that is asked about: they stand written out beside the node
NEAR = 0.005  # of the answer: half a percent, what three digits give
Slip = tuple[float, str]


def question(run: Trace, node: Node, way: str, count: int) -> dict[str, Any] | None:
    """Return what is asked before a step.

    Returns:
        `text`, `answer` (a number), `slips` (pairs of a number and what went wrong), `hint`; or None if there is nothing to work out.
    """
    found = of_value(run, node) if way == "forward" else of_gradient(run, node, count)
    if found is None or not np.isfinite(found["answer"]):
        return None
    answer = found["answer"]
    kept: list[list[Any]] = []
    for value, words in found["slips"]:
        close = [other for other in (answer, *(each[0] for each in kept)) if abs(value - other) <= NEAR * max(abs(value), abs(other))]
        if np.isfinite(value) and not close:
            kept.append([rounded(value), words])
    return {**found, "answer": rounded(answer), "slips": kept}


def rounded(value: float) -> float:
    """Return a number with six digits: more than anybody types."""
    return float(f"{value:.6g}") + 0.0  # and 0 for -0


def element(values: np.ndarray[Any, Any]) -> tuple[int, ...] | None:
    """Return the index of the element to ask for, or None for an array that is too large to be read off.

    The one with the largest absolute value: 0 is no question.
    """
    if values.size > FEW or not values.size or values.dtype.kind not in "fiu":
        return None
    return tuple(int(each) for each in np.unravel_index(np.abs(values).argmax(), values.shape))


def at(index: tuple[int, ...]) -> str:
    """Return an index as it is written behind a name; nothing for a scalar."""
    return f"[{', '.join(map(str, index))}]" if index else ""


def of_value(run: Trace, node: Node) -> dict[str, Any] | None:
    """Ask for the value of an operation."""
    values = run.values[node]
    index = element(values)
    if index is None:
        return None
    answer = float(values[index])
    operands = [float(run.values[each][index] if run.values[each].shape == values.shape else run.values[each].flat[0])
                for each in node.inputs if run.values[each].size == 1 or run.values[each].shape == values.shape]
    slips: list[Slip] = []
    assert node.op is not None
    if len(operands) == len(node.inputs):
        slips += list(other_operations(node.op.name, operands))
    slips.append((-answer, "the size is right, the sign is not"))
    slips += [(value, f"that is {run.labels[each]}, before this operation") for value, each in zip(operands, node.inputs)]
    return {"text": f"What is {run.labels[node]}{at(index)}?", "answer": answer, "slips": slips,
            "hint": "Put the values of the operands into the formula."}


OTHERS: dict[str, tuple[tuple[Callable[..., float], str], ...]] = {
    "add": ((lambda a, b: a * b, "multiplied, where the formula adds"), (lambda a, b: a - b, "subtracted, where the formula adds")),
    "sub": ((lambda a, b: b - a, "the order is turned round"), (lambda a, b: a + b, "added, where the formula subtracts")),
    "mul": ((lambda a, b: a + b, "added, where the formula multiplies"),),
    "true_div": ((lambda a, b: b / a, "the fraction is upside down"), (lambda a, b: a * b, "multiplied, where the formula divides")),
    "pow": ((lambda a, b: a * b, "multiplied by the exponent, instead of raised to it"),),
    "sqr": ((lambda a: 2 * a, "doubled, where the formula squares"),),
    "exp": ((lambda a: float(np.exp(-a)), "the exponent has the other sign"),),
    "sigmoid": ((lambda a: 1 / (1 + float(np.exp(a))), "the exponent has the other sign"), (lambda a: float(np.tanh(a)), "that is tanh")),
    "tanh": ((lambda a: 1 / (1 + float(np.exp(-a))), "that is the sigmoid"),),
    "log": ((lambda a: float(np.log10(a)), "that is the logarithm to base 10"),),
    "neg": ((lambda a: 1 / a, "inverted, where the formula changes the sign"),),
}
"""What is often computed in place of an operation, and how to say so."""


def other_operations(name: str, operands: list[float]) -> Iterator[Slip]:
    """Yield the values of operations that are mistaken for one."""
    for compute, words in OTHERS.get(name, ()):
        try:
            with np.errstate(all="ignore"):
                yield compute(*operands), words
        except (TypeError, ZeroDivisionError, OverflowError):
            continue


def of_gradient(run: Trace, node: Node, count: int) -> dict[str, Any] | None:
    """Ask for the sum of what arrives, for a local derivative, or for what is sent on; in turn, so that each kind comes up."""
    if len(run.shares[node]) > 1:
        return of_sum(run, node)
    slots = [slot for slot in range(len(node.inputs)) if (node, slot) in run.contributions]
    slots.sort(key=lambda slot: trivial(run, node, slot))
    for slot in slots:
        found = of_local(run, node, slot) if count % 2 else of_contribution(run, node, slot)
        if found is not None:
            return found
    return None


def trivial(run: Trace, node: Node, slot: int) -> bool:
    """Say whether a local derivative is 1 everywhere: what is sent on is what arrived."""
    local = run.locals[node, slot].value
    return local is not None and bool((local == 1).all())


def of_sum(run: Trace, node: Node) -> dict[str, Any] | None:
    """Ask for a gradient that is the sum over several paths."""
    total = run.gradients[node]
    index = element(total)
    if index is None:
        return None
    cost, name = run.labels[run.cost], run.labels[node]
    parts = [float(run.contributions[edge][index]) for edge in run.shares[node]]
    answer = float(total[index])
    others = "the other path is" if len(parts) == 2 else "the other paths are"
    slips: list[Slip] = [(part, f"that is what comes from {run.labels[edge[0]]} alone: {others} forgotten")
                         for part, edge in zip(parts, run.shares[node])]
    if len(parts) > 2:
        slips += [(answer - part, f"what comes from {run.labels[edge[0]]} is forgotten") for part, edge in zip(parts, run.shares[node])]
    slips += [(float(np.prod(parts)), "paths add up; factors along one path multiply"), (-answer, "the size is right, the sign is not"),
              (answer / len(parts), "the sum over the paths, not their mean")]
    text = f"{len(parts)} paths come back to {name}: {', '.join(number(part + 0.0) for part in parts)}. What is ∂{cost}/∂{name}{at(index)}?"
    return {"text": text, "answer": answer, "slips": slips, "hint": "Each path brings its own contribution, and the gradient is their sum."}


def of_local(run: Trace, node: Node, slot: int) -> dict[str, Any] | None:
    """Ask for a local derivative."""
    local = run.locals[node, slot].value
    index = element(local) if local is not None else None
    if local is None or index is None:
        return None
    name, operand = run.labels[node], run.labels[node.inputs[slot]]
    answer = float(local[index])
    g, sent = run.gradients[node], run.contributions[node, slot]
    slips: list[Slip] = []
    for other in range(len(node.inputs)):
        value = run.locals[node, other].value if (node, other) in run.locals and other != slot else None
        if value is not None and value.shape == local.shape:
            slips.append((float(value[index]), f"that is the derivative by {run.labels[node.inputs[other]]}"))
    slips.append((-answer, "the size is right, the sign is not"))
    if not g.ndim and not sent.ndim:
        slips += [(float(sent), f"that is multiplied already by what arrived at {name}; the local derivative is without it"),
                  (float(g), f"that is what arrived at {name}, not how {name} answers to {operand}")]
    if run.values[node].shape == local.shape:
        slips.append((float(run.values[node][index]), f"that is the value of {name}, not its derivative"))
    if answer:
        slips.append((1 / answer, "that is the derivative the other way round"))
    assert node.op is not None
    if node.op.name in ("pow", "sqr") and slot == 0 and not local.ndim:
        exponent = float(run.values[node.inputs[1]].flat[0]) if node.op.name == "pow" else 2.0
        slips.append((answer / exponent if exponent else 0.0, "the exponent comes down as a factor"))
    text = f"{name} is computed from {operand}. What is the local derivative ∂{name}/∂{operand}{at(index)}?"
    return {"text": text, "answer": answer, "slips": slips, "hint": f"How much does {name} change for a small change of {operand} alone?"}


def of_contribution(run: Trace, node: Node, slot: int) -> dict[str, Any] | None:
    """Ask for what a node sends back to one operand."""
    sent = run.contributions[node, slot]
    index = element(sent)
    if index is None:
        return None
    name, operand = run.labels[node], run.labels[node.inputs[slot]]
    cost, answer = run.labels[run.cost], float(sent[index])
    g, local = run.gradients[node], run.locals[node, slot].value
    slips: list[Slip] = []
    if local is not None and local.shape == sent.shape and g.shape in ((), sent.shape):
        arrived = float(g[index] if g.ndim else g)
        factor = f"the factor ∂{cost}/∂{name} = {number(arrived + 0.0)} of the chain rule"
        slips += [(float(local[index]), f"that is the local derivative; {factor} is forgotten"),
                  (arrived, f"that is what arrived at {name}; the local derivative ∂{name}/∂{operand} is forgotten"),
                  (arrived + float(local[index]), "the chain rule multiplies; it does not add")]
        if local[index]:
            slips.append((arrived / float(local[index]), "divided by the local derivative, where the chain rule multiplies"))
    for other in range(len(node.inputs)):
        value = run.contributions.get((node, other)) if other != slot else None
        if value is not None and value.shape == sent.shape:
            slips.append((float(value[index]), f"that goes to {run.labels[node.inputs[other]]}"))
    slips.append((-answer, "the size is right, the sign is not"))
    text = f"What does {name} send back to {operand}{at(index)}?"
    hint = f"What arrived at {name}, times the local derivative ∂{name}/∂{operand}."
    return {"text": text, "answer": answer, "slips": slips, "hint": hint}
