"""A smaller recipe that still goes wrong: what a reader can understand at a glance.

Floor 6. Read `recipes` before. Greedy: every way of making the recipe smaller is tried in turn, and kept if it still fails; when none is
left, or the time is over, what is left is the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..graph.types import is_floating
from ..ops.evaluate import interpret
from .leaves import Leaf
from .recipes import Line, Recipe, Step, build
from .running import arguments

Fails = Callable[[Recipe], bool]


def shrunk(recipe: Recipe, fails: Fails, seconds: float = 20.0) -> Recipe:
    """Return the smallest recipe found that still fails.

    Args:
        recipe: one that fails.
        fails: says whether a recipe still fails; one that cannot be built does not.
        seconds: when to stop.

    >>> from tensorlab.testing.recipes import from_json
    >>> long = from_json('{"lines": [{"dtype": "float64", "shape": [2]}, ["Exp", {}, [0]], ["Log", {}, [1]]], "outputs": [2, 1]}')
    >>> print(shrunk(long, lambda recipe: any(isinstance(line, Step) and line.card == "Log" for line in recipe.lines)))
    {"seed": 0, "lines": [{"dtype": "float64", "shape": [], "draw": "short"}, ["Log", {}, [0]]], "outputs": [1]}
    """
    end = time.monotonic() + seconds
    best = without_dead_lines(recipe)
    sound = computes(best)
    progress = True
    while progress and time.monotonic() < end:
        progress = False
        for smaller in smaller_ones(best):
            if time.monotonic() > end:
                break
            if smaller != best and (computes(smaller) or not sound) and still_fails(smaller, fails):
                best, progress = smaller, True
                break
    return best


def computes(recipe: Recipe) -> bool:
    """Say whether all lines can be computed as written: what cannot is no smaller form of a graph that could."""
    shapes = shapes_of(recipe)
    return shapes is not None and None not in shapes


def still_fails(recipe: Recipe, fails: Fails) -> bool:
    """Say whether a recipe can be built and fails."""
    try:
        build(recipe)
        return fails(recipe)
    except Exception:  # it makes no sense any more
        return False


def smaller_ones(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes that are a little smaller, the most promising first."""
    if recipe.calls:
        yield replace(recipe, calls=())
        for position in range(len(recipe.calls)):
            yield replace(recipe, calls=without(recipe.calls, position))
    if recipe.gradient is not None:
        yield without_dead_lines(replace(recipe, gradient=None))
        start, wrt, order = recipe.gradient
        if order > 1:
            yield replace(recipe, gradient=(start, wrt, 1))
        for position in range(len(wrt)):
            if len(wrt) > 1:
                yield without_dead_lines(replace(recipe, gradient=(start, without(wrt, position), order)))
    for position in range(len(recipe.updates)):
        yield without_dead_lines(replace(recipe, updates=without(recipe.updates, position)))
    if len(recipe.outputs) > 1:
        for output in recipe.outputs:
            yield without_dead_lines(replace(recipe, outputs=(output,)))
    for position in range(len(recipe.outputs)):
        yield without_dead_lines(replace(recipe, outputs=without(recipe.outputs, position)))
    yield from with_shorter_graphs(recipe)
    yield from with_plainer_leaves(recipe)


def without(items: Sequence[Any], position: int) -> tuple[Any, ...]:
    """Return all items but one."""
    return (*items[:position], *items[position + 1:])


def with_shorter_graphs(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes in which a step is replaced by one of its operands, or by a leaf of its type."""
    shapes = shapes_of(recipe)
    for number, line in reversed(list(enumerate(recipe.lines))):
        if isinstance(line, Leaf):
            continue
        for other in dict.fromkeys(line.reads):
            yield without_dead_lines(redirected(recipe, number, other))
        known = shapes[number] if shapes is not None else None
        if known is not None:
            dtype, shape = known
            lines = [Leaf(dtype, shape, stream=number) if each == number else old for each, old in enumerate(recipe.lines)]
            yield without_dead_lines(replace(recipe, lines=tuple(lines)))


def shapes_of(recipe: Recipe) -> list[tuple[str, tuple[int, ...]] | None] | None:
    """Return dtype and shape of every line in the first call; None for a line that cannot be computed."""
    try:
        graph = build(recipe)
    except Exception:
        return None
    values = {graph.nodes[number]: value for number, value in arguments(recipe, 0).items()}
    values |= {variable: variable.get_value() for variable in graph.nodes if hasattr(variable, "get_value")}
    found: list[tuple[str, tuple[int, ...]] | None] = []
    for node in graph.nodes:
        try:
            with np.errstate(all="ignore"):
                (value,) = interpret([node], values)
        except Exception:
            found.append(None)
        else:
            values[node] = value
            found.append((value.dtype.name, value.shape))
    return found


def with_plainer_leaves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with shorter arrays and simpler leaves."""
    drawn = [line for line in recipe.lines if isinstance(line, Leaf) and line.value is None]
    for length in sorted({length for leaf in drawn for length in leaf.shape}, reverse=True):
        for new in (1, 2, length // 2, length - 1):
            if 0 < new < length:
                yield with_lines(recipe, lambda line, new=new, length=length: with_length(line, length, new))
    for number, line in enumerate(recipe.lines):
        if not isinstance(line, Leaf):
            continue
        for change in plainer(line):
            yield replace(recipe, lines=tuple(change if each == number else old for each, old in enumerate(recipe.lines)))


def plainer(leaf: Leaf) -> Iterator[Leaf]:
    """Yield simpler forms of a leaf."""
    if leaf.layout != "C":
        yield replace(leaf, layout="C")
    if leaf.kind != "symbol":
        yield replace(leaf, kind="symbol")
    stretching = tuple(flag and length == 1 for flag, length in zip(leaf.known, leaf.shape))  # a dimshuffle may have dropped these axes
    if leaf.known != stretching:
        yield replace(leaf, known=stretching)
    if leaf.value is None:
        if leaf.shape:
            yield replace(leaf, shape=leaf.shape[1:], known=leaf.known[1:])
            yield replace(leaf, shape=(), known=())
        if leaf.draw != "short":
            yield replace(leaf, draw="short")
        if leaf.draw not in ("short", "plain"):
            yield replace(leaf, draw="plain")
    if is_floating(leaf.dtype) and leaf.dtype != "float64":
        yield replace(leaf, dtype="float64")


def with_length(line: Line, length: int, new: int) -> Line:
    """Return a line with a length replaced everywhere."""
    if isinstance(line, Step):
        return line
    if line.draw == "length":
        return replace(line, value=new) if line.value == length else line
    if line.value is not None:
        return line
    return replace(line, shape=tuple(new if each == length else each for each in line.shape))


def with_lines(recipe: Recipe, change: Callable[[Line], Line]) -> Recipe:
    """Return a recipe with every line changed."""
    return replace(recipe, lines=tuple(change(line) for line in recipe.lines))


def redirected(recipe: Recipe, number: int, other: int) -> Recipe:
    """Return a recipe in which whatever read one line reads another."""

    def new(each: int) -> int:
        return other if each == number else each

    return renumbered(recipe, new, recipe.lines)


def renumbered(recipe: Recipe, new: Callable[[int], int], lines: Sequence[Line]) -> Recipe:
    """Return a recipe with other lines, and every number of a line replaced."""
    changed = tuple(replace(line, reads=tuple(map(new, line.reads))) if isinstance(line, Step) else line for line in lines)
    gradient = recipe.gradient
    if gradient is not None:
        gradient = new(gradient[0]), tuple(dict.fromkeys(map(new, gradient[1]))), gradient[2]
    return replace(
        recipe, lines=changed, outputs=tuple(map(new, recipe.outputs)), gradient=gradient,
        updates=tuple((variable, new(value)) for variable, value in recipe.updates) if lines is recipe.lines
        else tuple((new(variable), new(value)) for variable, value in recipe.updates),
    )  # fmt: skip


def without_dead_lines(recipe: Recipe) -> Recipe:
    """Return a recipe without the lines that nothing wanted is made of."""
    needed = {*recipe.outputs, *(each for pair in recipe.updates for each in pair)}
    if recipe.gradient is not None:
        needed |= {recipe.gradient[0], *recipe.gradient[1]}
    for number in range(len(recipe.lines) - 1, -1, -1):
        line = recipe.lines[number]
        if number in needed and isinstance(line, Step):
            needed.update(line.reads)
    kept = sorted(needed)
    place = {number: position for position, number in enumerate(kept)}
    return renumbered(recipe, place.__getitem__, [recipe.lines[number] for number in kept])
