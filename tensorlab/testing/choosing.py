"""For every card, parameters and operands that it takes: cards on elements, reductions, and any card from its own sample.

Floor 6. Read `pool` before. A chooser is a function from the pool and a card to a step; `CHOOSERS` of the other choosing modules know
cards by name, so that a card that nobody has written a chooser for is still drawn, with the operands of its sample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.errors import TensorlabError
from ..graph.op import Op
from ..graph.types import DTYPES
from ..ops.control import MapRows
from ..ops.families import Case, Elementwise, Reduction
from ..ops.special import PolyGamma
from .idioms import IDIOMS, SHAPES
from .pool import Pool
from .recipes import IDIOM, RULE, Step, encoded, known_rules

Chooser = Callable[[Pool, type[Op]], Step]

PARTICULAR = (MapRows, PolyGamma)
"""Cards that only take what was chosen for them: a graph of certain types; SciPy's zeta takes seconds for a large negative number."""

USUAL = (-3, 3)  # the sample of a card that is defined everywhere


def elementwise(pool: Pool, card: type[Op]) -> Step:
    """Choose operands for a card on elements."""
    assert issubclass(card, Elementwise)
    parameters, op = parameters_of(pool, card)
    kinds = "iiub" if op.dtype.name == "bits" else "ffffffiub"
    if card in PARTICULAR or (pool.style in ("plain", "short") and pool.dice.chance(0.8) and not within_everything(card)):
        return Step(card.__name__, parameters, tuple(in_domain(pool, op)))
    first = pool.array(kinds)
    reads = [first]
    for position in range(1, op.arity):
        reads.append(pool.beside(reads[0] if pool.dice.chance(0.7) else reads[-1], kinds if position not in op.unlike else "bfi"))
    if op.arity == 2 and pool.dice.chance(0.5):
        reads.reverse()
    if 0 in op.unlike and op.arity == 3 and pool.dice.chance(0.6):
        reads[0] = pool.beside(reads[1], "b")
    return Step(card.__name__, parameters, tuple(reads))


def parameters_of(pool: Pool, card: type[Op]) -> tuple[dict[str, Any], Any]:
    """Return parameters for a card on elements, and the op."""
    if card.__name__ == "Cast":
        parameters: dict[str, Any] = {"to": pool.dtype("fffiub") if pool.dice.chance(0.5) else pool.dice.pick(DTYPES)}
    elif isinstance(card.sample[0], Case):
        number = pool.dice.whole(0, len(card.sample) - 1)
        parameters = {key: encoded(value) for key, value in card.sample[number].parameters.items()}
    else:
        parameters = {}
    return parameters, card(**parameters)


def within_everything(card: type[Elementwise]) -> bool:
    """Say whether a card is defined for all numbers."""
    sample = card.sample
    return not isinstance(sample[0], Case) and all(each == USUAL for each in ends_of(card))


def ends_of(card: type[Elementwise]) -> list[tuple[float, float]]:
    """Return, per operand, the low and the high end of where a card is tested."""
    sample = card.sample
    if isinstance(sample[0], Case):
        first = [np.asarray(case.inputs[0], "float64") for case in sample if not isinstance(case.inputs[0], tuple)]
        return [(float(min(each.min() for each in first)), float(max(each.max() for each in first)))] if first else [USUAL]
    return [tuple(each) for each in sample] if isinstance(sample[0], (tuple, list)) else [tuple(sample)] * card.arity


def in_domain(pool: Pool, op: Any) -> list[int]:
    """Return operands within the domain of a card: new leaves, or old arrays squashed into it by a sigmoid."""
    reads: list[int] = []
    for position, (low, high) in enumerate(ends_of(type(op))):
        floats = pool.those(lambda each: pool.values[each].dtype.kind == "f")
        if position:
            same = pool.values[reads[0]].shape
            floats = [each for each in floats if pool.values[each].shape == same]
        if op.dtype.name == "bits":
            reads.append(pool.array("i", shape=pool.values[reads[0]].shape) if position else pool.array("iiub"))
        elif floats and pool.dice.chance(0.5):
            squashed = pool.add(Step("Sigmoid", {}, (pool.dice.pick(floats),)))
            width = pool.add(pool.leaf(pool.values[squashed].dtype.name, (), kind="constant", value=round(high - low, 3)))
            start = pool.add(pool.leaf(pool.values[squashed].dtype.name, (), kind="constant", value=round(low, 3)))
            scaled = pool.add(Step("Mul", {}, (squashed, width)))
            reads.append(pool.add(Step("Add", {}, (scaled, start))))
        else:
            shape = pool.values[reads[0]].shape if position and pool.dice.chance(0.7) else () if position else pool.shape()
            reads.append(pool.add(pool.leaf(pool.dtype("f"), shape, draw=(low, high))))
    return reads


def reduction(pool: Pool, card: type[Op]) -> Step:
    """Choose an array and some of its axes."""
    alone = card.__name__ in ("Argmax", "Argmin") and pool.dice.chance(0.1)  # the sum of a single number is no op, its position is one
    number = pool.array("ffffffiub", least=0 if alone else 1)
    ndim = pool.values[number].ndim
    return Step(card.__name__, {"axis": pool.dice.some(range(ndim)) if ndim else []}, (number,))


def from_sample(pool: Pool, card: type[Op]) -> Step:
    """Choose operands of the shapes that the card's own sample has; whole numbers and bools are taken as they are there."""
    if issubclass(card, Elementwise) and not isinstance(card.sample[0], Case):
        return elementwise(pool, card)
    number = pool.dice.whole(0, len(card.sample) - 1)
    reads = []
    for each in card.sample[number].inputs:
        if isinstance(each, tuple):
            reads.append(pool.array("f", shape=each))
            continue
        value = np.asarray(each)
        if value.dtype.kind == "f":
            reads.append(pool.add(pool.leaf("float64", value.shape, value=value.tolist())))
        else:
            reads.append(pool.add(pool.number(int(value)) if not value.shape and value.dtype.kind != "b" else pool.positions(value)))
    return Step(card.__name__, {"sample": number} if card.sample[number].parameters else {}, tuple(reads))


def rule_example(pool: Pool) -> Step:
    """Choose operands for the example of a rule, so that the rule has something to say."""
    name = pool.dice.pick(list(known_rules()))
    rule = known_rules()[name]
    example = pool.dice.whole(0, len(rule.examples) - 1)
    count = rule.examples[example].__code__.co_argcount or rule.function.__code__.co_argcount
    first = pool.array("ffffffiub", most=3)
    reads = [first, *[pool.beside(first, "ffffffi") for _ in range(count - 1)]]
    return Step(RULE + name, {"example": example}, tuple(reads[:count]))


def idiom(pool: Pool) -> Step:
    """Choose operands for an idiom: floats whose axes have the lengths that it wants."""
    name = pool.dice.pick(list(IDIOMS))
    lengths: dict[str, int] = {}
    reads = []
    for axes in SHAPES[name]:
        old = pool.those(
            lambda each, axes=axes: pool.values[each].dtype.kind == "f"
            and pool.values[each].ndim == len(axes)
            and all(lengths.get(letter, length) == length for letter, length in zip(axes, pool.values[each].shape))
            and len(set(axes)) == len(axes)
        )
        if old and pool.dice.chance(0.6):
            reads.append(pool.dice.pick(old))
        else:
            for letter in axes:
                lengths.setdefault(letter, pool.dice.pick(pool.lengths))
            shape = tuple(lengths[letter] for letter in axes)
            reads.append(pool.add(pool.leaf(pool.dtype("f"), shape)))
        lengths.update(zip(axes, pool.values[reads[-1]].shape))
    return Step(IDIOM + name, {}, tuple(reads))


def chosen(pool: Pool, card: type[Op], choosers: dict[str, Chooser]) -> Step:
    """Return a step that applies a card.

    Raises:
        TensorlabError: the operands chosen do not fit; another try may.
    """
    own = choosers.get(card.__name__)
    if own is not None and (pool.dice.chance(0.85) or card in PARTICULAR):
        return own(pool, card)
    if own is None and issubclass(card, Elementwise):
        return elementwise(pool, card)
    if own is None and issubclass(card, Reduction) and pool.dice.chance(0.9):
        return reduction(pool, card)
    return from_sample(pool, card)


REFUSALS = (TensorlabError, ValueError, IndexError, TypeError)
"""What a choice that does not fit may raise while the graph is built."""
