"""The families of ops: abstract cards that say how an op walks over its arrays.

Floor 2. The scheduler asks for a family, never for a particular op. `Elementwise` computes each element alone from a
formula in words; `Reduction` folds axes away; `View` shows the same memory in another way; `Library` leaves the work to
a library routine on whole arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from ..graph.convert import as_nodes
from ..graph.errors import DtypeError, ShapeError
from ..graph.node import Node
from ..graph.op import Op
from ..graph.promotion import promote, promote_to_float
from ..graph.types import INTEGERS, TensorType, broadcast_shapes, is_floating


class DtypeRule:
    """How the dtype of an elementwise result follows from its operands, and in which dtype the formula computes.

    Attributes:
        name: "promoted", "floating" …; the tests choose their samples by it.
        result: dtypes of the operands to the dtype of the result.
        compute: dtypes of the operands to the dtype that they are cast to first, or None to leave them as they are.
    """

    def __init__(self, name: str, result: Callable[..., str], compute: Callable[..., str] | None = None) -> None:
        self.name, self.result, self.compute = name, result, compute

    def __repr__(self) -> str:
        return self.name


def whole_or_bool(*dtypes: str) -> str:
    """Promote, refusing floats."""
    if any(map(is_floating, dtypes)):
        raise DtypeError("an operation on bits", f"operands of dtype {' and '.join(dtypes)}", "x.astype('int64'), or a comparison that gives bool")
    return promote(*dtypes)


promoted = DtypeRule("promoted", promote, promote)
floating = DtypeRule("floating", promote_to_float, promote_to_float)
comparison = DtypeRule("comparison", lambda *dtypes: "bool")
bits = DtypeRule("bits", whole_or_bool, whole_or_bool)


class Case:
    """One case for the tests: inputs, and the parameters of the op.

    An input is a shape (filled with random float64 numbers), or an array that is taken as it is.
    """

    def __init__(self, *inputs: Any, **parameters: Any) -> None:
        self.inputs, self.parameters = inputs, parameters


class Elementwise(Op):
    """One element of the result from one element of each operand; operands stretch along axes of length 1 by type.

    Further slots: `dtype` (a `DtypeRule`), `sample` (low and high end of test inputs, or one such pair per operand), `same_as` (an
    expression in x, y, z and mpmath's functions that gives the same number), `formula(m, x…)`, `partials(out, x…)`.
    """

    dtype: ClassVar[DtypeRule] = promoted
    arity: ClassVar[int] = 1
    same_as: ClassVar[str] = ""
    unlike: ClassVar[Sequence[int]] = ()
    """Operands that do not take part in promotion (the condition of a switch)."""

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        if len(arguments) != self.arity:
            raise TypeError(f"{self.name} takes {self.arity} argument{'s' * (self.arity > 1)}, {len(arguments)} were given")
        if not self.unlike:
            return as_nodes(arguments)
        alike = iter(as_nodes([each for position, each in enumerate(arguments) if position not in self.unlike]))
        return [as_nodes([each])[0] if position in self.unlike else next(alike) for position, each in enumerate(arguments)]

    def type(self, *inputs: Node) -> TensorType:
        dtype = self.result_dtype(*[node.type.dtype for node in inputs])
        try:
            shape = broadcast_shapes([node.type.shape for node in inputs])
        except ShapeError as clash:
            raise clash_of_shapes(self, inputs, clash.found) from None
        return TensorType(dtype, shape)

    def result_dtype(self, *dtypes: str) -> str:
        """Return the dtype of the result."""
        return self.dtype.result(*[each for position, each in enumerate(dtypes) if position not in self.unlike])

    def compute_dtype(self, *dtypes: str) -> str | None:
        """Return the dtype in which the formula computes, or None if operands stay as they are."""
        if self.dtype.compute is None:
            return None
        return self.dtype.compute(*[each for position, each in enumerate(dtypes) if position not in self.unlike])

    def formula(self, m: Any, *x: Any) -> Any:
        """Return one element, in the words of `m` (see `backends/words.py`) and Python's operators."""
        raise NotImplementedError(f"the card of {type(self).__name__} has no formula()")

    partials: ClassVar[Any] = None
    """`partials(out, x…)` returns the derivative of the result by each operand; left out, the formula is differentiated."""

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | float | None]:
        if not self.differentiable:
            return [0] * len(inputs)
        return [times(g, partial) for partial in self.partials(out, *inputs)]


def times(g: Node, partial: Any) -> Any:
    """Multiply a cotangent by a partial derivative that may be a plain number or None."""
    if partial is None or (isinstance(partial, (int, float)) and partial == 0):
        return partial
    if isinstance(partial, (int, float)) and partial == 1:
        return g
    if isinstance(partial, (int, float)) and partial == -1:
        return -g
    return g * partial


def clash_of_shapes(op: Op, inputs: Sequence[Node], found: str) -> ShapeError:
    """Build the error for operands of an elementwise op whose known lengths differ."""
    operands = ", ".join(f"{describe(node)}" for node in inputs)
    return ShapeError(
        f"{op.name}({', '.join(node.label for node in inputs)})",
        f"{operands}; {found}",
        "T.dot(x, y) for a matrix product, x.T to transpose, x.dimshuffle(0, 'x') to add an axis that stretches",
    )


def describe(node: Node) -> str:
    """Say of a node what it is called, its type and where it was made."""
    place = f", made at {node.place}" if node.place is not None else ""
    return f"{node.label} is {node.type.dtype} {node.type.pattern}{place}"


class Reduction(Op):
    """Axes folded away: `axis` is a sorted tuple of them.

    Further facts: `combine` (the word that joins two partial results), `start` (its neutral element), `same_as(values)` (the result
    for the list of numbers that are folded into one, written as a plain loop).
    """

    combine: ClassVar[str] = ""
    start: ClassVar[float | None] = None

    def __init__(self, axis: tuple[int, ...]) -> None:
        self.axis = axis

    def result_dtype(self, dtype: str) -> str:
        """Return the dtype of the result."""
        return dtype

    def type(self, x: Node) -> TensorType:
        kept = [length for position, length in enumerate(x.type.shape) if position not in self.axis]
        return TensorType(self.result_dtype(x.type.dtype), kept)

    def over_all(self, ndim: int) -> bool:
        """Say whether nothing is left after folding."""
        return len(self.axis) == ndim


class View(Op):
    """The same elements in another arrangement, without computing anything; the result may share the memory of input 0."""


class Library(Op):
    """Work on whole arrays that a library routine does; `numpy(xp, x…)` is its meaning.

    `same_as(x…)` is the oracle of the tests for this family and for views: plain loops over indices, never the routine itself.
    """


def accumulator(dtype: str) -> str:
    """Return the dtype in which whole numbers and bools are added up.

    >>> accumulator("int8"), accumulator("bool"), accumulator("uint8"), accumulator("float32")
    ('int64', 'int64', 'uint64', 'float32')
    """
    if is_floating(dtype):
        return dtype
    return "uint64" if dtype in INTEGERS and dtype.startswith("u") else "int64"


def cards() -> list[type[Op]]:
    """Return the class of every concrete card, in the order of their definition: those with a `sample`."""
    found: list[type[Op]] = []
    pending: list[type[Op]] = list(reversed(Op.__subclasses__()))
    while pending:
        card = pending.pop()
        if card.sample is not None and card not in found:
            found.append(card)
        pending.extend(reversed(card.__subclasses__()))
    return found


def instances(card: type[Op]) -> Iterator[tuple[Op, list[np.ndarray[Any, Any]]]]:
    """Yield ops of a card with inputs drawn for the tests, the same ones every time."""
    random = np.random.RandomState(20240229)
    if issubclass(card, Elementwise):
        op = card()
        ends = card.sample if isinstance(card.sample[0], (tuple, list)) else [card.sample] * card.arity
        for shape in ((), (3, 2)):
            yield op, [draw(random, card.dtype, low, high, shape) for low, high in ends]
        return
    for case in card.sample:
        op = card(**case.parameters)
        yield op, [random.uniform(-2, 2, each) if isinstance(each, tuple) else np.asarray(each) for each in case.inputs]


def draw(random: np.random.RandomState, rule: DtypeRule, low: float, high: float, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Draw one test input between two ends: whole numbers for operations on bits, float64 otherwise."""
    if rule is bits:
        return np.asarray(random.randint(int(low), int(high) + 1, shape))
    return np.asarray(random.uniform(low, high, shape))
