"""Results compared with what the graph means.

Floor 6. Read `doubt` and `running` before. A result may differ from its exact value by a few units in the last place times the condition
number, or by four times what the graph computed as written is wrong by. Whole numbers and bools must be equal. Where the graph as written
gives nan or an infinity, a rule may have found the limit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..compiler.explain import ABOUT_SHAPES
from ..graph.errors import IndexingError, ShapeError, UpdateError
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors, rebuild
from ..ops.branching import IfElse
from ..ops.choices import Cast
from ..ops.evaluate import interpret
from .doubt import Meaning, in_range
from .exact import Long
from .recipes import Graph, Recipe, build
from .running import MODES, Call, arguments, number_of_calls, run

Array = np.ndarray[Any, Any]

UNITS = 16
"""How many units in the last place, times condition, a result may be off: words may be wrong by 2.5, and rules reorder sums."""
WORSE = 4
"""How many times the error of the graph as written: what both lose, the rewritten one may lose in another step."""
DRAWS, MORE_DRAWS = 3, 60
"""Perturbed evaluations of every graph, and further ones before a result is called wrong."""


@dataclass
class Verdict:
    """What is wrong with a recipe, or nothing.

    Attributes:
        mode, call: where it showed.
        what: the first thing that is wrong.
        unjudged: how many outputs could not be judged, because rounding decides their shape or a cast has no defined result.
    """

    what: str = ""
    mode: str = ""
    call: int = 0
    unjudged: int = 0

    @property
    def kind(self) -> str:
        """What kind of mistake it is: the first words, without numbers and names."""
        return re.sub(r"[0-9]+( \(.*)?", "", self.what.split(":")[0])

    def __bool__(self) -> bool:
        return bool(self.what)

    def __str__(self) -> str:
        return f"{self.mode}, call {self.call}: {self.what}" if self.what else "all right"


@dataclass
class Expected:
    """What a call must do: the results of the graph as written and their meaning, or the error it raises.

    `undefined`: nothing can be said. `excused`: the error lies in a branch that is never taken, and need not come.
    """

    written: list[Array]
    meaning: Meaning | None = None
    error: Exception | None = None
    undefined: bool = False
    excused: bool = False


def judge(recipe: Recipe, modes: Sequence[str] = tuple(MODES)) -> Verdict:
    """Compute a recipe in all modes and return the first thing that is wrong.

    Raises:
        TensorlabError: the recipe cannot be built.

    >>> from tensorlab.testing.recipes import from_json
    >>> str(judge(from_json('{"lines": [{"dtype": "float64", "shape": [2]}, ["Exp", {}, [0]]], "outputs": [1]}')))
    'all right'
    """
    graph = build(recipe)
    unjudged = 0
    known: dict[bytes, Expected] = {}
    for mode in modes:
        try:
            calls = run(recipe, mode)
        except Exception as problem:
            return Verdict(f"it does not compile: {type(problem).__name__}: {problem}", mode)
        for number, call in enumerate(calls[: number_of_calls(recipe)]):
            key = repr((number, [(each, value.tobytes()) for each, value in call.before.items()])).encode()
            if key not in known:
                known[key] = expected(recipe, graph, call, number)
            if known[key].undefined:
                unjudged += len(graph.results)
                continue
            what, unsure = wrong(call, known[key], graph.results)
            unjudged += unsure
            if what:
                return Verdict(what, mode, number, unjudged)
    return Verdict(unjudged=unjudged)


def expected(recipe: Recipe, graph: Graph, call: Call, number: int) -> Expected:
    """Return what a call must do, from the values of shared variables that it found."""
    values = arguments(recipe, number)
    given: dict[Node, Any] = {graph.nodes[each]: value for each, value in [*values.items(), *call.before.items()]}
    everything = [node for node in ancestors(graph.results) if node not in given]
    try:
        with np.errstate(all="ignore"):
            known = dict(zip(everything, interpret(everything, given)))
    except Exception as problem:
        return Expected([], error=problem, excused=is_in_dead_branch(graph.results, given))
    known.update(given)
    for variable, new in graph.updates:
        if not variable.type.holds(known[new]):
            return Expected([], error=UpdateError("", f"a new value of shape {known[new].shape} for {variable.type}"))
    if any(is_undefined(node, known) for node in everything):
        return Expected([], undefined=True)
    try:
        meaning = Meaning(graph.results, given, recipe.seed)
    except Exception:  # a length or a position that depends on rounding
        return Expected([], undefined=True)
    meaning.draw(DRAWS)
    return Expected([known[node] for node in graph.results], meaning)


def is_in_dead_branch(results: Sequence[Node], given: Mapping[Node, Any]) -> bool:
    """Say whether a graph that cannot be computed can be without the branches that its constants never let it take."""
    choices = [node for node in ancestors(results) if isinstance(node.op, IfElse) and isinstance(node.inputs[0], Constant)]
    taken = {node: node.inputs[1 if node.inputs[0].value else 2] for node in choices}  # type: ignore[attr-defined]
    left = rebuild(results, taken)
    try:
        with np.errstate(all="ignore"):
            interpret(left, given)
    except Exception:
        return False
    return bool(taken)


def is_undefined(node: Node, known: dict[Node, Any]) -> bool:
    """Say whether a node casts numbers to whole ones that cannot hold them: what that gives depends on the processor."""
    if not isinstance(node.op, Cast) or np.dtype(node.op.to).kind not in "iu":
        return False
    value = np.asarray(known[node.inputs[0]])
    if value.dtype.kind != "f":
        return False
    limits = np.iinfo(node.op.to)
    with np.errstate(all="ignore"):
        whole = np.trunc(value.astype("float64"))
        return not bool(((whole >= limits.min) & (whole <= limits.max) & (np.abs(whole) < 2.0**62)).all())


def wrong(call: Call, right: Expected, nodes: Sequence[Node]) -> tuple[str, int]:
    """Return what is wrong with a call (or ""), and how many outputs could not be judged."""
    if call.breaches:
        return call.breaches[0], 0
    if right.error is not None or call.error is not None:
        unsure = len(nodes) if right.excused and call.error is None else 0
        return "" if unsure else wrong_error(call.error, right.error), unsure
    assert call.results is not None and right.meaning is not None
    unsure = 0
    for number, (result, written, node) in enumerate(zip(call.results, right.written, nodes)):
        what = compared(result, written, right.meaning, number, node)
        if what and right.meaning.drawn < DRAWS + MORE_DRAWS:
            right.meaning.draw(MORE_DRAWS)
            what = compared(result, written, right.meaning, number, node)
        if what is None:
            unsure += 1
        elif what:
            return f"result {number} ({node.op or node}): {what}", unsure
    return "", unsure


def wrong_error(found: BaseException | None, written: Exception | None) -> str:
    """Return what is wrong with an error, or with there being none.

    That lengths or positions do not fit must be told whatever was rewritten.
    """
    if found is None:
        return f"no error, where the graph as written raises {type(written).__name__}: {written}" if about_shapes(written) else ""
    if written is None:
        return f"{type(found).__name__}: {found}"
    if about_shapes(written) and not about_shapes(found):
        return f"{type(found).__name__} ({found}), where the graph as written raises {type(written).__name__}: {written}"
    return ""


def about_shapes(problem: BaseException | None) -> bool:
    """Say whether an error is about lengths or positions; NumPy's own ValueErrors in a step are, if their words say so."""
    if type(problem) is ValueError:
        return any(word in str(problem) for word in ABOUT_SHAPES)
    return isinstance(problem, (ShapeError, IndexingError, IndexError, UpdateError))


def compared(result: Array, written: Array, meaning: Meaning, number: int, node: Node) -> str | None:
    """Return what is wrong with a result, "" for nothing, None if it cannot be judged."""
    spread = meaning.spread(number)
    if spread is None:
        return None if result.dtype == written.dtype else f"dtype {result.dtype}, not {written.dtype}"
    if result.dtype != written.dtype or result.shape != written.shape:
        return f"{result.dtype} {result.shape}, as written {written.dtype} {written.shape}"
    exact = meaning.exact[number]
    if exact.shape != written.shape:
        return None
    with np.errstate(all="ignore"):
        if is_floating(node.type.dtype):
            bad = wrong_numbers(result, written, in_range(exact, node.type.dtype), spread, node.type.dtype)
            bad &= ~(np.isnan(result) & np.isinf(written) & np.isfinite(exact))  # a sum that overflows on the way, in another order
        else:
            bad = (result != written) & (result != exact) & ~spread
    if not bad.any():
        return ""
    place = tuple(int(each[0]) for each in np.nonzero(bad)) if bad.ndim else ()
    shown = [f"{value[place]!r}" for value in (result, written, exact, spread)]
    return f"at {list(place)} it is {shown[0]}, as written {shown[1]}, exactly {shown[2]}, rounding moves it by {shown[3]}"


def wrong_numbers(result: Array, written: Array, exact: Array, spread: Array, dtype: str) -> Array:
    """Return where real numbers are wrong."""
    limits = np.finfo(dtype)
    found, before = result.astype(Long), written.astype(Long)
    unit = np.maximum(np.abs(exact) * Long(limits.eps), Long(limits.smallest_subnormal))
    allowed = UNITS * (spread + np.where(np.isfinite(exact), unit, 0))
    lost = np.where(before == exact, 0, np.abs(before - exact))
    allowed = np.maximum(allowed, np.where(np.isnan(lost), np.inf, WORSE * lost))
    distance = np.where((found == exact) | (np.isnan(found) & np.isnan(exact)), 0, np.abs(found - exact))
    distance = np.where(np.isnan(distance), np.inf, distance)
    near_the_end = np.isinf(found) & (np.sign(found) == np.sign(exact)) & (np.abs(exact) + allowed > Long(limits.max))
    close = (distance <= allowed) | near_the_end
    no_number = ~np.isfinite(before)
    a_limit = no_number & (~np.isfinite(found) | ~np.isfinite(exact))  # nan and inf may become anything that the meaning does not exclude
    same_infinity = np.isinf(before) & (before == exact) & (spread == 0)
    return ~(close | (a_limit & ~same_infinity))
