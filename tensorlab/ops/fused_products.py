"""A matrix product that is added to an array: what BLAS calls gemm and gemv. Nobody writes it; a rewrite puts it in place of a sum.

Floor 2. Read `products.py` first; who builds it is in `rewrite/rules/accumulating.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.convert import as_nodes
from ..graph.errors import DtypeError, LazyText, RankError, ShapeError
from ..graph.node import Node
from ..graph.promotion import promote
from ..graph.types import Length, TensorType
from .choices import cast
from .families import Case, Library, describe
from .products import meeting, product, transposes_that_fit

BLAS_DTYPES = ("float32", "float64")
"""What the library's routines compute in."""


class Gemm(Library):
    """An array z and a matrix product, scaled and added: b z + a x y. The numbers a and b have no axes, z has the shape of x y exactly.

    The product is that of a matrix with a matrix, a matrix with a vector, or a vector with a matrix. A back end copies b z into the
    memory of the result and lets the library routine add to it, so that neither the product nor its multiple is ever stored.

    >>> from tensorlab.ops.fused_products import gemm
    >>> gemm(T.constant([10.0, 20.0]), 2.0, [[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0], 1.0).eval()
    array([16., 34.])
    """

    latex, binding, glyph = "{x4} {x0} + {x1} {x2} {x3}", 10, "gemm"
    python = "{x4} * {x0} + {x1} * T.dot({x2}, {x3})"
    sample = (
        Case((3, 4), (), (3, 2), (2, 4), ()),
        Case((3,), (), (3, 2), (2,), ()),
        Case((4,), (), (2,), (2, 4), ()),
        Case((3, 4), (), (3, 0), (0, 4), ()),
    )

    def same_as(self, z: Any, a: Any, x: Any, y: Any, b: Any) -> Any:
        return b * z + a * product.same_as(x, y)

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        nodes = as_nodes(arguments)
        dtype = promote(*[node.type.dtype for node in nodes])
        return [cast(node, dtype) for node in nodes]

    def type(self, z: Node, a: Node, x: Node, y: Node, b: Node) -> TensorType:
        asked = LazyText(lambda: f"gemm({z.label}, {a.label}, {x.label}, {y.label}, {b.label})")
        if z.type.dtype not in BLAS_DTYPES:
            raise DtypeError(asked, describe(z), f"{z.label} + {a.label} * T.dot({x.label}, {y.label}) for other dtypes than floats")
        for number in (a, b):
            if number.type.ndim:
                raise RankError(asked, f"{describe(number)}; a factor is one number", f"{number.label} * … before the product")
        term = product.type(x, y)
        if term.ndim == 0 or z.type.ndim != term.ndim:
            found = f"{describe(z)}; the product is {term.dtype} {term.pattern}"
            raise RankError(asked, found, f"{z.label} + {a.label} * T.dot({x.label}, {y.label}), where operands stretch")
        if z.type.broadcastable != term.broadcastable or z.type.contradicts(term):
            found = f"{describe(z)}; the product is {term.dtype} {term.pattern}"
            raise ShapeError(asked, found, f"{z.label} + {a.label} * T.dot({x.label}, {y.label}), where operands stretch")
        lengths: list[Length] = [one if one is not None else other for one, other in zip(z.type.shape, term.shape)]
        return TensorType(z.type.dtype, lengths)

    def numpy(self, xp: Any, z: Any, a: Any, x: Any, y: Any, b: Any) -> Any:
        if x.shape[-1] != y.shape[0]:
            found = meeting(x.ndim, y.ndim, x.shape[-1], y.shape[0])
            raise ShapeError("T.dot({x2}, {x3})", found, transposes_that_fit(x.shape, y.shape, "{x2}", "{x3}"))
        term = xp.dot(x, y)
        if term.shape != z.shape:
            found = f"{{x0}} has shape {z.shape}, T.dot({{x2}}, {{x3}}) has shape {term.shape}"
            raise ShapeError("{x0} + T.dot({x2}, {x3})", found, "operands of one shape; a length of 1 stretches only if the type says so")
        return b * z + a * term

    def vjp(self, g: Node, out: Node, z: Node, a: Node, x: Node, y: Node, b: Node) -> Sequence[Any]:
        return [b * g, (g * product(x, y)).sum(), *product.vjp(a * g, out, x, y), (g * z).sum()]


gemm = Gemm()
