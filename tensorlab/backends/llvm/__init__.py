"""Native code for the CPU through LLVM: the default back end. Words become instructions, programs become functions of CPython.

Read `machine.py`, `words/`, `kernels.py`, `program.py` and `backend.py`, in this order. Nothing is imported here, so that
`import tensorlab` does not wait for LLVM.
"""

from __future__ import annotations

import functools  # not its `cache`: that name belongs to the module


@functools.cache
def unavailable() -> str:
    """Return why there can be no native code here; empty if there can."""
    try:
        import llvmlite.binding
    except ImportError as problem:
        return f"llvmlite cannot be imported ({problem}); pip install llvmlite"
    from .layout import unfit

    found = unfit()
    if found:
        return found
    try:
        from .machine import processor

        processor()
        from .runtime import load
    except Exception as problem:  # whatever LLVM says of a processor that it does not know
        return f"LLVM does not know this processor ({problem})"
    assert llvmlite.binding and load
    return ""
