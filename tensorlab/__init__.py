"""tensorlab: write symbols, let the machine derive gradients, compile to fast code, and see every step in a notebook.

>>> import tensorlab as tl
>>> import tensorlab.tensor as T
>>> x = T.scalar("x")
>>> f = tl.function([x], T.grad(x ** 2, x))
>>> f(-2)
array(-4.)
"""

import importlib as _importlib
import typing as _typing

from . import gradient, tensor
from .compiler.checks import Out
from .compiler.function import Function, function
from .compiler.inputs import In, Param
from .compiler.modes import Mode
from .compiler.replacing import clone
from .gradient import Lop, Rop, disconnected_grad, grad, hessian, jacobian, verify_grad
from .graph.errors import TensorlabError
from .graph.node import Constant, Node, Symbol
from .graph.node import Node as Variable
from .graph.types import TensorType
from .ops.branching import ifelse
from .ops.breakpoints import breakpoint
from .settings import config
from .state import SharedVariable, shared
from .tensor import dot

__version__ = "0.1.0"
__all__ = [
    "Constant",
    "DebugMode",
    "Function",
    "In",
    "Lop",
    "Mode",
    "MonitorMode",
    "NanGuardMode",
    "Node",
    "Out",
    "Param",
    "Rop",
    "SharedVariable",
    "Symbol",
    "TensorType",
    "TensorlabError",
    "Variable",
    "breakpoint",
    "clone",
    "config",
    "datasets",
    "debug",
    "debugprint",
    "disconnected_grad",
    "dot",
    "exercises",
    "function",
    "grad",
    "gradient",
    "hessian",
    "ifelse",
    "jacobian",
    "optimizers",
    "pp",
    "printing",
    "profile",
    "progress",
    "shared",
    "tensor",
    "verify_grad",
    "view",
    "widgets",
]

if _typing.TYPE_CHECKING:
    from . import datasets, debug, exercises, optimizers, printing, view
    from .debug import DebugMode, MonitorMode, NanGuardMode
    from .notebook.profiled import profile
    from .profiling.progress import progress
    from .view.text import pp
    from .view.tree import debugprint

# What looks at graphs is imported when it is first asked for, so that a program that only computes does not pay for it.
_LATER = {
    "datasets": ("datasets", ""), "exercises": ("exercises", ""), "optimizers": ("optimizers", ""), "printing": ("printing", ""),
    "DebugMode": ("debug", "DebugMode"), "MonitorMode": ("debug", "MonitorMode"), "NanGuardMode": ("debug", "NanGuardMode"),
    "debug": ("debug", ""),
    "view": ("view", ""), "widgets": ("widgets", ""),
    "debugprint": ("view.tree", "debugprint"), "pp": ("view.text", "pp"),
    "profile": ("notebook.profiled", "profile"), "progress": ("profiling.progress", "progress"),
}  # fmt: skip


def __getattr__(name: str) -> _typing.Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, inside = _LATER[name]
    found: _typing.Any = _importlib.import_module(f"{__name__}.{module}")
    globals()[name] = found = getattr(found, inside) if inside else found
    return found


def __dir__() -> list[str]:
    """Return what a reader wants to see behind `tl.` and a tab; the rooms of the package are there all the same."""
    return sorted([*__all__, "__doc__", "__file__", "__name__", "__path__", "__version__"])


def load_ipython_extension(shell: _typing.Any) -> None:
    """Let a notebook show formulas, pictures and short errors, and know `%grad` and `%%graph`: what `%load_ext tensorlab` calls."""
    from .notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: _typing.Any) -> None:
    """Undo all that `load_ipython_extension` did."""
    from .notebook.extension import unload

    unload(shell)
