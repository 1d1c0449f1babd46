"""Reading a part of an array, `x[…]`, with whole numbers and slices.

Floor 2. Read `index_templates.py` first. Index arrays and masks are in `advanced_indexing.py`; replacing a part is in `assigning.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import syntax
from ..graph.convert import as_node
from ..graph.node import Node
from ..graph.types import TensorType
from .advanced_indexing import AdvancedIndex
from .choices import zeros_like
from .families import Case, View
from .index_cards import Indexing
from .index_reading import read_index
from .index_templates import ARRAY, POINT, WHOLE, Cut, asking, filled, selected_shape
from .shapes import AxisLength, DimShuffle, Shape


class Subtensor(Indexing, View):
    """A part of an array: a number takes one position and its axis disappears, a slice keeps some, None makes a new axis.

    The first input is the array; the others are the symbolic numbers of the template, in order.

    >>> x = T.constant([[1, 2, 3], [4, 5, 6]])
    >>> x[1].eval(), x[:, ::-1].eval()
    (array([4, 5, 6]), array([[3, 2, 1],
           [6, 5, 4]]))
    """

    advice = "positions from 0 to the length minus 1, or -1 for the last one"
    sample = (
        Case((3,), template=(1,)),
        Case((3, 4), template=(-1, Cut(1, None, 2))),
        Case((3, 4), 2, 3, template=(POINT, Cut(None, POINT))),
        Case((2, 3, 4), template=(WHOLE, 0, None, Cut(None, None, -1))),
        Case((2, 5), -4, -1, 2, template=(WHOLE, Cut(POINT, POINT, POINT))),
        Case((4,), template=(Cut(3, 1),)),
    )

    def type(self, x: Node, *bounds: Node) -> TensorType:
        return x.type.with_shape(selected_shape(self.template, x.type.shape, (), asking(self.template, x, bounds)))

    def numpy(self, xp: Any, x: Any, *bounds: Any) -> Any:
        return x[filled(self.template, bounds)]

    def vjp(self, g: Node, out: Node, x: Node, *bounds: Node) -> Sequence[Any]:
        return [syntax.apply("inc_subtensor", self(zeros_like(x, g.type.dtype), *bounds), g), *[None] * len(bounds)]


def getitem(x: Any, index: Any) -> Node:
    """Return `x[index]`, by NumPy's rules: whole numbers, slices, None, Ellipsis, index arrays, masks, and symbols for these.

    A symbolic mask of bools selects where it is true. A length that cannot be known before the function runs is unknown to
    the type, and so does not stretch.

    Raises:
        IndexingError: too many indices, a position that is known not to exist, a bool, or something that is no index.
        DtypeError: a floating index.

    >>> x, i = T.vector("x"), T.iscalar("i")
    >>> x[i:].eval({x: [1.0, 2.0, 3.0], i: 1})
    array([2., 3.])
    >>> x[x > 1.5].eval({x: [1.0, 2.0, 3.0]})
    array([2., 3.])
    """
    node = as_node(x)
    template, inputs = read_index(node, index)
    if ARRAY in template:
        return AdvancedIndex(template)(node, *inputs)
    if None in template and all(entry in (None, WHOLE) for entry in template):
        axes = iter(range(node.type.ndim))
        return DimShuffle(tuple("x" if entry is None else next(axes) for entry in template))(node)
    if isinstance(node.op, Shape) and not inputs and isinstance(template[0], int):
        counted = node.inputs[0].type.ndim
        if -counted <= template[0] < counted:
            return AxisLength(template[0] % counted)(node.inputs[0])  # x.shape[0], for which no vector is needed
    return Subtensor(template)(node, *inputs)


syntax.define(getitem=getitem)
