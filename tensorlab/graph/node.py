"""Nodes: what an expression is made of. A symbol, a constant, or an op applied to other nodes.

Floor 1. A node never changes after it is made; only its `name` and its `tag` (a place for the reader's own notes) can be set.
Identity is equality: two nodes that say the same are still two nodes until the compiler interns them.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from . import syntax
from .copying import deep_copy, reduced, restore
from .errors import ConversionError
from .place import Place, here
from .syntax import Syntax
from .types import TensorType, type_of
from .wording import short_text

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
        op: the op that makes it, None for a symbol, a constant or a shared variable.
        inputs: the nodes that the op is applied to.
        place: where in the reader's code it was made.
        tag: anything the reader wants to keep with it (`x.tag.test_value = 3`).
    """

    __slots__ = ("__weakref__", "_evaluators", "_name", "_tag", "inputs", "op", "place", "type")

    type: TensorType
    op: Op | None
    inputs: tuple[Node, ...]
    _later: ClassVar[tuple[str, ...]] = ("_tag",)
    """What may refer back to the node itself: pickled and copied after it."""

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
        self.inputs = inputs = tuple(inputs)
        if name is None:
            self._name: str | None = None
        else:
            self.name = name
        self.place = place = place if place is not None else here()
        if place is not None:
            for each in inputs:
                if each.place is place:  # made by the same call: a step on the way, not what the variable stands for
                    each.place = place.on_the_way
        self._tag: SimpleNamespace | None = None
        self._evaluators: dict[Any, Any] | None = None

    @property
    def name(self) -> str | None:
        """What the reader called it, or None. Setting it raises ConversionError for anything that is no text."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            found = f"a name of type {builtins.type(name).__name__}; a name is a text"
            raise ConversionError(f"the name {name!r} for {self.label}", found, f"name={str(name)!r}; tl.shared({name!r}) has a value")
        self._name = name

    # `==` between nodes is identity, also beside NumPy's values, so that nodes can be found in lists and dicts; T.eq compares
    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

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
        """What people call this node: its name, the variable it was assigned to, or how it is made, in a few words: `x > 0`."""
        return self.known_name or (str(self) if self.op is None else short_text(self))

    @property
    def literal(self) -> str:
        """The node as it stands in the text of an expression."""
        return str(self)

    @property
    def known_name(self) -> str | None:
        """The node's name, or the variable it was assigned to where it was made; None if it has neither."""
        return self.name or (self.place.name if self.place is not None else None)

    def __str__(self) -> str:
        if self.name:
            return self.name
        return f"<{self.type}>" if self.op is None else f"{self.op}.0"

    __repr__ = __str__

    # -- copies, see `copying.py`
    def __copy__(self) -> Node:
        make, arguments = self._record()
        twin = make(*arguments)
        twin._tag = self._tag
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        return deep_copy(self, memo)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return reduced(self)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        restore(self, state)

    def _record(self) -> tuple[Callable[..., Node], tuple[Any, ...]]:
        """A function and arguments that remake this node when its inputs exist."""
        return expression, (self.op, self.type, self.name, self.place, *self.inputs)

    def _twin(self, inputs: Sequence[Node]) -> Node:
        """The same node on other inputs, without what `_later` names."""
        return expression(self.op, self.type, self.name, self.place, *inputs)


def expression(op: Op | None, type: TensorType, name: str | None, place: Place | None, *inputs: Node) -> Node:
    """Remake a node as it was recorded: nothing is checked again, and the place is taken as it is."""
    node = Node.__new__(Node)
    node.type, node.op, node.inputs, node._name, node.place = type, op, inputs, name, place
    node._tag = node._evaluators = None
    return node


class Symbol(Node):
    """A named input without a value.

    >>> from tensorlab import tensor as T
    >>> T.scalar(), T.matrix("ha ha ha")
    (<TensorType(float64, scalar)>, ha ha ha)
    """

    __slots__ = ()

    def _record(self) -> tuple[Callable[..., Node], tuple[Any, ...]]:
        return recorded, (type(self), self.type, self.name, self.place)

    def _twin(self, inputs: Sequence[Node]) -> Node:
        return recorded(type(self), self.type, self.name, self.place)


def recorded(kind: type[Node], type: TensorType, name: str | None, place: Place | None) -> Node:
    """Remake a symbol as it was recorded."""
    symbol = kind(type, name, place=place)
    symbol.place = place
    return symbol


class Constant(Node):
    """A number or an array that is part of the graph. `value` is a read-only array (shape and dtype as in `type`)."""

    __slots__ = ("value",)
    value: np.ndarray[Any, Any]

    def __init__(self, value: Any, name: str | None = None, *, dtype: str | None = None, place: Place | None = None) -> None:
        array = np.array(value, dtype)  # a copy that nobody else can change
        array.flags.writeable = False
        self.value = array
        super().__init__(type_of(array.dtype, array.shape), name, place=place)

    @property
    def signature(self) -> tuple[str, tuple[int, ...], bytes]:
        """What makes two constants the same: dtype, shape and bytes, so that 0.0, -0.0 and False stay apart."""
        return self.type.dtype, self.value.shape, self.value.tobytes()

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

    @property
    def literal(self) -> str:
        """The number or array as it stands in the text of an expression."""
        if self.value.size > 1 or not self.value.size:
            return " ".join(str(self.value).split())
        number = self.value.item()
        return f"{number:.0f}" if isinstance(number, float) and number.is_integer() and abs(number) < 1e15 else str(number)

    def _record(self) -> tuple[Callable[..., Node], tuple[Any, ...]]:
        value = self.value.item() if self.value.ndim == 0 else self.value  # a number takes a tenth of an array's bytes
        return constant_of, (self.type, value, self.name, self.place)

    def _twin(self, inputs: Sequence[Node]) -> Node:
        return constant_of(self.type, self.value, self.name, self.place)


def constant_of(type: TensorType, value: Any, name: str | None, place: Place | None) -> Constant:
    """Remake a constant as it was recorded."""
    node = Constant(np.asarray(value, type.dtype), name, place=place)
    node.place = place
    return node


def make_symbol(type: TensorType, name: str | None = None) -> Symbol:
    """Return a symbol of a type."""
    return Symbol(type, name)


syntax.define(symbol=make_symbol)
