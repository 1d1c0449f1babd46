"""Memory given back: the pages of LLVM's library that only its start needed, and what its work leaves free.

Floor 4. Starting LLVM touches 35 MB of its library once: tables of names and addresses, and the code that fills its lists of options and
targets. They are the same as on disk, so the system can forget them at any time and reads again what is asked for; told so, it counts them
no longer to this process. On a machine with a hundred notebooks that is what their owners see. Only Linux tells which these are.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

LIBRARY = "libllvmlite"
DONTNEED = 4  # MADV_DONTNEED of Linux


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


def forget_start() -> None:
    """Give back what only the start of LLVM needed; 3 ms, and nothing where the system is another or does not tell."""
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
