"""Random costs as the code of an exercise, for what holds of every cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import tensorlab.tensor as T
from tensorlab.exercises.declarations import Exercise, Reading
from tensorlab.graph.node import Node

SYMBOLS = {
    "b": "scalar", "t": "scalar", "x": "vector(n)", "w": "vector(n)", "X": "matrix(m, n)", "Y": "matrix(m, n)",
    "A": "matrix(m, k)", "B": "matrix(k, n)",
}  # fmt: skip
KINDS = {"scalar": ["b", "t"], "vector": ["x", "w"], "matrix": ["X", "Y", "T.dot(A, B)"]}
FUNCTIONS = ["T.tanh({})", "T.nnet.sigmoid({})", "T.exp(T.tanh({}))", "T.sin({})", "({}) ** 2", "({}) ** 3", "T.log(1 + ({}) ** 2)",
             "-({})", "(3 * {} + 1)", "(1 - {})"]  # fmt: skip
OPERATORS = ["({} + {})", "({} - {})", "({} * {})", "({} / (2 + T.tanh({})))"]


def expressions(kind: str, depth: int) -> st.SearchStrategy[str]:
    """Code that makes a scalar, a vector or a matrix."""
    leaf = st.sampled_from(KINDS[kind])
    if depth == 0:
        return leaf
    below = expressions(kind, depth - 1)
    both = st.builds(lambda operator, one, other: operator.format(one, other), st.sampled_from(OPERATORS), below, below)
    one = st.builds(lambda function, inner: function.format(inner), st.sampled_from(FUNCTIONS), below)
    choices = [leaf, both, one, one]
    if kind == "scalar":
        choices += [reduced(depth), st.builds("T.dot({}, {})".format, expressions("vector", depth - 1), expressions("vector", depth - 1))]
    if kind == "vector":
        choices += [st.builds("({} * {})".format, below, expressions("scalar", depth - 1)),
                    st.builds("T.sum({}, axis=0)".format, expressions("matrix", depth - 1))]  # fmt: skip
    if kind == "matrix":
        choices += [st.builds("({} + {})".format, below, expressions("vector", depth - 1)),
                    st.builds("({} * {})".format, below, expressions("scalar", depth - 1))]  # fmt: skip
    return st.one_of(choices)


def reduced(depth: int) -> st.SearchStrategy[str]:
    """Code that makes one number of many."""
    inner = st.one_of(expressions("vector", depth - 1), expressions("matrix", depth - 1))
    return st.builds(lambda word, code: f"T.{word}({code})", st.sampled_from(["sum", "mean"]), inner)


def costs() -> st.SearchStrategy[str]:
    """Code that makes a scalar of one to some twelve operations."""
    return st.one_of(expressions("scalar", 1), expressions("scalar", 2), expressions("scalar", 3), reduced(2), reduced(3))


def exercise(name: str = "one", **keys: Any) -> Exercise:
    """An exercise as if a file had declared it."""
    entry = {"question": "?", "hints": ["one", "two"], **keys}
    return Reading(Path("none.toml"), "", "none", name, entry).exercise()


def gradient_exercise(of: str, by: str, **keys: Any) -> Exercise:
    """The exercise to derive a cost."""
    return exercise("derive", kind="gradient", symbols=SYMBOLS, of=of, by=by, **keys)


def readers_symbols() -> dict[str, Node]:
    """Symbols as a reader's notebook has them."""
    kinds = {name: declared.partition("(")[0] for name, declared in SYMBOLS.items()}
    return {name: getattr(T, kind)(name) for name, kind in kinds.items()}


def built(code: str, names: dict[str, Node]) -> Node:
    """What code makes of a reader's symbols."""
    value = eval(code, {"T": T, **names})
    assert isinstance(value, Node)
    return value
