"""Every card that has native code, on its own samples: the same values as the reference, and by native code indeed."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.ops
from tensorlab.backends.llvm import backend
from tensorlab.compiler.pipeline import compile_stages
from tensorlab.graph.errors import TensorlabError
from tensorlab.graph.types import TensorType
from tensorlab.ops.families import Elementwise, Reduction, View, cards, instances

for module in pkgutil.iter_modules(tensorlab.ops.__path__, "tensorlab.ops."):
    importlib.import_module(module.name)

CARDS = [card for card in cards() if card.__module__.startswith("tensorlab.")]
WHOLE = ("int64", "uint8", "int8", "bool", "int32", "uint64", "int16", "uint32")
TOGETHER = 24  # cases in one function: compiling many at once costs less than one by one
NO_NATIVE_CODE = {
    "Erfcx", "Erfinv", "Erfcinv", "Gamma", "Gammaln", "Psi", "PolyGamma",  # words without a body in simpler words
    "ClassNumbers", "Diagonal", "Print", "After", "Assert", "Breakpoint",  # left to NumPy
}  # fmt: skip


class Case:
    """An op on its sample inputs in some dtype."""

    def __init__(self, op, arrays):
        self.op, self.arrays = op, arrays
        self.inputs = [
            TensorType(array.dtype.name, [1 if length == 1 else None for length in array.shape])(f"x{number}")
            for number, array in enumerate(arrays)
        ]
        self.output = op(*self.inputs)
        self.native = backend.as_whole(compile_stages(self.inputs, [self.output], "FAST_RUN").program) is not None

    @property
    def has_elements(self):
        return all(array.size for array in self.arrays)


def cases(dtype):
    """All cards on their samples, real numbers in a dtype; for other dtypes than float64 only the first samples of a card."""
    found = []
    for number, card in enumerate(CARDS):
        samples = list(instances(card))
        if dtype != "float64":
            samples = samples[1:2] if issubclass(card, Elementwise) else samples[: 2 if dtype == "float32" else 1]
        for op, arrays in samples:
            real = any(array.dtype.kind == "f" for array in arrays)
            if dtype != "float64" and not real:
                continue
            into = dtype if dtype.startswith("float") else WHOLE[number % len(WHOLE)]
            try:
                found.append(Case(op, [array.astype(into) if array.dtype.kind == "f" else array for array in arrays]))
            except TensorlabError:
                assert not dtype.startswith("float")  # a card may refuse whole numbers
    return found


def names(those):
    return sorted({type(case.op).__name__ for case in those})


CASES = {dtype: cases(dtype) for dtype in ("float64", "float32", "whole")}
PARTS = [
    pytest.param([case for case in some if case.native and case.has_elements][start : start + TOGETHER], id=f"{dtype}-{start}")
    for dtype, some in CASES.items()
    for start in range(0, sum(case.native and case.has_elements for case in some), TOGETHER)
]


def test_what_works_point_by_point_has_native_code():
    slow = set(names(CASES["float64"])) - set(names(case for case in CASES["float64"] if case.native))
    loops = {card.__name__ for card in CARDS if issubclass(card, (Elementwise, Reduction, View))}
    assert slow & loops <= NO_NATIVE_CODE
    assert len(names(case for case in CASES["float64"] if case.native)) >= 90


def same(found, wanted, label):
    assert type(found) is np.ndarray and found.dtype == wanted.dtype and found.shape == wanted.shape, label
    tolerance = 16 * np.finfo(found.dtype).eps if found.dtype.kind == "f" else 0
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance, err_msg=label)


def check(those):
    inputs = [each for case in those for each in case.inputs]
    arrays = [array for case in those for array in case.arrays]
    function = tl.function(inputs, [case.output for case in those], on_unused_input="ignore")
    assert function._doors is not None
    before = [array.copy() for array in arrays]
    with np.errstate(all="ignore"):
        wanted = function._compute(list(arrays))
    for case, found, other in zip(those, function(*arrays), wanted):
        same(found, other, f"{case.op} of {[array.dtype.name for array in case.arrays]}")
    assert all((one == other).all() for one, other in zip(arrays, before)), "inputs stay as they are"


@pytest.mark.parametrize("those", PARTS)
def test_native_code_agrees_with_the_reference(those, handed):
    check(those)
    assert handed == {}, f"handed on: one of {names(those)}"


def test_arrays_without_elements():
    """Some of these are handed on: what is folded over no rows at all."""
    check([case for case in CASES["float64"] if case.native and not case.has_elements])
