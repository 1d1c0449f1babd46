"""What a symbol refuses to do, and what the message says to write instead."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import (
    SymbolAssignmentError,
    SymbolIterationError,
    SymbolNumberError,
    SymbolTruthError,
    TensorlabError,
)

x, s, n = T.vector("x"), T.scalar("s"), T.lscalar("n")


def refused(error: type[TensorlabError], action) -> TensorlabError:
    """The error of an action: of its class, a TypeError for those who catch the built-in one, with all three parts."""
    with pytest.raises(error) as caught:
        action()
    problem = caught.value
    assert isinstance(problem, TypeError)
    assert problem.asked and problem.found and problem.advice
    assert str(problem) == f"{problem.asked}\n  found: {problem.found}\n  try:   {problem.advice}"
    assert ".0 is" not in str(problem)
    return problem


def test_if():
    problem = refused(SymbolTruthError, lambda: 1 if x > 0 else 2)
    assert "`if x > 0:`" in problem.asked and "T.switch(x > 0, " in problem.advice
    refused(SymbolTruthError, lambda: not (s > 0))
    refused(SymbolTruthError, lambda: (s > 0) and (s < 1))
    assert "(0 < x) & (x < 1)" in refused(SymbolTruthError, lambda: 0 < s < 1).advice
    positive = x > 0
    assert "if positive:" in refused(SymbolTruthError, lambda: bool(positive)).asked


def test_a_bare_symbol_is_true():
    """As in Theano, so that `bias or T.zeros(3)` works; also a shared bool."""
    assert x and s and (x + 1) and tl.shared(False)
    assert (s or x) is s and (s and x) is x


def test_for():
    problem = refused(SymbolIterationError, lambda: [each + 1 for each in x])
    assert "x.sum()" in problem.advice and "vector" in problem.found
    refused(SymbolIterationError, lambda: list(x * 2))

    def unpack():
        a, b = x
        return a, b

    assert "x[0], x[1]" in refused(SymbolIterationError, unpack).advice
    assert "s itself" in refused(SymbolIterationError, lambda: iter(s)).advice


def test_len():
    assert "x.shape[0]" in refused(SymbolIterationError, lambda: len(x)).advice
    assert "(x * 2).shape[0]" in refused(SymbolIterationError, lambda: len(x * 2)).advice
    assert "scalar" in refused(SymbolIterationError, lambda: len(s)).found


def test_a_known_length_is_no_problem():
    row = T.tensor("float64", (3,), "row")
    assert len(row) == 3 and len(list(row)) == 3
    a, b, c = row
    assert tl.function([row], a + 10 * b + 100 * c)([1.0, 2.0, 3.0]) == 321


@pytest.mark.parametrize("kind", [float, int, complex])
def test_numbers(kind):
    problem = refused(SymbolNumberError, lambda: kind(s * 2))
    assert problem.asked == f"{kind.__name__}(s * 2)" and "(s * 2).eval({s: …})" in problem.advice


def test_round_index_and_arrays():
    assert "T.round(s)" in refused(SymbolNumberError, lambda: round(s)).advice
    assert "T.arange(n)" in refused(SymbolNumberError, lambda: range(n)).advice
    assert "T.stack" in refused(SymbolNumberError, lambda: [1, 2, 3][n]).advice
    assert "x.eval({x: …})" in refused(SymbolNumberError, lambda: np.asarray(x)).advice
    assert "T.stack([a, b])" in refused(SymbolNumberError, lambda: np.array([s, s])).advice
    with pytest.raises(ValueError) as caught:
        np.zeros(3)[0] = s  # NumPy's own error, with ours as its cause
    assert isinstance(caught.value.__cause__, SymbolNumberError)


def test_assignment():
    def assign(node, index, value):
        node[index] = value

    problem = refused(SymbolAssignmentError, lambda: assign(x, 0, 1))
    assert problem.asked == "x[0] = 1" and "x = T.set_subtensor(x[0], 1)" in problem.advice
    problem = refused(SymbolAssignmentError, lambda: assign(x, slice(1, n), s))
    assert "x = T.set_subtensor(x[1:n], s)" in problem.advice
    assert "new = T.set_subtensor((x + 1)[..., ::2], value)" in refused(
        SymbolAssignmentError, lambda: assign(x + 1, (..., slice(None, None, 2)), list(range(50)))
    ).advice  # fmt: skip

    def add():
        x[0] += 1

    assert "T.inc_subtensor" in refused(SymbolAssignmentError, add).advice


def test_membership():
    assert "T.any(T.eq(x, 3))" in refused(SymbolTruthError, lambda: 3 in x).advice
    assert "T.any(T.eq(x, s))" in refused(SymbolTruthError, lambda: s in x).advice
    assert x in [s, x] and x not in [s, n]


def test_equality_is_identity_and_nodes_are_keys():
    twin = T.vector("x")
    assert x == x and x != twin and (x == 1) is False
    table = {x: 1, twin: 2}
    assert table[x] == 1 and table[twin] == 2 and len({x, twin, x}) == 2
    before = hash(x)
    x.tag.note = "changed"
    assert hash(x) == before


def test_hostile_names_are_shown_as_they_are():
    """Guards: braces in a name are text, not a format."""
    odd = T.vector("{x} {0}")
    assert "{x} {0}" in refused(SymbolIterationError, lambda: len(odd)).asked
    assert "{x} {0} > 0" in refused(SymbolTruthError, lambda: bool(odd > 0)).asked


def test_long_expressions_do_not_flood_the_advice():
    a, b, c = T.vector("a_rather_long_name"), T.vector("another_rather_long_name"), T.vector("a_third_name_that_is_long")
    problem = refused(SymbolIterationError, lambda: len(a * b + c))
    assert len(problem.asked) < 60 and "expression.shape[0]" in problem.advice
