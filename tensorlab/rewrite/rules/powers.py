"""Powers, roots, exponentials and logarithms.

Floor 3.
"""

from __future__ import annotations

from typing import Any

from ...graph.types import FLOATS
from ...ops.arithmetic import abs_, reciprocal, sqr
from ...ops.choices import switch
from ...ops.functions import exp, expm1, log, log1p, sqrt
from ..rule import canonicalize, display, rule, simplify, stabilize

NAN = float("nan")


@rule(canonicalize)
def to_the_two(x: Any) -> Any:
    """A square is one multiplication; a power is a call into the mathematical library."""
    return x**2, sqr(x)


@rule(canonicalize, dtypes=FLOATS)
def to_the_minus_one(x: Any) -> Any:
    """A quotient is one division; a power is a call into the mathematical library."""
    return x**-1, 1 / x


@rule(canonicalize, dtypes=FLOATS)
def to_the_minus_two(x: Any) -> Any:
    """A square and a division; a power is a call into the mathematical library."""
    return x**-2, 1 / sqr(x)


@rule(simplify)
def to_the_three(x: Any) -> Any:
    """Two multiplications are cheaper than a power."""
    return x**3, x * sqr(x)


@rule(simplify)
def to_the_four(x: Any) -> Any:
    """Two squares are cheaper than a power."""
    return x**4, sqr(sqr(x))


@rule(simplify, dtypes=FLOATS)
def to_the_half(x: Any) -> Any:
    """A square root is one instruction; a power is a call into the mathematical library (-inf, which has no root, gives nan)."""
    return x**0.5, sqrt(x)


@rule(canonicalize, dtypes=FLOATS)
def root_of_square(x: Any) -> Any:
    """The root of a square is the magnitude; where the square is inf or 0, it is the limit."""
    return sqrt(sqr(x)), abs_(x)


@rule(canonicalize, dtypes=FLOATS)
def magnitude_of_square(x: Any) -> Any:
    """A square has no sign already (in floats; the square of a whole number may wrap around)."""
    return abs_(sqr(x)), sqr(x)


@rule(canonicalize)
def square_of_magnitude(x: Any) -> Any:
    """A square has no sign anyway."""
    return sqr(abs_(x)), sqr(x)


@rule(canonicalize)
def magnitude_twice(x: Any) -> Any:
    """A magnitude has no sign already."""
    return abs_(abs_(x)), abs_(x)


@rule(canonicalize, dtypes=FLOATS)
def magnitude_of_exp(x: Any) -> Any:
    """An exponential is never negative."""
    return abs_(exp(x)), exp(x)


@rule(canonicalize, dtypes=FLOATS)
def reciprocal_as_quotient(x: Any) -> Any:
    """Rules need to know one way of writing it only."""
    return reciprocal(x), 1 / x


@rule(canonicalize, dtypes=FLOATS)
def one_over_exp(x: Any) -> Any:
    """The exponential of the negative says it without a division."""
    return 1 / exp(x), exp(-x)


@rule(canonicalize, dtypes=FLOATS)
def log_of_one_over(x: Any) -> Any:
    """The logarithm turns a quotient into a difference, and that of 1 is 0; where 1 / x is inf, -log(x) is the limit."""
    return log(1 / x), -log(x)


@rule(stabilize, dtypes=FLOATS)
def log1p_of_expm1(x: Any) -> Any:
    """The one undoes the other; where expm1(x) is inf, or rounds to -1, x keeps every digit."""
    return log1p(expm1(x)), x


@rule(simplify, dtypes=FLOATS)
def expm1_of_log1p(x: Any) -> Any:
    """The one undoes the other; below -1 there is no logarithm, and it stays nan."""
    return expm1(log1p(x)), switch(x >= -1, x, NAN)


@rule(simplify, dtypes=FLOATS)
def square_of_root(x: Any) -> Any:
    """The square undoes the root; negative numbers have none, and stay nan."""
    return sqr(sqrt(x)), switch(x >= 0, x, NAN)


@rule(canonicalize, dtypes=FLOATS)
def log_of_exp(x: Any) -> Any:
    """The logarithm undoes the exponential; where exp(x) is inf or 0, x is the limit."""
    return log(exp(x)), x


@rule(simplify, dtypes=FLOATS)
def exp_of_log(x: Any) -> Any:
    """The exponential undoes the logarithm; negative numbers have none, and stay nan."""
    return exp(log(x)), switch(x >= 0, x, NAN)


@rule(display, dtypes=FLOATS)
def half_power_in_words(x: Any) -> Any:
    """People read a root sooner than a power of 0.5."""
    return x**0.5, sqrt(x)


@rule(display, dtypes=FLOATS)
def minus_half_power_in_words(x: Any) -> Any:
    """People read one over a root sooner than a power of -0.5."""
    return x**-0.5, 1 / sqrt(x)


@rule(display, dtypes=FLOATS)
def exp_of_log_in_words(x: Any) -> Any:
    """The exponential undoes the logarithm."""
    return exp(log(x)), x
