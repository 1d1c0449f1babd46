"""From a seed to a recipe: a graph grown line by line.

Floor 6. Read `pool` and `choosing` before. Every seed has a card as its theme, card after card, so that some hundreds of graphs visit all
of them; what else is in a graph is chance.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache

from ..backends.written import NotWritableError, TextWords, Written
from ..graph.errors import TensorlabError
from ..graph.node import Constant
from ..graph.op import Op
from ..graph.types import is_floating
from ..ops.families import Case, Elementwise, Reduction
from ..ops.words import SPECIAL
from ..state import SharedVariable
from . import choosing_places, choosing_shapes
from .choosing import REFUSALS, Chooser, chosen, idiom, rule_example
from .dice import Dice
from .pool import STYLES, Pool, RunError
from .recipes import Recipe, Step, build, known_cards

CHOOSERS: dict[str, Chooser] = {**choosing_shapes.CHOOSERS, **choosing_places.CHOOSERS}
TRIES = 30
"""How often another choice of operands is tried; most fit at once, some cards take few dtypes."""
EVERY_LARGE = 40
"""One graph of so many has long arrays."""
LONG = 0.06
"""How many graphs are long: most mistakes show in small ones, some only where a program has many kernels."""
ERRORS = 0.07
"""How many graphs may end with a step that fails: the error must be the same in every mode."""


def grown(seed: int) -> Recipe:
    """Return the recipe of a seed; the same one on every run.

    >>> grown(7) == grown(7)
    True
    """
    dice = Dice(seed, 20240229)
    style = str(dice.weighted(STYLES))
    large = seed % EVERY_LARGE == EVERY_LARGE - 1
    pool = Pool(dice, seed, style, large)
    names = list(known_cards())
    theme = known_cards()[names[seed % len(names)]]
    may_fail = dice.chance(ERRORS)
    steps = dice.whole(1, 3) if large else dice.whole(8, 20) if dice.chance(LONG) else dice.whole(1, 7)
    when = dice.whole(0, steps - 1)
    required: int | None = None
    failed: Step | None = None
    for number in range(steps):
        choice = theme_of(dice.pick(quick_cards())) if large else theme_of(theme) if number == when else any_choice(dice)
        made, failed = attempt(pool, choice, may_fail and number >= when, patient=number == when)
        required = made if number == when else required
        if failed is not None:
            break
    return finished(pool, seed, required, failed)


@cache
def quick_cards() -> tuple[type[Op], ...]:
    """Return the cards for large graphs: on elements and over axes, and some that move elements; none that mpmath computes."""
    chosen: list[type[Op]] = []
    for card in known_cards().values():
        if issubclass(card, Elementwise):
            words = TextWords()
            with suppress(NotWritableError):
                card(**(card.sample[0].parameters if isinstance(card.sample[0], Case) else {})).formula(words, *[Written("x")] * card.arity)
            if not words.used & SPECIAL:
                chosen.append(card)
        elif issubclass(card, Reduction) or card.__name__ in ("Dot", "DimShuffle", "Subtensor", "Softmax", "CumSum", "Join", "Reshape"):
            chosen += [card] * 2
    return tuple(chosen)


def theme_of(card: type[Op]) -> Callable[[Pool], Step]:
    """Return the choice of operands for a card."""
    return lambda pool: chosen(pool, card, CHOOSERS)


def any_choice(dice: Dice) -> Callable[[Pool], Step]:
    """Return a choice of a card, a rule or an idiom."""
    way = dice.weighted({"card": 0.65, "rule": 0.2, "idiom": 0.15})
    if way == "rule":
        return rule_example
    return idiom if way == "idiom" else theme_of(dice.pick(list(known_cards().values())))


def attempt(pool: Pool, choice: Callable[[Pool], Step], may_fail: bool, patient: bool) -> tuple[int | None, Step | None]:
    """Add a step; return the number of its line, or one that cannot be computed, or neither."""
    for trial in range(TRIES):
        mark = pool.mark()
        try:
            number = pool.add(choice(pool))
        except RunError as problem:
            if may_fail and problem.explained and pool.dice.chance(0.7):
                return None, problem.step
            pool.back(mark)
            continue
        except REFUSALS:
            pool.back(mark)
            continue
        if all(pool.tame(value) for value in pool.values[mark:]) or (patient and trial == TRIES - 1 and pool.values[-1].size < 1000):
            return number, None
        pool.back(mark)
    return None, None


def finished(pool: Pool, seed: int, required: int | None, failed: Step | None) -> Recipe:
    """Return the recipe: which lines are wanted, updates, a gradient, further calls."""
    dice = pool.dice
    read = {each for line in pool.lines if isinstance(line, Step) for each in line.reads}
    steps = [number for number, line in enumerate(pool.lines) if isinstance(line, Step)]
    ends = [number for number in steps if number not in read]
    outputs = dice.shuffled(ends)[:4]
    if required is not None and required not in outputs and required in ends:
        outputs.append(required)
    if steps and dice.chance(0.3):
        outputs.append(dice.pick(steps))
    if pool.lines and dice.chance(0.12):
        outputs.append(dice.whole(0, len(pool.lines) - 1))  # an input, a constant, or the same output twice
    lines = list(pool.lines)
    if failed is not None:
        outputs.insert(dice.whole(0, len(outputs)), len(lines))
        lines.append(failed)
    recipe = Recipe(seed, tuple(lines), tuple(outputs or range(len(lines))), updates_of(pool), None, calls_of(pool))
    for _ in range(2):
        gradient = gradient_of(pool)
        if gradient is None:
            break
        with_gradient = Recipe(seed, recipe.lines, recipe.outputs, recipe.updates, gradient, recipe.calls)
        try:
            build(with_gradient)
        except TensorlabError:
            continue
        return with_gradient
    return recipe


def updates_of(pool: Pool) -> tuple[tuple[int, int], ...]:
    """Return new values for some shared variables: from the old one, from another variable (so that two are swapped), from an input."""
    found = []
    for number, node in enumerate(pool.nodes):
        if not isinstance(node, SharedVariable) or not pool.dice.chance(0.6):
            continue
        fitting = [each for each, other in enumerate(pool.nodes)
                   if each != number and other.type.ndim == node.type.ndim and other.type.dtype == node.type.dtype
                   and not other.type.contradicts(node.type)]  # fmt: skip
        if fitting:
            found.append((number, pool.dice.pick(fitting + fitting[-3:])))
    return tuple(found)


def gradient_of(pool: Pool) -> tuple[int, tuple[int, ...], int] | None:
    """Return a line to differentiate, by which lines, and how often."""
    dice = pool.dice
    real = [number for number, node in enumerate(pool.nodes) if is_floating(node.type.dtype)]
    costs = [number for number in real if isinstance(pool.lines[number], Step)]
    leaves = [number for number in real if number not in costs and not isinstance(pool.nodes[number], Constant)]
    if not costs or not leaves or not dice.chance(0.45):
        return None
    wrt = dice.some(leaves, most=3)
    if dice.chance(0.1):
        wrt.append(dice.pick(costs))
    return dice.pick(costs + costs[-2:]), tuple(wrt), 2 if dice.chance(0.12) else 1


def calls_of(pool: Pool) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return further calls: with the same lengths, or with others."""
    dice = pool.dice
    calls: list[tuple[tuple[int, int], ...]] = []
    if dice.chance(0.35):
        calls.append(())
    if dice.chance(0.35):
        calls.append(tuple((length, dice.pick([length + 1, length + 2, 0, 1, 11])) for length in sorted({*pool.lengths} - {0, 1})))
    return tuple(calls)
