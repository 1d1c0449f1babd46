"""Parts of LLVM's library are given back after it has worked: the right ones, and everything works on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tensorlab.backends.llvm.pages import unchanged

SMAPS = b"""\
1000-2000 r--p 00000000 fe:00 7    /lib/libllvmlite.so
Rss:                   4 kB
Anonymous:             0 kB
2000-5000 r-xp 00001000 fe:00 7    /lib/libllvmlite.so
Anonymous:             0 kB
5000-6000 r--p 00004000 fe:00 7    /lib/libllvmlite.so
Anonymous:             4 kB
6000-7000 rw-p 00005000 fe:00 7    /lib/libllvmlite.so
Anonymous:             0 kB
7000-8000 r--s 00000000 fe:00 7    /lib/libllvmlite.so
Anonymous:             0 kB
8000-9000 r-xp 00000000 fe:00 8    /lib/libother.so
Anonymous:             0 kB
9000-a000 rw-p 00000000 00:00 0
Anonymous:             0 kB
"""

PROGRAM = """
def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])

import llvmlite.binding
import tensorlab as tl, tensorlab.tensor as T
from tensorlab.backends.llvm import machine, pages
tl.config.cache_directory = "off"
before = held()
machine.initialize()
pages.forget_library()
after = held()
x = T.vector()
assert tl.function([x], x * 2)([1.0, 3.0]).tolist() == [2.0, 6.0]
pages.last[0] -= pages.PAUSE
pages.give_back()
assert tl.function([x], x * 3)([1.0, 3.0]).tolist() == [3.0, 9.0]
print(before, after)
"""


def test_what_may_be_written_or_was_written_stays():
    assert unchanged(SMAPS.splitlines()) == [(0x1000, 0x2000), (0x2000, 0x5000)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which pages of a library are in memory")
def test_less_is_held_afterwards_and_programs_are_compiled():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    assert after < before
