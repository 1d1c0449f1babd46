"""The parts of the differential test: seeds, recipes, the exact evaluation, verdicts, shrinking, the command."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.types import TensorType
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.families import instances
from tensorlab.testing import exact, fuzz
from tensorlab.testing.growing import grown
from tensorlab.testing.idioms import IDIOMS
from tensorlab.testing.judging import compared, judge
from tensorlab.testing.leaves import LAYOUTS, Leaf, laid_out, value_of
from tensorlab.testing.recipes import IDIOM, Recipe, Step, applied, build, from_json, known_cards, known_rules
from tensorlab.testing.running import run
from tensorlab.testing.shrinking import shrunk

CASES = [(op, arrays) for card in known_cards().values() for op, arrays in instances(card)]
LABELS = [f"{op}-{number}" for number, (op, _) in enumerate(CASES)]


def symbols(arrays):
    return [TensorType(each.dtype.name, [1 if length == 1 else None for length in each.shape])(f"x{n}") for n, each in enumerate(arrays)]


# -- recipes


def test_a_seed_is_the_same_graph_in_every_process():
    """As the command makes them; this process has been through other tests, which may define cards and settings of their own."""
    program = "from tensorlab.testing.growing import grown\nfor seed in range(40): print(grown(seed))"
    texts = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        texts.add(subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(texts) == 1 and texts.pop().count("\n") == 40


@pytest.mark.parametrize("seed", range(60))
def test_a_recipe_comes_back_from_its_line(seed):
    recipe = grown(seed)
    again = from_json(str(recipe))
    assert again == recipe
    one, other = build(recipe), build(again)
    assert [node.type for node in one.results] == [node.type for node in other.results]


def test_graphs_are_varied():
    recipes = [grown(seed) for seed in range(300)]
    lines = [line for recipe in recipes for line in recipe.lines]
    leaves = [line for line in lines if isinstance(line, Leaf)]
    assert {leaf.kind for leaf in leaves} == {"symbol", "shared", "constant"}
    assert {leaf.dtype for leaf in leaves} >= {"float64", "float32", "float16", "int64", "int32", "int8", "uint8", "bool"}
    assert {leaf.layout for leaf in leaves} == set(LAYOUTS)
    assert {len(leaf.shape) for leaf in leaves} >= {0, 1, 2, 3, 4}
    assert {0, 1, 33} <= {length for leaf in leaves for length in leaf.shape}
    assert {"plain", "short", "special", "wide", "length"} <= {leaf.draw for leaf in leaves if isinstance(leaf.draw, str)}
    assert sum(bool(recipe.updates) for recipe in recipes) > 30
    assert sum(recipe.gradient is not None for recipe in recipes) > 50
    assert sum(any(recipe.calls) for recipe in recipes) > 50
    swapped = [recipe for recipe in recipes if {(b, a) for a, b in recipe.updates} & set(recipe.updates)]
    assert swapped or sum(len(recipe.updates) > 1 for recipe in recipes) > 10


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_a_layout_changes_no_element(layout, shape):
    value = value_of(Leaf("float32", shape, draw="special"), 5)
    found = laid_out(value, layout)
    np.testing.assert_array_equal(np.asarray(found, "float32"), value)


@pytest.mark.parametrize("name", IDIOMS)
def test_every_idiom_can_be_built(name):
    from tensorlab.testing.idioms import SHAPES

    letters = {"n": 3, "m": 4, "k": 2, "l": 5}
    arrays = [np.full([letters[axis] for axis in axes], 0.5) for axes in SHAPES[name]]
    inputs = symbols(arrays)
    out = applied(Step(IDIOM + name, {}, ()), inputs)
    assert out.type.holds(interpret([out], dict(zip(inputs, arrays)))[0])


# -- the exact evaluation


@pytest.mark.parametrize("op, arrays", CASES, ids=LABELS)
def test_the_exact_value_is_the_value(op, arrays):
    """With more digits, but the same number."""
    inputs = symbols(arrays)
    out = op(*inputs)
    with np.errstate(all="ignore"):
        found = exact.evaluate([out], dict(zip(inputs, arrays)))[out]
        value = interpret([out], dict(zip(inputs, arrays)))[0]
    assert found.shape == value.shape
    tolerance = 1e-6 if value.dtype == "float32" else 0.002 if value.dtype == "float16" else 1e-13
    np.testing.assert_allclose(found.astype("float64"), value.astype("float64"), rtol=tolerance, atol=tolerance)


@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="longdouble is float64 on this platform")
def test_the_exact_value_has_more_digits():
    x = T.scalar("x")
    out = T.exp(T.erf(x) * 30) - 1
    mpmath = exact.mpmath()
    wanted = mpmath.exp(mpmath.erf(mpmath.mpf(0.7)) * 30) - 1
    found = exact.evaluate([out], {x: np.asarray(0.7)})[out]
    assert abs(mpmath.mpf(str(found)) - wanted) < 1e-16 * wanted


# -- verdicts


def one(card, value, dtype="float64", **parameters):
    """A recipe of one step on one array with these elements."""
    leaf = Leaf(dtype, np.shape(value), value=np.asarray(value).tolist())
    return Recipe(lines=(leaf, Step(card, parameters, (0,))), outputs=(1,))


def verdict_of(recipe, change):
    """What is said if the results were changed by a function."""
    from tensorlab.testing import judging

    graph = build(recipe)
    (call,) = run(recipe, "FAST_COMPILE")
    expected = judging.expected(recipe, graph, call, 0)
    expected.meaning.draw(judging.MORE_DRAWS)
    return compared(change(call.results[0]), expected.written[0], expected.meaning, 0, graph.results[0])


@pytest.mark.parametrize(
    "change, right",
    [
        (lambda y: y, True),
        (lambda y: np.nextafter(y, np.inf), True),
        (lambda y: y * (1 + 1e-13), False),
        (lambda y: -y, False),
        (lambda y: y.astype("float32"), False),
        (lambda y: y[:2], False),
        (lambda y: np.where(y > 2, np.nan, y), False),
    ],
)
def test_a_float_may_be_off_by_rounding_and_no_more(change, right):
    assert (verdict_of(one("Exp", [0.3, 1.0, -2.0]), change) == "") is right


def test_a_condition_number_is_granted():
    """exp(40 x) loses 40 times what x was rounded by; 1e-13 is too much for exp alone and little for this."""
    leaf = Leaf("float64", (2,), draw=(0.9, 1.0), stream=1)
    lines = (leaf, Step("Tanh", {}, (0,)), Leaf("float64", (), "constant", value=400.0), Step("Mul", {}, (1, 2)), Step("Exp", {}, (3,)))
    recipe = Recipe(lines=lines, outputs=(4,))
    assert verdict_of(recipe, lambda y: y * (1 + 1e-13)) == ""
    assert verdict_of(recipe, lambda y: y * (1 + 1e-9)) != ""


def test_whole_numbers_must_be_equal():
    assert verdict_of(one("Sqr", [3, 4], "int64"), lambda y: y) == ""
    assert verdict_of(one("Sqr", [3, 4], "int64"), lambda y: y + 1) != ""
    assert verdict_of(one("Floor", [2.0, 2.5]), lambda y: y - 1) != ""


def test_nan_may_become_a_limit_but_a_number_no_nan():
    assert verdict_of(one("Log", [-1.0, 2.0]), lambda y: np.where(np.isnan(y), 0.5, y)) == ""
    assert verdict_of(one("Log", [0.0, 2.0]), lambda y: -y) != ""  # log(0) is -inf and nothing else
    assert verdict_of(one("Log", [-1.0, 2.0]), lambda y: y * np.nan) != ""


def test_what_rounding_decides_is_not_judged():
    """sin(pi) > 0: nobody knows."""
    recipe = one("Sin", [3.141592653589793, 1.0])
    lines = (*recipe.lines, Step("Exp", {}, (1,)), Leaf("float64", (), "constant", value=1.0), Step("Gt", {}, (2, 3)))
    recipe = Recipe(lines=lines, outputs=(4,))
    assert verdict_of(recipe, lambda y: np.array([not y[0], y[1]])) == ""
    assert verdict_of(recipe, lambda y: ~y) != ""


def test_errors_are_compared_too():
    mismatch = Recipe(lines=(Leaf("float64", (2,)), Leaf("float64", (3,)), Step("Add", {}, (0, 1))), outputs=(2,))
    assert not judge(mismatch)
    (call,) = run(mismatch, "FAST_RUN")
    assert isinstance(call.error, tl.graph.errors.ShapeError)


# -- shrinking


def test_a_failure_shrinks_to_what_matters():
    recipe = next(recipe for recipe in map(grown, range(1000)) if len(recipe.lines) > 12 and holds(recipe, "Dot"))
    smaller = shrunk(recipe, lambda each: holds(each, "Dot"), seconds=10)
    assert holds(smaller, "Dot") and len(smaller.lines) <= 3
    assert not smaller.updates and not smaller.gradient and not smaller.calls


def holds(recipe, card):
    return any(isinstance(line, Step) and line.card == card for line in recipe.lines)


# -- the command


def test_the_command_judges_and_counts(capsys):
    assert fuzz.main(["--count", "4", "--start", "100"]) == 0
    assert "4 graphs, 0 wrong" in capsys.readouterr().out
    assert fuzz.main(["--seed", "3"]) == 0
    assert fuzz.main(["--recipe", str(grown(3)), "--modes", "FAST_COMPILE"]) == 0
    assert "all right" in capsys.readouterr().out
    with pytest.raises(tl.graph.errors.ChoiceError):
        fuzz.main(["--modes", "SLOW"])


def test_the_command_prints_a_line_that_reproduces(capsys, monkeypatch):
    """A graph that goes wrong (every exp is) is printed as a shrunk recipe, and that recipe goes wrong again."""
    from wrong_compilers import word

    with word("exp", lambda x: np.exp(x) * 1.0001):
        seed = next(seed for seed in range(200) if judge(grown(seed), ["FAST_COMPILE"]))
        assert fuzz.main(["--count", "1", "--start", str(seed), "--modes", "FAST_COMPILE"]) == 1
        line = next(line for line in capsys.readouterr().out.splitlines() if "--recipe" in line)
        text = line.split("--recipe '")[1].rstrip("'")
        assert fuzz.main(["--recipe", text, "--modes", "FAST_COMPILE"]) == 1
    assert fuzz.main(["--recipe", text, "--modes", "FAST_COMPILE"]) == 0


def test_rules_are_known_by_name():
    assert len(known_rules()) > 50


@pytest.mark.parametrize("again", [True, False])
def test_a_crash_of_a_process_is_told_with_its_seed(monkeypatch, again):
    """Half of the seeds in one process, half in another, and so on, until one is left that crashes alone; unless it never does again."""
    from concurrent.futures import Future
    from concurrent.futures.process import BrokenProcessPool

    crashes = []

    class Pool:
        def __init__(self, jobs, mp_context):
            assert jobs == 1

        def __enter__(self):
            return self

        def __exit__(self, *problem):
            return None

        def submit(self, function, seeds, modes):
            task = Future()
            if 125 in seeds and (again or not crashes):
                crashes.append(seeds)
                task.set_exception(BrokenProcessPool())
            else:
                task.set_result(fuzz.Tally(len(seeds)))
            return task

    monkeypatch.setattr(fuzz, "ProcessPoolExecutor", Pool)
    total = fuzz.Tally()
    for tally in fuzz.in_processes(0, 260, 2, ("FAST_RUN",)):
        total.add(tally)
    assert total.graphs == 260
    (failure,) = total.failures
    assert failure.seed == (125 if again else 100) and "crashed" in failure.what
