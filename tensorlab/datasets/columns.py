"""What every data set is: a pair of arrays with one example a column; and the text file of three columns that holds points of the plane.

Floor 6.
"""

from __future__ import annotations

import numbers
from os import PathLike, fspath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..graph.errors import ChoiceError, ConversionError, ShapeError

Floats = NDArray[np.float32]


class Columns(NamedTuple):
    """Examples as columns: `x` has one row an input, `y_hat` one row an output that is wanted; column n of both is example n."""

    x: Floats
    y_hat: Floats


def generator(name: str, size: Any, noise: Any, seed: Any, most_noise: float = 1.0) -> np.random.Generator:
    """Return the source of a data set's random numbers, after a look at the arguments that all data sets share.

    Raises:
        ChoiceError: `size` is no whole number from 1 on, `seed` none from 0 on, or `noise` is negative or too large.
    """
    for word, value, least, advice in (("size", size, 1, "size=1000"), ("seed", seed, 0, "seed=0")):
        if not isinstance(value, numbers.Integral) or value < least:
            raise ChoiceError(f"tl.datasets.{name}({word}={value!r})", f"{word} is a whole number from {least} on", advice)
    if not isinstance(noise, numbers.Real) or not 0 <= noise <= most_noise:
        up_to = "no negative number" if most_noise == np.inf else f"a number from 0 to {most_noise:g}"
        raise ChoiceError(f"tl.datasets.{name}(noise={noise!r})", f"noise is {up_to}", "noise=0.05")
    return np.random.default_rng(int(seed))


def save_columns(path: str | PathLike[str], x: ArrayLike, y_hat: ArrayLike) -> None:
    """Write points of the plane and their answers to a text file: a line a point, in three columns.

    Args:
        path: the file; one that is there is overwritten.
        x: (2, N).
        y_hat: (1, N) or (N,).

    `read_columns` gives back the same float32 numbers, bit for bit: nine digits are enough for that.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "points.txt"
    >>> save_columns(path, [[0.5, 1.0], [-1.0, 2.0]], [0, 1])
    >>> print(path.read_text())
    0.5 -1 0
    1 2 1
    """
    points, answers = np.asarray(x, dtype=np.float32), np.atleast_2d(np.asarray(y_hat, dtype=np.float32))
    if points.ndim != 2 or len(points) != 2 or answers.shape != (1, points.shape[1]):
        found = f"x has the shape {points.shape} and y_hat {np.shape(y_hat)}"
        raise ShapeError(f"save_columns({fspath(path)!r}, x, y_hat)", found, "x of shape (2, N) and y_hat of shape (1, N)")
    np.savetxt(path, np.vstack([points, answers]).T, fmt="%.9g")


def read_columns(path: str | PathLike[str]) -> Columns:
    """Read points of the plane and their answers from a text file of three columns: abscissa, ordinate, answer.

    Returns:
        `x`, float32 (2, N), and `y_hat`, float32 (1, N).

    Raises:
        ConversionError: the file holds something else, or nothing.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "points.txt"
    >>> _ = path.write_text(chr(10).join(["0.5 -1 0", "1 2 1"]))
    >>> read_columns(path).x
    array([[ 0.5,  1. ],
           [-1. ,  2. ]], dtype=float32)
    """
    asked, advice = f"read_columns({fspath(path)!r})", "a line a point: 0.5 -1.25 1"
    with open(path, encoding="utf-8") as lines:
        if not any(line.partition("#")[0].strip() for line in lines):
            raise ConversionError(asked, "a file without numbers", advice)
    try:
        table = np.loadtxt(path, dtype=np.float32, ndmin=2, encoding="utf-8")
    except ValueError as problem:
        raise ConversionError(asked, str(problem).partition(";")[0], advice) from None
    if table.shape[1] != 3:
        raise ConversionError(asked, f"{table.shape[1]} columns instead of three", advice)
    return Columns(np.ascontiguousarray(table[:, :2].T), np.ascontiguousarray(table[:, 2:].T))
