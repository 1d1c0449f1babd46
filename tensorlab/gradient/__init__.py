"""Derivatives of expressions: `tl.gradient`.

Floor 3. `reverse` is the walk that all else is made of; `costs` has `grad`, `products` the products of a Jacobian with a vector,
`matrices` whole Jacobians and Hessians, `checking` compares with differences. The ops that steer a gradient stand in `ops/control.py`.
"""

from ..graph.errors import DisconnectedInputError, GradientUndefinedError
from ..ops.control import consider_constant, disconnected_grad, grad_clip, grad_scale, undefined_grad, zero_grad
from .checking import numeric_grad, verify_grad
from .costs import grad, subgraph_grad
from .matrices import hessian, jacobian
from .products import Lop, Rop
from .results import Disconnected, DisconnectedType

__all__ = [
    "Disconnected", "DisconnectedInputError", "DisconnectedType", "GradientUndefinedError", "Lop", "Rop", "consider_constant",
    "disconnected_grad", "grad", "grad_clip", "grad_scale",
    "hessian", "jacobian", "numeric_grad", "subgraph_grad", "undefined_grad", "verify_grad", "zero_grad",
]  # fmt: skip
