"""A pass from the results down, for rules that must know who reads a node.

Floor 3. Read `engine` and `readers` before. It runs last, once, on a graph in which the other rules have nothing left to say. Going
down means that a sum is looked at before its terms: what takes the whole sum decides what becomes of its parts.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..graph.node import Node
from ..graph.place import Place, made_at
from ..graph.walk import ancestors
from .context import Context, stands_for
from .engine import Rewrite, changed_type, take_over
from .intern import Interner
from .readers import Readers
from .rule import Rule, RuleSet


class ContextWithReaders(Context):
    """Answers about nodes, and about who reads them."""

    def __init__(self, readers: Readers) -> None:
        super().__init__()
        self.readers = readers


class Downward:
    """Applies rules to every node once, results first.

    Args:
        rule_set: rules that look at a node and at its readers.

    Attributes:
        history: every rewrite so far, in order.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self.rules = list(rule_set.rules)
        self.history: list[Rewrite] = []
        self._marker = Place("", 0)

    def run(self, outputs: Sequence[Node]) -> list[Node]:
        """Return the graph with the rules applied.

        Raises:
            RewriteError: a rule changes a type.
        """
        order = ancestors(outputs)
        if not any(self._looks_at(rule, order) for rule in self.rules):
            return list(outputs)
        readers = Readers(outputs, order)
        context = ContextWithReaders(readers)
        becomes: dict[Node, Node] = {}
        stack = list(order)
        with made_at(self._marker):
            while stack:
                node = stack.pop()
                result = self._answer(node, context) if readers.wanted(node) and node not in becomes else None
                if result is not None:
                    becomes[node] = result
                    stack.extend(readers.replace(node, result))
        return put_together(outputs, becomes) if becomes else list(outputs)

    def _looks_at(self, rule: Rule, order: Sequence[Node]) -> bool:
        """Say whether the graph has what a rule cannot do without."""
        return not rule.within or any(type(node.op) in rule.within for node in order)

    def _answer(self, node: Node, context: ContextWithReaders) -> Node | None:
        for rule in self.rules:
            if isinstance(node.op, rule.on):
                result = rule.apply(node, context)
                if result is not None:
                    if not stands_for(result.type, node.type):
                        raise changed_type(rule, node, result)
                    take_over(node, result, self._marker)
                    self.history.append(Rewrite(rule, node, result))
                    return result
        return None


def put_together(outputs: Sequence[Node], becomes: dict[Node, Node]) -> list[Node]:
    """Return the outputs with every node replaced by what it has become, equal nodes made one."""
    one_of = Interner()
    final: dict[Node, Node] = {}
    for output in outputs:
        stack = [output]
        while stack:
            node = stack[-1]
            needed = [becomes[node]] if node in becomes else node.inputs
            pending = [each for each in needed if each not in final]
            if pending:
                stack.extend(reversed(pending))
                continue
            stack.pop()
            if node not in final:
                final[node] = final[becomes[node]] if node in becomes else one_of(node, [final[each] for each in node.inputs])
    return [final[output] for output in outputs]
