"""Five hundred random graphs over all cards, in every mode: none is wrong, and every card is among them.

More of them: `python -m tensorlab.testing.fuzz --count 20000 --jobs 2`.
"""

from __future__ import annotations

import pytest

from tensorlab.testing.fuzz import Tally, tried

GRAPHS, AT_ONCE = 500, 50
TOTAL = Tally()


@pytest.mark.parametrize("first", range(0, GRAPHS, AT_ONCE))
def test_no_graph_is_wrong(first):
    tally = tried(range(first, first + AT_ONCE))
    TOTAL.add(tally)
    assert not tally.failures, "\n".join(map(str, tally.failures))


def test_every_card_is_met():
    """Also those that will be written: a card without a chooser is drawn with the operands of its sample."""
    if TOTAL.graphs < GRAPHS:
        pytest.skip("only some of the graphs were computed in this run")
    assert not TOTAL.missing
    assert len(TOTAL.rules) > 50


def test_most_results_are_judged():
    if TOTAL.graphs < GRAPHS:
        pytest.skip("only some of the graphs were computed in this run")
    assert TOTAL.unjudged < GRAPHS / 5
