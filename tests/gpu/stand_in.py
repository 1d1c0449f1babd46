"""A strict stand-in for the names of CuPy that the GPU back end uses: NumPy underneath, and CuPy's discipline on top.

What CuPy refuses is refused here: an array of NumPy (or a list of arrays) where one of the device belongs, `numpy.asarray` of a device
array, ufuncs of NumPy on it. What CuPy allows, but at the price of waiting for the device, is refused too: `bool`, `float`, `int`,
`.item()`. Memory that is freed is overwritten, so that whoever still reads it reads nonsense. Every crossing is counted. A name that is not
in the back end's table does not exist.
"""

from __future__ import annotations

import operator
import sys
import types
from typing import ClassVar

import numpy as np
import scipy.special

from tensorlab.backends.gpu import calls

POISON = 0xCD  # as a float64 about -6e+66, as an int64 far out of any range


class Counters:
    """What happened since the last `clear`."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.up = self.down = self.calls = 0
        self.bytes_up = self.bytes_down = 0


count = Counters()


class CUDARuntimeError(RuntimeError):
    """What the driver says."""


class OutOfMemoryError(MemoryError):
    """No memory on the device."""


class Device:
    """A device; a context manager as CuPy's."""

    current: ClassVar = [0]
    there = 2

    def __init__(self, number=0):
        if not 0 <= number < Device.there:
            raise CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
        self.id = number

    def __enter__(self):
        Device.current.append(self.id)
        return self

    def __exit__(self, *problem):
        Device.current.pop()


class Block:
    """Memory of the device: overwritten when nobody holds it any more."""

    limit = None
    used = 0

    def __init__(self, memory):
        self.memory, self.device, self.size = memory, Device.current[-1], 0
        if Block.limit is not None and Block.used + memory.nbytes > Block.limit:
            raise OutOfMemoryError(f"Out of memory allocating {memory.nbytes:,} bytes")
        self.size = memory.nbytes
        Block.used += self.size

    def __del__(self):
        Block.used -= self.size
        if self.memory.flags.writeable:
            self.memory.reshape(-1).view(np.uint8)[:] = POISON


class ndarray:
    """An array of the device."""

    __array_ufunc__ = None  # NumPy's operators give up, so that `host * device` comes here and is refused

    def __init__(self, memory, block=None):
        if block is None:
            memory = np.array(memory, order="C", copy=True) if memory.base is not None or not memory.flags.owndata else memory
            block = Block(memory)
        self._memory, self._block = memory, block

    def _own(self):
        if self._block.device != Device.current[-1]:
            raise ValueError(f"the array is on device {self._block.device}, the current device is {Device.current[-1]}")
        return self._memory

    shape = property(lambda self: self._memory.shape)
    dtype = property(lambda self: self._memory.dtype)
    ndim = property(lambda self: self._memory.ndim)
    size = property(lambda self: self._memory.size)
    nbytes = property(lambda self: self._memory.nbytes)
    T = property(lambda self: ndarray(self._own().T, self._block))

    def __array__(self, *arguments, **options):
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array explicitly.")

    def refuse(self, *arguments):
        raise TypeError("this would wait for the device")

    __bool__ = __int__ = __float__ = __index__ = __iter__ = __complex__ = refuse
    __hash__ = None

    def __getattr__(self, name):
        raise AttributeError(f"{name!r} is not among the names that GPU code may use")

    def __len__(self):
        return len(self._memory)

    def get(self):
        count.down += 1
        count.bytes_down += self.nbytes
        return np.array(self._own(), order="C")

    def copy(self):
        return made(self._own().copy())

    def astype(self, dtype, copy=True):
        return made(self._own().astype(dtype)) if copy or self.dtype != dtype else self

    def reshape(self, *shape):
        return view(self, self._own().reshape(*shape))

    def __getitem__(self, index):
        taken = self._own()[inside(index)]
        return view(self, taken) if isinstance(taken, np.ndarray) else made(np.asarray(taken))

    def __setitem__(self, index, value):
        count.calls += 1
        self._own()[inside(index)] = inside(value)


def made(result):
    """A result of NumPy in new memory of the device."""
    count.calls += 1
    return ndarray(np.array(result, order="K", copy=True))


def view(base, memory):
    """A result that may be a view of another array."""
    return ndarray(memory, base._block) if np.shares_memory(memory, base._memory) else made(memory)


def inside(value):
    """The memory of what CuPy would accept in this place."""
    if isinstance(value, ndarray):
        return value._own()
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}")
    if isinstance(value, tuple):
        return tuple(map(inside, value))
    if isinstance(value, slice):
        for each in (value.start, value.stop, value.step):
            if isinstance(each, (ndarray, np.ndarray)):
                raise TypeError("a slice of arrays")
        return value
    if value is None or value is Ellipsis or isinstance(value, (bool, int, float, str, np.generic, np.dtype, type)):
        return value
    if isinstance(value, list) and all(isinstance(each, (int, np.integer)) for each in value):
        return value
    raise TypeError(f"Unsupported type {type(value)}")


def arrays(value):
    """The memory of a sequence of device arrays, as `concatenate` and `stack` take it."""
    if not all(isinstance(each, ndarray) for each in value):
        raise TypeError("Only cupy arrays can be concatenated")
    return [each._own() for each in value]


def binary(name, swapped=False):
    compute = getattr(operator, name)

    def method(self, other):
        if not isinstance(other, (ndarray, bool, int, float, np.generic)):
            raise TypeError(f"Unsupported type {type(other)}")
        x, y = self._own(), inside(other)
        return made(compute(y, x) if swapped else compute(x, y))

    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor", "lshift", "rshift"):
    _plain = _name.strip("_")
    setattr(ndarray, f"__{_plain}__", binary(_name))
    setattr(ndarray, f"__r{_plain}__", binary(_name, swapped=True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(ndarray, f"__{_name}__", binary(_name))
for _name in ("neg", "invert", "abs"):
    setattr(ndarray, f"__{_name}__", lambda self, compute=getattr(operator, _name): made(compute(self._own())))
for _name in ("all", "any", "max", "min", "sum"):
    setattr(ndarray, _name, lambda self, *arguments, meaning=_name, **options: made(getattr(self._own(), meaning)(*arguments, **options)))

VIEWS = {"broadcast_to", "diagonal", "flip", "moveaxis", "reshape", "transpose"}
PLAIN = {"dtype", "finfo", "inf", "broadcast_shapes"}
FILLED = {"zeros", "arange", "full"}
SEQUENCES = {"concatenate", "stack"}


def function(name):
    """A function of CuPy under a name of NumPy."""
    meaning = getattr(np, name)

    def call(*arguments, **options):
        if name in SEQUENCES:
            given = (arrays(arguments[0]), *map(inside, arguments[1:]))
        elif name in ("tensordot",):
            given = (*map(inside, arguments[:2]), *arguments[2:])
        elif name in VIEWS or name in FILLED or name in ("repeat", "sum", "max", "min", "all", "any", "prod"):
            given = (inside(arguments[0]) if name not in FILLED else arguments[0], *arguments[1:])
        else:
            given = tuple(map(inside, arguments))
        if name not in FILLED and not any(isinstance(each, np.ndarray) for each in given) and name not in SEQUENCES:
            raise TypeError(f"{name} of nothing that is on the device: {arguments}")
        result = meaning(*given, **{key: inside(value) if key != "axis" and key != "dtype" else value for key, value in options.items()})
        if isinstance(result, tuple):
            return tuple(map(made, result))
        if name in VIEWS and isinstance(arguments[0], ndarray):
            return view(arguments[0], result)
        return made(result)

    call.__name__ = name
    return call


def asarray(value, dtype=None, order="K"):
    if isinstance(value, ndarray):
        return value if dtype is None or value.dtype == dtype else value.astype(dtype)
    return array(value, dtype)


def array(value, dtype=None, copy=True, order="K"):
    if isinstance(value, ndarray):
        return made(value._own() if dtype is None else value._own().astype(dtype))
    if not isinstance(value, (np.ndarray, bool, int, float, np.generic, tuple, list)):
        raise TypeError(f"Unsupported type {type(value)}")
    count.up += 1
    new = made(np.asarray(value, dtype))
    count.bytes_up += new.nbytes
    return new


def shape(value):
    return value.shape


class Adder:
    """`add`, with `add.at`."""

    def __call__(self, x, y):
        return x + y

    @staticmethod
    def at(target, index, value):
        np.add.at(target._own(), inside(index), inside(value))


def modules():
    """The modules of the stand-in, by name."""
    cupy, cuda, runtime, memory = (types.ModuleType(name) for name in ("cupy", "cupy.cuda", "cupy.cuda.runtime", "cupy.cuda.memory"))
    runtime.CUDARuntimeError, runtime.getDeviceCount = CUDARuntimeError, lambda: Device.there
    memory.OutOfMemoryError = OutOfMemoryError
    cuda.runtime, cuda.memory, cuda.Device = runtime, memory, Device
    cupy.cuda, cupy.ndarray = cuda, ndarray
    own = {"asarray": asarray, "array": array, "shape": shape, "add": Adder()}
    for name in calls.ARRAY_NAMES:
        setattr(cupy, name, own.get(name) or (getattr(np, name) if name in PLAIN else function(name)))
    special = types.ModuleType("cupyx.scipy.special")
    for name in calls.SPECIAL_NAMES:
        meaning = getattr(scipy.special, name)
        setattr(special, name, lambda *given, meaning=meaning: made(meaning(*map(inside, given))))
    cupyx, scipy_module = types.ModuleType("cupyx"), types.ModuleType("cupyx.scipy")
    return {"cupy": cupy, "cupy.cuda": cuda, "cupyx": cupyx, "cupyx.scipy": scipy_module, "cupyx.scipy.special": special}


def install(monkeypatch):
    """Let `import cupy` find the stand-in for the length of a test."""
    forget()
    for name, module in modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    Device.current[:], Device.there = [0], 2
    Block.limit = None
    count.clear()


def forget():
    """Forget what was found out about the machine."""
    calls.unavailable.cache_clear()
    calls.names.cache_clear()
