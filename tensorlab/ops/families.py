"""The families of ops: abstract cards that say how an op walks over its arrays.

Floor 2. The scheduler asks for a family, never for a particular op. `Elementwise` computes each element alone from a
formula in words; `Reduction` folds axes away; `View` shows the same memory in another way; `Library` leaves the work to
a library routine on whole arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, as_nodes, is_weak
from ..graph.errors import AxisError, DtypeError, ShapeError
from ..graph.node import Node
from ..graph.op import Op
from ..graph.promotion import promote
from ..graph.types import INTEGERS, TensorType, broadcast_shapes, is_floating
from ..graph.wording import in_code
from ..settings import config
from .dtype_rules import DtypeRule, bits, comparison, promoted


class Case:
    """One case for the tests: inputs, and the parameters of the op.

    An input is a shape (filled with random float64 numbers), or an array that is taken as it is.
    """

    def __init__(self, *inputs: Any, **parameters: Any) -> None:
        self.inputs, self.parameters = inputs, parameters


class Elementwise(Op):
    """One element of the result from one element of each operand; operands stretch along axes of length 1 by type.

    Further slots: `dtype` (a `DtypeRule`), `sample` (low and high end of test inputs, one such pair per operand, or for a card with
    parameters a tuple of `Case`s), `same_as` (an expression in x, y, z, the parameters and mpmath's functions that gives the same
    number), `formula(m, x…)`, `partials(out, x…)`.
    """

    dtype: ClassVar[DtypeRule] = promoted
    arity: ClassVar[int] = 1
    same_as: ClassVar[str] = ""
    unlike: ClassVar[Sequence[int]] = ()
    """Operands that do not take part in promotion (the condition of a switch)."""
    word: ClassVar[str] = ""
    """A word for the whole formula, which a machine may have in its stead; "" if there is none."""

    def __call__(self, *arguments: Any, name: str | None = None, **unknown: Any) -> Node:
        """Apply the op to nodes, numbers or arrays and return the new node.

        Raises:
            TensorlabError: the arguments do not fit (dtype or known lengths).
        """
        if unknown:
            raise TypeError(f"{self.name}() got an unexpected keyword argument {next(iter(unknown))!r}")
        return super().__call__(*arguments, name=name)

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        if len(arguments) != self.arity:
            raise TypeError(f"{self.name} takes {self.arity} argument{'s' * (self.arity > 1)}, {len(arguments)} were given")
        if not self.unlike:
            return self.meet(arguments)
        alike = iter(self.meet([each for position, each in enumerate(arguments) if position not in self.unlike]))
        return [as_nodes([each])[0] if position in self.unlike else next(alike) for position, each in enumerate(arguments)]

    def meet(self, arguments: Sequence[Any]) -> list[Node]:
        """Turn operands that are promoted together into nodes.

        A Python float beside whole numbers makes `config.floatX`; where NumPy would take a wider float (int64 beside float32), the
        whole numbers are cast first.
        """
        if self.dtype is comparison:
            arguments = comparable(arguments)
        nodes = as_nodes(arguments)
        if config.floatX == "float64" or self.dtype.compute is None or not any(type(each) is float for each in arguments):
            return nodes
        if any(is_floating(node.type.dtype) for node, each in zip(nodes, arguments) if not is_weak(each)):
            return nodes
        wide = [promote(node.type.dtype, config.floatX) != config.floatX for node in nodes]
        return [syntax.apply("cast", node, config.floatX) if too_wide else node for node, too_wide in zip(nodes, wide)]

    def type(self, *inputs: Node) -> TensorType:
        try:
            dtype = self.result_dtype(*[node.type.dtype for node in inputs])
        except DtypeError as refusal:
            raise refused_dtype(self, inputs, refusal) from None
        try:
            shape = broadcast_shapes([node.type.shape for node in inputs])
        except ShapeError as clash:
            raise clash_of_shapes(self, inputs, clash.found) from None
        for node in inputs:
            if node.type.dtype == dtype and node.type.shape == shape:
                return node.type  # one object for all: 100,000 equal types would fill memory and pickles
        return TensorType(dtype, shape)

    def result_dtype(self, *dtypes: str) -> str:
        """Return the dtype of the result."""
        return self.dtype.result(*self.alike(dtypes))

    def compute_dtype(self, *dtypes: str) -> str | None:
        """Return the dtype in which the formula computes, or None if operands stay as they are."""
        if self.dtype.compute is None:
            return None
        return self.dtype.compute(*self.alike(dtypes))

    def alike(self, dtypes: Sequence[str]) -> Sequence[str]:
        """Return the dtypes of the operands that are promoted together."""
        return dtypes if not self.unlike else [each for position, each in enumerate(dtypes) if position not in self.unlike]

    def formula(self, m: Any, *x: Any) -> Any:
        """Return one element, in the words of `m` (see `words.py`) and Python's operators."""
        raise NotImplementedError(f"the card of {type(self).__name__} has no formula()")

    partials: ClassVar[Any] = None
    """`partials(out, x…)` returns the derivative of the result by each operand; left out, the formula is differentiated."""

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | float | None]:
        if not self.differentiable:
            return [0] * len(inputs)
        return [times(g, partial) for partial in self.partials(out, *inputs)]


def comparable(arguments: Sequence[Any]) -> Sequence[Any]:
    """Return operands of a comparison with every Python int that the dtype beside it cannot hold made strong.

    A comparison has an answer for such a number, as in NumPy 2: no uint8 is 256. The number becomes int64; beyond int64, where it is
    larger or smaller than every whole number beside it, infinity.
    """
    if not any(type(each) is int for each in arguments) or all(map(is_weak, arguments)):
        return arguments
    known = [each if is_weak(each) else as_node(each) for each in arguments]
    common = promote(*[each.type.dtype for each in known if isinstance(each, Node)])
    if common not in INTEGERS:
        return known

    def holds(dtype: str, number: int) -> bool:
        return bool(np.iinfo(dtype).min <= number <= np.iinfo(dtype).max)

    def strong(number: int) -> Any:
        return np.int64(number) if holds("int64", number) else np.float64(np.inf if number > 0 else -np.inf)

    return [strong(each) if type(each) is int and not holds(common, each) else each for each in known]


def times(g: Node, partial: Any) -> Any:
    """Multiply a cotangent by a partial derivative that may be a plain number or None."""
    if partial is None or (isinstance(partial, (int, float)) and partial == 0):
        return partial
    if isinstance(partial, (int, float)) and partial == 1:
        return g
    if isinstance(partial, (int, float)) and partial == -1:
        return -g
    return g * partial


def refused_dtype(op: Op, inputs: Sequence[Node], refusal: DtypeError) -> DtypeError:
    """Build the error for operands of an elementwise op whose dtypes it does not take."""
    names = [f"({node.label})" if " " in node.label else node.label for node in inputs]
    asked = f"{op.name}({', '.join(node.label for node in inputs)})"
    if op.infix:
        asked = f" {op.infix} ".join(names) if len(names) > 1 else f"{op.infix}{names[0]}"
    found = dict.fromkeys(describe(node) for node in inputs)
    real = [name for name, node in zip(names, inputs) if is_floating(node.type.dtype)]
    advice = refusal.advice.format(x=names[0], y=names[-1], f=(real or names)[0])
    return DtypeError(asked, f"{'; '.join(found)}; {refusal.found}", advice)


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
    return f"{in_code(node)} is {node.type.dtype} {node.type.pattern}{place}"


def noun(node: Node) -> str:
    """Name a node with its type and where it was made, as a part of a sentence: "x (float64 scalar, made at …)"."""
    place = f", made at {node.place}" if node.place is not None else ""
    return f"{in_code(node)} ({node.type.dtype} {node.type.pattern}{place})"


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
        return TensorType(self.result_dtype(x.type.dtype), kept_lengths(self, x, self.axis))

    def over_all(self, ndim: int) -> bool:
        """Say whether nothing is left after folding."""
        return len(self.axis) == ndim


def kept_lengths(op: Op, x: Node, axes: Sequence[int]) -> list[int | None]:
    """Return the known lengths of the axes that remain when an op folds others.

    Raises:
        AxisError: it is to fold one that the operand does not have.
    """
    if any(not 0 <= axis < x.type.ndim for axis in axes):
        advice = f"axes from 0 to {x.type.ndim - 1}" if x.type.ndim else "no axes"
        raise AxisError(f"{op.name}({x.label}) over axes {axes}", describe(x), advice)
    return [length for position, length in enumerate(x.type.shape) if position not in axes]


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


def public(**functions: Any) -> None:
    """Give functions the names under which `T` shows them, which Python's messages and `help` repeat: `public(sum=sum_of)`."""
    for name, function in functions.items():
        function.__name__ = function.__qualname__ = name
        function.__module__ = "tensorlab.tensor"  # where pickle finds it under this name


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
    if issubclass(card, Elementwise) and not isinstance(card.sample[0], Case):
        plain = card()
        ends = card.sample if isinstance(card.sample[0], (tuple, list)) else [card.sample] * card.arity
        for shape in ((), (3, 2)):
            yield plain, [draw(random, card.dtype, low, high, shape) for low, high in ends]
        return
    for case in card.sample:
        op = card(**case.parameters)
        yield op, [np.asarray(random.uniform(-2, 2, each) if isinstance(each, tuple) else each) for each in case.inputs]


def draw(random: np.random.RandomState, rule: DtypeRule, low: float, high: float, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Draw one test input between two ends: whole numbers for operations on bits, float64 otherwise."""
    if rule is bits:
        return np.asarray(random.randint(int(low), int(high) + 1, shape))
    return np.asarray(random.uniform(low, high, shape))
