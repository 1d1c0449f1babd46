"""The engine: rules are applied bottom-up until none has anything left to say.

Floor 3. Read `rule` and `intern` before. Every node is brought to its final form once, after its inputs; what a rule puts in its place
is new work. Equal nodes are one object throughout, so the work for a node is done once however many
paths lead to it. Nothing recurses and nothing is looked up in a set that is iterated over: a chain of 100,000 nodes takes
time linear in its length, and the result depends on nothing but the graph.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from ..graph.errors import RewriteError
from ..graph.node import Node
from ..graph.place import Place, made_at
from ..graph.walk import ancestors
from ..graph.wording import short_text
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
        context: answers about nodes; by default a fresh one.
        settled: those of the rule sets that have nothing left to say about the graphs that will be given, because they just ran.
        one_of: what earlier passes over the same graph know about equal nodes; by default nothing is known.
        without: names of rules that are left out.

    Attributes:
        history: every rewrite so far, in order.
    """

    def __init__(
        self,
        rule_sets: Sequence[RuleSet],
        context: Context | None = None,
        settled: Sequence[RuleSet] = (),
        one_of: Interner | None = None,
        without: Set[str] = frozenset(),
    ) -> None:
        self.context = context or Context()
        self.history: list[Rewrite] = []
        self._rule_sets = list(rule_sets)
        self._new_rule_sets = [rule_set for rule_set in rule_sets if rule_set not in settled]
        self._without = without
        self._as_given: set[Node] = set()
        self._candidates: dict[Any, list[Rule]] = {}
        self._one_of = one_of or Interner(by_name=self.context.for_display)
        self._marker = Place("", 0)
        """The place of nodes that rules have just made, which tells them from nodes that were there before."""
        self._limit = 0

    def run(self, outputs: Sequence[Node]) -> list[Node]:
        """Return the graph with every rule applied wherever it can be.

        Raises:
            RewriteError: a rule changes a type, or rules chase one another.
        """
        final: dict[Node, Node] = {}
        given = ancestors(outputs)
        self._as_given = set(given)
        self._one_of.keep_only(self._as_given)
        self._limit = len(self.history) + FIRINGS_PER_NODE * (len(given) + 10)
        with made_at(self._marker):
            for node in given:
                self._finish(node, final)
        return [final[output] for output in outputs]

    def _finish(self, first: Node, final: dict[Node, Node]) -> None:
        """Bring a node to its final form, and before it what is put in its place, with all that is new below."""
        becomes: dict[Node, Node] = {}  # what a node was replaced by, until the final form of that is known
        begun: set[Node] = set()
        stack = [first]
        while stack:
            node = stack[-1]
            if node in becomes:
                final[node] = final[becomes[node]]
            if node in final:
                stack.pop()
                continue
            begun.add(node)
            pending = [each for each in node.inputs if each not in final]
            if not pending:
                other = self._one_of(node, [final[each] for each in node.inputs])
                if other is node:
                    other = self._rewritten(node)
                if other is node:
                    final[node] = node
                    continue
                becomes[node] = other
                pending = [] if other in final else [other]
            if not begun.isdisjoint(pending):  # its final form depends on itself
                raise self._endless()
            stack.extend(reversed(pending))

    def _rewritten(self, node: Node) -> Node:
        """Return what the first rule that has something to say makes of a node, or the node itself."""
        if node.op is None:
            return node
        for rule in self._rules_for(node):
            result = rule.apply(node, self.context)
            if result is None or result is node:
                continue
            if not stands_for(result.type, node.type):
                raise changed_type(rule, node, result)
            take_over(node, result, self._marker)
            self.history.append(Rewrite(rule, node, result))
            if len(self.history) > self._limit:
                raise self._endless()
            return result
        return node

    def _rules_for(self, node: Node) -> list[Rule]:
        """Return the rules that may have something to say about a node; where nothing has changed, without the settled ones.

        There are few combinations of an op, a dtype and the ops of the operands, so that each is looked up once in a graph of any size.
        """
        assert node.op is not None
        card, dtype, as_given = type(node.op), node.type.dtype, node in self._as_given
        kinds = frozenset([kind(each) for each in node.inputs])
        key = card, dtype, as_given, kinds
        found = self._candidates.get(key)
        if found is None:
            rule_sets = self._new_rule_sets if as_given else self._rule_sets
            found = [rule for rule_set in rule_sets for rule in rule_set.rules_on(card)
                     if rule.takes(dtype, kinds) and rule.name not in self._without]
            self._candidates[key] = found
        return found

    def _endless(self) -> RewriteError:
        last = list(dict.fromkeys(each.rule.name for each in self.history[-20:]))
        return RewriteError("rewriting a graph", f"it never ends: {', '.join(last)} undo one another", ADVICE)


def changed_type(rule: Rule, before: Node, after: Node) -> RewriteError:
    """Return the error for a rule that changes a type; its `culprit` is the rule, its `graph` what it found and what it put there."""
    found = f"it put {after.type} in place of {before.type}\nshown by {short_text(before)} → {short_text(after)}"
    error = RewriteError(f"the rule {rule.name}", found, ADVICE)
    error.culprit, error.kind, error.graph = rule, "type", [before, after]  # type: ignore[attr-defined]
    return error


def take_over(node: Node, result: Node, marker: Place) -> None:
    """Give a node just made the name, tag and place of the one it replaces, and what it is made of the line alone.

    Nodes that were there before keep their own.
    """
    if result.place is marker:
        result.name, result.place, result._tag = node.name, node.place, node._tag
    beside = None if node.place is None else node.place.beside
    pending = [result, *result.inputs]
    while pending:
        each = pending.pop()
        if each.place is marker or each.place is marker.on_the_way:
            each.place = beside
            pending.extend(each.inputs)
