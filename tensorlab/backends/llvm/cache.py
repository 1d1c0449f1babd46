"""The object cache: what LLVM made once for this processor it need not make again, neither in this process nor in the next.

Floor 4. Read `machine` before, and `folder` for what happens on disk. An object file is looked up by a key: in memory, then on disk; else
it is made and kept in both. The key names all that decides about the code: what the caller says (the text of the module, or less that
is known sooner), the processor, the versions, and the sources that write the code, so that a changed compiler never reads old code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from ...settings import IMPORTED
from . import folder, machine
from .folder import blake2b

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WRITERS = "ops", "schedule", "backends"  # the rooms whose sources decide what code a program becomes: 56 files, read in 0.8 ms
NAME = 32  # bytes in the name of an object file
REMEMBERED = 64 << 20  # bytes of object files in memory, of which the oldest go; the slides' programs take 20 kB each


@dataclass
class Counts:
    """How often object files were found, and how often not.

    Attributes:
        in_memory, on_disk: found there.
        missing: found nowhere.
        written: kept on disk.
    """

    in_memory: int = 0
    on_disk: int = 0
    missing: int = 0
    written: int = 0


counts = Counts()
remembered: dict[bytes, bytes] = {}


@cache
def sources() -> bytes | None:
    """Return a hash of the sources that write the code; None if they cannot be read, or were changed since they were imported.

    In the second case nobody could tell later which sources the code came from.
    """
    content = blake2b(digest_size=NAME)
    count = 0
    try:
        for room in WRITERS:
            for where, inner, files in os.walk(os.path.join(PACKAGE, room)):
                inner.sort()
                for name in sorted(files):
                    if not name.endswith(".py"):
                        continue
                    with open(os.path.join(where, name), "rb") as file:
                        facts, text = os.fstat(file.fileno()), file.read()
                    if max(facts.st_mtime, facts.st_ctime) >= IMPORTED:
                        return None
                    add(content, os.path.relpath(os.path.join(where, name), PACKAGE).encode(), text)
                    count += 1
    except OSError:
        return None
    return content.digest() if count else None


@cache
def surroundings() -> bytes:
    """Return a hash of all that decides about the code beside what is compiled."""
    content = blake2b(digest_size=NAME)
    version = getattr(sys.modules[__name__.partition(".")[0]], "__version__", "")
    python = [sys.version, sys.implementation.cache_tag or "", getattr(sys, "abiflags", ""), str(sys.maxsize), sys.byteorder]
    facts = [*machine.processor(), *python, np.__version__, llvmlite.__version__, repr(llvm.llvm_version_info), version]
    add(content, *[each.encode() for each in facts], sources() or b"")
    return content.digest()


def add(content: blake2b, *parts: bytes) -> None:
    """Hash parts with their lengths, so that no two lists of parts give the same bytes."""
    for part in parts:
        content.update(len(part).to_bytes(8, "little"))
        content.update(part)


def key_of(*parts: bytes | str) -> bytes:
    """Return the key of an object file: all that it depends on, beside the machine and the compiler, which are added here.

    >>> key_of("one program") == key_of("one ", "program")
    False
    """
    content = blake2b(digest_size=NAME)
    add(content, surroundings(), *[part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in parts])
    return content.digest()


def kept(key: bytes) -> bytes | None:
    """Return the object file with a key of `key_of`, or None if there is none. Never raises."""
    code = remembered.get(key)
    if code is not None:
        counts.in_memory += 1
        return code
    code = folder.read(key) if sources() else None
    if code is None:
        counts.missing += 1
        return None
    counts.on_disk += 1
    remember(key, code)
    return code


def keep(key: bytes, code: bytes) -> None:
    """Keep an object file in memory, and on disk if there is a folder for it. Never raises."""
    remember(key, code)
    if sources() and folder.write(key, code):
        counts.written += 1


def remember(key: bytes, code: bytes) -> None:
    """Keep an object file in memory in place of the oldest."""
    remembered[key] = code
    sizes = [(each, len(other)) for each, other in list(remembered.items())]  # a list made by one call: other threads come and go
    total = sum(size for _, size in sizes)
    for oldest, size in sizes:
        if total <= REMEMBERED:
            break
        remembered.pop(oldest, None)
        total -= size


def object_for(text: str) -> bytes:
    """Return the text of a module as an object file for this processor, made now or kept from an earlier time.

    Raises:
        RuntimeError: LLVM finds the text to be no valid module.
    """
    return object_by("text", text, write=lambda: text)


def object_by(*parts: bytes | str, write: Callable[[], str]) -> bytes:
    """Return an object file by a cheaper key than its text; `write` is called for the text only if there is none.

    Args:
        parts: all that the text depends on, except for the processor and the sources in `WRITERS`. Ops that are defined elsewhere, and
            settings that the code is written by, must be told apart here.
        write: returns the text of the module.

    Raises:
        RuntimeError: LLVM finds the text to be no valid module.
    """
    key = key_of(*parts)
    code = kept(key)
    if code is None:
        code = machine.emitted(write())
        keep(key, code)
    return code


@dataclass(frozen=True)
class Status:
    """What there is to say about the cache.

    Attributes:
        location: the folder on disk, "" if there is none.
        unused_because: why the disk is not used, "" if it is.
        files, size: number of files on disk, and their bytes.
        remembered: bytes of object files in memory.
        counts: hits and misses in this process.
    """

    location: str
    unused_because: str
    files: int
    size: int
    remembered: int
    counts: Counts


def status() -> Status:
    """Return where the cache is, how large, and how often it was of use."""
    location, because, sizes = "", "", []
    try:
        location = folder.location()
        folder.check(location)
        sizes = [facts.st_size for _, facts in folder.listed(location)]
    except FileNotFoundError:
        pass  # it is made when the first file is written
    except (OSError, ValueError) as problem:
        because = str(problem)
    if not because and not sources():
        because = "the sources of tensorlab cannot be read, or were changed after they were imported"
    return Status(location, because, len(sizes), sum(sizes), sum(map(len, list(remembered.values()))), counts)


def clear() -> None:
    """Forget all object files, in memory and on disk."""
    remembered.clear()
    with suppress(OSError, ValueError):
        location = folder.location()
        folder.check(location)
        for path, _ in list(folder.listed(location)):
            folder.remove(path)
