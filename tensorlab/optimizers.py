"""Recipes of updates: how a training step turns gradients into new parameters, from the slides' `MyUpdate` to Adam.

Floor 6. Read `state.py` before. A recipe takes shared variables and their gradients, and returns the list of pairs that `tl.function` wants
as `updates`; what it must remember from step to step (a velocity, a sum of squares) it keeps in fresh shared variables, which it updates
by pairs of the same list. A function of your own with the same two arguments is as good as any of these.

The formulas are those of the papers named beside them, with g for the gradient, η for the rate and θ for the parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .graph.errors import UpdateError
from .graph.node import Node
from .graph.wording import a_kind, counted, in_code
from .ops.functions import sqrt
from .state import SharedVariable, shared

Updates = list[tuple[SharedVariable, Any]]
Recipe = Callable[..., Updates]
Rate = float | Node
"""A number, or an expression: a shared variable or an input lets the rate change without compiling again."""

TINY = 1e-8
"""Added to a root before dividing by it: the ε of Adam's paper, which AdaGrad and RMSprop borrow here, for their sources name no number."""


def gradient_descent(parameters: Sequence[SharedVariable], gradients: Sequence[Node], rate: Rate = 0.01) -> Updates:
    """Return θ ← θ - η g for every parameter: the slides' `MyUpdate`, with their rate for the large network.

    Args:
        parameters: shared variables.
        gradients: as many expressions, `T.grad(cost, parameters)`, of the same shapes.
        rate: η, how far a step goes.

    Raises:
        UpdateError: a parameter that is no shared variable, or another number of gradients.

    >>> w = tl.shared(1.0, name="w")
    >>> cost = (w - 3) ** 2
    >>> step = tl.function([], cost, updates=tl.optimizers.gradient_descent([w], [T.grad(cost, w)], rate=0.1))
    >>> [round(float(step()), 2) for each in range(3)]
    [4.0, 2.56, 1.64]
    """
    return [(parameter, parameter - rate * gradient) for parameter, gradient in pairs(parameters, gradients, "gradient_descent")]


def momentum(parameters: Sequence[SharedVariable], gradients: Sequence[Node], rate: Rate = 0.01, keep: Rate = 0.9) -> Updates:
    """Return v ← μ v - η g, θ ← θ + v: a heavy ball that rolls down, and keeps the part μ of its velocity.

    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods" (1964), in the writing of I. Sutskever, J. Martens,
    G. Dahl and G. Hinton, "On the importance of initialization and momentum in deep learning" (2013), equations 1 and 2.

    Args:
        parameters, gradients, rate: as for `gradient_descent`.
        keep: μ, between 0 and 1.

    Raises:
        UpdateError: as for `gradient_descent`.

    >>> w = tl.shared(1.0, name="w")
    >>> cost = (w - 3) ** 2
    >>> step = tl.function([], cost, updates=tl.optimizers.momentum([w], [T.grad(cost, w)], rate=0.1))
    >>> [round(float(step()), 2) for each in range(3)]
    [4.0, 2.56, 0.85]
    """
    updates: Updates = []
    for parameter, gradient in pairs(parameters, gradients, "momentum"):
        velocity = remembered(parameter, "velocity")
        faster = keep * velocity - rate * gradient
        updates += [(velocity, faster), (parameter, parameter + faster)]
    return updates


def nesterov(parameters: Sequence[SharedVariable], gradients: Sequence[Node], rate: Rate = 0.01, keep: Rate = 0.9) -> Updates:
    """Return v ← μ v - η g, θ ← θ + μ v - η g: momentum that takes the gradient where the ball will be, not where it is.

    Yu. Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k²)" (1983). The parameter stands for the
    point looked ahead to, θ + μ v, so that its gradient is the one asked for: Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu,
    "Advances in optimizing recurrent networks" (2013), section 3.5.

    Args:
        parameters, gradients, rate, keep: as for `momentum`.

    Raises:
        UpdateError: as for `gradient_descent`.

    >>> w = tl.shared(1.0, name="w")
    >>> cost = (w - 3) ** 2
    >>> step = tl.function([], cost, updates=tl.optimizers.nesterov([w], [T.grad(cost, w)], rate=0.1))
    >>> [round(float(step()), 2) for each in range(3)]
    [4.0, 1.54, 0.2]
    """
    updates: Updates = []
    for parameter, gradient in pairs(parameters, gradients, "nesterov"):
        velocity = remembered(parameter, "velocity")
        faster = keep * velocity - rate * gradient
        updates += [(velocity, faster), (parameter, parameter + keep * faster - rate * gradient)]
    return updates


def adagrad(parameters: Sequence[SharedVariable], gradients: Sequence[Node], rate: Rate = 0.01, tiny: Rate = TINY) -> Updates:
    """Return s ← s + g², θ ← θ - η g / (√s + δ): every number has its own rate, the smaller the more it was moved.

    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization" (2011), figure 1 with
    a diagonal matrix. The paper leaves η and δ open.

    Args:
        parameters, gradients, rate: as for `gradient_descent`.
        tiny: δ, against a division by 0.

    Raises:
        UpdateError: as for `gradient_descent`.

    >>> w = tl.shared(1.0, name="w")
    >>> cost = (w - 3) ** 2
    >>> step = tl.function([], cost, updates=tl.optimizers.adagrad([w], [T.grad(cost, w)], rate=1.0))
    >>> [round(float(step()), 2) for each in range(3)]
    [4.0, 1.0, 0.31]
    """
    updates: Updates = []
    for parameter, gradient in pairs(parameters, gradients, "adagrad"):
        squares = remembered(parameter, "squares")
        more = squares + gradient**2
        updates += [(squares, more), (parameter, parameter - rate * gradient / (sqrt(more) + tiny))]
    return updates


def rmsprop(
    parameters: Sequence[SharedVariable], gradients: Sequence[Node], rate: Rate = 0.001, keep: Rate = 0.9, tiny: Rate = TINY
) -> Updates:
    """Return s ← ρ s + (1 - ρ) g², θ ← θ - η g / (√s + ε): AdaGrad that forgets, so that its rate does not die away.

    T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", Neural networks for machine learning (2012), where ρ is 0.9; they leave η open.

    Args:
        parameters, gradients, rate: as for `gradient_descent`.
        keep: ρ, the part of the mean square that is kept.
        tiny: ε, against a division by 0.

    Raises:
        UpdateError: as for `gradient_descent`.

    >>> w = tl.shared(1.0, name="w")
    >>> cost = (w - 3) ** 2
    >>> step = tl.function([], cost, updates=tl.optimizers.rmsprop([w], [T.grad(cost, w)], rate=0.1))
    >>> [round(float(step()), 2) for each in range(3)]
    [4.0, 2.84, 2.17]
    """
    updates: Updates = []
    for parameter, gradient in pairs(parameters, gradients, "rmsprop"):
        squares = remembered(parameter, "mean square")
        mean = keep * squares + (1 - keep) * gradient**2
        updates += [(squares, mean), (parameter, parameter - rate * gradient / (sqrt(mean) + tiny))]
    return updates


def adam(
    parameters: Sequence[SharedVariable],
    gradients: Sequence[Node],
    rate: Rate = 0.001,
    keep: Rate = 0.9,
    keep_squares: Rate = 0.999,
    tiny: Rate = TINY,
) -> Updates:
    """Return Adam's step: m ← β₁ m + (1 - β₁) g, s ← β₂ s + (1 - β₂) g², θ ← θ - η m̂ / (√ŝ + ε).

    Both means start at 0 and are too small at first; m̂ = m / (1 - β₁ᵗ) and ŝ = s / (1 - β₂ᵗ) at step t = 1, 2, … make up for it.
    D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1 with its defaults.

    Args:
        parameters, gradients, rate: as for `gradient_descent`.
        keep: β₁, the part of the mean gradient that is kept.
        keep_squares: β₂, the part of the mean square that is kept.
        tiny: ε, against a division by 0.

    Raises:
        UpdateError: as for `gradient_descent`.

    >>> w = tl.shared(1.0, name="w")
    >>> cost = (w - 3) ** 2
    >>> step = tl.function([], cost, updates=tl.optimizers.adam([w], [T.grad(cost, w)], rate=0.1))
    >>> [round(float(step()), 2) for each in range(3)]
    [4.0, 3.61, 3.24]
    """
    count = shared(0.0, name="steps of adam")
    now = count + 1
    updates: Updates = [(count, now)]
    for parameter, gradient in pairs(parameters, gradients, "adam"):
        mean, squares = remembered(parameter, "mean"), remembered(parameter, "mean square")
        new_mean = keep * mean + (1 - keep) * gradient
        new_squares = keep_squares * squares + (1 - keep_squares) * gradient**2
        dtype = parameter.type.dtype  # the count is exact in float64, and must not widen a float32 parameter
        fair_mean = new_mean / (1 - keep**now).astype(dtype)
        fair_squares = new_squares / (1 - keep_squares**now).astype(dtype)
        updates += [(mean, new_mean), (squares, new_squares), (parameter, parameter - rate * fair_mean / (sqrt(fair_squares) + tiny))]
    return updates


RECIPES: dict[str, Recipe] = {
    "gradient_descent": gradient_descent, "momentum": momentum, "nesterov": nesterov, "adagrad": adagrad, "rmsprop": rmsprop, "adam": adam,
}  # fmt: skip
"""All recipes by name, in the order in which they were invented."""


def pairs(parameters: Sequence[SharedVariable], gradients: Sequence[Node], recipe: str) -> list[tuple[SharedVariable, Node]]:
    """Return the parameters with their gradients, when there are as many of the one as of the other."""
    asked = f"tl.optimizers.{recipe}(parameters, gradients)"
    if isinstance(parameters, Node) or isinstance(gradients, Node):
        raise UpdateError(asked, "one variable, not a list", f"tl.optimizers.{recipe}([w], [T.grad(cost, w)])")
    if len(parameters) != len(gradients):
        found = f"{counted(len(parameters), 'parameter')} and {counted(len(gradients), 'gradient')}"
        raise UpdateError(asked, found, "T.grad(cost, parameters), which gives one for each")
    for each in parameters:
        if not isinstance(each, SharedVariable):
            name = in_code(each) if isinstance(each, Node) else a_kind(each)
            raise UpdateError(asked, f"{name} is no shared variable: it has no value that could be replaced", "tl.shared(value, name='w')")
    return list(zip(parameters, gradients))


def remembered(parameter: SharedVariable, what: str) -> SharedVariable:
    """Return a shared variable of zeros like a parameter: what a recipe remembers of it."""
    zeros = np.zeros_like(parameter.get_value(borrow=True))
    return shared(zeros, name=f"{what} of {parameter.label}", broadcastable=parameter.type.broadcastable)


__all__ = ["RECIPES", "adagrad", "adam", "gradient_descent", "momentum", "nesterov", "rmsprop"]
