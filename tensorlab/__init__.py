"""tensorlab: write symbols, let the machine derive gradients, compile to fast code, and see every step in a notebook.

>>> import tensorlab as tl
>>> import tensorlab.tensor as T
>>> x = T.scalar("x")
>>> f = tl.function([x], T.grad(x ** 2, x))
>>> f(-2)
array(-4.)
"""

from __future__ import annotations

from . import gradient, tensor
from .compiler.function import Function, Out, function
from .compiler.inputs import In
from .gradient import Lop, grad
from .graph.errors import TensorlabError
from .graph.node import Constant, Node, Symbol
from .graph.types import TensorType
from .settings import config
from .state import SharedVariable, shared
from .tensor import dot

__version__ = "0.1.0"
