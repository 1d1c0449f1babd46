"""Ops and rules that are wrong in one place each, and the word for what is wrong: what DebugMode must find, with the right culprit.

Each is a context manager that gives the graph and the arguments with which it must be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.types import TensorType
from tensorlab.ops.choices import Fill
from tensorlab.ops.families import Elementwise, Library, Reduction
from tensorlab.ops.functions import Exp, Log
from tensorlab.rewrite.rule import Equation, Procedure, simplify


@dataclass
class Fault:
    """One fault.

    Attributes:
        name: what is wrong.
        kind: the word by which the report calls it.
        culprit: the name of the guilty op or rule.
        broken: a context manager that yields inputs, an output and arguments.
    """

    name: str
    kind: str
    culprit: str
    broken: Callable[[], Any]


FAULTS: list[Fault] = []


def fault(name: str, kind: str, culprit: str) -> Callable[[Callable[[], Iterator[Any]]], Any]:
    """Register a generator as a fault."""

    def register(function: Callable[[], Iterator[Any]]) -> Any:
        FAULTS.append(Fault(name, kind, culprit, contextmanager(function)))
        return function

    return register


x, v, u, m, w = T.scalar("x"), T.vector("v"), T.vector("u"), T.matrix("m"), T.matrix("w")
ROW = np.array([0.5, -1.25, 2.0, 3.5, -0.75])


@contextmanager
def without_cache() -> Iterator[None]:
    """No native code from before, and none of what is written meanwhile is kept."""
    from tensorlab.backends.llvm import cache

    with tl.config.change_flags(cache_directory="off"):
        cache.remembered.clear()
        try:
            yield
        finally:
            cache.remembered.clear()


@contextmanager
def a_rule(rule: Any) -> Iterator[None]:
    """A rule that is there for a while."""
    try:
        yield
    finally:
        simplify.rules.remove(rule)
        simplify._by_card.clear()


# -- native code


@fault("a wrong value in a native word", "value", "tanh")
def native_word():
    from tensorlab.backends.llvm.words import Words

    right = Words.tanh
    with ExitStack() as stack:
        stack.enter_context(without_cache())
        stack.enter_context(mock.patch.object(Words, "tanh", lambda self, x: self.abs(right(self, x))))
        yield [v], (T.tanh(v) * 2 + 1).sum(), [ROW]


@fault("a native word with the digits of float32", "value", "exp")
def native_digits():
    from tensorlab.backends.llvm.words import Words

    right = Words.exp
    with ExitStack() as stack:
        stack.enter_context(without_cache())
        stack.enter_context(mock.patch.object(Words, "exp", lambda self, x: self.cast(right(self, self.cast(x, "float32")), x.dtype)))
        yield [v], T.exp(v), [ROW]


@fault("a native reduction that starts at the wrong number", "value", "max")
def native_start():
    from tensorlab.backends.llvm import kernels

    right = kernels.neutral

    def neutral(combine, dtype):
        return 0 if combine == "maximum" and dtype.startswith("float") else right(combine, dtype)

    with ExitStack() as stack:
        stack.enter_context(without_cache())
        stack.enter_context(mock.patch.object(kernels, "neutral", neutral))
        yield [m], m.max(axis=1), [np.array([[-1.0, -2.0, -3.0], [1.0, 2.0, 3.0]])]


# -- cards


class NarrowExp(Exp):
    """Computes in float32 what it promises in float64."""

    sample = None

    def formula(self, m, x):
        return m.cast(m.exp(x), "float32")


@fault("an op of another dtype than its card says", "dtype", "narrow_exp")
def wrong_dtype():
    yield [v], NarrowExp()(v) + 1, [ROW]


class Column(Library):
    """Says that the result is as long as its operand; it is one shorter."""

    def type(self, v):
        return v.type

    def numpy(self, xp, v):
        return v[:-1] * 1


class SumKept(Reduction):
    """Says that it folds an axis away, and keeps it."""

    def numpy(self, xp, v):
        return v.sum(axis=self.axis, keepdims=True)


@fault("an op of another number of axes than its card says", "shape", "sum_kept")
def wrong_rank():
    yield [m], SumKept((1,))(m) * 2.0, [np.ones((2, 3))]


@fault("an op of another length than its card says", "shape", "column")
def wrong_length():
    known = TensorType("float64", (5,))("v")
    yield [known], Column()(known), [ROW]


class Backwards(Library):
    """A view of its operand, though its card is no View."""

    def type(self, v):
        return v.type

    def numpy(self, xp, v):
        return v[::-1]


@fault("an op that returns a view of its operand", "alias", "backwards")
def view_of_an_operand():
    yield [v], T.exp(Backwards()(v)), [ROW]


class Normalize(Library):
    """Works on its operand instead of a copy."""

    def type(self, v):
        return v.type

    def numpy(self, xp, v):
        v -= v.mean()
        return v * 1.0


@fault("an op that writes into its operand", "mutation", "normalize")
def written_operand():
    yield [v], Normalize()(v).sum() + v.sum(), [ROW]


class Cube(Elementwise):
    """A power with a wrong derivative."""

    def formula(self, m, x):
        return x * x * x

    def partials(self, out, x):
        return [2 * x * x]


@fault("a wrong derivative", "gradient", "cube")
def wrong_derivative():
    yield [v], T.grad(Cube()(T.sin(v)).sum(), v), [ROW]


class Hinge(Elementwise):
    """A derivative that is wrong for negative numbers only."""

    def formula(self, m, x):
        return x * x

    def partials(self, out, x):
        return [2 * abs(x)]


@fault("a derivative that is wrong for negative numbers, seen with positive ones", "gradient", "hinge")
def derivative_of_one_side():
    yield [v], Hinge()(v).sum(), [abs(ROW)]


class Mixed(Library):
    """A product of matrices that sends back the gradient of another one."""

    def type(self, a, b):
        return TensorType("float64", (None, None))

    def numpy(self, xp, a, b):
        return xp.dot(a, b)

    def vjp(self, g, out, a, b):
        return [T.dot(g, b), T.dot(a.T, g)]


@fault("a derivative of a whole array with a transpose forgotten", "gradient", "mixed")
def forgotten_transpose():
    yield [m, w], Mixed()(m, w).sum(), [np.arange(4.0).reshape(2, 2), np.array([[1.0, 2.0], [-3.0, 0.5]])]


# -- rules


@fault("a rule with a flipped sign", "value", "cosine_of_a_negative")
def flipped_sign():
    def cosine_of_a_negative(x):
        """Wrong on purpose."""
        return T.cosh(-x), -T.cosh(x)

    with a_rule(Equation(cosine_of_a_negative, simplify, ("float64",))):
        yield [v], T.cosh(-v).sum(), [ROW]


@fault("a rule that is wrong for negative numbers, seen with positive ones", "value", "no_sign")
def negative_numbers():
    def no_sign(x):
        """Wrong on purpose."""
        return T.arctan(abs(x)), T.arctan(x)

    with a_rule(Equation(no_sign, simplify, ("float64",))):
        yield [v], T.arctan(abs(v)), [abs(ROW)]


@fault("a rule that changes the dtype", "type", "cheaper_logarithm")
def changed_dtype():
    def cheaper_logarithm(node, context):
        return T.log(T.cast(node.inputs[0], "float32")) if node.type.dtype == "float64" else None

    with a_rule(Procedure(cheaper_logarithm, simplify, [Log], [])):
        yield [v], T.log(v), [abs(ROW)]


@fault("a rule that drops a broadcast", "type", "forgotten_fill")
def dropped_broadcast():
    def forgotten_fill(node, context):
        return node.inputs[1]

    with a_rule(Procedure(forgotten_fill, simplify, [Fill], [])):
        yield [v, x], T.fill(v, x) * 2.0, [ROW, 3.0]


@fault("a rule that loses a check of lengths", "shape", "forgotten_operand")
def lost_check():
    def forgotten_operand(node, context):
        return T.sin(node.inputs[0]) if node.type.ndim else None

    with a_rule(Procedure(forgotten_operand, simplify, [type(T.arctan2)], [])):
        yield [v, u], T.arctan2(v, u), [ROW, ROW[:3]]


@fault("a rule that forgets an operand of a sum", "value", "sum_of_one")
def forgotten_term():
    def sum_of_one(node, context):
        return node.inputs[0] if node.inputs[0].type == node.inputs[1].type else None

    with a_rule(Procedure(sum_of_one, simplify, [type(T.arctan2)], [])):
        yield [v, u], T.arctan2(v, u), [ROW, ROW + 1]
