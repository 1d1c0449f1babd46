"""What an op is: a card on which every fact about an operation is written once.

Floor 1: the abstract card. The families (elementwise, reduction, view, library) are on floor 2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from ..settings import config
from . import syntax
from .convert import as_nodes
from .errors import GradientUndefinedError
from .node import Node
from .types import TensorType

CHANGED = config._values  # what was set, by name: to look here costs every node 20 ns, a question to the object ten times that
ATOM = 100  # how tightly a typeset expression holds together; see `Op.binding`


class Op:
    """An operation on nodes. A subclass is a card; an instance is a value: equal if class and parameters are equal.

    Slots of a card, in order: docstring, `latex` (with `binding`, `infix`, `python`, `glyph`), `dtype` or `type`, declared facts,
    `sample` and `same_as` (read by the tests), `formula` or `numpy`, `partials` or `vjp`.
    """

    latex: ClassVar[str] = ""
    """Template with {x}, {y}, {z} (or {x0}, {x1} …) for the inputs; empty: the name with arguments in parentheses."""
    binding: ClassVar[int] = ATOM
    """How tightly the typeset form holds together: 1 comparison, 10 sum, 20 product, 30 power, 100 a function call."""
    infix: ClassVar[str] = ""
    """The Python operator between two operands, if there is one: "+"."""
    python: str = ""
    """How the reader would write it in Python, a template as in `latex`: "{x}.shape"; empty: the infix, or the name with arguments."""
    glyph: ClassVar[str] = ""
    """What a mathematician writes in a circle: "×"; empty: the infix or the name."""

    commutative: ClassVar[bool] = False
    identity: ClassVar[float | None] = None
    differentiable: ClassVar[bool] = True
    merges: ClassVar[bool] = True
    """Whether two applications to the same inputs are the same value (not so for draws, prints, asserts)."""
    numbers: ClassVar[slice] = slice(0, 0)
    """Which inputs it reads as Python numbers when it runs (lengths, positions, a condition): another machine keeps those at hand."""
    by_host: ClassVar[str] = ""
    """Why a machine beside the CPU leaves it to NumPy, where it does so."""
    of_shape: ClassVar[bool] = False
    """Whether it asks an array for its lengths only, never for its elements."""
    advice: ClassVar[str] = ""
    """What to try when the op fails on the lengths it is given."""
    sample: ClassVar[Any] = None

    # -- identity
    @property
    def name(self) -> str:
        """The name of the op: the class name in small letters and underscores."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def parameters(self) -> dict[str, Any]:
        """What this instance was made with (an axis, a pattern …)."""
        return vars(self)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        parameters = vars(self)
        return hash((type(self), *sorted(parameters.items()))) if parameters else hash(type(self))

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={value!r}" for key, value in self.parameters.items() if value is not None)
        return f"{self.name}{{{inside}}}" if inside else self.name

    def __repr__(self) -> str:
        return str(self)

    # -- application
    def __call__(self, *arguments: Any, name: str | None = None) -> Node:
        """Apply the op to nodes, numbers or arrays and return the new node.

        Raises:
            TensorlabError: the arguments do not fit (dtype, rank or known lengths).
        """
        inputs = self.convert(arguments)
        node = Node(self.type(*inputs), name, op=self, inputs=inputs)
        if "compute_test_value" in CHANGED and "compute_test_value" in syntax.table:  # not yet while the package is being imported
            syntax.apply("compute_test_value", node)
        return node

    def convert(self, arguments: Sequence[Any]) -> list[Node]:
        """Turn arguments into nodes; Python numbers take their dtype from the arguments beside them."""
        return as_nodes(arguments)

    def rebuild(self, node: Node, inputs: Sequence[Node]) -> Node:
        """Apply this op to other inputs in place of `node`, keeping its name, tag and place."""
        new = Node(self.type(*inputs), node.name, op=self, inputs=inputs, place=node.place)
        new._tag = node._tag
        return new

    def type(self, *inputs: Node) -> TensorType:
        """Return the type of the result."""
        raise NotImplementedError(f"the card of {type(self).__name__} has no type()")

    def numbers_among(self, count: int) -> frozenset[int]:
        """Return which of `count` inputs it reads as Python numbers."""
        return frozenset(range(count)[self.numbers])

    # -- value and derivative
    def numpy(self, xp: Any, *values: Any) -> Any:
        """Compute the result on arrays of any NumPy-like library `xp`."""
        raise NotImplementedError(f"the card of {type(self).__name__} has neither formula nor numpy")

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | float | None]:
        """Return, per input, the cotangent that `g` (the one of the output) sends back.

        0 stands for a cotangent that is zero everywhere, None for an input that the output does not depend on
        as a number (a shape, an index).
        """
        if not self.differentiable:
            return [0] * len(inputs)
        raise GradientUndefinedError(
            f"the gradient through {self.name}",
            f"{self.name} has no derivative rule (made at {out.place})",
            "T.disconnected_grad(…) around it, if no gradient should flow through",
        )
