"""Gradient descent on copies: the path that a recipe takes over a cost, by compiled functions, while the reader's `w` stays put.

Floor 6. Read `optimizers.py` before. A `Model` holds copies of the shared variables and the compiled cost; a `Trainer` is one recipe
compiled for it, with the rate as an input, so that another rate is another call and no compilation. A run can be taken up where it ended.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..compiler.function import function
from ..compiler.replacing import clone
from ..gradient import grad
from ..graph.convert import shorten
from ..graph.node import Constant, Node
from ..graph.types import TensorType
from ..graph.walk import leaves
from ..graph.wording import a_kind, in_code
from ..ops.symbols import tensor
from ..state import SharedVariable
from .base import WidgetError

Vector = np.ndarray[Any, Any]
FARTHEST = 1e100  # a parameter beyond it is lost; its square would not be finite, and no picture reaches there


class Model:
    """A cost, copies of its parameters, and values for its symbols.

    Attributes:
        cost: the cost as an expression of the copies.
        originals: the reader's shared variables.
        copies: what is trained here.
        symbols, values: the inputs of the cost, and what they are.
        names: one for every number among the parameters: "w[0]", "b".
    """

    def __init__(self, cost: Node, parameters: Sequence[SharedVariable], at: Mapping[Any, Any] | None = None) -> None:
        self.originals = checked_parameters(parameters)
        asked = "tl.widgets.descent(cost, parameters, at={…})"
        if not isinstance(cost, Node) or cost.type.ndim != 0:
            found = f"{in_code(cost)} has {cost.type.ndim} axes" if isinstance(cost, Node) else f"{a_kind(cost)}"
            raise WidgetError(asked, f"{found}; a cost is a single number", "T.sum(…) or T.mean(…) of it")
        self.label = cost.label
        self.symbols, self.values = given(cost, at or {})
        self.copies = [each.clone() for each in self.originals]
        self.cost: Node = clone(cost, replace=dict(zip(self.originals, self.copies)))
        self.gradients: list[Node] = grad(self.cost, self.copies)
        self.shapes = [each.get_value(borrow=True).shape for each in self.originals]
        self.sizes = [int(np.prod(shape)) for shape in self.shapes]
        self.names = [name for each, shape in zip(self.originals, self.shapes) for name in names_of(each, shape)]
        self._cost = function(self.symbols, self.cost, on_unused_input="ignore", no_default_updates=True)

    @property
    def start(self) -> Vector:
        """All numbers of the reader's parameters as they are now, as one vector."""
        return flat(each.get_value(borrow=True) for each in self.originals)

    @property
    def work(self) -> float:
        """About how many products one evaluation of the cost needs: parameters times numbers of the largest value."""
        rows = max([1, *(np.asarray(value).size for value in self.values)])
        return float(sum(self.sizes)) * rows

    def put(self, theta: Vector) -> None:
        """Give the copies their values from one vector."""
        for copy, value in zip(self.copies, self.parts(theta)):
            copy.set_value(value)

    def parts(self, theta: Vector) -> list[Vector]:
        """Return a vector of all numbers as one array a parameter, in the parameter's shape and dtype."""
        ends = np.cumsum(self.sizes)
        return [
            np.asarray(theta[end - size : end], dtype=each.type.dtype).reshape(shape)
            for each, shape, size, end in zip(self.originals, self.shapes, self.sizes, ends)
        ]

    def cost_at(self, theta: Vector) -> float:
        """Return the cost with other parameters."""
        self.put(theta)
        return float(self._cost(*self.values))


@dataclass
class Path:
    """Where a run went.

    Attributes:
        points: θ before the first step and after each: (steps + 1, numbers).
        costs: the cost at each of them.
        memory: what the recipe remembered at the end.
        lost: whether it ended because a cost or a parameter was no longer a finite number.
    """

    points: Vector
    costs: list[float]
    memory: list[Vector] = field(repr=False)
    lost: bool = False

    def __len__(self) -> int:
        return len(self.costs) - 1


class Trainer:
    """A recipe compiled for a model.

    Attributes:
        takes_rate: whether the recipe has a parameter `rate`; a reader's own function may fix its rate itself.
    """

    def __init__(self, model: Model, recipe: Callable[..., Any]) -> None:
        self.model = model
        self.takes_rate = takes_rate(recipe)
        narrow = any(each.type.dtype == "float32" for each in model.copies)
        rate = tensor("float32" if narrow else "float64", (), name="rate")  # a wider rate would widen the parameters
        pairs = list(recipe(list(model.copies), list(model.gradients), **({"rate": rate} if self.takes_rate else {})))
        self._memory = [target for target in dict(pairs) if target not in model.copies and isinstance(target, SharedVariable)]
        self._fresh = [each.get_value() for each in self._memory]
        inputs = [*model.symbols, rate]
        self._step = function(
            inputs, model.cost, updates=pairs, on_unused_input="ignore", no_default_updates=True, allow_input_downcast=True
        )

    def run(self, start: Vector, rate: float, steps: int, before: Path | None = None) -> Path:
        """Return the path from a start, or the longer path that goes on from the end of one that was made with the same rate."""
        model = self.model
        if before is not None and before.lost:
            return before
        points = [start] if before is None else list(before.points)
        costs = [model.cost_at(points[0])] if before is None else list(before.costs)
        model.put(points[-1])
        for variable, value in zip(self._memory, self._fresh if before is None else before.memory):
            variable.set_value(value)
        lost = not np.isfinite(costs[-1])
        taken = 0
        while taken < steps and not lost:
            self._step(*model.values, rate)
            theta = flat(each.get_value(borrow=True) for each in model.copies)
            cost = float(model._cost(*model.values))
            lost = not np.isfinite(cost) or not np.all(np.abs(theta) < FARTHEST)
            if not lost:
                points.append(theta)
                costs.append(cost)
            taken += 1
        return Path(np.array(points), costs, [each.get_value() for each in self._memory], lost)


def takes_rate(recipe: Callable[..., Any]) -> bool:
    """Return whether a function has a parameter called `rate`."""
    try:
        return "rate" in inspect.signature(recipe).parameters
    except (TypeError, ValueError):  # a callable that cannot be read
        return False


def flat(values: Any) -> Vector:
    """Return arrays one behind the other, as one float64 vector."""
    return np.concatenate([np.ravel(each) for each in values]).astype("float64")


def names_of(parameter: SharedVariable, shape: tuple[int, ...]) -> list[str]:
    """Return what each number of a parameter is called in code.

    >>> names_of(tl.shared([1.0, 2.0], name="w"), (2,)), names_of(tl.shared(0.0, name="b"), ())
    (['w[0]', 'w[1]'], ['b'])
    """
    name = parameter.known_name or "parameter"
    return [name + (f"[{', '.join(map(str, index))}]" if shape else "") for index in np.ndindex(*shape)]


def checked_parameters(parameters: Any) -> list[SharedVariable]:
    """Return the parameters as a list, if they are what can be trained."""
    asked = "tl.widgets.descent(cost, parameters)"
    listed: list[Any] = [parameters] if isinstance(parameters, Node) else list(parameters)
    for each in listed:
        if not isinstance(each, SharedVariable):
            found = f"{in_code(each) if isinstance(each, Node) else a_kind(each)} is no shared variable, so it has no value to start from"
            raise WidgetError(asked, found, "w = tl.shared(value, name='w')")
        if not each.type.dtype.startswith("float"):
            found = f"{each.label} holds {each.type.dtype}, and a step of gradient descent is no whole number"
            raise WidgetError(asked, found, "tl.shared(0.0) or tl.shared(value.astype('float64'))")
    if sum(each.get_value(borrow=True).size for each in listed) < 2:
        raise WidgetError(asked, "fewer than two numbers to learn; the picture has two axes", "[w, b], or a w with two elements")
    if len(set(listed)) < len(listed):
        raise WidgetError(asked, "a parameter stands there twice", "each once")
    return listed


def given(cost: Node, at: Mapping[Any, Any]) -> tuple[list[Node], list[Any]]:
    """Return the symbols of a cost and their values, from a dict or from their test values.

    Raises:
        WidgetError: a symbol has neither, or a key is none of them.
    """
    symbols = [each for each in leaves([cost]) if not isinstance(each, (Constant, SharedVariable))]
    values: dict[Node, Any] = {}
    for key, value in at.items():
        named = [each for each in symbols if each is key or (isinstance(key, str) and each.known_name == key)]
        if len(named) != 1:
            shown = key if isinstance(key, str) else in_code(key) if isinstance(key, Node) else shorten(key)
            found = f"{shown} is no symbol of the cost; it has {', '.join(each.label for each in symbols) or 'none'}"
            raise WidgetError(f"at={{{shown}: …}}", found, "symbols of the cost as keys, such as at={x: [1, -1]}")
        values[named[0]] = value
    for each in symbols:
        if each not in values:
            value = getattr(each.tag, "test_value", None)
            if value is None:
                raise WidgetError(f"the descent on {cost.label}", f"no value for {each.label}", f"at={{{in_code(each)}: value}}")
            values[each] = value
    return symbols, [read(each.type, values[each]) for each in symbols]


def read(type: TensorType, value: Any) -> Vector:
    """Return a value as an array of a symbol's dtype, so that it is converted once and not at every step."""
    return np.array(value, dtype=type.dtype)
