"""DescentView in Python: what it computes, what it keeps, what it says, and what may be asked of it."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.optimizers import RECIPES
from tensorlab.widgets.base import ROOM, WidgetError
from tensorlab.widgets.descent_recipes import LABELS, RULES
from tensorlab.widgets.descent_view import MOST_RUNS, MOST_STEPS
from tensorlab.widgets.planes import along_path, along_two, at_random
from tensorlab.widgets.runs import Model, Trainer
from tensorlab.widgets.surfaces import HIGH, WIDE, around, contours, heights


def neuron(dtype="float64"):
    """The neuron of the slides: cost, parameters, values."""
    x, y_hat = T.vector("x", dtype=dtype), T.scalar("y_hat", dtype=dtype)
    w, b = tl.shared(np.array([-1.0, 1.0], dtype), name="w"), tl.shared(np.array(0.0, dtype), name="b")
    y = 1 / (1 + T.exp(-(T.dot(w, x) + b)))
    return T.sum((y - y_hat) ** 2), [w, b], {x: [1, -1], y_hat: 1}


def by_hand(rate, steps):
    """The same neuron in NumPy: parameters and costs of plain gradient descent."""
    w, b, x, costs, points = np.array([-1.0, 1.0]), 0.0, np.array([1.0, -1.0]), [], []
    for _ in range(steps + 1):
        y = 1 / (1 + np.exp(-(w @ x + b)))
        costs.append((y - 1) ** 2)
        points.append([*w, b])
        slope = 2 * (y - 1) * y * (1 - y)
        w, b = w - rate * slope * x, b - rate * slope
    return np.array(points), np.array(costs)


@pytest.fixture
def view():
    return tl.widgets.descent(*neuron(), steps=20)


@pytest.fixture
def heard(view):
    """A widget, and what it says to the page."""
    said = []
    view.__dict__["_send"] = lambda message, buffers=None: said.append(message)
    return view, said


def ask(widget, **content):
    widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def answers(said):
    return [message["content"] for message in said if message["method"] == "custom"]


def test_the_path_is_that_of_gradient_descent(view):
    points, costs = by_hand(0.1, 20)
    np.testing.assert_allclose(view.path().points, points, rtol=1e-12)
    np.testing.assert_allclose(view.path().costs, costs, rtol=1e-12)
    np.testing.assert_allclose(view.runs[0]["points"], points[:, :2], rtol=1e-4)
    np.testing.assert_allclose(view.runs[0]["costs"], costs, rtol=1e-4)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_takes_the_path_that_tl_function_takes(name, dtype):
    cost, parameters, at = neuron(dtype)
    view = tl.widgets.descent(cost, parameters, at, recipe=name, rate=0.05, steps=12)
    step = tl.function(list(at), cost, updates=RECIPES[name](parameters, T.grad(cost, parameters), rate=np.dtype(dtype).type(0.05)))
    costs = [float(step(*at.values())) for each in range(13)]
    np.testing.assert_allclose(view.path().costs, costs, rtol=1e-9 if dtype == "float64" else 1e-4)


def test_the_notebook_keeps_its_values_until_they_are_applied(heard):
    view, said = heard
    w, b = view._model.originals
    ask(view, kind="run", number=1, recipe=5, rate=0.3, u=0.5, v=0.5, moved=True)
    ask(view, kind="more", number=0)
    np.testing.assert_array_equal(w.get_value(), [-1, 1])
    assert b.get_value() == 0
    ask(view, kind="apply", number=0, step=3)
    points, _ = by_hand(0.1, 3)
    np.testing.assert_allclose([*w.get_value(), b.get_value()], points[3])
    assert "The notebook now has w = [" in answers(said)[-1]["text"]
    view.apply()
    np.testing.assert_allclose(w.get_value(), view.path().points[-1, :2])
    view.apply(run=2, step=0)
    np.testing.assert_allclose(w.get_value(), [0.5, 0.5])


@pytest.mark.parametrize("name", RECIPES)
def test_going_on_is_the_same_as_a_longer_run(name):
    """What the recipe remembers is taken up, though another run with the same function came between."""
    model = Model(*neuron())
    trainer = Trainer(model, RECIPES[name])
    whole, half = trainer.run(model.start, 0.1, 20), trainer.run(model.start, 0.1, 8)
    trainer.run(model.start + 1, 0.5, 3)
    np.testing.assert_array_equal(trainer.run(model.start, 0.1, 12, half).points, whole.points)


def test_a_function_of_the_reader(heard):
    def MyUpdate(parameters, gradients):
        return [(p, p - 0.2 * g) for p, g in zip(parameters, gradients)]

    def with_rate(parameters, gradients, rate):
        return [(p, p - 2 * rate * g) for p, g in zip(parameters, gradients)]

    view = tl.widgets.descent(*neuron(), recipe=MyUpdate, updates=[with_rate], steps=10)
    points, _ = by_hand(0.2, 10)
    np.testing.assert_allclose(view.path().points, points)
    told = {each["name"]: each["takes_rate"] for each in view.recipes}
    assert told["MyUpdate"] is False and told["with_rate"] is True and list(told)[:6] == [LABELS[name] for name in RECIPES]
    view.asked_run(1, list(told).index("with_rate"), 0.1, 0, 0, False)
    np.testing.assert_allclose(view.path(2).points, points)
    assert "updates = MyUpdate(parameters, gradients)" in view.runs[0]["code"]


@pytest.mark.parametrize(("name", "dtype"), [("gradient_descent", "float64"), ("adam", "float32"), ("nesterov", "float64")])
def test_the_copied_code_takes_the_same_path(name, dtype, capsys):
    cost, (w, b), at = neuron(dtype)
    x, y_hat = at
    view = tl.widgets.descent(cost, [w, b], at, steps=15)
    view.asked_run(0, list(RECIPES).index(name), 0.07, 0.25, -0.3, True)
    run = {"w": w, "b": b, "x": x, "y_hat": y_hat, "cost": cost}
    w.set_value([9, 9])
    exec(view.runs[0]["code"], run)
    path = view.path()
    np.testing.assert_allclose(run["costs"], path.costs[:-1], rtol=1e-10 if dtype == "float64" else 1e-4)
    np.testing.assert_allclose([*w.get_value(), b.get_value()], path.points[-1], rtol=1e-10 if dtype == "float64" else 1e-4)


def test_the_copied_code_of_nameless_and_hostile_things_runs(capsys):
    hostile = tl.shared(np.array([1.0, 2.0]), name="__import__('os').abort()")
    same, again = tl.shared(3.0, name="a"), tl.shared(4.0, name="a")
    nameless = T.scalar()  # it is called as it is in the reader's code
    cost = T.sum(hostile**2) + (same - again) ** 2 + nameless * same
    view = tl.widgets.descent(cost, [hostile, same, again], {nameless: 0.5}, steps=5, rate=0.05)
    code = view.runs[0]["code"]
    assert "import__" not in code
    run = {"parameter_1": hostile, "a": same, "parameter_3": again, "nameless": nameless, "cost": cost}
    exec(code, run)
    np.testing.assert_allclose(run["costs"], view.path().costs[:-1])


def test_a_rate_that_is_too_large_is_told():
    w = tl.shared([1.0, 1.0], name="w")
    view = tl.widgets.descent(T.sum(w**4), [w], rate=2.0, steps=50)
    assert view.runs[0]["lost"] and len(view.runs[0]["points"]) < 20
    assert all(np.isfinite(view.runs[0]["costs"]))
    assert "no longer finite" in view._words()
    json.dumps(view.own_state(), allow_nan=False)
    view.asked_more(0)
    assert view.runs[0]["lost"]


def test_a_cost_that_is_nowhere_finite_can_still_be_shown():
    w = tl.shared([-1.0, -1.0], name="w")
    view = tl.widgets.descent(T.sum(T.log(w)), [w], steps=5)
    assert view.runs[0]["costs"] == [None] and view.runs[0]["lost"]
    json.dumps(view.own_state(), allow_nan=False)
    assert "<svg" in view.still().svg


# -- planes and contours
def test_planes():
    start = np.array([1.0, 2.0, 3.0, 4.0])
    plane = along_two(start, 1, 3, "abcd")
    np.testing.assert_array_equal(plane.at(7, 8), [1, 7, 3, 8])
    np.testing.assert_allclose(plane.seen(np.array([plane.at(7, 8), start])), [[7, 8], [2, 4]])
    rng = np.random.default_rng(0)
    directions = np.linalg.qr(rng.standard_normal((4, 2)))[0].T
    path = start + np.outer(np.linspace(1, 0, 9) ** 2, 5 * directions[0]) + np.outer(np.linspace(1, 0, 9), directions[1])
    main = along_path(path)
    np.testing.assert_allclose([main.at(u, v) for u, v in main.seen(path)], path, atol=1e-9)
    assert main.share(path) == pytest.approx(1) and "100%" in main.note
    np.testing.assert_allclose(main.across @ main.up, 0, atol=1e-12)
    wild = at_random(start, [3, 1], seed=1)
    for part in (slice(0, 3), slice(3, 4)):
        assert np.linalg.norm(wild.across[part]) == pytest.approx(np.linalg.norm(start[part]))
    assert along_path(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])).share(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])) == pytest.approx(1)
    assert along_path(np.ones((3, 4))).across.shape == (4,)


def test_the_contours_are_where_the_cost_has_their_height():
    """Every point of a line, put back into the bowl, gives the height that the line is named by."""
    side = 64
    across, up = np.linspace(-2, 2, side), np.linspace(-1, 1, side)
    grid = across[None, :] ** 2 + 5 * up[:, None] ** 2
    told = contours(grid)
    levels = heights(grid)[1:-1]
    assert len(told["lines"]) == len(levels) and len(told["bands"]) == len(levels) + 1
    for line, level in zip(told["lines"], levels):
        numbers = np.array([float(each) for each in line["d"].replace("M", " ").replace("L", " ").split()]).reshape(-1, 2)
        u, v = numbers[:, 0] / WIDE * 4 - 2, 1 - numbers[:, 1] / HIGH * 2
        np.testing.assert_allclose(u**2 + 5 * v**2, level, rtol=0.02, atol=0.01)
        assert float(line["text"]) == pytest.approx(level, rel=0.06)


def test_contours_of_odd_grids():
    assert contours(np.ones((8, 8))) == {"bands": [], "lines": []}
    assert contours(np.full((8, 8), np.nan)) == {"bands": [], "lines": []}
    holed = np.add.outer(np.arange(16.0), np.arange(16.0))
    holed[:4, :4] = np.nan
    assert contours(holed)["lines"]
    steep = np.logspace(-30, 30, 256).reshape(16, 16)
    assert contours(steep)["bands"]


def test_windows():
    window = around(np.array([[1.0, 1.0]]))
    assert window.left < 1 < window.right and window.low < 1 < window.high
    window = around(np.array([[0.0, 0.0], [10.0, 1e-9]]))
    assert window.high - window.low > 3


def test_larger_models_are_drawn_over_their_own_directions():
    W = tl.shared(np.random.default_rng(0).standard_normal((3, 4)), name="W")
    x = T.vector("x")
    cost = T.sum((T.dot(W, x) - 1) ** 2)
    view = tl.widgets.descent(cost, [W], {x: [1, 2, 3, 4]}, rate=0.01, steps=10)
    assert view.planes == ["two main directions of the path", "a random plane"]
    assert "100%" in view.landscape["note"]
    view.asked_plane(1)
    assert view.landscape["plane"] == 1 and view.landscape["labels"][0] == "a random direction"
    chosen = tl.widgets.descent(cost, [W], {x: [1, 2, 3, 4]}, rate=0.01, steps=10, over=("W[0, 1]", "W[2, 3]"))
    assert chosen.landscape["labels"] == ["W[0, 1]", "W[2, 3]"] and len(chosen.planes) == 3


def test_a_model_whose_bank_would_take_minutes_has_none(monkeypatch):
    monkeypatch.setattr(Model, "work", 1e9)
    view = tl.widgets.descent(*neuron(), steps=20)
    assert view.bank == [] and len(view.path()) == 20 and view.landscape["bands"]
    monkeypatch.setattr(Model, "work", 2e8)
    assert {len(run["costs"]) for run in tl.widgets.descent(*neuron(), steps=20).bank} == {16}


# -- state, messages, pictures
def test_the_state_is_small_and_json(view):
    state = view.own_state()
    json.dumps(state, allow_nan=False)
    for number in range(1, MOST_RUNS):
        view.asked_run(number, number, 0.05, 0.1 * number, 0.2, True)
    for _ in range(40):
        for number in range(MOST_RUNS):
            view.asked_more(number)
    assert len(view.path()) == MOST_STEPS
    assert len(json.dumps(view.own_state())) < ROOM


def test_the_bank_holds_every_recipe_at_five_rates(view):
    assert sorted((run["recipe"], run["rate"]) for run in view.bank) == sorted(
        (place, rate) for place in range(len(RECIPES)) for rate in (0.01, 0.03, 0.1, 0.3, 1.0)
    )
    assert all(run["points"][0] == view.runs[0]["points"][0] for run in view.bank)
    plain = next(run for run in view.bank if run["recipe"] == 0 and run["rate"] == 0.3)
    np.testing.assert_allclose(plain["costs"], by_hand(0.3, 20)[1], rtol=1e-4)


def test_every_recipe_has_a_name_and_a_rule():
    assert list(LABELS) == list(RULES) == list(RECIPES)


def test_runs_are_added_and_dropped(heard):
    view, said = heard
    ask(view, kind="run", number=1, recipe=1, rate=0.1, u=0, v=0, moved=False)
    ask(view, kind="run", number=2, recipe=2, rate=0.1, u=0.25, v=0, moved=True)
    assert [run["recipe"] for run in view.runs] == [0, 1, 2]
    assert [run["points"][0] for run in view.runs] == [[-1, 1], [-1, 1], [0.25, 0]]
    ask(view, kind="drop", number=1)
    assert [run["recipe"] for run in view.runs] == [0, 2] and len(view._runs) == 2
    ask(view, kind="drop", number=0)
    ask(view, kind="drop", number=0)
    assert len(view.runs) == 1 and answers(said)[-1]["kind"] == "problem"


MALFORMED = [
    {"kind": "run"}, {"kind": "run", "number": 0, "recipe": 0, "rate": -1, "u": 0, "v": 0, "moved": True},
    {"kind": "run", "number": 0, "recipe": 0, "rate": float("nan"), "u": 0, "v": 0, "moved": True},
    {"kind": "run", "number": 0, "recipe": 29, "rate": 0.1, "u": 0, "v": 0, "moved": True},
    {"kind": "run", "number": 3, "recipe": 0, "rate": 0.1, "u": 0, "v": 0, "moved": True},
    {"kind": "run", "number": 0, "recipe": 0, "rate": 0.1, "u": "0", "v": 0, "moved": True},
    {"kind": "drop", "number": 3}, {"kind": "more", "number": 2}, {"kind": "plane", "which": 77}, {"kind": "plane", "which": None},
    {"kind": "apply", "number": 0, "step": 599}, {"kind": "apply", "number": 3, "step": 0}, {"kind": "__class__"}, {"kind": ["run"]}, {},
]  # fmt: skip


def test_malformed_messages_change_nothing(heard):
    view, said = heard
    before, values = json.dumps(view.own_state()), [each.get_value() for each in view._model.originals]
    for content in MALFORMED:
        ask(view, **content)
    dice = random.Random(0)
    words = ["run", "more", "drop", "plane", "apply", "number", "recipe", "rate", "u", "v", "moved", "which", "step", "kind", ""]
    values_of = [None, -1, 1e308, float("inf"), "x", [], {}, True, 10**400, "\ud800"]
    for _ in range(500):
        ask(view, **{dice.choice(words): dice.choice(values_of) for each in range(dice.randrange(8))} | {"kind": dice.choice(words)})
    assert json.dumps(view.own_state()) == before
    assert all(np.array_equal(a, b.get_value()) for a, b in zip(values, view._model.originals))
    assert {each["kind"] for each in answers(said)} <= {"refused", "problem"}
    ask(view, kind="more", number=0)
    assert len(view.runs[0]["points"]) == 41


def test_pictures_in_words_and_svg(view):
    view.asked_run(1, 1, 0.05, 0, 0, True)
    bundle = view._repr_mimebundle_()
    text = bundle["text/plain"]
    points, costs = by_hand(0.1, 20)
    end, cost = (f"{points[-1, 0]:.4g}, {points[-1, 1]:.4g}", f"{costs[0]:.4g} → {costs[-1]:.4g}")
    assert text.splitlines()[1] == f"Run 1, gradient descent with rate 0.1: from (-1, 1) to ({end}), cost {cost} in 20 steps."
    assert text.splitlines()[2].startswith("Run 2, momentum with rate 0.05: from (0, 0)")
    assert 'alt="Contours of the cost' in bundle["text/html"]
    svg = bundle["image/svg+xml"]
    assert svg == view.still().svg and svg.count("<polyline") == 4 and "nan" not in svg
    assert svg == tl.widgets.descent(*neuron(), steps=20).still().svg or len(view.runs) == 2


def test_the_picture_is_the_same_every_time():
    first, second = (tl.widgets.descent(*neuron(), steps=20)._repr_mimebundle_(exclude=["application/vnd.jupyter.widget-view+json"])
                     for each in range(2))
    assert first == second


HOSTILE = [
    "<img src=x onerror=alert(1)>", "</svg><script>alert(1)</script>", "]]>", '" onload="alert(1)', "a\u202eb", "x\x00y", "&lt;", "{x}",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_letters(name):
    from xml.etree import ElementTree

    w = tl.shared([1.0, 2.0], name=name)
    cost = T.sum(w**2)
    cost.name = name
    view = tl.widgets.descent(cost, [w], steps=3)
    tree = ElementTree.fromstring(view.still().svg)
    assert {each.tag.split("}")[1] for each in tree.iter()} <= {"svg", "rect", "path", "text", "polyline", "circle"}
    assert not any(name.startswith("on") for each in tree.iter() for name in each.attrib)
    assert "<img src" not in view.still().html[5:]
    compile(view.runs[0]["code"], "code", "exec")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rate": 0}, "rate=0 is no number"), ({"rate": "fast"}, "rate='fast'"), ({"steps": 0}, "steps=0"),
        ({"recipe": "sgd"}, "none of gradient"), ({"over": ("w[0]", "q")}, "'q' is none of the parameters"),
        ({"over": "sideways"}, "neither two names"), ({"span": (1, 0, 0, 1)}, "left < right"),
        ({"updates": [3]}, "which is no function"), ({"at": {"z": 1}}, "z is no symbol of the cost"),
    ],
)  # fmt: skip
def test_mistakes_are_named(arguments, message):
    cost, parameters, at = neuron()
    with pytest.raises(WidgetError, match=message.replace("(", r"\(")):
        tl.widgets.descent(cost, parameters, **({"at": at} | arguments))


def test_mistakes_in_what_is_learned():
    w, x = tl.shared([1.0, 2.0], name="w"), T.scalar("x")
    for cost, parameters, message in [
        (w * 2, [w], "a cost is a single number"), (T.sum(w), [x], "x is no shared variable"), (T.sum(w), [w, w], "stands there twice"),
        (T.sum(tl.shared([1, 2], name="k")), [tl.shared([1, 2], name="k")], "holds int64"), (w[0], [tl.shared(1.0)], "fewer than two"),
        (3, [w], "an int"),
    ]:  # fmt: skip
        with pytest.raises(WidgetError, match=message):
            tl.widgets.descent(cost, parameters)
    with pytest.raises(WidgetError, match="no value for x"):
        tl.widgets.descent(T.sum(w) * x, [w])
    x.tag.test_value = 2.0
    assert "w[0]" in repr(tl.widgets.descent(T.sum(w**2) * x, [w], steps=2)._repr_mimebundle_()["text/plain"])
