"""A run of gradient descent as code that a reader can paste, change and run: the same numbers without the widget.

Floor 6. The text uses the reader's own names where they are names in Python; where a variable has none, the first lines say what to call
what. Values are written out to the last digit, so that the copy takes the same path.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import Any

import numpy as np

from ..graph.node import Node
from .runs import Model

WRITTEN_OUT = 400  # numbers of one array: more would bury the code below its data


def code_of(model: Model, cost: Node, start: Any, updates: str, steps: int) -> str:
    """Return a run as code.

    Args:
        model: what was trained.
        cost: the reader's expression.
        start: all parameters at the start, one vector.
        updates: the call that makes the updates, of `parameters` and `gradients`.
        steps: how many.
    """
    taken: set[str] = set()
    parameters = [name_in_code(each, f"parameter_{number}", taken) for number, each in enumerate(model.originals, 1)]
    symbols = [name_in_code(each, f"symbol_{number}", taken) for number, each in enumerate(model.symbols, 1)]
    whole = name_in_code(cost, "cost", taken)
    known = ", ".join([*parameters, *symbols, whole])
    lines = [f"# This needs your {known}, as you gave them to the widget; it changes the values of {', '.join(parameters)}."]
    lines += ["import numpy as np", "import tensorlab as tl", ""]
    named = []
    for symbol, value in zip(symbols, model.values):
        if value.ndim == 0:
            named.append(repr(value.item()))
        elif value.size <= WRITTEN_OUT:
            named.append(f"{symbol}_value")
            lines.append(f"{symbol}_value = {array_in_code(value)}")
        else:
            named.append(f"{symbol}_value")
            lines.append(f"# {symbol}_value is the array that you gave for {symbol}: {' × '.join(map(str, value.shape))} numbers")
    lines.append(f"parameters = [{', '.join(parameters)}]")
    values = model.parts(start)
    if sum(model.sizes) <= WRITTEN_OUT:
        lines.append(f"start = [{', '.join(map(array_in_code, values))}]")
        lines.append("for parameter, value in zip(parameters, start):")
        lines.append("    parameter.set_value(value)")
    else:
        lines.append("# it starts from the values that the parameters have")
    lines += [
        f"gradients = tl.grad({whole}, parameters)",
        f"updates = {updates}",
        f"train = tl.function([{', '.join(symbols)}], {whole}, updates=updates)",
        f"costs = [float(train({', '.join(named)})) for step in range({steps})]",
        "print(costs[:1], costs[-1:], [parameter.get_value() for parameter in parameters])",
    ]
    return "\n".join(lines) + "\n"


def name_in_code(node: Node, otherwise: str, taken: set[str]) -> str:
    """Return what a node is called in code: its name, if that is one in Python and no other node has it."""
    name = node.known_name or ""
    fine = name.isidentifier() and not iskeyword(name) and name not in taken and name not in ("np", "tl", "parameters", "start", "step")
    chosen = name if fine else otherwise
    taken.add(chosen)
    return chosen


def array_in_code(value: Any) -> str:
    """Return an array as code that makes the same bits.

    >>> array_in_code(np.array([1.0, 1 / 3])), array_in_code(np.float32(2))
    ('np.array([1.0, 0.3333333333333333])', "np.array(2.0, dtype='float32')")
    """
    array = np.asarray(value)
    dtype = f", dtype='{array.dtype.name}'" if array.dtype.name not in ("float64", "int64") else ""
    return f"np.array({array.tolist()!r}{dtype})"


def call_of(name: str, takes_rate: bool, rate: float, ours: bool) -> str:
    """Return the call that makes the updates.

    >>> call_of("momentum", True, 0.1, True), call_of("MyUpdate", False, 0.1, False)
    ('tl.optimizers.momentum(parameters, gradients, rate=0.1)', 'MyUpdate(parameters, gradients)')
    """
    function = f"tl.optimizers.{name}" if ours else name if name.isidentifier() else "your_function"
    return f"{function}(parameters, gradients{f', rate={rate!r}' if takes_rate else ''})"


