"""The differential test tests something: compilers that are wrong in one place are all caught, and the right one is not."""

from __future__ import annotations

import pytest
from wrong_compilers import WRONG

from tensorlab.testing.growing import grown
from tensorlab.testing.judging import judge

KINDS = {"sign", "stride", "broadcast", "update", "rule", "digits", "order", "axis", "index", "memory"}


def caught(wrong):
    """The first recipe that shows that a compiler is wrong, and what is found."""
    with wrong.broken():
        for seed in range(wrong.graphs):
            recipe = grown(seed)
            verdict = judge(recipe, wrong.modes)
            if verdict:
                return seed, recipe, verdict
    return None


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_compiler_is_caught(wrong):
    found = caught(wrong)
    assert found is not None, f"{wrong.name} was not caught within {wrong.graphs} graphs"
    _, recipe, _ = found
    assert not judge(recipe, wrong.modes), "the same graph is all right when nothing is broken"


def test_there_are_at_least_ten_kinds():
    assert len(WRONG) >= 10
    assert all(any(word in wrong.name for wrong in WRONG) for word in KINDS)
