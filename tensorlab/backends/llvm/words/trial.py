"""Formulas in words as functions on arrays: for tests, for the table of accuracy, for benchmarks.

Floor 4. Read `speech` before. A trial is a loop without a tail: arrays are padded to a whole number of vectors.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir

from .. import machine
from ..values import Value
from . import Words
from .speech import with_aligned_stack

INT64, BYTE = ir.IntType(64), ir.IntType(8)
Formula = Callable[..., "Value | list[Value]"]


def written(
    formula: Formula, dtypes: Sequence[str], lanes: int, inline: bool = True, features: frozenset[str] | None = None
) -> tuple[str, list[str]]:
    """Return the text of a module whose function `trial` applies a formula to arrays, and the dtypes of the results.

    Args:
        formula: from words and one value per operand to a value, or to a list of values.
        dtypes: of the operands.
        lanes: elements at a time.
        inline: whether long words are inlined.
        features: of the processor; None for this one.
    """
    module = ir.Module()
    module.triple = machine.processor()[0]
    words = Words(module, lanes, inline, features)
    pointer = ir.PointerType(BYTE)
    table = ir.PointerType(pointer)
    function = with_aligned_stack(ir.Function(module, ir.FunctionType(ir.VoidType(), [*[pointer] * len(dtypes), table, INT64]), "trial"))
    for argument in function.args[:-1]:
        argument.add_attribute("noalias")
    *operands, outputs, count = function.args
    entry, loop, done = (function.append_basic_block(name) for name in ("entry", "loop", "done"))
    words.builder = builder = ir.IRBuilder(entry)
    builder.cbranch(builder.icmp_signed("<", ir.Constant(INT64, 0), count), loop, done)
    builder.position_at_end(loop)
    index = builder.phi(INT64)
    index.add_incoming(ir.Constant(INT64, 0), entry)

    def place(base: ir.Value, dtype: str) -> ir.Value:
        kind = words.ir_type("uint8" if dtype == "bool" else dtype)
        offset = builder.mul(index, ir.Constant(INT64, np.dtype(dtype).itemsize))
        return builder.bitcast(builder.gep(base, [offset]), kind.as_pointer())

    values = []
    for base, dtype in zip(operands, dtypes):
        loaded = builder.load(place(base, dtype), align=np.dtype(dtype).itemsize)
        values.append(words.value(loaded, "uint8") != 0 if dtype == "bool" else words.value(loaded, dtype))
    found = formula(words, *values)
    results = found if isinstance(found, list) else [found]
    for number, result in enumerate(results):
        stored = words.cast(result, "uint8") if result.dtype == "bool" else result
        output = builder.load(builder.gep(outputs, [ir.Constant(INT64, number)]))
        builder.store(stored.ir, place(output, result.dtype), align=np.dtype(result.dtype).itemsize)
    following = builder.add(index, ir.Constant(INT64, lanes))
    index.add_incoming(following, builder.block)
    builder.cbranch(builder.icmp_signed("<", following, count), loop, done)
    builder.position_at_end(done)
    builder.ret_void()
    return str(module), [result.dtype for result in results]


class Trial:
    """A formula in words as a function on arrays.

    >>> Trial(lambda m, x: m.exp(x) + 1, ["float64"])(np.zeros(3))
    array([2., 2., 2.])
    """

    def __init__(
        self, formula: Formula, dtypes: Sequence[str], lanes: int = 0, inline: bool = True,
        features: frozenset[str] | None = None,
    ) -> None:  # fmt: skip
        self.dtypes = list(dtypes)
        self.lanes = lanes or max(machine.vector_bytes() // max(np.dtype(each).itemsize for each in dtypes), 1)
        self.text, self.results = written(formula, dtypes, self.lanes, inline, features)
        self.many = len(self.results) > 1
        self.engine = machine.loaded(machine.emitted(self.text))
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (len(self.dtypes) + 1), ctypes.c_int64)
        self.run = kind(self.engine.get_function_address("trial"))

    def __call__(self, *operands: Any) -> Any:
        """Return the result, or the list of results if the formula gives several."""
        arrays = np.broadcast_arrays(*[np.asarray(each, dtype) for each, dtype in zip(operands, self.dtypes)])
        count = arrays[0].size
        padded = -(-count // self.lanes) * self.lanes
        filled = [np.ones(padded, each.dtype) for each in arrays]
        for room, each in zip(filled, arrays):
            room[:count] = each.ravel()
        outputs = [np.empty(padded, dtype) for dtype in self.results]
        self.run(*[each.ctypes.data for each in filled], (ctypes.c_void_p * len(outputs))(*[each.ctypes.data for each in outputs]), count)
        found = [each[:count].reshape(arrays[0].shape) for each in outputs]
        return found if self.many else found[0]
