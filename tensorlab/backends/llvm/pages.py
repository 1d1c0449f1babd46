"""Memory given back after LLVM has worked: the pages of its library, and what it has freed.

Floor 4. Starting LLVM and compiling a first program touches 75 MB of its library. They are the same as on disk, so
the system can forget them at any time and reads again what is asked for; told so, it counts them no longer to this process. On a machine
with a hundred notebooks that is what their owners see. Only Linux tells which these are.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from time import monotonic

LIBRARY = "libllvmlite"
DONTNEED = 4  # MADV_DONTNEED of Linux
PAUSE = 10.0  # seconds: who compiles program after program keeps the library
last = [float("-inf")]
"""When the library was last given back."""


def unchanged(lines: list[bytes]) -> list[tuple[int, int]]:
    """Return from where to where parts of LLVM's library lie that nobody may write, and nobody has written.

    Args:
        lines: of `/proc/self/smaps`: a line for each part of the memory, and behind it lines such as "Anonymous:  0 kB".

    >>> unchanged([b"1000-3000 r-xp 0 fe:00 7 /libllvmlite.so", b"Anonymous: 0 kB", b"3000-4000 r--p 0 fe:00 7 /libllvmlite.so"])
    [(4096, 12288)]
    """
    found, part = [], None
    for line in lines:
        words = line.split()
        if b"-" in words[0]:
            ours = len(words) > 5 and LIBRARY.encode() in words[5] and b"w" not in words[1] and words[1].endswith(b"p")
            part = tuple(int(each, 16) for each in words[0].split(b"-")) if ours else None
        elif part is not None and words[0] == b"Anonymous:" and words[1] == b"0":
            found.append((part[0], part[1]))
    return found


def forget_library() -> None:
    """Give back the pages of LLVM's library, as far as the system tells which they are; 3 ms, and 10 ms in the next compilation."""
    if sys.platform != "linux":
        return
    with suppress(OSError, ValueError, IndexError, AttributeError):
        with open("/proc/self/smaps", "rb") as file:
            parts = unchanged(file.read().splitlines())
        advise = ctypes.CDLL(None).madvise
        advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for low, high in parts:
            advise(low, high - low, DONTNEED)


def trim() -> None:
    """Give back what LLVM has freed, where the C library can (glibc): 5 MB after a first program, in half a millisecond."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))


def give_back() -> None:
    """Give back what a compilation needed, unless that was done a moment ago."""
    if monotonic() - last[0] >= PAUSE:
        trim()
        forget_library()
        last[0] = monotonic()
