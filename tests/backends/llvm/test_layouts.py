"""Arrays of any lengths, in any layout: native code gives what the reference gives, and the same bits however its inputs lie in memory."""

from __future__ import annotations

import importlib
import pkgutil
import random

import numpy as np
import pytest
from groups import GROUPS, Symbols, assignments, elementwise, extremes, gathers, products, refused, sums

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends import llvm
from tensorlab.backends.llvm import link
from tensorlab.backends.llvm.forms import CHUNK
from tensorlab.backends.llvm.machine import vector_bytes

MODULES = [importlib.import_module(each.name) for each in pkgutil.iter_modules(llvm.__path__, "tensorlab.backends.llvm.")]
LANES = vector_bytes() // 4  # of the narrowest numbers that have lanes of their own
AROUND = sorted({lanes * times + more for lanes in (LANES // 2, LANES) for times in (1, 2, 4) for more in (-1, 0, 1)})
SHAPES = [(0, 0), (0, 3), (3, 0), (1, 1), (1, 5), (5, 1), (2, 2), (7, 9), *((2 + length % 3, length) for length in AROUND), (40, 33)]
LONG = [(1, CHUNK + 3), (3, CHUNK // 2 + 7), (CHUNK + 3, 1), (CHUNK // 2 + 7, 3)]
DTYPES = ("float64", "float32", "int8", "bool")


class Marked(np.ndarray):
    """A subclass."""


def spread(array):
    """The same with gaps."""
    around = np.zeros([2 * length + 1 for length in array.shape], array.dtype)
    part = around[(*(slice(1, 2 * length + 1, 2) for length in array.shape), ...)]
    part[...] = array
    return part


def turned(array):
    """The same, running backwards through memory."""
    backwards = (*(slice(None, None, -1),) * array.ndim, ...)
    return array[backwards].copy()[backwards]


def unaligned(array):
    """The same at an odd address."""
    buffer = bytearray(array.nbytes + 1)
    found = np.frombuffer(buffer, array.dtype, offset=1, count=array.size).reshape(array.shape) if array.size else array.copy()
    if array.size:
        found[...] = array
    return found


def read_only(array):
    found = array.copy()
    found.flags.writeable = False
    return found


LAYOUTS = {
    "columns": lambda array: np.array(array, order="F"),
    "backwards": turned,
    "gaps": spread,
    "unaligned": unaligned,
    "swapped": lambda array: array.astype(array.dtype.newbyteorder(">")),
    "read-only": read_only,
    "subclass": lambda array: array.copy().view(Marked),
    "turned columns": lambda array: np.array(array[::-1].T, order="C").T[::-1] if array.ndim else array.copy(),
}


def mapped(array, folder):
    """The same in a file."""
    if not array.nbytes:
        return array
    found = np.memmap(folder / f"{len(list(folder.iterdir()))}", array.dtype, "w+", shape=array.shape or (1,)).reshape(array.shape)
    found[...] = array
    return found


def wanted_of(function, values):
    """What the reference says: values, or an error."""
    try:
        with np.errstate(all="ignore"):
            return function._compute([value.copy() for value in values])
    except Exception as problem:
        return problem


def agree(found, wanted):
    assert len(found) == len(wanted)
    for number, (one, other) in enumerate(zip(found, wanted)):
        assert (type(one), one.dtype, one.shape) == (np.ndarray, other.dtype, other.shape), number
        tolerance = 64 * np.finfo(one.dtype).eps if one.dtype.kind == "f" else 0
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance, err_msg=f"output {number}")


def own_memory(results, values):
    """Every result has memory of its own, which nothing else holds."""
    starts = [result.ctypes.data for result in results if result.size]
    assert len(set(starts)) == len(starts)
    for result in results:
        flags = result.flags
        assert flags.owndata and flags.writeable and flags.c_contiguous and result.dtype.isnative and result.base is None
        assert not any(np.may_share_memory(result, value) for value in values)


def called(function, values, wanted):
    """The results of a call; None if it must fail, and fails in the same way."""
    if isinstance(wanted, Exception):
        with pytest.raises(type(wanted)):
            function(*values)
        return None
    return function(*values)


@pytest.fixture(scope="module", params=[(group, dtype) for dtype in DTYPES for group in GROUPS if not refused(group, dtype)],
                ids=lambda those: f"{those[0].__name__}-{those[1]}")  # fmt: skip
def compiled(request):
    group, dtype = request.param
    symbols = Symbols(dtype)
    function = tl.function(symbols.all, group(symbols), on_unused_input="ignore")
    assert function._doors is not None
    return function, symbols, group


def test_lengths(compiled, handed):
    function, symbols, group = compiled
    draw = np.random.RandomState(0)
    native = 0
    for rows, columns in SHAPES + (LONG if symbols.dtype in ("float64", "int8") else []):
        if group is products and max(rows, columns) > 1000:
            continue
        values = symbols.values(draw, rows, columns)
        before = [value.tobytes() for value in values]
        wanted = wanted_of(function, values)
        handed.clear()
        results = called(function, values, wanted)
        if results is not None:
            agree(results, wanted)
            own_memory(results, values)
            native += not handed
            assert not handed or 0 in (rows, columns), "only arrays without elements may be handed on"
        assert [value.tobytes() for value in values] == before, "inputs stay as they are"
    assert native >= len(AROUND)


def test_layouts(compiled, handed, tmp_path):
    function, symbols, _ = compiled
    draw = np.random.RandomState(1)
    for rows, columns in ((3, 4), (5, 2 * LANES + 3), (1, 7), (0, 2)):
        values = symbols.values(draw, rows, columns)
        wanted = wanted_of(function, values)
        plain = called(function, values, wanted)
        for name, layout in {**LAYOUTS, "mapped": lambda array: mapped(array, tmp_path)}.items():
            if name == "mapped" and columns != 4:
                continue
            others = [layout(value) for value in values]
            assert all((one == other).all() for one, other in zip(values, others))
            results = called(function, others, wanted)
            assert all((one == other).all() for one, other in zip(values, others)), name
            if plain is not None:
                assert [result.tobytes() for result in results] == [result.tobytes() for result in plain], name
                own_memory(results, others)
    assert not handed["by_reference"] or rows == 0


def test_inputs_that_overlap():
    x, y = T.vectors("x", "y")
    a, b = T.matrices("a", "b")
    outputs = [x + y, T.inc_subtensor(x[1:], y[1:]), T.concatenate([x, y]), x[::-1] * y, T.dot(a, b), a - b.T, T.set_subtensor(a[::-1], b)]
    function = tl.function([x, y, a, b], outputs)
    memory = np.arange(40.0)
    square = memory[:36].reshape(6, 6)
    for one, other in ((memory[:-1], memory[1:]), (memory[::2], memory[::-2]), (memory, memory), (memory[3:9], memory[8:2:-1])):
        for left, right in ((square, square.T), (square[1:, 1:], square[:-1, :-1]), (square, square)):
            values = [one, other, left, right]
            agree(function(*values), wanted_of(function, values))
    assert (memory == np.arange(40)).all()


def test_arrays_that_repeat_one_element(handed):
    x, v = T.matrix("x"), T.vector("v")
    function = tl.function([x, v], [x + v, x.sum(axis=0), T.dot(x, v), x.T * 2])
    values = [np.broadcast_to(np.float64(1.5), (4, 5)), np.broadcast_to(np.float64(2.0), (5,))]
    agree(function(*values), wanted_of(function, values))
    assert handed == {"slowly": 1}


# -- chunks and threads, also where there is little to do


@pytest.fixture
def otherwise(monkeypatch):
    """Changes what programs are written by: names of the back end, wherever they are known. Their code is kept nowhere."""
    monkeypatch.setattr(link, "kept", lambda key: None)
    monkeypatch.setattr(link, "keep", lambda key, code: None)

    def change(**names):
        for name, value in names.items():
            holders = [module for module in MODULES if hasattr(module, name)]
            assert holders
            for module in holders:
                monkeypatch.setattr(module, name, value)

    return change


@pytest.fixture
def small_chunks(otherwise):
    """Programs that are cut into chunks of a few elements, each of which may run on another thread."""
    otherwise(CHUNK=6, HEAVY=0, LONG=0)


@pytest.mark.parametrize("group", [elementwise, sums, extremes, gathers, assignments])
def test_chunks(group, small_chunks, handed):
    symbols = Symbols("float64")
    function = tl.function(symbols.all, group(symbols), on_unused_input="ignore")
    draw = np.random.RandomState(2)
    for rows, columns in ((1, 1), (2, 3), (3, 2), (7, 5), (5, 13), (13, 7), (40, 1), (1, 40)):
        values = symbols.values(draw, rows, columns)
        agree(function(*values), wanted_of(function, values))
    assert handed == {}


@pytest.mark.parametrize("threads", [1, 3])
def test_random_graphs(threads, small_chunks, handed):
    from growing import grown_outputs

    for seed in range(12):
        pool, outputs = grown_outputs(random.Random(seed))
        with tl.config.change_flags(threads=threads):
            function = tl.function(pool.inputs, [node for node, _ in outputs], on_unused_input="ignore")
        for found, (_, wanted) in zip(function(*pool.values), outputs):
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
    assert handed == {}


@pytest.mark.parametrize("bytes_", [16, 32, 64])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_widths_of_vectors(bytes_, dtype, otherwise, handed):
    """Other processors have other vectors: lengths around a multiple of theirs are right too."""
    otherwise(vector_bytes=lambda: bytes_)
    symbols = Symbols(dtype)
    function = tl.function(symbols.all, [*elementwise(symbols), *sums(symbols)], on_unused_input="ignore")
    draw = np.random.RandomState(3)
    for columns in range(1, 20):
        values = symbols.values(draw, 1 + columns % 3, columns)
        agree(function(*values), wanted_of(function, values))
    assert handed == {}


def test_bits_of_elements_do_not_depend_on_vectors(otherwise):
    """Neither on their width, nor on whether an element is done in a whole vector, in the rest of a row, or alone."""
    x = T.vector("x")
    outputs = [T.exp(x), T.log(x), T.tanh(x) * x - 1 / x, T.sin(x), T.nnet.sigmoid(x), x**2.5, T.erf(x)]
    values = np.random.RandomState(4).uniform(0.1, 3, 67)
    found = set()
    for bytes_ in (8, 16, 32, 64):
        otherwise(vector_bytes=lambda bytes_=bytes_: bytes_)
        function = tl.function([x], outputs)
        whole = function(values)
        parts = [function(values[start : start + 5]) for start in range(0, 67, 5)]
        found.add(b"".join(each.tobytes() for each in whole))
        found.add(b"".join(np.concatenate(each).tobytes() for each in zip(*parts)))
    assert len(found) == 1
