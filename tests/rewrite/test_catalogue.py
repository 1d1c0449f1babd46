"""The page of rules in the docs is the one that the rules make."""

from __future__ import annotations

from pathlib import Path

from tensorlab.rewrite.catalogue import catalogue
from tensorlab.rewrite.rule import RULE_SETS

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_page_of_rules_is_current():
    assert PAGE.read_text(encoding="utf-8") == catalogue(), "python -m tensorlab.rewrite.catalogue > docs/rules.md"


def test_every_rule_stands_in_the_page():
    page = catalogue()
    assert all(rule.reason in page for rule_set in RULE_SETS for rule in rule_set.rules)
