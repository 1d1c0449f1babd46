"""One test visits all rules: they fire, keep types, values and shape checks, leave near misses alone, and do not undo one another."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import ALL_RULES, DTYPES, SHAPES, WRITTEN_RULES, alone, applied, examples, formula, holes, instances, run, text, values

from tensorlab.graph.convert import as_node
from tensorlab.graph.errors import ShapeError
from tensorlab.graph.node import Constant
from tensorlab.graph.types import FLOATS
from tensorlab.graph.walk import ancestors, rebuild
from tensorlab.ops.arithmetic import abs_, add, mul, neg, pow, sqr, sub, true_div
from tensorlab.ops.functions import exp, log
from tensorlab.rewrite.context import Context
from tensorlab.rewrite.engine import Engine
from tensorlab.rewrite.rule import FOR_THE_EYE, Equation, Procedure, canonicalize, display, layout, simplify, stabilize

by_name = pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.name)
equations = pytest.mark.parametrize("rule", [rule for rule in ALL_RULES if isinstance(rule, Equation)], ids=lambda rule: rule.name)
procedures = pytest.mark.parametrize("rule", [rule for rule in ALL_RULES if isinstance(rule, Procedure)], ids=lambda rule: rule.name)
DRAWS = 100
ULPS = 64  # a rule may round a few times more or less; the ones that cancel (3x - 2x) may magnify that by 8


def agree(before: np.ndarray, after: np.ndarray, scale: float) -> bool:
    """Whether finite values are the same; nan and inf may have become anything."""
    if before.dtype != after.dtype or before.shape != after.shape:
        return False
    if before.dtype.name not in FLOATS:
        return np.array_equal(before, after)
    finite = np.isfinite(before)
    close = ULPS * np.finfo(before.dtype).eps * np.maximum(np.abs(before), scale)
    return bool((np.abs(before[finite].astype("float64") - after[finite]) <= close[finite]).all())


def test_names_are_unique():
    names = [rule.name for rule in ALL_RULES]
    assert len(set(names)) == len(names)


@by_name
def test_every_rule_has_a_reason(rule):
    assert len(rule.reason) > 15 and rule.reason.endswith(".")
    assert rule.statement


@by_name
def test_every_example_is_rewritten(rule):
    for make in rule.examples:
        count = make.__code__.co_argcount or holes(rule)
        assert any(applied(rule, graph)[1] for _, graph in instances(make, count)), make


@by_name
def test_types_and_values_agree(rule):
    graphs = list(examples(rule))
    random = np.random.RandomState(1)
    fired = 0
    for symbols, before in graphs:
        after, times = applied(rule, before)
        if not times:
            continue
        fired += 1
        assert (
            after.type.dtype == before.type.dtype
            and before.type.accepts(after.type)
            and after.type.broadcastable == before.type.broadcastable
        )
        for _ in range(2):
            given = values(symbols, random, small=rule.belongs_to.name == "stabilize")
            try:
                (old,) = run([before], given)
            except (TypeError, ValueError):
                continue  # such as the negative of a bool, or a whole number to a negative power: an error without the rule
            (new,) = run([after], given)
            largest = max((float(np.abs(each[np.isfinite(each)].astype("float64")).max(initial=0)) for each in given.values()), default=0)
            assert agree(old, new, max(1.0, largest)), f"{formula(before)} = {old}, {formula(after)} = {new}, {given}"
    assert fired


@by_name
def test_values_agree_on_many_draws(rule):
    random = np.random.RandomState(2)
    graphs = [(symbols, before, applied(rule, before)) for symbols, before in examples(rule) if before.type.dtype == "float64"]
    graphs = [(symbols, before, after) for symbols, before, (after, times) in graphs if times] or [
        (symbols, before, applied(rule, before)[0]) for symbols, before in examples(rule)
    ]
    for draw in range(DRAWS):
        symbols, before, after = graphs[draw % len(graphs)]
        given = values(symbols, random, small=rule.belongs_to.name == "stabilize")
        try:
            (old,) = run([before], given)
        except (TypeError, ValueError):
            continue
        (new,) = run([after], given)
        assert agree(old, new, 3.0), f"{formula(before)} = {old}, {formula(after)} = {new}, {given}"


@pytest.mark.parametrize("rule", WRITTEN_RULES, ids=lambda rule: rule.name)
def test_no_shape_check_is_lost(rule):
    """What raised for lengths that do not fit goes on raising (rules for display may lose a check: their graphs never run)."""
    for make in rule.examples:
        count = make.__code__.co_argcount or holes(rule)
        for symbols, before in instances(make, count, [((None,),), ((None, None), (None,)), ((None,), (None, None))]):
            after, times = applied(rule, before)
            if not times:
                continue
            for lengths in ((3, 2), (2, 3), (1, 3), (3, 1), (0, 1)):
                given = {}
                for position, each in enumerate(symbols):
                    given.update(values([each], np.random.RandomState(3), lengths[position % 2]))
                try:
                    (old,) = run([before], given)
                except (ShapeError, IndexError):
                    with pytest.raises((ShapeError, IndexError)):
                        run([after], given)
                except (ValueError, TypeError):
                    continue  # such as the negative of a bool
                else:
                    assert run([after], given)[0].shape == old.shape


@equations
def test_numbers_of_a_pattern_may_be_arrays(rule):
    """`v + zeros(3)` is `v` only where `v` has length 3: for any other length it goes on raising (Theano returned v)."""
    for symbols, before in instances(rule.examples[0], holes(rule), [((None,),), ((None, None),)]):
        numbers = [node for node in ancestors([before]) if isinstance(node, Constant)]
        for number in numbers:
            spread = Constant(np.full((3,), number.value))
            (wide,) = rebuild([before], {number: spread})
            after, _ = applied(rule, wide)
            for length in (3, 2):
                given = values(symbols, np.random.RandomState(4), length, small=True)
                try:
                    (old,) = run([wide], given)
                except ShapeError:
                    if rule.belongs_to not in FOR_THE_EYE:
                        with pytest.raises(ShapeError):
                            run([after], given)
                except (TypeError, ValueError):
                    continue
                else:
                    if length == 3:
                        assert agree(old, run([after], given)[0], 100.0), (formula(wide), formula(after))


OTHERS = {1: (neg, exp, abs_, sqr, log), 2: (add, sub, mul, true_div, pow)}


def near_misses(rule):
    """The pattern with one thing changed: a number, an op, or one of two equal operands."""
    pattern = rule.before
    for node in ancestors([pattern]):
        if isinstance(node, Constant):
            for other in (node.value + 1.5, node.value - 3, node.value * 1.25 + 0.375):
                yield rebuild([pattern], {node: as_node(float(other))})[0]
        elif node.op is not None:
            for op in OTHERS.get(len(node.inputs), ()):
                if op != node.op and node is not pattern:
                    yield rebuild([pattern], {node: op(*node.inputs)})[0]
            for position, each in enumerate(node.inputs):
                stranger = as_node(0.0).type("stranger") if each.op is None and not isinstance(each, Constant) else None
                readers = sum(one is each for other in ancestors([pattern]) for one in other.inputs)
                if stranger is not None and readers > 1:
                    inputs = list(node.inputs)
                    inputs[position] = stranger
                    yield rebuild([pattern], {node: node.op(*inputs)})[0]


@equations
def test_near_misses_are_left_alone(rule):
    """Among them: 1 / (exp(-x) + c) is a sigmoid only for c = 1 (Theano once took any c)."""
    for graph in near_misses(rule):
        again = [other for other in ALL_RULES if other is not rule]
        assert again
        assert rule.apply(graph, Context()) is None, formula(graph)


@procedures
def test_declared_misses_are_left_alone(rule):
    for make in rule.misses:
        for _, graph in instances(make, make.__code__.co_argcount, [((None,),), ((None, None),), ((None, None), (None,))]):
            assert applied(rule, graph)[1] == 0, formula(graph)


RECOGNIZING = ("sigmoid_written_out", "product_with_sigmoid_written_out")  # right as written; what they make possible is in test_stable


@pytest.mark.parametrize(
    "rule",
    [
        each
        for each in ALL_RULES
        if each.belongs_to.name == "stabilize" and isinstance(each, Equation) and not each.name.startswith(RECOGNIZING)
    ],
    ids=lambda rule: rule.name,
)
def test_stabilizing_rules_keep_digits(rule):
    """Somewhere the left side is inf, nan or has lost its digits, and everywhere the right side is finite."""
    from tensorlab.graph.node import Symbol
    from tensorlab.graph.types import TensorType

    symbols = [Symbol(TensorType("float64", (None,)), name) for name in "xyz"[: holes(rule)]]
    before, after = (as_node(side) for side in rule.function(*symbols))
    points = np.array([-900.0, -40.0, -1.0, -1e-17, 1e-17, 1.0, 40.0, 720.0])
    given = {each: points if position == 0 else np.full(len(points), 0.5) for position, each in enumerate(symbols)}
    old, new = run([before, after], given)
    defined = np.isfinite(new) | np.isfinite(old)  # not the logarithm of a negative number, nor exp(720)
    assert np.isfinite(new[defined]).all()
    with np.errstate(all="ignore"):
        assert (~np.isfinite(old[defined]) | (np.abs(old - new)[defined] > 1e-3 * np.abs(new)[defined])).any()


@pytest.mark.parametrize("order", [1, -1])
def test_no_rule_undoes_another(order):
    """All rules together come to an end on every pattern, in either order, and a second run finds nothing to do."""
    for rules in ((canonicalize, stabilize, simplify), (canonicalize, display), (layout,)):
        for rule in ALL_RULES:
            for make in rule.examples:
                count = make.__code__.co_argcount or holes(rule)
                for _, graph in instances(make, count, [((None, None), (None,)), ((),)]):
                    engine = Engine(rules[::order], Context(for_display=not set(FOR_THE_EYE).isdisjoint(rules)))
                    (once,) = engine.run([graph])
                    again = Engine(rules[::order], Context(for_display=not set(FOR_THE_EYE).isdisjoint(rules)))
                    (twice,) = again.run([once])
                    assert not again.history, (formula(graph), formula(once), formula(twice), again.history)


def test_the_choices_of_types_are_many():
    assert len(DTYPES) * len(SHAPES) > 50
    assert alone(ALL_RULES[0]).rules == [ALL_RULES[0]]
    assert text(as_node(1.0))
