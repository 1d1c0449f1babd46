"""Compilers that are wrong in one place each: what the differential test must catch, or it would be worth nothing.

Each is a context manager that breaks the compiler while it is open, and the graph as written never: that one is computed by `interpret`,
which reads the cards themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import numpy as np

from tensorlab.backends import reference, source
from tensorlab.compiler.function import Function
from tensorlab.graph.node import Constant
from tensorlab.ops.arithmetic import Sub, mul
from tensorlab.ops.evaluate import kernel
from tensorlab.ops.indexing import Subtensor
from tensorlab.ops.products import Dot
from tensorlab.ops.reductions import Sum
from tensorlab.ops.shapes import DimShuffle
from tensorlab.ops.words import ArrayWords
from tensorlab.rewrite import intern as interning
from tensorlab.rewrite.rules import constants
from tensorlab.settings import config
from tensorlab.testing.recipes import known_rules


@dataclass
class WrongCompiler:
    """One way of being wrong.

    Attributes:
        name: what is wrong.
        broken: a context manager that breaks the compiler.
        modes: in which it shows.
        graphs: within how many graphs it must be caught.
    """

    name: str
    broken: Callable[[], Any]
    modes: tuple[str, ...]
    graphs: int = 1000


WRONG: list[WrongCompiler] = []


def wrong(name: str, *modes: str, graphs: int = 1000) -> Callable[[Callable[[], Iterator[None]]], Callable[[], Any]]:
    """Register a generator as a wrong compiler."""

    def register(function: Callable[[], Iterator[None]]) -> Callable[[], Any]:
        manager = contextmanager(function)
        if "FAST_RUN" in modes:
            manager = without_cache(manager)
        WRONG.append(WrongCompiler(name, manager, modes, graphs))
        return manager

    return register


def without_cache(manager: Callable[[], Any]) -> Callable[[], Any]:
    """The same, with no native code taken from before nor kept for later: what was written by a wrong compiler must not stay anywhere."""

    @contextmanager
    def both() -> Iterator[None]:
        from tensorlab.backends.llvm import cache

        before = config.cache_directory
        config.cache_directory = "off"
        cache.remembered.clear()
        try:
            with manager():
                yield
        finally:
            cache.remembered.clear()
            config.cache_directory = before

    return both


# -- the reference back end

@contextmanager
def word(name: str, meaning: Callable[..., Any]) -> Iterator[None]:
    """The reference back end with another meaning of a word."""
    Words = type("Words", (ArrayWords,), {name: staticmethod(meaning)})
    source.written_formula.cache_clear()
    with mock.patch.object(source, "ArrayWords", Words), mock.patch.object(reference, "ArrayWords", Words):
        yield
    source.written_formula.cache_clear()


@contextmanager
def card(which: type, meaning: Callable[[Any, Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    """The reference back end with another meaning of a card: a function of the node and of what computes it rightly."""

    def other(node: Any, xp: Any, words: Any) -> Callable[..., Any]:
        right = kernel(node, xp, words)
        return meaning(node, right) if isinstance(node.op, which) else right

    with mock.patch.object(source, "kernel", other), mock.patch.object(reference, "kernel", other):
        yield


@wrong("a flipped sign in a word", "FAST_COMPILE")
def flipped_sign():
    with word("arctan", lambda x: np.where(x < -1, -np.arctan(x), np.arctan(x))):
        yield


@wrong("a word with the digits of float32", "FAST_COMPILE")
def few_digits():
    with word("tanh", lambda x: np.tanh(x.astype("float32")).astype(x.dtype)):
        yield


@wrong("a word that is wrong beside zero", "FAST_COMPILE")
def expm1_by_exp():
    with word("expm1", lambda x: np.exp(x) - 1):
        yield


@wrong("a wrong stride: a transpose read row by row", "FAST_COMPILE")
def wrong_stride():
    with card(DimShuffle, lambda node, right: lambda x: np.ravel(x).reshape(right(x).shape)):
        yield


@wrong("a missed check of broadcasting", "FAST_COMPILE")
def missed_check():
    with mock.patch.object(source, "broadcast_check", lambda node: None):
        yield


@wrong("an index off by one", "FAST_COMPILE")
def off_by_one():
    with card(Subtensor, lambda node, right: lambda x, *bounds: right(np.roll(x, 1, 0), *bounds)):
        yield


@wrong("a sum over another axis", "FAST_COMPILE")
def another_axis():
    def meaning(node, right):
        if node.op.axis != (0,) or node.inputs[0].type.ndim < 2:
            return right
        return lambda x: right(np.swapaxes(x, 0, 1)) if x.shape[0] == x.shape[1] else right(x)

    with card(Sum, meaning):
        yield


@wrong("an accumulator of float32", "FAST_COMPILE")
def narrow_accumulator():
    def meaning(node, right):
        return lambda x, y: right(x.astype("float32"), y.astype("float32")).astype(x.dtype) if x.dtype == "float64" else right(x, y)

    with card(Dot, meaning):
        yield


@wrong("a cast that rounds", "FAST_COMPILE")
def rounding_cast():
    def meaning(x, dtype):
        kinds = x.dtype.kind + np.dtype(dtype).kind
        return (np.rint(x) if kinds in ("fi", "fu") else np.asarray(x)).astype(dtype)

    with word("cast", meaning):
        yield


@wrong("operands in another order", "FAST_COMPILE")
def other_order():
    with word("remainder", lambda x, y: np.remainder(y, x)):
        yield


@wrong("results that share memory with arguments", "FAST_COMPILE")
def shared_memory():
    right = Function._prepare

    def prepared(self, *arguments):
        right(self, *arguments)
        self._runner.__dict__["fresh"] = (True,) * len(self._runner.fresh)

    with mock.patch.object(Function, "_prepare", prepared):
        yield


# -- updates


@wrong("a lost update", "FAST_COMPILE")
def lost_update():
    right = Function._commit

    def commit(self, values):
        return right(self, [*values[:-1], list(self.updates)[-1].get_value()])

    with mock.patch.object(Function, "_commit", commit):
        yield


# -- rewriting


@wrong("equal nodes that are not equal: the order of operands", "REFERENCE")
def interned_without_order():
    right = interning.Interner.__call__

    def call(self, node, inputs):
        found = right(self, node, inputs)
        return self.seen.setdefault((node.op, node.type, frozenset(inputs)), found) if isinstance(node.op, Sub) else found

    with mock.patch.object(interning.Interner, "__call__", call):
        yield


@wrong("constants computed ahead with few digits", "REFERENCE")
def narrow_folder():
    right = constants.folded

    def folded(node):
        found = right(node)
        if found is None or found.type.dtype != "float64":
            return found
        return Constant(found.value.astype("float32").astype("float64"))

    with mock.patch.object(constants, "folded", folded):
        yield


@wrong("a rule that forgets a factor", "REFERENCE")
def forgotten_factor():
    rule = known_rules()["to_the_three"]

    def apply(node, context):
        found = type(rule).apply(rule, node, context)
        return found.inputs[0] if found is not None and found.op == mul else found

    with mock.patch.object(rule, "apply", apply, create=True):
        yield



# -- the LLVM back end


@wrong("a flipped sign in a native word", "FAST_RUN")
def native_sign():
    from tensorlab.backends.llvm.words import Words

    right = Words.tanh
    with mock.patch.object(Words, "tanh", lambda self, x: self.abs(right(self, x))):
        yield


@wrong("a native word with the digits of float32", "FAST_RUN")
def native_digits():
    from tensorlab.backends.llvm.words import Words

    right = Words.exp

    def exp(self, x):
        return self.cast(right(self, self.cast(x, "float32")), x.dtype)

    with mock.patch.object(Words, "exp", exp):
        yield


@wrong("a wrong stride in a native loop", "FAST_RUN")
def native_stride():
    from tensorlab.backends.llvm.kernels import KernelCode

    right = KernelCode._address

    def address(self, position, inner=0):
        axes = self.kernel.axes
        square = len(axes) > 1 and axes[0] == axes[1]
        if not square or position >= len(self.kernel.reads):
            return right(self, position, inner)
        held = self.counters
        crossed = [inner, *held[1:]], held[0]
        self.counters = crossed[0] if len(axes) == 2 else held[1::-1] + held[2:]
        try:
            return right(self, position, crossed[1] if len(axes) == 2 else inner)
        finally:
            self.counters = held

    with mock.patch.object(KernelCode, "_address", address):
        yield


@wrong("one row of an operand broadcast to all in a native loop", "FAST_RUN")
def native_broadcast():
    from tensorlab.backends.llvm.kernels import KernelCode

    right = KernelCode._address

    def address(self, position, inner=0):
        held = self.counters
        if held and position == 1 < len(self.kernel.reads):
            self.counters = [0, *held[1:]]
        try:
            return right(self, position, inner)
        finally:
            self.counters = held

    with mock.patch.object(KernelCode, "_address", address):
        yield


@wrong("a lost update in native code", "FAST_RUN")
def native_update():
    from tensorlab.backends.llvm.program import ProgramCode

    right = ProgramCode._hand_out

    def hand_out(self, cells):
        self.interface = replace(self.interface, targets=self.interface.targets[:-1])
        return right(self, cells)

    with mock.patch.object(ProgramCode, "_hand_out", hand_out):
        yield


@wrong("a wrong mask of lanes in the rest of a native loop", "FAST_RUN")
def native_mask():
    from tensorlab.backends.llvm import kernels

    right = kernels.masked_store

    def masked_store(code, value, address, align, mask):
        lanes = value.type.count
        all_but_one = ir.Constant(ir.VectorType(ir.IntType(1), lanes), [lane != 1 for lane in range(lanes)])
        right(code, value, address, align, code.builder.and_(mask, all_but_one))

    from llvmlite import ir

    with mock.patch.object(kernels, "masked_store", masked_store):
        yield


@wrong("a wrong start of a native reduction", "FAST_RUN")
def native_start():
    from tensorlab.backends.llvm import kernels

    right = kernels.neutral

    def neutral(combine, dtype):
        return 0 if combine == "maximum" and dtype.startswith("float") else right(combine, dtype)

    with mock.patch.object(kernels, "neutral", neutral):
        yield
