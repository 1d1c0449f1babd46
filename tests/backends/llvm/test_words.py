"""Words in LLVM mean what they mean in NumPy: special numbers, whole numbers, casts, weak numbers, in scalars and in vectors."""

from __future__ import annotations

import itertools
import operator
import re
import warnings

import numpy as np
import pytest
import scipy.special
from llvmlite import ir

from tensorlab.backends.llvm import machine
from tensorlab.backends.llvm.words import Words
from tensorlab.backends.llvm.words.trial import Trial, written
from tensorlab.ops.words import SPECIAL, WORDS, ArrayWords

FLOATS = ("float32", "float64")
SIGNED, UNSIGNED = ("int8", "int16", "int32", "int64"), ("uint8", "uint16", "uint32", "uint64")
INTEGERS = SIGNED + UNSIGNED
REFERENCE = ArrayWords(np)
UNARY = tuple(
    word for word in WORDS if Words.speaks(word, "float64")
    and word not in ("power", "arctan2", "maximum", "minimum", "floor_divide", "remainder", "where", "second", "cast")
)  # fmt: skip
BINARY = ("power", "arctan2", "maximum", "minimum", "floor_divide", "remainder")
WITHOUT = frozenset()  # a processor that cannot fuse
TOLERANCE = {"float32": 4e-7, "float64": 8e-16}  # between two roundings of one number: accuracy has its own tests


@pytest.fixture(autouse=True)
def quiet():
    """NumPy warns of what is tested here."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def special_numbers(dtype):
    """Numbers at which functions have their own rules, and some on both sides of every overflow and underflow."""
    kind = np.finfo(dtype)
    small = [0.0, kind.smallest_subnormal, kind.smallest_subnormal * 3, kind.tiny / 2, kind.tiny, kind.eps / 4, kind.eps, 1e-3]
    usual = [0.5, np.nextafter(kind.dtype.type(1), kind.dtype.type(0)), 1.0, 1 + kind.eps, 1.5, 2.0, 2.5, 3.0, np.pi / 2, np.pi, 8.0, 1e3]
    edges = [88.7, 88.8, 89.4, 89.5, 103.9, 104.0, 127.9, 128.0, 149.0, 150.0]
    edges += [709.7, 709.8, 710.4, 710.5, 745.1, 745.2, 1023.9, 1024.0, 1074.0, 1075.5]
    large = [1 / kind.eps, 2 / kind.eps + 2, 1e20, kind.max / 4, kind.max, np.inf]
    positive = np.array(small + usual + edges + large).astype(dtype)
    return np.concatenate([positive, -positive, np.array([np.nan], dtype)])


def assert_same(found, wanted, tolerance, *operands):
    """Equal up to rounding; nan, infinities, zeros and their signs exactly."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.dtype == wanted.dtype
    exact = ~np.isfinite(wanted) | (wanted == 0)
    same = np.where(
        exact, ((found == wanted) & (np.signbit(found) == np.signbit(wanted))) | (np.isnan(found) & np.isnan(wanted)),
        abs(found - wanted) <= tolerance * abs(wanted) + 2 * np.finfo(wanted.dtype).smallest_subnormal,
    )  # fmt: skip
    wrong = np.flatnonzero(~same.ravel())
    operands = [each.ravel() for each in np.broadcast_arrays(*operands)]
    assert not wrong.size, [(*[each[at] for each in operands], "gave", found.ravel()[at], "for", wanted.ravel()[at]) for at in wrong[:5]]


@pytest.mark.parametrize("features", [None, WITHOUT], ids=["this processor", "plain processor"])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("word", UNARY)
def test_special_numbers(word, dtype, features):
    x = special_numbers(dtype)
    wanted = getattr(REFERENCE, word)(x if word not in SPECIAL or dtype == "float64" else x.astype("float64")).astype(dtype)
    found = Trial(lambda m, x: getattr(m, word)(x), [dtype], features=features)(x)
    if word in ("erf", "erfc", "exp2", "expm1", "sinh"):  # scipy's and NumPy's own results may be 0 or subnormal one step off
        tiny = np.isfinite(wanted) & (abs(wanted) < np.finfo(dtype).tiny)
        assert (abs(found[tiny] - wanted[tiny]) <= 2 * np.finfo(dtype).smallest_subnormal).all()
        x, found, wanted = x[~tiny], found[~tiny], wanted[~tiny]
    assert_same(found, wanted, TOLERANCE[dtype], x)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("word", BINARY)
def test_special_pairs(word, dtype):
    numbers = special_numbers(dtype)
    x, y = (each.ravel() for each in np.meshgrid(numbers, numbers))
    wanted = getattr(REFERENCE, word)(x, y)
    found = Trial(lambda m, x, y: getattr(m, word)(x, y), [dtype, dtype])(x, y)
    if word in ("maximum", "minimum"):  # NumPy's sign of a zero depends on its instruction set
        found, wanted = found + dtype_zero(dtype), wanted + dtype_zero(dtype)
    assert_same(found, wanted, TOLERANCE[dtype], x, y)


def dtype_zero(dtype):
    return np.zeros((), dtype)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("word", UNARY + BINARY + ("sigmoid",))
def test_scalars_and_vectors_agree_bit_by_bit(word, dtype):
    random = np.random.default_rng(5)
    numbers = np.concatenate([special_numbers(dtype), random.normal(size=200).astype(dtype), random.uniform(-800, 800, 200).astype(dtype)])
    operands = [numbers, random.permutation(numbers)][: 1 + (word in BINARY)]
    dtypes = [dtype] * len(operands)

    def formula(m, *x):
        return getattr(m, word)(*x)

    wide = Trial(formula, dtypes)
    kind = "int64" if dtype == "float64" else "int32"
    wanted = wide(*operands)
    others = {
        "scalars": Trial(formula, dtypes, lanes=1),
        "two vectors": Trial(formula, dtypes, lanes=2 * wide.lanes),
        "called": Trial(formula, dtypes, inline=False),
    }
    for name, trial in others.items():
        found = trial(*operands)
        same = (found.view(kind) == wanted.view(kind)) | (np.isnan(found) & np.isnan(wanted))
        assert same.all(), (name, [each[~same][:5] for each in (*operands, found, wanted)])


@pytest.mark.skipif("avx512" not in Words(ir.Module(), 1).features, reason="this processor has no AVX-512")
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("word", ["exp", "exp2", "log", "log2", "log10", "log1p", "cbrt", "power", "erfc", "sigmoid", "tanh"])
def test_instructions_of_avx512_change_no_bit(word, dtype):
    x = np.concatenate([special_numbers(dtype), np.linspace(-760, 720, 3000).astype(dtype)])
    operands = [x, x[::-1]][: 1 + (word in BINARY)]
    kinds = [frozenset({"fma", "avx512"}), frozenset({"fma"})]
    with_them, without = (Trial(lambda m, *x: getattr(m, word)(*x), [dtype] * len(operands), features=kind) for kind in kinds)
    np.testing.assert_array_equal(with_them(*operands), without(*operands))


def edges_of(dtype):
    """Whole numbers of a dtype: all around 0 and around its ends."""
    limits = np.iinfo(dtype)
    near = [number for number in range(-9, 10) if number >= limits.min]
    ends = [limits.min, limits.min + 1, limits.min // 2, limits.max // 2, limits.max - 1, limits.max]
    return np.array(near + ends, dtype)


def pairs_of(dtype):
    return (each.ravel() for each in np.meshgrid(edges_of(dtype), edges_of(dtype)))


OPERATORS = (
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.and_, operator.or_, operator.xor,
    operator.lshift, operator.rshift, operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
)  # fmt: skip


@pytest.mark.parametrize("dtype", INTEGERS)
def test_whole_numbers(dtype):
    """Every operator and word on every pair of edges: wrapping around, division by zero, shifts by too much."""
    x, y = pairs_of(dtype)
    words = ("maximum", "minimum", "floor_divide", "remainder")
    found = Trial(lambda m, x, y: [of(x, y) for of in OPERATORS] + [getattr(m, word)(x, y) for word in words], [dtype] * 2)(x, y)
    wanted = [of(x, y) for of in OPERATORS] + [getattr(np, word)(x, y) for word in words]
    assert_identical(found, wanted, [*(of.__name__ for of in OPERATORS), *words])


@pytest.mark.parametrize("dtype", INTEGERS)
def test_whole_numbers_alone(dtype):
    x = edges_of(dtype)
    words = ("abs", "sign", "floor", "ceil", "trunc", "rint")
    found = Trial(lambda m, x: [getattr(m, word)(x) for word in words] + [-x, ~x], [dtype])(x)
    assert_identical(found, [getattr(REFERENCE, word)(x) for word in words] + [-x, ~x], [*words, "neg", "invert"])


def assert_identical(found, wanted, names):
    for each, other, name in zip(found, wanted, names, strict=True):
        assert each.dtype == other.dtype, name
        np.testing.assert_array_equal(each, other, err_msg=name)


@pytest.mark.parametrize("dtype", UNSIGNED)
def test_powers_of_whole_numbers(dtype):
    x, y = pairs_of(dtype)
    np.testing.assert_array_equal(Trial(lambda m, x, y: x**y, [dtype] * 2)(x, y), x**y)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_known_powers_of_whole_numbers(dtype):
    x, exponents = edges_of(dtype), (0, 1, 2, 5, 10)
    found = Trial(lambda m, x: [x**exponent for exponent in exponents], [dtype])(x)
    assert_identical(found, [x**exponent for exponent in exponents], map(str, exponents))


@pytest.mark.parametrize("dtype", FLOATS)
def test_known_powers_of_floats(dtype):
    x, exponents = special_numbers(dtype), (-1, 0, 0.5, 1, 2, 3, -2.5)
    for exponent, found in zip(exponents, Trial(lambda m, x: [x**exponent for exponent in exponents], [dtype])(x)):
        assert_same(found, np.power(x, np.full_like(x, exponent)), TOLERANCE[dtype], x)


def test_bools():
    x, y = np.array([False, False, True, True]), np.array([False, True, False, True])
    operators = [of for of in OPERATORS if of is not operator.sub]  # NumPy refuses it, and so do the words (below)
    found = Trial(lambda m, x, y: [of(x, y) for of in operators] + [~x, m.maximum(x, y), m.minimum(x, y), x**y], ["bool", "bool"])(x, y)
    wanted = [of(x, y) for of in operators] + [~x, x | y, x & y, x**y]
    assert_identical(found, wanted, [*(of.__name__ for of in operators), "invert", "maximum", "minimum", "pow"])


@pytest.mark.parametrize("formula", [lambda m, x: -x, lambda m, x: x - x, lambda m, x: m.sign(x)])
def test_bools_have_no_sign(formula):
    with pytest.raises(TypeError, match="int8"):
        written(formula, ["bool"], 4)


@pytest.mark.parametrize("of", [operator.and_, operator.lshift, operator.xor])
def test_floats_have_no_bits(of):
    with pytest.raises(TypeError, match="int64"):
        written(lambda m, x: of(x, x), ["float64"], 4)


def test_values_have_no_truth_while_they_are_written():
    with pytest.raises(TypeError, match=r"m\.where"):
        written(lambda m, x: x if x > 0 else -x, ["float64"], 4)


EVERY = (*INTEGERS, *FLOATS, "bool")


def cut_through(source, target):
    """Bits of the whole number that a float is cut to on its way to a dtype."""
    return 64 if target in ("int64", "uint64", "uint32") else 32


@pytest.mark.parametrize("source", EVERY)
def test_casts(source):
    x = special_numbers(source) if source in FLOATS else np.array([False, True]) if source == "bool" else edges_of(source)
    for target, found in zip(EVERY, Trial(lambda m, x: [m.cast(x, target) for target in EVERY], [source])(x)):
        defined = np.ones(x.shape, bool)
        if source in FLOATS and target in INTEGERS:  # C leaves open what becomes of the others
            limits = np.iinfo(target)
            defined = (np.trunc(x) >= float(limits.min)) & (np.trunc(x) < float(limits.max) + (limits.bits < 64))
        assert found.dtype == target
        np.testing.assert_array_equal(found[defined], x[defined].astype(target), err_msg=target)


@pytest.mark.parametrize("source", FLOATS)
def test_casts_of_what_does_not_fit_are_the_same_in_every_lane(source):
    x = np.array([np.nan, np.inf, -np.inf, 1e30, -1e30, 2.0**63, 2.0**31, -(2.0**31) - 2048, -1.0, 300.7, 70000.0], source)
    wide, alone = (Trial(lambda m, x: [m.cast(x, target) for target in INTEGERS], [source], lanes=lanes)(x) for lanes in (0, 1))
    assert_identical(wide, alone, INTEGERS)
    for target, found in zip(INTEGERS, alone):
        smallest = np.array([-(2 ** (cut_through(source, target) - 1))])
        assert found[0] == smallest.astype(target)[0], "nan becomes the smallest number of the register it is cut in"
        assert found[9] == np.array([300]).astype(target)[0]


@pytest.mark.parametrize("pair", list(itertools.product((*INTEGERS, *FLOATS), repeat=2)), ids="-".join)
def test_promotion_and_comparison_of_different_dtypes(pair):
    def numbers(dtype):
        return special_numbers(dtype) if dtype in FLOATS else edges_of(dtype)

    x, y = (each.ravel() for each in np.meshgrid(*map(numbers, pair)))
    x, y = x.astype(pair[0]), y.astype(pair[1])
    operators = (operator.lt, operator.ge, operator.eq, operator.ne, operator.add)
    found = Trial(lambda m, x, y: [of(x, y) for of in operators], pair)(x, y)
    assert_identical(found, [of(x, y) for of in operators], [of.__name__ for of in operators])


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS, "bool"])
@pytest.mark.parametrize("number", [True, 2, 2.5], ids=repr)
def test_python_numbers_are_weak(dtype, number):
    if dtype == "bool" and number is True:
        expected = np.dtype("bool")
    else:
        expected = (np.ones(1, dtype) + number).dtype
    ones = np.ones(3, dtype)
    found = Trial(lambda m, x: [x + number, number + x, number * x + number], [dtype])(ones)
    assert [each.dtype for each in found[:2]] == [expected] * 2
    np.testing.assert_array_equal(found[2], number * ones + number)


def test_a_number_that_does_not_fit_is_refused():
    with pytest.raises(OverflowError, match="300"):
        written(lambda m, x: x + 300, ["uint8"], 4)


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_where(dtype):
    c = np.array([0, 1, 2, 0, 0], dtype)
    x = np.arange(5).astype(dtype)
    np.testing.assert_array_equal(Trial(lambda m, c, x: m.where(c, x, x + 1), [dtype] * 2)(c, x), np.where(c, x, x + 1).astype(dtype))
    np.testing.assert_array_equal(Trial(lambda m, c, x: m.where(c > 0, x, 3), [dtype] * 2)(c, x), np.where(c > 0, x, 3))
    np.testing.assert_array_equal(Trial(lambda m, c, x: m.second(c, x), [dtype] * 2)(c, x), x)


def test_nan_is_true():
    np.testing.assert_array_equal(Trial(lambda m, x: m.where(x, 1.0, 0.0), ["float64"])([np.nan, 0.0, -0.0, 1.0]), [1, 0, 0, 1])


@pytest.mark.parametrize("dtype", FLOATS)
def test_remainders_of_floats_are_exact(dtype):
    random = np.random.default_rng(3)
    x = np.concatenate([random.normal(size=300) * 10.0 ** random.integers(-20, 20, 300), random.integers(-50, 50, 300) * 0.1]).astype(dtype)
    y = np.concatenate([random.normal(size=300) * 10.0 ** random.integers(-20, 20, 300), np.full(300, 0.1)]).astype(dtype)
    for word in ("remainder", "floor_divide"):
        found = Trial(lambda m, x, y, word=word: getattr(m, word)(x, y), [dtype, dtype])(x, y)
        np.testing.assert_array_equal(found, getattr(np, word)(x, y))


@pytest.mark.parametrize("dtype", FLOATS)
def test_sigmoid_and_softplus_as_the_cards_write_them(dtype):
    x = special_numbers(dtype)
    with_word, sigmoid = Trial(lambda m, x: [m.sigmoid(x), 1 / (1 + m.exp(-x))], [dtype])(x)
    softplus = Trial(lambda m, x: m.maximum(x, 0) + m.log1p(m.exp(-m.abs(x))), [dtype])(x)
    known = ~np.isnan(x)
    assert np.isfinite(sigmoid[known]).all()
    assert np.isfinite(softplus[np.isfinite(x)]).all()
    assert_same(sigmoid, 1 / (1 + np.exp(-x)), 2 * TOLERANCE[dtype], x)
    assert_same(with_word, scipy.special.expit(x.astype(np.longdouble)).astype(dtype), TOLERANCE[dtype], x)
    assert_same(softplus, np.logaddexp(x, dtype_zero(dtype)), 2 * TOLERANCE[dtype], x)


def test_a_long_word_is_written_once():
    text, _ = written(lambda m, x: m.exp(x) + m.exp(m.exp(x)) + m.sin(x), ["float64"], 4)
    assert text.count('define internal <4 x double> @"tl.exp.f64.4"') == 1
    assert text.count('call <4 x double> @"tl.exp.f64.4"') == 3
    assert "fast" not in text


def test_inlining_may_be_switched_at_any_time():
    def formula(m, x):
        y = m.exp(x)
        m.inline = False
        return m.exp(y)

    text, _ = written(formula, ["float32"], 8)
    calls = [line.rsplit(" ", 1)[1] for line in text.splitlines() if 'call <8 x float> @"tl.exp.f32.8"' in line]
    assert calls == ["alwaysinline", "noinline"]


@pytest.mark.parametrize("word", WORDS)
def test_what_is_spoken_can_be_written(word):
    arity = {"where": 3, "cast": 1, **dict.fromkeys((*BINARY, "second", "zeta"), 2)}.get(word, 1)
    for dtype in (*INTEGERS, *FLOATS, "bool", "float16"):
        dtypes = [dtype] * arity
        extra = ("float32",) if word == "cast" else ()
        if Words.speaks(word, *dtypes, *extra):
            written(lambda m, *x: getattr(m, word)(*x, *extra), dtypes, 4)
        else:
            assert dtype in ("float16", "bool") or word in (SPECIAL - {"erf", "erfc"}) or word == "power", (word, dtype)
    assert not Words.speaks(word, *["float16"] * arity)


@pytest.mark.parametrize("dtype", FLOATS)
def test_words_that_share_an_exponential_write_it_once_and_change_no_bit(dtype):
    """What `decay` begins with is the same for all of them, and LLVM joins it; alone each gives the same bits."""
    x = np.concatenate([special_numbers(dtype), np.linspace(-30, 30, 3001).astype(dtype)])
    formulas = [lambda m, x: m.sigmoid(x), lambda m, x: m.sigmoid(-x), lambda m, x: m.tanh(x)]
    together = Trial(lambda m, x: [formula(m, x) for formula in formulas], [dtype])
    for found, formula in zip(together(x), formulas):
        np.testing.assert_array_equal(found, Trial(formula, [dtype])(x))
    body = re.search(r"^trial:$.*?^\.Lfunc_end", machine.assembly(together.text), re.MULTILINE | re.DOTALL)  # not the words beside it
    assert body and len(re.findall(r"^\s+\w*div\w*\s", body[0], re.MULTILINE)) == 2  # one for both sigmoids
