"""A graph held by an op: symbols, one result, nothing else. It is a value: two of them are equal if they compute the same way.

Floor 2. Read `evaluate` before. An op that repeats a graph (`control.MapRows`) has one of these as its parameter, so that the op can be
compared, hashed and pickled like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph.copying import Stretch
from ..graph.errors import MissingInputError
from ..graph.node import Constant, Node, Symbol
from ..graph.types import TensorType
from ..graph.walk import ancestors, rebuild
from ..graph.wording import short_text
from .evaluate import kernel
from .families import noun
from .words import ArrayWords


class InnerGraph:
    """A result computed from symbols alone.

    Attributes:
        inputs: the symbols, in the order in which values are given.
        output: the result.

    Raises:
        MissingInputError: the result depends on a symbol or shared variable that is not among the inputs.

    >>> a, b = T.scalar("a"), T.scalar("b")
    >>> InnerGraph([a], a * 2) == InnerGraph([b], b * 2)
    True
    """

    def __init__(self, inputs: Sequence[Node], output: Node) -> None:
        self.inputs, self.output = tuple(inputs), output
        self._order = ancestors([output])
        self._signature: tuple[Any, ...] | None = None
        self._fitted: dict[tuple[str, ...], InnerGraph] = {}
        self._runners: dict[Any, Callable[..., Any]] = {}
        for node in self._order:
            if node.op is None and node not in self.inputs and not isinstance(node, Constant):
                found = f"it depends on {noun(node)}, which is not among its inputs"
                raise MissingInputError("an inner graph", found, f"InnerGraph([…, {node.label}], output)")

    @property
    def signature(self) -> tuple[Any, ...]:
        """What makes two inner graphs the same: types, ops, constants, and which node reads which, but no names."""
        if self._signature is None:
            number = {node: position for position, node in enumerate(self.inputs)}
            lines: list[Any] = [node.type for node in self.inputs]
            for node in self._order:
                if node not in number:
                    reads = [number[each] for each in node.inputs]
                    lines.append(node.signature if isinstance(node, Constant) else (node.op, node.type, *reads))
                    number[node] = len(number)
            self._signature = (len(self.inputs), *lines, number[self.output])
        return self._signature

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, InnerGraph) and self.signature == other.signature)

    def __hash__(self) -> int:
        return hash(self.signature)

    def __repr__(self) -> str:
        return short_text(self.output)

    def __reduce__(self) -> tuple[Any, ...]:
        return loaded, (Stretch(shallow=False).enclose(self.inputs, self.output),)

    def __deepcopy__(self, memo: dict[int, Any]) -> InnerGraph:
        return self  # nothing in it ever changes

    @property
    def type(self) -> TensorType:
        """The type of the result."""
        return self.output.type

    @property
    def merges(self) -> bool:
        """Whether two runs on the same values are the same value."""
        return all(node.op is None or node.op.merges for node in self._order)

    def fitted(self, dtypes: tuple[str, ...]) -> InnerGraph:
        """Return the same graph on inputs of other dtypes."""
        if all(node.type.dtype == dtype for node, dtype in zip(self.inputs, dtypes)):
            return self
        if dtypes not in self._fitted:
            inputs: dict[Node, Node] = {node: Symbol(node.type.with_dtype(dtype), node.name) for node, dtype in zip(self.inputs, dtypes)}
            self._fitted[dtypes] = InnerGraph(list(inputs.values()), rebuild([self.output], inputs)[0])
        return self._fitted[dtypes]

    def runner(self, xp: Any) -> Callable[..., Any]:
        """Return a function from the values of the inputs to the value of the result, on arrays of a NumPy-like library."""
        if xp not in self._runners:
            self._runners[xp] = self._compiled(xp)
        return self._runners[xp]

    def _compiled(self, xp: Any) -> Callable[..., Any]:
        words = ArrayWords(xp)
        number = {node: position for position, node in enumerate(self.inputs)}
        constants = []
        work = []
        for node in self._order:
            if isinstance(node, Constant) and node not in number:
                number[node] = len(number)
                constants.append(xp.asarray(node.value))
        for node in self._order:
            if node not in number:
                number[node] = len(number)
                work.append((kernel(node, xp, words), tuple(number[each] for each in node.inputs)))
        result = number[self.output]

        def run(*values: Any) -> Any:
            known = [*values, *constants]
            for compute, reads in work:
                known.append(compute(*[known[read] for read in reads]))
            return known[result]

        return run


def loaded(stretch: tuple[Any, ...]) -> InnerGraph:
    """Remake an inner graph from what its pickle holds."""
    _, inputs, output, _ = stretch
    return InnerGraph(inputs, output)


def closed(symbols: Sequence[Symbol], result: Node) -> tuple[InnerGraph, list[Node]]:
    """Close a graph over some of its symbols: return it as an inner graph, and the nodes outside that it captures.

    What does not depend on the symbols stays outside and is computed once; the inner graph has symbols for it, after those given.
    """
    order = ancestors([result])
    inside = set(symbols)
    for node in order:
        if any(each in inside for each in node.inputs):
            inside.add(node)
    captured: dict[Node, Node] = {}
    if result not in inside:
        captured[result] = Symbol(result.type, result.label)
    for node in order:
        if node in inside:
            for each in node.inputs:
                if each not in inside and each not in captured and not isinstance(each, Constant):
                    captured[each] = Symbol(each.type, each.label)
    return InnerGraph([*symbols, *captured.values()], rebuild([result], captured)[0]), list(captured)
