"""Which rule sets and which rules run: what a mode asks of `passes`.

Floor 3. Read `rule` before. A selection is made of names, so that it can be compared, pickled and printed, and holds for rules that are
defined after it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..graph.errors import ChoiceError
from ..settings import names_are_known
from ..settings.kinds import nearest
from . import rules
from .rule import FOR_THE_EYE, RULE_SETS, Rule, RuleSet, accumulate, canonicalize, simplify, stabilize

assert rules
IN_ORDER = (canonicalize, stabilize, simplify, accumulate)
"""The rule sets that a compiled function may run, in the order in which they start."""


@dataclass(frozen=True)
class Selection:
    """Rule sets, single rules beside them, and rules left out.

    Attributes:
        rule_sets: names of rule sets.
        also: names of rules that run though their rule set does not.
        without: names of rules that do not run though their rule set does.
    """

    rule_sets: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def including(self, *names: str) -> Selection:
        """Return a selection with rule sets or single rules more.

        Raises:
            ChoiceError: there is no rule set and no rule of that name, or its rules are only for the eye.

        >>> FAST_COMPILE.including("simplify", "times_one")
        stabilize + simplify + times_one
        """
        sets, single = divided(names, "including")
        again = {each.name for each in rules_called(self.without) if each.belongs_to.name in sets}
        return replace(self, rule_sets=self.rule_sets | sets, also=self.also | single, without=self.without - single - again)

    def excluding(self, *names: str) -> Selection:
        """Return a selection with rule sets or single rules less; naming what it does not have changes nothing.

        Raises:
            ChoiceError: as for `including`.

        >>> FAST_RUN.excluding("accumulate", "times_one")
        canonicalize + stabilize + simplify - times_one
        """
        sets, single = divided(names, "excluding")
        gone = {each.name for each in rules_called(self.also) if each.belongs_to.name in sets}
        return replace(self, rule_sets=self.rule_sets - sets, also=self.also - single - gone, without=self.without | single)

    @property
    def passes(self) -> tuple[tuple[RuleSet, ...], ...]:
        """The rule sets of each pass: a later pass keeps the rules of earlier ones, since what it leaves may be written in several ways."""
        chosen = [each for each in IN_ORDER if each.name in self.rule_sets and each is not accumulate]
        chosen += [beside for beside in [self._beside(last=False)] if beside.rules]
        return tuple(tuple(chosen[: count + 1]) for count in range(len(chosen)))

    @property
    def last(self) -> RuleSet:
        """The rules of the pass that runs at the end, from the results down."""
        if accumulate.name not in self.rule_sets:
            return self._beside(last=True)
        return accumulate if not self.without else gathered([each for each in accumulate.rules if each.name not in self.without])

    def _beside(self, last: bool) -> RuleSet:
        """Return the rules that were chosen one by one and that no chosen rule set brings."""
        return gathered([each for each in rules_called(self.also)
                         if each.belongs_to.name not in self.rule_sets and (each.belongs_to is accumulate) is last])

    def __repr__(self) -> str:
        names = [each.name for each in IN_ORDER if each.name in self.rule_sets]
        return " + ".join([*names, *sorted(self.also)] or ["no rules"]) + "".join(f" - {name}" for name in sorted(self.without))


FAST_RUN = Selection(frozenset(each.name for each in IN_ORDER))
"""All rules."""
FAST_COMPILE = Selection(frozenset([stabilize.name]))
"""Only the rules that keep values finite."""


def known_names() -> list[str]:
    """Return the names of all rule sets and rules that a compiled function may run."""
    return [*(each.name for each in IN_ORDER), *(each.name for each in runnable_rules())]


def gathered(chosen: Iterable[Rule]) -> RuleSet:
    """Return a rule set of rules that belong to others."""
    result = RuleSet("chosen", "rules chosen one by one")
    for each in chosen:
        result.add(each)
    return result


def runnable_rules() -> Iterator[Rule]:
    """Yield the rules that a compiled function may run."""
    for rule_set in IN_ORDER:
        yield from rule_set.rules


def rules_called(names: Iterable[str]) -> list[Rule]:
    """Return the rules of some names, in the order of their definition."""
    wanted = frozenset(names)
    return [each for each in runnable_rules() if each.name in wanted] if wanted else []


def divided(names: Iterable[str], verb: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return which of some names are rule sets and which are single rules.

    Raises:
        ChoiceError: a name is neither.
    """
    sets, single = {each.name for each in IN_ORDER}, {each.name for each in runnable_rules()}
    for name in names:
        if name in sets or name in single:
            continue
        asked = f"mode.{verb}({name!r})"
        eye = [each for each in RULE_SETS if each in FOR_THE_EYE]
        owner = next((each for each in eye if name == each.name or any(name == rule.name for rule in each.rules)), None)
        if owner is not None:
            found = f"{name} is only for the eye: {owner.purpose}"
            raise ChoiceError(asked, found, f"mode.{verb}('simplify')")
        near = nearest(str(name), known_names())
        found = f"there is no rule set and no rule called {name!r}; the rule sets are {', '.join(each.name for each in IN_ORDER)}"
        raise ChoiceError(asked, found, f"mode.{verb}({near or 'simplify'!r})")
    return frozenset(sets.intersection(names)), frozenset(single.intersection(names))


names_are_known(known_names)
