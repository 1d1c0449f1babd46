"""A folder of files on disk that other processes share and that only this user may write.

Floor 4. What is read here is run as native code, so a file counts only if it is whole and ours. *Whole*: it carries its name, its length
and a checksum, and comes into being under another name, so that a process killed at any moment leaves the old file or the new one.
*Ours*: the open file itself, not its path, belongs to this user and nobody else may write it; so it does not matter who may rename the
folders above. The folder must be ours in the same sense, or it is left alone. Nothing here raises because of the disk: a file that
cannot be read is missing, one that cannot be written is not kept.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

try:
    from _blake2 import blake2b as blake2b  # the one that hashlib gives; hashlib itself loads OpenSSL first, which takes 2.6 ms
except ImportError:
    from hashlib import blake2b as blake2b

from ...settings import config

MAGIC = b"tensorlab object 1\n"
CHECKSUM = 32  # bytes
HEAD = len(MAGIC) + 8 + CHECKSUM
SUFFIX, UNFINISHED = ".object", ".unfinished"
LARGEST = 1 << 28  # bytes in one file: far above any program, and still read in a second
BYTES_KEPT, FILES_KEPT = 512 << 20, 20_000  # past either the oldest go, until three quarters are left
WRITES_PER_LOOK = 64  # looking through 20,000 files takes 0.1 s; the folder is over its limit by 64 files at most, for each process
ABANDONED = 3600  # seconds after which an unfinished file belongs to a process that was killed
READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class UntrustedError(OSError):
    """The folder is not for this process to use; says why."""


def platform_folder() -> str:
    """Return where this system keeps what can be made again; "" if this user has no home."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        above, name = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), os.path.join("tensorlab", "Cache")
    elif sys.platform == "darwin":
        above, name = os.path.join(home, "Library", "Caches"), "tensorlab"
    else:
        above, name = os.environ.get("XDG_CACHE_HOME", ""), "tensorlab"
        if not os.path.isabs(above):  # to be ignored then, says the XDG specification
            above = os.path.join(home, ".cache")
    return os.path.join(above, name) if os.path.isabs(above) else ""


def location() -> str:
    """Return the folder that `tl.config.cache_directory` stands for.

    Raises:
        UntrustedError: it is switched off, or there is no home to put it in.
    """
    chosen = config.cache_directory
    if chosen == "off":
        raise UntrustedError("config.cache_directory is 'off'")
    found = platform_folder() if chosen == "auto" else chosen
    if not found:
        raise UntrustedError("this user has no home directory; set config.cache_directory")
    return found


def ours(facts: os.stat_result) -> bool:
    """Say whether a file belongs to this user and nobody else may write it."""
    return not hasattr(os, "geteuid") or (facts.st_uid == os.geteuid() and not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def check(path: str) -> None:
    """Make sure that a folder may be used.

    Raises:
        FileNotFoundError: there is none.
        UntrustedError: it is no folder, or somebody else's, or others may write into it.
    """
    facts = os.lstat(path)
    if stat.S_ISLNK(facts.st_mode):
        if hasattr(os, "geteuid") and facts.st_uid != os.geteuid():
            raise UntrustedError(f"{path} is a link that another user made")
        facts = os.stat(path)
    if not stat.S_ISDIR(facts.st_mode):
        raise UntrustedError(f"{path} is no directory")
    if not ours(facts):
        raise UntrustedError(f"{path} belongs to another user, or others may write into it")
    if not hasattr(os, "geteuid"):  # Windows: a home and all in it is closed to other users, about other places nothing is known
        home, real = (os.path.normcase(os.path.realpath(each)) for each in (os.path.expanduser("~"), path))
        if not real.startswith(os.path.join(home, "")):
            raise UntrustedError(f"{path} is outside of this user's home directory")


def make(path: str) -> None:
    """Make a folder and those above that are missing, closed to others.

    Raises:
        UntrustedError: it would belong to root in somebody else's home, as under `sudo`, and lock the owner out.
    """
    above = os.path.dirname(path)
    while not os.path.isdir(above) and above != os.path.dirname(above):
        above = os.path.dirname(above)
    if config.cache_directory == "auto" and hasattr(os, "geteuid") and os.geteuid() == 0 and os.stat(above).st_uid != 0:
        raise UntrustedError(f"{above} belongs to another user")
    missing = os.path.relpath(path, above).split(os.sep)
    for count in range(1, len(missing) + 1):
        with suppress(FileExistsError):  # another process was quicker
            os.mkdir(os.path.join(above, *missing[:count]), 0o700)


def sealed(name: bytes, content: bytes) -> bytes:
    """Return a checksum of a file's name and content."""
    checksum = blake2b(name, digest_size=CHECKSUM)
    checksum.update(content)
    return checksum.digest()


def path_of(name: bytes) -> str:
    """Return the path of a file."""
    return os.path.join(location(), name.hex() + SUFFIX)


def read(name: bytes) -> bytes | None:
    """Return the content of a file, or None if it is not there, not whole or not ours. Takes about 20 µs, and 0.1 ms for 100 kB."""
    try:
        path = path_of(name)
        check(os.path.dirname(path))
        handle = os.open(path, READ)
    except (OSError, ValueError):  # ValueError: a path that this system cannot spell
        return None
    try:
        facts = os.fstat(handle)
        if not (stat.S_ISREG(facts.st_mode) and ours(facts) and HEAD <= facts.st_size <= LARGEST):
            return None
        text = os.read(handle, facts.st_size)
    except OSError:
        return None
    finally:
        os.close(handle)
    content = text[HEAD:]
    head = MAGIC + len(content).to_bytes(8, "little") + sealed(name, content)
    return content if text[:HEAD] == head else None


def write(name: bytes, content: bytes) -> bool:
    """Keep a file; say whether that went well. An existing one is replaced, since it may have been damaged."""
    unfinished = ""
    try:
        path = path_of(name)
        where = os.path.dirname(path)
        try:
            check(where)
        except FileNotFoundError:
            make(where)
            check(where)
        if len(content) > LARGEST - HEAD:
            return False
        unfinished = os.path.join(where, f"{name.hex()}.{os.urandom(8).hex()}{UNFINISHED}")
        write_whole(unfinished, MAGIC + len(content).to_bytes(8, "little") + sealed(name, content) + content)
        os.replace(unfinished, path)
        unfinished = ""
        if name[0] % WRITES_PER_LOOK == 0:
            prune(where)
    except (OSError, ValueError):
        return False
    finally:
        if unfinished:
            remove(unfinished)
    return True


def write_whole(path: str, text: bytes) -> None:
    """Write a new file. It is not forced onto the disk: one that a power cut damages is found out by its checksum."""
    handle = os.open(path, WRITE, 0o600)
    try:
        rest = memoryview(text)
        while rest:
            rest = rest[os.write(handle, rest):]
    finally:
        os.close(handle)


def remove(path: str) -> None:
    """Remove a file, if it is there and may be removed."""
    with suppress(OSError, ValueError):
        os.unlink(path)


def listed(where: str) -> Iterator[tuple[str, os.stat_result]]:
    """Return the files in the folder that were written here, finished or not; others are not touched."""
    with os.scandir(where) as entries:
        for entry in entries:
            digits, dot, _ = entry.name.partition(".")
            if dot and len(digits) >= 32 and entry.name.endswith((SUFFIX, UNFINISHED)) and not set(digits) - set("0123456789abcdef"):
                try:
                    yield entry.path, entry.stat(follow_symlinks=False)
                except OSError:  # gone meanwhile
                    continue


def prune(where: str) -> None:
    """Remove what was longest unused, if the folder is over its limit, and what killed processes left."""
    kept = []
    for path, facts in listed(where):
        if path.endswith(SUFFIX):
            kept.append((max(facts.st_atime, facts.st_mtime), facts.st_size, path))
        elif time.time() - facts.st_mtime > ABANDONED:
            remove(path)
    size, count = sum(each for _, each, _ in kept), len(kept)
    if size <= BYTES_KEPT and count <= FILES_KEPT:
        return
    for _, each, path in sorted(kept):
        if size <= BYTES_KEPT * 3 // 4 and count <= FILES_KEPT * 3 // 4:
            break
        remove(path)
        size, count = size - each, count - 1
