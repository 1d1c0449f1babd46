"""Every name of CuPy that is used, and nothing else of it: what a strict stand-in must offer, and what the real one is asked for.

Floor 4. Read `ops/words.py` before. The cards speak to `Names`, which knows the names below and refuses all others; so a card that needs
one more is found by the tests, which run on a machine without a GPU, and not by a reader who has one.
"""

from __future__ import annotations

import importlib
import threading
from functools import cache
from typing import Any

import numpy as np

from ...graph.errors import DeviceError
from ...ops.words import SPECIAL, WORDS

ARRAYS, SPECIALS = "cupy", "cupyx.scipy.special"
OWN_WORDS = frozenset({"second", "cast"})
"""Words that `ArrayWords` spells out itself."""
CARD_NAMES = (
    "add", "all", "any", "arange", "argmax", "argmin", "argsort", "array", "asarray", "bincount", "broadcast_shapes",
    "broadcast_to", "concatenate", "cumprod", "cumsum", "diagonal", "dot", "dtype", "finfo", "flip", "full", "inf", "isfinite",
    "matmul", "max", "min", "moveaxis", "nonzero", "ones_like", "prod", "repeat", "reshape", "roll", "searchsorted", "shape",
    "sort", "stack", "sum", "take_along_axis", "tensordot", "transpose", "zeros", "zeros_like",
)  # fmt: skip
"""Names that cards use beside the words."""
ARRAY_NAMES = tuple(sorted({*CARD_NAMES, *(word for word in WORDS if word not in SPECIAL | OWN_WORDS)}))
SPECIAL_NAMES = tuple(sorted(SPECIAL))
METHODS = ("T", "all", "any", "astype", "copy", "dtype", "get", "max", "min", "nbytes", "ndim", "reshape", "shape", "size", "sum")
"""Attributes of a device array."""
DEVICE_NAMES = ("cuda.Device", "cuda.runtime.getDeviceCount", "cuda.runtime.CUDARuntimeError", "cuda.memory.OutOfMemoryError")
INSTALL = "pip install 'tensorlab-jupyter[gpu13]' (or [gpu12] for drivers of CUDA 12)"
DRIVER = "(from https://www.nvidia.com/drivers; one for CUDA 12 wants 'tensorlab-jupyter[gpu12]')"


@cache
def unavailable(device: str) -> str:
    """Return in one sentence why a device (gpu, gpu0, gpu1 …) cannot be used; empty if it can.

    Nothing is left behind on the device: no context is made.
    """
    try:
        cupy = importlib.import_module(ARRAYS)
    except (ImportError, OSError) as problem:  # the latter where it cannot make its cache at home
        missing = getattr(problem, "name", None) == ARRAYS
        return f"{device} needs CuPy, which {'is not installed' if missing else f'cannot be imported ({problem})'}: {INSTALL}"
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as problem:
        return f"{device} needs an NVIDIA GPU and its driver {DRIVER}; CuPy says: {str(problem).splitlines()[0]}"
    number = number_of(device)
    if number >= count:
        there = f"there {'is' if count == 1 else 'are'} {count}" + (f", gpu0 to gpu{count - 1}" if count > 1 else "")
        return f"{device} is not there: {there}" if count else f"{device} is not there: the driver finds no GPU"
    return ""


def number_of(device: str) -> int:
    """Return the number of a device.

    >>> number_of("gpu"), number_of("gpu3")
    (0, 3)
    """
    return int(device.removeprefix("gpu") or 0)


@cache
def names(device: str) -> Names:
    """Return what GPU code may use of CuPy, on a device."""
    return Names(device)


class Names:
    """What the cards see of CuPy on one device: `ARRAY_NAMES`, and `notice` for what is asked once a call is through."""

    def __init__(self, device: str) -> None:
        self.cupy = importlib.import_module(ARRAYS)
        self.number = number_of(device)
        self._call = threading.local()

    def __getattr__(self, name: str) -> Any:
        if name not in ARRAY_NAMES:
            raise AttributeError(f"{name!r} is not among the names that GPU code may use (CARD_NAMES in {__name__})")
        meaning = getattr(self.cupy, name)
        setattr(self, name, meaning)
        return meaning

    def asarray(self, value: Any, dtype: Any = None, order: str | None = None) -> Any:
        """Return a result of a card as a device array; an array of NumPy would cross here without a word, and is refused."""
        if isinstance(value, np.ndarray):
            raise TypeError("an array of NumPy where one on the GPU belongs")
        return self.cupy.asarray(value, dtype=dtype, order=order)

    def on(self) -> Any:
        """Return what makes the device the current one for the length of a `with` block."""
        return self.cupy.cuda.Device(self.number)

    def upload(self, array: Any) -> Any:
        """Return a copy of an array of NumPy on the device."""
        return self.cupy.array(np.asarray(array), order="C")

    def begin(self) -> None:
        """Forget what an earlier call noticed."""
        self._call.flags = []

    def notice(self, flag: Any) -> None:
        """Remember an array of one truth value that is true if something is wrong."""
        self._call.flags.append(flag)

    def wrong(self) -> bool:
        """Say whether something was wrong in this call: the one question for which the device is waited for."""
        flags, self._call.flags = self._call.flags, []
        if not flags:
            return False
        together = flags[0]
        for flag in flags[1:]:
            together = together | flag
        return bool(together.get())

    def failure(self, problem: BaseException, asked: str) -> DeviceError | None:
        """Return the error for what the device itself says, None for any other exception."""
        cuda = self.cupy.cuda
        if isinstance(problem, cuda.memory.OutOfMemoryError):
            return DeviceError(asked, f"the memory of the GPU is full: {problem}", "smaller batches, float32, or tl.config.device = 'cpu'")
        if isinstance(problem, cuda.runtime.CUDARuntimeError):
            found = f"the driver says: {problem}. After a fault on the device every further call of this process fails there"
            return DeviceError(asked, found, "a new Python process, or tl.config.device = 'cpu'")
        return None
