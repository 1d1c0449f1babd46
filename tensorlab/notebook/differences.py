"""`%grad … --check`: a derivative against central differences, with a verdict in words.

Floor 6, over `gradient/checking.py`. Nothing that is printed varies: points are drawn from a fixed seed, and the verdict has no measured
number in it, so that a lesson's stored output stays what it is on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice, product
from typing import Any

import numpy as np

from ..gradient import grad
from ..gradient.checking import TOLERANCE, numeric_grad
from ..graph.errors import GradientCheckError, InputError, ShapeError
from ..graph.node import Node
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..ops.evaluate import interpret
from ..state import SharedVariable
from ..widgets.labels import labels_of
from ..widgets.sources import by_node, sources_of

POINTS = 3  # where nothing is given; one point may lie where two different functions have one slope
LENGTH = 3  # of an axis whose length nobody gave, and nothing else tells
TRIALS = 500  # combinations of lengths; each takes as long as computing the cost once
LOW, HIGH = 0.2, 0.8  # away from 0, 1 and the kinks of the usual functions, and inside of the domains of log, sqrt and arcsin


class Verdict:
    """What a comparison found: one line for each variable."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def check_gradient(
    cost: Node, wrt: Node | Sequence[Node], at: Mapping[Any, Any] | None = None, names: Mapping[str, Any] | None = None
) -> Verdict:
    """Compare derived gradients with central differences.

    Args:
        cost: a 0-d expression.
        wrt: the variable or variables.
        at: values by symbol or name; what is not given has its test value, a shared variable its own, and others are drawn by lot.
        names: the reader's variables, for nodes that know no name.

    Returns:
        The verdict, if they agree.

    Raises:
        GradientCheckError: they do not agree.
        InputError: the cost cannot be computed at the values that were drawn; it needs others.

    >>> x = T.scalar("x")
    >>> check_gradient(T.tanh(x) ** 2, x)
    d(tanh(x) ** 2)/dx agrees with central differences at 3 points
    """
    variables = [wrt] if isinstance(wrt, Node) else list(wrt)
    derived = grad(cost, variables)
    order = ancestors([cost])
    labels = labels_of(order, names)
    given = by_node(at, sources_of(order), labels, f"the check of d{cost.label}")
    free = [node for node in sources_of(order) if node not in given and not has_value(node)]
    random = np.random.default_rng(0)
    points = POINTS if free else 1
    lengths = lengths_that_fit(cost, order, given, free)
    for _ in range(points):
        values = values_at(order, given, random, lengths)
        try:
            with np.errstate(all="ignore"):
                expected = [np.asarray(each) for each in interpret(derived, values)]
                measured = differences(cost, variables, values)
        except (ShapeError, ValueError, IndexError) as problem:
            called = ", ".join(labels[node] for node in free) or "the symbols"
            raise InputError(f"the check of d{cost.label}", f"at the values drawn for {called} it cannot be computed: {problem}",
                             f"--at {labels[free[0]] if free else 'x'}=[[1.0, 2.0]], or at={{…}}, with values that fit") from problem
        for variable, one, other in zip(variables, expected, measured):
            compare(cost, labels[variable], variable, one, other)
    where = f"at {points} points" if points > 1 else "at this point"
    called = cost.label if cost.label.isidentifier() else f"({cost.label})"
    return Verdict([f"d{called}/d{labels[each]} agrees with central differences {where}" for each in variables])


def has_value(node: Node) -> bool:
    """Say whether a symbol or shared variable has a value without being given one."""
    return isinstance(node, SharedVariable) or hasattr(node.tag, "test_value")


Axes = dict[tuple[Node, int], int]
"""Lengths of axes that the types leave open, by node and axis."""


def lengths_that_fit(cost: Node, order: Sequence[Node], given: Mapping[Node, Any], free: Sequence[Node]) -> Axes:
    """Return lengths for the open axes of the symbols without a value with which the cost can be computed, or 3 for each if none is found.

    Tried are those of what has a value: a vector that meets a weight of length 2 has length 2.
    """
    open_axes = [(node, axis) for node in free for axis, length in enumerate(node.type.shape) if length is None]
    held = values_at([node for node in order if node not in set(free)], given, np.random.default_rng(0), {})
    sizes = list(dict.fromkeys([LENGTH, *(length for value in held.values() for length in np.shape(value))]))
    usual: Axes = dict.fromkeys(open_axes, LENGTH)
    for choice in islice(product(sizes, repeat=len(open_axes)), TRIALS):
        lengths = dict(zip(open_axes, choice))
        try:
            with np.errstate(all="ignore"):
                interpret([cost], values_at(order, given, np.random.default_rng(0), lengths))
        except (ShapeError, ValueError, IndexError):
            continue
        return lengths
    return usual


def values_at(order: Sequence[Node], given: Mapping[Node, Any], random: np.random.Generator, lengths: Axes) -> dict[Node, Any]:
    """Return a value for each symbol and shared variable; what is not known is drawn by lot."""
    values: dict[Node, Any] = {}
    for node in sources_of(order):
        if node in given:
            values[node] = np.asarray(given[node], node.type.dtype)
        elif isinstance(node, SharedVariable):
            values[node] = node.get_value()
        elif has_value(node):
            values[node] = np.asarray(node.tag.test_value, node.type.dtype)
        else:
            shape = [lengths.get((node, axis), LENGTH) if length is None else length for axis, length in enumerate(node.type.shape)]
            drawn = random.uniform(LOW, HIGH, shape)
            values[node] = np.asarray(drawn if is_floating(node.type.dtype) else np.ones(np.shape(drawn)), node.type.dtype)
    return values


def differences(cost: Node, variables: Sequence[Node], values: Mapping[Node, Any]) -> list[Any]:
    """Return the derivatives as central differences measure them; an inner node is moved as the leaves are."""
    fixed = dict(values)
    start = [np.asarray(each) for each in interpret(list(variables), fixed)]

    def moved(*arguments: Any) -> Any:
        return interpret([cost], {**fixed, **dict(zip(variables, arguments))})[0]

    return numeric_grad(moved, start).gf


def compare(cost: Node, label: str, variable: Node, expected: Any, measured: Any) -> None:
    """Compare two derivatives.

    Raises:
        GradientCheckError: they do not agree.
    """
    allowed = TOLERANCE[max((cost.type.dtype, variable.type.dtype), key=lambda name: TOLERANCE.get(name, 0.0))]
    absolute, relative = numeric_grad.abs_rel_err(expected, measured)
    wrong = ~((absolute <= allowed) | (relative <= allowed))
    if wrong.any():
        place = list(map(int, np.argwhere(wrong)[0]))
        told = f"element {place} of " if place else ""
        raise GradientCheckError(
            f"the derivative of {cost.label} by {label}",
            f"{told}it is {np.asarray(expected)[tuple(place)]:.4g}, but central differences give {np.asarray(measured)[tuple(place)]:.4g}",
            "a point away from kinks and jumps: --at; else the derivative on an op's card is wrong")
