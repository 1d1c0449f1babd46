"""Recipes of updates against loops in NumPy, written from the papers and not from the recipes."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import UpdateError
from tensorlab.optimizers import RECIPES

TINY = 1e-8
START = {"w": np.array([[1.0, -2.0, 0.5], [0.1, 3.0, -1.0]]), "b": np.array(0.7)}
STEPS = 25


def bowl(w, b):
    """The gradient of 2 Σ w² + 1/2 (Σ w + b - 1)² by hand: long and narrow, so that the recipes part ways."""
    pull = w.sum() + b - 1
    return 4 * w + pull, pull


def by_hand(start, step, steps=STEPS):
    """Run a rule `step(θ, g, memory, t) -> θ` on both parameters."""
    values = {name: value.copy() for name, value in start.items()}
    memories = {name: {} for name in values}
    for t in range(1, steps + 1):
        slopes = dict(zip("wb", bowl(values["w"], values["b"])))
        values = {name: step(values[name], slopes[name], memories[name], t) for name in values}
    return values


def plain(rate):
    return lambda theta, g, memory, t: theta - rate * g


def ball(rate, keep):
    def step(theta, g, memory, t):
        memory["v"] = keep * memory.get("v", 0) - rate * g
        return theta + memory["v"]

    return step


def adaptive(rate):
    def step(theta, g, memory, t):
        memory["all"] = [*memory.get("all", []), g]
        return theta - rate * g / (np.sqrt(np.sum(np.square(memory["all"]), axis=0)) + TINY)

    return step


def forgetting(rate, keep):
    def step(theta, g, memory, t):
        memory["all"] = [*memory.get("all", []), g]
        mean = sum((1 - keep) * keep ** (t - 1 - when) * np.square(each) for when, each in enumerate(memory["all"]))
        return theta - rate * g / (np.sqrt(mean) + TINY)

    return step


def two_means(rate, keep, keep_squares):
    def step(theta, g, memory, t):
        memory["all"] = [*memory.get("all", []), g]
        ages = [t - 1 - when for when in range(t)]
        first = sum(keep**age * each for age, each in zip(ages, memory["all"])) / sum(keep**age for age in ages)
        second = sum(keep_squares**age * each**2 for age, each in zip(ages, memory["all"])) / sum(keep_squares**age for age in ages)
        return theta - rate * first / (np.sqrt(second) + TINY)

    return step


RULES = {
    "gradient_descent": ({"rate": 0.05}, plain(0.05)),
    "momentum": ({"rate": 0.02, "keep": 0.8}, ball(0.02, 0.8)),
    "adagrad": ({"rate": 0.3}, adaptive(0.3)),
    "rmsprop": ({"rate": 0.03, "keep": 0.85}, forgetting(0.03, 0.85)),
    "adam": ({"rate": 0.1, "keep": 0.8, "keep_squares": 0.95}, two_means(0.1, 0.8, 0.95)),
}


def trained(recipe, dtype="float64", steps=STEPS, mode=None, **options):
    w, b = (tl.shared(START[name].astype(dtype), name=name) for name in "wb")
    cost = 2 * T.sum(w**2) + 0.5 * (T.sum(w) + b - 1) ** 2
    step = tl.function([], cost, updates=recipe([w, b], T.grad(cost, [w, b]), **options), mode=mode)
    costs = [float(step()) for each in range(steps)]
    return {"w": w.get_value(), "b": b.get_value()}, costs


@pytest.mark.parametrize("name", RULES)
def test_each_recipe_is_its_paper(name):
    options, rule = RULES[name]
    found, _ = trained(RECIPES[name], **options)
    expected = by_hand(START, rule)
    for each in expected:
        np.testing.assert_allclose(found[each], expected[each], rtol=1e-10, atol=1e-12)


def test_nesterov_takes_the_gradient_where_the_ball_will_be():
    """The first form of the paper keeps θ and asks for the gradient at θ + μ v; the recipe keeps that point itself."""
    rate, keep = 0.02, 0.8
    theta = {name: value.copy() for name, value in START.items()}
    velocity = {name: np.zeros_like(value) for name, value in START.items()}
    for _ in range(STEPS):
        slopes = dict(zip("wb", bowl(*(theta[name] + keep * velocity[name] for name in "wb"))))
        velocity = {name: keep * velocity[name] - rate * slopes[name] for name in theta}
        theta = {name: theta[name] + velocity[name] for name in theta}
    found, _ = trained(RECIPES["nesterov"], rate=rate, keep=keep)
    for name in "wb":
        np.testing.assert_allclose(found[name], theta[name] + keep * velocity[name], rtol=1e-10, atol=1e-12)


PAPERS = {
    "gradient_descent": {"rate": 0.01}, "momentum": {"rate": 0.01, "keep": 0.9}, "nesterov": {"rate": 0.01, "keep": 0.9},
    "adagrad": {"rate": 0.01, "tiny": TINY}, "rmsprop": {"rate": 0.001, "keep": 0.9, "tiny": TINY},
    "adam": {"rate": 0.001, "keep": 0.9, "keep_squares": 0.999, "tiny": TINY},
}  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_defaults(name):
    given = {each.name: each.default for each in inspect.signature(RECIPES[name]).parameters.values()}
    assert {key: value for key, value in given.items() if value is not inspect.Parameter.empty} == PAPERS[name]


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_goes_downhill_in_both_precisions(name):
    """float32 parameters stay float32, and follow the float64 ones."""
    wide, costs = trained(RECIPES[name], rate=0.02, steps=60)
    narrow, _ = trained(RECIPES[name], "float32", rate=0.02, steps=60)
    assert costs[-1] < 0.8 * costs[0]
    for each in wide:
        assert narrow[each].dtype == np.float32
        np.testing.assert_allclose(narrow[each], wide[each], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", RECIPES)
def test_native_code_and_the_reference_agree(name):
    native, _ = trained(RECIPES[name], rate=0.02)
    reference, _ = trained(RECIPES[name], rate=0.02, mode="FAST_COMPILE")
    for each in native:
        np.testing.assert_allclose(native[each], reference[each], rtol=1e-11)


@pytest.mark.parametrize("name", RECIPES)
def test_the_rate_may_be_an_input(name):
    """Then one compiled function serves all rates: this is how the descent widget works."""
    rate = T.scalar("rate")
    w = tl.shared(1.0, name="w")
    cost = (w - 3) ** 2
    step = tl.function([rate], cost, updates=RECIPES[name]([w], [T.grad(cost, w)], rate=rate))
    step(0.0)
    assert w.get_value() == 1
    step(0.1)
    assert 1 < w.get_value() < 3


@pytest.mark.parametrize("name", RECIPES)
def test_memory_is_fresh_each_time_and_fits_its_parameter(name):
    row = tl.shared(np.ones((1, 4), "float32"), name="row", broadcastable=(True, False))
    slope = T.grad(T.sum(row**2), row)
    first, second = (RECIPES[name]([row], [slope]) for each in range(2))
    assert all(isinstance(target, tl.SharedVariable) for target, _ in first)
    assert {target for target, _ in first} & {target for target, _ in second} == {row}
    tl.function([], [], updates=first)()
    assert row.get_value().shape == (1, 4) and (row.get_value() < 1).all()


@pytest.mark.parametrize("name", RECIPES)
def test_mistakes_are_named(name):
    w, x = tl.shared(1.0, name="w"), T.scalar("x")
    slope = T.grad(w**2, w)
    with pytest.raises(UpdateError, match="1 parameter and 2 gradients"):
        RECIPES[name]([w], [slope, slope])
    with pytest.raises(UpdateError, match="x is no shared variable"):
        RECIPES[name]([x], [slope])
    with pytest.raises(UpdateError, match="one variable, not a list"):
        RECIPES[name](w, slope)


def test_the_function_of_the_slides_has_the_same_form():
    def MyUpdate(parameters, gradients):
        mu = 0.05
        return [(p, p - mu * g) for p, g in zip(parameters, gradients)]

    ours, _ = trained(RECIPES["gradient_descent"], rate=0.05)
    theirs, _ = trained(MyUpdate)
    for each in ours:
        np.testing.assert_array_equal(ours[each], theirs[each])
