"""Builtins made by the JIT live and die as CPython expects."""

from __future__ import annotations

import ctypes
import gc
import sys

import pytest

import tensorlab as tl
import tensorlab.tensor as T

BEHIND_THE_HEAD = 2 * ctypes.sizeof(ctypes.c_void_p)  # where a PyCFunctionObject keeps the address of its definition


@pytest.mark.skipif(hasattr(sys, "gettotalrefcount"), reason="a debug build of CPython lays out objects in another way")
def test_the_definition_of_a_builtin_lies_in_its_table():
    """CPython reads it while it frees the builtin, when the collector may have cleared whatever Python objects know of each other."""
    x = T.vector("x")
    f = tl.function([x], T.exp(x))
    if not f.native:
        pytest.skip("there is no native code on this machine")
    for builtin in (f._doors.open, f._doors.strict):
        table = builtin.__self__
        definition = ctypes.c_void_p.from_address(id(builtin) + BEHIND_THE_HEAD).value
        assert table.ctypes.data <= definition < table.ctypes.data + table.nbytes


def test_hundreds_of_functions_are_freed_at_once():
    gc.collect()
    gc.disable()
    try:
        for _ in range(150):  # two builtins each, in a circle with the function that they belong to
            x = T.scalar("x")
            f = tl.function([x], x * 2)
            f.itself = f
            assert f(2.0) == 4
        del f
    finally:
        gc.enable()
    assert gc.collect() > 0
