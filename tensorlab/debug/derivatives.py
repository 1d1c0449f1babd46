"""Derivative rules on trial: what a card sends back, against central differences at the values that occur.

Floor 6. Read `gradient/reverse.py` before. At a kink (the slopes to the left and to the right differ), at a pole and where numbers
are not finite there is nothing to compare; what is declared to have no derivative, or another one on purpose, is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..gradient.costs import grad
from ..graph.convert import as_node
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node, Symbol, expression
from ..graph.types import TensorType, is_floating
from ..ops.control import Unchanged
from ..ops.evaluate import interpret
from ..ops.families import Elementwise
from ..ops.watching import Watcher
from .faults import op_fault, precise
from .smallest import smaller

STEP = 2e-5
"""Half the distance of two points, as a part of their size: differences at two such steps, extrapolated, are good for nine digits."""
SMALLEST_STEP = 1e-3  # numbers below it are moved as if they were that large
LARGEST, TINY = 1e6, 1e-6
"""Numbers between these are tried, and 0: tan(1e29) oscillates between two floats, and so does the rest of a division by 1e-9."""
ALLOWED = 1e-5  # relative: far above what the differences lose, far below any wrong factor
KINK = 1e-2  # how far the slopes to the left and right may differ, relative, before nothing is compared
ELEMENTS = 32  # of an elementwise op that are tried: the smallest, the largest, and others between them
MOST = 2_000  # elements of other ops: each direction takes six evaluations, and shorter arrays show the same


def has_rule(node: Node) -> bool:
    """Say whether a node has a derivative that differences can be compared with."""
    op = node.op
    if op is None or isinstance(op, (Unchanged, Watcher)) or not op.differentiable or not is_floating(node.type.dtype):
        return False
    inner = getattr(op, "graph", None)
    if inner is not None and any(isinstance(each.op, Unchanged) for each in getattr(inner, "_order", ())):
        return False
    return any(is_floating(each.type.dtype) and not isinstance(each, Constant) for each in node.inputs)


def check_derivative(node: Node, values: Sequence[Any]) -> None:
    """Compare the derivative rule of a node's op with central differences at some values of its operands.

    Raises:
        OpFaultError: it is wrong.
    """
    if isinstance(node.op, Elementwise):
        check_elements(node, values)
    else:
        check_directions(node, values)


# -- elementwise ops: each element alone


def check_elements(node: Node, values: Sequence[Any]) -> None:
    """Compare the partial derivatives of an elementwise op element by element."""
    columns = [np.asarray(each).ravel() for each in np.broadcast_arrays(*values)]
    fit = np.all([(np.abs(column) <= LARGEST) & ((np.abs(column) >= TINY) | (column == 0)) for column in columns], axis=0)
    columns = [column[fit] for column in columns]
    chosen = sorted({int(place) for column in columns for place in some_of(column)})
    if not chosen:
        return
    wide = [column[chosen].astype("float64") if column.dtype.kind == "f" else column[chosen] for column in columns]
    top, symbols = on_symbols(node, [np.zeros(1, each.dtype) for each in wide])
    if top is None or top.type.dtype != "float64":  # a result that is rounded to few digits whatever the operands are
        return
    worst = wrong_element(top, symbols, wide)
    if worst is None:
        return
    place, position, _, _ = worst
    arrays = smaller([each[place : place + 1] for each in wide], lambda given: (found := wrong_element(top, symbols, given)) is not None
                     and found[1] == position)
    found = wrong_element(top, symbols, arrays)
    assert found is not None
    raise wrong_rule(node, top, symbols, [each[0] for each in arrays], position, found[2], found[3])


def some_of(column: Any) -> Any:
    """Return positions of some elements of a column: spread evenly over its sizes."""
    if column.size <= ELEMENTS:
        return range(column.size)
    order = np.argsort(column, kind="stable")
    return order[np.linspace(0, column.size - 1, ELEMENTS).astype(int)]


def wrong_element(top: Node, symbols: Sequence[Node], columns: Sequence[Any]) -> tuple[int, int, float, float] | None:
    """Return element, operand, derivative by the card and by differences where they disagree, or None."""
    variables = [symbol for symbol in symbols if is_floating(symbol.type.dtype)]
    derived = run(grad(top.sum(), variables, disconnected_inputs="ignore"), symbols, columns)

    def at(position: int, step: Any) -> Any:
        return run([top], symbols, [each + step if own == position else each for own, each in enumerate(columns)])[0]

    for found, variable in zip(derived, variables):
        position = list(symbols).index(variable)
        by_card = np.broadcast_to(found, columns[position].shape)
        sure, by_differences, allowed = measured(lambda step, position=position: at(position, step), columns[position])
        with np.errstate(all="ignore"):
            right = np.abs(by_card - by_differences) <= allowed
        special = ~np.isfinite(by_card) & np.any([~(np.isfinite(each) & (each != 0)) for each in columns], axis=0)
        bad = np.nonzero(sure & ~right & ~special)[0]
        if len(bad):
            return int(bad[0]), position, float(by_card[bad[0]]), float(by_differences[bad[0]])
    return None


def measured(at: Any, x: Any) -> tuple[Any, Any, Any]:
    """Return where a derivative can be measured, what it is, and how far from it another may be."""
    with np.errstate(all="ignore"):
        step = STEP * np.maximum(np.abs(x), SMALLEST_STEP)
        step = (x + step) - x  # the step that is really made
        here, up, down, far_up, far_down = at(0), at(step), at(-step), at(2 * step), at(-2 * step)
        narrow, wide = (up - down) / (2 * step), (far_up - far_down) / (4 * step)
        slope = (4 * narrow - wide) / 3
        size = np.maximum.reduce([np.abs(each) for each in (here, far_up, far_down)])
        noise = 16 * np.finfo("float64").eps * size / step + 2 * np.abs(narrow - wide)
        left, right = (here - down) / step, (up - here) / step
        smooth = np.abs(right - left) <= KINK * np.maximum(np.abs(left), np.abs(right)) + noise
        smooth &= noise <= KINK * np.maximum(np.abs(slope), 1)
        allowed = ALLOWED * np.maximum(np.abs(slope), 1e-3) + noise + np.abs(right - left)  # a small kink beside the point, as in a sort
    return np.isfinite(slope) & np.isfinite(noise) & smooth, slope, allowed


# -- other ops: directions


def check_directions(node: Node, values: Sequence[Any]) -> None:
    """Compare what an op on whole arrays sends back with differences in some directions."""
    unlike: dict[Node, Any] = {}
    for each, value in zip(node.inputs, values):
        if not isinstance(each, Constant):
            unlike[each] = np.asarray(value).astype("float64") if np.asarray(value).dtype.kind == "f" else np.asarray(value)
    arrays = list(unlike.values())
    while sum(each.size for each in arrays) > MOST:
        longest = max(length for each in arrays for length in each.shape)
        if longest <= 1:
            return
        arrays = [each[tuple(slice(0, longest // 2) if length == longest else slice(None) for length in each.shape)] for each in arrays]
    top, symbols = on_symbols(node, arrays)
    if top is None or top.type.dtype != "float64":
        return
    try:
        found = wrong_direction(top, symbols, arrays)
    except Exception:  # positions that no longer fit arrays that were cut
        return
    if found is None:
        return
    arrays = smaller(arrays, lambda given: wrong_direction(top, symbols, given) is not None)
    found = wrong_direction(top, symbols, arrays)
    assert found is not None
    raise wrong_rule(node, top, symbols, arrays, *found)


def wrong_direction(top: Node, symbols: Sequence[Node], arrays: Sequence[Any]) -> tuple[int, float, float] | None:
    """Return operand, slope by the card and by differences in a direction where they disagree, or None."""
    random = np.random.RandomState(17)
    (value,) = run([top], symbols, arrays)
    weights = random.uniform(0.5, 1.5, value.shape)  # away from 0, so that no error is multiplied away
    variables = [symbol for symbol in symbols if is_floating(symbol.type.dtype)]
    derived = run(grad((top * as_node(weights)).sum(), variables, disconnected_inputs="ignore"), symbols, arrays)
    for found, variable in zip(derived, variables):
        position = list(symbols).index(variable)
        if found.shape != arrays[position].shape:
            return position, float("nan"), float("nan")
        if not np.isfinite(found).all():
            continue
        for _ in range(2):
            towards = random.uniform(-1, 1, arrays[position].shape)

            def at(step: Any, position: int = position, towards: Any = towards) -> Any:
                moved = [each + step * towards if own == position else each for own, each in enumerate(arrays)]
                return np.asarray((run([top], symbols, moved)[0] * weights).sum())

            scale = np.asarray(max(1.0, float(np.abs(arrays[position]).max(initial=0))))
            sure, by_differences, allowed = measured(at, scale)
            by_card = float((found * towards).sum())
            terms = ALLOWED * float(np.abs(found * towards).sum())
            if sure and not abs(by_card - float(by_differences)) <= float(allowed) + terms:
                return position, by_card, float(by_differences)
    return None


# -- both


def on_symbols(node: Node, arrays: Sequence[Any]) -> tuple[Node | None, list[Node]]:
    """Return a node's op on symbols for arrays (one for each operand that is not constant), or None where it does not take them."""
    elementwise = isinstance(node.op, Elementwise)
    twins: dict[Node, Node] = {}
    inputs: list[Node] = []
    rest = list(arrays)
    for position, each in enumerate(node.inputs):
        if elementwise:
            array = arrays[position]
        elif isinstance(each, Constant):
            inputs.append(each)
            continue
        elif each in twins:
            inputs.append(twins[each])
            continue
        else:
            array = rest.pop(0)
        pattern = [None] * array.ndim if elementwise else [1 if flag else None for flag in each.type.broadcastable]
        twins[each] = symbol = Symbol(TensorType(array.dtype.name, pattern), f"x{position}", place=each.place)
        inputs.append(symbol)
    assert node.op is not None
    try:
        top = expression(node.op, node.op.type(*inputs), None, node.place, *inputs)
    except TensorlabError:
        return None, []
    return top, [each for each in dict.fromkeys(inputs) if not isinstance(each, Constant)]


def run(outputs: Sequence[Node], symbols: Sequence[Node], arrays: Sequence[Any]) -> list[Any]:
    """Return the values of expressions by their cards."""
    with np.errstate(all="ignore"):
        return interpret(outputs, dict(zip(symbols, arrays)))


def wrong_rule(
    node: Node, top: Node, symbols: Sequence[Node], arrays: Sequence[Any], position: int, by_card: float, measured: float
) -> Exception:
    """Return the error for a card whose derivative is wrong."""
    given: Mapping[Node, Any] = dict(zip(symbols, arrays))
    assert node.op is not None
    if by_card != by_card and measured != measured:
        found = f"what it sends back to {symbols[position].label} has another shape than that"
    else:
        found = f"its derivative by {symbols[position].label} is {precise(by_card)}, differences give {precise(measured)}"
    return op_fault("gradient", top, given, found)
