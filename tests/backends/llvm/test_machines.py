"""Where there can be no native code: one clear notice, and the reference serves. Where there is: its texts can be read."""

from __future__ import annotations

import functools
import inspect
import subprocess
import sys
import warnings

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends import llvm
from tensorlab.backends.llvm import layout
from tensorlab.compiler import machines

PROGRAM = """
import sys, warnings

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ImportError(f"{{name}} is not here")

sys.meta_path.insert(0, Without())
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    import numpy as np
    import tensorlab as tl, tensorlab.tensor as T
    x = T.matrix("x")
    w = tl.shared(np.ones((3, 3)), "w")
    functions = [tl.function([x], [T.dot(x, w), T.exp(x)], updates=[(w, w + 1)]) for _ in range(3)]
    for function in functions:
        product, other = function(np.ones((2, 3)))
        print(product[0, 0], round(float(other[0, 0]), 3), function._doors is not None)
    for name in ("loops", "llvm", "asm"):
        try:
            text = functions[0].source(name)
        except ValueError as problem:
            print(type(problem).__name__)
    print(functions[0].source().startswith("def program"))
for each in told:
    print(f"{{each.category.__name__}}: {{each.message}} [{{each.filename.rpartition('/')[2]}}]")
"""


def without(*missing):
    """The lines that a program prints in a process where some packages cannot be imported."""
    run = subprocess.run([sys.executable, "-c", PROGRAM.format(missing=set(missing))], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_without_llvmlite():
    lines = without("llvmlite")
    assert lines[:3] == ["3.0 2.718 False", "6.0 2.718 False", "9.0 2.718 False"]
    assert lines[3:7] == ["ValueError"] * 3 + ["True"]
    (notice,) = lines[7:]
    assert notice.startswith("UserWarning: functions run on NumPy, without native code: llvmlite cannot be imported")
    assert "pip install llvmlite" in notice and notice.endswith("[<string>]"), "it points at the reader's line"


def test_without_scipy():
    """Small products need no library, and large ones are NumPy's."""
    assert without("scipy") == ["3.0 2.718 True", "6.0 2.718 True", "9.0 2.718 True", "True"]


@pytest.fixture
def elsewhere(monkeypatch):
    """Another interpreter: what is known of this one is forgotten before and after."""

    def forget():
        llvm.unavailable.cache_clear()
        layout.unfit.cache_clear()
        machines.told.clear()

    forget()
    yield monkeypatch
    monkeypatch.undo()
    forget()


def compiled_and_told():
    x = T.vector("x")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        functions = [tl.function([x], [x * 2, x.sum()]) for _ in range(2)]
        assert all((function([1.0, 2.0])[0] == [2, 4]).all() and function._doors is None for function in functions)
        assert tl.function([x], x * 2, mode="FAST_COMPILE")([1.0]) == 2
    return [str(each.message) for each in told]


ELSEWHERE = {
    "free-threaded": (sys, "_is_gil_enabled", lambda: False, "free-threaded"),
    "another Python": (sys, "implementation", type("Other", (), {"name": "pypy", "cache_tag": "pypy"}), "this is pypy, not CPython"),
    "the highest byte first": (sys, "byteorder", "big", "lowest byte first"),
    "another layout of arrays": (layout, "FLAGS", layout.DESCRIPTION, "objects lie otherwise"),
    "another layout of lists": (layout, "ITEMS", layout.SIZE, "objects lie otherwise"),
    "other counts": (layout, "count_of_one_holder", lambda: 2, "objects lie otherwise"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_interpreters_that_native_code_does_not_know(name, elsewhere):
    holder, attribute, value, why = ELSEWHERE[name]
    elsewhere.setattr(holder, attribute, value, raising=False)
    (notice,) = compiled_and_told()
    assert notice.startswith("functions run on NumPy, without native code: ") and why in notice


def test_a_processor_that_llvm_does_not_know(elsewhere):
    from tensorlab.backends.llvm import machine

    def refuse():
        raise RuntimeError("unable to get target for 'abacus-unknown'")

    elsewhere.setattr(machine, "processor", refuse)
    (notice,) = compiled_and_told()
    assert "LLVM does not know this processor (unable to get target for 'abacus-unknown')" in notice


def test_this_interpreter_is_known():
    assert layout.unfit() == "" and llvm.unavailable() == ""


# -- modes and texts


def test_fast_compile_runs_the_reference():
    x = T.vector("x")
    function = tl.function([x], T.exp(x), mode="FAST_COMPILE")
    assert not function.native and function._doors is None and "exp(" in function.source()
    assert "native" not in function.source()
    with tl.config.change_flags(mode="FAST_COMPILE"):
        assert tl.function([x], T.exp(x))._doors is None
    assert tl.function([x], T.exp(x), mode="FAST_RUN")._doors is not None


def test_sources():
    x, w = T.matrix("x"), tl.shared(np.ones((4, 2)), "w")
    cost = T.nnet.sigmoid(T.dot(x, w)).sum()
    function = tl.function([x], cost, updates=[(w, w - T.grad(cost, w))], name="train")
    loops, text, assembly, python = (function.source(machine) for machine in ("loops", "llvm", "asm", "numpy"))
    assert "for i in range(n0*n3):" in loops or "for i in range(n" in loops
    assert "b0: float64[n0, n1]  # x" in loops and "@" in loops and loops.endswith("\n")
    assert 'define ptr @"tl_program"' in text and "tl_gemm_f64" in text and function.source("llvm") == text
    assert "tl_program" in assembly and "ret" in assembly
    assert python.startswith("def program(") and "dot" in python
    assert hex(id(w.cell))[2:] not in text and str(id(w.cell)) not in text, "the code holds no address of this process"
    for wrong in ("cuda", "", "LLVM", None):
        with pytest.raises(ValueError, match="there are 'numpy', 'loops', 'llvm' and 'asm'"):
            function.source(wrong)
    builtin = function._doors.open
    assert function.name == builtin.__name__ == "train" and builtin.__text_signature__ == "($module, /, *arguments, **named)"


def test_a_native_function_shows_what_any_function_shows():
    x = T.vector("x")
    native, python = (tl.function([x], x * 2, name="twice", mode=mode) for mode in ("FAST_RUN", "FAST_COMPILE"))
    assert native._doors is not None and repr(native) == repr(python) == "<Function twice(x) -> [x * 2]>"
    assert native.__doc__ == python.__doc__ and "Call it with" in native.__doc__
    assert str(inspect.signature(native)) == str(inspect.signature(python)).replace("self, ", "")
    assert isinstance(native, type(python)) and type(native).__name__ == "Function" and type(native).__module__ == type(python).__module__
    assert list(map(native, [[1.0], [2.0]])) == [2, 4] and functools.partial(native, [1.0])() == 2


def test_stages_can_be_read():
    x = T.vector("x")
    function = tl.function([x], T.exp(x) * 1)
    assert "exp" in str(function.stages.program) and function.stages.rewritten.size < function.stages.written.size


def test_names_that_are_no_identifiers():
    x = T.vector("x")
    for name in ("my function", "", "größe", "class", "a\0b", None):
        function = tl.function([x], x * 2, name=name)
        assert (function([1.0, 2.0]) == [2, 4]).all() and function.name == name
