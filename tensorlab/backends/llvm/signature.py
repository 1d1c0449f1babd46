"""What decides the code of a program, as a text: two programs with the same signature share their object code.

Floor 4. Read `schedule/kernels.py` before. Writing a program for LLVM takes longer than everything else when its code is on disk already,
so the code is looked up by this text first. Names and places of nodes have no part in it; dtypes, lengths, ops with their parameters, the
order of everything, and the numbers that stand in the code do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...graph.node import Constant, Node
from ...graph.op import Op
from ...schedule.arrays import Place
from ...schedule.kernels import Access, Indexed, Kernel, Line, Position, Schedule, Take
from ...schedule.sizes import Size
from .interface import Interface


class Signature:
    """Writes the signature of one program.

    Attributes:
        nodes: every node that is spoken of, by its number.
        own: whether all ops come with this package; the formula of another one may change while it keeps its name.
    """

    def __init__(self, schedule: Schedule, interface: Interface) -> None:
        self.schedule = schedule
        self.nodes: dict[Node, int] = {}
        self.ops: dict[int, str] = {}
        self.own = True
        parts = [
            repr(interface),
            *(f"leaf {self.node(leaf)}" for leaf in schedule.leaves),
            f"results {self.many(schedule.results)}",
            *(f"n{each.number} {each.kind} {self.origin(each.origin)} {each.bound}" for each in schedule.sizes.quantities),
            f"equal {[(str(one), str(other)) for one, other in schedule.sizes.equal]}",
            f"checked {self.all(schedule.checked)}",
            *(self.kernel(step) if isinstance(step, Kernel) else repr([self.node(each) if isinstance(each, Node) else each for each in
              (step.node, step.left, step.right, step.factor, step.start, step.kept)]) for step in schedule.steps),
        ]  # fmt: skip
        spoken_of = [(node, number) for node, number in self.nodes.items() if node in schedule.places]
        parts += [f"place {number} {self.place(schedule.places[node])}" for node, number in spoken_of]
        self.text = "\n".join(parts)

    def node(self, node: Node) -> str:
        """Return a node's number, dtype and pattern; what a constant or a scalar made of scalars is, when it is met first."""
        if node in self.nodes:
            return str(self.nodes[node])
        number = self.nodes[node] = len(self.nodes)
        base = self.schedule.places[node].base if node in self.schedule.places else node
        if base is not node:
            self.node(base)
        known = f"={self.schedule.literals[node].value!r}" if node in self.schedule.literals else ""
        return f"{number}:{node.type.dtype}{node.type.shape}{known}"

    def scalar(self, node: Node) -> str:
        """Return a whole scalar that sizes are made of, written out."""
        if node in self.schedule.leaves:
            return self.node(node)
        if isinstance(node, Constant):
            return f"{node.value.item()!r}:{node.type.dtype}"
        if node.type.ndim:
            return self.node(node)  # the array whose length is asked for
        assert node.op is not None
        return f"{self.op(node.op)}({', '.join(map(self.scalar, node.inputs))})"

    def op(self, op: Op) -> str:
        """Return an op with its parameters."""
        if id(op) not in self.ops:
            self.own = self.own and type(op).__module__.startswith("tensorlab.")
            self.ops[id(op)] = f"{type(op).__module__}.{type(op).__qualname__}{sorted(vars(op).items())}"
        return self.ops[id(op)]

    def many(self, nodes: Sequence[Node]) -> list[str]:
        """Return several nodes."""
        return list(map(self.node, nodes))

    def all(self, sizes: Sequence[Size]) -> list[str]:
        """Return several sizes."""
        return list(map(str, sizes))

    def origin(self, origin: Sequence[Any]) -> list[str]:
        """Return what a quantity is made of."""
        return [str(each) if not isinstance(each, Node) else self.node(each) if each.type.ndim else self.scalar(each) for each in origin]

    def place(self, place: Place) -> str:
        """Return where an array lies."""
        return f"{self.nodes.get(place.base)} {self.all(place.lengths)} {self.all(place.strides)} {self.all(place.offset)}"

    def access(self, access: Access) -> str:
        """Return how a kernel walks over an array."""
        return f"{self.node(access.node)} {self.all(access.strides)} {None if access.offset is None else self.all(access.offset)}"

    def where(self, where: Indexed | None) -> str:
        """Return computed positions."""
        return "" if where is None else f"{self.all(where.lengths)} {self.all(where.strides)} {where.positions}"

    def line(self, line: Line | Position | Take) -> str:
        """Return a line of a kernel."""
        if isinstance(line, Line):
            assert line.op is not None
            return f"{self.op(line.op)} {line.operands} {line.dtypes} {line.dtype}"
        return repr(line) if isinstance(line, Position) else f"take {line.read} {self.where(line.where)} {line.dtype}"

    def kernel(self, kernel: Kernel) -> str:
        """Return a kernel."""
        return "\n".join([
            f"kernel {self.all(kernel.axes)} {self.all(kernel.sizes)}",
            *map(self.access, kernel.reads),
            *map(self.line, kernel.lines),
            *(f"{each.value} {each.dtype} {self.access(each.access)} {self.where(each.where)} {each.adds}" for each in kernel.stores),
            *(f"{each.combine} {each.value} {each.value_dtype} {each.dtype} {sorted(each.axes)} {self.access(each.access)}"
              for each in kernel.folds),
        ])  # fmt: skip
