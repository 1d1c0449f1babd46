"""The engine: rules are applied bottom-up until none has anything left to say.

Floor 3. Read `rule` and `intern` before. Every node is brought to its final form once, after its inputs; what a rule puts in its place
is new work. Equal nodes are one object throughout, so the work for a node is done once however many
paths lead to it. Nothing recurses and nothing is looked up in a set that is iterated over: a chain of 100,000 nodes takes
time linear in its length, and the result depends on nothing but the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph.errors import RewriteError
from ..graph.node import Node
from ..graph.place import Place, made_at
from ..graph.walk import ancestors
from .context import Context, stands_for
from .intern import Interner
from .rule import Rule, RuleSet, kind

FIRINGS_PER_NODE = 100
"""Far more than any graph needs (the worst of the tests stays below 10): beyond it rules are chasing one another."""

ADVICE = "mode='FAST_COMPILE', and a report of this as a bug"


@dataclass(frozen=True)
class Rewrite:
    """One event of the history: a rule put `after` in place of `before`."""

    rule: Rule
    before: Node
    after: Node

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.rule.reason}"


class Engine:
    """Rewrites graphs with some rule sets.

    Args:
        rule_sets: rules are tried in this order, within a set in the order of their definition.
        settled: those of them that have nothing left to say about the graphs that will be given, because they just ran.
        context: answers about nodes; by default a fresh one.

    Attributes:
        history: every rewrite so far, in order.
    """

    def __init__(self, rule_sets: Sequence[RuleSet], context: Context | None = None, settled: Sequence[RuleSet] = ()) -> None:
        self.context = context or Context()
        self.rules = [each for rule_set in rule_sets for each in rule_set.rules]
        self.history: list[Rewrite] = []
        self._new_rules = [each for rule_set in rule_sets if rule_set not in settled for each in rule_set.rules]
        self._as_given: set[Node] = set()
        self._rules_for: dict[tuple[type, bool], list[Rule]] = {}
        self._one_of = Interner(by_name=self.context.for_display)

    def run(self, outputs: Sequence[Node]) -> list[Node]:
        """Return the graph with every rule applied wherever it can be.

        Raises:
            RewriteError: a rule changes a type, or rules chase one another.
        """
        final: dict[Node, Node] = {}
        given = ancestors(outputs)
        self._as_given = set(given)
        limit = len(self.history) + FIRINGS_PER_NODE * (len(given) + 10)
        for output in outputs:
            self._finish(output, final, limit)
        return [final[output] for output in outputs]

    def _finish(self, output: Node, final: dict[Node, Node], limit: int) -> None:
        """Bring one node and all below it to their final form."""
        becomes: dict[Node, Node] = {}  # what a node was replaced by, until the final form of that is known
        begun: set[Node] = set()
        stack = [output]
        while stack:
            node = stack[-1]
            if node in final:
                stack.pop()
                continue
            if node in becomes:
                final[node] = final[becomes[node]]
                stack.pop()
                continue
            pending = [each for each in node.inputs if each not in final]
            if pending:
                self._check_new(pending, begun)
                begun.add(node)
                stack.extend(reversed(pending))
                continue
            begun.add(node)
            same = self._one_of(node, [final[each] for each in node.inputs])
            other = self._step(node) if same is node else same
            if other is node:
                final[node] = node
                stack.pop()
            else:
                becomes[node] = other
                if other not in final:
                    self._check_new([other], begun)
                    stack.append(other)
            if len(self.history) > limit:
                raise self._endless()

    def _check_new(self, nodes: Sequence[Node], begun: set[Node]) -> None:
        """Raise if the final form of a node is found to depend on itself."""
        if any(each in begun for each in nodes):
            raise self._endless()

    def _endless(self) -> RewriteError:
        last = list(dict.fromkeys(each.rule.name for each in self.history[-20:]))
        return RewriteError("rewriting a graph", f"it never ends: {', '.join(last)} undo one another", ADVICE)

    def _step(self, node: Node) -> Node:
        """Return what the first rule that has something to say makes of a node, or the node itself."""
        if node.op is None:
            return node
        kinds = {kind(each) for each in node.inputs}
        here = node.place
        marker = Place("", 0) if here is None else Place(here.filename, here.line)  # without the code: it is not what that line assigns
        with made_at(marker):
            rule, result = self._first_answer(node, kinds)
        if rule is None or result is None:
            return node
        if not stands_for(result.type, node.type):
            raise RewriteError(f"the rule {rule.name}", f"it put {result.type} in place of {node.type}", ADVICE)
        take_over(node, result, marker)
        self.history.append(Rewrite(rule, node, result))
        return result

    def _first_answer(self, node: Node, kinds: set[type]) -> tuple[Rule, Node] | tuple[None, None]:
        """Return the first rule that has something to say about a node, and what it says."""
        for rule in self._candidates(type(node.op), node in self._as_given):
            if rule.needs <= kinds:
                result = rule.apply(node, self.context)
                if result is not None and result is not node:
                    return rule, result
        return None, None

    def _candidates(self, card: type, as_given: bool) -> list[Rule]:
        """Return the rules that look at nodes of a card; for nodes that nothing has changed in, without the settled ones."""
        key = card, as_given
        if key not in self._rules_for:
            self._rules_for[key] = [rule for rule in (self._new_rules if as_given else self.rules) if issubclass(card, rule.on)]
        return self._rules_for[key]


def take_over(node: Node, result: Node, marker: Place) -> None:
    """Give a node just made the name, tag and place of the one it replaces; one that was there before keeps its own."""
    if result.place is marker:
        result.name, result.place, result._tag = node.name, node.place, node._tag
    if node.place is None:  # the marker served only to tell new nodes from old ones
        pending = [result, *result.inputs]
        while pending:
            each = pending.pop()
            if each.place is marker:
                each.place = None
                pending.extend(each.inputs)
