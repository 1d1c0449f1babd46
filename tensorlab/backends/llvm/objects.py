"""What native code knows of CPython and NumPy: where the fields of their objects lie, and which of their functions it calls.

Floor 4. The offsets are those of the 64-bit builds with a lock (not free-threaded); `layout.py` holds them against the running interpreter
before any code is used.
"""

from __future__ import annotations

from llvmlite import ir

from .blocks import I32, I64, POINTER, VOID

TYPE, SIZE, ITEMS, VALUE = 8, 16, 24, 16  # ob_type; ob_size; ob_item of a list; ob_fval of a float and obval of a NumPy scalar
DATA, RANK, LENGTHS, DESCRIPTION, FLAGS = 16, 24, 32, 56, 64  # of PyArrayObject
ORDER, KIND = 26, 28  # byteorder and type_num of PyArray_Descr
IN_ROWS, OWNED, ALIGNED, WRITEABLE = 0x1, 0x4, 0x100, 0x400  # NumPy's flags of an array

API = {
    "PyList_New": (POINTER, [I64]),
    "PyList_SetItem": (I32, [POINTER, I64, POINTER]),
    "PyLong_AsLongLongAndOverflow": (I64, [POINTER, POINTER]),
    "Py_IncRef": (VOID, [POINTER]),
    "Py_DecRef": (VOID, [POINTER]),
    "PyObject_Vectorcall": (POINTER, [POINTER, POINTER, I64, POINTER]),
    "PyMem_RawMalloc": (POINTER, [I64]),
    "PyMem_RawFree": (VOID, [POINTER]),
    "PyArray_New": (POINTER, [POINTER, I32, POINTER, I32, POINTER, POINTER, I32, I32, POINTER]),
    "memcpy": (POINTER, [POINTER, POINTER, I64]),
    "tl_parallel": (I32, [POINTER, POINTER, I64, I64]),
    "tl_poll": (I32, []),
    "clock_gettime": (I32, [I32, POINTER]),
    "QueryPerformanceCounter": (I32, [POINTER]),
}  # fmt: skip
"""Functions from outside that programs call, with their types."""
NULL = ir.Constant(POINTER, None)
