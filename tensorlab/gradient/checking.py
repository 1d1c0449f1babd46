"""Derived gradients against measured ones: central differences.

Floor 3. The graphs are run op by op on NumPy (`ops/evaluate.py`), so nothing that a compiler does can hide in the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph.convert import as_node
from ..graph.errors import ConversionError, GradientCheckError
from ..graph.node import Node
from ..graph.types import TensorType
from ..graph.walk import leaves
from ..ops.evaluate import interpret
from ..ops.reductions import sum_of
from ..state import SharedVariable
from .costs import grad

Array = np.ndarray[Any, Any]

STEP = {"float16": 1e-2, "float32": 5e-3, "float64": 6e-6}
"""The cube root of the rounding error of a dtype: where a central difference loses as much by rounding as by curvature."""
TOLERANCE = {"float16": 1e-1, "float32": 1e-2, "float64": 1e-4}
"""What differences are good for: the square of the step, times a margin for functions that bend strongly or lose digits."""


class numeric_grad:
    """The derivatives of a function of arrays, measured by central differences.

    Attributes:
        gf: one array per argument, of its shape.

    >>> tl.gradient.numeric_grad(lambda x: (x ** 2).sum(), np.array([1.0, 3.0])).gf[0].round(6)
    array([2., 6.])
    """

    def __init__(self, f: Callable[..., Any], pt: Any, eps: float | None = None, out_type: str | None = None) -> None:
        """Measure the derivatives of `f`, which returns a number, at the point `pt` (an array, or a list of them)."""
        point = [np.array(each) for each in pt] if isinstance(pt, (list, tuple)) else [np.array(pt)]
        self.gf: list[Array] = []
        for argument in point:
            step = eps if eps is not None else STEP[max((out_type or "float64", argument.dtype.name), key=lambda name: STEP.get(name, 0.0))]
            measured = np.zeros(argument.shape, argument.dtype)
            for place in np.ndindex(argument.shape):
                here = argument[place]
                argument[place] = here + step
                above, high = f(*point), argument[place]
                argument[place] = here - step
                below, low = f(*point), argument[place]
                argument[place] = here
                # the step that was really made: here + step is rounded to the dtype of the argument
                measured[place] = (np.float64(above) - np.float64(below)) / (np.float64(high) - np.float64(low))
            self.gf.append(measured)

    @staticmethod
    def abs_rel_err(a: Any, b: Any) -> tuple[Array, Array]:
        """Return the absolute and the relative differences of two arrays, the latter as a part of the larger number."""
        absolute = np.abs(np.asarray(a) - np.asarray(b))
        return absolute, absolute / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-8)

    def abs_rel_errors(self, g_pt: Sequence[Any]) -> list[tuple[Array, Array]]:
        """Return the differences between the measured derivatives and others, argument by argument."""
        return [self.abs_rel_err(given, measured) for given, measured in zip(g_pt, self.gf)]

    def max_err(self, g_pt: Sequence[Any], abs_tol: float, rel_tol: float) -> tuple[int, tuple[int, ...], float, float]:
        """Return the worst disagreement: argument, position in it, absolute and relative difference.

        The worst is where the smaller of the two differences, each in units of its tolerance, is largest: one of the two may be large.
        A derivative that is not a number disagrees most.
        """
        worst: tuple[float, tuple[int, tuple[int, ...], float, float]] = (-1.0, (0, (), 0.0, 0.0))
        for number, (absolute, relative) in enumerate(self.abs_rel_errors(g_pt)):
            place: tuple[int, ...]
            for place in np.ndindex(absolute.shape):
                size = float(np.minimum(absolute[place] / abs_tol, relative[place] / rel_tol))
                size = np.inf if np.isnan(size) else size
                if size > worst[0]:
                    worst = (size, (number, place, float(absolute[place]), float(relative[place])))
        return worst[1]


def verify_grad(
    fun: Callable[..., Any],
    pt: Sequence[Any],
    n_tests: int = 2,
    rng: Any = None,
    eps: float | None = None,
    out_type: str | None = None,
    abs_tol: float | None = None,
    rel_tol: float | None = None,
    mode: Any = None,
    cast_to_output_type: bool = False,
    no_debug_ref: bool = True,
) -> None:
    """Compare the derived gradient of a function of symbols with central differences.

    The results of `fun` are multiplied by random numbers and added up, so that one number remains to differentiate.

    Args:
        fun: takes as many symbols as there are values in `pt`, returns an expression or a list of them.
        pt: floating values (arrays, numbers or lists), one for each symbol.
        n_tests: how often to draw new random numbers.
        rng: a `numpy.random.RandomState` or `numpy.random.Generator`; by default one with a fixed seed.
        eps: half the distance of the two points of a difference; by default it fits the dtype.
        out_type: dtype of the result, if it is coarser than those of the values.
        abs_tol, rel_tol: a derivative is wrong if both its absolute and its relative error are larger than these.
        mode, no_debug_ref: accepted for Theano's sake: graphs are run op by op.
        cast_to_output_type: round the random numbers to `out_type`.

    Raises:
        GradientCheckError: a derivative is wrong; the message says which.
        ConversionError: a value in `pt` is not floating.

    >>> tl.gradient.verify_grad(lambda x, y: T.tanh(x * y), [[0.1, 0.2], [1.0, 2.0]])
    """
    values = [np.asarray(each) for each in pt]
    for position, value in enumerate(values):
        if value.dtype.name not in STEP:
            raise ConversionError(
                "tl.gradient.verify_grad(fun, pt)", f"pt[{position}] has dtype {value.dtype.name}, and only floats can be moved a little",
                f"pt[{position}] = numpy.asarray(…, 'float64')",
            )
    random = rng if rng is not None else np.random.RandomState(23)
    symbols = [TensorType(value.dtype, (None,) * value.ndim)(f"input {position}") for position, value in enumerate(values)]
    results = fun(*symbols)
    outputs: list[Node] = list(results) if isinstance(results, (list, tuple)) else [results]
    coarsest = max([*(value.dtype.name for value in values), *([out_type] if out_type else [])], key=lambda name: STEP[name])
    allowed_abs = TOLERANCE[coarsest] if abs_tol is None else abs_tol
    allowed_rel = TOLERANCE[coarsest] if rel_tol is None else rel_tol

    def run(wanted: Sequence[Node], *arguments: Any) -> list[Any]:
        with np.errstate(all="ignore"):
            return interpret(wanted, {**shared_values(wanted), **dict(zip(symbols, arguments))})

    shapes = [np.shape(each) for each in run(outputs, *values)]
    for test in range(n_tests):
        cost = None
        for output, shape in zip(outputs, shapes):
            weights = np.asarray(random.uniform(size=shape) + 0.5)  # away from 0, so that no error is multiplied away
            weights = weights.astype(out_type if cast_to_output_type and out_type else output.type.dtype)
            term = sum_of(output * as_node(weights))
            cost = term if cost is None else cost + term
        assert cost is not None
        derived = run(grad(cost, symbols, disconnected_inputs="ignore"), *values)
        measured = numeric_grad(lambda *arguments, cost=cost: run([cost], *arguments)[0], values, eps, out_type)
        number, place, absolute, relative = measured.max_err(derived, allowed_abs, allowed_rel)
        if not (absolute <= allowed_abs or relative <= allowed_rel):
            raise GradientCheckError(
                f"tl.gradient.verify_grad of {', '.join(output.label for output in outputs)}, test {test + 1} of {n_tests}",
                f"the derivative by element {list(place)} of input {number} (value {values[number][place]}) is "
                f"{derived[number][place]:.10g}, but differences give {measured.gf[number][place]:.10g}: off by {absolute:.3g} "
                f"(allowed {allowed_abs:g}), relative {relative:.3g} (allowed {allowed_rel:g})",
                "pt=[…] away from kinks; eps=…, if the function bends strongly; else the derivative on an op's card is wrong",
            )


def shared_values(outputs: Sequence[Node]) -> dict[Node, Any]:
    """Return the values of the shared variables that expressions are made of."""
    return {leaf: leaf.get_value(borrow=True) for leaf in leaves(outputs) if isinstance(leaf, SharedVariable)}
