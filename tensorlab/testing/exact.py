"""What a graph means, computed with more digits: every card on long floats, what SciPy has only in double precision by mpmath.

Floor 6. Read `ops/evaluate.py` before. Real numbers are NumPy's `longdouble`, which on x86 has 64 binary digits and an exponent of 15 bits
(11 digits and 16,000 powers of two more than float64); where it is no wider than float64 (Windows, Apple's processors), what is left to
judge by is how rounding spreads (see `doubt`). Whole numbers and bools are as they are. Casts to a narrower float keep their digits: that a
result has fewer is rounding, like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..graph.errors import DtypeError, MissingPackageError, ShapeError
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..ops.classification import LogSoftmax, Softmax
from ..ops.control import MapRows
from ..ops.evaluate import broadcast_check
from ..ops.families import Elementwise
from ..ops.log_sum_exp import LogSumExp
from ..ops.ranges import Arange
from ..ops.selections import Bincount
from ..ops.words import SPECIAL, ArrayWords

Long = np.longdouble
Values = dict[Node, Any]
Change = Callable[[Node, Any, list[Any]], Any]
LARGEST, SMALLEST = np.finfo(Long).max / 2, np.finfo(Long).tiny
DIGITS = 25  # of mpmath: longdouble has 19


FAR = 1800  # beyond it gamma overflows even a long float, exp(x²) is a number of a million digits, and double precision says it all


def mpmath() -> Any:
    """Return the package mpmath, with as many digits as are needed.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        import mpmath as package
    except ImportError:
        found = "mpmath, which computes special functions with more digits, is not installed"
        raise MissingPackageError("differential testing", found, "pip install mpmath") from None
    package.mp.dps = DIGITS
    return package


def special(word: str, *numbers: Any) -> Any:
    """Return the value of a special function at long floats, as a long float."""
    if not all(np.isfinite(numbers)) or numbers[0] == 0 or (word in ("gamma", "erfcx", "erfc") and abs(numbers[0]) > FAR):
        import scipy.special

        return Long(getattr(scipy.special, word)(*[float(each) for each in numbers]))
    return special_at(word, tuple(str(each) for each in numbers))


@lru_cache(maxsize=50_000)  # the same numbers come again in every perturbed evaluation of what does not depend on the perturbation
def special_at(word: str, numbers: tuple[str, ...]) -> Any:
    """Return a special function at numbers given by their decimal digits."""
    m = mpmath()
    given = [m.mpf(each) for each in numbers]
    try:
        found = MEANINGS[word](m, *given)
        if abs(found) < m.mpf(str(SMALLEST)):
            return Long(0)
        return Long(np.inf if found > 0 else -np.inf) if abs(found) > m.mpf(str(LARGEST)) else Long(str(found))
    except (ValueError, ZeroDivisionError, TypeError, m.libmp.NoConvergence):  # a pole, or outside of what is defined
        import scipy.special

        with np.errstate(all="ignore"):
            return Long(getattr(scipy.special, word)(*[float(each) for each in given]))


def inverse_erf(m: Any, x: Any) -> Any:
    """The inverse of erf: two steps of Newton's method from SciPy's answer."""
    import scipy.special

    y = m.mpf(float(scipy.special.erfinv(float(x))))
    for _ in range(2 if m.isfinite(y) else 0):
        y -= (m.erf(y) - x) * m.exp(y * y) * m.sqrt(m.pi) / 2
    return y


def inverse_erfc(m: Any, x: Any) -> Any:
    """The inverse of erfc, in the same way: 1 - x would lose the digits of a small x."""
    import scipy.special

    y = m.mpf(float(scipy.special.erfcinv(float(x))))
    for _ in range(2 if m.isfinite(y) else 0):
        y += (m.erfc(y) - x) * m.exp(y * y) * m.sqrt(m.pi) / 2
    return y


MEANINGS: dict[str, Callable[..., Any]] = {
    "erf": lambda m, x: m.erf(x),
    "erfc": lambda m, x: m.erfc(x),
    "erfcx": lambda m, x: m.exp(x * x) * m.erfc(x),
    "erfinv": inverse_erf,
    "erfcinv": inverse_erfc,
    "gamma": lambda m, x: m.gamma(x),
    "gammaln": lambda m, x: m.re(m.loggamma(x)),
    "psi": lambda m, x: m.psi(0, x),
    "zeta": lambda m, s, x: m.zeta(s, x),
}


class LongWords(ArrayWords):
    """The words on long floats."""

    def __init__(self) -> None:
        super().__init__(np)
        for word in SPECIAL:
            spoken = np.frompyfunc(lambda *numbers, word=word: special(word, *numbers), 2 if word == "zeta" else 1, 1)
            setattr(self, word, lambda *arrays, spoken=spoken: np.asarray(spoken(*map(lengthened, arrays)), Long))

    def cast(self, x: Any, dtype: str) -> Any:
        """Return the same numbers in another dtype; a float keeps its digits."""
        return np.asarray(x).astype(Long if is_floating(dtype) else dtype)


def lengthened(value: Any) -> Any:
    """Return real numbers as long floats; anything else as it is."""
    array = np.asarray(value)
    return array.astype(Long) if array.dtype.kind == "f" else array


words = LongWords()


def evaluate(outputs: list[Node], values: Values, change: Change | None = None) -> Values:
    """Return the values of nodes and of all that they are made of.

    Args:
        outputs: the nodes wanted.
        values: the values of symbols and shared variables.
        change: called with each node, its value and those of its operands; what it returns takes the value's place.

    Raises:
        Exception: whatever an op raises.
    """
    known: Values = {}
    for node in ancestors(outputs, stop_at=values.keys()):
        operands = [known[each] for each in node.inputs] if node not in values else []
        if node in values:
            value = lengthened(values[node])
        elif isinstance(node, Constant):
            value = lengthened(node.value)
        else:
            value = value_of(node, operands)
        known[node] = value if change is None else change(node, value, operands)
    return known


def value_of(node: Node, operands: list[Any]) -> Any:
    """Return the value of one node from those of its operands."""
    op = node.op
    if isinstance(op, Elementwise):
        check = broadcast_check(node)
        if check is not None:
            check(*operands)
        compute_in = op.compute_dtype(*[each.type.dtype for each in node.inputs])
        if compute_in is not None:
            operands = [value if position in op.unlike else words.cast(value, compute_in) for position, value in enumerate(operands)]
        result = op.formula(words, *operands)
    else:
        own = OWN.get(type(op))
        result = by_card(node, operands) if own is None else own(node, *operands)
    return np.asarray(result).astype(Long if is_floating(node.type.dtype) else node.type.dtype, copy=False)


def by_card(node: Node, operands: list[Any]) -> Any:
    """Return what a card makes of its operands; if it cannot deal with long floats, of the same numbers with fewer digits."""
    compute = node.op.numpy  # type: ignore[union-attr]
    try:
        return compute(np, *operands)
    except (KeyError, TypeError, DtypeError):
        return compute(np, *[each.astype("float64") if each.dtype == Long else each for each in operands])


# -- cards that ask for the name of a dtype, or for a routine that only double precision has


def shifted(x: Any) -> Any:
    """Return scores minus the largest of their row, or minus the largest number if that is infinite."""
    x = np.asarray(x, Long)
    return x - np.minimum(x.max(axis=1, keepdims=True), np.finfo(Long).max) if x.size else x


def softmax(node: Node, x: Any) -> Any:
    """Softmax of rows."""
    weights = np.exp(shifted(x))
    return weights / weights.sum(axis=1, keepdims=True)


def log_softmax(node: Node, x: Any) -> Any:
    """Logarithm of the softmax of rows."""
    scores = shifted(x)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def log_sum_exp(node: Node, x: Any) -> Any:
    """Logarithm of the sum of exponentials."""
    axis = node.op.axis  # type: ignore[union-attr]
    x = np.asarray(x, Long)
    top = x.max(axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    total = np.exp(x - top).sum(axis=axis)
    return np.log(total) + top.reshape(total.shape)


def arange(node: Node, start: Any, stop: Any, step: Any) -> Any:
    """Numbers a step apart."""
    if step == 0:
        raise ShapeError("", "a step of 0 never arrives")
    if stop.dtype.kind == "f":
        count = max(int(np.ceil((stop - start) / step)), 0)
    else:
        count = len(range(int(start), int(stop), int(step)))
    return start + step * np.arange(count)


def bincount(node: Node, x: Any, minlength: Any, *weights: Any) -> Any:
    """Weights added up by number."""
    if not weights:
        return node.op.numpy(np, x, minlength)  # type: ignore[union-attr]
    length = len(node.op.numpy(np, x, minlength, np.zeros(weights[0].shape)))  # type: ignore[union-attr]
    result = np.zeros(length, weights[0].dtype)
    np.add.at(result, x.astype("int64"), weights[0])
    return result


def map_rows(node: Node, *values: Any) -> Any:
    """A graph on row after row."""
    op = node.op
    assert isinstance(op, MapRows)
    graph = op.graph.fitted(tuple(each.type.dtype for each in node.inputs))
    rows, captured = values[: op.sequences], values[op.sequences :]
    if any(len(row) != len(rows[0]) for row in rows):
        raise ShapeError("", "sequences of different lengths")

    def run(*own: Any) -> Any:
        return evaluate([graph.output], dict(zip(graph.inputs, [*own, *captured])))[graph.output]

    if len(rows[0]):
        return np.stack([run(*[row[position] for row in rows]) for position in range(len(rows[0]))])
    return np.zeros((0, *run(*[np.zeros(row.shape[1:], row.dtype) for row in rows]).shape))


OWN: dict[type, Callable[..., Any]] = {
    Softmax: softmax, LogSoftmax: log_softmax, LogSumExp: log_sum_exp, Arange: arange, Bincount: bincount, MapRows: map_rows,
}  # fmt: skip
