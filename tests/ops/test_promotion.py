"""The tables of `docs/dtypes.md` are what the library does, and what NumPy does but for the exceptions that the page names."""

from __future__ import annotations

import importlib
import itertools
import operator
import pkgutil
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.ops
import tensorlab.tensor as T
from tensorlab.graph.errors import DtypeError
from tensorlab.graph.promotion import promote, promote_to_float
from tensorlab.graph.types import DTYPES, TensorType, is_floating
from tensorlab.ops.dtype_rules import RULES
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.families import Elementwise, cards

for module in pkgutil.iter_modules(tensorlab.ops.__path__, "tensorlab.ops."):
    importlib.import_module(module.name)

PAGE = Path(__file__).parents[2] / "docs" / "dtypes.md"
OURS = [card for card in cards() if issubclass(card, Elementwise) and card.__module__.startswith("tensorlab.")]
PLAIN = [card() for card in OURS if card.__init__ is object.__init__]
every_op = pytest.mark.parametrize("op", PLAIN, ids=[op.name for op in PLAIN])


def tables():
    """The markdown tables of the page: from the head of the first column to {row: {column: cell}}."""
    found, rows = {}, None
    for line in [*PAGE.read_text(encoding="utf-8").splitlines(), ""]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            rows = None
        elif rows is None:
            head, rows = cells, found.setdefault(cells[0], {})
        elif not set(line) <= set("|- "):
            rows[cells[0]] = dict(zip(head[1:], cells[1:]))
    return found


TABLES = tables()
TOGETHER, RULE, WEAK = TABLES["together"], TABLES["rule"], TABLES["beside"]


def settled(cell):
    return str(tl.config.floatX) if cell == "floatX" else cell


def written(rule, dtypes):
    """What the page says for a rule and the dtypes of one, two or three operands; "error" for a refusal."""
    together = dtypes[0] if len(dtypes) == 1 else promote(*dtypes) if len(dtypes) > 2 else settled(TOGETHER[dtypes[0]][dtypes[1]])
    if rule == "bits" and any(map(is_floating, dtypes)):
        return "error"
    return settled(RULE[rule][together])


def symbols(dtypes):
    return [TensorType(dtype, (None,))(f"x{position}") for position, dtype in enumerate(dtypes)]


def test_the_tables_are_complete():
    assert set(TOGETHER) == set(DTYPES) and all(set(row) == set(DTYPES) for row in TOGETHER.values())
    assert set(RULE) == {rule.name for rule in RULES} and all(set(row) == set(DTYPES) for row in RULE.values())
    assert set(WEAK) == set(DTYPES)


@pytest.mark.parametrize("floatX", ["float64", "float32", "float16"])
def test_two_dtypes_together(floatX):
    with tl.config.change_flags(floatX=floatX):
        for a, b in itertools.product(DTYPES, repeat=2):
            assert promote(a, b) == settled(TOGETHER[a][b]), (a, b)
            assert promote_to_float(a, b) == (settled(RULE["floating"][settled(TOGETHER[a][b])]))


def test_the_table_is_numpys_but_for_floats_from_whole_numbers():
    for a, b in itertools.product(DTYPES, repeat=2):
        numpy = np.result_type(a, b).name
        exception = is_floating(numpy) and not is_floating(a) and not is_floating(b)
        assert TOGETHER[a][b] == ("floatX" if exception else numpy), (a, b)
        assert TOGETHER[a][b] == TOGETHER[b][a]


def test_float16_arises_only_from_float16():
    for a, b in itertools.product(DTYPES, repeat=2):
        for rule in RULE:
            if written(rule, (a, b)) == "float16":
                assert "float16" in (a, b)


@every_op
@pytest.mark.parametrize("floatX", ["float64", "float32"])
def test_every_card_follows_its_rule(op, floatX):
    with tl.config.change_flags(floatX=floatX):
        for dtypes in itertools.product(DTYPES, repeat=min(op.arity, 2)):
            given = (dtypes + dtypes[:1] if op.arity == 3 else dtypes)[: op.arity]
            alike = [dtype for position, dtype in enumerate(given) if position not in op.unlike]
            wanted = written(op.dtype.name, alike)
            if wanted == "error":
                with pytest.raises(DtypeError):
                    op(*symbols(given))
            else:
                assert op(*symbols(given)).type == TensorType(wanted, (None,)), (given, wanted)


@every_op
def test_every_card_computes_what_it_declares(op):
    with np.errstate(all="ignore"):
        for dtypes in itertools.product(DTYPES, repeat=min(op.arity, 2)):
            given = (dtypes + dtypes[:1] if op.arity == 3 else dtypes)[: op.arity]
            inputs = symbols(given)
            try:
                out = op(*inputs)
            except DtypeError:
                continue
            value = interpret([out], {each: np.ones(2, each.type.dtype) for each in inputs})[0]
            assert out.type.holds(value), (given, out.type, value.dtype)


# what NumPy does for a formula, where the table of rules claims to follow it
LIKE_NUMPY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "int_div": np.floor_divide, "mod": np.remainder, "pow": np.power,
    "neg": np.negative, "abs": np.abs, "sgn": np.sign, "sqr": np.square, "maximum": np.maximum, "minimum": np.minimum,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "invert": np.invert, "lt": np.less, "eq": np.equal,
}  # fmt: skip


@pytest.mark.parametrize("name", LIKE_NUMPY)
def test_the_rules_are_numpys(name):
    op, function = next(op for op in PLAIN if op.name == name), LIKE_NUMPY[name]
    for dtypes in itertools.product(DTYPES, repeat=op.arity):
        try:
            with np.errstate(all="ignore"):
                numpy = function(*[np.ones(1, dtype) for dtype in dtypes]).dtype.name
        except TypeError:
            with pytest.raises(DtypeError):
                op(*symbols(dtypes))
            continue
        if is_floating(numpy) and not any(map(is_floating, dtypes)):
            numpy = str(tl.config.floatX)
        assert op(*symbols(dtypes)).type.dtype == numpy, dtypes


@pytest.mark.parametrize("floatX", ["float64", "float32"])
def test_python_numbers_are_weak(floatX):
    numbers = {"True": True, "1": 1, "0.5": 0.5}
    with tl.config.change_flags(floatX=floatX):
        for dtype, row in WEAK.items():
            (x,) = symbols([dtype])
            for text, cell in row.items():
                number = numbers[text]
                for product in (x * number, number * x, T.mul(x, number), T.maximum(number, x), T.switch(x > 0, x, number)):
                    assert product.type.dtype == settled(cell), (dtype, text)
                value = (x * number).eval({x: np.ones(1, dtype)})
                assert value.dtype == settled(cell)


def test_numpy_numbers_are_not_weak():
    x = T.fvector("x")
    for other in (np.float64(2.0), np.array(2.0)):
        for together in (x * other, other * x, T.add(x, other)):
            assert together.type.dtype == "float64"
    assert (x * np.float32(2.0)).type.dtype == "float32"


def test_a_whole_number_that_does_not_fit_is_refused():
    x = T.bvector("x")
    for number in (128, -129, 1000):
        with pytest.raises(DtypeError, match="int8 holds -128 to 127"):
            x + number
    with pytest.raises(DtypeError):
        T.tensor("uint8", (None,)) + -1
    assert (x + 127).type.dtype == "int8"


def test_a_float32_program_stays_float32():
    """The two expressions for which the exceptions to NumPy's table were made."""
    with tl.config.change_flags(floatX="float32"):
        z = T.matrix("z")
        assert (z * ((z > 0) * 0.5)).type.dtype == "float32"
        assert (T.switch(z > 0, 1.0, 0.1) * z).type.dtype == "float32"
        for name in ("lvector", "ivector", "bvector"):
            n = getattr(T, name)("n")
            assert (n * 0.5).type.dtype == (n / 2).type.dtype == T.exp(n).type.dtype == T.clip(n, 0.0, 1.0).type.dtype == "float32"
            assert T.mean(n).type.dtype == "float32"
            np.testing.assert_array_equal((n * 0.5).eval({n: [1, 3]}), np.array([0.5, 1.5], "float32"))
        big = T.lscalar("big")
        assert (big > 2.0**24).eval({big: 2**24 + 1})  # a comparison does not round the whole number to float32 first


@pytest.mark.parametrize(
    "wrong, advice",
    [
        (lambda mask, v, n: mask - mask, r"mask \^ mask"),
        (lambda mask, v, n: (v > 0) - (v > 1), r"\(v > 0\) \^ \(v > 1\)"),
        (lambda mask, v, n: -mask, "~mask"),
        (lambda mask, v, n: T.sgn(mask), "~mask"),
        (lambda mask, v, n: mask & v, r"T.neq\(v, 0\)"),
        (lambda mask, v, n: ~v, r"T.neq\(v, 0\)"),
        (lambda mask, v, n: n**-2, r"n \*\* -2.0"),
    ],
)
def test_refusals_say_what_to_write(wrong, advice):
    with pytest.raises(DtypeError, match=advice) as caught:
        wrong(T.tensor("bool", (None,), "mask"), T.vector("v"), T.ivector("n"))
    assert "made at" in caught.value.found and caught.value.asked


def test_negative_powers_of_whole_numbers():
    n = T.lvector("n")
    np.testing.assert_array_equal((n**-1.0).eval({n: [2, 4]}), [0.5, 0.25])
    with pytest.raises(ValueError, match="negative integer powers"):
        (n ** T.lvector("k")).owner.op.formula(np, np.array([2]), np.array([-1]))


def test_unsigned_numbers_wrap_around():
    for operation in (operator.neg, lambda u: 0 - u, T.neg):
        u = T.tensor("uint8", (None,), "u")
        np.testing.assert_array_equal(operation(u).eval({u: np.array([0, 1, 255], "uint8")}), [0, 255, 1])


def test_casts():
    x = T.vector("x")
    assert T.cast(x, "float64") is x and x.astype(np.float32).type.dtype == "float32"
    with tl.config.change_flags(floatX="float32"):
        assert T.cast(x, "floatX").type.dtype == "float32"
    with pytest.raises(DtypeError):
        T.cast(x, "complex64")
