"""A formula means what the graph computes: it is read back, as a mathematician would, and evaluated."""

from __future__ import annotations

import math
import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab.tensor as T
from tensorlab.ops.evaluate import interpret
from tensorlab.view.latex import formula

VALUES = {"x": 1.3, "w": 0.7, "b": 2.1, "e": math.e}
SYMBOLS = dict(zip("xwb", T.dscalars("x", "w", "b")))
TOKEN = re.compile(r"\\left\(|\\right\)|\\[a-z]+|\d+(?:\.\d+)?|[a-z]|[-+^{}]")


class Reader:
    """Reads a formula: a sum of products (signs of multiplication left out or not) of powers."""

    def __init__(self, text: str) -> None:
        self.tokens = [*TOKEN.findall(text), "end"]

    def value(self) -> float:
        result = self.sum()
        assert self.tokens == ["end"], self.tokens
        return result

    def take(self, *wanted: str) -> bool:
        found = self.tokens[0] in wanted
        if found:
            self.tokens.pop(0)
        return found

    def sum(self) -> float:
        total = -self.product() if self.take("-") else self.product()
        while self.tokens[0] in "+-":
            total = total + self.product() if self.take("+") else total - (self.take("-") * self.product())
        return total

    def product(self) -> float:
        result = self.power()
        while self.take(r"\cdot") or self.tokens[0] not in ("+", "-", "}", r"\right)", "end"):
            result = result * self.power()
        return result

    def power(self) -> float:
        base = self.atom()
        return base ** self.group() if self.take("^") else base

    def group(self) -> float:
        assert self.take("{")
        result = self.sum()
        assert self.take("}")
        return result

    def atom(self) -> float:
        if self.take(r"\left("):
            result = self.sum()
            assert self.take(r"\right)")
            return result
        if self.take(r"\frac"):
            return self.group() / self.group()
        token = self.tokens.pop(0)
        return np.float64(VALUES[token] if token in VALUES else float(token))


def grown(parts):
    """Expressions made of smaller ones."""
    pair = st.tuples(parts, parts)
    return st.one_of(
        pair.map(lambda two: two[0] + two[1]), pair.map(lambda two: two[0] - two[1]), pair.map(lambda two: two[0] * two[1]),
        pair.map(lambda two: two[0] / two[1]), parts.map(lambda one: -one), parts.map(T.exp), parts.map(lambda one: 1 / one),
        st.tuples(parts, st.sampled_from([2, 3, -1])).map(lambda two: two[0] ** two[1]),
        st.tuples(parts, st.sampled_from([2, -3, 0.5, 2.5e-7, 60000])).map(lambda two: two[0] * two[1]),
        st.tuples(parts, st.sampled_from([2, -3, 0.5])).map(lambda two: two[1] - two[0]),
    )  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.recursive(st.sampled_from([*SYMBOLS.values(), *map(T.constant, (2.0, -1.0, 0.25))]), grown, max_leaves=7))
def test_a_formula_means_what_the_graph_computes(expression):
    with np.errstate(all="ignore"):
        (wanted,) = interpret([expression], {SYMBOLS[name]: np.float64(VALUES[name]) for name in SYMBOLS})
        # only these names: hypothesis has variables too, and they would be found
        text = formula(expression, {symbol: name for name, symbol in SYMBOLS.items()}).text
        read = Reader(text).value()
    assert np.isclose(read, wanted, rtol=1e-9, equal_nan=True), text
