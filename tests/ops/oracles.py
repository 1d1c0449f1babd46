"""What a card must give, computed without the library: mpmath with 50 digits for elements, plain loops for everything else."""

from __future__ import annotations

import mpmath
import numpy as np

from tensorlab.ops.families import Elementwise, Reduction

mpmath.mp.dps = 50
NAMES = {name: getattr(mpmath, name) for name in dir(mpmath) if not name.startswith("_")}
NAMES |= {"max": max, "min": min, "int": int, "power": lambda x, y: mpmath.mpf(1) if y == 0 else mpmath.power(x, y)}


def exact(value):
    """A NumPy number as mpmath sees it: a float keeps every bit."""
    return mpmath.mpf(int(value)) if value.dtype.kind in "iub" else mpmath.mpf(float(value))


def wrapped(number, dtype):
    """A number of mpmath or Python in a dtype; whole numbers wrap around."""
    if dtype.kind == "b":
        return bool(number)
    if dtype.kind == "f":
        return float(number)
    bits = 8 * dtype.itemsize
    whole = int(number) % 2**bits
    return whole - 2**bits if dtype.kind == "i" and whole >= 2 ** (bits - 1) else whole


def elementwise(op, arrays, dtype):
    """`same_as` for each element."""
    stretched = np.broadcast_arrays(*arrays)
    result = np.empty(stretched[0].shape, dtype)
    expression = compile(op.same_as, f"same_as of {op}", "eval")
    for place in np.ndindex(result.shape):
        operands = dict(zip("xyz", (exact(array[place]) for array in stretched)))
        result[place] = wrapped(eval(expression, {**NAMES, **op.parameters, **operands}), np.dtype(dtype))
    return result


def reduction(op, array, dtype):
    """`same_as` for each list of numbers that is folded into one."""
    kept = [axis for axis in range(array.ndim) if axis not in op.axis]
    result = np.empty([array.shape[axis] for axis in kept], dtype)
    for place in np.ndindex(result.shape):
        chosen = [slice(None)] * array.ndim
        for axis, position in zip(kept, place):
            chosen[axis] = position
        result[place] = op.same_as(array[tuple(chosen)].reshape(-1))
    return result


def expected(op, arrays, dtype):
    """The value of an op according to its oracle."""
    if isinstance(op, Elementwise):
        return elementwise(op, arrays, dtype)
    if isinstance(op, Reduction):
        return reduction(op, arrays[0], dtype)
    return np.asarray(op.same_as(*arrays))
