"""Nodes: what an expression is made of. A symbol, a constant, or an op applied to other nodes.

Floor 1. A node never changes after it is made; only its `name` and its `tag` (a place for the reader's own notes) can be set.
Identity is equality: two nodes that say the same are still two nodes until the compiler interns them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import syntax
from .place import Place, here
from .syntax import Syntax
from .types import TensorType

if TYPE_CHECKING:
    from .op import Op


class Application(NamedTuple):
    """What `node.owner` shows: the op, the nodes it was applied to, and the node that resulted."""

    op: Op
    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]


class Node(Syntax):
    """A value that is known only when a function runs: a symbol, a constant, a shared variable, or an expression.

    Attributes:
        type: dtype and shape (`TensorType`).
        name: what the reader called it, or None.
        op: the op that makes it, None for a symbol, a constant or a shared variable.
        inputs: the nodes that the op is applied to.
        place: where in the reader's code it was made.
        tag: anything the reader wants to keep with it (`x.tag.test_value = 3`).
    """

    __slots__ = ("__weakref__", "_evaluators", "_tag", "inputs", "name", "op", "place", "type")

    type: TensorType
    op: Op | None
    inputs: tuple[Node, ...]

    def __init__(
        self,
        type: TensorType,
        name: str | None = None,
        *,
        op: Op | None = None,
        inputs: Sequence[Node] = (),
        place: Place | None = None,
    ) -> None:
        self.type = type
        self.op = op
        self.inputs = tuple(inputs)
        self.name = name
        self.place = place if place is not None else here()
        self._tag: SimpleNamespace | None = None
        self._evaluators: dict[Any, Any] | None = None

    @property
    def owner(self) -> Application | None:
        """The op and inputs that made this node, or None for a leaf of the graph."""
        return None if self.op is None else Application(self.op, self.inputs, (self,))

    @property
    def tag(self) -> SimpleNamespace:
        """A namespace for the reader's own notes."""
        if self._tag is None:
            self._tag = SimpleNamespace()
        return self._tag

    @property
    def label(self) -> str:
        """What people call this node: its name, the variable it was assigned to, or how it is made."""
        return self.known_name or str(self)

    @property
    def known_name(self) -> str | None:
        """The node's name, or the variable it was assigned to where it was made; None if it has neither."""
        return self.name or (self.place.name if self.place is not None else None)

    def __str__(self) -> str:
        if self.name:
            return self.name
        return f"<{self.type}>" if self.op is None else f"{self.op}.0"

    __repr__ = __str__

    def __copy__(self) -> Node:
        kind, arguments = self._record()
        return kind._restore(*arguments)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return restore, (ancestors_first(self), *self._record())

    def _record(self) -> tuple[Any, ...]:
        """What remakes this node when its inputs exist: class, arguments for `_restore`."""
        return type(self), (self.type, self.name, self.op, self.inputs, self.place, self._tag)

    @classmethod
    def _restore(cls, type: TensorType, name: str | None, op: Op | None, inputs: tuple[Node, ...], place: Any, tag: Any) -> Node:
        node = cls.__new__(cls)
        Node.__init__(node, type, name, op=op, inputs=inputs, place=place)
        node.place, node._tag = place, tag
        return node


class Symbol(Node):
    """A named input without a value.

    >>> from tensorlab import tensor as T
    >>> T.scalar(), T.matrix("ha ha ha")
    (<TensorType(float64, scalar)>, ha ha ha)
    """

    __slots__ = ()


class Constant(Node):
    """A number or an array that is part of the graph. `value` is a read-only array (shape and dtype as in `type`)."""

    __slots__ = ("value",)
    value: np.ndarray[Any, Any]

    def __init__(self, value: Any, name: str | None = None, *, place: Place | None = None) -> None:
        array = np.array(value)  # a copy that nobody else can change
        array.flags.writeable = False
        self.value = array
        super().__init__(TensorType(array.dtype, array.shape), name, place=place)

    @property
    def signature(self) -> tuple[str, tuple[int, ...], bytes]:
        """What makes two constants the same: dtype, shape and bytes, so that 0.0, -0.0 and False stay apart."""
        return self.value.dtype.name, self.value.shape, self.value.tobytes()

    @property
    def data(self) -> np.ndarray[Any, Any]:
        """The value (Theano's name for it)."""
        return self.value

    def __str__(self) -> str:
        if self.name:
            return self.name
        if self.value.size > 1 and (self.value == self.value.flat[0]).all():
            return f"TensorConstant{{{self.value.shape} of {self.value.flat[0]}}}"
        text = str(self.value)
        return f"TensorConstant{{{text if len(text) <= 60 else text[:57] + '...'}}}"

    __repr__ = __str__

    def _record(self) -> tuple[Any, ...]:
        return type(self), (self.value, self.name, self.place, self._tag)

    @classmethod
    def _restore(cls, value: Any, name: str | None, place: Any, tag: Any) -> Constant:  # type: ignore[override]
        node = cls(value, name, place=place)
        node.place, node._tag = place, tag
        return node


# Pickling and deep-copying a chain of 100,000 nodes must not recurse 100,000 times. The outermost node therefore sends its
# ancestors first, leaves before what is built from them; while they are on their way every node is written shallowly, since
# whatever it is made of has already been written.


class Ancestors:
    """The nodes below one node, sent ahead of it when it is pickled or deep-copied."""

    def __init__(self, nodes: Sequence[Node] = ()) -> None:
        self.nodes = list(nodes)

    def append(self, node: Node) -> None:
        """Receive one node; the memo of the pickler keeps it, so nothing is left to do."""

    def extend(self, nodes: Sequence[Node]) -> None:
        """Receive several nodes."""

    def __reduce__(self) -> tuple[Callable[[], Ancestors], tuple[()], None, Iterator[Node]]:
        return Ancestors, (), None, self._sent()

    def _sent(self) -> Iterator[Node]:
        sending.depth = getattr(sending, "depth", 0) + 1
        try:
            yield from self.nodes
        finally:
            sending.depth -= 1


sending = threading.local()


def ancestors_first(node: Node) -> Ancestors | None:
    """Return the ancestors to send ahead of a node, or None if they are already on their way."""
    from .walk import ancestors

    if getattr(sending, "depth", 0):
        return None
    return Ancestors([each for each in ancestors([node]) if each is not node])


def restore(_sent_ahead: Ancestors | None, kind: type[Node], arguments: tuple[Any, ...]) -> Node:
    """Remake a node from what `Node._record` wrote."""
    return kind._restore(*arguments)


def make_symbol(type: TensorType, name: str | None = None) -> Symbol:
    """Return a symbol of a type."""
    return Symbol(type, name)


syntax.define(symbol=make_symbol)
