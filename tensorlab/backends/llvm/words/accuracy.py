"""How accurate the words are: `python -m tensorlab.backends.llvm.words.accuracy > docs/accuracy.md`.

Floor 4. Read `trial` before. An error is counted in units in the last place (ulp): the distance from the exact result to what was
found, in steps between neighbouring floats there; rounding alone costs 0.5. Exact results come from mpmath in 40 digits, for float32
from NumPy's and SciPy's float64, whose own errors are a billion times smaller than a float32's last place.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, pi
from typing import Any

import numpy as np

from .trial import Trial

BUDGET = {"float64": 2.0, "float32": 2.5}
"""The largest error that is allowed, in ulp."""


@dataclass(frozen=True)
class Examination:
    """Where a word is examined.

    Attributes:
        exact: the function in mpmath.
        ranges: intervals per operand, in which numbers are drawn evenly; infinite ends stand for the last finite float.
        step: multiples of this number, rounded, are examined too: where the word passes from one form to the next, or its result is tiny.
    """

    exact: str
    ranges: tuple[tuple[float, float], ...]
    step: float = 0.125


LOG_2 = 0.6931471805599453
WORDS = {
    "exp": Examination("exp", ((-745, 710), (-2, 2)), LOG_2 / 2),
    "exp2": Examination("lambda x: mp.power(2, x)", ((-1075, 1024), (-2, 2)), 0.25),
    "expm1": Examination("expm1", ((-40, 710), (-2, 2)), LOG_2 / 2),
    "log": Examination("log", ((0, inf), (0, 4), (0.7, 1.5))),
    "log2": Examination("lambda x: mp.log(x) / mp.log(2)", ((0, inf), (0, 4), (0.7, 1.5))),
    "log10": Examination("lambda x: mp.log(x) / mp.log(10)", ((0, inf), (0, 4), (0.7, 1.5))),
    "log1p": Examination("log1p", ((-1, 4), (-0.5, 1), (0, inf))),
    "sqrt": Examination("sqrt", ((0, inf), (0, 4))),
    "cbrt": Examination("lambda x: mp.sign(x) * mp.cbrt(abs(x))", ((-inf, inf), (-4, 4))),
    "sin": Examination("sin", ((-10, 10), (-1e5, 1e5), (-1e15, 1e15)), pi / 2),
    "cos": Examination("cos", ((-10, 10), (-1e5, 1e5), (-1e15, 1e15)), pi / 2),
    "tan": Examination("tan", ((-10, 10), (-1e5, 1e5), (-1e15, 1e15)), pi / 4),
    "arcsin": Examination("asin", ((-1, 1), (0.9, 1)), 1 / 64),
    "arccos": Examination("acos", ((-1, 1), (0.9, 1)), 1 / 64),
    "arctan": Examination("atan", ((-10, 10), (-1, 1))),
    "sinh": Examination("sinh", ((-711, 711), (-2, 2)), LOG_2 / 2),
    "cosh": Examination("cosh", ((-711, 711), (-2, 2)), LOG_2 / 2),
    "tanh": Examination("tanh", ((-20, 20), (-1, 1)), LOG_2 / 4),
    "sigmoid": Examination("lambda x: 1 / (1 + mp.exp(-x))", ((-745, 40), (-4, 4)), LOG_2 / 2),
    "arcsinh": Examination("asinh", ((-10, 10), (-inf, inf))),
    "arccosh": Examination("acosh", ((1, 10), (1, 1.1), (1, inf))),
    "arctanh": Examination("atanh", ((-1, 1), (-0.3, 0.3)), 1 / 64),
    "erf": Examination("erf", ((-6, 6), (-1.2, 1.2))),
    "erfc": Examination("erfc", ((-6, 28), (-1, 2))),
    "arctan2": Examination("atan2", ((-4, 4), (-4, 4))),
    "power": Examination("power", ((0, 4), (-300, 300))),
}
"""The words whose results are rounded more than once, and sqrt."""
PAIRS = frozenset({"arctan2", "power"})
INTEGER = {"float64": np.int64, "float32": np.int32}


def samples(word: str, dtype: str, count: int, seed: int = 0) -> list[np.ndarray]:
    """Return about `count` numbers per operand: drawn evenly in the ranges, of every size, at and beside steps and powers of 2."""
    examination, random, kind = WORDS[word], np.random.default_rng(seed), np.finfo(dtype)
    if word in PAIRS:
        x, y = (random.uniform(*range_, count).astype(dtype) for range_ in examination.ranges)
        size = 2.0 ** random.uniform(-40, 40, count // 2)
        if word == "arctan2":
            return [np.concatenate([x, (x[: count // 2] * size).astype(dtype)]), np.concatenate([y, y[: count // 2]])]
        x = np.where(random.uniform(size=count) < 0.3, 1 + x / 1000, x).astype(dtype)
        largest = np.log(float(kind.max))  # exponents for which the power stays within the dtype
        x[x == 1] = 1.5
        y = np.where(random.uniform(size=count) < 0.5, y / 10, random.uniform(-largest, largest, count) / np.log(x.astype("float64")))
        return [x, y.astype(dtype)]
    low, high = min(each[0] for each in examination.ranges), max(each[1] for each in examination.ranges)
    share = count // (len(examination.ranges) + 2)

    parts = []
    for start, end in examination.ranges:
        even = np.isfinite([start, end]).all()
        parts.append((random.uniform(start, end, share) if even else 2.0 ** random.uniform(kind.minexp, kind.maxexp, share)).astype(dtype))
    limits = np.iinfo(INTEGER[dtype])
    parts.append(random.integers(limits.min, limits.max, share, INTEGER[dtype]).view(dtype))
    places = np.concatenate([examination.step * np.arange(-share // 6, share // 6), 2.0 ** np.arange(kind.minexp, kind.maxexp, 16)])
    places = places.astype(dtype)
    beside = [np.nextafter(places, places.dtype.type(side)) for side in (-np.inf, np.inf)]
    x = np.concatenate([*parts, places, *beside])
    return [x[np.isfinite(x) & (x >= low) & (x <= high)]]


def exact_results(word: str, operands: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return results of float64 operands as float64 and what is missing from that."""
    import mpmath

    found = WORDS[word].exact
    with mpmath.workdps(40):
        exact = eval(found, {"mp": mpmath.mp}) if found.startswith("lambda") else getattr(mpmath.mp, found)
        high, low = np.empty(operands[0].shape), np.empty(operands[0].shape)
        for at, numbers in enumerate(zip(*(each.tolist() for each in operands))):
            value = exact(*map(mpmath.mpf, numbers))
            high[at] = float(value)
            low[at] = float(value - mpmath.mpf(high[at])) if np.isfinite(high[at]) else 0.0
    return high, low


def wide_results(word: str, operands: list[np.ndarray]) -> np.ndarray:
    """Return results of float32 operands in float64."""
    from ....ops.words import ArrayWords

    wide = [each.astype("float64") for each in operands]
    with np.errstate(all="ignore"):
        if word == "sigmoid":  # no word of NumPy's
            return np.asarray(1 / (1 + np.exp(-wide[0])))
        return np.asarray(getattr(ArrayWords(np), word)(*wide))


def errors(found: np.ndarray, high: np.ndarray, low: np.ndarray | float = 0.0) -> np.ndarray:
    """Return errors in ulp; infinite where one of found and exact is not finite and they differ."""
    with np.errstate(all="ignore"):
        rounded = high.astype(found.dtype)
        ulp = np.spacing(abs(rounded)).astype("float64")
        distance = abs((found.astype("float64") - high) - low) / ulp
        same = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
        return np.where(np.isfinite(found) & np.isfinite(rounded), distance, np.where(same, 0.0, inf))


def examined(word: str, dtype: str, count: int, features: frozenset[str] | None = None) -> tuple[float, list[Any], int]:
    """Return the largest error of a word in ulp, where it was found, and how many points were examined."""
    operands = samples(word, dtype, count)
    found = Trial(lambda m, *x: getattr(m, word)(*x), [dtype] * len(operands), features=features)(*operands)
    error = errors(found, *exact_results(word, operands)) if dtype == "float64" else errors(found, wide_results(word, operands))
    worst = int(np.argmax(error))
    return float(error[worst]), [each[worst] for each in operands], len(found)


HEAD = """# Accuracy of native code

Largest errors found, in units in the last place (ulp); 0.5 is what rounding alone costs. Made by
`python -m tensorlab.backends.llvm.words.accuracy > docs/accuracy.md`, which also says how; {float64} points a word in float64 against
mpmath, {float32} in float32 against float64: drawn evenly, of every size including subnormals, and beside the places where a word
passes from one form to the next. The tests hold {budget64} ulp for float64 and {budget32} ulp for float32. Special numbers (zeros,
infinities, nan, subnormals, overflow) give what NumPy gives.

Words that are not listed round once or not at all, except for erfcx, erfinv, erfcinv, gamma, gammaln, psi and zeta, which SciPy computes.

| word | float64 | at | float32 | at |
|---|---|---|---|---|"""


def table(counts: dict[str, int]) -> Iterator[str]:
    """Return the lines of the table."""
    numbers = {dtype: f"about {count:,}" for dtype, count in counts.items()}
    yield HEAD.format(**numbers, budget64=BUDGET["float64"], budget32=BUDGET["float32"])
    for word in WORDS:
        cells = []
        for dtype in ("float64", "float32"):
            error, place, _ = examined(word, dtype, counts[dtype])
            cells += [f"{error:.2f}", ", ".join(f"{each:.6g}" for each in place)]
        yield f"| {word} | {' | '.join(cells)} |"


if __name__ == "__main__":
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    for line in table({"float64": int(200_000 * scale), "float32": int(4_000_000 * scale)}):
        print(line, flush=True)
