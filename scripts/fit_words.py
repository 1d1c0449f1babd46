"""Derive the constants of the words: `python scripts/fit_words.py > tensorlab/backends/llvm/words/tables.py`.

Each polynomial is a minimax fit of our own, by Remez' exchange (E. Ya. Remez 1934; Cheney, "Introduction to Approximation Theory",
1966, chapter 3) in 60 digits: the error is measured where the word is used, relative to the word's result. Coefficients are rounded
to the dtype one after another, lowest power first, and the rest is fitted again each time, so the rounding of one is made good by those
above it. Splits such as ln 2 = high + low are digits of the constant itself.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from mpmath import mp, mpf

mp.dps = 60  # twice the digits of a pair of float64 numbers, which some constants are split into
GRID = 600  # points on which the error is measured: about 40 per coefficient

Function = Callable[[Any], Any]


def rounded(value: Any, dtype: str) -> Any:
    """Return the nearest number of a dtype, as mpf (float32 by way of float64: the fits do not sit on ties)."""
    return mpf(float(np.float32(float(value)))) if dtype == "float32" else mpf(float(value))


def points(low: Any, high: Any) -> list[Any]:
    """Return points of an interval, denser towards its ends."""
    return [low + (high - low) * (1 - mp.cos(mp.pi * (k + mpf(1) / 2) / GRID)) / 2 for k in range(GRID)]


def exchange(targets: Sequence[Any], basis: Sequence[Sequence[Any]]) -> list[Any]:
    """Return the coefficients c that make the largest |target - sum c_j basis_j| on a grid as small as possible."""
    size = len(basis)
    count = len(targets)
    chosen = [round((count - 1) * (1 - float(mp.cos(mp.pi * k / size))) / 2) for k in range(size + 1)]
    coefficients: list[Any] = []
    for _ in range(60):
        matrix = mp.matrix(size + 1, size + 1)
        right = mp.matrix(size + 1, 1)
        for row, at in enumerate(chosen):
            for column in range(size):
                matrix[row, column] = basis[column][at]
            matrix[row, size] = (-1) ** row
            right[row] = targets[at]
        solution = mp.lu_solve(matrix, right)
        coefficients, level = [solution[j] for j in range(size)], abs(solution[size])
        errors = [target - sum(c * column[at] for c, column in zip(coefficients, basis)) for at, target in enumerate(targets)]
        peaks: list[int] = []  # the largest error in each stretch of one sign
        for at, error in enumerate(errors):
            if peaks and (errors[peaks[-1]] > 0) == (error > 0):
                if abs(error) > abs(errors[peaks[-1]]):
                    peaks[-1] = at
            else:
                peaks.append(at)
        while len(peaks) > size + 1:
            drop = min(range(len(peaks)), key=lambda k: abs(errors[peaks[k]]))
            if len(peaks) == size + 2 or drop in (0, len(peaks) - 1):
                del peaks[0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1]
            else:  # two neighbours of one sign would meet: the smaller of them goes too
                other = drop - 1 if abs(errors[peaks[drop - 1]]) < abs(errors[peaks[drop + 1]]) else drop + 1
                for each in sorted((drop, other), reverse=True):
                    del peaks[each]
        if len(peaks) < size + 1 or max(abs(error) for error in errors) < level * (1 + mpf(10) ** -4):
            break
        chosen = peaks
    return coefficients


def fit(
    function: Function, powers: Sequence[int], low: Any, high: Any, dtype: str, weight: Function, fixed: dict[int, Any] | None = None
) -> tuple[list[Any], Any]:
    """Return coefficients of the given powers, each a number of the dtype, and the largest weighted error.

    Args:
        function: what the polynomial stands for.
        powers: exponents of the terms.
        low: lower end of the interval.
        high: upper end.
        dtype: "float32" or "float64".
        weight: what the error is multiplied with; 1 / result makes it relative.
        fixed: coefficients that are given.
    """
    grid = points(mpf(low), mpf(high))
    weights = [weight(x) for x in grid]
    known = {power: rounded(value, dtype) for power, value in (fixed or {}).items()}
    columns = {power: [w * x**power for x, w in zip(grid, weights)] for power in {*powers, *known}}
    targets = [w * function(x) for x, w in zip(grid, weights)]
    for power, value in known.items():
        targets = [target - value * column for target, column in zip(targets, columns[power])]
    open_powers = [power for power in powers if power not in known]
    while open_powers:
        # what is left is w x**n times a polynomial: where that changes its sign, errors alternate only when they are counted with it
        signs = [mp.sign(each) for each in columns[open_powers[0]]]
        signed = [[sign * each for sign, each in zip(signs, columns[power])] for power in open_powers]
        coefficients = exchange([sign * target for sign, target in zip(signs, targets)], signed)
        power = open_powers.pop(0)
        known[power] = rounded(coefficients[0], dtype)
        targets = [target - known[power] * column for target, column in zip(targets, columns[power])]
    return [known[power] for power in powers], max(abs(target) for target in targets)


def split(value: Any, dtype: str, *bits: int) -> list[Any]:
    """Return numbers that add up to a constant: all but the last hold the given number of bits, the last is rounded."""
    parts = []
    for width in bits:
        exponent = mp.floor(mp.log(abs(value), 2)) - width + 1
        parts.append(mp.nint(value / mpf(2) ** exponent) * mpf(2) ** exponent)
        value -= parts[-1]
    return [*parts, rounded(value, dtype)]


DTYPES = ("float32", "float64")
ENTRIES: list[tuple[str, str, Callable[[str], tuple[list[Any], Any]]]] = []
"""Name, meaning, and how it is made: dtype to numbers and their largest error (0 for digits of a constant)."""


def constants(name: str, meaning: str, make: Callable[[str], list[Any]]) -> None:
    """Enter digits of constants, which have no error of a fit."""
    ENTRIES.append((name, meaning, lambda dtype: (make(dtype), mpf(0))))


def polynomial(
    name: str, meaning: str, function: Function, interval: tuple[Any, Any], terms: dict[str, int], weight: Function,
    fixed: Sequence[Any] = (),
) -> None:  # fmt: skip
    """Enter a polynomial with a number of terms per dtype, of which the first few are given."""
    ENTRIES.append(
        (name, meaning, lambda dtype: fit(function, range(terms[dtype]), *interval, dtype, weight, dict(enumerate(fixed))))
    )


def precision(dtype: str) -> int:
    """Return the number of binary digits that a number of the dtype holds."""
    return 24 if dtype == "float32" else 53


def exact_bits(dtype: str) -> int:
    """Return how many digits a factor may have so that its product with an exponent k is exact, subnormals included (|k| < 2**8, 2**11)."""
    return precision(dtype) - (8 if dtype == "float32" else 11)


TINY = mpf(10) ** -20  # where a quotient such as (exp(x) - 1) / x is taken for x = 0


def away(x: Any) -> Any:
    """Return x, or a tiny number for 0."""
    return x if abs(x) > TINY else TINY


def leading(value: Any) -> Any:
    """Return the weight that measures errors of a value in its last digit: 1 over the power of 2 below it."""
    return mpf(2) ** -mp.floor(mp.log(value, 2))


half_ln2 = mp.log(2) / 2
slack = mpf(1) + mpf(2) ** -10  # arguments may round to a little beyond the end of an interval

constants("LN2", "ln 2 = high + low, high short enough for exact products with an exponent", lambda d: split(mp.log(2), d, exact_bits(d)))
constants("LOG2_E", "1 / ln 2", lambda d: [rounded(1 / mp.log(2), d)])
polynomial(
    "EXP", "(e**r - 1 - r) / r**2 for |r| <= ln 2 / 2; the error is that of r**2 times it, relative to the power of 2 below e**r",
    lambda r: (mp.exp(away(r)) - 1 - away(r)) / away(r) ** 2, (-half_ln2 * slack, half_ln2 * slack), {"float32": 5, "float64": 10},
    lambda r: away(r) ** 2 * leading(mp.exp(r)),
)  # fmt: skip
polynomial(
    "EXP2", "2**r for |r| <= 1 / 2; the error is relative to the power of 2 below 2**r", lambda r: mpf(2) ** r, (-slack / 2, slack / 2),
    {"float32": 7, "float64": 12}, lambda r: leading(mpf(2) ** r), (1,),
)  # fmt: skip
polynomial(
    "EXPM1", "(e**r - 1 - r) / r**2 for |r| <= ln 2 / 2; the error is that of r**2 times it, relative to e**r - 1",
    lambda r: (mp.expm1(away(r)) - away(r)) / away(r) ** 2, (-half_ln2 * slack, half_ln2 * slack),
    {"float32": 6, "float64": 11}, lambda r: away(r) ** 2 / mp.expm1(away(r)), (mpf(1) / 2,),
)  # fmt: skip
def tanh_quotient(z: Any) -> Any:
    """Return (tanh(x) / x - 1) / x**2 for z = x**2."""
    return (mp.tanh(mp.sqrt(away(z))) / mp.sqrt(away(z)) - 1) / away(z)


TANH_SIZES = {"float32": (2, 1), "float64": (3, 3)}  # terms above, highest power below


@cache
def tanh_fraction(dtype: str) -> tuple[list[Any], list[Any], Any]:
    """Return the terms above and below of the fraction for tanh, and its largest error.

    The fraction that meets tanh in Chebyshev's points is nearly the best of its kind. What stands below is rounded, what stands above is
    then fitted to it.
    """
    terms, power = TANH_SIZES[dtype]
    end, count = (mp.log(2) * slack) ** 2, terms + power
    matrix, right = mp.matrix(count, count), mp.matrix(count, 1)
    for row in range(count):
        z = end * (1 - mp.cos(mp.pi * (row + mpf(1) / 2) / count)) / 2
        wanted = tanh_quotient(z)
        for column in range(terms):
            matrix[row, column] = z**column
        for column in range(power):
            matrix[row, terms + column] = -wanted * z**column
        right[row] = wanted * z**power
    solution = mp.lu_solve(matrix, right)
    below = [*[rounded(solution[terms + column], dtype) for column in range(power)], mpf(1)]

    def bottom(z: Any) -> Any:
        return sum(each * z**column for column, each in enumerate(below))

    above, error = fit(
        lambda z: tanh_quotient(z) * bottom(z), range(terms), 0, end, dtype,
        lambda z: z * mp.sqrt(away(z)) / mp.tanh(mp.sqrt(away(z))) / bottom(z),
    )  # fmt: skip
    return above, below, error


constants("TANH_FROM", "ln 2: up to here tanh is a fraction", lambda d: [rounded(mp.log(2), d)])
ENTRIES.append((
    "TANH_ABOVE", "tanh(x) = x + x**3 TANH_ABOVE / TANH_BELOW in powers of x**2 for |x| <= ln 2; the error is relative to tanh",
    lambda d: (tanh_fraction(d)[0], tanh_fraction(d)[2]),
))  # fmt: skip
ENTRIES.append(("TANH_BELOW", "the same", lambda d: (tanh_fraction(d)[1], mpf(0))))
polynomial(
    "LOG", "(log((1 + s) / (1 - s)) - 2 s) / s**3 in powers of s**2, |s| <= 1 / 5; the error is relative to 2 s",
    lambda z: (2 * mp.atanh(mp.sqrt(away(z))) / mp.sqrt(away(z)) - 2) / away(z),
    (0, (slack / 5) ** 2), {"float32": 3, "float64": 7}, lambda z: z / 2,
)  # fmt: skip


constants("LOG2_E_PAIR", "1 / ln 2 = high + low", lambda d: split(1 / mp.log(2), d, precision(d)))
constants("LOG10_E_PAIR", "1 / ln 10 = high + low", lambda d: split(1 / mp.log(10), d, precision(d)))
constants("LOG10_2", "log10(2) = high + low, high short as that of LN2", lambda d: split(mp.log10(2), d, exact_bits(d)))
constants("TWO_OVER_LN2", "2 / ln 2 = high + low", lambda d: split(2 / mp.log(2), d, precision(d)))
constants("THIRD", "1 / 3 = high + low", lambda d: split(mpf(1) / 3, d, precision(d)))
polynomial(
    "LOG_TAIL", "(atanh(s) / s - 1 - s**2 / 3) / s**4 in powers of s**2, |s| as for LOG; the error is that of s**4 times it",
    lambda z: (mp.atanh(mp.sqrt(away(z))) / mp.sqrt(away(z)) - 1 - away(z) / 3) / away(z) ** 2,
    (0, (slack / 5) ** 2), {"float32": 3, "float64": 8}, lambda z: z * z,
)  # fmt: skip
polynomial(
    "SINH", "(sinh(r) - r) / r**3 in powers of r**2 for |r| <= ln 2 / 2; the error is relative to sinh",
    lambda z: (mp.sinh(mp.sqrt(away(z))) / mp.sqrt(away(z)) - 1) / away(z), (0, (half_ln2 * slack) ** 2), {"float32": 3, "float64": 5},
    lambda z: z,
)  # fmt: skip
polynomial(
    "COSH", "(cosh(r) - 1) / r**2 in powers of r**2 for |r| <= ln 2 / 2; the error is that of cosh",
    lambda z: (mp.cosh(mp.sqrt(away(z))) - 1) / away(z), (0, (half_ln2 * slack) ** 2), {"float32": 3, "float64": 5}, lambda z: z,
)  # fmt: skip
constants("ONE_OVER_PI", "1 / pi", lambda d: [rounded(1 / mp.pi, d)])
constants("PI", "pi = the sum of three", lambda d: split(mp.pi, d, precision(d), precision(d)))
constants("HALF_PI", "pi / 2 = the sum of three", lambda d: split(mp.pi / 2, d, precision(d), precision(d)))
constants("QUARTER_PI", "pi / 4 = high + low, high short for exact products with 0 to 4", lambda d: split(mp.pi / 4, d, precision(d) - 2))
polynomial(
    "SIN", "(sin(r) - r) / r**3 in powers of r**2 for |r| <= pi / 2; the error is relative to sin",
    lambda z: (mp.sin(mp.sqrt(away(z))) / mp.sqrt(away(z)) - 1) / away(z), (0, (mp.pi / 2 * slack) ** 2), {"float32": 5, "float64": 9},
    lambda z: z * mp.sqrt(away(z)) / mp.sin(mp.sqrt(away(z))),
)  # fmt: skip
polynomial(
    "SIN_NEAR", "the same for |r| <= pi / 4", lambda z: (mp.sin(mp.sqrt(away(z))) / mp.sqrt(away(z)) - 1) / away(z),
    (0, (mp.pi / 4 * slack) ** 2), {"float32": 3, "float64": 6}, lambda z: z * mp.sqrt(away(z)) / mp.sin(mp.sqrt(away(z))),
)  # fmt: skip
polynomial(
    "COS_NEAR", "(cos(r) - 1 + r**2 / 2) / r**4 in powers of r**2 for |r| <= pi / 4; the error is relative to cos",
    lambda z: (mp.cos(mp.sqrt(away(z))) - 1 + away(z) / 2) / away(z) ** 2, (0, (mp.pi / 4 * slack) ** 2), {"float32": 3, "float64": 6},
    lambda z: z * z / mp.cos(mp.sqrt(away(z))),
)  # fmt: skip
polynomial(
    "ARCTAN", "(arctan(t) - t) / t**3 in powers of t**2 for |t| <= tan(pi / 8); the error is relative to arctan",
    lambda z: (mp.atan(mp.sqrt(away(z))) / mp.sqrt(away(z)) - 1) / away(z), (0, (mp.tan(mp.pi / 8) * slack) ** 2),
    {"float32": 5, "float64": 11}, lambda z: z * mp.sqrt(away(z)) / mp.atan(mp.sqrt(away(z))),
)  # fmt: skip
polynomial(
    "ARCSIN", "(arcsin(t) - t) / t**3 in powers of t**2 for |t| <= 1 / 2; the error is relative to arcsin",
    lambda z: (mp.asin(mp.sqrt(away(z))) / mp.sqrt(away(z)) - 1) / away(z), (0, mpf(1) / 4 * slack),
    {"float32": 5, "float64": 12}, lambda z: z * mp.sqrt(away(z)) / mp.asin(mp.sqrt(away(z))),
)  # fmt: skip
polynomial(
    "CBRT", "a rough cube root of m between 3/4 and 3/2 in powers of m - 1, to start from; the error is relative",
    lambda f: mp.cbrt(1 + f), (mpf(3) / 4 / slack - 1, mpf(3) / 2 * slack - 1), {"float32": 4, "float64": 6},
    lambda f: 1 / mp.cbrt(1 + f),
)  # fmt: skip
constants("CBRT_2", "2**(-1/3), 2**(1/3)", lambda d: [rounded(mp.cbrt(mpf(1) / 2), d), rounded(mp.cbrt(2), d)])

ERFC_FROM, ERFC_TO = mpf(3) / 4, {"float32": mpf(10.1), "float64": mpf(27.3)}  # erfc is 0 in the dtype from the upper end on
ERF_FROM, ERF_TO = mpf(1), {"float32": mpf(4), "float64": mpf(6)}  # erf is 1 in the dtype from the upper end on
CENTRE = mpf(5) / 2  # of all that were tried from 1 to 4, it needs the fewest terms


def erfc_scaled(t: Any) -> Any:
    """Return (a + CENTRE) e**(a**2) erfc(a) for t = (a - CENTRE) / (a + CENTRE)."""
    a = CENTRE * (1 + t) / (1 - t)
    return (a + CENTRE) * mp.exp(a * a) * mp.erfc(a)


def centred(a: Any) -> Any:
    """Return t for a."""
    return (a - CENTRE) / (a + CENTRE)


def root(z: Any) -> Any:
    """Return the square root, of a tiny number for 0."""
    return mp.sqrt(away(z))


polynomial(
    "ERF_NEAR", "erf(x) / x - 1 in powers of x**2 for |x| <= 1; the error is relative to erf", lambda z: mp.erf(root(z)) / root(z) - 1,
    (0, ERF_FROM**2), {"float32": 6, "float64": 12}, lambda z: root(z) / mp.erf(root(z)),
)  # fmt: skip
polynomial(
    "ERFC_NEAR", "the same for |x| <= 3 / 4; the error is relative to erfc", lambda z: mp.erf(root(z)) / root(z) - 1,
    (0, ERFC_FROM**2), {"float32": 6, "float64": 11}, lambda z: root(z) / mp.erfc(root(z)),
)  # fmt: skip
ENTRIES.append((
    "ERF_FAR", "-log(erfc(a)) for 1 <= a <= 4 (6 in float64); the error is that of erf",
    lambda d: fit(
        lambda a: -mp.log(mp.erfc(a)), range({"float32": 7, "float64": 18}[d]), ERF_FROM, ERF_TO[d], d, lambda a: mp.erfc(a) / mp.erf(a)
    ),
))  # fmt: skip
constants("ERFC_CENTRE", "5 e**6.25 erfc(2.5) = high + low", lambda d: split(erfc_scaled(mpf(0)), d, precision(d)))
ENTRIES.append((
    "ERFC_FAR",
    "((a + 2.5) e**(a**2) erfc(a) - ERFC_CENTRE) / t in powers of t = (a - 2.5) / (a + 2.5) for 0.75 <= a <= 10.1 (27.3 in float64); "
    "the error is that of t times it, relative to the whole",
    lambda d: fit(
        lambda t: (erfc_scaled(t) - erfc_scaled(mpf(0))) / t, range({"float32": 8, "float64": 21}[d]), centred(ERFC_FROM),
        centred(ERFC_TO[d]), d, lambda t: t / erfc_scaled(t),
    ),
))  # fmt: skip


def text(value: Any, dtype: str) -> str:
    """Return the shortest decimal digits that give the number again in its dtype."""
    return str(np.float32(float(value))) if dtype == "float32" else repr(float(value))


HEAD = '''"""Constants of the words, derived by scripts/fit_words.py, which says how; do not edit by hand.

Polynomials are listed lowest power first. Behind each stands the largest error of the fit on its interval, coefficients rounded.
"""

# fmt: off
'''


def main(names: Sequence[str]) -> None:
    """Print the tables; with names, only those."""
    print(HEAD)
    for name, meaning, make in ENTRIES:
        if names and name not in names:
            continue
        print(f"{name}: dict[str, tuple[float, ...]] = {{")
        for dtype in DTYPES:
            numbers, error = make(dtype)
            size = f"  # 2**{float(mp.log(error, 2)):.1f}" if error else ""
            print(f'    "{dtype}": ({size}')
            print(textwrap.indent(textwrap.fill(", ".join(text(each, dtype) for each in numbers) + ",", 126), " " * 8))
            print("    ),")
        print("}\n" + textwrap.fill(f'"""{meaning}."""', 138) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
