"""Which dtype a result has when operands of several dtypes meet.

Floor 1. The table is NumPy 2's with weak Python numbers, and two exceptions that keep a float32 course float32:
a float that arises from no floating tensor has `config.floatX`, and float16 arises only from float16.
`docs/dtypes.md` holds the table and its differences from Theano's.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..settings import config
from .errors import DtypeError
from .types import is_floating


def promote(*dtypes: str) -> str:
    """Return the dtype that holds values of all the given dtypes.

    >>> promote("int32", "float32"), promote("bool", "int8"), promote("int64", "uint64")
    ('float64', 'int8', 'float64')
    """
    if dtypes and dtypes.count(dtypes[0]) == len(dtypes):
        return dtypes[0]
    result = numpy_dtype(dtypes)
    if is_floating(result) and not any(map(is_floating, dtypes)):
        return str(config.floatX)
    return result


@lru_cache(maxsize=4096)  # there are 12 dtypes, so all pairs and triples fit; NumPy takes microseconds for each
def numpy_dtype(dtypes: tuple[str, ...]) -> str:
    """Return NumPy's common dtype."""
    return np.result_type(*dtypes).name


def promote_to_float(*dtypes: str) -> str:
    """Return the floating dtype of a function such as exp, or of a true quotient.

    >>> promote_to_float("float32"), promote_to_float("int64"), promote_to_float("bool", "int8")
    ('float32', 'float64', 'float64')
    """
    result = promote(*dtypes)
    return result if is_floating(result) else str(config.floatX)


def weak_dtype(number: bool | int | float, strong: str | None) -> str:
    """Return the dtype that a Python number takes beside operands whose common dtype is `strong` (None: no others).

    Raises:
        DtypeError: a whole number does not fit the dtype beside it.

    >>> weak_dtype(0.5, "float32"), weak_dtype(2, "int8"), weak_dtype(2, "bool"), weak_dtype(0.5, "int32")
    ('float32', 'int8', 'int64', 'float64')
    """
    if isinstance(number, bool):
        return "bool"
    if isinstance(number, float):
        return strong if strong is not None and is_floating(strong) else str(config.floatX)
    if strong is None or strong == "bool":
        strong = "int64"
    if is_floating(strong):
        return strong
    limits = np.iinfo(strong)
    if limits.min <= number <= limits.max:
        return strong
    raise DtypeError(
        f"the number {number} beside a tensor of dtype {strong}",
        f"{strong} holds {limits.min} to {limits.max}",
        "x.astype('int64') first, or numpy.int64(…) around the number",
    )
